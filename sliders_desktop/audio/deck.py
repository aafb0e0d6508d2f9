"""The tracks on their way through the ring: the one that is heard, what is decoded behind it, what
is set to follow. Player thread only.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sliders_desktop.audio.events import Ended, Failed, NeedNext, Outcome, PlayerEvent, Started
from sliders_desktop.audio.files import Decoder
from sliders_desktop.audio.output import Output
from sliders_desktop.audio.ring import Ring
from sliders_desktop.audio.sources import Block
from sliders_desktop.audio.spans import WHOLE, Span
from sliders_desktop.errors import FileUnreadable

_FIRST_S = 0.25  # decoded before a start or a seek is heard, so that it does not stutter
_REFILL_S = 1.0  # sleep until so much fits into the ring again
_AHEAD_S = 10.0  # the next track is opened when so little of the present one is left to decode
_TOO_LATE_S = 0.25  # what is so near to being heard cannot be taken back any more
_ROOM = 16_000  # frames that surely hold one block of a decoder


@dataclass
class Track:
    """One track; positions count the ring's frames."""

    key: int
    path: str
    span: Span = WHOLE
    decoder: Decoder | None = None  # None: not opened yet, or all is decoded
    begin: int = 0  # where its sound (since the last seek) begins
    end: int | None = None  # where it ends, once all is decoded
    offset_s: float = 0.0  # the track's own time at `begin`
    played_s: float = 0.0  # heard before the last seek
    started: bool = False
    asked: bool = False  # NeedNext was sent

    def close(self) -> None:
        if self.decoder is not None:
            self.decoder.close()
            self.decoder = None


