"""What can be done with tracks chosen on the map: play, queue, a radio from them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from sliders_desktop.gui.map_overlay import SelectionBar

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class MapActions(QObject):
    """Serves the bar of what was circled and the menu of what is selected."""

    def __init__(self, session: "Session", bar: SelectionBar, view: QWidget) -> None:
        super().__init__(view)
        self._catalogue = session.catalogue
        self._playback = session.playback
        self._view = view
        bar.play.clicked.connect(self.play)
        bar.queue.clicked.connect(self.queue)
        bar.radio.clicked.connect(self.radio)

    def menu(self) -> QMenu:
        """For the selected tracks."""
        menu = QMenu(self._view)
        for text, call in (
            (self.tr("Play"), self.play),
            (self.tr("Play next"), self.play_next),
            (self.tr("Queue"), self.queue),
            (self.tr("Radio from here"), self.radio),
        ):
            menu.addAction(text).triggered.connect(call)
        return menu

    def play(self) -> None:
        self._playback.play(self._catalogue.selection)

    def play_next(self) -> None:
        self._playback.play_next(self._catalogue.selection)

    def queue(self) -> None:
        self._playback.enqueue(self._catalogue.selection)

    def radio(self) -> None:
        self._playback.radio_from(self._catalogue.selection)
