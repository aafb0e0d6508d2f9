"""The section “Constellations” of the left column; tracks are dropped on its rows."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from sliders_desktop.gui.list_rows import DropRow, ListSection
from sliders_desktop.gui.sidebar_rows import QuietLine
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Constellation

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class ConstellationRow(DropRow):
    """One constellation: its name and how many stars it has."""

    def __init__(
        self, theme: Theme, key: str, one: Constellation, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, key, one.name, one.id, parent)
        self.show_one(one)

    def show_one(self, one: Constellation) -> None:
        self.setText(one.name)
        self.setToolTip(self.tr("Drop tracks here, or press C  ·  F2 renames, Del deletes it"))
        self.set_count(len(one.stars))


class ConstellationSection(ListSection):
    """The head, a row for each, and where there is none how one begins.

    Signals:
        new_wanted(). opened(int): show this one. tracks_dropped(int, list[int]).
    """

    new_wanted = Signal()
    opened = Signal(int)
    tracks_dropped = Signal(int, list)

    def __init__(
        self, session: "Session", theme: Theme, group: QButtonGroup, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, self.tr("Constellations"), group, parent)
        self._session, self._theme = session, theme
        self.new = QuietLine(theme)
        self.new.clicked.connect(self.new_wanted)
        self._column.addWidget(self.new)
        session.constellations.changed.connect(self._on_changed)
        session.catalogue.tracks_changed.connect(self._show_offer)
        self.renew()

    def _on_changed(self, one_id: int) -> None:
        """Where the same ones are there their rows stay, and the keyboard on them."""
        every = self._session.constellations
        rows = [self.rows.get(every.source(one.id)) for one in every.all()]
        if len(rows) != len(self.rows) or None in rows:
            self.renew()
            return
        for one, row in zip(every.all(), rows, strict=True):
            if isinstance(row, ConstellationRow):
                row.show_one(one)

    def renew(self) -> None:
        """Rows of those there are now."""
        every = self._session.constellations
        rows = [ConstellationRow(self._theme, every.source(one.id), one) for one in every.all()]
        for row in rows:
            row.tracks_dropped.connect(self.tracks_dropped)
            row.clicked.connect(self._on_opened)
        self.show_rows(rows)
        self._show_offer()

    def _on_opened(self) -> None:
        row = self.sender()
        if isinstance(row, ConstellationRow):
            self.opened.emit(row.list_id)

    def _show_offer(self) -> None:
        offer = self.tr("Press C on tracks you like: what fits them follows.")
        self.new.set_text("" if self.rows else offer)
        self.setVisible(bool(self.rows) or self._session.catalogue.heard_count > 0)
