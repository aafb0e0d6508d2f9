"""The walk through what fits: relevance against variety, under guards. Numpy; any thread."""

import numpy as np

from sliders_desktop.ml.guards import RECENT, Float, Line, Past, Pool, names
from sliders_desktop.ml.top import largest

MMR = 0.7  # relevance against variety
MOST = 12_800  # candidates at most, before guards give way

Step = tuple[int, tuple[str, ...]]  # a row, and the guards that it breaks


def walk(
    past: Past, relevance: Float, n: int, pool: int, warmth: float, rng: np.random.Generator
) -> list[Step]:
    """Up to ``n`` rows in order; what was picked counts as played for the next.

    Greedy maximal marginal relevance (Carbonell & Goldstein 1998), .7 relevance (m,) − .3 likeness
    to what this walk picked, over the ``pool`` most relevant candidates; ``warmth`` shakes their
    relevance by Gumbel noise of so many standard deviations. If no candidate passes the guards
    the pool grows; if it holds all there is, the guards give way one by one.
    """
    picked: list[int] = []
    steps: list[Step] = []
    laid = _Laid(past, relevance, pool, warmth, rng, picked)
    while len(steps) < n:
        broken = laid.line.broken(laid.pool)
        allowed, strict = laid.line.allowed(laid.pool, broken)
        if not (strict and allowed.any()) and pool < min(int(past.free.sum()), MOST):
            pool *= 4
            laid = _Laid(past, relevance, pool, warmth, rng, picked)
            continue
        if not allowed.any():
            break
        at = laid.best(allowed)
        steps.append((int(laid.pool.rows[at]), names(broken[:, at])))
        picked.append(int(laid.pool.rows[at]))
        laid.take(at)
    return steps


class _Laid:
    """The most relevant candidates, their worth (k,), and the walk over them so far."""

    def __init__(
        self,
        past: Past,
        relevance: Float,
        pool: int,
        warmth: float,
        rng: np.random.Generator,
        picked: list[int],
    ) -> None:
        fresh = past.free & (past.age > RECENT)
        rows = largest(relevance, pool, fresh)
        if rows.size < pool:
            rows = largest(relevance, pool, past.free)
        rows = rows[np.argsort(-relevance[rows], kind="stable")]
        self.pool = Pool(past, rows)
        worth = relevance[rows].astype(np.float64)
        if warmth and worth.size:
            worth = worth + warmth * worth.std() * rng.gumbel(size=worth.size)
        self.worth = MMR * worth
        tracks, done = past.tracks, np.array(picked, np.intp)
        begun = past.line(self.pool)
        self.like = (self.pool.unit @ tracks.unit(done).T).max(1, initial=0)
        self.line = Line(
            begun.artists + tracks.artist[done].tolist(),
            begun.albums + tracks.album[done].tolist(),
            np.maximum(begun.nearest, self.like) if picked else begun.nearest,
            begun.closed | np.isin(rows, done),
        )

    def best(self, allowed: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
        return int(np.argmax(np.where(allowed, self.worth - (1 - MMR) * self.like, -np.inf)))

    def take(self, at: int) -> None:
        self.like = np.maximum(self.like, self.pool.unit @ self.pool.unit[at])
        self.line = self.line.then(self.pool, at)
