"""The loop that made the encoder, and that continues it on the listener's own music.

Reads a cache of compact log-mel segments, never files; runs on the thread that calls it.
"""

from __future__ import annotations

import math
import pickle
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sliders_desktop.errors import ModelMismatch, TrainingCollapsed, UserError
from sliders_desktop.ml.encoder import Encoder
from sliders_desktop.ml.evaluate import TrackVectors, segment_hits
from sliders_desktop.ml.features import FEATURES, from_bytes
from sliders_desktop.ml.health import dials
from sliders_desktop.ml.losses import Predictor, agreement, draw_mask, isotropy, masked_prediction
from sliders_desktop.ml.training_music import SegmentCache as SegmentCache
from sliders_desktop.ml.training_music import build_cache as build_cache
from sliders_desktop.ml.training_music import disguise
from sliders_desktop.ml.untrained import centre, fresh_encoder, whole
from sliders_desktop.progress import NO_JOB, Job

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class TrainConfig:
    """How to train. The defaults made the encoder that is shipped."""

    steps: int = 3000  # optimiser steps, unless `minutes` are over before
    minutes: float = math.inf  # wall-clock limit; the learning rate follows whichever ends first
    batch: int = 16  # tracks in a step
    far: int = 16  # segments in the large crop; at most the encoder's window
    near: int = 8  # segments in the small crop, beside the large one
    scattered: float = 0.25  # share of steps whose crops are runs of four, as in long tracks
    isotropy: float = 0.05  # λ: weight of the isotropy terms; the rest gets 1 - λ
    agree: float = 2.0  # weight of both crops' distance from their whole track
    queue: int = 512  # recent track vectors that the track-level isotropy also sees
    lr: float = 5e-4  # peak learning rate; cosine to a thousandth after the warm-up
    warm_up: float = 0.05  # share of the training
    weight_decay: float = 0.05  # on matrices only
    clip: float = 1.0  # largest gradient norm
    tilt_db: float = 0.5  # gain and slow equalisation of the small crop, up to this
    dials_every: int = 100  # steps between looks at the health of the space
    patience: int = 5  # unhealthy looks in a row before training is given up
    save_every_s: float = 300.0  # seconds between checkpoints
    check_every_s: float = 600.0  # seconds between calls of `validate`


@dataclass
class TrainResult:
    """What a training came to."""

    steps: int  # steps done, over all resumptions
    seconds: float  # training time, over all resumptions
    best_step: int  # the step whose weights were written
    best_score: float  # what `validate` said of them; NaN without `validate`
    history: list[dict[str, float]] = field(default_factory=list)


def train(
    tracks: Sequence[Bytes],
    out: str | Path,
    *,
    config: TrainConfig | None = None,
    start: Encoder | None = None,
    seed: int = 0,
    device: str | torch.device = "cpu",
    resume: bool = False,
    validate: Callable[[Encoder], float] | None = None,
    job: Job = NO_JOB,
    log: Callable[[dict[str, float]], None] | None = None,
) -> TrainResult:
    """Train on ``tracks``, compact segments (s, frames, mels) uint8 each, and write ``out``.

    ``start`` is trained further in place; without it a `fresh_encoder` is. With ``validate``
    (higher is better) the best weights seen are written, else the last. If step 0 was best, the
    last weights are written with the Transformer turned down until they are not worse. A
    checkpoint ``out`` + ".checkpoint" is kept on the way; with ``resume`` it is continued exactly.
    It stays after a cancelled job and goes after a finished one. ``log`` gets a row of losses and
    dials every ``dials_every`` steps, and one per validation.

    Raises `TrainingCollapsed` when the space loses its spread, `Cancelled` through ``job``.
    """
    c = config or TrainConfig()
    if len(tracks) < 2:
        raise UserError("Training needs at least two tracks.")
    torch.set_flush_denormal(True)
    run = _Run(tracks, Path(out), c, start or fresh_encoder(tracks, seed), seed, device, validate)
    if resume and run.checkpoint.exists():
        run.restore()
    elif validate:
        run.score(log)
    saved = checked = time.monotonic()
    while run.fraction() < 1:
        job.check()
        began = time.monotonic()
        row = run.step()
        run.seconds += time.monotonic() - began
        job.progress(run.done, c.steps, f"loss {row['loss']:.3f}")
        if run.done % c.dials_every == 0:
            run.look(row, log)
        if time.monotonic() - checked > c.check_every_s and validate:
            run.score(log)
            checked = time.monotonic()
        if time.monotonic() - saved > c.save_every_s:
            run.save()
            saved = time.monotonic()
    if validate:
        run.score(log)
        if run.best_step == 0:
            run.turn_down(log)
    return run.finish()


