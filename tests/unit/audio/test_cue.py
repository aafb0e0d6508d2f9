"""Cue sheets as programs and people have written them: what is meant is understood or refused."""

import logging
from pathlib import Path

import mutagen.flac
import pytest

from sliders_desktop.audio import cue
from sliders_desktop.audio.cue import Part, parse, parts_of
from tests import songs

LENGTH_S = 600.0

PLAIN = """REM GENRE "Chamber Pop"
REM DATE 1987
REM DISCID 8D0A4E0B
REM COMMENT "ExactAudioCopy v1.3"
REM DISCNUMBER 2
PERFORMER "The Owls"
TITLE "Hollow Tree"
FILE "album.wav" WAVE
  TRACK 01 AUDIO
    TITLE "Dusk"
    PERFORMER "The Owls"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Mouse"
    PERFORMER "The Owls feat. Wren"
    ISRC GBAAA8700002
    FLAGS DCP
    PREGAP 00:02:00
    INDEX 00 02:59:70
    INDEX 01 03:01:05
    INDEX 02 03:30:00
  TRACK 03 AUDIO
    TITLE "Dawn"
    INDEX 01 05:00:74
    POSTGAP 00:01:00
"""


@pytest.fixture
def album(tmp_path: Path) -> Path:
    path = tmp_path / "album.flac"
    path.write_bytes(b"fLaC")
    return path


def beside(album: Path, content: str | bytes, name: str = "album.cue") -> list[Part]:
    """The parts of ``album`` by a sheet of this content beside it."""
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
    album.with_name(name).write_bytes(data)
    return parts_of(album, (), [str(album.with_name(name))], LENGTH_S)


def sheet(*times: str, file: str = 'FILE "album.flac" WAVE') -> str:
    lines = [file]
    for number, time in enumerate(times, 1):
        lines += [f"TRACK {number:02} AUDIO", f"TITLE Song {number}", f"INDEX 01 {time}"]
    return "\n".join(lines)


def titles(parts: list[Part]) -> list[str]:
    return [part.title for part in parts]


def test_a_sheet_names_the_tracks_and_where_they_lie(album: Path) -> None:
    one, two, three = beside(album, PLAIN)

    assert (one.start_s, one.end_s) == (0.0, 181 + 5 / 75)  # the gap before Mouse ends Dusk
    assert (two.start_s, two.end_s) == (one.end_s, 300 + 74 / 75)
    assert (three.start_s, three.end_s) == (two.end_s, None)
    assert [part.number for part in (one, two, three)] == [1, 2, 3]
    assert titles([one, two, three]) == ["Dusk", "Mouse", "Dawn"]
    assert [part.artist for part in (one, two, three)] == [
        *("The Owls", "The Owls feat. Wren", "The Owls"),
    ]
    assert (two.album, two.album_artist, two.genre) == ("Hollow Tree", "The Owls", "Chamber Pop")
    assert (two.year, two.disc_no) == (1987, 2)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "\n\n"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_any_line_ends_in_any_encoding(album: Path, ends: str, encoding: str) -> None:
    text = PLAIN.replace("Mouse", "Mäuschen Nº 5").replace("\n", ends)

    parts = beside(album, text.encode(encoding))

    assert titles(parts) == ["Dusk", "Mäuschen Nº 5", "Dawn"]


def test_of_code_pages_the_one_in_which_the_file_is_there(tmp_path: Path) -> None:
    for name, page in (("Ночь", "cp1251"), ("夜の歌", "cp932"), ("Nüße", "cp1252")):
        path = tmp_path / f"{name}.flac"
        path.touch()
        text = sheet("0:0:0", "1:0:0", file=f'FILE "{name}.wav" WAVE').replace("Song", name)
        assert titles(beside(path, text.encode(page), f"{page}.cue")) == [f"{name} 1", f"{name} 2"]


def test_unquoted_quoted_and_carelessly_written(album: Path) -> None:
    text = """\ufeff
      title   "The "Best" of it"
      Performer Nobody in Particular
      nonsense here
      REM
      REM date "12 May 2003"
      FILE C:\\Rips\\My Album\\ALBUM.FLAC
      track 1 audio
        TITLE "forgotten quote
        index 1 0:0:0
      TRACK 2
      TITLE\t"Tab"
      TITLE "said twice"
      PERFORMER ""
      INDEX 01 00:59
      TRACK 11 AUDIO
      SONGWRITER "A. Writer"
      INDEX 01 05:61.80
      INDEX 01 09:00:00
    """
    one, two, three = beside(album, text)

    assert titles([one, two, three]) == ["forgotten quote", "Tab", ""]
    assert (one.album, one.album_artist, one.year) == ('The "Best" of it', *(one.artist, 2003))
    assert one.artist == two.artist == "Nobody in Particular"
    assert [one.start_s, two.start_s, three.start_s] == [0.0, 59.0, 362 + 5 / 75]
    assert three.number == 11


