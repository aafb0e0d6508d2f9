"""Every track that can be played next, its vector, and how near all are to a query. Numpy."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.familiarity import Familiarity
from sliders_desktop.ml.guards import Float, Rows

KEPT = 4  # queries whose cosines are kept


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Every track that can be played next; built once per change of the library.

    ``artist`` and ``album`` are codes, −1 for unknown; ``duration_s`` 0 for unknown. Vectors that
    are not finite are never picked.
    """

    ids: NDArray[np.int64]  # (m,)
    x: Float  # (m, d), not copied
    artist: NDArray[np.int32]  # (m,)
    album: NDArray[np.int32]  # (m,)
    duration_s: Float  # (m,)
    artists: Mapping[str, int] = field(default_factory=dict)  # each casefolded name's code
    familiarity: Familiarity | None = None
    mean: Float = field(init=False)  # (d,)
    norms: Float = field(init=False)  # (m,) of x − mean; infinite where nothing is left
    usable: NDArray[np.bool_] = field(init=False)  # (m,)
    _order: Rows = field(init=False, repr=False)  # rows by ascending id
    _asked: "deque[Asked]" = field(init=False, repr=False)  # the newest queries

    def __post_init__(self) -> None:
        squares = np.einsum("ij,ij->i", self.x, self.x)  # (m,)
        usable = np.isfinite(squares)
        d = self.x.shape[1]
        if usable.all() and len(self.x):
            mean = self.x.mean(0, dtype=np.float64)
        else:
            mean = self.x[usable].mean(0, dtype=np.float64) if usable.any() else np.zeros(d)
        mean = mean.astype(np.float32)
        left = np.where(usable, squares, 0) - 2 * np.where(usable, self.x @ mean, 0) + mean @ mean
        alike = left <= 1e-6 * np.maximum(squares, 1e-30)
        norms = np.where(alike | ~usable, np.inf, np.sqrt(np.maximum(left, 0)))
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "norms", norms.astype(np.float32))
        object.__setattr__(self, "usable", usable)
        object.__setattr__(self, "_order", np.argsort(self.ids, kind="stable"))
        object.__setattr__(self, "_asked", deque(maxlen=KEPT))

    def rows_of(self, ids: Iterable[int]) -> Rows:
        """Rows of those ``ids`` that are here and have a vector, in the order given."""
        wanted = np.fromiter(ids, np.int64)
        if not len(self.ids) or not wanted.size:
            return np.empty(0, np.intp)
        at = np.searchsorted(self.ids, wanted, sorter=self._order)
        rows = self._order[np.minimum(at, len(self.ids) - 1)]
        here: Rows = rows[(self.ids[rows] == wanted) & self.usable[rows]]
        return here

    def unit(self, rows: Rows) -> Float:
        """Centred unit vectors (k, d)."""
        return np.asarray((self.x[rows] - self.mean) / self.norms[rows, None], np.float32)

    def cosines(self, q: Float) -> Float:
        """Cosine (m,) of each centred vector and the unit vector ``q`` (d,), in one product."""
        cosines = np.asarray((self.x @ q - self.mean @ q) / self.norms, np.float32)
        cosines[~self.usable] = 0
        return cosines

    def asked(self, q: Float) -> "Asked":
        """The cosines to ``q``; those of the newest queries are kept: not to be written to.

        While a handle is dragged the query stays, and the product over all vectors is most of
        the time that a new order takes.
        """
        for known in list(self._asked):
            if np.array_equal(known.q, q):
                return known
        cosines = self.cosines(q)
        new = Asked(q, cosines, float(cosines.std()) if cosines.size else 1.0)
        self._asked.append(new)
        return new


@dataclass(frozen=True, eq=False)
class Asked:
    """A query (d,), its cosines (m,), and their standard deviation."""

    q: Float
    cosines: Float
    spread: float
