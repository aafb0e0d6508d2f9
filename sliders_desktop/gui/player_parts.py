"""The player bar's own parts: the round play button, the cover, the thin volume line."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSlider, QWidget

from sliders_desktop.gui.controls import Control, paint_box, paint_focus
from sliders_desktop.gui.theme import Theme

COVER_PX = 52


class PlayButton(Control):
    """The one round, white button."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent=parent)
        self.playing = False
        self.setFixedSize(40, 40)
        self.set_playing(False)

    def set_playing(self, playing: bool) -> None:
        self.playing = playing
        name = self.tr("Pause") if playing else self.tr("Play")
        self.set_name(name, f"{name}  ·  " + self.tr("Space"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self.theme
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.text if self.isEnabled() else theme.line)
        inset = 1 if self.isDown() else 0
        painter.drawEllipse(self.rect().adjusted(inset, inset, -inset, -inset))
        at = QRect(0, 0, 20, 20)
        at.moveCenter(self.rect().center())
        theme.icon("pause" if self.playing else "play", "ground", 20).paint(painter, at)
        if self.hasFocus():
            painter.setPen(theme.ground)
            paint_focus(painter, self.rect().adjusted(2, 2, -2, -2), theme, 18)


class CoverButton(Control):
    """The playing track's cover; pressing it goes to the track."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent=parent)
        self.set_name(self.tr("Go to the playing track"), self.tr("Go to the playing track  ·  G"))
        self._pixmap: QPixmap | None = None
        self.setFixedSize(COVER_PX, COVER_PX)

    def set_pixmap(self, pixmap: QPixmap | None) -> None:
        self._pixmap = pixmap
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._pixmap is not None:
            painter.drawPixmap(self.rect(), self._pixmap)
        else:
            paint_box(painter, self.rect(), self.theme.raised, radius=4)
        if self.hasFocus():
            paint_focus(painter, self.rect(), self.theme, 4)


class VolumeSlider(QSlider):
    """A thin line; the wheel and the arrow keys move it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.setRange(0, 100)
        self.setPageStep(10)
        self.setSingleStep(2)
        self.setFixedSize(76, 24)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Volume"))
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        theme, middle = self._theme, self.height() / 2
        x = 5 + (self.width() - 10) * self.value() / 100
        painter.setBrush(theme.line)
        painter.drawRoundedRect(QRect(4, int(middle) - 1, self.width() - 8, 3), 1.5, 1.5)
        painter.setBrush(theme.soft)
        painter.drawRoundedRect(QRect(4, int(middle) - 1, int(x) - 4, 3), 1.5, 1.5)
        radius = 5 if self.underMouse() or self.isSliderDown() else 4
        painter.setBrush(theme.text)
        painter.drawEllipse(QRect(int(x) - radius, int(middle) - radius, 2 * radius, 2 * radius))
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
        self.setValue(round(100 * (event.position().x() - 5) / (self.width() - 10)))
