"""Bring the library up to date with the folders: lane `scan`. Music files are only read.

Sound libraries are imported where they are used: nothing heavy may load before the first paint.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sliders_desktop.errors import FileUnreadable
from sliders_desktop.library import scanner
from sliders_desktop.library.records import Folder, FoundTrack
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job

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
        batch.append(read_file(stat))
        # The first few are saved at once: a listener waits for something to play.
        if len(batch) >= BATCH or done == total or done in (1, 4, 12):
            _save(store, folder, batch, result)
            batch = []
        job.progress(done, total, Path(stat.path).name)
    moved = {*result.moved, *replaced}
    result.missing += [i for i in diff.gone if i not in moved]


def _save(store: Store, folder: Folder, batch: list[FoundTrack], result: ScanResult) -> None:
    saved = store.save_found(folder.id, batch)
    result.added += saved.added
    result.changed += saved.changed
    result.moved += saved.moved
    result.unreadable += sum(1 for track in batch if track.error)


def read_file(stat: scanner.FileStat) -> FoundTrack:
    """Tags and identity of one file; what can't be read comes back with a reason."""
    from sliders_desktop.audio.identity import audio_hash
    from sliders_desktop.audio.tags import read_tags

    path = Path(stat.path)
    try:
        t = read_tags(path)
        return FoundTrack(
            path=stat.path,
            size=stat.size,
            mtime_ns=stat.mtime_ns,
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
        )
    except FileUnreadable as error:
        log.debug("%s: %s", path, error)
        reason = str(error)
    except Exception as error:
        # One strange file must never stop a scan; what broke is kept for the bug report.
        log.info("reading a file failed: %r", error)
        reason = f"This file could not be read: {error}"
    return FoundTrack(stat.path, stat.size, stat.mtime_ns, None, title=path.stem, error=reason)


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
        _save(store, entry, [read_file(stat)], result)

    demo.render(folder, job=job, on_piece=add)
    return result
