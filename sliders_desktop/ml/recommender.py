"""What plays next: one dot product, then guards, sliders and variety inside the walk.

Pure numpy; any thread. The query may come from `towers.QueryTower`; without one it is the centroid.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.walk import Walk

Float = NDArray[np.float32]
Rows = NDArray[np.intp]

KEPT = 3  # queries whose cosines are kept
POOL = 200  # candidates of a near radio; a far one takes five times as many
PULL = 6.0  # standard deviations of similarity that a slider's whole length is worth
WARMTH = 1.5  # of the far radio's dice, in standard deviations of the pool


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


@dataclass(frozen=True, eq=False)
class Steer:
    """One lit slider whose handle the listener moved."""

    name: str
    percentiles: Float  # (m,) 0..1, in the catalogue's order
    target: float  # 0..1
    weight: float = 1.0  # 0 no pull .. 1 strong
    tolerance: float = 0.0  # how far from the target is as good as there, 0..1
    certainty: Float | None = None  # (m,) 0..1, how much is known of each percentile

    def missed(self) -> Float:
        """By how much of the slider's length (m,) each track misses what the handle asks for."""
        away = np.abs(self.percentiles - np.float32(self.target)) - np.float32(self.tolerance)
        return np.asarray(np.maximum(away, 0), np.float32)


@dataclass(frozen=True)
class Anchor:
    """A track the radio starts from, newest last; ``weight`` < 0 steers away from it."""

    track_id: int
    weight: float = 1.0


@dataclass(frozen=True)
class Context:
    """Where the radio stands. Ids that are unknown or have no vector are passed over."""

    anchors: Sequence[Anchor] = ()
    recent: Sequence[int] = ()  # ids played lately, then those queued already: oldest first
    near_far: float = 0.25  # 0 near .. 1 far


@dataclass(frozen=True)
class Pick:
    """One track to play next, and what decided it."""

    track_id: int
    score: float  # cosine to the query, less what the sliders are missed by
    nearest_anchor: int | None  # id of the positive anchor it resembles most
    similarity: float  # cosine to that anchor
    steers: tuple[tuple[str, float], ...] = ()  # (slider, this track's percentile 0..1)
    relaxed: tuple[str, ...] = ()  # guards it breaks, because nothing else was left


def centroid(unit: Float, weights: Sequence[float]) -> Float:
    """Σ wᵢuᵢ/Σ|wᵢ| (d,) of unit vectors (a, d)."""
    w = np.asarray(weights, np.float32)
    middle: Float = (w @ unit) / np.maximum(np.abs(w).sum(), np.float32(1e-12))
    return middle


def normed(v: Float) -> Float:
    """``v`` at length one; zero stays zero, and what has that length stays to the bit."""
    length = np.linalg.norm(v)
    if abs(length - 1) < 1e-6:
        return v
    return v / length if length > 1e-12 else np.zeros_like(v)


def anchor_vectors(context: Context, catalogue: Catalogue) -> tuple[Rows, Float, list[float]]:
    """Rows (a,), unit vectors (a, d) and weights of the anchors that have a vector."""
    rows, weights = [], []
    for anchor in context.anchors:
        row = catalogue.rows_of([anchor.track_id])
        if row.size:
            rows.append(int(row[0]))
            weights.append(anchor.weight)
    at = np.array(rows, np.intp)
    return at, catalogue.unit(at), weights


def next_tracks(
    context: Context,
    catalogue: Catalogue,
    steers: Sequence[Steer],
    n: int,
    rng: np.random.Generator,
    query: Float | None = None,
    exclude: AbstractSet[int] = frozenset(),
) -> list[Pick]:
    """The next ``n`` tracks, in order; fewer only when the library has no more.

    The candidates nearest to the query (``query`` (d,) of length 1, or the centroid), pulled by
    the sliders, are walked by `walk.Walk`; ``exclude`` (what is queued already) is never picked.
    """
    at, unit, weights = anchor_vectors(context, catalogue)
    q = normed(centroid(unit, weights)) if query is None else query
    relevance = _relevance(catalogue, q, steers, rng)
    far = min(max(context.near_far, 0.0), 1.0)
    walk = Walk(
        catalogue,
        relevance,
        recent=catalogue.rows_of(context.recent),
        seeds=at,
        banned=catalogue.rows_of(exclude),
    )
    taken = walk.take(n, round(POOL * (1 + 4 * far)), WARMTH * far, rng)
    liked = [i for i, w in enumerate(weights) if w > 0]
    rows = np.array([row for row, _ in taken], np.intp)
    like = catalogue.unit(rows) @ unit[liked].T  # (n, a)
    anchors = catalogue.ids[at[liked]]
    return [
        _pick(catalogue, relevance, *step, anchors, near, steers)
        for step, near in zip(taken, like, strict=True)
    ]


