"""A playlist is changed in the list: rows are dragged, moved with Alt and arrows, taken out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QTableView

from sliders_desktop.gui.track_model import TrackModel

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class PlaylistHand(QObject):
    """Watches the list's view; of other sources than playlists nothing is changed."""

    def __init__(self, session: "Session", model: TrackModel, view: QTableView) -> None:
        super().__init__(view)
        self._session, self._model, self._view = session, model, view
        view.installEventFilter(self)
        model.moved.connect(self._move)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Delete and not modifiers:
            if places := self.places():
                self.remove(places)
            return bool(places)
        if key in _STEPS and modifiers == Qt.KeyboardModifier.AltModifier:
            self.step(_STEPS[key])
            return self._shown() is not None
        return False

    def _shown(self) -> int | None:
        one = self._session.playlists.of_source(self._session.catalogue.source)
        return None if one is None else one.id

    def places(self) -> list[int]:
        """Where the chosen rows stand in the playlist that is shown."""
        if self._shown() is None:
            return []
        rows = self._view.selectionModel().selectedRows()
        return sorted(self._model.places_of(index.row() for index in rows))

    def remove(self, places: Sequence[int]) -> None:
        """Out of the playlist, never a file; the row that comes next is chosen."""
        list_id = self._shown()
        if list_id is not None:
            row = min(self._model.rows_at(places), default=0)
            self._session.playlists.remove(list_id, places)
            if self._model.rowCount():
                self._choose([min(row, self._model.rowCount() - 1)])

    def step(self, by: int) -> None:
        """The chosen rows one place up or down, where the playlist is in its own order."""
        places = self.places()
        if not places:
            return
        if self._model.movable() is None:
            self._session.message.emit(
                self.tr("Rows can be moved in the playlist's own order, without a search."), "info"
            )
        elif by < 0:
            self._move(places, places[0] - 1)
        else:
            self._move(places, places[-1] + 2)

    def _move(self, places: list[int], to: int) -> None:
        list_id = self._model.movable()
        if list_id is not None and places:
            first = self._session.playlists.move(list_id, places, to)
            self._choose(self._model.rows_at(range(first, first + len(set(places)))))

    def _choose(self, rows: Sequence[int]) -> None:
        chosen, last = QItemSelection(), self._model.columnCount() - 1
        for row in rows:
            chosen.select(self._model.index(row, 0), self._model.index(row, last))
        selection = self._view.selectionModel()
        if rows:
            current = self._model.index(rows[0], 0)
            selection.setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)
        selection.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if rows:
            self._view.scrollTo(self._model.index(rows[-1], 0))
            self._view.scrollTo(self._model.index(rows[0], 0))
