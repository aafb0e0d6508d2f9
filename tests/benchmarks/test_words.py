"""How soon real words light, how seldom meaningless ones do, and what asking well and weighing
the middle less are worth.

On real music: SLIDERS_BENCHMARK_MEASURED is a file that `sliders-desktop audible FOLDER --out D
--measured F` wrote, SLIDERS_BENCHMARK_LABELS a table with the columns file and style.
SLIDERS_BENCHMARK_SEQUENCES is how many listeners there are of each kind (1000).
"""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sliders_desktop.ml.agreement import APART, right
from sliders_desktop.ml.heads import SliderHead, replay
from sliders_desktop.ml.ridge import leave_one_out, spectrum, weights
from tests.benchmarks.listeners import (
    KINDS,
    NOISES,
    RATINGS,
    Music,
    heard,
    is_style,
    lit_after,
    meaningless,
    ranks,
    rated,
)

MEASURED = os.environ.get("SLIDERS_BENCHMARK_MEASURED")
LABELS = os.environ.get("SLIDERS_BENCHMARK_LABELS")
SEQUENCES = int(os.environ.get("SLIDERS_BENCHMARK_SEQUENCES", "1000"))
EASY = ("brightness", "bass", "tone")
MEDIUM = ("calm", "driving", "span", "chiptune", "orchestral")
DRAWS = 40  # of ratings, for each word and noise
Z95 = 1.645

pytestmark = pytest.mark.skipif(MEASURED is None, reason="no measured music is named")


@cache
def music() -> Music:
    assert MEASURED is not None
    return Music.read(Path(MEASURED), Path(LABELS) if LABELS else None)


@cache
def halves() -> list[Any]:
    return [half for seed in (0, 1) for half, _ in music().halves(seed)]


def everywhere(work: Callable[[Any], Any], items: list[Any]) -> list[Any]:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, items, chunksize=max(1, len(items) // 400)))


def upper(hits: int, n: int) -> float:
    """The one-sided 95 % bound of a share, after Wilson."""
    share = hits / n
    middle = share + Z95**2 / (2 * n)
    return (middle + Z95 * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n))) / (
        1 + Z95**2 / n
    )


# ── meaningless ratings ──


def lights(kind: str, seed: int) -> bool:
    """Whether one listener's meaningless ratings ever light a slider."""
    x = music().x
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    ratings = meaningless(kind, rng)
    if kind == "as suggested":
        return lit_after(x, lambda n, row: float(ratings[n]), rng) > 0
    rows = rng.permutation(len(x))[:RATINGS]
    return any(state.lit for state in replay(x[rows], ratings))


@pytest.mark.parametrize("kind", KINDS)
def test_false_light(benchmark: BenchmarkFixture, kind: str) -> None:
    lit = benchmark.pedantic(everywhere, (partial(lights, kind), list(range(SEQUENCES))), rounds=1)
    bound = upper(sum(lit), len(lit))
    benchmark.extra_info.update(lit=sum(lit), of=len(lit), upper_95=bound)
    print(f"\n{kind}: {sum(lit)} of {len(lit)} lit, at most {100 * bound:.1f} %")  # noqa: T201
    assert bound <= 0.065


# ── real words ──


def learned(case: tuple[str, float, int]) -> dict[str, float]:
    """One listener with a real word: when it lights, and how well the rest is placed."""
    word, noise, seed = case
    half = halves()[seed % len(halves())]
    v = half.words[word]
    rng = np.random.default_rng([seed, int(10 * noise), sum(word.encode())])
    rows, ratings = heard(v, rng), rated(v, noise, rng)
    states = replay(half.x[rows], ratings[rows])
    out = {"lit": float(next((n for n, s in enumerate(states, 1) if s.lit), 0))}
    for n in (12, 20, 40):
        head = SliderHead.fit(half.x[rows[:n]], ratings[rows[:n]])
        out[f"quality {n}"] = quality(half.x @ head.coef_, v, rows[:n])
        out[f"shown {n}"] = head.pair_accuracy_ or 0.5
    return out


def quality(scores: Any, v: Any, rows: Any) -> float:
    """Spearman's correlation on what is unrated; of a style 2·AUC − 1, which has the same range."""
    rest = np.setdiff1d(np.arange(len(v)), rows)
    if is_style(v):
        place = np.argsort(np.argsort(scores[rest])) + 0.5
        yes = v[rest] > 0
        return float(2 * (place[yes].mean() - place[~yes].mean()) / len(rest))
    return float(np.corrcoef(ranks(scores[rest]), ranks(v[rest]))[0, 1])


def test_real_words(benchmark: BenchmarkFixture) -> None:
    """The shipped directions have no part in it: each half leans on what the other half showed."""
    cases = [(w, noise, s) for w in music().words for noise in NOISES for s in range(DRAWS)]
    found = benchmark.pedantic(everywhere, (learned, cases), rounds=1)
    table: dict[str, dict[str, float]] = {}
    for word in music().words:
        for noise in NOISES:
            mine = [f for c, f in zip(cases, found, strict=True) if c[:2] == (word, noise)]
            table[f"{word} {noise}"] = summed(mine)
    for name, words in (("easy", EASY), ("medium", MEDIUM)):
        mine = [f for c, f in zip(cases, found, strict=True) if c[0] in words and c[1] < 0.5]
        table[name] = summed(mine)
    benchmark.extra_info.update(table)
    for name, row in table.items():
        print(f"{name:16}" + "  ".join(f"{k} {x:.2f}" for k, x in row.items()))  # noqa: T201
    assert table["easy"]["median to light"] <= 17
    assert table["medium"]["lit"] >= 0.73


