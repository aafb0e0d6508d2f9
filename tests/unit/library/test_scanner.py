"""Walking real folders: links, hidden places, closed doors, strange names."""

import os
import sys
from pathlib import Path

import pytest

from sliders_desktop.errors import Cancelled
from sliders_desktop.library import scanner
from sliders_desktop.library.records import KnownFile

MP3 = frozenset({".mp3"})


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def link(path: Path, target: Path) -> None:
    try:
        path.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("this system makes no links for us")


def names(folder: Path) -> list[str]:
    return [Path(file.path).relative_to(folder).as_posix() for file in scanner.walk(folder, MP3)]


def test_it_finds_the_suffixes_asked_for_in_order(tmp_path: Path) -> None:
    for name in ("b/2.mp3", "b/1.MP3", "a.mp3", "b/c/3.mp3", "notes.txt", "mp3", "x.mp3/y.txt"):
        touch(tmp_path / name)

    assert names(tmp_path) == ["a.mp3", "b/1.MP3", "b/2.mp3", "b/c/3.mp3"]


def test_it_reports_size_and_time(tmp_path: Path) -> None:
    path = touch(tmp_path / "a.mp3")
    os.utime(path, ns=(5, 1_700_000_000_123_456_700))

    (file,) = scanner.walk(tmp_path, MP3)

    assert file == scanner.FileStat(str(path), 1, path.stat().st_mtime_ns)


def test_sheets_beside_a_file_are_noted_with_it(tmp_path: Path) -> None:
    album = touch(tmp_path / "album" / "a.mp3")
    single = touch(tmp_path / "single.mp3")
    sheets = [touch(album.with_name(name)) for name in ("b.CUE", "a.cue")]
    (album.parent / "folder.cue").mkdir()
    touch(album.parent / "._a.cue")

    def look() -> dict[str, scanner.FileStat]:
        return {file.path: file for file in scanner.walk(tmp_path, MP3)}

    first = look()
    assert sorted(first[str(album)].sheets) == sorted(map(str, sheets))
    assert (first[str(single)].sheet, first[str(single)].sheets) == (0, ())
    stamps = [first[str(album)].sheet]
    assert look() == first
    sheets[0].write_bytes(b"longer")
    stamps.append(look()[str(album)].sheet)
    os.utime(sheets[0], ns=(5, 5))
    stamps.append(look()[str(album)].sheet)
    sheets[0].unlink()
    stamps.append(look()[str(album)].sheet)
    sheets[1].unlink()
    stamps.append(look()[str(album)].sheet)
    assert stamps[-1] == 0
    assert len(set(stamps)) == len(stamps)


def test_hidden_places_and_bins_are_left_out(tmp_path: Path) -> None:
    for name in (
        ".hidden/a.mp3",
        "$RECYCLE.BIN/a.mp3",
        "@eaDir/a.mp3",
        "._a.mp3",
        "lost+found/a.mp3",
    ):
        touch(tmp_path / name)
    touch(tmp_path / "shown.mp3")

    assert names(tmp_path) == ["shown.mp3"]


def test_a_hidden_folder_that_was_chosen_is_walked(tmp_path: Path) -> None:
    touch(tmp_path / ".music" / "a.mp3")

    assert names(tmp_path / ".music") == ["a.mp3"]


def test_linked_folders_are_followed_once_and_loops_end(tmp_path: Path) -> None:
    touch(tmp_path / "music" / "z" / "a.mp3")
    touch(tmp_path / "outside" / "b.mp3")
    link(tmp_path / "music" / "loop", tmp_path / "music")
    link(tmp_path / "music" / "again", tmp_path / "music" / "z")
    link(tmp_path / "music" / "more", tmp_path / "outside")
    link(tmp_path / "outside" / "back", tmp_path / "music")

    assert names(tmp_path / "music") == ["z/a.mp3", "more/b.mp3"]


