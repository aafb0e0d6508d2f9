"""The stars of the open constellation as a list: turned, weighed, taken out by mouse and keys."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from sliders_desktop.gui.star_rows import (
    BAR_GAP,
    BAR_PX,
    BARS_PX,
    SIGN_PX,
    WEIGHTS,
    StarDelegate,
    StarModel,
)
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Star

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

_SET = QItemSelectionModel.SelectionFlag
_PLAIN = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
_KEYS = (
    Qt.Key.Key_Delete,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
)
_WARM, _COLD = ("+", "="), ("-", "−")


class StarList(QListView):
    """Signals:
    turned(int): this track shall lead the other way.
    weighed(int, float): and this one count so much, with its sign.
    dropped(list): tracks to take out. played(int).
    """

    turned = Signal(int)
    weighed = Signal(int, float)
    dropped = Signal(list)
    played = Signal(int)

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._taking_over = False
        self.rows = StarModel(session, self)
        self.setModel(self.rows)
        self.setItemDelegate(StarDelegate(session, theme, self))
        self.setObjectName("quietList")
        self.setAccessibleName(self.tr("Stars"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.selectionModel().selectionChanged.connect(self._on_selected)
        session.catalogue.selection_changed.connect(self._take_selection)
        theme.changed.connect(self.viewport().update)

    def show_stars(self, stars: Sequence[Star]) -> None:
        row = self.currentIndex().row()
        self._taking_over = True
        self.rows.show(stars)
        self._taking_over = False
        self._take_selection()
        if not self.currentIndex().isValid() and stars and row >= 0:
            at = self.rows.index(min(row, len(stars) - 1))
            self.selectionModel().setCurrentIndex(at, _SET.NoUpdate)

    def chosen(self) -> list[Star]:
        """The selected stars, else the current one."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        if not rows and self.currentIndex().isValid():
            rows = [self.currentIndex().row()]
        return [self.rows.stars[row] for row in rows if row < len(self.rows.stars)]

    # ── one selection for the whole window ──────────────────────────────────────────────────

    def _on_selected(self, new: QItemSelection, old: QItemSelection) -> None:
        if not self._taking_over:
            self._taking_over = True
            rows = sorted(index.row() for index in self.selectedIndexes())
            self._session.catalogue.select(self.rows.stars[row].track_id for row in rows)
            self._taking_over = False

    def _take_selection(self) -> None:
        if self._taking_over:
            return
        self._taking_over = True
        chosen, wanted = QItemSelection(), set(self._session.catalogue.selection)
        first = None
        for row, star in enumerate(self.rows.stars):
            if star.track_id in wanted:
                index = self.rows.index(row)
                chosen.select(index, index)
                first = index if first is None else first
        self.selectionModel().select(chosen, _SET.ClearAndSelect)
        if first is not None:
            self.selectionModel().setCurrentIndex(first, _SET.NoUpdate)
            self.scrollTo(first)
        self._taking_over = False

    # ── hand and keys ───────────────────────────────────────────────────────────────────────

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if not index.isValid():
            self.clearSelection()
        elif event.button() == Qt.MouseButton.LeftButton and not event.modifiers():
            star, box = self.rows.stars[index.row()], self.visualRect(index)
            if event.position().x() < box.left() + SIGN_PX:
                self.setCurrentIndex(index)
                self.turned.emit(star.track_id)
                return
            past = event.position().x() - (box.right() - BARS_PX)
            if past >= 0:
                self.setCurrentIndex(index)
                step = min(len(WEIGHTS) - 1, int(past // (BAR_PX + BAR_GAP)))
                self.weighed.emit(star.track_id, WEIGHTS[step] * _sign(star))
                return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        box = self.visualRect(index)
        inside = box.left() + SIGN_PX <= event.position().x() < box.right() - BARS_PX
        if index.isValid() and inside:
            self.played.emit(self.rows.stars[index.row()].track_id)
        else:
            self.mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        # So that the window's own shortcut on the same key stays away.
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self._meant(event):
            event.accept()
            return True
        return super().event(event)

    def _meant(self, event: QKeyEvent) -> bool:
        wanted = event.key() in _KEYS or event.text() in (*_WARM, *_COLD)
        return wanted and not event.modifiers() & ~_PLAIN and bool(self.chosen())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._meant(event):
            super().keyPressEvent(event)
            return
        stars, key, text = self.chosen(), event.key(), event.text()
        if key == Qt.Key.Key_Delete:
            self.dropped.emit([star.track_id for star in stars])
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            for star in stars:
                self.weighed.emit(
                    star.track_id, _stepped(star, 1 if key == Qt.Key.Key_Right else -1)
                )
        elif text in _WARM or text in _COLD:
            for star in stars:
                if (star.weight > 0) != (text in _WARM):
                    self.turned.emit(star.track_id)
        else:
            self.played.emit(stars[0].track_id)


def _sign(star: Star) -> int:
    return 1 if star.weight > 0 else -1


def _stepped(star: Star, step: int) -> float:
    """One of `WEIGHTS` further, with the star's sign."""
    now = min(WEIGHTS, key=lambda weight: abs(weight - abs(star.weight)))
    at = WEIGHTS.index(now) + step
    return WEIGHTS[max(0, min(len(WEIGHTS) - 1, at))] * _sign(star)
