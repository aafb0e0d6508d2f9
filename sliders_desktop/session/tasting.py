"""A quiet taste of the track one points at, and tones, beside what plays. Main thread."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.audio.earcon import end_tone, step_tone
from sliders_desktop.audio.player import Player
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.store import Store
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.levels import Levels

QUIET = 0.6  # of the loudness at which the track would be played


class Tasting(QObject):
    """Signals:
    changed(): another track is tasted, or none any more: `track_id`.
    """

    changed = Signal()

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        catalogue: Catalogue,
        player: Player,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs, self._catalogue, self._player = jobs, catalogue, player
        self._levels = Levels(store)
        self.track_id: int | None = None

    def begin(self, track_id: int) -> None:
        """Let it be heard as soon as it is read; a file that cannot be read stays silent."""
        row = self._catalogue.track(track_id)
        if row is None or row.missing or row.error or track_id == self.track_id:
            return
        self.track_id = track_id
        gain = QUIET * self._levels.gain(row, "track", album=False)
        self._jobs.start(
            "read",
            tasks.read_taste,
            row,
            self._player.rate,
            gain,
            key="taste",
            on_done=self._on_read,
            on_failed=self._on_failed,
        )
        self.changed.emit()

    def end(self) -> None:
        """Nobody points at it any more."""
        if self.track_id is not None:
            self.track_id = None
            job = self._jobs.job("taste")
            if job is not None:
                job.cancel()
            self._player.hush()
            self.changed.emit()

    def step(self, across: float, up: float) -> None:
        """A tone for a step on the map, which ended at this place of the view, 0..1."""
        self._player.tone(step_tone(self._player.rate, across, up), self._player.rate)

    def stop_short(self) -> None:
        """A tone for a step that leads nowhere."""
        self._player.tone(end_tone(self._player.rate), self._player.rate)

    def _on_read(self, read: tuple[int, Any, int]) -> None:
        track_id, wave, rate = read
        if track_id == self.track_id:
            self._player.taste(wave, rate)

    def _on_failed(self, sentence: str) -> None:
        self.end()
