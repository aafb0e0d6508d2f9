"""The encoder as it is stored and used: small ones for behaviour, the big one for its size."""

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from sliders_desktop.errors import ModelMismatch, UserError
from sliders_desktop.ml.encoder import (
    Encoder,
    EncoderConfig,
    pick_device,
    stretches,
)
from sliders_desktop.ml.features import FEATURES
from sliders_desktop.ml.fixed_path import statistics

TINY = EncoderConfig(dim=64, layers=2, heads=4, ff=96, patch_dim=16, window=6, learned=16)
SHIPPED = Path(__file__).parents[3] / "models" / "encoder.safetensors"


@pytest.fixture
def encoder() -> Encoder:
    return Encoder.random(7, TINY)


@pytest.fixture
def calibrated(encoder: Encoder) -> Encoder:
    encoder.readout.weight.copy_(torch.eye(16, 64))
    return encoder


def music(s: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(-2.9, 1.0, (s, 128, 114)).astype(np.float32)


def alike(a: np.ndarray, b: np.ndarray) -> float:
    return float((a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b))


def test_between_37_and_39_million_parameters() -> None:
    big = Encoder()
    assert 37e6 < sum(p.numel() for p in big.parameters()) < 39e6
    assert big.dim == 512


@pytest.mark.parametrize("total", [1, 2, 15, 16, 17, 32, 41, 128])
def test_windows_cover_every_segment_and_are_never_longer_than_trained(total: int) -> None:
    length, starts = stretches(total, 16)
    assert length == min(total, 16)
    heard = {at + k for at in starts for k in range(length)}
    assert heard == set(range(total))
    assert len(starts) == -(-total // 16)


@pytest.mark.parametrize("s", [1, 2, 6, 7, 13, 128])
def test_vectors_for_any_length(encoder: Encoder, s: int) -> None:
    segments, track = encoder.embed(music(s))
    assert segments.shape == (s, 64)
    assert segments.dtype == track.dtype == np.float32
    assert np.isfinite(segments).all()
    np.testing.assert_allclose(track, segments.mean(0), atol=1e-5)


def test_silence_gives_finite_vectors(encoder: Encoder) -> None:
    segments, track = encoder.embed(np.full((5, 128, 114), -5.0, np.float32))
    assert np.isfinite(segments).all()
    assert np.isfinite(track).all()


def test_fixed_and_learned_places_stand_side_by_side(encoder: Encoder) -> None:
    x = music(6)
    stats = statistics(torch.from_numpy(x)[None])
    segments, _ = encoder.embed(x)
    np.testing.assert_allclose(segments[:, :48], encoder.skip(stats)[0].numpy(), atol=1e-4)
    assert (segments[:, 48:] == 0).all()  # nothing is read out before it is calibrated
    encoder.readout.weight.copy_(torch.eye(16, 64))
    louder, _ = encoder.embed(x)
    np.testing.assert_array_equal(louder[:, :48], segments[:, :48])
    assert np.abs(louder[:, 48:]).mean() > 0.1


def test_long_tracks_are_read_in_windows_of_the_trained_length(encoder: Encoder) -> None:
    x = music(9)
    segments, _ = encoder.embed(x)
    first, _ = encoder.embed(x[:6])
    last, _ = encoder.embed(x[3:])
    np.testing.assert_allclose(segments[:3], first[:3], atol=1e-4)
    np.testing.assert_allclose(segments[3:6], (first[3:] + last[:3]) / 2, atol=1e-4)
    np.testing.assert_allclose(segments[6:], last[3:], atol=1e-4)


def test_segments_hear_their_neighbours_and_their_place(calibrated: Encoder) -> None:
    encoder = calibrated
    for layer in encoder.layers:
        layer.qkv.weight.data *= 20  # untrained attention is nearly a mean
    x = music(6)
    plain = encoder.embed(x)[0][:, 48:]
    changed = x.copy()
    changed[5] = music(1, seed=5)[0]
    other = encoder.embed(changed)[0][:, 48:]
    assert np.abs(other[0] - plain[0]).max() > 1e-5
    turned = encoder.embed(x[[0, 1, 2, 4, 3, 5]])[0][:, 48:]
    assert np.abs(turned[0] - plain[0]).max() > 1e-5


def test_a_batch_says_what_each_track_says_alone(encoder: Encoder) -> None:
    tracks = [music(s, seed=s) for s in (1, 14, 3, 6, 9)]
    for (a, b), x in zip(encoder.embed_batch(tracks, windows=3), tracks, strict=True):
        c, d = encoder.embed(x)
        np.testing.assert_allclose(a, c, atol=1e-4)
        np.testing.assert_allclose(b, d, atol=1e-4)


def test_out_of_memory_halves_the_batch(encoder: Encoder) -> None:
    sizes: list[int] = []

    def crowded(_: torch.nn.Module, args: tuple[torch.Tensor]) -> None:
        sizes.append(len(args[0]))
        if len(args[0]) > 2:
            raise torch.OutOfMemoryError

    expected, _ = encoder.embed(music(60))
    hook = encoder.register_forward_pre_hook(crowded)
    got, _ = encoder.embed(music(60))
    hook.remove()
    assert sizes[:4] == [10, 8, 4, 2]
    np.testing.assert_allclose(got, expected, atol=1e-4)


def test_segments_of_another_shape_are_a_bug(encoder: Encoder) -> None:
    with pytest.raises(ValueError):
        encoder.embed(np.zeros((3, 128, 96), np.float32))
    with pytest.raises(ValueError):
        encoder.embed(np.zeros((0, 128, 114), np.float32))


def test_the_same_seed_is_the_same_encoder() -> None:
    x = music(4)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    a, b, c = (Encoder.random(s, TINY) for s in (3, 3, 4))
    for one in (a, b, c):
        one.readout.weight.copy_(torch.eye(16, 64))
    assert torch.equal(torch.get_rng_state(), state)
    assert (a.id, c.id) == ("random-3", "random-4")
    np.testing.assert_array_equal(a.embed(x)[1], b.embed(x)[1])
    assert np.abs(a.embed(x)[1] - c.embed(x)[1]).max() > 1e-3


def test_int8_round_trip(calibrated: Encoder, tmp_path: Path) -> None:
    encoder = calibrated
    torch.nn.init.normal_(encoder.mean)
    made = encoder.save(tmp_path / "e.safetensors")
    again = Encoder.load(tmp_path / "e.safetensors")
    assert again.id == made
    assert len(made) == 64
    x = music(8)
    for ours, theirs in zip(encoder.embed(x), again.embed(x), strict=True):
        assert alike(ours, theirs) > 0.999
    # and the Transformer's own part, which the fixed path would drown
    mine, its = (e.embed(x)[0][:, 48:] + e.mean.numpy()[48:] for e in (encoder, again))
    assert alike(mine, its) > 0.999
    stored = load((tmp_path / "e.safetensors").read_bytes())
    assert stored["layers.0.up.weight"].dtype == torch.int8
    assert stored["skip.weight"].dtype == stored["norm.weight"].dtype == torch.float32
    assert list(tmp_path.iterdir()) == [tmp_path / "e.safetensors"]
    # A second round trip changes nothing more.
    again.save(tmp_path / "f.safetensors")
    third = Encoder.load(tmp_path / "f.safetensors")
    np.testing.assert_allclose(third.embed(x)[1], again.embed(x)[1], atol=1e-4)


def test_a_loaded_encoder_can_be_trained(calibrated: Encoder, tmp_path: Path) -> None:
    calibrated.save(tmp_path / "e.safetensors")
    again = Encoder.load(tmp_path / "e.safetensors")
    assert all(p.requires_grad for p in again.parameters())
    again(torch.from_numpy(music(2))[None]).square().mean().backward()
    assert all(p.grad is not None for p in again.parameters())


def test_the_header_tells_constants(encoder: Encoder, tmp_path: Path) -> None:
    encoder.save(tmp_path / "e.safetensors")
    about = header(tmp_path / "e.safetensors")
    assert json.loads(about["features"])["hop"] == FEATURES.hop
    assert json.loads(about["config"])["layers"] == 2


def header(path: Path) -> dict[str, str]:
    data = path.read_bytes()
    return json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]


def rewrite(path: Path, **changes: str) -> None:
    about = {**header(path), **changes}
    path.write_bytes(save(load(path.read_bytes()), about))


def test_files_that_do_not_fit_say_so_in_one_sentence(encoder: Encoder, tmp_path: Path) -> None:
    path = tmp_path / "e.safetensors"
    encoder.save(path)
    good = path.read_bytes()
    said = set()

    def refused() -> None:
        with pytest.raises(ModelMismatch) as caught:
            Encoder.load(path)
        sentence = str(caught.value)
        assert "e.safetensors" in sentence
        assert sentence.endswith(".")
        assert "\n" not in sentence
        said.add(sentence)

    features = json.loads(header(path)["features"])
    rewrite(path, features=json.dumps({**features, "hop": 512}))
    refused()
    path.write_bytes(good)
    rewrite(path, features=json.dumps({**features, "sauce": 1}))
    refused()
    path.write_bytes(good)
    rewrite(path, config=json.dumps({**json.loads(header(path)["config"]), "layers": 3}))
    refused()
    path.write_bytes(good)
    rewrite(path, format="sliders-recommender/1")
    refused()
    for damaged in (good[: len(good) // 2], b"", b"no model", good[:8] + b"{" * 100):
        path.write_bytes(damaged)
        refused()
    path.unlink()
    refused()
    assert len(said) >= 5


def test_devices() -> None:
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device("auto").type in ("cpu", "cuda", "mps")
    with pytest.raises(UserError):
        pick_device("abacus")
    for name, there in (
        ("cuda", torch.cuda.is_available()),
        ("mps", torch.backends.mps.is_available()),
    ):
        if there:
            assert pick_device(name).type == name
        else:
            with pytest.raises(UserError, match=name):
                pick_device(name)


def test_the_shipped_weights_fit_the_card_and_load_fast() -> None:
    assert SHIPPED.stat().st_size < 42e6
    began = time.process_time()
    encoder = Encoder.load(SHIPPED)
    assert time.process_time() - began < 1.5  # 0.3 s alone on a core
    assert encoder.config == replace(EncoderConfig(), window=encoder.config.window)
    assert encoder.id in (SHIPPED.parent / "README.md").read_text("utf-8")
    segments, track = encoder.embed(music(3))
    assert segments.shape == (3, 512)
    assert np.isfinite(track).all()
