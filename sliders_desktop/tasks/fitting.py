"""Learn from ratings: lane `fit`, numpy alone, milliseconds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sliders_desktop.library.store import Store
from sliders_desktop.ml import heads, ranks
from sliders_desktop.ml.gate import ENOUGH as LEAST_RATINGS
from sliders_desktop.ml.gate import GateState, Missing, State, missing
from sliders_desktop.ml.heads import NEW as FIRST_RATINGS
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.asking import is_settled
from sliders_desktop.tasks.reading import Array, Vectors, rows_of
from sliders_desktop.tasks.receiving import author_of, prior_of

__all__ = ["FIRST_RATINGS", "LEAST_RATINGS", "Missing", "missing"]

BINS = 60
DOUBTED_AT_ONCE = 8192  # tracks, between two looks at whether it is still wanted
LOOKS_BACK = 12  # ratings judged one by one when several came since the last fit
LOOKS_BACK_NEW_EARS = 60


@dataclass(frozen=True, eq=False)
class FittedSlider:
    """What a head says of the whole library; arrays are aligned to ``ids`` (m,)."""

    slider_id: int
    state: State
    ratings: int
    pairs_right: float | None  # leave-one-out, fold means removed
    ids: Array
    percentiles: Array | None  # (m,) float32, 0..1
    histogram: Array | None  # (BINS,) float32, 0..1
    knots: Array | None  # (101,) where each percentile lies on the histogram's axis, 0..1
    disagreeing: tuple[int, int] | None  # track ids
    suggestion: int | None  # track id
    suggestion_why: heads.Why = "unsure"  # top, bottom: where it is placed; unsure: of it
    surprises: tuple[int, ...] = ()  # tracks, of a lit slider: high, and unlike what was rated
    # (m,) 0..1, how much of a score is knowledge; None until `doubt` was asked
    certainty: Array | None = None
    head: heads.SliderHead | None = None
    shared_by: str | None = None  # who it came from, "" if not said; None: it was made here
    confirms: bool = False  # it sets out from a proven word: three ratings say whether it fits
    unheard: bool = False  # it came from an encoder that means nothing here: own ratings only


def fit_slider(store: Store, slider_id: int, vectors: Vectors, job: Job = NO_JOB) -> FittedSlider:
    """Refit one head to the ratings of now, judge its gate, and score every track.

    Each rating that came since the last fit is one look of the gate, in the order given. A slider
    that came as a file sets out from what its sharer's ratings say.
    """
    file = store.shared(slider_id)
    prior = None if file is None else prior_of(store, file, vectors)
    shared_by = None if file is None else author_of(file)
    history = store.rating_history(slider_id)
    stored = store.head(slider_id, vectors.encoder_id)
    gate = GateState.from_dict(stored.state.get("gate", {})) if stored else GateState()
    was_lit = gate.lit
    seen = int(stored.state.get("seen", 0)) if stored else 0
    back = LOOKS_BACK if stored else LOOKS_BACK_NEW_EARS
    first = min(max(seen + 1, len(history) - back + 1), max(len(history), 1))
    head, rated = None, np.empty(0, np.int64)
    current: dict[int, float] = {}
    if prior is not None and not history:
        head = heads.SliderHead.fit(np.empty((0, vectors.x.shape[1])), [], gate, prior=prior)
    for end in range(first, len(history) + 1):
        job.check()
        current = _newest(history[:end])
        rated = np.fromiter(current, np.int64, len(current))
        rows = rows_of(rated, vectors.ids)
        rated = rated[rows >= 0]
        y = np.array([current[int(i)] for i in rated])
        head = heads.SliderHead.fit(vectors.x[rows[rows >= 0]], y, gate, prior=prior)
        gate = head.gate_
    unheard = file is not None and prior is None
    if head is None or not (len(rated) or prior):
        nothing = (None, None, None, None, None)
        return FittedSlider(
            slider_id, "new", 0, None, vectors.ids, *nothing, shared_by=shared_by, unheard=unheard
        )
    job.check()
    store.save_head(
        slider_id,
        vectors.encoder_id,
        head.coef_,
        head.intercept_,
        head.alpha_,
        {**head.to_state(), "gate": gate.to_dict(), "seen": len(history)},
        len(rated),
    )
    pair = head.disagreeing
    if pair is not None:
        tracks = int(rated[pair[0]]), int(rated[pair[1]])
        if is_settled(store, slider_id, tracks, current):
            head = replace(head, disagreeing=None, contradicts=False)
    scored = _scored(slider_id, head, rated, vectors, kindled=head.lit and not was_lit)
    return replace(scored, shared_by=shared_by, confirms=head.shared, unheard=unheard)


def doubt(store: Store, fitted: FittedSlider, vectors: Vectors, job: Job = NO_JOB) -> FittedSlider:
    """``fitted`` with its certainty: a second's work where the library is large."""
    head = fitted.head
    if head is None or not head.ratings_:
        return fitted
    scores = head.predict(vectors.x)
    variance = np.empty(len(scores), np.float32)
    for start in range(0, len(scores), DOUBTED_AT_ONCE):
        job.check()
        part = slice(start, start + DOUBTED_AT_ONCE)
        variance[part] = head.variance(vectors.x[part])
    return replace(fitted, certainty=head.certainty(scores, variance))


def _newest(history: Sequence[Any]) -> dict[int, float]:
    """The rating each track has after ``history``, in the order of the newest word."""
    current: dict[int, float] = {}
    for r in history:
        current.pop(r.track_id, None)
        if r.value is not None:
            current[r.track_id] = r.value
    return current


def _scored(
    slider_id: int, head: heads.SliderHead, rated: Array, vectors: Vectors, kindled: bool
) -> FittedSlider:
    """What the head says of the library; its finds only when it was ``kindled`` by a rating."""
    scores = head.predict(vectors.x)
    ascending, percentiles = ranks.ranked(scores)
    low, high = ranks.quantiles(ascending, (0.002, 0.998))
    axis = np.clip((ascending - low) / max(float(high - low), 1e-9), 0, 1)
    heights = ranks.counts(axis, BINS).astype(np.float32)
    knots = ranks.quantiles(axis, np.linspace(0, 1, 101)).astype(np.float32)
    rows = rows_of(rated, vectors.ids)
    rng = np.random.default_rng(len(rated))
    suggested = heads.suggest(vectors.x, head, rows, rng)
    finds = heads.surprises(vectors.x, head, rows, predicted=scores) if kindled else []
    pair = head.disagreeing
    return FittedSlider(
        slider_id,
        head.state,
        len(rated),
        head.pair_accuracy_,
        vectors.ids,
        percentiles,
        heights / max(float(heights.max()), 1.0),
        knots,
        None if pair is None else (int(rated[pair[0]]), int(rated[pair[1]])),
        None if suggested.row < 0 else int(vectors.ids[suggested.row]),
        suggested.why,
        tuple(int(vectors.ids[row]) for row in finds),
        head=head,
    )
