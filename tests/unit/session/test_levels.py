"""The factor each track is played with, from a real store."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sliders_desktop.audio.loudness import Loudness, Meter
from sliders_desktop.library.records import FoundTrack, TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.session.levels import Levels, Mode
from tests import songs


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store.open(home / "library.db") as store:
        store.add_folder("/m")
        yield store


def add(
    store: Store, path: str, album: str = "", artist: str = "", **levels: float | None
) -> TrackRow:
    found = FoundTrack(
        *(path, 1, 1, path, 60.0),
        album=album,
        album_artist=artist,
        **levels,  # type: ignore[arg-type]
    )
    (track_id,) = store.save_found(1, [found]).added
    return store.rows([track_id])[0]


def heard(level_db: float, seconds: float = 3.0) -> Loudness:
    meter = Meter()
    meter.hear(songs.stereo(songs.tone(1000, seconds, 8000, 10 ** (level_db / 20))), 8000)
    return meter.loudness()


def save(store: Store, row: TrackRow, lufs: float | None, peak: float = 0.1) -> None:
    store.save_loudness([(row.id, lufs, peak, b"")])


def db(factor: float) -> float:
    return float(20 * np.log10(factor))


@pytest.mark.parametrize(("mode", "album"), [("track", True), ("auto", False)])
def test_a_measured_track_is_brought_to_the_target(store: Store, mode: Mode, album: bool) -> None:
    loud, quiet = add(store, "/m/1"), add(store, "/m/2")
    save(store, loud, -8.0, 1.1)
    save(store, quiet, -30.0, 0.1)
    levels = Levels(store)

    assert db(levels.gain(loud, mode, album)) == pytest.approx(-10)
    assert db(levels.gain(quiet, mode, album)) == pytest.approx(12)
    assert levels.gain(loud, "off", album) == 1.0


def test_no_peak_is_raised_over_full_scale(store: Store) -> None:
    row = add(store, "/m/1", track_gain_db=12.0, track_peak=0.5)
    assert Levels(store).gain(row, "track", False) == pytest.approx(2.0)

    save(store, row, -30.0, 0.8)  # between samples it is more than the tag says

    assert Levels(store).gain(row, "track", False) == pytest.approx(1.25)


def test_a_gain_without_a_peak_makes_nothing_louder(store: Store) -> None:
    up, down = add(store, "/m/1", track_gain_db=9.0), add(store, "/m/2", track_gain_db=-9.0)
    levels = Levels(store)

    assert levels.gain(up, "track", False) == 1.0
    assert db(levels.gain(down, "track", False)) == pytest.approx(-9)


def test_tags_win_over_what_was_measured(store: Store) -> None:
    tags = {"track_gain_db": -3.0, "track_peak": 0.9, "album_gain_db": -5.0, "album_peak": 1.0}
    row = add(store, "/m/1", "Lamps", **tags)
    save(store, row, -8.0, 0.5)
    levels = Levels(store)

    assert db(levels.gain(row, "track", True)) == pytest.approx(-3)
    assert db(levels.gain(row, "album", False)) == pytest.approx(-5)
    assert db(levels.gain(row, "auto", True)) == pytest.approx(-5)
    assert db(levels.gain(row, "auto", False)) == pytest.approx(-3)


def test_an_albums_tracks_keep_their_distance(store: Store) -> None:
    rows = [add(store, f"/m/a/{n}", "Lamps") for n in range(3)]
    for row, level_db in zip(rows, (-10, -14, -30), strict=True):
        sound = heard(level_db)
        store.save_loudness([(row.id, sound.lufs, sound.peak, sound.blocks)])
    whole = Meter()
    for level_db in (-10, -14, -30):
        whole.hear(songs.stereo(songs.tone(1000, 3, 8000, 10 ** (level_db / 20))), 8000)
        whole.gap()
    expected = whole.loudness().lufs
    levels = Levels(store)

    gains = {db(levels.gain(row, "album", False)) for row in rows}

    assert len(gains) == 1
    assert gains.pop() == pytest.approx(-18 - (expected or 0), abs=0.1)
    assert db(levels.gain(rows[2], "track", False)) == pytest.approx(12, abs=0.5)


def test_the_loudest_track_limits_its_album(store: Store) -> None:
    rows = [add(store, f"/m/a/{n}", "Lamps") for n in range(2)]
    sound = heard(-40)
    for row, peak in zip(rows, (0.01, 0.5), strict=True):
        store.save_loudness([(row.id, sound.lufs, peak, sound.blocks)])
    levels = Levels(store)

    assert levels.gain(rows[0], "album", False) == pytest.approx(2.0)
    assert levels.gain(rows[0], "track", False) > 10


@pytest.mark.parametrize(
    ("path", "album", "artist", "same"),
    [
        ("/m/a/2", "Lamps", "", True),
        ("/m/b/2", "Lamps", "X", True),
        ("/m/b/2", "Lamps", "", False),
        ("/m/b/2", "Lamps", "Y", False),
        ("/m/a/2", "Rooms", "X", False),
        ("/m/a/CD 2/2", "Lamps", "", True),
        ("/m/a/More/2", "Lamps", "", False),
    ],
)
def test_what_an_album_is(store: Store, path: str, album: str, artist: str, same: bool) -> None:
    one, other = add(store, "/m/a/1", "Lamps", "X"), add(store, path, album, artist)

    assert store.album_of(one.id) == [one.id, other.id][: 1 + same]
    store.mark_missing([other.id])
    assert store.album_of(one.id) == [one.id]


def test_what_names_no_album_counts_for_itself(store: Store) -> None:
    one, other = add(store, "/m/a/1"), add(store, "/m/a/2")
    save(store, one, -28.0)
    save(store, other, -8.0)

    assert store.album_of(one.id) == []
    assert db(Levels(store).gain(one, "album", True)) == pytest.approx(10)


def test_silence_stays_as_it_is(store: Store) -> None:
    row = add(store, "/m/1", "Lamps")
    save(store, row, None, 0.0)

    assert Levels(store).gain(row, "track", False) == 1.0
    assert Levels(store).gain(row, "album", False) == 1.0


def test_an_unknown_track_does_not_stand_out(store: Store) -> None:
    unknown = add(store, "/m/0")
    levels = Levels(store)
    assert levels.gain(unknown, "auto", True) == 1.0

    for n, lufs in enumerate((-8.0, -9.0, -12.0), 1):
        save(store, add(store, f"/m/{n}"), lufs)

    assert db(levels.gain(unknown, "track", False)) == pytest.approx(-9)
    assert db(levels.gain(unknown, "album", True)) == pytest.approx(-9)


def test_an_unknown_track_is_not_made_louder(store: Store) -> None:
    unknown = add(store, "/m/0")
    save(store, add(store, "/m/1"), -30.0)

    assert Levels(store).gain(unknown, "track", False) == 1.0


def test_what_others_write_is_seen_at_once(store: Store, home: Path) -> None:
    row = add(store, "/m/1")
    levels = Levels(store)
    assert levels.gain(row, "track", False) == 1.0

    with Store.open(home / "library.db") as lane:
        lane.save_loudness([(row.id, -8.0, 1.0, b"")])

    assert db(levels.gain(row, "track", False)) == pytest.approx(-10)
