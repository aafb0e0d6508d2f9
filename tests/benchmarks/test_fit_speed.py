"""How fast heads and the map are, and how well the gate and the map do.

Figures that are no time go into ``extra_info``. The gate and the oracle take minutes.
"""

import threading
import time

import numpy as np
import pytest

from sliders_desktop.ml import projection
from sliders_desktop.ml.gate import DARK
from sliders_desktop.ml.heads import SliderHead, percentiles, replay, suggest

LIBRARY, DIM = 100_000, 512
WORDS = {"easy": 5, "medium": 30, "hard": 150}  # widest directions that the word is made of


def spread(dim=DIM, rank=117.0):
    """Standard deviations (dim,) of directions whose effective rank is ``rank``."""
    low, high = 0.0, 3.0
    for _ in range(60):
        power = (low + high) / 2
        share = np.arange(1, dim + 1.0) ** -power
        share /= share.sum()
        wide = np.exp(-(share * np.log(share)).sum()) > rank
        low, high = (power, high) if wide else (low, power)
    return np.sqrt(np.arange(1, dim + 1.0) ** -low)


def vectors(n, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, DIM)) * spread()).astype(np.float32)


def meaning(kind, x, rng):
    """What a listener with such a word feels at each of x (n, d), at standard deviation 1."""
    beta = np.zeros(DIM)
    beta[: WORDS[kind]] = rng.normal(size=WORDS[kind])
    return x @ beta / np.linalg.norm(beta * spread())


def rated(kind, x, rng):
    """Ratings (n,) on nine keys."""
    n = len(x)
    if kind == "uniform":
        return rng.integers(0, 9, n) / 8
    if kind == "all middle":
        return rng.choice(9, n, p=[0.03, 0.04, 0.08, 0.2, 0.3, 0.2, 0.08, 0.04, 0.03]) / 8
    if kind == "one-sided":
        return rng.choice([4, 5, 6, 7, 8, 1], n, p=[0.15, 0.2, 0.25, 0.2, 0.12, 0.08]) / 8
    felt = meaning(kind, x, rng) + 0.5 * rng.normal(size=n)
    return np.clip(np.floor(4.5 + 3.2 * felt), 0, 8) / 8


@pytest.fixture(scope="module")
def library():
    return vectors(LIBRARY)


@pytest.mark.parametrize("n", [10, 200, 2000])
def test_fit(benchmark, library, n):
    benchmark(SliderHead.fit, library[:n], rated("easy", library[:n], np.random.default_rng(0)))


@pytest.mark.parametrize("n", [10, 60, 200])
def test_rating_to_every_score(benchmark, library, n):
    """Refit, gate, 100,000 scores and percentiles: at most 100 ms."""
    y = rated("medium", library[:n], np.random.default_rng(0))

    def rating():
        return percentiles(SliderHead.fit(library[:n], y, DARK).predict(library))

    benchmark(rating)


def test_the_product_alone(benchmark, library):
    """What one pass over the vectors costs here: the floor under every figure of 100,000."""
    q = library[0].copy()
    benchmark(lambda: library @ q)


def test_suggesting(benchmark, library):
    head = SliderHead.fit(library[:40], rated("easy", library[:40], np.random.default_rng(0)))
    rng = np.random.default_rng(0)
    benchmark(lambda: suggest(library, head, np.arange(40), rng))


@pytest.mark.parametrize("kind", ["uniform", "all middle", "one-sided", *WORDS])
def test_gate(benchmark, kind):
    """False light over 60 meaningless ratings; ratings to light where the word is real."""

    def sequences(count=300):
        first, at_end = [], 0
        for seed in range(count):
            rng = np.random.default_rng([seed, sum(map(ord, kind))])
            x = vectors(60, seed)
            states = replay(x, rated(kind, x, rng), seed)
            first.append(next((s.ratings for s in states if s.lit), 999))
            at_end += states[-1].lit
        return np.array(first), at_end / count

    first, at_end = benchmark.pedantic(sequences, rounds=1)
    benchmark.extra_info["ever lit"] = float((first < 999).mean())
    benchmark.extra_info["lit at 60"] = at_end
    benchmark.extra_info["median ratings to light"] = float(np.median(first))


def clusters(n, groups=40, seed=0):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(groups, DIM)) * spread()
    x = centres[rng.integers(groups, size=n)] + 0.6 * rng.normal(size=(n, DIM)) * spread()
    return x.astype(np.float32)


@pytest.mark.parametrize("n", [5000, 20_000])
def test_map(benchmark, n):
    """The longest gap, in ms, of a thread that wants to run every 2 ms meanwhile."""
    projection.fit(clusters(50), epochs=1)  # compiled, or read from the cache
    x, gaps, done = clusters(n), [0.0], threading.Event()

    def tick():
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
    benchmark.extra_info["longest gap ms"] = max(gaps)
    benchmark.extra_info["p99.9 gap ms"] = float(np.quantile(gaps, 0.999))


@pytest.mark.filterwarnings("ignore")
def test_map_against_umap_learn(benchmark):
    """Trustworthiness@15 within .02 of umap-learn's and above PCA's, on the same vectors."""
    import umap
    from sklearn.manifold import trustworthiness

    x = clusters(1500)
    ours = benchmark.pedantic(projection.fit, (x,), rounds=1)
    z = projection.directions(x)
    start = time.perf_counter()
    peer = umap.UMAP(metric="cosine", n_neighbors=30, min_dist=0.15, random_state=0)
    theirs = peer.fit_transform(z)
    benchmark.extra_info["umap-learn s, compiling included"] = time.perf_counter() - start
    flat = z @ np.linalg.svd(z, full_matrices=False)[2][:2].T
    quality = {
        name: float(trustworthiness(z, y, n_neighbors=15, metric="cosine"))
        for name, y in (("ours", ours), ("umap-learn", theirs), ("PCA", flat))
    }
    benchmark.extra_info.update(quality)

    assert quality["ours"] >= quality["umap-learn"] - 0.02
    assert quality["ours"] > quality["PCA"]
