"""Keeps the map: drawn when there is enough, new tracks placed, drawn anew after much growth."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.session.catalogue import Catalogue

FIRST_MAP_AT = 200
REDRAW_GROWTH = 1.2
LEAST_FOR_MAP = 3
OFFER = (
    "Sliders hears your music with new ears. The map is still the one you know; "
    "it can be drawn anew as it sounds now."
)

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Morph:
    """The same tracks ids (p,), ascending, on two maps: places before and after (p, 2)."""

    ids: Array
    before: Array
    after: Array


class Atlas(QObject):
    """Starts the map's jobs, key "map" for a drawing and "place" for new points.

    Signals:
        failed(str): one sentence.
        forming(ids, xy): while the map is drawn, a few times a second, how far it is.
        moves(Morph): the map shown is about to become another drawing; `Catalogue.map_changed`
            comes next. Not for new points, which move nobody.
        state_changed(): `offer` or `can_undo` may be another.
    """

    failed = Signal(str)
    forming = Signal(object, object)
    moves = Signal(object)
    state_changed = Signal()
    _formed = Signal(object, object)  # from the lane

    def __init__(self, jobs: Jobs, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._catalogue = jobs, catalogue
        self.device = "cpu"  # what vectors are compared on, as in the settings
        self._read = False
        self._shown: tasks.Map | None = None
        self._fitted = 0  # tracks the shown map was drawn of, or the listener stopped it at
        self._encoder_id: int | None = None  # whose vectors it was drawn of
        self._formed.connect(self._on_formed, Qt.ConnectionType.QueuedConnection)
        catalogue.vectors_changed.connect(self.update)

    # what the window sees

    @property
    def offer(self) -> str:
        """Where the encoder is another, and the map still that of the one before: a sentence."""
        state = self._shown and self._shown.state
        return OFFER if state and state.lent and not state.declined else ""

    @property
    def can_undo(self) -> bool:
        """Whether the map before the last drawing can be had back."""
        return self._shown is not None and self._shown.state.undoable and not self._busy

    def accept(self) -> None:
        """Draw what was offered."""
        self.redraw()

    def decline(self) -> None:
        """Keep the map as it is; nothing is offered again until there is another encoder."""
        if self.offer and self._shown is not None and self._shown.encoder_id is not None:
            self._jobs.start(
                "map",
                tasks.decline_map,
                self._shown.encoder_id,
                key="decline-map",
                on_done=self._on_declined,
                on_failed=self.failed.emit,
            )

    def undo(self) -> None:
        """Have the map before the last drawing back; once more, the one of now."""
        if self.can_undo and self._shown is not None:
            self._jobs.start(
                "map",
                tasks.take_back_map,
                self._shown.encoder_id,
                key="map",
                on_done=self._on_drawn,
                on_failed=self.failed.emit,
            )

    def hold(self) -> None:
        """The listener stopped a drawing: no other until the library has grown again."""
        self._fitted = max(self._fitted, self._catalogue.heard_count)

    # keeping it

    @property
    def _busy(self) -> bool:
        return self._jobs.job("map") is not None

    def start(self) -> None:
        """Show the stored map."""
        self._jobs.start("read", tasks.read_map, key="read-map", on_done=self._on_stored)

    def _on_stored(self, stored: tasks.Map) -> None:
        self._read = True
        self._shown, self._fitted = None, 0
        if len(stored.ids):
            self._show(stored)
        self.update()

    def update(self) -> None:
        """First at 200 tracks, or when all are in; then whenever the library grew by a fifth."""
        vectors = self._catalogue.vectors
        if vectors is None or not self._read or self._busy:
            return
        if self._encoder_id not in (None, vectors.encoder_id):
            self._change_to(vectors.encoder_id)
            return
        self._encoder_id = vectors.encoder_id
        heard = len(vectors.ids)
        more_comes = any(self._jobs.job(name) is not None for name in ("heard", "demo", "found"))
        enough = heard >= (FIRST_MAP_AT if more_comes else LEAST_FOR_MAP)
        lent = self._shown is not None and self._shown.state.lent  # never drawn unasked
        if enough and heard > REDRAW_GROWTH * self._fitted and not lent:
            self._draw(vectors)
        elif self._shown is not None and len(np.setdiff1d(vectors.ids, self._catalogue.map_ids)):
            self._jobs.start(
                "map",
                tasks.place_on_map,
                vectors,
                key="place",
                on_done=self._on_placed,
                on_failed=self.failed.emit,
            )

    def redraw(self) -> None:
        """Draw the map anew of all that has been listened to, beginning where it is."""
        vectors = self._catalogue.vectors
        if vectors is not None and len(vectors.ids) >= LEAST_FOR_MAP:
            self._draw(vectors, anew=True)

    def _change_to(self, encoder_id: int) -> None:
        """Another encoder serves: show its own map; where it has none, the one there was."""
        self._encoder_id, self._read = encoder_id, False
        if (placing := self._jobs.job("place")) is not None:
            placing.cancel()
        self._jobs.start(
            "read", tasks.read_map, encoder_id, key="read-map", on_done=self._on_stored
        )

    def _draw(self, vectors: tasks.Vectors, anew: bool = False) -> None:
        self._jobs.start(
            "map",
            tasks.fit_map,
            vectors,
            self.device,
            anew,
            self._formed.emit,
            key="map",
            on_done=self._on_drawn,
            on_failed=self.failed.emit,
        )

    def _on_formed(self, ids: Array, xy: Array) -> None:
        if self._busy:
            self.forming.emit(ids, xy)

    def _on_drawn(self, drawn: tasks.Map) -> None:
        if self._encoder_id not in (None, drawn.encoder_id):
            self.update()
            return
        self._show(drawn)
        self.update()

    def _on_placed(self, placed: tasks.Map) -> None:
        self._shown = placed
        self._catalogue.set_map((placed.ids, placed.xy))

    def _on_declined(self, _: None) -> None:
        if self._shown is not None:
            self._shown = tasks.Map(
                self._shown.encoder_id,
                self._shown.ids,
                self._shown.xy,
                self._shown.state._replace(declined=True),
            )
        self.state_changed.emit()

    def _show(self, new: tasks.Map) -> None:
        """Another drawing takes the place of the one shown."""
        self._shown, self._fitted = new, new.state.tracks
        old_ids, old_xy = self._catalogue.map_ids, self._catalogue.map_xy
        ids, at, before = np.intersect1d(new.ids, old_ids, assume_unique=True, return_indices=True)
        if len(ids) and not np.array_equal(new.xy[at], old_xy[before]):
            self.moves.emit(Morph(ids, old_xy[before], new.xy[at]))
        self._catalogue.set_map((new.ids, new.xy))
        self.state_changed.emit()
