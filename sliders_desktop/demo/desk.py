"""The mixing desk of the demo: strips, sends to a hall and a tape echo, and the master (numpy).

Stereo arrays are (2, n) float32 at `RATE`.
"""

from typing import Any

import numpy as np

from sliders_desktop.demo.sources import RATE, Audio

_BLOCK = 1 << 16


def sections(kind: str, freq: float | tuple[float, float], order: int = 2) -> Any:
    """Second-order sections of a Butterworth filter."""
    from scipy import signal

    return signal.butter(order, freq, kind, fs=RATE, output="sos")


def filtered(x: Audio, kind: str, freq: float | tuple[float, float], order: int = 2) -> Audio:
    """``x`` (…, n) through a Butterworth filter, a block at a time so that nothing waits long."""
    from scipy import signal

    return _run(signal.sosfilt, sections(kind, freq, order), x)


def _run(sosfilt: Any, sos: Any, x: Audio) -> Audio:
    out = np.empty_like(x)
    state = np.zeros((len(sos), *x.shape[:-1], 2))
    for start in range(0, x.shape[-1], _BLOCK):
        part, state = sosfilt(sos, x[..., start : start + _BLOCK], zi=state)
        out[..., start : start + _BLOCK] = part
    return out


def swept(x: Audio, cutoffs: Audio) -> Audio:
    """``x`` (2, n) through a low-pass whose cutoff follows ``cutoffs`` (one value per 1,024)."""
    from scipy import signal

    out = np.empty_like(x)
    state = np.zeros((1, 2, 2))
    for i, start in enumerate(range(0, x.shape[-1], 1024)):
        sos = sections("lowpass", float(cutoffs[min(i, len(cutoffs) - 1)]))
        out[:, start : start + 1024], state = signal.sosfilt(
            sos, x[:, start : start + 1024], zi=state
        )
    return out


def loud(x: Audio) -> float:
    """RMS of the louder 50 ms blocks: how strong a part is while it plays."""
    block = RATE // 20
    m = x.shape[-1] // block * block
    power = np.mean(x[:, :m].reshape(x.shape[0], -1, block) ** 2, axis=(0, 2))
    return float(np.sqrt(np.percentile(power, 92)))


class Desk:
    """Collects strips into a dry bus and two sends; `master` makes the finished piece."""

    def __init__(self, seconds: float, seed: int) -> None:
        self.n = int(seconds * RATE)
        self.seconds = seconds
        self.rng = np.random.default_rng(seed)
        self.dry = np.zeros((2, self.n), dtype=np.float32)
        self.hall = np.zeros((2, self.n), dtype=np.float32)
        self.echo = np.zeros((2, self.n), dtype=np.float32)

    def strip(self) -> Audio:
        """An empty stereo part."""
        return np.zeros((2, self.n), dtype=np.float32)

    def put(self, strip: Audio, sound: Audio, at_s: float, gain: float = 1.0, pan: float = 0.0) -> None:
        """Add a mono or stereo sound at a time; ``pan`` -1 left … 1 right, equal power."""
        start = max(0, int(at_s * RATE))
        sound = sound[..., : max(0, self.n - start)]
        end = start + sound.shape[-1]
        angle = (pan + 1) * np.pi / 4
        left, right = np.float32(gain * np.cos(angle)), np.float32(gain * np.sin(angle))
        if sound.ndim == 2:
            strip[:, start:end] += np.float32(gain) * sound
        else:
            strip[0, start:end] += left * sound
            strip[1, start:end] += right * sound

    def out(self, strip: Audio, level_db: float, hall: float = 0.0, echo: float = 0.0) -> None:
        """Bring a strip to a loudness while it plays, and send it on."""
        now = loud(strip)
        if now < 1e-7:
            return
        strip *= np.float32(10 ** (level_db / 20) / now)
        self.dry += strip
        if hall:
            self.hall += np.float32(hall) * strip
        if echo:
            self.echo += np.float32(echo) * strip

    def master(
        self, hall_s: float = 1.8, hall_bright: float = 0.5, echo_s: float = 0.0,
        feedback: float = 0.5, loudness_db: float = -16.0, fade_s: float = 2.0,
    ) -> Audio:
        """The finished piece: sends returned, rumble cut, levelled, limited, faded."""
        mix = self.dry
        if echo_s:
            wet = tape_echo(self.echo, echo_s, feedback)
            mix = mix + wet
            self.hall += np.float32(0.25) * wet
        mix = mix + reverberated(self.hall, hall_s, hall_bright)
        mix = filtered(mix, "highpass", 28.0)
        mix *= np.float32(10 ** ((loudness_db - loudness(mix)) / 20))
        mix = limited(mix, 0.84)
        fade = int(fade_s * RATE)
        mix[:, -fade:] *= np.cos(np.linspace(0, np.pi / 2, fade, dtype=np.float32)) ** 2
        mix[:, :220] *= np.linspace(0, 1, 220, dtype=np.float32)
        return mix


