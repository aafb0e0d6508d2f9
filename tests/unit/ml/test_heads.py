"""Slider heads against refits without each rating, and against scikit-learn and scipy."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import rankdata

from sliders_desktop.ml.audible import widened
from sliders_desktop.ml.gate import DARK
from sliders_desktop.ml.heads import Prior, SliderHead, percentiles, suggest, surprises
from sliders_desktop.ml.ridge import weights


def ridge(x, r, w, alpha):
    """Coefficients and intercept by the normal equations of the augmented problem."""
    mean, middle = w @ x / w.sum(), w @ r / w.sum()
    z, t = x - mean, r - middle
    beta = np.linalg.solve(z.T * w @ z + alpha * np.eye(x.shape[1]), z.T @ (w * t))
    return beta, middle - mean @ beta


def vectors(n, d, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)) / np.sqrt(1 + np.arange(d))


def keys(n, seed=0):
    return np.random.default_rng(seed).integers(0, 9, n) / 8


RATINGS = {
    "keys": keys,
    "one-sided": lambda n: 0.5 + keys(n) / 2,
    "all at one end": lambda n: np.ones(n),
    "all in the middle": lambda n: np.full(n, 0.5),
    "one against the rest": lambda n: np.r_[1.0, np.zeros(n - 1)],
}


@pytest.mark.parametrize("kind", RATINGS)
@pytest.mark.parametrize(("n", "d"), [(2, 30), (9, 30), (25, 60), (60, 12), (31, 30), (30, 30)])
def test_leave_one_out_equals_refits(n, d, kind):
    x, r = vectors(n, d), RATINGS[kind](n)
    head = SliderHead.fit(x, r)
    w = weights(r)

    refits = []
    for i in range(n):
        rest = np.arange(n) != i
        beta, b = ridge(x[rest], r[rest], w[rest], head.alpha_)
        refits.append(x[i] @ beta + b)
    np.testing.assert_allclose(head.loo_predictions_, refits, rtol=0, atol=1e-10)
    beta, b = ridge(x, r, w, head.alpha_)
    np.testing.assert_allclose(head.coef_, beta, atol=1e-6)
    np.testing.assert_allclose(head.predict(x.astype(np.float32)), x @ beta + b, atol=1e-5)


@pytest.mark.parametrize("kind", RATINGS)
@pytest.mark.parametrize(("n", "d"), [(200, 40), (2000, 30), (300, 600)])
def test_leave_one_out_equals_refits_of_many_ratings(n, d, kind):
    """As above, for twelve of them; a tenth of the tracks twice, some with opposite ratings."""
    x, r = vectors(n, d), RATINGS[kind](n)
    x[-n // 10 :] = x[: n // 10]
    r[-n // 20 :] = 1 - r[-n // 20 :]
    head = SliderHead.fit(x, r)
    w = weights(r)

    for i in [0, n - 1, *np.random.default_rng(0).integers(0, n, 10)]:
        rest = np.arange(n) != i
        beta, b = ridge(x[rest], r[rest], w[rest], head.alpha_)
        assert head.loo_predictions_[i] == pytest.approx(x[i] @ beta + b, abs=1e-10)


def test_leave_one_out_with_duplicates_and_contradictions():
    x = np.repeat(vectors(8, 20), 3, axis=0)
    r = np.tile([0.0, 1.0, 0.875], 8)
    head = SliderHead.fit(x, r)
    w = weights(r)

    for i in range(24):
        rest = np.arange(24) != i
        beta, b = ridge(x[rest], r[rest], w[rest], head.alpha_)
        assert head.loo_predictions_[i] == pytest.approx(x[i] @ beta + b, abs=1e-10)


@pytest.mark.parametrize(("n", "d"), [(24, 50), (80, 20)])
def test_leave_one_out_equals_scikit_learn(n, d):
    from sklearn.linear_model import RidgeCV

    x, r = vectors(n, d), keys(n)
    head = SliderHead.fit(x, r)
    w = weights(r)
    peer = RidgeCV(alphas=[head.alpha_], store_cv_results=True).fit(x, r, sample_weight=w)

    ours = w * (r - head.loo_predictions_) ** 2  # its stored errors are weighted
    np.testing.assert_allclose(ours, peer.cv_results_[:, 0], atol=1e-12)
    np.testing.assert_allclose(head.coef_, peer.coef_, atol=1e-6)


def test_wide_vectors_are_judged_with_what_is_audible_beside_them():
    """512 places: exact in the widened space, and the coefficients say the same of plain ones."""
    x, r = vectors(24, 512), keys(24)
    head = SliderHead.fit(x, r)
    wide, w = widened(x), weights(r)
    assert wide.shape[1] > 512

    for i in range(24):
        rest = np.arange(24) != i
        beta, b = ridge(wide[rest], r[rest], w[rest], head.alpha_)
        assert head.loo_predictions_[i] == pytest.approx(wide[i] @ beta + b, abs=1e-10)
    beta, b = ridge(wide, r, w, head.alpha_)
    np.testing.assert_allclose(head.predict(x.astype(np.float32)), wide @ beta + b, atol=1e-5)
    z = wide - w @ wide / w.sum()
    inverse = np.linalg.inv(z.T * w @ z + head.alpha_ * np.eye(wide.shape[1]))
    expected = np.einsum("ij,jk,ik->i", z, inverse, z) * head.noise_
    np.testing.assert_allclose(head.variance(x.astype(np.float32)), expected, rtol=2e-3)


def prior_of(x, r):
    head = SliderHead.fit(x, r)
    return Prior(head.coef_, head.intercept_)


@pytest.mark.parametrize(("n", "d"), [(1, 20), (2, 20), (9, 20), (40, 12), (24, 30)])
def test_a_prior_is_what_coefficients_are_drawn_to(n, d):
    """Brute force: the penalty on β − β₀, each rating left out in turn."""
    prior = prior_of(vectors(30, d, 5), keys(30, 5))
    x, r = vectors(n, d), keys(n)
    head = SliderHead.fit(x, r, prior=prior)
    w = weights(r)
    left = r - x @ prior.coef - prior.intercept

    beta, b = ridge(x, left, w, head.alpha_)
    np.testing.assert_allclose(head.coef_, beta + prior.coef, atol=1e-5)
    assert head.intercept_ == pytest.approx(b + prior.intercept, abs=1e-5)
    for i in range(n if n > 1 else 0):
        rest = np.arange(n) != i
        beta, b = ridge(x[rest], left[rest], w[rest], head.alpha_)
        expected = r[i] - left[i] + x[i] @ beta + b
        assert head.loo_predictions_[i] == pytest.approx(expected, abs=1e-9)


def test_without_ratings_a_shared_head_is_the_prior_and_dim():
    prior = prior_of(vectors(30, 20, 5), keys(30, 5))
    head = SliderHead.fit(np.empty((0, 20)), [], prior=prior)

    assert head.state == "dim"
    assert np.array_equal(head.coef_, prior.coef)
    assert head.predict(np.zeros((1, 20), np.float32))[0] == pytest.approx(prior.intercept)


def test_three_ratings_that_agree_light_a_shared_head_and_opposite_ones_never():
    x = vectors(60, 30)
    word = np.clip(0.5 + 0.4 * x[:, 0], 0, 1)
    prior = prior_of(x[:40], word[:40])
    apart = 40 + np.argsort(word[40:])[[0, 19, 9, 1, 18, 2, 17]]

    def states(ratings):
        gate, out = DARK, []
        for n in range(1, len(ratings) + 1):
            head = SliderHead.fit(x[apart[:n]], ratings[:n], gate, prior=prior)
            gate = head.gate_
            out.append(head.state)
        return out

    same = np.round(8 * word[apart]) / 8
    assert states(same)[:4] == ["dim", "dim", "lit", "lit"]
    assert "lit" not in states(1 - same)
    assert states(1 - same)[-1] == "confused"


def test_a_shared_head_that_is_contradicted_loses_its_light():
    x = vectors(60, 30)
    word = np.clip(0.5 + 0.4 * x[:, 0], 0, 1)
    prior = prior_of(x[:40], word[:40])
    order = 40 + np.argsort(word[40:])[[0, 19, 9, 1, 18, 2, 17, 3, 16, 4, 15, 5, 14]]
    gate, seen = DARK, []
    for n in range(3, len(order) + 1):
        ratings = np.r_[word[order[:3]], 1 - word[order[3:n]]]
        head = SliderHead.fit(x[order[:n]], ratings, gate, prior=prior)
        gate = head.gate_
        seen.append(head.state)

    assert seen[0] == "lit"
    assert "confused" in seen


def test_alpha_follows_the_spread_of_the_vectors():
    x, r = vectors(12, 40), keys(12)

    assert SliderHead.fit(10 * x, r).alpha_ == pytest.approx(100 * SliderHead.fit(x, r).alpha_)
    ten, one = SliderHead.fit(10 * x, r).coef_, SliderHead.fit(x, r).coef_
    np.testing.assert_allclose(ten, one / 10, rtol=1e-4)


@pytest.mark.parametrize("noise", [0.0, 0.3, 3.0])
def test_many_ratings_choose_alpha_by_leave_one_out(noise):
    x = vectors(40, 30)
    r = np.clip(0.5 + 0.4 * (x[:, 0] + noise * np.random.default_rng(1).normal(size=40)), 0, 1)
    w = weights(r)
    z = x - w @ x / w.sum()
    unit = np.trace(z.T * w @ z) / 40
    errors = {}
    for step in (0.3, 1.0, 3.0, 10.0):
        rest = [np.arange(40) != i for i in range(40)]
        fits = [ridge(x[k], r[k], w[k], step * unit) for k in rest]
        errors[step] = sum(w[i] * (r[i] - x[i] @ f[0] - f[1]) ** 2 for i, f in enumerate(fits))

    assert SliderHead.fit(x, r).alpha_ == pytest.approx(min(errors, key=errors.get) * unit)


def test_no_rating_and_one():
    none = SliderHead.fit(np.empty((0, 6)), [])
    one = SliderHead.fit(np.ones((1, 6)), [0.75])

    assert none.state == one.state == "new"
    assert none.predict(np.ones((2, 6), np.float32)).tolist() == [0.5, 0.5]
    assert one.predict(np.ones((2, 6), np.float32)).tolist() == [0.75, 0.75]
    assert none.pair_accuracy_ is one.pair_accuracy_ is None
    assert none.disagreeing is one.disagreeing is None


@pytest.mark.parametrize("x", [np.ones((12, 7)), np.zeros((12, 7)), np.full((12, 7), 0.1)])
def test_equal_vectors_teach_nothing(x):
    head = SliderHead.fit(x, keys(12))

    assert not head.coef_.any()
    assert head.p == 1
    assert np.isfinite(head.loo_predictions_).all()


def test_pair_accuracy_is_not_biased_against_the_listener():
    """With the folds' own means left in, nothing learned would rank far below chance."""
    right, naive = [], []
    for seed in range(60):
        x, r = vectors(16, 60, seed), keys(16, seed + 1000)
        head = SliderHead.fit(x, r)
        right.append(head.pair_accuracy_)
        above = r[None, :] - r[:, None] >= 0.25
        loo = head.loo_predictions_
        naive.append((loo[None, :] > loo[:, None])[above].mean())

    assert 0.45 < np.mean(right) < 0.55
    assert np.mean(naive) < 0.4


