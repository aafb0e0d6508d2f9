"""Step 0 of every training: an encoder whose fixed path is fitted, and where its space lies.

Closed forms over compact segments (s, frames, mels) uint8; runs on the thread that calls it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sliders_desktop.ml.baselines import spread_directions, within_track_whitening
from sliders_desktop.ml.encoder import Encoder, EncoderConfig, stretches
from sliders_desktop.ml.features import from_bytes
from sliders_desktop.ml.fixed_path import segment_statistics

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


def fresh_encoder(
    tracks: Sequence[Bytes], seed: int = 0, config: EncoderConfig | None = None
) -> Encoder:
    """An untrained encoder whose fixed path is fitted to ``tracks``: step 0 of every training.

    Its id stays ``random-<seed>`` until it is saved.
    """
    encoder = Encoder.random(seed, config)
    with torch.inference_mode():
        stats = [segment_statistics(torch.from_numpy(from_bytes(t))).numpy() for t in tracks]
    of = np.repeat(np.arange(len(stats)), [len(s) for s in stats])
    offset, weight = within_track_whitening(np.concatenate(stats), of, encoder.dim)
    cast(Tensor, encoder.skip.offset).copy_(torch.from_numpy(offset))
    cast(Tensor, encoder.skip.weight).copy_(torch.from_numpy(weight))
    spare = cast(Tensor, encoder.spread.weight)
    if len(spare):
        changes = np.stack(
            [_changes((s - offset) @ weight.T, encoder.config.window) for s in stats]
        )
        offset, weight = spread_directions(changes, len(spare))
        cast(Tensor, encoder.spread.offset).copy_(torch.from_numpy(offset))
        spare.copy_(torch.from_numpy(weight))
    return encoder


def _changes(skip: Floats, window: int) -> Floats:
    """Logarithm of the fixed path's spread within windows, averaged over a track: (dim,)."""
    length, starts = stretches(len(skip), window)
    if length < 2:
        return np.zeros(skip.shape[1], np.float32)
    spreads = [skip[at : at + length].std(0, ddof=1) for at in starts]
    return np.asarray(np.log(np.array(spreads) + 0.05).mean(0), dtype=np.float32)


@torch.inference_mode()
def whole(encoder: Encoder, track: Bytes) -> Tensor:
    """What the fixed path says of a whole track: (dim,). The anchor of its crops."""
    skip = encoder.skip(torch.from_numpy(from_bytes(np.asarray(track))).to(encoder.device))
    length, starts = stretches(len(skip), encoder.config.window)
    windows = torch.stack([skip[at : at + length] for at in starts])
    return cast(Tensor, skip.mean(0) + encoder.spread(windows).mean((0, 1)))


def centre(encoder: Encoder, tracks: Sequence[Bytes]) -> None:
    """Set the encoder's mean so that the vectors of ``tracks`` have mean zero."""
    mean = cast(Tensor, encoder.mean)
    mean.zero_()
    total = np.zeros(encoder.dim)
    for track in tracks:
        total += encoder.embed(from_bytes(np.asarray(track)))[1]
    mean.copy_(torch.from_numpy(total / len(tracks)))
