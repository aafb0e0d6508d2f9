"""What plays next: one dot product, then guards, sliders and variety inside the walk.

Pure numpy; any thread. Where the anchors lead may come from `query.Query`; without one it is the
centroid.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.catalogue import Catalogue, Float, Rows
from sliders_desktop.ml.interests import Question
from sliders_desktop.ml.walk import ARTIST_GAP, Walk

__all__ = ["Anchor", "Catalogue", "Context", "Lead", "Pick", "Pull", "Steer", "next_tracks"]

MOST_ANCHORS = 32  # the newest count
POOL = 200  # candidates of a near radio; a far one takes five times as many
PULL = 6.0  # standard deviations of similarity that a slider's whole length is worth
WARMTH = 1.5  # of the far radio's dice, in standard deviations of the pool


@dataclass(frozen=True, eq=False)
class Steer:
    """One lit slider whose handle the listener moved."""

    name: str
    percentiles: Float  # (m,) 0..1, in the catalogue's order
    target: float  # 0..1
    weight: float = 1.0  # 0 no pull .. 1 strong
    tolerance: float = 0.0  # how far from the target is as good as there, 0..1
    certainty: Float | None = None  # (m,) 0..1, how much is known of each percentile

    def missed(self, rows: Rows | slice = slice(None)) -> Float:
        """By how much of the slider's length (m,) each track misses what the handle asks for."""
        away = np.abs(self.percentiles[rows] - np.float32(self.target)) - np.float32(self.tolerance)
        return np.asarray(np.maximum(away, 0), np.float32)


@dataclass(frozen=True)
class Anchor:
    """A track the radio starts from, newest last; ``weight`` < 0 steers away from it."""

    track_id: int
    weight: float = 1.0


@dataclass(frozen=True)
class Context:
    """Where the radio stands. Ids that are unknown or have no vector are passed over."""

    anchors: Sequence[Anchor] = ()
    recent: Sequence[int] = ()  # ids played lately, then those queued already: oldest first
    near_far: float = 0.25  # 0 near .. 1 far
    artist_gap: int = ARTIST_GAP  # tracks of others between two of one artist


@dataclass(frozen=True, eq=False)
class Lead:
    """Where the anchors lead: ``q`` (d,) of length 1 or 0, the sum of ``parts`` (a, d)."""

    q: Float
    parts: Float  # what each anchor that has a vector adds to q
    question: Question | None = None  # what is asked instead of q alone

    def owed(self, unit: Float, standing: Float | None) -> Float:
        """What of the scores (n,) of unit vectors (n, d) is owed to each anchor (n, a)."""
        if self.question is None:
            return np.asarray(unit @ self.parts.T, np.float32)
        return self.question.owed(unit, standing)

    @classmethod
    def of(cls, parts: Float) -> "Lead":
        """The lead of parts (a, d) of any length."""
        whole = parts.sum(0)
        length = float(np.linalg.norm(whole))
        if length <= 1e-12:
            return cls(np.zeros_like(whole), np.zeros_like(parts))
        return cls(normed(whole), parts / np.float32(length))


@dataclass(frozen=True)
class Pull:
    """What a slider made of a track."""

    name: str
    percentile: float  # where the track lies on it, 0..1
    amount: float  # its part of the score


@dataclass(frozen=True)
class Pick:
    """One track to play next, and what decided it."""

    track_id: int
    score: float  # in standard deviations of the library's cosines; the sum of what follows
    anchors: tuple[tuple[int, float], ...] = ()  # (id, its part of the score), largest first
    steers: tuple[Pull, ...] = ()
    similarity: float = 0.0  # cosine to where the anchors lead
    relaxed: tuple[str, ...] = ()  # guards it breaks, because nothing else was left


def centroid(unit: Float, weights: Sequence[float]) -> Float:
    """Σ wᵢuᵢ/Σ|wᵢ| (d,) of unit vectors (a, d)."""
    w = np.asarray(weights, np.float32)
    middle: Float = (w @ unit) / np.maximum(np.abs(w).sum(), np.float32(1e-12))
    return middle


def normed(v: Float) -> Float:
    """``v`` at length one; zero stays zero, and what has that length stays to the bit."""
    length = np.linalg.norm(v)
    if abs(length - 1) < 1e-6:
        return v
    return v / length if length > 1e-12 else np.zeros_like(v)


def anchor_vectors(context: Context, catalogue: Catalogue) -> tuple[Rows, Float, list[float]]:
    """Rows (a,), unit vectors (a, d) and weights of the newest anchors that have a vector."""
    rows, weights = [], []
    for anchor in context.anchors:
        row = catalogue.rows_of([anchor.track_id])
        if row.size and anchor.weight:
            rows.append(int(row[0]))
            weights.append(anchor.weight)
    at = np.array(rows[-MOST_ANCHORS:], np.intp)
    return at, catalogue.unit(at), weights[-MOST_ANCHORS:]


