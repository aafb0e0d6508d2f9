"""The menus, made from the table of commands: native on macOS, elsewhere behind “more”."""

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMenuBar

from sliders_desktop.gui.actions import Actions

if TYPE_CHECKING:
    from sliders_desktop.gui.main_window import MainWindow
    from sliders_desktop.session.session import Session


class MainMenu(QObject):
    """One submenu per section of the table, and what is chosen among several."""

    def __init__(self, session: "Session", actions: Actions, window: "MainWindow") -> None:
        super().__init__(window)
        self._session, self._actions, self._window = session, actions, window
        self.menu = QMenu(window)
        self.menu.setAccessibleName(self.tr("Menu"))
        self.submenus: list[QMenu] = []
        for section in actions.sections():
            submenu = QMenu(section, window)
            actions.fill(submenu, section)
            if not submenu.isEmpty():
                self.submenus.append(submenu)
                self.menu.addMenu(submenu)
        self.themes = self._choice(
            self._submenu(self.tr("View")),
            self.tr("Colours"),
            [
                (self.tr("As the system"), "system"),
                (self.tr("Dark"), "dark"),
                (self.tr("Light"), "light"),
            ],
        )
        self.repeats = self._choice(
            self._submenu(self.tr("Playback")),
            self.tr("Repeat"),
            [
                (self.tr("Nothing"), "off"),
                (self.tr("The list"), "all"),
                (self.tr("This track"), "one"),
            ],
        )
        self.themes.triggered.connect(self._on_theme)
        self.repeats.triggered.connect(self._on_repeat)
        self.menu.aboutToShow.connect(self._show_state)
        for submenu in self.submenus:
            submenu.aboutToShow.connect(self._show_state)
        if sys.platform == "darwin":
            bar = QMenuBar()  # without a parent it is the one at the top of the screen
            for submenu in self.submenus:
                bar.addMenu(submenu)
            self._bar = bar

    def popup(self, at: QPoint) -> None:
        """Open it with the first entry chosen, ready for the arrow keys."""
        self.menu.popup(at)
        self.menu.setActiveAction(self.menu.actions()[0])

    def _submenu(self, title: str) -> QMenu:
        return next(menu for menu in self.submenus if menu.title() == title)

    def _choice(self, menu: QMenu, title: str, choices: list[tuple[str, str]]) -> QActionGroup:
        group = QActionGroup(self)
        submenu = QMenu(title, menu)
        for text, value in choices:
            action = QAction(text, group)
            action.setCheckable(True)
            action.setData(value)
            submenu.addAction(action)
        menu.addSeparator()
        menu.addMenu(submenu)
        return group

    def _show_state(self) -> None:
        playback = self._session.playback
        for group, value in (
            (self.themes, self._session.settings.theme),
            (self.repeats, playback.repeat),
        ):
            for action in group.actions():
                action.setChecked(action.data() == value)
        by_name = self._actions.by_name
        by_name["shuffle"].setChecked(playback.shuffle)
        by_name["full-screen"].setChecked(self._window.isFullScreen())
        by_name["problems"].setEnabled(
            bool(self._session.work.problems())
            or any(row.missing for row in self._session.catalogue.rows)
        )

    def _on_theme(self, action: QAction) -> None:
        self._window.set_theme(action.data())

    def _on_repeat(self, action: QAction) -> None:
        self._session.playback.set_repeat(action.data())
