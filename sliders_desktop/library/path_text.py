"""Paths as the database stores them: valid UTF-8 that gives any file name back unharmed.

Names that are not valid Unicode reach Python as lone surrogates, which SQLite refuses. They are
written as `//` and four hex digits, since `//` never stands inside a normalised path.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path, PurePath

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile("//([0-9a-f]{4})")
_DISC = re.compile(r"(cd|dis[ck])\W*\d+", re.IGNORECASE)


def stored(path: str) -> str:
    """``path`` for the database; a prefix stays a prefix."""
    return _SURROGATE.sub(lambda found: f"//{ord(found[0]):04x}", path)


def restored(text: str | None) -> str:
    """The path again, "" for none."""
    if text is None:
        return ""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "//" in text else text


def readable(text: str) -> str:
    """A tag or message without what a database or a window cannot hold."""
    return _SURROGATE.sub("\ufffd", text).replace("\0", " ").strip()


def numbered(name: str, taken: Iterable[str]) -> str:
    """``name``, or where that is among those ``taken``, in any case, “name 2”, “name 3”, …"""
    known = {one.casefold() for one in taken}
    number, found = 2, name
    while found.casefold() in known:
        number, found = number + 1, f"{name} {number}"
    return found


def is_inside(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or lies below it, by the rules of this system's names."""
    path, folder = os.path.normcase(path), os.path.normcase(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def title_of(path: str) -> str:
    """What a track without a title tag is called: its file's name."""
    return readable(PurePath(path).stem)


def album_folder(path: str) -> str:
    """Where an album lies: its discs may lie in folders of their own below that ("CD 2")."""
    folder = PurePath(path).parent
    return str(folder.parent if _DISC.fullmatch(folder.name) else folder)


def absolute(path: str | Path) -> str:
    """``path`` as the listener named it: ~ and .. are resolved, links are not."""
    return os.path.abspath(Path(path).expanduser())  # noqa: PTH100 – resolve() follows links
