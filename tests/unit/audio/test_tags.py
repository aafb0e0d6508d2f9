"""Tags and covers in every format."""

import base64
import os
import struct
from pathlib import Path
from typing import Any

import mutagen
import mutagen.apev2
import mutagen.asf
import mutagen.flac
import mutagen.id3
import mutagen.mp4
import pytest

from sliders_desktop.audio.tags import Tags, cover, read_tags
from sliders_desktop.errors import FileUnreadable
from tests import songs

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
TAGGED = [name for name in songs.FORMATS if name != "mka"]


@pytest.mark.parametrize("format", TAGGED)
def test_every_format_says_who_made_it(format: str, tmp_path: Path) -> None:
    rate = 48000 if format == "opus" else 44100
    path = songs.write(
        *(tmp_path / "a", songs.noise(2, rate), rate, format),
        title="Ä title", artist="Björk", album="音楽", album_artist="Various",
        track_no=3, disc_no=2, year=1999, genre="Trip-hop",
    )  # fmt: skip
    tags = read_tags(path)
    assert tags.duration_s == pytest.approx(2.0, abs=0.05)
    assert tags == Tags(
        "Ä title", "Björk", "音楽", "Various", 3, 2, 1999, "Trip-hop", tags.duration_s
    )


@pytest.mark.parametrize("format", songs.FORMATS)
def test_without_tags_there_is_still_a_length(format: str, tmp_path: Path) -> None:
    rate = 48000 if format == "opus" else 44100
    path = songs.write(tmp_path / "a", songs.noise(2, rate), rate, format)
    tags = read_tags(path)
    assert tags == Tags(duration_s=tags.duration_s)
    assert tags.duration_s == pytest.approx(2.0, abs=0.05)


def test_odd_values_are_made_sense_of(tmp_path: Path) -> None:
    path = songs.write(
        tmp_path / "a.flac", songs.noise(1), track_no="07/12", disc_no="one", year="1987-05-04"
    )
    file = mutagen.flac.FLAC(path)
    file["artist"] = ["One", "Two", "One"]
    file["genre"] = ["  Folk\r\n"]
    file.save()
    tags = read_tags(path)
    assert (tags.track_no, tags.disc_no, tags.year) == (7, 0, 1987)
    assert (tags.artist, tags.genre) == ("One, Two", "Folk")


def test_old_genre_numbers_have_names(tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a.mp3", songs.noise(1), genre="(17)", year="2003")
    assert read_tags(path).genre == "Rock"


def test_a_wav_may_keep_its_tags_in_riff_info(tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a.wav", songs.noise(1))
    info = b"INFOINAM" + struct.pack("<I", 6) + b"Title\0"
    chunk = b"LIST" + struct.pack("<I", len(info)) + info
    data = path.read_bytes() + chunk
    path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])
    assert read_tags(path).title == "Title"


@pytest.mark.parametrize("make", [songs.empty, songs.text])
def test_what_is_no_music_is_refused(make: Any, tmp_path: Path) -> None:
    for suffix in (".mp3", ".flac", ".m4a", ".wav", ".ogg", ".wma"):
        with pytest.raises(FileUnreadable, match=r"is empty\.|is not a music file"):
            read_tags(make(tmp_path / f"a{suffix}"))
    with pytest.raises(FileUnreadable, match="not there any more"):
        read_tags(tmp_path / "gone.mp3")
    (tmp_path / "folder.mp3").mkdir()
    with pytest.raises(FileUnreadable, match="is a folder"):
        read_tags(tmp_path / "folder.mp3")


def embed(path: Path, picture: bytes) -> None:
    file: Any = mutagen.File(path)
    tags = file.tags
    if isinstance(file, mutagen.flac.FLAC):
        block = mutagen.flac.Picture()
        block.type, block.data, block.mime = 3, picture, "image/png"
        file.add_picture(block)
    elif isinstance(tags, mutagen.id3.ID3):
        tags.add(mutagen.id3.APIC(encoding=3, mime="image/png", type=3, desc="", data=picture))
    elif isinstance(tags, mutagen.mp4.MP4Tags):
        tags["covr"] = [mutagen.mp4.MP4Cover(picture)]
    elif isinstance(tags, mutagen.asf.ASFTags):
        head = struct.pack("<BI", 3, len(picture)) + "image/png\0\0".encode("utf-16-le")
        tags["WM/Picture"] = mutagen.asf.ASFByteArrayAttribute(head + picture)
    elif type(tags).__name__ == "APEv2":
        from mutagen.apev2 import APEValue

        tags["Cover Art (Front)"] = APEValue(b"cover.png\0" + picture, 1)
    else:
        block = mutagen.flac.Picture()
        block.type, block.data, block.mime = 3, picture, "image/png"
        tags["metadata_block_picture"] = base64.b64encode(block.write()).decode()
    file.save()


@pytest.mark.parametrize("format", TAGGED)
def test_the_cover_in_the_file(format: str, tmp_path: Path) -> None:
    rate = 48000 if format == "opus" else 44100
    path = songs.write(tmp_path / "a", songs.noise(1, rate), rate, format, title="A")
    assert cover(path) is None
    embed(path, PNG)
    assert cover(path) == PNG