def test_linked_files_count_unless_they_are_listed_anyway(tmp_path: Path) -> None:
    inside = touch(tmp_path / "music" / "a.mp3")
    outside = touch(tmp_path / "b.mp3")
    link(tmp_path / "music" / "favourite.mp3", inside)
    link(tmp_path / "music" / "far.mp3", outside)
    link(tmp_path / "music" / "broken.mp3", tmp_path / "nothing")

    assert names(tmp_path / "music") == ["a.mp3", "far.mp3"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_not_unicode_survive(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp3")
    touch(Path(path))

    (file,) = scanner.walk(tmp_path, MP3)

    assert file.path == path
    assert os.path.exists(file.path)  # noqa: PTH110


def test_places_that_cannot_be_read_are_collected(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp3")
    closed = tmp_path / "closed"
    touch(closed / "b.mp3")
    closed.chmod(0)
    unreadable: list[str] = []
    try:
        found = list(scanner.walk(tmp_path, MP3, unreadable=unreadable))
        may_read_all = os.access(closed, os.R_OK)  # root, Windows
    finally:
        closed.chmod(0o700)

    assert found[0].path == str(tmp_path / "a.mp3")
    assert unreadable == ([] if may_read_all else [str(closed)])


def test_a_folder_that_is_gone_is_collected(tmp_path: Path) -> None:
    unreadable: list[str] = []

    assert list(scanner.walk(tmp_path / "nothing", MP3, unreadable=unreadable)) == []
    assert unreadable == [str(tmp_path / "nothing")]


def test_it_stops_when_its_job_is_cancelled(tmp_path: Path) -> None:
    class Stopped:
        def progress(self, done: int, total: int, text: str = "") -> None: ...
        def check(self) -> None:
            raise Cancelled

    touch(tmp_path / "a.mp3")

    with pytest.raises(Cancelled):
        list(scanner.walk(tmp_path, MP3, Stopped()))


def test_diff_tells_new_changed_gone_back_and_unchanged() -> None:
    known = {
        "same": [KnownFile(1, 10, 100, False, "")],
        "resized": [KnownFile(2, 10, 100, False, "")],
        "touched": [KnownFile(3, 10, 100, True, "")],
        "gone": [KnownFile(4, 10, 100, False, ""), KnownFile(8, 10, 100, False, "")],
        "gone before": [KnownFile(5, 10, 100, True, "")],
        "back": [KnownFile(6, 10, 100, True, "")],
        "broken as before": [KnownFile(7, 10, 100, False, "cut off")],
        "in parts": [KnownFile(id, 10, 100, id == 10, "", sheet=5) for id in (9, 10)],
        "other sheet": [KnownFile(id, 10, 100, False, "", sheet=5) for id in (11, 12)],
        "one to read again": [KnownFile(id, 10, id, False, "") for id in (-1, 100)],
    }
    stats = [
        scanner.FileStat("same", 10, 100),
        scanner.FileStat("resized", 11, 100),
        scanner.FileStat("touched", 10, 101),
        scanner.FileStat("back", 10, 100),
        scanner.FileStat("broken as before", 10, 100),
        scanner.FileStat("new", 10, 100),
        scanner.FileStat("in parts", 10, 100, 5),
        scanner.FileStat("other sheet", 10, 100, 6),
        scanner.FileStat("one to read again", 10, 100),
    ]

    diff = scanner.diff(stats, known)

    assert [file.path for file in diff.to_read] == [
        *("resized", "touched", "new", "other sheet", "one to read again"),
    ]
    assert (diff.gone, diff.back, diff.unchanged) == ([4, 8], [6, 10], 3)


def test_a_folder_is_away_when_gone_or_an_empty_mount_point(tmp_path: Path) -> None:
    known = {"a": [KnownFile(1, 10, 100, False, "")]}
    empty = tmp_path / "empty"
    empty.mkdir()

    assert scanner.folder_is_away(tmp_path / "nothing", {})
    assert scanner.folder_is_away(tmp_path / "nothing", known)
    assert scanner.folder_is_away(empty, known)
    assert not scanner.folder_is_away(empty, {})  # chosen just now, to be filled later

    touch(empty / ".Trash" / "a.mp3")
    assert scanner.folder_is_away(empty, known)
    touch(empty / "cover.jpg")
    assert not scanner.folder_is_away(empty, known)
    assert scanner.folder_is_away(empty / "cover.jpg", known)
