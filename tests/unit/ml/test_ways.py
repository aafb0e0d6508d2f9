"""Ways between tracks: wandering from star to star, and journeys; guards by brute force."""

from itertools import permutations

import numpy as np
import pytest

from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.constellation import tour, wander
from sliders_desktop.ml.guards import ALBUM_MOST, TWIN
from sliders_desktop.ml.journey import Drift, journey
from sliders_desktop.ml.leanings import Leanings, Steer
from sliders_desktop.ml.recommender import Anchor, Context
from sliders_desktop.ml.ways import Way, dice


def catalogue(m=900, d=24, artists=90, albums=200, seed=0):
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=(m, d)) / np.sqrt(1 + np.arange(d)) + 0.3).astype(np.float32)
    return Catalogue(
        rng.permutation(10 * m)[:m].astype(np.int64),
        x,
        rng.integers(-1, artists, m).astype(np.int32),
        rng.integers(-1, albums, m).astype(np.int32),
        rng.uniform(100, 400, m).astype(np.float32),
    )


def context(c, rows, **others):
    return Context([Anchor(int(c.ids[r]), 1.0) for r in rows], **others)


def row_of(c, pick):
    return int(c.rows_of([pick.track_id])[0])


def guards_hold(c, line, picks, gap=4):
    """Each pick breaks exactly the guards that it says it broke; ``line`` are rows from before."""
    line = list(line)
    for pick in picks:
        row = row_of(c, pick)
        broken = []
        if c.album[row] >= 0 and list(c.album[line[-19:]]).count(c.album[row]) >= ALBUM_MOST:
            broken.append("album")
        if c.artist[row] >= 0 and c.artist[row] in c.artist[line[-gap:]]:
            broken.append("artist")
        if 0 < c.duration_s[row] < 20:
            broken.append("short")
        others = np.array([r for r in line if r != row], int)
        if others.size and (c.unit(others) @ c.unit(np.array([row]))[0]).max() > TWIN:
            broken.append("twin")
        if row in line[-50:]:
            broken.append("recent")
        assert tuple(broken) == pick.relaxed
        line.append(row)


def test_places_on_the_way_are_the_great_circles():
    c = catalogue()
    rows = np.array([3, 70])
    a, b = c.unit(rows).astype(float)
    for t in np.linspace(0, 1, 7):
        alpha, beta = Way(c, rows).shares(np.asarray(t))
        place = alpha * a + beta * b
        assert np.linalg.norm(place) == pytest.approx(1, abs=1e-6)
        angle = np.arccos(a @ b)
        assert np.arccos(np.clip(place @ a, -1, 1)) == pytest.approx(t * angle, abs=1e-3)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7])
def test_a_tour_is_hardly_longer_than_the_shortest(count):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        unit = rng.normal(size=(count, 3))
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)

        def length(order, unit=unit):
            there = unit[list(order)]
            cosines = (there * np.roll(there, -1, 0)).sum(1)
            return np.arccos(np.clip(cosines, -1, 1)).sum()

        found = tour(unit, rng)
        shortest = min(map(length, permutations(range(count)))) if count < 7 else 0
        assert sorted(found) == list(range(count))
        if count < 7:
            assert length(found) <= 1.1 * shortest + 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_a_wander_visits_every_star_and_keeps_the_guards(seed):
    rng = np.random.default_rng(seed)
    c = catalogue(seed=seed)
    stars = rng.choice(900, 4, replace=False)
    picks = wander(context(c, stars), c, Leanings(), 24, seed)

    assert len({p.track_id for p in picks}) == len(picks) == 24
    guards_hold(c, [], picks)
    rows = [row_of(c, p) for p in picks]
    cosines = c.unit(np.array(rows)) @ c.unit(stars).T
    assert (cosines.max(0) > 0.7).all()  # each star, or something just like it
    assert set(rows) & set(stars.tolist())
    assert picks == wander(context(c, stars), c, Leanings(), 24, seed)
    other = wander(context(c, stars, again=True), c, Leanings(), 24, seed + 100)
    assert len({p.track_id for p in other} - {p.track_id for p in picks}) >= 5


