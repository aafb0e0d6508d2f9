"""The listening model: what it is made of, how it is stored, how it reads a track.

A track's vector has two parts side by side: whitened statistics of its segments, and what a
Transformer makes of them. Runs on the thread that calls it; nothing here trains (see `pretrain`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self, cast

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from sliders_desktop.errors import ModelMismatch, UserError
from sliders_desktop.ml.features import FEATURES, FeatureConfig, mels, pitches
from sliders_desktop.ml.fixed_path import LOCAL, Readout, Skip, statistics

Floats = NDArray[np.float32]

FORMAT = "sliders-encoder/2"


@dataclass(frozen=True)
class EncoderConfig:
    """The shape of the encoder; stored in the header of its weights."""

    dim: int = 512  # width of tokens, segment vectors and track vectors
    layers: int = 11  # pre-norm Transformer layers
    heads: int = 8  # attention heads in a layer
    ff: int = 2048  # hidden width of a layer's feed-forward half
    registers: int = 4  # tokens that belong to no segment, for what concerns the whole
    patch_frames: int = 16  # frames under one patch of the stem, 256 ms
    patch_hop: int = 8  # frames from patch to patch: a large stride keeps the stem cheap
    patch_dim: int = 192  # width of a patch
    window: int = 16  # segments read at once: never more than were seen in training
    learned: int = 112  # places of a vector that are the Transformer's; the rest is the fixed path
    drop_path: float = 0.2  # chance that the last layer is skipped in a training step
    spectrum_mean: float = -2.94  # both spectra are standardised by these two: training music
    spectrum_std: float = 1.30


class Linear(nn.Linear):
    """Begins without weights: they are loaded or `initialise`d, and drawing 37 M takes a second."""

    def reset_parameters(self) -> None:
        pass


def initialise(module: nn.Module) -> None:
    """Matrices a truncated normal of .02, biases zero; from torch's random state."""
    for name, p in module.named_parameters():
        if p.ndim == 2:
            nn.init.trunc_normal_(p, std=0.02)
        elif name.endswith("bias"):
            nn.init.zeros_(p)


class Stem(nn.Module):
    """One token per segment: patches of all mel bands, the semitones, and local statistics.

    Nothing in a token comes from another segment: a hidden one must not show in its neighbours.
    """

    def __init__(self, c: EncoderConfig) -> None:
        super().__init__()
        self.c = c
        patches = (FEATURES.frames - c.patch_frames) // c.patch_hop + 1
        self.patch = Linear(c.patch_frames * FEATURES.n_mels, c.patch_dim)
        self.join = Linear(patches * c.patch_dim, c.dim)
        self.pitch = Linear(FEATURES.pitch_frames * FEATURES.semitones, c.dim)
        self.statistics = Linear(LOCAL, c.dim)

    def forward(self, segments: Tensor, local: Tensor) -> Tensor:
        """(n, frames, columns) and standardised local statistics (n, 706) → (n, dim)."""
        x = (segments - self.c.spectrum_mean) / self.c.spectrum_std
        patches = mels(x).unfold(1, self.c.patch_frames, self.c.patch_hop)
        seen = F.gelu(self.patch(patches.flatten(2)))  # (n, patches, patch_dim)
        pitch = self.pitch(pitches(x).flatten(1))
        return cast(Tensor, self.join(seen.flatten(1)) + pitch + self.statistics(local))


