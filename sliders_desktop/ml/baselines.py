"""What every trained encoder has to beat; one of them is also the encoder's fixed path.

Closed forms and random weights: nothing here learns from labels, or by gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sliders_desktop.ml.encoder import Encoder, EncoderConfig
from sliders_desktop.ml.evaluate import TrackVectors
from sliders_desktop.ml.features import mels
from sliders_desktop.ml.fixed_path import timbre

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def baselines(
    music: Sequence[Floats],
    *,
    fit: Sequence[Floats] | None = None,
    seed: int = 0,
    layers: int | None = None,
) -> dict[str, TrackVectors]:
    """What must be beaten, from the same segments (s, frames, columns) of each track.

    Constants (z-scores, whitening) come from the tracks in ``fit``, else from ``music`` itself.
    ``layers`` shortens the random encoder for tests.
    """
    config = EncoderConfig()
    config = replace(config, learned=config.dim, layers=layers or config.layers)
    blank = Encoder.random(seed, config)  # no fixed path: only what random layers make of spectra
    cast(Tensor, blank.readout.weight).copy_(torch.eye(config.dim))
    blank.stem.statistics.weight.data.zero_()
    same = fit is None
    known = music if fit is None else fit

    def statistics(tracks: Sequence[Floats]) -> list[Floats]:
        with torch.inference_mode():
            return [timbre(mels(torch.from_numpy(t))).numpy() for t in tracks]

    here = statistics(music)
    there = here if same else statistics(known)
    of = np.repeat(np.arange(len(there)), [len(t) for t in there])
    offset, weight = within_track_whitening(np.concatenate(there), of)
    cepstra = [mfcc(mels(t)) for t in music]
    means = np.stack([t.mean(0) for t in (cepstra if same else [mfcc(mels(t)) for t in known])])
    middle, spread = means.mean(0), means.std(0) + 1e-6
    return {
        "random-init encoder": TrackVectors.read(blank, music),
        "log-mel": TrackVectors.of(
            [np.concatenate([mels(t).mean(1), mels(t).std(1)], 1) for t in music]
        ),
        "MFCC": TrackVectors.of([(t - middle) / spread for t in cepstra]),
        "WCCN statistics": TrackVectors.of(
            [np.asarray((t - offset) @ weight.T, np.float32) for t in here]
        ),
    }


def mfcc(mels: Floats, count: int = 20) -> Floats:
    """Mean, spread and spread of differences of cepstra: (s, frames, mels) → (s, 3·count)."""
    n = mels.shape[2]
    turn = np.cos(np.pi / n * np.outer(np.arange(n) + 0.5, np.arange(count)))  # DCT-II
    cepstra = mels @ turn.astype(np.float32)
    change = np.diff(cepstra, axis=1)
    return np.concatenate([cepstra.mean(1), cepstra.std(1), change.std(1)], 1)


def within_track_whitening(
    x: Floats, tracks: Ints, dim: int | None = None, shrink: float = 1.0
) -> tuple[Floats, Floats]:
    """WCCN with tracks as classes: ``offset`` (d,) and ``weight`` (dim, d) for statistics (n, d).

    ``weight @ (x - offset)`` has, within a track, a covariance near a multiple of the identity:
    each statistic is standardised, then multiplied by (Sw + shrink·tr(Sw)/d·I)^-½ with Sw the
    within-track covariance (Hatch, Kajarekar & Stolcke 2006). The result is turned so that the
    directions in which track means differ most come first, padded with zeros or cut to ``dim``,
    and scaled so that track means have unit variance per dimension on average. No labels needed.
    """
    offset, spread = x.mean(0, dtype=np.float64), x.std(0, dtype=np.float64) + 1e-6
    z = (x - offset) / spread
    names, of = np.unique(tracks, return_inverse=True)
    means = np.zeros((len(names), z.shape[1]))
    np.add.at(means, of, z)
    means /= np.bincount(of)[:, None]
    inner = z - means[of]
    sw = inner.T @ inner / len(z)
    d = len(sw)
    values, vectors = np.linalg.eigh(sw + (shrink * np.trace(sw) / d + 1e-9) * np.eye(d))
    whiten = (vectors / np.sqrt(values)) @ vectors.T  # (d, d), symmetric
    centred = (means - means.mean(0)) @ whiten
    turn = np.linalg.eigh(centred.T @ centred)[1][:, ::-1].T  # orthonormal, strongest first
    weight = np.zeros((dim or d, d))
    weight[:d] = (turn @ whiten)[: dim or d]
    between = ((means - means.mean(0)) @ weight.T).var(0).mean()
    weight /= np.sqrt(max(between, 1e-12)) * spread
    return offset.astype(np.float32), weight.astype(np.float32)
