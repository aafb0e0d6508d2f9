"""Why a track plays next, in words: one line, and all that decided it. Always true."""

import time
from bisect import bisect_left
from collections.abc import Sequence, Set
from dataclasses import dataclass
from operator import attrgetter
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
    picks: Sequence[Pick], rows: Sequence[TrackRow], against: Set[int] = frozenset()
) -> list[Recommended]:
    """Each pick with its reasons; ``rows`` by ascending id, ``against`` the unwanted anchors."""
    now = time.time()
    return [
        Recommended(p.track_id, _parts(p, rows, against, now), _shares(p, rows, against, now), p)
        for p in picks
    ]


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
    pick: Pick, rows: Sequence[TrackRow], against: Set[int], now: float
) -> tuple[tuple[str, str], ...]:
    """The one line: what decided most, each piece only if it is so."""
    parts = [(f"{p.name} {ordinal(round(100 * p.percentile))}", "slider") for p in pick.steers]
    parts += [(text, "plain") for text in _led_by(pick, rows, against)]
    row = row_of(rows, pick.track_id)
    if row is not None and (heard := _last_heard(row, now)):
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
    pick: Pick, rows: Sequence[TrackRow], against: Set[int], now: float
) -> tuple[Share, ...]:
    shares = [_anchor_share(pick, i, amount, rows, against) for i, amount in pick.anchors]
    for pull in pick.steers:
        text = f"{pull.name} {ordinal(round(100 * pull.percentile))} percentile"
        shares.append(Share(text, "slider", pull.amount))
    row = row_of(rows, pick.track_id)
    if pick.familiar and row is not None:
        times = "once" if row.plays == 1 else f"{row.plays:,} times"
        shares.append(Share(_last_heard(row, now) or f"heard {times}", "familiar", pick.familiar))
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


def _last_heard(row: TrackRow, now: float) -> str:
    if not row.plays:
        return "never heard"
    months = int((now - row.last_played_at) / MONTH_S)
    return f"not heard for {months} months" if months >= 2 else ""
