"""Where tracks lie: centred unit vectors, exact, or for large libraries a byte a number. Numpy.

Both say which rows are `usable` (m,), give `unit` vectors (n, d) of some rows, and `cosines` (m,)
or (m, k) of all rows to unit vectors (d,) or (d, k).
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.guards import Float, Mask, Rows

BLOCK = 4096  # rows
ALIKE = 1e-6  # of a vector's square, what is left when the mean is taken away, at least
Q_STEPS = 16_383  # of a query's largest number: products of it and bytes stay within 32 bits


class Exact:
    """The vectors as they are, not copied."""

    def __init__(self, x: Float) -> None:
        self._x = x  # (m, d)
        squares = np.einsum("ij,ij->i", x, x)  # (m,)
        self.usable: Mask = np.isfinite(squares)
        some = x if self.usable.all() else x[self.usable]
        mean = some.mean(0, dtype=np.float64) if len(some) else np.zeros(x.shape[1])
        self.mean = mean.astype(np.float32)  # (d,)
        usable = self.usable
        shift = np.where(usable, x @ self.mean, 0)
        left = np.where(usable, squares, 0) - 2 * shift + self.mean @ self.mean
        nothing = (left <= ALIKE * np.maximum(squares, 1e-30)) | ~usable
        norms = np.where(nothing, np.inf, np.sqrt(np.maximum(left, 0)))
        self._norms = norms.astype(np.float32)  # (m,) of x − mean; infinite where nothing is left

    def unit(self, rows: Rows) -> Float:
        return np.asarray((self._x[rows] - self.mean) / self._norms[rows, None], np.float32)

    def cosines(self, q: Float) -> Float:
        norms = self._norms if q.ndim == 1 else self._norms[:, None]
        cosines = np.asarray((self._x @ q - self.mean @ q) / norms, np.float32)
        cosines[~self.usable] = 0
        return cosines


class Blocks(Protocol):
    """Vectors (m, d) that are read a few rows at a time."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    def __getitem__(self, rows: slice, /) -> Float: ...


class Packed:
    """Unit vectors in bytes: a quarter of the memory, and of the time that a product takes.

    Each row has a step of its own, so cosines are off by less than .001. The product is compiled:
    the first one imports numba.
    """

    def __init__(self, x: Blocks, place: Callable[[Float], Float] | None = None) -> None:
        """Of vectors x (m, d), or of what ``place`` makes of each block of them; x is let go."""
        m = x.shape[0]
        total, count = np.zeros(x.shape[1]), 0
        self.usable: Mask = np.zeros(m, np.bool_)
        for at in range(0, m, BLOCK):
            block = x[at : at + BLOCK]
            whole = np.isfinite(block).all(1)
            self.usable[at : at + BLOCK] = whole
            total += block[whole].sum(0, dtype=np.float64)
            count += int(whole.sum())
        mean = (total / max(count, 1)).astype(np.float32)
        self.mean: Float = mean if place is None else place(mean[None])[0]
        self._codes = np.zeros(x.shape, np.int8)  # (m, d)
        self._step = np.zeros(m, np.float32)  # what 1 is worth in each row; 0 where nothing is left
        for at in range(0, m, BLOCK):
            rows = slice(at, at + BLOCK)
            whole = self.usable[rows]
            block = np.where(whole[:, None], x[rows], mean)
            self._pack(rows, block if place is None else place(block))

    def _pack(self, rows: slice, block: Float) -> None:
        squares = np.einsum("ij,ij->i", block, block)
        centred = block - self.mean
        left = np.einsum("ij,ij->i", centred, centred)
        some = left > ALIKE * np.maximum(squares, 1e-30)
        largest = np.abs(centred).max(1)
        with np.errstate(divide="ignore", invalid="ignore"):
            codes = np.rint(centred * (127 / largest)[:, None])
        codes[~some] = 0
        self._codes[rows] = codes
        norms = np.sqrt(np.einsum("ij,ij->i", codes, codes))  # length 1 after rounding, too
        self._step[rows] = np.where(some, 1 / np.maximum(norms, 1), 0)

    def unit(self, rows: Rows) -> Float:
        return self._codes[rows] * self._step[rows, None]

    def cosines(self, q: Float) -> Float:
        from sliders_desktop.ml.byte_product import products

        asked = np.ascontiguousarray(q.reshape(q.shape[0], -1).T)  # (k, d)
        largest = np.maximum(np.abs(asked).max(1), np.float32(1e-30))
        steps: NDArray[np.int16] = np.rint(asked * (Q_STEPS / largest)[:, None]).astype(np.int16)
        out = np.empty((len(self._step), len(asked)), np.float32)
        products(self._codes, self._step, steps, (largest / Q_STEPS).astype(np.float32), out)
        return out[:, 0] if q.ndim == 1 else out
