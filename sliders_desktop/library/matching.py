"""Which tracks a query finds: a few passes over columns, milliseconds for 100,000 tracks."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.library.query import Condition, Query
from sliders_desktop.library.records import TrackRow

Mask = NDArray[np.bool_]
Ids = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Columns:
    """What conditions ask of tracks, all (n,), in the order of ``ids``, which ascend."""

    ids: Ids
    year: NDArray[np.int32]  # 0: unknown
    length_s: NDArray[np.float32]
    added_at: Ids
    plays: NDArray[np.int32]
    heard_at: Ids  # 0: never
    genre: NDArray[np.int32]  # index in ``genres``
    genres: tuple[str, ...]
    genre_words: tuple[tuple[str, ...], ...]  # of each genre, as `_plain` has them

    def take(self, at: int, row: TrackRow) -> None:
        """Another play of one track; for the thread that the columns belong to."""
        self.plays[at], self.heard_at[at] = row.plays, row.last_played_at


class Facts(Protocol):
    """What is known beside the columns."""

    def percentiles(self, condition: Condition) -> NDArray[np.float32] | str:
        """0 to 1 of each track (n,), NaN if unknown; or a sentence that says why there are none."""

    def rated(self, slider_id: int | None) -> Ids:
        """Tracks rated on this slider, or on any."""

    def search(self, words: str) -> Ids:
        """Tracks that the index finds, ascending."""


@dataclass(frozen=True, eq=False)
class Found:
    """``hit`` (n,) says which tracks; ``sentence`` why it can't be what was meant, or ""."""

    hit: Mask
    sentence: str = ""

    def __and__(self, other: "Found") -> "Found":
        return Found(self.hit & other.hit, self.sentence or other.sentence)


def columns(rows: Sequence[TrackRow]) -> Columns:
    """The columns of ``rows``, which are ordered by id."""

    def column(name: str) -> "map[Any]":
        return map(itemgetter(TrackRow._fields.index(name)), rows)

    count = len(rows)
    numbers = {name: n for n, name in enumerate(dict.fromkeys(column("genre")))}
    return Columns(
        np.fromiter(column("id"), np.int64, count),
        np.fromiter(column("year"), np.int32, count),
        np.fromiter(column("duration_s"), np.float32, count),
        np.fromiter(column("added_at"), np.int64, count),
        np.fromiter(column("plays"), np.int32, count),
        np.fromiter(column("last_played_at"), np.int64, count),
        np.fromiter(map(numbers.__getitem__, column("genre")), np.int32, count),
        tuple(numbers),
        tuple(tuple(_plain(name)) for name in numbers),
    )


def find(query: Query, tracks: Columns, facts: Facts, now: float) -> Found:
    """The tracks for which everything holds; ``now`` in UTC seconds."""
    found = Found(np.ones(len(tracks.ids), bool))
    if query.words:
        found &= Found(among(tracks.ids, facts.search(query.words)))
    for condition in query.conditions:
        found &= _holds(condition, tracks, facts, now)
    return found


def among(ids: Ids, some: Ids) -> Mask:
    """Which of the ascending ``ids`` (n,) are in ``some``."""
    hit = np.zeros(len(ids), bool)
    if len(ids) and len(some):
        at = np.minimum(np.searchsorted(ids, some), len(ids) - 1)
        hit[at[ids[at] == some]] = True
    return hit


def aligned(ids: Ids, some: Ids, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """``values`` of the ascending ``some`` in the order of the ascending ``ids``; else NaN."""
    if len(ids) == len(some) and np.array_equal(ids, some):
        return values
    out = np.full(len(ids), np.nan, np.float32)
    if len(ids) and len(some):
        at = np.minimum(np.searchsorted(some, ids), len(some) - 1)
        there = some[at] == ids
        out[there] = values[at[there]]
    return out


def _holds(condition: Condition, tracks: Columns, facts: Facts, now: float) -> Found:
    if condition.kind == "unfinished":
        return Found(np.ones(len(tracks.ids), bool))
    if condition.kind == "unknown":
        # “I <3 U” is a song: the words before the sign may be what they look like.
        hit = among(tracks.ids, facts.search(condition.text))
        return Found(hit, "" if hit.any() else f"There is no slider called “{condition.name}”.")
    known = np.ones(len(tracks.ids), bool)
    if condition.kind == "slider":
        values = facts.percentiles(condition)
        if max(abs(x) for x in (condition.low, condition.high) if np.isfinite(x)) > 100.5:
            values = f"{condition.name} goes from 0 to 100."
        if isinstance(values, str):
            return Found(np.zeros(len(tracks.ids), bool), values)
        known = np.isfinite(values)
        hit = _between(values, condition, 100)
    elif condition.kind == "genre":
        wanted = _plain(condition.text)
        fits = np.array([_has_words(words, wanted) for words in tracks.genre_words], bool)
        told = np.array([bool(name) for name in tracks.genres], bool)
        hit, known = fits[tracks.genre], told[tracks.genre]
    elif condition.kind == "rated":
        hit = among(tracks.ids, facts.rated(condition.slider_id))
    elif condition.kind == "heard":
        # Who was never heard was not heard for months either.
        hit = _between(now - tracks.heard_at, condition) & (tracks.heard_at > 0)
    elif condition.kind == "added":
        hit = _between(now - tracks.added_at, condition)
    elif condition.kind == "year":
        known = tracks.year > 0
        hit = _between(tracks.year, condition)
    elif condition.kind == "length":
        hit = _between(tracks.length_s, condition)
    else:
        hit = _between(tracks.plays, condition)
    return Found(known & ~hit if condition.negated else known & hit)


def _between(values: NDArray[Any], condition: Condition, whole: float = 1) -> Mask:
    low, high = condition.low / whole, condition.high / whole
    above = values > low if condition.low_open else values >= low
    below = values < high if condition.high_open else values <= high
    return np.asarray(above & below, bool)


def _plain(text: str) -> list[str]:
    """Words without case and accents, as the index has them; “&” is “and”."""
    apart = unicodedata.normalize("NFKD", text.replace("&", " and ").casefold())
    return re.findall(r"\w+", "".join(c for c in apart if not unicodedata.combining(c)))


def _has_words(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether each wanted word begins a word of the genre."""
    return all(any(word.startswith(one) for word in words) for one in wanted)
