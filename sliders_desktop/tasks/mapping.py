"""The map: read, drawn, added to, taken back. Lane `map`, but for `read_map`: lane `read`."""

import logging
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sliders_desktop.errors import UserError
from sliders_desktop.library.maps import Neighbours
from sliders_desktop.library.records import MapState
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.reading import Array, Vectors, rows_of

if TYPE_CHECKING:  # what is read needs no more than numpy
    from sliders_desktop.ml.neighbours import Table

log = logging.getLogger(__name__)

Forming = Callable[[Array, Array], None]  # ids (n,) and their places (n, 2) until now

GROWN = 1.5  # times the tracks of the last drawing from the ground up: another one is due
KEPT_FROM = 1000  # tracks, from which on it pays to keep who is near whom
DRIFT = 0.05  # of a vector's usual length that the middle may move before all is seen anew
DEVICE_FROM = 5000  # tracks, from which on it pays to wake a graphics card
SHOWN_EVERY_S = 0.25


@dataclass(frozen=True, eq=False)
class Map:
    """Places xy (p, 2) of tracks ids (p,), ascending, and how they came about."""

    encoder_id: int | None
    ids: Array
    xy: Array
    state: MapState


def read_map(store: Store, encoder_id: int | None = None, job: Job = NO_JOB) -> Map:
    """The stored map of an encoder, else of the one that serves.

    One without a map of its own is lent the places of the encoder before: those the listener knows.
    """
    if encoder_id is None:
        encoder_id = store.serving_encoder()
    if encoder_id is None:
        return Map(None, np.empty(0, np.int64), np.empty((0, 2), np.float32), MapState())
    store.mend_map(encoder_id)
    ids, xy = store.map_points(encoder_id)
    if not len(ids):
        ids, xy = store.map_before(encoder_id)
        if len(ids):
            store.save_map(encoder_id, ids, xy, lent=True)
    return Map(encoder_id, ids, xy, store.map_state(encoder_id))


def fit_map(
    store: Store,
    vectors: Vectors,
    device: str = "cpu",
    anew: bool = False,
    forming: Forming | None = None,
    job: Job = NO_JOB,
) -> Map:
    """Draw the map, near where it was, and store it; ``forming`` sees it come about, on this lane.

    ``anew``, or where the library has grown much since that was done last, it only begins where it
    was. Tracks whose vectors are no numbers are left out; `UserError` if there are no others.
    """
    from sliders_desktop.ml import projection

    vectors = _finite(vectors)
    ids, x = vectors.ids, vectors.x
    state = store.map_state(vectors.encoder_id)
    places = store.map_points(vectors.encoder_id)
    if not len(places[0]):
        places = store.map_before(vectors.encoder_id)
    start = _start(places, ids)
    anew = anew or start is None or len(ids) >= GROWN * state.anew
    near = _neighbours(store, vectors, device, job)
    centre = None if near is None else near.centre
    drawn = projection.fit(
        x,
        table=None if near is None else _table(near),
        centre=centre,
        start=start,
        anew=anew,
        job=job,
        on_step=None if forming is None else _now_and_then(forming, ids),
    )
    store.save_map(vectors.encoder_id, ids, drawn, anew=anew)
    return Map(vectors.encoder_id, ids, drawn, store.map_state(vectors.encoder_id))


def place_on_map(store: Store, vectors: Vectors, job: Job = NO_JOB) -> Map:
    """Give new tracks a place among their neighbours; nobody else moves."""
    from sliders_desktop.ml.placing import place

    encoder_id, vectors = vectors.encoder_id, _finite(vectors)
    start = _start(store.map_points(encoder_id), vectors.ids, least=0.0)
    if start is not None:
        new = ~np.isfinite(start).all(1)
        placed = place(vectors.x, start, job=job)
        store.add_map_points(encoder_id, vectors.ids[new], placed[new])
    return Map(encoder_id, *store.map_points(encoder_id), store.map_state(encoder_id))


def take_back_map(store: Store, encoder_id: int, job: Job = NO_JOB) -> Map:
    """The map as it was before the last drawing; done twice, as it is now."""
    store.take_back_map(encoder_id)
    return Map(encoder_id, *store.map_points(encoder_id), store.map_state(encoder_id))


def decline_map(store: Store, encoder_id: int, job: Job = NO_JOB) -> None:
    """Keep the places that were lent to an encoder."""
    store.decline_map(encoder_id)


