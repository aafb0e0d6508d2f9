"""The closed form under the slider heads and their gate: weighted ridge, leave-one-out. Numpy."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Double = NDArray[np.float64]

STEPS = (0.3, 1.0, 3.0, 10.0)  # α / α₀ to choose from, once there are MANY ratings
MANY = 20


def weights(r: Double) -> Double:
    """w = .02 + .98(2r − 1)²: "neither" is worth a fiftieth of an end."""
    return 0.02 + 0.98 * (2 * r - 1) ** 2


def spectrum(z: Double) -> tuple[Double, Double]:
    """zzᵀ = QΛQᵀ without its null space, by the smaller Gram: z (n, d) → Q (n, k), λ (k,)."""
    n, d = z.shape
    if n <= d:
        lam, q = np.linalg.eigh(z @ z.T)
    else:
        lam, v = np.linalg.eigh(z.T @ z)
    keep = lam > max(float(lam[-1]), 0.0) * 1e-13 if lam.size else lam > 0
    lam = lam[keep]
    return (q[:, keep] if n <= d else z @ v[:, keep] / np.sqrt(lam)), lam


def differ(z: Double, x: Double) -> bool:
    """Whether the centred z (n, d) of vectors x is more than rounding."""
    return bool(np.einsum("ij,ij->", z, z) > 1e-13 * np.einsum("ij,ij->", x, x))


def inverse_times(z: Double, alpha: float, a: Double) -> tuple[Double, Double]:
    """G⁻¹a for each row of a (k, n), and the diagonal (n,) of G⁻¹, where G = zzᵀ + αI, z (n, d)."""
    n, d = z.shape
    if n <= d:
        inverse = np.linalg.inv(z @ z.T + alpha * np.eye(n))
        return a @ inverse, np.diagonal(inverse).astype(np.float64)
    small = np.linalg.inv(z.T @ z + alpha * np.eye(d))  # G⁻¹ = (I − z(zᵀz + αI)⁻¹zᵀ)/α
    half = z @ small
    return (a - (a @ half) @ z.T) / alpha, (1 - np.einsum("ij,ij->i", half, z)) / alpha


def leave_one_out(
    q: Double, lam: Double, t: Double, w: Double, r: Double, unit: float
) -> tuple[Double, float]:
    """Leave-one-out predictions (n,) and the α they were made with."""
    if r.size == 1:
        return np.zeros(1), unit  # nothing is left to learn from
    best: tuple[float, Double, float] | None = None
    for step in STEPS if r.size >= MANY else (1.0,):
        alpha = step * unit
        gain = lam / (lam + alpha)  # (k,)
        h = w / w.sum() + (q * q) @ gain
        e = (t - q @ (gain * (q.T @ t))) / np.sqrt(w) / (1 - h)
        error = float(w @ e**2)
        if best is None or error < best[0]:
            best = (error, r - e, alpha)
    assert best is not None
    return best[1], best[2]


def posterior(z: Double, mean: Double, alpha: float) -> Callable[[Float], Float]:
    """(x − x̄)(zᵀz + αI)⁻¹(x − x̄)ᵀ row by row: z (n, d); what is returned takes x (m, d) → (m,).

    By the smaller Gram, which is taken apart once, however often it is asked.
    """
    n, d = z.shape
    middle = mean.astype(np.float32)
    if n > d:
        factor = np.linalg.cholesky(z.T @ z + alpha * np.eye(d))
        whole = np.linalg.inv(factor).T.astype(np.float32)  # (d, d)
        return lambda x: np.square((np.asarray(x, np.float32) - middle) @ whole).sum(1)
    factor = np.linalg.cholesky(z @ z.T + alpha * np.eye(n))
    half = np.linalg.solve(factor, z).T.astype(np.float32)  # (d, n): half·halfᵀ = zᵀG⁻¹z

    def by_dual(x: Float) -> Float:
        c = np.asarray(x, np.float32) - middle
        left = np.einsum("ij,ij->i", c, c) - np.square(c @ half).sum(1)
        return np.asarray(np.maximum(left, 0) / np.float32(alpha), np.float32)

    return by_dual
