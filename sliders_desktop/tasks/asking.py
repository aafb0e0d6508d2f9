"""What the listener is asked: another track to rate, five for a test, which pairs no more.

Lane `fit`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sliders_desktop.errors import UserError
from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.ml import heads
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.reading import Vectors

Array = np.ndarray[Any, Any]
TEST_SIZE = 5
_SETTLED = "settled"  # in the table of settings

# ── another one ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Suggestion:
    """What to rate next on a slider, and why; None: nothing is left."""

    slider_id: int
    track_id: int | None
    why: heads.Why = "unsure"


def suggest_another(
    store: Store, slider_id: int, vectors: Vectors, passed: Sequence[int] = (), job: Job = NO_JOB
) -> Suggestion:
    """The track that teaches most and is none of those ``passed``; no file that is away."""
    stored = store.head(slider_id, vectors.encoder_id)
    if stored is None:
        return Suggestion(slider_id, None)
    head = heads.SliderHead.from_parts(stored.coef, stored.intercept, stored.alpha, stored.state)
    rated = [r.track_id for r in store.ratings(slider_id) if r.value is not None]
    away = [row.id for row in store.rows() if row.missing or row.error]
    job.check()
    known = np.flatnonzero(np.isin(vectors.ids, np.array(rated, np.int64)))
    unwanted = np.flatnonzero(np.isin(vectors.ids, np.array([*passed, *away], np.int64)))
    rng = np.random.default_rng([len(rated), len(passed)])
    found = heads.suggest(vectors.x, head, known, rng, unwanted)
    track_id = None if found.row < 0 else int(vectors.ids[found.row])
    return Suggestion(slider_id, track_id, found.why)


# ── test yourself ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class SelfTest:
    """Five tracks nobody rated, and where the head sees each: percentiles, frozen."""

    slider_id: int
    tracks: tuple[int, ...]
    predicted: tuple[float, ...]


def choose_test(
    store: Store,
    slider_id: int,
    ids: Array,
    percentiles: Array,
    seed: int = 0,
    job: Job = NO_JOB,
) -> SelfTest:
    """One track of each fifth of the prediction, different artists where that can be.

    ``ids`` (m,) ascending and ``percentiles`` (m,) are what the head says now. In an order that
    gives nothing away; the same ``seed`` chooses the same. `UserError` where fewer are left.
    """
    rows: dict[int, TrackRow] = {r.id: r for r in store.rows() if not r.missing and not r.error}
    rated = {r.track_id for r in store.ratings(slider_id) if r.value is not None}
    free = np.array([int(i) in rows and int(i) not in rated for i in ids], bool)
    job.check()
    if free.sum() < TEST_SIZE:
        left = int(free.sum())
        raise UserError(
            f"A test needs {TEST_SIZE} tracks that you have not rated, "
            f"and there {'is' if left == 1 else 'are'} {left or 'none'}."
        )
    rng = np.random.default_rng([seed, slider_id])
    order = rng.permutation(np.flatnonzero(free))
    chosen: list[int] = []
    artists: set[str] = set()
    for fifth in range(TEST_SIZE):
        at = _one_near(order, percentiles, (fifth + 0.5) / TEST_SIZE, rows, ids, chosen, artists)
        chosen.append(at)
        artists.add(rows[int(ids[at])].artist.casefold())
    mixed = [chosen[i] for i in rng.permutation(TEST_SIZE)]
    return SelfTest(
        slider_id,
        tuple(int(ids[at]) for at in mixed),
        tuple(float(percentiles[at]) for at in mixed),
    )


def _one_near(
    order: Array,
    percentiles: Array,
    middle: float,
    rows: dict[int, TrackRow],
    ids: Array,
    chosen: Sequence[int],
    artists: set[str],
) -> int:
    """The first of ``order`` within its fifth, by another artist; else the nearest one."""
    free = [int(at) for at in order if at not in chosen]
    inside = [at for at in free if abs(float(percentiles[at]) - middle) <= 0.5 / TEST_SIZE]
    for at in inside:
        if rows[int(ids[at])].artist.casefold() not in artists:
            return at
    if inside:
        return inside[0]
    return min(free, key=lambda at: abs(float(percentiles[at]) - middle))


def pairs_right(predicted: Sequence[float], ratings: Sequence[float]) -> tuple[int, int]:
    """How many pairs of different ratings the prediction orders alike, and how many there are."""
    right = pairs = 0
    for i in range(len(ratings)):
        for j in range(i):
            if ratings[i] != ratings[j]:
                pairs += 1
                right += (predicted[i] - predicted[j]) * (ratings[i] - ratings[j]) > 0
    return right, pairs


# ── two ratings that disagree, and may ──────────────────────────────────────────────────────────

Pair = tuple[int, int]


def settle(store: Store, slider_id: int, pair: Pair, job: Job = NO_JOB) -> None:
    """The listener keeps both ratings: ask no more about them, until one of them changes."""
    values = {r.track_id: r.value for r in store.ratings(slider_id)}
    first, second = sorted(pair)
    if values.get(first) is None or values.get(second) is None:
        return
    kept = _kept(store)
    entries = kept.setdefault(str(slider_id), [])
    entry = [first, second, values[first], values[second]]
    if entry not in entries:
        entries.append(entry)
        store.set_setting(_SETTLED, kept)


def is_settled(store: Store, slider_id: int, pair: Pair, values: dict[int, float]) -> bool:
    """Whether the listener keeps these two with the ratings they have now."""
    first, second = sorted(pair)
    entry = [first, second, values.get(first), values.get(second)]
    return entry in _kept(store).get(str(slider_id), [])


def _kept(store: Store) -> dict[str, list[list[Any]]]:
    """Slider id → (track, track, rating, rating) of each pair that was settled."""
    try:
        kept = json.loads(store.settings().get(_SETTLED, "{}"))
    except ValueError:
        return {}
    if not isinstance(kept, dict):
        return {}
    return {key: entries for key, entries in kept.items() if isinstance(entries, list)}
