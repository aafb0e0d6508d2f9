"""The rows behind the list of all sliders: in use, put away, deleted."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

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
from sliders_desktop.library.records import Word
from sliders_desktop.tasks import KEPT_S

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
NAME, ENDS, RATINGS, STATE, MADE = range(5)
MOVED = "application/x-sliders-word"


class WordsModel(QAbstractTableModel):
    """Signals:
    moved(int, int): a slider in use was dropped at this place among the others.
    """

    moved = Signal(int, int)

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.words: list[Word] = []

    def set_words(self, words: list[Word]) -> None:
        self.beginResetModel()
        self.words = words
        self.endResetModel()

    def in_use(self, row: int) -> bool:
        return self.words[row].archived_at is None and self.words[row].deleted_at is None

    def state_changed(self, slider_id: int) -> None:
        """Its figure or its number of ratings is another."""
        if self.words:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.words) - 1, MADE))

    # shape

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.words)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else 5

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            titles = (self.tr("Slider"), self.tr("From, to"), self.tr("Ratings"), self.tr("State"))
            return (*titles, self.tr("Made"))[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        word = self.words[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(word, index.row(), index.column())
        if role == Qt.ItemDataRole.ForegroundRole:
            plain = index.column() == NAME and self.in_use(index.row())
            return None if plain else self._theme.color("soft")
        if role == Qt.ItemDataRole.ToolTipRole:
            return word.slider.description or None
        return None

    def _text(self, word: Word, row: int, column: int) -> str:
        slider = word.slider
        if column == NAME:
            return slider.name
        if column == ENDS:
            return " – ".join(filter(None, (slider.low_label, slider.high_label)))
        if column == RATINGS:
            in_use = self.in_use(row)
            count = len(self._session.rack.ratings(slider.id)) if in_use else word.ratings
            return f"{count:,}"
        if column == MADE:
            return _day(slider.created_at)
        if word.deleted_at is not None:
            gone = _day(word.deleted_at + KEPT_S)
            return self.tr("deleted · gone for good on {day}").format(day=gone)
        if word.archived_at is not None:
            return self.tr("put away on {day}").format(day=_day(word.archived_at))
        return self._session.learned.status(slider.id).figure

    # another place by dragging

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if self.in_use(index.row()) else flags

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MOVED]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        mime = QMimeData()
        mime.setData(MOVED, str(indexes[0].row()).encode())
        return mime

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: _Index
    ) -> bool:
        if not data.hasFormat(MOVED):
            return False
        old = int(bytes(data.data(MOVED).data()))
        new = row if row >= 0 else len(self.words)
        self.moved.emit(self.words[old].slider.id, new - 1 if new > old else new)
        return False  # the rack moves it, and the rows follow the rack


def _day(at: int) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at))
