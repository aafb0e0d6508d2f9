"""The two towers as they are trained: anchors and tracks in, directions out. Imports torch.

`query` serves what they learned without torch.
"""

from typing import Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sliders_desktop.ml.query import CHAIN, GAINS, SURE, Figures, Query, gain_of

RANK = 64


class QueryTower(nn.Module):
    """q = norm(centroid + g·f(anchors)), g = 0 at the start: step 0 is the centroid itself.

    f(anchors) = M·Σ sᵢuᵢ − centroid. The shares s see only how the anchors lie to one another:
    where neighbours in time are more alike than any two, the list goes somewhere, and older ones
    fade. M knows which differences matter to those who make lists; it has a closed form.
    """

    def __init__(self, dim: int = 512) -> None:
        super().__init__()
        self.metric = nn.Parameter(torch.eye(dim))  # M
        self.gain = nn.Parameter(torch.zeros(GAINS))  # g, by how many anchors there are
        self.fade = nn.Parameter(torch.zeros(()))

    def forward(self, unit: Tensor, weight: Tensor, mask: Tensor) -> Tensor:
        """q (B, d) of unit (B, A, d), weight (B, A) and mask (B, A), true where real.

        Anchors with negative weight stand before the others.
        """
        w = weight * mask
        middle = _mean(w, unit)
        liked = (w > 0).float()
        age = liked.flip(1).cumsum(1).flip(1).sub(1).clamp_min(0)  # 0: the newest
        old = self.fade * _chained(unit, liked)[:, None] * age * liked
        led = _mean(w * torch.exp(-old), unit) @ self.metric.T - middle
        gain = self.gain[torch.tensor([gain_of(n) for n in mask.sum(1).tolist()])]
        return F.normalize(middle + gain[:, None] * led, dim=1)

    def learned(self, encoder: str, figures: Figures, tracks: "TrackTower | None" = None) -> Query:
        """What it learned, for serving and for the file."""
        with torch.no_grad():
            u, v = (
                (None, None)
                if tracks is None
                else (tracks.u.detach().numpy(), tracks.v.detach().numpy())
            )
            arrays = [p.detach().numpy().copy() for p in (self.metric, self.gain)]
        return Query(encoder, arrays[0], arrays[1], self.fade.item(), figures, u, v)

    @classmethod
    def of(cls, query: Query) -> Self:
        """The tower that learned ``query``."""
        tower = cls(len(query.metric))
        with torch.no_grad():
            tower.metric.copy_(torch.from_numpy(query.metric))
            tower.gain.copy_(torch.from_numpy(query.gains))
            tower.fade.fill_(query.fade)
        return tower


class TrackTower(nn.Module):
    """y = norm(Wx), W = I + UVᵀ with V = 0 at the start: step 0 leaves every track in its place."""

    def __init__(self, dim: int = 512) -> None:
        super().__init__()
        self.u = nn.Parameter(torch.randn(dim, RANK) / dim**0.5)
        self.v = nn.Parameter(torch.zeros(dim, RANK))

    def forward(self, unit: Tensor) -> Tensor:
        """Unit vectors (…, d) of unit vectors (…, d)."""
        moved: Tensor = unit + (unit @ self.v) @ self.u.T
        return F.normalize(moved, dim=-1)

    @torch.no_grad()
    def places(self, unit: np.ndarray) -> np.ndarray:
        """The same in numpy, for everything (m, d)."""
        moved: np.ndarray = self(torch.from_numpy(unit)).numpy()
        return moved


def _mean(w: Tensor, unit: Tensor) -> Tensor:
    """Σ wᵢuᵢ/Σ|wᵢ| (B, d)."""
    total: Tensor = (w[..., None] * unit).sum(1)
    return total / w.abs().sum(1, keepdim=True).clamp_min(1e-12)


def _chained(unit: Tensor, liked: Tensor) -> Tensor:
    """`query.chained` (B,) of the liked anchors, which stand last and together."""
    n = liked.sum(1)
    both = liked[:, :, None] * liked[:, None, :] * (1 - torch.eye(unit.shape[1]))
    cosine = (unit @ unit.transpose(1, 2)) * both  # (B, A, A)
    pairs = (n * (n - 1)).clamp_min(1)
    mean = cosine.sum((1, 2)) / pairs
    spread = cosine.square().sum((1, 2)) / pairs - mean.square()
    steps = cosine.diagonal(1, 1, 2).sum(1) / (n - 1).clamp_min(1)
    error = (spread.clamp_min(1e-3) / (n - 1).clamp_min(1)).sqrt()
    return torch.sigmoid(SURE * ((steps - mean) / error - CHAIN)) * (n >= 3)
