"""What can be done with a smart list and with what is shown: keep, change, play, export, delete."""

import random
import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QFileDialog, QMenu

from sliders_desktop import tasks
from sliders_desktop.gui.centre import Centre
from sliders_desktop.gui.smart_list_dialog import SmartListDialog
from sliders_desktop.session.catalogue import SOURCES
from sliders_desktop.session.radio import SEEDS

if TYPE_CHECKING:
    from sliders_desktop.gui.main_window import MainWindow
    from sliders_desktop.session.session import Session


class ListWishes(QObject):
    """Each method is one wish; the centre knows the order and says what came of it."""

    def __init__(self, session: "Session", centre: Centre, window: "MainWindow") -> None:
        super().__init__(centre)
        self._session, self._centre, self._window = session, centre, window
        self.dialog: SmartListDialog | None = None

    # ── keep and change ─────────────────────────────────────────────────────────────────────

    def keep_search(self) -> None:
        """The search of now as a smart list, with what is shown on the left."""
        rule = self._shown_rule()
        if rule:
            self._ask(SmartListDialog(self._session, self._window, rule))
        else:
            self._centre.toast.say(
                self.tr("Search for something first: then it can be kept as a smart list.")
            )

    def _shown_rule(self) -> str:
        catalogue, lists = self._session.catalogue, self._session.lists
        one = lists.of_source(catalogue.source)
        fixed = {key: rule for key, _, rule in SOURCES}
        source = lists.rule(one) if one else fixed.get(catalogue.source, "")
        return ", ".join(filter(None, (source, catalogue.filter_text)))

    def rename(self, list_id: int) -> None:
        self._change(list_id, at_rule=False)

    def edit_rule(self, list_id: int) -> None:
        self._change(list_id, at_rule=True)

    def _change(self, list_id: int, at_rule: bool) -> None:
        one = self._session.lists.get(list_id)
        if one is not None:
            self._ask(SmartListDialog(self._session, self._window, one=one, at_rule=at_rule))

    def _ask(self, dialog: SmartListDialog) -> None:
        if self.dialog is not None:
            self.dialog.close()
            self.dialog.deleteLater()
        self.dialog = dialog
        dialog.accepted.connect(self._on_saved)
        dialog.open()

    def _on_saved(self) -> None:
        saved = self.dialog.saved if self.dialog else None
        if saved is not None:
            catalogue = self._session.catalogue
            catalogue.set_filter("")
            catalogue.set_source(self._session.lists.source(saved.id))

    def delete(self, list_id: int) -> None:
        one = self._session.lists.delete(list_id)
        if one is not None:
            self._centre.toast.say(
                self.tr("Deleted the smart list {0}.").format(one.name),
                action=self.tr("Undo"),
                act=self._window.wishes.undo,
                tip=self.tr("Bring it back  ·  Ctrl+Z"),
            )

    # ── play ────────────────────────────────────────────────────────────────────────────────

    def play(self, list_id: int) -> None:
        if ids := self._tracks(list_id):
            self._session.playback.play(ids, 0, "playlist")

    def shuffle(self, list_id: int) -> None:
        if ids := self._tracks(list_id):
            playback = self._session.playback
            playback.set_shuffle(True)
            playback.play(ids, random.randrange(len(ids)), "playlist")

    def queue(self, list_id: int) -> None:
        if ids := self._tracks(list_id):
            self._session.playback.enqueue(ids)
            self._centre.toast.say(self.tr("{n:,} tracks are queued.").format(n=len(ids)))

    def radio(self, list_id: int) -> None:
        if ids := self._tracks(list_id):
            some = random.sample(ids, min(len(ids), SEEDS))
            self._session.playback.radio_from(some)

    def _tracks(self, list_id: int) -> list[int]:
        """In the order that the list view is sorted by; says so if there are none."""
        lists = self._session.lists
        ids = self._centre.table.model.sorting.of(lists.ids(list_id))
        if not ids:
            problem = lists.problems.get(list_id, "")
            self._centre.toast.say(problem or self.tr("No track fits this list now."))
        return ids

    # ── export ──────────────────────────────────────────────────────────────────────────────

    def export_list(self, list_id: int) -> None:
        one, ids = self._session.lists.get(list_id), self._tracks(list_id)
        if one is not None and ids:
            self._export(ids, one.name)

    def export_shown(self) -> None:
        """What the list shows now, in its order."""
        catalogue = self._session.catalogue
        one = self._session.lists.of_source(catalogue.source)
        name = catalogue.filter_text or (one.name if one else self.tr("All tracks"))
        self._export(self._centre.table.model.ids(), name)

    def export_chosen(self) -> None:
        ids = self._centre.table.model.sorting.of(self._session.catalogue.selection)
        if ids:
            self._export(ids, self.tr("Chosen tracks"))
        else:
            self._centre.toast.say(self.tr("Choose tracks first, in the list or on the map."))

    def _export(self, ids: list[int], name: str) -> None:
        if not ids:
            self._centre.toast.say(self.tr("There is nothing to write: no track is shown."))
            return
        styles: dict[str, tasks.PathStyle] = {
            self.tr("Playlist that may move with the music (*.m3u8 *.m3u)"): "auto",
            self.tr("Playlist with full paths (*.m3u8 *.m3u)"): "absolute",
            self.tr("Playlist with paths from its own place (*.m3u8 *.m3u)"): "relative",
        }
        dialog = QFileDialog(self._window, self.tr("Export as M3U"))
        dialog.setObjectName("export")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(styles))
        dialog.setDefaultSuffix("m3u8")
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog, not self._window.native_dialogs)
        dialog.selectFile(re.sub(r"[^\w\s.,–-]+", "", name).strip()[:60] or "Sliders")
        chosen = bool(dialog.exec()) and dialog.selectedFiles()
        style = styles.get(dialog.selectedNameFilter(), "auto")
        dialog.deleteLater()
        if chosen:
            self._session.export(ids, chosen[0], style)

    # ── the menu ────────────────────────────────────────────────────────────────────────────

    def menu(self, list_id: int) -> QMenu:
        """What can be done with a list."""
        menu = QMenu(self._window)
        entries: tuple[tuple[str, Callable[[int], None] | None], ...] = (
            (self.tr("Play"), self.play),
            (self.tr("Shuffle"), self.shuffle),
            (self.tr("Add to the queue"), self.queue),
            (self.tr("Radio from here"), self.radio),
            ("", None),
            (self.tr("Rename…\tF2"), self.rename),
            (self.tr("Edit the rule…"), self.edit_rule),
            (self.tr("Export as M3U…"), self.export_list),
            ("", None),
            (self.tr("Delete\tDel"), self.delete),
        )
        for text, wish in entries:
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


def _call(wish: Callable[[int], None], list_id: int, checked: bool = False) -> None:
    wish(list_id)
