"""What plays: cover and names, transport, waveform, volume, and the nine rating keys."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QHideEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from sliders_desktop.gui.controls import ElidedLabel
from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.player_parts import (
    COVER_PX,
    CoverButton,
    Sound,
    TimeButton,
    Transport,
    group,
)
from sliders_desktop.gui.rating_keys import RatingKeys
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.waveform import Waveform, clock

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

POLL_MS = 100
# Below these widths what can be missed goes: first the volume's track, then the choice of output
# (the settings have it too), then more of the names.
WIDE_PX = 1240
MIDDLE_PX = 1100


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
        theme = self._theme
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
        self._track = group(12, self.cover, names)

        self.transport = Transport(self._session, theme)
        self.played = _time_label(theme, Qt.AlignmentFlag.AlignRight)
        self.waveform = Waveform(theme)
        self.waveform.sought.connect(self._session.playback.seek)
        self.waveform.dragged.connect(self._on_tick)
        self.total = TimeButton(theme, self._session)
        self.total.clicked.connect(self._on_tick)
        self._seek = group(12, self.played, self.waveform, self.total)

        self.sound = Sound(self._session, theme)
        self.rating = RatingKeys(self._session, theme)
        self.rating.new_slider_wanted.connect(self.new_slider_wanted)

    def _arrange(self) -> None:
        if self.layout() is None:
            QGridLayout(self)
        grid = self.layout()
        assert isinstance(grid, QGridLayout)
        groups = (self._track, self.transport, self._seek, self.sound, self.rating)
        for part in groups:
            grid.removeWidget(part)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if self._compact:
            grid.setContentsMargins(12, 10, 12, 12)
            grid.addWidget(self._track, 0, 0, 1, 2)
            grid.addWidget(self._seek, 1, 0, 1, 2)
            grid.addWidget(self.transport, 2, 0)
            grid.addWidget(self.sound, 2, 1, right)
            grid.addWidget(self.rating, 3, 0, 1, 2)
            self.setFixedHeight(214)
        else:
            grid.setContentsMargins(16, 0, 20, 0)
            for column, part in enumerate(groups):
                grid.addWidget(part, 0, column)
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
            self.rating.set_compact(compact)
            self._arrange()

    def _fit(self) -> None:
        width = self.width()
        self.sound.volume.setVisible(self._compact or width >= WIDE_PX)
        self.sound.output.setVisible(self._compact or width >= MIDDLE_PX)
        if self._compact:
            self._track.setMinimumWidth(0)
            self._track.setMaximumWidth(16777215)
        else:
            self._track.setFixedWidth(min(300, width * 20 // 100) if width >= WIDE_PX else 180)

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
        if track is None:
            self.title.set_text(self.tr("Nothing plays yet"))
            self.subtitle.set_text(self.tr("Press Space, or Enter on a track"))
        else:
            self.title.set_text(track.title)
            self.subtitle.set_text(" — ".join(t for t in (track.artist, track.album) if t))
        self._show_cover()
        self.waveform.set_duration(playback.duration_s)
        self.total.setEnabled(track is not None)
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
        shown_s = seconds if self.waveform.drag_s is None else self.waveform.drag_s
        text = clock(shown_s) if playback.current else ""
        if text != self.played.text():
            self.played.setText(text)
        self.total.show_time(shown_s, playback.duration_s if playback.current else None)

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


def _time_label(theme: Theme, align: Qt.AlignmentFlag) -> QLabel:
    label = QLabel()
    label.setFont(theme.font(12.5, 400, tabular=True))
    label.setProperty("role", "soft")
    label.setMinimumWidth(34)
    label.setAlignment(align | Qt.AlignmentFlag.AlignVCenter)
    return label
