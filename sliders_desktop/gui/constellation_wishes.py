"""What can be done with constellations: collect, name, play, export, delete."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint

from sliders_desktop.gui.centre import Centre
from sliders_desktop.gui.constellation_dialog import ConstellationDialog
from sliders_desktop.gui.constellation_menu import ConstellationMenu
from sliders_desktop.gui.play_wishes import Entries, PlayWishes

if TYPE_CHECKING:
    from sliders_desktop.gui.main_window import MainWindow
    from sliders_desktop.session.session import Session


class ConstellationWishes(PlayWishes):
    """Each method is one wish."""

    def __init__(self, session: "Session", centre: Centre, window: "MainWindow") -> None:
        super().__init__(session, centre, window)
        self._all = session.constellations
        self.dialog: ConstellationDialog | None = None
        self._all.said.connect(self.say_undoable)
        session.liking.said.connect(self.say_undoable)

    # ── stars ───────────────────────────────────────────────────────────────────────────────

    def collect(self) -> None:
        """What is chosen, else what plays, becomes stars of the open one."""
        current = self._session.playback.current
        ids = self._window.wishes.meant() or ([current.id] if current else [])
        if ids:
            self._all.collect(ids)
        else:
            self._centre.toast.say(
                self.tr("Choose tracks or play one first: C makes them stars of a constellation.")
            )

    def add(self, one_id: int, ids: Sequence[int]) -> None:
        """What was dropped on it, as far as it is the library's."""
        self.open(one_id)
        self._all.collect([i for i in ids if i in self._session.catalogue.row_of])

    def open(self, one_id: int) -> None:
        self._all.open_one(one_id)

    def show_star_menu(self, at: QPoint) -> None:
        """Of the stars that are chosen in the open one."""
        menu = ConstellationMenu(self._session, self._session.catalogue.selection, self._window)
        menu.new_wanted.connect(self.new)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    # ── journeys ────────────────────────────────────────────────────────────────────────────

    def journey(self) -> None:
        """From what plays to what is chosen, or between two chosen; else between two stars."""
        chosen, current = self._window.wishes.meant(), self._session.playback.current
        one = self._all.open_
        stars = [star.track_id for star in one.stars if star.weight > 0] if one else []
        ends: tuple[int | None, int | None]
        if len(chosen) > 1:
            ends = (chosen[0], chosen[-1])
        elif chosen and current is not None and current.id != chosen[0]:
            ends = (current.id, chosen[0])
        elif len(stars) > 1:
            ends = (stars[0], stars[-1])
        else:
            ends = (chosen[0] if chosen else current.id if current else None, None)
        self.journey_between(*ends)

    def journey_between(self, start: int | None, end: int | None) -> None:
        self._window.show_journey(start, end)

    # ── make and name ───────────────────────────────────────────────────────────────────────

    def new(self) -> None:
        """Of what is chosen; an empty one if nothing is."""
        chosen = self._centre.table.model.sorting.of(self._session.catalogue.selection)
        self._ask(ConstellationDialog(self._session, self._window, ids=chosen))

    def rename(self, list_id: int) -> None:
        one = self._all.get(list_id)
        if one is not None:
            self._ask(ConstellationDialog(self._session, self._window, one))

    def _ask(self, dialog: ConstellationDialog) -> None:
        if self.dialog is not None:
            self.dialog.close()
            self.dialog.deleteLater()
        self.dialog = dialog
        dialog.made.connect(self.open)
        dialog.open()

    def delete(self, list_id: int) -> None:
        self._all.delete(list_id)

    # ── play and write ──────────────────────────────────────────────────────────────────────

    def tracks(self, list_id: int) -> list[int]:
        one = self._all.get(list_id)
        ids = [star.track_id for star in one.stars if star.weight > 0] if one else []
        if not ids:
            self._centre.toast.say(
                self.tr("No star leads anywhere yet: press C on tracks that it shall follow.")
            )
        return ids

    def play(self, list_id: int) -> None:
        """What follows from it, endlessly."""
        self.open(list_id)
        self._all.play()

    radio = play

    def export_list(self, list_id: int) -> None:
        one = self._all.get(list_id)
        if one is not None and self.tracks(list_id):
            self.ask_where(one.name, partial(self._all.export, list_id))

    def entries(self) -> Entries:
        return (
            (self.tr("Rename…\tF2"), self.rename),
            (self.tr("Export as a playlist…"), self.export_list),
            ("", None),
            (self.tr("Delete\tDel"), self.delete),
        )
