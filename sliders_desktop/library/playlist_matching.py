"""Which tracks a playlist's file means: its paths and names against the library's, nothing else.

First the very path, then the same path in other letters, then its end (the file's name and the
folders above), then artist and title. Where two tracks fit alike nothing is guessed.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import restored, stored
from sliders_desktop.library.ratings import NEAR_S
from sliders_desktop.library.records import PlaylistEntry
from sliders_desktop.progress import NO_JOB, Job

AT_ONCE = 250  # rows between two looks at the job
_CASE_COUNTS = sys.platform not in ("win32", "darwin")

Ids = tuple[int, ...]


@dataclass(frozen=True)
class _Track:
    id: int
    path: str
    artist: str
    title: str
    album: str
    duration_s: float
    away: bool


@dataclass
class _Wanted:
    """What is looked for, and then what of it the library has."""

    paths: dict[str, list[_Track]] = field(default_factory=dict)  # by `_plain`
    ends: dict[tuple[str, str], list[_Track]] = field(default_factory=dict)  # folder, name
    songs: dict[tuple[str, str], list[_Track]] = field(default_factory=dict)

    def take(self, track: _Track) -> None:
        for known, key in (
            (self.paths, _plain(track.path)),
            (self.songs, _song(track.artist, track.title)),
        ):
            if key in known:
                known[key].append(track)  # type: ignore[index]
        end = _end(track.path)
        if end in self.ends:
            self.ends[end].append(track)


def match(db: Database, entries: Sequence[PlaylistEntry], job: Job = NO_JOB) -> list[Ids]:
    """The tracks of each entry: none, one, or the parts of a file that is several."""
    found = _exact(db, entries, job)
    left = [entry for entry in dict.fromkeys(entries) if not _chosen(entry, found)]
    wanted = _Wanted()
    for entry in left:
        wanted.paths.update((_plain(place), []) for place in entry.places)
        wanted.ends.update((_end(place), []) for place in entry.places)
        wanted.songs.update((_song(*name), []) for name in entry.names)
    if left:
        for track in _all(db, job):
            wanted.take(track)
    others = {}
    for at, entry in enumerate(left):
        if at % AT_ONCE == 0:
            job.check()
        others[entry] = _otherwise(entry, wanted)
    return [others[entry] if entry in others else _chosen(entry, found) for entry in entries]


# ── by the path ──


def _exact(db: Database, entries: Sequence[PlaylistEntry], job: Job) -> dict[str, list[_Track]]:
    places = list(dict.fromkeys(stored(place) for entry in entries for place in entry.places))
    found: dict[str, list[_Track]] = {}
    for at in range(0, len(places), AT_ONCE):
        job.check()
        for track in _tracks(db, "path IN (SELECT value FROM json_each(?))",
                             [json.dumps(places[at : at + AT_ONCE])]):  # fmt: skip
            found.setdefault(track.path, []).append(track)
    return found


def _chosen(entry: PlaylistEntry, found: dict[str, list[_Track]]) -> Ids:
    return next((_of_file(entry, found[place]) for place in entry.places if place in found), ())


def _of_file(entry: PlaylistEntry, parts: Sequence[_Track]) -> Ids:
    """All of a file, or the one part that is named."""
    songs = {_song(*name) for name in entry.names}
    named = [track.id for track in parts if _song(track.artist, track.title) in songs]
    return tuple(named) if len(named) == 1 else tuple(track.id for track in parts)


# ── otherwise ──


def _otherwise(entry: PlaylistEntry, wanted: _Wanted) -> Ids:
    for place in entry.places:
        files = _files(wanted.paths.get(_plain(place), ()))
        if len(files) == 1:
            return _of_file(entry, files[0])
    for place in entry.places:
        if ids := _by_end(entry, place, wanted):
            return ids
    for name in entry.names:
        if ids := _by_song(entry, wanted.songs.get(_song(*name), ())):
            return ids
    return ()


def _by_end(entry: PlaylistEntry, place: str, wanted: _Wanted) -> Ids:
    """The one file whose path ends as this does, for longer than any other's."""
    shared = [
        (_common(place, parts[0].path), parts) for parts in _files(wanted.ends.get(_end(place), ()))
    ]
    most = max((count for count, _ in shared), default=0)
    best = [parts for count, parts in shared if count == most]
    if len(best) != 1:
        return ()
    (parts,) = best
    # A “CD 1/01.mp3” may be anybody's: where the length is told it has to agree.
    if len(parts) == 1 and not _near(entry, parts[0]):
        return ()
    return _of_file(entry, parts)


def _by_song(entry: PlaylistEntry, known: Iterable[_Track]) -> Ids:
    same = [track for track in known if _near(entry, track)]
    same = [track for track in same if not track.away] or same
    if len(same) > 1 and entry.album:
        album = _fold(entry.album)
        same = [track for track in same if _fold(track.album) == album]
    return (same[0].id,) if len(same) == 1 else ()


def _near(entry: PlaylistEntry, track: _Track) -> bool:
    return not entry.duration_s or abs(entry.duration_s - track.duration_s) <= NEAR_S


def _files(tracks: Iterable[_Track]) -> list[list[_Track]]:
    """Tracks by the file that they are in."""
    files: dict[str, list[_Track]] = {}
    for track in tracks:
        files.setdefault(track.path, []).append(track)
    return list(files.values())


# ── as others write it ──


def _plain(path: str) -> str:
    """A path as systems compare them: letters in one form, and where case is nothing, without."""
    text = path if path.isascii() else unicodedata.normalize("NFC", path)
    return text if _CASE_COUNTS else text.replace("\\", "/").casefold()


def _fold(text: str) -> str:
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip().casefold()


def _song(artist: str, title: str) -> tuple[str, str]:
    return _fold(artist), _fold(title)


def _pieces(path: str) -> list[str]:
    return _fold(path.replace("\\", "/")).split("/")


def _end(path: str) -> tuple[str, str]:
    """The folder and the name of a file; what has no folder ends like nothing."""
    above, _, name = _fold(path.replace("\\", "/")).rpartition("/")
    return above.rpartition("/")[2], name


def _common(one: str, other: str) -> int:
    """How many names both paths share at their ends."""
    count = 0
    for mine, theirs in zip(reversed(_pieces(one)), reversed(_pieces(other)), strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _all(db: Database, job: Job) -> Iterator[_Track]:
    for at, track in enumerate(_tracks(db, "1", [])):
        if at % AT_ONCE == 0:
            job.check()
        yield track


def _tracks(db: Database, condition: str, values: Sequence[str]) -> Iterator[_Track]:
    for track_id, path, artist, title, album, duration_s, away in db.all(
        f"""
        SELECT id, path, artist, title, album, duration_s, missing_since IS NOT NULL FROM tracks
        WHERE {condition} ORDER BY path, part
        """,
        values,
    ):
        yield _Track(track_id, restored(path), artist, title, album, duration_s, away != 0)
