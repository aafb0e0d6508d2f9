"""The map's inner loop, compiled, free of the interpreter's lock. Lane `map`; imports numba.

Within an epoch every point moves by what it sees of the others as the epoch began. So the map is
the same however many threads share the work, and those that are pinned are simply left out.
"""

import numba
import numpy as np
from numpy.typing import NDArray

# 1/(1 + a·d²) nearest to UMAP's target curve for min_dist .15, spread 1. Its d^2b with b = .95
# instead of d² costs a power for every pair and is not seen in any figure.
A = np.float32(1.401)
PUSHES = 8  # points pushed away for each one pulled near: one vector of the processor
# How much they count together against the pull. umap-learn's five pushes on two pulled ends are
# 2.5; more keeps neighbours better (Böhm et al. 2022, arXiv 2007.08902), up to about this.
PUSH = 20.0
CROWD = 4096  # points that all are pushed from in an epoch, drawn anew for each
NEARLY = np.float32(0.001)
STEP = np.uint64(6364136223846793005)  # Knuth's MMIX generator
PLUS = np.uint64(1442695040888963407)
SHIFT = np.uint64(33)


@numba.njit(nogil=True, cache=True)
def mixed(code: np.uint64) -> np.uint64:
    """Any number from any other: the last steps of SplitMix64 (Steele et al. 2014)."""
    code = (code ^ (code >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    code = (code ^ (code >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return code ^ (code >> np.uint64(31))


@numba.njit(nogil=True, cache=True)
def gather(y: NDArray[np.float32], seed: np.uint64) -> NDArray[np.float32]:
    """The crowd of an epoch (2, CROWD + PUSHES): places of points (n, 2) by chance."""
    crowd = np.empty((2, CROWD + PUSHES), np.float32)
    state, n = mixed(seed), np.uint64(y.shape[0])
    for t in range(CROWD + PUSHES):
        state = state * STEP + PLUS
        i = np.intp((state >> SHIFT) % n)
        crowd[0, t], crowd[1, t] = y[i, 0], y[i, 1]
    return crowd


@numba.njit(nogil=True, cache=True, fastmath=True)
def clip(g: np.float32) -> np.float32:
    """A gradient within ±4."""
    return min(max(g, np.float32(-4)), np.float32(4))


@numba.njit(nogil=True, cache=True, fastmath=True)
def move(
    y: NDArray[np.float32],  # (n, 2) as the epoch began
    new: NDArray[np.float32],  # (n, 2) as it ends
    moving: NDArray[np.int64],  # (m,) whose edges these are
    first: int,  # of them: from here
    last: int,  # to here, this one not
    start: NDArray[np.int64],  # (m + 1,) where the edges of each begin
    tails: NDArray[np.int32],  # (e,)
    every: NDArray[np.float32],  # (e,) epochs between two pulls along an edge
    due: NDArray[np.float32],  # (e,) epoch of the next one
    epoch: int,
    alpha: np.float32,
    crowd: NDArray[np.float32],
    seed: np.uint64,
) -> None:
    """An epoch of stochastic descent of UMAP's cross entropy (McInnes et al. 2018)."""
    one, two = np.float32(1), np.float32(2)
    push, seed = np.float32(2 * PUSH / PUSHES), mixed(seed)
    for p in range(first, last):
        i = moving[p]
        x0, y0 = y[i, 0], y[i, 1]
        state = mixed(seed + np.uint64(p))
        for e in range(start[p], start[p + 1]):
            if due[e] > epoch:
                continue
            due[e] += every[e]
            j = tails[e]
            dx, dy = x0 - y[j, 0], y0 - y[j, 1]
            pull = -two * A / (A * (dx * dx + dy * dy) + one)
            x0 += alpha * clip(pull * dx)
            y0 += alpha * clip(pull * dy)
            state = state * STEP + PLUS
            at = np.intp((state >> SHIFT) % np.uint64(CROWD))
            gx, gy = np.float32(0), np.float32(0)
            for t in range(PUSHES):
                dx, dy = x0 - crowd[0, at + t], y0 - crowd[1, at + t]
                square = dx * dx + dy * dy
                strength = push / ((NEARLY + square) * (A * square + one))
                gx += clip(strength * dx)
                gy += clip(strength * dy)
            x0 += alpha * gx
            y0 += alpha * gy
        new[i, 0], new[i, 1] = x0, y0
