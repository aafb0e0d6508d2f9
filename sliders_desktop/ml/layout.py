"""The map's inner loop, compiled, free of the interpreter's lock. Lane `map`; imports numba.

Never ``parallel=True``: two threads inside numba's worker pool abort the process.
"""

import numba
import numpy as np
from numpy.typing import NDArray

# 1/(1 + a·d^2b) nearest to UMAP's target curve for min_dist .15, spread 1 (umap find_ab_params).
A, B = 1.4139999225741604, 0.9488152489751854
NEGATIVES = 5  # points pushed away for each one pulled near
STEP = np.uint64(6364136223846793005)  # Knuth's MMIX generator
PLUS = np.uint64(1442695040888963407)
SHIFT = np.uint64(33)


@numba.njit(nogil=True, cache=True, fastmath=True)
def clip(g: np.float32) -> np.float32:
    """A gradient within ±4."""
    if g > np.float32(4):
        return np.float32(4)
    return g if g > np.float32(-4) else np.float32(-4)


@numba.njit(nogil=True, cache=True, fastmath=True)
def run(
    y: NDArray[np.float32],  # (n, 2), moved in place
    heads: NDArray[np.int32],  # (e,)
    tails: NDArray[np.int32],  # (e,)
    every: NDArray[np.float32],  # (e,) epochs between two pulls along an edge
    due: NDArray[np.float32],  # (e,) epoch of the next one
    first: int,
    last: int,
    total: int,
    rate: float,
    random: NDArray[np.uint64],  # (1,) state of the generator
) -> None:
    """Epochs ``first`` to ``last`` of ``total``: stochastic descent of UMAP's cross entropy.

    As umap-learn's ``optimize_layout_euclidean`` in one thread, with exactly NEGATIVES pushes a
    pull instead of nearly.
    """
    n = np.uint64(y.shape[0])
    state = random[0]
    for epoch in range(first, last):
        alpha = np.float32(rate * (1.0 - epoch / total))
        for e in range(heads.size):
            if due[e] > epoch:
                continue
            due[e] += every[e]
            i, j = heads[e], tails[e]
            dx, dy = y[i, 0] - y[j, 0], y[i, 1] - y[j, 1]
            square = dx * dx + dy * dy
            if square > 0:
                power = square ** np.float32(B)
                pull = np.float32(-2 * A * B) * power / (square * (np.float32(A) * power + 1))
                gx, gy = alpha * clip(pull * dx), alpha * clip(pull * dy)
                y[i, 0] += gx
                y[i, 1] += gy
                y[j, 0] -= gx
                y[j, 1] -= gy
            for _ in range(NEGATIVES):
                state = state * STEP + PLUS
                k = np.intp((state >> SHIFT) % n)
                if k == i:
                    continue
                dx, dy = y[i, 0] - y[k, 0], y[i, 1] - y[k, 1]
                square = dx * dx + dy * dy
                if square > 0:
                    power = square ** np.float32(B)
                    push = np.float32(2 * B) / (
                        (np.float32(0.001) + square) * (np.float32(A) * power + 1)
                    )
                    y[i, 0] += alpha * clip(push * dx)
                    y[i, 1] += alpha * clip(push * dy)
    random[0] = state
