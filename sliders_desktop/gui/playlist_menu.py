"""“Add to playlist”: the menu that list and map share."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class PlaylistMenu(QMenu):
    """The playlists there are, for these tracks, and a new one.

    Signals:
        new_wanted(): make one of what is chosen.
    """

    new_wanted = Signal()

    def __init__(self, session: "Session", track_ids: Sequence[int], parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._ids = session, tuple(track_ids)
        self.setTitle(self.tr("Add to playlist"))
        self.addAction(self.tr("New playlist…")).triggered.connect(self._on_new)
        if session.playlists.lists:
            self.addSeparator()
        for one in session.playlists.lists:
            # What follows an & would be a key.
            action = self.addAction(one.name.replace("&", "&&"))
            action.triggered.connect(partial(self._add, one.id))

    def _on_new(self) -> None:
        self.new_wanted.emit()

    def _add(self, list_id: int, checked: bool = False) -> None:
        self._session.playlists.add(list_id, self._ids)
