"""The rows behind the history of ratings; texts are made for what is seen."""

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Judgement, Slider
from sliders_desktop.session.keys import number_of

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
WHEN, TRACK, SLIDER, RATING, BEFORE = range(5)


class HistoryModel(QAbstractTableModel):
    """When, which track, on which slider, what, and what it replaced."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.rows: list[Judgement] = []
        self._sliders: dict[int, Slider] = {}

    def set_rows(self, rows: list[Judgement]) -> None:
        self.beginResetModel()
        self.rows = rows
        rack = self._session.rack
        self._sliders = {s.id: s for s in (*rack.archived(), *rack.sliders)}
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else 5

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            titles = (self.tr("When"), self.tr("Track"), self.tr("Slider"), self.tr("Rating"))
            return (*titles, self.tr("Before"))[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, index.column())
        if role == Qt.ItemDataRole.ForegroundRole:
            return None if row.holds and row.value is not None else self._theme.color("soft")
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row)
        return None

    def _text(self, row: Judgement, column: int) -> str:
        if column == WHEN:
            return time.strftime("%Y-%m-%d %H:%M", time.localtime(row.rated_at))
        if column == TRACK:
            track = self._session.catalogue.track(row.track_id)
            return (
                self.tr("a track that is gone")
                if track is None
                else (f"{track.title} — {track.artist}" if track.artist else track.title)
            )
        slider = self._sliders.get(row.slider_id)
        if column == SLIDER:
            return slider.name if slider else ""
        if column == RATING:
            return self.tr("taken back") if row.value is None else self._words(row.value, slider)
        return "" if row.before is None else str(number_of(row.before))

    def _words(self, value: float, slider: Slider | None) -> str:
        """“8 · rainy night”."""
        key = number_of(value)
        word = self.tr("neither")
        if slider is not None and key != 5:
            word = slider.low_label if key < 5 else slider.high_label
        return f"{key} · {word}" if word else str(key)

    def _tip(self, row: Judgement) -> str:
        said = []
        if not row.holds:
            said.append(self.tr("Another rating came after it."))
        elif row.value is not None:
            said.append(self.tr("This is what holds."))
        if row.imported:
            said.append(self.tr("It came with a file."))
        return " ".join(said)
