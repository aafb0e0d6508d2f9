"""What can be done with tracks chosen on the map: play, queue, a radio from them, rate."""

import random
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QMenu, QWidget

from sliders_desktop.gui.constellation_menu import ConstellationMenu
from sliders_desktop.gui.map_overlay import SelectionBar
from sliders_desktop.gui.playlist_menu import PlaylistMenu
from sliders_desktop.gui.rate_menu import RateMenu
from sliders_desktop.gui.track_model import TRACK_IDS, listed

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class MapActions(QObject):
    """Serves the bar of what was circled and the menu of what is selected.

    Signals:
        export_wanted(): the selection shall be written as a playlist.
        region_wanted(): what was circled shall be kept.
        playlist_wanted(), constellation_wanted(): a new one shall be made of it.
    """

    export_wanted = Signal()
    region_wanted = Signal()
    constellation_wanted = Signal()
    playlist_wanted = Signal()

    def __init__(self, session: "Session", bar: SelectionBar, view: QWidget) -> None:
        super().__init__(view)
        self._session, self._bar = session, bar
        self._catalogue = session.catalogue
        self._playback = session.playback
        self._view = view
        bar.play.clicked.connect(self.play)
        bar.shuffle.clicked.connect(self.shuffle)
        bar.save.clicked.connect(self.region_wanted)
        bar.export.clicked.connect(self.export_wanted)
        bar.queue.clicked.connect(self.queue)
        bar.radio.clicked.connect(self.radio)
        bar.rate.clicked.connect(self.ask_rating)
        bar.more.clicked.connect(self.show_more)

    def menu(self) -> QMenu:
        """For the selected tracks."""
        menu = QMenu(self._view)
        for text, call in (
            (self.tr("Play"), self.play),
            (self.tr("Play next"), self.play_next),
            (self.tr("Queue"), self.queue),
            (self.tr("Radio from here"), self.radio),
            (self.tr("Export as a playlist…"), self.export_wanted),
        ):
            menu.addAction(text).triggered.connect(call)
        more = PlaylistMenu(self._session, self._catalogue.selection, menu)
        more.new_wanted.connect(self.playlist_wanted)
        menu.addMenu(more)
        stars = ConstellationMenu(self._session, self._catalogue.selection, menu)
        stars.new_wanted.connect(self.constellation_wanted)
        menu.addMenu(stars)
        menu.addMenu(RateMenu(self._session, self._catalogue.selection, menu))
        return menu

    def show_more(self) -> None:
        """The menu of what was circled, above the bar's button."""
        menu, button = self.menu(), self._bar.more
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 4)))

    def ask_rating(self) -> None:
        """The nine keys for what was circled, above the bar's button."""
        menu = RateMenu(self._session, self._catalogue.selection, self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if not menu.isEnabled():
            self._session.message.emit(self.tr("Invent a slider first, then rate them."), "info")
            menu.deleteLater()
            return
        button = self._bar.rate
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 4)))
        menu.setActiveAction(menu.actions()[0])

    def play(self) -> None:
        self._playback.play(self._catalogue.selection)

    def shuffle(self) -> None:
        ids = self._catalogue.selection
        if ids:
            self._playback.set_shuffle(True)
            self._playback.play(ids, random.randrange(len(ids)))

    def play_next(self) -> None:
        self._playback.play_next(self._catalogue.selection)

    def queue(self) -> None:
        self._playback.enqueue(self._catalogue.selection)

    def mime(self) -> QMimeData:
        """What is dragged from the map, to a playlist."""
        data = QMimeData()
        data.setData(TRACK_IDS, listed(self._catalogue.selection))
        return data

    def drag(self) -> None:
        drag = QDrag(self._view)
        drag.setMimeData(self.mime())
        drag.exec(Qt.DropAction.CopyAction)

    def radio(self) -> None:
        self._playback.radio_from(self._catalogue.selection)
