"""The rows behind the list: in an order array, so that 100,000 sort and filter at once."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QWidget

from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.track_order import TrackOrder
from sliders_desktop.library.records import TrackRow
from sliders_desktop.session.session import Session

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
TRACK_IDS = "application/x-sliders-tracks"
PLACES = "application/x-sliders-places"  # the same tracks as they stand in the playlist shown


def listed(ids: Iterable[int]) -> bytes:
    """Numbers as they are dragged."""
    return ",".join(map(str, ids)).encode()


def numbers(data: QMimeData, kind: str = TRACK_IDS) -> list[int]:
    """What is dragged; it may come from another program."""
    words = bytes(data.data(kind).data()).split(b",")
    return [int(word) for word in words if word.isdigit() and len(word) < 19]


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


class SliderColumn(NamedTuple):
    """A slider that sorts; ``rough`` while it is better than chance, but not proven."""

    id: int
    name: str
    rough: bool


class TrackModel(QAbstractTableModel):
    """Rows of the catalogue in an order array: 100,000 rows sort and filter without a proxy.

    Signals:
        order_stale(): what it is sorted by is other than before; `resort` when nobody is looking.
        moved(list[int], int): these places of the playlist shown were dropped before that one.
    """

    order_stale = Signal()
    moved = Signal(list, int)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.order = np.empty(0, np.int64)  # rows of the catalogue, as shown
        self.sorting = TrackOrder(session)
        self.sliders: list[SliderColumn] = []
        self._shown_at: np.ndarray[Any, Any] | None = None  # by row of the catalogue
        self.sliders = self._sorting_sliders()
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
        return 0 if parent.isValid() else len(COLUMNS) + len(self.sliders)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            if section < len(COLUMNS):
                return self.tr(COLUMNS[section].title)
            slider = self.sliders[section - len(COLUMNS)]
            return self.tr("{0} · rough").format(slider.name) if slider.rough else slider.name
        if role == Qt.ItemDataRole.ToolTipRole and section >= len(COLUMNS):
            slider = self.sliders[section - len(COLUMNS)]
            return self._session.learned.status(slider.id).sentence
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if section >= len(COLUMNS) or COLUMNS[section].right else LEFT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        # Asked for every role of every visible cell at each paint: answer the few, at once.
        if role == Qt.ItemDataRole.DisplayRole:
            row, column = self._row(index), index.column()
            if column < len(COLUMNS):
                return COLUMNS[column].text(row)
            slider = self.sliders[column - len(COLUMNS)]
            value = self._session.learned.percentile(slider.id, row.id)
            return "" if value is None else f"{'~' * slider.rough}{100 * value:.0f}"
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
        at = index.column() - len(COLUMNS)
        if at >= 0 and self.sliders[at].rough:
            return self._theme.color("faint")
        return self._theme.color("soft")

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():  # between two rows of a playlist
            none = Qt.ItemFlag.NoItemFlags
            return Qt.ItemFlag.ItemIsDropEnabled if self.movable() is not None else none
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return [TRACK_IDS, PLACES]

    def mimeData(self, indexes: Any) -> QMimeData:
        rows = sorted({i.row() for i in indexes})
        mime = QMimeData()
        mime.setData(TRACK_IDS, listed(self.id_at(row) for row in rows))
        if self.movable() is not None:
            mime.setData(PLACES, listed(self.places_of(rows)))
        return mime

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        one = self.movable()
        if one is not None and data.hasFormat(PLACES):
            to = len(self.order) if row < 0 else row
            self.moved.emit(numbers(data, PLACES), to)
        return False  # the playlist itself has moved them; the view must not remove the old rows

    # a playlist's places

    def movable(self) -> int | None:
        """The playlist that is shown whole and in its own order, so that rows can be moved."""
        catalogue = self._session.catalogue
        one = self._session.playlists.of_source(catalogue.source)
        in_order = one is not None and self.sorting.by_hand and not catalogue.filter_text
        return one.id if one is not None and in_order else None

    def places_of(self, rows: Iterable[int]) -> list[int]:
        """Where these rows stand in the playlist that is shown; none of any other source."""
        places = self.sorting.places
        return [] if places is None else [int(places[row]) for row in rows]

    def rows_at(self, places: Iterable[int]) -> list[int]:
        """The rows in which a playlist's places are shown."""
        if self.sorting.places is None:
            return []
        row_of = {int(place): row for row, place in enumerate(self.sorting.places)}
        return [row_of[place] for place in places if place in row_of]

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
            # Backwards: of a track that a playlist holds twice the first is meant.
            self._shown_at[self.order[::-1]] = np.arange(len(self.order))[::-1]
        row = int(self._shown_at[at])
        return None if row < 0 else row

    # order

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if 0 <= column < len(COLUMNS):
            self.sorting.sort_by(COLUMNS[column].field, order)
        elif len(COLUMNS) <= column < self.columnCount():
            self.sorting.sort_by(self.sliders[column - len(COLUMNS)].id, order)
        elif column < 0:
            self.sorting.sort_by_hand()
        else:
            return
        self._refill()

    def resort(self) -> None:
        """Sort again by what is known now."""
        if self.sorted_column() >= 0 and self.sorting.let_go():
            self._refill()

    def sorted_column(self) -> int:
        """−1 in a playlist's own order, or while the slider it is sorted by knows too little."""
        if self.sorting.by_hand:
            return -1
        keys = [*(column.field for column in COLUMNS), *(slider.id for slider in self.sliders)]
        return keys.index(self.sorting.key) if self.sorting.key in keys else -1

    def _rebuild(self) -> None:
        self.sorting.forget()
        self.order = self.sorting.rows()
        self._shown_at = None

    def _refill(self) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        again = self._again()
        seats = [
            (self.id_at(i.row()), 0 if again is None else int(again[i.row()]))
            if i.row() < len(self.order)
            else (0, 0)
            for i in before
        ]
        self.order = self.sorting.rows()
        self._shown_at = None
        after = []
        for index, (track_id, nth) in zip(before, seats, strict=True):
            row = self.row_of(track_id)
            if nth and row is not None:
                same = np.flatnonzero(self.order == self.order[row])
                row = int(same[min(nth, len(same) - 1)])
            after.append(QModelIndex() if row is None else self.index(row, index.column()))
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _again(self) -> np.ndarray[Any, Any] | None:
        """How many times the track of each row of a playlist stands above it; None elsewhere."""
        if self.sorting.places is None or not len(self.order):
            return None
        by_track = np.argsort(self.order, kind="stable")
        tracks, at = self.order[by_track], np.arange(len(self.order))
        first = np.maximum.accumulate(np.where(np.diff(tracks, prepend=-1) != 0, at, 0))
        again = np.empty(len(at), np.int64)
        again[by_track] = at - first
        return again

    # what changes it

    def _on_tracks_changed(self) -> None:
        self.beginResetModel()
        self._rebuild()
        self.endResetModel()

    def _on_row_changed(self, track_id: int) -> None:
        row = self.row_of(track_id)
        if row is not None:
            self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))

    def _sorting_sliders(self) -> list[SliderColumn]:
        learned, found = self._session.learned, []
        for slider in self._session.rack.sliders:
            fitted = learned.fitted(slider.id)
            if fitted is not None and fitted.state in ("lit", "dim"):
                found.append(SliderColumn(slider.id, slider.name, fitted.state == "dim"))
        return found

    def _on_sliders_changed(self) -> None:
        """Columns come and go one by one, so that the rest stays as the listener left it."""
        wanted = self._sorting_sliders()
        ids = [slider.id for slider in wanted]
        for at in range(len(self.sliders) - 1, -1, -1):
            if self.sliders[at].id not in ids:
                self.beginRemoveColumns(ROOT, len(COLUMNS) + at, len(COLUMNS) + at)
                gone = self.sliders.pop(at).id
                # A slider on the edge comes back soon: until then the rows stay as they are.
                self.sorting.forget_slider(gone)
                if self.sorting.key == gone and self._session.rack.slider(gone) is None:
                    self.sorting.sort_by("artist")
                self.endRemoveColumns()
                self._refill()
        for at, slider in enumerate(wanted):
            if at >= len(self.sliders) or slider.id not in [s.id for s in self.sliders]:
                self.beginInsertColumns(ROOT, len(COLUMNS) + at, len(COLUMNS) + at)
                self.sliders.insert(at, slider)
                self.endInsertColumns()
        if wanted != self.sliders:
            self.sliders = wanted
            first, last = len(COLUMNS), self.columnCount() - 1
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, first, last)
            if self.order.size:
                end = self.index(len(self.order) - 1, last)
                self.dataChanged.emit(self.index(0, first), end)

    def _on_slider_state(self, slider_id: int) -> None:
        self._on_sliders_changed()
        ids = [slider.id for slider in self.sliders]
        if slider_id not in ids:
            return
        # Its figures are new at once; the rows move when nobody is scrolling through them.
        self.sorting.forget_slider(slider_id)
        if self.sorting.key == slider_id:
            self.order_stale.emit()
        column = len(COLUMNS) + ids.index(slider_id)
        if self.order.size:
            last = self.index(len(self.order) - 1, column)
            self.dataChanged.emit(self.index(0, column), last)

    def _on_current_changed(self) -> None:
        if self.order.size:
            last = self.index(len(self.order) - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.ForegroundRole])
