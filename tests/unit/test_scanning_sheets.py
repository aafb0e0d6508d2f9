"""Albums in one file: their parts are tracks, and stay the same tracks whatever happens to them."""

import os
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile as sf

from sliders_desktop import tasks
from sliders_desktop.audio.files import decode
from sliders_desktop.cli import playing
from sliders_desktop.config import Paths
from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.ml.encoder import Encoder, EncoderConfig
from sliders_desktop.tasks import teaching_music
from tests import songs

RATE = 16000
SHEET = """PERFORMER "The Owls"
TITLE "Hollow Tree"
REM DATE 1987
REM GENRE Folk
FILE "album.wav" WAVE
TRACK 01 AUDIO
  TITLE "Dusk"
  INDEX 01 00:00:00
TRACK 02 AUDIO
  TITLE "Mouse"
  PERFORMER "Wren"
  INDEX 01 00:01:25
TRACK 03 AUDIO
  TITLE "Dawn"
  INDEX 01 00:02:00
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        yield store


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """An album of 3 s in one file with its sheet, and a folder with a song of its own."""
    folder = tmp_path / "music"
    tags = {"title": "Whole", "album": "Tagged", "artist": "Tagger", "year": 1999, "disc_no": 3}
    songs.write(folder / "owls" / "album.flac", songs.noise(3.0, RATE), RATE, **tags)
    (folder / "owls" / "album.cue").write_text(SHEET)
    songs.write(folder / "finch" / "song.wav", songs.noise(1.0, RATE, seed=1), RATE, title="Finch")
    return folder


def there(store: Store) -> dict[str, TrackRow]:
    return {row.title: row for row in store.rows() if not row.missing}


def ids(store: Store) -> dict[str, int]:
    return {title: row.id for title, row in there(store).items()}


def rate(store: Store, **values: float) -> int:
    slider = store.create_slider("calm", "", "")
    for title, value in values.items():
        store.rate(ids(store)[title], slider.id, value)
    return slider.id


def rated(store: Store, slider: int) -> dict[str, float | None]:
    """Titles of those that are there, and what was said of them."""
    found = {title: store.current_rating(row.id, slider) for title, row in there(store).items()}
    return {title: value for title, value in found.items() if value is not None}


def write_sheet(path: Path, text: str) -> None:
    """A program's save a moment later."""
    path.write_text(text)
    moment = path.stat().st_mtime_ns + 2_000_000_000
    os.utime(path, ns=(moment, moment))


def test_the_parts_of_an_album_are_tracks(store: Store, music: Path) -> None:
    result = tasks.scan(store, [music])

    assert len(result.added) == 4
    rows = there(store)
    assert set(rows) == {"Dusk", "Mouse", "Dawn", "Finch"}
    dusk, mouse, dawn = rows["Dusk"], rows["Mouse"], rows["Dawn"]
    assert dusk.path == mouse.path == dawn.path == str(music / "owls" / "album.flac")
    assert [row.span for row in (dusk, mouse, dawn)] == [
        *((0.0, 1 + 25 / 75), (1 + 25 / 75, 2.0), (2.0, None)),
    ]
    assert [row.duration_s for row in (dusk, mouse, dawn)] == pytest.approx([4 / 3, 2 / 3, 1.0])
    assert (dusk.artist, mouse.artist) == ("The Owls", "Wren")
    assert (dusk.album, dusk.year, dusk.genre) == ("Hollow Tree", 1987, "Folk")
    assert rows["Finch"].span == (0.0, None)
    assert store.search("mouse wren").tolist() == [mouse.id]
    assert store.resolve(dusk.path) == [dusk.id, mouse.id, dawn.id]

    again = tasks.scan(store, [])
    assert (again.added, again.changed, again.moved, again.unchanged) == ([], [], [], 4)


def test_where_the_sheet_is_silent_the_file_is_asked(store: Store, music: Path) -> None:
    silent = "\n".join(
        line for line in SHEET.splitlines() if not line.strip().startswith(("TITLE", "PERF", "REM"))
    )
    (music / "owls" / "album.cue").write_text(silent)
    tasks.scan(store, [music])

    row = there(store)["Track 2"]
    assert (row.artist, row.album, row.year) == ("Tagger", "Tagged", 1999)