def test_each_step_of_a_wander_is_nearer_than_chance_and_none_strays_from_the_stars():
    c = catalogue(3000, artists=400, albums=900)
    stars = np.array([5, 900, 2000])
    picks = wander(context(c, stars, near_far=0.0), c, Leanings(), 30, 0)
    unit = c.unit(np.array([row_of(c, p) for p in picks]))
    steps = (unit[1:] * unit[:-1]).sum(1)
    near = (unit @ c.unit(stars).T).max(1)
    everybody = (c.unit(np.arange(3000)) @ c.unit(stars).T).max(1)

    assert steps.mean() > 0.4
    assert near.min() > np.quantile(everybody, 0.7)
    between = near[near < 0.99]
    assert between[-8:].mean() > between[:8].mean() - 0.2  # it does not wander off


def test_a_wander_keeps_away_from_what_is_unwanted():
    c = catalogue(3000, artists=400, albums=900)
    stars = [Anchor(int(c.ids[5])), Anchor(int(c.ids[900]))]
    bad = c.unit(np.array([5, 900])).sum(0)
    row = int(np.argsort(-c.cosines(bad / np.linalg.norm(bad)))[5])

    def likeness(anchors):
        picks = wander(Context(anchors, near_far=0.0), c, Leanings(), 12, 0)
        return (c.unit(np.array([row_of(c, p) for p in picks])) @ c.unit(np.array([row]))[0]).mean()

    assert likeness([*stars, Anchor(int(c.ids[row]), -1.0)]) < likeness(stars) - 0.1


def test_a_wander_goes_on_from_where_it_is():
    c = catalogue()
    stars = [5, 400, 800]
    all_ = wander(context(c, stars, near_far=0.0), c, Leanings(), 30, 0)
    heard = [p.track_id for p in all_[:8]]
    rest = wander(context(c, stars, near_far=0.0, recent=heard), c, Leanings(), 20, 0)

    assert [p.way for p in rest[:12]] == [p.way for p in all_[8:20]]
    guards_hold(c, [row_of(c, p) for p in all_[:8]], rest)


def test_stars_that_are_not_to_be_played_are_passed_by_in_turn():
    c = catalogue(3000, artists=400, albums=900)
    stars = np.array([5, 900, 2000])
    never = frozenset(int(i) for i in c.ids[stars])
    heard: list[int] = []
    while len(heard) < 36:  # as a radio goes on: anew after each track
        now = wander(context(c, stars, recent=heard), c, Leanings(), 2, 0, never)
        heard.append(now[0].track_id)
    near = c.unit(c.rows_of(heard)) @ c.unit(stars).T

    assert not never & set(heard)
    assert len(set(heard)) == 36
    turns = near.argmax(1)
    assert 6 <= np.count_nonzero(np.diff(turns)) <= 24  # from star to star, not to and fro
    assert np.bincount(turns, minlength=3).min() >= 6


def test_parts_of_a_wander_sum_to_the_score():
    c = catalogue()
    ranks = np.random.default_rng(0).random(900, dtype=np.float32)
    leanings = Leanings((Steer("calm", ranks, 0.8),), np.linspace(-1, 1, 900, dtype=np.float32))
    anchors = Context([*context(c, [5, 400]).anchors, Anchor(int(c.ids[9]), -0.5)])
    for pick in wander(anchors, c, leanings, 15, 0):
        amounts = [a for _, a in pick.anchors] + [p.amount for p in pick.steers]
        assert sum(amounts) + pick.familiar == pytest.approx(pick.score, abs=1e-6)
        assert pick.familiar == pytest.approx(leanings.familiar[row_of(c, pick)])


