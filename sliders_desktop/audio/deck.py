"""The tracks on their way through the ring: the one that is heard, what is decoded behind it, what
is set to follow. Player thread only.
"""

import logging
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sliders_desktop.audio.crossfade import Overlap, Tail
from sliders_desktop.audio.events import Ended, Failed, NeedNext, Outcome, PlayerEvent, Started
from sliders_desktop.audio.files import Decoder
from sliders_desktop.audio.line import Line
from sliders_desktop.audio.output import Output
from sliders_desktop.audio.ring import Ring
from sliders_desktop.audio.sources import Block, unreadable
from sliders_desktop.audio.spans import WHOLE, Span
from sliders_desktop.errors import FileUnreadable

log = logging.getLogger(__name__)

_FIRST_S = 0.25  # decoded before a start or a seek is heard, so that it does not stutter
_REFILL_S = 1.0  # sleep until so much fits into the ring again
_ROOM_S = 0.45  # surely holds what one block of a decoder makes
_AHEAD_S = 10.0  # a next track is asked for when so little of the present one is left to decode
_TOO_LATE_S = 0.25  # what is so near to being heard cannot be taken back any more
_GAIN_AFTER_S, _GAIN_RAMP_S = 0.03, 0.03  # a new gain begins so far behind what sounds now


@dataclass
class Track:
    """One track; positions count the ring's frames."""

    key: int
    path: str
    span: Span = WHOLE
    gain: float = 1.0
    overlap_s: float = 0.0  # crossfaded with the track before
    decoder: Decoder | None = None  # None: not opened yet, or all is decoded
    head: list[Block] = field(default_factory=list)  # its beginning, at its own rate, decoded early
    rate: int = 0  # its own
    begin: int = 0  # where its sound (since the last seek) begins
    end: int | None = None  # where it ends, once all is decoded
    offset_s: float = 0.0  # the track's own time at `begin`
    played_s: float = 0.0  # heard before the last seek
    started: bool = False
    asked: bool = False  # NeedNext was sent
    overlap: Overlap | None = None  # how it came in
    broken: str = ""  # why it ends before its end

    def close(self) -> None:
        if self.decoder is not None:
            self.decoder.close()
            self.decoder = None

    def again(self) -> "Track":
        """The same from its beginning, closed, with its head."""
        self.close()
        return Track(
            self.key,
            self.path,
            self.span,
            self.gain,
            self.overlap_s,
            head=self.head,
            rate=self.rate,
        )


