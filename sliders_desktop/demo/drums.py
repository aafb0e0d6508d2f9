"""Drum synthesis: each function is one hit as float32 mono at `RATE`, shaped by a few numbers."""

import numpy as np

from sliders_desktop.demo.filters import filtered
from sliders_desktop.demo.sources import RATE, Audio, envelope, sine


def _noise(n: int, seed: int) -> Audio:
    return np.random.default_rng(seed).standard_normal(n, dtype=np.float32)


def _band(x: Audio, low: float, high: float) -> Audio:
    return filtered(x, "bandpass", (low, high))


def kick(deep: float = 48.0, snap: float = 0.5, seconds: float = 0.42) -> Audio:
    """A falling sine with a click; ``snap`` 0 is felt, 1 is plastic."""
    n = int(seconds * RATE)
    t = np.arange(n) / RATE
    fall = deep * (1 + (2.2 + 3 * snap) * np.exp(-t / 0.028))
    body = sine(fall, n) * envelope(n, 0.02, 0.002, seconds / 3.2, 0.0, 9.0)
    click = _band(_noise(n, 1), 1200, 6000) * np.exp(-t / 0.004).astype(np.float32)
    hit: Audio = np.tanh(1.6 * body) * np.float32(0.9) + np.float32(0.35 * snap) * click
    return hit


def snare(tone: float = 185.0, bright: float = 0.5, seconds: float = 0.24, seed: int = 2) -> Audio:
    """Two drum modes under wires."""
    n = int(seconds * RATE)
    t = np.arange(n, dtype=np.float32) / np.float32(RATE)
    shell = (sine(tone, n) + 0.6 * sine(tone * 1.58, n)) * np.exp(-t * 26)
    wires = _band(_noise(n, seed), 900 + 900 * bright, 5000 + 7000 * bright)
    wires *= np.exp(-t * np.float32(5.5 / seconds))
    hit: Audio = (0.55 * shell + 0.9 * wires) * envelope(n, seconds, 0.001, 9.0, 1.0, 0.1)
    return hit


def clap(seconds: float = 0.26) -> Audio:
    """Four hands, not quite together."""
    n = int(seconds * RATE)
    t = np.arange(n) / RATE
    shape = 0.8 * np.exp(-np.maximum(t - 0.03, 0) / 0.06) * (t >= 0.03)
    for start in (0.0, 0.011, 0.021):
        shape += (t >= start) * np.exp(-np.maximum(t - start, 0) / 0.0045) * (t < 0.034)
    hit: Audio = (
        _band(_noise(n, 3), 800, 4200)
        * shape.astype(np.float32)
        * envelope(n, seconds, 0.001, 9.0, 1.0, 0.1)
    )
    return hit


def hat(seconds: float = 0.05, bright: float = 0.5, seed: int = 4) -> Audio:
    """Closed when short, open when long: six square waves that never agree, and noise."""
    n = int((seconds * 3 + 0.01) * RATE)
    t = np.arange(n, dtype=np.float32) / np.float32(RATE)
    metal = np.zeros(n, dtype=np.float32)
    for ratio in (2.0, 3.0, 4.16, 5.43, 6.79, 8.21):
        metal += np.sign(sine(317.0 * ratio, n))
    mix = _band(0.12 * metal + 0.5 * _noise(n, seed), 5500 + 2500 * bright, 15_000)
    mix *= np.exp(-t / np.float32(seconds))
    hit: Audio = mix * envelope(n, seconds * 3, 0.001, 9.0, 1.0, 0.02)
    return hit


def ride(seconds: float = 0.9) -> Audio:
    """A jazz cymbal: ping, then shimmer."""
    n = int(seconds * RATE)
    t = np.arange(n, dtype=np.float32) / np.float32(RATE)
    ping = np.zeros(n, dtype=np.float32)
    for f in (2953.0, 3807.0, 4511.0, 5279.0, 6421.0, 7717.0):
        ping += sine(f, n)
    wash = _band(_noise(n, 5), 4000, 12_000)
    out = 0.06 * ping * np.exp(-t * 9) + 0.2 * wash * np.exp(-t * 5)
    hit: Audio = out * envelope(n, seconds, 0.002, 9.0, 1.0, 0.1)
    return hit


def brush(seconds: float = 0.35, seed: int = 6) -> Audio:
    """A wire brush swept across a snare head."""
    n = int(seconds * RATE)
    swell = np.sin(np.linspace(0, np.pi, n)).clip(0).astype(np.float32) ** 1.5
    hit: Audio = _band(_noise(n, seed), 900, 4800) * swell * np.float32(0.5)
    return hit


def rim(tone: float = 1650.0) -> Audio:
    """A cross-stick."""
    n = int(0.09 * RATE)
    t = np.arange(n, dtype=np.float32) / np.float32(RATE)
    wood = sine(tone, n) * np.exp(-t * 90) + 0.7 * sine(tone * 0.41, n) * np.exp(-t * 60)
    hit: Audio = wood * envelope(n, 0.09, 0.001, 9.0, 1.0, 0.02)
    return hit


def shaker(seconds: float = 0.09, seed: int = 7) -> Audio:
    """Seeds thrown forward."""
    n = int(seconds * RATE)
    swell = np.sin(np.linspace(0, np.pi, n, dtype=np.float32)) ** 2
    hit: Audio = _band(_noise(n, seed), 4500, 11_000) * swell * np.float32(0.6)
    return hit


def tom(tone: float, seconds: float = 0.35) -> Audio:
    """A skin drum, also a hand drum when short."""
    n = int(seconds * RATE)
    t = np.arange(n) / RATE
    body = sine(tone * (1 + 0.5 * np.exp(-t / 0.03)), n) * np.exp(-t * 11).astype(np.float32)
    skin = _band(_noise(n, 8), 300, 2500) * np.exp(-t * 90).astype(np.float32)
    hit: Audio = (body + 0.4 * skin) * envelope(n, seconds, 0.001, 9.0, 1.0, 0.05)
    return hit
