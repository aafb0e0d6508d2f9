"""Tracks that were listened to before loudness was measured: real files, a real store."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sliders_desktop import tasks
from sliders_desktop.errors import Cancelled
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB
from tests import songs


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store.open(home / "library.db") as store:
        yield store


def heard_before(store: Store, music: Path, count: int = 6) -> list[int]:
    """Songs that have a vector, each 6 dB quieter than the one before."""
    for n in range(count):
        wave = songs.noise(3, 8000, 0.4 / 2**n)
        songs.write(music / f"{n}", wave, 8000, "flac", title=f"{n}", album="Steps")
    tasks.scan(store, [music])
    ids = [row.id for row in sorted(store.rows(), key=lambda row: row.title)]
    encoder = store.use_encoder("sha", "tiny", 4)
    store.save_embeddings(encoder, [(i, np.ones(4, np.float32), 1) for i in ids])
    return ids


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


def test_what_was_listened_to_is_measured(store: Store, music: Path) -> None:
    ids = heard_before(store, music)
    assert tasks.unmeasured(store) == len(ids)

    assert tasks.level(store) == tasks.LevelResult(len(ids), 0)

    lufs = [level.lufs or 0 for level in store.levels(ids)]
    assert np.diff(lufs) == pytest.approx(-6.02, abs=0.2)
    assert tasks.unmeasured(store) == 0


def test_what_tags_say_in_full_is_not_measured(store: Store, music: Path) -> None:
    first, *_ = heard_before(store, music)
    file = songs.mutagen.File(music / "0.flac")  # type: ignore[attr-defined]
    for what in ("track", "album"):
        file[f"replaygain_{what}_gain"], file[f"replaygain_{what}_peak"] = "-3 dB", "0.5"
    file.save()
    tasks.scan(store, [music])

    assert tasks.level(store).measured == 5
    (level,) = store.levels([first])
    assert (level.track_gain_db, level.album_peak, level.peak) == (-3.0, 0.5, None)


def test_files_that_cannot_be_read_stop_nothing(store: Store, music: Path) -> None:
    ids = heard_before(store, music)
    songs.text(music / "1.flac")
    (music / "2.flac").unlink()

    assert tasks.level(store) == tasks.LevelResult(4, 2)
    assert [level.peak is None for level in store.levels(ids)] == [
        False, True, True, False, False, False,
    ]  # fmt: skip
    assert store.problems() == []


def test_new_music_is_left_to_who_listens(store: Store, music: Path) -> None:
    heard_before(store, music)
    songs.write(music / "new", songs.noise(2), 44100, "flac")
    tasks.scan(store, [music])

    assert tasks.level(store).measured == 6


def test_what_a_file_of_many_tracks_says_of_itself_holds_for_its_album(
    store: Store, music: Path
) -> None:
    path = songs.write(music / "side", songs.noise(20, 8000), 8000, "flac")
    file = songs.mutagen.File(path)  # type: ignore[attr-defined]
    file["replaygain_track_gain"], file["replaygain_track_peak"] = "-3 dB", "0.5"
    file.save()
    (music / "side.cue").write_text(
        'FILE "side.flac" WAVE\n'
        "  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n"
        "  TRACK 02 AUDIO\n    INDEX 01 00:10:00\n"
    )

    tasks.scan(store, [music])

    levels = store.levels([row.id for row in store.rows()])
    assert [level[1:5] for level in levels] == [(None, None, -3.0, 0.5)] * 2


class _Impatient:
    """Cancels in the middle of the fifth file."""

    def __init__(self) -> None:
        self.done, self.total = 0, 0

    def progress(self, done: int, total: int, text: str = "") -> None:
        self.done, self.total = done, total

    def check(self) -> None:
        if self.done == 5:
            raise Cancelled


def test_cancelling_keeps_what_was_measured(store: Store, music: Path) -> None:
    heard_before(store, music)
    job = _Impatient()

    with pytest.raises(Cancelled):
        tasks.level(store, job)

    assert (job.done, job.total) == (5, 6)
    assert tasks.unmeasured(store, NO_JOB) == 2  # the last batch was not full
    assert tasks.level(store).measured == 2
