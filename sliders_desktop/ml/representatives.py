"""A few that stand for many: anchors of a whole region, playlist or constellation. Numpy."""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Rows = NDArray[np.intp]

ROUNDS = 4  # of Lloyd's
ALIKE = 1 - 1e-5  # cosine of what is the same for this
MOST = 4096  # vectors that are looked at; of more, as many at equal distances


def representatives(unit: Float, weights: Float, count: int) -> tuple[Rows, Float]:
    """At most ``count`` rows of ``unit`` (n, d), ascending, and the weight each stands for.

    ``weights`` (n,) may be below 0, against: these are represented apart, by as large a part of
    the rows as of the weight. What all weigh together is kept. Spherical k-means (Dhillon & Modha
    2001) from seeds that lie far from one another, then the vector nearest to each mean; the same
    every time.
    """
    if len(unit) > MOST:
        some = np.linspace(0, len(unit) - 1, MOST).round().astype(np.intp)
        rows, kept = representatives(unit[some], weights[some], count)
        return some[rows], kept * np.float32(np.abs(weights).sum() / np.abs(weights[some]).sum())
    if len(unit) <= count:
        return np.arange(len(unit)), weights
    pro, contra = np.flatnonzero(weights > 0), np.flatnonzero(weights < 0)
    sizes = np.abs(weights)
    share = round(count * float(sizes[contra].sum() / sizes.sum()))
    share = min(max(share, 1), count - 1) if len(pro) and len(contra) else share
    found = [
        _of_one_sign(unit[side], weights[side], part)
        for side, part in ((pro, count - share), (contra, share))
        if len(side)
    ]
    sides = [side for side in (pro, contra) if len(side)]
    rows = np.concatenate([side[at] for side, (at, _) in zip(sides, found, strict=True)])
    kept = np.concatenate([weight for _, weight in found])
    order = np.argsort(rows)
    return rows[order], kept[order]


def _of_one_sign(unit: Float, weights: Float, count: int) -> tuple[Rows, Float]:
    if len(unit) <= count:
        return np.arange(len(unit)), weights
    sizes = np.abs(weights)
    means = unit[_far_apart(unit, sizes @ unit, count)]
    for _ in range(ROUNDS):
        nearest = np.argmax(unit @ means.T, axis=1)  # (n,)
        sums = np.where(nearest == np.arange(len(means))[:, None], sizes, np.float32(0)) @ unit
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        means = np.where(lengths > 1e-9, sums / np.maximum(lengths, 1e-9), means)
    likeness = unit @ means.T
    nearest = np.argmax(likeness, axis=1)
    standing = np.bincount(nearest, weights, len(means)).astype(np.float32)
    rows = [
        int(members[np.argmax(likeness[members, at])]) if len(members) else -1
        for at in range(len(means))
        for members in (np.flatnonzero(nearest == at),)
    ]
    there = np.array(rows) >= 0
    return np.array(rows, np.intp)[there], standing[there]


def _far_apart(unit: Float, middle: Float, count: int) -> Rows:
    """``count`` rows: the one nearest to the ``middle`` (d,), then each the farthest from those;
    fewer where no more differ."""
    rows = [int(np.argmax(unit @ middle))]
    nearest = unit @ unit[rows[0]]  # cosine to the nearest of those chosen
    while len(rows) < count and nearest.min() < ALIKE:
        rows.append(int(np.argmin(nearest)))
        nearest = np.maximum(nearest, unit @ unit[rows[-1]])
    return np.array(rows, np.intp)
