"""How loud a recording is: ITU-R BS.1770-4 as EBU R128 uses it. On whatever thread decodes.

Loudness is in LUFS; peaks are linear, 1.0 the largest sample that a file of whole numbers holds.
Two choices are ours. Mono counts as it is heard, from both sides, which is 3 LU more than a meter
says that takes it for one loudspeaker: so a mono song is played as loud as the same song on two
equal channels. And what is shorter than the 400 ms of a block is measured as one.
"""

import math
import os
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.audio.decoding.sources import Block, unreadable
from sliders_desktop.audio.decoding.spans import WHOLE, Span
from sliders_desktop.audio.files import ENOUGH_S, Decoder

TARGET_LUFS = -18.0  # of ReplayGain 2.0, and what tags and measurements are brought to

_SILENCE_LUFS = -70.0  # the absolute gate
_RELATIVE = 0.1  # the relative one, 10 LU below the mean
_OFFSET_LU = -0.691  # K-weighting lifts a tone of 1 kHz by that
_HOPS = 4  # of 100 ms in a block of 400 ms

_STEP_LU = 0.05  # of the histogram,
_STEPS = 2000  # which goes up to +30 LUFS

_ENOUGH_HZ = 192_000  # four times the 48 kHz of the recommendation


@dataclass(frozen=True)
class Loudness:
    """``lufs`` is None if all is silent; ``blocks`` says how loud its moments are, packed."""

    lufs: float | None
    peak: float
    blocks: bytes


class Meter:
    """Hears a recording as it is decoded, then says how loud it is."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget what was heard."""
        self._runs: list[_Run] = []
        self._open = False  # whether the last run goes on
        self._peak = np.zeros(1, np.float32)

    def hear(self, block: Block, rate: int) -> None:
        """The next frames (n, 1 or 2) at ``rate``."""
        channels = block.shape[1]
        if not self._open or (rate, channels) != (self._runs[-1].rate, self._runs[-1].channels):
            self._runs.append(_Run(rate, channels, after_silence=not self._runs))
            self._open = True
        self._runs[-1].hear(block, self._peak)

    def gap(self) -> None:
        """What is heard next does not follow what was heard before."""
        self._open = False

    def loudness(self) -> Loudness:
        """Of all that was heard."""
        if self._runs:
            self._runs[-1].end(self._peak)
        self._open = False
        energies = np.concatenate([np.zeros(0), *(run.blocks() for run in self._runs)])
        if not len(energies) and self._runs:
            energies = np.array([max(run.mean() for run in self._runs)])
        energies = energies[energies > _energy(_SILENCE_LUFS)]
        return Loudness(
            _gated(energies, np.ones(len(energies))), float(self._peak[0]), _packed(energies)
        )


def of_file(
    path: str | os.PathLike[str], check: Callable[[], None], span: Span = WHOLE
) -> Loudness:
    """Of a file, or a ``span`` of it, read through; `FileUnreadable` as in `files.decode`.

    ``check`` is called many times a second and may raise.
    """
    meter = Meter()
    seconds = 0.0
    with Decoder(path, None, mono=True, span=span) as decoder:
        decoder.tap = meter.hear
        while len(block := decoder.read()):
            check()
            seconds += len(block) / decoder.rate
        if seconds < ENOUGH_S and (decoder.damaged or not seconds):
            raise unreadable(path)
    return meter.loudness()


def combined(blocks: Iterable[bytes]) -> float | None:
    """Loudness of several recordings as one, from their `Loudness.blocks`; None if silent.

    Within 0.1 LU of what a meter says that hears one after the other.
    """
    counts = sum((_unpacked(packed) for packed in blocks), np.zeros(_STEPS))
    steps = _SILENCE_LUFS + _STEP_LU * (np.arange(_STEPS) + 0.5)
    return _gated(10 ** ((steps - _OFFSET_LU) / 10), counts)


