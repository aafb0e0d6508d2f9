"""The track table: one query that returns it whole or in part."""

import json
import time
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.library import identity
from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import restored
from sliders_desktop.library.records import KnownFile, TrackRow

Ids = Iterable[int] | NDArray[np.int64]

THESE = "(SELECT value FROM json_each(?))"

_ROWS = """
SELECT id, title, artist, album, year, genre, duration_s, added_at,
       coalesce(plays, 0), coalesce(last_played_at, 0), path,
       missing_since IS NOT NULL, coalesce(error, ''), start_s, end_s
FROM tracks LEFT JOIN (
    SELECT track_id, count(*) AS plays, max(started_at) AS last_played_at
    FROM plays {of_these} GROUP BY track_id
) ON track_id = id {these} ORDER BY id
"""
_ALL_ROWS = _ROWS.format(of_these="", these="")
_THESE_ROWS = _ROWS.format(of_these=f"WHERE track_id IN {THESE}", these=f"WHERE id IN {THESE}")


def listed(ids: Ids) -> str:
    """Ids as the one parameter of `THESE`."""
    return json.dumps([int(track_id) for track_id in ids])


def rows(db: Database, ids: Ids | None = None) -> list[TrackRow]:
    """The track table, ordered by id: everything, or those of ``ids`` that exist."""
    found = db.all(_ALL_ROWS) if ids is None else db.all(_THESE_ROWS, [listed(ids)] * 2)
    return [
        TrackRow._make((*row[:10], restored(row[10]), row[11] != 0, *row[12:])) for row in found
    ]


def known_files(db: Database, folder_id: int) -> dict[str, list[KnownFile]]:
    """By path, what was there when it was last read: the whole file or its parts, in order."""
    found = db.all(
        """
        SELECT path, id, size, mtime_ns, missing_since IS NOT NULL, coalesce(error, ''), sheet
        FROM tracks WHERE folder_id = ? AND path IS NOT NULL ORDER BY path, part
        """,
        [folder_id],
    )
    known: dict[str, list[KnownFile]] = {}
    for path, track_id, size, mtime_ns, missing, error, sheet in found:
        one = KnownFile(track_id, size, mtime_ns, missing != 0, error, sheet)
        known.setdefault(restored(path), []).append(one)
    return known


def mark_missing(db: Database, ids: Ids) -> list[int]:
    """Note since when they are away; returns those that took a copy's place instead."""
    wanted = [int(track_id) for track_id in ids]
    with db.precious() as block:
        block.execute(
            f"UPDATE tracks SET missing_since = ? WHERE missing_since IS NULL AND id IN {THESE}",
            [int(time.time()), listed(wanted)],
        )
        return sorted(identity.settle(block, wanted))
