"""Ratings as a whole: their history, and how they leave for a file and come in from one.

A file comes in by short blocks, so that nobody who rates meanwhile waits, and holds from the last
one on, as a whole; what was broken off stays unseen and is dropped a day later.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sliders_desktop.library import words
from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import readable
from sliders_desktop.library.records import Judgement, NamedRating, NamedSlider, TrackName
from sliders_desktop.progress import NO_JOB, Job

AT_ONCE = 250  # rows a block: a few milliseconds
STALE_S = 24 * 3600
NEAR_S = 3.0  # one song, though two files tell slightly different lengths
_MEMBERS = "(SELECT value FROM json_each(?))"


def history(db: Database, slider_id: int | None) -> list[Judgement]:
    """Every judgement, the newest first, on one slider or on all that are not deleted."""
    chosen = "slider_id = ?" if slider_id is not None else "deleted_at IS NULL"
    rows = db.all(
        f"""
        SELECT ratings.id, track_id, slider_id, value, rated_at,
            lag(value) OVER of_one, lead(ratings.id) OVER of_one IS NULL, import_id NOT NULL
        FROM all_ratings AS ratings JOIN sliders ON sliders.id = slider_id
        WHERE {chosen}
        WINDOW of_one AS (PARTITION BY slider_id, track_id ORDER BY rated_at, ratings.id)
        ORDER BY rated_at DESC, ratings.id DESC
        """,
        [] if slider_id is None else [slider_id],
    )
    return [Judgement._make((*row[:6], row[6] != 0, row[7] != 0)) for row in rows]


# out


def named_sliders(db: Database) -> list[NamedSlider]:
    """Those in use and those put away, by position."""
    rows = db.all(
        """
        SELECT name, low_label, high_label, description, coalesce(color, ''),
            archived_at NOT NULL, created_at
        FROM sliders WHERE deleted_at IS NULL ORDER BY position, id
        """
    )
    return [NamedSlider._make((*row[:5], row[5] != 0, row[6])) for row in rows]


def named(db: Database) -> list[NamedRating]:
    """Every judgement on `named_sliders`, in the order made, each with its track's names."""
    rows = db.all(
        """
        SELECT sliders.name, value, rated_at,
            coalesce(audio_hash, ''), coalesce(path, ''), artist, title, album, duration_s
        FROM all_ratings AS ratings
        JOIN sliders ON sliders.id = slider_id JOIN tracks ON tracks.id = track_id
        WHERE deleted_at IS NULL ORDER BY rated_at, ratings.id
        """
    )
    tracks: dict[tuple[Any, ...], TrackName] = {}
    return [
        NamedRating(row[0], tracks.setdefault(row[3:], TrackName(*row[3:])), row[1], row[2])
        for row in rows
    ]


# in: which tracks are meant


def match(db: Database, names: Sequence[TrackName], job: Job = NO_JOB) -> list[int | None]:
    """The track that each name means: the same audio, else the same file, else the same song."""
    found: dict[TrackName, int] = {}
    for some in _missing(names, found, job):
        _by_audio(db, some, found)
    for some in _missing(names, found, job):
        _by_path(db, some, found)
    wanted = [name for name in names if name not in found and name.title.strip()]
    if wanted:
        _by_song(db, wanted, found, job)
    return [found.get(name) for name in names]


def _missing(
    names: Sequence[TrackName], found: dict[TrackName, int], job: Job
) -> Iterator[list[TrackName]]:
    missing = [name for name in names if name not in found]
    for at in range(0, len(missing), AT_ONCE):
        job.check()
        yield missing[at : at + AT_ONCE]


def _by_audio(db: Database, names: list[TrackName], found: dict[TrackName, int]) -> None:
    rows = db.all(
        f"""
        SELECT audio_hash, coalesce(path, ''), id FROM tracks WHERE audio_hash IN {_MEMBERS}
        ORDER BY missing_since NOT NULL, id
        """,
        [json.dumps([name.audio_hash for name in names if name.audio_hash])],
    )
    first: dict[str, int] = {}
    exact = {}
    for audio_hash, path, track_id in rows:
        first.setdefault(audio_hash, track_id)
        exact[audio_hash, path] = track_id
    for name in names:
        track_id = exact.get((name.audio_hash, name.path), first.get(name.audio_hash))
        if track_id is not None:
            found[name] = track_id


def _by_path(db: Database, names: list[TrackName], found: dict[TrackName, int]) -> None:
    rows = db.all(
        f"SELECT path, title, duration_s, id FROM tracks WHERE path IN {_MEMBERS} ORDER BY part",
        [json.dumps([name.path for name in names if name.path])],
    )
    there: dict[str, list[tuple[str, float, int]]] = {}
    for path, *rest in rows:
        there.setdefault(path, []).append((rest[0], rest[1], rest[2]))
    for name in names:
        # Another machine may keep another song at this path, and a file may have several parts.
        same = [row for row in there.get(name.path, []) if _same(row[0], name.title)]
        if len(same) > 1:
            same = [row for row in same if abs(row[1] - name.duration_s) <= NEAR_S]
        if same:
            found[name] = same[0][2]


