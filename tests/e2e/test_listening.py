"""The story: an empty home, a folder, a word, three ratings, music; and all of it the next day."""

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import songs
import soundfile as sf

from sliders_desktop.config import Paths
from sliders_desktop.ml.encoder import Encoder, EncoderConfig
from tests.e2e.pulse import Pulse, pulse, recorded

__all__ = ["pulse"]  # a fixture

HERE = Path(__file__).parent
SECONDS = 4.0
RATE = 44100


def live(day: str, home: Path, music: Path, tmp_path: Path, sink: str) -> dict[str, Any]:
    """One run of the program, as `listener.py` lives it; the display is the one tests are given."""
    report = tmp_path / f"{day}.json"
    environment = {k: v for k, v in os.environ.items() if k != "QT_QPA_PLATFORM"}
    if not environment.get("DISPLAY") and sys.platform.startswith("linux"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    environment["PYTHONPATH"] = str(HERE.parent.parent)
    words = [day, home, music, sink, report, tmp_path / f"{day}.png"]
    done = subprocess.run(
        [sys.executable, str(HERE / "listener.py"), *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return dict(json.loads(report.read_text(encoding="utf-8")))


def fingerprints(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(p): (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns)
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def heard_at(sound: np.ndarray[Any, Any], song: np.ndarray[Any, Any]) -> tuple[int, float]:
    """Where a second of ``song`` lies in ``sound``, in frames, and how well it fits there."""
    piece = song[: RATE // 2].astype(np.float64)
    size = 1 << (len(sound) + len(piece)).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(piece, size))
    match = np.fft.irfft(spectrum, size)[: len(sound)]
    at = int(match.argmax())
    there = sound[at : at + len(piece)]
    fit = float(there @ piece[: len(there)] / (np.linalg.norm(there) * np.linalg.norm(piece)))
    return at, fit


@pytest.fixture
def music(tmp_path: Path) -> Path:
    songs.library(tmp_path / "music", 6, seconds=SECONDS, rate=RATE, formats=("flac",))
    return tmp_path / "music"


@pytest.fixture
def small_ear(home: Path) -> None:
    """A small encoder of the listener's own: it is used before the shipped one."""
    weights = Paths(home).home / "models" / "encoder.safetensors"
    weights.parent.mkdir(parents=True)
    Encoder.random(0, EncoderConfig(layers=1)).save(weights)


@pytest.mark.usefixtures("small_ear")
def test_the_first_day_through_a_sound_server(
    home: Path, music: Path, tmp_path: Path, pulse: Pulse
) -> None:
    """The same through PortAudio and a real sound server, recorded at its monitor."""
    with pulse.recording(tmp_path / "heard.raw"):
        first = live("first", home, music, tmp_path, "device")

    mono = recorded(tmp_path / "heard.raw").mean(axis=1).astype(np.float64)
    places = []
    for title in first["announced"][:4]:
        at, fit = heard_at(mono, songs.song(title, SECONDS, RATE))
        assert fit > 0.95, title
        places.append(at)
    assert places == sorted(places)
    assert len(places) == 4


@pytest.mark.usefixtures("small_ear")
def test_the_first_and_the_second_day(home: Path, music: Path, tmp_path: Path) -> None:
    before = fingerprints(music)

    first = live("first", home, music, tmp_path, f"wav:{tmp_path / 'first.wav'}")

    # What was announced is what was heard, in that order; the first joins are without a gap.
    announced = first["announced"]
    assert announced == list(songs.TITLES[:6])[: len(announced)]
    sound, rate = sf.read(tmp_path / "first.wav", dtype="float32", always_2d=True)
    assert rate == RATE
    mono = sound.mean(axis=1).astype(np.float64)
    places = []
    for title in announced[:4]:
        at, fit = heard_at(mono, songs.song(title, SECONDS, RATE))
        assert fit > 0.95, title
        places.append(at)
    assert places == sorted(places)
    length = len(songs.song(announced[0], SECONDS, RATE))
    assert np.diff(places[:3]) == pytest.approx([length, length], abs=1)

    # The database holds the same list.
    with sqlite3.connect(Paths(home).database) as db:
        plays = db.execute(
            "SELECT title, outcome FROM plays JOIN tracks ON tracks.id = track_id ORDER BY plays.id"
        ).fetchall()
        rated = db.execute("SELECT count(*) FROM ratings").fetchone()[0]
    assert [title for title, _ in plays] == announced[:4]
    assert [outcome for _, outcome in plays] == ["finished", "finished", "skipped", "stopped"]

    # The slider has taken notice.
    assert first["ratings"] == [1.0, 0.0, 1.0]
    assert rated == 3
    assert len(set(first["figures"])) == 4
    assert first["shutdown_s"] < 5

    second = live("second", home, music, tmp_path, "null")

    assert second["slider"] == "rainy night"
    assert second["current"] == announced[3]
    assert not second["playing"]
    assert second["position_s"] == pytest.approx(first["paused_at"], abs=0.3)
    assert second["queue"]
    assert fingerprints(music) == before
