"""Play where I hover: what lies under the brush plays on and on. Main thread."""

import random
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QPointF, QTimer, Signal

from sliders_desktop.gui.map_camera import MapCamera
from sliders_desktop.gui.map_marks import MapMarks
from sliders_desktop.gui.map_sky import MapSky

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

SETTLE_MS = 450  # that the brush stays before what plays follows it
LEAST_PX, MOST_PX = 12.0, 400.0
CORNERS = 40  # of the circle, as a polygon


class MapBrush(QObject):
    """A circle around the pointer; once it stays somewhere, that is what plays.

    Signals:
        changed(bool): it is taken up, or put away.
    """

    changed = Signal(bool)

    def __init__(
        self, session: "Session", sky: MapSky, marks: MapMarks, camera: MapCamera, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._sky, self._marks, self._camera = session, sky, marks, camera
        self.on = False
        self.radius = 48.0
        self._at: QPointF | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._play)
        session.playback.queue_changed.connect(self._on_queue_changed)

    def set_on(self, on: bool) -> None:
        if on != self.on:
            self.on = on
            self._show()
            self.changed.emit(on)

    def size(self, factor: float) -> None:
        """Larger or smaller."""
        self.radius = min(MOST_PX, max(LEAST_PX, self.radius * factor))
        self._show()

    def point(self, at: QPointF | None) -> None:
        """The pointer is there; None: away, and what plays goes on from where it was."""
        if not self.on:
            return
        if at is not None:
            self._at = at
            self._settle.start()
        else:
            self._settle.stop()
        self._show()

    def under(self) -> list[int]:
        """The tracks in the circle that do not fade."""
        if self._at is None:
            return []
        lens = self._camera.lens
        x, y = lens.to_map(self._at.x(), self._at.y())
        angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
        ring = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (self.radius / lens.scale)
        rows = self._sky.grid.inside(ring + np.array([x, y]))
        if self._sky.shown is not None:
            rows = rows[self._sky.shown[rows]]
        found: list[int] = self._sky.ids[rows].tolist()
        return found

    def _play(self) -> None:
        """What plays stays, if it lies here; what comes next is from here in any case."""
        ids, playback = self.under(), self._session.playback
        if not ids:
            return
        random.shuffle(ids)
        current = playback.current
        if current is not None and playback.playing and current.id in ids:
            ids.remove(current.id)
            playback.clear()
            playback.enqueue(ids)
        else:
            playback.play(ids)

    def _on_queue_changed(self) -> None:
        """Endless: when all under it were heard, they are heard again."""
        playback = self._session.playback
        if self.on and self._at is not None and playback.playing:
            own = [item for item in playback.up_next if item.origin != "recommended"]
            if not own:
                QTimer.singleShot(0, self, self._again)

    def _again(self) -> None:
        playback, current = self._session.playback, self._session.playback.current
        if not self.on or any(item.origin != "recommended" for item in playback.up_next):
            return
        ids = [i for i in self.under() if current is None or i != current.id]
        random.shuffle(ids)
        if ids:
            playback.enqueue(ids)

    def _show(self) -> None:
        at = self._at
        self._marks.marks.brush = (at, self.radius) if self.on and at is not None else None
        self._marks.update()
