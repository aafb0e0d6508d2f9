"""The list: every track a row, with its keys and its menu; the rows are `track_model`'s."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.gui.constellation_menu import ConstellationMenu
from sliders_desktop.gui.playlist_hand import PlaylistHand
from sliders_desktop.gui.playlist_menu import PlaylistMenu
from sliders_desktop.gui.rate_menu import RateMenu
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.track_model import COLUMNS, LEFT, TrackModel
from sliders_desktop.session.session import Session

ROW_PX = 32
REST_MS = 1500  # without scrolling, before a refit may move rows


class TrackTable(QWidget):
    """The list with its keys and menu; selection is the session's.

    Signals:
        export_wanted(): the chosen tracks shall be written as a playlist.
        playlist_wanted(), constellation_wanted(): a new one shall be made of them.
    """

    export_wanted = Signal()
    constellation_wanted = Signal()
    playlist_wanted = Signal()

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._taking_over = False
        self._asked = self._question()
        self._place: tuple[int, int] | None = None  # a track, and how far below the top it stands
        self.model = TrackModel(session, theme, self)
        self.view = QTableView(self)
        self.view.setModel(self.model)
        self.view.setAccessibleName(self.tr("Tracks"))
        self.view.setShowGrid(False)
        self.view.setAlternatingRowColors(False)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.view.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.view.setDragDropOverwriteMode(False)
        self.view.setTabKeyNavigation(False)
        self.view.setWordWrap(False)
        self.view.setSortingEnabled(True)
        self.view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self.view.doubleClicked.connect(self._on_double_clicked)
        down = self.view.verticalHeader()
        down.setVisible(False)
        # Fixed heights: with 100,000 rows nothing may ask each of them for its size.
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(ROW_PX)
        across = self.view.horizontalHeader()
        across.setHighlightSections(False)
        across.setStretchLastSection(False)
        across.setSectionsMovable(True)
        across.setDefaultAlignment(LEFT)
        for at, column in enumerate(COLUMNS):
            self.view.setColumnWidth(at, column.width_px)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self.setFocusProxy(self.view)
        self.view.selectionModel().selectionChanged.connect(self._on_selected)
        session.catalogue.selection_changed.connect(self._take_selection)
        self.view.verticalScrollBar().valueChanged.connect(self._wait_for_rest)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(REST_MS)
        self._resting.timeout.connect(self._on_rest)
        self.model.order_stale.connect(self._resting.start)
        self.model.layoutAboutToBeChanged.connect(self._note_place)
        self.model.layoutChanged.connect(self._keep_place)
        self.model.modelAboutToBeReset.connect(self._note_place)
        self.model.modelReset.connect(self._on_reset)
        self.model.columnsInserted.connect(self._show_sorted)
        self.model.columnsRemoved.connect(self._show_sorted)
        self.model.layoutChanged.connect(self._show_sorted)
        self.hand = PlaylistHand(session, self.model, self.view)

    # selection

    def _on_selected(self, new: QItemSelection, old: QItemSelection) -> None:
        if self._taking_over:
            return
        rows = self.view.selectionModel().selectedRows()
        self._taking_over = True
        self._session.catalogue.select(self.model.id_at(i.row()) for i in rows)
        self._taking_over = False

    def _take_selection(self, go_there: bool = True) -> None:
        """Show the selection that somebody else made."""
        if self._taking_over:
            return
        self._taking_over = True
        chosen = QItemSelection()
        last = self.model.columnCount() - 1
        first_row: int | None = None
        for track_id in self._session.catalogue.selection:
            row = self.model.row_of(track_id)
            if row is not None:
                chosen.select(self.model.index(row, 0), self.model.index(row, last))
                first_row = row if first_row is None else min(row, first_row)
        model = self.view.selectionModel()
        model.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if first_row is not None:
            model.setCurrentIndex(
                self.model.index(first_row, 0), QItemSelectionModel.SelectionFlag.NoUpdate
            )
            if go_there:
                self.view.scrollTo(self.model.index(first_row, 0))
        self._taking_over = False

    # what is looked at stays where it is

    def _question(self) -> tuple[str, str]:
        return self._session.catalogue.source, self._session.catalogue.filter_text

    def _note_place(self) -> None:
        bar, shown = self.view.verticalScrollBar(), len(self.model.order)
        self._place = None
        if not bar.value() or not shown:
            return  # who is at the beginning sees what comes there
        current = self.view.currentIndex()
        top = min(bar.value() // ROW_PX, shown - 1)
        row = current.row() if current.isValid() else top
        if not 0 <= row * ROW_PX - bar.value() < self.view.viewport().height():
            row = top
        if row < shown:
            self._place = self.model.id_at(row), row * ROW_PX - bar.value()

    def _keep_place(self) -> None:
        asked, self._asked = self._asked, self._question()
        if asked != self._asked:
            self.view.scrollToTop()
            return
        row = None if self._place is None else self.model.row_of(self._place[0])
        if row is not None and self._place is not None:
            self.view.verticalScrollBar().setValue(row * ROW_PX - self._place[1])

    def _on_reset(self) -> None:
        self._take_selection(go_there=False)
        self._keep_place()

    def _show_sorted(self) -> None:
        """The column that it is sorted by came, went or stands elsewhere now."""
        header, column = self.view.horizontalHeader(), self.model.sorted_column()
        # A third click leads back to a playlist's own order.
        header.setSortIndicatorClearable(self.model.sorting.places is not None)
        if header.sortIndicatorSection() != column:
            header.blockSignals(True)  # it is sorted so already
            header.setSortIndicator(column, self.model.sorting.direction)
            header.blockSignals(False)

    def _wait_for_rest(self) -> None:
        if self._resting.isActive():
            self._resting.start()

    def _on_rest(self) -> None:
        """Nobody has scrolled for a while: rows may go to where they belong now."""
        held = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if held or QApplication.activePopupWidget() is not None:
            self._resting.start()
        else:
            self.model.resort()

    def go_to(self, track_id: int) -> None:
        """Select a track and bring it into view."""
        self._session.catalogue.select([track_id])
        self._take_selection()

    def play_from(self, row: int) -> None:
        """Play the list as it is shown, beginning with this row."""
        ids = self.model.ids()
        if row < len(ids):
            self._session.playback.play(ids, row, "playlist")

    def _on_double_clicked(self, index: QModelIndex) -> None:
        self.play_from(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            index = self.view.currentIndex()
            if index.isValid():
                self.play_from(index.row())
                return
        super().keyPressEvent(event)

    def menu(self) -> QMenu:
        """For the selected tracks."""
        ids = list(self._session.catalogue.selection)
        playback = self._session.playback
        menu = QMenu(self)
        for text, call in (
            (self.tr("Play"), playback.play),
            (self.tr("Play next"), playback.play_next),
            (self.tr("Add to the queue"), playback.enqueue),
            (self.tr("Radio from here"), playback.radio_from),
        ):
            menu.addAction(text).triggered.connect(partial(_call, call, ids))
        menu.addAction(self.tr("Export as a playlist…")).triggered.connect(self.export_wanted)
        more = PlaylistMenu(self._session, ids, menu)
        more.new_wanted.connect(self.playlist_wanted)
        menu.addMenu(more)
        stars = ConstellationMenu(self._session, ids, menu)
        stars.new_wanted.connect(self.constellation_wanted)
        menu.addMenu(stars)
        if places := self.hand.places():
            remove = menu.addAction(self.tr("Remove from the playlist\tDel"))
            remove.triggered.connect(partial(_call, self.hand.remove, places))
        menu.addMenu(RateMenu(self._session, ids, menu))
        return menu

    def _show_menu(self, at: QPoint) -> None:
        if self._session.catalogue.selection:
            menu = self.menu()
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.view.viewport().mapToGlobal(at))


def _call(slot: Callable[[list[int]], Any], ids: list[int], checked: bool = False) -> None:
    slot(ids)
