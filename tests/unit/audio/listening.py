"""Listeners for tests of the player: one keeps its events and answers its questions, one drives
the clock of what is heard.
"""

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from sliders_desktop.audio.decoding.sources import Block
from sliders_desktop.audio.player import (
    Ended,
    Failed,
    NeedNext,
    Player,
    PlayerEvent,
    SinkLost,
    Started,
)
from sliders_desktop.audio.sinks.devices import Look, Watch
from sliders_desktop.audio.sinks.sink import NullSink, Sink
from tests.unit.audio.sinks.sink_contract import eventually


class Listener:
    """A player whose next tracks come from ``queue``, keys counted from ``first_key``."""

    def __init__(
        self,
        make_sink: Callable[[], Sink],
        rate: int | None = None,
        watch: Callable[[Callable[[Look], None]], Watch] | None = None,
    ) -> None:
        self.events: list[PlayerEvent] = []
        self.queue: list[tuple[int, Path]] = []
        self._changed = threading.Condition()
        self.player = Player(make_sink, self._on_event, rate, watch)

    def _on_event(self, event: PlayerEvent) -> None:
        if isinstance(event, NeedNext) and self.queue:
            key, path = self.queue.pop(0)
            self.player.set_next(key, str(path))
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def play(self, paths: Iterable[Path], **how: float | bool) -> None:
        """Play ``paths`` in order, with the keys 1, 2, …"""
        (key, path), *self.queue = list(enumerate(paths, 1))
        self.player.play(key, str(path), **how)  # type: ignore[arg-type]

    def wait_for(self, wanted: type | PlayerEvent, seconds: float = 20.0) -> PlayerEvent:
        """The first event of this kind (or equal to this one), past or to come."""

        def found() -> PlayerEvent | None:
            for event in self.events:
                if event == wanted or (isinstance(wanted, type) and isinstance(event, wanted)):
                    return event
            return None

        with self._changed:
            assert self._changed.wait_for(found, seconds), f"no {wanted} in {self.events}"
            event = found()
            assert event is not None
            return event

    def wait_for_end(self, key: int, seconds: float = 20.0) -> Ended | Failed:
        with self._changed:
            assert self._changed.wait_for(lambda: self._end(key), seconds), f"{self.events}"
            end = self._end(key)
            assert end is not None
            return end

    def _end(self, key: int) -> Ended | Failed | None:
        ends = [e for e in self.events if isinstance(e, Ended | Failed) and e.key == key]
        return ends[0] if ends else None

    def said(self) -> list[str]:
        """The story in short: ``+1`` started, ``finished 1``, ``failed 2``, …"""
        story = []
        for event in list(self.events):
            match event:
                case Started(key):
                    story.append(f"+{key}")
                case Ended(key, _, outcome):
                    story.append(f"{outcome} {key}")
                case Failed(key, _):
                    story.append(f"failed {key}")
                case SinkLost():
                    story.append("lost")
        return story

    def close(self) -> None:
        """Close the player and see that nothing is left open."""
        start = time.monotonic()
        self.player.close()
        assert time.monotonic() - start < 1.0
        names = {thread.name for thread in threading.enumerate()}
        assert not names & {"player", "sink"}
        heard: list[int] = []
        for event in self.events:
            match event:
                case Started(key):
                    assert not heard, "two tracks at once"
                    heard.append(key)
                case Ended(key, seconds, _):
                    assert heard == [key]
                    assert seconds >= 0
                    heard.clear()
                case Failed(key, _) if heard == [key]:
                    heard.clear()
        assert not heard, "a track was started and never ended"


class Driven:
    """A sink whose clock the test drives, and the player on it."""

    def __init__(self, listen: Callable[..., Listener], rate: int = 44100) -> None:
        self.sink = NullSink(pace=0, rate=rate)
        self.listener = listen(lambda: self.sink)
        self.player = self.listener.player

    def ready(self) -> None:
        """Wait until the player has carried out everything it was told."""
        done: list[int] = []
        for i in (1, 2):  # and once more round, for what it sees after carrying out
            self.player._commands.put(lambda: done.append(1))
            eventually(lambda i=i: len(done) == i)

    def said(self) -> list[str]:
        self.ready()
        return self.listener.said()

    def hear(self, seconds: float) -> Block:
        """What is heard in the next ``seconds``, in blocks of 10 ms as a device takes them."""
        blocks = []
        for _ in range(round(seconds * 100)):
            ring = self.player._output.ring
            eventually(lambda ring=ring: ring.filled > 2000 or not self.player._deck.can_fill())
            blocks.append(self.sink.advance(self.sink.rate // 100))
        return np.concatenate(blocks)
