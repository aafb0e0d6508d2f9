"""Where the frames of an MP3 begin and end among tags and junk, and whether the first tells more.

Runs on whatever thread asks; reads a few kilobytes.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_HEAD = 65_536  # bytes behind the tags in which the first frame begins
# Where in its frame the header of Xing, LAME or Fraunhofer lies: MPEG 1 and 2, stereo and mono,
# with a checksum and without.
_XING_AT = (36, 21, 13, 38, 23, 15)
_VBRI_AT = (36, 38)


@dataclass(frozen=True)
class Mp3Bytes:
    start: int
    end: int
    tells: bool  # the first frame holds a header with the length
    disguised: bool  # ffmpeg, given the whole file, would not believe that header


def mp3_bytes(path: Path) -> Mp3Bytes:
    """Of a file that ffmpeg takes for MP3.

    Without a header ffmpeg estimates the length from the first bit rate it meets. It misses the
    header behind junk, and distrusts it if tags make the file a sixteenth longer than it says.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        start, end = between_tags(file, size)
        file.seek(start)
        junk = _before_header(file.read(_HEAD))
    if junk is None or end <= start + junk:
        return Mp3Bytes(start, end, tells=False, disguised=False)
    start += junk
    return Mp3Bytes(start, end, True, junk > 0 or size - end > (end - start) // 32)


def between_tags(file: BinaryIO, size: int) -> tuple[int, int]:
    """Without the ID3v2 tags before the sound, and the APE, Lyrics3 and ID3v1 tags behind it."""
    start, end = _behind_id3(file), _before_tags(file, size)
    return (start, end) if 0 <= start < end else (0, size)


def _behind_id3(file: BinaryIO) -> int:
    at = 0
    while True:
        file.seek(at)
        head = file.read(10)
        if len(head) < 10 or not head.startswith(b"ID3"):
            return at
        # The size has seven bits in each byte; a footer is not part of it.
        length = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        at += 10 + length + (10 if head[5] & 0x10 else 0)


def _before_tags(file: BinaryIO, size: int) -> int:
    """Where APE, Lyrics3 and ID3v1 tags begin."""
    end = size
    while end > 160:
        file.seek(end - 128)
        tail = file.read(128)
        if tail.startswith(b"TAG"):
            end -= 128
        elif tail[96:104] == b"APETAGEX":
            end -= int.from_bytes(tail[108:112], "little") + (32 if tail[119] & 0x80 else 0)
        elif tail.endswith(b"LYRICS200") and tail[113:119].isdigit():
            end -= int(tail[113:119]) + 15
        else:
            return end
    return size


def _before_header(data: bytes) -> int | None:
    """Bytes of junk before the frame that holds a header; None: there is none."""
    for name, places in ((b"Xing", _XING_AT), (b"Info", _XING_AT), (b"VBRI", _VBRI_AT)):
        at = data.find(name)
        if at < 0:
            continue
        for place in places:
            start = at - place
            if start >= 0 and data[start] == 0xFF and data[start + 1] & 0xE0 == 0xE0:
                return start
    return None