class _Run:
    """An uninterrupted stretch at one rate, mono or stereo."""

    def __init__(self, rate: int, channels: int, after_silence: bool) -> None:
        from sliders_desktop.audio import loudness_kernels

        self._kernels = loudness_kernels
        self.rate, self.channels = rate, channels
        self._hop = max(1, rate // 10)
        self._filters = k_weighting(rate)
        self._states = np.zeros((channels, 4))
        self._filled = np.zeros(2)  # sum of squares, and count, of the hop at hand
        self._hops: list[NDArray[np.float64]] = []
        self._phases = between(rate)
        # What is looked at once more, with what follows.
        silence = loudness_kernels.TAPS if after_silence else 0
        self._tail = np.zeros((channels, silence), np.float32)

    def hear(self, block: Block, peak: NDArray[np.float32]) -> None:
        """The next frames (n, channels); raises ``peak`` (1,) to theirs."""
        start = self._tail.shape[1]
        rows = np.empty((self.channels, start + len(block)), np.float32)
        rows[:, :start] = self._tail
        self._kernels.put(np.ascontiguousarray(block), rows, start)
        energies = np.empty(len(block) // self._hop + 1)
        full = self._kernels.weigh(
            rows, start, self._filters, self._states, self._filled, self._hop, energies
        )
        if full:
            self._hops.append(energies[:full])
        self._tail = rows[:, self._kernels.true_peak(rows, self._phases, peak) :].copy()

    def end(self, peak: NDArray[np.float32]) -> None:
        """Nothing follows but silence."""
        silence = np.zeros((self.channels, 2 * self._kernels.WINDOW), np.float32)
        rows = np.concatenate([self._tail, silence], axis=1)
        self._kernels.true_peak(rows, self._phases, peak)

    def blocks(self) -> NDArray[np.float64]:
        """Mean squares of the blocks of 400 ms, three quarters of each shared with the next."""
        hops = np.concatenate([np.zeros(0), *self._hops])
        count = max(0, len(hops) - _HOPS + 1)
        shared = np.zeros(count)
        for at in range(_HOPS):
            shared += hops[at : at + count]
        return shared * (self._sides / _HOPS)

    def mean(self) -> float:
        """Of what is too short for a block."""
        total = sum(float(hops.sum()) for hops in self._hops) * self._hop + self._filled[0]
        frames = sum(map(len, self._hops)) * self._hop + self._filled[1]
        return float(self._sides * total / max(1.0, frames))

    @property
    def _sides(self) -> int:
        return 2 if self.channels == 1 else 1  # where squares of both channels are in the sum


def k_weighting(rate: int) -> NDArray[np.float64]:
    """b0, b1, b2, a1, a2 of the two filters of BS.1770-4 at any rate, (10,).

    The recommendation lists them at 48 kHz only. These are the analogue filters behind its
    numbers, found by Mansbridge, Finn and Reiss ("Implementation and Evaluation of Autonomous
    Multi-track Fader Control", 2012), through the bilinear transform.
    """
    k = math.tan(math.pi * min(1681.974450955533 / rate, 0.45))
    q, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = [high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k]
    shelf = [x / a0 for x in (*shelf, 2 * (k * k - 1), 1 - k / q + k * k)]
    k, q = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    return np.array([*shelf, 1, -2, 1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])


def between(rate: int) -> NDArray[np.float32]:
    """Filters (p, taps) for the points between two samples that make up 192 kHz; p may be 0."""
    from sliders_desktop.audio import loudness_kernels

    factor = 4 if rate < _ENOUGH_HZ // 2 else 2 if rate < _ENOUGH_HZ else 1
    taps = loudness_kernels.TAPS
    at = np.arange(taps) - (taps // 2 - 1)
    points = np.arange(1, factor)[:, None] / factor
    window = np.i0(6.0 * np.sqrt(1 - (2 * (at - points) / taps) ** 2)) / np.i0(6.0)
    filters = np.sinc(at - points) * window
    filters /= filters.sum(axis=1, keepdims=True)
    return np.asarray(filters, np.float32)


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_LU) / 10))


def _gated(energies: NDArray[np.float64], counts: NDArray[np.float64]) -> float | None:
    """Loudness of blocks above the absolute gate, with ``counts`` of each; None if none."""
    if not counts.sum():
        return None
    loud = energies > _RELATIVE * np.average(energies, weights=counts)
    mean = np.average(energies[loud], weights=counts[loud])
    return float(_OFFSET_LU + 10 * math.log10(mean))


def _packed(energies: NDArray[np.float64]) -> bytes:
    """A histogram in steps of 0.05 LU: the first step in use, then counts, compressed."""
    steps = (_OFFSET_LU + 10 * np.log10(energies) - _SILENCE_LUFS) / _STEP_LU
    counts = np.bincount(np.clip(steps.astype(int), 0, _STEPS - 1))
    first = int(np.argmax(counts > 0)) if len(counts) else 0
    return zlib.compress(np.array([first, *counts[first:]], "<u4").tobytes())


def _unpacked(blocks: bytes) -> NDArray[np.float64]:
    counts = np.zeros(_STEPS)
    if blocks:
        first, *found = np.frombuffer(zlib.decompress(blocks), "<u4").tolist()
        counts[first : first + len(found)] = found
    return counts
