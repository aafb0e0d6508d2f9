"""The loop that made the encoder, and that continues it on the listener's own music.

Reads a cache of compact log-mel segments, never files; runs on the thread that calls it.
"""

from __future__ import annotations

import copy
import math
import pickle
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
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
from sliders_desktop.ml.losses import Predictor, draw_mask, isotropy
from sliders_desktop.ml.training_music import SegmentCache as SegmentCache
from sliders_desktop.ml.training_music import build_cache as build_cache
from sliders_desktop.ml.untrained import calibrate, fresh_encoder, whole_track
from sliders_desktop.progress import NO_JOB, Job

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

LEAST_SEGMENTS = 5  # of a track: hidden ones need visible ones beside them
KEPT_SEGMENTS = 200_000  # whose statistics stay in memory, 2.2 kB each
FEW = 120  # tracks that latents are calibrated to on the way; all at the end


@dataclass(frozen=True)
class TrainConfig:
    """How to train. The defaults made the encoder that is shipped."""

    steps: int = 3000  # optimiser steps, unless `minutes` are over before
    minutes: float = math.inf  # wall-clock limit; the learning rate follows whichever ends first
    batch: int = 32  # tracks in a step
    crop: int = 16  # segments of a track in a step; at most the encoder's window
    scattered: float = 0.25  # share of steps whose crops are runs of eight, as in long tracks
    isotropy: float = 0.05  # λ: weight of the isotropy terms; the rest gets 1 - λ
    latent: float = 0.1  # weight of the hidden segments' latents among what is to be guessed
    tell: float = 1.0  # weight of their fixed path, which cannot shrink to be guessed easily
    ema: float = 0.0  # the latents to guess are a slow teacher's (.996, say); 0: the encoder's own
    queue: int = 512  # recent crops that the track-level isotropy also sees
    lr: float = 6e-5  # peak learning rate; faster, the closed forms it starts from are lost
    warm_up: float = 0.05  # share of the training; the rate then falls to a thousandth
    weight_decay: float = 0.05  # on matrices only
    clip: float = 1.0  # largest gradient norm
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
    """Train on ``tracks``, compact segments (s, frames, columns) uint8 each, and write ``out``.

    ``start`` is trained further in place; without it a `fresh_encoder` is. With ``validate``
    (higher is better) the best weights seen are written, step 0 among them, else the last. A
    checkpoint ``out`` + ".checkpoint" is kept on the way; with ``resume`` it is continued exactly.
    It stays after a cancelled job and goes after a finished one. ``log`` gets a row of losses and
    dials every ``dials_every`` steps, and one per validation.

    Raises `TrainingCollapsed` when the space loses its spread, `Cancelled` through ``job``.
    """
    c = config or TrainConfig()
    if len(tracks) < 2:
        raise UserError("Training needs at least two tracks.")
    if np.mean([len(track) >= LEAST_SEGMENTS for track in tracks]) < 0.5:
        raise UserError(
            "Most of these tracks are too short to learn from: ten seconds each is the least."
        )
    torch.set_flush_denormal(True)
    first = start or fresh_encoder(tracks, seed, job=job)
    run = _Run(tracks, Path(out), c, first, seed, device, validate)
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
        expected = max(run.done, round(run.done / run.fraction()))
        job.progress(run.done, expected, f"loss {row['loss']:.3f}")
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


