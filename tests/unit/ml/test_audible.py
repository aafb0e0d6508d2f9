"""Plain properties of sound, and the directions of the vectors in which they lie."""

import numpy as np
import pytest

from sliders_desktop.ml import audible
from sliders_desktop.ml.audible import PROPERTIES, RATE, directions, fit, measure, narrowed, widened

SECONDS = 6


def said(wave):
    return dict(zip(PROPERTIES, measure(wave.astype(np.float32)), strict=True))


def sine(hz):
    return 0.3 * np.sin(2 * np.pi * hz * np.arange(SECONDS * RATE) / RATE)


def noise(seed=0):
    return 0.1 * np.random.default_rng(seed).normal(size=SECONDS * RATE)


def clicks(per_s, jitter=0.0):
    """Bursts of noise, regular or not."""
    rng = np.random.default_rng(1)
    wave = 1e-4 * rng.normal(size=SECONDS * RATE)
    for at in np.arange(0.1, SECONDS - 0.2, 1 / per_s):
        start = int((at + jitter * rng.uniform(-1, 1) / per_s) * RATE)
        wave[start : start + 1200] += rng.normal(size=1200) * np.exp(-np.arange(1200) / 200)
    return wave


def test_what_is_measured_is_what_is_heard():
    low, high, hiss = said(sine(110)), said(sine(3000)), said(noise())

    assert high["brightness"] == pytest.approx(3000, rel=0.02)
    assert low["brightness"] < 400
    assert low["bass"] > high["bass"] + 2
    assert hiss["noise"] > high["noise"] + 2
    assert high["tone"] > hiss["tone"] + 0.5
    assert said(clicks(2.0))["onsets"] == pytest.approx(2.0, abs=0.3)
    assert said(clicks(2.0))["beat"] > said(clicks(2.0, 0.45))["beat"] + 0.2
    assert said(clicks(2.0))["span"] > said(noise())["span"] + 10


@pytest.mark.parametrize("wave", [np.zeros(3 * RATE), sine(440) * 1e-6, np.ones(3 * RATE)])
def test_silence_and_its_like_have_finite_properties(wave):
    assert np.isfinite(measure(wave.astype(np.float32))).all()


def test_directions_are_those_along_which_a_property_rises():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 30))
    meant = rng.normal(size=(20, 2))
    properties = np.exp(x[:, :20] @ meant)  # any rising function of the place
    found = fit(x, properties, places=20)

    assert found.shape == (30, 2)
    assert not found[20:].any()
    for at in (0, 1):
        cosine = found[:20, at] @ meant[:, at]
        assert cosine / np.linalg.norm(found[:20, at]) / np.linalg.norm(meant[:, at]) > 0.95
    centred = x - x.mean(0)
    assert np.square(centred @ found).sum() == pytest.approx(np.square(centred).sum(), rel=1e-5)


def test_coefficients_of_widened_vectors_come_back_to_plain_ones():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 512))
    wide = widened(x)
    beta = rng.normal(size=wide.shape[1])

    np.testing.assert_allclose(x @ narrowed(beta, 512), wide @ beta, rtol=1e-10)
    assert wide.shape[1] == 512 + len(PROPERTIES)


def test_vectors_of_another_size_stay_as_they_are():
    x = np.ones((3, 8))

    assert widened(x) is x
    assert narrowed(x[0], 8) is not None
    assert directions(8) is None


def test_the_shipped_directions_weigh_less_than_the_vectors():
    found = directions(512)
    assert found is not None
    assert np.isfinite(found).all()
    assert not found[400:].any()  # the fixed path's places alone
    assert 0 < audible.WEIGHT < 1


def test_saved_directions_are_read_back(tmp_path):
    from safetensors.numpy import load_file

    found = np.random.default_rng(0).normal(size=(6, 2)).astype(np.float32)
    audible.save(tmp_path / "a.safetensors", found)

    assert np.array_equal(load_file(tmp_path / "a.safetensors")["directions"], found)