def _relevance(
    catalogue: Catalogue, q: Float, steers: Sequence[Steer], rng: np.random.Generator
) -> Float:
    """Cosine (m,) to ``q``, less PULL standard deviations for each slider missed by its length."""
    active = [s for s in steers if s.weight > 0]
    if not q.any():  # nothing to follow: the sliders alone, or chance
        relevance, unit = np.zeros(len(catalogue.ids), np.float32), 0.1
        if not active:
            return rng.random(len(catalogue.ids), dtype=np.float32)
    else:
        known = catalogue.asked(q)
        relevance, unit = known.cosines, known.spread
    for s in active:
        relevance = relevance - np.float32(PULL * unit * s.weight) * s.missed()
    return relevance


def fit_to(steers: Sequence[Steer]) -> tuple[Float, Float] | None:
    """How well each track (m,) fits all handles together, and how sure that is, both 0..1.

    1 is within all tolerances, 0 as far from all targets as can be; stronger handles count more.
    None where nothing pulls.
    """
    active = [s for s in steers if s.weight > 0]
    if not active:
        return None
    missed, sure = np.zeros((2, len(active[0].percentiles)), np.float32)
    worst = 0.0
    for s in active:
        weight = np.float32(s.weight)
        missed += weight * s.missed()
        sure += weight if s.certainty is None else weight * s.certainty
        worst += s.weight * max(max(s.target, 1 - s.target) - s.tolerance, 0.0)
    fit: Float = np.clip(1 - missed / np.float32(max(worst, 1e-6)), 0, 1)
    sure /= np.float32(sum(s.weight for s in active))
    return fit, sure


def _pick(
    catalogue: Catalogue,
    relevance: Float,
    row: int,
    relaxed: tuple[str, ...],
    anchors: NDArray[np.int64],
    near: Float,
    steers: Sequence[Steer],
) -> Pick:
    """``near`` (a,) are the cosines to the positive ``anchors`` (a,)."""
    best = int(np.argmax(near)) if near.size else -1
    return Pick(
        track_id=int(catalogue.ids[row]),
        score=float(relevance[row]),
        nearest_anchor=int(anchors[best]) if best >= 0 else None,
        similarity=float(near[best]) if best >= 0 else 0.0,
        steers=tuple((s.name, float(s.percentiles[row])) for s in steers if s.weight > 0),
        relaxed=relaxed,
    )


def reason_parts(pick: Pick, title_of: Callable[[int], str]) -> tuple[tuple[str, str], ...]:
    """What decided it, each piece "plain" or "slider", in the order of the sentence."""
    parts: list[tuple[str, str]] = []
    if pick.nearest_anchor is not None:
        parts.append((f"follows {title_of(pick.nearest_anchor)}", "plain"))
    parts += [(f"{name} {ordinal(p)} percentile", "slider") for name, p in pick.steers]
    if "recent" in pick.relaxed:
        parts.append(("nothing else is left", "plain"))
    return tuple(parts) or (("from all your music", "plain"),)


def reason(pick: Pick, title_of: Callable[[int], str]) -> str:
    """One true line: "follows Low Tide · rainy night 91st percentile"."""
    return " · ".join(text for text, _ in reason_parts(pick, title_of))


def ordinal(percentile: float) -> str:
    """.914 → "91st", between 1st and 99th."""
    n = min(max(int(percentile * 100), 1), 99)
    ending = {1: "st", 2: "nd", 3: "rd"}
    return f"{n}{'th' if 10 < n % 100 < 14 else ending.get(n % 10, 'th')}"