def test_minutes_go_beyond_99(album: Path) -> None:
    album.with_name("album.cue").write_text(sheet("00:00:00", "99:59:74", "100:00:00", "240:00:00"))
    parts = parts_of(album, (), [str(album.with_name("album.cue"))], 15_000.0)
    assert [part.start_s for part in parts] == [0.0, 5999 + 74 / 75, 6000.0, 14_400.0]


def test_what_lies_before_the_first_index_is_left_out(album: Path) -> None:
    first, _ = beside(album, sheet("02:00:37", "04:00:00"))
    assert first.start_s == 120 + 37 / 75


def test_data_is_no_track_but_ends_the_one_before(album: Path) -> None:
    text = sheet("00:00:00", "01:00:00", "02:00:00", "03:00:00")
    text = text.replace("TRACK 03 AUDIO", "TRACK 03 MODE1/2352")
    assert [(part.number, part.start_s, part.end_s) for part in beside(album, text)] == [
        *((1, 0.0, 60.0), (2, 60.0, 120.0), (4, 180.0, None)),
    ]


def test_a_beginning_that_is_only_a_gap_will_do(album: Path) -> None:
    text = sheet("00:00:00", "01:00:00").replace("INDEX 01 01", "INDEX 00 01")
    assert [part.start_s for part in beside(album, text)] == [0.0, 60.0]


def test_several_files_in_one_sheet(album: Path) -> None:
    text = "\n".join(
        [
            'PERFORMER "The Owls"',
            sheet("00:00:00", "01:00:00", file='FILE "side a.wav" WAVE'),
            # As some programs write gaps: INDEX 00 at the end of the file before.
            "TRACK 03 AUDIO\nTITLE Three\nINDEX 00 02:00:00",
            'FILE "ALBUM.wav" WAVE\nINDEX 01 00:00:00',
            "TRACK 04 AUDIO\nTITLE Four\nINDEX 01 00:30:00",
        ]
    )
    parts = beside(album, text)
    assert [(part.title, part.start_s, part.end_s) for part in parts] == [
        *(("Three", 0.0, 30.0), ("Four", 30.0, None)),
    ]
    side = album.with_name("Side A.mp3")
    assert titles(parts_of(side, (), [str(album.with_name("album.cue"))], LENGTH_S)) == [
        *("Song 1", "Song 2"),
    ]


