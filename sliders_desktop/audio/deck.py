"""Which track is heard, which follow it in the ring, which is set to follow, and saying so.

Player thread only.
"""

import math
from collections import deque
from collections.abc import Callable

from sliders_desktop.audio.events import Ended, Failed, NeedNext, Outcome, PlayerEvent, Started
from sliders_desktop.audio.feed import ROOM_S, Feed, Track
from sliders_desktop.audio.output import Output
from sliders_desktop.audio.sinks.ring import Ring
from sliders_desktop.errors import FileUnreadable

_REFILL_S = 1.0  # sleep until so much fits into the ring again
_WAIT_S = 0.25  # to be heard still, when a track with nothing behind it is given up as the last
_AHEAD_S = 10.0  # a next track is asked for when so little of the present one is left to decode


class Deck:
    """Fills the output's ring track by track and announces what is heard."""

    def __init__(self, output: Output, emit: Callable[[PlayerEvent], None]) -> None:
        self._output = output
        self._emit = emit
        self._feed = Feed(output)
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
        self.observe()
        if track is not None and self._hungry and not self._tracks:
            self._begin(track)
            return
        if track is not None and any(track.key == known.key for known in self._tracks):
            return  # it is in the ring already
        if len(self._tracks) > 1 and self._feed.can_take_back(self._tracks[1]):
            self._take_back()
        self._follow_with(track)

    def set_gain(self, key: int, gain: float) -> None:
        """Play the track of this key with another factor, what lies decoded of it too."""
        self.observe()
        second = self._tracks[1] if len(self._tracks) > 1 else None
        # Mixed, the two could not be told apart.
        if second and second.overlap is not None and self._feed.can_take_back(second):
            self._follow_with(self._take_back())
        for track in self._tracks:
            if track.key == key:
                self._feed.set_gain(track, gain, is_last=track is self._tracks[-1])
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
            self._emit(Failed(self._tracks[0].key, reason, self._tracks[0].played_s))
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
        while len(self._tracks) > 1:
            self._follow_with(self._tracks.pop().again())
        if self._read_head(first, seconds):
            self._place(first, seconds)
            return
        self._tracks.popleft()  # it failed, and that was said
        following, self._next = self._next, None
        if following is not None:
            self._begin(following)
        else:
            self._run_dry(first.key)

    def _place(self, track: Track, start_s: float) -> None:
        self._feed.place(track, start_s, fresh=start_s <= 0 and not track.started)
        self._keep_for_next()
        self._filling = True

    def _read_head(self, track: Track, start_s: float = 0.0) -> bool:
        """Open ``track`` and decode its first moment, or say why not."""
        try:
            track.read_head(start_s)
        except FileUnreadable as error:
            track.close()
            self._emit(Failed(track.key, str(error), track.played_s))
            return False
        return True

    def _follow_with(self, track: Track | None) -> None:
        if self._next is not None:
            self._next.close()
        self._next = track
        self._keep_for_next()

    def _keep_for_next(self) -> None:
        self._feed.keep_s = self._next.overlap_s if self._next is not None else 0.0

    def _take_back(self) -> Track:
        """Let the ring end before the second track; it, from its beginning."""
        while len(self._tracks) > 2:
            self._tracks.pop().close()
        second = self._tracks.pop()
        self._feed.take_back(self._tracks[0], second)
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
        self._feed.clear()

    def _end_first(self, outcome: Outcome) -> None:
        self._count_first(self._output.ring)
        track = self._tracks.popleft()
        track.close()
        if track.started and track.broken and outcome == "finished":
            self._emit(Failed(track.key, track.broken, track.played_s))
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
        """There is room in the ring and something to put there, or a next track to be opened."""
        if not self._tracks:
            return False
        ring = self._output.ring
        if self._unopened and ring.filled > _REFILL_S * ring.rate:
            return True
        room = ring.free - ring.reserve
        if room >= _REFILL_S * ring.rate:
            self._filling = True
        elif room < ROOM_S * ring.rate:
            self._filling = False
        return self._filling and self._has_more

    @property
    def _unopened(self) -> bool:
        """The next track is set, but if the listener skipped, it would not be heard at once."""
        return self._next is not None and not self._next.head

    @property
    def _has_more(self) -> bool:
        last = self._tracks[-1]
        asking = len(self._tracks) == 1 and not last.asked
        ending = last.end is None and (last.decoder is not None or not self._may_wait)
        return ending or self._next is not None or asking

    @property
    def _may_wait(self) -> bool:
        """What follows the last track is not known, and need not be yet."""
        ring = self._output.ring
        return self._next is None and ring.filled > _WAIT_S * ring.rate

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
        if self._has_more:
            missing = _REFILL_S * ring.rate - (ring.free - ring.reserve)
            positions.append(ring.read + missing)
        elif last.end is None:
            positions.append(ring.written - _WAIT_S * ring.rate)
        return min(positions, default=math.inf)

    def fill(self) -> None:
        """One step: open the next track, decode a block, or join two tracks."""
        if not self.can_fill():
            return
        ring, last = self._output.ring, self._tracks[-1]
        if self._asked_for_next(last):
            return  # the answer may be here already
        if self._unopened and (last.decoder is None or ring.filled > _REFILL_S * ring.rate):
            self._open_next()
        elif last.decoder is not None:
            self._decode(last)
        elif self._next is not None:
            if self._feed.join(last, self._next):
                self._tracks.append(self._next)
                self._next = None
        elif last.end is None and not self._may_wait:
            self._feed.run_out(last)

    def _open_next(self) -> None:
        """If it can't be read, another may be wished for."""
        assert self._next is not None
        if not self._read_head(self._next):
            self._next = None
            self._keep_for_next()
            self._tracks[-1].asked = False

    def _decode(self, last: Track) -> None:
        try:
            self._feed.decode(last)
        except FileUnreadable as error:  # only before its first frame
            self._tracks.pop().close()
            self._emit(Failed(last.key, str(error)))
            if self._tracks:
                self._tracks[-1].asked = False
            else:
                self._run_dry(last.key)

    def _asked_for_next(self, last: Track) -> bool:
        """Near the end of ``last``, ask for a next track if there is none.

        Asked is only for the track that is heard, so that "next" means one thing to all.
        """
        if last.decoder is not None:
            length_s = last.decoder.duration_s
            if length_s is None or length_s - self._feed.decoded_s(last) > _AHEAD_S:
                return False
        asking = self._next is None and not last.asked and last is self._tracks[0]
        if asking:
            last.asked = True
            self._emit(NeedNext(last.key))
        return asking
