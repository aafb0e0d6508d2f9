"""Which track is this file? Runs when a scan saves what it found, on the lane `scan`.

A track is a piece of audio, known by its hash, and judgements belong to it. So:

- same path, same audio: the same track, whatever its tags say now (retagged);
- known audio at another path: the same track if its old file is gone or is other audio now
  (moved, renamed, swapped), a track of its own if the old file is still there (copied);
- a copy of which nothing was said yet lends its place to one that went away (copied, then deleted);
- other audio at a known path: another track. The one before stays, missing and without a path,
  with its ratings, and returns when its audio turns up anywhere.

A part of a file, as a cue sheet names it, is a piece of audio too; its hash is that of the file
and of where it begins and ends (`tasks.scanning`). So all of the above holds for parts: those of a
file that moved move with it, other titles in the sheet are other tags. And:

- a sheet appears: the parts are tracks of their own, and the track that the whole file was is one
  whose place was taken. It returns with its ratings when the sheet goes, and then the parts stay
  away until it comes again;
- a cut moves: the parts on its two sides are other audio, all others the same tracks, whatever
  their numbers;
- a file that cannot be read now keeps its parts, each with the reason.
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path, PurePath

from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import readable, restored, stored, title_of
from sliders_desktop.library.records import FoundTrack, Saved

_TAGS = (
    "duration_s, title, artist, album, album_artist, track_no, disc_no, year, genre, "
    "track_gain_db, track_peak, album_gain_db, album_peak"
)
_PLACE = (
    "folder_id, path, part, start_s, end_s, size, mtime_ns, sheet, error, missing_since, " + _TAGS
)
_IS_JUDGED = """(
    EXISTS (SELECT 1 FROM ratings WHERE track_id = tracks.id)
    OR EXISTS (SELECT 1 FROM plays WHERE track_id = tracks.id)
    OR EXISTS (SELECT 1 FROM playlist_tracks WHERE track_id = tracks.id)
    OR EXISTS (SELECT 1 FROM stars WHERE track_id = tracks.id)
)"""

READ_AGAIN = -1  # as mtime_ns: the next scan reads the file, changed or not

#: audio hash → id → (whether anything was said of it, old path)
_Free = dict[str, dict[int, tuple[int, str]]]


@dataclass
class _Ids:
    added: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    moved: set[int] = field(default_factory=set)
    displaced: set[int] = field(default_factory=set)


def save_found(db: Database, folder_id: int, found: Sequence[FoundTrack]) -> Saved:
    """Write what was read from files of one folder, in one block."""
    free = _free_tracks(db, found)  # looks at the disk, so before the block
    ids, now = _Ids(), int(time.time())
    with db.precious() as connection:
        for _, parts in groupby(found, key=attrgetter("path")):
            _save(connection, folder_id, list(parts), free, ids, now)
        settled = settle(connection, ids.displaced)
    ids.moved |= settled.keys()
    ids.changed |= ids.displaced | set(settled.values())
    ids.changed -= ids.added | ids.moved
    ids.moved -= ids.added
    return Saved(*(tuple(sorted(group)) for group in (ids.added, ids.changed, ids.moved)))


def _save(
    connection: sqlite3.Connection,
    folder_id: int,
    found: list[FoundTrack],
    free: _Free,
    ids: _Ids,
    now: int,
) -> None:
    """Write what was found in one file: all of it, or its parts."""
    here = connection.execute(
        "SELECT id, part, audio_hash FROM tracks WHERE path = ? ORDER BY part",
        [stored(found[0].path)],
    ).fetchall()
    if here and found[0].audio_hash is None:  # unreadable now: what was known of it stays
        for track_id, part, _ in here:
            _update(connection, track_id, folder_id, replace(found[0], part=part))
            ids.changed.add(track_id)
        return
    at_part = {part: (track_id, audio_hash) for track_id, part, audio_hash in here}
    stays: dict[int, int] = {}
    for file in found:
        track_id, audio_hash = at_part.get(file.part, (0, None))
        if track_id and audio_hash == file.audio_hash:
            stays[file.part] = track_id
    # All others make room before anything takes their places.
    leave = {i: audio_hash for i, _, audio_hash in here if i not in stays.values()}
    connection.executemany(
        "UPDATE tracks SET path = NULL, missing_since = ? WHERE id = ?",
        [(now, track_id) for track_id in leave],
    )
    ids.displaced |= leave.keys()
    unheard = [track_id for track_id, audio_hash in leave.items() if audio_hash is None]
    for file in found:
        candidates = free.get(file.audio_hash or "", {})
        if file.part in stays:
            track_id = stays[file.part]
            _update(connection, track_id, folder_id, file)
            ids.changed.add(track_id)
            candidates.pop(track_id, None)
        elif candidates:
            track_id = max(candidates, key=lambda known: _fitness(*candidates[known], file.path))
            del candidates[track_id]
            _update(connection, track_id, folder_id, file)
            ids.moved.add(track_id)
        elif unheard:  # unreadable until now
            track_id = unheard.pop()
            _update(connection, track_id, folder_id, file)
            ids.changed.add(track_id)
        else:
            ids.added.add(_insert(connection, folder_id, file, now))


def _free_tracks(db: Database, found: Sequence[FoundTrack]) -> _Free:
    """Tracks whose audio was found and whose own file is not it any more."""
    at_path: dict[str, dict[int, str | None]] = {}
    for file in found:
        at_path.setdefault(file.path, {})[file.part] = file.audio_hash
    hashes = sorted({file.audio_hash for file in found if file.audio_hash})
    free: _Free = {}
    for track_id, text, part, audio_hash, size, mtime_ns, missing_since, is_judged in db.all(
        f"""
        SELECT id, path, part, audio_hash, size, mtime_ns, missing_since, {_IS_JUDGED} FROM tracks
        WHERE audio_hash IN (SELECT value FROM json_each(?)) ORDER BY id
        """,
        [json.dumps(hashes)],
    ):
        path = restored(text)
        if path in at_path:
            parts = at_path[path]
            is_free = None not in parts.values() and parts.get(part) != audio_hash
        else:
            is_free = missing_since is not None or not _is_as_known(path, size, mtime_ns)
        if is_free:
            free.setdefault(audio_hash, {})[track_id] = (is_judged, path)
    return free


def _is_as_known(path: str, size: int, mtime_ns: int) -> bool:
    try:
        now = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # cannot be seen, which does not mean that it is gone
    # A file that shall be read again (-1) has not gone away for that.
    return now.st_size == size and mtime_ns in (now.st_mtime_ns, READ_AGAIN)


def _fitness(is_judged: int, old_path: str, path: str) -> tuple[int, bool, bool]:
    """Of several that went away, the one with ratings, or of this name, or folder, moved here."""
    old, new = PurePath(old_path), PurePath(path)
    return is_judged, old.name == new.name, old.parent.name == new.parent.name


def settle(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, int]:
    """Let those of ``ids`` that are missing, but judged, change places with an unjudged copy.

    Returns who took whose place; the copy is then the one that is away.
    """
    settled = {}
    for track_id, audio_hash in connection.execute(
        f"""
        SELECT id, audio_hash FROM tracks
        WHERE id IN (SELECT value FROM json_each(?)) AND missing_since NOT NULL AND {_IS_JUDGED}
        """,
        [json.dumps(sorted(ids))],
    ).fetchall():
        copy = connection.execute(
            f"""
            SELECT id FROM tracks
            WHERE audio_hash = ? AND missing_since IS NULL AND NOT {_IS_JUDGED}
            ORDER BY id LIMIT 1
            """,
            [audio_hash],
        ).fetchone()
        if copy:
            _change_places(connection, track_id, copy[0])
            settled[track_id] = copy[0]
    return settled


def _change_places(connection: sqlite3.Connection, one: int, two: int) -> None:
    places = [
        connection.execute(f"SELECT {_PLACE} FROM tracks WHERE id = ?", [i]).fetchone()
        for i in (one, two)
    ]
    connection.execute("UPDATE tracks SET path = NULL WHERE id IN (?, ?)", [one, two])
    for track_id, place in zip((two, one), places, strict=True):
        connection.execute(
            f"UPDATE tracks SET ({_PLACE}) = ({_slots(place)}) WHERE id = ?", [*place, track_id]
        )


def _update(
    connection: sqlite3.Connection, track_id: int, folder_id: int, file: FoundTrack
) -> None:
    connection.execute(
        """
        UPDATE tracks SET folder_id = ?, path = ?, part = ?, size = ?, mtime_ns = ?, sheet = ?,
            missing_since = NULL, error = ?, audio_hash = coalesce(?, audio_hash) WHERE id = ?
        """,
        [
            *(folder_id, stored(file.path), file.part, file.size, file.mtime_ns, file.sheet),
            *(readable(file.error) or None, file.audio_hash, track_id),
        ],
    )
    if file.audio_hash is not None:  # else nothing could be read: the old tags are better
        values = [file.start_s, file.end_s, *_tags(file)]
        connection.execute(
            f"UPDATE tracks SET (start_s, end_s, {_TAGS}) = ({_slots(values)}) WHERE id = ?",
            [*values, track_id],
        )


def _insert(connection: sqlite3.Connection, folder_id: int, file: FoundTrack, now: int) -> int:
    values = [
        *(folder_id, stored(file.path), file.part, file.start_s, file.end_s),
        *(file.size, file.mtime_ns, file.sheet, file.audio_hash),
        *(readable(file.error) or None, now),
        *_tags(file),
    ]
    cursor = connection.execute(
        f"""
        INSERT INTO tracks (folder_id, path, part, start_s, end_s, size, mtime_ns, sheet,
            audio_hash, error, added_at, {_TAGS})
        VALUES ({_slots(values)})
        """,
        values,
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _tags(file: FoundTrack) -> list[object]:
    texts = [readable(text) for text in (file.artist, file.album, file.album_artist)]
    title = readable(file.title) or title_of(file.path)
    numbers = [file.track_no, file.disc_no, file.year]
    levels = [file.track_gain_db, file.track_peak, file.album_gain_db, file.album_peak]
    return [file.duration_s, title, *texts, *numbers, readable(file.genre), *levels]


def _slots(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
