"""Which tracks are of one album, and which may flow into each other."""

import pytest

from sliders_desktop.library.records import TrackRow
from sliders_desktop.session.transitions import overlap_s, same_album


def row(
    path: str, album: str = "", artist: str = "", duration_s: float = 200.0, start_s: float = 0.0
) -> TrackRow:
    ids = (abs(hash((path, start_s))), path, artist, album, 0, "", duration_s, 0, 0, 0)
    return TrackRow(*ids, path, False, "", start_s)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (row("/m/a/1.mp3", "Lamps", "X"), row("/m/a/2.mp3", "Lamps", "Y"), True),  # a sampler
        (row("/m/a/1.mp3", "Lamps", "X"), row("/m/b/2.mp3", "Lamps", "X"), True),
        (row("/m/a/CD 1/1.mp3", "Lamps", "X"), row("/m/a/cd2/1.mp3", "Lamps", "Y"), True),
        (row("/m/a/1.mp3", "Hits", "X"), row("/m/b/1.mp3", "Hits", "Y"), False),
        (row("/m/a/1.mp3", "Lamps", "X"), row("/m/a/2.mp3", "Rooms", "X"), False),
        (row("/m/a/1.mp3", "", "X"), row("/m/a/2.mp3", "", "X"), False),
        (row("/m/a/1.mp3", "Hits", ""), row("/m/b/2.mp3", "Hits", ""), False),
    ],
)
def test_same_album(one: TrackRow, other: TrackRow, same: bool) -> None:
    assert same_album(one, other) is same
    assert same_album(other, one) is same


def test_songs_overlap_and_albums_do_not() -> None:
    song, other = row("/m/1.mp3", "Lamps", "X"), row("/m/2.mp3", "Rooms", "X")
    assert overlap_s(song, other, 6.0) == 6.0
    assert overlap_s(song, other, 0.0) == 0.0
    assert overlap_s(song, row("/m/3.mp3", "Lamps", "X"), 6.0) == 0.0
    assert overlap_s(song, song, 6.0) == 0.0


def test_short_tracks_do_not_overlap() -> None:
    song, short = row("/m/1.mp3"), row("/m/2.mp3", duration_s=23.9)
    assert overlap_s(song, short, 6.0) == 0.0
    assert overlap_s(short, song, 6.0) == 0.0
    assert overlap_s(short, song, 4.0) == 4.0


def test_parts_of_one_file_do_not_overlap() -> None:
    one, two = row("/m/mix.flac"), row("/m/mix.flac", start_s=200.0)
    assert overlap_s(one, two, 6.0) == 0.0
