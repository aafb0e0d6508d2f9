"""What a line of a playlist may mean as a path: text alone; nothing is opened or asked for.

Such a line comes from anywhere: another system, another century's letters, or somebody unkind.
"""

import locale
import os
import re
from collections.abc import Iterable

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):/+")
_FILE = re.compile(r"file:(?://(?:localhost)?(?=/)|//(?=[^/])|(?=/))", re.IGNORECASE)
_DRIVE = re.compile(r"/?([A-Za-z]:[/\\])")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
#: Where bytes are not UTF-8 each of these may be meant: the library knows which gives a track.
_ENCODINGS = (
    *("cp1252", "latin-1", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256"),
    *("cp932", "gb18030", "big5", "cp949"),
)


def readings(raw: bytes, encoding: str = "") -> tuple[str, ...]:
    """What these bytes may say, the likeliest first; ``encoding`` is what the file claims."""
    if encoding:
        try:
            return (raw.decode(encoding),)
        except UnicodeDecodeError:
            pass
    try:
        return (raw.decode("utf-8"),)
    except UnicodeDecodeError:
        # Bytes that are no letters at all may still be a file's name here.
        found = [raw.decode("utf-8", "surrogateescape")]
    for name in (locale.getpreferredencoding(False), *_ENCODINGS):
        try:
            found.append(raw.decode(name))
        except (UnicodeDecodeError, LookupError):
            continue
    return tuple(dict.fromkeys(found))


def places(texts: Iterable[str], folder: str) -> tuple[tuple[str, ...], bool]:
    """The absolute paths that may be meant, and whether it is something on another computer.

    ``texts`` are readings of a path or an address; ``folder`` is the playlist's.
    """
    found: dict[str, None] = {}
    elsewhere = False
    for text in texts:
        scheme = _SCHEME.match(text)
        if scheme is None or len(scheme[1]) == 1:  # one letter is a drive of Windows
            found.update(dict.fromkeys(_paths(text, folder)))
            for other in _unescaped(text):
                found.update(dict.fromkeys(_paths(other, folder)))
        elif scheme[1].lower() == "file":
            path = _FILE.sub("", text, count=1)
            if path and path[0] not in "/\\" and not _DRIVE.match(path):
                path = "//" + path  # a computer's name: a shared folder of Windows
            for other in (*_unescaped(path), path):
                found.update(dict.fromkeys(_paths(other, folder)))
        else:
            elsewhere = True
    return tuple(found), elsewhere and not found


def escaped(path: str) -> str:
    """A path as part of an address: what is no plain letter is written as bytes in hex."""
    raw = os.fsencode(path)
    return re.sub(rb"[^A-Za-z0-9/._~:-]", lambda sign: b"%%%02X" % sign[0][0], raw).decode("ascii")


def _paths(text: str, folder: str) -> list[str]:
    if not text or "\0" in text:
        return []
    drive = _DRIVE.match(text)
    if drive is not None and os.sep == "/":
        # Of another system, but its end may be the same here.
        return [text[drive.start(1) :].replace("\\", "/")]
    spellings = [text if drive is None else text[drive.start(1) :]]
    if os.sep == "/" and "\\" in text:
        spellings.append(text.replace("\\", "/"))
    return [os.path.normpath(os.path.join(folder, one)) for one in spellings]  # noqa: PTH118


def _unescaped(text: str) -> tuple[str, ...]:
    if "%" not in text:
        return ()
    raw = text.encode("utf-8", "surrogateescape")
    return readings(_ESCAPE.sub(lambda digits: bytes([int(digits[1], 16)]), raw))
