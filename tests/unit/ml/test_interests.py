"""What anchors ask, taken apart and put together again: by brute force."""

from dataclasses import replace

import numpy as np
import pytest

from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.interests import SHARPNESS, interests
from sliders_desktop.ml.leanings import Leanings
from sliders_desktop.ml.query import SEEN, WIDTH, Query
from sliders_desktop.ml.recommender import Anchor, Context, explained, next_tracks
from sliders_desktop.ml.standing import CROWD, held_directions, standing

D, M = 16, 300


@pytest.fixture
def catalogue():
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(M, D)) + 0.5).astype(np.float32)
    codes = np.arange(M, dtype=np.int32)
    return Catalogue(np.arange(M), x, codes, codes, np.full(M, 200, np.float32))


@pytest.fixture
def query():
    rng = np.random.default_rng(1)
    metric = (np.eye(D) + 0.2 * rng.normal(size=(D, D))).astype(np.float32)
    held = rng.normal(size=(D, 3)).astype(np.float32)
    gains = np.array([0, 0.5, 1, 1, 1, 1], np.float32)
    return replace(Query("", metric, gains, 3.0), most=3, crowd=0.6, hold=0.01, held=held)


def stood(query, catalogue):
    return replace(catalogue, standing=query.standing(catalogue))


def two_tastes(of=6, d=D):
    rng = np.random.default_rng(2)
    x = np.vstack([np.eye(d)[at] + 0.1 * rng.normal(size=(of, d)) for at in (0, 5)])
    order = rng.permutation(2 * of)
    x = x[order] / np.linalg.norm(x[order], axis=1, keepdims=True)
    return x.astype(np.float32), order < of


def test_two_tastes_are_two_interests_and_one_is_one():
    unit, first = two_tastes()
    groups = interests(unit)

    assert sorted(map(tuple, groups)) == sorted(
        [tuple(np.flatnonzero(first)), tuple(np.flatnonzero(~first))]
    )
    assert [g.tolist() for g in interests(unit[first])] == [list(range(first.sum()))]
    assert [g.tolist() for g in interests(unit, 1)] == [list(range(len(unit)))]
    assert len(interests(np.eye(9, dtype=np.float32))) == 3
    assert [g.tolist() for g in interests(unit[:0])] == [[]]


def test_joining_is_by_the_mean_of_all_pairs():
    rng = np.random.default_rng(3)
    unit = rng.normal(size=(12, 5))
    unit = (unit / np.linalg.norm(unit, axis=1, keepdims=True)).astype(np.float32)
    groups = [[i] for i in range(12)]
    while len(groups) > 2:
        pairs = [(a, b) for a in range(len(groups)) for b in range(a)]
        means = [float((unit[groups[a]] @ unit[groups[b]].T).mean()) for a, b in pairs]
        if len(groups) <= 3 and max(means) < 0.05:
            break
        a, b = pairs[int(np.argmax(means))]
        groups[b] += groups.pop(a)
    assert sorted(sorted(g) for g in groups) == sorted(g.tolist() for g in interests(unit))


def test_both_tastes_are_found_where_their_middle_is_neither(catalogue):
    unit, first = two_tastes()
    plain = Query.centroid("", D)
    question = replace(plain, most=3).question(unit, None, [1.0] * 12)
    middle = (np.eye(D)[0] + np.eye(D)[5]) / 2**0.5
    both = np.vstack([np.eye(D)[0], np.eye(D)[5], middle]).astype(np.float32)

    one, other, between = question.score(both @ question.q.T, None)
    assert min(one, other) > between
    one, other, between = both @ plain.of(unit, [1.0] * 12)
    assert between > max(one, other)


def test_a_crowd_is_the_mean_cosine_of_the_nearest(catalogue):
    unit = catalogue.unit(np.arange(M))
    like = unit @ unit.T
    np.fill_diagonal(like, -2)
    found = standing(catalogue.unit, catalogue.usable, None)

    np.testing.assert_allclose(found[:, 0], np.sort(like)[:, -CROWD:].mean(1), atol=1e-5)


