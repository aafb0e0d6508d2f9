"""What would follow, numbered as on the map, with its reason: of constellations and journeys."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from sliders_desktop import tasks
from sliders_desktop.gui.controls import paint_box, paint_focus
from sliders_desktop.gui.map_figure import GHOST_PX
from sliders_desktop.gui.pieces import REASON_ROLES, paint_pieces
from sliders_desktop.gui.slider_art import faded
from sliders_desktop.gui.theme import Theme

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

Index = QModelIndex | QPersistentModelIndex
PICK = Qt.ItemDataRole.UserRole + 1
ROW_PX, NUMBER_PX = 40, 36


class PathModel(QAbstractListModel):
    """One row a track that would follow."""

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.picks: tuple[tasks.Recommended, ...] = ()

    def show(self, picks: Sequence[tasks.Recommended]) -> None:
        if tuple(picks) != self.picks:
            self.beginResetModel()
            self.picks = tuple(picks)
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.picks)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.picks):
            return None
        pick = self.picks[index.row()]
        if role == PICK:
            return pick
        track = self._session.catalogue.track(pick.track_id)
        if track is None:
            return "" if role == Qt.ItemDataRole.DisplayRole else None
        reason = " · ".join(text for text, _ in pick.parts)
        if role == Qt.ItemDataRole.DisplayRole:
            return track.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = (f"{index.row() + 1}", track.title, track.artist, reason)
            return ", ".join(word for word in words if word)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{track.title} – {track.artist}\n{reason}"
        return None


class _PathDelegate(QStyledItemDelegate):
    """The number in its ring, the title, and below it artist and reason."""

    def __init__(self, session: "Session", theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._session, self._theme, self._view = session, theme, view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        pick: tasks.Recommended = index.data(PICK)
        track = self._session.catalogue.track(pick.track_id)
        if track is None:
            return
        theme, box = self._theme, QRect(option.rect)  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = box.adjusted(4, 0, -4, 0)
        if state & QStyle.StateFlag.State_Selected:
            paint_box(painter, inside, theme.line, radius=6)
        elif state & QStyle.StateFlag.State_MouseOver:
            paint_box(painter, inside, faded(theme.line, 0.5), radius=6)
        self._number(painter, QPointF(box.left() + 20, box.center().y() + 0.5), index.row() + 1)
        left, right = box.left() + NUMBER_PX, box.right() - 10
        font = theme.font(12.5, 500)
        painter.setFont(font)
        painter.setPen(theme.text)
        elide = Qt.TextElideMode.ElideRight
        title = QFontMetricsF(font).elidedText(track.title, elide, right - left)
        first = QRectF(left, box.top() + 3, right - left, 18)
        painter.drawText(first, Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(theme.font(11.5))
        pieces = [(track.artist, "soft")] if track.artist else []
        pieces += [(text, REASON_ROLES.get(kind, "soft")) for text, kind in pick.parts]
        paint_pieces(painter, theme, first.translated(0, 17), pieces)
        if state & QStyle.StateFlag.State_HasFocus and self._view.hasFocus():
            paint_focus(painter, inside, theme, 6)
        painter.restore()

    def _number(self, painter: QPainter, at: QPointF, number: int) -> None:
        theme = self._theme
        painter.setPen(QPen(faded(theme.soft, 0.8), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, GHOST_PX, GHOST_PX)
        painter.setFont(theme.font(9.5, 600, tabular=True))
        painter.setPen(theme.soft)
        box = QRectF(at.x() - 12, at.y() - 10, 24, 20)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))


class PathList(QListView):
    """A chosen row is chosen everywhere.

    Signals:
        played(int): play from this place on.
    """

    played = Signal(int)

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.rows = PathModel(session, self)
        self.setModel(self.rows)
        self.setItemDelegate(_PathDelegate(session, theme, self))
        self.setObjectName("quietList")
        self.setAccessibleName(self.tr("What follows"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.selectionModel().selectionChanged.connect(self._on_selected)
        self.doubleClicked.connect(self._on_double_clicked)
        theme.changed.connect(self.viewport().update)

    def show_path(self, picks: Sequence[tasks.Recommended]) -> None:
        row = self.currentIndex().row()
        self.rows.show(picks)
        if 0 <= row < len(picks) and not self.currentIndex().isValid():
            self.selectionModel().setCurrentIndex(
                self.rows.index(row), self.selectionModel().SelectionFlag.NoUpdate
            )

    def _on_selected(self) -> None:
        rows = [index.row() for index in self.selectedIndexes()]
        if rows and self.hasFocus():
            self._session.catalogue.select([self.rows.picks[row].track_id for row in rows])

    def _on_double_clicked(self, index: QModelIndex) -> None:
        self.played.emit(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentIndex().row()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and row >= 0:
            self.played.emit(row)
        else:
            super().keyPressEvent(event)
