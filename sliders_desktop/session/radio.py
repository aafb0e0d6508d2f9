"""Endless music: what follows the listener's own tracks, chosen anew whenever something moves."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.queue import Queue
from sliders_desktop.session.serving import Serving

KEY = "radio"  # of the job that chooses
SEEDS_KEY = "seeds"
AHEAD = 20
SPARE = 4  # asked for beside `AHEAD`, because the track that plays may be among them
SEEDS = 32
AGAINST = -0.3  # weight of a track that was skipped at once
UNHEARD = "Sliders has not listened to these tracks yet: what fits them comes when it has."


@dataclass(frozen=True)
class Guide:
    """A constellation as the radio follows it."""

    number: int  # its id
    anchors: tasks.Anchors
    mode: tasks.Mode
    knobs: tasks.Knobs
    seed: int
    unwanted: frozenset[int]


class Radio(QObject):
    """Keeps recommended tracks behind the listener's own in a queue.

    It sets out from tracks, from the handles alone, or from a constellation (`guide`).

    Signals:
        chosen(): the recommended part of the queue is another; failed(str): one sentence.
    """

    chosen = Signal()
    failed = Signal(str)

    def __init__(
        self,
        jobs: Jobs,
        catalogue: Catalogue,
        serving: Serving,
        queue: Queue,
        steers: Callable[[], Sequence[tasks.Steer]],
        not_artists: Callable[[], frozenset[str]],
        parent: QObject | None = None,
    ) -> None:
        """``steers`` says what pulls now: the moved handles of lit sliders.

        ``not_artists`` says who shall not be heard, as `tasks.Wish` has it.
        """
        super().__init__(parent)
        self._jobs, self._catalogue, self._queue, self._steers = jobs, catalogue, queue, steers
        self._serving, self._not_artists = serving, not_artists
        self.on = True
        self.own_knobs = tasks.Knobs()
        self.guide: Guide | None = None
        self.by_handles = False
        self.anchors: dict[int, float] = {}  # what it was started from
        self.leanings: dict[int, float] = {}  # more or less like these, said meanwhile
        self.picks: list[tasks.Recommended] = []  # the newest, in order
        self._skipped: deque[int] = deque(maxlen=8)
        self._silent: set[int] = set()  # could not be played in this session
        self._ask: tuple[list[int], int | None] = ([], None)
        self._again = False  # something moved while an order was on its way
        serving.changed.connect(self._on_served)

    @property
    def knobs(self) -> tasks.Knobs:
        """Those in use: a constellation has its own."""
        return self.own_knobs if self.guide is None else self.guide.knobs

    def start_from(self, ids: Sequence[int], by_handles: bool = False) -> None:
        """Follow these tracks from now on; skips of before are forgotten.

        Of more than `SEEDS`, those that stand for all: they are found in a lane.
        """
        self._leave()
        self.by_handles = by_handles
        if len(ids) <= SEEDS:
            self.anchors = dict.fromkeys(ids, 1.0)
            known = any(self._catalogue.vector_row(i) is not None for i in ids)
            if ids and not known and self._serving.tracks is not None:
                self.failed.emit(UNHEARD)
        elif self._serving.tracks is not None:
            self._jobs.start(
                *("fit", tasks.seeds, self._serving.tracks, ids),
                key=SEEDS_KEY, on_done=self._on_seeds,
            )  # fmt: skip

    def lead_by(self, guide: Guide) -> None:
        """Follow a constellation from now on, or as it is now."""
        if self.guide is None or self.guide.number != guide.number:
            self._leave()
        self.guide = guide

    def _leave(self) -> None:
        """Whatever it followed."""
        if (job := self._jobs.job(SEEDS_KEY)) is not None:
            job.cancel()
        self.guide, self.by_handles, self.anchors = None, False, {}
        self.leanings.clear()
        self._skipped.clear()

    def _on_seeds(self, found: tasks.Anchors) -> None:
        self.anchors = dict(found)
        if not found:
            self.failed.emit(UNHEARD)
        self.refresh(*self._ask)

    def skip(self, ids: Iterable[int]) -> None:
        """Lead away from what was skipped at once or taken out."""
        self._skipped.extend(ids)

    def forget_skips(self) -> None:
        """As if nothing had been skipped."""
        self._skipped.clear()

    def leave_out(self, track_id: int) -> None:
        """Do not choose a track that can't be played."""
        self._silent.add(track_id)

    def follow(self, history: Sequence[int], current: int | None) -> None:
        """As `refresh`, but an order that is on its way may still arrive.

        So a handle that is dragged is followed all the way, not only where it comes to rest.
        """
        if self._jobs.job(KEY) is None:
            self.refresh(history, current)
        else:
            self._ask, self._again = (list(history), current), True

    def refresh(self, history: Sequence[int], current: int | None) -> None:
        """Choose anew after ``history`` (newest last) and the ``current`` track; newest wins."""
        self._ask, self._again = (list(history), current), False
        if not self.on or self._serving.tracks is None:
            return
        guide = self.guide
        anchors = self._weighted_anchors(history, current)
        if not anchors and not self.by_handles:
            return
        rows = self._catalogue.rows
        own = [item.track_id for item in self._queue.items[: self._queue.own_count]]
        wish = tasks.Wish(
            anchors=tuple(anchors),
            recent=(*history, *own),
            knobs=self.knobs,
            mode="together" if guide is None else guide.mode,
            steers=tuple(self._steers()),
            count=AHEAD + SPARE,
            unwanted=frozenset().union(
                self._skipped,
                self._silent,
                own,
                () if current is None else (current,),
                () if guide is None else guide.unwanted,
                (i for i, weight in self.leanings.items() if weight < 0),
            ),
            not_artists=self._not_artists(),
            seed=0 if guide is None else guide.seed,
            ordered=guide is None and not self.anchors and not self.by_handles,
        )
        self._jobs.start(
            "fit",
            tasks.next_tracks,
            self._serving.tracks,
            rows,
            wish,
            self._catalogue.away,
            self._serving.query,
            key=KEY,
            on_done=self._on_chosen,
            on_failed=self._on_failed,
        )

    def _weighted_anchors(
        self, history: Sequence[int], current: int | None
    ) -> list[tuple[int, float]]:
        """What it set out from, what was heard last, what was said, and against what was skipped.

        In the order in which it was heard, as far as it was. A constellation and the handles lead
        by themselves: they do not drift with what was heard.
        """
        if self.guide is not None:
            weights = dict(self.guide.anchors)
        else:
            weights = dict(self.anchors)
            if not self.by_handles:
                for track_id in history[-tasks.LED_BY :]:
                    if track_id not in self._skipped:
                        weights.setdefault(track_id, tasks.ALONG)
                if current is not None and not self.anchors:
                    weights.pop(current, None)
                    weights[current] = 1.0
        weights |= self.leanings
        known = {i: w for i, w in weights.items() if self._catalogue.vector_row(i) is not None}
        if known:
            for track_id in self._skipped:
                known.setdefault(track_id, AGAINST)
        return list(known.items())

    def _on_chosen(self, picks: "list[tasks.Recommended]") -> None:
        if not self.on:
            return
        self.picks = picks
        keys = {item.track_id: item.key for item in self._queue.recommended}
        items = []
        for pick in picks:
            item = self._queue.make(pick.track_id, "recommended", pick.parts, pick.shares)
            # A track that stays keeps its key, so that its row slides instead of flashing.
            key = keys.get(pick.track_id, item.key)
            items.append(replace(item, key=key))
        self._queue.set_recommended(items)
        self.chosen.emit()
        self._go_on()

    def _on_failed(self, sentence: str) -> None:
        self.failed.emit(sentence)
        self._go_on()

    def _go_on(self) -> None:
        if self._again:
            self.refresh(*self._ask)

    def _on_served(self) -> None:
        if len(self._queue.recommended) < AHEAD:
            self.refresh(*self._ask)
