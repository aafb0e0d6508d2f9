"""From a waveform to segments: loudness, choice of segments, two spectra of each.

A segment carries a log-mel spectrum, fine in time, and a semitone spectrum, fine in pitch.

Pure numpy, no state, safe on any thread. One segment is 2.048 s and becomes one token of the
encoder; the constants travel inside the weights file, because a mismatch is silent otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class FeatureConfig:
    """Everything that decides what a segment looks like to the encoder."""

    rate: int = 24_000  # Hz, mono
    n_fft: int = 1_024  # samples in one Hann window, 43 ms
    hop: int = 384  # samples between frames, 16 ms
    n_mels: int = 96  # triangular bands, equally spaced on the Slaney mel scale
    f_min: float = 30.0  # Hz, lower edge of the first band
    f_max: float = 11_500.0  # Hz, upper edge of the last band
    frames: int = 128  # frames in a segment, 2.048 s
    floor: float = 1e-5  # added to the power before the logarithm
    target_db: float = -20.0  # loud parts of every track are brought to this RMS level
    max_segments: int = 128  # of a longer track, this many segments are read
    run: int = 8  # adjacent segments read together in a longer track
    semitones: int = 72  # triangular bands a semitone apart
    lowest: int = 33  # MIDI number of the first of them, 55 Hz
    pitch_fft: int = 4_096  # samples in a Hann window at half the rate, 341 ms
    pitch_frames: int = 32  # semitone spectra in a segment, one every 64 ms

    @property
    def segment_samples(self) -> int:
        """Samples from the start of one segment to the start of the next."""
        return self.frames * self.hop

    @property
    def columns(self) -> int:
        """Numbers per frame of a segment: the mel bands, then the folded semitone spectra."""
        return self.n_mels + self.semitones * self.pitch_frames // self.frames

    @property
    def segment_s(self) -> float:
        """Length of a segment in seconds."""
        return self.segment_samples / self.rate


FEATURES = FeatureConfig()
"""The constants this program computes with."""

_LOG_LOW, _LOG_HIGH = -5.0, 2.5  # log10 range of the compact form: 0.3 dB a step
_BLOCK_S = 0.4  # loudness is gated in blocks of this length, as in ITU-R BS.1770
_SILENCE_DB = -70.0


def loudness_db(wave: Floats, config: FeatureConfig = FEATURES) -> float:
    """RMS level of the loud parts of ``wave`` (n,), in dB relative to full scale.

    Blocks below -70 dB, and blocks 10 dB below the mean of the rest, are left out: the gates of
    ITU-R BS.1770 without its frequency weighting. Silence gives -70.
    """
    return _gated_db(_block_power(wave, config))


def _block_power(wave: Floats, config: FeatureConfig) -> NDArray[np.float64]:
    """Mean square of each block of ``wave`` (n,), or of all of it if it is shorter than one."""
    size = min(int(_BLOCK_S * config.rate), wave.size)
    if size == 0:
        return np.zeros(0)
    blocks = wave[: wave.size // size * size].reshape(-1, size)
    power = np.einsum("bn,bn->b", blocks, blocks, dtype=np.float64) / size
    return np.asarray(power, dtype=np.float64)


def _gated_db(power: NDArray[np.float64]) -> float:
    loud = power[power > 10 ** (_SILENCE_DB / 10)]
    if loud.size == 0:
        return _SILENCE_DB
    loud = loud[loud >= loud.mean() / 10]
    return float(10 * np.log10(loud.mean()))


def choose_segments(n_samples: int, config: FeatureConfig = FEATURES) -> NDArray[np.int64]:
    """First sample of each segment to read of a track of ``n_samples``, ascending, at least one.

    All segments of a track of up to ``max_segments`` (262 s); of a longer one ``max_segments``,
    in runs of ``run`` spread evenly from beginning to end.
    """
    total = max(1, n_samples // config.segment_samples)
    if total <= config.max_segments:
        chosen = np.arange(total)
    else:
        runs = config.max_segments // config.run
        first = np.linspace(0, total - config.run, runs).round().astype(np.int64)
        chosen = (first[:, None] + np.arange(config.run)).reshape(-1)
    return np.asarray(chosen * config.segment_samples, dtype=np.int64)


def choose_runs(n_samples: int, config: FeatureConfig = FEATURES) -> list[tuple[int, int]]:
    """First sample, and the one after the last, of each stretch of a track to give `of_runs`.

    The whole track up to ``max_segments`` (262 s and less than a segment more); of a longer one
    the runs of `choose_segments`, each with what its last spectrum reaches beyond it. Runs of a
    track just above the limit overlap.
    """
    if n_samples // config.segment_samples <= config.max_segments:
        return [(0, n_samples)]
    length = config.run * config.segment_samples + config.n_fft - config.hop
    first = choose_segments(n_samples, config)[:: config.run].tolist()
    return [(start, min(start + length, n_samples)) for start in first]


def segments(wave: Floats, config: FeatureConfig = FEATURES) -> Floats:
    """Segments of a mono ``wave`` (n,) at ``config.rate``: (s, frames, columns) float32.

    One array carries both spectra, log10 of power: `mels` and `pitches` take it apart.

    The level is normalised, so that gain changes nothing. A track shorter than one segment is
    repeated until it fills one; samples that are not finite count as silence. s is at least 1.
    """
    wave = np.asarray(wave, dtype=np.float32).reshape(-1)
    return of_runs([wave[start:stop] for start, stop in choose_runs(wave.size, config)], config)


def of_runs(runs: Sequence[Floats], config: FeatureConfig = FEATURES) -> Floats:
    """`segments` of a track from the stretches that `choose_runs` names, each (n,) samples.

    A stretch of n samples gives n // ``segment_samples`` segments. The level is that of all
    stretches together: of a long track, of what is heard of it.
    """
    runs = [_finite(run) for run in runs]
    whole = [run for run in runs if run.size >= config.segment_samples]
    if not whole:  # less than a segment, in one piece or none
        longest = max(runs, key=len, default=np.zeros(0, np.float32))
        whole = [np.resize(longest if longest.size else [0], config.segment_samples)]
        whole[0] = whole[0].astype(np.float32, copy=False)
    level = _gated_db(np.concatenate([_block_power(run, config) for run in whole]))
    gain = 10 ** ((config.target_db - level) / 20) if level > _SILENCE_DB else 0.0
    window = _window(config.n_fft) * np.float32(gain)
    counts = [run.size // config.segment_samples for run in whole]
    out = np.empty((sum(counts), config.frames, config.columns), dtype=np.float32)
    reach = config.segment_samples - config.hop + config.n_fft  # the last frame looks ahead
    at = 0
    for run, count in zip(whole, counts, strict=True):
        folded = _semitone_power(run, count, gain, config)
        out[at : at + count, :, config.n_mels :] = folded.reshape(count, config.frames, -1)
        for start in range(0, count * config.segment_samples, config.segment_samples):
            piece = run[start : start + reach]
            if piece.size < reach:
                piece = np.pad(piece, (0, reach - piece.size))
            frames = np.lib.stride_tricks.sliding_window_view(piece, config.n_fft)[:: config.hop]
            spectrum = np.fft.rfft(frames * window, axis=1)
            power = spectrum.real**2 + spectrum.imag**2  # (frames, n_fft/2 + 1)
            for bins, bands, bank in _mel_parts(config):
                np.matmul(power[:, bins], bank, out=out[at, :, bands])
            at += 1
    out += np.float32(config.floor)
    return np.asarray(np.log10(out, out=out))


def _finite(wave: Floats) -> Floats:
    wave = np.asarray(wave, dtype=np.float32).reshape(-1)
    return wave if np.isfinite(wave).all() else np.where(np.isfinite(wave), wave, np.float32(0))


def mels(segments: Any, config: FeatureConfig = FEATURES) -> Any:
    """The log-mel part of segments (…, frames, columns): (…, frames, n_mels); arrays or tensors."""
    return segments[..., : config.n_mels]


def pitches(segments: Any, config: FeatureConfig = FEATURES) -> Any:
    """The semitone part of segments (…, frames, columns): (…, pitch_frames, semitones)."""
    lead = segments.shape[:-2]
    folded = segments[..., config.n_mels :]
    return folded.reshape(*lead, config.pitch_frames, config.semitones)


def _semitone_power(run: Floats, count: int, gain: float, config: FeatureConfig) -> Floats:
    """Power in semitone bands of ``count`` segments of ``run`` (n,): (count·pitch_frames, bands).

    At half the rate: nothing above 3.4 kHz is asked for, and the transform costs half. Each
    window is centred on its 64 ms, and reaches 139 ms beyond them on either side.
    """
    hop = config.segment_samples // config.pitch_frames // 2
    lead = (config.pitch_fft - hop) // 2
    low = np.pad(_halve(run), (lead, lead))
    total = count * config.pitch_frames
    need = (total - 1) * hop + config.pitch_fft
    if low.size < need:
        low = np.pad(low, (0, need - low.size))
    frames = np.lib.stride_tricks.sliding_window_view(low, config.pitch_fft)[::hop][:total]
    # Half as many samples hold a tone half as strongly: √2 makes both spectra comparable.
    window = _window(config.pitch_fft) * np.float32(gain * np.sqrt(2))
    out = np.empty((total, config.semitones), dtype=np.float32)
    for at in range(0, total, 32):
        spectrum = np.fft.rfft(frames[at : at + 32] * window, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        for bins, bands, bank in _pitch_parts(config):
            out[at : at + 32, bands] = power[:, bins] @ bank
    return out


def _halve(wave: Floats) -> Floats:
    """Every second sample of ``wave`` (n,) below a quarter of its rate: ((n + 1) // 2,).

    A half-band filter of 23 taps, Hamming-windowed: below -50 dB from .36 of the rate on, all
    that could fold down onto the semitones.
    """
    if wave.size % 2:
        wave = np.pad(wave, (0, 1))
    odd = np.arange(-11, 12, 2)
    taps = np.sinc(odd / 2) / 2 * (0.54 + 0.46 * np.cos(np.pi * odd / 12))
    side = np.pad(wave[1::2], (6, 5))
    smooth = np.convolve(side, taps.astype(np.float32), "valid")
    return np.asarray(wave[::2] * np.float32(0.5) + smooth, dtype=np.float32)


def to_bytes(segments: Floats) -> NDArray[np.uint8]:
    """The compact form of segments for caches: 0.03 a step (0.3 dB) between 1e-5 and 10^2.5."""
    scaled = (segments - _LOG_LOW) * (255 / (_LOG_HIGH - _LOG_LOW))
    return np.asarray(np.clip(np.rint(scaled), 0, 255), dtype=np.uint8)


def from_bytes(compact: NDArray[np.uint8]) -> Floats:
    """Segments from `to_bytes`, float32, each within 0.015 unless it was clipped."""
    step = np.float32((_LOG_HIGH - _LOG_LOW) / 255)
    return np.asarray(compact * step + np.float32(_LOG_LOW), dtype=np.float32)


@lru_cache(maxsize=4)
def mel_bank(config: FeatureConfig = FEATURES) -> Floats:
    """Triangles with peak 1 on the Slaney mel scale: (n_fft // 2 + 1, n_mels) float32."""
    edges = _mel_to_hz(
        np.linspace(_hz_to_mel(config.f_min), _hz_to_mel(config.f_max), config.n_mels + 2)
    )
    return _triangles(edges, config.n_fft // 2 + 1, config.rate / config.n_fft)


@lru_cache(maxsize=4)
def pitch_bank(config: FeatureConfig = FEATURES) -> Floats:
    """Triangles with peak 1 a semitone apart, at half the rate: (bins in use, semitones)."""
    midi = np.arange(config.lowest - 1, config.lowest + config.semitones + 1)
    width = config.rate / 2 / config.pitch_fft
    edges = 440 * 2 ** ((midi - 69) / 12)
    return _triangles(edges, int(edges[-1] / width) + 2, width)


def _triangles(edges: NDArray[np.float64], bins: int, width: float) -> Floats:
    """Overlapping triangles between ``edges`` (n + 2,), Hz, over ``bins`` of ``width``: (bins, n).

    Each triangle is averaged over the width of a spectral bin: sampled at bin centres only, the
    lowest bands, narrower than a bin, would miss some bins altogether.
    """
    fine = 16
    hz = (np.arange(bins * fine) + 0.5) / fine * width - width / 2
    low, mid, high = edges[:-2], edges[1:-1], edges[2:]
    up = (hz[:, None] - low) / (mid - low)
    down = (high - hz[:, None]) / (high - mid)
    bank = np.clip(np.minimum(up, down), 0, None).reshape(bins, fine, -1).mean(1)
    return np.ascontiguousarray(bank, dtype=np.float32)


@lru_cache(maxsize=4)
def _mel_parts(config: FeatureConfig) -> tuple[tuple[slice, slice, Floats], ...]:
    return _parts(mel_bank(config))


@lru_cache(maxsize=4)
def _pitch_parts(config: FeatureConfig) -> tuple[tuple[slice, slice, Floats], ...]:
    return _parts(pitch_bank(config))


def _parts(bank: Floats) -> tuple[tuple[slice, slice, Floats], ...]:
    """A bank in parts of twelve bands, each with the bins it hears: bins, bands, (bins, bands).

    A quarter of the work; and each product is too small for BLAS to share it between cores, whose
    waiting for each other cost ten times as much as the product.
    """
    parts = []
    for start in range(0, bank.shape[1], 12):
        part = bank[:, start : start + 12]
        heard = np.flatnonzero(part.any(1))
        bins = slice(int(heard[0]), int(heard[-1]) + 1)
        bands = slice(start, start + part.shape[1])
        parts.append((bins, bands, np.ascontiguousarray(part[bins])))
    return tuple(parts)


@lru_cache(maxsize=4)
def _window(size: int) -> Floats:
    """A Hann window scaled so that the power of white noise is its variance in every bin."""
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    return np.asarray(hann / np.sqrt((hann**2).sum()), dtype=np.float32)


def _hz_to_mel(hz: float) -> float:
    # Slaney 1998: linear up to 1 kHz, then 27 steps for each factor of 6.4.
    return hz * 3 / 200 if hz < 1000 else 15 + 27 * float(np.log(hz / 1000) / np.log(6.4))


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15, mel * 200 / 3, 1000 * 6.4 ** ((np.maximum(mel, 15) - 15) / 27))
