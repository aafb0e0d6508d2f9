"""Carries a head from one encoder's vectors to another's, by tracks that both have heard. Numpy."""

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.heads import Prior
from sliders_desktop.ml.ridge import differ, leave_one_out, spectrum

Float = NDArray[np.float32]

MOST = 3000  # tracks it learns from: enough for 512 numbers, and a tenth of a second
LEAST = 50
FAITHFUL = 0.8  # correlation with the old scores, on tracks left out


def carry(x: Float, scores: Float, proven: bool) -> Prior | None:
    """A head for vectors ``x`` (n, d) that says what another said of the same tracks (n,).

    None where the two encoders hear too differently for that, or too few tracks are known.
    """
    if len(x) > MOST:
        rows = np.sort(np.random.default_rng(0).choice(len(x), MOST, replace=False))
        x, scores = x[rows], scores[rows]
    n = len(x)
    X, s = x.astype(np.float64), scores.astype(np.float64)
    mean, middle = X.mean(0) if n else 0, float(s.mean()) if n else 0.0
    z, t = X - mean, s - middle
    if n < LEAST or not differ(z, X) or not np.ptp(s):
        return None
    q, lam = spectrum(z)
    left_out, alpha = leave_one_out(q, lam, t, np.ones(n), s, float(lam.sum()) / n)
    if np.corrcoef(left_out, s)[0, 1] < FAITHFUL:
        return None
    beta = z.T @ (q @ ((q.T @ t) / (lam + alpha)))
    return Prior(beta.astype(np.float32), middle - float(mean @ beta), proven)
