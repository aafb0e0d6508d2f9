"""What every sink must do; subclasses bring a fixture `sink`."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from sliders_desktop.audio.sinks.ring import Ring
from sliders_desktop.audio.sinks.sink import Sink
from tests import songs


def eventually(true: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


class SinkContract:
    @pytest.fixture
    def ring(self, sink: Sink) -> Iterator[Ring]:
        ring = Ring(sink.rate)
        ring.write(songs.stereo(songs.tone(440, 2.0, sink.rate, level=0.05)))
        ring.promise_nothing()
        yield ring
        sink.close()

    def test_it_says_its_rate(self, sink: Sink) -> None:
        assert 8000 <= sink.rate <= 384_000

    def test_it_takes_everything(self, sink: Sink, ring: Ring) -> None:
        sink.open(ring)
        eventually(lambda: ring.read == ring.written)
        assert ring.underruns == 0
        assert sink.lost() is None
        assert 0 <= sink.latency_s < 1

    def test_pause_stops_it_and_resume_goes_on(self, sink: Sink, ring: Ring) -> None:
        ring.paused = True
        sink.open(ring)
        time.sleep(0.1)
        assert ring.read == 0
        ring.paused = False
        eventually(lambda: ring.read > 0)

    def test_a_flush_is_carried_out(self, sink: Sink, ring: Ring) -> None:
        ring.paused = True
        sink.open(ring)
        ring.flush(ring.written, fresh=True)
        ring.write(np.zeros((100, 2), np.float32))
        eventually(lambda: ring.read >= ring.flush_to)

    def test_after_close_it_takes_nothing(self, sink: Sink, ring: Ring) -> None:
        sink.open(ring)
        eventually(lambda: ring.read > 0)
        sink.close()
        read, blocks = ring.read, ring.blocks
        time.sleep(0.05)
        assert (ring.read, ring.blocks) == (read, blocks)
        sink.close()

    def test_it_can_be_opened_again(self, sink: Sink, ring: Ring) -> None:
        for _ in range(2):
            sink.open(ring)
            read = ring.read
            eventually(lambda read=read: ring.read > read or ring.read == ring.written)
            sink.close()
