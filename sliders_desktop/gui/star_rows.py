"""The stars of a constellation as rows: an item model, and how each is painted. Main thread."""

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
)
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from sliders_desktop.gui.controls import paint_box, paint_focus
from sliders_desktop.gui.map_figure import paint_star
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Star, TrackRow

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

Index = QModelIndex | QPersistentModelIndex
STAR = Qt.ItemDataRole.UserRole + 1
ROW_PX, SIGN_PX, STAR_PX = 30, 34, 7.0
WEIGHTS = (0.5, 1.0, 1.5, 2.0)
BAR_PX, BAR_GAP, BARS_PX = 4, 2, 34  # the four bars, and the room that they take


class StarModel(QAbstractListModel):
    """One row a star, in the order they were added."""

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.stars: tuple[Star, ...] = ()

    def show(self, stars: Sequence[Star]) -> None:
        """These now; rows that stay keep their selection."""
        stars = tuple(stars)
        if [s.track_id for s in stars] == [s.track_id for s in self.stars]:
            self.stars = stars
            if stars:
                self.dataChanged.emit(self.index(0), self.index(len(stars) - 1))
            return
        self.beginResetModel()
        self.stars = stars
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.stars)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.stars):
            return None
        star = self.stars[index.row()]
        if role == STAR:
            return star
        track = self._session.catalogue.track(star.track_id)
        if track is None:
            return "" if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return track.title
        way = self.tr("leads there") if star.weight > 0 else self.tr("leads away")
        weight = self.tr("weight {n:g}").format(n=abs(star.weight))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (track.title, track.artist, way, weight) if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            keys = self.tr("+ − turn it · ← → weigh it · Enter plays it · Delete takes it out")
            return f"{track.title} – {track.artist}\n{way}, {weight}\n{keys}"
        return None


class StarDelegate(QStyledItemDelegate):
    """Its sign, title and artist, and four bars for what it counts."""

    def __init__(self, session: "Session", theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._session, self._theme, self._view = session, theme, view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        star: Star = index.data(STAR)
        theme, box = self._theme, QRect(option.rect)  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        track = self._session.catalogue.track(star.track_id)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = box.adjusted(4, 0, -4, 0)
        if state & QStyle.StateFlag.State_Selected:
            paint_box(painter, inside, theme.line, radius=6)
        elif state & QStyle.StateFlag.State_MouseOver:
            hover = theme.color("line")
            hover.setAlphaF(0.5)
            paint_box(painter, inside, hover, radius=6)
        middle = QPointF(box.left() + SIGN_PX / 2 + 3, box.center().y() + 0.5)
        paint_star(painter, theme, middle, STAR_PX, star.weight > 0)
        self._bars(painter, box, abs(star.weight))
        if track is not None:
            left, right = box.left() + SIGN_PX + 2, box.right() - BARS_PX - 6
            self._words(painter, QRectF(left, box.top(), right - left, ROW_PX), track)
        if state & QStyle.StateFlag.State_HasFocus and self._view.hasFocus():
            paint_focus(painter, inside, theme, 6)
        painter.restore()

    def _words(self, painter: QPainter, box: QRectF, track: TrackRow) -> None:
        theme, elide = self._theme, Qt.TextElideMode.ElideRight
        middle = Qt.AlignmentFlag.AlignVCenter
        bold, plain = theme.font(12.5, 500), theme.font(11.5)
        away = track.missing or track.error
        painter.setFont(bold)
        painter.setPen(theme.soft if away else theme.text)
        wide = QFontMetricsF(bold).horizontalAdvance(track.title)
        artist = min(QFontMetricsF(plain).horizontalAdvance(track.artist), box.width() * 0.4)
        room = min(wide, max(box.width() * 0.6, box.width() - artist - 8))
        painter.drawText(box, middle, QFontMetricsF(bold).elidedText(track.title, elide, room + 1))
        left = box.width() - room - 8
        if left > 24:
            painter.setFont(plain)
            painter.setPen(theme.soft)
            text = QFontMetricsF(plain).elidedText(track.artist, elide, left)
            painter.drawText(box.adjusted(room + 8, 0, 0, 0), middle, text)

    def _bars(self, painter: QPainter, box: QRect, weight: float) -> None:
        """As many as it counts, each a little higher."""
        theme = self._theme
        painter.setPen(Qt.PenStyle.NoPen)
        foot, left = box.center().y() + 6, box.right() - BARS_PX
        for at, step in enumerate(WEIGHTS):
            tall = 4 + 2.5 * at
            painter.setBrush(theme.soft if weight >= step - 0.25 else theme.faint)
            painter.setOpacity(1.0 if weight >= step - 0.25 else 0.35)
            bar = QRectF(left + at * (BAR_PX + BAR_GAP), foot - tall, BAR_PX, tall)
            painter.drawRoundedRect(bar, 1, 1)
        painter.setOpacity(1.0)
