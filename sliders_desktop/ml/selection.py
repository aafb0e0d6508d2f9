"""The nearest of each, kept while blocks of likenesses pass by; compiled, without the interpreter's
lock. Lane `map`; imports numba.
"""

import numba
import numpy as np
from numpy.typing import NDArray

AT_ONCE = 64  # likenesses looked at together: as good as never does one of them matter


@numba.njit(nogil=True, cache=True)
def keep(
    near: NDArray[np.float32],  # (n, k) likenesses, falling
    rows: NDArray[np.int32],  # (n, k) whose they are
    i: int,
    likeness: np.float32,
    other: int,
) -> None:
    """Let ``other`` into the list of ``i``, where it is not yet, in place of the last one."""
    k = near.shape[1]
    for t in range(k):
        if rows[i, t] == other:
            return
    t = k - 1
    while t > 0 and near[i, t - 1] < likeness:
        near[i, t] = near[i, t - 1]
        rows[i, t] = rows[i, t - 1]
        t -= 1
    near[i, t] = likeness
    rows[i, t] = other


@numba.njit(nogil=True, cache=True, fastmath=True)
def meet(
    likeness: NDArray[np.float32],  # (a, b) of each of `ours` to each of `theirs`
    ours: NDArray[np.int64],  # (a,)
    theirs: NDArray[np.int64],  # (b,)
    near: NDArray[np.float32],
    rows: NDArray[np.int32],
    mutual: bool,  # whether theirs learn of ours too
) -> None:
    """Keep of a block what is nearer than the last in a list; nobody meets itself."""
    last = near.shape[1] - 1
    least = np.empty(theirs.size, np.float32)
    for c in range(theirs.size):
        least[c] = near[theirs[c], last]
    for r in range(ours.size):
        i = ours[r]
        for at in range(0, theirs.size, AT_ONCE):
            end = min(at + AT_ONCE, theirs.size)
            most, over = np.float32(-3), np.float32(-3)
            for c in range(at, end):
                most = max(most, likeness[r, c])
                over = max(over, likeness[r, c] - least[c])
            if most > near[i, last]:
                for c in range(at, end):
                    if likeness[r, c] > near[i, last] and theirs[c] != i:
                        keep(near, rows, i, likeness[r, c], theirs[c])
            if mutual and over > 0:
                for c in range(at, end):
                    if likeness[r, c] > least[c]:
                        keep(near, rows, theirs[c], likeness[r, c], i)
                        least[c] = near[theirs[c], last]
