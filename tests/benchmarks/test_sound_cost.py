"""What playing costs: processor time of nothing but the music, memory after a day of it.

SLIDERS_BENCHMARK_SECONDS is how long each format plays (20), SLIDERS_BENCHMARK_HOURS how much music
the soak goes through (1; 24 is a day). With `-s` the findings are printed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests import songs
from tests.benchmarks.sound_rig import add_output, give_priority
from tests.e2e.pulse import Pulse, pulse

__all__ = ["pulse"]  # a fixture

HERE = Path(__file__).parent
SECONDS = float(os.environ.get("SLIDERS_BENCHMARK_SECONDS", "20"))
HOURS = float(os.environ.get("SLIDERS_BENCHMARK_HOURS", "1"))
#: format, its rate, the device's
PLAYED = [
    ("wav", 44100, 44100),
    ("mp3", 44100, 44100),
    ("flac", 44100, 44100),
    ("m4a-aac", 44100, 44100),
    ("ogg", 44100, 44100),
    ("mp3", 44100, 48000),
    ("flac", 44100, 48000),
    ("m4a-aac", 44100, 48000),
    ("opus", 48000, 48000),
    ("opus", 48000, 44100),
]


def probe(environment: dict[str, str], *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(HERE / "cost_probe.py"), *words],
        env={**environment, "PYTHONPATH": str(HERE.parent.parent)},
        capture_output=True, text=True, timeout=7200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def report(benchmark: BenchmarkFixture, name: str, said: dict[str, Any]) -> None:
    benchmark.extra_info.update(said)
    print(name, json.dumps(said))  # noqa: T201


@pytest.mark.parametrize(("format", "rate", "device"), PLAYED)
def test_processor(
    pulse: Pulse, tmp_path: Path, benchmark: BenchmarkFixture, format: str, rate: int, device: int
) -> None:
    """After the first seconds; percent of one core, all threads of the process."""
    give_priority(pulse)
    if device != pulse.rate:
        add_output(pulse, device)
    sides = [songs.song(title, 60, rate) for title in ("Amber", "Birch")]
    path = songs.write(tmp_path / "song", songs.stereo(*sides), rate, format)

    words = ("cpu", str(SECONDS), str(device), str(path))
    said = benchmark.pedantic(probe, (pulse.environment, *words), rounds=1)

    report(benchmark, f"{format} {rate} on {device}", said)
    assert said["underruns"] == 0


def test_a_day_of_music(tmp_path: Path, benchmark: BenchmarkFixture) -> None:
    """Short tracks of all formats, skipped, sought in and paused at random."""
    for i, format in enumerate((*songs.FORMATS, "mp3", "flac")):
        rate = 48000 if format == "opus" or i % 4 == 3 else 44100
        sides = [songs.song(songs.TITLES[i] + side, 50, rate) for side in "ab"]
        songs.write(tmp_path / "album" / f"{i}", songs.stereo(*sides), rate, format)

    words = ("soak", str(HOURS), str(tmp_path / "album"))
    said = benchmark.pedantic(probe, (dict(os.environ), *words), rounds=1)

    report(benchmark, "soak", said)
    events = said["events"]
    assert not said["odd"]
    assert not said["sounding at the end"]
    assert events["Started"] == events["Ended"] + events.get("Failed", 0)
    assert len({point["threads"] for point in said["line"][1:]}) == 1
    assert said["growth after warm-up, MB"] <= 5
