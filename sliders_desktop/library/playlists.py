"""Playlists: tracks in an order, by hand; a track may stand in one several times."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence

from sliders_desktop.errors import UserError
from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import readable
from sliders_desktop.library.records import Playlist

MOST_TRACKS = 100_000
_TRACKS = "SELECT track_id FROM playlist_tracks WHERE playlist_id = ? ORDER BY position"


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
    return [track_id for (track_id,) in db.all(_TRACKS, [list_id])]


def create(db: Database, name: str, ids: Iterable[int], list_id: int | None = None) -> int:
    """Make one of these tracks; its id. One that was deleted gets its ``list_id`` back."""
    now = int(time.time())
    with db.precious() as block:
        cursor = block.execute(
            "INSERT INTO playlists (id, name, created_at, updated_at) VALUES (?, ?, ?, ?)",
            [list_id, _free(db, name), now, now],
        )
        made = int(cursor.lastrowid or 0)
        _write(block, made, [], list(ids))
    return made


def free_name(db: Database, name: str) -> str:
    """``name``, or where that is taken “name 2”, “name 3”, …"""
    taken = {known.casefold() for (known,) in db.all("SELECT name FROM playlists")}
    name = readable(name) or "Playlist"
    number, found = 2, name
    while found.casefold() in taken:
        number, found = number + 1, f"{name} {number}"
    return found


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
    _change(db, list_id, lambda before: list(ids))


def add(db: Database, list_id: int, ids: Sequence[int], at: int | None = None) -> None:
    """Put these before the place ``at``, or at the end."""
    _change(db, list_id, lambda before: [*before[:at], *ids, *(before[at:] if at is not None else ())])


def remove(db: Database, list_id: int, places: Iterable[int]) -> None:
    """Take out what stands at these places, 0 the first."""
    gone = set(places)
    _change(db, list_id, lambda before: [i for at, i in enumerate(before) if at not in gone])


def move(db: Database, list_id: int, places: Iterable[int], to: int) -> None:
    """Put what stands at ``places``, in its order, before what stands at the place ``to``."""
    _change(db, list_id, lambda before: moved(before, places, to))


def moved(before: Sequence[int], places: Iterable[int], to: int) -> list[int]:
    """``before`` in the order after `move`."""
    taken = {at for at in places if 0 <= at < len(before)}
    left = [i for at, i in enumerate(before) if at not in taken]
    place = max(0, to) - sum(1 for at in taken if at < to)
    return [*left[:place], *(before[at] for at in sorted(taken)), *left[place:]]


def _change(db: Database, list_id: int, change: Callable[[list[int]], list[int]]) -> None:
    with db.precious() as block:
        _there(db, list_id)
        before = tracks(db, list_id)
        _write(block, list_id, before, change(before))
        block.execute(
            "UPDATE playlists SET updated_at = ? WHERE id = ?", [int(time.time()), list_id]
        )


def _write(
    block: sqlite3.Connection, list_id: int, before: Sequence[int], after: Sequence[int]
) -> None:
    """Only the places that hold something else than before."""
    if len(after) > MOST_TRACKS:
        raise UserError(f"A playlist holds {MOST_TRACKS:,} tracks at most.")
    changed = {
        at: int(new)
        for at, new in enumerate(after)
        if at >= len(before) or before[at] != new
    }
    block.execute(
        """
        REPLACE INTO playlist_tracks (playlist_id, position, track_id)
        SELECT ?, CAST(key AS INTEGER), value FROM json_each(?)
        """,
        [list_id, json.dumps(changed)],
    )
    block.execute(
        "DELETE FROM playlist_tracks WHERE playlist_id = ? AND position >= ?",
        [list_id, len(after)],
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
