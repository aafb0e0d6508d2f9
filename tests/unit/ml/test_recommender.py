"""What plays next: the centroid's ranking, the guards inside the walk, and true reasons."""

import numpy as np
import pytest

from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.familiarity import Familiarity, activation
from sliders_desktop.ml.guards import ALBUM_MOST, TWIN
from sliders_desktop.ml.leanings import Leanings, Steer, fit_to
from sliders_desktop.ml.recommender import Anchor, Context, Lead, next_tracks


def catalogue(m=600, d=24, artists=60, albums=120, seed=0, length_s=180.0):
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=(m, d)) / np.sqrt(1 + np.arange(d)) + 0.3).astype(np.float32)
    ids = rng.permutation(10 * m)[:m]
    return Catalogue(
        ids.astype(np.int64),
        x,
        rng.integers(-1, artists, m).astype(np.int32),
        rng.integers(-1, albums, m).astype(np.int32),
        np.full(m, length_s, np.float32),
    )


def play(c, context, steers=(), n=20, seed=0, **others):
    leanings = Leanings(steers)
    return next_tracks(context, c, leanings, n, np.random.default_rng(seed), **others)


def brute_cosines(c, q):
    z = c.x.astype(float) - c.x.astype(float).mean(0)
    return z @ q / np.linalg.norm(z, axis=1) / np.linalg.norm(q)


def test_cosines_are_of_mean_centred_vectors():
    c = catalogue()
    q = np.random.default_rng(1).normal(size=24).astype(np.float32)
    q /= np.linalg.norm(q)

    np.testing.assert_allclose(c.cosines(q), brute_cosines(c, q), atol=1e-5)
    np.testing.assert_allclose(c.unit(np.arange(9)) @ q, c.cosines(q)[:9], atol=1e-5)


def test_a_near_radio_starts_with_the_nearest_to_the_centroid():
    c = catalogue()
    anchors = [Anchor(int(c.ids[3]), 1.0), Anchor(int(c.ids[70]), 0.5)]
    q = (c.unit(np.array([3, 70])) * [[1.0], [0.5]]).sum(0)
    best = next(r for r in np.argsort(-brute_cosines(c, q)) if r not in (3, 70))
    (pick,) = play(c, Context(anchors, near_far=0), n=1)

    assert pick.track_id == c.ids[best]
    cosines = brute_cosines(c, q)
    assert pick.score == pytest.approx(cosines[best] / cosines.std(), rel=1e-4)
    assert pick.similarity == pytest.approx(cosines[best], abs=1e-5)
    assert pick.relaxed == ()


def test_a_query_takes_the_place_of_the_centroid():
    c = catalogue()
    lead = Lead.of(c.unit(np.array([70])))
    (pick,) = play(c, Context([Anchor(int(c.ids[3]))], near_far=0), n=1, lead=lead)

    assert pick.track_id == c.ids[70]
    assert pick.anchors == ((c.ids[3], pytest.approx(pick.score)),)


def test_each_anchors_part_is_told_and_all_parts_sum_to_the_score():
    c, rng = catalogue(), np.random.default_rng(2)
    rows, weights = [3, 70, 200, 9], np.array([1.0, 0.5, 2.0, -0.7])
    anchors = [Anchor(int(c.ids[r]), w) for r, w in zip(rows, weights, strict=True)]
    ranks = rng.random(600, dtype=np.float32)
    whole = (weights[:, None] * c.unit(np.array(rows))).sum(0)
    spread = brute_cosines(c, whole).std()
    row_of = {int(i): r for r, i in enumerate(c.ids)}
    for steers in ([], [Steer("calm", ranks, 0.8, 0.5, 0.1)]):
        for pick in play(c, Context(anchors), steers):
            row = row_of[pick.track_id]
            likeness = c.unit(np.array(rows)) @ c.unit(np.array([row]))[0]
            for anchor, amount in pick.anchors:
                at = rows.index(row_of[anchor])
                part = weights[at] * likeness[at] / np.linalg.norm(whole) / spread
                assert amount == pytest.approx(part, rel=1e-3, abs=1e-4)
            pulled = [-6 * 0.5 * max(abs(ranks[row] - 0.8) - 0.1, 0)] if steers else []
            assert [p.amount for p in pick.steers] == pytest.approx(pulled, abs=1e-5)
            score = brute_cosines(c, whole)[row] / spread + sum(pulled)
            assert pick.score == pytest.approx(score, abs=1e-3)


