"""Keeps the map: drawn when there is enough, new tracks placed, drawn anew after much growth."""

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.session.catalogue import Catalogue

FIRST_MAP_AT = 200
REDRAW_GROWTH = 1.2
LEAST_FOR_MAP = 3


class Atlas(QObject):
    """Starts the map's jobs, key "map" for a drawing and "place" for new points.

    Signals:
        failed(str): one sentence.
    """

    failed = Signal(str)

    def __init__(self, jobs: Jobs, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._catalogue = jobs, catalogue
        self._read = False
        self._fitted = 0  # tracks the shown map was drawn of
        self._encoder_id: int | None = None  # whose vectors it was drawn of
        catalogue.vectors_changed.connect(self.update)

    def start(self) -> None:
        """Show the stored map."""
        self._jobs.start("read", tasks.read_map, key="read-map", on_done=self._on_stored)

    def _on_stored(self, stored: tuple[Any, Any]) -> None:
        self._read = True
        self._fitted = len(stored[0])
        if self._fitted:
            self._catalogue.set_map(stored)
        self.update()

    def update(self) -> None:
        """First at 200 tracks, or when all are in; then whenever the library grew by a fifth."""
        vectors = self._catalogue.vectors
        if vectors is None or not self._read or self._jobs.job("map") is not None:
            return
        if self._encoder_id not in (None, vectors.encoder_id):
            self._change_to(vectors.encoder_id)
            return
        self._encoder_id = vectors.encoder_id
        heard = len(vectors.ids)
        more_comes = any(self._jobs.job(name) is not None for name in ("heard", "demo", "found"))
        enough = heard >= (FIRST_MAP_AT if more_comes else LEAST_FOR_MAP)
        if enough and heard > REDRAW_GROWTH * self._fitted:
            self.redraw()
        elif self._fitted and len(np.setdiff1d(vectors.ids, self._catalogue.map_ids)):
            self._jobs.start(
                "map",
                tasks.place_on_map,
                vectors,
                key="place",
                on_done=self._catalogue.set_map,
                on_failed=self.failed.emit,
            )

    def _change_to(self, encoder_id: int) -> None:
        """Another encoder serves: show its own map; where it has none, the old one until drawn."""
        self._encoder_id, self._read = encoder_id, False
        if (placing := self._jobs.job("place")) is not None:
            placing.cancel()
        self._jobs.start(
            "read", tasks.read_map, encoder_id, key="read-map", on_done=self._on_stored
        )

    def redraw(self) -> None:
        """Fit the map to all that has been listened to, near where it was."""
        vectors = self._catalogue.vectors
        if vectors is None or len(vectors.ids) < LEAST_FOR_MAP:
            return
        self._jobs.start(
            "map",
            tasks.fit_map,
            vectors,
            key="map",
            on_done=self._on_drawn,
            on_failed=self.failed.emit,
        )

    def _on_drawn(self, points: tuple[Any, Any]) -> None:
        self._fitted = len(points[0])
        self._catalogue.set_map(points)
        self.update()