def test_a_real_word_is_predicted():
    x = vectors(300, 40)
    word = np.clip(0.5 + 0.4 * x[:, 0], 0, 1)
    head = SliderHead.fit(x[:30], word[:30])
    guess = head.predict(x[30:].astype(np.float32))

    assert head.pair_accuracy_ > 0.75
    assert np.corrcoef(rankdata(guess), rankdata(word[30:]))[0, 1] > 0.8


def test_states():
    x = vectors(40, 20)
    word = np.clip(np.round(8 * (0.5 + 0.4 * x[:, 0])) / 8, 0, 1)
    meaningless = keys(40, 5)

    assert SliderHead.fit(x[:4], word[:4]).state == "new"
    assert SliderHead.fit(x[:20], np.full(20, 0.75)).state == "new"  # all on one side
    assert SliderHead.fit(x, meaningless).state == "listening"
    assert SliderHead.fit(x[:20], word[:20]).state == "dim"
    gate = DARK
    for n in (20, 21, 22):
        head = SliderHead.fit(x[:n], word[:n], gate)
        gate = head.gate_
    assert head.state == "lit"
    for n in (23, 24, 25, 26):
        head = SliderHead.fit(x[:n], meaningless[:n], gate)
        gate = head.gate_
    assert head.state == "confused"  # it lost its light