def fast_in_half(device: torch.device) -> bool:
    """Whether bfloat16 is several times faster there: on most GPUs, and on CPUs with AMX."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return device.type == "cpu" and bool(torch.cpu._is_amx_tile_supported())


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
        known = encoder.dim - encoder.config.learned
        self.predictor = Predictor(encoder.dim, known).to(device)
        self.teacher = copy.deepcopy(self.encoder).eval() if config.ema else None
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
        # Statistics never change, and would take half the time of a step: kept where they fit.
        self.known: dict[int, tuple[Tensor, Tensor]] = {}
        self.room = KEPT_SEGMENTS
        half = fast_in_half(self.device)
        self.mixed = partial(torch.autocast, self.device.type, torch.bfloat16, enabled=half)
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
        crops, skip, local = self._crops(rng)
        rows, length = crops.shape[:2]
        masked = torch.from_numpy(draw_mask(rows, length, rng)).to(self.device)
        at = torch.arange(length, device=self.device).expand(rows, -1)
        seen_at, hidden_at = at[~masked].view(rows, -1), at[masked].view(rows, -1)
        e.train()
        with self.mixed():
            tokens = e.tokens(crops, local)
            latents = e.latents(tokens, at)  # (B, T, d)
            target = latents if self.teacher is None else self._teach(crops, local, at)
            visible = e.latents(tokens[~masked].view(rows, -1, e.dim), seen_at)
            beside = skip[~masked].view(rows, -1, skip.shape[2])
            guess, told = self.predictor(visible, beside, seen_at, hidden_at)
        latents = latents.float()  # what is compared is compared in full precision
        predict = (guess.float().flatten(0, 1) - target.float()[masked]).square().mean()
        tell = (told.float().flatten(0, 1) - skip[masked]).square().mean() / skip.var()
        whole = latents.mean(1)
        # Segments of one track are no independent samples: count tracks, not segments.
        spread_z = isotropy(latents.flatten(0, 1), chance) / length
        spread_t = isotropy(torch.cat([whole, self.queue]), chance)
        guessed = c.latent * predict + c.tell * tell
        loss = (1 - c.isotropy) * guessed + c.isotropy * (spread_z + spread_t)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.learned, c.clip)
        rate = self._rate()
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        if torch.isfinite(norm):
            self.optimiser.step()
            self._follow()
        self.queue = torch.cat([whole.detach(), self.queue])[: c.queue]
        self.done += 1
        return {
            "step": self.done,
            "loss": loss.item(),
            "predict": predict.item(),
            "tell": tell.item(),
            "isotropy_segments": spread_z.item(),
            "isotropy_tracks": spread_t.item(),
            "gradient": norm.item(),
            "lr": rate,
        }

    @torch.no_grad()
    def _teach(self, crops: Tensor, local: Tensor, at: Tensor) -> Tensor:
        """The teacher's latents of whole crops (B, T, d)."""
        assert self.teacher is not None
        return self.teacher.latents(self.teacher.tokens(crops, local), at)

    @torch.no_grad()
    def _follow(self) -> None:
        """The teacher drifts after the encoder, ever slower: ``ema`` at first, 1 at the end."""
        if self.teacher is None:
            return
        stay = 1 - (1 - self.c.ema) * (1 - min(1.0, self.fraction()))
        for slow, fast in zip(self.teacher.parameters(), self.encoder.parameters(), strict=True):
            slow.lerp_(fast, 1 - stay)

    def _rate(self) -> float:
        at, c = self.fraction(), self.c
        if at < c.warm_up:
            return c.lr * (at + 1 / c.steps) / (c.warm_up + 1 / c.steps)
        turn = math.cos(math.pi * min(1.0, (at - c.warm_up) / (1 - c.warm_up)))
        return c.lr * (1e-3 + (1 - 1e-3) * (1 + turn) / 2)

    def _crops(self, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """A crop of each track whose turn it is, its fixed path and its local statistics.

        (B, crop, frames, columns), (B, crop, keep), (B, crop, 706).
        """
        c, n = self.c, len(self.tracks)
        size = min(c.batch, n)
        first = self.done * size
        picks = []
        for k in range(first, first + size):  # every epoch in an order of its own
            order = np.random.default_rng([self.seed, 1, k // n]).permutation(n)
            picks.append(int(order[k % n]))
        run = FEATURES.run if rng.random() < c.scattered else c.crop
        crops, skips, locals_ = [], [], []
        for i in picks:
            track = self.tracks[i]
            starts = np.sort(rng.integers(len(track), size=-(-c.crop // run)))
            at = ((starts[:, None] + np.arange(run)) % len(track)).ravel()[: c.crop]
            crops.append(torch.from_numpy(from_bytes(track[at])))
            skip, local = self._known(i)
            skips.append(skip[at])
            locals_.append(local[at])
        stacked = (torch.stack(x).to(self.device) for x in (crops, skips, locals_))
        segments, skip, local = stacked
        return segments, skip.float(), local.float()

    def _known(self, i: int) -> tuple[Tensor, Tensor]:
        """Fixed path and local statistics of track ``i``, computed once if there is room."""
        known = self.known.get(i)
        if known is None:
            known = whole_track(self.encoder, self.tracks[i])
            self.room -= len(known[0])
            if self.room > 0:
                self.known[i] = known
        return known

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
        sick = (sick or health["std"] < 0.05) and self.fraction() > self.c.warm_up
        self.unhealthy = self.unhealthy + 1 if sick else 0
        if self.unhealthy >= self.c.patience:
            raise TrainingCollapsed(
                "Training was stopped: the tracks became too alike to tell apart."
            )

    def score(self, log: Callable[[dict[str, float]], None] | None) -> None:
        """Ask `validate`, and keep the weights if they are the best so far."""
        assert self.validate is not None
        self.encoder.eval()
        calibrate(self.encoder, self.tracks, FEW)
        value = self.validate(self.encoder)
        if math.isnan(self.best_score) or value > self.best_score:
            self.best_score, self.best_step = value, self.done
            self.best = {k: v.detach().cpu().clone() for k, v in self.encoder.state_dict().items()}
        row = {"step": self.done, "score": value, "seconds": self.seconds}
        self.history.append(row)
        if log:
            log(row)

    def save(self) -> None:
        state = {
            "encoder": self.encoder.state_dict(),
            "predictor": self.predictor.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "queue": self.queue,
            "teacher": self.teacher.state_dict() if self.teacher is not None else None,
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
        if self.teacher is not None:
            self.teacher.load_state_dict(state["teacher"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.queue, self.best, self.history = state["queue"], state["best"], state["history"]
        self.done, self.seconds, self.unhealthy, self.best_score, self.best_step = state["numbers"]

    def finish(self) -> TrainResult:
        """Fit the readout to the training music, write the weights, drop the checkpoint."""
        e = self.encoder.eval()
        if self.best is not None:
            e.load_state_dict(self.best)
        calibrate(e, self.tracks)
        e.id = e.save(self.out)
        self.checkpoint.unlink(missing_ok=True)
        best_step = self.best_step if self.validate else self.done
        return TrainResult(self.done, self.seconds, best_step, self.best_score, self.history)
