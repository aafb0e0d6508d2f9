"""The playback thread: play, pause, seek, gapless next. Decodes ahead into the ring.

Runs on its own daemon thread `player`; its methods may be called from any thread and return at
once. Events come on the player thread. What plays next is decided elsewhere (`set_next`).
"""

import logging
import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sliders_desktop.audio.files import Decoder
from sliders_desktop.audio.ring import Ring
from sliders_desktop.audio.sinks import Sink
from sliders_desktop.audio.sources import Block
from sliders_desktop.errors import FileUnreadable, NoSoundDevice

log = logging.getLogger(__name__)

Outcome = Literal["finished", "skipped", "stopped"]

_FIRST_S = 0.25  # decoded before a start or a seek is heard, so that it does not stutter
_REFILL_S = 1.0  # sleep until so much fits into the ring again
_AHEAD_S = 10.0  # the next track is opened when so little of the present one is left to decode
_ROOM = 12_000  # frames that surely hold one block of a decoder
_TOO_LATE_S = 0.25  # what is so near to being heard cannot be taken back any more
_CHECK_S = 0.25  # between two looks at the output
_STALL_S = 3.0  # a device that asks for nothing for so long is gone


# --- events --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Started:
    """The first frame of a track is heard."""

    key: int


@dataclass(frozen=True)
class Ended:
    """A started track is heard no more; each `Started` meets one `Ended` or `Failed`."""

    key: int
    seconds_played: float
    outcome: Outcome


@dataclass(frozen=True)
class Failed:
    """A track cannot be played, or no further; perhaps it had not even started."""

    key: int
    reason: str


@dataclass(frozen=True)
class NeedNext:
    """The end of the track ``key`` is near and nothing is set to follow."""

    key: int


@dataclass(frozen=True)
class SinkLost:
    """There is no output (any more); the player has paused and tries again on `resume`."""

    reason: str


PlayerEvent = Started | Ended | Failed | NeedNext | SinkLost


# --- the player ----------------------------------------------------------------------------------


@dataclass
class _Track:
    """A track on its way through the ring; positions count the ring's frames."""

    key: int
    path: str
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


@dataclass(frozen=True)
class _Now:
    """What other threads may know of the thread's state: replaced, never changed."""

    key: int | None = None
    ring: Ring | None = None
    begin: int = 0
    offset_s: float = 0.0
    latency: int = 0


