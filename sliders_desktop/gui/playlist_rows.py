"""The section “Playlists” of the left column; tracks are dropped on its rows, and files, too."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QButtonGroup, QWidget

from sliders_desktop.gui.dropped_files import playlists_in
from sliders_desktop.gui.list_rows import DropRow, ListSection
from sliders_desktop.gui.sidebar_rows import QuietLine
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Playlist

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class PlaylistRow(DropRow):
    """One playlist: its name and how many tracks it holds.

    Signals:
        file_dropped(int, str): onto the playlist of this id.
    """

    file_dropped = Signal(int, str)

    def __init__(
        self, theme: Theme, key: str, one: Playlist, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, key, one.name, one.id, parent)
        self.setToolTip(self.tr("Drop tracks here  ·  F2 renames, Del deletes it"))
        self.set_count(one.count)

    def takes(self, event: QDropEvent) -> bool:
        return super().takes(event) or bool(playlists_in(event))

    def dropEvent(self, event: QDropEvent) -> None:
        super().dropEvent(event)
        for path in playlists_in(event):
            self.file_dropped.emit(self.list_id, path)


class PlaylistSection(ListSection):
    """The head, a row for each playlist, and where there is none how one is made.

    Signals:
        new_wanted(). tracks_dropped(int, list[int]), file_dropped(int, str).
    """

    new_wanted = Signal()
    tracks_dropped = Signal(int, list)
    file_dropped = Signal(int, str)

    def __init__(
        self, session: "Session", theme: Theme, group: QButtonGroup, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, self.tr("Playlists"), group, parent)
        self._session, self._theme = session, theme
        self.new = QuietLine(theme)
        self.new.clicked.connect(self.new_wanted)
        self._column.addWidget(self.new)
        session.playlists.changed.connect(self.renew)
        session.catalogue.tracks_changed.connect(self._show_offer)
        self.renew()

    def renew(self) -> None:
        """Rows of the playlists there are now."""
        playlists = self._session.playlists
        rows = [PlaylistRow(self._theme, playlists.source(one.id), one) for one in playlists.lists]
        for row in rows:
            row.tracks_dropped.connect(self.tracks_dropped)
            row.file_dropped.connect(self.file_dropped)
        self.show_rows(rows)
        self._show_offer()

    def _show_offer(self) -> None:
        self.new.set_text("" if self.rows else self.tr("New playlist…"))
        self.setVisible(bool(self.rows) or self._session.catalogue.track_count > 0)
