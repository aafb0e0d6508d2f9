"""From track to track by the arrow keys, heard and announced: the map for ears and hands."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from sliders_desktop.gui.map_camera import MapCamera
from sliders_desktop.gui.map_sky import MapSky
from sliders_desktop.session.map_index import towards

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

NEAR = 40  # tracks are a neighbourhood


class MapWalk(QObject):
    """Knows the neighbourhood one walks in.

    Signals:
        stepped(int): to this point. moved(): the neighbourhood is another, or is seen from another.
    """

    stepped = Signal(int)
    moved = Signal()

    def __init__(self, session: "Session", sky: MapSky, camera: MapCamera, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._session, self._sky, self._camera, self._canvas = session, sky, camera, canvas
        self.around: int | None = None  # the track whose neighbourhood it is
        self.near: list[int] = []  # ids, the nearest first, that one itself among them
        session.catalogue.map_changed.connect(self._on_map_changed)

    def step(self, right: int, up: int) -> None:
        """To the nearest track in that direction, y up; from what is chosen, else what plays."""
        start = self._start()
        row = self._at_middle() if start is None else towards(self._sky.grid, start, (right, up))
        if row is None:
            self._announce(self.tr("Nothing lies further in that direction."))
            if self._session.settings.earcons and start is not None:
                self._session.tasting.stop_short()
            return
        self.go(int(self._sky.ids[row]))

    def go(self, track_id: int) -> None:
        """Choose this track, look at it, and say where one is."""
        row = self._sky.row(track_id)
        if row is None:
            return
        if track_id not in self.near:
            self.look_around(track_id)
        self._session.catalogue.select([track_id])
        x, y = self._sky.xy[row].tolist()
        self._camera.ensure_visible(x, y)
        self.stepped.emit(row)
        self._announce(self.said(track_id))
        self.moved.emit()
        if self._session.settings.earcons:
            lens = self._camera.lens
            across, down = lens.to_view(x, y)
            self._session.tasting.step(across / lens.width, 1.0 - down / lens.height)

    def look_around(self, track_id: int) -> None:
        """The neighbourhood of this track from now on."""
        row = self._sky.row(track_id)
        if row is None:
            return
        away = ((self._sky.xy - self._sky.xy[row]) ** 2).sum(axis=1)
        count = min(NEAR, len(away))
        nearest = np.argpartition(away, count - 1)[:count]
        nearest = nearest[np.lexsort((self._sky.ids[nearest], away[nearest]))]
        at = int(np.flatnonzero(nearest == row)[0]) if row in nearest else count - 1
        nearest[1 : at + 1], nearest[0] = nearest[:at].copy(), row  # itself comes first
        self.around, self.near = track_id, self._sky.ids[nearest].tolist()
        self.moved.emit()

    def look_around_middle(self) -> None:
        """The neighbourhood of what lies in the middle of the view."""
        row = self._at_middle()
        if row is not None:
            self.look_around(int(self._sky.ids[row]))

    def said(self, track_id: int) -> str:
        """What is announced of a track: “Low Tide, Coastal Static, 3 of 40 near Slow Harbour”."""
        catalogue = self._session.catalogue
        track = catalogue.track(track_id)
        if track is None:
            return ""
        words = [track.title, track.artist] if track.artist else [track.title]
        middle = catalogue.track(self.around) if self.around is not None else None
        if middle is not None and track_id in self.near:
            text = self.tr("{n} of {count} near {title}")
            words.append(
                text.format(
                    n=self.near.index(track_id) + 1, count=len(self.near), title=middle.title
                )
            )
        return ", ".join(words)

    def _start(self) -> tuple[float, float] | None:
        selection, current = self._session.catalogue.selection, self._session.playback.current
        row = self._sky.row(selection[-1]) if selection else None
        if row is None and current is not None:
            row = self._sky.row(current.id)
        if row is None:
            return None
        x, y = self._sky.xy[row].tolist()
        return x, y

    def _at_middle(self) -> int | None:
        lens = self._camera.lens
        middle = lens.to_map(lens.width / 2, lens.height / 2)
        return self._sky.near(*middle, max(lens.width, lens.height) / lens.scale)

    def _announce(self, text: str) -> None:
        self._canvas.setAccessibleDescription(text)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._canvas, text))

    def _on_map_changed(self) -> None:
        if self.around is not None:
            around, self.around, self.near = self.around, None, []
            self.look_around(around)
            self.moved.emit()
