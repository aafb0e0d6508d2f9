"""The player's way out: the ring it fills and the sink that empties it, opened when needed.

Used by the player thread, except for `pause`, `set_volume` and `set_device`.
Which outputs there are comes from a `Watch`, if there is one (`devices.py`).
"""

import math
import time
from collections.abc import Callable

from sliders_desktop.audio.sinks.devices import Look, Step, next_step
from sliders_desktop.audio.sinks.ring import Ring
from sliders_desktop.audio.sinks.sink import Sink
from sliders_desktop.audio.sinks.sound_card import gone
from sliders_desktop.errors import NoSoundDevice

CHECK_S = 0.25  # between two looks at the sink
_STALL_S = 3.0  # a device that asks for nothing for so long is gone
_OFTEN = 3  # times that a device broke off for want of time
_LONGEST_S = 0.2  # that a device is given in advance
_RATE = 44100  # while there is no device to ask


class Output:
    """One ring and, most of the time, one open sink."""

    def __init__(self, make_sink: Callable[[], Sink], rate: int | None) -> None:
        self._make_sink = make_sink
        self._rate = rate
        self.ring = Ring(rate or _RATE)
        self.sink: Sink | None = None
        self.paused = False  # the listener's wish; the ring's own flag follows
        self._device_name: str | None = None
        self._exclusive = False
        self._wanted_latency_s: float | None = None  # None: as the sink likes
        self._dropouts = 0  # before the present sink
        self._look = Look()
        self._ready_at = 0.0  # the sink has just been opened and may swallow what comes before
        self._checked_at = 0.0
        self._blocks = 0
        self._idle_checks = 0

    # --- any thread ---

    def pause(self) -> None:
        """At once, even while the player thread opens a file."""
        self.paused = True
        self.ring.paused = True

    def set_volume(self, factor: float) -> None:
        self.ring.volume = factor

    def set_device(self, name: str, exclusive: bool) -> None:
        """For the next `open`."""
        self._device_name, self._exclusive = name, exclusive

    @property
    def latency_s(self) -> float:
        sink = self.sink
        return 0.0 if sink is None else sink.latency_s

    # --- the player thread ---

    def open(self) -> None:
        """Open the sink if it is not; where its rate is another, there is a new ring then."""
        if self.sink is not None:
            return
        sink = self._make_sink()
        if self._device_name is not None:
            sink.device_name, sink.exclusive = self._device_name, self._exclusive
        if self._wanted_latency_s is not None:
            sink.wanted_latency_s = self._wanted_latency_s
        rate = self._rate or sink.rate
        if rate != self.ring.rate:
            ring = Ring(rate)
            ring.volume, ring.paused = self.ring.volume, self.ring.paused
            self.ring = ring
        if not self.ring.blocks:
            self.ring.settle_volume()
        self.ring.paused = True  # until `apply_pause`
        try:
            sink.open(self.ring)
        except NoSoundDevice:
            sink.close()
            raise
        self.sink = sink
        self._dropouts = self.ring.dropouts
        self._ready_at = time.monotonic() + sink.lead_in_s
        self._idle_checks = 0

    def breaks_off(self) -> bool:
        """The device has run dry again and again: opened anew, it would be given more time."""
        sink, often = self.sink, self.ring.dropouts - self._dropouts >= _OFTEN
        if sink is None or not often or sink.wanted_latency_s >= _LONGEST_S:
            return False
        self._wanted_latency_s = min(_LONGEST_S, 2 * sink.wanted_latency_s)
        return True

    def close(self) -> None:
        if self.sink is not None:
            self.sink.close()
            self.sink = None

    def apply_pause(self) -> None:
        """Let the sound go on, or not, as the listener wishes."""
        if not self.paused and self.sink is not None:
            time.sleep(max(0.0, self._ready_at - time.monotonic()))
        self.ring.paused = self.paused

    def jump(self, to: int, fresh: bool) -> None:
        """Let the sound go on at the ring's position ``to``."""
        if self.sink is None:
            self.ring.jump(to, fresh)
        else:
            self.ring.flush(to, fresh)

    def make_room(self, frames: int) -> None:
        """The reserve has room for a jump or two; more must wait until the first was made."""
        deadline = time.monotonic() + 0.2
        while self.ring.free < frames and self.sink is not None and time.monotonic() < deadline:
            time.sleep(0.002)
        if self.ring.free < frames:  # nobody listens: start over where the last jump leads
            self.ring.truncate(max(self.ring.read, self.ring.flush_to))

    def seconds_until(self, position: float) -> float:
        """When the sink will have passed a position of the ring, by its own pace."""
        if self.sink is None or (self.ring.paused and self.ring.silent):
            return CHECK_S
        if not 0 < self.sink.pace < math.inf:
            return 0.002
        here = max(self.ring.read, self.ring.flush_to)  # a jump is made in the next moment
        seconds = (position - here) / self.ring.rate / self.sink.pace
        return min(CHECK_S, max(0.003, seconds))

    def lost(self) -> str | None:
        """Why the sink is gone, if it is; looks a few times a second at most."""
        sink, clock = self.sink, time.monotonic()
        if sink is None or clock - self._checked_at < CHECK_S:
            return None
        self._checked_at = clock
        # Checks are counted, not seconds: a stopped process must not look like a stopped device.
        stalled = self.ring.blocks == self._blocks and 0 < sink.pace < math.inf
        self._blocks = self.ring.blocks
        self._idle_checks = self._idle_checks + 1 if stalled else 0
        if self._idle_checks * CHECK_S > _STALL_S:
            return "The sound output does not answer any more."
        return sink.lost()

    def look(self, look: Look) -> tuple[Step, str]:
        """Other outputs are there: whether to go on here, and if not, why."""
        before, self._look = self._look, look
        sink = self.sink
        if sink is None or sink.device is None:
            return "stay", ""
        # At its start a stream is shorter than it will be: the longest figure is the true one.
        sink.latency_s = max(sink.latency_s, min(look.latency_s, 2.0))
        at = sink.device
        step, sink.device = next_step(at, self._device_name or "", self.ring.rate, before, look)
        return step, gone(at) if step == "lost" else ""

    def settle(self) -> bool:
        """Let the sound fade, and wait until all that left the ring was heard; False if the sink
        is gone and that will never be. `apply_pause` lets it go on.
        """
        sink = self.sink
        self.ring.paused = True
        if sink is None or not 0 < sink.pace < math.inf:
            return True
        deadline = time.monotonic() + 0.2
        while not self.ring.silent and time.monotonic() < deadline:
            time.sleep(0.005)
        if sink.device is not None:
            time.sleep(min(1.5 * sink.latency_s + 0.05, 1.0))
        return self.ring.silent and sink.lost() is None

    def fade_out(self) -> None:
        """Before closing: let the sink play what it has taken, but not long."""
        sink = self.sink
        if sink is None or self.ring.paused or not 0 < sink.pace < math.inf:
            return
        deadline = time.monotonic() + 0.1
        while not self.ring.silent and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(min(sink.latency_s, 0.3))
