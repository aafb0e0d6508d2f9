"""What can be recommended, and what leads among it: for the radio and for constellations.

Main thread; both are made in lanes.
"""

from typing import Any

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.config import Paths
from sliders_desktop.jobs import Jobs
from sliders_desktop.session.catalogue import Catalogue


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
        self._encoder = 0  # whose vectors it was read for
        catalogue.vectors_changed.connect(self._on_vectors_changed)

    def read_again(self) -> None:
        """What was learned is another."""
        vectors = self._catalogue.vectors
        if vectors is not None and len(vectors.ids):
            self._encoder = vectors.encoder_id
            self._jobs.start(
                "doubt", tasks.read_learned, self._paths, key="learned-query", on_done=self.take
            )

    def take(self, learned: "tasks.Learned") -> None:
        """This leads from now on."""
        before, self.learned = self.query, learned
        if _shapes(before) or _shapes(learned.query):
            self._build()  # the catalogue is made for it
        else:
            self.query = learned.query
            self.changed.emit()
        self.learned_changed.emit()

    def _on_vectors_changed(self) -> None:
        vectors = self._catalogue.vectors
        if vectors is None or not len(vectors.ids):
            return
        known = vectors.encoder_id == self._encoder
        if not known:
            self.learned = self.query = None  # it knows other vectors
        self._build()
        if not known:
            self.read_again()

    def _build(self) -> None:
        query = None if self.learned is None else self.learned.query
        # What it looks at of each track takes as long as a hundred new orders: not in lane `fit`.
        self._jobs.start(
            *("doubt" if _shapes(query) else "fit", tasks.serve),
            *(self._catalogue.vectors, self._catalogue.rows, query),
            key="catalogue", on_done=self._on_built,
        )  # fmt: skip

    def _on_built(self, built: tuple[Any, Any]) -> None:
        self.tracks, placed_by = built
        newest = None if self.learned is None else self.learned.query
        stale = _shapes(placed_by) or _shapes(newest)  # then another catalogue is on its way
        self.query = placed_by if stale else newest
        self.changed.emit()


def _shapes(query: Any) -> bool:
    return query is not None and query.shapes
