"""What of each track a query looks at besides its direction: its crowd, and where it lies. Numpy.

Some tracks are near to everything ("hubs": Radovanović et al. 2010). What a track's nearest tracks
have in common with it says nothing of a query: as in cross-domain similarity local scaling (Conneau
et al. 2018, arXiv 1710.04087) it is taken off, measured here against a part of the library.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.progress import NO_JOB, Job

Float = NDArray[np.float32]
Rows = NDArray[np.intp]

CROWD = 20  # nearest tracks
AMONG = 500  # tracks of the library among which they are sought
BLOCK = 4096  # tracks a step
RIDGE = 3.0  # in units of the mean variance


def standing(
    unit: Callable[[Rows], Float], usable: NDArray[np.bool_], held: Float | None, job: Job = NO_JOB
) -> Float:
    """The crowd's mean cosine, and places on the directions ``held`` (d, j): (m, 1 + j).

    ``unit`` gives unit vectors (n, d) of rows. Places have mean 0 and variance 1 in this library.
    Rows that are not ``usable`` (m,) are 0.
    """
    wide = 1 + (0 if held is None else held.shape[1])
    out = np.zeros((len(usable), wide), np.float32, order="F")  # looked at by columns
    whole = np.flatnonzero(usable)
    if len(whole) < 2:
        return out
    some = np.sort(np.random.default_rng(0).permutation(whole)[:AMONG])
    among, k = unit(some).T, min(CROWD, len(some) - 1)
    for start in range(0, len(whole), BLOCK):
        job.check()
        rows = whole[start : start + BLOCK]
        x = unit(rows)
        like = x @ among
        at = np.minimum(np.searchsorted(some, rows), len(some) - 1)
        own = np.flatnonzero(some[at] == rows)
        like[own, at[own]] = -2
        out[rows, 0] = np.partition(like, -k, axis=1)[:, -k:].mean(1)
        if held is not None:
            out[rows, 1:] = x @ held
    if held is not None:
        places = out[whole, 1:]
        out[whole, 1:] = (places - places.mean(0)) / np.maximum(places.std(0), 1e-6)
    return out


def held_directions(unit: Float, ranks: Float) -> Float:
    """Directions (d, j) along which unit vectors (m, d) tell the ``ranks`` (m, j): ridge."""
    d = unit.shape[1]
    gram = (unit.T @ unit).astype(np.float64)
    wanted = (ranks - ranks.mean(0)) / np.maximum(ranks.std(0), 1e-6)
    shrink = RIDGE * max(float(np.trace(gram)) / d, 1e-12) * np.eye(d)
    found = np.linalg.solve(gram + shrink, unit.T @ wanted)
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=0), 1e-12), np.float32)
