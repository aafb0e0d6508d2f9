"""The queue as a list: painted rows, and a view whose rows slide to their new places."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import (
    QEasingCurve,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    QVariantAnimation,
)
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from sliders_desktop.gui.controls import paint_box, paint_focus
from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.motion import motion_ms
from sliders_desktop.gui.pieces import REASON_ROLES, paint_pieces
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.up_next_model import UPCOMING, WHOLE_RESET, Index, UpNextModel
from sliders_desktop.gui.why_panel import WhyPanel

if TYPE_CHECKING:
    from sliders_desktop.session.queue import Upcoming
    from sliders_desktop.session.session import Session

ROW_HEIGHT, COVER_PX, PAD = 48, 36, 16


class UpNextDelegate(QStyledItemDelegate):
    """Paints cover, title and the reason, what a slider says of it in amber."""

    def __init__(
        self, session: "Session", theme: Theme, covers: Covers, view: "UpNextList"
    ) -> None:
        super().__init__(view)
        self._session = session
        self._theme = theme
        self._covers = covers
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        item = index.data(UPCOMING)
        return QSize(200, ROW_HEIGHT + (self._view.extra(item.key) if item is not None else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item = index.data(UPCOMING)
        track = self._session.catalogue.track(item.track_id) if item is not None else None
        if track is None:
            return
        theme = self._theme
        box = QRect(option.rect)  # type: ignore[attr-defined]
        painter.save()
        painter.translate(0.0, self._view.offset(item.key))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = option.state  # type: ignore[attr-defined]
        inside = box.adjusted(8, 1, -8, -1)
        opened = self._view.opened == item.key
        if opened:
            paint_box(painter, inside, theme.color("raised"))
        if state & QStyle.StateFlag.State_Selected:
            paint_box(painter, inside, theme.raised, theme.line)
        elif state & QStyle.StateFlag.State_MouseOver:
            hover = theme.color("raised")
            hover.setAlphaF(0.55)
            paint_box(painter, inside, hover)
        cover = self._covers.request(item.track_id, COVER_PX, self._view.devicePixelRatioF())
        if cover is not None:
            painter.drawPixmap(QPointF(PAD, box.top() + (ROW_HEIGHT - COVER_PX) / 2), cover)
        left = PAD + COVER_PX + 10.0
        right = float(box.right() - PAD)
        if item.origin != "recommended":
            mark = theme.pixmap("queue-next", "faint", 14, self._view.devicePixelRatioF())
            painter.drawPixmap(QPointF(right - 14, box.top() + 9), mark)
        self._title(painter, QRectF(left, box.top() + 5, right - left - 20, 20), track.title)
        if item.shares and (opened or state & QStyle.StateFlag.State_MouseOver):
            sign = "chevron-down" if opened else "chevron-right"
            mark = theme.pixmap(sign, "soft", 14, self._view.devicePixelRatioF())
            painter.drawPixmap(QPointF(right - 14, box.top() + 26), mark)
            right -= 18
        self._reason(painter, QRectF(left, box.top() + 24, right - left, 18), track.artist, item)
        if state & QStyle.StateFlag.State_HasFocus and self._view.hasFocus():
            paint_focus(painter, inside, theme)
        painter.restore()

    def _title(self, painter: QPainter, box: QRectF, title: str) -> None:
        font = self._theme.font(13, 500)
        painter.setFont(font)
        painter.setPen(self._theme.text)
        text = QFontMetricsF(font).elidedText(title, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)

    def _reason(self, painter: QPainter, box: QRectF, artist: str, item: "Upcoming") -> None:
        painter.setFont(self._theme.font(11.5))
        pieces = [(artist, "soft")] if artist else []
        pieces += [(text, REASON_ROLES.get(kind, "soft")) for text, kind in item.parts]
        paint_pieces(painter, self._theme, box, pieces)


class UpNextList(QListView):
    """The view; rows that changed place slide there."""

    SLIDE_MS: ClassVar[int] = 220

    def __init__(self, session: "Session", theme: Theme, covers: Covers, parent: QWidget) -> None:
        super().__init__(parent)
        self._from: dict[int, float] = {}  # key → where its row was, in viewport pixels
        self._progress = 1.0
        self._extra = 0  # pixels that the opened row is higher
        self.opened: int | None = None  # the key of the row that says why
        self._pressed = QPoint()
        self.why = WhyPanel(session, theme, self.viewport())
        self.rows = UpNextModel(session, self)
        self.setModel(self.rows)
        self.setItemDelegate(UpNextDelegate(session, theme, covers, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setObjectName("upNext")
        self.setStyleSheet("#upNext { background: transparent; border: none; outline: 0; }")
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDragEnabled(True)
        self.setDropIndicatorShown(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.viewport().setAutoFillBackground(False)
        self._slide = QVariantAnimation(self)
        self._slide.setStartValue(0.0)
        self._slide.setEndValue(1.0)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._slide.valueChanged.connect(self._on_slide)

    def change(self, act: Callable[[], None]) -> None:
        """Do ``act``, which changes the rows, and let them slide from where they were."""
        before = self._tops()
        act()
        self._follow_opened()
        ms = motion_ms(self, self.SLIDE_MS)
        if not ms or not self.isVisible() or len(self.rows.items) > WHOLE_RESET:
            self._place_why()
            return
        self.doItemsLayout()
        now = self._tops()
        self._from = {
            key: before[key] - top for key, top in now.items() if before.get(key, top) != top
        }
        self._place_why()
        if self._from:
            self._slide.stop()
            self._slide.setDuration(ms)
            self._progress = 0.0
            self._slide.start()

    def offset(self, key: int) -> float:
        """How far from its place the row of ``key`` is painted now."""
        return self._from.get(key, 0.0) * (1.0 - self._progress)

    def selected_keys(self) -> list[int]:
        """Keys of the selected rows, in the queue's order."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        return [self.rows.items[row].key for row in rows]

    def _tops(self) -> dict[int, float]:
        """Key → where its row begins, in viewport pixels."""
        tops, y = {}, float(-self.verticalScrollBar().value())
        for item in self.rows.items:
            tops[item.key] = y
            y += ROW_HEIGHT + self.extra(item.key)
        return tops

    # ── why this track ──────────────────────────────────────────────────────────────────────

    def extra(self, key: int) -> int:
        """How much higher the row of ``key`` is for saying why."""
        return self._extra if key == self.opened else 0

    def can_open(self, row: int) -> bool:
        """Whether there is more to say of this row."""
        return 0 <= row < len(self.rows.items) and bool(self.rows.items[row].shares)

    def open_row(self, row: int) -> None:
        """Say all that decided this row, and of no other."""
        if self.can_open(row) and self.rows.items[row].key != self.opened:
            self.change(partial(self._set_opened, self.rows.items[row].key))
            self.scrollTo(self.rows.index(row))

    def close_row(self) -> None:
        """Say one line of each again."""
        if self.opened is not None:
            had_keyboard = self.why.isAncestorOf(self.focusWidget() or self)
            self.change(partial(self._set_opened, None))
            if had_keyboard:
                self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _set_opened(self, key: int | None) -> None:
        self.opened = key

    def _follow_opened(self) -> None:
        """The opened row may have gone, or been chosen anew for other reasons."""
        item = next((item for item in self.rows.items if item.key == self.opened), None)
        if item is None or not item.shares:
            self.opened, self._extra = None, 0
            self.why.hide()
        else:
            self.why.show_item(item)
            self._extra = self.why.wanted_height(item)
        # Of rows of one height the view knows all places without asking each.
        self.setUniformItemSizes(self.opened is None)
        self.doItemsLayout()

    def _place_why(self) -> None:
        row = next((n for n, i in enumerate(self.rows.items) if i.key == self.opened), None)
        if row is None or self.opened is None:
            self.why.hide()
            return
        box = self.visualRect(self.rows.index(row))
        top = box.top() + ROW_HEIGHT + round(self.offset(self.opened))
        self.why.setGeometry(0, top, self.viewport().width(), self._extra)
        self.why.show()

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._place_why()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._place_why()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        at = event.position().toPoint()
        row = self.indexAt(at).row()
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        still = (at - self._pressed).manhattanLength() < QApplication.startDragDistance()
        if plain and still and self.can_open(row) and self._on_reason(row, at):
            if self.rows.items[row].key == self.opened:
                self.close_row()
            else:
                self.open_row(row)

    def _on_reason(self, row: int, at: QPoint) -> bool:
        box = self.visualRect(self.rows.index(row))
        return at.x() > PAD + COVER_PX and 24 <= at.y() - box.top() < ROW_HEIGHT

    def _on_slide(self, value: object) -> None:
        self._progress = float(value)  # type: ignore[arg-type]
        if self._progress >= 1.0:
            self._from = {}
        self._place_why()
        self.viewport().update()