def test_how_loud_a_part_is_by_its_sheet_and_its_file(store: Store, music: Path) -> None:
    song = songs.write(music / "owls" / "side b.ogg", songs.noise(3.0, RATE), RATE)
    for path in (music / "owls" / "album.flac", song):
        file = mutagen.File(path)
        file.tags["replaygain_track_gain"] = "-3.00 dB"
        file.tags["replaygain_track_peak"] = "0.5"
        file.save()
    own = "TRACK 01 AUDIO\n REM REPLAYGAIN_TRACK_GAIN -9.00 dB\n REM REPLAYGAIN_TRACK_PEAK 0.9"
    sheet = "REM REPLAYGAIN_ALBUM_GAIN -6.00 dB\n" + SHEET.replace("TRACK 01 AUDIO", own)
    (music / "owls" / "album.cue").write_text(sheet)
    (music / "owls" / "b.cue").write_text(SHEET.replace("album.wav", "side b.wav"))
    tasks.scan(store, [music])

    def levels(name: str) -> list[tuple[float | None, ...]]:
        parts = [row.id for row in store.rows() if Path(row.path).name == name]
        return [level[1:5] for level in store.levels(parts)]

    # What the file says of itself as a track is said of the parts together.
    assert levels("album.flac") == [(-9.0, 0.9, -6.0, 0.5), *[(None, None, -6.0, 0.5)] * 2]
    assert levels("side b.ogg") == [(None, None, -3.0, 0.5)] * 3


def test_the_album_moves_and_its_parts_with_it(store: Store, music: Path) -> None:
    tasks.scan(store, [music])
    before, slider = ids(store), rate(store, Mouse=0.75, Dawn=0.25)

    (music / "birds").mkdir()
    (music / "owls").rename(music / "birds" / "owls")
    (music / "birds" / "owls" / "album.flac").rename(music / "birds" / "owls" / "Album.flac")
    result = tasks.scan(store, [])

    assert sorted(result.moved) == sorted(before[title] for title in ("Dusk", "Mouse", "Dawn"))
    assert (result.added, result.missing) == ([], [])
    assert ids(store) == before
    assert rated(store, slider) == {"Mouse": 0.75, "Dawn": 0.25}
    assert all(Path(row.path).is_file() for row in there(store).values())


def test_the_file_is_retagged(store: Store, music: Path) -> None:
    tasks.scan(store, [music])
    before, slider = ids(store), rate(store, Mouse=0.75)

    songs.tag(music / "owls" / "album.flac", title="Another", genre="Jazz", artist="x" * 9000)
    result = tasks.scan(store, [])

    assert sorted(result.changed) == sorted(before[title] for title in ("Dusk", "Mouse", "Dawn"))
    assert ids(store) == before
    assert rated(store, slider) == {"Mouse": 0.75}


def test_other_titles_in_the_sheet_are_other_tags(store: Store, music: Path) -> None:
    tasks.scan(store, [music])
    before = ids(store)

    write_sheet(music / "owls" / "album.cue", SHEET.replace("Mouse", "Shrew"))
    result = tasks.scan(store, [])

    assert (result.added, result.moved, result.missing) == ([], [], [])
    assert ids(store)["Shrew"] == before["Mouse"]
    assert len(store.rows()) == 4


def test_a_sheet_appears_goes_and_comes_again(store: Store, music: Path) -> None:
    sheet = music / "owls" / "album.cue"
    sheet.unlink()
    tasks.scan(store, [music])
    whole, slider = ids(store)["Whole"], rate(store, Whole=1.0)

    sheet.write_text(SHEET)
    result = tasks.scan(store, [])
    assert len(result.added) == 3
    assert set(there(store)) == {"Dusk", "Mouse", "Dawn", "Finch"}
    parts = ids(store)
    store.rate(parts["Dawn"], slider, 0.25)
    assert rated(store, slider) == {"Dawn": 0.25}

    sheet.unlink()
    tasks.scan(store, [])
    assert ids(store) == {"Whole": whole, "Finch": parts["Finch"]}
    assert rated(store, slider) == {"Whole": 1.0}
    assert there(store)["Whole"].span == (0.0, None)

    sheet.write_text(SHEET)
    tasks.scan(store, [])
    assert ids(store) == parts
    assert rated(store, slider) == {"Dawn": 0.25}
    assert len(store.rows()) == 5


def test_a_cut_that_moves_makes_other_tracks_of_its_two_sides(store: Store, music: Path) -> None:
    tasks.scan(store, [music])
    before, slider = ids(store), rate(store, Dusk=0.25, Mouse=0.5, Dawn=0.75)

    # Mouse is two songs after all: Dawn is the fourth part now, and the same track as before.
    more = SHEET.replace("TRACK 03", "TRACK 04").replace(
        "TRACK 04", 'TRACK 03 AUDIO\n  TITLE "Vole"\n  INDEX 01 00:01:50\nTRACK 04'
    )
    write_sheet(music / "owls" / "album.cue", more)
    tasks.scan(store, [])

    after = ids(store)
    assert {title: after[title] for title in ("Dusk", "Dawn")} == {
        title: before[title] for title in ("Dusk", "Dawn")
    }
    assert rated(store, slider) == {"Dusk": 0.25, "Dawn": 0.75}
    assert after["Mouse"] != before["Mouse"]


