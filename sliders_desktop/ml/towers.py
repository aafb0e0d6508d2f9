"""The query tower: a few anchors in, the direction to go on in out. Lane `torch`; imports torch.

The track tower is the catalogue itself, norm(Wx) with W = I; `recommender` serves without torch.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sliders_desktop.ml.recommender import (
    Catalogue,
    Context,
    anchor_vectors,
    centroid,
    normed,
)

MOST_ANCHORS = 32


class QueryTower(nn.Module):
    """q = norm(centroid + g·f(anchors)), g = 0 at the start: step 0 is the centroid itself.

    f: anchors with flag and recency → one pre-norm self-attention block → attention pooling.
    Equal to the centroid until it has learned something, it already knows how tracks sound.
    """

    def __init__(self, dim: int = 512, heads: int = 8) -> None:
        super().__init__()
        self.dim = dim
        self.flag = nn.Embedding(2, dim)  # liked, or steered away from
        self.recency = nn.Linear(1, dim)
        self.norm1 = nn.LayerNorm(dim)
        self.attention = nn.MultiheadAttention(dim, heads, batch_first=True)
        self.norm2 = nn.LayerNorm(dim)
        self.ff = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim))
        self.norm3 = nn.LayerNorm(dim)
        self.pool = nn.Parameter(torch.zeros(dim))  # equal attention at the start
        self.out = nn.Linear(dim, dim)
        self.gain = nn.Parameter(torch.zeros(()))
        nn.init.normal_(self.flag.weight, std=0.02)

    def follow(self, unit: Tensor, weight: Tensor, mask: Tensor) -> Tensor:
        """f (B, d) of anchors (B, A, d), newest last, their weights and which are real (B, A)."""
        age = mask.flip(1).cumsum(1).flip(1).float().sub(1).clamp_min(0)  # 0: the newest
        x = unit * math.sqrt(self.dim)
        x = x + self.flag((weight < 0).long()) + self.recency(torch.log1p(age)[..., None])
        h = self.norm1(x)
        h, _ = self.attention(h, h, h, key_padding_mask=~mask, need_weights=False)
        x = x + h
        x = x + self.ff(self.norm2(x))  # (B, A, d)
        x = self.norm3(x)
        scores = (x @ self.pool / math.sqrt(self.dim)).masked_fill(~mask, -torch.inf)  # (B, A)
        pooled = (scores.softmax(1)[..., None] * x).sum(1)  # (B, d)
        f: Tensor = self.out(pooled) / math.sqrt(self.dim)
        return f

    def forward(self, unit: Tensor, weight: Tensor, mask: Tensor) -> Tensor:
        """q (B, d) of unit length; unit (B, A, d), weight (B, A), mask (B, A) true where real."""
        w = weight * mask
        middle = (w[..., None] * unit).sum(1) / w.abs().sum(1, keepdim=True).clamp_min(1e-12)
        return F.normalize(middle + self.gain * self.follow(unit, weight, mask), dim=1)

    @torch.no_grad()
    def query(self, context: Context, catalogue: Catalogue) -> NDArray[np.float32]:
        """q (d,) for `recommender.next_tracks`: at g = 0 the centroid's, to the bit."""
        _, unit, weights = anchor_vectors(context, catalogue)
        unit, weights = unit[-MOST_ANCHORS:], weights[-MOST_ANCHORS:]
        middle = centroid(unit, weights)
        if not weights or not float(self.gain):
            return normed(middle)
        device = self.gain.device
        mask = torch.ones(1, len(weights), dtype=torch.bool, device=device)
        w = torch.tensor([weights], dtype=torch.float32, device=device)
        f = self.follow(torch.from_numpy(unit)[None].to(device), w, mask)[0]
        led = middle + np.float32(float(self.gain)) * f.cpu().numpy()
        return normed(np.asarray(led, np.float32))
