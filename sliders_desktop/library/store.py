"""The library: every question asked of the database, every row written to it.

Each thread opens its own `Store`; sqlite3 refuses the others. Paths of files are `str`, exact even
where their names are not Unicode. Times are UTC seconds. Any method may raise `UserError` with a
sentence for the listener when the disk fails, is full, or the file is damaged.
"""

import json
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.errors import UserError
from sliders_desktop.library import identity, search
from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import absolute, is_inside, readable, restored, stored
from sliders_desktop.library.records import (
    Folder,
    FoundTrack,
    HeadRow,
    KnownFile,
    Play,
    Rating,
    Saved,
    Slider,
    TrackRow,
)

Ids = Iterable[int] | NDArray[np.int64]

_THESE = "(SELECT value FROM json_each(?))"
_TRACK_ROWS = """
    SELECT id, title, artist, album, year, genre, duration_s, added_at,
           coalesce(plays, 0), coalesce(last_played_at, 0), path,
           missing_since IS NOT NULL, coalesce(error, '')
    FROM tracks LEFT JOIN (
        SELECT track_id, count(*) AS plays, max(started_at) AS last_played_at
        FROM plays {} GROUP BY track_id
    ) ON track_id = id {} ORDER BY id
"""
_SLIDER = "id, name, low_label, high_label, position, created_at"
_RATING = "id, track_id, slider_id, value, rated_at"
_DERIVED = ("embeddings", "overviews", "slider_heads", "map_points")


