"""A constellation gets its name. Main thread."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from sliders_desktop.gui.name_dialog import NameDialog
from sliders_desktop.library.records import Constellation

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class ConstellationDialog(NameDialog):
    """Makes one of these tracks, or renames ``one``.

    Signals:
        made(int): a new one.
    """

    made = Signal(int)

    def __init__(
        self,
        session: "Session",
        parent: QWidget | None = None,
        one: Constellation | None = None,
        ids: Sequence[int] = (),
    ) -> None:
        count = len(ids)
        begins = (
            self.tr("It begins with the chosen track.")
            if count == 1
            else self.tr("It begins with the {n:,} chosen tracks.").format(n=count)
            if count
            else self.tr("It begins empty: press C on the tracks that it shall follow.")
        )
        title = self.tr("Rename constellation") if one else self.tr("New constellation")
        super().__init__(parent, title, "" if one else begins, self.tr("Save"))
        self._all, self._one, self._ids = session.constellations, one, tuple(ids)
        self.name.setAccessibleName(self.tr("Name of the constellation"))
        self.name.setPlaceholderText(self.tr("Sunday, slowly"))
        self.body.addWidget(self.name)
        self.begin(one.name if one else "")

    def keep(self, name: str) -> None:
        if self._one is not None:
            self._all.rename(self._one.id, name)
        else:
            self.made.emit(self._all.create(name, self._ids))
