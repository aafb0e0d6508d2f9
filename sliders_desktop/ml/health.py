"""Is a space of vectors healthy: spread in many directions, none of them common to all?

Cheap enough to look at while training; any thread.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def dials(vectors: NDArray[Any], seed: int = 0) -> dict[str, float]:
    """Three dials of health of track vectors (n, d), read together.

    ``effective_rank``: exp of the entropy of the covariance's eigenvalues (Roy & Vetterli 2007);
    ``std``: root of the mean variance over dimensions; ``cosine``: mean cosine of 2,000 random
    pairs of different vectors, not centred, so that a common direction shows.
    """
    v = np.asarray(vectors, dtype=np.float64)
    p = np.linalg.svd(v - v.mean(0), compute_uv=False) ** 2
    p = p[p > 0] / max(p.sum(), 1e-300)
    rng = np.random.default_rng(seed)
    a = rng.integers(len(v), size=2000)
    b = (a + rng.integers(1, max(2, len(v)), size=2000)) % len(v)
    unit = v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-12)
    return {
        "effective rank": float(np.exp(-(p * np.log(p)).sum())),
        "std": float(np.sqrt(v.var(0).mean())),
        "mean cosine": float((unit[a] * unit[b]).sum(1).mean()),
    }


def iso_score(vectors: NDArray[Any]) -> float:
    """IsoScore (Rudman et al. 2022): 1 for equal variance in every direction, 0 for a line."""
    v = np.asarray(vectors, dtype=np.float64)
    d = v.shape[1]
    if d < 2:
        return 1.0
    spread = np.zeros(d)
    values = np.linalg.svd(v - v.mean(0), compute_uv=False) ** 2
    spread[: len(values)] = values[:d]
    spread *= np.sqrt(d) / max(float(np.linalg.norm(spread)), 1e-300)
    defect = np.linalg.norm(spread - 1) / np.sqrt(2 * (d - np.sqrt(d)))
    used = (d - defect**2 * (d - np.sqrt(d))) ** 2 / d**2
    return float((d * used - 1) / (d - 1))
