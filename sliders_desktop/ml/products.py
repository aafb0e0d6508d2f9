"""One pass over all vectors, by several cores: what every new order and every refit waits for.

Numpy; any thread.
"""

import os
from threading import Thread

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]

FEW = 20_000  # rows for which handing out the work takes longer than it saves
MOST = 4  # cores: a pass waits for memory, which more of them do not read any faster


def times(x: Float, q: Float) -> Float:
    """x·q (m,) of x (m, d) and q (d,); the last bits may be others on another number of cores."""
    m, cores = len(x), min(MOST, os.cpu_count() or 1)
    if m < FEW or cores < 2:
        return np.asarray(x @ q)
    out = np.empty(m, np.result_type(x, q))
    ends = [m * k // cores for k in range(cores)] + [m]

    def part(k: int) -> None:
        np.dot(x[ends[k] : ends[k + 1]], q, out=out[ends[k] : ends[k + 1]])

    others = [Thread(target=part, args=(k,), name=f"product {k}") for k in range(1, cores)]
    for thread in others:  # begun anew each time: a tenth of a millisecond, and none is left over
        thread.start()
    part(0)
    for thread in others:
        thread.join()
    return out
