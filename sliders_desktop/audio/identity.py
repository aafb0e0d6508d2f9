"""What makes two files the same recording: a hash of the sound alone, never of the tags.

Works on bytes, decodes nothing; runs on the scanning thread.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sliders_desktop.audio.decoding.mp3_bytes import between_tags
from sliders_desktop.audio.decoding.sources import unreadable

_PIECE = 1 << 19
_PIECES = 4
_PAGE = re.compile(rb"(OggS.{14}).{8}", re.DOTALL)
_ASF_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")

Span = tuple[int, int]  # first byte and the one after the last


def audio_hash(path: str | os.PathLike[str]) -> str:
    """Hex digest that survives moving, renaming and retagging, and differs for other sound.

    Up to 2 MiB of sound are hashed whole. Of more, the length and four pieces of 512 KiB, spread
    from the first to the last byte: a scan of thousands of albums must not read every byte.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if not size:
                raise unreadable(path)
            kind, spans = _payload(file, size)
            digest = hashlib.sha256(kind.encode())  # processors have instructions for this one
            if kind == "matroska":
                for packet in _packets(path):
                    digest.update(packet)
            for start, end in spans:
                digest.update((end - start).to_bytes(8, "little"))
                for first, last in _pieces(start, end):
                    digest.update(_bytes(file, first, last, masked=kind == "ogg"))
    except OSError as error:
        raise unreadable(path, error) from error
    return digest.hexdigest()[:32]


def _pieces(start: int, end: int) -> Iterator[Span]:
    if end - start <= _PIECES * _PIECE:
        yield start, end
        return
    step = (end - start - _PIECE) // (_PIECES - 1)
    for i in range(_PIECES):
        yield start + i * step, start + i * step + _PIECE


def _bytes(file: BinaryIO, start: int, end: int, masked: bool) -> bytes:
    """Bytes ``start`` to ``end``; ``masked`` blanks the number and checksum of Ogg's pages.

    Both change in every page when a tagger needs one page more for its comments.
    """
    margin = min(start, 27) if masked else 0  # a page's header may begin before the piece
    file.seek(start - margin)
    data = file.read(end - start + margin)
    if masked:
        data = _PAGE.sub(rb"\1" + bytes(8), data)
    return data[margin:]


def _payload(file: BinaryIO, size: int) -> tuple[str, list[Span]]:
    """The kind of file and where its sound lies."""
    start, end = between_tags(file, size)
    file.seek(start)
    head = file.read(16)
    if head.startswith(b"fLaC"):
        return "flac", [(_after_flac_metadata(file, start), end)]
    if head.startswith(b"OggS"):
        return "ogg", [(_after_ogg_headers(file, start, end), end)]
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav", _chunks(file, size, b"data", "little")
    if head.startswith(b"FORM"):
        return "aiff", _chunks(file, size, b"SSND", "big")
    if head[4:8] == b"ftyp":
        return "mp4", _boxes(file, size)
    if head.startswith(b"\x30\x26\xb2\x75"):
        return "asf", [_asf_data(file, size)]
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska", []
    return "stream", [(start, end)]  # MPEG, Monkey's Audio, WavPack, …: tags only around the sound


def _after_flac_metadata(file: BinaryIO, start: int) -> int:
    position = start + 4
    while True:
        file.seek(position)
        head = file.read(4)
        if len(head) < 4:
            return start
        position += 4 + int.from_bytes(head[1:], "big")
        if head[0] & 0x80:
            return position


def _after_ogg_headers(file: BinaryIO, start: int, end: int) -> int:
    """The first page of sound: behind the two (Opus) or three (Vorbis, …) header packets."""
    position, packets, wanted = start, 0, 3
    while position < end and packets < wanted:
        file.seek(position)
        head = file.read(27 + 255)
        if not head.startswith(b"OggS") or len(head) < 28:
            return start
        lacing = head[27 : 27 + head[26]]
        if position == start:
            file.seek(position + 27 + len(lacing))
            wanted = 2 if file.read(8) in (b"OpusHead", b"Speex   ") else 3
        packets += sum(length < 255 for length in lacing)
        position += 27 + len(lacing) + sum(lacing)
    return position if position < end else start


def _chunks(file: BinaryIO, size: int, wanted: bytes, order: str) -> list[Span]:
    """Chunks named ``wanted`` of a RIFF or IFF file."""
    position, found = 12, []
    while position + 8 <= size:
        file.seek(position)
        head = file.read(8)
        length = int.from_bytes(head[4:], "little" if order == "little" else "big")
        if length == 0xFFFFFFFF and head[:4] == wanted:  # RF64: longer than a chunk can say
            length = size - position - 8
        if head[:4] == wanted:
            found.append((position + 8, min(position + 8 + length, size)))
        position += 8 + length + length % 2
    return found or [(0, size)]


def _boxes(file: BinaryIO, size: int) -> list[Span]:
    """The media data boxes of an MP4; a tagger may move them but leaves them as they are."""
    position, found = 0, []
    while position + 8 <= size:
        file.seek(position)
        head = file.read(16)
        length, header = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, header = int.from_bytes(head[8:16], "big"), 16
        elif length == 0:
            length = size - position
        if length < header:
            break
        if head[4:8] == b"mdat":
            found.append((position + header, min(position + length, size)))
        position += length
    return found or [(0, size)]


def _asf_data(file: BinaryIO, size: int) -> Span:
    """The data object of a Windows Media file, which follows the header object."""
    file.seek(16)
    position = int.from_bytes(file.read(8), "little")
    file.seek(position)
    head = file.read(24)
    if not head.startswith(_ASF_DATA):
        return 0, size
    length = int.from_bytes(head[16:], "little")
    # 26 bytes follow that hold the file's own id.
    return position + 50, min(position + length, size) if length else size


def _packets(path: Path) -> Iterator[bytes]:
    """Matroska keeps sound in small blocks between everything else: let ffmpeg take it apart."""
    import av

    with av.open(str(path), metadata_errors="replace") as container:
        if container.streams.audio:
            for packet in container.demux(container.streams.audio[0]):
                yield bytes(packet)
