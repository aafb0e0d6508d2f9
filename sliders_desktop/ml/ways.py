"""The way from one track to another: a beam search along the great circle between them. Numpy.

Whatever lies on the way is judged by two products over the library, to its start and to its end:
the cosine to any place between them follows from these (spherical interpolation, Shoemake 1985).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.guards import Float, Line, Mask, Past, Pool, Rows, names
from sliders_desktop.ml.recommender import Lead
from sliders_desktop.ml.top import largest

BEAM, BRANCH = 12, 4  # walks that are kept, and ways each goes on
CLOSE = 0.5  # what nearness to the track before counts, beside nearness to the way
PLACES = 32  # along the way, at most, around which candidates are looked for
MOST = 3200  # candidates around a place, before guards give way
GAVE_WAY = 5.0  # standard deviations that a guard is worth, between walks that all get on
ARRIVED = 1e3  # what the track at the end is worth there: more than all else
LATE = 2.0  # standard deviations that a track's length too early or too late costs

Double = NDArray[np.float64]
Lean = Callable[[Double, Rows | slice], Float | np.float32]
_MASK = 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True, eq=False)
class Way:
    """From one anchor to another; their weights say how strongly each draws."""

    catalogue: Catalogue
    ends: Rows  # (2,) rows of the anchors
    weights: tuple[float, float] = (1.0, 1.0)
    against: Lead | None = None  # what is kept away from

    def shares(self, t: Double) -> Double:
        """Factors (2, …) of both ends in the place at ``t``, 0 the start .. 1 the end."""
        a, b = self.catalogue.unit(self.ends)
        angle = float(np.arccos(np.clip(a @ b, -1, 1)))
        if np.sin(angle) < 1e-3:  # the same place, or opposite ones with no way between them
            found = np.stack([1 - t, t])
        else:
            found = np.sin(np.stack([1 - t, t]) * angle) / np.sin(angle)
        return np.asarray(found * np.reshape(self.weights, (2,) + (1,) * np.ndim(t)), np.float64)

    def near(self, rows: Rows | slice) -> tuple[Float, Float, Float | np.float32]:
        """Cosines (k,) to both ends, and what being like the unwanted adds."""
        units = self.catalogue.unit(self.ends)
        a, b = (self.catalogue.asked(unit).cosines[rows] for unit in units)
        if self.against is None:
            return a, b, np.float32(0)
        length = np.float32(np.linalg.norm(self.against.parts.sum(0)))
        return a, b, length * self.catalogue.asked(self.against.q).cosines[rows]

    def scale(self) -> float:
        """A standard deviation of cosines, as the two ends see the library."""
        seen = [self.catalogue.asked(unit).spread for unit in self.catalogue.unit(self.ends)]
        return max(sum(seen) / 2, 1e-6)

    def lead(self, t: float, before: Float) -> Lead:
        """What the place at ``t`` asks for behind the track ``before`` (d,): not of length 1.

        Its parts are those of both ends, of the track before, then of the unwanted.
        """
        parts = self.shares(np.asarray(t))[:, None] * self.catalogue.unit(self.ends)
        rest = [] if self.against is None else [self.against.parts]
        whole = np.concatenate([parts, CLOSE * before[None], *rest]).astype(np.float32)
        return Lead(Lead.of(parts.astype(np.float32)).q, whole)


@dataclass(frozen=True)
class Clock:
    """How long the way is and how far one is, in seconds or in tracks.

    Time counts from the middle of the first track to the middle of the last.
    """

    span: float
    begun: float  # where the next track begins
    last_half: float  # half of the last track, which is none of the walk's
    typical: float  # length of a track


@dataclass(frozen=True)
class Stop:
    """A track on the way."""

    row: int
    t: float  # 0 the start .. 1 the end
    before: int  # row of the track before
    relaxed: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Walk:
    line: Line
    clock: float
    before: int
    value: float = 0.0  # sum of what its tracks scored
    stops: tuple[Stop, ...] = ()

    @property
    def mean(self) -> float:
        return self.value / max(len(self.stops), 1)


def along(
    way: Way,
    past: Past,
    clock: Clock,
    lengths: Double,
    lean: Lean,
    most: int,
    throw: Callable[[Rows], Double],
    star: int | None = None,
    last_artist: int = -1,
) -> list[Stop]:
    """The best walk along the way, of tracks as long as ``lengths`` (m,) say.

    Of the ``most`` tracks nearest to each place of it, so that none strays further; of more where
    a guard would have to give way. ``throw`` gives dice for rows, in standard deviations of how
    near they are. The row ``star`` comes at t = 1, or not at all where a guard forbids it; tracks
    of the ``last_artist`` keep the distance of one artist from the end.
    """
    while True:
        rows = _nearest(way, past, clock, lean, most)
        pool = Pool(past, rows)
        at = None if star is None else next(iter(np.flatnonzero(rows == star).tolist()), None)
        shut = pool.artist == last_artist if last_artist >= 0 else None
        stops = _over(way, past, pool, clock, lengths[rows], lean, throw(rows), at, shut)
        if most >= min(int(past.free.sum()), MOST) or not any(stop.relaxed for stop in stops):
            return stops
        most *= 4


def _nearest(way: Way, past: Past, clock: Clock, lean: Lean, most: int) -> Rows:
    """Rows that are among the best ``most`` somewhere along the rest of the way."""
    a, b, away = way.near(slice(None))
    steps = min(max(round((clock.span - clock.begun) / clock.typical) + 1, 2), PLACES)
    scale, found = np.float32(way.scale()), []
    for t in np.linspace(min(clock.begun / clock.span, 1.0), 1, steps):
        at = np.asarray(t)
        alpha, beta = way.shares(at).astype(np.float32)
        value = alpha * a + beta * b + away + scale * lean(at, slice(None))
        found.append(largest(value, most, past.free))
    return np.unique(np.concatenate(found))


def _over(
    way: Way,
    past: Past,
    pool: Pool,
    clock: Clock,
    lengths: Double,
    lean: Lean,
    noise: Double,
    only_at_end: int | None,
    shut: Mask | None,
) -> list[Stop]:
    a, b, away = way.near(pool.rows)
    scale = way.scale()
    near = np.maximum(a, b).astype(np.float64) / scale
    fixed = away / scale + noise * (near.std() if near.size else 0)
    if only_at_end is not None:
        fixed[only_at_end] += ARRIVED
    first = past.played[-1] if past.played else int(way.ends[0])
    walks = [_Walk(past.line(pool), clock.begun, first)]
    last: list[tuple[float, _Walk]] = []
    while walks:
        found: list[tuple[float, _Walk, int, Stop]] = []
        for walk in walks:
            left = clock.span - clock.last_half - walk.clock
            closed = walk.line.closed | (lengths > left + clock.typical / 2)
            t = np.minimum((walk.clock + lengths / 2) / clock.span, 1.0)
            if only_at_end is not None:
                closed[only_at_end] |= t[only_at_end] < 1 - 1e-6
            if shut is not None and left < (pool.gap + 1) * clock.typical:
                closed |= shut
            broken = walk.line.broken(pool)
            allowed, strict = walk.line.allowed(pool, broken, closed)
            if left < clock.typical / 2 or not allowed.any():
                last.append((walk.mean - LATE * abs(left) / clock.typical, walk))
                continue
            alpha, beta = way.shares(t)
            like = pool.unit @ way.catalogue.unit(np.array([walk.before]))[0]
            value = (alpha * a + beta * b + CLOSE * like) / scale + fixed + lean(t, pool.rows)
            value = np.where(allowed, value if strict else value - GAVE_WAY, -np.inf)
            for at in np.argsort(-value, kind="stable")[: min(BRANCH, int(allowed.sum()))].tolist():
                stop = Stop(int(pool.rows[at]), float(t[at]), walk.before, names(broken[:, at]))
                found.append((walk.value + float(value[at]), walk, at, stop))
        found.sort(key=lambda child: -child[0] / (len(child[1].stops) + 1))
        walks = [
            _Walk(
                walk.line.then(pool, at),
                walk.clock + float(lengths[at]),
                stop.row,
                value,
                (*walk.stops, stop),
            )
            for value, walk, at, stop in found[:BEAM]
        ]
    return list(max(last, key=lambda end: end[0])[1].stops)


def dice(ids: NDArray[np.int64], seed: int, warmth: float) -> Double:
    """Gumbel noise (k,) of each track under a seed: the same in whatever company it is thrown.

    The bits are those of splitmix64 (Steele, Lea & Flood 2014).
    """
    if not warmth:
        return np.zeros(len(ids))
    start = np.uint64((seed * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03) & _MASK)
    with np.errstate(over="ignore"):
        bits = (ids.astype(np.uint64) + start) * np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        bits ^= bits >> np.uint64(31)
    uniform = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) / 2**53
    return np.asarray(-warmth * np.log(-np.log(uniform)), np.float64)
