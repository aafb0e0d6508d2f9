"""What plays, and what the listener does with it: the player's policy, on the main thread."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from sliders_desktop import tasks
from sliders_desktop.audio.player import Ended, Player, PlayerEvent
from sliders_desktop.config import Settings
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.records import Origin, Play, TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.session import resuming
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.levels import Levels, Mode
from sliders_desktop.session.order import Order, Snapshot
from sliders_desktop.session.queue import Upcoming
from sliders_desktop.session.radio import SEEDS, Radio
from sliders_desktop.session.transitions import overlap_s, same_album
from sliders_desktop.session.transport import Loaded, Transport
from sliders_desktop.session.troubles import Troubles

log = logging.getLogger(__name__)

SAVE_EVERY_MS = 5000
RESTART_AFTER_S = 3.0  # "previous" goes back to the beginning after this long
SKIPPED_EARLY_S = 30.0


@dataclass(frozen=True)
class _Before:
    """What was silent when another track was asked for: to come back to if that one fails."""

    current: TrackRow | None
    origin: Origin
    position_s: float
    order: Snapshot


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
        self._levels = Levels(store)
        self._loudness, self._crossfade_s = settings.loudness, float(settings.crossfade)
        self._troubles = Troubles(jobs, catalogue, self)
        self._transport = Transport(make_player, self._gain, self)
        self._transport.began.connect(self._on_began)
        self._transport.ended.connect(self._on_ended)
        self._transport.failed.connect(self._on_failed)
        self._transport.lost.connect(self._on_lost)
        self._player = self._transport.player
        self.volume, self.output = settings.volume, settings.output
        self._player.set_volume(self.volume)
        self.current: TrackRow | None = None
        self.current_origin: Origin = "user"
        self.playing = False
        self._outputs: list[str] = []
        self.overview: np.ndarray[Any, Any] | None = None
        self._order = Order(self._playable)
        self._order.shuffle, self._order.repeat = settings.shuffle, settings.repeat
        self._queue = self._order.queue
        self._radio = Radio(jobs, catalogue, self._queue, steers, self)
        self._radio.on, self._radio.near_far = settings.radio, settings.near_far
        self._radio.chosen.connect(self._queue_moved)
        self._radio.failed.connect(self.failed)
        self._before: _Before | None = None
        self._resume_s = 0.0
        self._save_timer = QTimer(self)
        self._save_timer.setInterval(SAVE_EVERY_MS)
        self._save_timer.timeout.connect(self.save)

    # what the window asks

    @property
    def shuffle(self) -> bool:
        return self._order.shuffle

    @property
    def repeat(self) -> str:
        return self._order.repeat

    @property
    def history(self) -> list[int]:
        """Ids of what was heard, the last is what plays."""
        return self._order.history

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

    @property
    def level(self) -> tuple[float, bool] | None:
        """The factor on what plays, and whether its album made it; None if nothing is levelled."""
        now = self._transport.now
        if now is None or self._loudness == "off":
            return None
        by_album = now.by_album if self._loudness == "auto" else self._loudness == "album"
        return self._transport.level_of(now), by_album

    def position_s(self) -> float:
        """Seconds into the current track that are heard now."""
        if self._transport.now is None:
            return self._resume_s
        return self._player.position_s()

    # what the window does

    def play(self, ids: Sequence[int], start: int = 0, origin: Origin = "user") -> None:
        """Replace the queue by these tracks and play from ``ids[start]``."""
        self._troubles.failed.difference_update(ids[start : start + 1])  # it is pointed at
        at = self._order.first_of(ids, start)
        if at is None:
            self.failed.emit("These tracks can't be played now: their files are away.")
            return
        self._order.start(ids, at, origin)
        before = [ids[at - 1]] if at and not self.shuffle else []
        self._begin(self._queue.make(ids[at], origin), beside=before)
        # A short list is what the radio shall follow; of a whole library what was heard last.
        self._radio.start_from(ids if len(ids) <= SEEDS else [])
        self.refresh_radio()

    def radio_from(self, ids: Iterable[int]) -> None:
        """Endless music that fits these tracks; the first of them plays now."""
        seeds = [i for i in ids if self._playable(i)]
        if not seeds:
            self.failed.emit("Choose a track first: the radio starts from it.")
            return
        self._order.start(seeds[:1], 0, "user")
        self._order.list = []
        self._begin(self._queue.make(seeds[0], "user"))
        self._radio.start_from(seeds)
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
        self._order.list = []
        self._order.set_own([], "user")
        self._queue_moved()
        self.refresh_radio()

    def jump(self, key: int) -> None:
        """Play that upcoming track now."""
        before = self._silence()
        item = self._queue.take(key)
        if item is not None:
            self._begin(item, before=before)
            self.refresh_radio()

    def toggle(self) -> None:
        """Play or pause."""
        if self._transport.now is None:
            if self.current is not None:
                item = self._queue.make(self.current.id, self.current_origin)
                self._begin(item, self._resume_s)
            elif (first := self._order.take()) is not None:
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
        self._troubles.forgive()
        # A skip takes effect in sound: while paused there is none, and the next one is begun.
        ready = self._transport.following is not None and self.playing
        if ready and self.repeat != "one":
            self._player.skip()
        elif (item := self._order.take()) is not None:
            self._begin(item)
        elif ready:
            self._player.skip()
        else:
            self._come_to_rest()

    def previous(self) -> None:
        """Back to the beginning, or to the track before when just begun."""
        silence = self._silence()
        before = self._order.step_back() if self.position_s() <= RESTART_AFTER_S else None
        if before is None:
            self.seek(0.0)
        else:
            self._begin(self._queue.make(before, "user"), before=silence)

    def seek(self, seconds: float) -> None:
        if self.current is None:
            return
        seconds = max(0.0, min(seconds, self.duration_s))
        if self._transport.now is None:
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
        self._order.set_shuffle(on, self.current.id if self.current else None)
        self.state_changed.emit()
        self._queue_moved()

    def set_repeat(self, repeat: str) -> None:
        self._order.repeat = repeat
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

    def use(self, settings: Settings) -> None:
        """Other settings of the sound, heard at once; a crossfade from the next join on."""
        if settings.loudness != self._loudness:
            self._loudness = settings.loudness
            self._transport.relevel()
            self.state_changed.emit()
        if settings.crossfade != self._crossfade_s:
            self._crossfade_s = float(settings.crossfade)
            self._prepare()

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

    # one track after the other

    def _playable(self, track_id: int) -> bool:
        row = self._catalogue.track(track_id)
        known = row is not None and not row.missing and bool(row.path)
        return known and track_id not in self._troubles.failed

    def _begin(
        self,
        item: Upcoming,
        start_s: float = 0.0,
        *,
        paused: bool = False,
        beside: Sequence[int] = (),
        before: _Before | None = None,
        by_itself: bool = False,
    ) -> None:
        """Play ``item`` now; ``beside`` are further neighbours in the order of play.

        ``before`` is what to go back to if it fails. What the listener asked for counts failures
        anew, what goes on ``by_itself`` does not.
        """
        row = self._catalogue.track(item.track_id)
        if row is None:
            return
        if not by_itself:
            self._troubles.forgive()
        self._before = before
        after = [i.track_id for i in self._order.ahead()[:1]]
        by_album = self._among_album(row, [*self.history[-1:], *beside, *after])
        self._transport.begin(Loaded(item, row, by_album), start_s, paused)
        # Heard as soon as the player has opened the file: the window follows.
        self._set_current(row, item)
        self._set_playing(not paused)
        self._queue_moved()

    def _silence(self) -> _Before | None:
        """What is there while nothing sounds, None while something does."""
        if self.playing:
            return None
        now = (self.current, self.current_origin, self.position_s())
        return _Before(*now, self._order.snapshot())

    def _prepare(self) -> None:
        """Tell the player what follows, so that it is decoded before the current ends."""
        now = self._transport.now
        # At rest, or before the one just begun is known to play, what is set could begin at once.
        if now is None or self._before is not None:
            return
        ahead = [] if self._troubles.enough else self._order.ahead()
        if self.repeat == "one":
            again = self._transport.following
            if again is None or again.item.track_id != now.row.id:
                item = self._queue.make(now.row.id, now.item.origin)
                again = Loaded(item, now.row, now.by_album)
            self._transport.follow_with(again)
            return
        row = self._catalogue.track(ahead[0].track_id) if ahead else None
        if row is None:
            self._transport.follow_with(None)
            return
        beside = [now.row.id, *(i.track_id for i in ahead[1:])]
        overlap = overlap_s(now.row, row, self._crossfade_s)
        self._transport.follow_with(Loaded(ahead[0], row, self._among_album(row, beside), overlap))

    def _among_album(self, row: TrackRow, beside: Sequence[int]) -> bool:
        neighbours = (self._catalogue.track(i) for i in beside if i != row.id)
        return any(other is not None and same_album(row, other) for other in neighbours)

    def _gain(self, row: TrackRow, by_album: bool) -> float:
        mode: Mode = self._loudness  # type: ignore[assignment]
        return 1.0 if mode == "off" else self._levels.gain(row, mode, by_album)

    def _set_current(self, row: TrackRow, item: Upcoming) -> None:
        self.current, self.current_origin = row, item.origin
        self._resume_s = 0.0
        self._order.heard(row.id)
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
        self._order.top_up()
        self._prepare()
        self.queue_changed.emit()

    def refresh_radio(self) -> None:
        """Choose anew what follows the listener's own tracks."""
        if self.repeat == "off":
            self._radio.refresh(self.history, self.current.id if self.current else None)

    def _after_own_change(self) -> None:
        self._troubles.forgive()
        self._queue_moved()
        self.refresh_radio()

    # what the player says

    def _on_began(self, loaded: Loaded, followed: bool) -> None:
        self._before = None
        self._troubles.on_began(loaded.row)
        if followed:
            self._queue.take(loaded.item.key)
            self._set_current(loaded.row, loaded.item)
        self.began.emit(loaded.row.id)
        self._queue_moved()
        if followed:
            self.refresh_radio()

    def _on_ended(self, loaded: Loaded, began_at: int, event: Ended) -> None:
        row, seconds = loaded.row, event.seconds_played
        if seconds > 0:
            play = Play(row.id, began_at, seconds, event.outcome, loaded.item.origin)
            self._store.save_play(play)
            self.played.emit(row.id)
            self.saved.emit(play)
            if event.outcome == "finished":
                self._troubles.on_finished(row)
            elif event.outcome == "skipped" and seconds < SKIPPED_EARLY_S:
                self._radio.skip([row.id])
        elif event.outcome == "finished":
            self._troubles.on_empty(row)
            self._say_failure(loaded)
        if loaded is self._transport.now and self._transport.following is None:
            self._come_to_rest()

    def _on_failed(self, loaded: Loaded, heard_s: float, reason: str) -> None:
        self._troubles.on_failed(loaded.row, heard_s, reason)
        self._say_failure(loaded)
        transport = self._transport
        if transport.now is None:
            return
        if not transport.over:
            self._queue_moved()  # something else is prepared while the current one plays
        elif self._before is not None:
            self._go_back_to(self._before)
        elif self._troubles.enough:
            self._come_to_rest()
        elif transport.following is None:
            self._go_on()
        # else the player goes on with what is prepared, and says so.
        self.refresh_radio()

    def _say_failure(self, loaded: Loaded) -> None:
        troubles = self._troubles
        self._queue.remove([loaded.item.key])
        self._radio.leave_out(loaded.row.id)
        self.failed.emit(troubles.sentence if troubles.enough else troubles.reason)

    def _go_on(self) -> None:
        """With the next one; what was silent stays silent."""
        item = self._order.take()
        if item is None:
            self._come_to_rest()
        else:
            self._begin(item, paused=not self.playing, by_itself=True)

    def _go_back_to(self, before: _Before) -> None:
        """Be silent where it was silent, as if the track that failed had not been asked for."""
        self._transport.rest()
        self._before = None
        self._order.go_back_to(before.order)
        self.current, self.current_origin = before.current, before.origin
        self._resume_s = before.position_s
        self._set_playing(False)
        self._load_overview()
        self.current_changed.emit()
        self.queue_changed.emit()

    def _on_lost(self, reason: str) -> None:
        self._set_playing(False)
        self.failed.emit(reason)

    def _come_to_rest(self) -> None:
        """The last track ended: stay at its beginning, silent."""
        self._transport.rest()
        self._before = None
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
        current = self.current.id if self.current else None
        state = resuming.to_keep(self._order, self._radio, current, self.position_s())
        self._store.set_setting("state.playback", state)

    def restore(self, state: Any) -> None:
        """Come back as left, silent, at the second where it stopped."""
        if not isinstance(state, dict):
            return
        resuming.bring_back(state, self._order, self._radio, self._catalogue)
        row = self._catalogue.track(state.get("track") or 0)
        if row is not None:
            self.current = row
            self._resume_s = min(float(state.get("position_s", 0.0)), row.duration_s)
            self._load_overview()
            self.current_changed.emit()
        self.queue_changed.emit()

    def close(self) -> None:
        """Save, and let the sound end."""
        self._save_timer.stop()
        self._troubles.close()
        self.save()
        self._transport.close()