def summed(found: list[dict[str, float]]) -> dict[str, float]:
    lit = np.array([f["lit"] or np.inf for f in found])
    out = {"median to light": float(np.median(lit)), "lit": float(np.isfinite(lit).mean())}
    return out | {key: float(np.mean([f[key] for f in found])) for key in found[0] if key != "lit"}


# ── asking well ──


def asked(case: tuple[str, float, int]) -> tuple[int, int]:
    """Ratings to light by chance, and in the order of suggestions after three by chance."""
    word, noise, seed = case
    half = halves()[seed % len(halves())]
    v = half.words[word]
    rng = np.random.default_rng([seed, int(10 * noise), sum(word.encode()), 7])
    ratings = rated(v, noise, rng)
    order = rng.permutation(len(v))[:RATINGS]  # whatever plays: a rare style is not looked for
    states = replay(half.x[order], ratings[order])
    by_chance = next((n for n, s in enumerate(states, 1) if s.lit), RATINGS + 1)
    by_asking = lit_after(half.x, lambda n, row: float(ratings[row]), rng, first=3)
    return by_chance, by_asking or RATINGS + 1


def test_asking_well(benchmark: BenchmarkFixture) -> None:
    cases = [(w, 0.4, s) for w in music().words for s in range(DRAWS)]
    found = np.array(benchmark.pedantic(everywhere, (asked, cases), rounds=1))
    for word in (*music().words, ""):
        mine = found[[word in ("", c[0]) for c in cases]]
        chance, asking = np.median(mine, 0)
        lit = (mine <= RATINGS).mean(0)
        said = {
            "by chance": chance, "asking": asking, "fewer": 1 - mine.mean(0)[1] / mine.mean(0)[0],
            "lit by chance": lit[0], "lit by asking": lit[1],
        }  # fmt: skip
        benchmark.extra_info[word or "all words"] = {k: float(x) for k, x in said.items()}
        line = "  ".join(f"{k} {x:.2f}" for k, x in said.items())
        print(f"{word or 'all words':16}{line}")  # noqa: T201


# ── weighing the middle less ──


def weighed(case: tuple[str, float, int], silent: float = 0.0) -> list[float]:
    """Of 24 ratings, weighed as we do and all alike: true quality, shown pairs; shown to a liar.

    To a share ``silent`` of the tracks the word does not apply: they are rated in the middle.
    """
    word, noise, seed = case
    half = halves()[seed % len(halves())]
    v = half.words[word]
    rng = np.random.default_rng([seed, int(10 * noise), sum(word.encode()), 9])
    rows, ratings = heard(v, rng)[:24], rated(v, noise, rng)
    shy = rng.random(len(v)) < silent
    ratings = np.where(shy, rng.choice([0.375, 0.5, 0.5, 0.625], len(v)), ratings)
    out = []
    for w in (weights(ratings[rows]), np.ones(24)):
        scores, shown = ridge(half.x, rows, ratings[rows], w)
        _, lied = ridge(half.x, rows, rng.permutation(ratings[rows]), w)
        out += [quality(scores, v, rows), shown, lied]
    return out


def ridge(x: Any, rows: Any, r: Any, w: Any) -> tuple[Any, float]:
    """Scores of all of x, and the share of pairs that leave-one-out puts right, weighed by w."""
    mean, middle, root = w @ x[rows] / w.sum(), w @ r / w.sum(), np.sqrt(w)
    z, t = root[:, None] * (x[rows] - mean), root * (r - middle)
    q, lam = spectrum(z)
    loo, alpha = leave_one_out(q, lam, t, w, r, float(lam.sum()) / len(r))
    beta = z.T @ (q @ ((q.T @ t) / (lam + alpha)))
    guess = loo - (w @ r - w * r) / (w.sum() - w)
    return x @ beta, right(guess, r, r[None, :] - r[:, None] >= APART) or 0.5


@pytest.mark.parametrize("silent", [0.0, 0.5])
def test_the_middle_weighs_less(benchmark: BenchmarkFixture, silent: float) -> None:
    cases = [(w, 0.4, s) for w in music().words for s in range(DRAWS)]
    work = partial(weighed, silent=silent)
    found = np.array(benchmark.pedantic(everywhere, (work, cases), rounds=1))
    names = ("true quality", "shown pairs right", "shown for meaningless ratings")
    for at, name in enumerate(names):
        ours, alike = found[:, at], found[:, at + 3]
        gain = ours - alike
        error = gain.std() / np.sqrt(len(gain))
        benchmark.extra_info[name] = [float(ours.mean()), float(alike.mean()), float(error)]
        print(f"{silent} silent, {name}: {ours.mean():.3f} weighed, {alike.mean():.3f} all alike,"  # noqa: T201
              f" gain {gain.mean():+.3f} ± {error:.3f}")  # fmt: skip
