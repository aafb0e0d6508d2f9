"""Step 0 of every training: an encoder whose closed forms are fitted, and where its space lies.

Over compact segments (s, frames, columns) uint8; runs on the thread that calls it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sliders_desktop.ml.baselines import within_track_whitening
from sliders_desktop.ml.encoder import Encoder, EncoderConfig, stretches
from sliders_desktop.ml.features import from_bytes
from sliders_desktop.ml.fixed_path import LOCAL, statistics
from sliders_desktop.progress import NO_JOB, Job

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

SHRINK = 0.3  # of the within-track covariance towards a sphere
LEVEL = 1.15  # unheard music spreads less along these directions than what they were fitted to
SHARE = 0.8  # scale of the learned places beside the fixed ones
MOST = 1500  # tracks that the fixed path is fitted to: a library of any size fits into memory
ENOUGH = 400  # tracks that are enough to fit the readout to


def fresh_encoder(
    tracks: Sequence[Bytes],
    seed: int = 0,
    config: EncoderConfig | None = None,
    job: Job = NO_JOB,
) -> Encoder:
    """An untrained encoder whose fixed path is fitted to ``tracks``: step 0 of every training.

    Its id stays ``random-<seed>`` until it is saved; `calibrate` gives its learned places a
    meaning.
    """
    encoder = Encoder.random(seed, config)
    stats: list[Floats] = []
    some = tracks[:: -(-len(tracks) // MOST)]
    for k, track in enumerate(some):
        job.check()
        windows, pieces = _windows(encoder, track)
        with torch.inference_mode():
            seen = torch.cat([statistics(piece) for piece in pieces])
        stats.append(_overlaid(seen, windows, len(track)))
        job.progress(k + 1, len(some), "statistics")
    fit_fixed_path(encoder, stats)
    return encoder


def fit_fixed_path(encoder: Encoder, stats: Sequence[Floats]) -> None:
    """Fit the closed forms to the statistics (s, 1066) of each track.

    The tokens begin as the whitened local statistics: random layers on raw spectra leave tracks
    in a handful of dimensions, out of which an hour of training does not climb.
    """
    of = np.repeat(np.arange(len(stats)), [len(s) for s in stats])
    x = np.concatenate(stats)
    spread = x.std(0) + 1e-6
    keep = encoder.dim - encoder.config.learned
    offset, weight = within_track_whitening(x, of, keep or None, SHRINK)
    _set(encoder.skip, offset=offset, weight=LEVEL * weight[:keep], spread=spread)
    _, weight = within_track_whitening(x[:, :LOCAL], of, encoder.dim, SHRINK)
    with torch.no_grad():
        _set(encoder.stem.statistics, weight=weight * spread[:LOCAL])


def calibrate(encoder: Encoder, tracks: Sequence[Bytes], enough: int = ENOUGH) -> None:
    """Fit what is read out of the latents, and the mean, to ``tracks``, or every nth of them.

    Never fewer than ``enough`` where there are as many, and fewer than twice that. Directions of
    the latents that change within a track are turned down, as in the fixed path.
    """
    some = tracks[:: max(1, len(tracks) // enough)]
    was_training = encoder.training
    encoder.eval()
    latents: list[Floats] = []
    fixed: list[Floats] = []
    with torch.inference_mode():
        for track in some:
            windows, pieces = _windows(encoder, track)
            seen = [torch.cat(encoder.parts(piece), 2) for piece in pieces]
            both = _overlaid(torch.cat(seen), windows, len(track))
            fixed.append(both[:, : -encoder.dim].mean(0))
            latents.append(both[:, -encoder.dim :])
    encoder.train(was_training)
    of = np.repeat(np.arange(len(latents)), [len(h) for h in latents])
    offset, weight = within_track_whitening(
        np.concatenate(latents), of, encoder.config.learned, SHRINK
    )
    weight *= SHARE * LEVEL
    _set(encoder.readout, offset=offset, weight=weight)
    learned = np.stack([(h.mean(0) - offset) @ weight.T for h in latents])
    _set(encoder, mean=np.concatenate([np.stack(fixed), learned], 1).mean(0))


@torch.inference_mode()
def whole_track(encoder: Encoder, track: Bytes) -> tuple[Tensor, Tensor]:
    """The fixed path (s, keep) and local statistics (s, 706) of a track; float16, on the CPU."""
    windows, pieces = _windows(encoder, track)
    known = [torch.cat(encoder.know(piece), 2) for piece in pieces]
    both = torch.from_numpy(_overlaid(torch.cat(known), windows, len(track))).half()
    keep = encoder.dim - encoder.config.learned
    return both[:, :keep].clone(), both[:, keep:].clone()


def _windows(encoder: Encoder, track: Bytes) -> tuple[list[int], Iterator[Tensor]]:
    """Where the encoder's windows of a track start, and the windows, a few at a time."""
    segments = from_bytes(np.asarray(track))
    length, starts = stretches(len(segments), encoder.config.window)

    def pieces() -> Iterator[Tensor]:
        for k in range(0, len(starts), 4):
            some = np.stack([segments[at : at + length] for at in starts[k : k + 4]])
            yield torch.from_numpy(some).to(encoder.device)

    return starts, pieces()


def _overlaid(windows: Tensor, starts: Sequence[int], count: int) -> Floats:
    """What overlapping windows (w, T, d) say of each of ``count`` segments, in the mean."""
    total = np.zeros((count, windows.shape[2]), np.float32)
    heard = np.zeros((count, 1), np.float32)
    for at, window in zip(starts, windows.cpu().numpy(), strict=True):
        total[at : at + len(window)] += window
        heard[at : at + len(window)] += 1
    return total / heard


def _set(module: torch.nn.Module, **values: Floats) -> None:
    for name, value in values.items():
        cast(Tensor, getattr(module, name)).copy_(
            torch.from_numpy(np.ascontiguousarray(value, dtype=np.float32))
        )
