"""What the two towers learned, served without torch: the query, and the file it lies in.

Numpy; any thread. `towers` is the same in torch, where it is trained.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from sliders_desktop.errors import ModelMismatch
from sliders_desktop.ml.recommender import Catalogue, Context, anchor_vectors, centroid, normed

Float = NDArray[np.float32]
State = Literal["listening", "queries good", "moving"]

FORMAT = "sliders-recommender/1"
MOST_ANCHORS = 32
GAINS = 6  # for 1, 2, 3, 5, 9 and 17 anchors and more
CHAIN = 2.0  # so many standard errors more alike are neighbours of a list that goes somewhere
SURE = 3.0  # how sharply that is decided
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
    """q = norm(centroid + g·(M·Σ sᵢuᵢ − centroid)); see `towers.QueryTower`."""

    encoder: str  # sha256 of the encoder whose vectors it knows
    metric: Float  # M (d, d)
    gains: Float  # g (6,), by how many anchors there are
    fade: float  # how much older anchors of a chain count for less, a step
    figures: Figures = Figures()
    u: Float | None = None  # W = I + UVᵀ (d, r), where the tracks moved
    v: Float | None = None

    @property
    def state(self) -> State:
        return state_of(self.figures)

    def query(self, context: Context, catalogue: Catalogue) -> Float:
        """q (d,) for `recommender.next_tracks`: at g = 0 the centroid's, to the bit."""
        _, unit, weights = anchor_vectors(context, catalogue)
        return self.of(unit, weights)

    def of(self, unit: Float, weights: list[float]) -> Float:
        """q (d,) of anchors' unit vectors (a, d), newest last."""
        unit, weights = unit[-MOST_ANCHORS:], weights[-MOST_ANCHORS:]
        middle = centroid(unit, weights)
        gain = self.gains[gain_of(len(weights))]
        if not weights or not gain:
            return normed(middle)
        w = np.asarray(weights, np.float32)
        liked = np.flatnonzero(w > 0)
        pulled = w.copy()
        age = np.arange(len(liked))[::-1]
        pulled[liked] *= np.exp(-self.fade * chained(unit[liked]) * age)
        pulled /= max(float(np.abs(pulled).sum()), 1e-12)
        led = middle + gain * (self.metric @ (pulled @ unit) - middle)
        return normed(np.asarray(led, np.float32))

    def project(self, x: Float) -> Float:
        """Wx of vectors (m, d), once per catalogue; ``x`` itself where W = I."""
        if self.u is None or self.v is None:
            return x
        return np.asarray(x + (x @ self.v) @ self.u.T, np.float32)

    def save(self, path: Path) -> None:
        """Write the file, float16 and a JSON header; at any moment it is the old or the new."""
        tensors = {"metric": self.metric - np.eye(len(self.metric)), "gains": self.gains}
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
            if any(found[name].shape != shape for name, shape in shapes.items()):
                raise ModelMismatch(_NEWER)
            if not all(np.isfinite(tensor).all() for tensor in found.values()):
                raise ModelMismatch("What the recommender learned is damaged.")
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            raise ModelMismatch("What the recommender learned can't be read.") from error
        fade = float(found["fade"][0])
        metric = found["metric"] + np.eye(d, dtype=np.float32)
        return cls(encoder, metric, found["gains"], fade, figures, found.get("u"), found.get("v"))


def chained(unit: Float) -> float:
    """0..1: do anchors (a, d) go somewhere, neighbours in time being more alike than any two?"""
    n = len(unit)
    if n < 3:
        return 0.0
    cosine = unit @ unit.T
    pairs = cosine[~np.eye(n, dtype=np.bool_)]
    steps = float(np.diagonal(cosine, 1).mean())
    error = np.sqrt(max(float(pairs.var()), 1e-3) / (n - 1))
    return float(1 / (1 + np.exp(-SURE * ((steps - float(pairs.mean())) / error - CHAIN))))


def gain_of(anchors: int) -> int:
    """Which of the gains holds for so many anchors: 0 for one, 5 for 17 and more."""
    return min(max(anchors - 1, 0).bit_length(), GAINS - 1)
