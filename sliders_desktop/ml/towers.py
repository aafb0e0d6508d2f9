"""The two towers as they are trained: anchors and tracks in, directions out. Imports torch.

`query` serves what they learned without torch.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sliders_desktop.ml.continuations import Continuation
from sliders_desktop.ml.query import GAINS, Query, gain_of

RANK = 64


class QueryTower(nn.Module):
    """q = norm(c + g·(p − c) + gₙ·(Mp − p)); every g is 0 at the start: step 0 is the centroid c.

    p = Σ sᵢuᵢ: where anchors have an order in time, older ones have smaller shares s. M knows which
    differences matter to those who make lists; it has a closed form. How much of it comes in
    depends on n, how many anchors there are, fading ones counted as less than one; g is the
    largest of the gₙ.
    """

    def __init__(self, dim: int = 512) -> None:
        super().__init__()
        self.metric = nn.Parameter(torch.eye(dim))  # M
        self.gain = nn.Parameter(torch.zeros(GAINS))  # g, by how many anchors there are
        self.fade = nn.Parameter(torch.zeros(()))

    def forward(self, unit: Tensor, weight: Tensor, age: Tensor) -> Tensor:
        """q (B, d) of unit (B, A, d), weight (B, A), 0 where there is none, and age (B, A)."""
        middle = _mean(weight, unit)
        faded = weight * torch.exp(-self.fade * age)
        pooled = _mean(faded, unit)
        count = faded.abs().sum(1).square() / faded.square().sum(1).clamp_min(1e-12)
        gain = self.gain[torch.tensor([gain_of(n) for n in count.tolist()])][:, None]
        led = self.gain.max() * (pooled - middle) + gain * (pooled @ self.metric.T - pooled)
        return F.normalize(middle + led, dim=1)

    def learned(self, settings: Query, tracks: "TrackTower | None" = None) -> Query:
        """What it learned, for serving and for the file; what it doesn't learn is ``settings``'."""
        with torch.no_grad():
            u, v = (
                (None, None)
                if tracks is None
                else (tracks.u.detach().numpy().copy(), tracks.v.detach().numpy().copy())
            )
            metric, gains = (p.detach().numpy().copy() for p in (self.metric, self.gain))
        return replace(settings, metric=metric, gains=gains, fade=self.fade.item(), u=u, v=v)

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


def batch_of(asked: Sequence[Continuation], unit: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """unit (B, A, d), weight (B, A) and age (B, A) of anchors, padded behind by weights of 0."""
    most = max(len(one.anchors) for one in asked)
    x = np.zeros((len(asked), most, unit.shape[1]), np.float32)
    weight, age = np.zeros((2, len(asked), most), np.float32)
    for i, one in enumerate(asked):
        k = len(one.anchors)
        x[i, :k] = unit[list(one.anchors)]
        weight[i, :k] = one.weights
        liked = np.flatnonzero(weight[i] > 0)
        if one.ordered:
            age[i, liked] = np.arange(len(liked))[::-1]
    return torch.from_numpy(x), torch.from_numpy(weight), torch.from_numpy(age)


def _mean(w: Tensor, unit: Tensor) -> Tensor:
    """Σ wᵢuᵢ/Σ|wᵢ| (B, d)."""
    total: Tensor = torch.bmm(w[:, None], unit)[:, 0]
    return total / w.abs().sum(1, keepdim=True).clamp_min(1e-12)