def test_places_are_even_and_broken_tracks_have_none(catalogue, query):
    x = catalogue.x.copy()
    x[7] = np.nan
    broken = replace(catalogue, x=x)
    found = query.standing(broken)
    whole = np.delete(found, 7, 0)

    assert not found[7].any()
    np.testing.assert_allclose(whole[:, 1:].mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(whole[:, 1:].std(0), 1, atol=1e-5)
    assert np.isfinite(found).all()
    assert replace(query, crowd=0.0, hold=0.0).standing(catalogue) is None
    assert not standing(catalogue.unit, np.zeros(M, np.bool_), query.held).any()


def test_directions_tell_what_ranks_them(catalogue):
    unit = catalogue.unit(np.arange(M))
    ranks = np.stack([unit[:, 3], unit[:, 8]]).argsort(1).argsort(1).T.astype(np.float32)
    found = unit @ held_directions(unit, ranks)

    for at in range(2):
        assert np.corrcoef(found[:, at], ranks[:, at])[0, 1] > 0.9


def test_the_score_is_its_formula(catalogue, query):
    full = stood(query, catalogue)
    rows, weights = np.array([3, 9, 27, 81, 200]), [1.0, 2.0, 1.0, 0.5, -1.0]
    anchors = [Anchor(int(i), w) for i, w in zip(rows, weights, strict=True)]
    lead = query.lead(Context(anchors), full)
    found = full.asked(lead.question).cosines

    unit, w = catalogue.unit(np.arange(M)), np.array(weights[:4])
    scores = np.zeros(M)
    for group in interests(unit[rows[:4]]):
        share = w[group].sum() / w.sum()
        mine = np.zeros(5)
        mine[group], mine[4] = w[group], -share
        pooled = mine @ unit[rows] / np.abs(mine).sum()
        gain = query.gain(np.array(weights, np.float32))
        led = pooled + gain * (query.metric @ pooled - pooled)
        scores += share * np.exp(SHARPNESS * unit @ (led / np.linalg.norm(led)))
    z = full.standing[:, 1:]
    middle = (w / w.sum()) @ z[rows[:4]]
    apart = 4 * (w / w.sum()) @ (z[rows[:4]] - middle) ** 2
    width = (SEEN * WIDTH + apart) / (SEEN + 3) * 1.25
    wanted = np.log(scores) / SHARPNESS - 0.6 * full.standing[:, 0]
    wanted -= 0.01 * ((z - middle) ** 2 / width).sum(1)
    np.testing.assert_allclose(found, wanted, atol=1e-4)


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("weights", [[1.0], [-1.0], [1.0, 1.0, 2.0, -1.0, 1.0], [1.0] * 20])
def test_what_is_owed_to_the_anchors_is_the_score(catalogue, query, weights, ordered):
    full = stood(query, catalogue)
    anchors = [Anchor(7 * i, w) for i, w in enumerate(weights)]
    lead = query.lead(Context(anchors), full, ordered)
    known = full.asked(lead.question)
    rows = np.arange(M)
    owed = lead.owed(full.unit(rows), full.standing)

    assert owed.shape == (M, len(weights))
    np.testing.assert_allclose(owed.sum(1), known.cosines, atol=1e-4)
    ids = np.array([a.track_id for a in anchors])
    for pick in explained(full, rows[:20], lead, ids, Leanings(), known.spread):
        assert pick.score == pytest.approx(known.cosines[pick.track_id] / known.spread, abs=1e-3)


def test_a_catalogue_that_does_not_know_what_is_asked_goes_by_directions(catalogue, query):
    context = Context([Anchor(3), Anchor(9), Anchor(27)])
    lead = query.lead(context, catalogue)
    picks = next_tracks(context, catalogue, Leanings(), 10, np.random.default_rng(0), lead)

    assert len(picks) == 10
    question = lead.question
    unit = catalogue.unit(np.arange(M))
    np.testing.assert_allclose(
        catalogue.asked(question).cosines, question.score(unit @ question.q.T, None), atol=1e-5
    )


def test_what_anchors_share_is_kept_and_a_chain_goes_on(query):
    unit = np.eye(D, dtype=np.float32)[:4]
    alike = np.array([[0.1, -2.0, 0], [0.0, 1.0, 1], [0.1, 2.0, 2], [0.0, -1.0, 3]], np.float32)
    question = query.question(unit, alike, [1.0] * 4)
    chain = query.question(unit, alike, [1.0] * 4, ordered=True)

    assert question.held[0] > 2 * question.held[1]
    assert question.at == pytest.approx([0.05, 0.0, 1.5])
    assert chain.at[2] > 3.0
    assert chain.held[2] > question.held[2]  # each step is the same
    assert len(chain.q) == 1
