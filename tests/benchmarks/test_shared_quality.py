"""What a shared slider is worth on music that its sharer does not have.

``SLIDERS_BENCHMARK_VECTORS`` names the vectors of real music, as `sliders-desktop vectors FOLDER
--out F.npz` writes them. Folders are dealt to a sharer and a receiver, so that neither has a track
or an album of the other's. The listener is simulated: a word that can be heard, rated on nine keys.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from sliders_desktop.library.sharing import SharedSlider, write
from sliders_desktop.ml.heads import Prior, SliderHead
from sliders_desktop.ml.ridge import weights
from sliders_desktop.tasks.receiving import learned

KEPT_AS = "SLIDERS_BENCHMARK_VECTORS"
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


@pytest.mark.parametrize("noise", [0.25, 0.5])
@pytest.mark.parametrize("kind", KINDS)
def test_a_word_travels(music, kind, noise):
    """At the receiver it orders music as the sharer's rater does, nearly as well as at home."""
    x, folders = music
    shares, at_home, away = [], [], []
    joined = {n: [] for n in (3, 10, 20)}
    alone = {n: [] for n in (3, 10, 20)}
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        mine, theirs = halves(folders, rng)
        value = felt(kind, x, rng)
        given = rng.choice(mine, RATED, replace=False)
        _, head = learned(text_of(x[given], rated(value[given], noise, rng)))
        rest = np.setdiff1d(mine, given)
        at_home.append(rank(head.predict(x[rest]), value[rest]))
        away.append(rank(head.predict(x[theirs]), value[theirs]))
        shares.append(away[-1] / at_home[-1])
        prior = Prior(head.coef_, head.intercept_)
        for n in joined:
            own = rng.choice(theirs, n, replace=False)
            unrated = np.setdiff1d(theirs, own)
            y = rated(value[own], noise, rng)
            for found, start in ((joined, prior), (alone, None)):
                after = SliderHead.fit(x[own], y, prior=start)
                found[n].append(rank(after.predict(x[unrated]), value[unrated]))
    grown = " · ".join(
        f"{n} more {np.mean(joined[n]):.3f} (alone {np.nanmean(alone[n]):.3f})" for n in joined
    )
    sys.stdout.write(
        f"\n{kind}, noise {noise}: at home {np.mean(at_home):.3f}, away {np.mean(away):.3f} ± "
        f"{np.std(away):.3f}; share {np.mean(away) / np.mean(at_home):.1%}, each "
        f"{np.mean(shares):.1%} ± {np.std(shares):.1%}, least {np.min(shares):.1%}; {grown}\n"
    )
    assert np.mean(away) >= 0.8 * np.mean(at_home)
