"""Segments against what is known of the signals they are made from."""

import numpy as np
import pytest

from sliders_desktop.ml.features import (
    FEATURES,
    choose_segments,
    from_bytes,
    loudness_db,
    mel_bank,
    mels,
    pitch_bank,
    pitches,
    segments,
    to_bytes,
)

RATE, SIZE = FEATURES.rate, FEATURES.segment_samples


def tone(hz: float, seconds: float, level: float = 0.5) -> np.ndarray:
    at = np.arange(int(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * hz * at)).astype(np.float32)


def test_a_segment_is_2048_milliseconds() -> None:
    assert pytest.approx(2.048) == FEATURES.segment_s
    assert segments(tone(440, 10.3)).shape == (5, 128, 114)
    assert segments(tone(440, 10.3)).dtype == np.float32


@pytest.mark.parametrize("hz", [60, 220, 1000, 5000, 10_000])
def test_a_tone_is_loudest_in_the_band_that_holds_it(hz: float) -> None:
    bank = mel_bank()
    at = hz / (RATE / FEATURES.n_fft)
    expected = (bank[int(at)] * (1 - at % 1) + bank[int(at) + 1] * (at % 1)).argmax()
    loudest = mels(segments(tone(hz, 3)))[0].mean(0).argmax()
    assert abs(int(loudest) - int(expected)) <= 1


@pytest.mark.parametrize("midi", [38, 45, 57, 69, 81, 93, 103])
def test_a_note_is_loudest_in_its_semitone(midi: int) -> None:
    hz = 440 * 2 ** ((midi - 69) / 12)
    found = pitches(segments(tone(hz, 5)))
    assert found.shape == (2, 32, 72)
    steady = found[0, 4:]
    assert (steady.argmax(1) == midi - FEATURES.lowest).all()
    if midi >= 57:  # above, a semitone is wider than the spectrum's resolution
        around = np.abs(np.arange(72) - (midi - FEATURES.lowest)) > 2
        assert steady[:, around].max() < steady.max() - 1.5  # 15 dB


def test_what_lies_above_half_the_rate_does_not_fold_down() -> None:
    both = pitches(segments(tone(440, 3) + tone(9_500, 3)))[0, 4:]
    alone = pitches(segments(tone(440, 3)))[0, 4:]
    folded = np.abs(440 * 2 ** ((np.arange(72) + 33 - 69) / 12) - 2_500) < 200
    assert (both[:, folded] - alone[:, folded]).max() < 1.0  # 10 dB of nothing
    assert both[:, folded].max() < both.max() - 4  # 40 dB


def test_both_spectra_hear_noise_equally_loud() -> None:
    """White noise has one power in every bin of either spectrum, so a band counts its bins."""
    made = segments(np.random.default_rng(0).normal(0, 0.1, 30 * RATE).astype(np.float32))
    coarse = (10.0 ** mels(made)).mean((0, 1)) / mel_bank().sum(0)
    fine = (10.0 ** pitches(made)).mean((0, 1)) / pitch_bank().sum(0)
    np.testing.assert_allclose(coarse, coarse.mean(), rtol=0.25)
    np.testing.assert_allclose(fine[12:], coarse.mean(), rtol=0.25)


def test_every_band_hears_something_and_every_bin_between_the_edges_is_heard() -> None:
    bank = mel_bank()
    assert (bank.sum(0) > 0.5).all()
    assert (bank[3 : int(11_000 / 23.4)].sum(1) > 0.5).all()


def test_a_spectrum_against_the_direct_formula() -> None:
    """One frame by the sums in the definition, without FFT and strides."""
    wave = np.random.default_rng(0).normal(0, 0.1, SIZE * 2).astype(np.float32)
    gain = 10 ** ((FEATURES.target_db - loudness_db(wave)) / 20)
    frame = wave[7 * 384 : 7 * 384 + 1024].astype(np.float64) * gain
    n = np.arange(1024)
    hann = np.sin(np.pi * n / 1024) ** 2
    turn = np.exp(-2j * np.pi * np.outer(np.arange(513), n) / 1024)
    power = np.abs(turn @ (frame * hann)) ** 2 / (hann**2).sum()
    expected = np.log10(power @ mel_bank().astype(np.float64) + 1e-5)
    np.testing.assert_allclose(mels(segments(wave))[0, 7], expected, atol=2e-4)


def test_gain_changes_nothing() -> None:
    wave = tone(300, 5) + tone(2000, 5, 0.1)
    np.testing.assert_allclose(segments(wave), segments(wave * 0.01), atol=1e-3)


@pytest.mark.parametrize("n", [0, 1, 100, 9_600, SIZE - 1, SIZE, SIZE + 1])
def test_short_tracks_make_one_segment(n: int) -> None:
    wave = np.random.default_rng(0).normal(0, 0.1, n).astype(np.float32)
    out = segments(wave)
    assert out.shape == (1, 128, 114)
    assert np.isfinite(out).all()


def test_silence_and_broken_samples_are_quiet_not_nan() -> None:
    quiet = segments(np.zeros(SIZE * 2, np.float32))
    np.testing.assert_allclose(quiet, np.log10(FEATURES.floor), atol=1e-5)
    broken = tone(440, 5)
    broken[1000:1010], broken[5000] = np.nan, np.inf
    assert np.isfinite(segments(broken)).all()


def test_silence_around_the_music_does_not_change_its_level() -> None:
    wave = tone(500, 4.096)
    padded = np.concatenate([wave, np.zeros(4 * SIZE, np.float32)])
    half_a_block_is_silent = 0.4
    assert loudness_db(padded) == pytest.approx(loudness_db(wave), abs=half_a_block_is_silent)
    assert loudness_db(wave) == pytest.approx(10 * np.log10(0.5**2 / 2), abs=0.1)


def test_all_segments_of_a_track_up_to_262_seconds() -> None:
    starts = choose_segments(128 * SIZE + SIZE - 1)
    np.testing.assert_array_equal(starts, np.arange(128) * SIZE)


@pytest.mark.parametrize("total", [129, 200, 1000, 20_000])
def test_longer_tracks_give_128_segments_in_runs_of_eight(total: int) -> None:
    at = choose_segments(total * SIZE) // SIZE
    assert len(set(at.tolist())) == 128 or total < 260  # runs overlap only just above the limit
    assert len(at) == 128
    assert at[0] == 0
    assert at[-1] == total - 1
    runs = at.reshape(16, 8)
    assert (np.diff(runs, axis=1) == 1).all()
    steps = np.diff(runs[:, 0])
    assert steps.max() - steps.min() <= 1


def test_the_compact_form_is_near() -> None:
    made = segments(np.random.default_rng(0).normal(0, 0.1, SIZE * 2).astype(np.float32))
    compact = to_bytes(made)
    assert compact.dtype == np.uint8
    assert np.abs(from_bytes(compact) - made).max() <= 0.0151
