"""The queue as an item model that follows it by the smallest moves. Main thread."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)

if TYPE_CHECKING:
    from sliders_desktop.session.queue import Upcoming
    from sliders_desktop.session.session import Session

Index = QModelIndex | QPersistentModelIndex

MIME = "application/x-sliders-queue-key"
WHOLE_RESET = 400  # beyond this many rows one reset is cheaper than many small moves
UPCOMING = Qt.ItemDataRole.UserRole + 1


class UpNextModel(QAbstractListModel):
    """What plays next; follows the queue by the smallest moves, so that a selection stays."""

    def __init__(self, session: "Session", parent: Any = None) -> None:
        super().__init__(parent)
        self._session = session
        self.items: list[Upcoming] = list(session.playback.up_next)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.items):
            return None
        item = self.items[index.row()]
        if role == UPCOMING:
            return item
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            track = self._session.catalogue.track(item.track_id)
            if track is None:
                return ""
            if role == Qt.ItemDataRole.DisplayRole:
                return track.title
            return ", ".join(p for p in (track.title, track.artist, item.reason) if p)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(item)
        return None

    def _tip(self, item: "Upcoming") -> str:
        track = self._session.catalogue.track(item.track_id)
        if track is None:
            return ""
        if item.origin == "recommended":
            why = self.tr("Chosen for you: {reason}").format(reason=item.reason)
        elif item.origin == "playlist":
            why = self.tr("From the list you started")
        else:
            why = self.tr("You put this here")
        keys = self.tr("Enter plays it now · Delete removes it · Alt+↑ ↓ moves it")
        if item.shares:
            keys += self.tr(" · → says more of why")
        return f"{track.title} – {track.artist}\n{why}\n{keys}"

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    # ── following the queue ─────────────────────────────────────────────────────────────────

    def follow(self) -> None:
        """Show the queue as it is now."""
        wanted = list(self._session.playback.up_next)
        if len(wanted) > WHOLE_RESET or len(self.items) > WHOLE_RESET:
            self.beginResetModel()
            self.items = wanted
            self.endResetModel()
            return
        kept = {item.key for item in wanted}
        for row in range(len(self.items) - 1, -1, -1):
            if self.items[row].key not in kept:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self.items[row]
                self.endRemoveRows()
        for row, item in enumerate(wanted):
            self._put(row, item)

    def _put(self, row: int, item: "Upcoming") -> None:
        at = next((i for i in range(row, len(self.items)) if self.items[i].key == item.key), None)
        if at is None:
            self.beginInsertRows(QModelIndex(), row, row)
            self.items.insert(row, item)
            self.endInsertRows()
            return
        if at != row:
            self.beginMoveRows(QModelIndex(), at, at, QModelIndex(), row)
            self.items.insert(row, self.items.pop(at))
            self.endMoveRows()
        if self.items[row] != item:
            self.items[row] = item
            self.dataChanged.emit(self.index(row), self.index(row))

    # ── moving by hand ──────────────────────────────────────────────────────────────────────

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        keys = ",".join(str(self.items[i.row()].key) for i in indexes)
        data.setData(MIME, QByteArray(keys.encode()))
        return data

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        if not data.hasFormat(MIME):
            return False
        if row < 0:
            row = parent.row() if parent.isValid() else len(self.items)
        keys = [int(k) for k in bytes(data.data(MIME).data()).decode().split(",")]
        self.move_keys(keys, row)
        return False  # the queue itself has moved them; the view must not remove the old rows

    def moveRows(self, source: Index, row: int, count: int, destination: Index, child: int) -> bool:
        if source.isValid() or destination.isValid() or row <= child <= row + count:
            return False
        self.move_keys([item.key for item in self.items[row : row + count]], child)
        return True

    def move_keys(self, keys: Sequence[int], before: int) -> None:
        """Put these, in their order, before the row now at ``before``."""
        anchor = next((i.key for i in self.items[before:] if i.key not in keys), None)
        for key in keys:
            at = len(self.items)
            if anchor is not None:
                at = next(n for n, i in enumerate(self.items) if i.key == anchor)
            self._session.playback.move(key, at)