class Layer(nn.Module):
    """Pre-norm self-attention with rotary positions, then a feed-forward half."""

    def __init__(self, dim: int, heads: int, ff: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.qkv, self.out = Linear(dim, 3 * dim), Linear(dim, dim)
        self.up, self.down = Linear(dim, ff), Linear(ff, dim)

    def forward(self, x: Tensor, turn: Tensor) -> Tensor:
        qkv = self.qkv(self.norm1(x)).reshape(*x.shape[:2], 3, self.heads, -1)  # (B, T, 3, nh, hs)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # 3 × (B, nh, T, hs)
        y = F.scaled_dot_product_attention(_rotate(q, turn), _rotate(k, turn), v)
        x = x + self.out(y.transpose(1, 2).flatten(2))  # (B, nh, T, hs) → (B, T, dim)
        return cast(Tensor, x + self.down(F.gelu(self.up(self.norm2(x)))))


def turns(positions: Tensor, head_dim: int) -> Tensor:
    """Cosines and sines of the rotary angles of ``positions`` (B, T): (2, B, 1, T, head_dim/2)."""
    rates = 1000 ** -(torch.arange(head_dim // 2, device=positions.device) / (head_dim // 2))
    angle = positions[:, None, :, None] * rates
    return torch.stack([angle.cos(), angle.sin()])


def _rotate(x: Tensor, turn: Tensor) -> Tensor:
    a, b = x.chunk(2, -1)
    cos, sin = turn
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


class Encoder(nn.Module):
    """Segments in, vectors out. Make one with `load` or `random`."""

    def __init__(self, config: EncoderConfig | None = None, identity: str = "untrained") -> None:
        super().__init__()
        c = self.config = config or EncoderConfig()
        self.id = identity
        self.skip = Skip(c.dim - c.learned)
        self.stem = Stem(c)
        self.registers = nn.Parameter(torch.zeros(c.registers, c.dim))
        self.layers = nn.ModuleList(Layer(c.dim, c.heads, c.ff) for _ in range(c.layers))
        self.norm = nn.LayerNorm(c.dim)
        self.head = Linear(c.dim, c.dim, bias=False)
        self.readout = Readout(c.dim, c.learned)
        self.register_buffer("mean", torch.zeros(c.dim))

    @property
    def dim(self) -> int:
        """Length of every vector."""
        return self.config.dim

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.registers.device

    @classmethod
    def random(cls, seed: int, config: EncoderConfig | None = None) -> Self:
        """An untrained encoder, the same for the same ``seed``; its id is ``random-<seed>``."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            encoder = cls(config, f"random-{seed}")
            initialise(encoder)
            for layer in encoder.layers:  # GPT-2's rule: the sum over layers stays of unit size
                for half in (layer.out, layer.down):
                    cast(Linear, half).weight.data /= (2 * encoder.config.layers) ** 0.5
            nn.init.orthogonal_(encoder.head.weight)
        return encoder.eval()

    @torch.no_grad()
    def know(self, segments: Tensor) -> tuple[Tensor, Tensor]:
        """What needs no learning, of stretches (B, T, frames, columns).

        The fixed path (B, T, keep) and standardised local statistics (B, T, 706).
        """
        stats = statistics(segments)
        return self.skip(stats), self.skip.local(stats)

    def tokens(self, segments: Tensor, local: Tensor) -> Tensor:
        """The Transformer's input (B, T, dim) for segments and their `local` statistics."""
        tokens = self.stem(segments.flatten(0, 1), local.flatten(0, 1))
        return cast(Tensor, tokens.reshape(*segments.shape[:2], -1))

    def parts(self, segments: Tensor) -> tuple[Tensor, Tensor]:
        """Stretches (B, T, frames, columns) → fixed path (B, T, keep) and latents (B, T, dim)."""
        skip, local = self.know(segments)
        tokens = self.tokens(segments, local)
        places = torch.arange(tokens.shape[1], device=tokens.device).expand(tokens.shape[0], -1)
        return skip, self.latents(tokens, places)

    def latents(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """What the Transformer makes of ``tokens`` (B, T, dim) at ``positions`` (B, T): as many."""
        c = self.config
        lead = positions.new_zeros(positions.shape[0], c.registers)
        turn = turns(torch.cat([lead, positions], 1).to(tokens.dtype), c.dim // c.heads)
        x = torch.cat([self.registers.expand(tokens.shape[0], -1, -1), tokens], 1)
        for i, layer in enumerate(self.layers):
            drop = c.drop_path * (i + 1) / c.layers
            if not self.training or not drop:
                x = layer(x, turn)
            elif torch.rand(()) >= drop:  # the whole layer for the whole batch: that saves time
                x = x + (layer(x, turn) - x) / (1 - drop)
        return cast(Tensor, self.head(self.norm(x[:, c.registers :])))

    def forward(self, segments: Tensor) -> Tensor:
        """Stretches of segments (B, T, frames, columns) → segment vectors (B, T, dim)."""
        skip, latents = self.parts(segments)
        return torch.cat([skip, self.readout(latents)], 2) - cast(Tensor, self.mean)

    def embed(self, segments: Floats) -> tuple[Floats, Floats]:
        """The vectors of one track from its segments (s, frames, columns), s ≥ 1.

        Returns segment vectors (s, dim) and the track vector (dim,), their mean; float32, not
        normalised, centred on the training music. A track longer than the trained window is read
        in overlapping windows, and each segment gets the mean of what they say.
        """
        return self.embed_batch([segments])[0]

    @torch.inference_mode()
    def embed_batch(
        self, tracks: Sequence[Floats], windows: int = 16
    ) -> list[tuple[Floats, Floats]]:
        """`embed` for several tracks at once, ``windows`` windows at a time; halved out of memory.

        On a CPU it is no faster than one by one; on a GPU it keeps the device busy.
        """
        torch.set_flush_denormal(True)  # near-silence would cost twenty times as long
        sums = [np.zeros((len(track), self.dim), np.float32) for track in tracks]
        counts = [np.zeros((len(track), 1), np.float32) for track in tracks]
        by_length: dict[int, list[tuple[int, int]]] = {}
        for i, track in enumerate(tracks):
            if track.shape[1:] != (FEATURES.frames, FEATURES.columns) or len(track) == 0:
                raise ValueError(f"not segments: {track.shape}")
            length, starts = stretches(len(track), self.config.window)
            by_length.setdefault(length, []).extend((i, start) for start in starts)
        was_training = self.training
        self.eval()
        for length, todo in by_length.items():
            while todo:
                batch = todo[:windows]
                some = np.stack([tracks[i][start : start + length] for i, start in batch])
                try:
                    vectors = self(torch.from_numpy(some).to(self.device)).cpu().numpy()
                except torch.OutOfMemoryError:
                    if windows == 1:
                        raise
                    windows //= 2
                    continue
                for (i, start), v in zip(batch, vectors, strict=True):
                    sums[i][start : start + length] += v
                    counts[i][start : start + length] += 1
                del todo[:windows]
        self.train(was_training)
        whole = [s / c for s, c in zip(sums, counts, strict=True)]
        return [(v, v.mean(0)) for v in whole]

    def save(self, path: str | Path) -> str:
        """Write int8 weights and a JSON header to ``path``; return the new id (sha256 hex).

        Matrices are int8 with one fp32 scale per output channel; norms, biases, gains and the
        fixed path stay fp32. The file appears under its name only once it is complete.
        """
        learned = dict(self.named_parameters())
        tensors: dict[str, Tensor] = {}
        for name, value in self.state_dict().items():
            value = value.detach().float().cpu().contiguous()
            if name in learned and name.endswith("weight") and value.ndim == 2:
                scale = value.abs().amax(1).clamp(min=1e-12) / 127
                tensors[name + ".scale"] = scale
                value = (value / scale[:, None]).round().to(torch.int8)
            tensors[name] = value
        header = {
            "format": FORMAT,
            "config": json.dumps(asdict(self.config)),
            "features": json.dumps(asdict(FEATURES)),
        }
        data = save_tensors(tensors, header)
        path = Path(path)
        partial = path.with_name(path.name + ".part")
        partial.write_bytes(data)
        partial.replace(path)
        return hashlib.sha256(data).hexdigest()

    @classmethod
    def load(cls, path: str | Path, device: str | torch.device = "cpu") -> Self:
        """The encoder stored at ``path``, on ``device``, its id the sha256 of the file.

        Raises `ModelMismatch` if the file is missing, damaged, of another format, or was made
        with other feature constants than this program computes.
        """
        name = Path(path).name
        try:
            data = Path(path).read_bytes()
            tensors = load_tensors(data)
            header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        except OSError as e:
            raise ModelMismatch(f"The listening model {name} cannot be read.") from e
        except (SafetensorError, ValueError) as e:
            raise ModelMismatch(f"The listening model {name} is damaged.") from e
        about: dict[str, str] = header.get("__metadata__", {})
        if about.get("format") != FORMAT:
            raise ModelMismatch(f"The file {name} is not a listening model this version can read.")
        try:
            features = FeatureConfig(**json.loads(about["features"]))
            config = EncoderConfig(**json.loads(about["config"]))
        except (KeyError, TypeError, ValueError) as e:
            raise ModelMismatch(f"The listening model {name} does not say how it was made.") from e
        if features != FEATURES:
            raise ModelMismatch(f"The listening model {name} was made for other sound features.")
        encoder = cls(config, hashlib.sha256(data).hexdigest())
        try:
            encoder.load_state_dict(_dequantise(tensors), strict=True, assign=True)
        except RuntimeError as e:
            raise ModelMismatch(
                f"The listening model {name} does not have the parts it should have."
            ) from e
        return encoder.to(device).eval()


def stretches(total: int, window: int) -> tuple[int, list[int]]:
    """Equal pieces that cover ``total`` segments, none longer than ``window``: length, starts."""
    length = min(total, window)
    starts = np.linspace(0, total - length, -(-total // length)).round().astype(int)
    return length, [int(start) for start in starts]


def _dequantise(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    out = {}
    for name, value in tensors.items():
        if value.dtype == torch.int8:
            value = value.float() * tensors[name + ".scale"][:, None]
        if not name.endswith(".scale"):
            out[name] = value
    return out


def pick_device(setting: str) -> torch.device:
    """The device for "auto", "cpu", "cuda" or "mps"; `UserError` if it is not there."""
    present = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if setting == "auto":
        return torch.device(next(name for name in ("cuda", "mps", "cpu") if present[name]))
    if setting not in present:
        raise UserError(f"There is no device called {setting}: use auto, cpu, cuda or mps.")
    if not present[setting]:
        raise UserError(f"The device {setting} was asked for, but this computer does not have it.")
    return torch.device(setting)
