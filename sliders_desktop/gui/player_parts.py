"""The player bar's parts: cover, transport with the round button, radio and volume."""

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sliders_desktop.gui.controls import Control, IconButton, paint_box, paint_focus
from sliders_desktop.gui.form_controls import ThinSlider
from sliders_desktop.gui.output_picker import OutputButton
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.waveform import clock

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

COVER_PX = 52
REPEATS = ("off", "all", "one")
WHEEL_STEP = 0.04


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


class TimeButton(Control):
    """The time that is left; pressed, the whole time, and back."""

    def __init__(self, theme: Theme, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent=parent)
        self._session = session
        self._shows_left = session.read_state("time_left") is not False
        self._text = ""
        self.setFont(theme.font(12.5, 400, tabular=True))
        self.setFixedSize(34, 24)
        self.clicked.connect(self._on_clicked)

    def text(self) -> str:
        return self._text

    def show_time(self, seconds: float, duration_s: float | None) -> None:
        """``seconds`` of ``duration_s`` were played; None: nothing plays."""
        if duration_s is None:
            text = ""
        elif self._shows_left:
            # So that both times together are the whole one.
            text = "−" + clock(int(duration_s) - int(max(0.0, seconds)))
        else:
            text = clock(duration_s)
        if text == self._text and self.accessibleName():
            return
        self._text = text
        longest = "−" + clock(duration_s or 0.0)  # the bar beside it must not twitch
        self.setFixedWidth(max(34, self.fontMetrics().horizontalAdvance(longest) + 2))
        what = self.tr("Time left") if self._shows_left else self.tr("Whole time")
        other = (
            self.tr("press for the whole time")
            if self._shows_left
            else self.tr("press for the time left")
        )
        self.set_name(f"{what} {text}".strip(), f"{what}  ·  {other}")
        self.update()

    def _on_clicked(self) -> None:
        self._shows_left = not self._shows_left
        self._session.write_state("time_left", self._shows_left)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setPen(theme.text if self.underMouse() and self.isEnabled() else theme.soft)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), left, self._text)
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme)


class Transport(QWidget):
    """Shuffle, previous, play, next, repeat."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback = playback = session.playback
        self.shuffle = IconButton(theme, "shuffle", self.tr("Shuffle"))
        self.previous = IconButton(
            theme, "previous", self.tr("Previous"), self.tr("Previous  ·  Ctrl+←"), icon_px=20
        )
        self.play = PlayButton(theme)
        self.next = IconButton(
            theme, "next", self.tr("Next"), self.tr("Next  ·  Ctrl+→"), icon_px=20
        )
        self.repeat = IconButton(theme, "repeat", self.tr("Repeat"))
        self.shuffle.setCheckable(True)
        self.repeat.setCheckable(True)
        self.shuffle.clicked.connect(playback.set_shuffle)
        self.previous.clicked.connect(self._on_previous)
        self.play.clicked.connect(self._on_play)
        self.next.clicked.connect(self._on_next)
        self.repeat.clicked.connect(self._on_repeat)
        _row(self, 4, self.shuffle, self.previous, self.play, self.next, self.repeat)
        playback.current_changed.connect(self._on_current_changed)
        playback.state_changed.connect(self._on_state_changed)
        self._on_current_changed()
        self._on_state_changed()

    def _on_current_changed(self) -> None:
        for button in (self.previous, self.next):
            button.setEnabled(self._playback.current is not None)

    def _on_state_changed(self) -> None:
        repeat = self._playback.repeat
        self.play.set_playing(self._playback.playing)
        self.shuffle.setChecked(self._playback.shuffle)
        self.repeat.setChecked(repeat != "off")
        self.repeat.set_icon("repeat-one" if repeat == "one" else "repeat")
        names = {
            "off": self.tr("Repeat: off"),
            "all": self.tr("Repeat: the list"),
            "one": self.tr("Repeat: this track"),
        }
        self.repeat.set_name(names[repeat])

    def _on_play(self) -> None:
        self._playback.toggle()

    def _on_previous(self) -> None:
        self._playback.previous()

    def _on_next(self) -> None:
        self._playback.next()

    def _on_repeat(self) -> None:
        at = REPEATS.index(self._playback.repeat)
        self._playback.set_repeat(REPEATS[(at + 1) % len(REPEATS)])


class Sound(QWidget):
    """Radio, output, mute, volume; the wheel turns it louder and quieter."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback = playback = session.playback
        self._before_mute = 0.8
        self.radio = IconButton(theme, "radio", self.tr("Radio"))
        self.radio.setCheckable(True)
        self.radio.clicked.connect(playback.set_radio)
        self.mute = IconButton(theme, "volume", self.tr("Mute"))
        self.mute.clicked.connect(self._on_mute)
        self.volume = ThinSlider(theme, self.tr("Volume"), 76)
        self.volume.valueChanged.connect(self._on_volume)
        self.output = OutputButton(session, theme)
        _row(self, 0, self.radio, self.output, self.mute, self.volume)
        playback.state_changed.connect(self._on_state_changed)
        playback.current_changed.connect(self._show_level)
        self._on_state_changed()

    def _on_state_changed(self) -> None:
        self.radio.setChecked(self._playback.radio)
        self.radio.set_name(
            self.tr("Radio: goes on with what fits")
            if self._playback.radio
            else self.tr("Radio: off, stops where the list ends")
        )
        loud = round(self._playback.volume * 100)
        if not self.volume.isSliderDown():
            self.volume.blockSignals(True)
            self.volume.setValue(loud)
            self.volume.blockSignals(False)
            self.volume.update()
        keys = self.tr("wheel, Ctrl+↑, Ctrl+↓")
        self._loud = loud
        self._show_level()
        self.mute.set_icon("volume" if loud else "volume-off")
        name = self.tr("Mute") if loud else self.tr("Sound on")
        self.mute.set_name(name, f"{name}  ·  {keys}")

    def _show_level(self) -> None:
        """The volume, and what even loudness adds to it."""
        keys = self.tr("wheel, Ctrl+↑, Ctrl+↓")
        said = self.tr("Volume {n} %").format(n=self._loud) + f"  ·  {keys}"
        level = self._playback.level
        if level is not None and level[0] > 0:
            by = self.tr("by album") if level[1] else self.tr("by track")
            change = f"{20 * math.log10(level[0]):+.1f} dB".replace("-", "−")
            said += "\n" + self.tr("Even loudness: {change}, {by}").format(change=change, by=by)
        self.volume.setToolTip(said)

    def _on_volume(self, percent: int) -> None:
        self._playback.set_volume(percent / 100)

    def _on_mute(self) -> None:
        if self._playback.volume > 0:
            self._before_mute = self._playback.volume
            self._playback.set_volume(0.0)
        else:
            self._playback.set_volume(self._before_mute)

    def wheelEvent(self, event: QWheelEvent) -> None:
        step = WHEEL_STEP if event.angleDelta().y() > 0 else -WHEEL_STEP
        self._playback.set_volume(min(1.0, max(0.0, self._playback.volume + step)))


def group(spacing: int, *members: QWidget | QVBoxLayout) -> QWidget:
    """``members`` beside each other; layouts take what room there is."""
    box = QWidget()
    _row(box, spacing, *members)
    return box


def _row(box: QWidget, spacing: int, *members: QWidget | QVBoxLayout) -> None:
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(spacing)
    for member in members:
        if isinstance(member, QWidget):
            row.addWidget(member, 0, Qt.AlignmentFlag.AlignVCenter)
        else:
            row.addLayout(member, 1)