def hold_out(
    tracks: Sequence[Bytes], share: float = 0.1
) -> tuple[list[Bytes], Callable[[Encoder], float]]:
    """Tracks to train on, and a `validate` on the others: how often ten seconds find their track.

    Every tenth track (by ``share``) is held out, at least two; no labels are needed. Neighbours
    in the list, mostly of one album, make the search hard as it is in use.
    """
    every = max(2, round(1 / share))
    held = [from_bytes(np.asarray(t)) for t in tracks[::every]]

    def recall(encoder: Encoder) -> float:
        return float(np.nanmean(segment_hits(TrackVectors.read(encoder, held))))

    return [t for k, t in enumerate(tracks) if k % every], recall


class _Run:
    """Everything that changes while training: what a checkpoint holds."""

    def __init__(
        self,
        tracks: Sequence[Bytes],
        out: Path,
        config: TrainConfig,
        encoder: Encoder,
        seed: int,
        device: str | torch.device,
        validate: Callable[[Encoder], float] | None,
    ) -> None:
        self.tracks, self.out, self.c, self.seed = tracks, out, config, seed
        self.checkpoint = out.with_name(out.name + ".checkpoint")
        self.encoder, self.validate = encoder.to(device), validate
        self.device = torch.device(device)
        torch.manual_seed(seed)
        self.predictor = Predictor(encoder.dim).to(device)
        self.learned = [*self.encoder.parameters(), *self.predictor.parameters()]
        matrices = [p for p in self.learned if p.ndim > 1]
        others = [p for p in self.learned if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": matrices, "weight_decay": config.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=config.lr,
            betas=(0.9, 0.98),
            fused=self.device.type in ("cpu", "cuda"),
        )
        self.queue = torch.zeros(0, encoder.dim, device=device)
        self.whole = torch.stack([whole(encoder, track) for track in tracks])
        self.done, self.seconds, self.unhealthy = 0, 0.0, 0
        self.history: list[dict[str, float]] = []
        self.best_score, self.best_step = math.nan, 0
        self.best: dict[str, Tensor] | None = None

    def fraction(self) -> float:
        return max(self.done / self.c.steps, self.seconds / 60 / self.c.minutes)

    def step(self) -> dict[str, float]:
        """One optimiser step. All chance comes from the seed and the step: resuming is exact."""
        c, e = self.c, self.encoder
        rng = np.random.default_rng([self.seed, self.done])
        chance = torch.Generator().manual_seed(int(rng.integers(2**62)))
        torch.manual_seed(int(rng.integers(2**62)))  # for the layers that are skipped
        picks, far, near = self._crops(rng)
        masked = torch.from_numpy(draw_mask(len(far), far.shape[1], rng)).to(self.device)
        e.train()
        skip_far, far_tokens = e.tokens(far.flatten(0, 1))
        skip_near, near_tokens = e.tokens(near.flatten(0, 1))
        rows = len(far)
        skip_far, far_tokens = (x.view(rows, -1, e.dim) for x in (skip_far, far_tokens))
        skip_near, near_tokens = (x.view(rows, -1, e.dim) for x in (skip_near, near_tokens))
        at = torch.arange(far.shape[1], device=self.device).expand(rows, -1)
        z = e.read(skip_far, far_tokens, at)  # (B, far, d)
        seen_at, hidden_at = at[~masked].view(rows, -1), at[masked].view(rows, -1)
        seen = e.read(
            skip_far[~masked].view(rows, -1, e.dim),
            far_tokens[~masked].view(rows, -1, e.dim),
            seen_at,
        )
        guess = z.new_zeros(z.shape)
        guess[masked] = self.predictor(seen, seen_at, hidden_at).flatten(0, 1)
        t1 = z.mean(1)
        t2 = e.read(skip_near, near_tokens, at[:, : near.shape[1]]).mean(1)
        predict = masked_prediction(guess, z, masked)
        anchor = self.whole[picks].clone()  # made in inference mode
        agree = (agreement(t1, anchor) + agreement(t2, anchor)) / 2
        # Segments of one track are no independent samples: count tracks, not segments.
        spread_z = isotropy(z.flatten(0, 1), chance) / far.shape[1]
        spread_t = isotropy(torch.cat([t1, t2, self.queue]), chance)
        loss = (1 - c.isotropy) * (predict + c.agree * agree) + c.isotropy * (spread_z + spread_t)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.learned, c.clip)
        rate = self._rate()
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        if torch.isfinite(norm):
            self.optimiser.step()
        self.queue = torch.cat([t1.detach(), self.queue])[: c.queue]
        self.done += 1
        return {
            "step": self.done,
            "loss": loss.item(),
            "predict": predict.item(),
            "agree": agree.item(),
            "isotropy_segments": spread_z.item(),
            "isotropy_tracks": spread_t.item(),
            "gradient": norm.item(),
            "lr": rate,
        }

    def _rate(self) -> float:
        at, c = self.fraction(), self.c
        if at < c.warm_up:
            return c.lr * (at + 1 / c.steps) / (c.warm_up + 1 / c.steps)
        turn = math.cos(math.pi * min(1.0, (at - c.warm_up) / (1 - c.warm_up)))
        return c.lr * (1e-3 + (1 - 1e-3) * (1 + turn) / 2)

    def _crops(self, rng: np.random.Generator) -> tuple[list[int], Tensor, Tensor]:
        """A large crop, clean, and a small one beside it, disguised: (B, ·, frames, mels) each."""
        c, n = self.c, len(self.tracks)
        size = min(c.batch, n)
        first = self.done * size
        picks = []
        for k in range(first, first + size):  # every epoch in an order of its own
            order = np.random.default_rng([self.seed, 1, k // n]).permutation(n)
            picks.append(int(order[k % n]))
        scattered = rng.random() < c.scattered
        far, near = [], []
        for i in picks:
            track = self.tracks[i]
            at = (rng.integers(len(track)) + np.arange(c.far + c.near)) % len(track)
            if scattered:
                runs = at[: len(at) // FEATURES.run * FEATURES.run].reshape(-1, FEATURES.run)
                mixed = rng.permutation(len(runs))
                take = c.far // FEATURES.run
                at = np.r_[runs[np.sort(mixed[:take])].ravel(), runs[np.sort(mixed[take:])].ravel()]
            far.append(from_bytes(track[np.asarray(at[: c.far])]))
            near.append(from_bytes(track[np.asarray(at[-c.near :])]))
        disguised = disguise(np.stack(near), c.tilt_db, rng)
        return (
            picks,
            torch.from_numpy(np.stack(far)).to(self.device),
            torch.from_numpy(disguised).to(self.device),
        )

    def look(self, row: dict[str, float], log: Callable[[dict[str, float]], None] | None) -> None:
        """Read the dials of the recent track vectors; give up when they stay unhealthy."""
        health = dials(self.queue.cpu().numpy())
        row = {**row, **health, "seconds": self.seconds}
        self.history.append(row)
        if log:
            log(row)
        # A rank cannot exceed the number of tracks or dimensions: small runs are judged by those.
        enough = min(20.0, min(len(self.tracks), *self.queue.shape) / 3)
        sick = health["effective rank"] < enough or abs(health["mean cosine"]) > 0.3
        self.unhealthy = self.unhealthy + 1 if sick or health["std"] < 0.05 else 0
        if self.unhealthy >= self.c.patience:
            raise TrainingCollapsed(
                "Training was stopped: the tracks became too alike to tell apart."
            )

    def score(self, log: Callable[[dict[str, float]], None] | None) -> None:
        """Ask `validate`, and keep the weights if they are the best so far."""
        assert self.validate is not None
        self.encoder.eval()
        value = self.validate(self.encoder)
        if math.isnan(self.best_score) or value > self.best_score:
            self.best_score, self.best_step = value, self.done
            self.best = {k: v.detach().cpu().clone() for k, v in self.encoder.state_dict().items()}
        row = {"step": self.done, "score": value, "seconds": self.seconds}
        self.history.append(row)
        if log:
            log(row)

    def turn_down(self, log: Callable[[dict[str, float]], None] | None) -> None:
        """The loudest of some gains at which the trained layers cost nothing; else step 0 stays."""
        assert self.validate is not None
        trained = self.encoder.gain.detach().clone()
        for share in (0.3, 0.1):
            self.encoder.gain.data.copy_(trained * share)
            value = self.validate(self.encoder)
            row = {"step": self.done, "gain": share, "score": value}
            self.history.append(row)
            if log:
                log(row)
            if value >= self.best_score - 1e-3:
                self.best, self.best_step, self.best_score = None, self.done, value
                return

    def save(self) -> None:
        state = {
            "encoder": self.encoder.state_dict(),
            "predictor": self.predictor.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "queue": self.queue,
            "best": self.best,
            "numbers": [self.done, self.seconds, self.unhealthy, self.best_score, self.best_step],
            "history": self.history,
            "config": {**asdict(self.c), **asdict(self.encoder.config), "seed": self.seed},
        }
        partial = self.checkpoint.with_name(self.checkpoint.name + ".part")
        torch.save(state, partial)
        partial.replace(self.checkpoint)

    def restore(self) -> None:
        try:
            state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        except (RuntimeError, OSError, EOFError, pickle.UnpicklingError) as e:
            raise ModelMismatch("The checkpoint of this training is damaged.") from e
        made = {k: v for k, v in state["config"].items() if k in asdict(self.encoder.config)}
        if made != asdict(self.encoder.config) or state["config"]["seed"] != self.seed:
            raise ModelMismatch("The checkpoint belongs to another training.")
        self.encoder.load_state_dict(state["encoder"])
        self.predictor.load_state_dict(state["predictor"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.queue, self.best, self.history = state["queue"], state["best"], state["history"]
        self.done, self.seconds, self.unhealthy, self.best_score, self.best_step = state["numbers"]

    def finish(self) -> TrainResult:
        """Centre the space on the training music, write the weights, drop the checkpoint."""
        e = self.encoder.eval()
        if self.best is not None:
            e.load_state_dict(self.best)
        centre(e, self.tracks)
        e.id = e.save(self.out)
        self.checkpoint.unlink(missing_ok=True)
        best_step = self.best_step if self.validate else self.done
        return TrainResult(self.done, self.seconds, best_step, self.best_score, self.history)
