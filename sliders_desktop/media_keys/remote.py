"""What plays, as a system's player panel sees and steers it: the same on every system.

Lives on the main thread.
"""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from sliders_desktop.library.records import TrackRow
from sliders_desktop.session.session import Session

Status = Literal["playing", "paused", "stopped"]
Wish = Literal["play", "pause", "toggle", "stop", "next", "previous", "seek"]


class Remote(QObject):
    """Reads and steers the session's playback, until it is closed.

    Signals:
        changed(): something that a panel shows is another; once for all that changes together.
        seeked(float): the position jumped to these seconds.
        cover_changed(): ``cover`` is another, or gone.
    """

    changed = Signal()
    seeked = Signal(float)
    cover_changed = Signal()

    def __init__(
        self,
        session: Session,
        raise_window: Callable[[], None],
        quit_program: Callable[[], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.raise_window, self.quit_program = raise_window, quit_program
        self.playback = session.playback
        self.cache = session.paths.cache
        self.number = 0  # how many tracks were current; one that comes again is another
        self.cover: bytes | None = None  # a picture's file, of the current track
        self._catalogue, self._work = session.catalogue, session.work
        self._known = self.playback.current
        self._was_playing = self.playback.playing
        self._stopped = self._at_the_beginning()  # else, where nothing plays, it is paused
        self._just_silent = False  # it fell silent in this turn of the event loop
        self._reads_covers = self._closed = False
        # Several things change at once where one track follows another; told together.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._tell)
        self.playback.current_changed.connect(self._on_current_changed)
        self.playback.state_changed.connect(self._on_state_changed)
        self.playback.seeked.connect(self._on_seeked)
        self.playback.queue_changed.connect(self.change_soon)
        self._catalogue.tracks_changed.connect(self.change_soon)

    def close(self) -> None:
        """Say nothing more, and do nothing more that is asked."""
        self._closed = True
        self._soon.stop()

    # what is so now

    @property
    def status(self) -> Status:
        if self.playback.playing:
            return "playing"
        return "paused" if self.has_track and not self._stopped else "stopped"

    @property
    def track(self) -> TrackRow | None:
        return self.playback.current

    @property
    def has_track(self) -> bool:
        return self.playback.current is not None

    @property
    def can_play(self) -> bool:
        return self.has_track or bool(self.playback.up_next) or bool(self._catalogue.rows)

    @property
    def can_go_next(self) -> bool:
        again = self.playback.repeat == "all" and self.has_track
        return bool(self.playback.up_next) or again

    @property
    def duration_s(self) -> float:
        return self.playback.duration_s

    def position_s(self) -> float:
        return self.playback.position_s()

    def read_covers(self) -> None:
        """From now on somebody looks at them."""
        self._reads_covers = True
        self._read_cover()

    # what the listener wishes

    def obey(self, wish: Wish, seconds: float = 0.0) -> None:
        """``seconds`` is where to seek to."""
        if self._closed:
            return
        if wish == "seek":
            self.seek(seconds)
        else:
            wishes: dict[str, Callable[[], None]] = {
                "play": self.play,
                "pause": self.pause,
                "toggle": self.playback.toggle,
                "stop": self.stop,
                "next": self.next,
                "previous": self.previous,
            }
            wishes[wish]()

    def play(self) -> None:
        if not self.playback.playing:
            self.playback.toggle()

    def pause(self) -> None:
        if self.playback.playing:
            self.playback.toggle()

    def stop(self) -> None:
        if self.status != "stopped":
            self.pause()
            self.playback.seek(0.0)
            self._stopped = True
            self.change_soon()

    def next(self) -> None:
        if self.can_go_next:
            self._step(self.playback.next)

    def previous(self) -> None:
        self._step(self.playback.previous)

    def seek(self, seconds: float) -> None:
        if self.has_track:
            self.playback.seek(seconds)

    def _step(self, step: Callable[[], None]) -> None:
        """What was silent stays silent."""
        playing, stopped = self.playback.playing, self._stopped
        step()
        if not playing:
            self.pause()
            self._stopped = stopped

    # what happens

    def change_soon(self) -> None:
        if not self._closed:
            self._soon.start()

    def _tell(self) -> None:
        self._just_silent = False
        self.changed.emit()

    def _at_the_beginning(self) -> bool:
        return not self.playback.playing and self.playback.position_s() == 0.0

    def _on_current_changed(self) -> None:
        self.number += 1
        if self._known is None:  # come back from last time: paused, or at the beginning
            self._stopped = self._at_the_beginning()
        self._known = self.playback.current
        self._read_cover()
        self.change_soon()

    def _on_state_changed(self) -> None:
        playing = self.playback.playing
        if playing != self._was_playing:
            self._stopped, self._just_silent = False, not playing
            self._was_playing = playing
        self.change_soon()

    def _on_seeked(self, seconds: float) -> None:
        if self._just_silent and seconds == 0.0:  # the last track has ended
            self._stopped = True
        if not self._closed:
            self.seeked.emit(seconds)

    def _read_cover(self) -> None:
        """The one before goes at once."""
        self._set_cover(None)
        if self._reads_covers and not self._closed and self.track is not None:
            self._work.cover(self.track.id, self._on_cover)

    def _on_cover(self, track_id: int, picture: bytes | None) -> None:
        if not self._closed and self.track is not None and track_id == self.track.id:
            self._set_cover(picture or None)

    def _set_cover(self, picture: bytes | None) -> None:
        if picture != self.cover:
            self.cover = picture
            self.cover_changed.emit()


def plain(text: str) -> str:
    """What every system takes for a text: without NUL, and without half a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
