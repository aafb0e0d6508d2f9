"""Albums through a real sound server: how many samples are lost or added where tracks meet.

SLIDERS_BENCHMARK_TRACK_S is the length of their tracks (1.2). With `-s` the findings are printed.
"""

import itertools
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.signal
import soxr
from pytest_benchmark.fixture import BenchmarkFixture

from sliders_desktop.audio.files import Decoder
from sliders_desktop.audio.sinks.sink import DeviceSink
from tests import songs
from tests.benchmarks.sound_faults import Source, Wave, compare, where
from tests.benchmarks.sound_rig import Recording, add_output, give_priority, recorder
from tests.e2e.pulse import Pulse, pulse
from tests.unit.audio.listening import Listener

__all__ = ["pulse"]  # a fixture

TRACKS = 12
TRACK_S = float(os.environ.get("SLIDERS_BENCHMARK_TRACK_S", "1.2"))
LOSSY = ("mp3", "m4a-aac", "ogg", "opus", "wma")
#: What has no place for the encoder's delay and padding: nobody can trim them.
UNTRIMMED = ("wma",)


def lengths(rate: int) -> list[int]:
    """Frames of each track: no multiple of any codec's frame."""
    return [round(TRACK_S * rate) + 977 * i + 13 for i in range(TRACKS)]


def album_wave(rate: int, frames: int, lossy: bool) -> Wave:
    """Noise in whole 16-bit steps; for a lossy codec only below 6 kHz, which all of them keep."""
    rng = np.random.default_rng(rate + lossy)
    wave = rng.standard_normal((frames, 2), np.float32) * np.float32(0.15)
    if lossy:
        low = scipy.signal.butter(8, 6000, fs=rate, output="sos")
        wave = (2 * scipy.signal.sosfilt(low, wave, axis=0)).astype(np.float32)
    return (np.round(np.clip(wave, -0.9, 0.9) * 32768) / 32768).astype(np.float32)


def play(
    pulse: Pulse, paths: Sequence[Path], rate: int, folder: Path
) -> tuple[Wave, dict[str, Any]]:
    """What is heard of an album on an output of ``rate``, from its first frame that is not 0, and
    what else was seen.
    """
    listener = Listener(DeviceSink, rate)
    file = folder / "heard.raw"
    with recorder(pulse, file, rate, 50):
        listener.play(paths)
        listener.wait_for_end(len(paths), 60 + 10 * TRACK_S * len(paths))
    listener.close()
    recording = Recording.read(file, rate)
    heard = np.array(recording.frames)
    sounding = np.flatnonzero(np.abs(heard).max(1) > 0)
    seen = {
        "underruns": listener.player.underruns,
        "dropouts": listener.player.dropouts,
        "machine stood still, ms": recording.worst(),
    }
    return heard[sounding[0] : sounding[-1] + 1], seen


def straight(path: Path, rate: int) -> Wave:
    with Decoder(path, rate) as decoder:
        return np.concatenate(_blocks(decoder))


def _blocks(decoder: Decoder) -> list[Wave]:
    blocks = []
    while len(block := decoder.read()):
        blocks.append(block)
    return blocks


def lag(heard: Wave, piece: Wave, at: int, around: int = 6000) -> tuple[int, float]:
    """How many frames after ``at`` the ``piece`` is heard, and how alike they are there, 0 to 1."""
    start = max(0, at - around)
    near = heard[start : at + len(piece) + around]
    found = where(near, piece)
    there = near[found : found + len(piece)]
    n = len(there)
    likeness = float((there * piece[:n]).sum()) / max(
        1e-9, float(np.sqrt((there**2).sum() * (piece[:n] ** 2).sum()))
    )
    return start + found - at, likeness


def lags(heard: Wave, wave: Wave, starts: Sequence[int], rate: int) -> list[list[int]]:
    """Of each track, how far its beginning and its end lie from where they should be."""
    n, edge = int(0.25 * rate), int(0.05 * rate)
    out = []
    for first, after in itertools.pairwise(starts):
        places = (first + edge, after - edge - n)
        out.append([lag(heard, wave[p : p + n], p)[0] for p in places])
    return out


def decibels(error: float) -> float:
    return round(20 * float(np.log10(max(error, 1e-9))), 1)


def report(name: str, benchmark: BenchmarkFixture, found: dict[str, Any]) -> None:
    benchmark.extra_info.update(found)
    print(name, json.dumps(found))  # noqa: T201


