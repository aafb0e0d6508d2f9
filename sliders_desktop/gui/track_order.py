"""By what the list is sorted, and which rows of the catalogue that gives, 100,000 at once.

A playlist stands in its own order until a column is chosen; another source, and it does again.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt

from sliders_desktop.library.matching import aligned, among
from sliders_desktop.library.records import TrackRow

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

Array = np.ndarray[Any, Any]
UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


class TrackOrder:
    """Sorted by ``key``: a field of `TrackRow`, or a slider's id."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self.key: str | int = "artist"
        self.direction = UP
        self._ranks: dict[int, Array] = {}  # rows in the order of each slider, by its id
        self._held: Array | None = None  # the order shown, until `let_go`
        self._source = ""
        self._by_hand = False
        self.places: Array | None = None  # of each row shown in its playlist

    def sort_by(self, key: str | int, direction: Qt.SortOrder = UP) -> None:
        self.key, self.direction, self._held = key, direction, None
        self._by_hand = False

    def sort_by_hand(self) -> None:
        """In the playlist's own order, where one is shown."""
        self._by_hand = True

    @property
    def by_hand(self) -> bool:
        """Whether a playlist is shown in its own order."""
        return self._by_hand and self._session.catalogue.listed is not None

    def forget(self) -> None:
        """The catalogue has other rows."""
        self._ranks, self._held = {}, None

    def forget_slider(self, slider_id: int) -> None:
        """It learned something; who is sorted by it stays in place until `let_go`."""
        if self.key == slider_id and self._held is None:
            self._held = self._rows_by(slider_id)
        self._ranks.pop(slider_id, None)

    def let_go(self) -> bool:
        """Sort by what is known now; False if that is how it is sorted already."""
        held, self._held = self._held, None
        return held is not None and not np.array_equal(held, self._rows_by(self.key))

    def rows(self) -> Array:
        """Rows of the catalogue, those that the filter leaves, as shown."""
        catalogue = self._session.catalogue
        if catalogue.source != self._source:
            self._source, self._by_hand = catalogue.source, True
        if catalogue.listed is not None:
            rows, self.places = self._listed(*catalogue.listed)
            return rows
        self.places = None
        order = self._all()
        kept, ids = catalogue.filter_ids, catalogue.ids
        if kept is None or not len(ids):
            return order
        shown: Array = order[among(ids, kept)[order]]
        return shown

    def _listed(self, rows: Array, places: Array) -> tuple[Array, Array]:
        """Of a playlist; a track that stands there twice stays two rows."""
        if self._by_hand:
            return rows, places
        rank = np.empty(len(self._session.catalogue.ids), np.int64)
        rank[self._all()] = np.arange(len(rank))
        order = np.argsort(rank[rows], kind="stable")
        return rows[order], places[order]

    def of(self, ids: Iterable[int]) -> list[int]:
        """``ids``, shown or not, in this order."""
        catalogue, order = self._session.catalogue, self._all()
        wanted = among(catalogue.ids, np.fromiter(ids, np.int64))
        if self.by_hand and catalogue.listed is not None:
            # What the playlist does not hold comes behind it.
            both = np.concatenate([catalogue.listed[0], order])
            order = both[np.sort(np.unique(both, return_index=True)[1])]
        kept: list[int] = catalogue.ids[order[wanted[order]]].tolist()
        return kept

    def _all(self) -> Array:
        order = self._rows_by(self.key) if self._held is None else self._held
        return order[::-1] if self.direction == DOWN else order

    def _rows_by(self, key: str | int) -> Array:
        """Ascending."""
        catalogue = self._session.catalogue
        if isinstance(key, str):
            order = catalogue.orders.get(key)
            if order is None:  # plays have changed; the rest is sorted where the rows are read
                place = TrackRow._fields.index(key)
                rows = catalogue.rows
                values = np.fromiter((row[place] for row in rows), np.float64, len(rows))
                order = catalogue.orders[key] = np.argsort(values, kind="stable")
            return order
        if key not in self._ranks:
            ranks = self._session.learned.percentiles(key)
            ranked = np.full(len(catalogue.ids), -1.0, np.float32)
            if ranks is not None:
                known = aligned(catalogue.ids, catalogue.vector_ids, ranks)
                ranked = np.nan_to_num(known, nan=-1.0)
            self._ranks[key] = np.argsort(ranked, kind="stable")
        return self._ranks[key]
