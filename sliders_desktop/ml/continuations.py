"""What goes on from what, without a listening graph: anchors and the tracks that follow them.

Albums, playlists, sessions and walks along sliders are lists of rows; a `Continuation` is one
draw from them. Numpy, any thread, the same under the same seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Codes = NDArray[np.int32]
Rows = NDArray[np.intp]

MOST_ANCHORS = 32
FEW_S = 30.0  # skipped before that: not wanted there
PAUSE_S = 1800.0  # a longer one begins another session
AHEAD = 5  # of a session or a walk so many next tracks are what was meant
ALIKE = 0.06  # of a slider's length
# How often a list of each kind is drawn, against one another, where all are there.
SHARE = {"playlist": 3.0, "session": 2.0, "album": 2.0, "taste": 1.0, "alike": 1.0, "walk": 1.0}
IN_ORDER = ("session", "walk")


@dataclass(frozen=True)
class TrackList:
    """Rows of the catalogue that somebody, or a rule, put together."""

    kind: str  # a key of SHARE
    rows: tuple[int, ...]  # in order
    skipped: tuple[int, ...] = ()  # of a session: what was not wanted there


@dataclass(frozen=True)
class Continuation:
    """``anchors``, newest last and signed, and the ``targets`` that shall rank before others."""

    anchors: tuple[int, ...]
    weights: tuple[float, ...]
    targets: tuple[int, ...]
    left_out: frozenset[int]  # neither right nor wrong here
    ordered: bool = False  # whether the anchors follow one another in time


def albums(album: Codes) -> list[TrackList]:
    """The albums of two tracks or more; codes (m,) below 0 are none."""
    rows = np.argsort(album, kind="stable")
    known = rows[album[rows] >= 0]
    cuts = np.flatnonzero(np.diff(album[known])) + 1
    return [
        TrackList("album", tuple(map(int, part))) for part in np.split(known, cuts) if len(part) > 1
    ]


def sessions(plays: Sequence[tuple[int, float, float, bool]]) -> list[TrackList]:
    """Lists of what was heard in one go.

    ``plays`` are (row, start in UTC seconds, seconds heard, finished), oldest first. A finished
    play belongs to its session; one skipped within `FEW_S` is what the session did not want.
    """
    out: list[TrackList] = []
    heard: list[int] = []
    skipped: list[int] = []
    end = -np.inf
    for row, start, seconds, finished in plays:
        if start - end > PAUSE_S:
            out.append(TrackList("session", tuple(heard), tuple(skipped)))
            heard, skipped = [], []
        end = start + seconds
        if finished and row not in heard:
            heard.append(row)
        elif not finished and seconds < FEW_S:
            skipped.append(row)
    out.append(TrackList("session", tuple(heard), tuple(skipped)))
    return [s for s in out if len(s.rows) > 1]


def alike(ranks: Float, rng: np.random.Generator, count: int) -> list[TrackList]:
    """Tracks that stand alike on two sliders; ``ranks`` (m, s) are percentiles 0..1."""
    m, sliders = ranks.shape
    out = []
    for _ in range(count if sliders > 1 and m else 0):
        pair = rng.choice(sliders, 2, replace=False)
        middle = ranks[rng.integers(m), pair]
        near = np.flatnonzero((np.abs(ranks[:, pair] - middle) < ALIKE).all(1))
        if len(near) > 1:
            rows = rng.permutation(near)[: 2 * MOST_ANCHORS]
            out.append(TrackList("alike", tuple(map(int, rows))))
    return out


def walks(
    ranks: Float, rng: np.random.Generator, count: int, unit: Float | None = None, steps: int = 16
) -> list[TrackList]:
    """One slider is held, another drifts; of what stands there, what sounds nearest comes next.

    ``ranks`` (m, s) are percentiles 0..1, ``unit`` (m, d) says what sounds alike; without it any
    will do.
    """
    m, sliders = ranks.shape
    out = []
    for _ in range(count if sliders > 1 and m else 0):
        held, drifting = rng.choice(sliders, 2, replace=False)
        row = int(rng.integers(m))
        hold, at = ranks[row, held], ranks[row, drifting]
        step = (1 if at < 0.5 else -1) * rng.uniform(0.02, 0.05)
        rows = [row]
        for _ in range(steps - 1):
            at = at + step
            missed = np.maximum(np.abs(ranks[:, held] - hold), np.abs(ranks[:, drifting] - at))
            missed[rows] = np.inf
            near = np.flatnonzero(missed < 1.5 * ALIKE)
            if not near.size:
                break
            best = near[np.argmax(unit[near] @ unit[rows[-1]])] if unit is not None else None
            rows.append(int(rng.choice(near) if best is None else best))
        if len(rows) > 3:
            out.append(TrackList("walk", tuple(rows)))
    return out


def tastes(lists: Sequence[TrackList], rng: np.random.Generator, count: int) -> list[TrackList]:
    """Two lists in one, track by track: a listener who likes both."""
    long = [tracks.rows for tracks in lists if len(tracks.rows) >= 4]
    out = []
    for _ in range(count if len(long) > 1 else 0):
        a, b = rng.choice(len(long), 2, replace=False)
        n = min(len(long[a]), len(long[b]), MOST_ANCHORS)
        pairs = zip(rng.permutation(long[a])[:n], rng.permutation(long[b])[:n], strict=True)
        mixed = dict.fromkeys(int(row) for pair in pairs for row in pair)
        out.append(TrackList("taste", tuple(mixed)))
    return out


class Draws:
    """Continuations of lists, one after another; kinds by `SHARE`, lists by the root of length."""

    def __init__(self, lists: Sequence[TrackList], album: Codes, artist: Codes) -> None:
        self.lists = list(lists)
        self.album, self.artist = album, artist
        kinds = np.array([SHARE[tracks.kind] for tracks in self.lists])
        size = np.sqrt([len(tracks.rows) for tracks in self.lists])
        total = {share: size[kinds == share].sum() for share in set(kinds.tolist())}
        names = {share: len({t.kind for t in lists if SHARE[t.kind] == share}) for share in total}
        odds = np.array(
            [k * names[k] * s / total[k] for k, s in zip(kinds.tolist(), size, strict=True)]
        )
        self.odds = odds / odds.sum() if len(odds) else odds

    def draw(self, rng: np.random.Generator, count: int) -> list[Continuation]:
        """``count`` of them; none if there are no lists."""
        if not self.lists:
            return []
        chosen = rng.choice(len(self.lists), count, p=self.odds)
        return [self.of(self.lists[i], rng) for i in chosen]

    def of(self, tracks: TrackList, rng: np.random.Generator) -> Continuation:
        """One continuation of a list of two tracks or more, 1 to 32 anchors."""
        n = len(tracks.rows)
        most = min(n - 1, MOST_ANCHORS)
        k = min(int(np.exp(rng.uniform(0, np.log(most + 1)))), most)
        if tracks.kind in IN_ORDER:
            start = int(rng.integers(n - k))
            anchors = tracks.rows[start : start + k]
            targets = tracks.rows[start + k : start + k + AHEAD]
            mixed = tracks.rows
        else:
            mixed = tuple(int(row) for row in rng.permutation(tracks.rows))
            anchors, targets = mixed[:k], mixed[k:]
        weights = [1.0] * k
        if tracks.skipped and k < MOST_ANCHORS and rng.random() < 0.5:
            against = tracks.skipped[int(rng.integers(len(tracks.skipped)))]
            if against not in anchors and against not in targets:
                anchors, weights = (against, *anchors), [-1.0, *weights]
        left_out = frozenset(mixed) - frozenset(targets)
        if tracks.kind == "album" and rng.random() < 0.5:
            targets, left_out = self._elsewhere(anchors, targets, left_out)
        ordered = tracks.kind in IN_ORDER
        return Continuation(anchors, tuple(weights), targets, left_out, ordered)

    def _elsewhere(
        self, anchors: tuple[int, ...], targets: tuple[int, ...], left_out: frozenset[int]
    ) -> tuple[tuple[int, ...], frozenset[int]]:
        """The artist's other albums instead of the same one, lest the mastering be learned."""
        album, artist = self.album[anchors[-1]], self.artist[anchors[-1]]
        if artist < 0:
            return targets, left_out
        other = np.flatnonzero((self.artist == artist) & (self.album != album))
        if not other.size:
            return targets, left_out
        same = np.flatnonzero(self.album == album)
        return tuple(map(int, other)), left_out | frozenset(map(int, same)) | frozenset(targets)


