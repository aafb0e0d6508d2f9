"""The built-in demo library: sixty short pieces in ten styles, composed and rendered here.

`render` runs in a worker thread; numpy and scipy release the GIL in all that takes long.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from sliders_desktop.demo.catalogue import CATALOGUE, Piece
from sliders_desktop.progress import NO_JOB, Job

__all__ = ["CATALOGUE", "Piece", "path_of", "render"]

log = logging.getLogger(__name__)


def path_of(piece: Piece, folder: Path) -> Path:
    """Where a piece lies below ``folder``."""
    return folder / piece.artist / _plain(piece.album) / f"{piece.track:02} {piece.title}.flac"


def _plain(name: str) -> str:
    """A name that every file system takes."""
    return "".join(c for c in name if c not in '<>:"/\\|?*').strip(". ")


def render(
    folder: Path, job: Job = NO_JOB, on_piece: Callable[[Path], None] | None = None
) -> list[Path]:
    """Render every piece that is not yet in ``folder``; all paths, in playing order.

    ``on_piece`` is called with each path as soon as it can be played, also where it lay ready.
    """
    from sliders_desktop.demo.recording import record

    paths: list[Path] = []
    for done, piece in enumerate(CATALOGUE):
        job.check()
        job.progress(done, len(CATALOGUE), piece.title)
        path = path_of(piece, folder)
        if not path.exists():
            record(piece, path, job)
            log.debug("rendered %s", path.name)
        paths.append(path)
        if on_piece is not None:
            on_piece(path)
    job.progress(len(CATALOGUE), len(CATALOGUE))
    return paths
