"""What the demo's instruments are built of: phases, envelopes, band-limited wave tables (numpy)."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

RATE = 44_100
TABLE = 2048

Audio = npt.NDArray[np.float32]
Wide = npt.NDArray[np.float64]


def hz(pitch: float) -> float:
    """Frequency of a MIDI number."""
    return float(440.0 * 2 ** ((pitch - 69) / 12))


def turns(frequency: float | Wide, n: int) -> Wide:
    """Phase in cycles, wrapped to 0…1, of a steady or changing frequency."""
    if isinstance(frequency, float):
        phase = np.arange(n) * (frequency / RATE)
    else:
        phase = np.cumsum(frequency) / RATE
    wrapped: Wide = phase - np.floor(phase)
    return wrapped


def sine(frequency: float | Wide, n: int) -> Audio:
    return np.sin((2 * np.pi * turns(frequency, n)).astype(np.float32))


def envelope(
    n: int, gate: float, attack: float, decay: float, sustain: float, release: float
) -> Audio:
    """Exponential ADSR; ``gate`` is when the key is let go, all in seconds. Ends at zero."""
    t = np.arange(n, dtype=np.float32) / np.float32(RATE)
    shape = sustain + (1 - sustain) * np.exp(-np.maximum(t - attack, 0) / decay)
    shape *= np.sin(np.minimum(t / max(attack, 0.001), 1) * np.float32(np.pi / 2)) ** 2
    shape *= np.exp(-np.maximum(t - gate, 0) / release)
    tail = min(n, 300)
    shape[n - tail :] *= np.linspace(1, 0, tail, dtype=np.float32)
    finished: Audio = shape.astype(np.float32)
    return finished


def harmonics(shape: str, count: int) -> Wide:
    """Amplitudes of the first ``count`` partials of a named wave."""
    k = np.arange(1, count + 1, dtype=np.float64)
    if shape == "saw":
        return 1 / k
    if shape == "square":
        return (k % 2) / k
    if shape == "triangle":
        return (k % 2) / k**2
    if shape == "quarter":
        return np.sin(np.pi * k / 4) / k
    if shape == "eighth":
        return np.sin(np.pi * k / 8) / k
    if shape == "reed":
        reed: Wide = (k % 2 + 0.25 * (k % 2 == 0)) / k**0.8 * np.exp(-k / 7)
        return reed
    drawbars = {1: 1.0, 2: 0.8, 3: 0.5, 4: 0.25, 6: 0.15, 8: 0.1}
    return np.array([drawbars.get(int(i), 0.0) for i in k])


def resonances(freqs: Wide, cutoff: float, peak: float) -> Wide:
    """Gain of a four-pole low-pass with a resonant ``peak`` (1 = none)."""
    x = freqs / cutoff
    return 1 / np.sqrt((1 - x**2) ** 2 + (x / peak) ** 2) / np.sqrt(1 + x**4)


@lru_cache(maxsize=256)
def tables(shape: str, f0: float, cutoffs: tuple[float, ...], peak: float = 0.8) -> Audio:
    """(levels, TABLE + 1) single periods of a wave behind a filter at each cutoff, band-limited."""
    count = max(1, min(int(15_000 / f0), TABLE // 2 - 1))
    amplitudes = harmonics(shape, count)
    freqs = f0 * np.arange(1, count + 1, dtype=np.float64)
    rows = []
    for cutoff in cutoffs:
        spectrum = np.zeros(TABLE // 2 + 1, dtype=np.complex128)
        spectrum[1 : count + 1] = -1j * amplitudes * resonances(freqs, cutoff, peak)
        row = np.fft.irfft(spectrum) * (TABLE / 2)
        rows.append(np.append(row, row[0]))
    return np.array(rows, dtype=np.float32)


def scan(bank: Audio, phase: Wide, level: float | Audio) -> Audio:
    """Read a bank of periods at ``phase`` (cycles) and a fractional row ``level``."""
    position = phase * TABLE
    index = position.astype(np.intp)
    fraction = (position - index).astype(np.float32)
    flat = bank.ravel()  # one flat index is read several times faster than two

    def read(where: npt.NDArray[np.intp]) -> Audio:
        near: Audio = flat[where]
        return near + (flat[where + 1] - near) * fraction

    if isinstance(level, int | float):
        return read(index + round(level) * (TABLE + 1))
    top = len(bank) - 1
    clipped = np.clip(level, 0, top)
    below = np.minimum(clipped.astype(np.intp), max(top - 1, 0))
    index += below * (TABLE + 1)
    lower = read(index)
    upper = read(index + (TABLE + 1 if top else 0))
    return lower + (upper - lower) * (clipped - below).astype(np.float32)


def vibrato(pitch: float, n: int, depth: float, rate: float, delay: float, turn: float) -> Wide:
    """Frequency curve with a vibrato that comes in late; ``depth`` in semitones."""
    t = np.arange(n) / RATE
    swell = np.clip((t - delay) / 0.4, 0, 1) * depth
    return hz(pitch) * 2 ** (swell * np.sin(2 * np.pi * (rate * t + turn)) / 12)
