"""Training at a tiny scale: it learns, it resumes exactly, it notices collapse."""

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sliders_desktop.errors import Cancelled, ModelMismatch, TrainingCollapsed, UserError
from sliders_desktop.ml.encoder import Encoder, EncoderConfig
from sliders_desktop.ml.features import from_bytes, to_bytes
from sliders_desktop.ml.pretrain import (
    SegmentCache,
    TrainConfig,
    build_cache,
    hold_out,
    train,
)
from sliders_desktop.ml.untrained import LEVEL, SHARE, calibrate, fresh_encoder

TINY = EncoderConfig(
    dim=32, layers=1, heads=2, ff=64, patch_dim=8, window=6, patch_hop=16, learned=8
)
SHORT = TrainConfig(steps=6, batch=6, crop=6, queue=24, dials_every=2, lr=1e-3)


@pytest.fixture(scope="module")
def music() -> list[np.ndarray]:
    """Sixteen tracks, each with its own colour and pulse, nine segments long."""
    rng = np.random.default_rng(0)
    at = np.arange(128)
    tracks = []
    for k in range(16):
        colour = np.convolve(rng.normal(0, 2, 110), np.ones(15) / 15, "valid")[:96]
        chord = np.zeros((128, 18))
        chord[:, rng.integers(18, size=3)] = 1.5
        pulse = np.sin(2 * np.pi * at * (k % 5 + 1) / 32)[:, None] * (k / 16)
        sound = np.concatenate([-3 + colour + pulse, -3.5 + chord], 1)
        tracks.append(to_bytes(sound + rng.normal(0, 0.6, (9, 128, 114))))
    return tracks


@pytest.fixture(scope="module")
def at_step_0(music: list[np.ndarray]) -> Encoder:
    return fresh_encoder(music, 1, TINY)


@pytest.fixture
def start(at_step_0: Encoder) -> Encoder:
    return copy.deepcopy(at_step_0)


def weights(path: Path) -> dict[str, torch.Tensor]:
    return Encoder.load(path).state_dict()


