"""Soft tones that say where one has come to on the map: left and right, high and low."""

import numpy as np
from numpy.typing import NDArray

LOW_HZ, OCTAVES = 330.0, 1.25
_LENGTH_S, _RISE_S, _LOUD = 0.14, 0.006, 0.09
_END_HZ = 165.0


def step_tone(rate: int, across: float, up: float) -> NDArray[np.float32]:
    """(n, 2): a short tone, panned by ``across`` and as high as ``up``, both 0..1 in the view."""
    hz = LOW_HZ * 2.0 ** (OCTAVES * min(1.0, max(0.0, up)))
    return _tone(rate, hz, min(1.0, max(0.0, across)))


def end_tone(rate: int) -> NDArray[np.float32]:
    """(n, 2): nothing lies further in that direction."""
    return _tone(rate, _END_HZ, 0.5)


def _tone(rate: int, hz: float, across: float) -> NDArray[np.float32]:
    at = np.arange(round(_LENGTH_S * rate)) / rate
    rise = np.minimum(1.0, at / _RISE_S)
    fall = np.exp(-at / (_LENGTH_S / 5)) * np.minimum(1.0, (_LENGTH_S - at) / _RISE_S)
    wave = _LOUD * rise * fall * (np.sin(2 * np.pi * hz * at) + 0.2 * np.sin(4 * np.pi * hz * at))
    angle = across * np.pi / 2  # equal power
    sides = np.array([np.cos(angle), np.sin(angle)])
    stereo: NDArray[np.float32] = (wave[:, None] * sides).astype(np.float32)
    return stereo