class Deck:
    """Fills the output's ring track by track and announces what is heard."""

    def __init__(self, output: Output, emit: Callable[[PlayerEvent], None]) -> None:
        self._output = output
        self._emit = emit
        self._tracks: deque[Track] = deque()  # the first is heard, the last is being decoded
        self._next: Track | None = None
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
        ring = self._output.ring
        self.observe()
        if track is not None and self._hungry and not self._tracks:
            self._begin(track)
            return
        if track is not None and any(track.key == known.key for known in self._tracks):
            return  # it is in the ring already
        if len(self._tracks) > 1:
            second = self._tracks[1]
            if second.begin - ring.read > _TOO_LATE_S * ring.rate:
                while len(self._tracks) > 1:
                    self._tracks.pop().close()
                ring.truncate(second.begin)
                ring.promise_nothing()
        self._follow_with(track)

    def skip(self) -> None:
        """On to what follows, else silence until something does."""
        self.observe()
        if not self._tracks:
            return
        key = self._tracks[0].key
        if len(self._tracks) > 1:  # it lies in the ring already
            self._end_first("skipped")
            self._output.jump(self._tracks[0].begin, fresh=True)
            return
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
        if self._next is not None:
            self._next.close()
        if self._tracks:
            self._count_first(old)
            self._tracks[0].close()
            self._place_first(position_s)

    def abandon(self, reason: str) -> None:
        """After a bug: no track may be left without an end."""
        if self._tracks:
            self._emit(Failed(self._tracks[0].key, reason))
        while self._tracks:
            self._tracks.pop().close()
        self._follow_with(None)
        self._silence()

    # --- steps of these ---

    def _begin(self, track: Track, start_s: float = 0.0) -> None:
        self._hungry = False
        following: Track | None = track
        while following is not None:
            track = following
            if self._opened(track):
                assert track.decoder is not None
                if start_s > 0:
                    track.decoder.seek(start_s)
                blocks = self._first_blocks(track)
                if blocks is not None:
                    self._tracks.append(track)
                    self._place(track, blocks, start_s)
                    return
            following, self._next, start_s = self._next, None, 0.0
        self._run_dry(track.key)

    def _place_first(self, seconds: float) -> None:
        first = self._tracks[0]
        for later in list(self._tracks)[:0:-1]:
            self._tracks.pop().close()
            self._follow_with(Track(later.key, later.path, later.span))
        blocks = None
        if self._opened(first):
            assert first.decoder is not None
            first.decoder.seek(seconds)
            blocks = self._first_blocks(first)
        if blocks is not None:
            self._place(first, blocks, seconds)
            return
        self._tracks.popleft()  # it failed, and that was said
        following, self._next = self._next, None
        if following is not None:
            self._begin(following)
        else:
            self._run_dry(first.key)

    def _opened(self, track: Track) -> bool:
        """Open ``track``'s file, or say why not."""
        if track.decoder is None:
            try:
                track.decoder = Decoder(track.path, self._output.ring.rate, span=track.span)
            except FileUnreadable as error:
                self._emit(Failed(track.key, str(error)))
        return track.decoder is not None

    def _first_blocks(self, track: Track) -> list[Block] | None:
        """A quarter of a second, or what is left; None if the file turned out unreadable."""
        assert track.decoder is not None
        blocks: list[Block] = []
        try:
            while sum(map(len, blocks)) < _FIRST_S * self._output.ring.rate:
                block = track.decoder.read()
                if not len(block):
                    break
                blocks.append(block)
        except FileUnreadable as error:
            track.close()
            self._emit(Failed(track.key, str(error)))
            return None
        return blocks

    def _place(self, track: Track, blocks: list[Block], start_s: float) -> None:
        """Put a track's beginning into the ring and let the sound jump there."""
        output, ring = self._output, self._output.ring
        fresh = start_s <= 0 and not track.started
        if not fresh:
            # A silent frame first, so that the jump and its fade happen even in an idle ring.
            blocks = [np.zeros((1, 2), np.float32), *blocks]
        output.make_room(sum(map(len, blocks)))
        track.begin = ring.written + (0 if fresh else 1)
        track.end, track.offset_s = None, start_s
        for block in blocks:
            ring.write(block)
        output.jump(track.begin, fresh)
        self._filling = True

    def _follow_with(self, track: Track | None) -> None:
        if self._next is not None:
            self._next.close()
        self._next = track

    def _leave(self, outcome: Outcome) -> None:
        """Drop all tracks; the first, if it was heard, ends with ``outcome``."""
        self.observe()
        if self._tracks:
            self._end_first(outcome)
        while self._tracks:
            self._tracks.pop().close()

    def _end_first(self, outcome: Outcome) -> None:
        self._count_first(self._output.ring)
        track = self._tracks.popleft()
        track.close()
        if track.started:
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
        """There is room in the ring, and something to put there."""
        if not self._tracks:
            return False
        ring = self._output.ring
        room = ring.free - ring.reserve
        if room >= _REFILL_S * ring.rate:
            self._filling = True
        elif room < _ROOM:
            self._filling = False
        last = self._tracks[-1]
        asking = len(self._tracks) == 1 and not last.asked
        return self._filling and (last.decoder is not None or self._next is not None or asking)

    def next_position(self) -> float:
        """Where in the ring something will have to be done."""
        if not self._tracks:
            return math.inf
        ring, first, last = self._output.ring, self._tracks[0], self._tracks[-1]
        positions: list[float] = []
        if not first.started:
            positions.append(first.begin + 1)
        if first.end is not None:
            positions.append(first.end)
        if last.decoder is not None or self._next is not None:
            missing = _REFILL_S * ring.rate - (ring.free - ring.reserve)
            positions.append(ring.read + missing)
        return min(positions, default=math.inf)

    def fill(self) -> None:
        """Decode one block; between two tracks, go on to the next."""
        if not self.can_fill():
            return
        ring, track = self._output.ring, self._tracks[-1]
        self._look_ahead(track)
        if track.decoder is None:
            if self._next is None:
                return
            track, self._next = self._next, None
            track.begin = ring.written
            self._tracks.append(track)
        assert track.decoder is not None
        try:
            block = track.decoder.read()
        except FileUnreadable as error:  # only before its first frame
            self._tracks.pop().close()
            self._emit(Failed(track.key, str(error)))
            if self._tracks:
                self._tracks[-1].asked = False
            else:
                self._run_dry(track.key)
            return
        if len(block):
            ring.write(block)
        else:
            track.end = ring.written
            track.close()
            ring.promise_nothing()

    def _look_ahead(self, track: Track) -> None:
        """Near the end of ``track``: ask for a next one if there is none, open it if there is.

        Asked is only for the track that is heard, so that "next" means one thing to all.
        """
        ring = self._output.ring
        if track.decoder is not None:
            length_s = track.decoder.duration_s
            decoded_s = track.offset_s + (ring.written - track.begin) / ring.rate
            if length_s is None or length_s - decoded_s > _AHEAD_S:
                return
        if self._next is not None and not self._opened(self._next):
            self._next = None
            track.asked = False
        if self._next is None and not track.asked and track is self._tracks[0]:
            track.asked = True
            self._emit(NeedNext(track.key))
