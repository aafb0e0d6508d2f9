"""One music file decoded in order, at its own rate, by PyAV (ffmpeg).

Runs on whatever thread asks. Samples are counted from the first that the encoder was given: what
encoders put before and behind is trimmed, and after a seek the count goes on exactly.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sliders_desktop.audio.decoding.downmix import Block, joined, samples
from sliders_desktop.audio.decoding.mp3_bytes import mp3_bytes
from sliders_desktop.audio.decoding.told_length import itunes_frames, mp4_frames
from sliders_desktop.audio.decoding.unreadable import Damaged, unreadable
from sliders_desktop.errors import FileUnreadable

log = logging.getLogger(__name__)

_PADDING = 16_384  # frames that a last packet or two may hold beyond the end
_PREROLL_S = 0.5  # lossy codecs need some packets before the target to sound right at it
_INDEX = str(1 << 27)  # bytes, of ten hours 33 MB: with less ffmpeg forgets where packets begin
_ORDERS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_SKIP_MANUAL = 1 << 29  # AV_CODEC_FLAG2_SKIP_MANUAL


def _part_of(path: Path, start: int, end: int) -> str:
    """The bytes from ``start`` to ``end`` of a file as an address for ffmpeg."""
    return f"subfile,,start,{start},end,{end},,:{path}"


def _tamed(codec: Any) -> tuple[str, ...]:
    """The names of the channels, if the file has them in an order of its own; else nothing.

    The decoder is given a usual order then: of one layout PyAV 18.1 makes a copy that frees the
    original's channels each time it is asked, and the whole program goes down with it. So it is
    asked once, and the original replaced.
    """
    layout = codec.layout
    count = layout.nb_channels
    if not layout.name.startswith(f"{count} channels ("):
        return ()
    names = tuple(str(channel.name) for channel in layout.channels)
    codec.layout = _ORDERS.get(count, f"{count} channels")
    return names


class AvSource:
    def __init__(self, path: Path, part: tuple[int, int] | None = None) -> None:
        """``part``: the first byte and the one after the last, of a file in a file."""
        import av

        self._error = av.error.FFmpegError
        self._path = path
        self._url = str(path) if part is None else _part_of(path, *part)
        self._container: Any = None
        self._ready: list[Any] = []  # decoded frames not yet given, the next one last
        self.frames: int | None = None
        self._end: int | None = None  # what is beyond is padding
        try:
            self._open()
            self._told = True
            if self._format == "mp3" and part is None:
                found = mp3_bytes(path)
                self._told = found.tells
                if found.disguised:
                    self._url = _part_of(path, found.start, found.end)
                    self._open()
            if not self._ready:
                raise unreadable(path)
            self.frames = self._length()
            # Where the end is told exactly; elsewhere ffmpeg itself trims, or nobody knows.
            exact = self._format.startswith(("mov", "ogg"))
            self._end = self.frames if exact else None
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        import av

        self.close()
        self._container = av.open(
            self._url, metadata_errors="replace", options={"indexmem": _INDEX}
        )
        if not self._container.streams.audio:
            raise unreadable(self._path)
        self._stream = self._container.streams.audio[0]
        codec = self._stream.codec_context
        self.rate = int(codec.sample_rate)
        if not self.rate:
            raise unreadable(self._path)
        self._format: str = self._container.format.name
        self._codec: str = codec.name
        self._rest: Block = np.zeros((0, 2), np.float32)  # of the frame at hand
        self._target = 0  # frames before it are decoded and dropped
        self._placed = True  # False after a seek, until a frame's time stamp says where it is
        self._end = None
        self._beyond: list[Block] = []
        if self._codec in ("wmav1", "wmav2"):
            codec.flags2 |= _SKIP_MANUAL
        self._names = _tamed(codec)
        self._packets = self._container.demux(self._stream)
        self._ready = []
        first = self._next_frame()
        # The time stamp that is the file's zero.
        self._start = self._stream.start_time or 0
        self._first = 0 if first is None else int(first.samples)
        self._lead = self._wma_lead(codec.extradata or b"")  # decoded frames before sample zero
        self._position = -self._lead  # of the next frame to give
        if first is not None:
            self._ready.append(first)
            if self._stream.start_time is None:
                self._start = first.pts or 0

    def _wma_lead(self, setup: bytes) -> int:
        """Frames that a WMA begins with and that are no music.

        Microsoft's encoder is two blocks late, and ffmpeg trims as much of every file. ffmpeg's own
        is one block late; it shows in ``setup`` that it uses no bit reservoir, as no other does.
        """
        if self._codec not in ("wmav1", "wmav2"):
            return 0
        flags = setup[2:4] if self._codec == "wmav1" else setup[4:6]
        self._reservoir = bool(int.from_bytes(flags, "little") & 2)
        return self._first * (2 if self._reservoir else 1)

    def _length(self) -> int | None:
        if self._format.startswith("mov"):
            told = itunes_frames(self._container.metadata.get("iTunSMPB", ""))
            return told or mp4_frames(self._path, self.rate) or self._duration()
        if self._format == "aac" or not self._told:
            return None  # ffmpeg's guess
        known = self._duration()
        if known is None:
            return None
        if self._format == "ogg":  # here the encoder's delay counts as time
            known -= self._stream.codec_context.delay
        if self._lead:  # counted in milliseconds, delay and padding included
            known = round(known / self._first) * self._first
        return max(known, 0)

    def _duration(self) -> int | None:
        if self._stream.duration is None:
            return None
        known: int = round(self._stream.duration * self._stream.time_base * self.rate)
        return known

    def read(self, frames: int) -> Block:
        # A codec's frame may be 20 ms short; whoever resamples is quicker with larger pieces.
        pieces = [self._rest]
        count = len(self._rest)
        while count < frames:
            try:
                frame = self._next_frame()
            except Damaged:
                if count:
                    break  # give what is good; the next call meets the damage again
                raise
            if frame is None:
                break  # what lies beyond the end is padding
            piece = self._placed_samples(frame)
            pieces.append(piece)
            count += len(piece)
        whole = joined([piece for piece in pieces if len(piece)])
        self._rest = whole[frames:]
        return whole[:frames]

    def _placed_samples(self, frame: Any) -> Block:
        """What of a decoded frame is wanted: after the place sought, before the end."""
        if not self._placed and frame.pts is not None:
            self._position = self._place(frame)
            self._placed = True
        try:
            block = samples(frame, self._names)
        except (self._error, ValueError):  # a frame of damage is a short gap, not the end
            log.debug("%s: a damaged frame", self._path)
            block = np.zeros((frame.samples, 2), np.float32)
        start, self._position = self._position, self._position + len(block)
        block = block[max(0, self._target - start) :]
        return self._until_end(block) if self._end is not None else block

    def _place(self, frame: Any) -> int:
        """The number of a frame's first sample, by its time stamp.

        Matroska and ASF count milliseconds. Codecs whose frames are all equally long can only
        begin at multiples of that, behind what was left of the first one.
        """
        place: int = round((frame.pts - self._start) * frame.time_base * self.rate)
        tick = frame.time_base * self.rate  # in samples
        if tick > 1 and self._codec != "vorbis":
            step = max(self._first, frame.samples)
            first = 0 if self._lead else self._first % step
            even = first + round((place - first) / step) * step
            if abs(even - place) <= 1.5 * tick:
                place = even
        return place - self._lead

    def _until_end(self, block: Block) -> Block:
        """Keep back what lies beyond the declared end: the last packet's padding, most likely.

        If there is much of it, more was chained behind the end, and all is given after all.
        """
        assert self._end is not None
        if self._position <= self._end:
            return block
        inside = max(0, len(block) - (self._position - self._end))
        self._beyond.append(block[inside:])
        if sum(map(len, self._beyond)) <= _PADDING:
            return block[:inside]
        block = np.concatenate([block[:inside], *self._beyond])
        self._end, self._beyond = None, []
        return block

    def _next_frame(self) -> Any:
        while not self._ready:
            try:
                packet = next(self._packets)
            except StopIteration:
                return None
            except self._error as error:
                raise Damaged from error
            try:
                self._ready = list(packet.decode())[::-1]
            except self._error:  # one bad packet is a short gap, not the end
                log.debug("%s: a damaged packet", self._path)
            except EOFError:
                return None
        return self._ready.pop()

    def seek(self, frame: int) -> None:
        before = frame / self.rate - _PREROLL_S
        end = self._end
        try:
            if before <= 0 or self._stream.time_base is None:
                self._open()  # only a fresh start applies the trim of the encoder's delay
            elif self._format == "ogg" and self._codec == "flac":
                self._open()
                self._walk(frame)
            else:
                self._container.seek(
                    int(before / self._stream.time_base) + self._start, stream=self._stream
                )
                self._packets = self._container.demux(self._stream)
                self._ready = []
                self._placed = False
        except (self._error, FileUnreadable) as error:
            raise Damaged from error
        self._end = end
        self._rest = self._rest[:0]
        self._beyond = []
        self._target = frame

    def _walk(self, frame: int) -> None:
        """Go to ``frame`` packet by packet from the start, decoding none.

        In Ogg ffmpeg misses the places of FLAC, whose frames need nothing of the ones before.
        """
        if self._first > frame:
            return
        self._ready = []
        self._position = self._first
        for packet in self._packets:
            length = round((packet.duration or 0) * packet.time_base * self.rate)
            if self._position + length > frame or packet.size == 0:
                self._ready = list(packet.decode())[::-1]
                return
            self._position += length

    def close(self) -> None:
        if self._container is not None:
            self._container.close()


def measured_s(path: Path, check: Callable[[], None]) -> float:
    """Seconds of sound in the file, counted packet by packet: a tenth of the work of decoding.

    0 where it cannot be counted. ``check`` is called now and then and may raise.
    """
    import av

    seconds = 0.0
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            stream = container.streams.audio[0]
            tick_s = float(stream.time_base or 0)
            for at, packet in enumerate(container.demux(stream)):
                seconds += (packet.duration or 0) * tick_s
                if at % 256 == 0:
                    check()
    except (av.error.FFmpegError, IndexError) as error:
        log.debug("%s: counted until %r", path, error)
    return seconds