def _by_song(
    db: Database, names: Sequence[TrackName], found: dict[TrackName, int], job: Job
) -> None:
    wanted: dict[tuple[str, str], list[TrackName]] = {}
    for name in names:
        wanted.setdefault(_song(name.artist, name.title), []).append(name)
    near: dict[TrackName, tuple[float, int]] = {}
    rows = db.all(
        """
        SELECT artist, title, duration_s, id FROM tracks
        ORDER BY missing_since NOT NULL OR path IS NULL, id
        """
    )
    for at, (artist, title, duration_s, track_id) in enumerate(rows):
        if at % AT_ONCE == 0:
            job.check()
        for name in wanted.get(_song(artist, title), ()):
            off = abs(duration_s - name.duration_s) if name.duration_s else 0.0
            if off <= NEAR_S and off < near.get(name, (NEAR_S + 1, 0))[0]:
                near[name] = (off, track_id)
    found.update({name: track_id for name, (_, track_id) in near.items()})


def _same(here: str, there: str) -> bool:
    return not there or here.strip().casefold() == there.strip().casefold()


def _song(artist: str, title: str) -> tuple[str, str]:
    return artist.strip().casefold(), title.strip().casefold()


# in: the rows

Row = tuple[int, int, float | None, int]  # slider's place in the file, track, value, UTC second


class IncomingRatings:
    """One file on its way in; `finish` makes it hold, `drop` makes it not have been."""

    def __init__(self, db: Database, named: Sequence[NamedSlider]) -> None:
        """Sliders known by name, in use or put away, are joined; others are made."""
        self._db = db
        self.new: list[int] = []
        known = {
            name.casefold(): slider_id
            for slider_id, name in db.all("SELECT id, name FROM sliders WHERE deleted_at IS NULL")
        }
        self.slider_ids: list[int] = []
        with db.precious() as block:
            cursor = block.execute(
                "INSERT INTO rating_imports (started_at) VALUES (?)", [int(time.time())]
            )
            self._id = cursor.lastrowid
            for slider in named:
                name = readable(slider.name)
                if name.casefold() not in known:
                    made = words.create_unseen(block, slider._replace(name=name))
                    known[name.casefold()] = made
                    self.new.append(made)
                self.slider_ids.append(known[name.casefold()])

    def add(self, rows: Sequence[Row], job: Job = NO_JOB) -> list[int]:
        """Add those rows that are not known yet; how many for each slider of the file."""
        fresh = self._fresh(rows)
        counts = [0] * len(self.slider_ids)
        for done in range(0, len(fresh), AT_ONCE):
            job.check()
            job.progress(done, len(fresh))
            some = fresh[done : done + AT_ONCE]
            began = time.perf_counter()
            with self._db.derived() as block:  # `finish` waits for the disk, for all of them
                block.executemany(
                    """
                    INSERT INTO ratings (slider_id, track_id, value, rated_at, import_id)
                    VALUES (?, ?, ?, ?, ?)
                    """,
                    [(self.slider_ids[at], *rest, self._id) for at, *rest in some],
                )
            # SQLite lets nobody queue: whoever wants to rate now needs a gap to come in.
            time.sleep(time.perf_counter() - began)
            for at, *_ in some:
                counts[at] += 1
        return counts

    def _fresh(self, rows: Sequence[Row]) -> list[Row]:
        """In the order made; one that was made twice within a second is known once or twice."""
        known: Counter[tuple[Any, ...]] = Counter()
        for slider_id in set(self.slider_ids):
            of_slider = self._db.all(
                "SELECT slider_id, track_id, value, rated_at FROM all_ratings WHERE slider_id = ?",
                [slider_id],
            )
            known.update(of_slider)
        fresh = []
        for row in sorted(rows, key=lambda row: row[3]):
            key = (self.slider_ids[row[0]], *row[1:])
            if known[key] > 0:
                known[key] -= 1
            else:
                fresh.append(row)
        return fresh

    def finish(self) -> None:
        """From now on all of it holds; `UserError` if a name was taken meanwhile."""
        with self._db.precious() as block:
            words.show(self._db, block, self.new)
            block.execute(
                "UPDATE rating_imports SET finished_at = ? WHERE id = ?",
                [int(time.time()), self._id],
            )

    def drop(self) -> None:
        _drop(self._db, self._id or 0)
        for slider_id in self.new:
            words.forget(self._db, slider_id)


def _drop(db: Database, import_id: int) -> None:
    while db.one("SELECT 1 FROM ratings WHERE import_id = ?", [import_id]):
        db.write(
            """
            DELETE FROM ratings WHERE id IN (
                SELECT id FROM ratings WHERE import_id = ? LIMIT ?
            )
            """,
            [import_id, AT_ONCE],
        )
    db.write("DELETE FROM rating_imports WHERE id = ?", [import_id])


def drop_broken_off(db: Database) -> None:
    """What came in until the program was killed, a day or more ago."""
    before = int(time.time()) - STALE_S
    for (import_id,) in db.all(
        "SELECT id FROM rating_imports WHERE finished_at IS NULL AND started_at < ?", [before]
    ):
        _drop(db, import_id)
    words.forget_unseen(db)
