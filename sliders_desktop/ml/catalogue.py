"""Every track that can be played next, its vector, and how near all are to a query. Numpy."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.familiarity import Familiarity
from sliders_desktop.ml.guards import Float, Mask, Rows
from sliders_desktop.ml.interests import Question
from sliders_desktop.ml.places import Exact, Packed

KEPT = 4  # queries whose cosines are kept


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Every track that can be played next; built once per change of the library.

    ``artist`` and ``album`` are codes, −1 for unknown; ``duration_s`` 0 for unknown. Vectors that
    are not finite are never picked.
    """

    ids: NDArray[np.int64]  # (m,)
    x: Float | Packed  # (m, d), not copied
    artist: NDArray[np.int32]  # (m,)
    album: NDArray[np.int32]  # (m,)
    duration_s: Float  # (m,)
    artists: Mapping[str, int] = field(default_factory=dict)  # each casefolded name's code
    familiarity: Familiarity | None = None
    standing: Float | None = None  # (m, 1 + j) for the query that asks; see `query.Query.standing`
    _places: Exact | Packed = field(init=False, repr=False)
    _order: Rows | None = field(init=False, repr=False)  # rows by ascending id, if that differs
    _asked: "deque[Asked]" = field(init=False, repr=False)  # the newest queries

    def __post_init__(self) -> None:
        ascending = bool((np.diff(self.ids) > 0).all())
        order = None if ascending else np.argsort(self.ids, kind="stable")
        places = self.x if isinstance(self.x, Packed) else Exact(self.x)
        object.__setattr__(self, "_places", places)
        object.__setattr__(self, "_order", order)
        object.__setattr__(self, "_asked", deque(maxlen=KEPT))

    @property
    def mean(self) -> Float:
        """Of all vectors (d,)."""
        return self._places.mean

    @property
    def usable(self) -> Mask:
        """Which tracks (m,) have a vector."""
        return self._places.usable

    def rows_of(self, ids: Iterable[int]) -> Rows:
        """Rows of those ``ids`` that are here and have a vector, in the order given."""
        wanted = np.fromiter(ids, np.int64)
        if not len(self.ids) or not wanted.size:
            return np.empty(0, np.intp)
        at = np.searchsorted(self.ids, wanted, sorter=self._order)
        at = np.minimum(at, len(self.ids) - 1)
        rows: Rows = at if self._order is None else self._order[at]
        here: Rows = rows[(self.ids[rows] == wanted) & self.usable[rows]]
        return here

    def unit(self, rows: Rows) -> Float:
        """Centred unit vectors (k, d)."""
        return self._places.unit(rows)

    def cosines(self, q: Float) -> Float:
        """Cosines (m,) or (m, k) of each centred vector and unit vectors (d,) or (d, k)."""
        return self._places.cosines(q)

    def asked(self, q: "Float | Question") -> "Asked":
        """The cosines to ``q``, or its scores; those of the newest are kept: not to be written to.

        While a handle is dragged the query stays, and the product over all vectors is most of
        the time that a new order takes.
        """
        key = q.key if isinstance(q, Question) else q
        for known in list(self._asked):
            if np.array_equal(known.q, key):
                return known
        cosines = (
            q.score(self.cosines(q.q.T), self.standing)
            if isinstance(q, Question)
            else (self.cosines(q))
        )
        new = Asked(key, cosines, float(cosines.std()) if cosines.size else 1.0)
        self._asked.append(new)
        return new


@dataclass(frozen=True, eq=False)
class Asked:
    """A query, its cosines or scores (m,), and their standard deviation."""

    q: Float  # what tells it from another one
    cosines: Float
    spread: float
