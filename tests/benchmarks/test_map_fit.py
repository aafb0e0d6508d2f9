"""How fast the map is drawn, how true it is, and how still it stays, against umap-learn.

SLIDERS_BENCHMARK_VECTORS is a file with the array ``vectors`` (n, d), one a track, and if there
are, ``segments`` (m, d), one each few seconds, whose ``segment_track`` (m,) they are of: points
for large maps. Without it clusters made by chance stand in, which tell speed but not truth.
SLIDERS_BENCHMARK_MAP are the sizes compared with umap-learn, such as "20000,100000"; it compiles
itself in each, so that the figure with its compilation is the first and that without the second.
"""

import os
import subprocess
import sys
import threading
import time
from functools import cache
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sliders_desktop.ml import cells, projection
from sliders_desktop.ml.neighbours import NEIGHBOURS, directions, nearest
from sliders_desktop.ml.placing import place
from sliders_desktop.session.map_index import Grid
from tests.benchmarks.map_figures import displacement, quality, widest

FILE = os.environ.get("SLIDERS_BENCHMARK_VECTORS")
SIZES = [int(n) for n in os.environ.get("SLIDERS_BENCHMARK_MAP", "5000").split(",")]
DIM = 512

Array = Any
real = pytest.mark.skipif(FILE is None, reason="no vectors of real music are named")


@cache
def tracks() -> Array:
    assert FILE is not None
    return np.load(FILE)["vectors"]


