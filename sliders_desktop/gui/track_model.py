"""The rows behind the list: in an order array, so that 100,000 sort and filter at once."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import TrackRow
from sliders_desktop.session.session import Session

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
TRACK_IDS = "application/x-sliders-tracks"


def clock(seconds: float) -> str:
    """245 → “4:05”."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _day(at: int) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at)) if at else ""


@dataclass(frozen=True)
class _Column:
    """``field`` of a `TrackRow`, by which it is sorted, too."""

    field: str
    title: str
    width_px: int
    text: Callable[[TrackRow], str]
    right: bool = False


COLUMNS = (
    _Column("title", "Title", 212, lambda r: r.title),
    _Column("artist", "Artist", 140, lambda r: r.artist),
    _Column("album", "Album", 148, lambda r: r.album),
    _Column("year", "Year", 52, lambda r: str(r.year) if r.year else "", True),
    _Column("genre", "Genre", 104, lambda r: r.genre),
    _Column("duration_s", "Time", 54, lambda r: clock(r.duration_s), True),
    _Column("added_at", "Added", 88, lambda r: _day(r.added_at), True),
    _Column("plays", "Plays", 50, lambda r: str(r.plays) if r.plays else "", True),
)


class TrackModel(QAbstractTableModel):
    """Rows of the catalogue in an order array: 100,000 rows sort and filter without a proxy."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.order = np.empty(0, np.int64)  # rows of the catalogue, as shown
        self._rank: dict[int, np.ndarray[Any, Any]] = {}  # order by each lit slider's column
        self._sort = (1, Qt.SortOrder.AscendingOrder)
        self._lit: list[tuple[int, str]] = []
        self._shown_at: np.ndarray[Any, Any] | None = None  # by row of the catalogue
        self._read_sliders()
        self._rebuild()
        catalogue, rack = session.catalogue, session.rack
        catalogue.tracks_changed.connect(self._on_tracks_changed)
        catalogue.row_changed.connect(self._on_row_changed)
        catalogue.filter_changed.connect(self._refill)
        rack.sliders_changed.connect(self._on_sliders_changed)
        session.learned.state_changed.connect(self._on_slider_state)
        session.playback.current_changed.connect(self._on_current_changed)

    # shape

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS) + len(self._lit)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            if section < len(COLUMNS):
                return self.tr(COLUMNS[section].title)
            return self._lit[section - len(COLUMNS)][1]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if section >= len(COLUMNS) or COLUMNS[section].right else LEFT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        # Asked for every role of every visible cell at each paint: answer the few, at once.
        if role == Qt.ItemDataRole.DisplayRole:
            row, column = self._row(index), index.column()
            if column < len(COLUMNS):
                return COLUMNS[column].text(row)
            value = self._session.learned.percentile(self._lit[column - len(COLUMNS)][0], row.id)
            return "" if value is None else f"{100 * value:.0f}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            column = index.column()
            return RIGHT if column >= len(COLUMNS) or COLUMNS[column].right else LEFT
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._foreground(index)
        if role == Qt.ItemDataRole.ToolTipRole:
            row = self._row(index)
            if row.error:
                return row.error
            return self.tr("Its file is away.") if row.missing else None
        return None

    def _foreground(self, index: Index) -> Any:
        row = self._row(index)
        if row.missing or row.error:
            return self._theme.color("faint")
        current = self._session.playback.current
        if current is not None and current.id == row.id:
            return self._theme.color("lit")
        if index.column() == 0:
            return None
        return self._theme.color("soft")

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return [TRACK_IDS]

    def mimeData(self, indexes: Any) -> QMimeData:
        ids = dict.fromkeys(self.id_at(i.row()) for i in indexes)
        mime = QMimeData()
        mime.setData(TRACK_IDS, ",".join(map(str, ids)).encode())
        return mime

    def _row(self, index: Index) -> TrackRow:
        return self._session.catalogue.rows[int(self.order[index.row()])]

    def id_at(self, row: int) -> int:
        return self._session.catalogue.rows[int(self.order[row])].id

    def ids(self) -> list[int]:
        """Ids in the order shown."""
        shown: list[int] = self._session.catalogue.ids[self.order].tolist()
        return shown

    def row_of(self, track_id: int) -> int | None:
        """The row in which a track is shown now."""
        at = self._session.catalogue.row_of.get(track_id)
        if at is None:
            return None
        if self._shown_at is None:
            self._shown_at = np.full(len(self._session.catalogue.rows), -1)
            self._shown_at[self.order] = np.arange(len(self.order))
        row = int(self._shown_at[at])
        return None if row < 0 else row

    # order

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort = (column, order)
        self._refill()

    def _rebuild(self) -> None:
        self._rank = {}
        self.order = self._ordered()
        self._shown_at = None

    def _ordered(self) -> np.ndarray[Any, Any]:
        column, direction = self._sort
        order = self._sorted_by(min(column, self.columnCount() - 1))
        if direction == Qt.SortOrder.DescendingOrder:
            order = order[::-1]
        kept, ids = self._session.catalogue.filter_ids, self._session.catalogue.ids
        if kept is None or not len(ids):
            return order
        at = np.minimum(np.searchsorted(ids, kept), len(ids) - 1)
        shown = np.zeros(len(ids), bool)
        shown[at[ids[at] == kept]] = True
        filtered: np.ndarray[Any, Any] = order[shown[order]]
        return filtered

    def _sorted_by(self, column: int) -> np.ndarray[Any, Any]:
        """Catalogue rows in ascending order of a column."""
        catalogue = self._session.catalogue
        rows = catalogue.rows
        if column < len(COLUMNS):
            field = COLUMNS[column].field
            order = catalogue.orders.get(field)
            if order is None:  # plays have changed; the rest is sorted where the rows are read
                place = TrackRow._fields.index(field)
                values = np.fromiter((row[place] for row in rows), np.float64, len(rows))
                order = catalogue.orders[field] = np.argsort(values, kind="stable")
            return order
        if column in self._rank:
            return self._rank[column]
        slider_id = self._lit[column - len(COLUMNS)][0]
        ranked = np.full(len(rows), -1.0, np.float32)
        ranks = self._session.learned.percentiles(slider_id)
        if ranks is not None:
            at = np.searchsorted(catalogue.ids, catalogue.vector_ids)
            inside = at < len(rows)
            ranked[at[inside]] = ranks[inside]
        self._rank[column] = np.argsort(ranked, kind="stable")
        return self._rank[column]

    def _refill(self) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        ids = [self.id_at(i.row()) if i.row() < len(self.order) else 0 for i in before]
        self.order = self._ordered()
        self._shown_at = None
        after = []
        for index, track_id in zip(before, ids, strict=True):
            row = self.row_of(track_id)
            after.append(QModelIndex() if row is None else self.index(row, index.column()))
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    # what changes it

    def _on_tracks_changed(self) -> None:
        self.beginResetModel()
        self._rebuild()
        self.endResetModel()

    def _on_row_changed(self, track_id: int) -> None:
        row = self.row_of(track_id)
        if row is not None:
            self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))

    def _read_sliders(self) -> None:
        self._lit = [(s.id, s.name) for s in self._session.learned.lit_sliders()]

    def _on_sliders_changed(self) -> None:
        self.beginResetModel()
        self._read_sliders()
        self._rebuild()
        self.endResetModel()

    def _on_slider_state(self, slider_id: int) -> None:
        lit = [i for i, _ in self._lit]
        if self._session.learned.lit(slider_id) != (slider_id in lit):
            self._on_sliders_changed()
        elif slider_id in lit:
            column = len(COLUMNS) + lit.index(slider_id)
            self._rank.pop(column, None)
            if self._sort[0] == column:
                self._refill()
            elif self.order.size:
                last = self.index(len(self.order) - 1, column)
                self.dataChanged.emit(self.index(0, column), last)

    def _on_current_changed(self) -> None:
        if self.order.size:
            last = self.index(len(self.order) - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.ForegroundRole])
