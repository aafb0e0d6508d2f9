"""The window's own small controls: painted buttons and a label that elides.

All are reached by Tab and pressed by Enter; Space stays play and pause everywhere.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from sliders_desktop.gui.theme import Theme

RADIUS = 7
_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_PRESS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Select)


def paint_box(
    painter: QPainter,
    rect: QRect | QRectF,
    fill: QColor,
    line: QColor | None = None,
    radius: float = RADIUS,
) -> None:
    """A filled rounded box with an optional line of one pixel inside its edge."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(fill)
    painter.setPen(QPen(line, 1) if line is not None else Qt.PenStyle.NoPen)
    inset = 0.5 if line is not None else 0.0
    painter.drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), radius, radius)


def paint_focus(
    painter: QPainter, rect: QRect | QRectF, theme: Theme, radius: float = RADIUS
) -> None:
    """The visible focus: two pixels of soft blue inside ``rect``."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.focus, 2))
    painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), radius, radius)


class Control(QAbstractButton):
    """A button that subclasses paint; the mouse presses it without taking the keyboard's place."""

    def __init__(self, theme: Theme, name: str, tip: str = "", parent: QWidget | None = None):
        super().__init__(parent)
        self.theme = theme
        self.hovered = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_name(name, tip)
        theme.changed.connect(self.update)

    def set_name(self, name: str, tip: str = "") -> None:
        """What a screen reader says, and the tooltip with the key."""
        self.setAccessibleName(name)
        self.setToolTip(tip or name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _PRESS:
            self.click()
        elif event.key() in _ARROWS:
            event.ignore()  # the window seeks with them
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered = False
        self.update()
        super().leaveEvent(event)


class IconButton(Control):
    """One icon; amber while checked."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        name: str,
        tip: str = "",
        size: int = 32,
        icon_px: int = 18,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, tip, parent)
        self._icon = icon
        self._icon_px = icon_px
        self.setFixedSize(size, size)

    def set_icon(self, name: str) -> None:
        if name != self._icon:
            self._icon = name
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if (self.hovered or self.isDown()) and self.isEnabled():
            paint_box(painter, self.rect(), self.theme.raised)
        role = "lit" if self.isChecked() else "text" if self.hovered else "soft"
        icon = self.theme.icon(self._icon, role if self.isEnabled() else "faint", self._icon_px)
        at = QRect(0, 0, self._icon_px, self._icon_px)
        at.moveCenter(self.rect().center())
        icon.paint(painter, at)
        if self.hasFocus():
            paint_focus(painter, self.rect(), self.theme)


class TextButton(Control):
    """Words in a box, some of them in another role: ``[("Colour: ", "soft"), ("year", "lit")]``."""

    def __init__(
        self,
        theme: Theme,
        parts: Sequence[tuple[str, str]],
        name: str,
        tip: str = "",
        framed: bool = True,
        height: int = 32,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, tip, parent)
        self._parts: list[tuple[str, str]] = []
        self._framed = framed
        self._pad = 12 if framed else 4
        self.setFixedHeight(height)
        self.setFont(theme.font())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_parts(parts)

    def set_parts(self, parts: Sequence[tuple[str, str]]) -> None:
        self._parts = list(parts)
        self.setText("".join(text for text, _ in parts))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.font()).horizontalAdvance(self.text())
        return QSize(width + 2 * self._pad + 1, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        active = self.hovered or self.isChecked()
        if self._framed:
            fill = self.theme.raised if active else self.theme.panel
            paint_box(painter, self.rect(), fill, self.theme.line)
        painter.setFont(self.font())
        metrics = painter.fontMetrics()
        x = self._pad
        for text, role in self._parts:
            role = "text" if role == "soft" and active else role
            painter.setPen(self.theme.color(role if self.isEnabled() else "faint"))
            painter.drawText(
                QRect(x, 0, self.width() - x, self.height()), Qt.AlignmentFlag.AlignVCenter, text
            )
            x += metrics.horizontalAdvance(text)
        if self.hasFocus():
            paint_focus(painter, self.rect(), self.theme)


class ElidedLabel(QWidget):
    """One line of text that ends in … where it doesn't fit; the whole text is its tooltip."""

    def __init__(
        self, theme: Theme, font: QFont, role: str = "text", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._role = role
        self._text = ""
        self.setFont(font)
        self.setFixedHeight(QFontMetrics(font).height())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.updateGeometry()
            self.update()

    def set_role(self, role: str) -> None:
        self._role = role
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self._text) + 1, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._theme.color(self._role))
        painter.drawText(
            self.rect(),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width()),
        )
