"""Listeners that the tests of the player share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sliders_desktop.audio.sinks.sink import Sink
from tests.unit.audio.listening import Driven, Listener


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    """Makes listeners, and closes them after the test."""
    listeners = []

    def make(make_sink: Callable[[], Sink], rate: int | None = None) -> Listener:
        listeners.append(Listener(make_sink, rate))
        return listeners[-1]

    yield make
    for listener in listeners:
        listener.close()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return tmp_path / "recording.wav"


@pytest.fixture
def driven(listen: Callable[..., Listener]) -> Driven:
    return Driven(listen)