def centroid_lead(context: Context, catalogue: Catalogue) -> Lead:
    """Where the anchors' weighted mean lies: what is followed while nothing better was learned."""
    _, unit, weights = anchor_vectors(context, catalogue)
    q = normed(centroid(unit, weights))
    return Lead(q, Lead.of(unit * np.asarray(weights, np.float32)[:, None]).parts)


def next_tracks(
    context: Context,
    catalogue: Catalogue,
    steers: Sequence[Steer],
    n: int,
    rng: np.random.Generator,
    lead: Lead | None = None,
    exclude: AbstractSet[int] = frozenset(),
) -> list[Pick]:
    """The next ``n`` tracks, in order; fewer only when the library has no more.

    The candidates nearest to ``lead`` (the centroid's, if None), pulled by the sliders, are
    walked by `walk.Walk`; ``exclude`` (what is queued already) is never picked.
    """
    at, _, _ = anchor_vectors(context, catalogue)
    lead = centroid_lead(context, catalogue) if lead is None else lead
    relevance, scale = _relevance(catalogue, lead, steers, rng)
    far = min(max(context.near_far, 0.0), 1.0)
    walk = Walk(
        catalogue,
        relevance,
        recent=catalogue.rows_of(context.recent),
        seeds=at,
        banned=catalogue.rows_of(exclude),
        artist_gap=context.artist_gap,
    )
    taken = walk.take(n, round(POOL * (1 + 4 * far)), WARMTH * far, rng)
    rows = np.array([row for row, _ in taken], np.intp)
    picks = explained(catalogue, rows, lead, catalogue.ids[at], steers, scale)
    return [
        Pick(p.track_id, p.score, p.anchors, p.steers, p.similarity, relaxed)
        for p, (_, relaxed) in zip(picks, taken, strict=True)
    ]


def _relevance(
    catalogue: Catalogue, lead: Lead, steers: Sequence[Steer], rng: np.random.Generator
) -> tuple[Float, float]:
    """What ``lead`` finds (m,), less PULL standard deviations for each slider's length missed.

    And the standard deviation: what a score of 1 is.
    """
    active = [s for s in steers if s.weight > 0]
    if not lead.q.any():  # nothing to follow: the sliders alone, or chance
        relevance, unit = np.zeros(len(catalogue.ids), np.float32), 0.1
        if not active:
            return rng.random(len(catalogue.ids), dtype=np.float32), unit
    else:
        known = catalogue.asked(lead.q if lead.question is None else lead.question)
        relevance, unit = known.cosines, max(known.spread, 1e-6)
    for s in active:
        relevance = relevance - np.float32(PULL * unit * s.weight) * s.missed()
    return relevance, unit


def explained(
    catalogue: Catalogue,
    rows: Rows,
    lead: Lead,
    anchors: NDArray[np.int64],
    steers: Sequence[Steer],
    scale: float,
) -> list[Pick]:
    """What each of ``rows`` scores and why, from the very terms it was chosen by."""
    unit = catalogue.unit(rows)
    likeness = unit @ lead.q  # (k,)
    standing = None if catalogue.standing is None else catalogue.standing[rows]
    parts = lead.owed(unit, standing).astype(np.float64) / scale  # (k, a)
    active = [s for s in steers if s.weight > 0]
    pulls = [(-PULL * s.weight * s.missed(rows), s.percentiles[rows]) for s in active]
    found = []
    for k, row in enumerate(rows.tolist()):
        shares: dict[int, float] = {}
        for anchor, part in zip(anchors.tolist(), parts[k].tolist(), strict=True):
            shares[anchor] = shares.get(anchor, 0.0) + part
        steered = tuple(
            Pull(s.name, float(percentiles[k]), float(amounts[k]))
            for s, (amounts, percentiles) in zip(active, pulls, strict=True)
        )
        found.append(
            Pick(
                int(catalogue.ids[row]),
                sum(shares.values()) + sum(pull.amount for pull in steered),
                tuple(sorted(shares.items(), key=lambda share: -abs(share[1]))),
                steered,
                float(likeness[k]),
            )
        )
    return found


def fit_to(steers: Sequence[Steer]) -> tuple[Float, Float] | None:
    """How well each track (m,) fits all handles together, and how sure that is, both 0..1.

    1 is within all tolerances, 0 as far from all targets as can be; stronger handles count more.
    None where nothing pulls.
    """
    active = [s for s in steers if s.weight > 0]
    if not active:
        return None
    missed, sure = np.zeros((2, len(active[0].percentiles)), np.float32)
    worst = 0.0
    for s in active:
        weight = np.float32(s.weight)
        missed += weight * s.missed()
        sure += weight if s.certainty is None else weight * s.certainty
        worst += s.weight * max(max(s.target, 1 - s.target) - s.tolerance, 0.0)
    fit: Float = np.clip(1 - missed / np.float32(max(worst, 1e-6)), 0, 1)
    sure /= np.float32(sum(s.weight for s in active))
    return fit, sure
