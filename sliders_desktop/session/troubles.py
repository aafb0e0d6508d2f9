"""Tracks that cannot be played: said on the track, and counted, so that silence has an end."""

from PySide6.QtCore import QObject, QTimer

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.records import TrackRow
from sliders_desktop.session.catalogue import Catalogue

PATIENCE = 5  # failures in a row
LOOK_AGAIN_MS = 10_000
HEARD_S = 3.0  # a track that broke off after so long did play
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five")


class Troubles(QObject):
    """Keeps reasons in the library, and knows what need not be tried again by itself."""

    def __init__(self, jobs: Jobs, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._catalogue = jobs, catalogue
        self.failed: set[int] = set()  # in this run of the program
        self.row = 0  # failures one after the other
        self._row_before = 0  # of them, those before the track that plays
        self.reason = ""  # of the last
        self._away: dict[int, str] = {}  # paths of those that were found missing, by id
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_AGAIN_MS)
        self._timer.timeout.connect(self.look_again)
        catalogue.tracks_changed.connect(self._on_tracks_changed)

    @property
    def enough(self) -> bool:
        """So many failed one after the other that no more are tried."""
        return self.row >= PATIENCE

    @property
    def sentence(self) -> str:
        """Why no more are tried."""
        count = _NUMBERS[PATIENCE]
        return f"{count} tracks in a row could not be played; the last: {self.reason}"

    def forgive(self) -> None:
        """The listener asks for something: count anew."""
        self.row = self._row_before = 0

    def on_begin(self) -> None:
        """A track was handed to the player; what fails from now on lies behind it."""
        self._row_before = self.row

    def on_began(self, followed: bool) -> None:
        """It is heard, so those before it count no more; or one that ``followed`` by itself is."""
        if followed:
            self.on_begin()
        self.row -= self._row_before

    def on_failed(self, row: TrackRow, heard_s: float, reason: str) -> None:
        """``row`` could not be played, or only ``heard_s`` seconds of it."""
        self.reason = reason
        if heard_s < HEARD_S:
            self.row += 1
            self.failed.add(row.id)
        self._jobs.start(
            "read",
            tasks.note_failure,
            row.id,
            row.path,
            reason,
            key=f"failure-{row.id}",
            on_done=self._on_noted,
        )

    def on_empty(self, row: TrackRow) -> None:
        """``row`` began and was over at once."""
        self.row += self._row_before
        self.on_failed(row, 0.0, f"{row.title} has no sound in it.")

    def on_finished(self, row: TrackRow) -> None:
        """``row`` was played to its end: whatever was said of it is true no more."""
        self.failed.discard(row.id)
        known = self._catalogue.track(row.id)
        if known is not None and known.error:
            self._jobs.start(
                "read",
                tasks.note_success,
                row.id,
                key=f"success-{row.id}",
                on_done=self._on_cleared,
            )

    def look_again(self) -> None:
        """Are those back that were away when they should have played?"""
        self._jobs.start(
            "read",
            tasks.look_again,
            list(self._away.items()),
            key="look-again",
            on_done=self._on_back,
        )

    def close(self) -> None:
        """Look at nothing any more."""
        self._timer.stop()

    def _on_noted(self, ids: set[int]) -> None:
        self._catalogue.reload_rows(ids)
        for track_id in ids & self.failed:
            row = self._catalogue.track(track_id)
            if row is not None and row.missing:
                self._away[track_id] = row.path
                self._timer.start()

    def _on_tracks_changed(self) -> None:
        """A scan may have found them mended."""
        rows = (self._catalogue.track(track_id) for track_id in self.failed)
        self.failed = {row.id for row in rows if row is not None and (row.error or row.missing)}

    def _on_cleared(self, track_id: int) -> None:
        self._catalogue.reload_rows({track_id})

    def _on_back(self, ids: set[int]) -> None:
        for track_id in ids:
            self._away.pop(track_id, None)
        self.failed -= ids
        if not self._away:
            self._timer.stop()
        if ids:
            self._catalogue.reload_rows(ids)
