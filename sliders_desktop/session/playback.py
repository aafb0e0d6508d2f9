"""What plays, and what the listener does with it: the player's policy, on the main thread."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from sliders_desktop import tasks
from sliders_desktop.audio.player import Ended, Player, PlayerEvent
from sliders_desktop.config import Settings
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.forgetting import PLAYBACK as KEPT_AS
from sliders_desktop.library.records import Origin, Play, TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.session import resuming
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.outputs import Outputs
from sliders_desktop.session.queue import Upcoming
from sliders_desktop.session.radio import SEEDS, Guide, Radio
from sliders_desktop.session.sequence import PlaySequence
from sliders_desktop.session.serving import Serving
from sliders_desktop.session.transport import Loaded

log = logging.getLogger(__name__)

SAVE_EVERY_MS = 5000
RESTART_AFTER_S = 3.0  # "previous" goes back to the beginning after this long
SKIPPED_EARLY_S = 30.0


class Playback(QObject):
    """Signals:
    current_changed(), state_changed(), queue_changed(), overview_changed(), seeked(float).
    began(int): this track is heard from now on.
    played(int): a play of this track was saved; saved(Play): the same, and what was saved.
    knobs_turned(object): the `tasks.Knobs` that the constellation which plays shall have.
    chosen(): the radio chose anew: `picks`.
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
    knobs_turned = Signal(object)
    chosen = Signal()
    failed = Signal(str)

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        catalogue: Catalogue,
        settings: Settings,
        make_player: Callable[[Callable[[PlayerEvent], None]], Player],
        serving: Serving,
        steers: Callable[[], Sequence[tasks.Steer]],
        not_artists: Callable[[], frozenset[str]],
        parent: QObject | None = None,
    ) -> None:
        """``make_player`` gets what it shall call, from its own thread, at each event.

        ``serving``, ``steers`` and ``not_artists`` are for the `Radio`.
        """
        super().__init__(parent)
        self._store, self._jobs, self._catalogue = store, jobs, catalogue
        self._sequence = sequence = PlaySequence(
            store, jobs, catalogue, settings, make_player, self
        )
        self._order, self._queue = sequence.order, sequence.order.queue
        self._transport, self._player = sequence.transport, sequence.transport.player
        self.volume = settings.volume
        self._player.set_volume(self.volume)
        self.outputs = Outputs(jobs, self._player, settings, self)
        self._transport.told.connect(self.outputs.on_event)
        self.overview: np.ndarray[Any, Any] | None = None
        self._steers = steers
        self._radio = Radio(jobs, catalogue, serving, self._queue, steers, not_artists, self)
        self._radio.on = settings.radio
        self._radio.own_knobs = tasks.Knobs(
            settings.near_far, settings.forgotten, settings.artist_gap
        )
        self._first_awaited = False  # what the radio chooses first shall begin
        self._radio.chosen.connect(self._on_chosen)
        self._radio.failed.connect(self.failed)
        sequence.current_changed.connect(self._on_current_changed)
        sequence.playing_changed.connect(self._on_playing_changed)
        sequence.queue_changed.connect(self.queue_changed)
        sequence.began.connect(self.began)
        sequence.ended.connect(self._on_ended)
        sequence.failed.connect(self._on_failed)
        sequence.rested.connect(self._on_rested)
        sequence.went_on.connect(self.refresh_radio)
        self._save_timer = QTimer(self)
        self._save_timer.setInterval(SAVE_EVERY_MS)
        self._save_timer.timeout.connect(self.save)

    # what the window asks

    @property
    def current(self) -> TrackRow | None:
        """What plays, or is shown while all is silent."""
        return self._sequence.current

    @property
    def player(self) -> Player:
        """What makes the sound, for who lets something be heard beside what plays."""
        return self._player

    @property
    def playing(self) -> bool:
        return self._sequence.playing

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
    def knobs(self) -> tasks.Knobs:
        """How the radio chooses; while it follows a constellation, that one's."""
        return self._radio.knobs

    @property
    def own_knobs(self) -> tasks.Knobs:
        """How it chooses while it follows none."""
        return self._radio.own_knobs

    @property
    def constellation(self) -> int | None:
        """The id of the one that the radio follows."""
        return None if self._radio.guide is None else self._radio.guide.number

    @property
    def picks(self) -> "list[tasks.Recommended]":
        """What the radio chose last, in order, with all that decided it."""
        return self._radio.picks

    @property
    def leanings(self) -> dict[int, float]:
        """Tracks with weights: what the listener said of the radio's picks; a copy."""
        return dict(self._radio.leanings)

    @property
    def up_next(self) -> list[Upcoming]:
        return list(self._queue.items)

    @property
    def duration_s(self) -> float:
        return self.current.duration_s if self.current else 0.0

    @property
    def level(self) -> tuple[float, bool] | None:
        """The factor on what plays, and whether its album made it; None if nothing is levelled."""
        return self._sequence.level

    def position_s(self) -> float:
        """Seconds into the current track that are heard now."""
        return self._sequence.position_s()

    # what the window does

    def play(self, ids: Sequence[int], start: int = 0, origin: Origin = "user") -> None:
        """Replace the queue by these tracks and play from ``ids[start]``."""
        self._sequence.troubles.failed.difference_update(ids[start : start + 1])  # it is pointed at
        at = self._order.first_of(ids, start)
        if at is None:
            self.failed.emit("These tracks can't be played now: their files are away.")
            return
        self._first_awaited = False
        self._order.start(ids, at, origin)
        before = [ids[at - 1]] if at and not self.shuffle else []
        self._sequence.begin(self._queue.make(ids[at], origin), beside=before)
        # A short list is what the radio shall follow; of a whole library what was heard last.
        self._radio.start_from(ids if len(ids) <= SEEDS else [])
        self.refresh_radio()

    def radio_from(self, ids: Iterable[int]) -> None:
        """Endless music that fits these tracks, any number; the first of them plays now."""
        ids = list(ids)
        first = next((i for i in ids if self._sequence.playable(i)), None)
        if first is None:
            self.failed.emit(
                "These tracks can't be played now: their files are away."
                if ids
                else "Choose a track first: the radio starts from it."
            )
            return
        self._radio.start_from(ids)
        self._begin_radio(first)

    def radio_from_handles(self) -> None:
        """Endless music as the sliders' handles stand now, whatever was heard."""
        if not any(steer.weight > 0 for steer in self._steers()):
            self.failed.emit("Move the handle of a lit slider first: the radio follows it.")
            return
        self._radio.start_from((), by_handles=True)
        self._begin_radio(None)

    def radio_from_constellation(self, guide: Guide) -> None:
        """Endless music from a constellation, which the radio follows from now on."""
        stars = (i for i, weight in guide.anchors if weight > 0)
        first = next((i for i in stars if self._sequence.playable(i)), None)
        self._radio.lead_by(guide)
        self._begin_radio(first)

    def lead_by(self, guide: Guide) -> None:
        """The constellation that the radio follows is another now."""
        if self.constellation == guide.number:
            turned = self._radio.knobs != guide.knobs
            self._radio.lead_by(guide)
            self.follow_handles()
            if turned:
                self.state_changed.emit()

    def leave_constellation(self) -> None:
        """The one that the radio follows is gone: its stars lead on."""
        guide = self._radio.guide
        if guide is not None:
            self._radio.start_from(())
            self._radio.anchors = dict(guide.anchors)
            self.state_changed.emit()
            self.refresh_radio()

    def _begin_radio(self, first: int | None) -> None:
        """Play ``first``, or what the radio chooses first, and then what it chooses."""
        self._first_awaited = first is None
        self._order.list = []
        self._order.set_own([], "user")
        if self.repeat != "off":
            self.set_repeat("off")
        if not self.radio:
            self.set_radio(True)
        if first is not None:
            self._sequence.begin(self._queue.make(first, "user"))
        self.state_changed.emit()
        self.refresh_radio()

    def _on_chosen(self) -> None:
        if self._first_awaited:
            self._first_awaited = False
            item = self._order.take()
            if item is None:
                self.failed.emit("Nothing in your library fits that now.")
            else:
                self._sequence.begin(item)
                self.refresh_radio()
        self._sequence.queue_moved()
        self.chosen.emit()

    def lean(self, leanings: dict[int, float]) -> None:
        """More or less of these tracks' kind, by weight, beside what the radio follows."""
        self._radio.leanings = dict(leanings)
        gone = {i for i, weight in leanings.items() if weight < 0}
        self._queue.remove(i.key for i in self._queue.recommended if i.track_id in gone)
        self._sequence.queue_moved()
        self.refresh_radio()

    def forget_listening(self) -> None:
        """What was heard and skipped until now teaches and shows nothing any more."""
        self._order.history = self._order.history[-1:] if self.current else []
        self._radio.forget_skips()
        self._queue.forget_reasons()
        self.save()
        self.queue_changed.emit()

    def play_next(self, ids: Iterable[int]) -> None:
        self._queue.put_first(ids)
        self._after_own_change()

    def enqueue(self, ids: Iterable[int]) -> None:
        self._queue.put_after_own(ids)
        self._after_own_change()

    def remove(self, keys: Iterable[int]) -> None:
        gone = self._queue.remove(keys)
        self._radio.skip(i.track_id for i in gone if i.origin == "recommended")
        self._sequence.queue_moved()
        self.refresh_radio()

    def move(self, key: int, to_index: int) -> None:
        self._queue.move(key, to_index)
        self._sequence.queue_moved()

    def clear(self) -> None:
        self._order.list = []
        self._order.set_own([], "user")
        self._sequence.queue_moved()
        self.refresh_radio()

    def jump(self, key: int) -> None:
        """Play that upcoming track now."""
        before = self._sequence.silence()
        item = self._queue.take(key)
        if item is not None:
            self._sequence.begin(item, before=before)
            self.refresh_radio()

    def toggle(self) -> None:
        """Play or pause."""
        if self._transport.now is None:
            if self.current is not None:
                item = self._queue.make(self.current.id, self._sequence.current_origin)
                self._sequence.begin(item, self._sequence.resume_s)
            elif (first := self._order.take()) is not None:
                self._sequence.begin(first)
            elif self._catalogue.selection:
                self.play(self._catalogue.selection)
            elif self._catalogue.rows:
                self.play([r.id for r in self._catalogue.rows])
            return
        if self.playing:
            self._player.pause()
        else:
            self._player.resume()
        self._sequence.set_playing(not self.playing)

    def next(self) -> None:
        self._sequence.next()

    def previous(self) -> None:
        """Back to the beginning, or to the track before when just begun."""
        silence = self._sequence.silence()
        before = self._order.step_back() if self.position_s() <= RESTART_AFTER_S else None
        if before is None:
            self.seek(0.0)
        else:
            self._sequence.begin(self._queue.make(before, "user"), before=silence)

    def seek(self, seconds: float) -> None:
        if self.current is None:
            return
        seconds = max(0.0, min(seconds, self.duration_s))
        if self._transport.now is None:
            self._sequence.resume_s = seconds
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
        self._sequence.queue_moved()

    def set_repeat(self, repeat: str) -> None:
        self._order.repeat = repeat
        self.state_changed.emit()
        self._sequence.queue_moved()
        self.refresh_radio()

    def set_radio(self, on: bool) -> None:
        self._radio.on = on
        self.state_changed.emit()
        if not on:
            self._first_awaited = False
            self._queue.set_recommended([])
            self._sequence.queue_moved()
        self.refresh_radio()

    def set_knobs(self, knobs: tasks.Knobs) -> None:
        """How the radio chooses; while it follows a constellation, that one is turned."""
        if knobs == self.knobs:
            return
        if self.constellation is not None:
            self.knobs_turned.emit(knobs)
        else:
            self.set_own_knobs(knobs)

    def set_own_knobs(self, knobs: tasks.Knobs) -> None:
        """How it chooses while it follows no constellation."""
        if knobs != self._radio.own_knobs:
            self._radio.own_knobs = knobs
            self.state_changed.emit()
            self.refresh_radio()

    def use(self, settings: Settings) -> None:
        """Other settings of the sound, heard at once."""
        if self._sequence.use(settings):
            self.state_changed.emit()

    def warm_up(self) -> None:
        """Let the player load what it needs, so that the first sound comes at once."""
        self._player.warm_up()

    def refresh_radio(self) -> None:
        """Choose anew what follows the listener's own tracks."""
        if self.repeat == "off":
            self._radio.refresh(self.history, self.current.id if self.current else None)

    def follow_handles(self) -> None:
        """The same for a moved handle, as fast as the newest order comes."""
        if self.repeat == "off":
            self._radio.follow(self.history, self.current.id if self.current else None)

    def _after_own_change(self) -> None:
        self._sequence.troubles.forgive()
        self._sequence.queue_moved()
        self.refresh_radio()

    # what the sequence says

    def _on_current_changed(self) -> None:
        self._load_overview()
        self.current_changed.emit()

    def _on_playing_changed(self) -> None:
        self.outputs.on_playing(self.playing)
        if self.playing:
            self._save_timer.start()
        else:
            self._save_timer.stop()
            self.save()
        self.state_changed.emit()

    def _on_rested(self) -> None:
        self.seeked.emit(0.0)

    def _on_ended(self, loaded: Loaded, began_at: int, event: Ended) -> None:
        track_id, seconds = loaded.row.id, event.seconds_played
        if seconds <= 0:
            return
        play = Play(track_id, began_at, seconds, event.outcome, loaded.item.origin)
        self._store.save_play(play)
        self.played.emit(track_id)
        self.saved.emit(play)
        if event.outcome == "skipped" and seconds < SKIPPED_EARLY_S:
            self._radio.skip([track_id])

    def _on_failed(self, track_id: int, sentence: str) -> None:
        self._radio.leave_out(track_id)
        self.failed.emit(sentence)

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
        self._store.set_setting(KEPT_AS, state)

    def restore(self, state: Any) -> None:
        """Come back as left, silent, at the second where it stopped."""
        if not isinstance(state, dict):
            return
        resuming.bring_back(state, self._order, self._radio, self._catalogue)
        row = self._catalogue.track(state.get("track") or 0)
        if row is not None:
            self._sequence.current = row
            self._sequence.resume_s = min(float(state.get("position_s", 0.0)), row.duration_s)
            self._load_overview()
            self.current_changed.emit()
        self.queue_changed.emit()

    def close(self) -> None:
        """Save, and let the sound end."""
        self._save_timer.stop()
        self.save()
        self._sequence.close()
