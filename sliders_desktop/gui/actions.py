"""A QAction for each command of `commands.py`, in its scope; menus, keys and the sheet use them."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu

from sliders_desktop.gui.commands import Command, commands, key_text

if TYPE_CHECKING:
    from sliders_desktop.gui.main_window import MainWindow
    from sliders_desktop.session.session import Session


class Actions(QObject):
    """The table and its actions, by name."""

    def __init__(self, session: "Session", window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.table = commands(session, window)
        self.by_name: dict[str, QAction] = {}
        self._idle: dict[str, QAction] = {}
        for command in self.table:
            self._make(command)

    def _make(self, command: Command) -> None:
        action = QAction(command.text, self)
        action.setObjectName(command.name)
        keys = [QKeySequence(key) for key in command.keys]
        action.setShortcuts(keys)
        action.setAutoRepeat(command.repeats)
        action.setCheckable(command.checkable)
        if command.checkable:
            action.triggered.connect(command.slot)
        else:
            # Actions send "checked" along, which these slots don't want.
            action.triggered.connect(partial(_call, command.slot))
        if command.scope == "centre":
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self._window.centre.views.addAction(action)
        elif command.scope == "idle":
            # The menu may show the key, but `take_key` decides.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            self._idle.update({key.toString(): action for key in keys})
        else:
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            self._window.addAction(action)
        self.by_name[command.name] = action

    def take_key(self, event: QKeyEvent) -> bool:
        """A key that no widget wanted: True if it was one of ours."""
        action = self._idle.get(QKeySequence(event.keyCombination()).toString())
        if action is None:
            return False
        action.trigger()
        return True

    def fill(self, menu: QMenu, section: str) -> None:
        """Put the commands of ``section`` into ``menu``."""
        for command in self.table:
            if command.section == section and command.in_menu:
                menu.addAction(self.by_name[command.name])
                if command.line:
                    menu.addSeparator()

    def sections(self) -> list[str]:
        """In the order of the table."""
        return list(dict.fromkeys(command.section for command in self.table))

    def sheet(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Per section the keys and what they do, as the `?` sheet shows them."""
        found: dict[str, list[tuple[str, str]]] = {}
        for command in self.table:
            if command.keys and command.said != "-":
                texts = dict.fromkeys(key_text(key) for key in command.keys)
                keys = command.shown or ", ".join(text for text in texts if text)
                words = command.said or command.text.removesuffix("…")
                found.setdefault(command.section, []).append((keys, words))
        return list(found.items())


def _call(slot: Callable[[], Any], checked: bool = False) -> None:
    slot()
