"""Folders against the store: which files are new, changed, gone or back. Runs on the lane `scan`.

Looks at names, sizes and times only; what is inside a file is for the task to read.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import NamedTuple

from sliders_desktop.library.path_text import is_inside
from sliders_desktop.library.records import KnownFile
from sliders_desktop.progress import NO_JOB, Job

# Beside hidden ones: the bins and service folders of Windows, ext4 and network disks.
_SKIPPED = {"$recycle.bin", "#recycle", "@eadir", "lost+found", "system volume information"}


class FileStat(NamedTuple):
    """One music file as the folder lists it."""

    path: str
    size: int
    mtime_ns: int


class Diff(NamedTuple):
    """What a folder's listing says against what is known of it."""

    to_read: list[FileStat]  # new or changed
    gone: list[int]  # ids for `Store.mark_missing`, before `save_found`
    back: list[int]  # ids for `Store.mark_present`, before `save_found`
    unchanged: int


def walk(
    folder: str | Path,
    suffixes: frozenset[str],
    job: Job = NO_JOB,
    unreadable: list[str] | None = None,
) -> Iterator[FileStat]:
    """Files below ``folder`` whose suffix is one of ``suffixes`` (lower case, with the dot).

    Linked folders are followed, each real folder is entered once. Hidden ones and bins are left
    out. Places that refuse to be read are added to ``unreadable``, and the walk goes on.
    """
    unreadable = [] if unreadable is None else unreadable
    root, real_root = os.fspath(folder), os.path.realpath(folder)
    # Links wait until every real folder was seen: a file keeps the path without a detour.
    real, linked, seen = [root], list[str](), set[tuple[int, int]]()
    while real or linked:
        job.check()
        place = real.pop() if real else linked.pop()
        try:
            status = Path(place).stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(place) as listing:
                entries = sorted(listing, key=lambda entry: entry.name, reverse=True)
        except OSError:
            unreadable.append(place)
            continue
        files = []
        for entry in entries:
            if entry.name.startswith(".") or entry.name.lower() in _SKIPPED:
                continue
            try:
                if entry.is_dir():
                    if not _is_hidden(entry):
                        (linked if entry.is_symlink() else real).append(entry.path)
                elif PurePath(entry.name).suffix.lower() in suffixes and entry.is_file():
                    if entry.is_symlink() and is_inside(os.path.realpath(entry.path), real_root):
                        continue  # its target is listed in its own place
                    status = entry.stat()
                    files.append(FileStat(entry.path, status.st_size, status.st_mtime_ns))
            except OSError:
                unreadable.append(entry.path)
        yield from reversed(files)


def _is_hidden(entry: os.DirEntry[str]) -> bool:
    attributes: int = getattr(entry.stat(), "st_file_attributes", 0)  # Windows has them
    return bool(attributes & stat.FILE_ATTRIBUTE_HIDDEN)


def diff(stats: Iterable[FileStat], known: Mapping[str, KnownFile]) -> Diff:
    """Compare a folder's listing with ``known``, from `Store.known_files`."""
    to_read: list[FileStat] = []
    back: list[int] = []
    unchanged = 0
    listed: set[str] = set()
    for file in stats:
        listed.add(file.path)
        before = known.get(file.path)
        if before is None or (before.size, before.mtime_ns) != (file.size, file.mtime_ns):
            to_read.append(file)
        elif before.missing:
            back.append(before.track_id)
        else:
            unchanged += 1
    gone = [
        file.track_id for path, file in known.items() if path not in listed and not file.missing
    ]
    return Diff(to_read, gone, back, unchanged)


def folder_is_away(path: str | Path, known: Mapping[str, KnownFile]) -> bool:
    """Whether a folder is unplugged rather than emptied.

    It is gone, closed, or an empty mount point where tracks were known. Its tracks are then
    shown offline (`Store.mark_missing`).
    """
    try:
        with os.scandir(path) as listing:
            return bool(known) and all(entry.name.startswith(".") for entry in listing)
    except OSError:
        return True
