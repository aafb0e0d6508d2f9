"""New tracks find their place on a map that stays as it is. Lane `map`.

numba and torch are imported only inside the functions that need them.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.descent import Graph, descend, size_of
from sliders_desktop.ml.neighbours import (
    NEIGHBOURS,
    Plan,
    Table,
    compare,
    directions,
    meetings_of,
    meetings_within,
)
from sliders_desktop.progress import NO_JOB, Job

Float = NDArray[np.float32]

EPOCHS, RATE = 60, 0.3
PLACED_BY = 15  # neighbours


def place(x: Float, places: Float, *, centre: Float | None = None, job: Job = NO_JOB) -> Float:
    """``places`` (n, 2) of vectors (n, d) with a place for each row of NaN; nobody else moves.

    First at the mean of the nearest neighbours' places, the nearer the heavier, and a step aside,
    the same for the same vector, so that no two coincide; then polished as a map is, while the
    others are pinned.
    """
    known = np.isfinite(places).all(1)
    out = np.array(places, np.float32)
    new, old = np.flatnonzero(~known), np.flatnonzero(known)
    if not len(new):
        return out
    if not len(old):
        out[:] = 0
        return out
    n, z = len(x), directions(np.asarray(x, np.float32), centre)
    k = min(NEIGHBOURS, n) - 1
    rows, near = np.full((n, k), -1, np.int32), np.full((n, k), -2, np.float32)
    compare(z, Plan(meetings_of(new, old), len(new) * len(old)), rows, near, job, mutual=False)
    few = min(PLACED_BY, len(old), k)
    out[new] = _among(out[rows[new, :few]], near[new, :few])
    out[new] += _aside(x[new]) * (0.2 * _width(out[rows[new, :few]], near[new, :few]) + 0.002)
    compare(z, Plan(meetings_within(new), len(new) ** 2 // 2), rows, near, job)
    if len(old) < NEIGHBOURS:
        return out
    return _polished(out, new, Table(rows[new], np.maximum(1 - near[new], 0)), job)


def _polished(places: Float, new: NDArray[np.int64], table: Table, job: Job) -> Float:
    """``places`` (n, 2) after the ``new`` ones (m,), whose neighbours ``table`` tells, moved."""
    from sliders_desktop.ml.fuzzy import memberships

    weight = memberships(table.distance)
    strong = (weight >= 1 / EPOCHS) & (table.rows >= 0)
    start = np.concatenate([[0], np.cumsum(strong.sum(1))])
    graph = Graph(new, start, table.rows[strong], weight[strong])
    size = size_of(places, graph)
    moved = descend(places * size, graph, EPOCHS, RATE, 0, job=job)
    out = places.copy()
    out[new] = moved[new] / size
    return out


def _weights(near: Float) -> Float:
    """How much neighbours count, (m, k) summing to 1, by their likeness (m, k), falling."""
    best, least = near[:, :1], near[:, -1:]
    w = np.exp(-3 * (best - near) / np.maximum(best - least, 1e-6))
    return np.asarray(w / w.sum(1, keepdims=True), np.float32)


def _among(there: Float, near: Float) -> Float:
    """The weighted mean (m, 2) of places (m, k, 2)."""
    return np.asarray(np.einsum("mk,mkd->md", _weights(near), there), np.float32)


def _width(there: Float, near: Float) -> Float:
    """How far from their mean places (m, k, 2) lie, (m, 1)."""
    apart = there - _among(there, near)[:, None]
    width: Float = np.sqrt(np.einsum("mk,mkd->m", _weights(near), apart**2))
    return width[:, None]


def _aside(x: Float) -> Float:
    """A step (m, 2) of length up to 1 for each vector (m, d), from its bytes."""
    code = np.array([zlib.crc32(row.tobytes()) for row in np.ascontiguousarray(x)], np.uint64)
    angle = (code & 0xFFFF) * (2 * np.pi / 0x10000)
    length = np.sqrt(((code >> 16) + 1) / 0x10000)
    return np.stack([length * np.cos(angle), length * np.sin(angle)], 1).astype(np.float32)
