"""One track after the other: begins, prepares what follows, goes on after an end or a failure.

On the main thread. Which track is `Order`'s to say, how it sounds the player's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from sliders_desktop.audio.player import Ended, Failed, Player, PlayerEvent
from sliders_desktop.config import Settings
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.records import Origin, TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.levels import Levels, Mode
from sliders_desktop.session.order import Order, Snapshot
from sliders_desktop.session.queue import Upcoming
from sliders_desktop.session.transitions import overlap_s, same_album
from sliders_desktop.session.transport import Loaded, Transport
from sliders_desktop.session.troubles import Troubles


@dataclass(frozen=True)
class Silence:
    """What was silent when another track was asked for: to come back to if that one fails."""

    current: TrackRow | None
    origin: Origin
    position_s: float
    order: Snapshot


class PlaySequence(QObject):
    """Holds what plays; `order` what follows, `transport` the player.

    Signals:
        current_changed(): another track plays, or is shown at rest.
        playing_changed(): sound or silence.
        queue_changed(): what follows is another, or may be.
        began(int): this track is heard from now on.
        ended(object, int, object): a `Loaded`, when it began (UTC seconds), the player's `Ended`.
        failed(int, str): a track could not be played, and one sentence.
        rested(): the last track ended; stays at its beginning, silent.
        went_on(): what follows is to be thought over.
    """

    current_changed = Signal()
    playing_changed = Signal()
    queue_changed = Signal()
    began = Signal(int)
    ended = Signal(object, int, object)
    failed = Signal(int, str)
    rested = Signal()
    went_on = Signal()

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        catalogue: Catalogue,
        settings: Settings,
        make_player: Callable[[Callable[[PlayerEvent], None]], Player],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._levels = Levels(store)
        self._loudness, self._crossfade_s = settings.loudness, float(settings.crossfade)
        self.troubles = Troubles(jobs, catalogue, self)
        self.transport = Transport(make_player, self._gain, self)
        self.transport.began.connect(self._on_began)
        self.transport.ended.connect(self._on_ended)
        self.transport.failed.connect(self._on_failed)
        self.transport.lost.connect(self._on_lost)
        self.order = Order(self.playable)
        self.order.shuffle, self.order.repeat = settings.shuffle, settings.repeat
        self.current: TrackRow | None = None
        self.current_origin: Origin = "user"
        self.playing = False
        self.resume_s = 0.0  # where what is shown at rest goes on
        self._before: Silence | None = None

    @property
    def level(self) -> tuple[float, bool] | None:
        """The factor on what plays, and whether its album made it; None if nothing is levelled."""
        now = self.transport.now
        if now is None or self._loudness == "off":
            return None
        by_album = now.by_album if self._loudness == "auto" else self._loudness == "album"
        return now.gain, by_album

    def position_s(self) -> float:
        """Seconds into the current track that are heard now."""
        if self.transport.now is None:
            return self.resume_s
        return self.transport.player.position_s()

    def use(self, settings: Settings) -> bool:
        """Other levels are heard at once, another crossfade from the next join on.

        Returns whether the levels are other ones.
        """
        if settings.crossfade != self._crossfade_s:
            self._crossfade_s = float(settings.crossfade)
            self._prepare()
        if settings.loudness == self._loudness:
            return False
        self._loudness = settings.loudness
        self.transport.relevel()
        return True

    def playable(self, track_id: int) -> bool:
        """Whether it can be tried: its file is not known to be away, nor to have failed."""
        row = self._catalogue.track(track_id)
        known = row is not None and not row.missing and bool(row.path)
        return known and track_id not in self.troubles.failed

    def begin(
        self,
        item: Upcoming,
        start_s: float = 0.0,
        *,
        paused: bool = False,
        beside: Sequence[int] = (),
        before: Silence | None = None,
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
            self.troubles.forgive()
        self.troubles.on_begin()
        self._before = before
        after = [i.track_id for i in self.order.ahead()[:1]]
        by_album = self._among_album(row, [*self.order.history[-1:], *beside, *after])
        self.transport.begin(Loaded(item, row, by_album), start_s, paused)
        # Heard as soon as the player has opened the file: the window follows.
        self._set_current(row, item)
        self.set_playing(not paused)
        self.queue_moved()

    def next(self) -> None:
        """On to what follows, at once if it is ready."""
        self.troubles.forgive()
        # A skip takes effect in sound: while paused there is none, and the next one is begun.
        ready = self.transport.following is not None and self.playing
        if ready and self.order.repeat != "one":
            self.transport.player.skip()
        elif (item := self.order.take()) is not None:
            self.begin(item)
        elif ready:
            self.transport.player.skip()
        else:
            self._come_to_rest()

    def set_playing(self, playing: bool) -> None:
        """Note what the player was told."""
        self.playing = playing
        self.playing_changed.emit()

    def queue_moved(self) -> None:
        """What follows is another: let the player know, and everybody."""
        self.order.top_up()
        self._prepare()
        self.queue_changed.emit()

    def close(self) -> None:
        """Let the sound end."""
        self.troubles.close()
        self.transport.close()

    def _set_current(self, row: TrackRow, item: Upcoming) -> None:
        self.current, self.current_origin = row, item.origin
        self.resume_s = 0.0
        self.order.heard(row.id)
        self.current_changed.emit()

    def silence(self) -> Silence | None:
        """What is there while nothing sounds, None while something does."""
        if self.playing:
            return None
        now = (self.current, self.current_origin, self.position_s())
        return Silence(*now, self.order.snapshot())

    def _prepare(self) -> None:
        """Tell the player what follows, so that it is decoded before the current ends."""
        now = self.transport.now
        # At rest, or before the one just begun is known to play, what is set could begin at once.
        if now is None or self._before is not None:
            return
        ahead = [] if self.troubles.enough else self.order.ahead()
        if self.order.repeat == "one":
            again = self.transport.following
            if again is None or again.item.track_id != now.row.id:
                item = self.order.queue.make(now.row.id, now.item.origin)
                again = Loaded(item, now.row, now.by_album)
            self.transport.follow_with(again)
            return
        row = self._catalogue.track(ahead[0].track_id) if ahead else None
        if row is None:
            self.transport.follow_with(None)
            return
        beside = [now.row.id, *(i.track_id for i in ahead[1:])]
        overlap = overlap_s(now.row, row, self._crossfade_s)
        self.transport.follow_with(Loaded(ahead[0], row, self._among_album(row, beside), overlap))

    def _among_album(self, row: TrackRow, beside: Sequence[int]) -> bool:
        neighbours = (self._catalogue.track(i) for i in beside if i != row.id)
        return any(other is not None and same_album(row, other) for other in neighbours)

    def _gain(self, row: TrackRow, by_album: bool) -> float:
        mode: Mode = self._loudness  # type: ignore[assignment]
        return 1.0 if mode == "off" else self._levels.gain(row, mode, by_album)

    # what the player says

    def _on_began(self, loaded: Loaded, followed: bool) -> None:
        self._before = None
        self.troubles.on_began(followed)
        if followed:
            self.order.queue.take(loaded.item.key)
            self._set_current(loaded.row, loaded.item)
        self.began.emit(loaded.row.id)
        self.queue_moved()
        if followed:
            self.went_on.emit()

    def _on_ended(self, loaded: Loaded, began_at: int, event: Ended) -> None:
        self.ended.emit(loaded, began_at, event)
        if event.outcome == "finished" and event.seconds_played > 0:
            self.troubles.on_finished(loaded.row)
        elif event.outcome == "finished":
            self.troubles.on_empty(loaded.row)
            self._say_failure(loaded)
        if loaded is not self.transport.now:
            return
        if self.transport.following is None or self.troubles.enough:
            self._come_to_rest()

    def _on_failed(self, loaded: Loaded, began_at: int, event: Failed) -> None:
        heard_s = event.seconds_played
        if heard_s > 0:  # it was a play all the same
            self.ended.emit(loaded, began_at, Ended(event.key, heard_s, "stopped"))
        self.troubles.on_failed(loaded.row, heard_s, event.reason)
        transport = self.transport
        if transport.now is None and self.troubles.enough:
            return  # the player had tried one more; enough was said
        self._say_failure(loaded)
        if transport.now is None:
            return
        if not transport.over:
            self.queue_moved()  # something else is prepared while the current one plays
        elif self._before is not None:
            self._go_back_to(self._before)
        elif self.troubles.enough:
            self._come_to_rest()
        elif transport.following is None:
            self._go_on()
        # else the player goes on with what is prepared, and says so.
        self.went_on.emit()

    def _say_failure(self, loaded: Loaded) -> None:
        troubles = self.troubles
        self.order.queue.remove([loaded.item.key])
        self.failed.emit(loaded.row.id, troubles.sentence if troubles.enough else troubles.reason)

    def _go_on(self) -> None:
        """With the next one; what was silent stays silent."""
        item = self.order.take()
        if item is None:
            self._come_to_rest()
        else:
            self.begin(item, paused=not self.playing, by_itself=True)

    def _go_back_to(self, before: Silence) -> None:
        """Be silent where it was silent, as if the track that failed had not been asked for."""
        self.transport.rest()
        self._before = None
        self.order.go_back_to(before.order)
        self.current, self.current_origin = before.current, before.origin
        self.resume_s = before.position_s
        self.set_playing(False)
        self.current_changed.emit()
        self.queue_changed.emit()

    def _on_lost(self) -> None:
        self.set_playing(False)

    def _come_to_rest(self) -> None:
        """The last track ended: stay at its beginning, silent."""
        self.transport.rest()
        self._before = None
        self.resume_s = 0.0
        self.set_playing(False)
        self.rested.emit()
