"""What the two towers learned, served without torch: the query, and the file it lies in.

Numpy; any thread. `towers` is the same in torch, where it is trained.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from sliders_desktop.errors import ModelMismatch
from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.interests import Question, interests
from sliders_desktop.ml.recommender import (
    Context,
    Lead,
    anchor_vectors,
    centroid,
    centroid_lead,
    normed,
)
from sliders_desktop.ml.standing import standing
from sliders_desktop.progress import NO_JOB, Job

Float = NDArray[np.float32]
Rows = NDArray[np.intp]
State = Literal["listening", "queries good", "moving"]

FORMAT = "sliders-recommender/2"
GAINS = 6  # for 1, 2, 3, 5, 9 and 17 anchors and more
WIDTH = 0.3  # variance of places that a list is taken to have, in the library's
SEEN = 2.0  # as if that had been seen so often
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
    """What the query tower knows; at its defaults it is the centroid, to the bit.

    q = norm(c + g·(p − c) + gₙ·(Mp − p)) of each interest, c its centroid and p = Σ sᵢuᵢ, see
    `towers`; how they are asked is said at `interests.Question`.
    """

    encoder: str  # sha256 of the encoder whose vectors it knows
    metric: Float  # M (d, d)
    gains: Float  # g (6,), by how many anchors there are
    fade: float  # how much a step back in time counts for less
    figures: Figures = Figures()
    most: int = 1  # interests
    crowd: float = 0.0  # how much of its crowd's cosine is taken off a track's
    hold: float = 0.0  # what leaving by a standard deviation what anchors share costs, in cosine
    held: Float | None = None  # directions (d, j) along which anchors may share something
    u: Float | None = None  # W = I + UVᵀ (d, r), where the tracks moved
    v: Float | None = None

    @classmethod
    def centroid(cls, encoder: str, dim: int) -> Self:
        """What has learned nothing."""
        return cls(encoder, np.eye(dim, dtype=np.float32), np.zeros(GAINS, np.float32), 0.0)

    @property
    def state(self) -> State:
        return state_of(self.figures)

    @property
    def plain(self) -> bool:
        """Whether it is the centroid."""
        return not self.gains.any() and self.most == 1 and not self.stands

    @property
    def stands(self) -> bool:
        """Whether it looks at more of a track than its direction: `standing`."""
        return bool(self.crowd or self.hold)

    @property
    def shapes(self) -> bool:
        """Whether a catalogue is another for it: it moves the tracks, or looks at more of them."""
        return self.state != "listening" and (self.u is not None or self.stands)

    def standing(self, catalogue: Catalogue, job: Job = NO_JOB) -> Float | None:
        """For `Catalogue.standing`, once per catalogue; None where it isn't looked at."""
        if not self.stands:
            return None
        return standing(catalogue.unit, catalogue.usable, self.held, job)

    def lead(self, context: Context, catalogue: Catalogue, ordered: bool = False) -> Lead:
        """Where the anchors lead, for `recommender.next_tracks`.

        Of a catalogue without `Catalogue.standing` only the directions are asked.
        """
        if self.plain:
            return centroid_lead(context, catalogue)
        at, unit, weights = anchor_vectors(context, catalogue)
        moved = np.asarray(unit @ self.metric.T, np.float32) if self.gains.any() else None
        found = Lead.of(self.parts(unit, weights, ordered, moved))
        if not found.q.any():
            return found
        places = None if catalogue.standing is None else catalogue.standing[at, 1:]
        question = self.question(unit, places, weights, ordered, explained=True, moved=moved)
        return Lead(found.q, found.parts, question)

    def question(
        self,
        unit: Float,
        places: Float | None,
        weights: Sequence[float],
        ordered: bool = False,
        groups: Sequence[Rows] | None = None,
        explained: bool = False,
        moved: Float | None = None,
    ) -> Question:
        """What anchors ask: unit vectors (a, d) and ``places`` (a, j), as `standing` tells them.

        Newest last if they are ``ordered`` in time; then they are one interest. ``groups`` are
        `interests` of those with a positive weight, if known, ``moved`` (a, d) is Mu
        of each; ``explained``: with its parts.
        """
        w = np.asarray(weights, np.float32)
        liked = np.flatnonzero(w > 0)
        if ordered or self.most == 1 or len(liked) < 2:
            groups = [np.arange(len(liked))]
        elif groups is None:
            groups = interests(unit[liked], self.most)
        total = max(float(w[liked].sum()), 1e-12)
        share = np.array([w[liked[g]].sum() / total if len(liked) else 1.0 for g in groups])
        share = share.astype(np.float32)
        mine = np.where(w < 0, w * share[:, None], np.float32(0))  # (k, a)
        for row, group in zip(mine, groups, strict=True):
            row[liked[group]] = w[liked[group]]
        mix = self._mix(mine, ordered, self.gain(w, ordered))
        if moved is None and mix[1].any():
            moved = np.asarray(unit @ self.metric.T, np.float32)
        q = mix[0] @ unit if moved is None else mix[0] @ unit + mix[1] @ moved
        cost, middle = np.zeros((2, 0), np.float32)
        if places is not None and len(liked):
            cost, middle = self._shared(places[liked], w[liked] / np.float32(total), ordered)
        length = np.linalg.norm(q, axis=1, keepdims=True)
        q = np.where(length > 1e-12, q / np.maximum(length, 1e-12), 0).astype(np.float32)
        parts = None
        if explained:
            parts = _parts(mix, unit, moved) / np.maximum(length[:, :, None], np.float32(1e-12))
        return Question(q, share, self.crowd, cost, middle, parts)

    def _shared(self, places: Float, share: Float, ordered: bool) -> tuple[Float, Float]:
        """What leaving each place costs (j,), and where it is that anchors (a, j) lie (j,).

        As dear as they agree, `WIDTH` as if seen `SEEN` times; of a chain the next step is meant.
        """
        n = len(places)
        if ordered:
            step = (places[-1] - places[0]) / (n + 1)  # as if two more had stood still
            middle, apart = places[-1] + step, np.diff(places, axis=0) - step
            spread = (SEEN * WIDTH + np.square(apart).sum(0)) / (SEEN + n - 1)
        else:
            middle = share @ places
            apart = n * (share @ np.square(places - middle))
            spread = (SEEN * WIDTH + apart) / (SEEN + n - 1) * (1 + 1 / n)
        return np.asarray(self.hold / spread, np.float32), np.asarray(middle, np.float32)

    def of(self, unit: Float, weights: Sequence[float], ordered: bool = False) -> Float:
        """q (d,) of anchors' unit vectors (a, d) as one interest."""
        if not len(weights) or not self.gains.any():
            return normed(centroid(unit, weights))
        return normed(np.asarray(self.parts(unit, weights, ordered).sum(0), np.float32))

    def parts(
        self,
        unit: Float,
        weights: Sequence[float],
        ordered: bool = False,
        moved: Float | None = None,
    ) -> Float:
        """What each anchor (a, d) adds to the query before that is brought to length 1.

        ``moved`` (a, d) is Mu of each, if known.
        """
        w = np.asarray(weights, np.float32)
        mix = self._mix(w[None], ordered, self.gain(w, ordered))
        if moved is None and mix[1].any():
            moved = np.asarray(unit @ self.metric.T, np.float32)
        return np.asarray(_parts(mix, unit, moved)[0], np.float32)

    def _mix(self, w: Float, ordered: bool, gain: float) -> tuple[Float, Float]:
        """How much of each anchor comes in as it is (k, a), and how much as M sees it."""
        plain = w / np.maximum(np.abs(w).sum(1, keepdims=True), np.float32(1e-12))
        faded = self._faded(w, ordered)
        faded = faded / np.maximum(np.abs(faded).sum(1, keepdims=True), np.float32(1e-12))
        by = np.float32(gain) * faded
        return plain + np.float32(self.gains.max()) * (faded - plain) - by, by

    def gain(self, w: Float, ordered: bool = False) -> float:
        """How much of M comes in: by how many anchors there are, faded ones counted for less."""
        sizes = np.abs(self._faded(w[None], ordered))
        total = max(float(sizes.sum()), 1e-12)
        return float(self.gains[gain_of(total**2 / max(float((sizes**2).sum()), 1e-12))])

    def _faded(self, pulled: Float, ordered: bool) -> Float:
        if not ordered:
            return pulled
        newer = np.cumsum((pulled > 0)[:, ::-1], axis=1)[:, ::-1] - 1  # (k, a) liked ones
        faded = pulled * np.exp(-np.float32(self.fade) * newer)
        return np.where(pulled > 0, faded, pulled).astype(np.float32)

    def project(self, x: Float) -> Float:
        """Wx of vectors (m, d), once per catalogue; ``x`` itself where W = I."""
        if self.u is None or self.v is None:
            return x
        return np.asarray(x + (x @ self.v) @ self.u.T, np.float32)

    def save(self, path: Path) -> None:
        """Write the file, float16 and a JSON header; at any moment it is the old or the new."""
        tensors = {"metric": self.metric - np.eye(len(self.metric)), "gains": self.gains}
        tensors["settings"] = np.array([self.fade, self.most, self.crowd, self.hold])
        for name in ("held", "u", "v"):
            if getattr(self, name) is not None:
                tensors[name] = getattr(self, name)
        about = {
            "format": FORMAT,
            "encoder": self.encoder,
            "state": self.state,
            "figures": asdict(self.figures),
        }
        header = {"about": json.dumps(about)}  # one entry: several come in any order
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
                header = json.loads((file.metadata() or {}).get("about", "{}"))
                if header.get("format") != FORMAT:
                    raise ModelMismatch(_NEWER)
                if header.get("encoder") != encoder:
                    raise ModelMismatch("What the recommender learned belongs to another encoder.")
                found = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
            figures = Figures(**header["figures"])
            d = len(found["metric"])
            shapes = {"metric": (d, d), "gains": (GAINS,), "settings": (4,)}
            if not set(found) <= {*shapes, "held", "u", "v"}:
                raise ModelMismatch(_NEWER)
            if any(found[name].shape != shape for name, shape in shapes.items()):
                raise ModelMismatch(_NEWER)
            if not all(np.isfinite(tensor).all() for tensor in found.values()):
                raise ModelMismatch("What the recommender learned is damaged.")
        except (
            SafetensorError,
            OSError,
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
        ) as error:
            raise ModelMismatch("What the recommender learned can't be read.") from error
        metric = found["metric"] + np.eye(d, dtype=np.float32)
        fade, most, crowd, hold = (round(float(value), 4) for value in found["settings"])
        rest = (found.get(name) for name in ("held", "u", "v"))
        return cls(encoder, metric, found["gains"], fade, figures, int(most), crowd, hold, *rest)


def _parts(mix: tuple[Float, Float], unit: Float, moved: Float | None) -> Float:
    """What each anchor adds (k, a, d) to where they lead."""
    parts = mix[0][:, :, None] * unit
    if moved is not None:
        parts = parts + mix[1][:, :, None] * moved
    return np.asarray(parts, np.float32)


def gain_of(anchors: float) -> int:
    """Which of the gains holds for so many anchors, faded ones less: 0 for one, 5 for 17 and on."""
    return min(max(round(anchors) - 1, 0).bit_length(), GAINS - 1)
