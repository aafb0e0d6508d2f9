"""M3U files: what stands in them, where paths lead from, and what they are never written over."""

import os
import sys
from pathlib import Path

import pytest

from sliders_desktop.errors import UserError
from sliders_desktop.library.playlist_files import PathStyle, WrittenPlaylist, write_playlist
from sliders_desktop.library.records import TrackRow


def row(path: Path | str, title: str = "Low Tide", **others: object) -> TrackRow:
    plain = TrackRow(
        1, title, "Coastal Static", "Rooms", 2019, "Ambient", 247.6, 0, 0, 0, str(path), False, ""
    )
    return plain._replace(**others)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    (tmp_path / "music" / "a").mkdir(parents=True)
    return tmp_path / "music"


def lines(done: WrittenPlaylist) -> list[str]:
    return Path(done.path).read_bytes().decode().splitlines()


def test_it_is_what_other_players_read(music: Path, tmp_path: Path) -> None:
    done = write_playlist([row(music / "Größe.flac", "Grö\nße")], str(tmp_path / "x.m3u8"), [])
    assert Path(done.path).read_bytes() == (
        f"#EXTM3U\n#EXTINF:248,Coastal Static - Grö ße\nmusic{os.sep}Größe.flac\n".encode()
    )
    assert done == WrittenPlaylist(str(tmp_path / "x.m3u8"), 1)
    assert done.sentence == "1 track written to x.m3u8."


@pytest.mark.parametrize(
    ("place", "style", "wanted"),
    [
        ("music/lists", "auto", "../a/1.flac"),  # in one music folder: both may move
        ("music/a", "auto", "1.flac"),
        (".", "auto", "music/a/1.flac"),
        ("elsewhere", "auto", "/music/a/1.flac"),
        ("elsewhere", "relative", "../music/a/1.flac"),
        ("music/a", "absolute", "/music/a/1.flac"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="written for slashes")
def test_where_paths_lead_from(
    music: Path, tmp_path: Path, place: str, style: PathStyle, wanted: str
) -> None:
    (tmp_path / place).mkdir(exist_ok=True)
    target = tmp_path / place / "x.m3u8"
    done = write_playlist([row(music / "a" / "1.flac")], str(target), [str(music)], style)
    assert lines(done)[2] == (f"{tmp_path}{wanted}" if wanted[0] == "/" else wanted)


def test_a_files_parts_are_written_once_and_that_is_said(music: Path) -> None:
    whole = music / "album.flac"
    rows = [
        row(whole, "one", end_s=100.0),
        row(music / "other.flac"),
        row(whole, "two", start_s=100.0, end_s=200.0),
        row(whole, "three", start_s=200.0),
    ]
    done = write_playlist(rows, str(music / "x.m3u8"), [])
    assert lines(done)[1:3] == ["#EXTINF:-1,Coastal Static - Rooms", "album.flac"]
    assert len(lines(done)) == 5
    assert (done.entries, done.parts, done.whole_files) == (2, 3, 1)
    assert done.sentence == (
        "2 tracks written to x.m3u8. 3 tracks of one long file stand there as the whole file: "
        "playlists know no parts."
    )


def test_the_same_track_twice_is_written_twice(music: Path) -> None:
    done = write_playlist([row(music / "1.flac")] * 2, str(music / "x.m3u8"), [])
    assert done.entries == 2


def test_who_is_away_is_left_out_and_counted(music: Path) -> None:
    rows = [
        row(music / "1.flac"),
        row(music / "2.flac", missing=True),
        row("", missing=True),
        row(music / "bro\nken.flac"),
    ]
    done = write_playlist(rows, str(music / "x.m3u8"), [])
    assert (done.entries, done.missing, done.unwritable) == (1, 2, 1)
    assert "2 tracks left out: the file is away." in done.sentence
    assert "1 track left out: the name breaks the line." in done.sentence
    with pytest.raises(UserError, match="nothing to write"):
        write_playlist(rows[1:], str(music / "y.m3u8"), [])
    assert not (music / "y.m3u8").exists()


def test_a_name_that_would_be_a_remark(music: Path) -> None:
    assert lines(write_playlist([row(music / "#1.flac")], str(music / "x.m3u8"), []))[2] == (
        f".{os.sep}#1.flac"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes there")
def test_names_that_are_no_unicode_are_written_as_they_are(music: Path) -> None:
    path = os.fsdecode(os.fsencode(music) + b"/\xff\xe9.flac")
    done = write_playlist([row(path)], str(music / "x.m3u8"), [])
    assert Path(done.path).read_bytes().splitlines()[2] == b"\xff\xe9.flac"


def test_music_is_never_written_over(music: Path) -> None:
    song = music / "song.flac"
    song.write_bytes(b"fLaC\0\0")
    done = write_playlist([row(song)], str(song), [])
    assert Path(done.path).name == "song.flac.m3u8"
    assert song.read_bytes() == b"fLaC\0\0"
    in_disguise = music / "song.m3u8"
    in_disguise.write_bytes(b"fLaC\0\0")
    with pytest.raises(UserError, match="no playlist"):
        write_playlist([row(song)], str(in_disguise), [])
    assert in_disguise.read_bytes() == b"fLaC\0\0"


def test_an_older_playlist_gives_way_and_nothing_else_is_left(music: Path) -> None:
    (music / "x.m3u8").write_text("#EXTM3U\nold.mp3\n")
    write_playlist([row(music / "1.flac")], str(music / "x.m3u8"), [])
    assert sorted(p.name for p in music.iterdir()) == ["a", "x.m3u8"]
    assert "old" not in (music / "x.m3u8").read_text()


def test_a_place_that_can_not_be_written_to(music: Path) -> None:
    with pytest.raises(UserError, match=r"x.m3u8 can't be written"):
        write_playlist([row(music / "1.flac")], str(music / "nowhere" / "x.m3u8"), [])
    (music / "there.m3u8").mkdir()
    with pytest.raises(UserError, match="can't be written"):
        write_playlist([row(music / "1.flac")], str(music / "there.m3u8"), [])
