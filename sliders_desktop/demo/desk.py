"""The mixing desk of the demo: strips, sends to a hall and a tape echo, and the master.

Stereo arrays are (2, n) float32 at `RATE`.
"""

import numpy as np

from sliders_desktop.demo.filters import Spectrum, fast_length, hall, response
from sliders_desktop.demo.sources import RATE, Audio


def loud(x: Audio) -> float:
    """RMS of the 50 ms blocks that are not silent: how strong a part is while it plays."""
    block = RATE // 20
    m = x.shape[-1] // block * block
    power = np.mean(x[:, :m].reshape(x.shape[0], -1, block) ** 2, axis=(0, 2))
    return float(np.sqrt(power[power >= 0.05 * power.max()].mean()))


class Desk:
    """Collects strips into a dry bus and two sends; `master` makes the finished piece."""

    def __init__(self, seconds: float, seed: int) -> None:
        self.n = int(seconds * RATE)
        self.seconds = seconds
        self.rng = np.random.default_rng(seed)
        self.dry = np.zeros((2, self.n), dtype=np.float32)
        self.hall = np.zeros((2, self.n), dtype=np.float32)
        self.echo = np.zeros(self.n, dtype=np.float32)

    def strip(self) -> Audio:
        """An empty stereo part."""
        return np.zeros((2, self.n), dtype=np.float32)

    def put(
        self, strip: Audio, sound: Audio, at_s: float, gain: float = 1.0, pan: float = 0.0
    ) -> None:
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
        if not now > 1e-7:
            return
        strip *= np.float32(10 ** (level_db / 20) / now)
        self.dry += strip
        if hall:
            self.hall += np.float32(hall) * strip
        if echo:
            self.echo += np.float32(0.9 * echo) * strip.mean(axis=0)

    def master(
        self,
        hall_s: float = 1.8,
        hall_bright: float = 0.5,
        echo_s: float = 0.0,
        feedback: float = 0.5,
        loudness_db: float = -16.0,
        fade_s: float = 2.0,
        lowpass: float = 19_000.0,
    ) -> Audio:
        """The finished piece: sends returned, rumble cut, levelled, limited, faded."""
        impulse = hall(hall_s, hall_bright)
        m = fast_length(self.n + impulse.shape[1])
        spectrum = np.fft.rfft(self.dry, m) * response("lowpass", lowpass, m)
        wet = np.fft.rfft(self.hall, m)
        if echo_s:
            send = np.fft.rfft(self.echo, m).astype(np.complex64)
            repeats = tape_echo(send, m, echo_s, feedback, m - self.n)
            spectrum += repeats
            wet += np.float32(0.25) * repeats
        spectrum += wet * np.fft.rfft(impulse, m)
        spectrum *= response("highpass", 28.0, m)
        mix = np.fft.irfft(spectrum, m)[:, : self.n].astype(np.float32)
        # Loudness about as broadcasters weigh it: no rumble, a little more of what is present.
        spectrum *= 1 + np.float32(0.58) * response("highpass", 1500.0, m)
        spectrum *= response("highpass", 60.0, m)
        heard = loudness(np.fft.irfft(spectrum, m)[:, : self.n].astype(np.float32))
        mix *= np.float32(10 ** ((loudness_db - heard) / 20))
        mix = limited(mix, 0.81)
        fade = int(fade_s * RATE)
        mix[:, -fade:] *= np.cos(np.linspace(0, np.pi / 2, fade, dtype=np.float32)) ** 2
        mix[:, :220] *= np.linspace(0, 1, 220, dtype=np.float32)
        return mix


def tape_echo(send: Spectrum, m: int, delay_s: float, feedback: float, room: int) -> Spectrum:
    """Spectra (2, …) of repeats that change sides, each darker and thinner than the last.

    ``room`` samples of silence lie at the end of the transform: no repeat may come round further.
    """
    turn = -2 * np.pi * delay_s * RATE / m * np.arange(m // 2 + 1)
    once = response("lowpass", 3200.0, m, 1) * np.exp(1j * turn).astype(np.complex64)
    current = send * response("bandpass", (180.0, 3800.0), m)
    out = np.zeros((2, m // 2 + 1), dtype=np.complex64)
    for i in range(1, 9):
        if i > 2 and i * delay_s * RATE > room + 2.0 * RATE:
            break
        current = current * once
        out[i % 2] += current
        out[1 - i % 2] += np.float32(0.35) * current
        current *= np.float32(feedback)
    return out


def loudness(weighted: Audio) -> float:
    """About LUFS of weighted sound: blocks of 400 ms, quiet ones left out."""
    block = int(0.4 * RATE)
    m = weighted.shape[1] // block * block
    power = (weighted[:, :m].reshape(2, -1, block) ** 2).mean(axis=2).sum(axis=0)
    power = power[power > 1e-7]
    if not len(power):
        return -70.0
    power = power[power > power.mean() * 0.1]
    return float(10 * np.log10(power.mean()) - 0.7)


def limited(x: Audio, ceiling: float) -> Audio:
    """Peaks held under ``ceiling`` by a gain that moves ahead of them, a few milliseconds wide."""
    block = RATE // 220
    n = x.shape[1]
    blocks = -(-n // block)
    padded = np.zeros((2, blocks * block), dtype=np.float32)
    padded[:, :n] = np.abs(x)
    need = ceiling / np.maximum(padded.reshape(2, blocks, block).max(axis=(0, 2)), ceiling)
    # The least of three neighbours, joined by lines, lies nowhere above what any block needs.
    edge = np.pad(need, 1, mode="edge")
    gain = np.minimum(np.minimum(edge[:-2], edge[1:-1]), edge[2:])
    centres = (np.arange(blocks) + 0.5) * block
    held: Audio = x * np.interp(np.arange(n), centres, gain).astype(np.float32)
    return held


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
