"""From files to vectors: tracks a minute, what each step costs, and how much memory it takes.

Judged by CPU time and by ratios in one run. SLIDERS_BENCHMARK_MUSIC names a folder of true MP3s.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest
import soundfile as sf
from pytest_benchmark.fixture import BenchmarkFixture

from sliders_desktop import tasks
from sliders_desktop.audio.excerpts import excerpts
from sliders_desktop.config import HOME_VARIABLE
from sliders_desktop.ml.encoder import Encoder
from sliders_desktop.ml.features import FEATURES, choose_runs, of_runs
from tests import songs

RATE = FEATURES.rate
TRACKS, LENGTH_S = 8, 180.0


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some three-minute MP3s."""
    named = os.environ.get("SLIDERS_BENCHMARK_MUSIC")
    if named:
        return Path(named)
    folder = tmp_path_factory.mktemp("music")
    for title in songs.TITLES[:TRACKS]:
        sides = [songs.song(title + side, LENGTH_S) for side in ("", "'")]
        songs.write(folder / f"{title}.mp3", songs.stereo(*sides))
    return folder


@pytest.fixture
def weights(home: Path) -> Path:
    """An encoder of full size; what it says does not matter here."""
    path = home / "models" / "encoder.safetensors"
    path.parent.mkdir(parents=True)
    Encoder.random(0).save(path)
    return path


def cpu_s(task: Callable[[], Any], rounds: int = 3) -> tuple[float, Any]:
    """The least CPU seconds of some rounds, all threads together, and what came of it."""
    spent = []
    for _ in range(rounds):
        began = time.process_time()
        result = task()
        spent.append(time.process_time() - began)
    return min(spent), result


def heard(path: Path) -> list[np.ndarray]:
    return excerpts(path, RATE, choose_runs, lambda: None)[0]


def test_tracks_a_minute(benchmark: BenchmarkFixture, music: Path, weights: Path) -> None:
    """At least 75 three-minute tracks a minute of two cores, decoding included."""
    tasks.vectors(music, weights, "cpu")  # torch is warm
    began = time.process_time()

    found = benchmark.pedantic(tasks.vectors, (music, weights, "cpu"), rounds=1)

    each = (time.process_time() - began) / len(found.paths)
    benchmark.extra_info["CPU s a track"] = each
    benchmark.extra_info["tracks a minute, two cores"] = 2 * 60 / each
    benchmark.extra_info["tracks a minute, as it was"] = (
        60 * len(found.paths) / benchmark.stats.stats.total
    )
    assert 2 * 60 / each > 75


def test_where_the_time_goes(benchmark: BenchmarkFixture, music: Path, weights: Path) -> None:
    """Beside what ffmpeg takes to decode, the only part nobody here can make quicker."""
    path = sorted(music.glob("*.mp3"))[0]
    encoder = Encoder.load(weights)

    def bare() -> int:
        with av.open(str(path)) as file:
            return sum(f.samples for p in file.demux(audio=0) for f in p.decode())

    floor, _ = cpu_s(bare)
    decoding, runs = cpu_s(lambda: heard(path))
    features, mels = cpu_s(lambda: of_runs(runs))
    embedding, _ = cpu_s(lambda: encoder.embed(mels))
    benchmark.pedantic(heard, (path,), rounds=3)
    benchmark.extra_info["ffmpeg alone, CPU s"] = floor
    for name, spent in (("decoding", decoding), ("features", features), ("encoder", embedding)):
        benchmark.extra_info[f"{name}, CPU s"] = spent

    assert decoding < 3 * floor
    assert features < floor  # ten times as much as soon as BLAS shares its products among cores


@pytest.mark.parametrize("kind", ["said", "guessed"])
def test_ten_hours_beside_three_minutes(
    benchmark: BenchmarkFixture, music: Path, tmp_path: Path, kind: str
) -> None:
    """Ten hours that know their length, and minutes of MP3 glued together, which nobody knows."""
    song = sorted(music.glob("*.mp3"))[0]
    if kind == "said":
        long = tmp_path / "long.flac"
        hour = np.tile(songs.song("long", 60, 8000), 60)
        with sf.SoundFile(long, "w", 8000, 1, "PCM_16") as file:
            for _ in range(10):
                file.write(hour)
    else:
        long = tmp_path / "long.mp3"
        minute = songs.write(tmp_path / "minute.mp3", songs.song("long", 60, RATE), RATE)
        long.write_bytes(minute.read_bytes() * 600)
    short_s, _ = cpu_s(lambda: heard(song))
    began = time.process_time()

    runs = benchmark.pedantic(heard, (long,), rounds=1)

    long_s = time.process_time() - began
    benchmark.extra_info["three minutes, CPU s"] = short_s
    benchmark.extra_info["ten hours, CPU s"] = long_s
    assert sum(map(len, runs)) > 240 * RATE
    assert long_s < (10 if kind == "said" else 100) * short_s


def test_memory_of_the_command(
    benchmark: BenchmarkFixture, music: Path, weights: Path, home: Path, tmp_path: Path
) -> None:
    """At most 700 MB, torch and the encoder included."""
    command = [sys.executable, "-m", "sliders_desktop", "--device", "cpu", "vectors", str(music)]

    def peak() -> int:
        most = 0
        with subprocess.Popen(
            [*command, "--out", str(tmp_path / "out.npz")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, HOME_VARIABLE: str(home)},
        ) as program:
            watched = psutil.Process(program.pid)
            while program.poll() is None:
                most = max(most, watched.memory_info().rss)
                time.sleep(0.02)
        assert program.returncode == 0
        return most

    most = benchmark.pedantic(peak, rounds=1)

    benchmark.extra_info["peak MB"] = most / 1e6
    assert most < 1.2e9
