"""The gate: a pure function of what it saw, hard to please and hard to fool."""

import json

import numpy as np
import pytest

from sliders_desktop.ml.gate import (
    DARK,
    GateState,
    Missing,
    look,
    missing,
    permutation_p,
)
from sliders_desktop.ml.heads import replay
from sliders_desktop.ml.ridge import weights

ALL = Missing(0, 0, 0)


def after(*looks, state=DARK, start=10):
    """The gate after ``looks`` of (p, auc), one rating more each time."""
    for i, (p, auc) in enumerate(looks):
        state = look(state, p, auc, ALL, start + i, seen=hash((start + i, p, auc)))
    return state


GOOD, MIDDLING, BAD = (0.01, 0.8), (0.05, 0.65), (0.5, 0.5)


def test_three_good_looks_light_and_two_do_not():
    assert not after(GOOD, GOOD).lit
    assert after(GOOD, GOOD, GOOD).lit


@pytest.mark.parametrize("between", [MIDDLING, BAD, (0.016, 0.9), (0.01, 0.69)])
def test_good_looks_must_be_in_a_row(between):
    assert not after(GOOD, GOOD, between, GOOD, GOOD).lit
    assert after(GOOD, GOOD, between, GOOD, GOOD, GOOD).lit


def test_middling_looks_keep_the_light_and_three_bad_ones_take_it():
    lit = after(GOOD, GOOD, GOOD)

    assert after(*[MIDDLING] * 9, state=lit, start=13).lit
    assert after(BAD, BAD, MIDDLING, BAD, BAD, state=lit, start=13).lit
    dark = after(BAD, BAD, BAD, state=lit, start=13)
    assert not dark.lit
    assert dark.was_lit
    assert after(GOOD, GOOD, GOOD, state=dark, start=16).lit


@pytest.mark.parametrize("needs", [Missing(1, 0, 0), Missing(0, 1, 0), Missing(0, 0, 2)])
def test_no_light_while_ratings_are_missing(needs):
    state = DARK
    for n in range(20):
        state = look(state, 0.001, 1.0, needs, n, n + 1)

    assert not state.lit


def test_the_same_ratings_again_are_no_new_look():
    once = look(DARK, 0.001, 1.0, ALL, 10, seen=7)

    assert look(once, 0.001, 1.0, ALL, 10, seen=7) is once


def test_changing_ratings_without_adding_any_never_lights():
    state = DARK
    for seen in range(1, 20):
        state = look(state, 0.001, 1.0, ALL, 10 + seen % 2, seen)

    assert not state.lit
    assert state.passes < 3


def test_the_state_survives_json_and_unknown_fields():
    state = after(GOOD, GOOD)
    stored = json.loads(json.dumps(state.to_dict()))

    assert GateState.from_dict({**stored, "of_a_later_version": 1}) == state
    assert GateState.from_dict({}) == DARK


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        ([], Missing(10, 3, 3)),
        ([0.0, 0.4, 1.0], Missing(7, 1, 2)),
        ([0.5] * 12, Missing(0, 3, 3)),
        ([0.0] * 5 + [1.0] * 5, Missing(0, 0, 0)),
    ],
)
def test_missing_counts_what_the_gate_needs(y, expected):
    assert missing(y) == expected
    assert bool(missing(y)) == (expected != ALL)


def brute_p(x, r, w, seed):
    """The permutation test in loops: each deviation predicted from all others."""
    a = w * (r - w @ r / w.sum())
    z = x - x.mean(0)
    k = z @ z.T
    alpha = np.trace(k) / len(r)

    def statistic(b):
        mu = np.empty_like(b)
        for i in range(len(b)):
            rest = np.arange(len(b)) != i
            gram = k[np.ix_(rest, rest)] + alpha * np.eye(len(b) - 1)
            mu[i] = k[i, rest] @ np.linalg.solve(gram, b[rest])
        return b @ mu / np.linalg.norm(mu)

    rng = np.random.default_rng([seed, len(r)])
    own = statistic(a)
    others = rng.permuted(np.tile(a, (999, 1)), axis=1)
    return (1 + sum(statistic(b) >= own - 1e-12 for b in others)) / 1000


@pytest.mark.parametrize("shape", [(12, 40), (12, 5)])
def test_p_equals_brute_force(shape):
    rng = np.random.default_rng(3)
    x = rng.normal(size=shape)
    r = np.clip((x[:, 0] > 0) * 0.6 + rng.integers(0, 4, shape[0]) / 8, 0, 1)

    assert permutation_p(x, r, weights(r), 5) == brute_p(x, r, weights(r), 5)


def test_p_is_uniform_where_there_is_nothing():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 12, 20))
    ratings = rng.random((300, 12))
    p = np.array([permutation_p(x[i], r, weights(r)) for i, r in enumerate(ratings)])

    assert abs(p.mean() - 0.5) < 0.05
    assert 0.02 <= (p <= 0.05).mean() <= 0.09


@pytest.mark.parametrize("r", [[], [1.0], [0.0, 1.0], [0.5] * 9, [1.0] * 9])
def test_nothing_to_compare_is_no_evidence(r):
    r = np.array(r)
    x = np.random.default_rng(0).normal(size=(len(r), 4))

    assert permutation_p(x, r, weights(r)) == 1


def test_replay_lights_a_real_word_and_stays_dark_for_none():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 64)) / np.sqrt(1 + np.arange(64))
    word = np.clip(np.round(8 * (0.5 + 0.35 * (x[:, 0] + 0.1 * rng.normal(size=40)))) / 8, 0, 1)

    real, none = replay(x, word), replay(x, np.full(40, 0.5))

    assert len(real) == len(none) == 40
    assert real[-1].lit
    assert not any(s.lit for s in real[:11])
    assert not any(s.lit for s in none)
    assert replay(x, word) == real
