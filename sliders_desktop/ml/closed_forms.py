"""What the query learns without gradient: closed forms, and how much of each comes in. Numpy.

Lane `teach`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml import judging
from sliders_desktop.ml.continuations import Continuation, TrackList, within
from sliders_desktop.ml.query import Query
from sliders_desktop.ml.standing import held_directions, standing
from sliders_desktop.progress import Job

Float = NDArray[np.float32]
Double = NDArray[np.float64]
Rows = NDArray[np.intp]

SHRINK = 10.0  # of what M is the inverse of, in units of its mean
RAMP = (0.0, 0.5, 1.0, 1.0, 1.0, 1.0)  # of the gains: one anchor says nothing of what differs
CHOOSERS = 150  # continuations of a fold that choose how much of each part comes in
STEEP = 1.01  # times the closed form's MRR: what gradient must gain


@dataclass(frozen=True, eq=False)
class Music:
    """The tracks that are learned from, and the lists they stand in."""

    unit: Float  # (m, d) centred, length one
    album: NDArray[np.int32]  # (m,), −1 for unknown
    artist: NDArray[np.int32]  # (m,)
    lists: Sequence[TrackList]
    ranks: Float | None = None  # (m, s) percentiles of lit sliders

    def at(self, unit: Float) -> "Music":
        """The same with the tracks at other places (m, d)."""
        return replace(self, unit=unit)

    def standing(self, query: Query) -> Float | None:
        """What ``query`` looks at besides directions."""
        if not query.stands:
            return None
        every = np.ones(len(self.unit), np.bool_)
        return standing(lambda rows: self.unit[rows], every, query.held)

    def ranks_of(self, query: Query, asked: Sequence[Continuation], pool: Rows) -> Double:
        """`judging.reciprocal_ranks` here."""
        return judging.reciprocal_ranks(query, self.unit, asked, pool, self.standing(query))


def normed_rows(x: Float) -> Float:
    """Rows at length one."""
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12), np.float32)


@dataclass(frozen=True)
class Choice:
    """How much of each part of a query comes in."""

    gain: float = 1.0
    fade: float = 3.0
    most: int = 3
    crowd: float = 0.6
    hold: float = 0.003

    def of(self, query: Query) -> Query:
        """``query`` with that much of each."""
        gains = self.gain * np.array(RAMP, np.float32)
        hold = self.hold if query.held is not None else 0.0
        return replace(
            query, gains=gains, fade=self.fade, most=self.most, crowd=self.crowd, hold=hold
        )


USUAL, NOTHING = Choice(), Choice(0.0, 0.0, 1, 0.0, 0.0)
OTHERS: tuple[dict[str, Any], ...] = (
    {"gain": 0.0}, {"fade": 0.7}, {"most": 1}, {"crowd": 0.3}, {"crowd": 0.0}, {"hold": 0.0},
)  # fmt: skip


def closed_form(scatter: Float) -> Float:
    """M (d, d), the inverse of a scatter within lists (d, d), shrunk, at the trace of the identity.

    What differs within lists says little.
    """
    d = len(scatter)
    mean = max(float(np.trace(scatter)) / d, 1e-12)
    inverse = np.linalg.inv(scatter.astype(np.float64) + SHRINK * mean * np.eye(d))
    return np.asarray(inverse * d / np.trace(inverse), np.float32)


def scatter(unit: Float, lists: Sequence[TrackList]) -> Float:
    """How the tracks of one list differ (d, d), long lists weighing by the root of their length."""
    apart, n = [np.zeros((1, unit.shape[1]), np.float32)], 0.0
    for tracks in lists:
        rows = unit[list(tracks.rows)]
        weight = len(rows) ** -0.5
        apart.append((rows - rows.mean(0)) * np.float32(weight**0.5))
        n += weight * (len(rows) - 1)
    all_ = np.concatenate(apart)
    return np.asarray(all_.T @ all_ / max(n, 1e-12), np.float32)


def choose(
    music: Music,
    side: NDArray[np.bool_],
    plain: Query,
    known: Sequence[tuple[NDArray[np.bool_], Sequence[Continuation]]],
    job: Job,
) -> Choice:
    """What does best on folds; what is usual stays unless another does clearly better.

    Whether it is better than the centroid is not asked here: that is for the rule of `state_of`.
    """
    queries = [fitted(music, side & ~fold, plain) for fold, _ in known]
    stands = [music.standing(USUAL.of(query)) for query in queries]
    groups: list[dict[int, list[Rows]]] = [{} for _ in known]

    def mrr(choice: Choice) -> float:
        total = 0.0
        for at, (fold, asked) in enumerate(known):
            job.check()
            query, pool = choice.of(queries[at]), np.flatnonzero(fold)
            seen = stands[at] if query.stands else None
            few = asked[:CHOOSERS]
            found = judging.reciprocal_ranks(query, music.unit, few, pool, seen, groups[at])
            total += float(found.mean())
        return total

    if not known:
        return NOTHING
    best, usual = USUAL, mrr(USUAL)
    for other in OTHERS:
        if mrr(replace(USUAL, **other)) >= STEEP * usual:
            best = replace(best, **other)
    return best


def people(lists: Sequence[TrackList]) -> list[TrackList]:
    """Those lists that people made."""
    return [tracks for tracks in lists if tracks.kind in ("album", "playlist", "session")]


def fitted(music: Music, side: NDArray[np.bool_], plain: Query) -> Query:
    """M, and the directions that lit sliders tell, of one ``side`` (m,)."""
    metric = closed_form(scatter(music.unit, people(within(music.lists, side))))
    if music.ranks is None:
        return replace(plain, metric=metric)
    held = held_directions(music.unit[side], music.ranks[side])
    return replace(plain, metric=metric, held=held)
