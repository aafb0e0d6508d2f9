"""What plays next: one dot product, then guards, sliders and variety inside the walk.

Pure numpy; any thread. Where the anchors lead may come from `query.Query`; without one it is the
centroid.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.guards import ARTIST_GAP, Float, Past, Rows
from sliders_desktop.ml.interests import Question
from sliders_desktop.ml.leanings import Leanings, Pull
from sliders_desktop.ml.walk import walk

MOST_ANCHORS = 32  # the newest count
POOL = 200  # candidates of a near radio; a far one takes five times as many
WARMTH = 1.5  # of the far radio's dice, in standard deviations of the pool
AGAIN = 0.5  # of the dice of whoever wants it otherwise, however near
NO_LEAD = 0.1  # a standard deviation where nothing is followed


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
    again: bool = False  # otherwise than at first


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
class Pick:
    """One track to play next, and what decided it."""

    track_id: int
    score: float  # in standard deviations of the library's cosines; the sum of the next three
    anchors: tuple[tuple[int, float], ...] = ()  # (id, its part of the score), largest first
    steers: tuple[Pull, ...] = ()
    familiar: float = 0.0  # what being familiar or forgotten adds
    similarity: float = 0.0  # cosine to where the anchors lead
    relaxed: tuple[str, ...] = ()  # guards it breaks, because nothing else was left
    way: tuple[int, int] | None = None  # ids of the tracks between which it lies


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
    leanings: Leanings,
    n: int,
    rng: np.random.Generator,
    lead: Lead | None = None,
    exclude: AbstractSet[int] = frozenset(),
) -> list[Pick]:
    """The next ``n`` tracks, in order; fewer only when the library has no more.

    The candidates nearest to ``lead`` (the centroid's, if None), pulled by the ``leanings``, are
    walked under guards; ``exclude`` (what is queued already) is never picked.
    """
    at, _, _ = anchor_vectors(context, catalogue)
    lead = centroid_lead(context, catalogue) if lead is None else lead
    relevance, scale = _relevance(catalogue, lead, leanings, rng)
    past = past_of(context, catalogue, at, exclude)
    far = min(max(context.near_far, 0.0), 1.0)
    warmth = max(WARMTH * far, AGAIN if context.again else 0.0)
    steps = walk(past, relevance, n, round(POOL * (1 + 4 * far)), warmth, rng)
    rows = np.array([row for row, _ in steps], np.intp)
    told = explained(catalogue, rows, lead, catalogue.ids[at], leanings, scale)
    return [replace(p, relaxed=relaxed) for p, (_, relaxed) in zip(told, steps, strict=True)]


def past_of(context: Context, catalogue: Catalogue, seeds: Rows, exclude: AbstractSet[int]) -> Past:
    """What the guards look back at."""
    recent, banned = catalogue.rows_of(context.recent), catalogue.rows_of(exclude)
    return Past(catalogue, recent, seeds, banned, context.artist_gap)


def _relevance(
    catalogue: Catalogue, lead: Lead, leanings: Leanings, rng: np.random.Generator
) -> tuple[Float, float]:
    """What ``lead`` finds (m,) and what leans, and the standard deviation: what a score of 1 is."""
    if not lead.q.any():  # nothing to follow: what leans alone, or chance
        if not leanings.any:
            return rng.random(len(catalogue.ids), dtype=np.float32), 1.0
        return np.asarray(NO_LEAD * leanings.amount(), np.float32), NO_LEAD
    known = catalogue.asked(lead.q if lead.question is None else lead.question)
    scale = max(known.spread, 1e-6)
    if not leanings.any:
        return known.cosines, scale
    return np.asarray(known.cosines + np.float32(scale) * leanings.amount(), np.float32), scale


def explained(
    catalogue: Catalogue,
    rows: Rows,
    lead: Lead,
    anchors: NDArray[np.int64],
    leanings: Leanings,
    scale: float,
) -> list[Pick]:
    """What each of ``rows`` scores and why, from the very terms it was chosen by."""
    unit = catalogue.unit(rows)
    likeness = unit @ lead.q  # (k,)
    standing = None if catalogue.standing is None else catalogue.standing[rows]
    parts = lead.owed(unit, standing).astype(np.float64) / scale  # (k, a)
    steered = [(s.name, s.percentiles[rows], s.amount(rows)) for s in leanings.active]
    familiar = np.zeros(len(rows)) if leanings.familiar is None else leanings.familiar[rows]
    found = []
    for k, row in enumerate(rows.tolist()):
        shares: dict[int, float] = {}
        for anchor, part in zip(anchors.tolist(), parts[k].tolist(), strict=True):
            shares[anchor] = shares.get(anchor, 0.0) + part
        pulls = tuple(Pull(name, float(at[k]), float(by[k])) for name, at, by in steered)
        known = float(familiar[k])
        found.append(
            Pick(
                int(catalogue.ids[row]),
                sum(shares.values()) + sum(pull.amount for pull in pulls) + known,
                tuple(sorted(shares.items(), key=lambda share: -abs(share[1]))),
                pulls,
                known,
                float(likeness[k]),
            )
        )
    return found
