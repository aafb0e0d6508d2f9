"""Playlists as files that other players read: M3U in UTF-8, or XSPF."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sliders_desktop.errors import UserError
from sliders_desktop.library import xspf
from sliders_desktop.library.path_text import is_inside, readable
from sliders_desktop.library.playlist_places import escaped
from sliders_desktop.library.records import TrackRow

#: "auto": from the playlist's place where both lie in one music folder, so that it may move.
PathStyle = Literal["auto", "relative", "absolute"]
SUFFIXES = (".m3u8", ".m3u", ".xspf")


@dataclass(frozen=True)
class WrittenPlaylist:
    """What became of the tracks that were to be written."""

    path: str
    entries: int
    missing: int = 0  # their files are away
    unwritable: int = 0  # a line cannot hold their names
    parts: int = 0  # tracks that are parts of ``whole_files``, each written once
    whole_files: int = 0

    @property
    def sentence(self) -> str:
        """What the listener is told."""
        said = [f"{_many(self.entries, 'track')} written to {readable(Path(self.path).name)}."]
        if self.parts:
            files = "one long file" if self.whole_files == 1 else f"{self.whole_files} long files"
            said.append(
                f"{_many(self.parts, 'track')} of {files} stand there as the whole "
                f"{'file' if self.whole_files == 1 else 'files'}: playlists know no parts."
            )
        if self.missing:
            said.append(f"{_many(self.missing, 'track')} left out: the file is away.")
        if self.unwritable:
            said.append(f"{_many(self.unwritable, 'track')} left out: the name breaks the line.")
        return " ".join(said)


def _many(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"


def write_playlist(
    rows: Iterable[TrackRow],
    path: str,
    roots: Sequence[str],
    style: PathStyle = "auto",
    name: str = "",
) -> WrittenPlaylist:
    """Write ``rows`` in their order, as XSPF or M3U by the ending; ``roots`` are the music folders.

    The file is there whole or not at all. Raises `UserError` where it cannot be written, or where
    something else than a playlist lies.
    """
    target = Path(path).expanduser()
    if target.suffix.casefold() not in SUFFIXES:
        target = target.with_name(target.name + SUFFIXES[0])
    target = Path(os.path.abspath(target))  # noqa: PTH100 – resolve() would follow links
    as_xml = target.suffix.casefold() == ".xspf"
    kept, told = _kept(rows, target, as_xml)
    if not told.entries:
        raise UserError("There is nothing to write: none of these tracks is at hand.")
    _refuse_music(target)
    placed = [(row, _place(row.path, target, roots, style)) for row in kept]
    if as_xml:
        text = xspf.text_of(name or target.stem, ((row, _address(to)) for row, to in placed))
    else:
        lines = [line for row, to in placed for line in (_about(row), os.fsencode(to))]
        text = b"\n".join([b"#EXTM3U", *lines]) + b"\n"
    _write(target, text)
    return told


def _kept(
    rows: Iterable[TrackRow], target: Path, as_xml: bool
) -> tuple[list[TrackRow], WrittenPlaylist]:
    """What will stand in the file, a file that is several tracks once, as one without end."""
    kept: list[TrackRow] = []
    whole: set[str] = set()
    missing = unwritable = parts = 0
    for row in rows:
        part = row.start_s > 0 or row.end_s is not None
        if row.missing or not row.path:
            missing += 1
        elif not as_xml and ("\n" in row.path or "\r" in row.path):
            unwritable += 1
        else:
            parts += part
            if row.path in whole:
                continue
            if part:
                whole.add(row.path)
                row = row._replace(title=row.album or row.title, duration_s=-1.0)
            kept.append(row)
    told = WrittenPlaylist(str(target), len(kept), missing, unwritable, parts, len(whole))
    return kept, told


def _about(row: TrackRow) -> bytes:
    """The line before the path. Of a whole file, known by its parts only, the length is not."""
    text = " ".join(" - ".join(filter(None, (row.artist, row.title))).split())
    return f"#EXTINF:{round(row.duration_s)},{text}".encode("utf-8", "replace")


def _address(path: str) -> str:
    """As XSPF wants it: an absolute path becomes a file's address."""
    text = escaped(path.replace("\\", "/") if os.sep == "\\" else path)
    if not os.path.isabs(path):  # noqa: PTH117 – a text, not a path of ours
        return text if ":" not in text.partition("/")[0] else f"./{text}"
    if text.startswith("//"):
        return f"file:{text}"  # a shared folder of Windows
    return f"file://{'' if text.startswith('/') else '/'}{text}"


def _place(path: str, target: Path, roots: Sequence[str], style: PathStyle) -> str:
    folder = str(target.parent)
    if style == "auto":
        together = [folder, *(root for root in roots if is_inside(folder, root))]
        style = "relative" if any(is_inside(path, root) for root in together) else "absolute"
    if style == "relative":
        try:
            relative = os.path.relpath(path, folder)
        except ValueError:  # another drive of Windows
            return path
        # What begins so would be read as a remark.
        return f".{os.sep}{relative}" if relative.startswith("#") else relative
    return path


def _refuse_music(target: Path) -> None:
    """A file of that name is replaced only if it is text."""
    try:
        with target.open("rb") as there:
            if b"\0" in there.read(4096):
                raise UserError(f"{readable(target.name)} is no playlist: choose another name.")
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserError(_trouble(target, error)) from None


def _write(target: Path, text: bytes) -> None:
    beside = ""
    try:
        handle, beside = tempfile.mkstemp(".part", ".sliders-", target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(0o644)  # temporary files are private, playlists are not
        Path(beside).replace(target)
    except OSError as error:
        with suppress(OSError):
            if beside:
                Path(beside).unlink()
        raise UserError(_trouble(target, error)) from None


def _trouble(target: Path, error: OSError) -> str:
    return f"{readable(target.name)} can't be written: {error.strerror or error}."
