"""Bring the library up to date with the folders: lane `scan`. Music files are only read.

Sound libraries are imported where they are used: nothing heavy may load before the first paint.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sliders_desktop.errors import FileUnreadable
from sliders_desktop.library import scanner
from sliders_desktop.library.records import Folder, FoundTrack
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job

if TYPE_CHECKING:
    from sliders_desktop.audio.cue import Part

log = logging.getLogger(__name__)

BATCH = 32


@dataclass
class ScanResult:
    """Ids by what became of them; ``away`` are folders that could not be reached."""

    added: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    unchanged: int = 0
    unreadable: int = 0
    away: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)  # places that refused to be read


def scan(store: Store, folders: Sequence[str | Path], job: Job = NO_JOB) -> ScanResult:
    """Read what is new or changed below ``folders``, and remember them as the library's.

    With no folders given, all that the library has. Batches are committed as they are read.
    """
    known = [store.add_folder(folder) for folder in folders] or store.folders()
    result = ScanResult()
    for folder in known:
        _scan_folder(store, folder, result, job)
    return result


def _scan_folder(store: Store, folder: Folder, result: ScanResult, job: Job) -> None:
    known = store.known_files(folder.id)
    if scanner.folder_is_away(Path(folder.path), known):
        away = [part.track_id for parts in known.values() for part in parts if not part.missing]
        store.mark_missing(away)
        result.missing += away
        result.away.append(folder.path)
        return
    from sliders_desktop.audio import files

    found = []
    for stat in scanner.walk(folder.path, files.SUFFIXES, job, result.closed):
        found.append(stat)
        if len(found) % 200 == 0:
            job.progress(0, len(found), folder.path)
    diff = scanner.diff(found, known)
    result.unchanged += diff.unchanged
    result.returned += diff.back
    # Before anything is saved: a new file may be one of these, moved.
    replaced = store.mark_missing(diff.gone)
    store.mark_present(diff.back)
    total = len(diff.to_read)
    job.progress(0, total, folder.path)
    batch: list[FoundTrack] = []
    for done, stat in enumerate(diff.to_read, 1):
        job.check()
        batch += read_file(stat)
        # The first few are saved at once: a listener waits for something to play.
        if len(batch) >= BATCH or done in (1, 4, 12):
            _save(store, folder, batch, result)
            batch = []
        job.progress(done, total, Path(stat.path).name)
    _save(store, folder, batch, result)
    moved = {*result.moved, *replaced}
    result.missing += [i for i in diff.gone if i not in moved]


def _save(store: Store, folder: Folder, batch: list[FoundTrack], result: ScanResult) -> None:
    if not batch:
        return
    saved = store.save_found(folder.id, batch)
    result.added += saved.added
    result.changed += saved.changed
    result.moved += saved.moved
    result.unreadable += sum(1 for track in batch if track.error)


def read_file(stat: scanner.FileStat) -> list[FoundTrack]:
    """Tags and identity of one file, or of each part that a cue sheet names, in order.

    What can't be read comes back as one, with a reason.
    """
    from sliders_desktop.audio import cue
    from sliders_desktop.audio.identity import audio_hash
    from sliders_desktop.audio.tags import read_tags

    path = Path(stat.path)
    try:
        t = read_tags(path)
        whole = FoundTrack(
            path=stat.path,
            size=stat.size,
            mtime_ns=stat.mtime_ns,
            sheet=stat.sheet,
            audio_hash=audio_hash(path),
            duration_s=t.duration_s,
            title=t.title or path.stem,
            artist=t.artist,
            album=t.album,
            album_artist=t.album_artist,
            track_no=t.track_no,
            disc_no=t.disc_no,
            year=t.year,
            genre=t.genre,
            track_gain_db=t.track_gain_db,
            track_peak=t.track_peak,
            album_gain_db=t.album_gain_db,
            album_peak=t.album_peak,
        )
        parts = cue.parts_of(path, t.sheets, stat.sheets, t.duration_s)
        return [_found_part(whole, at, part) for at, part in enumerate(parts, 1)] or [whole]
    except FileUnreadable as error:
        log.debug("%s: %s", path, error)
        reason = str(error)
    except Exception as error:
        # One strange file must never stop a scan; what broke is kept for the bug report.
        log.info("reading a file failed: %r", error)
        reason = f"This file could not be read: {error}"
    return [
        FoundTrack(
            *(stat.path, stat.size, stat.mtime_ns, None),
            title=path.stem,
            error=reason,
            sheet=stat.sheet,
        )
    ]


def _found_part(whole: FoundTrack, at: int, part: "Part") -> FoundTrack:
    """One part of the file ``whole``, named by the sheet, and by the file where that is silent.

    Its identity is the file's sound and where in it the part lies; a microsecond is less than
    any sheet can say.
    """
    end_s = whole.duration_s if part.end_s is None else part.end_s
    span = f"{part.start_s:.6f}-" + ("" if part.end_s is None else f"{part.end_s:.6f}")
    digest = hashlib.sha256(f"{whole.audio_hash} {span}".encode())
    return replace(
        whole,
        part=at,
        start_s=part.start_s,
        end_s=part.end_s,
        audio_hash=digest.hexdigest()[: len(whole.audio_hash or "")],
        duration_s=max(0.0, end_s - part.start_s),
        title=part.title or f"Track {part.number}",
        artist=part.artist or whole.artist,
        # Of a file of many tracks the title is the album's.
        album=part.album or whole.album or whole.title,
        album_artist=part.album_artist or whole.album_artist,
        track_no=part.number,
        disc_no=part.disc_no or whole.disc_no,
        year=part.year or whole.year,
        genre=part.genre or whole.genre,
        # What the file says of itself as a track holds for the parts together.
        track_gain_db=part.track_gain_db,
        track_peak=part.track_peak,
        album_gain_db=_first(part.album_gain_db, whole.album_gain_db, whole.track_gain_db),
        album_peak=_first(part.album_peak, whole.album_peak, whole.track_peak),
    )


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def compose_demo(store: Store, folder: Path, job: Job = NO_JOB) -> ScanResult:
    """Render the demo library into ``folder``; each piece is in the library once it is done."""
    from sliders_desktop import demo

    folder.mkdir(parents=True, exist_ok=True)
    entry = store.add_folder(folder)
    known = store.known_files(entry.id)
    result = ScanResult()

    def add(path: Path) -> None:
        about = path.stat()
        before = known.get(str(path))
        if before and before[0].mtime_ns == about.st_mtime_ns:
            result.unchanged += 1
            return
        stat = scanner.FileStat(str(path), about.st_size, about.st_mtime_ns)
        _save(store, entry, read_file(stat), result)

    demo.render(folder, job=job, on_piece=add)
    return result
