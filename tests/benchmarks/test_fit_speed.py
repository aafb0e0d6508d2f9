"""How fast heads are, and how well the gate does.

Figures that are no time go into ``extra_info``. The gate takes minutes.
"""

import numpy as np
import pytest

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
