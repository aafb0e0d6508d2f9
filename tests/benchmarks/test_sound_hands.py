"""From a command to the frame where it is heard, through a real sound server.

"Heard" is when the server's null sink hands the frame out, its own block (5 ms) included: a true
sound card adds what its hardware holds. Clocks are compared as `sound_rig.Recording` says.
SLIDERS_BENCHMARK_TRIALS is how often each is tried (40). With `-s` the findings are printed.
"""

import itertools
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sliders_desktop.audio.files import Decoder
from sliders_desktop.audio.player import Player, PlayerEvent
from sliders_desktop.audio.sinks.sink import DeviceSink
from tests import songs
from tests.benchmarks.sound_faults import Wave, where
from tests.benchmarks.sound_rig import Recording, give_priority, recorder
from tests.e2e.pulse import Pulse, pulse

__all__ = ["pulse"]  # a fixture

TRIALS = int(os.environ.get("SLIDERS_BENCHMARK_TRIALS", "40"))
RATE = 44100
LEVEL = 0.5  # of the steady sound
HEAD_S = 0.15  # of a track, by which its beginning is found


def summary(seconds: list[float]) -> dict[str, float]:
    """Milliseconds."""
    ms = 1000 * np.array(seconds)
    named = {"p50": 50, "p90": 90, "p99": 99}
    found = {name: round(float(np.percentile(ms, p)), 1) for name, p in named.items()}
    return {"trials": len(ms), **found, "max": round(float(ms.max()), 1)}


class Hands:
    """A player at the server, recorded; commands are noted with their second."""

    def __init__(self) -> None:
        self.events: list[PlayerEvent] = []
        self.player = Player(DeviceSink, self.events.append, RATE)
        self.notes: list[tuple[str, float, Any]] = []

    def do(self, name: str, command: Callable[[], None], what: Any = None) -> None:
        now = time.monotonic()
        command()
        self.notes.append((name, now, what))

    def play(self, path: Path) -> None:
        self.player.play(1, str(path))
        time.sleep(1.0)


@pytest.fixture
def hands(pulse: Pulse) -> Iterator[Hands]:
    give_priority(pulse)
    hands = Hands()
    hands.player.warm_up()
    yield hands
    hands.player.close()


def wait(least_s: float) -> None:
    """Not in step with anybody's blocks."""
    time.sleep(least_s + random.random() * 0.05)


def report(
    benchmark: BenchmarkFixture, name: str, taken: dict[str, list[float]], more: dict[str, Any]
) -> None:
    found = {what: summary(seconds) for what, seconds in taken.items()} | more
    benchmark.extra_info.update(found)
    print(name, json.dumps(found))  # noqa: T201


def recorded(path: Path) -> tuple[Recording, dict[str, Any]]:
    heard = Recording.read(path, RATE)
    return heard, {
        "machine stood still, ms": heard.worst(),
        "block of the server, ms": round(1000 * heard.block_s, 2),
        "arrivals after the envelope, ms p50 p99": heard.late_ms(),
    }


def until(true: Wave) -> int:
    """The first frame of which it is true, −1 if none."""
    return int(true.argmax()) if true.any() else -1


def test_pause_resume_and_volume(
    pulse: Pulse, hands: Hands, tmp_path: Path, benchmark: BenchmarkFixture
) -> None:
    """A steady level shows each change in the very sample; what counts is when it is complete."""
    steady = np.full((round(RATE * (1.4 * TRIALS + 30)), 2), LEVEL, np.float32)
    path = songs.write(tmp_path / "steady.flac", steady, RATE)

    def trials() -> None:
        with recorder(pulse, tmp_path / "heard.raw", RATE):
            hands.play(path)
            for _ in range(TRIALS):
                hands.do("pause", hands.player.pause)
                wait(0.3)
                hands.do("resume", hands.player.resume)
                wait(0.3)
                hands.do("volume", lambda: hands.player.set_volume(0.5))
                wait(0.25)
                hands.do("volume", lambda: hands.player.set_volume(1.0))
                wait(0.25)

    benchmark.pedantic(trials, rounds=1)

    heard, more = recorded(tmp_path / "heard.raw")
    level = heard.frames[:, 0]
    taken: dict[str, list[float]] = {}
    loud = LEVEL
    for name, at, _ in hands.notes:
        first = heard.frame_at(at)
        after = np.array(level[first : first + int(0.25 * RATE)])
        before = loud
        loud = {"pause": 0.0, "resume": LEVEL}.get(name, LEVEL if before < LEVEL else LEVEL / 8)
        begun = until(np.abs(after - before) > 1e-4)
        complete = until(np.abs(after - loud) < 1e-4)
        assert begun >= 0, name
        assert complete >= 0, name
        taken.setdefault(f"{name}, begins", []).append(heard.when(first + begun) - at)
        taken.setdefault(f"{name}, complete", []).append(heard.when(first + complete) - at)
    report(benchmark, "hands", taken, more)
    assert max(summary(s)["p99"] for s in taken.values()) <= 100


