"""Where each score stands among all: ranks, quantiles and counts from one sort. Numpy."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float32]
Double = NDArray[np.float64]


def ranked(scores: ArrayLike) -> tuple[Float, Float]:
    """``scores`` (m,) ascending, and the rank of each as given, 0..1: ties share their mean."""
    s = np.asarray(scores)
    m = s.size
    if m < 2:
        return s.astype(np.float32), np.full(m, 0.5, np.float32)
    order = np.argsort(s)
    ascending = s[order]
    ranks = np.empty(m, np.float32)
    begins = ascending[1:] != ascending[:-1]
    if begins.all():  # no ties, as is usual
        ranks[order] = np.arange(m) / (m - 1)
        return ascending, ranks
    first = np.flatnonzero(np.concatenate([[True], begins]))  # of each tie
    last = np.append(first[1:], m) - 1
    ranks[order] = np.repeat((first + last) / (2 * (m - 1)), last - first + 1)
    return ascending, ranks


def percentiles(scores: ArrayLike) -> Float:
    """Ranks (m,) in 0..1 of ``scores`` (m,): lowest 0, highest 1, ties share their mean."""
    return ranked(scores)[1]


def quantiles(ascending: ArrayLike, shares: ArrayLike) -> Double:
    """What `numpy.quantile` says of ``shares`` (k,), of values (m,) that are sorted already."""
    s = np.asarray(ascending, np.float64)
    at = np.asarray(shares, np.float64) * (s.size - 1)
    below = np.floor(at).astype(np.intp)
    above = np.minimum(below + 1, s.size - 1)
    return np.asarray(s[below] + (s[above] - s[below]) * (at - below), np.float64)


def counts(ascending: ArrayLike, bins: int) -> NDArray[np.intp]:
    """How many of the sorted values (m,) lie in each of ``bins`` equal parts of 0..1."""
    s = np.asarray(ascending)
    edges = np.linspace(0, 1, bins + 1)
    at = np.searchsorted(s, edges)
    at[-1] = np.searchsorted(s, 1.0, side="right")  # the last part has its upper end, too
    return np.diff(at)
