"""What plays next and why, for the radio, constellations and the command line: lane `fit`.

Numpy alone; milliseconds.
"""

import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Literal

import numpy as np

from sliders_desktop.errors import UserError
from sliders_desktop.library.records import Mode, TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.ml import recommender
from sliders_desktop.ml.query import Query
from sliders_desktop.ml.recommender import Steer, fit_to
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.anchors import few
from sliders_desktop.tasks.reading import Array, Vectors, away_ids

__all__ = ["Mode", "Steer", "fit_to"]

ShareKind = Literal["anchor", "against", "slider", "familiar", "guard"]

MONTH_S = 30.4 * 24 * 3600
ALSO = 0.5  # an anchor is named beside the first if it adds at least so much of its share
_ID = attrgetter("id")


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
    recent: tuple[int, ...] = ()
    knobs: Knobs = Knobs()
    mode: Mode = "together"
    steers: tuple[Steer, ...] = ()
    count: int = 20
    unwanted: frozenset[int] = frozenset()
    not_artists: frozenset[str] = frozenset()  # casefolded names
    seed: int = 0
    ordered: bool = False  # whether the anchors follow one another in time


@dataclass(frozen=True)
class Share:
    """One part of a pick's score; all of them sum to it."""

    text: str  # "like Low Tide", "rainy night 91st percentile", "unlike Harbour"
    kind: ShareKind
    amount: float  # signed, in standard deviations of the library's relevance


@dataclass(frozen=True)
class Recommended:
    """A pick with the pieces of its reason, each "plain" or "slider", and all that decided it."""

    track_id: int
    parts: tuple[tuple[str, str], ...]
    shares: tuple[Share, ...]
    pick: recommender.Pick


def build_catalogue(
    store: Store,
    vectors: Vectors,
    rows: Sequence[TrackRow],
    query: Query | None = None,
    job: Job = NO_JOB,
) -> recommender.Catalogue:
    """What can be played next, once per change of the library or of what was learned of it."""
    by_id = {row.id: row for row in rows}
    known = [by_id.get(int(i)) for i in vectors.ids]
    artists = [r.artist.casefold() if r else "" for r in known]
    artist = codes(artists)
    catalogue = recommender.Catalogue(
        vectors.ids,
        vectors.x if query is None else query.project(vectors.x),
        artist,
        codes([f"{r.album}\0{r.artist}" if r and r.album else "" for r in known]),
        np.array([r.duration_s if r else 0.0 for r in known], np.float32),
        dict(zip(artists, artist.tolist(), strict=True)),
    )
    if query is None or query.state == "listening":
        return catalogue
    return replace(catalogue, standing=query.standing(catalogue, job))


def codes(names: Sequence[str]) -> Array:
    """A number for each different name; −1 for none."""
    numbers: dict[str, int] = {"": -1}
    return np.fromiter(
        (numbers.setdefault(name, len(numbers)) for name in names), np.int32, len(names)
    )


def next_tracks(
    store: Store,
    catalogue: recommender.Catalogue,
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
    anchors = [recommender.Anchor(i, w) for i, w in chosen]
    if wish.anchors and not len(catalogue.rows_of(a.track_id for a in anchors)):
        raise UserError(_unheard(rows, wish.anchors))
    context = recommender.Context(
        anchors, wish.recent, wish.knobs.near_far, min(max(wish.knobs.artist_gap, 4), 50)
    )
    away = away_ids(rows) if away is None else away
    picks = recommender.next_tracks(
        context,
        catalogue,
        wish.steers,
        wish.count,
        np.random.default_rng(wish.seed),
        lead_of(query, context, catalogue, wish.ordered),
        wish.unwanted.union(away.tolist(), _by(catalogue, wish.not_artists)),
    )
    return _told(picks, rows)


def lead_of(
    query: Query | None,
    context: recommender.Context,
    catalogue: recommender.Catalogue,
    ordered: bool,
) -> recommender.Lead | None:
    """Where what was learned leads; None while the centroid does as well."""
    if query is None or query.state == "listening":
        return None
    return query.lead(context, catalogue, ordered)


def ordinal(n: int) -> str:
    """91 → “91st”."""
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def _by(catalogue: recommender.Catalogue, artists: Iterable[str]) -> list[int]:
    """Ids of all tracks by these ``artists`` (casefolded)."""
    wanted = [catalogue.artists[name] for name in artists if catalogue.artists.get(name, -1) >= 0]
    found: list[int] = catalogue.ids[np.isin(catalogue.artist, wanted)].tolist() if wanted else []
    return found


def _unheard(rows: Sequence[TrackRow], anchors: Sequence[tuple[int, float]]) -> str:
    first = _row_of(rows, anchors[0][0])
    name = f"“{first.title}”" if first is not None else "That track"
    if len(anchors) > 1:
        return "None of these tracks has been listened to yet: Sliders can't say what fits them."
    return f"{name} has not been listened to yet: Sliders can't say what fits it."


# why


def _told(picks: Sequence[recommender.Pick], rows: Sequence[TrackRow]) -> list[Recommended]:
    now = time.time()
    return [Recommended(p.track_id, _parts(p, rows, now), _shares(p, rows), p) for p in picks]


def _row_of(rows: Sequence[TrackRow], track_id: int) -> TrackRow | None:
    at = bisect_left(rows, track_id, key=_ID)
    return rows[at] if at < len(rows) and rows[at].id == track_id else None


def _title(rows: Sequence[TrackRow], track_id: int) -> str:
    row = _row_of(rows, track_id)
    return row.title if row is not None else "a track that is gone"


def _parts(
    pick: recommender.Pick, rows: Sequence[TrackRow], now: float
) -> tuple[tuple[str, str], ...]:
    """The one line: what decided most, each piece only if it is so."""
    parts = [(f"{p.name} {_percentile(p)}", "slider") for p in pick.steers]
    leading = sorted((a for a in pick.anchors if a[1] > 0), key=lambda a: -a[1])
    names = [_title(rows, i) for i, amount in leading[:2] if amount >= ALSO * leading[0][1]]
    if names:
        parts.append((f"follows {' and '.join(dict.fromkeys(names))}", "plain"))
    row = _row_of(rows, pick.track_id)
    if row is not None and (heard := _last_heard(row, now)):
        parts.append((heard, "plain"))
    if "recent" in pick.relaxed:
        parts.append(("nothing else is left", "plain"))
    return tuple(parts) or (("from all your music", "plain"),)


def _shares(pick: recommender.Pick, rows: Sequence[TrackRow]) -> tuple[Share, ...]:
    shares = [
        Share(f"{'like' if amount >= 0 else 'unlike'} {_title(rows, i)}",
              "anchor" if amount >= 0 else "against", amount)
        for i, amount in pick.anchors
    ]  # fmt: skip
    shares += [
        Share(f"{p.name} {_percentile(p)} percentile", "slider", p.amount) for p in pick.steers
    ]
    return tuple(shares)


def _percentile(pull: recommender.Pull) -> str:
    return ordinal(round(100 * pull.percentile))


def _last_heard(row: TrackRow, now: float) -> str:
    if not row.plays:
        return "never heard"
    months = int((now - row.last_played_at) / MONTH_S)
    return f"not heard for {months} months" if months >= 2 else ""
