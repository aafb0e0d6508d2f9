"""Regions of the map by name: living lists of what lies inside them now. Main thread."""

from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from sliders_desktop.library.matching import Ids
from sliders_desktop.library.records import Region
from sliders_desktop.library.store import Store
from sliders_desktop.session.atlas import Morph
from sliders_desktop.session.catalogue import NO_IDS, Catalogue
from sliders_desktop.session.map_index import Grid
from sliders_desktop.session.rack import Rack

SOURCE = "region:"
GUIDES = 8  # tracks that take a corner along when the map is drawn anew
_MOST = 4000  # tracks among which those are looked for


class Regions(QObject):
    """Signals:
    changed(): regions came, went or lie elsewhere, or other tracks lie in them.
    said(str): what was done, which can be taken back.
    """

    changed = Signal()
    said = Signal(str)

    def __init__(
        self, store: Store, catalogue: Catalogue, rack: Rack, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._catalogue, self._rack = store, catalogue, rack
        self.all: list[Region] = store.regions()
        self._inside: dict[int, Ids] = {}
        catalogue.map_changed.connect(self._on_map_changed)
        self._tell_catalogue()

    def get(self, number: int) -> Region | None:
        return next((one for one in self.all if one.id == number), None)

    @staticmethod
    def source(number: int) -> str:
        """The key under which the catalogue shows it."""
        return f"{SOURCE}{number}"

    def of_source(self, key: str) -> Region | None:
        """The region shown as this source."""
        number = key.removeprefix(SOURCE)
        return self.get(int(number)) if key.startswith(SOURCE) and number.isdigit() else None

    def ids(self, number: int) -> Ids:
        """The tracks (n,) that lie inside now, ascending."""
        if number not in self._inside:
            self._look()
        return self._inside.get(number, NO_IDS)

    def create(self, name: str, corners: list[tuple[float, float]]) -> int:
        """Keep what was drawn, in map coordinates; its id. `UserError` as in `Store`."""
        number = self._store.save_region(Region(0, name, tuple(corners)))
        self._rack.remember(f"keeping the region {name.strip()}", self._drop, number)
        self._reload()
        return number

    def rename(self, number: int, name: str) -> None:
        """`UserError` if the name is empty or borne by another."""
        before = self.get(number)
        if before is not None and before.name != name.strip():
            self._store.save_region(replace(before, name=name))
            self._rack.remember(f"renaming the region {before.name}", self._put_back, before)
            self._reload()

    def delete(self, number: int) -> None:
        """Undo brings it back; its tracks are not touched."""
        one = self.get(number)
        if one is not None:
            self._drop(number)
            self._rack.remember(f"deleting the region {one.name}", self._put_back, one)
            self.said.emit(f"Deleted the region {one.name}.")

    def follow(self, morph: Morph) -> None:
        """The map is drawn anew: each corner goes where the tracks around it go."""
        if not self.all or not len(morph.ids):
            return
        step = 1 + len(morph.ids) // _MOST
        before, after = morph.before[::step], morph.after[::step]
        for one in self.all:
            moved = tuple(_taken_along(corner, before, after) for corner in one.corners)
            self._store.save_region(replace(one, corners=moved))
        self.all = self._store.regions()
        self._inside = {}

    def _drop(self, number: int) -> None:
        self._store.delete_region(number)
        self._reload()

    def _put_back(self, one: Region) -> None:
        self._store.save_region(one)
        self._reload()

    def _reload(self) -> None:
        self.all = self._store.regions()
        self._on_map_changed()

    def _on_map_changed(self) -> None:
        self._inside = {}
        self._tell_catalogue()
        self.changed.emit()

    def _look(self) -> None:
        ids, grid = self._catalogue.map_ids, Grid(self._catalogue.map_xy)
        for one in self.all:
            self._inside[one.id] = ids[grid.inside(np.array(one.corners))]

    def _tell_catalogue(self) -> None:
        self._catalogue.set_lists(
            SOURCE, {self.source(one.id): partial(self.ids, one.id) for one in self.all}
        )


def _taken_along(
    corner: tuple[float, float], before: np.ndarray, after: np.ndarray
) -> tuple[float, float]:
    """A place moved as the `GUIDES` nearest of the places ``before`` (n, 2) move to ``after``."""
    squares = ((before - np.array(corner, np.float32)) ** 2).sum(axis=1)
    count = min(GUIDES, len(squares))
    near = np.argpartition(squares, count - 1)[:count]
    weights = 1.0 / (squares[near] + squares[near].mean() * 0.1 + 1e-12)
    x, y = (weights[:, None] * (after[near] - before[near])).sum(axis=0) / weights.sum()
    return float(corner[0] + x), float(corner[1] + y)
