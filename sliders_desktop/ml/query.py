"""What the two towers learned, served without torch: the query, and the file it lies in.

Numpy; any thread. `towers` is the same in torch, where it is trained.
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from sliders_desktop.errors import ModelMismatch
from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.recommender import (
    MOST_ANCHORS,
    Context,
    Lead,
    anchor_vectors,
    centroid,
    centroid_lead,
    normed,
)

Float = NDArray[np.float32]
State = Literal["listening", "queries good", "moving"]

FORMAT = "sliders-recommender/1"
GAINS = 6  # for 1, 2, 3, 5, 9 and 17 anchors and more
SHRINK = 3.0  # of what M is the inverse of, in units of its mean
ENOUGH = 20_000  # tracks that say how a library spreads
GOOD = 1.05  # times the centroid's MRR
WORTH = 1.01  # times the MRR before the projection moved
KEPT = 0.60  # of each track's twenty neighbours, while the projection moves
_NEWER = "What the recommender learned was written by another version of Sliders."


@dataclass(frozen=True)
class Figures:
    """What held-out lists say; MRR of the first right track, 0 where it was not measured."""

    centroid: float = 0.0
    queries: float = 0.0  # with the query tower
    low: float = 0.0  # 95 % of resampled gains over the centroid lie between
    high: float = 0.0
    plateau: bool = False  # more training did not help the queries
    before_moving: float = 0.0  # MRR on the lists that decide about the projection
    moved: float = 0.0  # and with it
    overlap: float = 0.0  # of each track's twenty neighbours, before and after


def state_of(figures: Figures) -> State:
    """ "listening": the centroid serves. "queries good": the tower does. "moving": tracks too."""
    if not may_move(figures):
        return "listening"
    better = figures.moved >= WORTH * figures.before_moving > 0
    return "moving" if better and figures.overlap >= KEPT else "queries good"


def may_move(figures: Figures) -> bool:
    """Whether the queries are good enough for the tracks' own places to be touched."""
    ahead = figures.queries >= GOOD * figures.centroid > 0 and figures.low > 0
    return ahead and figures.plateau


