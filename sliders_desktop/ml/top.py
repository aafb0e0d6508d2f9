"""The largest of very many numbers. Numpy."""

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.guards import Float, Mask, Rows

MANY = 50_000
SAMPLE = 4096


def largest(values: Float, count: int, allowed: Mask) -> Rows:
    """Rows of the ``count`` largest of ``values`` (m,) among the ``allowed`` (m,), in no order.

    Of very many only those above a bound, guessed from a sample, are looked at twice.
    """
    if len(values) > MANY and count < len(values) // 100:
        sample = np.where(
            allowed[:: len(values) // SAMPLE], values[:: len(values) // SAMPLE], -np.inf
        )
        rank = min(round(4 * count / len(values) * len(sample)) + 16, len(sample) - 1)
        bound = -np.partition(-sample, rank)[rank]
        rows = np.flatnonzero(values > bound)
        rows = rows[allowed[rows]]
        if len(rows) >= count:
            return _best(rows, values[rows], count)
    rows = np.flatnonzero(allowed)
    return _best(rows, values[rows], count)


def _best(rows: NDArray[np.intp], values: Float, count: int) -> Rows:
    return rows[np.argpartition(-values, count)[:count]] if len(rows) > count else rows
