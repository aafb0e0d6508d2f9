"""Names on the map: which artists and genres gather somewhere, and which names fit the view.

Candidates are found in small steps, so that a large library never holds the window up.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

CELLS = 28  # of the coarse grid on which a gathering is looked for
MOST_ARTISTS, MOST_GENRES = 300, 40
STARS = 60  # artists that may stand for a genre
SHIFTS = (-11.0, 9.0, -30.0, 28.0)  # pixels up or down that a name may give way
CHUNK = 4_000  # rows read in one step


@dataclass(frozen=True)
class Label:
    """A name at a place of the map; ``weight`` decides who gives way."""

    text: str
    x: float
    y: float
    weight: float
    kind: str  # "genre" | "artist" | "slider"
    dy: float = 0.0  # pixels from that place


class Gatherings:
    """Where groups of tracks are densest compared with everything else."""

    def __init__(self, xy: NDArray[np.float32]) -> None:
        self.xy = xy
        self._cell = np.zeros(len(xy), np.int32)
        for axis, stride in ((0, 1), (1, CELLS)):
            along = np.ascontiguousarray(xy[:, axis])
            low, high = along.min(initial=np.inf), along.max(initial=-np.inf)
            cells = (along - low) * np.float32(CELLS * 0.99999 / max(1e-9, high - low))
            self._cell += cells.astype(np.int32) * np.int32(stride)
        self._all = _spread(np.bincount(self._cell, minlength=CELLS * CELLS)) + 1.0

    def place(self, members: NDArray[np.int64]) -> tuple[float, float, float]:
        """x, y of the place where ``members`` gather, and how many of them are there, weighted."""
        own = _spread(np.bincount(self._cell[members], minlength=CELLS * CELLS))
        score = own * own / self._all
        best = int(np.argmax(score))
        row, column = divmod(best, CELLS)
        cells = self._cell[members]
        near = (np.abs(cells // CELLS - row) <= 2) & (np.abs(cells % CELLS - column) <= 2)
        here = members[near] if near.any() else members
        x = float(np.median(self.xy[here, 0]))
        # On the upper rim, where fewer stars shine through the letters.
        y = float(np.percentile(self.xy[here, 1], 86 if len(here) > 20 else 100))
        return x, y, float(score[best])


def find(
    session: "Session", ids: NDArray[np.int64], gatherings: Gatherings
) -> Iterator[list[Label] | None]:
    """Yields None after each step, at last the labels; give up by dropping the iterator."""
    if len(ids) < 2:
        yield []
        return
    catalogue = session.catalogue
    artists, genres = _Groups(least := 3 if len(ids) < 400 else 6), _Groups(least)
    for begin in range(0, len(ids), CHUNK):
        for at, track_id in enumerate(ids[begin : begin + CHUNK].tolist(), begin):
            row = catalogue.track(track_id)
            if row is not None:
                artists.add(row.artist, at)
                genres.add(row.genre, at)
        yield None
    labels = []
    artist_of = artists.largest(MOST_ARTISTS)
    places = {}
    for step, (name, members) in enumerate(artist_of):
        places[name] = gatherings.place(np.array(members, np.int64))
        if step % 25 == 24:
            yield None
    for name, members in genres.largest(MOST_GENRES):
        x, y, weight = gatherings.place(np.array(members, np.int64))
        star = _star(members, artist_of[:STARS], len(ids))
        text = f"{name} · {star}" if star else name
        labels.append(Label(text, x, y, 2.0 * weight, "genre"))
        yield None
    labels += [Label(name, x, y, weight, "artist") for name, (x, y, weight) in places.items()]
    yield labels


class _Groups:
    """Rows by name. Of a hundred thousand names only those with ``least`` rows are looked at."""

    def __init__(self, least: int) -> None:
        self._least = least
        self._rows: dict[str, list[int]] = {}
        self._known: list[str] = []

    def add(self, name: str, row: int) -> None:
        rows = self._rows.setdefault(name, [])
        rows.append(row)
        if len(rows) == self._least and name:
            self._known.append(name)

    def largest(self, most: int) -> list[tuple[str, list[int]]]:
        """So many of the largest, largest first."""
        known = [(name, self._rows[name]) for name in self._known]
        return sorted(known, key=lambda item: -len(item[1]))[:most]


def _star(members: list[int], artists: list[tuple[str, list[int]]], count: int) -> str:
    """The artist who stands for a group, if one makes up a good part of it."""
    of = np.zeros(count, bool)
    of[members] = True
    best, most = "", 0.2 * len(members)
    for name, own in artists:
        here = int(of[own].sum())
        if here > most:
            best, most = name, here
    return best


def high_label(text: str, gatherings: Gatherings, values: NDArray[np.float32]) -> Label | None:
    """A name where the top tenth of ``values`` gathers; None if nobody is there."""
    top = np.flatnonzero(values >= 0.9)
    if len(top) < 3:
        return None
    x, y, _ = gatherings.place(top)
    return Label(text, x, y, float("inf"), "slider")


def fitting(
    labels: list[tuple[Label, QRectF]], view: QRectF, taken: list[QRectF], most: int
) -> list[tuple[Label, QRectF]]:
    """The weightiest of ``labels`` whose boxes lie in ``view`` and touch nothing in ``taken``."""
    shown: list[tuple[Label, QRectF]] = []
    busy = list(taken)
    said: set[str] = set()
    for label, box in sorted(labels, key=lambda item: -item[0].weight):
        if len(shown) >= most:
            break
        if label.text in said:
            continue
        for dy in SHIFTS:
            moved = box.translated(0.0, dy)
            room = moved.adjusted(-10, -6, 10, 6)
            if view.contains(moved) and not any(room.intersects(b) for b in busy):
                shown.append((replace(label, dy=dy), moved))
                said.update((label.text, *label.text.split(" · ")))
                busy.append(room)
                break
    return shown


def _spread(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Counts on the grid with their eight neighbours'."""
    grid = np.pad(counts.reshape(CELLS, CELLS).astype(np.float64), 1)
    rows = grid[:-2] + 2 * grid[1:-1] + grid[2:]
    both = rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]
    return (both / 4.0).reshape(-1)
