"""What can be done with a word besides rating on it: menu entries, dialogs, and what they say."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QMenu, QWidget

from sliders_desktop.errors import UserError
from sliders_desktop.gui.history_dialog import HistoryDialog
from sliders_desktop.gui.merge_dialog import MergeDialog
from sliders_desktop.gui.new_slider_dialog import NewSliderDialog
from sliders_desktop.gui.split_dialog import SplitDialog
from sliders_desktop.gui.theme import Theme

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class WordLife(QObject):
    """Asks in small dialogs above ``widget``'s window; nothing here needs a second “are you sure”.

    Signals:
        done(str): one sentence about something that undo takes back.
        refused(str): one sentence why not.
    """

    done = Signal(str)
    refused = Signal(str)

    def __init__(self, session: "Session", theme: Theme, widget: QWidget) -> None:
        super().__init__(widget)
        self._session, self._theme, self._widget = session, theme, widget
        self._rack = session.rack

    def fill(self, menu: QMenu, slider_id: int) -> None:
        """The entries for one slider in use."""
        others = len(self._rack.sliders) > 1
        for text, key, call, possible in (
            (self.tr("Rename…"), "F2", self.rename, True),
            (self.tr("Merge into…"), "", self.merge, others),
            (self.tr("Split off…"), "", self.split, True),
            (self.tr("History…"), "", self.show_history, True),
            (self.tr("Put away"), "", self.put_away, True),
            (self.tr("Delete"), "", self.delete, True),
        ):
            action = QAction(text, menu)
            if key:
                action.setShortcut(QKeySequence(key))
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.setEnabled(possible)
            action.triggered.connect(partial(_call, call, slider_id))
            menu.addAction(action)

    def rename(self, slider_id: int) -> None:
        slider = self._rack.slider(slider_id)
        if slider is not None:
            self._open(NewSliderDialog(self._session, self._widget.window(), slider))

    def merge(self, slider_id: int) -> None:
        dialog = MergeDialog(self._session, self._theme, slider_id, self._widget.window())
        dialog.done_with.connect(self.done)
        self._open(dialog)

    def split(self, slider_id: int) -> None:
        dialog = SplitDialog(self._session, slider_id, self._widget.window())
        dialog.done_with.connect(self.done)
        self._open(dialog)

    def show_history(self, slider_id: int | None = None) -> None:
        self._open(HistoryDialog(self._session, self._theme, self._widget.window(), slider_id))

    def put_away(self, slider_id: int) -> None:
        slider = self._rack.slider(slider_id)
        if slider is not None:
            self._rack.archive(slider_id)
            said = self.tr("{name} is put away; its ratings are kept.")
            self.done.emit(said.format(name=slider.name))

    def delete(self, slider_id: int) -> None:
        """From the rack, or from among those put away."""
        known = [*self._rack.sliders, *self._rack.archived()]
        slider = next((s for s in known if s.id == slider_id), None)
        if slider is not None:
            self._rack.delete(slider_id)
            said = self.tr("{name} is deleted. You can bring it back for 30 days.")
            self.done.emit(said.format(name=slider.name))

    def bring_back(self, slider_id: int) -> None:
        try:
            self._rack.bring_back(slider_id)
        except UserError as error:
            self.refused.emit(str(error))
            return
        slider = self._rack.slider(slider_id)
        if slider is not None:
            self.done.emit(self.tr("{name} is back.").format(name=slider.name))

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if isinstance(dialog, HistoryDialog):
            dialog.show()
        else:
            dialog.open()


def _call(call: Callable[[int], None], slider_id: int, checked: bool = False) -> None:
    call(slider_id)