def reverberated(send: Audio, seconds: float, bright: float) -> Audio:
    """A synthetic hall: early reflections, then noise that darkens as it dies."""
    from scipy import signal

    rng = np.random.default_rng(99)
    n = int(seconds * 1.1 * RATE)
    t = np.arange(n, dtype=np.float32) / np.float32(RATE)
    impulse = np.zeros((2, n), dtype=np.float32)
    for low, high, life in ((120.0, 900.0, 1.0), (900.0, 3500.0, 0.8), (3500.0, 11_000.0, 0.45)):
        noise = rng.standard_normal((2, n), dtype=np.float32)
        gain = 1.0 if high < 3000 else (0.25 + bright if high < 5000 else bright * 0.8)
        decay = np.exp(t * np.float32(-6.9 / (seconds * life)))
        impulse += filtered(noise, "bandpass", (low, high)) * decay * np.float32(gain)
    impulse *= np.clip((t - 0.012) / 0.02, 0, 1)
    for _ in range(9):
        where = int(rng.uniform(0.006, 0.05) * RATE)
        impulse[rng.integers(2), where] += rng.uniform(0.5, 1.5) * (1.2 - where / (0.06 * RATE))
    impulse /= np.sqrt((impulse**2).sum() / 2)
    wet: Audio = signal.oaconvolve(send, impulse, axes=1)[:, : send.shape[1]]
    return wet.astype(np.float32)


def tape_echo(send: Audio, delay_s: float, feedback: float) -> Audio:
    """Repeats that change sides, each darker and thinner than the last."""
    d = int(delay_s * RATE)
    out = np.zeros_like(send)
    previous = filtered(filtered(send, "lowpass", 3800.0, 1), "highpass", 180.0, 1)
    gain = 1.0
    for i in range(1, 12):
        if i * d >= send.shape[1] or gain < 0.02:
            break
        previous = filtered(previous, "lowpass", 3200.0, 1)
        shifted = previous[:, : send.shape[1] - i * d]
        mid, side = shifted.mean(axis=0) * 0.9, i % 2
        out[side, i * d :] += np.float32(gain) * mid
        out[1 - side, i * d :] += np.float32(gain * 0.35) * mid
        gain *= feedback
    return out


def loudness(x: Audio) -> float:
    """About LUFS: a high-pass and a presence shelf, blocks of 400 ms, quiet ones left out."""
    weighted = filtered(x, "highpass", 60.0)
    weighted = weighted + np.float32(0.58) * filtered(weighted, "highpass", 1500.0)
    block = int(0.4 * RATE)
    m = x.shape[1] // block * block
    power = (weighted[:, :m].reshape(2, -1, block) ** 2).mean(axis=2).sum(axis=0)
    power = power[power > 1e-7]
    if not len(power):
        return -70.0
    power = power[power > power.mean() * 0.1]
    return float(10 * np.log10(power.mean()) - 0.7)


def limited(x: Audio, ceiling: float) -> Audio:
    """Peaks held under ``ceiling`` by a gain that moves ahead of them, over 8 ms."""
    from scipy import ndimage

    width = int(0.008 * RATE) | 1
    peak = ndimage.maximum_filter1d(np.abs(x).max(axis=0), width)
    gain = np.minimum(1.0, ceiling / np.maximum(peak, 1e-6))
    gain = ndimage.uniform_filter1d(gain.astype(np.float64), width)
    return x * gain.astype(np.float32)


def ducked(strip: Audio, hits_s: list[float], depth: float, recover_s: float) -> Audio:
    """The strip steps back at every hit: the pumping of a side-chained compressor."""
    gain = np.ones(strip.shape[1], dtype=np.float32)
    m = int(4 * recover_s * RATE)
    dip = 1 - depth * np.exp(-np.arange(m, dtype=np.float32) / np.float32(recover_s * RATE))
    dip[: RATE // 200] = np.linspace(1, dip[RATE // 200], RATE // 200)
    for hit in hits_s:
        start = int(hit * RATE)
        part = gain[start : start + m]
        np.minimum(part, dip[: len(part)], out=part)
    return strip * gain
