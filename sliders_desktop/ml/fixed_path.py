"""What the encoder knows before it has learned: statistics of sound, whitened in closed form.

The constants come from the training music (see `untrained`). Device and dtype follow the input.
"""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sliders_desktop.ml.features import FEATURES, mels, pitches

POOLED, MODULATION_EDGES = 24, (1, 2, 4, 8, 16, 32, 64)  # mel groups; bins of 0.49 Hz
TIMBRE = 3 * FEATURES.n_mels + POOLED * (len(MODULATION_EDGES) - 1)  # 432
CEPSTRA = 20
COVARIANCE = CEPSTRA * (CEPSTRA + 1) // 2  # 210
HARMONY, INTERVALS = 28, 36
LOCAL = TIMBRE + COVARIANCE + HARMONY + INTERVALS  # 706
TEXTURE_EDGES = (0, 1, 2, 4, 8, 16, 32, 64, 129)  # bins of 0.12 Hz
TEXTURE_SPAN, TEXTURE = 4, 24 * (len(TEXTURE_EDGES) - 1)  # segments; 192
MELODY_EDGES = (0, 1, 2, 4, 8, 16, 32, 65)  # bins of 0.06 Hz
MELODY_SPAN, MELODY = 8, 24 * (len(MELODY_EDGES) - 1)  # segments; 168
STATISTICS = LOCAL + TEXTURE + MELODY  # 1066


def statistics(segments: Tensor) -> Tensor:
    """1066 statistics of each segment of stretches (B, T, frames, columns): (B, T, 1066).

    The first `LOCAL` know their segment only, the others hear up to eight segments around it.
    """
    flat = segments.flatten(0, 1)
    local = torch.cat([timbre(mels(flat)), covariance(mels(flat)), harmony(pitches(flat))], 1)
    around = [texture(mels(segments)), melody(pitches(segments))]
    return torch.cat([local.reshape(*segments.shape[:2], LOCAL), *around], 2)


def timbre(mel: Tensor) -> Tensor:
    """Levels and their movement: (n, frames, mels) log-mels → (n, 432).

    Per mel band its mean, its spread and the spread of its differences; then, per group of four
    bands, the log-amplitude of its modulation in octaves from 0.5 to 31 Hz (rhythm, tremolo).
    """
    mean = mel.mean(1)
    spread = mel.std(1, correction=0)
    change = mel.diff(dim=1).std(1, correction=0)
    grouped = mel.reshape(*mel.shape[:2], POOLED, -1).mean(3)  # (n, frames, 24)
    hann = torch.hann_window(mel.shape[1], device=mel.device, dtype=mel.dtype)
    wave = torch.fft.rfft((grouped - grouped.mean(1, keepdim=True)) * hann[:, None], dim=1)
    power = wave.abs().square()
    octaves = [power[:, low:high].mean(1) for low, high in pairwise(MODULATION_EDGES)]
    modulation = torch.stack(octaves, 1).add(1e-3).log10().flatten(1)
    return torch.cat([mean, spread, change, modulation], 1)


def covariance(mel: Tensor) -> Tensor:
    """How 20 cepstra move together: (n, frames, mels) → (n, 210).

    Logarithms of their spreads, then their correlations (after Mandel & Ellis 2005).
    """
    bands = torch.arange(mel.shape[2], device=mel.device, dtype=mel.dtype) + 0.5
    orders = torch.arange(CEPSTRA, device=mel.device, dtype=mel.dtype)
    turn = (torch.pi / mel.shape[2] * bands[:, None] * orders).cos() * (2 / mel.shape[2]) ** 0.5
    cepstra = mel @ turn  # DCT-II
    cepstra = cepstra - cepstra.mean(1, keepdim=True)
    product = cepstra.transpose(1, 2) @ cepstra / mel.shape[1]  # (n, 20, 20)
    spread = (product.diagonal(dim1=1, dim2=2) + 0.02).sqrt()
    alike = product / spread[:, :, None] / spread[:, None, :]
    row, column = torch.triu_indices(CEPSTRA, CEPSTRA, 1, device=mel.device)
    return torch.cat([spread.log(), alike[:, row, column]], 1)


