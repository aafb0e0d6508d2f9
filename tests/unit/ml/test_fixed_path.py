"""The statistics against their definitions, written out, and against what they must ignore."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from sliders_desktop.ml.features import FEATURES
from sliders_desktop.ml.fixed_path import (
    LOCAL,
    MELODY_EDGES,
    STATISTICS,
    TEXTURE_EDGES,
    Readout,
    Skip,
    covariance,
    harmony,
    melody,
    statistics,
    texture,
    timbre,
)


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(-2.5, 0.7, shape))


def test_timbre_by_its_definition() -> None:
    x = noise(3, 128, 96)
    got = timbre(x).numpy()
    hann = np.sin(np.pi * np.arange(128) / 128) ** 2
    for mel, found in zip(x.numpy(), got, strict=True):
        grouped = mel.reshape(128, 24, 4).mean(2)
        power = np.abs(np.fft.fft((grouped - grouped.mean(0)) * hann[:, None], axis=0)) ** 2
        octaves = [power[a : 2 * a].mean(0) for a in (1, 2, 4, 8, 16, 32)]
        expected = np.concatenate(
            [mel.mean(0), mel.std(0), np.diff(mel, axis=0).std(0)]
            + [np.log10(o + 1e-3) for o in octaves]
        )
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_modulation_shows_in_its_octave() -> None:
    at = np.arange(128) / (FEATURES.rate / FEATURES.hop)
    for k, hz in enumerate((0.7, 1.46, 2.9, 5.9, 11.7, 23.4)):
        x = np.full((1, 128, 96), -2.0) + np.sin(2 * np.pi * hz * at)[None, :, None]
        octaves = timbre(torch.from_numpy(x))[0, 288:].view(6, 24).mean(1)
        assert int(octaves.argmax()) == k


def test_covariance_by_its_definition() -> None:
    x = noise(2, 128, 96)
    got = covariance(x).numpy()
    turn = np.cos(np.pi / 96 * np.outer(np.arange(96) + 0.5, np.arange(20))) * np.sqrt(2 / 96)
    for mel, found in zip(x.numpy(), got, strict=True):
        c = np.cov((mel @ turn).T, bias=True)
        spread = np.sqrt(np.diag(c) + 0.02)
        alike = (c / np.outer(spread, spread))[np.triu_indices(20, 1)]
        np.testing.assert_allclose(found, np.concatenate([np.log(spread), alike]), atol=1e-6)


def test_harmony_by_its_definition() -> None:
    x = noise(2, 32, 72)
    got = harmony(x).numpy()
    for pitch, found in zip(x.numpy(), got, strict=True):
        energy = 10 ** (0.5 * np.maximum(pitch + 3, 0))
        energy /= energy.sum(1, keepdims=True)
        classes = energy.reshape(32, 6, 12).sum(1)
        entropy = -(energy * np.log(energy + 1e-6)).sum(1)
        change = np.abs(np.diff(classes, axis=0)).sum(1)
        together = [(energy[:, : 72 - k] * energy[:, k:]).sum(1).mean() for k in range(37)]
        expected = np.concatenate(
            [
                np.abs(np.fft.fft(classes.mean(0)))[1:7],
                np.abs(np.fft.fft(classes, axis=1))[:, 1:7].mean(0),
                [entropy.mean(), entropy.std(ddof=1), change.mean(), change.std(ddof=1)],
                np.sort(energy, 1)[:, ::-1][:, :12].mean(0),
                np.log(np.array(together[1:]) / together[0] + 1e-3),
            ]
        )
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("count", [1, 3, 8, 12])
def test_ripples_by_their_definition(count: int) -> None:
    pitch = noise(1, count, 32, 72)
    got = melody(pitch)[0].numpy()
    known = min(8, count)
    loud = np.maximum(pitch[0].numpy() + 3, 0)
    for at in (0, count // 2, count - 1):
        first = min(max(at - (known - 1) // 2, 0), count - known)
        piece = loud[first : first + known].reshape(-1, 72)
        piece = (piece - piece.mean()) * np.sqrt(8 / known)
        size = np.log(np.abs(np.fft.fft2(piece, s=(256, 144))) + 1)[:65, :72]
        bands = [size[a:b].mean(0) for a, b in pairwise(MELODY_EDGES)]
        expected = np.stack(bands).reshape(7, 24, 3).mean(2).ravel()
        np.testing.assert_allclose(got[at], expected, rtol=1e-6, atol=1e-6)
    mel = noise(1, count, 128, 96)
    found = texture(mel)[0, 0].numpy()
    known = min(4, count)
    piece = mel[0, :known].numpy().reshape(known * 64, 2, 96).mean(1)
    piece = (piece - piece.mean()) * np.sqrt(4 / known)
    size = np.log(np.abs(np.fft.fft2(piece, s=(256, 192))) + 1)[:129, :96]
    bands = [size[a:b].mean(0) for a, b in pairwise(TEXTURE_EDGES)]
    expected = np.stack(bands).reshape(8, 24, 4).mean(2).ravel()
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_a_melody_is_itself_in_another_key_and_a_moment_later() -> None:
    pitch = torch.full((1, 8, 32, 72), -5.0)
    for k, note in enumerate([20, 24, 27, 32, 27, 24, 20, 25]):
        pitch[0, k, 4:20, note] = 0.0
    higher = torch.full_like(pitch, -5.0)
    higher[..., 3:] = pitch[..., :-3]
    later = pitch.flatten(1, 2).roll(4, 1).view_as(pitch)
    other = pitch[:, [7, 0, 5, 2, 3, 6, 1, 4]]
    first, key, moment, tune = (melody(p)[0, 3] for p in (pitch, higher, later, other))
    # Its mean is taken off before the zeros are put beside it, so the edge moves a little.
    for same in (key, moment):
        assert (first - same).abs().mean() < 0.1 * (first - tune).abs().mean()
    # Single intervals do know it where rests are: nothing is 1/72 of everything, a note is one.
    intervals, others = (harmony(p[0])[:, 28:].mean(0) for p in (pitch, higher))
    assert (intervals - others).abs().mean() < 0.05


def test_only_what_is_around_a_segment_shows_in_it() -> None:
    x = noise(1, 16, 128, 114).float()
    changed = x.clone()
    changed[0, 15] += 1
    moved = (statistics(x) - statistics(changed))[0].abs()
    assert statistics(x).shape == (1, 16, STATISTICS)
    assert (moved[:15, :LOCAL] < 1e-5).all()  # the Transformer's tokens know their segment only
    assert (moved[:8] < 1e-4).all()
    assert moved[15].max() > 0.5
    assert moved[12, LOCAL:].max() > 0.01


def test_silence_and_digital_zero_are_finite() -> None:
    for level in (-5.0, 0.0, 2.5):
        assert statistics(torch.full((1, 3, 128, 114), level)).isfinite().all()


def test_the_fixed_path_and_the_readout_are_affine() -> None:
    skip, readout = Skip(5), Readout(6, 3)
    stats = torch.randn(4, STATISTICS, generator=torch.Generator().manual_seed(0))
    skip.offset.copy_(stats[0])
    skip.spread.fill_(0.5)
    torch.testing.assert_close(skip(stats), (stats - stats[0])[:, :5])
    torch.testing.assert_close(skip.local(stats), (2 * (stats - stats[0]))[:, :LOCAL].clamp(-6, 6))
    readout.weight.fill_(1.0)
    readout.offset.fill_(2.0)
    torch.testing.assert_close(readout(torch.ones(2, 6)), torch.full((2, 3), -6.0))
