"""Where a tone is heard, and that it is soft."""

import numpy as np

from sliders_desktop.audio.earcon import end_tone, step_tone

RATE = 44100


def pitch(wave: np.ndarray) -> float:
    return float(np.fft.rfft(wave.sum(axis=1), RATE).__abs__().argmax())


def test_left_is_left_high_is_high_and_nothing_clicks() -> None:
    left, right = step_tone(RATE, 0.0, 0.5), step_tone(RATE, 1.0, 0.5)
    assert np.abs(left[:, 1]).max() < 1e-6 < np.abs(left[:, 0]).max()
    assert np.allclose(left[:, 0], right[:, 1], atol=1e-6)
    assert pitch(step_tone(RATE, 0.5, 1.0)) > 1.8 * pitch(step_tone(RATE, 0.5, 0.1))
    assert pitch(end_tone(RATE)) < pitch(step_tone(RATE, 0.5, 0.0))
    for wave in (left, right, end_tone(RATE)):
        assert np.abs(wave).max() < 0.12
        assert np.abs(wave[[0, -1]]).max() < 1e-3
