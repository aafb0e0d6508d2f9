"""Does the music break off while the program embeds, draws maps and fits on every core?

SLIDERS_BENCHMARK_MINUTES is how long it plays (2), SLIDERS_BENCHMARK_MUSIC a folder to listen to.
With `-s` the findings are printed.
"""

import itertools
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture

from sliders_desktop.audio.files import Decoder
from tests import songs
from tests.benchmarks.sound_faults import Fault, Source, Wave, compare, where
from tests.benchmarks.sound_rig import Recording, give_priority, recorder
from tests.e2e.pulse import Pulse, pulse

__all__ = ["pulse"]  # a fixture

HERE = Path(__file__).parent
MINUTES = float(os.environ.get("SLIDERS_BENCHMARK_MINUTES", "2"))
FORMATS = ("mp3", "flac", "m4a-aac", "ogg", "wav", "mka", "m4a-alac", "mp3")
TRACK_S = 30.0


def make_album(folder: Path) -> Wave:
    """Tracks of noise in ``folder``, and all of them decoded one after the other."""
    decoded: list[Wave] = []
    for i, format in enumerate(FORMATS):
        sides = [songs.noise(TRACK_S, seed=2 * i + side) for side in (0, 1)]
        path = songs.write(folder / f"{i}", songs.stereo(*sides), 44100, format)
        with Decoder(path, 44100) as decoder:
            while len(block := decoder.read()):
                decoded.append(block)
    return np.concatenate(decoded)


def make_music(folder: Path) -> Path:
    named = os.environ.get("SLIDERS_BENCHMARK_MUSIC")
    if named:
        return Path(named)
    for title in songs.TITLES[:12]:
        songs.write(folder / f"{title}.mp3", songs.stereo(songs.song(title, 60.0)))
    return folder


def play(pulse: Pulse, tmp_path: Path, music: Path) -> dict[str, Any]:
    environment = {**pulse.environment, "PYTHONPATH": str(HERE.parent.parent)}
    words = [tmp_path / "home", tmp_path / "album", music, pulse.rate, 60 * MINUTES]
    # The latency of the recorder is the server's too: 50 ms, or it would wake ten times as often.
    with recorder(pulse, tmp_path / "heard.raw", pulse.rate, 50):
        done = subprocess.run(
            [sys.executable, str(HERE / "dropouts_probe.py"), *map(str, words)],
            env=environment, capture_output=True, text=True, timeout=60 * MINUTES + 300,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_music_beside_all_the_work(
    pulse: Pulse, tmp_path: Path, benchmark: BenchmarkFixture
) -> None:
    priority = give_priority(pulse)
    album = make_album(tmp_path / "album")
    music = make_music(tmp_path / "music")

    said = benchmark.pedantic(play, (pulse, tmp_path, music), rounds=1)

    recording = Recording.read(tmp_path / "heard.raw", pulse.rate)
    heard = recording.frames
    rate = pulse.rate
    start = where(heard[: 20 * rate], album[rate : 2 * rate]) - rate
    # After the player the program ends its other work: for seconds nothing sounds.
    end = int(np.flatnonzero(heard.any(1))[-1]) - rate // 20  # before the fade at the end
    faults = compare(heard[max(0, start) : end], Source(album, again=True), 1 << 60, rate)
    if faults and not faults[-1].wrong:
        faults.pop()  # the recording ends, the source does not
    found = {
        **said,
        "minutes compared": round((end - start) / rate / 60, 2),
        "begins at": min(0, start),
        "faults": len(faults),
        "frames missing": sum(fault.missing for fault in faults),
        "frames repeated": sum(fault.repeated for fault in faults),
        "frames wrong": sum(fault.wrong for fault in faults),
        "frames of silence": sum(fault.silent for fault in faults),
        "first faults": described(faults, said, recording, start),
        "machine stood still, ms": recording.worst(),
        "server's priority": priority,
    }
    benchmark.extra_info.update(found)
    print(json.dumps(found, indent=1))  # noqa: T201
    assert said["done meanwhile"].keys() >= {"tracks embedded", "sliders"}
    assert not said["broken"]
    assert found["faults"] == 0
    assert said["underruns"] == 0


def described(
    faults: list[Fault], said: dict[str, Any], recording: Recording, start: int
) -> list[dict[str, Any]]:
    """The first ``faults`` with their second, what our own counters say of the moments around, and
    how long the machine gave nobody any time.
    """
    found, shift, rate = [], start, recording.rate
    for fault in faults[:40]:
        second = fault.at / rate
        told = {"underruns": 0, "dropouts": 0}
        for before, point in itertools.pairwise(said["line"]):
            if second - 1 < point[0] < second + 2:
                told["underruns"] += point[1] - before[1]
                told["dropouts"] += point[2] - before[2]
        found.append(
            {
                **asdict(fault),
                "second": round(second, 2),
                "lock held": said["held from"] < second < said["held to"],
                "counted": told,
                "stood still, ms": recording.stood_still(fault.at + shift),
            }
        )
        shift += fault.wrong - fault.step
    return found
