"""Ratings leave for a file and come in again: whole, once, each to its track, in the order made."""

import dataclasses
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sliders_desktop import tasks
from sliders_desktop.errors import Cancelled, UserError
from sliders_desktop.library import ratings as library_ratings
from sliders_desktop.library.rating_files import RatingsFile, read, to_json
from sliders_desktop.library.records import FoundTrack, NamedRating, NamedSlider, TrackName
from sliders_desktop.library.store import Store

ROOT = Path(__file__).parents[2]
START = 1_700_000_000


def found(number: int, folder: str = "/music", **other: object) -> FoundTrack:
    track = FoundTrack(
        f"{folder}/{number}.mp3", 1, 1, f"{number:064x}", 100.0 + number, f"Song {number}",
        f"Artist {number % 7}", "Album",
    )  # fmt: skip
    return dataclasses.replace(track, **other)  # type: ignore[arg-type]


def library(path: Path, tracks: int = 20, folder: str = "/music") -> Store:
    store = Store.open(path)
    store.save_found(store.add_folder(folder).id, [found(n, folder) for n in range(tracks)])
    return store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with library(tmp_path / "one.db") as store:
        yield store


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    with library(tmp_path / "two.db") as store:
        yield store


def rate_much(store: Store, count: int = 300) -> None:
    """Two sliders in use, one put away, one deleted; several ratings a second, some taken back."""
    rng = random.Random(1)
    tracks = [row.id for row in store.rows()]
    sliders = [
        store.create_slider("rainy night", "bright noon", "rainy night", "streets that shine"),
        store.create_slider("=calm", "restless", "calm", color="#ff8800"),
        store.create_slider("Été", "winter", "summer"),
    ]
    gone = store.create_slider("gone", "", "")
    store.rate(tracks[0], gone.id, 1.0)
    store.delete_slider(gone.id)
    for n in range(count):
        value = rng.choice([None, *(k / 8 for k in range(9))])
        store.rate_all(rng.choice(sliders).id, [(rng.choice(tracks), value)], START + n // 4)
    store.archive_slider(sliders[2].id)


def told(store: Store) -> tuple[list[object], list[NamedRating]]:
    return [slider._replace(created_at=0) for slider in store.named_sliders()], (
        store.named_ratings()
    )


@pytest.mark.parametrize("name", ["ratings.json", "ratings.csv"])
def test_everything_arrives_in_the_order_made_and_only_once(
    store: Store, other: Store, tmp_path: Path, name: str
) -> None:
    rate_much(store)
    out = tasks.export_ratings(store, tmp_path / name)
    assert (out.sliders, out.ratings) == (3, 300)
    assert out.sentence == f"300 ratings on 3 sliders are in {name}."

    first = tasks.import_ratings(other, tmp_path / name)
    again = tasks.import_ratings(other, tmp_path / name)

    assert (first.added, first.known, len(first.left_out.ratings)) == (300, 0, 0)
    sliders, ratings = told(store)
    if name.endswith("csv"):  # which knows no colours, and no order of sliders
        sliders = sorted(s._replace(color="") for s in sliders)  # type: ignore[attr-defined]
        assert sorted(told(other)[0]) == sliders  # type: ignore[type-var]
    else:
        assert told(other)[0] == sliders
    assert told(other)[1] == ratings
    for slider in store.sliders():
        (there,) = [s for s in other.sliders() if s.name == slider.name]
        of = [(r.track_id, r.value, r.rated_at) for r in store.rating_history(slider.id)]
        assert [(r.track_id, r.value, r.rated_at) for r in other.rating_history(there.id)] == of
        assert [r.value for r in other.ratings(there.id)] == [
            r.value for r in store.ratings(slider.id)
        ]
    assert (again.added, again.known) == (0, 300)
    assert again.sentence == "Nothing new: every rating of this file is here already."


def test_into_its_own_library_it_adds_nothing(store: Store, tmp_path: Path) -> None:
    rate_much(store)
    before = told(store)
    tasks.export_ratings(store, tmp_path / "r.json")
    assert tasks.import_ratings(store, tmp_path / "r.json").added == 0
    assert told(store) == before


def test_back_and_forth_two_libraries_become_alike(
    store: Store, other: Store, tmp_path: Path
) -> None:
    a = store.create_slider("calm", "restless", "calm")
    b = other.create_slider("Calm", "loud", "quiet")
    for at, (library_, slider) in enumerate([(store, a), (other, b)] * 4):
        library_.rate_all(slider.id, [(1, at / 8), (at + 2, 0.5)], START + at)
    file = tmp_path / "r.json"

    tasks.export_ratings(store, file)
    result = tasks.import_ratings(other, file)
    assert result.other_words == ("Calm",)
    assert "Calm has other end words here, and the ratings joined." in result.sentence
    assert result.new_sliders == ()
    tasks.export_ratings(other, file)
    tasks.import_ratings(store, file)

    def judged(library_: Store) -> list[tuple[str, float | None, int]]:
        return [(r.track.title, r.value, r.rated_at) for r in library_.named_ratings()]

    assert judged(store) == judged(other)
    assert store.current_rating(1, a.id) == other.current_rating(1, b.id) == 7 / 8


def test_a_newer_rating_holds_over_an_older_one_that_comes_in(
    store: Store, other: Store, tmp_path: Path
) -> None:
    old = store.create_slider("calm", "", "")
    store.rate_all(old.id, [(1, 0.0), (2, 0.0)], START)
    tasks.export_ratings(store, tmp_path / "r.json")
    mine = other.create_slider("calm", "", "")
    other.rate(1, mine.id, 1.0)

    result = tasks.import_ratings(other, tmp_path / "r.json")

    assert result.held == {mine.id: {1: 1.0, 2: 0.0}}
    assert [r.value for r in other.rating_history(mine.id)] == [0.0, 0.0, 1.0]


def test_a_rating_of_now_holds_though_the_clock_was_ahead(store: Store) -> None:
    slider = store.create_slider("calm", "", "")
    store.rate_all(slider.id, [(1, 0.0)], int(time.time()) + 10**6)
    rating = store.rate(1, slider.id, 1.0)
    assert store.current_rating(1, slider.id) == 1.0
    assert store.rating_history(slider.id)[-1] == rating


# ── which track ──


def names_of(store: Store, *names: TrackName) -> list[int | None]:
    return store.match_tracks(list(names))


def test_tracks_are_known_by_audio_then_path_then_song(tmp_path: Path) -> None:
    with library(tmp_path / "library.db", 0) as store:
        folder = store.add_folder("/music").id
        store.save_found(folder, [
            found(1), found(2), found(3, title="émile", artist=" Zoé"),
            found(4, title="Song", artist="Who", duration_s=180.0),
            found(5, title="Song", artist="Who", duration_s=240.0),
            found(6, "/music/copies", audio_hash=f"{1:064x}"),
        ])  # fmt: skip
        here = {row.path: row.id for row in store.rows()}

        def at(name: str) -> int:
            return here[f"/music/{name}.mp3"]

        hashed = TrackName(f"{1:064x}", "/elsewhere/x.mp3", "", "", "", 0.0)
        copy = hashed._replace(path="/music/copies/6.mp3")
        moved = TrackName("", "/music/2.mp3", "", "song 2", "", 0.0)
        rip = TrackName("f" * 64, "/music/2.mp3", "", "Song 2", "", 0.0)
        foreign = TrackName("f" * 64, "/music/2.mp3", "Nobody", "Another song", "", 50.0)
        song = TrackName("f" * 64, "/other/3.mp3", "ZOÉ", "ÉMILE ", "", 104.5)
        longer = TrackName("", "", "who", "song", "", 238.0)
        neither = TrackName("", "", "who", "song", "", 210.0)
        unknown_length = TrackName("", "", "Who", "Song", "", 0.0)
        assert names_of(
            store, hashed, copy, moved, rip, foreign, song, longer, neither, unknown_length
        ) == [
            *(at("1"), at("copies/6"), at("2"), at("2"), None, at("3"), at("5"), None, at("4")),
        ]  # fmt: skip


def test_of_two_copies_the_one_that_is_there(tmp_path: Path) -> None:
    with library(tmp_path / "library.db", 0) as store:
        folder = store.add_folder("/music").id
        store.save_found(folder, [found(1), found(2, audio_hash=f"{1:064x}")])
        first, second = (row.id for row in store.rows())
        slider = store.create_slider("calm", "", "")
        store.rate_all(slider.id, [(first, 1.0), (second, 1.0)])  # so each keeps its place
        store.mark_missing([first])
        assert names_of(store, TrackName(f"{1:064x}", "", "", "", "", 0.0)) == [second]


def test_parts_of_one_file_are_told_apart(tmp_path: Path) -> None:
    with library(tmp_path / "library.db", 0) as store:
        store.save_found(store.add_folder("/music").id, [
            found(1, title="Interlude", duration_s=60.0, part=1, audio_hash="a"),
            dataclasses.replace(
                found(1, title="Interlude", duration_s=90.0, part=2, audio_hash="b"), start_s=60.0
            ),
        ])  # fmt: skip
        one, two = (row.id for row in store.rows())
        names = [TrackName("", "/music/1.mp3", "", "Interlude", "", s) for s in (59.0, 91.0, 75.0)]
        assert names_of(store, *names) == [one, two, None]


def test_what_is_not_here_is_left_out_and_can_be_kept(
    store: Store, other: Store, tmp_path: Path
) -> None:
    rate_much(store)
    tasks.export_ratings(store, tmp_path / "all.json")
    small = library(tmp_path / "small.db", 5)
    with small:
        result = tasks.import_ratings(small, tmp_path / "all.json")
        left = result.left_out
        assert result.added + len(left.ratings) == 300
        assert f"{len(left.ratings)} ratings of 15 tracks that this library does not have were" in (
            result.sentence
        )
        tasks.save_ratings(small, left, tmp_path / "left.csv")
        assert read((tmp_path / "left.csv").read_bytes()).ratings == list(left.ratings)
        nothing = tasks.import_ratings(small, tmp_path / "left.csv")
        assert (nothing.added, nothing.known, len(nothing.left_out.ratings)) == (
            *(0, 0), len(left.ratings),
        )  # fmt: skip
        folder = small.folders()[0].id
        small.save_found(folder, [found(n) for n in range(20)])
        tasks.import_ratings(small, tmp_path / "left.csv")
        assert sorted(told(small)[1], key=str) == sorted(told(store)[1], key=str)


# ── all or nothing ──


def big(tmp_path: Path, count: int = 5000) -> Path:
    file = RatingsFile(
        [NamedSlider("calm", "restless", "calm"), NamedSlider("new", "old", "new")],
        [
            NamedRating(
                "new" if n % 2 else "calm",
                TrackName(f"{n % 20:064x}", "", "", "", "", 0.0), n % 9 / 8, START + n,
            )
            for n in range(count)
        ],
    )  # fmt: skip
    path = tmp_path / "big.json"
    path.write_text("".join(to_json(file)), "utf-8")
    return path


class StopsAt:
    """Cancelled once so many rows are in."""

    def __init__(self, rows: int) -> None:
        self.rows, self.done, self.adding = rows, 0, False

    def progress(self, done: int, total: int, text: str = "") -> None:
        self.done = done if total <= 5000 else 0  # of letters there are more

    def check(self) -> None:
        if self.done >= self.rows:
            raise Cancelled


def everything(store: Store) -> tuple[object, ...]:
    counts = {k: v for k, v in store.counts().items() if k != "bytes"}
    return counts, store.words(), store.named_ratings()


def test_a_file_that_is_cancelled_leaves_nothing(store: Store, tmp_path: Path) -> None:
    store.create_slider("calm", "", "")
    before = everything(store)
    with pytest.raises(Cancelled):
        tasks.import_ratings(store, big(tmp_path), StopsAt(2000))
    assert everything(store) == before


def test_a_name_taken_meanwhile_leaves_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = library_ratings.IncomingRatings.finish

    def late(self: library_ratings.IncomingRatings) -> None:
        with Store.open(tmp_path / "one.db") as window:
            window.create_slider("NEW", "", "")
        finish(self)

    monkeypatch.setattr(library_ratings.IncomingRatings, "finish", late)
    with pytest.raises(UserError, match="try again"):
        tasks.import_ratings(store, big(tmp_path))
    assert [word.slider.name for word in store.words()] == ["NEW"]
    assert store.named_ratings() == []


def test_a_bad_file_changes_nothing(store: Store, tmp_path: Path) -> None:
    before = everything(store)
    good = big(tmp_path).read_text("utf-8")
    bad = tmp_path / "bad.json"
    bad.write_text(good.replace('"value": 0.125', '"value": 3', 1), "utf-8")
    for path in (bad, tmp_path / "missing.json", tmp_path):
        with pytest.raises(UserError):
            tasks.import_ratings(store, path)
    assert everything(store) == before


def test_nobody_who_rates_meanwhile_waits_or_sees_half_of_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listener rates after every block that came in."""
    mine = store.create_slider("calm", "", "")
    seen: list[int] = []
    with Store.open(tmp_path / "one.db") as window:

        class Rates:
            def progress(self, done: int, total: int, text: str = "") -> None:
                if total == 5000:
                    window.rate(1, mine.id, len(seen) % 9 / 8)
                    seen.append(len(window.rating_history(mine.id)))

            def check(self) -> None:
                pass

        result = tasks.import_ratings(store, big(tmp_path), Rates())

    assert seen == list(range(1, 5000 // library_ratings.AT_ONCE + 1))
    assert len(store.rating_history(mine.id)) == 2500 + len(seen)
    assert store.current_rating(1, mine.id) == (len(seen) - 1) % 9 / 8
    assert result.held[mine.id][1] == (len(seen) - 1) % 9 / 8


KILLED = """
import os, signal, sys
from pathlib import Path
from sliders_desktop import tasks
from sliders_desktop.library.store import Store

class Kill:
    def progress(self, done, total, text=""):
        if total == 5000 and done >= 2500:
            os.kill(os.getpid(), signal.SIGKILL)

    def check(self):
        pass

with Store.open(sys.argv[1]) as store:
    tasks.import_ratings(store, Path(sys.argv[2]), Kill())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_killed_import_was_never_there(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slider = store.create_slider("calm", "restless", "calm")
    file = big(tmp_path)
    command = [sys.executable, "-c", KILLED, str(tmp_path / "one.db"), str(file)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL

    assert store.counts()["ratings"] == 2500  # written, but seen by nobody
    assert store.named_ratings() == []
    assert store.ratings(slider.id) == store.rating_history(slider.id) == []
    assert [word.slider.name for word in store.words()] == ["calm"]
    tasks.forget_deleted(store)
    assert store.counts()["ratings"] == 2500  # it may still be running
    assert tasks.import_ratings(store, file).added == 5000
    monkeypatch.setattr(library_ratings, "STALE_S", -1)
    tasks.forget_deleted(store)
    assert store.counts()["ratings"] == 5000
    assert store.counts()["sliders"] == 2


def test_threads_take_in_and_rate_side_by_side(store: Store, tmp_path: Path) -> None:
    mine = store.create_slider("calm", "", "")
    failures: list[BaseException] = []

    def take_in() -> None:
        try:
            with Store.open(tmp_path / "one.db") as lane:
                tasks.import_ratings(lane, file)
        except BaseException as error:
            failures.append(error)

    file = big(tmp_path)
    thread = threading.Thread(target=take_in)
    thread.start()
    rated = 0
    while thread.is_alive():
        store.rate(rated % 20 + 1, mine.id, 0.5)
        rated += 1
        time.sleep(0.005)  # still faster than any hand
    thread.join()
    assert failures == []
    assert len(store.rating_history(mine.id)) == 2500 + rated


# ── out ──


def test_a_file_that_cannot_be_written_is_said(store: Store, tmp_path: Path) -> None:
    (tmp_path / "r.json").mkdir()
    for path in (tmp_path / "r.json", tmp_path / "away" / "r.json"):
        with pytest.raises(UserError, match="can't be written"):
            tasks.export_ratings(store, path)
    assert sorted(p.name for p in tmp_path.glob("*.part")) == []


def test_writing_that_is_stopped_leaves_the_old_file(store: Store, tmp_path: Path) -> None:
    slider = store.create_slider("calm", "", "")
    store.rate_all(slider.id, [(n % 20 + 1, n % 9 / 8) for n in range(2000)])
    path = tmp_path / "r.json"
    path.write_text("old", "utf-8")
    with pytest.raises(Cancelled):
        tasks.export_ratings(store, path, StopsAt(500))
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.glob("*.part")) == []
