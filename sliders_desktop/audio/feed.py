"""From decoders to the ring: one track after the other, joined, levelled, crossfaded.

Player thread only. `deck.py` says which tracks; here they become one unbroken sound.
"""

import logging
from dataclasses import dataclass, field

import numpy as np

from sliders_desktop.audio.crossfade import Overlap, Tail
from sliders_desktop.audio.decoding.sources import Block, unreadable
from sliders_desktop.audio.decoding.spans import WHOLE, Span
from sliders_desktop.audio.files import Decoder
from sliders_desktop.audio.line import Line
from sliders_desktop.audio.output import Output
from sliders_desktop.errors import FileUnreadable

log = logging.getLogger(__name__)

HEAD_S = 0.25  # decoded before a start or a seek is heard, so that it does not stutter
ROOM_S = 0.45  # surely holds what one block of a decoder, or a head, makes
_TOO_LATE_S = 0.25  # what is so near to being heard cannot be taken back any more
_GAIN_AFTER_S, _GAIN_RAMP_S = 0.03, 0.03  # a new gain begins so far behind what sounds now


@dataclass
class Track:
    """One track on its way; positions count the ring's frames."""

    key: int
    path: str
    span: Span = WHOLE
    gain: float = 1.0
    overlap_s: float = 0.0  # crossfaded with the track before
    decoder: Decoder | None = None  # None: not opened yet, or all is decoded
    head: list[Block] = field(default_factory=list)  # a beginning, decoded early, at its own rate
    rate: int = 0  # its own
    begin: int = 0  # where its sound (since the last seek) begins
    end: int | None = None  # where it ends, once that is known
    offset_s: float = 0.0  # the track's own time at `begin`
    played_s: float = 0.0  # heard before the last seek
    started: bool = False
    asked: bool = False  # NeedNext was sent
    overlap: Overlap | None = None  # how it came in
    broken: str = ""  # why it ends before its end

    def read_head(self, start_s: float = 0.0) -> None:
        """Open it and decode a quarter of a second from ``start_s``; `FileUnreadable`."""
        self.head = []
        if self.decoder is not None:
            self.decoder.seek(start_s)
        else:
            self._open(start_s)
        assert self.decoder is not None
        while sum(map(len, self.head)) < HEAD_S * self.rate:
            block = self.decoder.read()
            if not len(block):
                break
            self.head.append(block)
        if not self.head:  # there is nothing in it
            self.head = [np.zeros((0, 2), np.float32)]

    def read_on(self) -> None:
        """Open it behind its head, which is being heard already."""
        try:
            self._open(sum(map(len, self.head)) / self.rate)
        except FileUnreadable as error:
            self.broken = str(error)
            self.close()

    def _open(self, start_s: float) -> None:
        self.decoder = Decoder(self.path, None, span=self.span)
        self.rate = self.decoder.rate
        if start_s > 0:
            self.decoder.seek(start_s)

    def close(self) -> None:
        if self.decoder is not None:
            self.decoder.close()
            self.decoder = None

    def again(self) -> "Track":
        """The same from its beginning: closed, but with its head."""
        self.close()
        fresh = Track(self.key, self.path, self.span, self.gain, self.overlap_s)
        fresh.head, fresh.rate = self.head, self.rate
        return fresh


