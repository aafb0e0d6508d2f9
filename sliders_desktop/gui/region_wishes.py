"""What can be done with regions of the map: keep, name, play, look at, export, delete."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from sliders_desktop.gui.centre import Centre
from sliders_desktop.gui.name_dialog import NameDialog
from sliders_desktop.gui.play_wishes import Entries, PlayWishes
from sliders_desktop.library.records import Region
from sliders_desktop.session.regions import Regions

if TYPE_CHECKING:
    from sliders_desktop.gui.main_window import MainWindow
    from sliders_desktop.session.session import Session

Corners = Sequence[tuple[float, float]]


class RegionDialog(NameDialog):
    """Keeps a region of these corners, or renames ``one``."""

    def __init__(
        self,
        regions: Regions,
        parent: QWidget | None = None,
        one: Region | None = None,
        corners: Corners = (),
    ) -> None:
        title = self.tr("Rename region") if one else self.tr("Save this region")
        sentence = self.tr("It always holds the tracks that lie there on the map.")
        super().__init__(parent, title, "" if one else sentence, self.tr("Save"))
        self._regions, self._one, self._corners = regions, one, list(corners)
        self.name.setAccessibleName(self.tr("Name of the region"))
        self.name.setPlaceholderText(self.tr("Rainy corner"))
        self.body.addWidget(self.name)
        self.begin(one.name if one else "")

    def keep(self, name: str) -> None:
        if self._one is not None:
            self._regions.rename(self._one.id, name)
        else:
            self._regions.create(name, self._corners)


class RegionWishes(PlayWishes):
    """Each method is one wish."""

    def __init__(self, session: "Session", centre: Centre, window: "MainWindow") -> None:
        super().__init__(session, centre, window)
        self.dialog: RegionDialog | None = None
        session.regions.said.connect(self.say_undoable)

    def keep(self, corners: Corners) -> None:
        """What was drawn on the map, in its coordinates."""
        self._ask(RegionDialog(self._session.regions, self._window, corners=corners))

    def rename(self, number: int) -> None:
        one = self._session.regions.get(number)
        if one is not None:
            self._ask(RegionDialog(self._session.regions, self._window, one))

    def _ask(self, dialog: RegionDialog) -> None:
        if self.dialog is not None:
            self.dialog.close()
            self.dialog.deleteLater()
        self.dialog = dialog
        dialog.open()

    def delete(self, number: int) -> None:
        self._session.regions.delete(number)

    def tracks(self, list_id: int) -> list[int]:
        """In the order that the list view is sorted by; says so if there are none."""
        ids = self._session.regions.ids(list_id).tolist()
        if not ids:
            self._centre.toast.say(self.tr("No track lies in this region now."))
        return self._centre.table.model.sorting.of(ids)

    def export_list(self, number: int) -> None:
        one, ids = self._session.regions.get(number), self.tracks(number)
        if one is not None and ids:
            self.export(ids, one.name)

    def entries(self) -> Entries:
        return (
            (self.tr("Rename…\tF2"), self.rename),
            (self.tr("Export as a playlist…"), self.export_list),
            ("", None),
            (self.tr("Delete\tDel"), self.delete),
        )