@pytest.mark.parametrize("format", songs.FORMATS)
def test_album(pulse: Pulse, tmp_path: Path, benchmark: BenchmarkFixture, format: str) -> None:
    """Twelve tracks cut out of one wave, on an output of the album's own rate."""
    priority = give_priority(pulse)
    rate = 48000 if format == "opus" else pulse.rate
    if rate != pulse.rate:
        add_output(pulse, rate)
    starts = np.cumsum([0, *lengths(rate)]).tolist()
    wave = album_wave(rate, starts[-1], format in LOSSY)
    paths = [
        songs.write(tmp_path / f"{i:02}", wave[a:b], rate, format)
        for i, (a, b) in enumerate(itertools.pairwise(starts))
    ]

    heard, seen = benchmark.pedantic(play, (pulse, paths, rate, tmp_path), rounds=1)

    decoded = np.concatenate([straight(path, rate) for path in paths])
    own = compare(heard, Source(decoded), len(decoded), rate)
    found: dict[str, Any] = {
        "frames added": len(heard) - len(wave),
        "faults of the player": [asdict(fault) for fault in own],
        **seen,
        "server's priority": priority,
    }
    if format in LOSSY:
        moved = lags(heard, wave, starts, rate)
        found["tracks moved by"] = moved
        lost = sum(abs(b[0] - a[1]) for a, b in itertools.pairwise(moved))
        lost += sum(abs(end - begin) for begin, end in moved)
    else:
        faults = compare(heard, Source(wave), len(wave), rate)
        found["faults"] = [asdict(fault) for fault in faults]
        lost = sum(max(fault.wrong, abs(fault.step)) for fault in faults)
    found["lost or added at joins"] = lost
    report(format, benchmark, found)
    assert not own
    assert lost == 0 or format in UNTRIMMED


@pytest.mark.parametrize(("of", "on"), [(48000, 44100), (44100, 48000), (96000, 44100)])
def test_album_of_another_rate(
    pulse: Pulse, tmp_path: Path, benchmark: BenchmarkFixture, of: int, on: int
) -> None:
    """One wave in twelve files, resampled while it plays: as if resampled in one piece."""
    give_priority(pulse)
    if on != pulse.rate:
        add_output(pulse, on)
    starts = np.cumsum([0, *lengths(of)]).tolist()
    wave = album_wave(of, starts[-1], True)
    paths = [
        songs.write(tmp_path / f"{i:02}", wave[a:b], of, "flac")
        for i, (a, b) in enumerate(itertools.pairwise(starts))
    ]

    heard, seen = benchmark.pedantic(play, (pulse, paths, on, tmp_path), rounds=1)

    wanted = soxr.resample(wave, of, on)
    ends = [round(start * on / of) for start in starts]
    away, _ = lag(heard, wanted[: on // 2], 0)  # an edge's ringing may sound before its frame
    moved = lags(heard[max(0, away) :], wanted, ends, on)
    n = min(len(heard) - away, len(wanted))
    error = np.abs(heard[away : away + n] - wanted[:n]).max(1)
    near = [error[max(0, e - 200) : e + 200].max() for e in ends[1:-1]]
    far = np.ones(n, bool)
    for e in ends:
        far[max(0, e - 200) : e + 200] = False
    report(
        f"{of} on {on}",
        benchmark,
        {
            "tracks moved by": moved,
            "frames added": len(heard) - away - len(wanted),
            "worst error near joins, dB": [decibels(e) for e in near],
            "worst error elsewhere, dB": decibels(error[far].max()),
            **seen,
        },
    )
    assert moved == [[0, 0]] * TRACKS


def test_album_of_mixed_rates(pulse: Pulse, tmp_path: Path, benchmark: BenchmarkFixture) -> None:
    """Tracks of different rates in turn, each where the sum of the lengths before it ends."""
    give_priority(pulse)
    rates = [(44100, 48000, 96000, 22050, 88200, 32000)[i % 6] for i in range(TRACKS)]
    waves = [
        album_wave(rate, round(TRACK_S * rate) + 131 * i + 7, True) for i, rate in enumerate(rates)
    ]
    paths = [
        songs.write(tmp_path / f"{i:02}", wave, rate, ("flac", "wav")[i % 2])
        for i, (wave, rate) in enumerate(zip(waves, rates, strict=True))
    ]

    heard, seen = benchmark.pedantic(play, (pulse, paths, pulse.rate, tmp_path), rounds=1)

    pieces = [soxr.resample(w, r, pulse.rate) for w, r in zip(waves, rates, strict=True)]
    seconds = np.cumsum([0.0, *[len(w) / r for w, r in zip(waves, rates, strict=True)]])
    starts = np.round(seconds * pulse.rate).astype(int).tolist()
    n = pulse.rate // 4
    moved = [
        [
            lag(heard, piece[edge : edge + n], start + edge)[0]
            for edge in (2000, len(piece) - n - 2000)
        ]
        for piece, start in zip(pieces, starts, strict=False)
    ]
    faults = [
        asdict(f)
        for f in compare(
            heard, Source(np.concatenate([straight(p, pulse.rate) for p in paths])),
            sum(len(straight(p, pulse.rate)) for p in paths), pulse.rate,
        )
    ]  # fmt: skip
    report(
        "mixed rates",
        benchmark,
        {
            "rates": rates,
            "tracks moved by": moved,
            "frames added": len(heard) - starts[-1],
            "faults of the player": faults,
            **seen,
        },
    )
    assert max(abs(end - begin) for begin, end in moved) == 0
