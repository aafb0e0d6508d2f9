"""Even loudness and crossfade as they are heard: a real session and player, recorded."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import songs
import soundfile as sf
from pytestqt.qtbot import QtBot

from sliders_desktop.audio.sinks.sink import WavSink
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.session.session import Session

from . import conftest
from .conftest import MakeSession

RATE = 44100
LEVEL = 0.4
TRACK_DB, ALBUM_DB = -12.0, -3.0
LONG_S = 9.0


class Studio:
    """Four tones of one loudness, two of each album, and a tape of what was played of them."""

    def __init__(self, session: Session, tape: Path, qtbot: QtBot) -> None:
        self.session, self.playback, self._tape, self._qtbot = (
            session,
            session.playback,
            tape,
            qtbot,
        )
        self.ids = [row.id for row in session.catalogue.rows]
        self.playback.set_radio(False)
        self.playback.set_volume(1.0)

    def play(self, *places: int) -> None:
        self.playback.play([self.ids[place] for place in places])

    def played(self, *places: int) -> np.ndarray[Any, Any]:
        """The tape once these were played to their end."""
        with self._qtbot.waitSignal(self.playback.current_changed):
            self.play(*places)
        self._qtbot.waitUntil(lambda: not self.playback.playing, timeout=20_000)
        self.playback.close()  # the tape is whole then
        return self.tape()

    def tape(self) -> np.ndarray[Any, Any]:
        wave, rate = sf.read(self._tape, dtype="float32", always_2d=True)
        assert rate == RATE
        return np.asarray(wave[:, 0])


def level_db(wave: np.ndarray[Any, Any]) -> float:
    """Against the tone as it lies in the file."""
    return 20 * math.log10(float(np.sqrt(np.mean(wave**2))) * math.sqrt(2) / LEVEL)


@pytest.fixture(params=[(2.0, math.inf)])
def studio(
    request: pytest.FixtureRequest,
    make_session: MakeSession,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    qtbot: QtBot,
) -> Studio:
    seconds, pace = request.param
    tape = tmp_path / "tape.wav"
    monkeypatch.setattr(conftest, "make_sink", lambda *_: WavSink(tape, pace, RATE))

    def fill(store: Any, folder: Path, tracks: int) -> None:
        found = []
        for at in range(4):
            path = songs.write(
                folder / f"{at}.wav", songs.tone(300 + 90 * at, seconds, RATE, LEVEL)
            )
            album = f"Album {at // 2}"
            gains = {"track_gain_db": TRACK_DB, "album_gain_db": ALBUM_DB}
            found.append(
                FoundTrack(
                    str(path), 1, 1, f"{at:064x}", seconds, f"Tone {at}", "", album, **gains,
                    track_peak=LEVEL, album_peak=LEVEL,
                )
            )  # fmt: skip
        store.save_found(store.add_folder(folder).id, found)
        encoder = store.use_encoder("tiny", "tiny", 2)
        store.save_embeddings(encoder, [(r.id, np.zeros(2, np.float32), 1) for r in store.rows()])

    monkeypatch.setattr(conftest, "fill", fill)
    return Studio(make_session(), tape, qtbot)


def test_among_its_album_a_track_keeps_the_albums_level(studio: Studio) -> None:
    wave = studio.played(0, 1)

    assert level_db(wave[RATE // 2 : RATE]) == pytest.approx(ALBUM_DB, abs=0.1)
    assert level_db(wave[5 * RATE // 2 : 3 * RATE]) == pytest.approx(ALBUM_DB, abs=0.1)


def test_among_others_each_track_has_its_own_level(studio: Studio) -> None:
    wave = studio.played(0, 2)

    assert level_db(wave[RATE // 2 : RATE]) == pytest.approx(TRACK_DB, abs=0.1)
    assert level_db(wave[5 * RATE // 2 : 3 * RATE]) == pytest.approx(TRACK_DB, abs=0.1)


@pytest.mark.parametrize(("mode", "db"), [("album", ALBUM_DB), ("track", TRACK_DB), ("off", 0.0)])
def test_the_listener_may_insist(studio: Studio, mode: str, db: float) -> None:
    studio.session.set_setting("loudness", mode)

    assert level_db(studio.played(0, 2)[RATE // 2 : RATE]) == pytest.approx(db, abs=0.1)


@pytest.mark.parametrize("studio", [(4.0, 1.0)], indirect=True)
def test_another_choice_is_heard_at_once_but_other_neighbours_are_not(
    studio: Studio, qtbot: QtBot
) -> None:
    studio.play(0, 2)
    qtbot.waitUntil(lambda: studio.playback.position_s() > 0.5)
    studio.playback.play_next([studio.ids[1]])
    qtbot.waitUntil(lambda: studio.playback.position_s() > 1.0)
    assert studio.playback.level == (pytest.approx(10 ** (TRACK_DB / 20)), False)

    studio.session.set_setting("loudness", "off")
    qtbot.waitUntil(lambda: studio.playback.position_s() > 1.5)
    studio.playback.toggle()
    qtbot.wait(350)  # the tape's head says how long it is four times a second

    wave = studio.tape()
    heard = wave[np.flatnonzero(np.abs(wave) > 0.001)[0] :]
    assert level_db(heard[RATE // 2 : 9 * RATE // 10]) == pytest.approx(TRACK_DB, abs=0.1)
    assert level_db(heard[5 * RATE // 4 : 14 * RATE // 10]) == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("studio", [(LONG_S, math.inf)], indirect=True)
@pytest.mark.parametrize(
    ("places", "wish_s", "overlap_s"), [((0, 2), 2, 2.0), ((0, 1), 2, 0.0), ((0, 2), 4, 0.0)]
)
def test_songs_flow_into_each_other_and_albums_do_not(
    studio: Studio, places: tuple[int, ...], wish_s: int, overlap_s: float
) -> None:
    studio.session.set_setting("crossfade", wish_s)

    wave = studio.played(*places)

    assert len(wave) / RATE == pytest.approx(2 * LONG_S - overlap_s, abs=0.05)


@pytest.mark.parametrize("studio", [(4.0, 1.0)], indirect=True)
@pytest.mark.parametrize("how", ["close", "seek", "jump", "next", "pause"])
def test_whatever_the_listener_does_there_is_no_click(
    studio: Studio, qtbot: QtBot, how: str
) -> None:
    playback = studio.playback
    studio.session.set_setting("loudness", "off")
    studio.play(0, 2, 1)
    qtbot.waitUntil(lambda: playback.position_s() > 0.5)
    if how == "seek":
        playback.seek(2.0)
    elif how == "jump":
        playback.jump(playback.up_next[1].key)
    elif how == "next":
        playback.next()
    elif how == "pause":
        playback.toggle()
    if how != "close":
        qtbot.wait(300)
    studio.session.close()

    wave = studio.tape()
    steepest = float(np.abs(np.diff(wave, prepend=0.0, append=0.0)).max())
    swing = 2 * math.pi * (300 + 90 * 2) / RATE * LEVEL  # of the highest tone
    assert len(wave) > RATE // 2
    assert steepest < 1.5 * swing
