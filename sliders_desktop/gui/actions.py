"""Everything the window can do, declared once: menus, keys, tooltips and the sheet come from here.

Scope says where a key works. "window": everywhere but in text fields. "centre": only while the
map or the list has the keyboard. "idle": where the focused widget doesn't use the key itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from sliders_desktop.gui.main_window import MainWindow
    from sliders_desktop.session.session import Session

Scope = Literal["window", "centre", "idle"]
SEEK_S, LEAP_S = 5.0, 30.0
VOLUME_STEP = 0.05


@dataclass(frozen=True)
class Command:
    """One row of the table; ``section`` is its menu, ``said`` its line in the sheet of keys."""

    name: str
    section: str
    text: str
    keys: tuple[str, ...]
    slot: Callable[..., Any]
    scope: Scope = "window"
    checkable: bool = False
    in_menu: bool = True
    said: str = ""  # other words for the sheet, "-" leaves it out
    shown_keys: str = ""  # other keys for the sheet, where several commands share a line
    line_after: bool = False


class Actions(QObject):
    """The table, and a QAction for each of its rows."""

    def __init__(self, session: "Session", window: "MainWindow") -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self.table = self._declare()
        self.by_name: dict[str, QAction] = {}
        self._idle: dict[str, QAction] = {}
        for command in self.table:
            self._make(command)

    def _declare(self) -> list[Command]:
        window, playback, rack = self._window, self._session.playback, self._session.rack
        work = self._session.work
        file, play, rate = self.tr("File"), self.tr("Playback"), self.tr("Sliders")
        view, move, help_ = self.tr("View"), self.tr("Moving about"), self.tr("Help")
        table = [
            Command(
                "add-folder", file, self.tr("Add music folder…"), ("Ctrl+O",), window.choose_folder
            ),
            Command("rescan", file, self.tr("Look for new music"), ("F5",), work.rescan),
            Command(
                "demo", file, self.tr("Open the demo library"), (), work.open_demo, line_after=True
            ),
            Command("problems", file, self.tr("Problems…"), (), window.show_problems),
            Command(
                "settings",
                file,
                self.tr("Settings…"),
                ("Ctrl+,",),
                window.show_settings,
                line_after=True,
            ),
            Command("quit", file, self.tr("Quit"), ("Ctrl+Q",), window.close),
            Command("toggle", play, self.tr("Play or pause"), ("Space",), window.play_or_pause),
            Command("next", play, self.tr("Next track"), ("Ctrl+Right",), playback.next),
            Command(
                "previous",
                play,
                self.tr("Previous track"),
                ("Ctrl+Left",),
                playback.previous,
                line_after=True,
            ),
            Command(
                "back",
                play,
                self.tr("Back 5 seconds"),
                ("Left",),
                partial(playback.seek_by, -SEEK_S),
                "idle",
                in_menu=False,
                said=self.tr("Back, forward 5 s; with Shift 30 s"),
                shown_keys="← →",
            ),
            Command(
                "forward",
                play,
                self.tr("Forward 5 seconds"),
                ("Right",),
                partial(playback.seek_by, SEEK_S),
                "idle",
                in_menu=False,
                said="-",
            ),
            Command(
                "leap-back",
                play,
                self.tr("Back 30 seconds"),
                ("Shift+Left",),
                partial(playback.seek_by, -LEAP_S),
                "idle",
                said="-",
            ),
            Command(
                "leap-forward",
                play,
                self.tr("Forward 30 seconds"),
                ("Shift+Right",),
                partial(playback.seek_by, LEAP_S),
                "idle",
                said="-",
                line_after=True,
            ),
            Command(
                "play",
                play,
                self.tr("Play the chosen tracks"),
                ("Return", "Enter"),
                window.play_chosen,
                "centre",
            ),
            Command(
                "play-next",
                play,
                self.tr("Play the chosen tracks next"),
                ("Shift+Return", "Shift+Enter"),
                window.play_chosen_next,
                "centre",
            ),
            Command(
                "queue",
                play,
                self.tr("Queue the chosen tracks"),
                ("Ctrl+Return", "Ctrl+Enter"),
                window.queue_chosen,
                "centre",
            ),
            Command(
                "radio",
                play,
                self.tr("Radio from the chosen tracks"),
                ("R",),
                window.radio_from_chosen,
                line_after=True,
            ),
            Command("shuffle", play, self.tr("Shuffle"), (), playback.set_shuffle, checkable=True),
            Command(
                "louder",
                play,
                self.tr("Louder"),
                ("Ctrl+Up",),
                partial(self._louder, VOLUME_STEP),
                said=self.tr("Louder, quieter"),
                shown_keys="Ctrl+↑ ↓",
            ),
            Command(
                "quieter",
                play,
                self.tr("Quieter"),
                ("Ctrl+Down",),
                partial(self._louder, -VOLUME_STEP),
                said="-",
            ),
            Command(
                "new-slider",
                rate,
                self.tr("New slider…"),
                ("Ctrl+N",),
                window.new_slider,
                line_after=True,
            ),
            Command(
                "arm-next",
                rate,
                self.tr("Next slider"),
                ("]",),
                partial(rack.arm_step, 1),
                said=self.tr("Previous, next slider"),
                shown_keys="[ ]",
            ),
            Command(
                "arm-previous",
                rate,
                self.tr("Previous slider"),
                ("[",),
                partial(rack.arm_step, -1),
                said="-",
                line_after=True,
            ),
            Command(
                "tab-next",
                rate,
                self.tr("Next slider"),
                ("Tab",),
                partial(rack.arm_step, 1),
                "centre",
                in_menu=False,
                said=self.tr("The same, while the map or the list has the keyboard"),
                shown_keys="Tab, Shift+Tab",
            ),
            Command(
                "tab-previous",
                rate,
                self.tr("Previous slider"),
                ("Shift+Tab",),
                partial(rack.arm_step, -1),
                "centre",
                in_menu=False,
                said="-",
            ),
        ]
        table += [self._rating(number, rate) for number in range(1, 10)]
        return table + [
            Command(
                "unrate", rate, self.tr("Take the rating back"), ("0", "Backspace"), window.unrate
            ),
            Command("undo", rate, self.tr("Undo the last rating"), ("Ctrl+Z",), window.undo),
            Command("map-list", view, self.tr("Map or list"), ("M",), window.toggle_view),
            Command("lasso", view, self.tr("Lasso"), ("L",), window.toggle_lasso),
            Command("go", view, self.tr("Go to the playing track"), ("G",), window.go_to_playing),
            Command(
                "search",
                view,
                self.tr("Search"),
                ("/", "Ctrl+F"),
                window.start_search,
                line_after=True,
            ),
            Command(
                "compact", view, self.tr("Compact"), ("Ctrl+M",), window.set_compact, checkable=True
            ),
            Command(
                "full-screen",
                view,
                self.tr("Full screen"),
                ("F11",),
                window.set_full_screen,
                checkable=True,
            ),
            Command(
                "pane-next",
                move,
                self.tr("Next part of the window"),
                ("F6", "Ctrl+Tab"),
                partial(window.move_to_pane, 1),
                in_menu=False,
            ),
            Command(
                "pane-previous",
                move,
                self.tr("Previous part of the window"),
                ("Shift+F6", "Ctrl+Shift+Tab"),
                partial(window.move_to_pane, -1),
                in_menu=False,
            ),
            Command(
                "menu",
                move,
                self.tr("The menu"),
                ("F10",),
                window.open_menu,
                in_menu=False,
                shown_keys=self.tr("F10, Alt"),
            ),
            Command("keys", help_, self.tr("Shortcuts"), ("?", "F1"), window.show_keys),
            Command("about", help_, self.tr("About Sliders"), (), window.show_about),
        ]

    def _rating(self, number: int, section: str) -> Command:
        first = number == 1
        return Command(
            f"rate-{number}",
            section,
            self.tr("Rate {n}").format(n=number),
            (str(number),),
            partial(self._window.rate, number),
            in_menu=False,
            said=self.tr("Rate what plays: 1 the low word, 5 neither, 9 the high word")
            if first
            else "-",
            shown_keys="1 – 9" if first else "",
        )

    def _make(self, command: Command) -> None:
        action = QAction(command.text, self)
        action.setObjectName(command.name)
        keys = [QKeySequence(key) for key in command.keys]
        action.setShortcuts(keys)
        action.setCheckable(command.checkable)
        if command.checkable:
            action.triggered.connect(command.slot)
        else:
            # Clicked actions send "checked" along, which the slots don't want.
            action.triggered.connect(partial(_call, command.slot))
        action.setAutoRepeat(command.scope == "idle" or command.name in ("louder", "quieter"))
        self.by_name[command.name] = action
        if command.scope == "centre":
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self._window.centre.views.addAction(action)
        elif command.scope == "idle":
            # Shown in the menu, but `take_key` decides.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            for key in keys:
                self._idle[key.toString()] = action
        else:
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            self._window.addAction(action)

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
                if command.line_after:
                    menu.addSeparator()

    def sections(self) -> list[str]:
        """In the order of the table."""
        return list(dict.fromkeys(command.section for command in self.table))

    def sheet(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Per section the keys and what they do, as the `?` sheet shows them."""
        found: dict[str, list[tuple[str, str]]] = {}
        for command in self.table:
            if command.keys and command.said != "-":
                keys = command.shown_keys or ", ".join(
                    QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
                    for key in command.keys
                    if key not in ("Enter", "Shift+Enter", "Ctrl+Enter")
                )
                words = command.said or command.text.removesuffix("…")
                found.setdefault(command.section, []).append((keys, words))
        return list(found.items())

    def _louder(self, step: float) -> None:
        playback = self._session.playback
        playback.set_volume(min(1.0, max(0.0, playback.volume + step)))


def _call(slot: Callable[[], Any], checked: bool = False) -> None:
    slot()
