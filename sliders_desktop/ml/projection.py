"""The map: UMAP in cancellable steps that leave the interpreter free. Lane `map`.

numba and torch are imported only inside the functions that need them.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.progress import NO_JOB, Job

Float = NDArray[np.float32]


def fit(
    x: Float,
    *,
    start: Float | None = None,
    seed: int = 0,
    epochs: int | None = None,
    job: Job = NO_JOB,
    on_step: Callable[[Float], None] | None = None,
) -> Float:
    """Places (n, 2) of vectors (n, d); most lie within ±1, few beyond ±2.

    ``start`` (n, 2) are places of an earlier fit, rows of NaN for tracks that are new: the map
    then stays nearly where it was. ``on_step`` gets the forming map about every ten epochs,
    on this thread. Raises `Cancelled` through ``job``.
    """
    raise NotImplementedError


def place(new_x: Float, x: Float, points: Float, k: int = 15) -> Float:
    """Places (m, 2) for new vectors (m, d) among ``x`` (n, d), whose places are ``points`` (n, 2)."""
    raise NotImplementedError