def held_out(
    lists: Sequence[TrackList], album: Codes, artist: Codes, rng: np.random.Generator, share: float
) -> NDArray[np.bool_]:
    """Which tracks (m,) are kept from learning: about ``share`` of those in lists.

    No album and no artist is on both sides.
    """
    family = _families(album, artist)
    used = np.unique([row for tracks in lists for row in tracks.rows]).astype(np.intp)
    out = np.zeros(len(album), np.bool_)
    if used.size:
        sizes = np.bincount(family[used], minlength=int(family.max()) + 1)
        room = 1.2 * share * used.size
        for code in rng.permutation(np.flatnonzero(sizes)):
            if sizes[code] <= room:
                out |= family == code
                room -= sizes[code]
    return out


def within(lists: Sequence[TrackList], side: NDArray[np.bool_]) -> list[TrackList]:
    """What of the lists lies on one ``side`` (m,), where that is most of a list."""
    out = []
    for tracks in lists:
        rows = tuple(row for row in tracks.rows if side[row])
        if len(rows) >= 2 and 2 * len(rows) > len(tracks.rows):
            skipped = tuple(row for row in tracks.skipped if side[row])
            out.append(TrackList(tracks.kind, rows, skipped))
    return out


def made_up(
    lists: Sequence[TrackList],
    ranks: Float | None,
    unit: Float,
    side: NDArray[np.bool_],
    rng: np.random.Generator,
    count: int = 100,
) -> list[TrackList]:
    """Walks and tastes among the tracks of one ``side`` (m,); ``ranks`` (m, s) of lit sliders."""
    rows = np.flatnonzero(side)
    out = tastes(lists, rng, count)
    if ranks is not None and rows.size:
        near = unit[rows]
        for tracks in alike(ranks[rows], rng, count) + walks(ranks[rows], rng, count, near):
            out.append(TrackList(tracks.kind, tuple(int(rows[i]) for i in tracks.rows)))
    return out


def _families(album: Codes, artist: Codes) -> Codes:
    """A number (m,) for what hangs together by album or artist; unknown ones stand alone."""
    parent = np.arange(len(album))
    for codes in (album, artist):
        known = np.flatnonzero(codes >= 0)
        _, first, back = np.unique(codes[known], return_index=True, return_inverse=True)
        for row, other in zip(known.tolist(), known[first][back].tolist(), strict=True):
            a, b = _root(parent, row), _root(parent, other)
            parent[max(a, b)] = min(a, b)
    return np.array([_root(parent, row) for row in range(len(album))], np.int32)


def _root(parent: NDArray[np.intp], row: int) -> int:
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = int(parent[row])
    return row