def test_a_file_that_breaks_keeps_its_parts(store: Store, music: Path) -> None:
    tasks.scan(store, [music])
    before, slider = ids(store), rate(store, Mouse=0.75)
    album = music / "owls" / "album.flac"
    good, about = album.read_bytes(), album.stat()

    songs.text(album)
    tasks.scan(store, [])
    assert ids(store) == before
    assert {row.title for row in store.problems()} == {"Dusk", "Mouse", "Dawn"}

    album.write_bytes(good)
    os.utime(album, ns=(about.st_atime_ns, about.st_mtime_ns + 5_000_000_000))
    tasks.scan(store, [])
    assert store.problems() == []
    assert rated(store, slider) == {"Mouse": 0.75}


def test_a_file_that_could_never_be_read_becomes_an_album(store: Store, music: Path) -> None:
    album = music / "owls" / "album.flac"
    good = album.read_bytes()
    songs.text(album)
    tasks.scan(store, [music])
    assert len(store.rows()) == 2

    album.write_bytes(good)
    tasks.scan(store, [])

    assert set(ids(store)) == {"Dusk", "Mouse", "Dawn", "Finch"}
    assert len(store.rows()) == 4


def test_a_folder_that_is_away_comes_back_with_its_parts(store: Store, music: Path) -> None:
    tasks.scan(store, [music])
    music.rename(music.with_name("unplugged"))
    assert len(tasks.scan(store, []).missing) == 4

    music.with_name("unplugged").rename(music)

    assert len(tasks.scan(store, []).returned) == 4
    assert len(there(store)) == 4


def test_a_copy_of_an_album_is_other_tracks_and_inherits_when_the_first_goes(
    store: Store, music: Path
) -> None:
    tasks.scan(store, [music])
    slider = rate(store, Mouse=0.75)
    copy = music / "copy"
    copy.mkdir()
    for file in (music / "owls").iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    assert len(tasks.scan(store, []).added) == 3

    for file in list((music / "owls").iterdir()):
        file.unlink()
    tasks.scan(store, [])

    assert rated(store, slider) == {"Mouse": 0.75}
    assert there(store)["Mouse"].path == str(copy / "album.flac")


@pytest.mark.parametrize("suffix", [".flac", ".wv", ".ogg"])
def test_a_sheet_inside_the_file_comes_and_goes(store: Store, music: Path, suffix: str) -> None:
    path = songs.write(music / f"disc{suffix}", songs.noise(3.0, RATE, seed=5), RATE, title="Disc")
    tasks.scan(store, [music])
    disc, slider = ids(store)["Disc"], rate(store, Disc=0.5)

    def save(text: str | None) -> None:
        file = mutagen.File(path)
        if text:
            file.tags["Cuesheet"] = text
        else:
            del file.tags["Cuesheet"]
        file.save()
        moment = path.stat().st_mtime_ns + 2_000_000_000
        os.utime(path, ns=(moment, moment))
        tasks.scan(store, [])

    save(SHEET.replace("Mouse", "Vole"))
    vole = there(store)["Vole"]
    assert (vole.path, vole.span, vole.album) == (str(path), (1 + 25 / 75, 2.0), "Hollow Tree")
    store.rate(vole.id, slider, 0.75)

    save(None)
    assert rated(store, slider) == {"Disc": 0.5}
    assert ids(store)["Disc"] == disc
    save(SHEET.replace("Mouse", "Shrew"))
    assert ids(store)["Shrew"] == vole.id
    assert rated(store, slider) == {"Shrew": 0.75}


@pytest.mark.parametrize(
    "wrong",
    [
        SHEET.replace("00:02:00", "00:01:00"),  # backwards
        SHEET.replace("00:02:00", "00:03:00"),  # beyond the end
        SHEET.replace("album.wav", "elsewhere.wav"),
        "no sheet at all",
        SHEET[: SHEET.index("TRACK 02")],
    ],
)
def test_with_a_wrong_sheet_the_file_is_one_track(store: Store, music: Path, wrong: str) -> None:
    (music / "owls" / "album.cue").write_text(wrong)

    result = tasks.scan(store, [music])

    assert set(ids(store)) == {"Whole", "Finch"}
    assert result.unreadable == 0


