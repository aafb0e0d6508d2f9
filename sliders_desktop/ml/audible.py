"""What many words are about: the directions of the vectors in which plain sound differs.

“Dark”, “restless”, “warm”: words of listeners follow brightness, bass or movement more often than
chance would have it. A head that may lean towards these directions learns such words from half as
many ratings and others nearly as soon. Found once from measured sound (`fit`), without any word.
Numpy; any thread.
"""

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from sliders_desktop.config import shipped

Float = NDArray[np.float32]
Double = NDArray[np.float64]
Real = TypeVar("Real", np.float32, np.float64)

PROPERTIES = ("brightness", "bass", "span", "beat", "onsets", "noise", "tone")
RATE, WINDOW, HOP = 24000, 1024, 384
WEIGHT = 0.7  # of all directions together, where the vectors themselves weigh 1
SHRINK = 0.3  # of the vectors' mean square, in the regression


@cache
def directions(d: int) -> Float | None:
    """The shipped directions (d, k) of vectors with ``d`` places; None if there are none for them.

    They belong to the fixed path of the shipped encoder, which teaching leaves as it is. For an
    encoder of the same size with another fixed path they are any directions: they cost its sliders
    a little of what they learn, and make nothing wrong.
    """
    found = load_file(shipped("models") / "audible.safetensors")["directions"]
    return np.float32(WEIGHT) * found if len(found) == d else None


def widened(x: NDArray[Real]) -> NDArray[Real]:
    """Vectors (n, d) with their places in the shipped directions beside them (n, d + k)."""
    known = directions(x.shape[1])
    return x if known is None else np.hstack([x, x @ known.astype(x.dtype)])


def narrowed(beta: Double, d: int) -> Double:
    """Coefficients (d,) for plain vectors that say what ``beta`` (d + k,) says of widened ones."""
    known = directions(d)
    return beta if known is None else beta[:d] + known @ beta[d:]


def measure(wave: Float) -> Double:
    """The `PROPERTIES` (7,) of mono sound (n,) at 24 kHz, three seconds at least.

    Median spectral centroid (Hz) and flatness (log10) of what is not silent, and the share of its
    eight strongest bins; log10 of the share of power from 23 to 164 Hz; decibels between the 20th
    and 95th percentile of the level; onsets a second; how alike the onsets' strength is one beat
    later, at the beat of 60 to 190 a minute where it is most alike.
    """
    frames = np.lib.stride_tricks.sliding_window_view(np.asarray(wave, np.float32), WINDOW)[::HOP]
    hann = np.hanning(WINDOW).astype(np.float32)
    power = np.abs(np.fft.rfft(frames * hann, axis=1)) ** 2 + 1e-10  # (f, 513)
    level = np.sqrt((frames**2).mean(1) + 1e-10)
    sounding = power[level > 0.02 * level.max()]
    hz = np.fft.rfftfreq(WINDOW, 1 / RATE)
    centroid = np.median((sounding @ hz) / sounding.sum(1))
    middle = sounding[:, 3:400]
    flatness = np.median(np.log10(np.exp(np.log(middle).mean(1)) / middle.mean(1)))
    tones = sounding[:, 4:200]
    tone = np.median(np.sort(tones, axis=1)[:, -8:].sum(1) / tones.sum(1))
    bass = np.log10(power[:, 1:7].sum() / power.sum())
    low, high = np.percentile(level, (20, 95))
    onsets, beat = _rhythm(power)
    return np.array([centroid, bass, 20 * np.log10(high / low), beat, onsets, flatness, tone])


def _rhythm(power: NDArray[np.floating[Any]]) -> tuple[float, float]:
    """Onsets a second, and how regular they are, of a power spectrogram (f, bins)."""
    bands = np.log10(1e-5 + power[:, :400].reshape(len(power), 40, 10).mean(2))
    rise = np.maximum(np.diff(bands, axis=0), 0).mean(1)
    rise = rise - rise.mean()
    per_s = RATE / HOP
    peaks = (rise[1:-1] > rise[:-2]) & (rise[1:-1] >= rise[2:]) & (rise[1:-1] > rise.std())
    alike = np.correlate(rise, rise, "full")[len(rise) - 1 :]
    lags = np.arange(int(per_s * 60 / 190), min(int(per_s), len(alike)))
    usual = np.exp(-0.5 * (np.log2(60 * per_s / lags / 115) / 0.9) ** 2)  # beats near 115 a minute
    beat = alike[lags[np.argmax(alike[lags] * usual)]] / (alike[0] + 1e-12)
    return float(peaks.sum() / (len(power) / per_s)), float(beat)


def fit(x: Float, properties: Double, places: int) -> Float:
    """Directions (d, k) of the vectors (n, d) along which the properties (n, k) differ.

    A ridge regression of each property's ranks on the first ``places`` of the vectors, those of
    the fixed path; each column scaled so that all of them together spread as the vectors do.
    """
    X = np.asarray(x, np.float64)
    X = X - X.mean(0)
    ranks = np.argsort(np.argsort(properties, axis=0), axis=0).astype(np.float64)
    seen = X[:, :places]
    gram = seen @ seen.T + SHRINK * np.square(seen).sum() / len(X) * np.eye(len(X))
    beta = seen.T @ np.linalg.solve(gram, ranks - ranks.mean(0))  # (places, k)
    spread = np.sqrt(np.square(X).sum() / len(X) / properties.shape[1])
    out = np.zeros((X.shape[1], properties.shape[1]), np.float32)
    out[:places] = beta / (seen @ beta).std(0) * spread
    return out


def save(path: Path, found: Float) -> None:
    """Write ``found`` as the file that `directions` reads."""
    save_file({"directions": np.ascontiguousarray(found, np.float32)}, path)
