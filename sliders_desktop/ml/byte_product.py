"""A matrix of bytes by a vector, compiled, free of the interpreter's lock. Imports numba."""

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(
    "void(int8[:, ::1], float32[::1], int16[::1], float32, float32[::1])",
    nogil=True,
    cache=True,
)
def products(
    codes: NDArray[np.int8],
    step: NDArray[np.float32],
    q: NDArray[np.int16],
    unit: np.float32,
    out: NDArray[np.float32],
) -> None:
    """stepᵢ · unit · Σⱼ codesᵢⱼ qⱼ into ``out`` (m,), of codes (m, d), step (m,) and q (d,)."""
    for i in range(codes.shape[0]):
        row, total = codes[i], np.int32(0)
        for j in range(q.size):  # all in 32 bits, which the compiler does sixteen at a time
            total = np.int32(total + np.int32(np.int16(row[j]) * np.int16(q[j])))
        out[i] = np.float32(total) * step[i] * unit
