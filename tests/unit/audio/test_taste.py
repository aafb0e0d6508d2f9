"""What of a track is played to somebody who points at it."""

from pathlib import Path

import numpy as np
import pytest

from sliders_desktop.audio.taste import TASTE_S, taste, typical_start
from tests import songs

RATE = 44100


def nothing() -> None:
    """No reason to stop."""


def test_the_typical_part_is_neither_the_quiet_beginning_nor_the_one_loud_stroke() -> None:
    outline = np.full(400, 40, np.uint8)  # four minutes: 25 values are 15 seconds
    outline[160:300:2], outline[161:300:2] = 150, 170
    outline[350:352] = 255
    start = typical_start(outline, 240.0)
    assert 155 / 400 * 240 <= start <= (300 - 25) / 400 * 240


@pytest.mark.parametrize(
    ("outline", "length_s", "start"),
    [(None, 10.0, 0.0), (None, 115.0, 35.0), (np.zeros(400, np.uint8), 115.0, 35.0)],
)
def test_where_nothing_is_known(outline: np.ndarray | None, length_s: float, start: float) -> None:
    assert typical_start(outline, length_s) == pytest.approx(start)


def test_it_is_that_part_of_the_file_with_a_gentle_end(tmp_path: Path) -> None:
    wave = songs.stereo(songs.tone(440, 20.0))
    path = tmp_path / "song.wav"
    songs.write(path, wave)
    heard = taste(path, RATE, 2.0, 0.5, nothing)
    assert heard.shape == (round(TASTE_S * RATE), 2)
    assert np.allclose(heard[: 13 * RATE], 0.5 * wave[2 * RATE : 15 * RATE], atol=1e-4)
    assert abs(heard[-1]).max() == 0.0
    assert len(taste(path, RATE, 19.0, 1.0, nothing)) == RATE
