"""The instruments of the demo: one function, one note, as float32 mono at `RATE`.

Pure functions of their arguments, so that callers may cache notes that return.
"""

import numpy as np

from sliders_desktop.demo.sources import (
    RATE,
    Audio,
    envelope,
    hz,
    scan,
    sine,
    tables,
    turns,
    vibrato,
)


def piano(pitch: int, seconds: float, velocity: float) -> Audio:
    """Struck strings: stiff partials, two strings a note, two-stage decay, felt on the hammer."""
    f0 = hz(pitch)
    ring = seconds + 0.45
    n = int(ring * RATE)
    out = np.zeros(n, dtype=np.float32)
    body = float(np.clip(6.5 - (pitch - 40) * 0.085, 0.9, 7.0))
    soft = 2.6 + 7.5 * velocity - (pitch - 60) * 0.03
    stiffness = 0.00025 * 2 ** ((pitch - 60) / 14)
    for k in range(1, min(26, int(9_000 / f0)) + 1):
        f = f0 * k * np.sqrt(1 + stiffness * k * k)
        felt = np.exp(-f / (1500 + 2600 * velocity))
        level = abs(np.sin(np.pi * k / 7.3)) / k**0.6 * np.exp(-k / soft) * felt
        if level < 0.0004:
            continue
        life = body / (1 + 0.22 * k) / (1 + f / 5000)
        m = min(n, int(life * 6 * RATE))
        t = np.arange(m, dtype=np.float32) / np.float32(RATE)
        shape = 0.7 * np.exp(t * np.float32(-4.5 / life))
        shape += 0.3 * np.exp(t * np.float32(-0.8 / life))
        tone = sine(float(f * 0.9998), m)
        if k <= 4:
            tone = 0.6 * tone + 0.4 * sine(float(f * 1.0006), m)
        out[:m] += np.float32(level) * shape * tone
    rng = np.random.default_rng(pitch)
    knock = min(n, int(0.03 * RATE))
    thump = np.convolve(rng.standard_normal(knock), np.ones(24) / 24, "same")
    out[:knock] += (0.25 * velocity * thump * np.linspace(1, 0, knock) ** 3).astype(np.float32)
    return out * envelope(n, seconds, 0.003, 60.0, 1.0, 0.11) * np.float32(velocity)


def pluck(pitch: int, seconds: float, bright: float, where: float = 0.23) -> Audio:
    """A plucked string (Karplus–Strong, one period at a time); ``where`` along the string."""
    period = RATE / hz(pitch)
    whole = int(np.ceil(period))
    n = int((seconds + 0.12) * RATE)
    rng = np.random.default_rng(pitch * 7 + 1)
    burst = rng.uniform(-1, 1, whole)
    smooth = max(1, int((1.15 - bright) * 14))
    kernel = np.hanning(smooth + 2)[1:-1]
    burst = np.real(np.fft.ifft(np.fft.fft(burst) * np.fft.fft(kernel / kernel.sum(), whole)))
    burst -= np.roll(burst, max(1, int(where * whole)))
    burst -= burst.mean()
    rows = int(np.ceil(n / period)) + 2
    string = np.empty((rows, whole), dtype=np.float64)
    loss = 0.996 ** (220 / hz(pitch)) if pitch < 57 else 0.996
    keep = 0.5 + 0.4 * bright
    row = burst / (np.abs(burst).max() + 1e-9)
    last = row[-1]
    for i in range(rows):
        string[i] = row
        before = np.concatenate(([last], row[:-1]))
        last = row[-1]
        row = loss * (keep * row + (1 - keep) * before)
    # The loop is a whole number of samples long (and its filter delays a little): tune by reading.
    position = np.arange(n) * ((whole + 1 - keep) / period)
    flat = string.ravel()
    index = np.minimum(position.astype(np.int64), len(flat) - 2)
    fraction = position - index
    tone = flat[index] * (1 - fraction) + flat[index + 1] * fraction
    out: Audio = tone.astype(np.float32) * envelope(n, seconds, 0.001, 9.0, 0.3, 0.05)
    return out


def electric_piano(pitch: int, seconds: float, velocity: float) -> Audio:
    """Tines by frequency modulation; harder keys bark."""
    f0 = hz(pitch)
    n = int((seconds + 0.3) * RATE)
    t = np.arange(n, dtype=np.float32) / np.float32(RATE)
    ring = 2.2 * 2 ** ((60 - pitch) / 24)
    index = (0.35 + 1.1 * velocity) * np.exp(-t / np.float32(0.5 * ring)) + 0.12
    body = np.sin((2 * np.pi * turns(f0, n)).astype(np.float32) + index * sine(f0 * 1.001, n))
    # A high note's tine would whistle far above it.
    tine = sine(f0 * (14.02 if pitch < 62 else 7.01), n) * np.float32(min(1.0, 440 / f0))
    tone = body * np.exp(-t / np.float32(ring)) + 0.09 * velocity * tine * np.exp(-t * 9)
    tone *= envelope(n, seconds, 0.003, 60.0, 1.0, 0.09)
    out: Audio = (tone * velocity).astype(np.float32)
    return out


