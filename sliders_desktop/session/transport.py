"""The session's hold on the player: which tracks it was handed, how loud, and what came of them.

Runs on the main thread; what the player says on its own thread arrives here through a queue.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot

from sliders_desktop.audio.player import Ended, Failed, Player, PlayerEvent, SinkLost, Started
from sliders_desktop.library.records import TrackRow
from sliders_desktop.session.queue import Upcoming


@dataclass(frozen=True)
class Loaded:
    """A track as the player has it."""

    item: Upcoming
    row: TrackRow
    by_album: bool  # levelled among its album
    overlap_s: float = 0.0
    gain: float = 1.0  # what came of it, set by `Transport`


class Transport(QObject):
    """Knows what is heard and what is prepared to follow.

    Signals:
        began(object, bool): a `Loaded` is heard from now on, and whether it followed by itself.
        ended(object, int, object): a `Loaded`, when it began (UTC seconds), the player's `Ended`.
        failed(object, int, object): the same of one that cannot be played (on): the `Failed`.
        lost(): there is no output; the player has paused.
        told(object): the player's word about its output (`session/outputs.py`).
    """

    began = Signal(object, bool)
    ended = Signal(object, int, object)
    failed = Signal(object, int, object)
    lost = Signal()
    told = Signal(object)
    _event = Signal(object)

    def __init__(
        self,
        make_player: Callable[[Callable[[PlayerEvent], None]], Player],
        gain: Callable[[TrackRow, bool], float],
        parent: QObject | None = None,
    ) -> None:
        """``gain`` is the factor for a track, by its album or not."""
        super().__init__(parent)
        self._gain = gain
        self._event.connect(self._on_event, Qt.ConnectionType.QueuedConnection)
        self.player = make_player(self._event.emit)
        self.now: Loaded | None = None  # in the player's hands since `begin`, or heard
        self.following: Loaded | None = None
        self.over = True  # `now` is heard no more, and nothing after it yet
        self._past: dict[int, Loaded] = {}  # their end is not announced yet
        self._began_at: dict[int, float] = {}  # UTC seconds, by key

    def begin(self, loaded: Loaded, start_s: float = 0.0, paused: bool = False) -> None:
        """Play this in place of everything."""
        loaded = self._levelled(loaded)
        item, row = loaded.item, loaded.row
        self.player.play(item.key, row.path, start_s, paused, span=row.span, gain=loaded.gain)
        self._put_by()
        self.now, self.following, self.over = loaded, None, False

    def follow_with(self, loaded: Loaded | None) -> None:
        """Let this follow without a gap; what is set already is left alone."""
        before = self.following
        if loaded is None:
            self.following = None
            if before is not None:
                self.player.set_next(None)
            return
        wanted = loaded.item.key, loaded.overlap_s
        if before is not None and wanted == (before.item.key, before.overlap_s):
            if before.by_album != loaded.by_album:
                self.following = self._level(loaded)
            return
        self.following = loaded = self._levelled(loaded)
        self.player.set_next(
            loaded.item.key,
            loaded.row.path,
            span=loaded.row.span,
            gain=loaded.gain,
            overlap_s=loaded.overlap_s,
        )

    def relevel(self) -> None:
        """The listener wants other levels."""
        self.now = None if self.now is None else self._level(self.now)
        self.following = None if self.following is None else self._level(self.following)

    def rest(self) -> None:
        """Silence, and nothing in the player's hands."""
        self.player.stop()
        self._put_by()
        self.now, self.following, self.over = None, None, True

    def close(self) -> None:
        """Let the sound end, and hear of it before the store closes."""
        self.player.close()
        QCoreApplication.sendPostedEvents(self)

    def _levelled(self, loaded: Loaded) -> Loaded:
        return replace(loaded, gain=self._gain(loaded.row, loaded.by_album))

    def _level(self, loaded: Loaded) -> Loaded:
        loaded = self._levelled(loaded)
        self.player.set_gain(loaded.item.key, loaded.gain)
        return loaded

    def _put_by(self) -> None:
        for loaded in (self.now, self.following):
            if loaded is not None:
                self._past[loaded.item.key] = loaded

    @Slot(object)
    def _on_event(self, event: PlayerEvent) -> None:
        if isinstance(event, Started):
            self._on_started(event.key)
        elif isinstance(event, Ended):
            self._on_ended(event)
        elif isinstance(event, Failed):
            self._on_failed(event)
        elif isinstance(event, SinkLost):
            self.lost.emit()
            self.told.emit(event)
        else:
            self.told.emit(event)

    def _on_started(self, key: int) -> None:
        self._began_at[key] = time.time()
        followed = self.following is not None and key == self.following.item.key
        if followed:
            if self.now is not None and not self.over:
                self._past[self.now.item.key] = self.now
            self.now, self.following, self.over = self.following, None, False
        if self.now is not None and key == self.now.item.key:
            for old in [k for k in self._past if k not in self._began_at]:
                del self._past[old]  # was played over before it was heard
            self.began.emit(self.now, followed)

    def _on_ended(self, event: Ended) -> None:
        loaded, began_at = self._let_go(event.key)
        if loaded is not None:
            began = int(began_at or time.time() - event.seconds_played)
            self.ended.emit(loaded, began, event)

    def _on_failed(self, event: Failed) -> None:
        loaded, began_at = self._let_go(event.key)
        if loaded is not None:
            self.failed.emit(loaded, int(began_at or time.time()), event)

    def _let_go(self, key: int) -> tuple[Loaded | None, float | None]:
        began_at = self._began_at.pop(key, None)
        if self.now is not None and key == self.now.item.key:
            self.over = True
            return self.now, began_at
        if self.following is not None and key == self.following.item.key:
            loaded, self.following = self.following, None
            return loaded, began_at
        return self._past.pop(key, None), began_at
