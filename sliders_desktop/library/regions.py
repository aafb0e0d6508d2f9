"""Regions of the map that the listener drew and named."""

import time

import numpy as np

from sliders_desktop.errors import UserError
from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import readable
from sliders_desktop.library.records import Region

_LEAST = 3  # corners


def regions(db: Database) -> list[Region]:
    """All there are, the oldest first."""
    rows = db.all("SELECT id, name, corners FROM regions ORDER BY id")
    return [Region(number, name, _corners(blob)) for number, name, blob in rows]


def save(db: Database, one: Region) -> int:
    """Keep a new one (id 0), or how one is from now on; its id. One that was deleted comes back.

    `UserError` if the name is empty or borne by another, or if it has no area.
    """
    name = readable(one.name)
    if not name:
        raise UserError("A region needs a name.")
    if len(one.corners) < _LEAST:
        raise UserError("Draw around some tracks first: a region needs an inside.")
    for known, other in db.all("SELECT id, name FROM regions"):
        if other.casefold() == name.casefold() and known != one.id:
            raise UserError(f"There is a region called “{other}” already.")
    blob = np.array(one.corners, "<f4").tobytes()
    with db.precious() as block:
        cursor = block.execute(
            """
            INSERT INTO regions (id, name, corners, created_at) VALUES (?, ?, ?, ?)
            ON CONFLICT(id) DO UPDATE SET name = excluded.name, corners = excluded.corners
            """,
            [one.id or None, name, blob, int(time.time())],
        )
        return one.id or int(cursor.lastrowid or 0)


def delete(db: Database, number: int) -> None:
    """The region alone; its tracks are not touched."""
    db.write("DELETE FROM regions WHERE id = ?", [number])


def _corners(blob: bytes) -> tuple[tuple[float, float], ...]:
    return tuple((x, y) for x, y in np.frombuffer(blob, "<f4").reshape(-1, 2).tolist())