def guards_hold(c, context, picks):
    """Each pick breaks exactly the guards it says it broke."""
    row_of = {int(i): r for r, i in enumerate(c.ids)}
    recent = [row_of[i] for i in context.recent if i in row_of]
    seeds = [row_of[a.track_id] for a in context.anchors if a.track_id in row_of]
    line = recent[-50:]
    for pick in picks:
        row = row_of[pick.track_id]
        broken = []
        if c.album[row] >= 0 and list(c.album[line[-19:]]).count(c.album[row]) >= ALBUM_MOST:
            broken.append("album")
        if c.artist[row] >= 0 and c.artist[row] in c.artist[line[-context.artist_gap :]]:
            broken.append("artist")
        if 0 < c.duration_s[row] < 20:
            broken.append("short")
        others = [r for r in {*line, *seeds} if r != row]
        if others and (c.unit(np.array(others)) @ c.unit(np.array([row]))[0]).max() > TWIN:
            broken.append("twin")
        if row in recent[-50:] or row in seeds:
            broken.append("recent")
        assert tuple(broken) == pick.relaxed
        line.append(row)


@pytest.mark.parametrize("seed", range(12))
def test_guards_hold_on_random_libraries(seed):
    rng = np.random.default_rng(seed)
    m = int(rng.integers(40, 900))
    c = catalogue(m, artists=int(rng.integers(1, 80)), albums=int(rng.integers(1, 90)), seed=seed)
    c.duration_s[rng.random(m) < 0.2] = 12.0
    c.x[1] = c.x[0]
    c = Catalogue(c.ids, c.x, c.artist, c.album, c.duration_s)
    recent = [int(i) for i in rng.choice(c.ids, int(rng.integers(0, min(m, 80))), replace=False)]
    anchors = [Anchor(int(i), float(rng.normal())) for i in rng.choice(c.ids, 3)]
    queued = frozenset(int(i) for i in rng.choice(c.ids, 5))
    gap = int(rng.choice([4, 4, 10, 50]))
    context = Context(anchors, recent, float(rng.random()), gap)
    steers = [Steer("calm", rng.random(m, dtype=np.float32), 0.9)] if seed % 2 else []
    picks = play(c, context, steers, n=60, seed=seed, exclude=queued)

    assert len(picks) == min(60, m - len(queued))
    assert len({p.track_id for p in picks}) == len(picks)
    assert not queued & {p.track_id for p in picks}
    guards_hold(c, context, picks)
    if m > 500 and len(np.unique(c.artist)) > 5 * gap and len(np.unique(c.album)) > 40:
        assert not any(p.relaxed for p in picks)
    assert picks == play(c, context, steers, n=60, seed=seed, exclude=queued)


def test_a_small_library_plays_everything_before_anything_again():
    c = catalogue(60, artists=6, albums=6, length_s=25.0)
    start = int(c.ids[0])
    picks = play(c, Context([Anchor(start)], [start]), n=100)

    assert sorted(p.track_id for p in picks) == sorted(c.ids)
    assert picks[-1].track_id == start
    assert "recent" in picks[-1].relaxed
    assert not any("recent" in p.relaxed for p in picks[:-1])


def test_of_recent_tracks_the_oldest_comes_first():
    c = catalogue(30, artists=30, albums=30)
    recent = [int(i) for i in c.ids[:30]]

    assert play(c, Context(recent=recent), n=1)[0].track_id == recent[0]


def test_where_artists_are_too_few_the_one_longest_ago_comes_next():
    c = catalogue(400, artists=12, albums=400)
    c.artist[c.artist < 0] = 0
    picks = play(c, Context([Anchor(int(c.ids[0]))], artist_gap=50), n=60)
    artists = [int(c.artist[c.rows_of([p.track_id])[0]]) for p in picks]

    assert all(len(set(artists[i : i + 12])) == 12 for i in range(48))
    assert ["artist" in p.relaxed for p in picks] == [False] * 12 + [True] * 48