def test_two_tracks_that_sound_alike_rated_as_opposites_confuse():
    x = vectors(9, 20)
    x[7] = x[2] + 1e-3
    r = np.array([0, 0.125, 0, 0.875, 1, 0.875, 0.25, 1, 0.5])
    r[2], r[7] = 0.0, 1.0
    head = SliderHead.fit(x, r)

    assert head.disagreeing == (2, 7)
    assert head.contradicts
    assert head.state == "confused"


def test_the_same_ratings_twice_give_the_same_head():
    x, r = vectors(14, 20), keys(14)
    once = SliderHead.fit(x, r, seed=4)
    twice = SliderHead.fit(x, r, once.gate_, seed=4)

    assert twice.gate_ == once.gate_
    assert np.array_equal(twice.coef_, once.coef_)


def test_a_head_survives_the_store():
    x, r = vectors(14, 20), keys(14)
    head = SliderHead.fit(x, r)
    state = json.loads(json.dumps(head.to_state()))
    again = SliderHead.from_parts(head.coef_, head.intercept_, head.alpha_, state)

    assert again.gate_ == head.gate_
    assert again.state == head.state
    assert again.disagreeing == head.disagreeing
    assert again.pair_accuracy_ == head.pair_accuracy_
    wide = x.astype(np.float32)
    assert np.array_equal(again.predict(wide), head.predict(wide))
    with pytest.raises(ValueError):
        again.variance(wide)


