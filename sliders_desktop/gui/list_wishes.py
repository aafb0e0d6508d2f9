"""What can be done with a smart list and with what is shown: keep, change, play, export, delete."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from sliders_desktop.gui.centre import Centre
from sliders_desktop.gui.play_wishes import Entries, PlayWishes
from sliders_desktop.gui.smart_list_dialog import SmartListDialog
from sliders_desktop.session.catalogue import SOURCES

if TYPE_CHECKING:
    from sliders_desktop.gui.main_window import MainWindow
    from sliders_desktop.session.session import Session


class ListWishes(PlayWishes):
    """Each method is one wish; the centre knows the order and says what came of it."""

    def __init__(self, session: "Session", centre: Centre, window: "MainWindow") -> None:
        super().__init__(session, centre, window)
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
            self.say_undoable(self.tr("Deleted the smart list {0}.").format(one.name))

    def tracks(self, list_id: int) -> list[int]:
        """In the order that the list view is sorted by; says so if there are none."""
        lists = self._session.lists
        ids = self._centre.table.model.sorting.of(lists.ids(list_id))
        if not ids:
            problem = lists.problems.get(list_id, "")
            self._centre.toast.say(problem or self.tr("No track fits this list now."))
        return ids

    # ── export ──────────────────────────────────────────────────────────────────────────────

    def export_list(self, list_id: int) -> None:
        one, ids = self._session.lists.get(list_id), self.tracks(list_id)
        if one is not None and ids:
            self.export(ids, one.name)

    def save_picture(self) -> None:
        """The map as it is seen now: ask where to, and with names or without."""
        view = self._centre.map
        if view is None or self._centre.view != "map":
            self._centre.toast.say(self.tr("Show the map first (M): what is seen is saved."))
            return
        with_names = {
            self.tr("Picture with names (*.png)"): True,
            self.tr("Picture without names (*.png)"): False,
            self.tr("Drawing with names (*.svg)"): True,
            self.tr("Drawing without names (*.svg)"): False,
        }
        dialog = QFileDialog(self._window, self.tr("Save the map as a picture"))
        dialog.setObjectName("picture")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(with_names))
        dialog.setDefaultSuffix("png")
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog, not self._window.native_dialogs)
        dialog.selectFile(self.tr("Map of my music"))
        dialog.filterSelected.connect(
            lambda kind: dialog.setDefaultSuffix("svg" if ".svg" in kind else "png")
        )
        chosen = bool(dialog.exec()) and dialog.selectedFiles()
        names = with_names.get(dialog.selectedNameFilter(), True)
        dialog.deleteLater()
        if chosen:
            view.picture.save(Path(chosen[0]), names)

    def export_shown(self) -> None:
        """What the list shows now, in its order."""
        catalogue = self._session.catalogue
        session = self._session
        one = session.lists.of_source(catalogue.source) or session.playlists.of_source(
            catalogue.source
        )
        name = catalogue.filter_text or (one.name if one else self.tr("All tracks"))
        self.export(self._centre.table.model.ids(), name)

    def export_chosen(self) -> None:
        ids = self._centre.table.model.sorting.of(self._session.catalogue.selection)
        if ids:
            self.export(ids, self.tr("Chosen tracks"))
        else:
            self._centre.toast.say(self.tr("Choose tracks first, in the list or on the map."))

    def entries(self) -> Entries:
        return (
            (self.tr("Rename…\tF2"), self.rename),
            (self.tr("Edit the rule…"), self.edit_rule),
            (self.tr("Export as a playlist…"), self.export_list),
            ("", None),
            (self.tr("Delete\tDel"), self.delete),
        )
