"""Playlists' files as others write them, M3U or XSPF: only the file itself is ever opened."""

import codecs
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sliders_desktop.errors import UserError
from sliders_desktop.library import xspf
from sliders_desktop.library.path_text import absolute, readable
from sliders_desktop.library.playlist_places import places, readings
from sliders_desktop.library.playlists import MOST_TRACKS
from sliders_desktop.library.records import PlaylistEntry

SUFFIXES = (".m3u8", ".m3u", ".xspf")
MOST_BYTES = 20_000_000
MOST_LINES = 4 * MOST_TRACKS
LONGEST = 16_384  # a line, in bytes
LONGEST_NAME = 60
LONGEST_S = 7 * 24 * 3600.0
_INF = re.compile(r"\s*(-?[0-9.]{1,12})?[^,]*,(.*)", re.DOTALL)


@dataclass(frozen=True)
class PlaylistFile:
    """What a file says."""

    name: str
    entries: tuple[PlaylistEntry, ...]


def read(path: str | Path) -> PlaylistFile:
    """Read a playlist; `UserError` if it can't be read or is none."""
    file = Path(absolute(path))
    name = readable(file.name)
    data = _bytes(file, name)
    start = data[:200].lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    if file.suffix.casefold() == ".xspf" or start.startswith((b"<?xml", b"<playlist")):
        title, entries = xspf.read(data, str(file.parent), name)
    else:
        title, entries = _read_m3u(data, str(file.parent), name)
    if not entries:
        raise UserError(f"{name} names no tracks.")
    return PlaylistFile((title or readable(file.stem))[:LONGEST_NAME].strip(), tuple(entries))


def _bytes(file: Path, name: str) -> bytes:
    try:
        if not stat.S_ISREG(file.stat().st_mode):  # a pipe would keep us waiting
            raise UserError(f"{name} is no playlist.")
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name can't be a file's"
        raise UserError(f"{name} can't be read: {reason}.") from None
    if len(data) > MOST_BYTES:
        raise UserError(f"{name} is too large to be a playlist.")
    return data


# ── M3U ──


def _read_m3u(data: bytes, folder: str, name: str) -> tuple[str, list[PlaylistEntry]]:
    entries: list[PlaylistEntry] = []
    title, artist, album, encoding, told = "", "", "", "", ""
    for line in _lines(data, name):
        if not line.startswith(b"#"):
            if len(entries) >= MOST_TRACKS:
                raise UserError(f"{name} names more than {MOST_TRACKS:,} tracks.")
            entries.append(_entry(readings(line, encoding), folder, told, artist, album))
            told = artist = ""
            continue
        key, _, value = line.partition(b":")
        key, text = key.upper(), _words(readings(value, encoding))
        if key == b"#EXTINF":
            told = text
        elif key == b"#EXTART":
            artist = text
        elif key == b"#EXTALB":
            album = text
        elif key == b"#PLAYLIST":
            title = text
        elif key == b"#EXTENC":
            encoding = _known_encoding(text)
    return title, entries


def _lines(data: bytes, name: str) -> Iterator[bytes]:
    """Lines that say something, in UTF-8 or whatever single bytes they are in."""
    wide = _wide(data)
    if wide:
        data = data.decode(wide, "replace").encode("utf-8", "replace")
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        raise UserError(f"{name} is no playlist.")
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data.count(b"\n") > MOST_LINES:
        raise UserError(f"{name} has too many lines for a playlist.")
    for line in data.split(b"\n"):
        if len(line) > LONGEST:
            raise UserError(f"{name} is no playlist: one of its lines is too long.")
        if line := line.strip():
            yield line


def _wide(data: bytes) -> str:
    """The encoding of a text in pairs of bytes, "" for others."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = data[:400]
    pairs = len(start) // 2
    if pairs and start[1::2].count(0) > pairs * 0.8:
        return "utf-16-le"
    return "utf-16-be" if pairs and start[::2].count(0) > pairs * 0.8 else ""


def _words(texts: tuple[str, ...]) -> str:
    """Of several readings the first that is text."""
    best = next((t for t in texts if not any("\ud800" <= sign <= "\udfff" for sign in t)), texts[0])
    return readable(" ".join(best.split()))


def _known_encoding(name: str) -> str:
    try:
        "ä".encode(name)  # the codecs that are none of text raise, too
    except (LookupError, UnicodeError, ValueError):
        return ""
    return name if codecs.lookup(name).name.startswith(_TEXT) else ""


_TEXT = ("utf", "cp", "iso8859", "koi8", "shift", "euc", "gb", "big5", "mac", "johab", "latin")


def _entry(
    texts: tuple[str, ...], folder: str, told: str, artist: str, album: str
) -> PlaylistEntry:
    found = _INF.fullmatch(told)
    words = found[2].strip() if found else ""
    names = [(artist, words)] if artist and words else []
    pieces = words.split(" - ")
    names += [
        (" - ".join(pieces[:at]).strip(), " - ".join(pieces[at:]).strip())
        for at in range(1, min(len(pieces), 8))
    ]
    where, elsewhere = places(texts, folder)
    last = "/".join(re.split(r"[/\\]+", _words(texts))[-2:])
    return PlaylistEntry(
        where, tuple(names), album, seconds(found[1] if found else ""), elsewhere, words or last
    )


def seconds(text: str | None) -> float:
    """A length as a file tells it; 0 if that can't be one."""
    try:
        told = float(text or 0)
    except ValueError:
        return 0.0
    return told if 0 < told < LONGEST_S else 0.0
