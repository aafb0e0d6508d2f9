"""Vectors: large, derived, read into one array."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.library.database import Database, sentences

NO_ENCODER = 0  # the id of none
_BLOCK = 4096  # rows: some 50 ms, since a rating may be waiting for its turn to write

# Folders take turns, within each its artists, within each their albums. Within an album, and
# wherever tags are missing, a shuffle that is the same each time (Knuth's multiplicative hash).
_LISTENING_ORDER = """
WITH waiting AS (
    SELECT id, folder_id, artist, album, id * 2654435761 % 4294967296 AS shuffled
    FROM tracks WHERE missing_since IS NULL AND error IS NULL AND NOT EXISTS (
        SELECT 1 FROM embeddings WHERE encoder_id = ? AND track_id = tracks.id
    )
), in_album AS (
    SELECT *, row_number() OVER (
        PARTITION BY folder_id, artist, album ORDER BY shuffled) AS album_turn
    FROM waiting
), in_artist AS (
    SELECT *, row_number() OVER (
        PARTITION BY folder_id, artist ORDER BY album_turn, shuffled) AS artist_turn
    FROM in_album
)
SELECT id FROM in_artist ORDER BY
    row_number() OVER (PARTITION BY folder_id ORDER BY artist_turn, shuffled), folder_id
"""


def waiting(db: Database, encoder_id: int) -> list[int]:
    """What is left to listen to; see `Store.tracks_without_vectors`."""
    return [row[0] for row in db.all(_LISTENING_ORDER, [encoder_id])]


_SERVING = """
WITH heard AS (
    SELECT encoders.id, used, count(track_id) AS n,
           count(track_id) FILTER (
               WHERE tracks.missing_since IS NULL AND tracks.error IS NULL) AS there
    FROM encoders LEFT JOIN (embeddings JOIN tracks ON tracks.id = track_id)
    ON encoder_id = encoders.id GROUP BY encoders.id
), best AS (SELECT max(n) AS n, max(there) AS there FROM heard)
SELECT heard.id FROM heard, best ORDER BY
    iif(best.there > 0, heard.there >= 0.95 * best.there, heard.n >= 0.95 * best.n) DESC,
    used DESC
"""


def serving(db: Database) -> int | None:
    """The encoder whose vectors are shown; see `Store.serving_encoder`."""
    row = db.one(_SERVING)
    return row[0] if row else None


def forget(db: Database, encoder_id: int) -> None:
    """Drop all that an encoder said; see `Store.forget_encoder`."""
    left = True
    while left:
        with db.derived() as block:
            gone = block.execute(
                """
                DELETE FROM embeddings WHERE rowid IN (
                    SELECT rowid FROM embeddings WHERE encoder_id = ? LIMIT ?)
                """,
                [encoder_id, _BLOCK],
            )
            left = gone.rowcount > 0
    with db.derived() as block:
        for table in ("map_points", "map_neighbours", "maps", "slider_heads"):
            block.execute(f"DELETE FROM {table} WHERE encoder_id = ?", [encoder_id])
        block.execute("DELETE FROM encoders WHERE id = ?", [encoder_id])


def save(
    db: Database, encoder_id: int, made: Sequence[tuple[int, NDArray[np.float32], int]]
) -> None:
    """Save (track id, vector (d,), segments heard) of each; replaces older ones."""
    now = int(time.time())
    rows = [
        (encoder_id, int(track_id), np.asarray(vector, "<f4").tobytes(), int(segments), now)
        for track_id, vector, segments in made
    ]
    with db.derived() as block:
        block.executemany("REPLACE INTO embeddings VALUES (?, ?, ?, ?, ?)", rows)


def load(db: Database, encoder_id: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Ids (n,), ascending, and X (n, d), filled piece by piece so that no second copy is held."""
    n, d = db.one(
        """
        SELECT (SELECT count(*) FROM embeddings WHERE encoder_id = ?1),
               (SELECT dim FROM encoders WHERE id = ?1)
        """,
        [encoder_id],
    )
    ids, X, filled = np.empty(n, np.int64), np.empty((n, d or 0), np.float32), 0
    with sentences():
        cursor = db.connection.execute(
            """
            SELECT track_id, vector FROM embeddings WHERE encoder_id = ?
            ORDER BY track_id LIMIT ?
            """,
            [encoder_id, n],
        )
        while rows := cursor.fetchmany(_BLOCK):
            numbers, blobs = zip(*rows, strict=True)
            part = slice(filled, filled := filled + len(rows))
            ids[part], X[part] = numbers, np.frombuffer(b"".join(blobs), "<f4").reshape(-1, d)
    return ids[:filled], X[:filled]