@pytest.mark.parametrize("format", ["flac", "mp3", "m4a-aac", "opus", "ogg"])
def test_seek(
    pulse: Pulse, hands: Hands, tmp_path: Path, benchmark: BenchmarkFixture, format: str
) -> None:
    """By what the file holds at the place sought; its first frame is where the fade in begins."""
    file_rate = 48000 if format == "opus" else RATE
    path = tmp_path / "long"
    sides = [songs.noise(240, file_rate, seed=side) for side in (1, 2)]
    path = songs.write(path, songs.stereo(*sides), file_rate, format)
    rng = random.Random(1)

    def trials() -> None:
        with recorder(pulse, tmp_path / "heard.raw", RATE):
            hands.play(path)
            for _ in range(TRIALS):
                target = round(rng.uniform(1, 230), 3)
                hands.do("seek", lambda target=target: hands.player.seek(target), target)
                wait(0.4)

    benchmark.pedantic(trials, rounds=1)

    heard, more = recorded(tmp_path / "heard.raw")
    taken: list[float] = []
    unfound = 0
    with Decoder(path, RATE) as decoder:
        for _, at, target in hands.notes:
            decoder.seek(target)
            head = read(decoder, int(HEAD_S * RATE))
            begins = found(heard, head, at, 0.45)
            if begins is None:
                unfound += 1
            else:
                taken.append(begins - at)
    report(benchmark, f"seek {format}", {"seek": taken}, {**more, "not found": unfound})
    assert not unfound
    assert summary(taken)["p99"] <= 100


def read(decoder: Decoder, frames: int) -> Wave:
    blocks = [decoder.read()]
    while sum(map(len, blocks)) < frames and len(blocks[-1]):
        blocks.append(decoder.read())
    return np.concatenate(blocks)[:frames]


def found(heard: Recording, head: Wave, at: float, within_s: float) -> float | None:
    """The second at which ``head`` begins to sound after ``at``; None if it does not."""
    first = heard.frame_at(at - 0.02)
    near = np.array(heard.frames[first : first + int(within_s * RATE) + len(head)])
    place = where(near, head)
    there = near[place : place + len(head)]
    # Beginnings are faded in; what an AAC decoder makes up for noise differs after a seek.
    middle = slice(len(head) // 8, len(there))
    alike = float((there[middle] * head[middle]).sum()) / max(
        1e-9, float(np.sqrt((there[middle] ** 2).sum() * (head[middle] ** 2).sum()))
    )
    return heard.when(first + place) if alike > 0.5 else None


def forget(path: Path) -> None:
    """Drop ``path`` from the system's cache of files."""
    file = os.open(path, os.O_RDONLY)
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


@pytest.fixture(scope="module")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """Four-minute tracks of noise by format; ffmpeg puts an m4a's table of contents at its end."""
    folder = tmp_path_factory.mktemp("tracks")
    waves = [
        songs.stereo(*[songs.noise(240, seed=9 * i + side) for side in (0, 1)]) for i in range(4)
    ]
    return {
        format: [
            songs.write(folder / f"{format} {i}", wave, RATE, format)
            for i, wave in enumerate(waves)
        ]
        for format in ("flac", "mp3", "m4a-aac")
    }


@pytest.mark.parametrize(
    ("how", "format", "cold"),
    [
        ("next", "flac", False),
        ("next", "mp3", False),
        ("next", "m4a-aac", False),
        ("next", "m4a-aac", True),
        ("next at once", "m4a-aac", True),
        ("play", "flac", False),
        ("play", "mp3", False),
        ("play", "m4a-aac", True),
    ],
)
def test_another_track(
    pulse: Pulse,
    hands: Hands,
    tracks: dict[str, list[Path]],
    tmp_path: Path,
    benchmark: BenchmarkFixture,
    how: str,
    format: str,
    cold: bool,
) -> None:
    """`next`: the track was set half a second before, cold where said. `at once`: set in the same
    moment. `play`: another track by a double-click.
    """
    keys = itertools.count(2)
    paths = tracks[format]

    def trials() -> None:
        with recorder(pulse, tmp_path / "heard.raw", RATE):
            hands.play(paths[0])
            for i in range(1, TRIALS + 1):
                path, key = paths[i % len(paths)], next(keys)
                if cold:
                    forget(path)
                if how == "next":
                    hands.player.set_next(key, str(path))
                    wait(0.5)
                    hands.do(how, hands.player.skip, path)
                elif how == "play":
                    hands.do(how, lambda k=key, p=path: hands.player.play(k, str(p)), path)
                else:
                    hands.player.set_next(key, str(path))
                    hands.do(how, hands.player.skip, path)
                wait(0.6)

    benchmark.pedantic(trials, rounds=1)

    heads: dict[Path, Wave] = {}
    for path in paths:
        with Decoder(path, RATE) as decoder:
            heads[path] = read(decoder, int(HEAD_S * RATE))
    heard, more = recorded(tmp_path / "heard.raw")
    begins = [(found(heard, heads[path], at, 0.6), at) for _, at, path in hands.notes]
    taken = [begin - at for begin, at in begins if begin is not None]
    name = f"{how} {format}{' cold' if cold else ''}"
    report(benchmark, name, {how: taken}, {**more, "not found": len(begins) - len(taken)})
    assert len(taken) == len(begins)
    assert summary(taken)["p99"] <= 150