def test_another_master_of_a_recording_does_not_follow_it():
    """Noise that lowers the cosine to .97 stands for it; see `guards.TWIN`."""
    c, rng = catalogue(300, d=200), np.random.default_rng(1)
    x = c.x.copy()
    noise = rng.normal(size=(100, 200)) / np.sqrt(200)
    sizes = np.linalg.norm(x[:100] - x.mean(0), axis=1, keepdims=True)
    x[100:200] = x[:100] + 0.25 * sizes * noise
    c = Catalogue(c.ids, x, np.arange(300, dtype=np.int32), np.arange(300), c.duration_s)
    pairs = (c.unit(np.arange(100)) * c.unit(np.arange(100, 200))).sum(1)
    assert TWIN < pairs.min() < pairs.max() < 0.98
    for anchor in range(20):
        picks = play(c, Context([Anchor(int(c.ids[anchor]))], [int(c.ids[anchor])]), n=60)
        rows = [anchor, *(int(c.rows_of([p.track_id])[0]) for p in picks)]
        songs = [row - 100 if 100 <= row < 200 else row for row in rows]
        assert len(set(songs)) == 61


def test_wanting_it_otherwise_gives_another_good_choice():
    c = catalogue(3000)
    first = play(c, Context([Anchor(int(c.ids[0]))], near_far=0))
    again = Context([Anchor(int(c.ids[0]))], near_far=0, again=True)
    others = [play(c, again, seed=seed) for seed in (1, 2)]

    assert others[0] != others[1]
    assert others[0] != first
    likeness = [np.mean([p.similarity for p in picks]) for picks in (first, *others)]
    assert min(likeness) > likeness[0] - 0.1


def test_familiar_or_forgotten_is_a_term_of_the_score():
    rng = np.random.default_rng(0)
    now, day = 2e9, 86400
    plays = rng.integers(0, 30, 2000)
    last = now - rng.integers(1, 1500, 2000) * day
    known = Familiarity(plays, last, np.full(2000, now - 2000 * day), now)
    c = catalogue(2000)
    context = Context([Anchor(int(c.ids[0]))], near_far=0)

    def picks(knob):
        leanings = Leanings((), known.amount(knob))
        return next_tracks(context, c, leanings, 20, rng)

    def place(found):
        return known.places[c.rows_of(p.track_id for p in found)].mean()

    assert known.amount(0.5) is None
    assert place(picks(0.0)) > place(picks(0.5)) + 0.15
    assert place(picks(1.0)) < place(picks(0.5)) - 0.15
    for pick in picks(1.0):
        assert pick.familiar + sum(a for _, a in pick.anchors) == pytest.approx(pick.score)
    row = int(np.argmin(known.places))
    known.heard(row, 50, now, now, now)
    assert known.places[row] > 0.99
    fresh = activation([0, 1, 9, 9], [0, now, now, now - 400 * day], [now - 9 * day] * 4, now)
    assert fresh[2] > fresh[1] > fresh[0]
    assert fresh[2] > fresh[3]


def test_one_artist_alone_fills_the_candidates():
    """Guards hold even when the 200 nearest tracks are all by one artist."""
    c = catalogue(3000, albums=3000)
    row = 5
    nearest = np.argsort(-c.cosines(c.unit(np.array([row]))[0]))[:900]
    c.artist[nearest] = 7
    context = Context([Anchor(int(c.ids[row]))], near_far=0)
    picks = play(c, context, n=15)

    guards_hold(c, context, picks)
    assert not any(p.relaxed for p in picks)


def test_a_slider_pulls_the_radio():
    c = catalogue(2000)
    ranks = np.random.default_rng(3).random(2000, dtype=np.float32)
    row_of = {int(i): r for r, i in enumerate(c.ids)}
    context = Context([Anchor(int(c.ids[0]))])

    def mean_rank(steers):
        return np.mean([ranks[row_of[p.track_id]] for p in play(c, context, steers)])

    assert mean_rank([Steer("calm", ranks, 1.0)]) > 0.8
    assert mean_rank([Steer("calm", ranks, 0.0)]) < 0.2
    assert 0.3 < mean_rank([]) < 0.7
    assert mean_rank([Steer("calm", ranks, 1.0, weight=0.0)]) == mean_rank([])


def test_far_wanders_further_and_differs_by_seed():
    c = catalogue(3000)
    context = [Context([Anchor(int(c.ids[0]))], near_far=f) for f in (0.0, 1.0)]
    near, far = (np.mean([p.similarity for p in play(c, k)]) for k in context)

    assert far < near - 0.05
    assert play(c, context[0], seed=1) == play(c, context[0], seed=2)
    assert play(c, context[1], seed=1) != play(c, context[1], seed=2)


