"""What the encoder says before it has learned: whitened statistics, and how much they change.

Closed forms whose constants come from the training music (see `baselines` for how they are
found). Device and dtype follow the input.
"""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sliders_desktop.ml.features import FEATURES

POOLED, MODULATION_EDGES = 24, (1, 2, 4, 8, 16, 32, 64)  # mel groups; bins of 0.49 Hz
STATISTICS = 3 * FEATURES.n_mels + POOLED * (len(MODULATION_EDGES) - 1)  # 432


def segment_statistics(mels: Tensor) -> Tensor:
    """432 statistics of each segment: (n, frames, mels) log-mels → (n, 432).

    Per mel band its mean, its spread and the spread of its differences; then, per group of four
    bands, the log-amplitude of its modulation in octaves from 0.5 to 31 Hz (rhythm, tremolo).
    """
    mean = mels.mean(1)
    spread = mels.std(1, correction=0)
    change = mels.diff(dim=1).std(1, correction=0)
    grouped = mels.reshape(*mels.shape[:2], POOLED, -1).mean(3)  # (n, frames, 24)
    hann = torch.hann_window(mels.shape[1], device=mels.device, dtype=mels.dtype)
    wave = torch.fft.rfft((grouped - grouped.mean(1, keepdim=True)) * hann[:, None], dim=1)
    power = wave.abs().square()
    octaves = [power[:, low:high].mean(1) for low, high in pairwise(MODULATION_EDGES)]
    modulation = torch.stack(octaves, 1).add(1e-3).log10().flatten(1)
    return torch.cat([mean, spread, change, modulation], 1)


class Skip(nn.Module):
    """The fixed path: statistics, centred and whitened by constants from the training music."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.register_buffer("offset", torch.zeros(STATISTICS))
        self.register_buffer("weight", torch.eye(dim, STATISTICS))

    def forward(self, mels: Tensor) -> Tensor:
        return F.linear(
            segment_statistics(mels) - cast(Tensor, self.offset), cast(Tensor, self.weight)
        )


class Spread(nn.Module):
    """How much a stretch of music changes, per whitened statistic, in the places they leave free.

    Albums share how their tracks move, not only how they sound on average. Fixed, like `Skip`.
    """

    def __init__(self, dim: int, window: int) -> None:
        super().__init__()
        self.window = window
        self.register_buffer("offset", torch.zeros(dim))
        self.register_buffer("weight", torch.zeros(max(0, dim - STATISTICS), dim))

    def forward(self, skip: Tensor) -> Tensor:
        """The fixed path's (B, T, dim) → what to add to each of its segments, (B, 1, dim)."""
        t = skip.shape[1]
        known = min(1.0, (t - 1) / (self.window - 1))  # a few segments say little about change
        if known == 0 or not len(cast(Tensor, self.weight)):
            return torch.zeros_like(skip[:, :1])
        change = (skip.std(1, keepdim=True) + 0.05).log() - cast(Tensor, self.offset)
        return known * F.pad(F.linear(change, cast(Tensor, self.weight)), (STATISTICS, 0))
