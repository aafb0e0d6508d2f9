"""Constellations: weighted tracks to set out from, and how what follows them is chosen.

Each is one record and is written as one: whoever changes it says how it shall be, and the record
of before is the undo. A track that leaves the library leaves its constellations.
"""

import sqlite3
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from sliders_desktop.errors import UserError
from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import numbered, readable
from sliders_desktop.library.records import Constellation, Star

MOST_STARS = 500

_Rows = list[tuple[int, int, float]]  # position, track, weight


def constellations(db: Database) -> list[Constellation]:
    """All there are, the oldest first; the stars of each in the order they were added."""
    stars: dict[int, list[Star]] = defaultdict(list)
    for number, track_id, weight in db.all(
        "SELECT constellation_id, track_id, weight FROM stars ORDER BY constellation_id, position"
    ):
        stars[number].append(Star(track_id, weight))
    rows = db.all(
        """
        SELECT id, name, mode, near_far, forgotten, artist_gap, seed FROM constellations
        ORDER BY id
        """
    )
    return [Constellation(row[0], row[1], tuple(stars[row[0]]), *row[2:]) for row in rows]


def free_name(db: Database, name: str) -> str:
    """``name``, or where that is taken “name 2”, “name 3”, …"""
    return numbered(name, _names(db).values())


def create(db: Database, one: Constellation) -> Constellation:
    """Keep a new one, under an id of its own where it has none (0)."""
    now = int(time.time())
    with db.precious() as block:
        cursor = block.execute(
            """
            INSERT INTO constellations
                (id, name, mode, near_far, forgotten, artist_gap, seed, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [one.id or None, *_columns(db, one), now],
        )
        made = replace(one, id=int(cursor.lastrowid or 0), name=readable(one.name))
        _put(block, made, [])
    return made


def save(db: Database, one: Constellation) -> None:
    """From now on it is like this; only the stars that differ are written."""
    with db.precious() as block:
        known = block.execute(
            "SELECT position, track_id, weight FROM stars WHERE constellation_id = ?"
            " ORDER BY position",
            [one.id],
        ).fetchall()
        done = block.execute(
            """
            UPDATE constellations SET name = ?, mode = ?, near_far = ?, forgotten = ?,
                artist_gap = ?, seed = ? WHERE id = ?
            """,
            [*_columns(db, one), one.id],
        )
        if not done.rowcount:
            raise UserError("That constellation is gone.")
        _put(block, one, known)


def delete(db: Database, number: int) -> None:
    """The constellation alone; its tracks are not touched."""
    db.write("DELETE FROM constellations WHERE id = ?", [number])


def _put(block: sqlite3.Connection, one: Constellation, known: _Rows) -> None:
    """Make the stars of ``one`` hold in place of the ``known``."""
    if len(one.stars) > MOST_STARS:
        raise UserError(
            f"A constellation holds {MOST_STARS} stars at most: choose fewer tracks, or make a"
            " playlist of them."
        )
    wanted = {star.track_id: star.weight for star in one.stars}
    kept = [row for row in known if row[1] in wanted]
    if [track_id for _, track_id, _ in kept] != list(wanted)[: len(kept)]:
        kept = []  # another order: one that was taken out comes back among the others
    same = {track_id for _, track_id, _ in kept}
    gone = [(one.id, track_id) for _, track_id, _ in known if track_id not in same]
    block.executemany("DELETE FROM stars WHERE constellation_id = ? AND track_id = ?", gone)
    block.executemany(
        "UPDATE stars SET weight = ? WHERE constellation_id = ? AND track_id = ?",
        [(wanted[i], one.id, i) for _, i, weight in kept if weight != wanted[i]],
    )
    first = kept[-1][0] + 1 if kept else 0
    block.executemany(
        """
        INSERT INTO stars (constellation_id, position, track_id, weight)
        SELECT ?, ?, id, ? FROM tracks WHERE id = ?
        """,
        [
            (one.id, position, wanted[track_id], track_id)
            for position, track_id in enumerate(list(wanted)[len(kept) :], first)
        ],
    )


def _columns(db: Database, one: Constellation) -> Sequence[str | float | int]:
    name = readable(one.name)
    if not name:
        raise UserError("A constellation needs a name.")
    for number, known in _names(db).items():
        if known.casefold() == name.casefold() and number != one.id:
            raise UserError(f"There is a constellation called “{known}” already.")
    return name, one.mode, one.near_far, one.forgotten, one.artist_gap, one.seed


def _names(db: Database) -> dict[int, str]:
    return dict(db.all("SELECT id, name FROM constellations"))