class Feed:
    """Writes tracks into the output's ring, the next behind the last."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._line: Line | None = None  # the last track's, until it is used up
        self._before: Track | None = None  # the one before the last, on the same line
        self._tail = Tail()  # of the last track: kept back, to be crossfaded with the next
        self.keep_s = 0.0  # so much

    def clear(self) -> None:
        """What was on its way is not wanted any more."""
        self._line = self._before = None
        self._tail.clear()

    def place(self, track: Track, start_s: float, fresh: bool) -> None:
        """Put a track's head into the ring and let the sound jump there.

        ``fresh``: it begins, and is not faded in.
        """
        output, ring = self._output, self._output.ring
        self.clear()
        # A silent frame first, so that the jump and its fade happen even in an idle ring.
        lead = 0 if fresh else 1
        self._line = Line(track.rate, ring.rate)
        blocks = [self._line.feed(block) * np.float32(track.gain) for block in track.head]
        output.make_room(sum(map(len, blocks)) + lead)
        track.begin = self._line.origin = ring.written + lead
        track.end, track.offset_s, track.overlap = None, start_s, None
        ring.write(np.zeros((lead, 2), np.float32))
        for block in blocks:
            ring.write(block)
        output.jump(track.begin, fresh)
        if track.decoder is None:
            track.read_on()

    def decode(self, track: Track) -> None:
        """One block more of the last track; closes it at its end. `FileUnreadable` at its start."""
        assert track.decoder is not None
        block = track.decoder.read()
        if len(block):
            self._send(track, block)
            return
        if track.decoder.broke_off:
            track.broken = str(unreadable(track.path))
        track.close()

    def decoded_s(self, track: Track) -> float:
        """How far into the last track decoding has come."""
        ring = self._output.ring
        return track.offset_s + (ring.written + len(self._tail) - track.begin) / ring.rate

    def _send(self, track: Track, block: Block) -> None:
        assert self._line is not None
        ring, frames = self._output.ring, self._line.feed(block)
        at = ring.written + len(self._tail)
        if self._before is not None:
            if at < track.begin:  # the resampler still gives the end of the track before
                ending, frames = frames[: track.begin - at], frames[track.begin - at :]
                self._tail.push(ending * np.float32(self._before.gain))
                at += len(ending)
            else:
                self._before = None
        if track.gain != 1.0:
            frames = frames * np.float32(track.gain)
        if track.overlap is not None:
            frames = track.overlap.mix(frames, at)
        self._tail.push(frames)
        self._let_go(len(self._tail) - round(self.keep_s * ring.rate))

    def _let_go(self, frames: int) -> None:
        """So many of the frames that were kept back go into the ring."""
        if frames > 0:
            self._output.ring.write(self._tail.pull(frames))

    def _end_line(self, track: Track) -> None:
        """What the resampler has kept is the track's end."""
        if self._line is not None:
            self._tail.push(self._line.finish() * np.float32(track.gain))
            self._line = None

    def run_out(self, last: Track) -> None:
        """Nothing follows ``last``, at least not yet: let its end go, piece by piece."""
        ring = self._output.ring
        self._end_line(last)
        self._let_go(min(len(self._tail), int(ROOM_S * ring.rate)))
        if not len(self._tail):
            last.end = ring.written
            ring.promise_nothing()

    def join(self, last: Track, track: Track) -> bool:
        """Let ``track``, whose head is there, follow ``last``, which is decoded.

        On the same line, on one of its own, or crossfaded. False: not yet, call again.
        """
        ring = self._output.ring
        overlap = self._overlap_of(track)
        if overlap or (self._line is not None and self._line.rate_in != track.rate):
            self._end_line(last)
        if len(self._tail) > overlap:  # less is to be crossfaded than was kept back
            self._let_go(min(len(self._tail) - overlap, int(ROOM_S * ring.rate)))
            return False
        self.keep_s = 0.0
        self._before = None
        if len(self._tail):
            tail = self._tail.pull(len(self._tail))
            track.overlap = Overlap(tail, ring.written, min(1.0, track.gain))
            track.begin = track.overlap.middle
            track.offset_s = track.played_s = (track.begin - ring.written) / ring.rate
        elif self._line is not None:
            track.begin, self._before = self._line.end, last
        else:
            track.begin = ring.written
        last.end = track.begin
        if self._line is None:
            self._line = Line(track.rate, ring.rate, ring.written)
        for block in track.head:
            self._send(track, block)
        if track.decoder is None:
            track.read_on()
        return True

    def _overlap_of(self, track: Track) -> int:
        """Frames of a crossfade into ``track``, which a short one takes half of at the most."""
        length_s = track.decoder.duration_s if track.decoder is not None else None
        seconds = track.overlap_s if length_s is None else min(track.overlap_s, length_s / 2)
        return round(seconds * self._output.ring.rate)

    def can_take_back(self, track: Track) -> bool:
        """Nothing of ``track`` has been heard, nor will be in the next moment."""
        ring = self._output.ring
        first_frame = track.begin if track.overlap is None else track.overlap.start
        return first_frame - ring.read > _TOO_LATE_S * ring.rate

    def take_back(self, first: Track, second: Track) -> None:
        """Let the ring end with ``first``, as before ``second`` followed it."""
        ring = self._output.ring
        self._tail.clear()
        if second.overlap is not None:
            ring.truncate(second.overlap.start)
            self._tail.push(second.overlap.tail)
            first.end = None
        elif ring.written >= second.begin:
            ring.truncate(second.begin)
        elif self._line is not None:  # its last frames are still in the resampler
            ending = self._line.finish()[: second.begin - ring.written]
            ring.write(ending * np.float32(first.gain))
        self._line = self._before = None
        ring.promise_nothing()

    def set_gain(self, track: Track, gain: float, is_last: bool) -> None:
        """Another factor on ``track``, on what of it lies decoded too."""
        ring, factor = self._output.ring, gain / track.gain
        track.gain = gain
        soon = ring.read + round(_GAIN_AFTER_S * ring.rate)
        ramp = round(_GAIN_RAMP_S * ring.rate) if soon > track.begin else 0
        end = ring.written if track.end is None else min(track.end, ring.written)
        ring.scale(max(track.begin, soon), end, factor, ramp)
        if is_last:
            self._tail.scale(factor)
