"""Endless music: what follows the listener's own tracks, chosen anew whenever something moves."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.queue import Queue, Upcoming

KEY = "radio"  # of the job that chooses
AHEAD = 20
SPARE = 4  # asked for beside `AHEAD`, because the track that plays may be among them
SEEDS = 32
LATELY = 50
AGAINST = -0.3  # weight of a track that was skipped at once
ALONG = 0.5  # weight of what was heard last, beside the seeds


class Radio(QObject):
    """Keeps recommended tracks behind the listener's own in a queue.

    Signals:
        chosen(): the recommended part of the queue is another; failed(str): one sentence.
    """

    chosen = Signal()
    failed = Signal(str)

    def __init__(
        self,
        jobs: Jobs,
        catalogue: Catalogue,
        queue: Queue,
        steers: Callable[[], Sequence[tasks.Steer]],
        parent: QObject | None = None,
    ) -> None:
        """``steers`` says what pulls now: the moved handles of lit sliders."""
        super().__init__(parent)
        self._jobs, self._catalogue, self._queue, self._steers = jobs, catalogue, queue, steers
        self.on = True
        self.knobs = tasks.Knobs()
        self.anchors: list[int] = []  # what it was started from
        self._skipped: deque[int] = deque(maxlen=8)
        self._silent: set[int] = set()  # could not be played in this session
        self._served: Any = None  # the recommender's catalogue, once there are vectors
        self._ask: tuple[list[int], int | None] = ([], None)
        self._again = False  # something moved while an order was on its way
        catalogue.vectors_changed.connect(self._on_vectors_changed)

    def start_from(self, ids: Iterable[int]) -> None:
        """Follow these tracks from now on; skips of before are forgotten."""
        self.anchors = list(ids)[:SEEDS]
        self._skipped.clear()

    def skip(self, ids: Iterable[int]) -> None:
        """Lead away from what was skipped at once or taken out."""
        self._skipped.extend(ids)

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
        if not self.on or self._served is None:
            return
        anchors = self._weighted_anchors(history, current)
        if not anchors:
            return
        rows = self._catalogue.rows
        own = [item.track_id for item in self._queue.items[: self._queue.own_count]]
        wish = tasks.Wish(
            anchors=tuple(anchors),
            recent=(*history[-LATELY:], *own),
            knobs=self.knobs,
            steers=tuple(self._steers()),
            count=AHEAD + SPARE,
            unwanted=frozenset().union(
                self._skipped, self._silent, own, () if current is None else (current,)
            ),
        )
        self._jobs.start(
            "fit",
            tasks.next_tracks,
            self._served,
            rows,
            wish,
            self._catalogue.away,
            key=KEY,
            on_done=self._on_chosen,
            on_failed=self._on_failed,
        )

    def _weighted_anchors(
        self, history: Sequence[int], current: int | None
    ) -> list[tuple[int, float]]:
        """The seeds, what was heard last, and against what was skipped."""
        weights = dict.fromkeys(self.anchors, 1.0)
        if current is not None and not weights:
            weights[current] = 1.0
        for track_id in history[-3:]:
            weights.setdefault(track_id, ALONG)
        known = {i: w for i, w in weights.items() if self._catalogue.vector_row(i) is not None}
        if known:
            for track_id in self._skipped:
                known.setdefault(track_id, AGAINST)
        return list(known.items())

    def _on_chosen(self, picks: "list[tasks.Recommended]") -> None:
        if not self.on:
            return
        keys = {item.track_id: item.key for item in self._queue.recommended}
        items = []
        for pick in picks:
            item = self._queue.make(pick.track_id, "recommended", pick.parts)
            # A track that stays keeps its key, so that its row slides instead of flashing.
            key = keys.get(pick.track_id, item.key)
            items.append(Upcoming(key, item.track_id, item.origin, item.reason, item.parts))
        self._queue.set_recommended(items)
        self.chosen.emit()
        self._go_on()

    def _on_failed(self, sentence: str) -> None:
        self.failed.emit(sentence)
        self._go_on()

    def _go_on(self) -> None:
        if self._again:
            self.refresh(*self._ask)

    def _on_vectors_changed(self) -> None:
        vectors = self._catalogue.vectors
        if vectors is not None and len(vectors.ids):
            self._jobs.start(
                "fit",
                tasks.build_catalogue,
                vectors,
                self._catalogue.rows,
                key="catalogue",
                on_done=self._on_served,
            )

    def _on_served(self, served: Any) -> None:
        self._served = served
        if len(self._queue.recommended) < AHEAD:
            self.refresh(*self._ask)
