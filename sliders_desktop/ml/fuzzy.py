"""UMAP's fuzzy graph: how strongly neighbours belong together. Compiled; lane `map`.

McInnes et al. 2018, arXiv 1802.03426, algorithm 3 and section 3.1.
"""

import numba
import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Index = NDArray[np.int32]

HALVINGS = 48
CLOSE_ENOUGH = 1e-5


@numba.njit(nogil=True, cache=True)
def memberships(distance: Float) -> Float:
    """How strongly each neighbour belongs, (n, k) in 0..1, of ascending distances (n, k).

    exp(−max(0, d − ρ)/σ): ρ the nearest distance above zero, σ by bisection so that the sum over
    the neighbours is log₂(k + 1), the point itself counted among them.
    """
    n, k = distance.shape
    out = np.empty((n, k), np.float32)
    target = np.log2(k + 1.0)
    overall = distance.mean() if distance.size else 0.0
    for i in range(n):
        rho = 0.0
        for t in range(k - 1, -1, -1):
            if distance[i, t] > 0:
                rho = distance[i, t]
        low, high, sigma = 0.0, np.inf, 1.0
        for _ in range(HALVINGS):
            total = 0.0
            for t in range(k):
                total += np.exp(-max(distance[i, t] - rho, 0.0) / sigma)
            if abs(total - target) < CLOSE_ENOUGH:
                break
            if total > target:
                high = sigma
            else:
                low = sigma
            sigma = sigma * 2 if high == np.inf else (low + high) / 2
        floor = 1e-3 * (distance[i].mean() if rho > 0 else overall)
        sigma = max(sigma, floor, 1e-30)
        for t in range(k):
            out[i, t] = np.exp(-max(distance[i, t] - rho, 0.0) / sigma)
    return out


@numba.njit(nogil=True, cache=True)
def _both(rows: Index, weight: Float, i: int, t: int) -> tuple[np.float32, bool]:
    """How strongly ``i`` and its neighbour at ``t`` belong together; whether both say so."""
    j, p = rows[i, t], weight[i, t]
    for back in range(rows.shape[1]):
        if rows[j, back] == i:
            q = weight[j, back]
            return p + q - p * q, True
    return p, False


@numba.njit(nogil=True, cache=True)
def union(rows: Index, weight: Float, least: float) -> tuple[NDArray[np.int64], Index, Float]:
    """The fuzzy union p + pᵀ − p·pᵀ: where each point's edges begin (n + 1,), tails, weights (e,).

    ``rows`` and ``weight`` (n, k): each point's neighbours (−1: none) and how strongly they belong
    to it. Edges weaker than ``least`` are left out. Each edge is there in both directions.
    """
    n, k = rows.shape
    start, at = np.zeros(n + 1, np.int64), np.zeros(n, np.int64)
    tails, strength = np.empty(0, np.int32), np.empty(0, np.float32)
    for filling in range(2):  # first their number, then the edges
        for i in range(n):
            for t in range(k):
                j = rows[i, t]
                if j < 0:
                    continue
                both, mutual = _both(rows, weight, i, t)
                if both < least:
                    continue
                if filling:
                    tails[at[i]], strength[at[i]] = j, both
                at[i] += 1
                if not mutual:
                    if filling:
                        tails[at[j]], strength[at[j]] = i, both
                    at[j] += 1
        if not filling:
            for i in range(n):
                start[i + 1], at[i] = start[i] + at[i], start[i]
            tails, strength = np.empty(start[n], np.int32), np.empty(start[n], np.float32)
    return start, tails, strength