def test_the_front_cover_before_other_pictures(tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a.mp3", songs.noise(1), title="A")
    tags = mutagen.id3.ID3(path)
    tags.add(mutagen.id3.APIC(3, "image/png", 4, "back", b"back"))
    tags.add(mutagen.id3.APIC(3, "image/png", 3, "front", b"front"))
    tags.save(path)
    assert cover(path) == b"front"


def test_the_cover_beside_the_file(tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a.wav", songs.noise(1))
    (tmp_path / "other.jpg").write_bytes(b"other")
    (tmp_path / "Folder.JPG").write_bytes(b"folder")
    assert cover(path) == b"folder"
    (tmp_path / "cover.png").write_bytes(b"cover")
    assert cover(path) == b"cover"
    assert cover(tmp_path / "gone.mp3") == b"cover"
    assert cover(tmp_path / "no folder" / "gone.mp3") is None


def test_reading_changes_no_byte_and_no_time(tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a.mp3", songs.noise(1), title="A")
    os.utime(path, ns=(1_000_000_000, 2_000_000_000))
    before = path.read_bytes()
    read_tags(path)
    cover(path)
    assert path.read_bytes() == before
    assert path.stat().st_mtime_ns == 2_000_000_000


# --- loudness ------------------------------------------------------------------------------------


def level_tags(path: Path, **texts: str) -> Path:
    """Write ReplayGain or R128 tags as taggers do in each format."""
    file: Any = mutagen.File(path)  # type: ignore[attr-defined]
    if file.tags is None:
        file.add_tags()
    for name, text in texts.items():
        match file.tags:
            case mutagen.id3.ID3():
                file.tags.add(mutagen.id3.TXXX(encoding=3, desc=name.upper(), text=[text]))
            case mutagen.mp4.MP4Tags():
                file.tags[f"----:com.apple.iTunes:{name}"] = [text.encode()]
            case mutagen.asf.ASFTags():
                file.tags[name] = [text]
            case _:
                file.tags[name.upper()] = text
    file.save()
    return path


def levels_of(path: Path) -> tuple[float | None, ...]:
    tags = read_tags(path)
    return tags.track_gain_db, tags.track_peak, tags.album_gain_db, tags.album_peak


@pytest.mark.parametrize("format", TAGGED)
def test_replaygain_is_read_in_every_format(format: str, tmp_path: Path) -> None:
    rate = 48000 if format == "opus" else 44100
    path = songs.write(tmp_path / "a", songs.noise(2, rate), rate, format)
    level_tags(
        path,
        replaygain_track_gain="-7.30 dB",
        replaygain_track_peak="0.988553",
        replaygain_album_gain="+1.25 dB",
        replaygain_album_peak="1.013",
    )
    assert levels_of(path) == (-7.3, 0.988553, 1.25, 1.013)


def test_r128_gains_of_opus_are_brought_to_the_same_loudness(tmp_path: Path) -> None:
    """They are 1/256 dB to -23 LUFS, and win over what another program left beside them."""
    path = songs.write(tmp_path / "a", songs.noise(2, 48000), 48000, "opus")
    level_tags(path, r128_track_gain="-1280", r128_album_gain="256", replaygain_track_gain="3 dB")
    assert levels_of(path) == (0.0, None, 6.0, None)


@pytest.mark.parametrize(
    ("text", "gain_db"),
    [
        ("-7.3 dB", -7.3), ("-7,3", -7.3), ("+2", 2.0), (" \u22124.5dB ", -4.5), (".5 dB", 0.5),
        ("", None), ("900 dB", None), ("-900 dB", None), ("loud", None), ("nan", None),
        ("inf dB", None), ("- dB", None), ("1.2.3", None), ("1e400", 1.0),
    ],
)  # fmt: skip
def test_strange_gains(text: str, gain_db: float | None, tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a", songs.noise(1), 44100, "flac")
    level_tags(path, replaygain_track_gain=text, r128_album_gain="quiet")
    assert levels_of(path) == (gain_db, None, None, None)


@pytest.mark.parametrize("text", ["0", "-1", "32768", "", "x"])
def test_strange_peaks(text: str, tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a", songs.noise(1), 44100, "flac")
    level_tags(path, replaygain_track_peak=text, replaygain_album_peak=text)
    assert levels_of(path) == (None, None, None, None)


@pytest.mark.parametrize(
    ("reference", "gain_db"),
    [("89.0 dB", -3), ("83.0 dB", 3), ("-18.00 LUFS", -3), ("-23.00 LUFS", 2), ("700 dB", -3)],
)
def test_another_reference_is_taken_into_account(
    reference: str, gain_db: float, tmp_path: Path
) -> None:
    path = songs.write(tmp_path / "a", songs.noise(1), 44100, "flac")
    level_tags(path, replaygain_track_gain="-3 dB", replaygain_reference_loudness=reference)
    assert levels_of(path)[0] == gain_db


def test_id3s_own_frame_and_the_ape_tags_beside_it(tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a", songs.noise(1), 44100, "mp3", title="One")
    id3 = mutagen.id3.ID3(path)
    for what, gain in (("Track", -4.5), ("album", -3.0)):
        id3.add(mutagen.id3.RVA2(desc=what, channel=1, gain=gain, peak=0.5))
    id3.save()
    assert levels_of(path) == pytest.approx((-4.5, 0.5, -3.0, 0.5))

    ape = mutagen.apev2.APEv2()
    ape["REPLAYGAIN_TRACK_GAIN"] = "-6.000000 dB"
    ape.save(path)
    tags = read_tags(path)
    assert (tags.title, tags.track_gain_db, tags.album_gain_db) == ("One", -6.0, -3.0)