def harmony(pitch: Tensor) -> Tensor:
    """Chords, clarity and intervals in no particular key: (n, pitch frames, semitones) → (n, 64).

    From the magnitude spectrum of the twelve pitch classes, which forgets their rotation: of their
    mean and of single frames; entropy, change and the strongest notes of a frame; last, how
    often two notes 1 to 36 semitones apart sound together.
    """
    energy = 10 ** (0.5 * _loudness(pitch))
    energy = energy / energy.sum(2, keepdim=True)
    classes = energy.reshape(*energy.shape[:2], -1, 12).sum(2)  # (n, frames, 12)
    mean = torch.fft.fft(classes.mean(1), dim=1).abs()[:, 1:7]
    single = torch.fft.fft(classes, dim=2).abs()[:, :, 1:7].mean(1)
    entropy = -(energy * (energy + 1e-6).log()).sum(2)
    change = classes.diff(dim=1).abs().sum(2)
    strongest = energy.topk(12, dim=2).values.mean(1)
    moments = [f(1) for v in (entropy, change) for f in (v.mean, v.std)]
    spectrum = torch.fft.rfft(energy, n=2 * energy.shape[2], dim=2).abs().square()
    together = torch.fft.irfft(spectrum, dim=2).mean(1)  # autocorrelation over semitones
    intervals = together[:, 1 : INTERVALS + 1] / together[:, :1]
    return torch.cat(
        [mean, single, torch.stack(moments, 1), strongest, (intervals.clamp(min=0) + 1e-3).log()], 1
    )


def texture(mel: Tensor) -> Tensor:
    """How mel bands ripple in time and frequency over 8 s: (B, T, frames, mels) → (B, T, 192)."""
    slow = mel.reshape(*mel.shape[:2], -1, 2, mel.shape[3]).mean(3)  # 31 Hz
    return _ripples(slow, TEXTURE_SPAN, 2 * FEATURES.n_mels, TEXTURE_EDGES)


def melody(pitch: Tensor) -> Tensor:
    """The same of semitones over 16 s: (B, T, pitch frames, semitones) → (B, T, 168).

    The magnitude of the two-dimensional spectrum knows neither key nor beginning (2DFTM,
    Ellis & Bertin-Mahieux 2012).
    """
    return _ripples(_loudness(pitch), MELODY_SPAN, 2 * FEATURES.semitones, MELODY_EDGES)


def _loudness(pitch: Tensor) -> Tensor:
    return (pitch + 3).clamp(min=0)  # what lies 50 dB below full scale is silence


def _ripples(x: Tensor, span: int, wide: int, edges: tuple[int, ...]) -> Tensor:
    """Log-magnitudes of the 2-D spectrum of ``span`` segments around each: (B, T, 24·octaves).

    ``x`` (B, T, frames, bands); its bands are zero-padded to ``wide``. Stretches of fewer
    segments are zero-padded too, and scaled to the power of a whole one.
    """
    count, frames, bands = x.shape[1:]
    known = min(span, count)
    around = x.unfold(1, known, 1).permute(0, 1, 4, 2, 3).flatten(2, 3)  # (B, starts, time, bands)
    around = (around - around.mean((2, 3), keepdim=True)) * (span / known) ** 0.5
    waves = torch.fft.rfft(around, n=span * frames, dim=2)[:, :, : edges[-1]]
    size = torch.fft.fft(waves, n=wide, dim=3)[..., :bands].abs().add(1).log()
    octaves = torch.stack([size[:, :, low:high].mean(2) for low, high in pairwise(edges)], 2)
    pooled = octaves.reshape(*octaves.shape[:3], 24, -1).mean(4).flatten(2)
    at = torch.arange(count, device=x.device) - (known - 1) // 2
    chosen: Tensor = pooled[:, at.clamp(0, count - known)]
    return chosen


class Skip(nn.Module):
    """The fixed path: statistics, centred and whitened by constants from the training music."""

    def __init__(self, keep: int) -> None:
        super().__init__()
        self.register_buffer("offset", torch.zeros(STATISTICS))
        self.register_buffer("spread", torch.ones(STATISTICS))
        self.register_buffer("weight", torch.eye(keep, STATISTICS))

    def forward(self, stats: Tensor) -> Tensor:
        """(…, 1066) → (…, keep)."""
        return F.linear(stats - cast(Tensor, self.offset), cast(Tensor, self.weight))

    def local(self, stats: Tensor) -> Tensor:
        """Standardised statistics that know no other segment: (…, 1066) → (…, 706)."""
        z = (stats - cast(Tensor, self.offset)) / cast(Tensor, self.spread)
        return z[..., :LOCAL].clamp(-6, 6)


class Readout(nn.Module):
    """What is taken from the learned latents: whitened like the statistics, once trained."""

    def __init__(self, dim: int, keep: int) -> None:
        super().__init__()
        self.register_buffer("offset", torch.zeros(dim))
        self.register_buffer("weight", torch.zeros(keep, dim))

    def forward(self, latents: Tensor) -> Tensor:
        """(…, dim) → (…, keep)."""
        return F.linear(latents - cast(Tensor, self.offset), cast(Tensor, self.weight))
