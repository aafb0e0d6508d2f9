"""How well guesses order the ratings, and which two ratings disagree. Pure numpy; lane `fit`."""

import numpy as np
from numpy.typing import NDArray

Double = NDArray[np.float64]

APART = 0.25 - 1e-9  # a pair's order counts when two of the nine keys lie between


def right(guess: Double, r: Double, pairs: NDArray[np.bool_]) -> float | None:
    """Share of ``pairs`` (i below j) (n, n) that ``guess`` (n,) orders alike; ties count half.

    ``guess`` must be free of each fold's own mean: a leave-one-out prediction falls when the left
    out rating is high, so that raw ones rank worse than chance where nothing can be learned
    ("distributional bias", Austin, Pe'er & Korem 2025, arXiv 2406.01652).
    """
    i, j = np.nonzero(pairs)
    if not i.size:
        return None
    lead = guess[j] - guess[i]
    close = np.abs(lead) < 1e-12
    return float(((lead > 0) & ~close).mean() + close.mean() / 2)


def disagreement(x: Double, r: Double) -> tuple[tuple[int, int] | None, float]:
    """The pair of rows with the greatest |rᵢ − rⱼ|·cos(xᵢ, xⱼ) of centred vectors; its cosine."""
    if r.size < 2:
        return None, 0.0
    z = x - x.mean(0)
    norm = np.linalg.norm(z, axis=1)
    norm[norm <= 1e-9 * float(np.linalg.norm(x))] = np.inf
    z = z / norm[:, None]
    cosine = z @ z.T
    gap = np.abs(r[:, None] - r[None, :])
    score = np.where(gap >= APART, gap * np.maximum(cosine, 0), 0)
    i, j = divmod(int(np.argmax(score)), r.size)
    return ((i, j), float(cosine[i, j])) if score[i, j] > 0 else (None, 0.0)
