"""Where tracks lie on the map, where they lay before, and who is near whom; by encoder."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.library.database import Database, sentences
from sliders_desktop.library.records import MapState
from sliders_desktop.library.tracks import THESE, listed

Ids = NDArray[np.int64]
Places = tuple[Ids, NDArray[np.float32]]

_BLOCK = 4096  # rows: some 50 ms, since a rating may be waiting for its turn to write
_PLACE = np.dtype([("id", "<i8"), ("xy", "<f4", 2)])


class Neighbours(NamedTuple):
    """Each track's nearest others, nearest first, as seen from ``centre`` (d,).

    ``ids`` (n,) ascending; ``marks`` (n,) tell whether a vector is still the one that was compared;
    ``near`` (n, k) are track ids, −1 for none, and ``distance`` (n, k) how far they are.
    """

    ids: Ids
    marks: Ids
    near: NDArray[np.int32]
    distance: NDArray[np.float32]
    centre: NDArray[np.float32]


def state(db: Database, encoder_id: int) -> MapState:
    """See `Store.map_state`."""
    row = db.one(
        """
        SELECT tracks, anew, lent, declined, half, earlier NOT NULL FROM maps WHERE encoder_id = ?
        """,
        [encoder_id],
    )
    return MapState(*row[:2], *map(bool, row[2:])) if row else MapState()


def places(db: Database, encoder_id: int) -> Places:
    """Ids (n,), ascending, and xy (n, 2), filled piece by piece so that no second copy is held."""
    n = db.one("SELECT count(*) FROM map_points WHERE encoder_id = ?", [encoder_id])[0]
    ids, xy, filled = np.empty(n, np.int64), np.empty((n, 2), np.float32), 0
    with sentences():
        cursor = db.connection.execute(
            """
            SELECT track_id, x, y FROM map_points WHERE encoder_id = ? ORDER BY track_id LIMIT ?
            """,
            [encoder_id, n],
        )
        while rows := cursor.fetchmany(_BLOCK):
            part = slice(filled, filled := filled + len(rows))
            table = np.array(rows, np.float64)
            ids[part], xy[part] = table[:, 0], table[:, 1:]
    return ids[:filled], xy[:filled]


def before(db: Database, encoder_id: int) -> Places:
    """See `Store.map_before`."""
    row = db.one(
        """
        SELECT id FROM encoders WHERE id IS NOT ?
        AND EXISTS (SELECT 1 FROM map_points WHERE encoder_id = encoders.id)
        ORDER BY used DESC
        """,
        [encoder_id],
    )
    return places(db, row[0]) if row else (np.empty(0, np.int64), np.empty((0, 2), np.float32))


def replace(db: Database, encoder_id: int, new: Places, after: MapState) -> None:
    """Put ``new`` in place of an encoder's map, and keep what was there as the earlier one.

    In short blocks; should the program die between two, `mend` brings the earlier one back.
    """
    if not state(db, encoder_id).half:  # else what is there is no map
        ids, xy = places(db, encoder_id)
        lay = np.empty(len(ids), _PLACE)
        lay["id"], lay["xy"] = ids, xy
        _note(db, encoder_id, after._replace(half=True))
        with db.derived() as block:
            block.execute(
                "UPDATE maps SET earlier = ? WHERE encoder_id = ?",
                [lay.tobytes() if len(ids) else None, encoder_id],
            )
    add(db, encoder_id, new)
    with db.derived() as block:
        block.execute(
            f"DELETE FROM map_points WHERE encoder_id = ? AND track_id NOT IN {THESE}",
            [encoder_id, listed(new[0])],
        )
    _note(db, encoder_id, after._replace(half=False))


def add(db: Database, encoder_id: int, new: Places) -> None:
    """Place or move some tracks, and leave the others."""
    for at in range(0, len(new[0]), _BLOCK):
        ids, xy = (part[at : at + _BLOCK] for part in new)
        with db.derived() as block:
            block.executemany(
                "REPLACE INTO map_points VALUES (?, ?, ?, ?)",
                [
                    (encoder_id, track_id, x, y)
                    for track_id, (x, y) in zip(
                        ids.tolist(), xy.astype(float).tolist(), strict=True
                    )
                ],
            )


def earlier(db: Database, encoder_id: int) -> Places:
    """The places before the last `replace`, of tracks that are still there; empty if none."""
    row = db.one("SELECT earlier FROM maps WHERE encoder_id = ?", [encoder_id])
    lay = np.frombuffer(row[0] if row and row[0] else b"", _PLACE)
    there = db.all(f"SELECT id FROM tracks WHERE id IN {THESE}", [listed(lay["id"])])
    lay = lay[np.isin(lay["id"], [row[0] for row in there])]
    return lay["id"].copy(), lay["xy"].copy()


def take_back(db: Database, encoder_id: int) -> None:
    """Let the map and the earlier one change places."""
    there = earlier(db, encoder_id)
    if len(there[0]):
        replace(db, encoder_id, there, state(db, encoder_id))


def mend(db: Database, encoder_id: int) -> None:
    """Bring the earlier map back where `replace` was cut off."""
    now = state(db, encoder_id)
    if now.half:
        there = earlier(db, encoder_id)
        replace(db, encoder_id, there, now._replace(tracks=len(there[0])))


def decline(db: Database, encoder_id: int) -> None:
    """Keep the lent map: no other is offered any more."""
    with db.derived() as block:
        block.execute("UPDATE maps SET declined = 1 WHERE encoder_id = ?", [encoder_id])


def _note(db: Database, encoder_id: int, now: MapState) -> None:
    with db.derived() as block:
        block.execute(
            """
            INSERT INTO maps (encoder_id, tracks, anew, lent, declined, half)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
            tracks = excluded.tracks, anew = excluded.anew, lent = excluded.lent,
            declined = excluded.declined, half = excluded.half
            """,
            [encoder_id, now.tracks, now.anew, now.lent, now.declined, now.half],
        )


def neighbours(db: Database, encoder_id: int) -> Neighbours | None:
    """See `Store.neighbours`."""
    row = db.one("SELECT centre FROM maps WHERE encoder_id = ?", [encoder_id])
    if row is None or row[0] is None:
        return None
    rows = db.all(
        "SELECT track_id, mark, near FROM map_neighbours WHERE encoder_id = ? ORDER BY track_id",
        [encoder_id],
    )
    if not rows:
        return None
    ids, marks, blobs = zip(*rows, strict=True)
    if len({len(blob) for blob in blobs}) > 1:
        return None
    both = np.frombuffer(b"".join(blobs), "<i4").reshape(len(rows), -1)
    k = both.shape[1] // 2
    return Neighbours(
        np.array(ids, np.int64),
        np.array(marks, np.int64),
        both[:, :k],
        both[:, k:].view("<f4"),
        np.frombuffer(row[0], "<f4"),
    )


def save_neighbours(db: Database, encoder_id: int, now: Neighbours, changed: Ids) -> None:
    """Keep the rows ``changed`` (c,) of ``now``, and drop tracks that are not in it."""
    with db.derived() as block:
        block.execute(
            """
            INSERT INTO maps (encoder_id, centre) VALUES (?, ?)
            ON CONFLICT DO UPDATE SET centre = excluded.centre
            """,
            [encoder_id, np.asarray(now.centre, "<f4").tobytes()],
        )
        block.execute(
            f"DELETE FROM map_neighbours WHERE encoder_id = ? AND track_id NOT IN {THESE}",
            [encoder_id, listed(now.ids)],
        )
    for at in range(0, len(changed), _BLOCK):
        part = changed[at : at + _BLOCK]
        near = np.asarray(now.near[part], "<i4")
        both = np.concatenate([near, np.asarray(now.distance[part], "<f4").view("<i4")], 1)
        with db.derived() as block:
            block.executemany(
                "REPLACE INTO map_neighbours VALUES (?, ?, ?, ?)",
                [
                    (encoder_id, track_id, mark, row.tobytes())
                    for track_id, mark, row in zip(
                        now.ids[part].tolist(), now.marks[part].tolist(), both, strict=True
                    )
                ],
            )
