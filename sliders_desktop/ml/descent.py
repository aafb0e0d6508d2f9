"""How points find their places: UMAP's stochastic descent in cancellable steps. Lane `map`.

numba is imported only inside the functions that need it.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.neighbours import Table
from sliders_desktop.progress import NO_JOB, Job

Float = NDArray[np.float32]

SHARED = 10_000  # points moved, from which on two threads are quicker than one
MOVED_AT_ONCE = 200_000  # points, between two looks at the job: a few a second
SAMPLE = 50_000  # pairs that the size of a map is judged by
SPREAD = 60.0  # how wide points without a map lie at first


class Graph(NamedTuple):
    """The edges of the points that move (m,), as `layout.move` takes them."""

    moving: NDArray[np.int64]
    start: NDArray[np.int64]
    tails: NDArray[np.int32]
    weight: Float


def graph_of(table: Table, epochs: int) -> Graph:
    """The fuzzy union of all, without the edges that are never pulled in ``epochs``."""
    from sliders_desktop.ml.fuzzy import memberships, union

    weight = memberships(table.distance)
    # The strongest edge is about 1, since that of each point to its nearest is.
    start, tails, both = union(table.rows, weight, 1 / max(epochs, 1))
    return Graph(np.arange(len(table.rows)), start, tails, both)


def descend(
    y: Float,
    graph: Graph,
    epochs: int,
    rate: float,
    seed: int,
    step: Callable[[Float], None] = lambda y: None,
    job: Job = NO_JOB,
) -> Float:
    """Places after ``epochs`` that go from ``rate`` to 0."""
    from sliders_desktop.ml import layout

    moving, start, tails, weight = graph
    y = np.ascontiguousarray(y, np.float32)
    new = y.copy()
    every = (weight.max(initial=0) / weight).astype(np.float32)
    due = every.copy()
    threads = 1 if len(moving) < SHARED else min(2, os.cpu_count() or 1)
    parts = np.linspace(0, len(moving), threads + 1).astype(int).tolist()
    at_once = max(1, min(10, MOVED_AT_ONCE // max(len(moving), 1)))  # a few times a second
    with ThreadPoolExecutor(threads) if threads > 1 else nullcontext() as pool:
        for epoch in range(epochs):
            if epoch % at_once == 0:
                job.check()
            number = np.uint64(seed * 1_000_003 + epoch + 1)
            alpha = np.float32(rate * (1 - epoch / epochs))
            crowd = layout.gather(y, number)

            def move(first: int, last: int) -> None:
                layout.move(
                    *(y, new, moving, first, last, start, tails, every, due),  # noqa: B023
                    *(epoch, alpha, crowd, number),  # noqa: B023
                )

            if pool is None:
                move(*parts)
            else:
                list(pool.map(move, parts[:-1], parts[1:]))
            y, new = new, y
            if (epoch + 1) % at_once == 0 or epoch + 1 == epochs:
                job.progress(epoch + 1, epochs, "map")
                step(y)
    return y


def size_of(places: Float, graph: Graph) -> float:
    """UMAP's units to one of ``places`` (n, 2): the size at which pulls and pushes balance.

    Where a map is neither to shrink nor to grow, the sum of force times distance is 0.
    """
    from sliders_desktop.ml.layout import NEARLY, PUSH, A

    rng = np.random.default_rng(0)
    edges, n = len(graph.tails), len(places)
    if not edges:
        return SPREAD
    e = rng.integers(0, edges, min(edges, SAMPLE))
    heads = graph.moving[np.searchsorted(graph.start, e, side="right") - 1]
    along = ((places[heads] - places[graph.tails[e]]) ** 2).sum(1).astype(float)
    others = rng.integers(0, n, len(e))
    across = ((places[heads] - places[others]) ** 2).sum(1).astype(float)
    weight = graph.weight[e].astype(float)
    low, high = -10.0, 20.0  # of log size
    for _ in range(50):
        log_size = (low + high) / 2
        s, t = along * np.exp(2 * log_size), across * np.exp(2 * log_size)
        pull = weight * A * s / (A * s + 1)
        push = weight * PUSH * t / ((NEARLY + t) * (A * t + 1))
        low, high = (low, log_size) if pull.sum() > push.sum() else (log_size, high)
    return float(np.exp(low))
