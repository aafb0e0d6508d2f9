"""From a piece to a tagged FLAC file with its cover; written beside its place, then renamed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
from mutagen.flac import FLAC, Picture

from sliders_desktop.demo import acoustic, chip, covers, grooves, machines, quiet
from sliders_desktop.demo.catalogue import CATALOGUE, Piece
from sliders_desktop.demo.sources import RATE, Audio
from sliders_desktop.progress import Job

STYLES: dict[str, Callable[[Piece], Audio]] = {
    "lofi": grooves.lofi,
    "folk": acoustic.folk,
    "techno": machines.techno,
    "nocturne": quiet.nocturne,
    "drumbass": machines.drumbass,
    "chamber": quiet.chamber,
    "dub": grooves.dub,
    "ambient": quiet.ambient,
    "chip": chip.chip,
    "jazz": acoustic.jazz,
}


def samples(piece: Piece) -> npt.NDArray[np.int16]:
    """The piece as (n, 2) samples at `RATE`."""
    mix = STYLES[piece.style](piece)
    return np.round(mix.T * 32767).astype(np.int16)


def record(piece: Piece, path: Path, job: Job) -> None:
    """Render one piece to ``path``; leaves nothing behind if it is cancelled or fails."""
    sound = samples(piece)
    job.check()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not a name that a scan would take for music.
    part = path.with_suffix(".part")
    try:
        soundfile.write(part, sound, RATE, format="FLAC", subtype="PCM_16")
        _tag(piece, part)
        job.check()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def cover(piece: Piece) -> bytes:
    """The picture of the piece's album, as PNG."""
    albums = list(dict.fromkeys(p.album for p in CATALOGUE))
    number = albums.index(piece.album)
    later = any(p.style == piece.style and p.year < piece.year for p in CATALOGUE)
    return covers.png(covers.draw(piece.style, number, later))


def _tag(piece: Piece, path: Path) -> None:
    file: Any = FLAC(path)  # type: ignore[no-untyped-call]
    file["title"] = piece.title
    file["artist"] = file["albumartist"] = piece.artist
    file["album"] = piece.album
    file["date"] = str(piece.year)
    file["genre"] = piece.genre
    file["tracknumber"] = str(piece.track)
    file["tracktotal"] = str(sum(p.album == piece.album for p in CATALOGUE))
    picture: Any = Picture()  # type: ignore[no-untyped-call]
    picture.type = 3
    picture.mime = "image/png"
    picture.width = picture.height = covers.SIZE
    picture.depth = 24
    picture.data = cover(piece)
    file.add_picture(picture)
    file.save()
