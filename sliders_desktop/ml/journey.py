"""From one track to another over a chosen time, maybe along a slider. Numpy; any thread."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.guards import AGAIN as HEARD
from sliders_desktop.ml.guards import Float, Past, Pool, Rows, names
from sliders_desktop.ml.leanings import Leanings, Steer
from sliders_desktop.ml.recommender import AGAIN, WARMTH, Context, Pick, explained
from sliders_desktop.ml.ways import Clock, Double, Stop, Way, along, dice

NEAREST = 120  # candidates around each place of the way; of a far journey five times as many
FIRM = 2.0  # how much more a slider pulls that is the journey's own
TRACK_S = 210.0  # how long a track is where no length is known


@dataclass(frozen=True, eq=False)
class Drift:
    """A lit slider along the way, between two of its percentiles (0..1)."""

    steer: Steer
    start: float
    end: float

    def at(self, t: float) -> Steer:
        """What the handle would ask for at ``t``, 0 the start .. 1 the end."""
        target = self.start + (self.end - self.start) * t
        return replace(self.steer, target=target, weight=FIRM * self.steer.weight)

    def amount(self, t: Double, rows: Rows | slice) -> Float:
        """Its part (k,) of each track's score at the place ``t`` (k,) or ()."""
        target = self.start + (self.end - self.start) * t
        return FIRM * self.steer.amount(rows, target)


def journey(
    context: Context,
    catalogue: Catalogue,
    leanings: Leanings,
    ends: tuple[int, int],
    seconds: float,
    drift: Drift | None = None,
    seed: int = 0,
    exclude: AbstractSet[int] = frozenset(),
) -> list[Pick]:
    """A walk from the track ``ends[0]`` to ``ends[1]`` that takes about so many ``seconds``.

    Both need a vector; they are its first and last. Of ``context`` only the knobs count. Shorter
    where the library has no more; another ``seed`` gives another way.
    """
    rows = catalogue.rows_of(ends)
    past = Past(
        catalogue, rows[:1], rows[1:], catalogue.rows_of({*exclude, *ends}), context.artist_gap
    )
    way = Way(catalogue, rows)
    length, typical = lengths(catalogue)
    first, last = length[rows]
    clock = Clock(seconds - (first + last) / 2, first / 2, last / 2, typical)
    stops: list[Stop] = []
    if clock.span - clock.begun - clock.last_half >= typical / 2:
        stops = _stops(way, past, clock, length, leanings, drift, context, seed)
    picks = [Pick(ends[0], 0.0, way=ends)]
    for stop in stops:
        lead = way.lead(stop.t, catalogue.unit(np.array([stop.before]))[0])
        ids = catalogue.ids[[*rows, stop.before]]
        asked = leanings
        if drift is not None:
            asked = Leanings((*leanings.steers, drift.at(stop.t)), leanings.familiar)
        (pick,) = explained(catalogue, np.array([stop.row]), lead, ids, asked, way.scale())
        picks.append(replace(pick, relaxed=stop.relaxed, way=ends))
    past.go_on([stop.row for stop in stops])
    there = Pool(past, rows[1:])
    broken = past.line(there).broken(there)[:, 0]
    broken[HEARD] = False  # it was asked for
    return [*picks, Pick(ends[1], 0.0, relaxed=names(broken), way=ends)]


def lengths(catalogue: Catalogue) -> tuple[NDArray[np.float64], float]:
    """Seconds (m,) of each track, the median where they are unknown, and the median."""
    found = catalogue.duration_s.astype(np.float64)
    known = found[found > 0]
    typical = float(np.median(known)) if known.size else TRACK_S
    return np.where(found > 0, found, typical), typical


def _stops(
    way: Way,
    past: Past,
    clock: Clock,
    length: Double,
    leanings: Leanings,
    drift: Drift | None,
    context: Context,
    seed: int,
) -> list[Stop]:
    def lean(t: Double, rows: Rows | slice) -> Float | np.float32:
        other = leanings.amount(rows)
        return other if drift is None else other + drift.amount(t, rows)

    def throw(rows: Rows) -> Double:
        return dice(way.catalogue.ids[rows], seed, max(WARMTH * far, AGAIN if seed else 0.0))

    far = min(max(context.near_far, 0.0), 1.0)
    most = round(NEAREST * (1 + 4 * far))
    artist = int(way.catalogue.artist[way.ends[1]])
    return along(way, past, clock, length, lean, most, throw, last_artist=artist)
