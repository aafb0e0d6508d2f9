"""How many samples a file says it has, where ffmpeg rounds that or guesses.

Runs on whatever thread asks; reads a few headers, never the sound.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_Span = tuple[int, int]  # first byte and the one after the last

_LARGEST = 1 << 20  # bytes of a box that is read whole


def itunes_frames(tag: str) -> int | None:
    """The number of samples that iTunes notes in its ``iTunSMPB``: all but delay and padding."""
    fields = tag.split()
    try:
        return int(fields[3], 16) or None if len(fields) > 3 else None
    except ValueError:
        return None


def mp4_frames(path: Path, rate: int) -> int | None:
    """Samples between the two ends of an MP4's edit; None: there is no edit to go by.

    The edit counts in ticks of the whole file, often milliseconds, and some writers drop the
    fraction; the table of sample times (stts) ends exactly. So the table decides if both mean the
    same place. ISO/IEC 14496-12, 8.6.
    """
    try:
        with path.open("rb") as file:
            return _edited(file, rate)
    except (OSError, struct.error, KeyError, ZeroDivisionError):
        return None


def _edited(file: BinaryIO, rate: int) -> int | None:
    moov = _inside(file, (0, os.fstat(file.fileno()).st_size))["moov"][0]
    film = _inside(file, moov)
    for trak in film["trak"]:
        mdia = _inside(file, _inside(file, trak)["mdia"][0])
        if _read(file, mdia["hdlr"][0])[8:12] == b"soun":
            break
    else:
        return None
    edits = _edits(file, trak)
    if len(edits) != 1 or edits[0][1] < 0:
        return None
    (length, start) = edits[0]
    stbl = _inside(file, _inside(file, mdia["minf"][0])["stbl"][0])
    table = _read(file, stbl["stts"][0])
    whole: int = sum(n * ticks for n, ticks in struct.iter_unpack(">II", table[8:])) - start
    if whole <= 0:
        return None  # a fragmented file has its samples elsewhere
    media, movie = _timescale(file, mdia["mdhd"][0]), _timescale(file, film["mvhd"][0])
    edited = length * media / movie
    same = not length or abs(whole - edited) <= media / movie
    return round((whole if same else min(whole, edited)) * rate / media)


def _edits(file: BinaryIO, trak: _Span) -> list[tuple[int, int]]:
    """Length in the film's ticks and start in the medium's; a start of -1 is a pause."""
    boxes = _inside(file, trak)
    if "edts" not in boxes:
        return []
    data = _read(file, _inside(file, boxes["edts"][0])["elst"][0])
    (count,) = struct.unpack_from(">I", data, 4)
    form = ">Qqi" if data[0] else ">Iii"
    size = struct.calcsize(form)
    return [struct.unpack_from(form, data, 8 + i * size)[:2] for i in range(count)]


def _timescale(file: BinaryIO, box: _Span) -> int:
    data = _read(file, box)
    (ticks,) = struct.unpack_from(">I", data, 20 if data[0] else 12)
    return int(ticks)


def _inside(file: BinaryIO, span: _Span) -> dict[str, list[_Span]]:
    """The boxes in ``span`` by kind, each as the span of its body."""
    boxes: dict[str, list[_Span]] = {}
    for kind, body in _boxes(file, span):
        boxes.setdefault(kind, []).append(body)
    return boxes


def _boxes(file: BinaryIO, span: _Span) -> Iterator[tuple[str, _Span]]:
    at, end = span
    while at + 8 <= end:
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(8))
        header = 8
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            header = 16
        elif size == 0:
            size = end - at
        if size < header:
            return
        yield kind.decode("latin-1"), (at + header, min(at + size, end))
        at += size


def _read(file: BinaryIO, span: _Span) -> bytes:
    file.seek(span[0])
    return file.read(min(span[1] - span[0], _LARGEST))
