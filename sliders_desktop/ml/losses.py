"""What training asks for: hidden segments predicted, and a space with spread.

Device and dtype follow the inputs; random draws come from the generator that is passed.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sliders_desktop.ml.encoder import Layer, Linear, initialise, turns


def isotropy(
    x: Tensor, generator: torch.Generator | None = None, directions: int = 256, knots: int = 17
) -> Tensor:
    """SIGReg of the samples ``x`` (n, d): near its minimum when they look like N(0, I).

    Sketched isotropic Gaussian regularisation (LeJEPA, arXiv 2511.08544): the Epps-Pulley
    distance between the empirical characteristic function of random projections and the normal's,
    integrated over [0, 3] under a Gaussian window by the trapezoid rule, times n, averaged over
    ``directions``. Always in float32: the differences are small.
    """
    with torch.autocast(x.device.type, enabled=False):
        x = x.float()
        a = torch.randn(x.shape[1], directions, generator=generator).to(x.device)
        a = a / a.norm(dim=0)
        t = torch.linspace(0, 3, knots, device=x.device)
        weights = torch.full((knots,), 6 / (knots - 1), device=x.device)
        weights[[0, -1]] /= 2  # the integrand is even, so [0, 3] counts twice
        normal = torch.exp(-t.square() / 2)
        angle = (x @ a)[:, :, None] * t  # (n, directions, knots)
        apart = (angle.cos().mean(0) - normal).square() + angle.sin().mean(0).square()
        return cast(Tensor, (apart @ (weights * normal)).mean() * len(x))


def draw_mask(rows: int, length: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which of ``length`` segments to hide: (rows, length), the same number in every row.

    40-60 % of a crop, in 2-4 blocks of 4-12 adjacent segments where the crop has room for them;
    between two blocks at least one segment stays visible.
    """
    hidden = int(np.clip(round(rng.uniform(0.4, 0.6) * length), 1, max(1, length - 1)))
    fewest, most = -(-hidden // 12), max(1, hidden // 4)
    blocks = int(np.clip(rng.integers(2, 5), fewest, most))
    blocks = min(blocks, length - hidden + 1)
    free, spare = length - hidden, hidden - min(4, hidden // blocks) * blocks
    masked = np.zeros((rows, length), dtype=bool)
    for row in masked:
        extra = rng.multinomial(spare, np.full(blocks, 1 / blocks))
        sizes = extra + min(4, hidden // blocks)
        inner = blocks - 1  # one visible segment is set aside for each gap between blocks
        gaps = rng.multinomial(free - inner, np.full(blocks + 1, 1 / (blocks + 1)))
        gaps[1:blocks] += 1
        at = 0
        for gap, size in zip(gaps, sizes, strict=False):
            at += gap
            row[at : at + size] = True
            at += size
    return masked


class Predictor(nn.Module):
    """Guesses hidden segments from visible ones; needed in training only.

    Its first guess, at step 0, is the mean of what is visible.
    """

    def __init__(
        self, dim: int, known: int, width: int = 256, layers: int = 3, heads: int = 4
    ) -> None:
        super().__init__()
        self.heads = heads
        self.enter = Linear(dim, width)
        self.hidden = nn.Parameter(torch.randn(width) * 0.02)
        self.layers = nn.ModuleList(Layer(width, heads, 4 * width) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.leave = Linear(width, dim)
        self.tell = Linear(width, known)
        initialise(self)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.tell.weight)

    def forward(
        self, visible: Tensor, skip: Tensor, at: Tensor, hidden_at: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What is at ``hidden_at`` (B, M)? The latents (B, M, dim), the fixed path (B, M, known).

        Told from what is at ``at`` (B, V): ``visible`` (B, V, dim) and ``skip`` (B, V, known).
        """
        x = self.enter(visible)
        width = x.shape[2]
        x = torch.cat([x, self.hidden.expand(*hidden_at.shape, -1)], 1)  # (B, V + M, width)
        turn = turns(torch.cat([at, hidden_at], 1).to(x.dtype), width // self.heads)
        for layer in self.layers:
            x = layer(x, turn)
        x = self.norm(x[:, visible.shape[1] :])
        guess = self.leave(x) + visible.mean(1, keepdim=True)
        return guess, self.tell(x) + skip.mean(1, keepdim=True)
