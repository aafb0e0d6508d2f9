"""What sections of lists in the left column share: rows with a menu and keys, one for each list."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from sliders_desktop.gui.sidebar_rows import SectionHead, SourceRow
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.track_model import TRACK_IDS, numbers


class ListRow(SourceRow):
    """One list.

    Signals:
        menu_wanted(int, QPoint), rename_wanted(int), delete_wanted(int), play_wanted(int).
    """

    menu_wanted = Signal(int, QPoint)
    rename_wanted = Signal(int)
    delete_wanted = Signal(int)
    play_wanted = Signal(int)

    def __init__(
        self, theme: Theme, key: str, name: str, list_id: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, key, name, parent)
        self.list_id = list_id

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self.rename_wanted.emit(self.list_id)
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit(self.list_id)
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: object) -> None:
        self.play_wanted.emit(self.list_id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        at = self.mapToGlobal(QPoint(24, self.height())) if by_key else event.globalPos()
        self.menu_wanted.emit(self.list_id, at)


class DropRow(ListRow):
    """A list that tracks are dropped on.

    Signals:
        tracks_dropped(int, list[int]): onto the list of this id.
    """

    tracks_dropped = Signal(int, list)

    def __init__(
        self, theme: Theme, key: str, name: str, list_id: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, key, name, list_id, parent)
        self.setAcceptDrops(True)

    def takes(self, event: QDropEvent) -> bool:
        """Whether this may be dropped here."""
        return event.mimeData().hasFormat(TRACK_IDS)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.takes(event):
            event.acceptProposedAction()
            self._show_target(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._show_target(False)
        if event.mimeData().hasFormat(TRACK_IDS):
            self.tracks_dropped.emit(self.list_id, numbers(event.mimeData()))
        event.acceptProposedAction()

    def _show_target(self, on: bool) -> None:
        self.hovered = on
        self.update()


class ListSection(QWidget):
    """A head and a row for each list.

    Signals:
        menu_wanted(int, QPoint), rename_wanted(int), delete_wanted(int), play_wanted(int).
        chosen(str): show this source.
    """

    menu_wanted = Signal(int, QPoint)
    rename_wanted = Signal(int)
    delete_wanted = Signal(int)
    play_wanted = Signal(int)
    chosen = Signal(str)

    def __init__(
        self, theme: Theme, title: str, group: QButtonGroup, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._group = group
        self._rows: dict[str, ListRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 12, 0, 0)
        self._column.setSpacing(2)
        self._column.addWidget(SectionHead(theme, title))
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        self._column.addLayout(self._list)

    @property
    def rows(self) -> Mapping[str, ListRow]:
        """By the key of each source."""
        return self._rows

    def show_rows(self, rows: Iterable[ListRow]) -> None:
        """These instead of those before; the keyboard stays where it was, or near."""
        focused = next((at for at, row in enumerate(self._rows.values()) if row.hasFocus()), None)
        for row in self._rows.values():
            self._group.removeButton(row)
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = {}
        for row in rows:
            row.clicked.connect(self._on_chosen)
            for mine, outward in (
                (row.menu_wanted, self.menu_wanted),
                (row.rename_wanted, self.rename_wanted),
                (row.delete_wanted, self.delete_wanted),
                (row.play_wanted, self.play_wanted),
            ):
                mine.connect(outward)
            self._group.addButton(row)
            self._list.addWidget(row)
            self._rows[row.key] = row
        if focused is not None and self._rows:
            there = list(self._rows.values())
            there[min(focused, len(there) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_chosen(self) -> None:
        row = self.sender()
        if isinstance(row, ListRow):
            self.chosen.emit(row.key)