def _finite(vectors: Vectors) -> Vectors:
    whole = np.isfinite(vectors.x).all(1)
    if whole.all():
        return vectors
    log.info("%d vectors that are no numbers have no place on the map", (~whole).sum())
    if not whole.any():
        raise UserError("No track can be drawn: please let Sliders listen to the music again.")
    return Vectors(vectors.encoder_id, vectors.ids[whole], vectors.x[whole])


def _start(places: tuple[Array, Array], ids: Array, least: float = 0.5) -> Array | None:
    """Where ``ids`` (n,) lie (n, 2), NaN where nowhere yet; None if so few of them do."""
    at = rows_of(places[0], ids)
    if (at >= 0).sum() <= least * len(ids):
        return None
    start = np.full((len(ids), 2), np.nan, np.float32)
    start[at[at >= 0]] = places[1][at >= 0]
    return start


def _now_and_then(forming: Forming, ids: Array) -> Callable[[Array], None]:
    last = -SHOWN_EVERY_S

    def show(xy: Array) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= SHOWN_EVERY_S:
            last = now
            forming(ids, xy)

    return show


def _neighbours(store: Store, vectors: Vectors, device: str, job: Job) -> Neighbours | None:
    """Who is near whom now: what was kept, and what is new compared; None for a small library."""
    from sliders_desktop.ml import neighbours

    ids, x = vectors.ids, vectors.x
    if len(ids) < KEPT_FROM:
        return None
    marks = np.fromiter(map(zlib.crc32, np.ascontiguousarray(x)), np.int64, len(ids))
    centre = neighbours.middle(x)
    kept = store.neighbours(vectors.encoder_id)
    known, new = None, np.ones(len(ids), np.bool_)
    if kept is not None and kept.near.shape[1] == neighbours.NEIGHBOURS - 1:
        spread = float(np.sqrt(np.mean((x[:: 1 + len(x) // 4096] - centre) ** 2)))
        if float(np.sqrt(np.mean((kept.centre - centre) ** 2))) <= DRIFT * spread:
            centre = kept.centre
            known, new = _still(kept, ids, marks)
    if new.any():
        table = neighbours.nearest(
            neighbours.directions(x, centre),
            neighbours.NEIGHBOURS - 1,
            known,
            new,
            _device(device) if len(ids) >= DEVICE_FROM and new.mean() > 0.2 else "cpu",
            job=job,
        )
    elif known is not None:
        table = known
    near = np.where(table.rows < 0, -1, ids[table.rows]).astype(np.int32)
    now = Neighbours(ids, marks, near, table.distance, centre)
    changed = new if known is None else new | (table.rows != known.rows).any(1)
    store.save_neighbours(vectors.encoder_id, now, np.flatnonzero(changed))
    return now


def _still(kept: Neighbours, ids: Array, marks: Array) -> "tuple[Table, Array]":
    """What of ``kept`` holds for ``ids`` (n,), as a table of their rows, and who is new (n,).

    New is also whose list has lost one, by its going or by its vector's changing.
    """
    from sliders_desktop.ml.neighbours import Table

    at = rows_of(kept.ids, ids)
    at[at >= 0] = np.where(marks[at[at >= 0]] == kept.marks[at >= 0], at[at >= 0], -1)
    back = rows_of(kept.near.ravel().astype(np.int64), kept.ids).reshape(kept.near.shape)
    rows = np.where(kept.near < 0, -1, at[back])
    lost = ((rows < 0) & (kept.near >= 0)).any(1)
    good = (at >= 0) & ~lost
    table = Table(
        np.full((len(ids), kept.near.shape[1]), -1, np.int32),
        np.full((len(ids), kept.near.shape[1]), 3, np.float32),
    )
    table.rows[at[good]], table.distance[at[good]] = rows[good], kept.distance[good]
    new = np.ones(len(ids), np.bool_)
    new[at[good]] = False
    return table, new


def _table(near: Neighbours) -> "Table":
    """The same by row numbers."""
    from sliders_desktop.ml.neighbours import Table

    rows = rows_of(near.near.ravel().astype(np.int64), near.ids).reshape(near.near.shape)
    return Table(rows.astype(np.int32), near.distance)


def _device(setting: str) -> str:
    """Where vectors are compared; the processor where the other is not there any more."""
    from sliders_desktop.ml.encoder import pick_device

    try:
        return str(pick_device(setting))
    except UserError as error:
        log.info("neighbours on the processor: %s", error)
        return "cpu"
