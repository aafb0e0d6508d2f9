"""How loud tracks are: what their tags say and what was measured, in small reads and writes."""

from collections.abc import Sequence

from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import album_folder, restored
from sliders_desktop.library.records import Level
from sliders_desktop.library.tracks import THESE, Ids, listed

#: One track's measurement: id, LUFS (None: silent), true peak (linear), histogram of its blocks.
Measured = tuple[int, float | None, float, bytes]

_LEVELS = """
SELECT id, track_gain_db, track_peak, album_gain_db, album_peak, lufs, peak, coalesce(blocks, x'')
FROM tracks LEFT JOIN loudness ON track_id = id
"""

# Nothing that could be measured would add to such tags.
_TAGS_SAY_ALL = """
(track_gain_db NOT NULL AND track_peak NOT NULL
 AND (album = '' OR (album_gain_db NOT NULL AND album_peak NOT NULL)))
"""


def save(db: Database, made: Sequence[Measured]) -> None:
    """Keep what was measured; replaces what was."""
    with db.derived() as block:
        block.executemany("REPLACE INTO loudness VALUES (?, ?, ?, ?)", made)


def levels(db: Database, ids: Ids) -> list[Level]:
    """Of those of ``ids`` that exist, ordered by id."""
    return [
        Level._make(row)
        for row in db.all(f"{_LEVELS} WHERE id IN {THESE} ORDER BY id", [listed(ids)])
    ]


def every(db: Database) -> list[tuple[int, float]]:
    """Id and LUFS of all tracks of which tags or a measurement say it, ordered by id.

    ReplayGain 2.0 lifts to -18 LUFS, so that a track's gain tells its loudness.
    """
    return db.all(
        """
        SELECT id, coalesce(lufs, -18.0 - track_gain_db) AS loud
        FROM tracks LEFT JOIN loudness ON track_id = id WHERE loud NOT NULL ORDER BY id
        """
    )


def of_album(db: Database, track_id: int) -> list[int]:
    """Ids, ascending, of a track's album; see `Store.album_of`."""
    own = db.one("SELECT album, album_artist, artist, path FROM tracks WHERE id = ?", [track_id])
    if own is None or not own[0]:
        return []
    found = db.all(
        """
        SELECT id, album_artist, artist, path FROM tracks
        WHERE album = ? AND missing_since IS NULL AND path NOT NULL ORDER BY id
        """,
        [own[0]],
    )
    folder = _folder(own[3])
    return [
        other
        for other, album_artist, artist, path in found
        if (album_artist and album_artist == own[1])
        or (artist and artist == own[2])
        or (folder and _folder(path) == folder)
    ]


def _folder(path: str | None) -> str:
    return album_folder(restored(path)) if path else ""


def waiting(db: Database) -> list[int]:
    """What is left to measure; see `Store.tracks_without_loudness`."""
    rows = db.all(
        f"""
        SELECT id FROM tracks WHERE missing_since IS NULL AND error IS NULL
        AND id IN (SELECT track_id FROM embeddings)
        AND id NOT IN (SELECT track_id FROM loudness) AND NOT {_TAGS_SAY_ALL}
        ORDER BY album, id
        """
    )
    return [row[0] for row in rows]


def spread(db: Database, n: int) -> list[Level]:
    """About ``n`` tracks from all over the library, fewer if it is smaller."""
    last = db.one("SELECT coalesce(max(id), 0) FROM tracks")[0]
    return levels(db, {1 + at * last // n for at in range(n)})
