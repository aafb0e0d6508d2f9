"""What plays, what played, and what comes next: the player's policy, on the main thread."""

import logging
import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal, Slot

from sliders_desktop import tasks
from sliders_desktop.audio.player import Ended, Failed, Player, PlayerEvent, SinkLost, Started
from sliders_desktop.config import Settings
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.records import Origin, Play, TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.queue import Queue, Upcoming
from sliders_desktop.session.radio import SEEDS, Radio

log = logging.getLogger(__name__)

HISTORY = 50
IN_QUEUE = 200  # of a long list, tracks that stand in the queue at once
KEPT = 2000  # of a long list, tracks that are remembered for the next start
SAVE_EVERY_MS = 5000
RESTART_AFTER_S = 3.0  # "previous" goes back to the beginning after this long
SKIPPED_EARLY_S = 30.0


class Playback(QObject):
    """Signals:
    current_changed(), state_changed(), queue_changed(), overview_changed(), seeked(float).
    began(int): this track is heard from now on.
    played(int): a play of this track was saved; saved(Play): the same, and what was saved.
    failed(str): one sentence.
    """

    current_changed = Signal()
    state_changed = Signal()
    queue_changed = Signal()
    overview_changed = Signal()
    seeked = Signal(float)
    began = Signal(int)
    played = Signal(int)
    saved = Signal(object)
    failed = Signal(str)
    _event = Signal(object)

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        catalogue: Catalogue,
        settings: Settings,
        make_player: Callable[[Callable[[PlayerEvent], None]], Player],
        steers: Callable[[], Sequence[tasks.Steer]],
        parent: QObject | None = None,
    ) -> None:
        """``make_player`` gets what it shall call, from its own thread, at each event."""
        super().__init__(parent)
        self._store, self._jobs, self._catalogue = store, jobs, catalogue
        self._event.connect(self._on_event, Qt.ConnectionType.QueuedConnection)
        self._player = make_player(self._event.emit)
        self.volume, self.shuffle, self.repeat = settings.volume, settings.shuffle, settings.repeat
        self.output = settings.output
        self._player.set_volume(self.volume)
        self.current: TrackRow | None = None
        self.current_origin: Origin = "user"
        self.playing = False
        self._outputs: list[str] = []
        self.overview: np.ndarray[Any, Any] | None = None
        self.history: list[int] = []
        self._queue = Queue()
        self._radio = Radio(jobs, catalogue, self._queue, steers, self)
        self._radio.on, self._radio.near_far = settings.radio, settings.near_far
        self._radio.chosen.connect(self._queue_moved)
        self._radio.failed.connect(self.failed)
        self._list: list[int] = []  # what "repeat all" starts again
        self._coming: list[int] = []  # of a long list, what is not yet in the queue
        self._items: dict[int, Upcoming] = {}  # handed to the player, by key
        self._past: dict[int, Upcoming] = {}  # played over by hand, their end not announced yet
        self._began_at: dict[int, float] = {}  # UTC seconds, by key, of what is heard
        self._prepared: int | None = None
        self._key: int | None = None  # of the item that is heard
        self._heard = False  # that item is not over yet
        self._resume_s = 0.0
        self._rng = random.Random()
        self._save_timer = QTimer(self)
        self._save_timer.setInterval(SAVE_EVERY_MS)
        self._save_timer.timeout.connect(self.save)

    # what the window asks

    @property
    def radio(self) -> bool:
        """Whether recommended tracks follow the listener's own."""
        return self._radio.on

    @property
    def near_far(self) -> float:
        """How far the radio wanders, 0 near to 1 far."""
        return self._radio.near_far

    @property
    def up_next(self) -> list[Upcoming]:
        return list(self._queue.items)

    @property
    def duration_s(self) -> float:
        return self.current.duration_s if self.current else 0.0

    def position_s(self) -> float:
        """Seconds into the current track that are heard now."""
        if self._key is None:
            return self._resume_s
        return self._player.position_s()

    # what the window does

    def play(self, ids: Sequence[int], start: int = 0, origin: Origin = "user") -> None:
        """Replace the queue by these tracks and play from ``ids[start]``."""
        everything = list(ids)
        order = [*range(start, len(everything)), *range(start)]
        at = next((i for i in order if self._playable(everything[i])), None)
        if at is None:
            self.failed.emit("These tracks can't be played now: their files are away.")
            return
        self._list = everything
        rest = everything[at + 1 :]
        if self.shuffle:
            rest = everything[:at] + rest
            self._rng.shuffle(rest)
        # A short list is what the radio shall follow; of a whole library what was heard last.
        self._radio.start_from(everything if len(everything) <= SEEDS else [])
        self._set_own(rest, origin)
        self._begin(self._queue.make(everything[at], origin))
        self.refresh_radio()

    def radio_from(self, ids: Iterable[int]) -> None:
        """Endless music that fits these tracks; the first of them plays now."""
        seeds = [i for i in ids if self._playable(i)]
        if not seeds:
            self.failed.emit("Choose a track first: the radio starts from it.")
            return
        self._list = []
        self._radio.start_from(seeds)
        self._set_own([], "user")
        self._begin(self._queue.make(seeds[0], "user"))
        if not self.radio:
            self.set_radio(True)
        self.refresh_radio()

    def play_next(self, ids: Iterable[int]) -> None:
        self._queue.put_first(ids)
        self._after_own_change()

    def enqueue(self, ids: Iterable[int]) -> None:
        self._queue.put_after_own(ids)
        self._after_own_change()

    def remove(self, keys: Iterable[int]) -> None:
        gone = self._queue.remove(keys)
        self._radio.skip(i.track_id for i in gone if i.origin == "recommended")
        self._queue_moved()
        self.refresh_radio()

    def move(self, key: int, to_index: int) -> None:
        self._queue.move(key, to_index)
        self._queue_moved()

    def clear(self) -> None:
        self._list = []
        self._set_own([], "user")
        self._queue_moved()
        self.refresh_radio()

    def jump(self, key: int) -> None:
        """Play that upcoming track now."""
        item = self._queue.take(key)
        if item is not None:
            self._begin(item)
            self.refresh_radio()

    def toggle(self) -> None:
        """Play or pause."""
        if self._key is None:
            if self.current is not None:
                item = self._queue.make(self.current.id, self.current_origin)
                self._begin(item, self._resume_s)
            elif (first := self._queue.take()) is not None:
                self._begin(first)
            elif self._catalogue.selection:
                self.play(self._catalogue.selection)
            elif self._catalogue.rows:
                self.play([r.id for r in self._catalogue.rows])
            return
        if self.playing:
            self._player.pause()
        else:
            self._player.resume()
        self._set_playing(not self.playing)

    def next(self) -> None:
        # A skip takes effect in sound: while paused there is none, and the next one is begun.
        if self._prepared is not None and self.playing:
            self._player.skip()
            return
        item = self._following()
        if item is None:
            self._player.stop()
        else:
            self._begin(item)

    def previous(self) -> None:
        """Back to the beginning, or to the track before when just begun."""
        if self.position_s() > RESTART_AFTER_S or len(self.history) < 2:
            self.seek(0.0)
            return
        now = self.history.pop()
        before = self.history.pop()
        self._queue.put_first([now])
        self._begin(self._queue.make(before, "user"))

    def seek(self, seconds: float) -> None:
        if self.current is None:
            return
        seconds = max(0.0, min(seconds, self.duration_s))
        if self._key is None:
            self._resume_s = seconds
        else:
            self._player.seek(seconds)
        self.seeked.emit(seconds)

    def seek_by(self, seconds: float) -> None:
        self.seek(self.position_s() + seconds)

    def set_volume(self, volume: float) -> None:
        self.volume = min(1.0, max(0.0, volume))
        self._player.set_volume(self.volume)
        self.state_changed.emit()

    def set_shuffle(self, on: bool) -> None:
        self.shuffle = on
        own = [i.track_id for i in self._queue.items[: self._queue.own_count]] + self._coming
        recommended = self._queue.recommended
        if on:
            self._rng.shuffle(own)
            self._set_own(own, "playlist")
        elif self.current is not None and self.current.id in self._list:
            left = set(own)
            rest = self._list[self._list.index(self.current.id) + 1 :]
            self._set_own([i for i in rest if i in left], "playlist")
        self._queue.set_recommended(recommended)
        self.state_changed.emit()
        self._queue_moved()

    def set_repeat(self, repeat: str) -> None:
        self.repeat = repeat
        self.state_changed.emit()
        self._queue_moved()
        self.refresh_radio()

    def set_radio(self, on: bool) -> None:
        self._radio.on = on
        self.state_changed.emit()
        if not on:
            self._queue.set_recommended([])
            self._queue_moved()
        self.refresh_radio()

    def set_near_far(self, value: float) -> None:
        self._radio.near_far = min(1.0, max(0.0, value))
        self.state_changed.emit()
        self.refresh_radio()

    def warm_up(self) -> None:
        """Let the player load what it needs, so that the first sound comes at once."""
        self._player.warm_up()

    def outputs(self) -> list[str]:
        """Names of the sound outputs, as the last look found them; another look begins."""
        self._jobs.start("read", tasks.read_outputs, key="outputs", on_done=self._set_outputs)
        return list(self._outputs)

    def _set_outputs(self, names: list[str]) -> None:
        self._outputs = names

    def set_output(self, name: str) -> None:
        self.output = name
        self._player.set_output(name)
        self.state_changed.emit()

    # the player

    def _playable(self, track_id: int) -> bool:
        row = self._catalogue.track(track_id)
        return row is not None and not row.missing and bool(row.path)

    def _begin(self, item: Upcoming, start_s: float = 0.0) -> None:
        row = self._catalogue.track(item.track_id)
        if row is None:
            return
        self._past |= self._items
        self._items = {item.key: item}
        self._prepared = None
        self._player.play(item.key, row.path, start_s)
        self._set_current(row, item)
        self._set_playing(True)
        self._queue_moved()

    def _following(self) -> Upcoming | None:
        """Take what comes next from the queue, filling it again where the list repeats."""
        while True:
            self._top_up_own()
            if not self._queue.items and self.repeat == "all" and self._list:
                again = list(self._list)
                if self.shuffle:
                    self._rng.shuffle(again)
                if not any(self._playable(i) for i in again):
                    return None
                self._set_own(again, "playlist")
            item = self._queue.take()
            if item is None or self._playable(item.track_id):
                return item

    def _set_own(self, ids: Sequence[int], origin: Origin) -> None:
        """Let these follow; of a long list only the beginning stands in the queue."""
        self._queue.replace(ids[:IN_QUEUE], origin)
        self._coming = list(ids[IN_QUEUE:])

    def _top_up_own(self) -> None:
        lacking = IN_QUEUE - self._queue.own_count
        if lacking > 0 and self._coming:
            self._queue.put_after_own(self._coming[:lacking], "playlist")
            del self._coming[:lacking]

    def _prepare(self) -> None:
        """Tell the player what follows, so that it is decoded before the current ends."""
        if self._key is None:
            return  # at rest: what is set to follow would begin at once
        if self.repeat == "one" and self.current is not None:
            item: Upcoming | None = self._queue.make(self.current.id, self.current_origin)
        else:
            item = next((i for i in self._queue.items if self._playable(i.track_id)), None)
            if item is None and self.repeat == "all" and (again := self._following()):
                self._queue.items.insert(0, again)
                item = again
        if item is None:
            if self._prepared is not None:
                self._player.set_next(None)
            self._prepared = None
            return
        if item.key == self._prepared:
            return
        row = self._catalogue.track(item.track_id)
        assert row is not None
        self._prepared = item.key
        self._items[item.key] = item
        self._player.set_next(item.key, row.path)

    def _set_current(self, row: TrackRow, item: Upcoming) -> None:
        self.current, self.current_origin = row, item.origin
        self._key = item.key
        self._heard = True
        self._resume_s = 0.0
        self.history = [*self.history[-HISTORY:], row.id]
        self._load_overview()
        self.current_changed.emit()

    def _set_playing(self, playing: bool) -> None:
        self.playing = playing
        if playing:
            self._save_timer.start()
        else:
            self._save_timer.stop()
            self.save()
        self.state_changed.emit()

    def _queue_moved(self) -> None:
        self._top_up_own()
        self._prepare()
        self.queue_changed.emit()

    def refresh_radio(self) -> None:
        """Choose anew what follows the listener's own tracks."""
        if self.repeat == "off":
            self._radio.refresh(self.history, self.current.id if self.current else None)

    def _after_own_change(self) -> None:
        self._queue_moved()
        self.refresh_radio()

    @Slot(object)
    def _on_event(self, event: PlayerEvent) -> None:
        if isinstance(event, Started):
            self._on_started(event)
        elif isinstance(event, Ended):
            self._on_ended(event)
        elif isinstance(event, Failed):
            self._on_failed(event)
        elif isinstance(event, SinkLost):
            self._set_playing(False)
            self.failed.emit(event.reason)

    def _on_started(self, event: Started) -> None:
        self._began_at[event.key] = time.time()
        item = self._items.get(event.key)
        if item is None:
            return
        if event.key == self._key:  # begun by hand: the window already shows it
            self._past.clear()
            self.began.emit(item.track_id)
            return
        row = self._catalogue.track(item.track_id)
        if row is None:
            return
        self._queue.take(item.key)
        self._prepared = None
        self._set_current(row, item)
        self.began.emit(row.id)
        self._queue_moved()
        self.refresh_radio()

    def _on_ended(self, event: Ended) -> None:
        item = self._items.pop(event.key, None) or self._past.pop(event.key, None)
        began = int(self._began_at.pop(event.key, time.time() - event.seconds_played))
        if item is not None and event.seconds_played > 0:
            play = Play(item.track_id, began, event.seconds_played, event.outcome, item.origin)
            self._store.save_play(play)
            self.played.emit(item.track_id)
            self.saved.emit(play)
            if event.outcome == "skipped" and event.seconds_played < SKIPPED_EARLY_S:
                self._radio.skip([item.track_id])
        if event.key == self._key:
            self._heard = False
            if self._prepared is None:
                self._come_to_rest()

    def _on_failed(self, event: Failed) -> None:
        item = self._items.pop(event.key, None)
        self._began_at.pop(event.key, None)
        self.failed.emit(event.reason)
        if item is not None:
            self._queue.remove([item.key])
            self._radio.leave_out(item.track_id)
        if event.key == self._prepared:
            self._prepared = None
        elif event.key == self._key:
            self._heard = False
        if self._heard:
            self._queue_moved()  # something else is prepared while the current one plays
        elif self._prepared is None:
            following = self._following()
            if following is None:
                self._come_to_rest()
            else:
                self._begin(following)
        # else the player goes on with what is prepared, and says so.
        self.refresh_radio()

    def _come_to_rest(self) -> None:
        """The last track ended: stay at its beginning, silent."""
        self._key, self._prepared, self._heard = None, None, False
        self._resume_s = 0.0
        self._set_playing(False)
        self.seeked.emit(0.0)

    def _load_overview(self) -> None:
        self.overview = None
        self.overview_changed.emit()
        row = self.current
        if row is not None:
            self._jobs.start(
                "read",
                tasks.read_overview,
                row.id,
                row.path,
                key="overview",
                on_done=self._set_overview,
                on_failed=self._overview_failed,
            )

    def _set_overview(self, found: tuple[int, np.ndarray[Any, Any]]) -> None:
        track_id, peaks = found
        if self.current is not None and self.current.id == track_id:
            self.overview = peaks
            self.overview_changed.emit()

    def _overview_failed(self, sentence: str) -> None:
        log.debug("no overview: %s", sentence)

    # from one start to the next

    def save(self) -> None:
        """Remember what plays and what comes, so that the next start goes on from here."""
        state = {
            "track": self.current.id if self.current else None,
            "position_s": round(self.position_s(), 2),
            "queue": [[i.track_id, i.origin, i.parts] for i in self._queue.items],
            "coming": self._coming[:KEPT],
            "list": self._list[:KEPT],
            "anchors": self._radio.anchors,
            "history": self.history[-HISTORY:],
        }
        self._store.set_setting("state.playback", state)

    def restore(self, state: Any) -> None:
        """Come back as left, silent, at the second where it stopped."""
        if not isinstance(state, dict):
            return
        row = self._catalogue.track(state.get("track") or 0)
        known = self._catalogue.row_of
        self._list = [i for i in state.get("list", []) if i in known]
        self._coming = [i for i in state.get("coming", []) if i in known]
        self._radio.start_from(i for i in state.get("anchors", []) if i in known)
        self.history = [i for i in state.get("history", []) if i in known]
        self._queue.items = [
            self._queue.make(i, origin, tuple((text, kind) for text, kind in parts))
            for i, origin, parts in state.get("queue", [])
            if i in known
        ]
        if row is not None:
            self.current = row
            self._resume_s = min(float(state.get("position_s", 0.0)), row.duration_s)
            self._load_overview()
            self.current_changed.emit()
        self.queue_changed.emit()

    def close(self) -> None:
        """Save, and let the sound end."""
        self._save_timer.stop()
        self.save()
        self._player.close()
        # The last play is announced from the player's thread; hear of it before the store closes.
        QCoreApplication.sendPostedEvents(self)
