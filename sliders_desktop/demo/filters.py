"""Filters of the demo, as spectra: causal analogue responses multiplied in blocks (numpy alone).

numpy's transforms release the GIL, and scipy.signal would take a second to import.
"""

import numpy as np
import numpy.typing as npt

from sliders_desktop.demo.sources import RATE, Audio

Spectrum = npt.NDArray[np.complex64]
Band = tuple[float, float]

_BLOCK, _FRAME = 12_288, 16_384


def fast_length(n: int) -> int:
    """The next length that transforms quickly: 2, 3 and 5 its only factors."""
    best = 1 << (n - 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            rest = -(-n // three)
            best = min(best, three << max(0, (rest - 1).bit_length()))
            three *= 3
        five *= 5
    return best


def response(kind: str, freq: float | Band, n: int, order: int = 2) -> Spectrum:
    """Butterworth low-pass, high-pass or, both in a row, band-pass at the bins of length ``n``."""
    if isinstance(freq, tuple):
        low, high = freq
        band: Spectrum = response("highpass", low, n) * response("lowpass", high, n)
        return band
    s = np.linspace(0, RATE / 2 / freq, n // 2 + 1, dtype=np.float32) * np.complex64(1j)
    bottom = 1 + s if order == 1 else 1 + np.float32(np.sqrt(2)) * s + s * s
    top = np.complex64(1) if kind == "lowpass" else s**order
    ratio: Spectrum = (top / bottom).astype(np.complex64)
    return ratio


def filtered(x: Audio, kind: str, freq: float | Band, order: int = 2) -> Audio:
    """``x`` (…, n) through a filter; its ringing must be over in 90 ms (20 Hz and up)."""
    return shaped(x, [(1.0, kind, freq)], 0.0, order)


def shaped(
    x: Audio, parts: list[tuple[float, str, float | Band]], dry: float = 1.0, order: int = 2
) -> Audio:
    """``x`` times ``dry`` plus a weighted sum of filtered copies, in one pass."""
    n = x.shape[-1]
    blocks = max(1, -(-n // _BLOCK))
    frame = _FRAME if blocks > 1 else fast_length(n + _FRAME - _BLOCK)
    gain = np.full(frame // 2 + 1, dry, dtype=np.complex64)
    for weight, kind, freq in parts:
        gain += np.float32(weight) * response(kind, freq, frame, order)
    if blocks == 1:
        return np.fft.irfft(np.fft.rfft(x, frame) * gain, frame)[..., :n].astype(np.float32)
    padded = np.zeros((*x.shape[:-1], blocks + 1, _BLOCK), dtype=np.float32)
    padded.reshape(*x.shape[:-1], -1)[..., :n] = x
    ringing = np.fft.irfft(np.fft.rfft(padded[..., :-1, :], frame) * gain, frame)
    padded[..., :-1, :] = ringing[..., :_BLOCK]
    padded[..., 1:, : frame - _BLOCK] += ringing[..., _BLOCK:]
    return padded.reshape(*x.shape[:-1], -1)[..., :n]


def swept(x: Audio, cutoffs: Audio) -> Audio:
    """``x`` (2, n) through a low-pass whose cutoff follows ``cutoffs`` (one value per 1,024)."""
    hop, frame = 1024, 4096
    n = x.shape[1]
    hops = -(-n // hop)
    padded = np.zeros((2, (hops + 5) * hop), dtype=np.float32)
    padded[:, hop : hop + n] = x
    window = np.sin(np.pi * (np.arange(2 * hop) + 0.5) / (2 * hop)).astype(np.float32) ** 2
    pieces = np.lib.stride_tricks.sliding_window_view(padded, 2 * hop, axis=1)[:, ::hop] * window
    pieces = pieces[:, : hops + 1]
    follow = cutoffs[np.clip(np.arange(hops + 1), 0, len(cutoffs) - 1)].astype(np.float32)
    s = np.fft.rfftfreq(frame, 1 / RATE).astype(np.float32) * np.complex64(1j) / follow[:, None]
    gain = 1 / (1 + np.float32(1.2) * s + s * s)
    rung = np.fft.irfft(np.fft.rfft(pieces, frame) * gain, frame)
    out = np.zeros((2, hops + 5, hop), dtype=np.float32)
    for part in range(4):
        out[:, part : part + hops + 1] += rung[:, :, part * hop : (part + 1) * hop]
    return out.reshape(2, -1)[:, hop : hop + n]


def hall(seconds: float, bright: float) -> Audio:
    """(2, n) impulse of a synthetic hall: early reflections, then noise that darkens as it dies."""
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
    return impulse