class Deck:
    """Fills the output's ring track by track and announces what is heard."""

    def __init__(self, output: Output, emit: Callable[[PlayerEvent], None]) -> None:
        self._output = output
        self._emit = emit
        self._tracks: deque[Track] = deque()  # the first is heard, the last is being decoded
        self._next: Track | None = None
        self._line: Line | None = None  # the last track's; None when it is used up
        self._tail = Tail()  # of the last track: kept back, to be crossfaded with the next
        self._hungry = False  # ran out by itself: a next track is played as soon as it is set
        self._filling = True

    @property
    def first(self) -> Track | None:
        """The track that is heard, or will be first."""
        return self._tracks[0] if self._tracks else None

    # --- what the listener does ---

    def play(self, track: Track, start_s: float = 0.0) -> None:
        """``track`` in place of everything; if it fails, what is set to follow."""
        self._leave("skipped")
        self._follow_with(None)
        self._begin(track, start_s)

    def set_next(self, track: Track | None) -> None:
        self.observe()
        if track is not None and self._hungry and not self._tracks:
            self._begin(track)
            return
        if track is not None and any(track.key == known.key for known in self._tracks):
            return  # it is in the ring already
        if len(self._tracks) > 1 and self._can_take_back(self._tracks[1]):
            self._take_back()
        self._follow_with(track)

    def set_gain(self, key: int, gain: float) -> None:
        """Play the track of this key with another factor, in what lies decoded too."""
        self.observe()
        ring = self._output.ring
        for track in self._tracks:
            if track.key != key:
                continue
            if track is self._tracks[0] and len(self._tracks) > 1:
                second = self._tracks[1]
                if second.overlap is not None and self._can_take_back(second):
                    self._follow_with(self._take_back())
            factor = gain / track.gain
            track.gain = gain
            start = max(track.begin, ring.read + round(_GAIN_AFTER_S * ring.rate))
            end = ring.written if track.end is None else min(track.end, ring.written)
            ring.scale(start, end, factor, round(_GAIN_RAMP_S * ring.rate))
            if track is self._tracks[-1]:
                self._tail.scale(factor)
        if self._next is not None and self._next.key == key:
            self._next.gain = gain

    def skip(self) -> None:
        """On to what follows, else silence until something does."""
        self.observe()
        if not self._tracks:
            return
        key = self._tracks[0].key
        if len(self._tracks) > 1 and self._tracks[1].overlap is None:  # it lies in the ring already
            self._end_first("skipped")
            self._output.jump(self._tracks[0].begin, fresh=True)
            return
        if len(self._tracks) > 1:  # mixed with what is not wanted any more
            following: Track | None = self._tracks[1].again()
        else:
            following, self._next = self._next, None
        self._leave("skipped")
        if following is not None:
            self._begin(following)
        else:
            self._run_dry(key)

    def stop(self) -> None:
        self._leave("stopped")
        self._follow_with(None)
        self._hungry = False
        self._silence()

    def seek(self, seconds: float) -> None:
        """Go on at ``seconds`` of the first track; what was decoded behind it comes again."""
        self.observe()
        if self._tracks:
            self._count_first(self._output.ring)
            self._place_first(seconds)

    def move(self, old: Ring, position_s: float) -> None:
        """The output got a new ring in place of ``old``: go on there at ``position_s``."""
        if self._tracks:
            self._count_first(old)
            self._tracks[0].close()
            self._place_first(position_s)

    def abandon(self, reason: str) -> None:
        """After a bug: no track may be left without an end."""
        if self._tracks:
            self._emit(Failed(self._tracks[0].key, reason))
        self._forget_all()
        self._follow_with(None)
        self._silence()

    # --- steps of these ---

    def _begin(self, track: Track, start_s: float = 0.0) -> None:
        self._hungry = False
        following: Track | None = track
        while following is not None:
            track = following
            if (track.head and start_s <= 0) or self._read_head(track, start_s):
                self._tracks.append(track)
                self._place(track, start_s)
                return
            following, self._next, start_s = self._next, None, 0.0
        self._run_dry(track.key)

    def _place_first(self, seconds: float) -> None:
        first = self._tracks[0]
        for later in list(self._tracks)[:0:-1]:
            self._tracks.pop()
            self._follow_with(later.again())
        if self._read_head(first, seconds):
            self._place(first, seconds)
            return
        self._tracks.popleft()  # it failed, and that was said
        following, self._next = self._next, None
        if following is not None:
            self._begin(following)
        else:
            self._run_dry(first.key)

    def _read_head(self, track: Track, start_s: float = 0.0) -> bool:
        """Open ``track`` and decode a quarter of a second from ``start_s``, or say why not."""
        track.head = []
        try:
            if track.decoder is not None:
                track.decoder.seek(start_s)
            else:
                track.decoder = Decoder(track.path, None, span=track.span)
                track.rate = track.decoder.rate
                if start_s > 0:
                    track.decoder.seek(start_s)
            while sum(map(len, track.head)) < _FIRST_S * track.rate:
                block = track.decoder.read()
                if not len(block):
                    break
                track.head.append(block)
        except FileUnreadable as error:
            track.close()
            track.head = []
            self._emit(Failed(track.key, str(error)))
            return False
        return True

    def _place(self, track: Track, start_s: float) -> None:
        """Put a track's head into the ring and let the sound jump there."""
        output, ring = self._output, self._output.ring
        fresh = start_s <= 0 and not track.started
        self._tail.clear()
        track.overlap = None
        # A silent frame first, so that the jump and its fade happen even in an idle ring.
        lead = 0 if fresh else 1
        line = Line(track.rate, ring.rate)
        blocks = [line.feed(block) * np.float32(track.gain) for block in track.head]
        output.make_room(sum(map(len, blocks)) + lead)
        track.begin = line.origin = ring.written + lead
        track.end, track.offset_s = None, start_s
        self._line = line
        ring.write(np.zeros((lead, 2), np.float32))
        for block in blocks:
            ring.write(block)
        output.jump(track.begin, fresh)
        self._filling = True
        if track.decoder is None:  # its head was at hand, the rest was not
            self._reopen(track)

    def _reopen(self, track: Track) -> None:
        """Go on behind the head that is being heard."""
        try:
            track.decoder = Decoder(track.path, None, span=track.span)
            track.decoder.seek(sum(map(len, track.head)) / track.rate)
        except FileUnreadable as error:
            log.debug("%s: %s", track.path, error)
            track.close()

    def _follow_with(self, track: Track | None) -> None:
        if self._next is not None:
            self._next.close()
        self._next = track

    def _can_take_back(self, second: Track) -> bool:
        ring = self._output.ring
        first_frame = second.begin if second.overlap is None else second.overlap.start
        return first_frame - ring.read > _TOO_LATE_S * ring.rate

    def _take_back(self) -> Track:
        """Have the ring end where the second track began to sound; it, from its beginning."""
        ring = self._output.ring
        while len(self._tracks) > 2:
            self._tracks.pop().close()
        second = self._tracks.pop()
        first = self._tracks[0]
        self._tail.clear()
        if second.overlap is not None:
            ring.truncate(second.overlap.start)
            self._tail.push(second.overlap.tail)
            first.end = None
        elif ring.written >= second.begin:
            ring.truncate(second.begin)
        elif self._line is not None:  # the last frames are still on their way
            ring.write(self._line.finish()[: second.begin - ring.written] * np.float32(first.gain))
        self._line = None
        ring.promise_nothing()
        return second.again()

    def _leave(self, outcome: Outcome) -> None:
        """Drop all tracks; the first, if it was heard, ends with ``outcome``."""
        self.observe()
        if self._tracks:
            self._end_first(outcome)
        self._forget_all()

    def _forget_all(self) -> None:
        while self._tracks:
            self._tracks.pop().close()
        self._line = None
        self._tail.clear()

    def _end_first(self, outcome: Outcome) -> None:
        self._count_first(self._output.ring)
        track = self._tracks.popleft()
        track.close()
        if track.started and track.broken and outcome == "finished":
            self._emit(Failed(track.key, track.broken))
        elif track.started:
            self._emit(Ended(track.key, track.played_s, outcome))

    def _count_first(self, ring: Ring) -> None:
        """Add what was heard of the first track since its beginning or the last seek."""
        track = self._tracks[0]
        if track.started:
            here = ring.read if track.end is None else min(ring.read, track.end)
            track.played_s += max(0, here - track.begin) / ring.rate

    def _run_dry(self, key: int) -> None:
        """Nothing follows: silence, until `set_next` changes that."""
        self._hungry = True
        self._silence()
        self._emit(NeedNext(key))

    def _silence(self) -> None:
        self._output.ring.promise_nothing()
        self._output.jump(self._output.ring.written, fresh=True)

    # --- what goes on by itself ---

    def observe(self) -> None:
        """Announce what the sink has passed in the ring."""
        while self._tracks:
            track, read = self._tracks[0], self._output.ring.read
            done = track.end is not None and read >= track.end
            if not track.started and (read > track.begin or done):
                track.started = True
                self._emit(Started(track.key))
            if not done:
                return
            self._end_first("finished")
            if not self._tracks:
                following, self._next = self._next, None
                if following is not None:  # set too late to be decoded in time
                    self._begin(following)
                else:
                    self._hungry = True
                    if not track.asked:
                        self._emit(NeedNext(track.key))

    def can_fill(self) -> bool:
        """There is something to do now: the ring has room, or the next track waits to be opened."""
        if not self._tracks:
            return False
        ring = self._output.ring
        if self._unprepared and ring.filled > _REFILL_S * ring.rate:
            return True
        room = ring.free - ring.reserve
        if room >= _REFILL_S * ring.rate:
            self._filling = True
        elif room < _ROOM_S * ring.rate:
            self._filling = False
        return self._filling and self._has_more

    @property
    def _unprepared(self) -> bool:
        """A next track is set, but not opened: it shall be heard at once if the listener skips."""
        return self._next is not None and not self._next.head

    @property
    def _has_more(self) -> bool:
        last = self._tracks[-1]
        asking = len(self._tracks) == 1 and not last.asked
        return last.end is None or self._next is not None or asking

    def next_position(self) -> float:
        """Where in the ring something will have to be done."""
        if not self._tracks:
            return math.inf
        ring, first = self._output.ring, self._tracks[0]
        positions: list[float] = []
        if not first.started:
            positions.append(first.begin + 1)
        if first.end is not None:
            positions.append(first.end)
        if self._has_more:
            missing = _REFILL_S * ring.rate - (ring.free - ring.reserve)
            positions.append(ring.read + missing)
        return min(positions, default=math.inf)

    def fill(self) -> None:
        """Decode one block; between two tracks, go on to the next."""
        if not self.can_fill():
            return
        ring, last = self._output.ring, self._tracks[-1]
        if self._unprepared and (ring.filled > _REFILL_S * ring.rate or last.decoder is None):
            self._prepare()
            return
        self._look_ahead(last)
        if last.decoder is not None:
            self._decode(last)
        elif self._next is not None and self._next.head:
            self._join(last, self._next)
        elif last.end is None:
            self._run_out(last)

    def _prepare(self) -> None:
        """Open the next track and decode its head; if it can't be, another may be wished for."""
        assert self._next is not None
        if self._read_head(self._next):
            if not self._next.head:  # nothing is in it
                self._next.head = [np.zeros((0, 2), np.float32)]
            return
        self._next = None
        self._tracks[-1].asked = False

    def _decode(self, last: Track) -> None:
        assert last.decoder is not None
        try:
            block = last.decoder.read()
        except FileUnreadable as error:  # only before its first frame
            self._tracks.pop().close()
            self._line = None
            self._emit(Failed(last.key, str(error)))
            if self._tracks:
                self._tracks[-1].asked = False
            else:
                self._run_dry(last.key)
            return
        if len(block):
            self._feed(last, block)
        else:
            if last.decoder.broke_off:
                last.broken = str(unreadable(last.path))
            last.close()

    def _feed(self, track: Track, block: Block) -> None:
        """Send a decoded block on its way; the last frames wait if they are to be crossfaded."""
        assert self._line is not None
        ring, frames = self._output.ring, self._line.feed(block)
        at = ring.written + len(self._tail)
        before = max(0, min(len(frames), track.begin - at)) if track.overlap is None else 0
        if before and len(self._tracks) > 1:  # on one line: the end of the track before
            gain = self._tracks[-2].gain
            self._tail.push(frames[:before] * np.float32(gain))
            frames = frames[before:]
        frames = frames * np.float32(track.gain) if track.gain != 1.0 else frames
        if track.overlap is not None:
            frames = track.overlap.mix(frames, at)
        self._tail.push(frames)
        keep = round(self._next.overlap_s * ring.rate) if self._next is not None else 0
        self._write(len(self._tail) - keep)

    def _write(self, frames: int) -> None:
        """So much of what was kept back goes into the ring."""
        if frames > 0:
            self._output.ring.write(self._tail.pull(frames))

    def _end_line(self, last: Track) -> None:
        """What the resampler kept belongs to the track's end."""
        if self._line is not None:
            rest = self._line.finish()
            self._line = None
            if len(rest):
                self._tail.push(rest * np.float32(last.gain))

    def _run_out(self, last: Track) -> None:
        """Nothing follows ``last``, at least not yet: let its end go, piece by piece."""
        ring = self._output.ring
        self._end_line(last)
        self._write(min(len(self._tail), int(_ROOM_S * ring.rate)))
        if not len(self._tail):
            last.end = ring.written
            ring.promise_nothing()

    def _join(self, last: Track, track: Track) -> None:
        """Let ``track`` follow: on the same line, on one of its own, or crossfaded."""
        ring = self._output.ring
        overlap = self._overlap_of(track)
        if overlap or (self._line is not None and self._line.rate_in != track.rate):
            self._end_line(last)
        if len(self._tail) > overlap:  # less is to be crossfaded than was kept back
            self._write(min(len(self._tail) - overlap, int(_ROOM_S * ring.rate)))
            return
        self._next = None
        if len(self._tail):
            track.overlap = Overlap(
                self._tail.pull(len(self._tail)), ring.written, min(1.0, track.gain)
            )
            track.begin = track.overlap.middle
            track.offset_s = track.played_s = (track.begin - ring.written) / ring.rate
        else:
            track.begin = ring.written if self._line is None else self._line.end
        last.end = track.begin
        if self._line is None:
            self._line = Line(track.rate, ring.rate, ring.written)
        self._tracks.append(track)
        for block in track.head:
            self._feed(track, block)
        if track.decoder is None:
            self._reopen(track)

    def _overlap_of(self, track: Track) -> int:
        """Frames of a crossfade into ``track``, which a short one takes half of at the most."""
        length_s = track.decoder.duration_s if track.decoder is not None else None
        seconds = track.overlap_s if length_s is None else min(track.overlap_s, length_s / 2)
        return round(seconds * self._output.ring.rate)

    def _look_ahead(self, last: Track) -> None:
        """Near the end of ``last``: ask for a next one if there is none.

        Asked is only for the track that is heard, so that "next" means one thing to all.
        """
        ring = self._output.ring
        if last.decoder is not None:
            length_s = last.decoder.duration_s
            decoded = ring.written + len(self._tail) - last.begin
            decoded_s = last.offset_s + decoded / ring.rate
            if length_s is None or length_s - decoded_s > _AHEAD_S:
                return
        if self._next is None and not last.asked and last is self._tracks[0]:
            last.asked = True
            self._emit(NeedNext(last.key))