def test_an_album_that_is_split_already_is_left_alone(store: Store, tmp_path: Path) -> None:
    lines = []
    for number in (1, 2, 3):
        songs.write(tmp_path / "cd" / f"0{number}.flac", songs.noise(0.3, seed=number))
        lines += [f'FILE "0{number}.wav" WAVE', f"TRACK 0{number} AUDIO", "INDEX 01 00:00:00"]
    (tmp_path / "cd" / "cd.cue").write_text("\n".join(lines))

    tasks.scan(store, [tmp_path / "cd"])

    assert [row.span for row in store.rows()] == [(0.0, None)] * 3


def test_two_sides_in_one_sheet(store: Store, tmp_path: Path) -> None:
    lines = []
    for side in "AB":
        wave = songs.noise(2.0, RATE, seed=ord(side))
        songs.write(tmp_path / "lp" / f"side {side}.wv", wave, RATE)
        lines += [f'FILE "Side {side}.wav" WAVE']
        for at in (0, 1):
            number = 2 * "AB".index(side) + at + 1
            lines += [f"TRACK 0{number} AUDIO", f"TITLE {side}{at}", f"INDEX 01 00:0{at}:00"]
    (tmp_path / "lp" / "lp.cue").write_text("\n".join(lines))

    tasks.scan(store, [tmp_path / "lp"])

    assert [(row.title, Path(row.path).name) for row in store.rows()] == [
        *(("A0", "side A.wv"), ("A1", "side A.wv"), ("B0", "side B.wv"), ("B1", "side B.wv")),
    ]


def test_each_part_has_its_own_outline_and_sound(store: Store, tmp_path: Path) -> None:
    wave = np.concatenate([0.1 * songs.tone(440, 1.0, RATE), songs.noise(1.0, RATE)])
    wave[: RATE // 2] = 0.0
    album = songs.write(tmp_path / "a" / "album.flac", wave, RATE)
    (tmp_path / "a" / "album.cue").write_text(
        SHEET[: SHEET.index("TRACK 03")].replace("00:01:25", "00:01:00")
    )
    tasks.scan(store, [tmp_path / "a"])
    quiet, loud = store.rows()

    _, outline = tasks.read_overview(store, quiet.id, quiet.path)
    assert not outline[:190].any()
    assert outline[210:390].min() > 200
    _, outline = tasks.read_overview(store, loud.id, loud.path)
    assert outline.min() > 50
    np.testing.assert_array_equal(decode(album, RATE, span=loud.span), decode(album, RATE)[RATE:])


def test_what_listens_teaches_and_plays_takes_a_part_for_a_file_of_its_own(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waves = [songs.song(title, 6.0, RATE) for title in ("Fern", "Moss")]
    album = songs.write(tmp_path / "a" / "album.flac", np.concatenate(waves), RATE)
    text = SHEET[: SHEET.index("TRACK 03")].replace("00:01:25", "00:06:00")
    album.with_suffix(".cue").write_text(text)
    for at, wave in enumerate(waves):
        songs.write(tmp_path / "b" / f"{at}.flac", wave, RATE)
    tasks.scan(store, [tmp_path / "a", tmp_path / "b"])
    assert [row.duration_s for row in store.rows()] == [6.0] * 4

    weights = tmp_path / "encoder.safetensors"
    Encoder.random(0, EncoderConfig(layers=1)).save(weights)
    result = tasks.embed(store, weights, "cpu")
    assert (result.embedded, result.failed) == (4, 0)
    _, x = store.vectors(result.encoder_id)
    np.testing.assert_allclose(x[:2], x[2:], atol=1e-5)
    assert np.abs(x[0] - x[1]).max() > 1e-3
    levels = [level.lufs for level in store.levels(range(1, 5))]
    assert levels[:2] == pytest.approx(levels[2:], abs=0.01)

    taught = [wave for _, wave in teaching_music._waves(store.rows(), teaching_music.STANDARD)]
    for part, file in zip(taught[:2], taught[2:], strict=True):
        np.testing.assert_array_equal(part, file)

    recording = tmp_path / "heard.wav"
    args = Namespace(tracks=["2", "1"], sink=f"wav:{recording}")
    assert playing.run("play", args, Paths(tmp_path)) == 0
    assert "2 of 2: album.flac, Dusk" in capsys.readouterr().out
    heard, rate = sf.read(recording, dtype="float32", always_2d=True)
    assert len(heard) == pytest.approx(12.0 * rate, abs=2)
