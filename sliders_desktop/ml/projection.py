"""The map: UMAP in cancellable steps that leave the interpreter free. Lane `map`.

numba and torch are imported only inside the functions that need them.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.descent import SPREAD, descend, graph_of, size_of
from sliders_desktop.ml.neighbours import NEIGHBOURS, Table, directions, nearest
from sliders_desktop.ml.placing import place
from sliders_desktop.progress import NO_JOB, Job

Float = NDArray[np.float32]

RATE = 0.3  # of a first map: how far a step goes
EPOCHS, EPOCHS_LARGE, LARGE = 500, 300, 20_000
EPOCHS_AGAIN, RATE_AGAIN = 30, 0.03  # from the places of an earlier one: it hardly moves
EDGE = 0.99  # this share of the points lies within ±1


def fit(
    x: Float,
    *,
    table: Table | None = None,
    centre: Float | None = None,
    start: Float | None = None,
    anew: bool = False,
    seed: int = 0,
    epochs: int | None = None,
    job: Job = NO_JOB,
    on_step: Callable[[Float], None] | None = None,
) -> Float:
    """Places (n, 2) of vectors (n, d); nearly all within ±1.

    UMAP (McInnes et al. 2018, arXiv 1802.03426) on cosines seen from ``centre`` (d,), else the
    mean; 30 neighbours, min_dist .15, from the two widest directions. ``table`` are the neighbours
    if they are known. ``start`` (n, 2) are places of an earlier fit, rows of NaN for tracks that
    are new: the map then stays nearly where it was, or with ``anew`` only begins there.
    ``on_step`` gets the forming map after each step of some epochs, on this thread. Raises
    `Cancelled` through ``job``, ValueError where a vector is not finite.
    """
    n = len(x)
    if not np.isfinite(x).all():
        raise ValueError("vectors of the map must be finite")
    if n < 3:
        return np.array([[0.5 * i, 0.0] for i in range(n)], np.float32).reshape(n, 2)
    z = directions(np.asarray(x, np.float32), centre)
    if table is None:
        table = nearest(z, min(NEIGHBOURS, n) - 1, job=job)
    again = start is not None and bool(np.isfinite(start).all(1).any())
    gentle = again and not anew
    if epochs is None:
        epochs = EPOCHS_AGAIN if gentle else EPOCHS if n <= LARGE else EPOCHS_LARGE
    graph = graph_of(table, epochs)
    if start is not None and again:
        first = place(x, start, centre=centre, job=job)
        reference, size = start, size_of(first, graph)
    else:
        first = reference = _widest(z, seed)
        size = SPREAD
    del z

    def shown(y: Float) -> Float:
        return align(y / size, reference) if again else _framed(y, reference)

    def step(y: Float) -> None:
        if on_step is not None:
            on_step(shown(y))

    rate = RATE_AGAIN if gentle else RATE
    return shown(descend(first * size, graph, epochs, rate, seed, step, job))


def align(points: Float, reference: Float) -> Float:
    """``points`` (n, 2) turned, mirrored, moved and scaled to lie on ``reference`` (n, 2).

    Orthogonal Procrustes (Schönemann 1966) over the rows that are finite in both.
    """
    both = np.isfinite(reference).all(1) & np.isfinite(points).all(1)
    middle, there = points[both].mean(0), reference[both].mean(0)
    p, q = points[both] - middle, reference[both] - there
    u, s, vt = np.linalg.svd(p.T @ q)
    size = float(s.sum() / max(float((p * p).sum()), 1e-12))
    return np.asarray((points - middle) @ (u @ vt) * size + there, np.float32)


def _framed(y: Float, reference: Float) -> Float:
    """Places (n, 2) around 0, turned like ``reference``, nearly all within ±1."""
    turned = align(y, reference)
    turned -= turned.mean(0)
    far = np.quantile(np.linalg.norm(turned, axis=1), EDGE)
    return np.asarray(turned / max(float(far), 1e-12), np.float32)


def _widest(z: Float, seed: int) -> Float:
    """The two widest directions (n, 2) of z (n, d) within ±½, and a trace of noise."""
    import torch

    t = torch.from_numpy(z)
    _, vectors = torch.linalg.eigh((t.T @ t).double())
    axes = vectors[:, -2:].flip(1).numpy()  # (d, 2) or (d, 1)
    axes = axes * np.where(axes[np.abs(axes).argmax(0), range(axes.shape[1])] < 0, -1, 1)
    flat = np.zeros((len(z), 2), np.float32)
    flat[:, : axes.shape[1]] = z @ axes.astype(np.float32)
    flat /= 2 * max(float(np.abs(flat).max()), 1e-6)
    noise = np.random.default_rng(seed).normal(size=flat.shape)
    return (flat + 5e-4 * noise).astype(np.float32)
