"""What can be recommended, and what leads among it: for the radio and for constellations.

Main thread; both are made in lanes.
"""

from typing import Any

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.config import Paths
from sliders_desktop.jobs import Jobs
from sliders_desktop.session.catalogue import Catalogue

ADAPT_AGAIN = 1.1  # times the tracks: a library that grew so much spreads otherwise


class Serving(QObject):
    """Signals:
    changed(): the tracks or what leads are others. learned_changed(): so is what is told of it.
    """

    changed = Signal()
    learned_changed = Signal()

    def __init__(
        self, jobs: Jobs, catalogue: Catalogue, paths: Paths, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._catalogue, self._paths = jobs, catalogue, paths
        self.tracks: Any = None  # the recommender's catalogue, once there are vectors
        self.query: Any = None  # what leads among them; None: the centroid
        self.learned: tasks.Learned | None = None  # None until it was read
        self._adapted: tuple[int, int] = (0, 0)  # encoder, number of tracks
        catalogue.vectors_changed.connect(self._on_vectors_changed)

    def read_again(self) -> None:
        """What was learned is another."""
        vectors = self._catalogue.vectors
        if vectors is not None and len(vectors.ids):
            self._adapted = vectors.encoder_id, len(vectors.ids)
            # Not in lane `fit`: adapting takes as long as a hundred new orders.
            self._jobs.start(
                *("doubt", tasks.read_learned, self._paths, vectors),
                key="learned-query", on_done=self.take,
            )  # fmt: skip

    def take(self, learned: "tasks.Learned") -> None:
        """This leads from now on."""
        before, self.learned = self.query, learned
        if _moves(before) or _moves(learned.query):
            self._build()  # the tracks are placed by it
        else:
            self.query = learned.query
            self.changed.emit()
        self.learned_changed.emit()

    def _on_vectors_changed(self) -> None:
        vectors = self._catalogue.vectors
        if vectors is None or not len(vectors.ids):
            return
        encoder_id, count = self._adapted
        if vectors.encoder_id != encoder_id:
            self.learned = self.query = None  # it knows other vectors
        self._build()
        if vectors.encoder_id != encoder_id or len(vectors.ids) > ADAPT_AGAIN * count:
            self.read_again()

    def _build(self) -> None:
        query = None if self.learned is None else self.learned.query
        self._jobs.start(
            *("fit", tasks.serve, self._catalogue.vectors, self._catalogue.rows, query),
            key="catalogue", on_done=self._on_built,
        )  # fmt: skip

    def _on_built(self, built: tuple[Any, Any]) -> None:
        self.tracks, placed_by = built
        newest = None if self.learned is None else self.learned.query
        stale = _moves(placed_by) or _moves(newest)  # then another catalogue is on its way
        self.query = placed_by if stale else newest
        self.changed.emit()


def _moves(query: Any) -> bool:
    return query is not None and query.u is not None