class Player:
    """Plays one track after the other into a sink; volume, pause and seek act within 100 ms."""

    def __init__(
        self,
        make_sink: Callable[[], Sink],
        on_event: Callable[[PlayerEvent], None],
        rate: int | None = None,
    ) -> None:
        """``rate`` overrides the sink's own; ``on_event`` is called on the player thread."""
        self._make_sink = make_sink
        self._on_event = on_event
        self._rate = rate
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        # Wishes: set by the callers at once, carried out by the thread.
        self._paused = False
        self._factor = 1.0
        self._output: str | None = None
        self._seek_to: float | None = None
        self._wanted: int | None = None  # key of the last `play` that is not carried out yet
        self._closing = False
        # The thread's own.
        self._sink: Sink | None = None
        self._ring: Ring | None = None
        self._tracks: deque[_Track] = deque()  # the first is heard, the last is being decoded
        self._next: _Track | None = None
        self._hungry = False  # ran out by itself: a next track is played as soon as it is set
        self._filling = True
        self._checked_at = 0.0
        self._blocks = (0, 0)  # what the sink had asked for, and how many checks ago
        self._now = _Now()
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)
        self._thread.start()

    # --- any thread ---

    def play(self, key: int, path: str, start_s: float = 0.0, paused: bool = False) -> None:
        """Play ``path`` now, in place of what plays and of what was set to follow."""
        self._paused = paused
        self._seek_to = None
        self._wanted = key
        self._commands.put(lambda: self._do_play(_Track(key, path), start_s))

    def set_next(self, key: int | None, path: str = "") -> None:
        """What follows without a gap; None: nothing. Replaces what was set before.

        In the last quarter of a second of a track this comes too late for its end and counts for
        the track behind it. If the player has run out by itself, ``path`` is played at once.
        """
        track = None if key is None else _Track(key, path)
        self._commands.put(lambda: self._do_set_next(track))

    def pause(self) -> None:
        self._paused = True
        if self._ring is not None:
            self._ring.paused = True  # at once, even while the thread opens a file

    def resume(self) -> None:
        """Play on; also tries again to open an output that was lost."""
        self._paused = False
        self._commands.put(self._do_resume)

    def seek(self, seconds: float) -> None:
        """Go to ``seconds`` of the track that is heard; of many quick calls the last counts."""
        self._seek_to = max(0.0, seconds)
        self._commands.put(self._do_seek)

    def skip(self) -> None:
        """On to the next track, or silence until one is set."""
        self._seek_to = None
        self._commands.put(self._do_skip)

    def stop(self) -> None:
        """Silence; what was set to follow is forgotten."""
        self._seek_to = None
        self._commands.put(self._do_stop)

    def set_volume(self, volume: float) -> None:
        """0 silence to 1 as recorded, by the cube that ears find even."""
        self._factor = min(1.0, max(0.0, volume)) ** 3
        if self._ring is not None:
            self._ring.volume = self._factor

    def set_output(self, name: str) -> None:
        """Go on through the output ``name``, "" follows the system."""
        self._output = name
        self._commands.put(self._do_set_output)

    def warm_up(self) -> None:
        """Load what the first `play` needs, so that it starts at once."""
        self._commands.put(self._do_warm_up)

    def position_s(self) -> float:
        """Second of the current track that is heard now."""
        now, wanted = self._now, self._seek_to
        if wanted is not None:
            return wanted
        if now.ring is None or now.key is None:
            return 0.0
        heard = now.ring.read - now.latency - now.begin
        return now.offset_s + max(0, heard) / now.ring.rate

    def current_key(self) -> int | None:
        """The track that plays (or will in a moment), None if none."""
        wanted = self._wanted
        return self._now.key if wanted is None else wanted

    @property
    def is_paused(self) -> bool:
        return self._paused

    @property
    def underruns(self) -> int:
        """How often the sound broke off because nothing was decoded."""
        ring = self._ring
        return 0 if ring is None else ring.underruns

    def close(self, timeout: float = 1.0) -> None:
        """Stop, let go of the output, end the thread; gives up waiting after ``timeout``."""
        self._closing = True
        self._commands.put(lambda: None)
        self._thread.join(timeout)

    # --- the thread ---

    def _run(self) -> None:
        while not self._closing:
            try:
                self._step()
            except Exception:
                log.exception("the player stumbled")
                self._abandon()
        try:
            self._do_stop()
            self._fade_out()
        finally:
            if self._sink is not None:
                self._sink.close()

    def _step(self) -> None:
        try:
            wait_s = self._wait_s()
            command = self._commands.get(wait_s > 0, wait_s or None)
            while not self._closing:
                command()
                command = self._commands.get_nowait()
        except queue.Empty:
            pass
        self._observe()
        self._check_sink()
        self._fill()

    def _emit(self, event: PlayerEvent) -> None:
        try:
            self._on_event(event)
        except Exception:
            log.exception("an answer to %s failed", type(event).__name__)

    def _wait_s(self) -> float:
        """How long nothing needs to be done."""
        ring, sink = self._ring, self._sink
        if ring is None:
            return 60.0
        if self._can_fill():
            return 0.0
        if sink is None or not self._tracks or (ring.paused and ring.silent):
            return _CHECK_S
        if not 0 < sink.pace < math.inf:
            return 0.002
        first = self._tracks[0]
        goals = [ring.written] if first.end is None else [first.end]
        if not first.started:
            goals.append(first.begin + 1)
        refill = _REFILL_S * ring.rate - (ring.free - ring.reserve)
        frames = min(min(goals) - ring.read, refill if refill > 0 else math.inf)
        return min(_CHECK_S, max(0.003, frames / ring.rate / sink.pace))

    # --- commands ---

    def _do_play(self, track: _Track, start_s: float) -> None:
        self._leave("skipped")
        self._set_next_track(None)
        self._begin(track, start_s)
        if self._wanted == track.key:
            self._wanted = None

    def _do_set_next(self, track: _Track | None) -> None:
        self._observe()
        if track is not None and self._hungry and not self._tracks:
            self._begin(track)
            return
        if len(self._tracks) > 1 and self._ring is not None:
            second = self._tracks[1]
            if track is not None and (second.key, second.path) == (track.key, track.path):
                return  # it is in the ring already
            if second.begin - self._ring.read > _TOO_LATE_S * self._ring.rate:
                while len(self._tracks) > 1:
                    self._tracks.pop().close()
                self._ring.truncate(second.begin)
                self._ring.promise_nothing()
        self._set_next_track(track)

    def _set_next_track(self, track: _Track | None) -> None:
        if self._next is not None:
            self._next.close()
        self._next = track

    def _do_resume(self) -> None:
        if self._paused or (self._ring is None and not self._tracks):
            return
        self._open_sink()
        if self._ring is not None:
            self._ring.paused = self._paused

    def _do_seek(self) -> None:
        seconds = self._seek_to
        if seconds is None:
            return
        self._observe()
        if self._tracks:
            self._restart(seconds)
        if self._seek_to == seconds:
            self._seek_to = None

    def _do_skip(self) -> None:
        self._observe()
        if not self._tracks or self._ring is None:
            return
        key = self._tracks[0].key
        if len(self._tracks) > 1:  # it lies in the ring already
            self._end_first("skipped")
            self._jump(self._tracks[0].begin, fresh=True)
            self._show()
            return
        following, self._next = self._next, None
        self._leave("skipped")
        if following is not None:
            self._begin(following)
        else:
            self._run_dry(key)

    def _do_stop(self) -> None:
        self._leave("stopped")
        self._set_next_track(None)
        self._hungry = False
        self._silence()

    def _do_set_output(self) -> None:
        if self._sink is not None:
            self._sink.close()
            self._sink = None
            self._open_sink()

    def _do_warm_up(self) -> None:
        import av  # noqa: F401
        import soundfile  # noqa: F401
        import soxr  # noqa: F401

        import sliders_desktop.audio.render  # noqa: F401

    # --- tracks ---

    def _begin(self, track: _Track, start_s: float = 0.0) -> None:
        """Play ``track`` from ``start_s`` in place of whatever is in the ring."""
        self._hungry = False
        self._open_sink()
        ring = self._ring
        assert ring is not None
        following: _Track | None = track
        while following is not None:
            track = following
            if self._opened(track):
                if start_s > 0 and track.decoder is not None:
                    track.decoder.seek(start_s)
                first = self._first_blocks(track)
                if first is not None:
                    track.offset_s = start_s
                    self._tracks.append(track)
                    ring.paused = self._paused or self._sink is None
                    self._place(track, first, fresh=start_s <= 0)
                    self._show()
                    return
            following, self._next, start_s = self._next, None, 0.0
        self._run_dry(track.key)

    def _restart(self, seconds: float) -> None:
        """Go on at ``seconds`` of the first track; what was decoded behind it comes again."""
        ring = self._ring
        assert ring is not None
        first = self._tracks[0]
        for later in list(self._tracks)[:0:-1]:
            self._tracks.pop().close()
            self._set_next_track(_Track(later.key, later.path))
        if first.started:
            first.played_s += max(0, ring.read - first.begin) / ring.rate
        if first.decoder is None and not self._opened(first):
            self._give_up_first()
            return
        assert first.decoder is not None
        first.decoder.seek(seconds)
        blocks = self._first_blocks(first)
        if blocks is None:
            self._give_up_first()
            return
        first.end, first.offset_s = None, seconds
        self._place(first, blocks, fresh=False)
        self._show()

    def _opened(self, track: _Track) -> bool:
        """Open ``track``'s file, or say why not."""
        assert self._ring is not None
        if track.decoder is not None:
            return True
        try:
            track.decoder = Decoder(track.path, self._ring.rate)
        except FileUnreadable as error:
            self._emit(Failed(track.key, str(error)))
            return False
        return True

    def _first_blocks(self, track: _Track) -> list[Block] | None:
        """A quarter of a second, or what is left; None if the file turned out unreadable."""
        assert self._ring is not None
        assert track.decoder is not None
        blocks: list[Block] = []
        try:
            while sum(map(len, blocks)) < _FIRST_S * self._ring.rate:
                block = track.decoder.read()
                if not len(block):
                    break
                blocks.append(block)
        except FileUnreadable as error:
            track.close()
            self._emit(Failed(track.key, str(error)))
            return None
        return blocks

    def _place(self, track: _Track, blocks: list[Block], fresh: bool) -> None:
        """Put a track's beginning into the ring and let the sound jump there."""
        ring = self._ring
        assert ring is not None
        # A silent frame before it, so that the jump and its fade happen even in an idle ring.
        blocks = blocks if fresh else [np.zeros((1, 2), np.float32), *blocks]
        self._make_room(sum(map(len, blocks)))
        track.begin = ring.written + (0 if fresh else 1)
        for block in blocks:
            ring.write(block)
        self._jump(track.begin, fresh)
        self._filling = True

    def _make_room(self, frames: int) -> None:
        """The reserve has room for a jump or two; more must wait until the first was made."""
        ring = self._ring
        assert ring is not None
        deadline = time.monotonic() + 0.2
        while ring.free < frames and self._sink is not None and time.monotonic() < deadline:
            time.sleep(0.002)
        if ring.free < frames:
            ring.truncate(max(ring.read, ring.flush_to))  # nobody listens: start over there

    def _jump(self, to: int, fresh: bool) -> None:
        assert self._ring is not None
        if self._sink is None:
            self._ring.jump(to, fresh)
        else:
            self._ring.flush(to, fresh)

    def _silence(self) -> None:
        if self._ring is not None:
            self._ring.promise_nothing()
            self._jump(self._ring.written, fresh=True)
        self._show()

    def _leave(self, outcome: Outcome) -> None:
        """Drop all tracks; the first, if it was heard, ends with ``outcome``."""
        self._observe()
        if self._tracks:
            self._end_first(outcome)
        while self._tracks:
            self._tracks.pop().close()

    def _end_first(self, outcome: Outcome) -> None:
        assert self._ring is not None
        track = self._tracks.popleft()
        track.close()
        if track.started:
            here = self._ring.read if track.end is None else min(self._ring.read, track.end)
            seconds = track.played_s + max(0, here - track.begin) / self._ring.rate
            self._emit(Ended(track.key, seconds, outcome))

    def _give_up_first(self) -> None:
        """The first track failed (and that was said): go on with the next."""
        failed = self._tracks.popleft()
        failed.close()
        following, self._next = self._next, None
        if following is not None:
            self._begin(following)
        else:
            self._run_dry(failed.key)

    def _run_dry(self, key: int) -> None:
        """Nothing follows: silence, until `set_next` changes that."""
        self._hungry = True
        self._silence()
        self._emit(NeedNext(key))

    def _abandon(self) -> None:
        """After a bug: no track may be left without an end."""
        if self._tracks:
            self._emit(Failed(self._tracks[0].key, "The player had an internal error."))
        while self._tracks:
            self._tracks.pop().close()
        self._set_next_track(None)
        self._silence()

    # --- what goes on by itself ---

    def _observe(self) -> None:
        """Announce what the sink has passed in the ring."""
        ring = self._ring
        while self._tracks and ring is not None:
            track, read = self._tracks[0], ring.read
            done = track.end is not None and read >= track.end
            if not track.started and (read > track.begin or done):
                track.started = True
                self._show()
                self._emit(Started(track.key))
            if not done:
                return
            self._end_first("finished")
            self._hungry = not self._tracks
            self._show()

    def _show(self) -> None:
        """Tell the other threads which track is heard."""
        latency_s = 0.0 if self._sink is None else self._sink.latency_s
        ring = self._ring
        if self._tracks and ring is not None:
            first = self._tracks[0]
            latency = int(latency_s * ring.rate)
            self._now = _Now(first.key, ring, first.begin, first.offset_s, latency)
        else:
            self._now = _Now()

    def _can_fill(self) -> bool:
        """There is room in the ring, and something to put there."""
        ring = self._ring
        if ring is None or not self._tracks:
            return False
        room = ring.free - ring.reserve
        if room >= _REFILL_S * ring.rate:
            self._filling = True
        elif room < _ROOM:
            self._filling = False
        last = self._tracks[-1]
        return self._filling and (
            last.decoder is not None or self._next is not None or not last.asked
        )

    def _fill(self) -> None:
        """Decode one block; between two tracks, go on to the next."""
        if not self._can_fill():
            return
        ring, track = self._ring, self._tracks[-1]
        assert ring is not None
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

    def _look_ahead(self, track: _Track) -> None:
        """Near the end of ``track``: ask for a next one if there is none, open it if there is."""
        ring = self._ring
        assert ring is not None
        if track.decoder is not None:
            length_s = track.decoder.duration_s
            decoded_s = track.offset_s + (ring.written - track.begin) / ring.rate
            if length_s is None or length_s - decoded_s > _AHEAD_S:
                return
        if self._next is not None and not self._opened(self._next):
            self._next = None
            track.asked = False
        if self._next is None and not track.asked:
            track.asked = True
            self._emit(NeedNext(track.key))

    # --- the output ---

    def _open_sink(self) -> None:
        """Open the output if it is not; without one, pause and say so."""
        if self._sink is not None:
            return
        try:
            sink = self._make_sink()
            if self._output is not None:
                sink.device_name = self._output
            self._use_ring(self._rate or sink.rate)
            assert self._ring is not None
            sink.open(self._ring)
            self._sink = sink
            self._blocks = (0, 0)
        except NoSoundDevice as error:
            self._use_ring(self._rate or (self._ring.rate if self._ring else 44100))
            self._lose(str(error))
        self._show()

    def _use_ring(self, rate: int) -> None:
        """Have a ring of ``rate``; what plays goes on in a new one where it was in the old."""
        old = self._ring
        if old is not None and old.rate == rate:
            return
        position_s = self.position_s()
        if old is not None and self._tracks and self._tracks[0].started:
            first = self._tracks[0]
            first.played_s += max(0, old.read - first.begin) / old.rate
        ring = Ring(rate)
        ring.volume = self._factor
        ring.settle_volume()
        ring.paused = self._paused
        self._ring = ring
        if self._next is not None:
            self._next.close()
        if self._tracks:
            first = self._tracks[0]
            first.close()
            first.begin = 0
            self._restart(position_s)

    def _lose(self, reason: str) -> None:
        self._paused = True
        if self._ring is not None:
            self._ring.paused = True
        if self._sink is not None:
            self._sink.close()
            self._sink = None
        self._emit(SinkLost(reason))

    def _check_sink(self) -> None:
        sink, ring, clock = self._sink, self._ring, time.monotonic()
        if sink is None or ring is None or clock - self._checked_at < _CHECK_S:
            return
        self._checked_at = clock
        # Count checks, not seconds: a stopped process must not look like a stopped device.
        blocks, checks = self._blocks
        stalled = ring.blocks == blocks and 0 < sink.pace < math.inf
        self._blocks = (ring.blocks, checks + 1 if stalled else 0)
        reason = sink.lost()
        if reason is None and checks * _CHECK_S > _STALL_S:
            reason = "The sound output does not answer any more."
        if reason is not None:
            self._lose(reason)

    def _fade_out(self) -> None:
        """Before the output is closed: let it play what it has taken, but not long."""
        sink, ring = self._sink, self._ring
        if sink is None or ring is None or self._paused or not 0 < sink.pace < math.inf:
            return
        deadline = time.monotonic() + 0.1
        while not ring.silent and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(min(sink.latency_s, 0.3))
