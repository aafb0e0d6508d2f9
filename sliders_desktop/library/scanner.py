"""Folders against the store: which files are new, changed, gone or back. Runs on the lane `scan`.

Looks at names, sizes and times only; what is inside a file is for the task to read.
"""

import os
import stat
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from sliders_desktop.library.path_text import is_inside
from sliders_desktop.library.records import KnownFile
from sliders_desktop.progress import NO_JOB, Job

# Beside hidden ones: the bins and service folders of Windows, ext4 and network disks.
_SKIPPED = {"$recycle.bin", "#recycle", "@eadir", "lost+found", "system volume information"}


_CUE = ".cue"


class FileStat(NamedTuple):
    """One music file as the folder lists it, and the cue sheets beside it.

    Which of them is about it is for who reads them; ``sheet`` is a number that changes when one
    of them comes, goes or is written: their names, sizes and times. 0: there are none.
    """

    path: str
    size: int
    mtime_ns: int
    sheet: int = 0
    sheets: tuple[str, ...] = ()


class Diff(NamedTuple):
    """What a folder's listing says against what is known of it."""

    to_read: list[FileStat]  # new or changed
    gone: list[int]  # ids for `Store.mark_missing`, before `save_found`
    back: list[int]  # ids for `Store.mark_present`, before `save_found`
    unchanged: int  # tracks


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
        files: list[FileStat] = []
        sheets: list[FileStat] = []
        for entry in entries:
            if entry.name.startswith(".") or entry.name.lower() in _SKIPPED:
                continue
            try:
                if entry.is_dir():
                    if not _is_hidden(entry):
                        (linked if entry.is_symlink() else real).append(entry.path)
                    continue
                suffix = PurePath(entry.name).suffix.lower()
                if suffix == _CUE and entry.is_file():
                    status = entry.stat()
                    sheets.append(FileStat(entry.path, status.st_size, status.st_mtime_ns))
                elif suffix in suffixes and entry.is_file():
                    if entry.is_symlink() and is_inside(os.path.realpath(entry.path), real_root):
                        continue  # its target is listed in its own place
                    status = entry.stat()
                    files.append(FileStat(entry.path, status.st_size, status.st_mtime_ns))
            except OSError:
                unreadable.append(entry.path)
        if sheets:
            paths = tuple(sheet.path for sheet in reversed(sheets))
            files = [file._replace(sheet=_stamp(sheets), sheets=paths) for file in files]
        yield from reversed(files)


def _stamp(sheets: list[FileStat]) -> int:
    named = [(PurePath(path).name, size, mtime_ns) for path, size, mtime_ns, *_ in sheets]
    return zlib.crc32(repr(named).encode("utf-8", "surrogateescape")) or 1


def _is_hidden(entry: os.DirEntry[str]) -> bool:
    attributes: int = getattr(entry.stat(), "st_file_attributes", 0)  # Windows has them
    return bool(attributes & stat.FILE_ATTRIBUTE_HIDDEN)


def diff(stats: Iterable[FileStat], known: Mapping[str, Sequence[KnownFile]]) -> Diff:
    """Compare a folder's listing with ``known``, from `Store.known_files`."""
    to_read: list[FileStat] = []
    back: list[int] = []
    unchanged = 0
    listed: set[str] = set()
    for file in stats:
        listed.add(file.path)
        before = known.get(file.path, ())
        now = (file.size, file.mtime_ns, file.sheet)
        if before and all((part.size, part.mtime_ns, part.sheet) == now for part in before):
            for part in before:
                if part.missing:
                    back.append(part.track_id)
                else:
                    unchanged += 1
        else:
            to_read.append(file)
    gone = [
        part.track_id
        for path, parts in known.items()
        if path not in listed
        for part in parts
        if not part.missing
    ]
    return Diff(to_read, gone, back, unchanged)


def folder_is_away(path: str | Path, known: Mapping[str, Sequence[KnownFile]]) -> bool:
    """Whether a folder is unplugged rather than emptied.

    It is gone, closed, or an empty mount point where tracks were known. Its tracks are then
    shown offline (`Store.mark_missing`).
    """
    try:
        with os.scandir(path) as listing:
            return bool(known) and all(entry.name.startswith(".") for entry in listing)
    except OSError:
        return True
