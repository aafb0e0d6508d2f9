"""Playlists: tracks in an order, by hand; a track may stand in one several times.

A row's `position` says what comes before what, no more: there is room between two, so that a
change writes as many rows as it moves, however long the list is.
"""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sliders_desktop.errors import UserError
from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import numbered, readable
from sliders_desktop.library.records import Playlist

MOST_TRACKS = 100_000
_ROOM = 1 << 20  # between the positions of two tracks
_ROWS = "SELECT position, track_id FROM playlist_tracks WHERE playlist_id = ? ORDER BY position"

_Rows = list[tuple[int, int]]  # position, track


def playlists(db: Database) -> list[Playlist]:
    """All there are, the oldest first."""
    rows = db.all(
        """
        SELECT id, name, (SELECT count(*) FROM playlist_tracks WHERE playlist_id = playlists.id),
            updated_at
        FROM playlists ORDER BY id
        """
    )
    return [Playlist(*row) for row in rows]


def tracks(db: Database, list_id: int) -> list[int]:
    """Its tracks in their order."""
    return [track_id for _, track_id in db.all(_ROWS, [list_id])]


def create(db: Database, name: str, ids: Iterable[int], list_id: int | None = None) -> int:
    """Make one of these tracks; its id. One that was deleted gets its ``list_id`` back."""
    now = int(time.time())
    with db.precious() as block:
        cursor = block.execute(
            "INSERT INTO playlists (id, name, created_at, updated_at) VALUES (?, ?, ?, ?)",
            [list_id, _free(db, name), now, now],
        )
        made = int(cursor.lastrowid or 0)
        _put(block, made, [], 0, list(ids))
    return made


def free_name(db: Database, name: str) -> str:
    """``name``, or where that is taken “name 2”, “name 3”, …"""
    taken = (known for (known,) in db.all("SELECT name FROM playlists"))
    return numbered(readable(name) or "Playlist", taken)


def rename(db: Database, list_id: int, name: str) -> None:
    """`UserError` if the name is empty or borne by another."""
    with db.precious() as block:
        _there(db, list_id)
        block.execute(
            "UPDATE playlists SET name = ? WHERE id = ?", [_free(db, name, list_id), list_id]
        )


def delete(db: Database, list_id: int) -> None:
    """The list alone; its tracks are not touched."""
    db.write("DELETE FROM playlists WHERE id = ?", [list_id])


def replace(db: Database, list_id: int, ids: Sequence[int]) -> None:
    """From now on these, in this order."""
    with _change(db, list_id) as (block, rows):
        before = [track_id for _, track_id in rows]
        start = _alike(before, ids)
        ends = min(len(before), len(ids)) - start
        end = min(ends, _alike(before[::-1], ids[::-1]))
        _take(block, list_id, rows, range(start, len(before) - end))
        _put(block, list_id, rows, start, ids[start : len(ids) - end])


def add(db: Database, list_id: int, ids: Sequence[int], at: int | None = None) -> int:
    """Put these before the place ``at``, or at the end; where the first is then."""
    with _change(db, list_id) as (block, rows):
        place = len(rows) if at is None else max(0, min(at, len(rows)))
        _put(block, list_id, rows, place, ids)
    return place


def remove(db: Database, list_id: int, places: Iterable[int]) -> None:
    """Take out what stands at these places, 0 the first."""
    with _change(db, list_id) as (block, rows):
        _take(block, list_id, rows, places)


def move(db: Database, list_id: int, places: Iterable[int], to: int) -> None:
    """Put what stands at ``places``, in its order, before what stands at the place ``to``."""
    with _change(db, list_id) as (block, rows):
        taken = {at for at in places if 0 <= at < len(rows)}
        ids = _take(block, list_id, rows, taken)
        _put(block, list_id, rows, max(0, to) - sum(1 for at in taken if at < to), ids)


def _alike(one: Sequence[int], other: Sequence[int]) -> int:
    """How many are the same from the beginning on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


@contextmanager
def _change(db: Database, list_id: int) -> Iterator[tuple[sqlite3.Connection, _Rows]]:
    """A write block with the rows of a list, whose change is noted."""
    with db.precious() as block:
        _there(db, list_id)
        yield block, db.all(_ROWS, [list_id])
        block.execute(
            "UPDATE playlists SET updated_at = ? WHERE id = ?", [int(time.time()), list_id]
        )


def _take(block: sqlite3.Connection, list_id: int, rows: _Rows, places: Iterable[int]) -> list[int]:
    """Take rows out, here and in ``rows``; their tracks, in order."""
    gone = sorted({at for at in places if 0 <= at < len(rows)})
    taken = [rows[at] for at in gone]
    block.executemany(
        "DELETE FROM playlist_tracks WHERE playlist_id = ? AND position = ?",
        [(list_id, position) for position, _ in taken],
    )
    out = set(gone)
    rows[:] = [row for at, row in enumerate(rows) if at not in out]
    return [track_id for _, track_id in taken]


def _put(block: sqlite3.Connection, list_id: int, rows: _Rows, at: int, ids: Sequence[int]) -> None:
    """Put tracks before the place ``at`` of ``rows``, or behind the last."""
    if len(rows) + len(ids) > MOST_TRACKS:
        raise UserError(f"A playlist holds {MOST_TRACKS:,} tracks at most.")
    count, at = len(ids), min(at, len(rows))
    after = rows[at][0] if at < len(rows) else None
    before = rows[at - 1][0] if at else 0 if after is None else after - (count + 1) * _ROOM
    step = _ROOM if after is None else (after - before) // (count + 1)
    if step < 1:  # no room is left: all get new positions
        ids = [*(i for _, i in rows[:at]), *ids, *(i for _, i in rows[at:])]
        _take(block, list_id, rows, range(len(rows)))
        _put(block, list_id, rows, 0, ids)
        return
    block.executemany(
        "INSERT INTO playlist_tracks (playlist_id, position, track_id) VALUES (?, ?, ?)",
        [(list_id, before + step * n, int(track_id)) for n, track_id in enumerate(ids, 1)],
    )


def _there(db: Database, list_id: int) -> None:
    if db.one("SELECT 1 FROM playlists WHERE id = ?", [list_id]) is None:
        raise UserError("That playlist is gone.")


def _free(db: Database, name: str, but: int | None = None) -> str:
    name = readable(name)
    if not name:
        raise UserError("A playlist needs a name.")
    for known_id, known in db.all("SELECT id, name FROM playlists"):
        if known.casefold() == name.casefold() and known_id != but:
            raise UserError(f"There is a playlist called “{known}” already.")
    return name