def points(n: int) -> Array:
    """Vectors (n, DIM): segments by chance; of more than there are, also what lies between two
    segments of one track.
    """
    rng = np.random.default_rng(0)
    if FILE is None:
        middles = rng.normal(size=(max(40, n // 500), DIM))
        x = middles[rng.integers(len(middles), size=n)] + 0.8 * rng.normal(size=(n, DIM))
        return x.astype(np.float32)
    found = np.load(FILE)
    segments, track = found["segments"], found["segment_track"]
    if n <= len(segments):
        return segments[np.sort(rng.choice(len(segments), n, replace=False))]
    first = rng.integers(0, len(segments), n - len(segments))
    begin, end = np.searchsorted(track, track[first]), np.searchsorted(track, track[first], "right")
    second = begin + (rng.random(len(first)) * (end - begin)).astype(int)
    share = rng.uniform(0.2, 0.5, (len(first), 1)).astype(np.float32)
    between = (1 - share) * segments[first] + share * segments[second]
    noise = 0.3 * segments.std(0) * rng.normal(size=between.shape)
    return np.concatenate([segments, (between + noise).astype(np.float32)])


def of_umap(x: Array) -> Array:
    """By its own defaults otherwise, without a seed: with one it would use a single thread."""
    import umap

    return umap.UMAP(metric="cosine", n_neighbors=NEIGHBOURS, min_dist=0.15).fit_transform(
        directions(x)
    )


def timed(fit: Any, x: Array) -> tuple[dict[str, float], Array]:
    """Seconds on the clock, and of the processor, which are the same on a busy machine."""
    began, worked = time.perf_counter(), time.process_time()
    y = fit(x)
    return {"s": time.perf_counter() - began, "cpu s": time.process_time() - worked}, y


def told(benchmark: BenchmarkFixture, name: str, figures: dict[str, Any]) -> None:
    for key, value in figures.items():
        benchmark.extra_info[f"{name}: {key}"] = round(value, 4)
    print(name, {key: round(value, 4) for key, value in figures.items()}, flush=True)  # noqa: T201


COMPILED = """
import os, sys, tempfile, time
os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp()
import numpy as np
x = np.random.default_rng(0).normal(size=(300, 64)).astype(np.float32)
began = time.perf_counter()
from sliders_desktop.ml import cells, projection
projection.fit(x, epochs=2)
print(time.perf_counter() - began)
"""


def test_what_compiling_costs(benchmark: BenchmarkFixture) -> None:
    """Once for each version on a machine: imports, torch among them, and a tiny map."""

    def compile_all() -> float:
        run = [sys.executable, "-c", COMPILED]
        return float(subprocess.run(run, capture_output=True, check=True, text=True).stdout)

    told(benchmark, "ours", {"s with compiling": benchmark.pedantic(compile_all, rounds=1)})


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("n", SIZES)
def test_against_umap_learn(benchmark: BenchmarkFixture, n: int) -> None:
    """On the same vectors in the same run, its compiling left out and taken in."""
    x = points(n)
    projection.fit(points(300), epochs=2)  # compiled, or read from the cache
    spent, y = benchmark.pedantic(timed, (projection.fit, x), rounds=1)
    ours = {**spent, **quality(x, y)}
    told(benchmark, "ours", ours)
    told(benchmark, "PCA", quality(x, widest(x)))
    told(benchmark, "umap-learn, compiling", timed(of_umap, points(300))[0])
    spent, y = timed(of_umap, x)
    theirs = {**spent, **quality(x, y)}
    told(benchmark, "umap-learn", theirs)

    assert ours["trustworthiness@15"] >= theirs["trustworthiness@15"] - 0.005
    assert ours["s"] < theirs["s"]


@real
@pytest.mark.filterwarnings("ignore")
def test_of_tracks(benchmark: BenchmarkFixture) -> None:
    """Trustworthiness of a small library's map, against umap-learn and PCA; means of three."""
    x = tracks()
    maps = benchmark.pedantic(lambda: [projection.fit(x, seed=s) for s in range(3)], rounds=1)
    kinds = {"ours": maps, "umap-learn": [of_umap(x) for _ in range(3)], "PCA": [widest(x)]}
    means = {}
    for name, drawn in kinds.items():
        each = [quality(x, y) for y in drawn]
        means[name] = {key: float(np.mean([one[key] for one in each])) for key in each[0]}
        told(benchmark, name, means[name])

    assert means["ours"]["trustworthiness@15"] >= 0.9
    for key, value in means["umap-learn"].items():
        assert means["ours"][key] >= value - 0.005


@pytest.mark.parametrize("n", [777, 5000])
def test_staying_put(benchmark: BenchmarkFixture, n: int) -> None:
    """What 5 % new tracks do to those that were there: placed, and drawn again."""
    x = tracks() if FILE is not None and n == 777 else points(n)
    new = np.random.default_rng(0).random(len(x)) < 0.05 / 1.05
    before = projection.fit(x[~new])
    start = np.full((len(x), 2), np.nan, np.float32)
    start[~new] = before
    placed = benchmark.pedantic(place, (x, start), rounds=1)
    again = projection.fit(x, start=start)
    told(benchmark, "placed", quality(x, placed))
    told(benchmark, "drawn again", quality(x, again))
    assert np.array_equal(placed[~new], before)
    mean, far = displacement(before, again[~new])
    told(benchmark, "displacement", {"mean": mean, "p95": far})
    assert mean <= 0.01
    assert far <= 0.03


def test_growing(benchmark: BenchmarkFixture) -> None:
    """From 200 to 5,000 tracks by a fifth each, as a library is heard for the first time."""
    x = points(5000)

    def grow() -> Array:
        n = whole = 200
        y = projection.fit(x[:n])
        while n < len(x):
            n = min(len(x), n + n // 5)
            start = np.full((n, 2), np.nan, np.float32)
            start[: len(y)] = y
            if anew := n >= 1.5 * whole:
                whole = n
            y = projection.fit(x[:n], start=start, anew=anew)
        return y

    told(benchmark, "grown", quality(x, benchmark.pedantic(grow, rounds=1)))
    told(benchmark, "at once", quality(x, projection.fit(x)))


@pytest.mark.parametrize("n", [29_000])
def test_recall_beyond_what_is_compared_with_all(
    benchmark: BenchmarkFixture, monkeypatch: pytest.MonkeyPatch, n: int
) -> None:
    """Of 29 neighbours; cells of 25, of which each meets about a twelfth of all; of a million
    vectors in cells of 400 it is a twenty-fifth.
    """
    monkeypatch.setattr(cells, "SIZE", 25)
    z = directions(points(n))
    k = NEIGHBOURS - 1
    spent, exact = timed(lambda z: nearest(z, k), z)
    found = benchmark.pedantic(nearest, (z, k), {"exact": 0}, rounds=1)
    met = (found.rows[:, :, None] == exact.rows[:, None]).any(2)
    told(benchmark, "cells", {"recall": float(met.mean()), "exact s": spent["s"]})
    told(benchmark, "nearest 5", {"recall": float(met[:, :5].mean())})


@pytest.mark.parametrize("n", [5000, 20_000])
def test_the_window_meanwhile(benchmark: BenchmarkFixture, n: int) -> None:
    """The longest gap, in ms, of a thread that wants to run every 2 ms."""
    projection.fit(points(300), epochs=2)
    x, gaps, done = points(n), [0.0], threading.Event()

    def tick() -> None:
        last = time.perf_counter()
        while not done.is_set():
            time.sleep(0.002)
            now = time.perf_counter()
            gaps.append(1000 * (now - last))
            last = now

    thread = threading.Thread(target=tick)
    thread.start()
    benchmark.pedantic(projection.fit, (x,), rounds=1)
    done.set()
    thread.join()
    told(benchmark, "gap ms", {"longest": max(gaps), "p99.9": float(np.quantile(gaps, 0.999))})


def test_what_a_million_points_hold(benchmark: BenchmarkFixture) -> None:
    """MB of the arrays that a window with a map keeps: ids, places, and who is near the pointer."""
    xy = np.random.default_rng(0).normal(size=(1_000_000, 2)).astype(np.float32)
    index = benchmark.pedantic(Grid, (xy,), rounds=1)
    held = [np.arange(len(xy)), *(v for v in vars(index).values() if isinstance(v, np.ndarray))]
    assert any(array is xy for array in held)
    size = sum(array.nbytes for array in held) / 1e6
    told(benchmark, "a million points", {"MB": size})
    assert size < 100
