"""What a shared slider is worth on music that its sharer does not have.

``SLIDERS_BENCHMARK_VECTORS`` names the vectors of real music, as `sliders-desktop vectors FOLDER
--out F.npz` writes them. Folders are dealt to a sharer and a receiver, so that neither has a track
or an album of the other's. The listener is simulated: a word that can be heard, rated on nine keys.
``SLIDERS_BENCHMARK_WORDS`` may name a second .npz, with what real words (bright, fast, orchestral)
say of the same tracks: an array (n,) each, in the order of the vectors.
"""

import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm, rankdata, spearmanr

from sliders_desktop.library.sharing import SharedSlider, write
from sliders_desktop.ml.heads import Prior, SliderHead
from sliders_desktop.ml.ridge import weights
from sliders_desktop.tasks.receiving import is_proven, learned

KEPT_AS, WORDS = "SLIDERS_BENCHMARK_VECTORS", "SLIDERS_BENCHMARK_WORDS"
SEEDS = 20
RATED = 40
KINDS = ("easy", "medium", "curved")


@pytest.fixture(scope="module")
def music():
    """Vectors (n, d) and the folder (n,) of each."""
    path = os.environ.get(KEPT_AS)
    if not path:
        pytest.skip(f"{KEPT_AS} names no vectors")
    with np.load(path, allow_pickle=False) as file:
        folders = [str(Path(p).parent) for p in file["paths"]]
        return file["vectors"].astype(np.float32), np.unique(folders, return_inverse=True)[1]


def halves(folders, rng):
    """Rows of two libraries that share no folder, about as large."""
    order = rng.permutation(folders.max() + 1)
    counts = np.bincount(folders)[order]
    first = order[np.cumsum(counts) <= len(folders) / 2]
    mine = np.isin(folders, first)
    return np.flatnonzero(mine), np.flatnonzero(~mine)


def felt(kind, x, rng):
    """What the word says of each of x (n, d), at standard deviation 1.

    Easy and medium words are directions in the widest 5 or 30; a curved one is near to three
    kinds of music and far from three others, which no direction can say.
    """
    z = x - x.mean(0)
    _, s, v = np.linalg.svd(z, full_matrices=False)
    if kind == "curved":
        y = z @ v[:10].T / s[:10] * np.sqrt(len(x))
        centres = y[rng.choice(len(x), 6, replace=False)]
        near = np.exp(-((y[:, None] - centres[None]) ** 2).sum(2) / 20)
        value = near[:, :3].sum(1) - near[:, 3:].sum(1)
    else:
        k = 5 if kind == "easy" else 30
        value = z @ v[:k].T @ rng.normal(size=k)
    return (value - value.mean()) / value.std()


def rated(value, noise, rng):
    """Ratings on nine keys of what is felt (n,)."""
    return np.clip(np.floor(4.5 + 3.2 * (value + noise * rng.normal(size=len(value)))), 0, 8) / 8


def text_of(x, y):
    d = x.shape[1]
    shared = SharedSlider(
        "word", "low", "high", "ab" * 32, "test", x, y, weights(y), np.zeros(d, "f4"), 0.0, 1.0
    )  # fmt: skip
    head = SliderHead.fit(x, y)
    return write(replace(shared, coef=head.coef_, intercept=head.intercept_, alpha=head.alpha_))


def rank(a, b):
    return float(spearmanr(a, b).statistic)


def travel(x, folders, meaning, noise):
    """Spearman at home and away, of each sharer whose ratings prove the word; printed.

    ``meaning(rng)`` says what the word says of each track. Also printed: away after n ratings
    there, and what these would be worth alone.
    """
    at_home, away = [], []
    joined = {n: [] for n in (3, 10, 20)}
    alone = {n: [] for n in (3, 10, 20)}
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        mine, theirs = halves(folders, rng)
        value = meaning(rng)
        given = rng.choice(mine, RATED, replace=False)
        _, head = learned(text_of(x[given], rated(value[given], noise, rng)))
        if not is_proven(head):  # the preview says so, and the receiver's ratings have to
            continue
        rest = np.setdiff1d(mine, given)
        at_home.append(rank(head.predict(x[rest]), value[rest]))
        away.append(rank(head.predict(x[theirs]), value[theirs]))
        prior = Prior(head.coef_, head.intercept_)
        for n in joined:
            own = rng.choice(theirs, n, replace=False)
            unrated = np.setdiff1d(theirs, own)
            y = rated(value[own], noise, rng)
            for found, start in ((joined, prior), (alone, None)):
                after = SliderHead.fit(x[own], y, prior=start)
                found[n].append(rank(after.predict(x[unrated]), value[unrated]))
    if not at_home:
        sys.stdout.write(": the sharer's ratings never prove it\n")
        return at_home, away
    grown = " · ".join(
        f"{n} more {np.mean(joined[n]):.3f} (alone {np.nanmean(alone[n]):.3f})" for n in joined
    )
    home, there = np.mean(at_home), np.mean(away)
    sys.stdout.write(
        f": proven {len(away)} of {SEEDS} times; at home {home:.3f} ± {np.std(at_home):.3f}, away "
        f"{there:.3f} ± {np.std(away):.3f}; share {there / home:.1%}; {grown}\n"
    )
    return at_home, away


@pytest.mark.parametrize("noise", [0.25, 0.5])
@pytest.mark.parametrize("kind", KINDS)
def test_a_word_travels(music, kind, noise):
    """At the receiver it orders music as the sharer's rater does, nearly as well as at home."""
    x, folders = music
    sys.stdout.write(f"\n{kind}, noise {noise}")
    at_home, away = travel(x, folders, partial(felt, kind, x), noise)
    assert np.mean(away) >= 0.8 * np.mean(at_home)


@pytest.mark.filterwarnings("ignore:An input array is constant")
def test_real_words_travel(music):
    """The same for words that are measured or known of the tracks, all together."""
    x, folders = music
    path = os.environ.get(WORDS)
    if not path:
        pytest.skip(f"{WORDS} names no words")
    at_home, away = [], []
    with np.load(path, allow_pickle=False) as file:
        for name, told in file.items():
            value = norm.ppf((rankdata(told) - 0.5) / len(told))
            sys.stdout.write(f"\n{name}, noise 0.5")
            found = travel(x, folders, lambda rng, value=value: value, 0.5)
            at_home += found[0]
            away += found[1]
    sys.stdout.write(f"all {len(away)}: share {np.mean(away) / np.mean(at_home):.1%}\n")
    assert np.mean(away) >= 0.8 * np.mean(at_home)