class Stopping:
    """A job that is cancelled at its nth look."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.seen: list[tuple[int, int]] = []

    def progress(self, done: int, total: int, text: str = "") -> None:
        self.seen.append((done, total))

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


def test_a_cache_gives_back_what_was_put_in(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    waves = [(f"t{k}", rng.normal(0, 0.1, 49152 * (k + 1)).astype("f4")) for k in range(3)]
    job = Stopping(99)
    cache = build_cache(iter(waves), tmp_path / "cache", 3, job)
    assert job.seen == [(1, 3), (2, 3), (3, 3)]
    assert cache.names == ["t0", "t1", "t2"]
    assert [len(t) for t in cache] == [1, 2, 3]
    assert [len(t) for t in SegmentCache(tmp_path / "cache")[1:]] == [2, 3]
    assert isinstance(cache[2].base, np.memmap | np.ndarray)
    assert len(Encoder.random(0, TINY).embed(from_bytes(cache[2]))[0]) == 3
    index = tmp_path / "cache" / "index.json"
    index.write_text(index.read_text("utf-8").replace('"hop": 384', '"hop": 512'), "utf-8")
    with pytest.raises(ModelMismatch):
        SegmentCache(tmp_path / "cache")
    with pytest.raises(UserError):
        build_cache([], tmp_path / "empty")
    with pytest.raises(Cancelled):
        build_cache(iter(waves), tmp_path / "cut", 3, Stopping(1))


def test_step_0_has_an_even_level_and_its_strongest_directions_first(
    music: list[np.ndarray], start: Encoder
) -> None:
    calibrate(start, music)
    tracks = np.stack([start.embed(from_bytes(t))[1] for t in music])
    fixed, learned = tracks[:, :24], tracks[:, 24:]
    assert fixed.var(0).mean() == pytest.approx(LEVEL**2, rel=0.01)
    assert (np.diff(fixed.var(0)) < 1e-2).all()
    assert learned.var(0).mean() == pytest.approx((SHARE * LEVEL) ** 2, rel=0.01)
    assert np.abs(tracks.mean(0)).max() < 1e-3


def test_calibration_reads_the_same_of_fewer_tracks(
    music: list[np.ndarray], start: Encoder
) -> None:
    calibrate(start, music, enough=8)
    few = np.stack([start.embed(from_bytes(t))[1] for t in music])
    assert np.abs(few[::2].mean(0)).max() < 1e-3  # every second one was used
    calibrate(start, music)
    every = np.stack([start.embed(from_bytes(t))[1] for t in music])
    assert np.corrcoef(few[:, :24].ravel(), every[:, :24].ravel())[0, 1] > 0.95


def test_training_lowers_its_loss_and_centres_the_space(
    music: list[np.ndarray], start: Encoder, tmp_path: Path
) -> None:
    rows: list[dict[str, float]] = []
    config = replace(SHORT, steps=30, lr=3e-3, dials_every=1, patience=99)
    job = Stopping(999)
    result = train(music, tmp_path / "e", config=config, start=start, job=job, log=rows.append)
    assert result.steps == result.best_step == 30
    assert job.seen[-1] == (30, 30)
    for part in ("loss", "predict"):
        course = [r[part] for r in rows]
        assert np.mean(course[-10:]) < np.mean(course[:10])
    assert {"loss", "predict", "effective rank", "std", "mean cosine"} <= set(rows[-1])
    encoder = Encoder.load(tmp_path / "e")
    tracks = np.stack([encoder.embed(from_bytes(t))[1] for t in music])
    assert np.abs(tracks.mean(0)).max() < 0.02 * np.abs(tracks).max()
    assert [p.name for p in tmp_path.iterdir()] == ["e"]


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(
    music: list[np.ndarray], at_step_0: Encoder, tmp_path: Path
) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        start = copy.deepcopy(at_step_0)
        train(music, tmp_path / name, config=SHORT, start=start, seed=seed)
    a, b, c = (weights(tmp_path / n) for n in "abc")
    assert all(torch.equal(a[k], b[k]) for k in a)
    assert not torch.equal(a["head.weight"], c["head.weight"])


def test_resuming_is_exact(
    music: list[np.ndarray], start: Encoder, at_step_0: Encoder, tmp_path: Path
) -> None:
    config = replace(SHORT, save_every_s=0.0)
    train(music, tmp_path / "whole", config=config, start=start)
    cut = copy.deepcopy(at_step_0)
    with pytest.raises(Cancelled):
        train(music, tmp_path / "cut", config=config, start=cut, job=Stopping(4))
    assert (tmp_path / "cut.checkpoint").exists()
    assert not (tmp_path / "cut").exists()
    again = copy.deepcopy(at_step_0)
    result = train(music, tmp_path / "cut", config=config, start=again, resume=True)
    assert result.steps == 6
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "cut")
    assert all(torch.equal(one[k], other[k]) for k in one)
    assert not (tmp_path / "cut.checkpoint").exists()


def test_a_checkpoint_of_another_training_is_refused(
    music: list[np.ndarray], start: Encoder, tmp_path: Path
) -> None:
    config = replace(SHORT, save_every_s=0.0)
    with pytest.raises(Cancelled):
        train(music, tmp_path / "e", config=config, start=start, job=Stopping(1))
    other = Encoder.random(1, replace(TINY, layers=2))
    with pytest.raises(ModelMismatch):
        train(music, tmp_path / "e", config=config, start=other, resume=True)
    with pytest.raises(ModelMismatch):
        train(music, tmp_path / "e", config=config, start=start, seed=5, resume=True)
    (tmp_path / "e.checkpoint").write_bytes(b"cut off")
    with pytest.raises(ModelMismatch):
        train(music, tmp_path / "e", config=config, start=start, resume=True)


def test_the_best_weights_are_kept_step_0_included(
    music: list[np.ndarray], start: Encoder, tmp_path: Path
) -> None:
    before = start.head.weight.detach().clone()
    told = iter([0.9, 0.1])  # step 0, the end
    result = train(music, tmp_path / "e", config=SHORT, start=start, validate=lambda _: next(told))
    assert (result.best_step, result.best_score) == (0, 0.9)
    assert torch.equal(start.head.weight, before)


def test_a_teacher_follows_slowly_and_resumes_exactly(
    music: list[np.ndarray], at_step_0: Encoder, tmp_path: Path
) -> None:
    config = replace(SHORT, save_every_s=0.0, ema=0.9)
    with pytest.raises(Cancelled):
        train(
            music,
            tmp_path / "cut",
            config=config,
            start=copy.deepcopy(at_step_0),
            job=Stopping(4),
        )
    for name in ("whole", "cut"):
        again = copy.deepcopy(at_step_0)
        train(music, tmp_path / name, config=config, start=again, resume=True)
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "cut")
    assert all(torch.equal(one[k], other[k]) for k in one)
    train(music, tmp_path / "own", config=SHORT, start=copy.deepcopy(at_step_0))
    assert not torch.equal(one["head.weight"], weights(tmp_path / "own")["head.weight"])


def test_held_out_tracks_are_searched_without_labels(
    music: list[np.ndarray], start: Encoder
) -> None:
    rest, recall = hold_out(music, 0.25)
    assert len(rest) == 12
    assert all(t is not music[0] and t is not music[4] for t in rest)
    assert 0.7 < recall(start) <= 1


def test_minutes_end_a_training(music: list[np.ndarray], start: Encoder, tmp_path: Path) -> None:
    config = replace(SHORT, steps=10**6, minutes=0.005)
    result = train(music, tmp_path / "e", config=config, start=start)
    assert 0.3 <= result.seconds < 5


def test_without_the_isotropy_term_the_space_collapses_and_that_is_noticed(
    music: list[np.ndarray], tmp_path: Path
) -> None:
    config = replace(SHORT, steps=60, dials_every=3, patience=3, lr=4e-3, tell=0.0)

    config = replace(config, latent=1.0)

    def blank() -> Encoder:
        return fresh_encoder(music, 0, replace(TINY, drop_path=0.0))

    with pytest.raises(TrainingCollapsed, match="alike"):
        train(music, tmp_path / "a", config=replace(config, isotropy=0.0), start=blank())
    rows: list[dict[str, float]] = []
    held = replace(config, isotropy=0.3, patience=99)
    train(music, tmp_path / "b", config=held, start=blank(), log=rows.append)
    assert rows[-1]["std"] > 0.3


def test_one_track_is_not_enough(music: list[np.ndarray], start: Encoder, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        train(music[:1], tmp_path / "e", config=SHORT, start=start)


def test_tracks_shorter_than_a_crop_are_gone_round(music: list[np.ndarray], tmp_path: Path) -> None:
    short = [t[: 2 + k % 5] for k, t in enumerate(music)]
    for k in range(0, 16, 2):
        short[k] = music[k][:5]
    train(short, tmp_path / "e", config=SHORT, start=fresh_encoder(short, 1, TINY))
    assert np.isfinite(Encoder.load(tmp_path / "e").embed(from_bytes(short[0]))[1]).all()


def test_music_of_a_few_seconds_each_is_refused(music: list[np.ndarray], tmp_path: Path) -> None:
    jingles = [t[:1] for t in music[:12]] + music[12:]
    with pytest.raises(UserError, match="too short"):
        train(jingles, tmp_path / "e", config=SHORT)
    assert list(tmp_path.iterdir()) == []
