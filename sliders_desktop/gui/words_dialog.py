"""All sliders: their order, and those put away or deleted, to be brought back or dropped."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QGridLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.errors import UserError
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.word_life import WordLife
from sliders_desktop.gui.words_model import ENDS, MADE, NAME, RATINGS, STATE, WordsModel
from sliders_desktop.library.records import Word

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class WordsDialog(QDialog):
    """A list of words; the buttons and keys below it act on the chosen one."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._rack = session, session.rack
        self.life = WordLife(session, theme, self)
        self._follow: int | None = None  # the slider that shall be chosen after the next read
        self.setWindowTitle(self.tr("All sliders"))
        self.resize(860, 480)
        self.model = WordsModel(session, theme, self)
        self.view = self._table()
        self.says = QLabel()
        self.says.setWordWrap(True)
        self.says.setProperty("role", "soft")
        self.says.setMinimumHeight(20)
        self.rename = self._button(self.tr("Rename…"), "F2", self._of_chosen(self.life.rename))
        self.merge = self._button(self.tr("Merge into…"), "", self._of_chosen(self.life.merge))
        self.split = self._button(self.tr("Split off…"), "", self._of_chosen(self.life.split))
        self.history = self._button(
            self.tr("History…"), "Ctrl+H", self._of_chosen(self.life.show_history)
        )
        self.up = self._button(self.tr("Up"), "Alt+Up", partial(self._move, -1))
        self.down = self._button(self.tr("Down"), "Alt+Down", partial(self._move, 1))
        self.away = self._button(self.tr("Put away"), "", self._of_chosen(self.life.put_away))
        self.back = self._button(
            self.tr("Bring back"), "Return", self._of_chosen(self.life.bring_back)
        )
        self.delete = self._button(self.tr("Delete"), "Delete", self._on_delete)
        self.undo = self._button(self.tr("Undo"), "Ctrl+Z", self._on_undo)
        self.dismiss = self._button(self.tr("Close"), "", self.accept)
        foot = QGridLayout()
        foot.setSpacing(8)
        for row, buttons in enumerate((
            (self.rename, self.merge, self.split, self.history),
            (self.up, self.down, self.away, self.back, self.delete),
        )):  # fmt: skip
            for at, button in enumerate(buttons):
                foot.addWidget(button, row, at)
        foot.setColumnStretch(5, 1)
        foot.addWidget(self.undo, 0, 6)
        foot.addWidget(self.dismiss, 1, 6)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(self.view, 1)
        column.addWidget(self.says)
        column.addLayout(foot)
        self.life.done.connect(self.says.setText)
        self.life.refused.connect(self.says.setText)
        self.model.moved.connect(self._on_moved)
        self.view.selectionModel().selectionChanged.connect(self._on_selected)
        session.words.words_read.connect(self._show)
        self._rack.sliders_changed.connect(self.refresh)
        session.learned.state_changed.connect(self.model.state_changed)
        theme.changed.connect(self.view.viewport().update)
        self._on_selected()
        self.refresh()
        self.view.setFocus()

    def _table(self) -> QTableView:
        view = QTableView()
        view.setModel(self.model)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setTabKeyNavigation(False)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        view.setDragDropOverwriteMode(False)
        view.setAccessibleName(self.windowTitle())
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(32)
        header = view.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        for column, wide in ((NAME, 150), (ENDS, 180), (RATINGS, 70), (MADE, 96)):
            header.resizeSection(column, wide)
        header.setSectionResizeMode(STATE, QHeaderView.ResizeMode.Stretch)
        return view

    def _button(self, text: str, key: str, slot: Callable[[], Any]) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(partial(_plain, slot))
        tip = text.removesuffix("…")
        if key:
            shown = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
            tip = f"{tip} ({shown})"
            # Return presses the button that has the keyboard; elsewhere it is the list's.
            shortcut = QShortcut(QKeySequence(key), self.view if key == "Return" else self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(button.click)
        button.setToolTip(tip)
        return button

    def _of_chosen(self, call: Callable[[int], None]) -> Callable[[], None]:
        return partial(self._call, call)

    def _call(self, call: Callable[[int], None]) -> None:
        word = self.chosen()
        if word is not None:
            self._follow = word.slider.id
            call(word.slider.id)

    # ── what is shown ───────────────────────────────────────────────────────────────────────

    def refresh(self) -> None:
        """Read all words again, in a lane."""
        self._session.words.read()

    def _show(self, words: list[Word]) -> None:
        chosen, row = self.chosen(), self.view.currentIndex().row()
        follow = self._follow or (chosen.slider.id if chosen else None)
        self._follow = None
        self.model.set_words(words)
        ids = [word.slider.id for word in words]
        at = ids.index(follow) if follow in ids else min(max(row, 0), len(words) - 1)
        if at >= 0:
            self.view.setCurrentIndex(self.model.index(at, 0))
        if not words:
            self.says.setText(self.tr("There is no slider yet: Ctrl+N invents one."))
        self._on_selected()

    def chosen(self) -> Word | None:
        row = self.view.currentIndex().row()
        return self.model.words[row] if 0 <= row < len(self.model.words) else None

    def _on_selected(self) -> None:
        row, word = self.view.currentIndex().row(), self.chosen()
        in_use = word is not None and self.model.in_use(row)
        deleted = word is not None and word.deleted_at is not None
        several = len(self._rack.sliders) > 1
        for button in (self.rename, self.split, self.away):
            button.setEnabled(in_use)
        self.merge.setEnabled(in_use and several)
        self.up.setEnabled(in_use and row > 0)
        self.down.setEnabled(in_use and row < len(self._rack.sliders) - 1)
        self.history.setEnabled(word is not None and not deleted)
        self.back.setEnabled(word is not None and not in_use)
        self.delete.setEnabled(word is not None)
        self.delete.setText(self.tr("Delete for good…") if deleted else self.tr("Delete"))

    # ── what the listener does ──────────────────────────────────────────────────────────────

    def _move(self, step: int) -> None:
        word = self.chosen()
        if word is not None and self.model.in_use(self.view.currentIndex().row()):
            self._follow = word.slider.id
            self._rack.move_step(word.slider.id, step)

    def _on_moved(self, slider_id: int, to: int) -> None:
        self._follow = slider_id
        self._rack.move(slider_id, to)

    def _on_delete(self) -> None:
        word = self.chosen()
        if word is None:
            return
        if word.deleted_at is None:
            self.life.delete(word.slider.id)
        else:
            self._ask_forget(word)

    def _ask_forget(self, word: Word) -> None:
        """The one thing that undo cannot take back is asked about, once."""
        ask = QMessageBox(self)
        ask.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        ask.setWindowTitle(self.tr("Delete for good"))
        ratings = self.tr("1 rating") if word.ratings == 1 else self.tr("{n:,} ratings")
        ask.setText(
            self.tr("Delete {name} and its {ratings} for good? This can't be undone.").format(
                name=word.slider.name, ratings=ratings.format(n=word.ratings)
            )
        )
        yes = ask.addButton(self.tr("Delete for good"), QMessageBox.ButtonRole.AcceptRole)
        ask.setDefaultButton(ask.addButton(QMessageBox.StandardButton.Cancel))
        yes.clicked.connect(partial(_plain, partial(self._forget, word)))
        ask.open()

    def _forget(self, word: Word) -> None:
        self._rack.forget(word.slider.id)
        self.says.setText(self.tr("{name} is gone for good.").format(name=word.slider.name))

    def _on_undo(self) -> None:
        try:
            sentence = self._rack.undo()
        except UserError as error:
            sentence = str(error)
        self.says.setText(sentence or self.tr("There is nothing to undo."))


def _plain(call: Callable[[], Any], checked: bool = False) -> None:
    call()
