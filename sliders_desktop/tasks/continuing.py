"""What plays next and why, for the radio, constellations and the command line: lane `fit`.

Numpy alone; milliseconds.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.errors import UserError
from sliders_desktop.library.records import Mode, TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.ml import recommender
from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.constellation import wander
from sliders_desktop.ml.guards import ARTIST_GAP, RECENT
from sliders_desktop.ml.journey import Drift, lengths
from sliders_desktop.ml.journey import journey as recommend_journey
from sliders_desktop.ml.leanings import Leanings, Steer, fit_to
from sliders_desktop.ml.query import Query
from sliders_desktop.ml.recommender import Anchor, Context, Lead
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.anchors import few
from sliders_desktop.tasks.reading import Array, away_ids
from sliders_desktop.tasks.reasons import Recommended, row_of, told

__all__ = ["Mode", "Steer", "fit_to"]

MOST_MINUTES = 24 * 60
LED_BY, ALONG = 4, 0.5  # tracks heard last that a radio follows too, and the weight of each
# How many tracks a radio remembers, and how many standard deviations less a track is worth that
# was just heard: so it does not go round in the circle of the nearest ones.
REMEMBERED, SOON = 500, 2.0


@dataclass(frozen=True)
class Knobs:
    """The three that there are."""

    near_far: float = 0.25  # 0 near .. 1 far
    forgotten: float = 0.5  # 0 familiar .. 1 forgotten; .5 does not care
    artist_gap: int = 4  # tracks of others between two of one artist, 4 .. 50


@dataclass(frozen=True)
class Wish:
    """What shall be followed: ``anchors`` are track ids with weights, below 0 against, newest last.

    Of more than 32 those count that stand for all; where they are ``ordered``, the newest.
    """

    anchors: tuple[tuple[int, float], ...]
    recent: tuple[int, ...] = ()  # oldest first: the last 50 wait, 500 are remembered
    knobs: Knobs = Knobs()
    mode: Mode = "together"
    steers: tuple[Steer, ...] = ()
    count: int = 20
    unwanted: frozenset[int] = frozenset()
    not_artists: frozenset[str] = frozenset()  # casefolded names
    seed: int = 0
    ordered: bool = False  # whether the anchors follow one another in time


@dataclass(frozen=True)
class JourneyWish:
    """From one track to another, by ids."""

    start: int
    end: int
    minutes: float = 40.0
    steer: tuple[Steer, float, float] | None = None  # a lit slider, from percentile .. to, 0..1
    knobs: Knobs = Knobs()
    unwanted: frozenset[int] = frozenset()
    not_artists: frozenset[str] = frozenset()  # casefolded names
    seed: int = 0  # another one gives another way


def next_tracks(
    store: Store,
    catalogue: Catalogue,
    rows: Sequence[TrackRow],
    wish: Wish,
    away: Array | None = None,
    query: Query | None = None,
    job: Job = NO_JOB,
) -> list[Recommended]:
    """What fits now, best first, each with a true reason; without a ``query`` by the centroid.

    ``rows`` by ascending id; ``away`` are the ids of those that can't be played, if known: they
    still lead. Raises `UserError` where none of the anchors has been listened to.
    """
    chosen = wish.anchors if wish.ordered else few(catalogue, wish.anchors)
    anchors = [Anchor(i, w) for i, w in chosen]
    if wish.anchors and not len(catalogue.rows_of(a.track_id for a in anchors)):
        raise UserError(_unheard(rows, [i for i, _ in wish.anchors]))
    context = replace(_context(wish.knobs, wish.seed), anchors=anchors, recent=wish.recent)
    ago: dict[int, int] = {}
    for back, track_id in enumerate(reversed(wish.recent[-REMEMBERED:]), 1):
        ago.setdefault(track_id, back)
    leanings = Leanings(wish.steers, _familiar(catalogue, rows, wish, ago))
    unwanted = _unwanted(catalogue, rows, wish, away)
    against = frozenset(a.track_id for a in anchors if a.weight < 0)
    if wish.mode == "wander":
        found = wander(context, catalogue, leanings, wish.count, wish.seed, unwanted)
        return told(found, rows, against, ago)
    rng = np.random.default_rng(wish.seed)
    lead = lead_of(query, context, catalogue, wish.ordered)
    found = recommender.next_tracks(context, catalogue, leanings, wish.count, rng, lead, unwanted)
    return told(found, rows, against, ago)


def endless(
    store: Store,
    catalogue: Catalogue,
    rows: Sequence[TrackRow],
    wish: Wish,
    away: Array | None = None,
    query: Query | None = None,
) -> Iterator[Recommended]:
    """What `next_tracks` gives, on and on: it follows what it gave, and never leaves the anchors.

    ``wish.count`` is how many are chosen at once. Raises `UserError` where there is nothing else.
    """
    heard = list(wish.recent)
    while True:
        anchors = dict(wish.anchors)
        if wish.mode == "together" and anchors:
            for track_id in heard[-LED_BY:]:
                anchors.setdefault(track_id, ALONG)
        asked = replace(wish, anchors=tuple(anchors.items()), recent=tuple(heard[-REMEMBERED:]))
        picks = next_tracks(store, catalogue, rows, asked, away, query)
        if not picks:
            raise UserError("Nothing else can be played: the library holds no other track.")
        for pick in picks:
            heard.append(pick.track_id)
            yield pick


def journey(
    store: Store,
    catalogue: Catalogue,
    rows: Sequence[TrackRow],
    wish: JourneyWish,
    away: Array | None = None,
    job: Job = NO_JOB,
) -> list[Recommended]:
    """The tracks from the wished start to the wished end, both with them.

    Raises `UserError` where there is no way: one of them was not listened to, both are the same,
    or the library has too little music for so long a journey.
    """
    for end in (wish.start, wish.end):
        if not len(catalogue.rows_of([end])):
            raise UserError(_unheard(rows, [end]))
    if wish.start == wish.end:
        raise UserError("A journey needs two different tracks: choose another one to arrive at.")
    if not 0 < wish.minutes <= MOST_MINUTES:
        raise UserError("A journey takes between one minute and a day.")
    drift = None if wish.steer is None else Drift(*wish.steer)
    found = recommend_journey(
        _context(wish.knobs, wish.seed),
        catalogue,
        Leanings((), _familiar(catalogue, rows, wish, {})),
        (wish.start, wish.end),
        60 * wish.minutes,
        drift,
        wish.seed,
        _unwanted(catalogue, rows, wish, away),
    )
    length, typical = lengths(catalogue)
    took = float(length[catalogue.rows_of(pick.track_id for pick in found)].sum())
    if took < 60 * wish.minutes - max(1.5 * typical, 0.1 * 60 * wish.minutes):
        raise UserError(
            f"There is only music for {took / 60:.0f} minutes of this journey: "
            "choose a shorter one, or listen to more of your library."
        )
    return told(found, rows)


def _context(knobs: Knobs, seed: int) -> Context:
    gap = min(max(knobs.artist_gap, ARTIST_GAP), RECENT)
    return Context(near_far=knobs.near_far, artist_gap=gap, again=bool(seed))


def _familiar(
    catalogue: Catalogue, rows: Sequence[TrackRow], wish: Wish | JourneyWish, ago: dict[int, int]
) -> NDArray[np.float32] | None:
    """What being familiar or forgotten, and heard some tracks ``ago``, adds to each track.

    Plays since the catalogue was built are told to it first.
    """
    known = catalogue.familiarity
    added = None
    if known is not None:
        for track_id in islice(ago, RECENT):  # those before were told when they were new
            row, at = row_of(rows, track_id), catalogue.rows_of([track_id])
            if row is not None and at.size:
                heard = row.plays, row.last_played_at, row.added_at
                known.heard(int(at[0]), *heard, time.time())
        added = known.amount(wish.knobs.forgotten)
    lately = catalogue.rows_of(i for i, back in ago.items() if back > RECENT)
    if lately.size:
        back = np.array([ago[i] for i in catalogue.ids[lately].tolist()], np.float32)
        added = np.zeros(len(catalogue.ids), np.float32) if added is None else added
        added[lately] -= np.float32(SOON) * (1 - back / REMEMBERED)
    return added


def _unwanted(
    catalogue: Catalogue,
    rows: Sequence[TrackRow],
    wish: Wish | JourneyWish,
    away: Array | None,
) -> frozenset[int]:
    away = away_ids(rows) if away is None else away
    return wish.unwanted.union(away.tolist(), _by(catalogue, wish.not_artists))


def lead_of(
    query: Query | None,
    context: Context,
    catalogue: Catalogue,
    ordered: bool,
) -> Lead | None:
    """Where what was learned leads; None while the centroid does as well."""
    if query is None or query.state == "listening":
        return None
    return query.lead(context, catalogue, ordered)


def _by(catalogue: Catalogue, artists: Iterable[str]) -> list[int]:
    """Ids of all tracks by these ``artists`` (casefolded)."""
    wanted = [catalogue.artists[name] for name in artists if catalogue.artists.get(name, -1) >= 0]
    found: list[int] = catalogue.ids[np.isin(catalogue.artist, wanted)].tolist() if wanted else []
    return found


def _unheard(rows: Sequence[TrackRow], anchors: Sequence[int]) -> str:
    first = row_of(rows, anchors[0])
    name = f"“{first.title}”" if first is not None else "That track"
    if len(anchors) > 1:
        return "None of these tracks has been listened to yet: Sliders can't say what fits them."
    return f"{name} has not been listened to yet: Sliders can't say what fits it."
