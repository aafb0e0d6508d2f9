"""A track that the pointer rests on is heard, quietly. Main thread."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

HOLD_MS = 300


class MapTasting(QObject):
    """Waits until the pointer has rested on one track, and ends what it began once it leaves."""

    def __init__(self, session: "Session", parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._track_id: int | None = None
        self._hold = QTimer(self)
        self._hold.setSingleShot(True)
        self._hold.setInterval(HOLD_MS)
        self._hold.timeout.connect(self._on_held)

    def point(self, track_id: int | None) -> None:
        """The pointer is on this track now; None: on none, or busy with something else."""
        if track_id == self._track_id:
            return
        self._track_id = track_id
        self._session.tasting.end()
        self._hold.stop()
        if track_id is not None and self._session.settings.tastes:
            self._hold.start()

    def _on_held(self) -> None:
        playback = self._session.playback
        heard = playback.current if playback.playing else None
        # Of what is heard already nobody needs a taste.
        if self._track_id is not None and (heard is None or heard.id != self._track_id):
            self._session.tasting.begin(self._track_id)
