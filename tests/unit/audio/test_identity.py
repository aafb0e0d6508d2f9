"""The same sound has the same hash, whatever the tags say; other sound has another."""

import os
from pathlib import Path

import mutagen.apev2
import mutagen.id3
import pytest

from sliders_desktop.audio import identity
from sliders_desktop.audio.identity import audio_hash
from sliders_desktop.errors import FileUnreadable
from tests import songs


def make(path: Path, format: str, seed: int = 0, **tags: str) -> Path:
    rate = 48000 if format == "opus" else 44100
    return songs.write(path, songs.noise(2, rate, seed=seed), rate, format, **tags)


@pytest.mark.parametrize("format", songs.FORMATS)
@pytest.mark.parametrize("piece", [1 << 19, 1 << 12])
def test_retagging_keeps_it_and_other_sound_changes_it(
    format: str, piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "_PIECE", piece)  # long files, without long files
    path = make(tmp_path / "a", format, title="Title")
    before = audio_hash(path)
    assert len(before) == 32
    for title in ("Other", "A very long title " * 2000, "x"):  # Ogg: more pages, then fewer
        songs.tag(path, title=title, artist="Someone", year=2001)
        assert audio_hash(path) == before
    moved = path.rename(tmp_path / ("b" + path.suffix))
    assert audio_hash(moved) == before
    assert audio_hash(make(tmp_path / "c", format, seed=1, title="Title")) != before


def test_every_kind_of_tag_around_an_mp3(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp3", "mp3")
    before = audio_hash(path)
    path.write_bytes(path.read_bytes() + b"TAG" + bytes(125))
    assert audio_hash(path) == before
    ape = mutagen.apev2.APEv2()
    ape["Title"] = "Title"
    ape.save(path)
    assert audio_hash(path) == before
    tags = mutagen.id3.ID3()
    tags.add(mutagen.id3.TIT2(3, "Title"))
    tags.save(path, v1=2)
    assert audio_hash(path) == before


def test_one_sample_is_enough(tmp_path: Path) -> None:
    wave = songs.noise(1)
    one = audio_hash(songs.write(tmp_path / "a.wav", wave))
    wave[20000] += 0.1
    assert audio_hash(songs.write(tmp_path / "b.wav", wave)) != one


def test_damaged_containers_still_have_a_hash(tmp_path: Path) -> None:
    for format in ("wav", "flac", "ogg", "m4a-aac", "wma", "aiff"):
        path = make(tmp_path / format, format)
        whole = audio_hash(path)
        songs.truncate(path, 0.3)
        assert audio_hash(path) != whole


def test_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="is empty"):
        audio_hash(songs.empty(tmp_path / "a.mp3"))
    with pytest.raises(FileUnreadable, match="not there any more"):
        audio_hash(tmp_path / "b.mp3")


def test_hashing_changes_no_byte_and_no_time(tmp_path: Path) -> None:
    path = make(tmp_path / "a.ogg", "ogg", title="A")
    os.utime(path, ns=(1_000_000_000, 2_000_000_000))
    before = path.read_bytes()
    audio_hash(path)
    assert path.read_bytes() == before
    assert path.stat().st_mtime_ns == 2_000_000_000
