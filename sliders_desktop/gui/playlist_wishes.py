"""What can be done with playlists: make, take in, name, play, export, delete."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from sliders_desktop import tasks
from sliders_desktop.gui.centre import Centre
from sliders_desktop.gui.play_wishes import Entries, PlayWishes
from sliders_desktop.gui.playlist_dialogs import OthersDialog, PlaylistDialog

if TYPE_CHECKING:
    from sliders_desktop.gui.main_window import MainWindow
    from sliders_desktop.session.session import Session


class PlaylistWishes(PlayWishes):
    """Each method is one wish."""

    def __init__(self, session: "Session", centre: Centre, window: "MainWindow") -> None:
        super().__init__(session, centre, window)
        self.dialog: PlaylistDialog | OthersDialog | None = None
        self._imported: tasks.ImportedPlaylist | None = None
        session.playlists.said.connect(self.say_undoable)
        session.playlists.imported.connect(self._on_imported)

    # ── make and name ───────────────────────────────────────────────────────────────────────

    def new(self) -> None:
        """Of what is chosen, in the list's order; an empty one if nothing is."""
        chosen = self._centre.table.model.sorting.of(self._session.catalogue.selection)
        self._ask(PlaylistDialog(self._session.playlists, self._window, ids=chosen))

    def make(self, ids: Sequence[int], name: str) -> None:
        """Of these tracks, called like this unless the listener says otherwise."""
        self._ask(PlaylistDialog(self._session.playlists, self._window, None, ids, name))

    def rename(self, list_id: int) -> None:
        one = self._session.playlists.get(list_id)
        if one is not None:
            self._ask(PlaylistDialog(self._session.playlists, self._window, one))

    def _ask(self, dialog: PlaylistDialog | OthersDialog) -> None:
        if self.dialog is not None:
            self.dialog.close()
            self.dialog.deleteLater()
        self.dialog = dialog
        if isinstance(dialog, PlaylistDialog):
            dialog.made.connect(self._on_made)
        dialog.open()

    def _on_made(self, list_id: int) -> None:
        one = self._session.playlists.get(list_id)
        if one is not None:
            self.say_undoable(self.tr("Made the playlist {0}.").format(one.name))

    def delete(self, list_id: int) -> None:
        self._session.playlists.delete(list_id)

    def add(self, list_id: int, ids: Sequence[int]) -> None:
        """What was dropped on it, as far as it is the library's."""
        known = [i for i in ids if i in self._session.catalogue.row_of]
        self._session.playlists.add(list_id, known)

    def tracks(self, list_id: int) -> list[int]:
        ids = self._session.playlists.ids(list_id)
        if not ids:
            self._centre.toast.say(self.tr("This playlist is empty: drop tracks on it."))
        return ids

    # ── files ───────────────────────────────────────────────────────────────────────────────

    def ask_import(self) -> None:
        """Choose files, each of which becomes a playlist."""
        for path in self._choose(QFileDialog.FileMode.ExistingFiles):
            self.take_in(path)

    def import_into(self, list_id: int) -> None:
        """Choose a file, and put what it names behind the playlist."""
        for path in self._choose(QFileDialog.FileMode.ExistingFile):
            self.take_in_at(list_id, path)

    def take_in(self, path: str) -> None:
        self._session.playlists.take_in(Path(path))

    def take_in_at(self, list_id: int, path: str) -> None:
        self._session.playlists.take_in(Path(path), list_id)

    def _choose(self, mode: QFileDialog.FileMode) -> list[str]:
        kinds = " ".join(f"*{suffix}" for suffix in tasks.PLAYLIST_SUFFIXES)
        dialog = QFileDialog(
            self._window, self.tr("Import playlists"), "", self.tr("Playlists ({0})").format(kinds)
        )
        dialog.setObjectName("import-playlists")
        dialog.setFileMode(mode)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog, not self._window.native_dialogs)
        chosen = dialog.selectedFiles() if dialog.exec() else []
        dialog.deleteLater()
        return chosen

    def _on_imported(self, done: tasks.ImportedPlaylist) -> None:
        catalogue, playlists = self._session.catalogue, self._session.playlists
        catalogue.set_filter("")
        catalogue.set_source(playlists.source(done.list_id))
        self._imported = done
        if done.others:
            self._centre.toast.say(
                done.sentence,
                action=self.tr("Show the others"),
                act=self.show_others,
                tip=self.tr("What the file names and your library does not have"),
            )
        else:
            self.say_undoable(done.sentence)

    def show_others(self) -> None:
        """What was not found of the file that came in last."""
        if self._imported is not None:
            self._ask(OthersDialog(self._imported, self._window))

    def export_list(self, list_id: int) -> None:
        one, ids = self._session.playlists.get(list_id), self.tracks(list_id)
        if one is not None and ids:
            self.export(ids, one.name)

    # ── the menu ────────────────────────────────────────────────────────────────────────────

    def entries(self) -> Entries:
        return (
            (self.tr("Rename…\tF2"), self.rename),
            (self.tr("Add from a file…"), self.import_into),
            (self.tr("Export as a playlist…"), self.export_list),
            ("", None),
            (self.tr("Delete\tDel"), self.delete),
        )