BAD = {
    "backwards": sheet("00:00:00", "02:00:00", "01:00:00"),
    "twice the same time": sheet("00:00:00", "01:00:00", "01:00:00"),
    "beyond the end": sheet("00:00:00", "10:00:00"),
    "another file": sheet("00:00:00", "01:00:00", file='FILE "other.wav" WAVE'),
    "no file": sheet("00:00:00", "01:00:00", file=""),
    "one track": sheet("00:00:00"),
    "no index": sheet("00:00:00", "01:00:00") + "\nTRACK 03 AUDIO\nTITLE Lost",
    "no time": sheet("00:00:00", "soon"),
    "numbers without end": sheet("00:00:00", "9" * 5000 + ":00:00"),
    "all data": sheet("00:00:00", "01:00:00").replace("AUDIO", "MODE1/2352"),
    "nothing": "",
    "a CUE of another kind": "CUE\0\1\2\3" * 99,
    "one file a track": "\n".join(
        sheet("00:00:00", file=f'FILE "{name}.wav" WAVE') for name in ("01", "album", "02")
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_sheet_that_cannot_be_right_parts_nothing(
    kind: str, album: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, cue.__name__):
        assert beside(album, BAD[kind]) == []
    assert [record.levelname for record in caplog.records] == ["DEBUG"]


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_noise_parts_nothing_and_breaks_nothing(album: Path, size: int) -> None:
    data = (songs.noise(1.0, 4096) * 32767).astype("<i2").tobytes()
    for at in range(50):
        assert beside(album, data[at : at + size]) == []
        # Damage in the middle of a good sheet.
        beside(album, PLAIN.encode()[: 100 + at] + data[:size] + PLAIN.encode()[200 + at :])


def test_a_sheet_that_is_too_long_or_gone_is_none(album: Path) -> None:
    assert beside(album, PLAIN + "REM\n" * 300_000) == []
    assert parts_of(album, (), [str(album.with_name("gone.cue"))], LENGTH_S) == []


def test_a_file_is_meant_whatever_its_case_and_suffix(album: Path) -> None:
    for name in ("album.flac", "ALBUM.Flac", "Album.wav", "album", "album.ape"):
        assert cue.is_meant(name, album)
    for name in ("", "albums.flac", "album.2.wav", ".flac", "lbum.flac"):
        assert not cue.is_meant(name, album)
    album.with_name("Album.WAV").touch()
    assert not cue.is_meant("album.wav", album)  # that very file is there
    assert cue.is_meant("album.mp3", album)


def test_composed_and_decomposed_names_are_one(tmp_path: Path) -> None:
    assert cue.is_meant("Caf\u00e9.wav", tmp_path / "Cafe\u0301.flac")


def test_the_sheet_of_its_own_name_is_asked_first(album: Path) -> None:
    other, own = album.with_name("a copy.cue"), album.with_name("Album.CUE")
    other.write_text(PLAIN.replace("Dusk", "Other"))
    own.write_text(PLAIN)
    sheets = [str(other), str(own)]
    assert parts_of(album, (), sheets, LENGTH_S)[0].title == "Dusk"
    own.write_text(BAD["backwards"])
    assert parts_of(album, (), sheets, LENGTH_S)[0].title == "Other"


def test_loudness_of_tracks_and_album(album: Path) -> None:
    text = PLAIN.replace("REM DATE", "REM REPLAYGAIN_ALBUM_GAIN -7.25 dB\nREM DATE").replace(
        '    TITLE "Dusk"',
        "    REM REPLAYGAIN_TRACK_GAIN +1.50 dB\n    REM REPLAYGAIN_TRACK_PEAK 0.987654",
    )
    text = text.replace('    TITLE "Mouse"', "    REM REPLAYGAIN_TRACK_GAIN 999\n    TITLE M")
    one, two, _ = beside(album, text)
    assert (one.track_gain_db, one.track_peak, one.album_gain_db) == (1.5, 0.987654, -7.25)
    assert (two.track_gain_db, two.track_peak, two.album_peak) == (None, None, None)


# --- inside a file --------------------------------------------------------------------------------


def flac_block(path: Path, rate: int) -> None:
    """FLAC's own sheet: two songs, between them data, the second song with a gap before it."""
    file = mutagen.flac.FLAC(path)
    block = mutagen.flac.CueSheet(None)
    block.compact_disc = False
    for number, offset, kind, indexes in (
        (1, 0, 0, [(1, 0)]),
        (2, rate, 1, [(1, 0)]),
        (3, 2 * rate, 0, [(0, 0), (1, 7)]),
        (255, 3 * rate, 0, []),
    ):
        track = mutagen.flac.CueSheetTrack(number, offset, type_=kind)
        track.indexes = [mutagen.flac.CueSheetTrackIndex(n, at) for n, at in indexes]
        block.tracks.append(track)
    file.cuesheet = block
    file.metadata_blocks.append(block)
    file.save()


def inside(path: Path) -> tuple[cue.CueSheet, ...]:
    from sliders_desktop.audio.tags import read_tags

    return read_tags(path).sheets


def test_flacs_own_block_counts_samples_and_knows_no_titles(tmp_path: Path) -> None:
    path = songs.write(tmp_path / "album.flac", songs.noise(3.0, 32000), 32000)
    flac_block(path, 32000)

    one, three = parts_of(path, inside(path), [], 3.0)

    assert (one.number, one.start_s, one.end_s) == (1, 0.0, 1.0)
    assert (three.number, three.start_s, three.end_s) == (3, 2 + 7 / 32000, None)
    assert titles([one, three]) == ["", ""]


@pytest.mark.parametrize("suffix", [".flac", ".ogg", ".wv", ".mp3"])
def test_a_tag_in_the_file_wins_whatever_file_it_names(tmp_path: Path, suffix: str) -> None:
    path = songs.write(tmp_path / f"album{suffix}", songs.noise(3.0, 32000), 32000)
    if suffix == ".flac":
        flac_block(path, 32000)
    put(path, sheet("00:00:00", "00:02:00", file='FILE "CDImage.ape" WAVE'))
    path.with_suffix(".cue").write_text(sheet("00:00:00", "00:01:00").replace("Song", "Beside"))
    sheets = [str(path.with_suffix(".cue"))]

    assert [p.start_s for p in parts_of(path, inside(path), sheets, 3.0)] == [0.0, 2.0]

    put(path, sheet("00:00:00", "00:09:00"))  # a wrong one: the next is asked
    assert titles(parts_of(path, inside(path), sheets, 3.0)) == ["Beside 1", "Beside 2"]
    assert len(parts_of(path, inside(path), [], 3.0)) == (2 if suffix == ".flac" else 0)


def put(path: Path, text: str) -> None:
    """Write ``text`` into the tag that foobar2000 and others use."""
    import mutagen
    import mutagen.id3

    file = mutagen.File(path)  # type: ignore[attr-defined]
    if file.tags is None:
        file.add_tags()
    if path.suffix == ".mp3":
        file.tags.add(mutagen.id3.TXXX(encoding=3, desc="CUESHEET", text=[text]))
    else:
        file.tags["Cuesheet"] = text
    file.save()


def test_a_tag_that_names_two_files_is_not_about_this_one(tmp_path: Path) -> None:
    text = "\n".join(sheet("00:00:00", "00:01:00", file=f'FILE "{n}.wav" WAVE') for n in "ab")
    assert parts_of(tmp_path / "album.flac", (parse(text),), [], 60.0) == []
