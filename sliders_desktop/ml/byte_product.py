"""A matrix of bytes by a few vectors, compiled, free of the interpreter's lock. Imports numba."""

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(
    "void(int8[:, ::1], float32[::1], int16[:, ::1], float32[::1], float32[:, ::1])",
    nogil=True,
    cache=True,
)
def products(
    codes: NDArray[np.int8],
    step: NDArray[np.float32],
    q: NDArray[np.int16],
    unit: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """stepᵢ · unitₖ · Σⱼ codesᵢⱼ qₖⱼ into ``out`` (m, k), of codes (m, d), step (m,), q (k, d)."""
    for i in range(codes.shape[0]):
        row = codes[i]
        for k in range(q.shape[0]):
            asked, total = q[k], np.int32(0)
            for j in range(asked.size):  # all in 32 bits: the compiler takes sixteen at a time
                total = np.int32(total + np.int32(np.int16(row[j]) * np.int16(asked[j])))
            out[i, k] = np.float32(total) * step[i] * unit[k]
