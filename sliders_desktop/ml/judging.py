"""How well queries find what goes on: ranks, intervals, neighbours kept. Numpy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.continuations import Continuation
from sliders_desktop.ml.interests import interests
from sliders_desktop.ml.query import Query

Float = NDArray[np.float32]
Double = NDArray[np.float64]
Rows = NDArray[np.intp]

NEIGHBOURS = 20
LOOKED_AT = 1000  # tracks whose neighbours are compared


def reciprocal_ranks(
    query: Query,
    unit: Float,
    asked: Sequence[Continuation],
    pool: Rows,
    standing: Float | None = None,
    groups: dict[int, list[Rows]] | None = None,
) -> Double:
    """1/rank (n,) of the first right track among the candidates ``pool`` that are not left out.

    ``standing`` (m, 1 + j) is that of ``unit`` (m, d), where the query looks at it. ``groups``
    remembers interests by the number of what is asked.
    """
    place = np.full(len(unit), -1)
    place[pool] = np.arange(len(pool))
    beside = None if standing is None else standing[pool]
    moved = unit[pool] @ query.metric.T if query.gains.any() else None
    questions = []
    for number, one in enumerate(asked):
        rows = list(one.anchors)
        known = None if groups is None else groups.get(number)
        if groups is not None and known is None and query.most > 1:
            liked = [row for row, w in zip(rows, one.weights, strict=True) if w > 0]
            known = groups[number] = interests(unit[liked], query.most)
        places = None if standing is None else standing[rows, 1:]
        far = None if moved is None or (place[rows] < 0).any() else moved[place[rows]]
        question = query.question(unit[rows], places, one.weights, one.ordered, known, moved=far)
        questions.append(question)
    like = unit[pool] @ np.concatenate([question.q for question in questions]).T
    out, at = np.zeros(len(asked)), 0
    for i, (one, question) in enumerate(zip(asked, questions, strict=True)):
        row = question.score(like[:, at : at + len(question.q)], beside).copy()
        at += len(question.q)
        away, right = (place[list(rows)] for rows in (one.left_out, one.targets))
        row[away[away >= 0]] = -np.inf
        right = right[right >= 0]
        if right.size:
            out[i] = 1 / (1 + (row > row[right].max()).sum())
    return out


def interval(
    gains: Double, groups: Rows, rng: np.random.Generator, draws: int = 1000
) -> tuple[float, float]:
    """Where 95 % of the means of ``gains`` (n,) lie when their ``groups`` (n,) are resampled."""
    _, code = np.unique(groups, return_inverse=True)
    total, count = np.bincount(code, gains), np.bincount(code)
    some = rng.integers(len(total), size=(draws, len(total)))
    low, high = np.percentile(total[some].sum(1) / count[some].sum(1), (2.5, 97.5))
    return float(low), float(high)


def overlap(before: Float, after: Float, seed: int = 0) -> float:
    """Share of each track's twenty nearest of unit vectors (m, d) that stay its nearest."""
    rng = np.random.default_rng(seed)
    some = rng.permutation(len(before))[:LOOKED_AT]
    k = min(NEIGHBOURS, len(before) - 1)
    kept = []
    for start in range(0, len(some), 250):
        near = [_nearest(x, some[start : start + 250], k) for x in (before, after)]
        kept += [len(np.intersect1d(a, b)) / k for a, b in zip(*near, strict=True)]
    return float(np.mean(kept))


def _nearest(x: Float, rows: Rows, k: int) -> Rows:
    found = x[rows] @ x.T
    found[np.arange(len(rows)), rows] = -np.inf
    return np.argpartition(-found, k - 1, axis=1)[:, :k]
