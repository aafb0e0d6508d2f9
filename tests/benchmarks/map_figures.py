"""What a map is judged by, against the vectors it is drawn of; the formulae are the papers'."""

from typing import Any

import numpy as np
from scipy.stats import spearmanr

from sliders_desktop.ml.neighbours import directions

Array = Any
SAMPLE = 2000  # points that are asked, of a large map
PAIRS = 200_000


def quality(x: Array, y: Array, k: int = 15) -> dict[str, float]:
    """Trustworthiness, neighbours kept and rank correlation of distances of places y (n, 2).

    Trustworthiness (Venna & Kaski 2001) is 1 where nobody is near on the map only.
    """
    z, n = directions(x), len(x)
    rng = np.random.default_rng(1)
    asked = np.sort(rng.choice(n, min(n, SAMPLE), replace=False))
    excess, kept = 0, 0
    for at in range(0, len(asked), 100):
        rows = asked[at : at + 100]
        own = np.arange(len(rows))
        cosine = z[rows] @ z.T
        cosine[own, rows] = np.inf
        rank = np.empty(cosine.shape, np.int64)
        np.put_along_axis(rank, np.argsort(-cosine, 1), np.arange(n)[None], 1)
        apart = ((y[rows, None] - y[None]) ** 2).sum(2)
        apart[own, rows] = np.inf
        near = np.take_along_axis(rank, np.argpartition(apart, k, 1)[:, :k], 1)
        excess += int(np.maximum(near - k, 0).sum())
        kept += int((near <= k).sum())
    one, other = rng.integers(0, n, (2, PAIRS))
    differ = one != other
    one, other = one[differ], other[differ]
    far = 1 - np.einsum("nd,nd->n", z[one], z[other])
    on_map = np.linalg.norm(y[one] - y[other], axis=1)
    return {
        "trustworthiness@15": 1 - 2 * excess / (len(asked) * k * (2 * n - 3 * k - 1)),
        "neighbours kept@15": kept / (len(asked) * k),
        "distances": float(spearmanr(far, on_map).statistic),
    }


def displacement(before: Array, after: Array) -> tuple[float, float]:
    """How far points moved, mean and 95th percentile, as a share of the map's diameter."""
    moved = np.linalg.norm(after - before, axis=1) / np.linalg.norm(np.ptp(before, axis=0))
    return float(moved.mean()), float(np.quantile(moved, 0.95))


def widest(x: Array) -> Array:
    """The plane of PCA (n, 2): what any map must be better than."""
    z = directions(x)
    return z @ np.linalg.eigh((z.T @ z).astype(float))[1][:, -2:]
