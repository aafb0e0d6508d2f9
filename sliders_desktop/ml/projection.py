"""The map: UMAP in cancellable steps that leave the interpreter free. Lane `map`.

numba and torch are imported only inside the functions that need them.
"""

import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.neighbours import directions, fuzzy_graph, memberships, nearest
from sliders_desktop.progress import NO_JOB, Job

Float = NDArray[np.float32]

NEIGHBOURS = 30
EPOCHS, RATE = 200, 1.0  # a first map
EPOCHS_AGAIN, RATE_AGAIN = 30, 0.1  # from the places of an earlier one: it moves by half a percent
AT_ONCE = 10  # epochs between two looks at the job
FRAME = 20.0  # UMAP's units to one of the map's


def fit(
    x: Float,
    *,
    start: Float | None = None,
    seed: int = 0,
    epochs: int | None = None,
    job: Job = NO_JOB,
    on_step: Callable[[Float], None] | None = None,
) -> Float:
    """Places (n, 2) of vectors (n, d); nearly all within ±1.

    UMAP (McInnes et al. 2018, arXiv 1802.03426) on cosines of mean-centred vectors, 30 neighbours,
    min_dist .15, from the two widest directions. ``start`` (n, 2) are places of an earlier fit,
    rows of NaN for tracks that are new: the map then stays nearly where it was. ``on_step`` gets
    the forming map about every ten epochs, on this thread. Raises `Cancelled` through ``job``.
    """
    n = len(x)
    if not np.isfinite(x).all():
        raise ValueError("vectors of the map must be finite")
    if n < 3:
        return np.array([[0.5 * i, 0.0] for i in range(n)], np.float32).reshape(n, 2)
    from sliders_desktop.ml import layout

    z = directions(np.asarray(x, np.float32))
    rows, distance = nearest(z, min(NEIGHBOURS, n) - 1, job)
    heads, tails, weight = fuzzy_graph(rows, memberships(distance))
    again = start is not None and bool(np.isfinite(start).all(1).any())
    if start is not None and again:
        first, reference, rate = _known(z, start), start, RATE_AGAIN
        total = EPOCHS_AGAIN if epochs is None else epochs
    else:
        first = reference = _widest(z, seed)
        rate, total = RATE, EPOCHS if epochs is None else epochs
    strong = weight >= weight.max() / max(total, 1)
    heads, tails, weight = heads[strong], tails[strong], weight[strong]
    every = (weight.max() / weight).astype(np.float32)
    due = every.copy()
    y = np.ascontiguousarray(first * FRAME, np.float32)
    random = np.array([seed + 1], np.uint64)
    for at in range(0, total, AT_ONCE):
        job.check()
        stop = min(at + AT_ONCE, total)
        layout.run(y, heads, tails, every, due, at, stop, total, rate, random)
        job.progress(stop, total, "map")
        if on_step is not None:
            on_step(align(y / FRAME, reference, stiff=not again))
    return align(y / FRAME, reference, stiff=not again)


def place(new_x: Float, x: Float, points: Float, k: int = 15) -> Float:
    """Places (m, 2) of new vectors (m, d) among ``x`` (n, d) with their ``points`` (n, 2).

    The mean of the ``k`` nearest neighbours' places, the nearer the heavier, and a step aside,
    the same for the same vector, so that no two coincide.
    """
    m, n = len(new_x), len(x)
    if not m or not n:
        return np.zeros((m, 2), np.float32)
    k = min(k, n)
    z = directions(np.concatenate([x, new_x]))
    out = np.empty((m, 2), np.float32)
    for at in range(0, m, 512):
        cosine = z[n + at : n + at + 512] @ z[:n].T  # (block, n)
        near = np.argpartition(-cosine, k - 1, axis=1)[:, :k]
        c = np.take_along_axis(cosine, near, 1)
        best, least = c.max(1, keepdims=True), c.min(1, keepdims=True)
        w = np.exp(-3 * (best - c) / np.maximum(best - least, 1e-6))
        w /= w.sum(1, keepdims=True)
        there = points[near]  # (block, k, 2)
        middle = np.einsum("bk,bkd->bd", w, there)
        width = np.sqrt(np.einsum("bk,bkd->b", w, (there - middle[:, None]) ** 2))
        out[at : at + 512] = middle + _aside(new_x[at : at + 512]) * (0.2 * width + 0.002)[:, None]
    return out


def align(points: Float, reference: Float, stiff: bool = False) -> Float:
    """``points`` (n, 2) turned, mirrored, moved and scaled to lie on ``reference`` (n, 2).

    Orthogonal Procrustes (Schönemann 1966) over the rows that are finite in both; ``stiff`` keeps
    the size, and puts the middle at 0.
    """
    both = np.isfinite(reference).all(1) & np.isfinite(points).all(1)
    middle, there = points[both].mean(0), reference[both].mean(0)
    p, q = points[both] - middle, reference[both] - there
    u, s, vt = np.linalg.svd(p.T @ q)
    size = 1.0 if stiff else float(s.sum() / max(float((p * p).sum()), 1e-12))
    moved = (points - middle) @ (u @ vt) * size + (0 if stiff else there)
    return np.asarray(moved, np.float32)


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


def _known(z: Float, start: Float) -> Float:
    """``start`` (n, 2) with a place for each row that has none."""
    known = np.isfinite(start).all(1)
    first = np.array(start, np.float32)
    if not known.all():
        first[~known] = place(z[~known], z[known], first[known])
    return first


def _aside(x: Float) -> Float:
    """A step (m, 2) of length up to 1 for each vector (m, d), from its bytes."""
    code = np.array([zlib.crc32(row.tobytes()) for row in np.ascontiguousarray(x)], np.uint64)
    angle = (code & 0xFFFF) * (2 * np.pi / 0x10000)
    length = np.sqrt(((code >> 16) + 1) / 0x10000)
    return np.stack([length * np.cos(angle), length * np.sin(angle)], 1).astype(np.float32)