class Store:
    """One thread's view of the library; close it on the thread that opened it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # ── The file ──

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open the library, made or brought up to date where needed (with a backup before).

        Raises `UserError` if the file is damaged or out of reach, `DatabaseTooNew` if a newer
        version of the program wrote it.
        """
        return cls(Database(Path(path).expanduser()))

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def backup(self, path: str | Path) -> None:
        """Copy the whole library to ``path``, consistent even while others write."""
        self._db.backup(Path(path))

    def forget_derived(self) -> None:
        """Empty what can be computed again; ratings, plays, sliders and tracks stay."""
        with self._db.derived() as block:
            for table in _DERIVED:
                block.execute(f"DELETE FROM {table}")

    def counts(self) -> dict[str, int]:
        """How much there is of each kind, for `doctor`."""
        tables = ("folders", "tracks", "sliders", "ratings", "plays", "encoders", *_DERIVED)
        counts = {table: self._count(table) for table in tables}
        counts["missing"] = self._count("tracks WHERE missing_since IS NOT NULL")
        counts["problems"] = self._count("tracks WHERE error IS NOT NULL")
        counts["bytes"] = self._db.path.stat().st_size
        return counts

    def _count(self, what: str) -> int:
        return int(self._db.one(f"SELECT count(*) FROM {what}")[0])

    # ── Folders and files ──

    def folders(self) -> list[Folder]:
        rows = self._db.all("SELECT id, path FROM folders ORDER BY id")
        return [Folder(row[0], restored(row[1])) for row in rows]

    def add_folder(self, path: str | Path) -> Folder:
        """Know a music folder, or return the known one that encloses it.

        Known folders inside the new one become part of it, and tracks of a folder that was
        removed are its own again.
        """
        wanted = absolute(path)
        for folder in (known := self.folders()):
            if is_inside(wanted, folder.path):
                return folder
        inside = [folder.id for folder in known if is_inside(folder.path, wanted)]
        with self._db.precious() as block:
            cursor = block.execute(
                "INSERT INTO folders (path, added_at) VALUES (?, ?)", [stored(wanted), _now()]
            )
            folder = Folder(cursor.lastrowid or 0, wanted)
            block.execute(
                f"UPDATE tracks SET folder_id = ? WHERE folder_id IN {_THESE}",
                [folder.id, json.dumps(inside)],
            )
            block.execute(f"DELETE FROM folders WHERE id IN {_THESE}", [json.dumps(inside)])
            below = stored(wanted.rstrip(os.sep) + os.sep)
            block.execute(
                """
                UPDATE tracks SET folder_id = ?1
                WHERE folder_id IS NULL AND substr(path, 1, length(?2)) = ?2
                """,
                [folder.id, below],
            )
        return folder

    def remove_folder(self, folder_id: int) -> None:
        """Forget a folder; its tracks stay, missing, with all that was said of them."""
        with self._db.precious() as block:
            block.execute(
                """
                UPDATE tracks SET missing_since = coalesce(missing_since, ?) WHERE folder_id = ?
                """,
                [_now(), folder_id],
            )
            block.execute("DELETE FROM folders WHERE id = ?", [folder_id])

    def known_files(self, folder_id: int) -> dict[str, KnownFile]:
        """What is known of each path of a folder, missing ones too, for `scanner.diff`."""
        rows = self._db.all(
            """
            SELECT path, id, size, mtime_ns, missing_since IS NOT NULL, coalesce(error, '')
            FROM tracks WHERE folder_id = ? AND path IS NOT NULL
            """,
            [folder_id],
        )
        return {
            restored(path): KnownFile(track_id, size, mtime_ns, bool(missing), error)
            for path, track_id, size, mtime_ns, missing, error in rows
        }

    def save_found(self, folder_id: int, found: Sequence[FoundTrack]) -> Saved:
        """Write what was read from files, all or nothing; `identity` says which track each is.

        First `mark_missing` what is gone and `mark_present` what is back. Some hundred files a
        call keep the block short; how a scan is cut into calls does not matter.
        """
        return identity.save_found(self._db, folder_id, found)

    def mark_missing(self, ids: Ids) -> None:
        """Their files, or the whole folder, are away; the rows stay."""
        self._db.write(
            f"UPDATE tracks SET missing_since = ? WHERE missing_since IS NULL AND id IN {_THESE}",
            [_now(), _listed(ids)],
        )

    def mark_present(self, ids: Ids) -> None:
        """Their files are back where they were."""
        self._db.write(
            f"UPDATE tracks SET missing_since = NULL WHERE path IS NOT NULL AND id IN {_THESE}",
            [_listed(ids)],
        )

    # ── Tracks ──

    def rows(self, ids: Ids | None = None) -> list[TrackRow]:
        """The track table, ordered by id: everything, or those of ``ids`` that exist."""
        if ids is None:
            rows = self._db.all(_TRACK_ROWS.format("", ""))
        else:
            wanted = _listed(ids)
            rows = self._db.all(
                _TRACK_ROWS.format(f"WHERE track_id IN {_THESE}", f"WHERE id IN {_THESE}"),
                [wanted, wanted],
            )
        return [
            TrackRow._make((*row[:10], restored(row[10]), bool(row[11]), row[12])) for row in rows
        ]

    def rows_after(self, track_id: int) -> list[TrackRow]:
        """Rows of the tracks that came after ``track_id``, ordered by id."""
        newer = self._db.all("SELECT id FROM tracks WHERE id > ? ORDER BY id", [track_id])
        return self.rows(row[0] for row in newer) if newer else []

    def track_count(self) -> int:
        """How many tracks are known, those that are away too."""
        return self._count("tracks")

    def search(self, text: str) -> NDArray[np.int64]:
        """Ids (n,), ascending, of tracks with all words of ``text`` as beginnings of words.

        Title, artist, album and genre are searched, without regard to case, accents or order.
        Any text is fine; an empty one finds everything.
        """
        sql, parameters = search.query(text)
        return np.array(self._db.all(sql, parameters), dtype=np.int64).reshape(-1)

    def resolve(self, text: str) -> list[int]:
        """The tracks somebody means by an id, a path, or else words to search for."""
        word = text.strip()
        if word.isascii() and word.isdigit() and len(word) < 19:
            row = self._db.one("SELECT id FROM tracks WHERE id = ?", [int(word)])
            if row:
                return [row[0]]
        if word and "\0" not in word:
            path = absolute(word)
            row = self._db.one("SELECT id FROM tracks WHERE path = ?", [stored(path)])
            if row:
                return [row[0]]
        return [int(i) for i in self.search(word)] if word else []

    def set_error(self, track_id: int, reason: str) -> None:
        """Remember why a track could not be listened to."""
        self._db.write(
            "UPDATE tracks SET error = ? WHERE id = ?",
            [readable(reason) or "unknown reason", track_id],
        )

    def clear_errors(self) -> list[int]:
        """Give every track another chance; returns those that had an error."""
        with self._db.precious() as block:
            ids = [row[0] for row in block.execute("SELECT id FROM tracks WHERE error NOT NULL")]
            block.execute("UPDATE tracks SET error = NULL WHERE error NOT NULL")
        return ids

    def problems(self) -> list[TrackRow]:
        """Tracks that could not be listened to, with the reason in ``error``."""
        return self.rows(
            row[0] for row in self._db.all("SELECT id FROM tracks WHERE error NOT NULL")
        )

    # ── Vectors, overviews and the map: derived ──

    def use_encoder(self, sha256: str, name: str, dim: int) -> int:
        """The id of the encoder whose weights have this hash; known from now on."""
        with self._db.precious() as block:
            block.execute(
                """
                INSERT INTO encoders (sha256, name, dim, added_at) VALUES (?, ?, ?, ?)
                ON CONFLICT(sha256) DO NOTHING
                """,
                [sha256, name, dim, _now()],
            )
        return int(self._db.one("SELECT id FROM encoders WHERE sha256 = ?", [sha256])[0])

    def newest_encoder(self) -> int | None:
        """The newest encoder that has vectors, else the newest one."""
        row = self._db.one(
            """
            SELECT id FROM encoders ORDER BY
                EXISTS (SELECT 1 FROM embeddings WHERE encoder_id = encoders.id) DESC, id DESC
            """
        )
        return row[0] if row else None

    def tracks_without_vectors(self, encoder_id: int) -> list[int]:
        """What is left to listen to: present, without error, any beginning of it varied.

        Folders take turns, within each its artists, within each their albums, so that a map of
        the first hundreds already shows the whole library.
        """
        rows = self._db.all(
            """
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
            SELECT id FROM in_artist ORDER BY row_number() OVER (
                PARTITION BY folder_id ORDER BY artist_turn, shuffled), folder_id
            """,
            [encoder_id],
        )
        return [row[0] for row in rows]

    def save_embeddings(
        self, encoder_id: int, made: Sequence[tuple[int, NDArray[np.float32], int]]
    ) -> None:
        """Save (track id, vector (d,), segments heard) of each; replaces older ones."""
        now = _now()
        rows = [
            (encoder_id, track_id, np.asarray(vector, "<f4").tobytes(), segments, now)
            for track_id, vector, segments in made
        ]
        with self._db.derived() as block:
            block.executemany("REPLACE INTO embeddings VALUES (?, ?, ?, ?, ?)", rows)

    def vectors(self, encoder_id: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Every vector of an encoder, those of missing tracks too: ids (n,) ascending, X (n, d)."""
        return self._db.matrix(
            "SELECT count(*), (SELECT dim FROM encoders WHERE id = ?1) FROM embeddings "
            "WHERE encoder_id = ?1",
            "SELECT track_id, vector FROM embeddings WHERE encoder_id = ? ORDER BY track_id",
            encoder_id,
        )

    def vector_count(self, encoder_id: int) -> int:
        """How many tracks an encoder has listened to."""
        return int(
            self._db.one("SELECT count(*) FROM embeddings WHERE encoder_id = ?", [encoder_id])[0]
        )

    def overview(self, track_id: int) -> NDArray[np.uint8] | None:
        """The waveform's peaks (m,), as they were saved."""
        row = self._db.one("SELECT peaks FROM overviews WHERE track_id = ?", [track_id])
        return np.frombuffer(row[0], np.uint8) if row else None

    def save_overview(self, track_id: int, peaks: NDArray[np.uint8]) -> None:
        peaks_blob = np.asarray(peaks, np.uint8).tobytes()
        with self._db.derived() as block:
            block.execute("REPLACE INTO overviews VALUES (?, ?)", [track_id, peaks_blob])

    def save_map(self, encoder_id: int, ids: NDArray[np.int64], xy: NDArray[np.float32]) -> None:
        """Replace an encoder's map by points ``xy`` (n, 2) of the tracks ``ids`` (n,)."""
        self._write_points(encoder_id, ids, xy, "DELETE FROM map_points WHERE encoder_id = ?")

    def add_map_points(
        self, encoder_id: int, ids: NDArray[np.int64], xy: NDArray[np.float32]
    ) -> None:
        """Place or move points ``xy`` (n, 2) of the tracks ``ids`` (n,), leaving the others."""
        self._write_points(encoder_id, ids, xy, "")

    def _write_points(
        self, encoder_id: int, ids: NDArray[np.int64], xy: NDArray[np.float32], first: str
    ) -> None:
        points = np.asarray(xy, np.float64).reshape(-1, 2).tolist()
        rows = [
            (encoder_id, i, x, y)
            for i, (x, y) in zip(np.asarray(ids).tolist(), points, strict=True)
        ]
        with self._db.derived() as block:
            if first:
                block.execute(first, [encoder_id])
            block.executemany("REPLACE INTO map_points VALUES (?, ?, ?, ?)", rows)

    def map_points(self, encoder_id: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The map of an encoder: ids (n,) ascending, xy (n, 2)."""
        rows = self._db.all(
            "SELECT track_id, x, y FROM map_points WHERE encoder_id = ? ORDER BY track_id",
            [encoder_id],
        )
        table = np.array(rows, np.float64).reshape(-1, 3)
        return table[:, 0].astype(np.int64), table[:, 1:].astype(np.float32)

    # ── Sliders, ratings and what was learned from them ──

    def sliders(self) -> list[Slider]:
        """Those in use, by position."""
        rows = self._db.all(
            f"SELECT {_SLIDER} FROM sliders WHERE archived_at IS NULL ORDER BY position, id"
        )
        return [Slider(*row) for row in rows]

    def create_slider(self, name: str, low_label: str, high_label: str) -> Slider:
        """Make a slider, after the others; an archived one of that name returns with its ratings.

        Raises `UserError` if the name is empty or in use, whatever its case.
        """
        with self._db.precious() as block:
            name, archived_id = self._free_name(name)
            position = block.execute("SELECT coalesce(max(position), 0) + 1 FROM sliders")
            values = [name, readable(low_label), readable(high_label), position.fetchone()[0]]
            if archived_id is None:
                slider_id = block.execute(
                    """
                    INSERT INTO sliders (name, low_label, high_label, position, created_at)
                    VALUES (?, ?, ?, ?, ?)
                    """,
                    [*values, _now()],
                ).lastrowid
            else:
                slider_id = archived_id
                block.execute(
                    """
                    UPDATE sliders SET archived_at = NULL,
                        name = ?, low_label = ?, high_label = ?, position = ? WHERE id = ?
                    """,
                    [*values, slider_id],
                )
        row = self._db.one(f"SELECT {_SLIDER} FROM sliders WHERE id = ?", [slider_id])
        return Slider(*row)

    def rename_slider(self, slider_id: int, name: str, low_label: str, high_label: str) -> None:
        """Give a slider other words; raises `UserError` as `create_slider` does."""
        with self._db.precious() as block:
            name, archived_id = self._free_name(name, but=slider_id)
            if archived_id is not None:
                raise UserError(f"An archived slider is called “{name}” already.")
            block.execute(
                "UPDATE sliders SET name = ?, low_label = ?, high_label = ? WHERE id = ?",
                [name, readable(low_label), readable(high_label), slider_id],
            )

    def _free_name(self, wanted: str, but: int | None = None) -> tuple[str, int | None]:
        """The name in shape, and the id of an archived slider that bears it."""
        name = readable(wanted)
        if not name:
            raise UserError("A slider needs a name.")
        for slider_id, known, archived_at in self._db.all(
            "SELECT id, name, archived_at FROM sliders"
        ):
            # Not left to SQLite's NOCASE, which knows ASCII only.
            if known.casefold() == name.casefold() and slider_id != but:
                if archived_at is None:
                    raise UserError(f"There is a slider called “{known}” already.")
                return name, slider_id
        return name, None

    def archive_slider(self, slider_id: int) -> None:
        """Take a slider out of use; its ratings stay."""
        self._db.write(
            "UPDATE sliders SET archived_at = ? WHERE id = ? AND archived_at IS NULL",
            [_now(), slider_id],
        )

    def rate(self, track_id: int, slider_id: int, value: float | None) -> Rating:
        """Add a judgement, 0 to 1, or None to take the last one back.

        Once this returns, the rating survives a power cut. Raises `ValueError` outside 0 to 1.
        """
        if value is not None and not (0 <= value <= 1):
            raise ValueError(f"a rating lies between 0 and 1, not at {value}")
        value, now = None if value is None else float(value), _now()
        with self._db.precious() as block:
            cursor = block.execute(
                "INSERT INTO ratings (track_id, slider_id, value, rated_at) VALUES (?, ?, ?, ?)",
                [track_id, slider_id, value, now],
            )
        return Rating(cursor.lastrowid or 0, track_id, slider_id, value, now)

    def ratings(self, slider_id: int) -> list[Rating]:
        """What holds now, one rating a track, in the order rated."""
        rows = self._db.all(
            f"SELECT {_RATING} FROM current_ratings WHERE slider_id = ? ORDER BY id", [slider_id]
        )
        return [Rating(*row) for row in rows]

    def rating_history(self, slider_id: int) -> list[Rating]:
        """Every judgement ever made, in the order made; value None took one back."""
        rows = self._db.all(
            f"SELECT {_RATING} FROM ratings WHERE slider_id = ? ORDER BY id", [slider_id]
        )
        return [Rating(*row) for row in rows]

    def current_rating(self, track_id: int, slider_id: int) -> float | None:
        return self.ratings_of_track(track_id).get(slider_id)

    def ratings_of_track(self, track_id: int) -> dict[int, float]:
        """Slider id → value, for sliders it is rated on, archived ones too."""
        return dict(
            self._db.all(
                "SELECT slider_id, value FROM current_ratings WHERE track_id = ?", [track_id]
            )
        )

    def save_head(
        self,
        slider_id: int,
        encoder_id: int,
        coef: NDArray[np.floating[Any]],
        intercept: float,
        alpha: float,
        state: dict[str, Any],
        ratings: int,
    ) -> None:
        """Replace what a slider learned: ``coef`` (d,), and ``state`` of whatever JSON holds."""
        blob = np.asarray(coef, "<f8").tobytes()
        figures = [float(intercept), float(alpha), json.dumps(state), ratings, _now()]
        with self._db.derived() as block:
            block.execute(
                "REPLACE INTO slider_heads VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [slider_id, encoder_id, blob, *figures],
            )

    def head(self, slider_id: int, encoder_id: int) -> HeadRow | None:
        row = self._db.one(
            """
            SELECT coef, intercept, alpha, state, ratings, fitted_at FROM slider_heads
            WHERE slider_id = ? AND encoder_id = ?
            """,
            [slider_id, encoder_id],
        )
        if row is None:
            return None
        blob, intercept, alpha, state, ratings, fitted_at = row
        coef = np.frombuffer(blob, "<f8")
        return HeadRow(
            slider_id, encoder_id, coef, intercept, alpha, json.loads(state), ratings, fitted_at
        )

    # ── Plays and settings ──

    def save_play(self, play: Play) -> None:
        with self._db.precious() as block:
            block.execute(
                """
                INSERT INTO plays (track_id, started_at, seconds_played, outcome, origin)
                VALUES (?, ?, ?, ?, ?)
                """,
                [
                    *(play.track_id, play.started_at, play.seconds_played),
                    *(play.outcome, play.origin),
                ],
            )

    def recent_plays(self, n: int) -> list[Play]:
        """The last ``n``, newest first."""
        rows = self._db.all(
            """
            SELECT track_id, started_at, seconds_played, outcome, origin FROM plays
            ORDER BY id DESC LIMIT ?
            """,
            [n],
        )
        return [Play(*row) for row in rows]

    def settings(self) -> dict[str, str]:
        """JSON text by name, for `Settings.from_stored` and whoever keeps a choice here."""
        return dict(self._db.all("SELECT key, value FROM settings"))

    def set_setting(self, key: str, value: Any) -> None:
        """Keep anything JSON can hold under ``key``."""
        self._db.write("REPLACE INTO settings VALUES (?, ?)", [key, json.dumps(value)])


def _listed(ids: Ids) -> str:
    return json.dumps([int(i) for i in ids])


def _now() -> int:
    return int(time.time())
