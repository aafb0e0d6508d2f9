"""The loops of `loudness` in compiled code, free of the interpreter's lock.

Importing this imports numba (0.3 s and more): only a `loudness.Meter` does.
"""

import numba
import numpy as np

_LOUDEST = np.float32(2.0**32)  # beyond what any format means by a sample; so is NaN
_TINY = 1e-30  # smaller numbers in a filter are silence, and the smallest ones are slow


@numba.njit("void(float32[:, ::1], float32[:, ::1], int64)", cache=True, nogil=True)
def put(block, rows, at):  # type: ignore[no-untyped-def]
    """Copy ``block`` (n, c) into ``rows`` (c, m) from column ``at``, nonsense as silence."""
    for channel in range(rows.shape[0]):
        for i in range(block.shape[0]):
            x = block[i, channel]
            rows[channel, at + i] = x if abs(x) <= _LOUDEST else np.float32(0.0)


@numba.njit(inline="always")
def _largest(values):  # type: ignore[no-untyped-def]
    """Of 32 numbers, which it overwrites: by halves, as the compiler does it side by side."""
    for i in range(16):
        values[i] = max(values[i], values[i + 16])
    for i in range(8):
        values[i] = max(values[i], values[i + 8])
    largest = values[0]
    for i in range(1, 8):
        largest = max(largest, values[i])
    return largest


@numba.njit(
    "int64(float32[:, ::1], int64, float64[::1], float64[:, ::1], float64[::1], int64, "
    "float64[::1])",
    cache=True,
    nogil=True,
    fastmath={"contract"},
    error_model="numpy",
)
def weigh(rows, start, filters, states, filled, hop, energies):  # type: ignore[no-untyped-def]
    """K-weight ``rows`` (c, n) from column ``start`` and sum up squares, ``hop`` samples a time.

    ``filters`` are b0, b1, b2, a1, a2 of two stages, ``states`` (c, 4) theirs. ``filled`` is the
    sum and the count of the hop at hand. Writes the mean square of each hop that is full to
    ``energies``; returns how many. Each sample waits for what became of the one before: hence the
    order of the sums.
    """
    done = 0
    b0, b1, b2, a1, a2 = filters[0], filters[1], filters[2], filters[3], filters[4]
    d0, d1, d2, c1, c2 = filters[5], filters[6], filters[7], filters[8], filters[9]
    count = int(filled[1])
    total = filled[0]
    n = rows.shape[1]
    at = start
    stereo = rows.shape[0] > 1
    s = states[0]
    s0, s1, s2, s3 = s[0], s[1], s[2], s[3]
    s = states[states.shape[0] - 1]
    t0, t1, t2, t3 = s[0], s[1], s[2], s[3]
    while at < n:
        stop = min(n, at + hop - count)
        count += stop - at
        if stereo:
            for i in range(at, stop):  # both sides at once: each waits for its own last result
                x = float(rows[0, i])
                y = b0 * x + s0
                s0 = (b1 * x + s1) - a1 * y
                s1 = b2 * x - a2 * y
                z = d0 * y + s2
                s2 = (d1 * y + s3) - c1 * z
                s3 = d2 * y - c2 * z
                u = float(rows[1, i])
                v = b0 * u + t0
                t0 = (b1 * u + t1) - a1 * v
                t1 = b2 * u - a2 * v
                w = d0 * v + t2
                t2 = (d1 * v + t3) - c1 * w
                t3 = d2 * v - c2 * w
                total += z * z + w * w
        else:
            for i in range(at, stop):
                x = float(rows[0, i])
                y = b0 * x + s0
                s0 = (b1 * x + s1) - a1 * y
                s1 = b2 * x - a2 * y
                z = d0 * y + s2
                s2 = (d1 * y + s3) - c1 * z
                s3 = d2 * y - c2 * z
                total += z * z
        at = stop
        if count == hop:
            energies[done] = total / hop
            done += 1
            total = 0.0
            count = 0
            s0 = s0 if abs(s0) > _TINY else 0.0
            s1 = s1 if abs(s1) > _TINY else 0.0
            s2 = s2 if abs(s2) > _TINY else 0.0
            s3 = s3 if abs(s3) > _TINY else 0.0
            t0 = t0 if abs(t0) > _TINY else 0.0
            t1 = t1 if abs(t1) > _TINY else 0.0
            t2 = t2 if abs(t2) > _TINY else 0.0
            t3 = t3 if abs(t3) > _TINY else 0.0
    s = states[states.shape[0] - 1]
    s[0], s[1], s[2], s[3] = t0, t1, t2, t3
    s = states[0]
    s[0], s[1], s[2], s[3] = s0, s1, s2, s3
    filled[0], filled[1] = total, count
    return done


SPAN = 32  # points that are computed together; a few of the processor's widest registers
TAPS = 24  # around a point between two samples: flat up to 20 kHz at 48 kHz, where 12 lose 2 dB
WINDOW = 64  # samples that are looked at for a span: SPAN + TAPS - 1, and what fills the registers


@numba.njit(
    "int64(float32[:, ::1], float32[:, ::1], float32[::1])",
    cache=True,
    nogil=True,
    fastmath=True,
    error_model="numpy",
)
def true_peak(rows, phases, peak):  # type: ignore[no-untyped-def]
    """Raise ``peak`` (1,) to what lies in and between the samples of ``rows`` (c, n).

    ``phases`` (p, TAPS) interpolate p points between two samples. Where no sample is loud enough
    for the filter to exceed the peak so far, whatever their signs, no point is computed: that
    changes nothing. Returns the column from which on the next call wants to see samples again.
    """
    channels, n = rows.shape
    points = phases.shape[0]
    reach = np.float32(1.0)  # how much louder than the samples around it a point can be
    for p in range(points):
        reach = max(reach, np.abs(phases[p]).sum())
    loud = np.empty(SPAN, np.float32)
    sums = np.empty(SPAN, np.float32)
    spans = max(0, n - WINDOW + SPAN) // SPAN
    for channel in range(channels):
        row = rows[channel]
        for span in range(spans):
            at = span * SPAN
            for i in range(SPAN):
                loud[i] = max(abs(row[at + i]), abs(row[at + SPAN + i]))
            loudest = _largest(loud)
            peak[0] = max(peak[0], loudest)
            if loudest * reach <= peak[0] or not points:
                continue
            for p in range(points):
                sums[:] = 0.0
                for k in range(0, TAPS, 4):  # four at once: less to load and store
                    a, b = phases[p, k], phases[p, k + 1]
                    c, d = phases[p, k + 2], phases[p, k + 3]
                    near = row[at + k : at + k + SPAN + 3]
                    for i in range(SPAN):
                        sums[i] += a * near[i] + b * near[i + 1] + c * near[i + 2] + d * near[i + 3]
                for i in range(SPAN):
                    loud[i] = max(loud[i], abs(sums[i]))
            peak[0] = max(peak[0], _largest(loud))
    return spans * SPAN
