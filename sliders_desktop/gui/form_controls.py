"""Painted controls for forms: a switch, a choice from a list, a thin slider."""

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QSlider, QWidget

from sliders_desktop.gui.controls import paint_box, paint_focus
from sliders_desktop.gui.theme import Theme


class Switch(QCheckBox):
    """On or off."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedSize(40, 24)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def hitButton(self, at: object) -> bool:
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        track = QRectF(4, 4, 32, 16)
        paint_box(painter, track, theme.text if self.isChecked() else theme.line, radius=8)
        painter.setBrush(theme.ground if self.isChecked() else theme.soft)
        painter.drawEllipse(QRectF(22 if self.isChecked() else 6, 6, 12, 12))
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme, 11)


class Choice(QComboBox):
    """One of a few.

    Signals:
        opening(): the list is about to be shown; the last moment to fill it.
    """

    opening = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFont(theme.font())
        self.setFixedHeight(32)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def showPopup(self) -> None:
        self.opening.emit()
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # scrolling past must not change a setting

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width() + 24, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        fill = theme.line if self.underMouse() else theme.raised
        paint_box(painter, self.rect(), fill, theme.line)
        painter.setPen(theme.text)
        room = self.rect().adjusted(12, 0, -30, 0)
        text = painter.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        arrow = QRect(self.width() - 26, (self.height() - 16) // 2, 16, 16)
        theme.icon("chevron-down", "soft", 16).paint(painter, arrow)
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme)


class ThinSlider(QSlider):
    """A thin line in hundredths; a press goes straight to its place."""

    def __init__(self, theme: Theme, name: str, width: int, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.setRange(0, 100)
        self.setPageStep(10)
        self.setSingleStep(2)
        self.setFixedSize(width, 24)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        theme, middle = self._theme, self.height() / 2
        x = 6 + (self.width() - 12) * self.value() / 100
        painter.setBrush(theme.line)
        painter.drawRoundedRect(QRectF(5, middle - 1.5, self.width() - 10, 3), 1.5, 1.5)
        painter.setBrush(theme.soft)
        painter.drawRoundedRect(QRectF(5, middle - 1.5, x - 5, 3), 1.5, 1.5)
        radius = 5.0 if self.underMouse() or self.isSliderDown() else 4.0
        painter.setBrush(theme.text)
        painter.drawEllipse(QRectF(x - radius, middle - radius, 2 * radius, 2 * radius))
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self.update()

    def _follow(self, event: QMouseEvent) -> None:
        self.setValue(round(100 * (event.position().x() - 6) / (self.width() - 12)))
