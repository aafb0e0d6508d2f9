"""What a listener and the tasks may rely on when they ask the library or tell it something."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sliders_desktop.errors import UserError
from sliders_desktop.library.maps import Neighbours
from sliders_desktop.library.records import FoundTrack, MapState, Play
from sliders_desktop.library.store import Store


@pytest.fixture
def tracks(store: Store) -> list[int]:
    """Twelve: two artists with two albums of three."""
    folder = store.add_folder("/music")
    found = [
        FoundTrack(
            f"/music/{n}.mp3", n, n, f"hash-{n}", 60.0, f"T{n}", f"Artist {n % 2}", f"Album {n % 4}"
        )
        for n in range(12)
    ]
    return list(store.save_found(folder.id, found).added)


# ── Folders ──


def test_a_folder_is_known_once_and_absolute(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    first = store.add_folder("music")
    again = store.add_folder(tmp_path / "other" / ".." / "music")

    assert first.path == str(tmp_path / "music")
    assert again == first
    assert store.folders() == [first]


def test_a_folder_inside_a_known_one_is_that_one(store: Store, tmp_path: Path) -> None:
    outer = store.add_folder(tmp_path / "music")

    assert store.add_folder(tmp_path / "music" / "jazz") == outer
    assert store.add_folder(tmp_path / "music of others") != outer


def test_a_folder_around_known_ones_takes_their_tracks(store: Store, tmp_path: Path) -> None:
    inner = store.add_folder(tmp_path / "music" / "jazz")
    store.save_found(inner.id, [FoundTrack(f"{inner.path}/a.mp3", 1, 1, "a")])

    outer = store.add_folder(tmp_path / "music")

    assert store.folders() == [outer]
    assert list(store.known_files(outer.id)) == [f"{inner.path}/a.mp3"]


def test_a_removed_folder_leaves_its_tracks_and_takes_them_up_again(store: Store) -> None:
    folder, other = store.add_folder("/music"), store.add_folder("/music of others")
    store.save_found(folder.id, [FoundTrack("/music/a.mp3", 1, 1, "a")])
    store.save_found(other.id, [FoundTrack("/music of others/b.mp3", 1, 1, "b")])

    store.remove_folder(folder.id)
    assert [row.missing for row in store.rows()] == [True, False]

    again = store.add_folder("/music")
    assert list(store.known_files(again.id)) == ["/music/a.mp3"]
    store.mark_present([1])
    assert [row.missing for row in store.rows()] == [False, False]


# ── Tracks ──


def test_rows_hold_plays_and_state(store: Store, tracks: list[int]) -> None:
    for moment in (100, 300, 200):
        store.save_play(Play(tracks[1], moment, 5.0, "finished", "user"))
    store.mark_missing([tracks[2]])
    store.set_error(tracks[3], "cut off")

    rows = store.rows()
    assert [row.id for row in rows] == tracks
    assert [(row.plays, row.last_played_at) for row in rows[:2]] == [(0, 0), (3, 300)]
    assert [row.missing for row in rows[1:4]] == [False, True, False]
    assert rows[3].error == "cut off"
    assert store.rows(tracks[1:3]) == rows[1:3]
    assert store.rows(np.array([tracks[3], 999])) == [rows[3]]
    assert store.rows([]) == []
    assert store.rows_after(tracks[-2]) == [rows[-1]]


def test_errors_are_listed_and_cleared(store: Store, tracks: list[int]) -> None:
    encoder = store.use_encoder("sha", "tiny", 4)
    store.set_error(tracks[3], "cut off")

    assert [(row.id, row.error) for row in store.problems()] == [(tracks[3], "cut off")]
    assert tracks[3] not in store.tracks_without_vectors(encoder)
    assert store.clear_errors() == [tracks[3]]
    assert store.problems() == []
    assert tracks[3] in store.tracks_without_vectors(encoder)


def test_found_is_saved_as_a_whole_or_not_at_all(store: Store) -> None:
    folder = store.add_folder("/music")
    good = FoundTrack("/music/a.mp3", 1, 1, "a")
    wrong = FoundTrack("/music/b.mp3", 1, 1, "b", year="none")  # type: ignore[arg-type]

    with pytest.raises(sqlite3.IntegrityError):
        store.save_found(folder.id, [good, wrong])

    assert store.rows() == []
    assert store.search("a").tolist() == []


# ── Vectors, overviews, map ──


def test_vectors_come_back_as_one_array(store: Store, tracks: list[int]) -> None:
    encoder = store.use_encoder("sha", "tiny", 4)
    X = np.random.default_rng(0).standard_normal((12, 4)).astype(np.float32)
    order = np.random.default_rng(1).permutation(12)

    store.save_embeddings(encoder, [(tracks[i], X[i], 30) for i in order])
    ids, loaded = store.vectors(encoder)

    assert ids.tolist() == tracks
    assert loaded.dtype == np.float32
    assert np.array_equal(loaded, X)
    assert store.vector_count(encoder) == 12

    store.save_embeddings(encoder, [(tracks[0], -X[0], 30)])
    assert np.array_equal(store.vectors(encoder)[1][0], -X[0])


def test_without_vectors_the_arrays_are_empty_but_shaped(store: Store) -> None:
    encoder = store.use_encoder("sha", "tiny", 4)

    ids, X = store.vectors(encoder)
    assert (ids.shape, X.shape, X.dtype) == ((0,), (0, 4), np.float32)
    ids, xy = store.map_points(encoder)
    assert (ids.shape, xy.shape, xy.dtype) == ((0,), (0, 2), np.float32)


def test_an_old_encoder_serves_until_the_new_one_is_ready(store: Store, tracks: list[int]) -> None:
    assert store.serving_encoder() is None
    old, new = store.use_encoder("a", "old", 4), store.use_encoder("b", "new", 8)
    assert store.use_encoder("b", "new", 8) == new
    assert store.serving_encoder() == new

    store.save_embeddings(old, [(i, np.zeros(4, np.float32), 1) for i in tracks[:2]])
    assert store.serving_encoder() == old

    store.save_embeddings(new, [(tracks[0], np.zeros(8, np.float32), 1)])
    assert store.serving_encoder() == old
    store.save_embeddings(new, [(tracks[1], np.zeros(8, np.float32), 1)])
    assert store.serving_encoder() == new
    assert store.vectors(old)[1].shape == (2, 4)


def test_going_back_to_an_encoder_is_no_new_one(store: Store, tracks: list[int]) -> None:
    first, second = store.use_encoder("a", "first", 4), store.use_encoder("b", "second", 4)
    for encoder in (first, second):
        store.save_embeddings(encoder, [(i, np.zeros(4, np.float32), 1) for i in tracks[:2]])
    assert store.serving_encoder() == second

    assert store.use_encoder("a", "first", 4) == first

    assert store.serving_encoder() == store.wanted_encoder() == first
    assert [row.sha256 for row in store.encoders()] == ["a", "b"]
    third = store.use_encoder("c", "third", 4)
    assert store.wanted_encoder() == third
    assert store.serving_encoder() == first  # not the newest of those that are ready


def test_tracks_that_are_away_hold_no_encoder_back(store: Store, tracks: list[int]) -> None:
    old, new = store.use_encoder("a", "old", 4), store.use_encoder("b", "new", 4)
    store.save_embeddings(old, [(i, np.zeros(4, np.float32), 1) for i in tracks[:4]])
    store.save_embeddings(new, [(i, np.zeros(4, np.float32), 1) for i in tracks[:2]])
    assert store.serving_encoder() == old

    store.mark_missing(tracks[2:])
    assert store.serving_encoder() == new
    store.mark_missing(tracks)  # the whole drive: nothing says which is ready
    assert store.serving_encoder() == old


def test_a_forgotten_encoder_leaves_nothing(store: Store, tracks: list[int]) -> None:
    kept, gone = store.use_encoder("a", "kept", 4), store.use_encoder("b", "gone", 4)
    slider = store.create_slider("calm", "", "")
    for encoder in (kept, gone):
        store.save_embeddings(encoder, [(i, np.zeros(4, np.float32), 1) for i in tracks])
        store.save_map(encoder, np.array(tracks), np.zeros((len(tracks), 2), np.float32))
        store.save_head(slider.id, encoder, np.ones(4), 0.5, 1.0, {}, 1)

    store.forget_encoder(gone)

    assert store.serving_encoder() == kept
    assert store.vector_count(gone) == 0
    assert store.vector_count(kept) == len(tracks)
    assert store.head(slider.id, gone) is None
    assert store.head(slider.id, kept) is not None
    assert len(store.map_points(gone)[0]) == 0
    assert len(store.map_points(kept)[0]) == len(tracks)


def test_the_map_before_is_that_of_the_encoder_used_before(store: Store, tracks: list[int]) -> None:
    first, second = store.use_encoder("a", "first", 4), store.use_encoder("b", "second", 4)
    new = store.use_encoder("c", "new", 4)
    assert len(store.map_before(new)[0]) == 0
    for place, encoder in enumerate((first, second, new)):
        store.save_map(encoder, np.array(tracks), np.full((len(tracks), 2), place, np.float32))
    assert store.map_before(new)[1][0].tolist() == [1, 1]
    store.use_encoder("a", "first", 4)
    assert store.map_before(new)[1][0].tolist() == [0, 0]


def test_all_that_can_be_listened_to_in_turns(store: Store, tracks: list[int]) -> None:
    store.mark_missing([tracks[0]])
    store.set_error(tracks[1], "cut off")
    encoder = store.use_encoder("sha", "tiny", 4)
    assert store.tracks_in_turns() == store.tracks_without_vectors(encoder)
    store.save_embeddings(encoder, [(tracks[2], np.zeros(4, np.float32), 1)])
    assert sorted(store.tracks_in_turns()) == tracks[2:]


def test_what_is_heard_first_is_varied(store: Store, tracks: list[int]) -> None:
    other = store.add_folder("/elsewhere")
    (lonely,) = store.save_found(other.id, [FoundTrack("/elsewhere/a.mp3", 1, 1, "x")]).added
    store.mark_missing([tracks[0]])
    encoder = store.use_encoder("sha", "tiny", 4)
    store.save_embeddings(encoder, [(tracks[1], np.zeros(4, np.float32), 1)])

    order = store.tracks_without_vectors(encoder)

    assert sorted(order) == [*tracks[2:], lonely]
    assert lonely in order[:2]
    first = [row for row in store.rows(order[:5]) if row.id != lonely]
    assert len({row.album for row in first}) == 4
    assert order == store.tracks_without_vectors(encoder)


def test_overviews(store: Store, tracks: list[int]) -> None:
    peaks = np.arange(256, dtype=np.uint8)
    store.save_overview(tracks[0], peaks)

    assert np.array_equal(store.overview(tracks[0]), peaks)
    assert store.overview(tracks[1]) is None


def test_a_map_is_replaced_or_added_to(store: Store, tracks: list[int]) -> None:
    encoder = store.use_encoder("sha", "tiny", 4)
    ids = np.array(tracks[:4])
    xy = np.arange(8, dtype=np.float32).reshape(4, 2)

    store.save_map(encoder, ids[::-1], xy[::-1])
    store.add_map_points(encoder, np.array(tracks[3:5]), np.full((2, 2), 9, np.float32))
    points = store.map_points(encoder)
    assert points[0].tolist() == tracks[:5]
    assert points[1].tolist() == [[0, 1], [2, 3], [4, 5], [9, 9], [9, 9]]

    store.save_map(encoder, ids[:1], xy[1:2])
    assert [part.tolist() for part in store.map_points(encoder)] == [tracks[:1], [[2, 3]]]


def map_of(store: Store, encoder: int) -> list[list[int]]:
    """Track and x of each point."""
    ids, xy = store.map_points(encoder)
    return [[int(i), int(x)] for i, (x, _) in zip(ids, xy, strict=True)]


def draw(store: Store, encoder: int, tracks: list[int], place: int, **how: bool) -> None:
    store.save_map(encoder, np.array(tracks), np.full((len(tracks), 2), place, np.float32), **how)


def test_a_drawing_can_be_taken_back_and_had_again(store: Store, tracks: list[int]) -> None:
    encoder = store.use_encoder("sha", "tiny", 4)
    assert store.map_state(encoder) == MapState()
    draw(store, encoder, tracks[:2], 1)
    assert store.map_state(encoder) == MapState(2, 2)
    draw(store, encoder, tracks[:3], 2, anew=False)
    assert store.map_state(encoder) == MapState(3, 2, undoable=True)

    store.take_back_map(encoder)
    assert map_of(store, encoder) == [[i, 1] for i in tracks[:2]]
    assert store.map_state(encoder) == MapState(3, 2, undoable=True)
    store.take_back_map(encoder)
    assert map_of(store, encoder) == [[i, 2] for i in tracks[:3]]


def test_a_map_half_written_gives_way_to_the_one_before(store: Store, tracks: list[int]) -> None:
    encoder = store.use_encoder("sha", "tiny", 4)
    draw(store, encoder, tracks[:4], 1)

    class Killed(BaseException): ...

    def killed(*_: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sliders_desktop.library.maps.listed", killed)  # between two blocks
        with pytest.raises(Killed):
            draw(store, encoder, tracks[2:], 2)
    assert len(map_of(store, encoder)) == len(tracks)

    store.mend_map(encoder)
    assert map_of(store, encoder) == [[i, 1] for i in tracks[:4]]
    assert not store.map_state(encoder).half
    store.mend_map(encoder)
    assert map_of(store, encoder) == [[i, 1] for i in tracks[:4]]


def test_a_lent_map_may_be_declined(store: Store, tracks: list[int]) -> None:
    encoder = store.use_encoder("sha", "tiny", 4)
    draw(store, encoder, tracks, 1, lent=True)
    assert store.map_state(encoder).lent
    store.decline_map(encoder)
    assert store.map_state(encoder).declined
    draw(store, encoder, tracks, 2)
    assert not store.map_state(encoder).lent


def test_neighbours_are_kept_row_by_row(store: Store, tracks: list[int]) -> None:
    encoder = store.use_encoder("sha", "tiny", 4)
    assert store.neighbours(encoder) is None
    rng = np.random.default_rng(0)
    n = len(tracks)
    now = Neighbours(
        np.array(tracks),
        rng.integers(0, 2**32, n),
        rng.choice(tracks, (n, 3)).astype(np.int32),
        rng.random((n, 3), np.float32),
        rng.random(4, np.float32),
    )
    store.save_neighbours(encoder, now, np.arange(n))
    for kept, saved in zip(store.neighbours(encoder) or (), now, strict=True):
        np.testing.assert_array_equal(kept, saved)

    fewer = Neighbours(*(part[1:] for part in now[:4]), now.centre)
    fewer.near[2] = -1
    store.save_neighbours(encoder, fewer, np.array([2]))
    kept_ids, _, near, _, _ = store.neighbours(encoder) or now
    assert kept_ids.tolist() == tracks[1:]
    np.testing.assert_array_equal(near, fewer.near)


# ── Sliders and ratings ──


def test_sliders_keep_the_order_they_were_made_in(store: Store) -> None:
    calm = store.create_slider(" calm ", " restless", "calm")
    warm = store.create_slider("warm", "cold", "warm")

    assert (calm.name, calm.low_label, calm.high_label) == ("calm", "restless", "calm")
    assert store.sliders() == [calm, warm]


@pytest.mark.parametrize("name", ["", "  ", "\0", "calm", "CALM", " Calm ", "ÄRGER"])
def test_a_slider_needs_a_name_of_its_own(store: Store, name: str) -> None:
    store.create_slider("calm", "", "")
    other = store.create_slider("Ärger", "", "")
    before = store.sliders()

    with pytest.raises(UserError):
        store.create_slider(name, "", "")
    if name != "ÄRGER":
        with pytest.raises(UserError):
            store.rename_slider(other.id, name, "", "")

    assert store.sliders() == before


def test_a_slider_is_renamed_also_to_itself(store: Store) -> None:
    slider = store.create_slider("calm", "", "")

    store.rename_slider(slider.id, "Calm", "restless", "calm")

    (renamed,) = store.sliders()
    assert (renamed.name, renamed.low_label, renamed.high_label) == ("Calm", "restless", "calm")


def test_an_archived_slider_returns_with_its_ratings(store: Store, tracks: list[int]) -> None:
    calm, warm = store.create_slider("calm", "", ""), store.create_slider("warm", "", "")
    store.rate(tracks[0], calm.id, 0.5)

    store.archive_slider(calm.id)
    assert store.sliders() == [warm]
    with pytest.raises(UserError, match="archived"):
        store.rename_slider(warm.id, "CALM", "", "")

    revived = store.create_slider("Calm", "low", "high")
    assert (revived.id, revived.name, revived.low_label) == (calm.id, "Calm", "low")
    assert [slider.id for slider in store.sliders()] == [warm.id, calm.id]
    assert [rating.value for rating in store.ratings(calm.id)] == [0.5]


def test_the_newest_rating_holds_and_none_takes_it_back(store: Store, tracks: list[int]) -> None:
    calm, warm = store.create_slider("calm", "", ""), store.create_slider("warm", "", "")
    one, two = tracks[:2]
    store.rate(one, calm.id, 0.2)
    store.rate(two, calm.id, 0.4)
    last = store.rate(one, calm.id, 0.8)
    store.rate(one, warm.id, 1)

    assert [(r.track_id, r.value) for r in store.ratings(calm.id)] == [(two, 0.4), (one, 0.8)]
    assert store.ratings(calm.id)[-1] == last
    assert store.ratings_of_track(one) == {calm.id: 0.8, warm.id: 1.0}
    assert store.current_rating(one, calm.id) == 0.8

    store.rate(one, calm.id, None)
    assert store.current_rating(one, calm.id) is None
    assert [rating.track_id for rating in store.ratings(calm.id)] == [two]

    store.rate(one, calm.id, 0.8)  # undo of the taking back
    assert store.current_rating(one, calm.id) == 0.8
    history = [rating.value for rating in store.rating_history(calm.id)]
    assert history == [0.2, 0.4, 0.8, None, 0.8]


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan"), float("inf")])
def test_a_rating_outside_its_scale_is_a_bug(store: Store, tracks: list[int], value: float) -> None:
    slider = store.create_slider("calm", "", "")

    with pytest.raises(ValueError):
        store.rate(tracks[0], slider.id, value)

    assert store.rating_history(slider.id) == []


def test_a_rating_of_nothing_is_a_bug(store: Store) -> None:
    slider = store.create_slider("calm", "", "")

    with pytest.raises(sqlite3.IntegrityError):
        store.rate(999, slider.id, 0.5)


def test_heads_come_back_exactly(store: Store) -> None:
    slider, encoder = store.create_slider("calm", "", ""), store.use_encoder("sha", "tiny", 4)
    coef = np.array([0.1, 1e-300, -3, np.pi])
    assert store.head(slider.id, encoder) is None

    store.save_head(slider.id, encoder, np.ones(4, np.float32), 0, 1, {}, 3)
    store.save_head(slider.id, encoder, coef, 0.5, 10.0, {"gate": "lit", "auc": [0.5, None]}, 7)

    head = store.head(slider.id, encoder)
    assert head is not None
    assert np.array_equal(head.coef, coef)
    assert (head.intercept, head.alpha, head.ratings) == (0.5, 10.0, 7)
    assert head.state == {"gate": "lit", "auc": [0.5, None]}


# ── Plays, settings, the whole ──


def test_recent_plays_come_newest_first(store: Store, tracks: list[int]) -> None:
    plays = [Play(tracks[0], moment, 1.5, "skipped", "recommended") for moment in range(5)]
    for play in plays:
        store.save_play(play)

    assert store.recent_plays(2) == [plays[4], plays[3]]


def test_settings_are_json(store: Store) -> None:
    store.set_setting("volume", 0.5)
    store.set_setting("volume", 0.75)
    store.set_setting("columns", ["title", "ünïcode"])

    assert store.settings()["volume"] == "0.75"
    assert set(store.settings()) == {"volume", "columns"}


def test_forgetting_the_derived_keeps_the_precious(store: Store, tracks: list[int]) -> None:
    slider, encoder = store.create_slider("calm", "", ""), store.use_encoder("sha", "tiny", 4)
    store.rate(tracks[0], slider.id, 0.5)
    store.save_play(Play(tracks[0], 1, 1.0, "finished", "user"))
    store.save_embeddings(encoder, [(tracks[0], np.zeros(4, np.float32), 1)])
    store.save_map(encoder, np.array(tracks[:1]), np.zeros((1, 2), np.float32))
    store.save_head(slider.id, encoder, np.zeros(4), 0, 1, {}, 1)
    store.save_overview(tracks[0], np.zeros(8, np.uint8))

    store.forget_derived()

    counts = store.counts()
    derived = ("embeddings", "map_points", "maps", "slider_heads", "overviews")
    assert [counts[table] for table in derived] == [0] * 5
    assert (counts["tracks"], counts["sliders"], counts["ratings"], counts["plays"]) == (
        12,
        1,
        1,
        1,
    )
    assert sorted(store.tracks_without_vectors(encoder)) == tracks


def test_a_backup_is_a_library(store: Store, tracks: list[int], tmp_path: Path) -> None:
    store.backup(tmp_path / "copy.db")

    with Store.open(tmp_path / "copy.db") as copy:
        assert copy.rows() == store.rows()


@pytest.mark.parametrize(
    "use", [lambda s: s.rows(), lambda s: s.search("a"), lambda s: s.rate(1, 1, 0.5), Store.close]
)
def test_a_store_serves_only_the_thread_that_opened_it(
    store: Store, use: Callable[[Store], object]
) -> None:
    raised: list[BaseException] = []

    def elsewhere() -> None:
        try:
            use(store)
        except sqlite3.ProgrammingError as error:
            raised.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()

    assert len(raised) == 1
    assert store.rows() == []


def test_threads_write_side_by_side(store: Store, path: Path, tracks: list[int]) -> None:
    slider, encoder = store.create_slider("calm", "", ""), store.use_encoder("sha", "tiny", 64)
    failures: list[Exception] = []

    def embed() -> None:
        try:
            with Store.open(path) as mine:
                for _ in range(40):
                    mine.save_embeddings(encoder, [(i, np.ones(64, np.float32), 1) for i in tracks])
                    mine.vectors(encoder)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=embed) for _ in range(2)]
    for thread in threads:
        thread.start()
    for n in range(40):
        store.rate(tracks[n % 12], slider.id, 0.5)
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(store.rating_history(slider.id)) == 40


def test_a_full_disk_is_said_and_survived(store: Store, tracks: list[int]) -> None:
    slider = store.create_slider("calm", "", "")
    (pages,) = store._db.one("PRAGMA page_count")
    store._db.one(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(UserError, match="disk is full"):
        store.save_overview(tracks[0], np.zeros(100_000, np.uint8))

    store._db.one("PRAGMA max_page_count = 100000")
    store.rate(tracks[0], slider.id, 0.5)
    assert store.current_rating(tracks[0], slider.id) == 0.5