def test_bad_constellations_give_something_sensible():
    c = catalogue(60, artists=60, albums=60)
    assert len(wander(context(c, [3]), c, Leanings(), 70, 0)) == 60
    assert len(wander(Context([Anchor(int(c.ids[3]), -1.0)]), c, Leanings(), 5, 0)) == 5
    assert len(wander(Context(), c, Leanings(), 5, 0)) == 5
    assert len(wander(context(c, [3, 3, 3, 4]), c, Leanings(), 20, 0)) == 20
    gone = frozenset([int(c.ids[3]), int(c.ids[4])])
    picks = wander(context(c, [3, 4]), c, Leanings(), 60, 0, gone)
    assert {p.track_id for p in picks} == set(c.ids.tolist()) - gone
    none = Catalogue(*(a[:0] for a in (c.ids, c.x, c.artist, c.album, c.duration_s)))
    assert wander(Context([Anchor(1)]), none, Leanings(), 5, 0) == []


@pytest.mark.parametrize("minutes", [10, 40, 90])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_journey_takes_its_time_and_keeps_the_guards(minutes, seed):
    c = catalogue()
    ends = int(c.ids[3]), int(c.ids[70])
    picks = journey(Context(), c, Leanings(), ends, 60 * minutes, seed=seed)
    rows = [row_of(c, p) for p in picks]

    assert (picks[0].track_id, picks[-1].track_id) == ends
    assert len(set(rows)) == len(rows)
    assert c.duration_s[rows].sum() / 60 == pytest.approx(minutes, abs=2)
    guards_hold(c, rows[:1], picks[1:])
    assert not any(p.relaxed for p in picks)
    toward = c.unit(np.array(rows)) @ c.unit(np.array([3, 70])).T
    places = np.linspace(0, 1, len(rows))
    assert np.corrcoef(places, toward[:, 1] - toward[:, 0])[0, 1] > 0.8
    assert picks == journey(Context(), c, Leanings(), ends, 60 * minutes, seed=seed)


def test_another_seed_gives_another_journey():
    c = catalogue()
    ends = int(c.ids[3]), int(c.ids[70])
    first, other = (
        journey(Context(again=bool(seed)), c, Leanings(), ends, 2400, seed=seed) for seed in (0, 9)
    )
    assert len({p.track_id for p in first} - {p.track_id for p in other}) >= 3


def test_a_journey_follows_a_slider():
    c = catalogue(3000, artists=400, albums=900)
    ranks = np.random.default_rng(5).random(3000, dtype=np.float32)
    ends = int(c.ids[3]), int(c.ids[70])
    for start, end in ((0.1, 0.9), (0.8, 0.2)):
        drift = Drift(Steer("calm", ranks, 0.0), start, end)
        picks = journey(Context(), c, Leanings(), ends, 3600, drift)[1:-1]
        at = np.array([p.steers[0].percentile for p in picks])
        wanted = np.linspace(start, end, len(picks) + 2)[1:-1]

        assert np.abs(at - wanted).mean() < 0.12
        for pick in picks:
            amounts = [a for _, a in pick.anchors] + [p.amount for p in pick.steers]
            assert sum(amounts) == pytest.approx(pick.score, abs=1e-6)


def test_a_journey_is_as_long_as_the_library_allows():
    c = catalogue(12, artists=12, albums=12)
    ends = int(c.ids[3]), int(c.ids[7])
    picks = journey(Context(), c, Leanings(), ends, 9 * 3600)

    assert {p.track_id for p in picks} == set(c.ids.tolist())
    short = journey(Context(), c, Leanings(), ends, 60)
    assert [p.track_id for p in short] == [*ends]
    c.duration_s[:] = 0
    unknown = journey(Context(), c, Leanings(), ends, 1500)
    assert len(unknown) == 7  # of 210 s each


def test_dice_are_thrown_per_track_and_seed():
    ids = np.arange(20_000)
    thrown = dice(ids, 3, 1.0)

    np.testing.assert_array_equal(dice(ids[::-1], 3, 1.0), thrown[::-1])
    assert thrown.mean() == pytest.approx(0.5772, abs=0.03)  # Euler's constant
    assert thrown.std() == pytest.approx(np.pi / np.sqrt(6), abs=0.03)
    assert abs(np.corrcoef(thrown, dice(ids, 4, 1.0))[0, 1]) < 0.03
    assert not dice(ids, 3, 0.0).any()