@dataclass(frozen=True, eq=False)
class Query:
    """q = norm(c + g·(p − c) + gₙ·(Mp − p)), c the centroid and p = Σ sᵢuᵢ; see `towers`."""

    encoder: str  # sha256 of the encoder whose vectors it knows
    metric: Float  # M (d, d)
    gains: Float  # g (6,), by how many anchors there are
    fade: float  # how much a step back in time counts for less
    figures: Figures = Figures()
    scatter: Float | None = None  # (d, d) within lists, where M is the closed form
    u: Float | None = None  # W = I + UVᵀ (d, r), where the tracks moved
    v: Float | None = None

    @property
    def state(self) -> State:
        return state_of(self.figures)

    def lead(self, context: Context, catalogue: Catalogue, ordered: bool = False) -> Lead:
        """Where the anchors lead, for `recommender.next_tracks`; q is that of `of`."""
        if not self.gains.any():
            return centroid_lead(context, catalogue)
        _, unit, weights = anchor_vectors(context, catalogue)
        parts = Lead.of(self.parts(unit, weights, ordered)).parts
        return Lead(self.of(unit, weights, ordered), parts)

    def of(self, unit: Float, weights: list[float], ordered: bool = False) -> Float:
        """q (d,) of anchors' unit vectors (a, d), newest last if they are ``ordered`` in time.

        At g = 0 it is the centroid's, to the bit.
        """
        unit, weights = unit[-MOST_ANCHORS:], weights[-MOST_ANCHORS:]
        if not weights or not self.gains.any():
            return normed(centroid(unit, weights))
        return normed(np.asarray(self.parts(unit, weights, ordered).sum(0), np.float32))

    def parts(self, unit: Float, weights: list[float], ordered: bool = False) -> Float:
        """What each anchor (a, d) adds to the query before that is brought to length 1."""
        pulled = np.asarray(weights, np.float32)
        plain = pulled / np.maximum(np.abs(pulled).sum(), np.float32(1e-12))
        if ordered:
            liked = np.flatnonzero(pulled > 0)
            pulled[liked] *= np.exp(-self.fade * np.arange(len(liked))[::-1])
        sizes = np.abs(pulled)
        total = max(float(sizes.sum()), 1e-12)
        gain = self.gains[gain_of(total**2 / max(float((sizes**2).sum()), 1e-12))]
        faded = pulled / total
        led = (plain + self.gains.max() * (faded - plain))[:, None] * unit
        led = led + gain * faded[:, None] * (unit @ self.metric.T - unit)
        return np.asarray(led, np.float32)

    def adapted(self, x: Float) -> Self:
        """The same for a library with the vectors (m, d): what differs everywhere says little."""
        if self.scatter is None or not len(x):
            return self
        some = x[:: -(-len(x) // ENOUGH)].astype(np.float64)
        some = some[np.isfinite(some).all(1)]
        some = some - some.mean(0)
        some /= np.maximum(np.linalg.norm(some, axis=1, keepdims=True), 1e-12)
        return replace(self, metric=closed_form(self.scatter, np.asarray(some, np.float32)))

    def project(self, x: Float) -> Float:
        """Wx of vectors (m, d), once per catalogue; ``x`` itself where W = I."""
        if self.u is None or self.v is None:
            return x
        return np.asarray(x + (x @ self.v) @ self.u.T, np.float32)

    def save(self, path: Path) -> None:
        """Write the file, float16 and a JSON header; at any moment it is the old or the new."""
        tensors = {"metric": self.metric - np.eye(len(self.metric)), "gains": self.gains}
        if self.scatter is not None:
            tensors["scatter"] = self.scatter * len(self.scatter)
        tensors["fade"] = np.array([self.fade])
        if self.u is not None and self.v is not None:
            tensors |= {"u": self.u, "v": self.v}
        header = {
            "format": FORMAT,
            "encoder": self.encoder,
            "state": self.state,
            "figures": json.dumps(asdict(self.figures)),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        save_file(
            {k: np.ascontiguousarray(t, np.float16) for k, t in tensors.items()}, part, header
        )
        with part.open("r+b") as file:
            os.fsync(file.fileno())
        part.replace(path)

    @classmethod
    def load(cls, path: Path, encoder: str) -> Self:
        """Read the file; raises `ModelMismatch` if it knows other vectors than ``encoder``'s."""
        try:
            with safe_open(path, "numpy") as file:
                header = file.metadata() or {}
                if header.get("format") != FORMAT:
                    raise ModelMismatch(_NEWER)
                if header.get("encoder") != encoder:
                    raise ModelMismatch("What the recommender learned belongs to another encoder.")
                found = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
            figures = Figures(**json.loads(header["figures"]))
            d = len(found["metric"])
            shapes = {"metric": (d, d), "gains": (GAINS,), "fade": (1,)}
            if not set(found) <= {*shapes, "scatter", "u", "v"}:
                raise ModelMismatch(_NEWER)
            if any(found[name].shape != shape for name, shape in shapes.items()):
                raise ModelMismatch(_NEWER)
            if not all(np.isfinite(tensor).all() for tensor in found.values()):
                raise ModelMismatch("What the recommender learned is damaged.")
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            raise ModelMismatch("What the recommender learned can't be read.") from error
        metric = found["metric"] + np.eye(d, dtype=np.float32)
        within = found["scatter"] / d if "scatter" in found else None
        fade, u, v = float(found["fade"][0]), found.get("u"), found.get("v")
        return cls(encoder, metric, found["gains"], fade, figures, within, u, v)


def closed_form(scatter: Float, unit: Float) -> Float:
    """M (d, d): what differs within lists (d, d), or within a whole library (m, d), says little.

    The inverse of the two together, shrunk, at the trace of the identity.
    """
    d = len(scatter)
    spread = scatter + unit.T @ unit / max(len(unit), 1)
    mean = max(float(np.trace(spread)) / d, 1e-12)
    inverse = np.linalg.inv(spread.astype(np.float64) + SHRINK * mean * np.eye(d))
    return np.asarray(inverse * d / np.trace(inverse), np.float32)


def gain_of(anchors: float) -> int:
    """Which of the gains holds for so many anchors, faded ones less: 0 for one, 5 for 17 and on."""
    return min(max(round(anchors) - 1, 0).bit_length(), GAINS - 1)
