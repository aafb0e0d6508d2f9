"""What can be done with any list of the left column: play, shuffle, queue, radio, export."""

import random
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QFileDialog, QMenu

from sliders_desktop import tasks
from sliders_desktop.gui.centre import Centre
from sliders_desktop.gui.commands import key_text

if TYPE_CHECKING:
    from sliders_desktop.gui.main_window import MainWindow
    from sliders_desktop.session.session import Session

#: What a menu says, and what it does; None draws a line.
Entries = Sequence[tuple[str, Callable[[int], None] | None]]


class PlayWishes(QObject):
    """Each method is one wish; who inherits says which tracks a list holds, and its own wishes."""

    def __init__(self, session: "Session", centre: Centre, window: "MainWindow") -> None:
        super().__init__(centre)
        self._session, self._centre, self._window = session, centre, window

    def tracks(self, list_id: int) -> list[int]:
        """In the order to play them; says so if there are none."""
        raise NotImplementedError

    def entries(self) -> Entries:
        """What its menu offers below the playing."""
        raise NotImplementedError

    # ── play ────────────────────────────────────────────────────────────────────────────────

    def play(self, list_id: int) -> None:
        if ids := self.tracks(list_id):
            self._session.playback.play(ids, 0, "playlist")

    def shuffle(self, list_id: int) -> None:
        if ids := self.tracks(list_id):
            playback = self._session.playback
            playback.set_shuffle(True)
            playback.play(ids, random.randrange(len(ids)), "playlist")

    def queue(self, list_id: int) -> None:
        if ids := self.tracks(list_id):
            self._session.playback.enqueue(ids)
            self._centre.toast.say(self.tr("{n:,} tracks are queued.").format(n=len(ids)))

    def radio(self, list_id: int) -> None:
        """From all of it, beginning anywhere."""
        if ids := list(dict.fromkeys(self.tracks(list_id))):
            random.shuffle(ids)
            self._session.playback.radio_from(ids)

    # ── export ──────────────────────────────────────────────────────────────────────────────

    def export(self, ids: list[int], name: str) -> None:
        """Ask where to, then write these tracks."""
        if ids:
            self.ask_where(name, partial(self._write, ids, name))
        else:
            self._centre.toast.say(self.tr("There is nothing to write: no track is shown."))

    def _write(self, ids: list[int], name: str, path: str, style: tasks.PathStyle) -> None:
        self._session.export(ids, path, style, name)

    def ask_where(self, name: str, write: Callable[[str, tasks.PathStyle], None]) -> None:
        """Where a playlist called ``name`` shall be written, and how; then ``write`` it."""
        styles: dict[str, tasks.PathStyle] = {
            self.tr("Playlist that may move with the music (*.m3u8 *.m3u)"): "auto",
            self.tr("Playlist with full paths (*.m3u8 *.m3u)"): "absolute",
            self.tr("Playlist with paths from its own place (*.m3u8 *.m3u)"): "relative",
            self.tr("XSPF, with titles and lengths (*.xspf)"): "auto",
        }
        dialog = QFileDialog(self._window, self.tr("Export as a playlist"))
        dialog.setObjectName("export")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(styles))
        dialog.setDefaultSuffix("m3u8")
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog, not self._window.native_dialogs)
        dialog.selectFile(re.sub(r"[^\w\s.,–-]+", "", name).strip()[:60] or "Sliders")
        dialog.filterSelected.connect(partial(_show_suffix, dialog))
        chosen = bool(dialog.exec()) and dialog.selectedFiles()
        style = styles.get(dialog.selectedNameFilter(), "auto")
        dialog.deleteLater()
        if chosen:
            write(chosen[0], style)

    # ── the menu ────────────────────────────────────────────────────────────────────────────

    def menu(self, list_id: int) -> QMenu:
        """What can be done with a list."""
        menu = QMenu(self._window)
        playing: Entries = (
            (self.tr("Play"), self.play),
            (self.tr("Shuffle"), self.shuffle),
            (self.tr("Add to the queue"), self.queue),
            (self.tr("Radio from here"), self.radio),
            ("", None),
        )
        for text, wish in (*playing, *self.entries()):
            if wish is None:
                menu.addSeparator()
            else:
                menu.addAction(text).triggered.connect(partial(_call, wish, list_id))
        return menu

    def show_menu(self, list_id: int, at: QPoint) -> None:
        menu = self.menu(list_id)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)
        menu.setActiveAction(menu.actions()[0])

    def say_undoable(self, sentence: str) -> None:
        """What was done, with the way back."""
        self._centre.toast.say(
            sentence,
            action=self.tr("Undo"),
            act=self._window.wishes.undo,
            tip=self.tr("Take it back ({key})").format(key=key_text("Ctrl+Z")),
        )


def _show_suffix(dialog: QFileDialog, kind: str) -> None:
    dialog.setDefaultSuffix("xspf" if ".xspf" in kind else "m3u8")


def _call(wish: Callable[[int], None], list_id: int, checked: bool = False) -> None:
    wish(list_id)