@pytest.mark.parametrize(("n", "d"), [(10, 25), (40, 8)])
def test_variance_equals_the_posterior(n, d):
    x, r = vectors(n, d), keys(n)
    head = SliderHead.fit(x, r)
    w = weights(r)
    z = x - w @ x / w.sum()
    inverse = np.linalg.inv(z.T * w @ z + head.alpha_ * np.eye(d))
    expected = np.einsum("ij,jk,ik->i", z, inverse, z) * head.noise_

    np.testing.assert_allclose(head.variance(x.astype(np.float32)), expected, rtol=2e-3)


@pytest.mark.parametrize("m", [0, 1, 2, 50, 1000])
def test_percentiles_equal_scipy(m):
    rng = np.random.default_rng(m)
    for scores in (rng.normal(size=m), rng.integers(0, 4, m), np.zeros(m)):
        expected = (rankdata(scores) - 1) / (m - 1) if m > 1 else np.full(m, 0.5)
        np.testing.assert_allclose(percentiles(scores.astype(np.float32)), expected, atol=1e-6)


def test_certainty_falls_where_nothing_alike_was_rated():
    x = vectors(300, 30)
    x[150:] = vectors(150, 30, 9) * 3  # far from whatever was rated
    x[150:, 0] = vectors(150, 30, 9)[:, 0]
    head = SliderHead.fit(x[:30], np.clip(0.5 + 0.4 * x[:30, 0], 0, 1))
    wide = x.astype(np.float32)
    sure = head.certainty(head.predict(wide), head.variance(wide))

    assert sure.dtype == np.float32
    assert 0 < sure.min() < sure.max() < 1
    assert sure[:150].mean() > sure[150:].mean() + 0.1
    spread = np.var(head.predict(wide))
    np.testing.assert_allclose(sure, spread / (spread + head.variance(wide)), rtol=1e-5)


def test_suggestions_are_unrated_varied_and_repeatable():
    x = vectors(400, 20).astype(np.float32)
    rated = np.arange(12)
    head = SliderHead.fit(x[:12], np.clip(0.5 + 0.4 * x[:12, 0], 0, 1))
    rows = [suggest(x, head, rated, np.random.default_rng(s)).row for s in range(30)]

    assert rows == [suggest(x, head, rated, np.random.default_rng(s)).row for s in range(30)]
    assert min(rows) >= 12
    order = percentiles(head.predict(x))[sorted(set(rows))]
    assert order.min() == 0 or order.min() < 0.03
    assert order.max() > 0.97


def test_suggestions_at_the_edges():
    x = vectors(5, 4).astype(np.float32)
    empty = SliderHead.fit(np.empty((0, 4)), [])
    rng = np.random.default_rng(0)

    assert 0 <= suggest(x, empty, [], rng).row < 5
    assert suggest(x, empty, [0, 1, 2, 4], rng).row == 3
    assert suggest(x, empty, [0, 1], rng, avoid=[2, 4]).row == 3
    assert suggest(x, empty, range(5), rng).row == -1
    assert suggest(x[:0], empty, [], rng).row == -1


def test_surprises_are_high_and_unlike_what_was_rated():
    x = vectors(400, 20).astype(np.float32)
    rated = np.arange(12)
    head = SliderHead.fit(x[:12], np.clip(0.5 + 0.4 * x[:12, 0], 0, 1))
    finds = surprises(x, head, rated)

    assert len(set(finds)) == 3
    assert min(finds) >= 12
    unrated = head.predict(x[12:])
    top = 12 + np.argsort(-unrated)[:20]
    assert set(finds) <= set(top.tolist())
    z = x - x.mean(0)
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    likeness = (z[top] @ z[:12].T).max(1)
    assert set(finds) == set(top[np.argsort(likeness)[:3]].tolist())
    assert surprises(x[:12], head, rated) == []


def test_importing_heads_costs_nothing():
    code = (
        "import sys, sliders_desktop.ml.heads, sliders_desktop.ml.recommender\n"
        "heavy = {'torch', 'sklearn', 'scipy', 'numba', 'umap'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or None)"
    )
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=root).returncode == 0
