"""Wandering from star to star of a constellation, each step near the last. Numpy; any thread.

What fits all stars together is `recommender.next_tracks`.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace

import numpy as np

from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.guards import Float, Past, Rows
from sliders_desktop.ml.leanings import Leanings
from sliders_desktop.ml.recommender import (
    AGAIN,
    WARMTH,
    Context,
    Lead,
    Pick,
    anchor_vectors,
    explained,
    next_tracks,
    past_of,
)
from sliders_desktop.ml.ways import Clock, Double, Stop, Way, along, dice

NEAREST = 60  # candidates around each place of a near way; a far one has five times as many
BETWEEN = 2  # tracks between two stars of a near way; a far one has four more
ROUNDS = 50  # of improving the tour, at most


def wander(
    context: Context,
    catalogue: Catalogue,
    leanings: Leanings,
    n: int,
    seed: int,
    exclude: AbstractSet[int] = frozenset(),
) -> list[Pick]:
    """The next ``n`` tracks of a walk that visits each + star in turn, again and again.

    It goes on from the newest of ``context.recent``. A star is played when its turn comes, unless
    a guard says no: then what is nearest to it. Where there is no + star, as `next_tracks`.
    """
    at, unit, weights = anchor_vectors(context, catalogue)
    liked = [i for i, weight in enumerate(weights) if weight > 0]
    rng = np.random.default_rng(seed)
    if not liked:
        return next_tracks(context, catalogue, leanings, n, rng, exclude=exclude)
    order = [liked[i] for i in tour(unit[liked], rng)]
    stars, pulls = at[order], [weights[i] for i in order]
    unliked = [i for i, weight in enumerate(weights) if weight < 0]
    against = None
    if unliked:
        parts = unit[unliked] * np.array([[weights[i]] for i in unliked], np.float32)
        against = Lead(Lead.of(parts).q, parts)
    far = min(max(context.near_far, 0.0), 1.0)
    between = BETWEEN + round(4 * far)
    warmth = max(WARMTH * far, AGAIN if seed else 0.0)
    past = past_of(context, catalogue, np.empty(0, np.intp), exclude)
    picks: list[Pick] = []
    leg, t = _whereabouts(catalogue, past, stars, between)
    while len(picks) < n:
        here, there = (stars[(leg + step) % len(stars)] for step in (0, 1))
        draw = (pulls[leg % len(stars)], pulls[(leg + 1) % len(stars)])
        way = Way(catalogue, np.array([here, there]), draw, against)
        clock = Clock(between + 1.0, 0.5 + t * (between + 1), -0.5, 1.0)
        if not past.played:  # it begins with a star, or beside it
            way, clock = replace(way, ends=np.array([here, here])), Clock(1.0, 0.5, -0.5, 1.0)
            leg -= 1
        stops = _leg(
            way, past, clock, leanings, stars, round(NEAREST * (1 + 4 * far)), seed, warmth
        )
        if not stops:
            break
        picks += [_pick(way, stop, leanings, catalogue.ids[at[unliked]]) for stop in stops]
        past.go_on([stop.row for stop in stops])
        leg, t = (leg + 1) % len(stars), 0.0
    return picks[:n]


def tour(unit: Float, rng: np.random.Generator) -> list[int]:
    """A short closed way past all unit vectors (k, d), from a start and in a direction by chance.

    The nearest one not yet visited comes next; then crossings are undone (2-opt, Croes 1958).
    """
    count = len(unit)
    far = np.arccos(np.clip(unit.astype(np.float64) @ unit.T, -1, 1))
    order = [int(rng.integers(count))]
    while len(order) < count:
        left = [i for i in range(count) if i not in set(order)]
        order.append(min(left, key=lambda i: (far[order[-1], i], i)))
    for _ in range(ROUNDS):
        better = False
        for i in range(count - 1):
            for j in range(i + 2, count - (i == 0)):
                a, b, c, d = order[i], order[i + 1], order[j], order[(j + 1) % count]
                if far[a, c] + far[b, d] < far[a, b] + far[c, d] - 1e-9:
                    order[i + 1 : j + 1] = order[i + 1 : j + 1][::-1]
                    better = True
        if not better:
            break
    return order if rng.random() < 0.5 else [order[0], *order[:0:-1]]


def _whereabouts(catalogue: Catalogue, past: Past, stars: Rows, between: int) -> tuple[int, float]:
    """On which leg of the tour the track played last lies, and how far along it.

    By the star that was played within a leg's length; else by what it sounds like.
    """
    if not past.played:
        return 0, 0.0
    known = stars.tolist()
    for steps, row in enumerate(past.played[: -between - 2 : -1]):
        if row in known:
            return known.index(row), steps / (between + 1)
    like = catalogue.unit(stars) @ catalogue.unit(np.array(past.played[-1:]))[0]
    t = np.linspace(0, 1, between + 2)
    fits = [
        way.shares(t).T @ like[[leg, (leg + 1) % len(stars)]]
        for leg, way in enumerate(_legs(catalogue, stars))
    ]
    leg, step = np.unravel_index(int(np.argmax(fits)), (len(stars), len(t)))
    if step == between + 1:
        return int(leg + 1) % len(stars), 0.0
    return int(leg), float(t[step])


def _legs(catalogue: Catalogue, stars: Rows) -> list[Way]:
    return [
        Way(catalogue, np.array([here, there]))
        for here, there in zip(stars, np.roll(stars, -1), strict=True)
    ]


def _leg(
    way: Way,
    past: Past,
    clock: Clock,
    leanings: Leanings,
    stars: Rows,
    most: int,
    seed: int,
    warmth: float,
) -> list[Stop]:
    def lean(t: object, rows: Rows | slice) -> Float | np.float32:
        return leanings.amount(rows)

    def throw(rows: Rows) -> Double:
        return dice(way.catalogue.ids[rows], seed, warmth)

    free = past.free[stars]
    past.free[stars] = False  # another star has its own turn
    there = int(way.ends[1])
    star = there if there in stars[free].tolist() else None
    if star is not None:
        past.free[star] = True
    stops = along(way, past, clock, np.ones(len(past.free)), lean, most, throw, star)
    past.free[stars] = free
    return stops


def _pick(way: Way, stop: Stop, leanings: Leanings, unliked: Rows) -> Pick:
    catalogue = way.catalogue
    lead = way.lead(stop.t, catalogue.unit(np.array([stop.before]))[0])
    ids = np.concatenate([catalogue.ids[[*way.ends, stop.before]], unliked])
    row = np.array([stop.row])
    (pick,) = explained(catalogue, row, lead, ids, leanings, way.scale())
    here, there = catalogue.ids[way.ends].tolist()
    return replace(pick, relaxed=stop.relaxed, way=(here, there))
