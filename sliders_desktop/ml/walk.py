"""The walk through the candidates: which track follows which, under guards. Numpy; any thread."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]

RECENT = 50  # not among so many played last
ARTIST_GAP = 4  # tracks of others between two of one artist, at least
ALBUM_SPAN, ALBUM_MOST = 19, 2  # no more of an album in twenty
TWIN = 0.995  # cosine of another master of the same recording
SHORT_S = 20.0  # a fragment
MMR = 0.7  # relevance against variety
MOST = 12_800  # candidates at most, before guards give way

# Guards in the order in which they give way when nothing is left.
GUARDS = ("album", "artist", "short", "twin", "recent")


class Tracks(Protocol):
    """What the walk needs of a catalogue of m tracks."""

    @property
    def artist(self) -> NDArray[np.int32]: ...
    @property
    def album(self) -> NDArray[np.int32]: ...
    @property
    def duration_s(self) -> Float: ...
    @property
    def usable(self) -> Mask: ...
    def unit(self, rows: Rows) -> Float: ...


class Walk:
    """Picks one track after another; what was picked counts as played for the next."""

    def __init__(
        self,
        tracks: Tracks,
        relevance: Float,
        *,
        recent: Rows,
        seeds: Rows,
        banned: Rows,
        artist_gap: int = ARTIST_GAP,
    ) -> None:
        self.tracks = tracks
        self.artist_gap = artist_gap
        self.relevance = relevance  # (m,)
        self.played = list(map(int, recent[-RECENT:]))  # rows, oldest first; grows
        self.free = tracks.usable.copy()  # (m,) may be picked at all
        self.free[banned] = False
        self.age = np.full(len(relevance), RECENT + 1)  # (m,) tracks since it was played
        for back, row in enumerate(reversed(self.played), 1):
            self.age[row] = min(self.age[row], back)
        self.age[seeds] = np.minimum(self.age[seeds], RECENT)
        self.artists = tracks.artist[self.played].tolist()  # of those played; they grow alike
        self.albums = tracks.album[self.played].tolist()
        self.picked: list[int] = []
        self.heard = np.unique(np.concatenate([self.played, seeds]).astype(np.intp))

    def take(
        self, n: int, pool: int, warmth: float, rng: np.random.Generator
    ) -> list[tuple[int, tuple[str, ...]]]:
        """Up to ``n`` rows in order, each with the guards it breaks.

        Greedy maximal marginal relevance (Carbonell & Goldstein 1998), .7 relevance − .3 likeness
        to what this walk picked, over the ``pool`` most relevant candidates; ``warmth`` shakes
        their relevance by Gumbel noise of so many standard deviations. If no candidate passes the
        guards the pool grows; if it holds all there is, the guards give way one by one.
        """
        taken: list[tuple[int, tuple[str, ...]]] = []
        self._gather(pool, warmth, rng)
        while len(taken) < n:
            broken = self._broken()
            open_ = self.free[self.rows]
            strict = open_ & ~broken.any(0)
            if not strict.any() and pool < min(int(self.free.sum()), MOST):
                pool *= 4
                self._gather(pool, warmth, rng)
                continue
            if not open_.any():
                break
            at = self._best(strict) if strict.any() else self._least_bad(open_, broken)
            names = zip(GUARDS, broken[:, at].tolist(), strict=True)
            taken.append((int(self.rows[at]), tuple(name for name, breaks in names if breaks)))
            self._play(at)
        return taken

    def _gather(self, pool: int, warmth: float, rng: np.random.Generator) -> None:
        """Lay out the ``pool`` best candidates: rows (k,), unit (k, d), worth (k,), likeness."""
        fresh = self.free & (self.age > RECENT)
        rows = np.flatnonzero(fresh)
        if rows.size < pool:
            rows = np.flatnonzero(self.free)
        if rows.size > pool:
            rows = rows[np.argpartition(-self.relevance[rows], pool)[:pool]]
        self.rows = rows[np.argsort(-self.relevance[rows], kind="stable")]
        self.unit = self.tracks.unit(self.rows)
        worth = self.relevance[self.rows].astype(np.float64)
        if warmth and worth.size:
            worth = worth + warmth * worth.std() * rng.gumbel(size=worth.size)
        self.worth = MMR * worth
        likeness = self.unit @ self.tracks.unit(self.heard).T  # (k, heard)
        likeness[self.rows[:, None] == self.heard[None, :]] = -1  # itself is no twin
        self.nearest_heard = likeness.max(1, initial=-1)
        picks = self.unit @ self.tracks.unit(np.array(self.picked, np.intp)).T  # (k, picked)
        self.nearest_picked = picks.max(1, initial=-1)
        self.artist, self.album = self.tracks.artist[self.rows], self.tracks.album[self.rows]
        length = self.tracks.duration_s[self.rows]
        self.breaks = np.zeros((len(GUARDS), self.rows.size), bool)
        self.breaks[2] = (length > 0) & (length < SHORT_S)
        self.breaks[4] = self.age[self.rows] <= RECENT

    def _broken(self) -> Mask:
        """Which of GUARDS each candidate breaks now (5, k); the array is written to again."""
        lately = self.albums[-ALBUM_SPAN:]
        often = {code for code in lately if lately.count(code) >= ALBUM_MOST}
        _mark(self.album, often, self.breaks[0])
        _mark(self.artist, set(self.artists[-self.artist_gap :]), self.breaks[1])
        np.greater(np.maximum(self.nearest_heard, self.nearest_picked), TWIN, out=self.breaks[3])
        return self.breaks

    def _best(self, allowed: Mask) -> int:
        likeness = np.maximum(self.nearest_picked, 0) if self.picked else 0.0
        return int(np.argmax(np.where(allowed, self.worth - (1 - MMR) * likeness, -np.inf)))

    def _least_bad(self, open_: Mask, broken: Mask) -> int:
        """The best of those that break the guards which matter least; of recent ones the oldest."""
        cost = (2 ** np.arange(len(GUARDS)))[:, None] * broken  # a later guard outweighs all before
        total = np.where(open_, cost.sum(0), 2 ** len(GUARDS))
        allowed = total == total.min()
        if broken[-1][allowed].all():
            age = np.where(allowed, self.age[self.rows], -1)
            allowed = age == age.max()
        return self._best(allowed)

    def _play(self, at: int) -> None:
        row = int(self.rows[at])
        self.free[row] = False
        self.played.append(row)
        self.artists.append(int(self.artist[at]))
        self.albums.append(int(self.album[at]))
        self.nearest_picked = np.maximum(self.nearest_picked, self.unit @ self.unit[at])
        self.picked.append(row)


def _mark(of: NDArray[np.int32], codes: set[int], out: Mask) -> None:
    """Where ``of`` (k,) is one of the known ``codes``, into ``out`` (k,)."""
    out[:] = False
    for code in codes:
        if code >= 0:
            out |= of == code