def bell(pitch: int, seconds: float, bright: float) -> Audio:
    """A mallet on metal: a few partials, each with its own life."""
    f0 = hz(pitch)
    n = int(seconds * RATE)
    t = np.arange(n, dtype=np.float32) / np.float32(RATE)
    out = np.zeros(n, dtype=np.float32)
    for ratio, level, life in (
        (1, 1, 1.0),
        (2.003, 0.25, 0.6),
        (3.98, 0.5 * bright, 0.3),
        (9.1, 0.18 * bright, 0.1),
    ):
        if f0 * ratio < 8_000:
            fade = np.exp(-t * np.float32(4.5 / (life * seconds)))
            out += np.float32(level) * sine(float(f0 * ratio), n) * fade
    return out * envelope(n, seconds, 0.002, 60.0, 1.0, 0.2)


def bowed(pitch: int, seconds: float, bright: float, player: int) -> Audio:
    """A bowed string; players differ in intonation, vibrato and bow pressure."""
    rng = np.random.default_rng(pitch * 31 + player)
    n = int((seconds + 0.35) * RATE)
    depth = 0.16 if seconds > 0.5 else 0.03
    drift = float(rng.normal(0, 0.035))
    path = vibrato(pitch + drift, n, depth, float(rng.uniform(5.0, 5.9)), 0.18, float(rng.random()))
    base = 1100 + 3200 * bright
    bank = tables("saw", round(hz(pitch), 3), (base * 0.5, base, base * 1.8), 0.75)
    attack = float(np.clip(seconds * 0.22, 0.035, 0.22))
    shape = envelope(n, seconds, attack, max(seconds, 0.3), 0.72, 0.09)
    return scan(bank, turns(path, n), shape * np.float32(1.7)) * shape


def breath(pitch: int, seconds: float, reed: float) -> Audio:
    """A blown pipe: ``reed`` 0 is a flute, 1 a melodica."""
    rng = np.random.default_rng(pitch)
    n = int((seconds + 0.2) * RATE)
    path = vibrato(pitch, n, 0.14, 4.9, 0.25, 0.0)
    path *= 1 - 0.02 * np.exp(-np.arange(n) / (0.03 * RATE))
    shape = envelope(n, seconds, 0.05, 1.5, 0.8, 0.06)
    phase = turns(path, n)
    flute = np.sin((2 * np.pi * phase).astype(np.float32))
    flute += 0.22 * np.sin((4 * np.pi * phase).astype(np.float32)) * shape
    air = np.convolve(rng.standard_normal(n).astype(np.float32), np.ones(6, np.float32) / 6, "same")
    flute += 0.05 * air
    bank = tables("reed", round(hz(pitch), 3), (2600.0,), 0.8)
    return ((1 - reed) * flute + reed * scan(bank, phase, 0)) * shape


def organ(pitch: int, seconds: float) -> Audio:
    """Drawbars with a soft click-free edge."""
    n = int((seconds + 0.06) * RATE)
    bank = tables("organ", round(hz(pitch), 3), (4000.0,), 0.8)
    return scan(bank, turns(hz(pitch), n), 0) * envelope(n, seconds, 0.006, 1.0, 0.85, 0.02)


def synth(
    pitch: int,
    seconds: float,
    shape: str,
    closed: float,
    opened: float,
    peak: float = 0.8,
    decay: float = 0.2,
    sustain: float = 0.6,
    attack: float = 0.004,
    detune: float = 0.0,
) -> Audio:
    """Oscillator into a low-pass that falls from ``opened`` to ``closed`` Hz after the attack."""
    n = int((seconds + 0.12) * RATE)
    cutoffs = tuple(float(np.round(c, 1)) for c in np.geomspace(closed, opened, 6))
    f0 = hz(pitch + detune)
    bank = tables(shape, round(f0, 3), cutoffs, peak)
    t = np.arange(n, dtype=np.float32) / np.float32(RATE)
    level = np.exp(-t / np.float32(decay)) * np.float32(5)
    loud = envelope(n, seconds, attack, max(decay, 0.05) * 2, sustain, 0.03)
    return scan(bank, turns(f0, n), level) * loud


def low_string(pitch: int, seconds: float, bright: float = 0.3) -> Audio:
    """An upright or electric bass, fingers close to the neck."""
    n = int((seconds + 0.08) * RATE)
    bank = tables("triangle", round(hz(pitch), 3), (240.0, 500.0, 1400.0), 0.9)
    t = np.arange(n, dtype=np.float32) / np.float32(RATE)
    level = (0.6 + 1.6 * bright) * np.exp(-t * 7)
    tone = scan(bank, turns(hz(pitch) * 2 ** (0.03 * np.exp(-np.arange(n) / 900)), n), level)
    return tone * envelope(n, seconds, 0.006, 0.9, 0.35, 0.04)
