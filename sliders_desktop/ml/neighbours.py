"""Who is near whom among vectors: exact neighbours, and UMAP's fuzzy graph of them. Lane `map`.

torch is imported only inside `nearest`; every step works outside the interpreter's lock.
"""

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.progress import NO_JOB, Job

Float = NDArray[np.float32]
Index = NDArray[np.int32]

BLOCK = 512  # rows a step


def directions(x: Float) -> Float:
    """Mean-centred unit vectors (n, d); a vector at the mean stays zero."""
    z: Float = x - x.mean(0, dtype=np.float64).astype(np.float32)
    length = np.linalg.norm(z, axis=1, keepdims=True)
    z /= np.where(length > 1e-6 * max(float(length.max(initial=0)), 1e-30), length, np.inf)
    return z


def nearest(z: Float, k: int, job: Job = NO_JOB) -> tuple[Index, Float]:
    """The ``k`` nearest others of each row of unit vectors z (n, d): rows and 1 − cosine (n, k)."""
    import torch

    n = len(z)
    t = torch.from_numpy(z)
    rows, near = np.empty((n, k), np.int32), np.empty((n, k), np.float32)
    for at in range(0, n, BLOCK):
        job.check()
        cosine = t[at : at + BLOCK] @ t.T  # (block, n)
        own = torch.arange(len(cosine))
        cosine[own, own + at] = -2
        best = torch.topk(cosine, k, dim=1)
        rows[at : at + BLOCK] = best.indices.numpy()
        near[at : at + BLOCK] = best.values.numpy()
        job.progress(min(at + BLOCK, n), n, "neighbours")
    return rows, np.maximum(1 - near, 0)


def memberships(distance: Float) -> Float:
    """How strongly each neighbour belongs, (n, k) in 0..1, of ascending distances (n, k).

    exp(−max(0, d − ρ)/σ): ρ the nearest distance above zero, σ by bisection so that the sum over
    the neighbours is log₂(k + 1), the point itself counted among them (McInnes et al. 2018,
    arXiv 1802.03426, algorithm 3).
    """
    n, k = distance.shape
    d = distance.astype(np.float64)
    target = np.log2(k + 1)
    above = np.where(d > 0, d, np.inf).min(1)
    rho = np.where(np.isfinite(above), above, 0.0)[:, None]
    gap = np.maximum(d - rho, 0)
    low, high, sigma = np.zeros((n, 1)), np.full((n, 1), np.inf), np.ones((n, 1))
    for _ in range(48):
        total = np.exp(-gap / sigma).sum(1, keepdims=True)
        over = total > target
        high, low = np.where(over, sigma, high), np.where(over, low, sigma)
        sigma = np.where(np.isinf(high), sigma * 2, (low + np.minimum(high, 1e300)) / 2)
    mean = d.mean(1, keepdims=True)
    floor = 1e-3 * np.where(rho > 0, mean, d.mean())
    sigma = np.maximum(np.maximum(sigma, floor), 1e-30)
    return np.asarray(np.exp(-gap / sigma), np.float32)


def fuzzy_graph(rows: Index, weight: Float) -> tuple[Index, Index, Float]:
    """Edges (heads, tails, weights) of the fuzzy union p + pᵀ − p·pᵀ, each in both directions.

    ``rows`` and ``weight`` (n, k): each point's neighbours and how strongly they belong to it.
    """
    n, k = rows.shape
    own = np.repeat(np.arange(n, dtype=np.int64), k)
    other = rows.ravel().astype(np.int64)
    key = np.concatenate([own * n + other, other * n + own])
    value = np.concatenate([weight.ravel(), weight.ravel()])
    order = np.argsort(key, kind="stable")
    key, value = key[order], value[order]
    first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if key.size else key
    twice = np.zeros(first.size, np.float32)
    again = np.diff(np.append(first, key.size)) == 2
    twice[again] = value[first[again] + 1]
    one = value[first]
    heads, tails = np.divmod(key[first], n)
    return heads.astype(np.int32), tails.astype(np.int32), one + twice - one * twice
