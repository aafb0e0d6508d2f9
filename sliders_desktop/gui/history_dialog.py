"""The history of ratings: what was judged when, played again, taken back or restored."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.errors import UserError
from sliders_desktop.gui.form_controls import Choice
from sliders_desktop.gui.history_model import BEFORE, RATING, SLIDER, TRACK, WHEN, HistoryModel
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Judgement

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class HistoryDialog(QDialog):
    """Of one slider, or of all; nothing is ever erased, a change is a new line at the top."""

    def __init__(
        self,
        session: "Session",
        theme: Theme,
        parent: QWidget | None = None,
        slider_id: int | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._words, self._rack = session.words, session.rack
        self.setWindowTitle(self.tr("History of ratings"))
        self.resize(760, 520)
        self.of = Choice(theme)
        self.of.setAccessibleName(self.tr("Slider"))
        self.of.setMinimumWidth(220)
        self._fill_choice(slider_id)
        self.says = QLabel()
        self.says.setProperty("role", "soft")
        head = QHBoxLayout()
        head.addWidget(self.of)
        head.addSpacing(8)
        head.addWidget(self.says, 1)
        self.model = HistoryModel(session, theme, self)
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setTabKeyNavigation(False)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.setAccessibleName(self.windowTitle())
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(32)
        header = self.view.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        for column, wide in ((WHEN, 136), (SLIDER, 130), (RATING, 150), (BEFORE, 70)):
            header.resizeSection(column, wide)
        header.setSectionResizeMode(TRACK, QHeaderView.ResizeMode.Stretch)
        self.play = self._button(self.tr("Play"), self.tr("Play this track (Enter)"), self._on_play)
        self.take_back = self._button(
            self.tr("Take back"), self.tr("Take this rating back (Delete)"), self._on_take_back
        )
        self.restore = self._button(
            self.tr("Restore"), self.tr("Rate the track like this again (R)"), self._on_restore
        )
        close = self._button(self.tr("Close"), self.tr("Close (Escape)"), self.accept)
        foot = QHBoxLayout()
        for button in (self.play, self.take_back, self.restore):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(close)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(20, 16, 20, 16)
        column_.setSpacing(12)
        column_.addLayout(head)
        column_.addWidget(self.view, 1)
        column_.addLayout(foot)
        for keys, button in (
            (("Return", "Enter"), self.play),
            (("Delete", "Backspace", "0"), self.take_back),
            (("R",), self.restore),
        ):
            for key in keys:
                shortcut = QShortcut(QKeySequence(key), self.view)
                shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
                shortcut.activated.connect(button.click)
        self.view.doubleClicked.connect(self._on_play)
        self.view.selectionModel().selectionChanged.connect(self._on_selected)
        self.of.currentIndexChanged.connect(self.refresh)
        self._words.history_read.connect(self._show)
        self._rack.ratings_changed.connect(self._on_ratings_changed)
        self._rack.sliders_changed.connect(self._on_sliders_changed)
        theme.changed.connect(self.view.viewport().update)
        self._on_selected()
        self.refresh()
        self.view.setFocus()

    def _button(self, text: str, tip: str, slot: Callable[[], Any]) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.setToolTip(tip)
        button.clicked.connect(slot)
        return button

    def _fill_choice(self, chosen: int | None) -> None:
        self.of.blockSignals(True)
        self.of.clear()
        self.of.addItem(self.tr("All sliders"), None)
        for slider in (*self._rack.sliders, *self._rack.archived()):
            self.of.addItem(slider.name, slider.id)
        self.of.setCurrentIndex(max(0, self.of.findData(chosen)))
        self.of.blockSignals(False)

    # ── what is shown ───────────────────────────────────────────────────────────────────────

    def refresh(self) -> None:
        """Read the history again, in a lane."""
        self._words.read_history(self.of.currentData())

    def _on_ratings_changed(self, slider_id: int) -> None:
        if self.of.currentData() in (None, slider_id):
            self.refresh()

    def _on_sliders_changed(self) -> None:
        self._fill_choice(self.of.currentData())
        self.refresh()

    def _show(self, slider_id: int | None, rows: list[Judgement]) -> None:
        if slider_id != self.of.currentData():
            return
        chosen, first = self.chosen(), not self.model.rows
        self.model.set_rows(rows)
        self.view.setColumnHidden(SLIDER, self.of.currentData() is not None)
        at = next((n for n, row in enumerate(rows) if chosen and row.id == chosen.id), 0)
        if rows and (chosen is not None or first):
            self.view.setCurrentIndex(self.model.index(at, 0))
        holding = sum(1 for row in rows if row.holds and row.value is not None)
        self.says.setText(
            self.tr("{n:,} ratings hold; {all:,} were made. None is ever erased.").format(
                n=holding, all=len(rows)
            )
            if rows
            else self.tr("Nothing was rated yet.")
        )
        self._on_selected()

    def chosen(self) -> Judgement | None:
        row = self.view.currentIndex().row()
        return self.model.rows[row] if 0 <= row < len(self.model.rows) else None

    def _on_selected(self) -> None:
        row = self.chosen()
        usable = row is not None and self._rack.slider(row.slider_id) is not None
        self.play.setEnabled(
            row is not None and self._session.catalogue.track(row.track_id) is not None
        )
        now = self._rack.rating(row.track_id, row.slider_id) if row is not None else None
        self.take_back.setEnabled(usable and now is not None and bool(row and row.holds))
        self.restore.setEnabled(
            usable and row is not None and row.value is not None and row.value != now
        )

    # ── what the listener does ──────────────────────────────────────────────────────────────

    def _on_play(self) -> None:
        row = self.chosen()
        if row is not None and self._session.catalogue.track(row.track_id) is not None:
            self._session.playback.play([row.track_id])

    def _on_take_back(self) -> None:
        row = self.chosen()
        if row is not None:
            self._rate(row, None)

    def _on_restore(self) -> None:
        row = self.chosen()
        if row is not None:
            self._rate(row, row.value)

    def _rate(self, row: Judgement, value: float | None) -> None:
        try:
            self._rack.rate([row.track_id], value, row.slider_id)
        except UserError as error:
            self.says.setText(str(error))
