"""Vectors sorted into cells, and which cells lie side by side: for libraries too large to compare
all with all. Lane `map`; torch is imported only inside.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.progress import NO_JOB, Job

if TYPE_CHECKING:  # it is imported where it is used
    import torch

Float = NDArray[np.float32]
Index = NDArray[np.int64]

SIZE = 400  # vectors a cell, on average
SIDE_BY_SIDE = 64  # cells that each one's vectors are compared with
SAMPLE = 40  # vectors a cell is made of
ROUNDS = 8
BLOCK = 8192


class Cells(NamedTuple):
    """``members``: row numbers of each cell's vectors. ``pairs`` (p, 2): cells side by side, each
    pair once, a cell with itself too.
    """

    members: list[Index]
    pairs: Index


def cells(z: Float, job: Job = NO_JOB, size: int | None = None) -> Cells:
    """Spherical k-means (Dhillon & Modha 2001) of unit vectors z (n, d), always the same.

    ``size``: vectors a cell, on average, if not `SIZE`.
    """
    import torch

    size = SIZE if size is None else size
    n = len(z)
    count = max(1, n // size)
    rng = np.random.default_rng(0)
    sample = torch.from_numpy(z[np.sort(rng.choice(n, min(n, count * SAMPLE), replace=False))])
    middles = sample[torch.from_numpy(rng.choice(len(sample), count, replace=False))]
    for _ in range(ROUNDS):
        of = _nearest(sample, middles, job)
        sums = torch.zeros_like(middles).index_add_(0, of, sample)
        filled = torch.bincount(of, minlength=count) > 0
        middles = torch.where(filled[:, None], torch.nn.functional.normalize(sums), middles)
    cell = _nearest(torch.from_numpy(z), middles, job).numpy()
    order = np.argsort(cell, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(cell, minlength=count))[:-1])
    near = torch.topk(middles @ middles.T, min(SIDE_BY_SIDE, count), dim=1).indices.numpy()
    one = np.repeat(np.arange(count), near.shape[1])
    pairs = np.sort(np.stack([one, near.ravel()], 1), 1)
    own = np.arange(count)[:, None].repeat(2, 1)
    return Cells(members, np.unique(np.concatenate([own, pairs]), axis=0))


def _nearest(t: "torch.Tensor", middles: "torch.Tensor", job: Job) -> "torch.Tensor":
    """The nearest middle of each row of t (n, d): (n,)."""
    import torch

    parts = []
    for at in range(0, len(t), BLOCK):
        job.check()
        parts.append((t[at : at + BLOCK] @ middles.T).argmax(1))
    return torch.cat(parts)
