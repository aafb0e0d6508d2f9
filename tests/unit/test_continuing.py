"""What plays next over a real store: true reasons, shares that sum, and bad input."""

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from sliders_desktop import tasks
from sliders_desktop.errors import UserError
from sliders_desktop.library.records import FoundTrack, TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.places import Packed
from sliders_desktop.tasks import cataloguing

COUNT, DIM = 240, 16


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A library that nobody writes to; the last five tracks were not listened to."""
    home = tmp_path_factory.mktemp("continuing")
    with Store.open(home / "library.db") as store:
        folder = store.add_folder(home)
        found = [
            FoundTrack(
                str(home / f"{i}.flac"), 1, 1, f"{i:064x}", 60.0 + i, f"Track {i}",
                f"Artist {i % 40}", f"Album {i % 80}",
            )
            for i in range(COUNT)
        ]  # fmt: skip
        store.save_found(folder.id, found)
        x = np.random.default_rng(0).normal(size=(COUNT - 5, DIM)).astype(np.float32)
        encoder_id = store.use_encoder("tiny", "tiny", DIM)
        ids = [row.id for row in store.rows()]
        store.save_embeddings(encoder_id, [(i, v, 1) for i, v in zip(ids, x, strict=False)])
        yield store


@pytest.fixture(scope="module")
def library(store: Store) -> tuple[list[TrackRow], Catalogue]:
    vectors = tasks.read_vectors(store)
    assert vectors is not None
    rows = store.rows()
    return rows, tasks.build_catalogue(store, vectors, rows)


def test_every_pick_has_a_true_reason(store: Store, library: tuple[list[TrackRow], Catalogue]):
    rows, catalogue = library
    ranks = np.random.default_rng(1).random(len(catalogue.ids), dtype=np.float32)
    anchor = rows[5]
    wish = tasks.Wish(
        anchors=((anchor.id, 1.0),),
        steers=(tasks.Steer("calm", ranks, 0.95),),
        unwanted=frozenset([anchor.id]),
        count=10,
    )
    picks = tasks.next_tracks(store, catalogue, rows, wish)

    assert len(picks) == 10
    at = {int(i): k for k, i in enumerate(catalogue.ids)}
    for pick in picks:
        texts = [text for text, _ in pick.parts]
        percent = round(100 * float(ranks[at[pick.track_id]]))
        assert any(t.startswith(f"calm {percent}") for t in texts)
        similar = (catalogue.unit(np.array([at[anchor.id], at[pick.track_id]]))).prod(0).sum()
        assert (f"follows {anchor.title}" in texts) == (similar > 0)
        assert "never heard" in texts
        assert pick.track_id != anchor.id


def test_the_anchors_that_add_most_are_named_and_all_shares_sum_to_the_score(
    store: Store, library: tuple[list[TrackRow], Catalogue]
):
    rows, catalogue = library
    ranks = np.random.default_rng(1).random(len(catalogue.ids), dtype=np.float32)
    stars = ((rows[3].id, 1.0), (rows[50].id, 2.0), (rows[90].id, 0.5), (rows[7].id, -1.0))
    titles = {row.id: row.title for row in rows}
    for steers in ((), (tasks.Steer("calm", ranks, 0.2),)):
        wish = tasks.Wish(stars, steers=steers, knobs=tasks.Knobs(0.0), count=30)
        for pick in tasks.next_tracks(store, catalogue, rows, wish):
            assert sum(s.amount for s in pick.shares) == pytest.approx(pick.pick.score, abs=1e-6)
            assert {s.kind for s in pick.shares} <= {"anchor", "against", "slider"}
            parts = {titles[i]: amount for i, amount in pick.pick.anchors}
            del parts[rows[7].title]  # it is against that one
            best = max(parts.values())
            told = next((t for t, _ in pick.parts if t.startswith("follows ")), None)
            ahead = sorted((a, t) for t, a in parts.items() if a > 0 and a >= best / 2)
            names = [t for _, t in ahead[-2:][::-1]]
            assert told == (f"follows {' and '.join(names)}" if names else None)


def test_an_artist_can_be_left_out_in_any_spelling(
    store: Store, library: tuple[list[TrackRow], Catalogue]
):
    rows, catalogue = library
    wish = tasks.Wish(
        ((rows[3].id, 1.0),), not_artists=frozenset(["artist 4", "nobody"]), count=200
    )
    picks = tasks.next_tracks(store, catalogue, rows, wish)
    by_id = {row.id: row for row in rows}

    assert len(picks) == 200
    assert "Artist 4" not in {by_id[p.track_id].artist for p in picks}


def test_what_was_not_listened_to_leads_nowhere(
    store: Store, library: tuple[list[TrackRow], Catalogue]
):
    rows, catalogue = library
    deaf, known = rows[-1], rows[3]

    def picks(*anchors: TrackRow) -> list[tasks.Recommended]:
        wish = tasks.Wish(tuple((row.id, 1.0) for row in anchors), knobs=tasks.Knobs(0.0))
        return tasks.next_tracks(store, catalogue, rows, wish)

    with pytest.raises(UserError, match=f"“{deaf.title}” has not been listened to"):
        picks(deaf)
    with pytest.raises(UserError, match="None of these tracks"):
        picks(deaf, rows[-2])
    assert picks(deaf, known) == picks(known)


def test_of_very_many_anchors_those_lead_that_stand_for_all(
    store: Store, library: tuple[list[TrackRow], Catalogue]
):
    rows, catalogue = library
    calm = catalogue.unit(np.arange(200)) @ catalogue.unit(np.array([0]))[0]
    some = catalogue.ids[np.argsort(-calm)[:80]].tolist()  # a region, and far from it the newest
    many = tuple((i, 1.0) for i in [*some, *catalogue.ids[np.argsort(calm)[:32]].tolist()])
    all_, ordered, newest = (
        tasks.next_tracks(store, catalogue, rows, wish)
        for wish in (
            tasks.Wish(many), tasks.Wish(many, ordered=True), tasks.Wish(many[-32:], ordered=True)
        )
    )  # fmt: skip

    assert len(all_) == 20
    assert ordered == newest
    leading = {i for pick in all_ for i, _ in pick.pick.anchors}
    assert len(leading) == 32
    assert 18 <= len(leading & set(some)) <= 28


def test_seeds_of_any_number(store: Store, library: tuple[list[TrackRow], Catalogue]):
    rows, catalogue = library
    ids = [row.id for row in rows]
    found = tasks.seeds(store, catalogue, ids)
    assert len(found) == 32
    assert sum(weight for _, weight in found) == pytest.approx(32)
    assert [i for i, _ in found] == sorted(i for i, _ in found)
    unheard = [row.id for row in rows[-5:]]
    assert tasks.seeds(store, catalogue, [*unheard * 8, *ids[:2]]) == ((ids[0], 1), (ids[1], 1))
    assert tasks.seeds(store, catalogue, unheard * 8) == ()


def test_what_is_away_leads_and_is_not_picked(
    store: Store, library: tuple[list[TrackRow], Catalogue]
):
    rows, catalogue = library
    away = np.array([row.id for row in rows[:100]])
    wish = tasks.Wish(((rows[3].id, 1.0),), count=300)
    picks = tasks.next_tracks(store, catalogue, rows, wish, away)

    assert {p.track_id for p in picks} == {row.id for row in rows[100:-5]}
    assert picks[0].pick.anchors[0][0] == rows[3].id


def test_a_large_library_is_packed_and_plays_the_same(
    store: Store, library: tuple[list[TrackRow], Catalogue], monkeypatch: pytest.MonkeyPatch
):
    rows, exact = library
    vectors = tasks.read_vectors(store)
    assert vectors is not None
    monkeypatch.setattr(cataloguing, "LARGE", 100)
    packed = tasks.build_catalogue(store, vectors, rows)
    assert isinstance(packed.x, Packed)
    for row in rows[:200:20]:
        wish = tasks.Wish(((row.id, 1.0),), knobs=tasks.Knobs(0.0), count=10)
        one, other = (
            [pick.track_id for pick in tasks.next_tracks(store, catalogue, rows, wish)]
            for catalogue in (exact, packed)
        )
        assert len(set(one) & set(other)) >= 9


def test_a_long_radio_does_not_go_round_in_a_circle(
    store: Store, library: tuple[list[TrackRow], Catalogue]
):
    """What was heard 51 tracks ago may come again, but waits for what was not heard yet."""
    rows, catalogue = library
    away = np.empty(0, np.int64)
    for mode in ("together", "wander"):
        wish = tasks.Wish(((rows[3].id, 1.0),), (rows[3].id,), mode=mode, count=5)
        radio = list(islice(tasks.endless(store, catalogue, rows, wish, away), 300))
        order = [pick.track_id for pick in radio]
        assert len(set(order)) > 150
        for at, pick in enumerate(radio):
            before = [rows[3].id, *order[:at]][::-1]
            assert pick.track_id not in before[:50]
            if pick.track_id in before:
                start = at - at % 5  # five are chosen at once
                ago = [rows[3].id, *order[:start]][::-1].index(pick.track_id) + 1
                (share,) = [s for s in pick.shares if s.kind == "familiar"]
                assert share.text == f"heard {ago} tracks ago"
                assert share.amount == pytest.approx(-2 * (1 - ago / 500), abs=1e-5)
            total = sum(s.amount for s in pick.shares)
            assert total == pytest.approx(pick.pick.score, abs=1e-6)


def test_familiar_or_forgotten_is_heard_and_told(
    tmp_path: Path, library: tuple[list[TrackRow], Catalogue], store: Store
):
    rows, _ = library
    now = int(time.time())
    rng = np.random.default_rng(0)
    rows = [
        row._replace(
            plays=int(rng.integers(1, 40)), last_played_at=now - int(rng.integers(1, 900)) * 86400
        )
        for row in rows
    ]
    vectors = tasks.read_vectors(store)
    assert vectors is not None
    catalogue = tasks.build_catalogue(store, vectors, rows)
    months: dict[float, float] = {}
    for knob in (0.0, 0.5, 1.0):
        wish = tasks.Wish(((rows[3].id, 1.0),), knobs=tasks.Knobs(0.0, knob))
        picks = tasks.next_tracks(store, catalogue, rows, wish)
        by_id = {row.id: row for row in rows}
        since = [now - by_id[pick.track_id].last_played_at for pick in picks]
        months[knob] = float(np.mean(since)) / 86400 / 30.4
        for pick in picks:
            told = [share for share in pick.shares if share.kind == "familiar"]
            assert len(told) == (knob != 0.5)
            total = sum(s.amount for s in pick.shares)
            assert total == pytest.approx(pick.pick.score, abs=1e-6)
            row = by_id[pick.track_id]
            long_ago = int((now - row.last_played_at) / (30.4 * 86400))
            expected = (
                f"not heard for {long_ago} months" if long_ago >= 2 else f"heard {row.plays} times"
            )
            assert all(share.text.replace("once", "1 times") == expected for share in told)
    assert months[0.0] < months[0.5] < months[1.0]


def test_journeys_over_a_store_have_reasons_and_sums(
    store: Store, library: tuple[list[TrackRow], Catalogue]
):
    rows, catalogue = library
    ranks = np.random.default_rng(1).random(len(catalogue.ids), dtype=np.float32)
    steer = tasks.Steer("calm", ranks, 0.0), 0.2, 0.8
    wish = tasks.JourneyWish(
        rows[3].id, rows[90].id, 30, steer, not_artists=frozenset(["artist 9"])
    )
    path = tasks.journey(store, catalogue, rows, wish)

    by_id = {row.id: row for row in rows}
    assert [path[0].track_id, path[-1].track_id] == [rows[3].id, rows[90].id]
    assert "Artist 9" not in {by_id[pick.track_id].artist for pick in path}
    minutes = sum(by_id[pick.track_id].duration_s for pick in path) / 60
    assert minutes == pytest.approx(30, abs=2)
    for pick in path[1:-1]:
        assert ("on the way from Track 3 to Track 90", "plain") in pick.parts
        total = sum(s.amount for s in pick.shares)
        assert total == pytest.approx(pick.pick.score, abs=1e-6)
