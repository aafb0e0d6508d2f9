"""Kill -9 at any moment: what was confirmed is there, and the work goes on where it was."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import songs

from sliders_desktop.config import Paths
from sliders_desktop.library.store import Store
from sliders_desktop.ml.encoder import Encoder, EncoderConfig

TRACKS = 24


@pytest.fixture
def music(tmp_path: Path) -> Path:
    songs.library(tmp_path / "music", TRACKS, seconds=1.0)
    return tmp_path / "music"


@pytest.fixture
def small_encoder(home: Path) -> Path:
    """A listener's own encoder is used before the shipped one, so a small one serves."""
    weights = Paths(home).home / "models" / "encoder.safetensors"
    weights.parent.mkdir(parents=True)
    Encoder.random(0, EncoderConfig(layers=1)).save(weights)
    assert Paths(home).encoder == weights
    return weights


def start(home: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "sliders_desktop", *words, "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(home: Path, *words: str) -> str:
    """Run a command to its end; what it printed."""
    process = start(home, *words)
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return out


def kill(process: "subprocess.Popen[str]") -> None:
    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.communicate()


def intact(home: Path) -> bool:
    with sqlite3.connect(Paths(home).database) as db:
        return db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def wait_for(home: Path, table: str, count: int, process: "subprocess.Popen[str]") -> None:
    """Until ``table`` has ``count`` rows, or the process is done."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if Paths(home).database.exists():
            with sqlite3.connect(Paths(home).database) as db:
                try:
                    if db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] >= count:
                        return
                except sqlite3.OperationalError:
                    pass
        time.sleep(0.005)


def test_a_killed_scan_goes_on(home: Path, music: Path) -> None:
    process = start(home, "scan", str(music))
    wait_for(home, "tracks", 1, process)
    kill(process)
    assert intact(home)

    finished(home, "scan", str(music))
    with Store.open(Paths(home).database) as store:
        rows = store.rows()
    assert len(rows) == TRACKS
    assert len({row.path for row in rows}) == TRACKS


def test_a_killed_embedding_keeps_what_it_had_and_goes_on(
    home: Path, music: Path, small_encoder: Path
) -> None:
    finished(home, "scan", str(music))
    process = start(home, "embed")
    wait_for(home, "embeddings", 4, process)
    kill(process)
    assert intact(home)
    with Store.open(Paths(home).database) as store:
        encoder_id = store.serving_encoder()
        assert encoder_id is not None
        ids, before = store.vectors(encoder_id)
    assert len(ids) >= 4

    out = finished(home, "embed")
    with Store.open(Paths(home).database) as store:
        all_ids, after = store.vectors(encoder_id)
    assert len(all_ids) == TRACKS
    kept = dict(zip(all_ids.tolist(), after, strict=True))
    assert all((kept[i] == x).all() for i, x in zip(ids.tolist(), before, strict=True))
    assert f"{TRACKS - len(ids)} tracks listened to" in out


def test_no_confirmed_rating_is_lost(home: Path, music: Path) -> None:
    """The command answers only when the rating is on disk."""
    finished(home, "scan", str(music))
    finished(home, "sliders", "--new", "calm")
    rng = random.Random(0)
    confirmed: dict[int, float] = {}
    for track in range(1, 5):
        value = rng.choice([0.0, 0.25, 1.0])
        process = start(home, "rate", str(track), "calm", str(value))
        assert process.stdout is not None
        line = process.stdout.readline()
        kill(process)
        if line:
            confirmed[track] = value

    assert confirmed
    assert intact(home)
    with Store.open(Paths(home).database) as store:
        slider = store.sliders()[0]
        kept = {t: store.current_rating(t, slider.id) for t in confirmed}
    assert kept == confirmed
