"""What goes on from what: lists, draws from them, and what is kept from learning."""

import numpy as np
import pytest

from sliders_desktop.ml.continuations import (
    AHEAD,
    MOST_ANCHORS,
    SHARE,
    Draws,
    TrackList,
    albums,
    alike,
    held_out,
    made_up,
    sessions,
    tastes,
    walks,
    within,
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def codes(*values):
    return np.array(values, np.int32)


def test_albums_are_lists_of_two_or_more():
    album = codes(0, 1, 0, -1, 2, 0, 1, -1)

    assert albums(album) == [TrackList("album", (0, 2, 5)), TrackList("album", (1, 6))]
    assert albums(codes()) == []


def test_a_pause_begins_a_session_and_an_early_skip_is_against_it():
    plays = [
        (1, 0.0, 200.0, True),
        (2, 210.0, 12.0, False),
        (3, 230.0, 200.0, True),
        (4, 440.0, 90.0, False),  # left in the middle: says nothing
        (1, 540.0, 200.0, True),  # once more: still one
        (5, 9000.0, 200.0, True),
        (6, 9200.0, 200.0, True),
        (7, 90000.0, 200.0, True),  # alone
    ]

    assert sessions(plays) == [
        TrackList("session", (1, 3), (2,)),
        TrackList("session", (5, 6)),
    ]
    assert sessions([]) == []


def test_a_walk_holds_one_slider_and_drifts_along_another(rng):
    ranks = rng.random((500, 3), dtype=np.float32)
    found = walks(ranks, rng, 40)

    assert len(found) > 20
    for walk in found:
        spread = np.ptp(ranks[list(walk.rows)], axis=0)
        assert spread.min() < 0.2
        assert len(set(walk.rows)) == len(walk.rows)
    assert np.mean([np.ptp(ranks[list(w.rows)], axis=0).max() for w in found]) > 0.3
    assert walks(ranks[:, :1], rng, 5) == []


def test_alike_stand_alike_on_two_sliders(rng):
    ranks = rng.random((500, 3), dtype=np.float32)
    for tracks in alike(ranks, rng, 20):
        spread = np.sort(np.ptp(ranks[list(tracks.rows)], axis=0))

        assert spread[1] <= 0.12 + 1e-6


def test_two_tastes_are_mixed_evenly(rng):
    lists = [TrackList("album", tuple(range(10))), TrackList("album", tuple(range(20, 26)))]
    (mixed,) = tastes(lists, rng, 1)

    assert sum(row < 20 for row in mixed.rows) == sum(row >= 20 for row in mixed.rows) == 6
    assert tastes(lists[:1], rng, 3) == []


def everything(rng):
    album = np.repeat(np.arange(30, dtype=np.int32), 8)
    artist = np.repeat(np.arange(15, dtype=np.int32), 16)
    ranks = rng.random((240, 3), dtype=np.float32)
    unit = rng.normal(size=(240, 16)).astype(np.float32)
    lists = albums(album)
    lists += made_up(lists, ranks, unit, np.ones(240, np.bool_), rng, 20)
    lists += [TrackList("playlist", tuple(rng.permutation(240)[:50].tolist()))]
    lists += [TrackList("session", (3, 60, 17, 99), (200,))]
    return lists, album, artist


def test_draws_keep_anchors_and_targets_apart(rng):
    lists, album, artist = everything(rng)
    kinds = {tracks.kind for tracks in lists}
    assert kinds == set(SHARE)
    counts = set()
    against = 0
    for one in Draws(lists, album, artist).draw(rng, 2000):
        assert 1 <= len(one.anchors) == len(one.weights) <= MOST_ANCHORS
        assert one.targets
        assert not set(one.targets) & (set(one.anchors) | one.left_out)
        assert {a for a, w in zip(one.anchors, one.weights, strict=True) if w > 0} <= one.left_out
        counts.add(len(one.anchors))
        against += min(one.weights) < 0
    assert {1, 2, MOST_ANCHORS} <= counts
    assert against > 5


def test_draws_are_the_same_under_a_seed(rng):
    draws = Draws(*everything(rng))
    first, again, other = (draws.draw(np.random.default_rng(seed), 50) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_half_of_the_albums_ask_for_the_artists_other_albums(rng):
    album = np.repeat(np.arange(4, dtype=np.int32), 10)
    artist = np.repeat(np.arange(2, dtype=np.int32), 20)
    drawn = Draws(albums(album), album, artist).draw(rng, 400)
    elsewhere = [one for one in drawn if album[one.targets[0]] != album[one.anchors[0]]]

    assert 150 < len(elsewhere) < 250
    for one in elsewhere:
        assert (artist[list(one.targets)] == artist[one.anchors[0]]).all()
        assert set(np.flatnonzero(album == album[one.anchors[0]])) <= one.left_out


def test_a_session_goes_on_with_its_next_tracks(rng):
    session = TrackList("session", tuple(range(20)))
    for one in Draws([session], codes(*[-1] * 20), codes(*[-1] * 20)).draw(rng, 100):
        first = one.anchors[-1] + 1

        assert one.targets == tuple(range(first, min(first + AHEAD, 20)))


def test_no_lists_no_draws(rng):
    assert Draws([], codes(), codes()).draw(rng, 10) == []


@pytest.mark.parametrize("seed", range(5))
def test_no_album_and_no_artist_is_on_both_sides(seed):
    rng = np.random.default_rng(seed)
    album = rng.integers(-1, 80, 600).astype(np.int32)
    artist = np.where(rng.random(600) < 0.3, -1, album // 3).astype(np.int32)
    lists = albums(album)
    out = held_out(lists, album, artist, rng, 0.25)

    assert 0.1 < out.mean() < 0.35
    for names in (album, artist):
        assert not set(names[out & (names >= 0)]) & set(names[~out & (names >= 0)])
    for side in (out, ~out):
        assert all(side[list(tracks.rows)].all() for tracks in within(lists, side))
    whole = sum(len(within(lists, side)) for side in (out, ~out))
    assert whole == len(lists)


def test_of_a_list_across_the_border_the_larger_part_counts():
    side = np.array([True] * 4 + [False] * 2)
    mixed = TrackList("playlist", (4, 0, 1, 5, 2), (3, 5))

    assert within([mixed], side) == [TrackList("playlist", (0, 1, 2), (3,))]
    assert within([mixed], ~side) == []
