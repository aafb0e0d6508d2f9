"""What may follow what: the guards that every walk keeps, and what was played before it. Numpy."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]

RECENT = 50  # not among so many played last
ARTIST_GAP = 4  # tracks of others between two of one artist, at least
ALBUM_SPAN, ALBUM_MOST = 19, 2  # no more of an album in twenty
# Cosine above which two tracks are one recording. Of 36 songs as another encoding, a shorter edit,
# a louder and a duller master all 144 lie above .96 (above .995: 40 %); of 301,000 pairs of
# different pieces one, a variation.
TWIN = 0.96
SHORT_S = 20.0  # a fragment

# In the order in which they give way when nothing is left.
GUARDS = ("album", "artist", "short", "twin", "recent")
ALBUM, ARTIST, SHORT, TWINS, AGAIN = range(len(GUARDS))


class Tracks(Protocol):
    """What the guards need of a catalogue of m tracks."""

    @property
    def artist(self) -> NDArray[np.int32]: ...
    @property
    def album(self) -> NDArray[np.int32]: ...
    @property
    def duration_s(self) -> Float: ...
    @property
    def usable(self) -> Mask: ...
    def unit(self, rows: Rows) -> Float: ...


class Past:
    """What was played before a walk begins, and what may be played at all."""

    def __init__(
        self, tracks: Tracks, recent: Rows, seeds: Rows, banned: Rows, gap: int = ARTIST_GAP
    ) -> None:
        """``recent`` rows are the oldest first; ``seeds`` count as played fifty tracks ago."""
        self.tracks, self.gap = tracks, gap
        self.played: list[int] = recent[-RECENT:].tolist()
        self.free = tracks.usable.copy()  # (m,)
        self.free[banned] = False
        self.age = np.full(len(self.free), RECENT + 1, np.int16)  # (m,) tracks since it was played
        for back, row in enumerate(reversed(self.played), 1):
            self.age[row] = min(int(self.age[row]), back)
        self.age[seeds] = np.minimum(self.age[seeds], RECENT)
        self.heard = np.unique(np.concatenate([self.played, seeds]).astype(np.intp))

    def go_on(self, rows: Sequence[int]) -> None:
        """These were picked: they count as played for what follows."""
        self.played += rows
        self.free[rows] = False
        self.heard = np.unique(np.concatenate([self.heard, rows]).astype(np.intp))

    def line(self, pool: "Pool") -> "Line":
        """The walk that begins now, over the candidates in ``pool``."""
        artists, albums = self.tracks.artist[self.played], self.tracks.album[self.played]
        return Line(artists.tolist(), albums.tolist(), pool.nearest_heard, pool.closed)


class Pool:
    """Candidates of a walk, laid out: k rows, unit vectors (k, d), and what they are."""

    def __init__(self, past: Past, rows: Rows) -> None:
        tracks = past.tracks
        self.rows, self.gap = rows, past.gap
        self.unit = tracks.unit(rows)
        self.artist, self.album = tracks.artist[rows], tracks.album[rows]
        length = tracks.duration_s[rows]
        self.short = (length > 0) & (length < SHORT_S)
        self.age = past.age[rows]
        self.closed = ~past.free[rows]
        likeness = self.unit @ tracks.unit(past.heard).T  # (k, heard)
        likeness[rows[:, None] == past.heard[None, :]] = -1  # itself is no twin
        self.nearest_heard = likeness.max(1, initial=-1)


@dataclass(frozen=True, eq=False)
class Line:
    """One walk so far; `then` is the same with one more track."""

    artists: list[int]  # of all that was played, oldest first
    albums: list[int]
    nearest: Float  # (k,) cosine of each candidate to the likest that was played
    closed: Mask  # (k,) may not be picked
    picked: list[int] = field(default_factory=list)  # candidates, in order

    def broken(self, pool: Pool) -> Mask:
        """Which of GUARDS each candidate would break now (5, k)."""
        broken = np.empty((len(GUARDS), len(pool.rows)), bool)
        lately = self.albums[-ALBUM_SPAN:]
        often = (code for code, times in Counter(lately).items() if times >= ALBUM_MOST)
        broken[ALBUM] = _among(pool.album, often)
        broken[ARTIST] = _among(pool.artist, self.artists[-pool.gap :])
        broken[SHORT] = pool.short
        broken[TWINS] = self.nearest > TWIN
        broken[AGAIN] = pool.age <= RECENT
        return broken

    def then(self, pool: Pool, at: int) -> "Line":
        """This walk and candidate ``at``."""
        closed = self.closed.copy()
        closed[at] = True
        return Line(
            [*self.artists, int(pool.artist[at])],
            [*self.albums, int(pool.album[at])],
            np.maximum(self.nearest, pool.unit @ pool.unit[at]),
            closed,
            [*self.picked, at],
        )

    def allowed(self, pool: Pool, broken: Mask, closed: Mask | None = None) -> tuple[Mask, bool]:
        """Which candidates (k,) but the ``closed`` may be picked, and whether they break no guard.

        Where all break one: those that break the guards which matter least. Of tracks heard
        lately, and of artists too soon, those whose last time is longest ago.
        """
        open_ = ~(self.closed if closed is None else closed)
        strict = open_ & ~broken.any(0)
        if strict.any() or not open_.any():
            return strict, True
        cost = (2 ** np.arange(len(GUARDS)))[:, None] * broken  # a later guard outweighs all before
        total = np.where(open_, cost.sum(0), 2 ** len(GUARDS))
        least: Mask = total == total.min()
        for guard, age in ((AGAIN, pool.age), (ARTIST, self._artist_ages(pool))):
            if broken[guard][least].all():
                oldest = np.where(least, age, -1)
                least = oldest == oldest.max()
        return least, False

    def _artist_ages(self, pool: Pool) -> NDArray[np.intp]:
        """Tracks (k,) since each candidate's artist was last played."""
        ages = np.full(len(pool.rows), RECENT + 1)
        for back, code in enumerate(reversed(self.artists[-RECENT:]), 1):
            if code >= 0:
                ages[pool.artist == code] = np.minimum(ages[pool.artist == code], back)
        return ages


def names(broken: Mask) -> tuple[str, ...]:
    """The guards that one candidate breaks (5,)."""
    return tuple(name for name, breaks in zip(GUARDS, broken.tolist(), strict=True) if breaks)


def _among(of: NDArray[np.int32], codes: Iterable[int]) -> Mask:
    """Where ``of`` (k,) is one of the known ``codes``."""
    known = np.array([code for code in set(codes) if code >= 0], np.int32)
    found: Mask = (of[:, None] == known).any(1)
    return found