def test_bad_input_gives_something_sensible():
    c = catalogue(50)
    nobody = 10**9
    rng = np.random.default_rng(0)

    assert len(play(c, Context(), n=5)) == 5
    assert len(play(c, Context([Anchor(nobody)], [nobody]), n=5)) == 5
    assert len(play(c, Context([Anchor(int(i)) for i in c.ids] * 10), n=5)) == 5
    negative = play(c, Context([Anchor(int(c.ids[0]), -1.0)], near_far=0), n=5)
    assert max(p.score for p in negative) > 0
    assert all(p.anchors == ((c.ids[0], pytest.approx(p.score)),) for p in negative)
    none = Catalogue(*(a[:0] for a in (c.ids, c.x, c.artist, c.album, c.duration_s)))
    assert next_tracks(Context([Anchor(1)]), none, Leanings(), 5, rng) == []
    one = Catalogue(*(a[:1] for a in (c.ids, c.x, c.artist, c.album, c.duration_s)))
    assert [p.track_id for p in play(one, Context([Anchor(int(c.ids[0]))]))] == [c.ids[0]]
    assert play(one, Context(), exclude=frozenset([int(c.ids[0])])) == []


def test_broken_vectors_are_never_picked():
    c = catalogue(50)
    c.x[::2] = np.nan
    c = Catalogue(c.ids, c.x, c.artist, c.album, c.duration_s)
    picks = play(c, Context([Anchor(int(c.ids[0])), Anchor(int(c.ids[1]))]), n=50)

    assert {p.track_id for p in picks} == set(c.ids[1::2].tolist())
    assert np.isfinite([p.score for p in picks]).all()


def test_equal_vectors_still_play():
    c = Catalogue(
        np.arange(20),
        np.ones((20, 4), np.float32),
        np.full(20, -1, np.int32),
        np.full(20, -1, np.int32),
        np.zeros(20, np.float32),
    )

    assert len(play(c, Context([Anchor(3)]), n=30)) == 20


def test_kept_cosines_change_no_pick():
    """Handles move, the query stays: as if everything were computed anew each time."""
    kept, rng = catalogue(), np.random.default_rng(3)
    for round_ in range(20):
        anchors = [Anchor(int(i)) for i in kept.ids[[3, 70, 200, 9][round_ % 4 :][:2]]]
        steers = [
            Steer(name, rng.random(600, dtype=np.float32), *rng.random(3))
            for name in ("calm", "warm")[: round_ % 3]
        ]
        context = Context(anchors, near_far=0.4)

        assert play(kept, context, steers, seed=round_) == play(
            catalogue(), context, steers, seed=round_
        )


def test_what_is_kept_is_not_written_to():
    c = catalogue()
    context = Context([Anchor(int(c.ids[3]))])
    before = play(c, context)
    kept = c.asked(c.unit(np.array([3]))[0]).cosines.copy()
    play(c, context, [Steer("calm", np.linspace(0, 1, 600, dtype=np.float32), 1.0)])

    np.testing.assert_array_equal(c.asked(c.unit(np.array([3]))[0]).cosines, kept)
    assert play(c, context) == before


def test_how_well_a_track_fits_all_handles():
    ranks = np.linspace(0, 1, 101, dtype=np.float32)
    assert fit_to([]) is None
    assert fit_to([Steer("calm", ranks, 0.8, weight=0.0)]) is None

    fit, sure = fit_to([Steer("calm", ranks, 0.8, tolerance=0.1)])
    np.testing.assert_allclose(fit[70:91], 1, atol=1e-6)
    assert fit[0] == 0
    np.testing.assert_allclose(fit[35], 0.5, atol=0.01)
    assert sure.tolist() == [1] * 101

    strong, weak = Steer("calm", ranks, 1.0), Steer("warm", ranks, 0.0, weight=0.25)
    fit, _ = fit_to([strong, weak])
    assert fit[100] == pytest.approx(0.8)
    assert fit[0] == pytest.approx(0.2)
    half = np.full(101, 0.5, np.float32)
    _, sure = fit_to([Steer("calm", ranks, 1.0, certainty=half), Steer("warm", ranks, 0.0)])
    assert sure[0] == pytest.approx(0.75)
