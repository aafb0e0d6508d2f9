"""Chained Ogg: several recordings one after another in one file, as radio and joined files have it.

Runs on whatever thread asks. Each link is decoded as a file of its own, so that each keeps its
rate, its channels and its exact ends; RFC 3533, section 4, on chaining.
"""

import logging
import os
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from sliders_desktop.audio.decoding.av_source import AvSource
from sliders_desktop.audio.decoding.downmix import Block
from sliders_desktop.audio.decoding.unreadable import Damaged, unreadable

log = logging.getLogger(__name__)

_Page = tuple[int, int, int, bool]  # first byte, the one after the last, serial number, first?
Link = tuple[int, int]  # first byte and the one after the last

_LONGEST_PAGE = 65_307
_BEGIN = 2  # the flag of a stream's first page


def chain(path: Path) -> list[Link]:
    """Where the file's links lie, more than one only if it is chained; none: it is no Ogg.

    Finds them by bisection: each stream of a chain has a serial number of its own.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        links: list[Link] = []
        start = 0
        while start < size:
            serials = _beginning(file, start, size)
            if not serials:
                break
            end = _first_foreign(file, serials, start, size)
            links.append((start, end))
            start = end
    return links


def _beginning(file: BinaryIO, start: int, size: int) -> set[int]:
    """The serial numbers of the streams that begin together at ``start``."""
    serials: set[int] = set()
    page = _page_at(file, start, size)
    while page is not None and page[3]:
        serials.add(page[2])
        page = _page_at(file, page[1], size)
    return serials


def _first_foreign(file: BinaryIO, serials: set[int], start: int, size: int) -> int:
    """Where the first page of another stream than ``serials`` begins; ``size`` if none does."""
    tail = max(start, size - 2 * _LONGEST_PAGE)
    last, at = None, tail
    while (page := _next_page(file, at, size)) is not None:
        last, at = page, page[1]
    if last is None or last[2] in serials:
        return size
    low, high, found = start, size, size
    while low < high:
        middle = (low + high) // 2 if high - low > _LONGEST_PAGE else low
        page = _next_page(file, middle, high)
        if page is not None and page[2] in serials:
            low = page[1]
        else:
            high = middle
            found = found if page is None else page[0]
    return found


def _next_page(file: BinaryIO, start: int, end: int) -> _Page | None:
    """The first page that begins at ``start`` or behind it, before ``end``."""
    at = start
    while at < end:
        file.seek(at)
        data = file.read(min(_LONGEST_PAGE, end - at + 3))
        found = data.find(b"OggS")
        if found < 0:
            at += max(1, len(data) - 3)
            continue
        page = _page_at(file, at + found, os.fstat(file.fileno()).st_size)
        if page is not None:
            return page if page[0] < end else None
        at += found + 1
    return None


def _page_at(file: BinaryIO, at: int, size: int) -> _Page | None:
    file.seek(at)
    head = file.read(27)
    if len(head) < 27 or head[:5] != b"OggS\0":
        return None
    (serial,) = struct.unpack_from("<I", head, 14)
    end = at + 27 + head[26] + sum(file.read(head[26]))
    file.seek(end)
    # Four letters in the midst of sound are no page: behind one there is another, or the end.
    if end < size and file.read(4) not in (b"OggS", b""):
        return None
    return at, end, serial, bool(head[5] & _BEGIN)


class ChainSource:
    """All links of a chain one after another, at the rate of the first."""

    def __init__(self, path: Path, links: list[Link]) -> None:
        self._path = path
        self._links: list[Link] = []
        self._starts = [0]  # the frame at which each link begins, and the end
        self._current: AvSource | None = None
        self._at = 0  # the link being read
        self._resampler: Any = None
        self.rate = 0
        for link in links:
            self._add(link)
        if not self._links:
            raise unreadable(path)
        self.frames: int | None = self._starts[-1]
        self._enter(0)

    def _add(self, link: Link) -> None:
        try:
            source = AvSource(self._path, link)
        except Exception as error:  # whatever a library makes of a broken link
            log.debug("%s: a link left out: %r", self._path, error)
            return
        self.rate = self.rate or source.rate
        frames = source.frames or 0
        self._links.append(link)
        self._starts.append(self._starts[-1] + round(frames * self.rate / source.rate))
        source.close()

    def _enter(self, at: int, frame: int = 0) -> None:
        """Go to the link ``at``, and in there to ``frame`` of the chain's rate."""
        self.close()
        self._at = at
        try:
            self._current = AvSource(self._path, self._links[at])
        except Exception as error:  # it was opened before: the file has changed, or gone
            raise Damaged from error
        rate = self._current.rate
        self._resampler = None
        if rate != self.rate:
            import soxr

            self._resampler = soxr.ResampleStream(rate, self.rate, 2)
        self._left = self._starts[at + 1] - self._starts[at] - frame
        if frame:
            self._current.seek(round(frame * rate / self.rate))

    def read(self, frames: int) -> Block:
        while True:
            block = self._next_block(frames)
            if len(block):
                return block
            if self._at + 1 >= len(self._links):
                return block
            self._enter(self._at + 1)

    def _next_block(self, frames: int) -> Block:
        """Some of the present link; none at its end."""
        if self._current is None:
            return np.zeros((0, 2), np.float32)
        if self._resampler is None:
            return self._read_on(self._current, frames)
        block: Block = np.zeros((0, 2), np.float32)
        while not len(block):
            read = self._read_on(self._current, frames)
            pair = np.ascontiguousarray(np.broadcast_to(read, (len(read), 2)))
            block = self._resampler.resample_chunk(pair, last=not len(read))
            if not len(read):
                self._current.close()
                self._current = None
                break
        # A resampler may round the other way than the sum of all lengths did.
        block = block[: self._left]
        self._left -= len(block)
        return block

    def _read_on(self, source: AvSource, frames: int) -> Block:
        try:
            return source.read(frames)
        except Damaged as error:  # the next link may be whole
            log.debug("%s: the rest of a link left out: %r", self._path, error)
            return np.zeros((0, 2), np.float32)

    def seek(self, frame: int) -> None:
        at = next((i for i, end in enumerate(self._starts[1:]) if frame < end), None)
        if at is None:
            self._at = len(self._links)
            self.close()
        else:
            self._enter(at, frame - self._starts[at])

    def close(self) -> None:
        if self._current is not None:
            self._current.close()
            self._current = None
