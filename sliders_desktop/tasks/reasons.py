"""Why a track plays next, in words: one line, and all that decided it. Always true."""

import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType
from typing import Literal

from sliders_desktop.library.records import TrackRow
from sliders_desktop.ml.recommender import Pick

ShareKind = Literal["anchor", "against", "slider", "familiar", "guard"]

MONTH_S = 30.4 * 24 * 3600
ALSO = 0.5  # an anchor is named beside the first if it adds at least so much of its share
_ID = attrgetter("id")
_GAVE_WAY = {
    "recent": "nothing else is left",
    "twin": "only recordings alike are left",
    "short": "only fragments are left",
    "artist": "no other artist is left",
    "album": "no other album is left",
}


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
    pick: Pick


def told(
    picks: Sequence[Pick],
    rows: Sequence[TrackRow],
    against: Set[int] = frozenset(),
    ago: Mapping[int, int] = MappingProxyType({}),
) -> list[Recommended]:
    """Each pick with its reasons; ``rows`` by ascending id.

    ``against`` are the unwanted anchors, ``ago`` says how many tracks ago some were heard.
    """
    now = time.time()
    found = []
    for pick in picks:
        row = row_of(rows, pick.track_id)
        heard = "" if row is None else _last_heard(row, ago.get(pick.track_id), now)
        parts = _parts(pick, rows, against, heard)
        shares = _shares(pick, rows, against, heard)
        found.append(Recommended(pick.track_id, parts, shares, pick))
    return found


def ordinal(n: int) -> str:
    """91 → “91st”."""
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def row_of(rows: Sequence[TrackRow], track_id: int) -> TrackRow | None:
    """The row of a track in ``rows`` by ascending id."""
    at = bisect_left(rows, track_id, key=_ID)
    return rows[at] if at < len(rows) and rows[at].id == track_id else None


def _title(rows: Sequence[TrackRow], track_id: int) -> str:
    row = row_of(rows, track_id)
    return row.title if row is not None else "a track that is gone"


def _parts(
    pick: Pick, rows: Sequence[TrackRow], against: Set[int], heard: str
) -> tuple[tuple[str, str], ...]:
    """The one line: what decided most, each piece only if it is so."""
    parts = [(f"{p.name} {ordinal(round(100 * p.percentile))}", "slider") for p in pick.steers]
    parts += [(text, "plain") for text in _led_by(pick, rows, against)]
    if heard:
        parts.append((heard, "plain"))
    parts += [(_GAVE_WAY[guard], "plain") for guard in pick.relaxed[-1:]]
    return tuple(parts) or (("from all your music", "plain"),)


def _led_by(pick: Pick, rows: Sequence[TrackRow], against: Set[int]) -> list[str]:
    """What of the anchors made this the next, at most one piece."""
    if pick.way is not None:
        here, there = pick.way
        if pick.track_id in pick.way:
            return ["one of those you chose"]
        if here == there:
            return [f"around {_title(rows, here)}"]
        return [f"on the way from {_title(rows, here)} to {_title(rows, there)}"]
    leading = sorted((a for a in pick.anchors if a[1] > 0), key=lambda a: -a[1])
    liked = [a for a in leading if a[0] not in against]
    names = [_title(rows, i) for i, amount in liked[:2] if amount >= ALSO * liked[0][1]]
    if names:
        return [f"follows {' and '.join(dict.fromkeys(names))}"]
    return [f"unlike {_title(rows, i)}" for i, _ in leading[:1]]


def _shares(
    pick: Pick, rows: Sequence[TrackRow], against: Set[int], heard: str
) -> tuple[Share, ...]:
    shares = [_anchor_share(pick, i, amount, rows, against) for i, amount in pick.anchors]
    for pull in pick.steers:
        text = f"{pull.name} {ordinal(round(100 * pull.percentile))} percentile"
        shares.append(Share(text, "slider", pull.amount))
    if pick.familiar:
        shares.append(Share(heard or _how_often(rows, pick.track_id), "familiar", pick.familiar))
    return (*shares, *(Share(_GAVE_WAY[guard], "guard", 0.0) for guard in pick.relaxed))


def _anchor_share(
    pick: Pick, anchor: int, amount: float, rows: Sequence[TrackRow], against: Set[int]
) -> Share:
    unwanted = anchor in against
    if anchor == pick.track_id:
        return Share("one of those you chose", "anchor", amount)
    likes = (amount >= 0) != unwanted
    return Share(
        f"{'like' if likes else 'unlike'} {_title(rows, anchor)}",
        "against" if unwanted else "anchor",
        amount,
    )


def _how_often(rows: Sequence[TrackRow], track_id: int) -> str:
    row = row_of(rows, track_id)
    times = 0 if row is None else row.plays
    return "heard once" if times == 1 else f"heard {times:,} times"


def _last_heard(row: TrackRow, ago: int | None, now: float) -> str:
    if ago is not None:
        return "just heard" if ago == 1 else f"heard {ago} tracks ago"
    if not row.plays:
        return "never heard"
    months = int((now - row.last_played_at) / MONTH_S)
    return f"not heard for {months} months" if months >= 2 else ""
