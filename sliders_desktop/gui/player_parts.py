"""The player bar's own parts: the round play button and the cover."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

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
