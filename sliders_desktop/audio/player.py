"""The playback thread: play, pause, seek, gapless next. Decodes ahead into the output's ring.

Runs on its own daemon thread `player`; its methods may be called from any thread and return at
once. Events come on the player thread. What plays next is decided elsewhere (`set_next`).
"""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.audio.deck import Deck
from sliders_desktop.audio.decoding.spans import WHOLE, Span
from sliders_desktop.audio.events import (
    DevicesChanged,
    Ended,
    Failed,
    NeedNext,
    Outcome,
    OutputNote,
    PlayerEvent,
    SinkLost,
    Started,
)
from sliders_desktop.audio.feed import Track
from sliders_desktop.audio.output import Output
from sliders_desktop.audio.sinks.devices import Look, Watch
from sliders_desktop.audio.sinks.ring import BESIDE, OVER, VOICE_FADE_S, Ring
from sliders_desktop.audio.sinks.sink import Sink
from sliders_desktop.errors import NoSoundDevice

__all__ = [
    "DevicesChanged",
    "Ended",
    "Failed",
    "NeedNext",
    "Outcome",
    "OutputNote",
    "Player",
    "PlayerEvent",
    "SinkLost",
    "Started",
]

log = logging.getLogger(__name__)


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
        watch: Callable[[Callable[[Look], None]], Watch] | None = None,
    ) -> None:
        """``rate`` overrides the sink's own; ``on_event`` is called on the player thread.

        The sink is made and opened when something is to be played, and again after it was lost.
        ``watch`` makes what tells of the outputs there are, once they matter.
        """
        self._make_watch = watch
        self._watch: Watch | None = None
        self._devices: DevicesChanged | None = None
        self._on_event = on_event
        self._output = Output(make_sink, rate)
        self._deck = Deck(self._output, self._emit)
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._now = _Now()
        self._seek_to: float | None = None  # the latest wish, until it is carried out
        self._wanted: int | None = None  # key of the latest `play`, until it is carried out
        self._closing = False
        self._voices = 0  # what was asked for so far, and taken back
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)
        self._thread.start()

    # --- any thread ---

    def play(
        self,
        key: int,
        path: str,
        start_s: float = 0.0,
        paused: bool = False,
        *,
        span: Span = WHOLE,
        gain: float = 1.0,
    ) -> None:
        """Play ``path`` now, in place of what plays and of what was set to follow.

        ``gain`` is a factor on its samples, beside the volume.
        """
        self._output.paused = paused
        self._seek_to = None
        self._wanted = key
        self._commands.put(lambda: self._do_play(Track(key, path, span, gain), start_s))

    def set_next(
        self,
        key: int | None,
        path: str = "",
        *,
        span: Span = WHOLE,
        gain: float = 1.0,
        overlap_s: float = 0.0,
    ) -> None:
        """What follows without a gap; None: nothing. Replaces what was set before.

        With ``overlap_s`` it begins while the one before sounds its last so many seconds. Its
        `Started` comes in the middle of them; a skip begins it at its beginning.

        Each playing of a track has a key of its own: one that is in the ring already is ignored.
        In the last quarter of a second of a track this comes too late for its end and counts for
        the track behind it. If the player has run out by itself, ``path`` is played at once.
        """
        track = None if key is None else Track(key, path, span, gain, overlap_s)
        self._commands.put(lambda: self._deck.set_next(track))

    def set_gain(self, key: int, gain: float) -> None:
        """Another factor for a track that plays or is set to follow."""
        self._commands.put(lambda: self._deck.set_gain(key, gain))

    def pause(self) -> None:
        self._output.pause()

    def resume(self) -> None:
        """Play on; also tries again to open an output that was lost."""
        self._output.paused = False
        self._commands.put(self._do_resume)

    def seek(self, seconds: float) -> None:
        """Go to ``seconds`` of the track that is heard; of many quick calls the last counts."""
        self._seek_to = max(0.0, seconds)
        self._commands.put(self._do_seek)

    def skip(self) -> None:
        """On to the next track; if none is set, silence until one is."""
        self._seek_to = None
        self._commands.put(self._deck.skip)

    def stop(self) -> None:
        """Silence; what was set to follow is forgotten."""
        self._seek_to = None
        self._commands.put(self._deck.stop)

    def set_volume(self, volume: float) -> None:
        """0 silence to 1 as recorded, by the cube that ears find even."""
        self._output.set_volume(min(1.0, max(0.0, volume)) ** 3)

    def tone(self, wave: NDArray[np.float32], rate: int) -> None:
        """Let a short ``wave`` (n, 2) be heard over what plays, which stays as it is."""
        self._speak(wave, rate, OVER)

    def taste(self, wave: NDArray[np.float32], rate: int) -> None:
        """Let ``wave`` (n, 2), 15 seconds at most, sound beside what plays, which steps back.

        It is heard while paused, too, and at the listener's volume. Another takes its place;
        `hush` ends it. Nothing of what plays is changed by it, and no event tells of it.
        """
        self._speak(wave, rate, BESIDE)

    def _speak(self, wave: NDArray[np.float32], rate: int, how: float) -> None:
        self._voices += 1
        wanted = self._voices
        self._commands.put(lambda: self._do_speak(wave, rate, how, wanted))

    def hush(self) -> None:
        """End the taste: it fades, and what plays comes back."""
        self._voices += 1
        self._output.ring.hush()

    @property
    def rate(self) -> int:
        """At which the sound leaves, as far as is known: tastes at it need no resampling."""
        return self._output.ring.rate

    def set_output(self, name: str, exclusive: bool = False) -> None:
        """Go on through the output ``name``, "" follows the system; for us alone if possible."""
        self._output.set_device(name, exclusive)
        self._commands.put(self._do_set_output)

    def warm_up(self) -> None:
        """Load what the first `play` needs, so that it starts at once."""
        self._commands.put(self._do_warm_up)

    def position_s(self) -> float:
        """Second of the current track that is heard now."""
        now, wish = self._now, self._seek_to
        if wish is not None and now.key is not None:
            return wish
        if now.ring is None:
            return 0.0
        heard = now.ring.read - now.latency - now.begin
        return now.offset_s + max(0, heard) / now.ring.rate

    def current_key(self) -> int | None:
        """The track that plays (or will in a moment), None if none."""
        wanted = self._wanted
        return self._now.key if wanted is None else wanted

    @property
    def is_paused(self) -> bool:
        return self._output.paused

    @property
    def underruns(self) -> int:
        """How often the sound broke off because nothing was decoded."""
        return self._output.ring.underruns

    @property
    def dropouts(self) -> int:
        """How often the device broke off because the machine gave it no time."""
        return self._output.ring.dropouts

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
                self._deck.abandon("The player had an internal error.")
        try:
            self._deck.stop()
            self._output.fade_out()
        finally:
            self._output.close()
            if self._watch is not None:
                self._watch.close()

    def _step(self) -> None:
        """Carry out what was asked, or wait until something is to be done; then do one thing."""
        wait_s = self._output.seconds_until(self._deck.next_position())
        try:
            command = self._commands.get(timeout=0.0 if self._deck.can_fill() else wait_s)
            while not self._closing:
                command()
                self._show()
                command = self._commands.get_nowait()
        except queue.Empty:
            pass
        self._deck.observe()
        self._deck.fill()
        self._show()
        reason = self._output.lost()
        if reason is not None:
            self._lose(reason)

    def _emit(self, event: PlayerEvent) -> None:
        self._show()  # who hears of it may ask for more
        try:
            self._on_event(event)
        except Exception:
            log.exception("the answer to %s failed", type(event).__name__)

    def _show(self) -> None:
        """Tell the other threads what is heard."""
        first, output = self._deck.first, self._output
        if first is None:
            now = _Now()
        else:
            latency = int(output.latency_s * output.ring.rate)
            now = _Now(first.key, output.ring, first.begin, first.offset_s, latency)
        self._now = now

    def _do_play(self, track: Track, start_s: float) -> None:
        self._open_output()
        ring = self._output.ring
        if self._output.paused:
            ring.paused = True
        self._deck.play(track, start_s)
        self._output.apply_pause()  # only now, or the track before would be heard for a moment
        if self._wanted == track.key:
            self._wanted = None

    def _do_speak(self, wave: NDArray[np.float32], rate: int, how: float, wanted: int) -> None:
        if wanted != self._voices:  # others were asked for since, or none
            return
        self._open_output()
        self._output.apply_pause()
        ring = self._output.ring
        if self._output.sink is None:
            return
        if rate != ring.rate:
            import soxr

            wave, rate = soxr.resample(wave, rate, ring.rate), ring.rate
        if not ring.voice(wave, how):  # two are fading out still: soon there is room
            again = partial(self._do_speak, wave, rate, how, wanted)
            timer = threading.Timer(VOICE_FADE_S / 4, self._commands.put, (again,))
            timer.daemon = True
            timer.start()

    def _do_resume(self) -> None:
        if not self._output.paused:
            self._open_output()
            self._output.apply_pause()

    def _do_seek(self) -> None:
        seconds = self._seek_to
        if seconds is not None:
            self._deck.seek(seconds)
            self._show()
            if self._seek_to == seconds:
                self._seek_to = None

    def _do_set_output(self) -> None:
        if self._output.sink is not None:
            self._leave_output()
            self._open_output()
            self._output.apply_pause()

    def _do_look(self, look: Look) -> None:
        step, reason = self._output.look(look)
        if step == "lost":
            self._lose(reason)
        elif step == "move":
            self._do_set_output()
        devices = DevicesChanged(look.devices)
        if devices != self._devices:
            self._devices = devices
            self._emit(devices)

    def _start_watch(self) -> None:
        if self._watch is None and self._make_watch is not None and not self._closing:
            self._watch = self._make_watch(
                lambda look: self._commands.put(partial(self._do_look, look))
            )

    def _do_warm_up(self) -> None:
        self._start_watch()
        import av  # noqa: F401
        import soundfile  # noqa: F401
        import soxr  # noqa: F401

        import sliders_desktop.audio.sinks.render  # noqa: F401

    def _open_output(self) -> None:
        """Without an output: pause and say so; everything else goes on as if there were one."""
        if self._output.breaks_off():  # now is a good moment: another sound begins anyway
            self._leave_output()
        position_s, ring = self.position_s(), self._output.ring
        self._start_watch()
        try:
            self._output.open()
        except NoSoundDevice as error:
            self._lose(str(error))
        if self._output.ring is not ring:
            self._deck.move(ring, position_s)
        if self._output.sink is not None and self._output.sink.note:
            self._emit(OutputNote(self._output.sink.note))

    def _leave_output(self) -> None:
        """Close the output, so that the next one goes on with the first frame not yet heard."""
        heard_all, position_s = self._output.settle(), self.position_s()
        in_flight = self._output.latency_s > 0
        self._output.close()
        if in_flight and not heard_all:  # what the lost output had taken comes again
            self._deck.seek(position_s)
        self._show()

    def _lose(self, reason: str) -> None:
        playing = not self._output.paused
        self._output.pause()
        self._leave_output()
        self._emit(SinkLost(reason, playing))
