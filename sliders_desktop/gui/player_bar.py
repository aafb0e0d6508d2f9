"""What plays: cover and names, transport, waveform, volume, and the nine rating keys."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QHideEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from sliders_desktop.gui.controls import ElidedLabel, IconButton
from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.form_controls import ThinSlider
from sliders_desktop.gui.player_parts import COVER_PX, CoverButton, PlayButton
from sliders_desktop.gui.rating_keys import RatingKeys
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.waveform import Waveform, clock

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

POLL_MS = 100
REPEATS = ("off", "all", "one")
# Below these widths what can be missed goes: first the volume's track, then more of the names.
WIDE_PX = 1240


class PlayerBar(QWidget):
    """The bar below everything.

    Signals:
        new_slider_wanted(): “Invent a slider to rate this” was pressed.
        current_wanted(): the cover was pressed; show the playing track where it lies.
    """

    new_slider_wanted = Signal()
    current_wanted = Signal()

    def __init__(
        self, session: "Session", theme: Theme, covers: Covers, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._theme, self._covers = session, theme, covers
        self._compact = False
        self._silent_from = 0.8  # the volume that muting took away
        self._build()
        self._arrange()
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._on_tick)
        playback = session.playback
        playback.current_changed.connect(self._on_current_changed)
        playback.state_changed.connect(self._on_state_changed)
        playback.overview_changed.connect(self._on_overview_changed)
        playback.seeked.connect(self._on_seeked)
        session.catalogue.tracks_changed.connect(self._on_current_changed)
        covers.ready.connect(self._on_cover_ready)
        theme.changed.connect(self.update)
        self._on_current_changed()
        self._on_state_changed()

    # ── building ────────────────────────────────────────────────────────────────────────────

    def _build(self) -> None:
        theme, playback = self._theme, self._session.playback
        self.cover = CoverButton(theme)
        self.cover.clicked.connect(self.current_wanted)
        self.title = ElidedLabel(theme, theme.font(13, 600))
        self.subtitle = ElidedLabel(theme, theme.font(11.5), "soft")
        names = QVBoxLayout()
        names.setSpacing(3)
        names.addStretch(1)
        names.addWidget(self.title)
        names.addWidget(self.subtitle)
        names.addStretch(1)
        self._track = _group(12, self.cover, names)

        self.shuffle = IconButton(theme, "shuffle", self.tr("Shuffle"), self.tr("Shuffle"))
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
        self._transport = _group(4, self.shuffle, self.previous, self.play, self.next, self.repeat)

        self.played = _time_label(theme, Qt.AlignmentFlag.AlignRight)
        self.waveform = Waveform(theme)
        self.waveform.sought.connect(playback.seek)
        self.total = _time_label(theme, Qt.AlignmentFlag.AlignLeft)
        self._seek = _group(12, self.played, self.waveform, self.total)

        self.radio = IconButton(theme, "radio", self.tr("Radio"))
        self.radio.setCheckable(True)
        self.radio.clicked.connect(playback.set_radio)
        self.mute = IconButton(theme, "volume", self.tr("Mute"))
        self.mute.clicked.connect(self._on_mute)
        self.volume = ThinSlider(theme, self.tr("Volume"), 76)
        self.volume.valueChanged.connect(self._on_volume)
        self._sound = _group(0, self.radio, self.mute, self.volume)

        self.rating = RatingKeys(self._session, theme)
        self.rating.new_slider_wanted.connect(self.new_slider_wanted)

    def _arrange(self) -> None:
        if self.layout() is None:
            QGridLayout(self)
        grid = self.layout()
        assert isinstance(grid, QGridLayout)
        groups = (self._track, self._transport, self._seek, self._sound, self.rating)
        for group in groups:
            grid.removeWidget(group)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if self._compact:
            grid.setContentsMargins(12, 10, 12, 12)
            grid.addWidget(self._track, 0, 0, 1, 2)
            grid.addWidget(self._seek, 1, 0, 1, 2)
            grid.addWidget(self._transport, 2, 0)
            grid.addWidget(self._sound, 2, 1, right)
            grid.addWidget(self.rating, 3, 0, 1, 2)
            self.setFixedHeight(214)
        else:
            grid.setContentsMargins(16, 0, 20, 0)
            for column, group in enumerate(groups):
                grid.addWidget(group, 0, column)
            self.setFixedHeight(84)
        for column in range(5):
            grid.setColumnStretch(column, int(column == (0 if self._compact else 2)))
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        self._fit()

    def set_compact(self, compact: bool) -> None:
        """Four short rows instead of one long one."""
        if compact != self._compact:
            self._compact = compact
            self._arrange()

    def _fit(self) -> None:
        width = self.width()
        self.volume.setVisible(self._compact or width >= WIDE_PX)
        if self._compact:
            self._track.setMinimumWidth(0)
            self._track.setMaximumWidth(16777215)
        else:
            self._track.setFixedWidth(min(300, max(180, width * 20 // 100)))

    def minimumSizeHint(self) -> QSize:
        return QSize(384 if self._compact else 1000, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.panel)
        painter.fillRect(0, 0, self.width(), 1, self._theme.line)

    # ── what the session says ───────────────────────────────────────────────────────────────

    def _on_current_changed(self) -> None:
        playback = self._session.playback
        track = playback.current
        for button in (self.previous, self.next):
            button.setEnabled(track is not None)
        if track is None:
            self.title.set_text(self.tr("Nothing plays yet"))
            self.subtitle.set_text(self.tr("Press Space, or Enter on a track"))
        else:
            self.title.set_text(track.title)
            self.subtitle.set_text(" — ".join(t for t in (track.artist, track.album) if t))
        self._show_cover()
        self.waveform.set_duration(playback.duration_s)
        self.total.setText(clock(playback.duration_s) if track else "")
        self._on_overview_changed()
        self._on_tick()

    def _show_cover(self) -> None:
        track = self._session.playback.current
        pixmap = None
        if track is not None:
            pixmap = self._covers.request(track.id, COVER_PX, self.devicePixelRatioF())
        self.cover.set_pixmap(pixmap)

    def _on_cover_ready(self, track_id: int) -> None:
        current = self._session.playback.current
        if current is not None and current.id == track_id:
            self._show_cover()

    def _on_state_changed(self) -> None:
        playback = self._session.playback
        self.play.set_playing(playback.playing)
        self.shuffle.setChecked(playback.shuffle)
        self.repeat.setChecked(playback.repeat != "off")
        self.repeat.set_icon("repeat-one" if playback.repeat == "one" else "repeat")
        tips = {
            "off": self.tr("Repeat: off"),
            "all": self.tr("Repeat: the list"),
            "one": self.tr("Repeat: this track"),
        }
        self.repeat.set_name(tips[playback.repeat])
        self.radio.setChecked(playback.radio)
        self.radio.set_name(
            self.tr("Radio: goes on with what fits")
            if playback.radio
            else self.tr("Radio: off, stops where the list ends")
        )
        loud = round(playback.volume * 100)
        if not self.volume.isSliderDown():
            self.volume.blockSignals(True)
            self.volume.setValue(loud)
            self.volume.blockSignals(False)
            self.volume.update()
        self.volume.setToolTip(self.tr("Volume {percent} %").format(percent=loud))
        self.mute.set_icon("volume" if loud else "volume-off")
        self.mute.set_name(self.tr("Mute") if loud else self.tr("Sound on"))
        self._keep_time()
        self._on_tick()

    def _on_overview_changed(self) -> None:
        self.waveform.set_peaks(self._session.playback.overview)

    def _on_seeked(self, seconds: float) -> None:
        self._on_tick()

    def _on_tick(self) -> None:
        playback = self._session.playback
        seconds = playback.position_s()
        self.waveform.set_seconds(seconds)
        text = clock(seconds) if playback.current else ""
        if text != self.played.text():
            self.played.setText(text)

    # ── what the listener does ──────────────────────────────────────────────────────────────

    def _on_play(self) -> None:
        self._session.playback.toggle()

    def _on_previous(self) -> None:
        self._session.playback.previous()

    def _on_next(self) -> None:
        self._session.playback.next()

    def _on_repeat(self) -> None:
        at = REPEATS.index(self._session.playback.repeat)
        self._session.playback.set_repeat(REPEATS[(at + 1) % len(REPEATS)])

    def _on_volume(self, percent: int) -> None:
        self._session.playback.set_volume(percent / 100)

    def _on_mute(self) -> None:
        playback = self._session.playback
        if playback.volume > 0:
            self._silent_from = playback.volume
            playback.set_volume(0.0)
        else:
            playback.set_volume(self._silent_from)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._sound.geometry().contains(event.position().toPoint()):
            playback = self._session.playback
            step = 0.04 if event.angleDelta().y() > 0 else -0.04
            playback.set_volume(min(1.0, max(0.0, playback.volume + step)))

    # ── time ────────────────────────────────────────────────────────────────────────────────

    def _keep_time(self) -> None:
        """Ask for the position only while it moves and someone can see it."""
        if self._session.playback.playing and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._keep_time()
        self._on_tick()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()


def _group(spacing: int, *members: QWidget | QVBoxLayout) -> QWidget:
    group = QWidget()
    row = QHBoxLayout(group)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(spacing)
    for member in members:
        if isinstance(member, QWidget):
            row.addWidget(member, 0, Qt.AlignmentFlag.AlignVCenter)
        else:
            row.addLayout(member, 1)
    return group


def _time_label(theme: Theme, align: Qt.AlignmentFlag) -> QLabel:
    label = QLabel()
    label.setFont(theme.font(12.5, 400, tabular=True))
    label.setProperty("role", "soft")
    label.setMinimumWidth(34)
    label.setAlignment(align | Qt.AlignmentFlag.AlignVCenter)
    return label
