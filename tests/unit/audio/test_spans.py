"""A part of a file is a recording of its own: exact, at any place, whatever the block size."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sliders_desktop.audio.files import Decoder

RATE = 44100


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("album") / "album.flac"
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (5 * RATE, 2))
    soundfile.write(path, noise, RATE)
    return path


def heard(decoder: Decoder) -> np.ndarray:
    blocks = []
    while len(block := decoder.read()):
        blocks.append(block)
    return np.concatenate(blocks) if blocks else np.zeros((0, 2), np.float32)


def test_spans_of_a_file_make_the_file_again(album: Path) -> None:
    whole = heard(Decoder(album, RATE))
    cuts = [0.0, 1.0 + 7 / 75, 1.0 + 8 / 75, 3.5, None]
    parts = [heard(Decoder(album, RATE, span=(a or 0.0, b))) for a, b in itertools.pairwise(cuts)]
    assert [len(part) for part in parts[:2]] == [RATE + 7 * 588, 588]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_seconds_and_lengths_count_from_its_beginning(album: Path) -> None:
    whole = heard(Decoder(album, RATE))
    with Decoder(album, RATE, span=(1.0, 3.0)) as decoder:
        assert (decoder.duration_s, decoder.frames) == (2.0, 2 * RATE)
        decoder.seek(0.5)
        np.testing.assert_array_equal(heard(decoder), whole[int(1.5 * RATE) : 3 * RATE])
        decoder.seek(2.0)
        assert not len(decoder.read())


def test_a_span_beyond_the_end_is_short_or_empty(album: Path) -> None:
    with Decoder(album, RATE, span=(4.0, 9.0)) as decoder:
        assert decoder.duration_s == 1.0
        assert len(heard(decoder)) == RATE
    with Decoder(album, RATE, span=(6.0, 9.0)) as decoder:
        assert decoder.frames == 0
        assert not len(decoder.read())
