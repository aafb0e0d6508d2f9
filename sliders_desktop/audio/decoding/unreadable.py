"""Why a file cannot be read, in one sentence for the listener.

Runs on whatever thread asks.
"""

import logging
import os
from pathlib import Path

from sliders_desktop.errors import FileUnreadable

log = logging.getLogger(__name__)

# The first bytes of files that are music, however broken they may be further on.
_MAGIC = (b"ID3", b"fLaC", b"OggS", b"RIFF", b"RF64", b"FORM", b"MAC ", b"wvpk", b"TTA", b"MP+",
          b"MPCK", b"caff", b".snd", b"\x30\x26\xb2\x75", b"\x1a\x45\xdf\xa3", b"\xff\xfb",
          b"\xff\xf3", b"\xff\xfa", b"\xff\xf1", b"\xff\xf9")  # fmt: skip


class Damaged(Exception):
    """The file cannot be read on at the present position."""


def unreadable(path: str | os.PathLike[str], error: BaseException | None = None) -> FileUnreadable:
    """One sentence on why ``path`` cannot be read, whatever a library said."""
    path = Path(path)
    return FileUnreadable(f"{path.name} {_reason(path, error)}.")


def _reason(path: Path, error: BaseException | None) -> str:
    try:
        if path.is_dir():
            return "is a folder, not a file"
        with path.open("rb") as file:
            head = file.read(12)
    except FileNotFoundError:
        return "is not there any more"
    except PermissionError:
        return "cannot be opened: the permission is missing"
    except OSError as problem:
        return f"cannot be opened: {problem.strerror or problem}"
    log.debug("%s: %r", path, error)
    if not head:
        return "is empty"
    if head.startswith(_MAGIC) or head[4:8] == b"ftyp":
        return "is damaged or ends early"
    return "is not a music file this program can read"
