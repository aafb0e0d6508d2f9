"""Folders against the library, with real files and a real database."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import songs

from sliders_desktop import tasks
from sliders_desktop.library.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        yield store


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    for artist, title in (("Ash", "Low"), ("Ash", "Tide"), ("Birch", "Lamp")):
        path = folder / artist / f"{title}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        songs.write(path, songs.song(title, 0.4), format="flac")
        songs.tag(path, title=title, artist=artist, album=f"{artist} album")
    return folder


def fingerprints(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(p): (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns)
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def by_title(store: Store) -> dict[str, int]:
    return {row.title: row.id for row in store.rows()}


def test_a_scan_finds_everything_once_and_touches_no_file(store: Store, music: Path) -> None:
    before = fingerprints(music)

    first = tasks.scan(store, [music])
    second = tasks.scan(store, [])

    assert len(first.added) == 3
    assert (second.added, second.changed, second.unchanged) == ([], [], 3)
    assert {(r.title, r.artist) for r in store.rows()} == {
        ("Low", "Ash"),
        ("Tide", "Ash"),
        ("Lamp", "Birch"),
    }
    assert fingerprints(music) == before


def test_a_moved_file_keeps_its_ratings_and_plays(store: Store, music: Path) -> None:
    tasks.scan(store, [music])
    slider = store.create_slider("calm", "restless", "calm")
    track = by_title(store)["Tide"]
    store.rate(track, slider.id, 0.75)

    (music / "elsewhere").mkdir()
    (music / "Ash" / "Tide.flac").rename(music / "elsewhere" / "renamed.flac")
    result = tasks.scan(store, [])

    assert result.moved == [track]
    assert (result.added, result.missing) == ([], [])
    assert store.current_rating(track, slider.id) == 0.75
    (row,) = store.rows([track])
    assert row.path.endswith("renamed.flac")
    assert not row.missing


def test_a_retagged_file_is_the_same_track_with_a_new_title(store: Store, music: Path) -> None:
    tasks.scan(store, [music])
    track = by_title(store)["Low"]
    path = music / "Ash" / "Low.flac"

    songs.tag(path, title="Lower")
    os.utime(path, ns=(1, 2_000_000_000_000_000_000))
    result = tasks.scan(store, [])

    assert result.changed == [track]
    assert by_title(store)["Lower"] == track
    assert len(store.rows()) == 3


def test_an_unplugged_folder_is_offline_and_comes_back(store: Store, music: Path) -> None:
    tasks.scan(store, [music])
    away = music.with_name("unplugged")

    music.rename(away)
    gone = tasks.scan(store, [])
    assert gone.away == [str(music)]
    assert all(row.missing for row in store.rows())

    away.rename(music)
    back = tasks.scan(store, [])
    assert len(back.returned) == 3
    assert not any(row.missing for row in store.rows())


def test_an_empty_mount_point_deletes_nothing(store: Store, music: Path) -> None:
    tasks.scan(store, [music])

    shutil.rmtree(music)
    music.mkdir()
    tasks.scan(store, [])

    rows = store.rows()
    assert len(rows) == 3
    assert all(row.missing for row in rows)


def test_a_deleted_file_is_marked_and_its_ratings_stay(store: Store, music: Path) -> None:
    tasks.scan(store, [music])
    slider = store.create_slider("calm", "", "")
    track = by_title(store)["Lamp"]
    store.rate(track, slider.id, 1.0)

    (music / "Birch" / "Lamp.flac").unlink()
    result = tasks.scan(store, [])

    assert result.missing == [track]
    assert store.current_rating(track, slider.id) == 1.0


def test_broken_files_are_listed_with_a_reason_and_stop_nothing(store: Store, music: Path) -> None:
    songs.empty(music / "empty.mp3")
    songs.text(music / "letter.flac")

    result = tasks.scan(store, [music])

    assert len(result.added) == 5
    assert result.unreadable == 2
    problems = {Path(row.path).name: row.error for row in store.problems()}
    assert problems.keys() == {"empty.mp3", "letter.flac"}
    assert all(reason.endswith(".") and "\n" not in reason for reason in problems.values())


def test_strange_names_survive(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "música ☂ – 音楽"
    folder.mkdir()
    names = ["naïve ‘quotes’.wav", "emoji 🎸.wav", " spaces .wav", "per%cent#hash.wav"]
    for name in names:
        songs.write(folder / name, songs.song(name, 0.3), format="wav")

    tasks.scan(store, [folder])

    assert {Path(row.path).name for row in store.rows()} == set(names)
    assert all(not row.error for row in store.rows())


def test_a_mended_file_is_read_again_when_asked(store: Store, music: Path) -> None:
    broken = songs.text(music / "mended.flac")
    tasks.scan(store, [music])
    (problem,) = store.problems()
    about = broken.stat()

    songs.write(broken, songs.song("Mended", 0.4), format="flac")
    songs.tag(broken, title="Mended")
    os.utime(broken, ns=(about.st_atime_ns, about.st_mtime_ns))
    store.clear_errors([problem.id])
    tasks.scan(store, [])

    assert store.problems() == []
    assert by_title(store)["Mended"] == problem.id
