"""Surround as stereo: every layout that files have, in every format that can hold it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from sliders_desktop.audio.decoding.sources import Block, fold
from sliders_desktop.audio.files import decode
from tests import songs
from tests.unit.audio.decoding.test_formats import heard

H = 0.7071

# The levels that reach the left side, before all are scaled down together.
LAYOUTS = {
    "3.0": [1, 0, H],
    "3.0(back)": [1, 0, 0.5],
    "4.0": [1, 0, H, 0.5],
    "quad": [1, 0, H, 0],
    "quad(side)": [1, 0, H, 0],
    "5.0": [1, 0, H, H, 0],
    "5.1": [1, 0, H, 0, H, 0],
    "5.1(side)": [1, 0, H, 0, H, 0],
    "6.1": [1, 0, H, 0, 0.5, H, 0],
    "7.0": [1, 0, H, H, 0, H, 0],
    "7.1": [1, 0, H, 0, H, 0, H, 0],
}
ALAC = ("3.0", "4.0", "5.0", "5.1")  # the others it names in another way
HOLDS = [
    ("wav", "pcm_s24le", "s32", ".wav"),
    ("flac", "flac", "s16", ".flac"),
    ("ipod", "alac", "s16p", ".m4a"),
    ("wv", "wavpack", "s16p", ".wv"),
    ("caf", "pcm_s24le", "s32", ".caf"),
]


def channels(count: int) -> Block:
    """Noise of its own in each channel, a multiple of 2**-15 everywhere."""
    waves = [songs.noise(0.2, level=0.2, seed=i) for i in range(count)]
    exact: Block = (np.round(np.stack(waves, axis=1) * 2**15) / 2**15).astype(np.float32)
    return exact


@pytest.mark.parametrize(
    ("held", "layout"),
    [(held, layout) for held in HOLDS for layout in (ALAC if held[1] == "alac" else LAYOUTS)],
    ids=lambda value: value if isinstance(value, str) else value[3],
)
def test_every_layout_is_folded_to_its_two_sides(
    held: tuple[str, str, str, str], layout: str, tmp_path: Path
) -> None:
    container, codec, depth, suffix = held
    wave = channels(len(LAYOUTS[layout]))
    path = songs.encode(
        tmp_path / f"a{suffix}", wave, 44100, container, codec, depth=depth, layout=layout
    )
    left = np.array(LAYOUTS[layout]) / sum(LAYOUTS[layout])
    np.testing.assert_allclose(heard(path, 44100)[:, 0], wave @ left, atol=1e-5)


def test_nothing_clips_whatever_the_layout() -> None:
    for names in (["FL", "FR", "FC", "LFE", "BL", "BR"], ["FL", "FR", "BC"], ["FC", "SL", "SR"]):
        assert fold(names).sum(axis=0).max() <= 1.000001


@pytest.mark.parametrize("layout", ["3.0", "quad", "5.0", "5.1", "6.1", "7.1"])
def test_a_file_that_only_counts_its_channels_has_the_usual_ones(
    layout: str, tmp_path: Path
) -> None:
    wave = channels(len(LAYOUTS[layout]))
    sf.write(tmp_path / "a.wav", wave, 44100, "PCM_16")
    left = np.array(LAYOUTS[layout]) / sum(LAYOUTS[layout])
    np.testing.assert_allclose(heard(tmp_path / "a.wav", 44100)[:, 0], wave @ left, atol=1e-5)


@pytest.mark.parametrize("count", [9, 10, 16])
def test_channels_that_nobody_knows_are_heard_on_both_sides(count: int, tmp_path: Path) -> None:
    wave = channels(count)
    sf.write(tmp_path / "a.wav", wave, 44100, "PCM_16")
    whole = heard(tmp_path / "a.wav", 44100)
    np.testing.assert_allclose(whole, wave.mean(axis=1)[:, None].repeat(2, axis=1), atol=1e-5)


def test_mono_from_surround_is_the_mean_of_both_sides(tmp_path: Path) -> None:
    path = songs.encode(
        tmp_path / "a.flac", channels(6), 44100, "flac", "flac", depth="s16", layout="5.1"
    )
    np.testing.assert_allclose(decode(path, 44100), heard(path, 44100).mean(axis=1), atol=1e-6)
