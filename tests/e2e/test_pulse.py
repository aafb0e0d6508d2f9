"""Real sound: the player through PortAudio into a sound server, compared sample by sample."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sliders_desktop.audio.player import Ended, SinkLost, Started
from sliders_desktop.audio.sinks.devices import devices
from sliders_desktop.audio.sinks.sink import DeviceSink, Sink
from sliders_desktop.errors import NoSoundDevice
from tests import songs
from tests.e2e.pulse import Pulse, pulse, recorded
from tests.unit.audio.listening import Listener
from tests.unit.audio.sinks.sink_contract import SinkContract, eventually

__all__ = ["pulse"]  # a fixture


@pytest.mark.usefixtures("pulse")
class TestDeviceSink(SinkContract):
    @pytest.fixture
    def sink(self) -> Sink:
        return DeviceSink()


@pytest.fixture
def listener(pulse: Pulse) -> Iterator[Listener]:
    listener = Listener(DeviceSink, pulse.rate)
    yield listener
    listener.close()


def where(heard: NDArray[np.float32], wave: NDArray[np.float32]) -> int:
    """At which frame of ``heard`` the ``wave`` begins, by its first second."""
    n = 1 << len(heard).bit_length()
    head = wave[:44100, 0]
    spectrum = np.fft.rfft(heard[:, 0], 2 * n) * np.fft.rfft(head, 2 * n).conj()
    return int(np.fft.irfft(spectrum)[: len(heard)].argmax())


def test_an_album_is_heard_without_losing_or_adding_a_sample(pulse: Pulse, tmp_path: Path) -> None:
    waves = [songs.stereo(songs.noise(2, seed=i), songs.noise(2, seed=9 + i)) for i in range(4)]
    album = np.concatenate(waves)
    paths = [
        songs.write(tmp_path / f"{i}", wave, pulse.rate, ("flac", "wav-float")[i % 2])
        for i, wave in enumerate(waves)
    ]
    for _ in range(4):  # a crowded machine may give the sound server itself no time
        listener = Listener(DeviceSink, pulse.rate)
        with pulse.recording(tmp_path / "heard.raw"):
            listener.play(paths)
            listener.wait_for_end(4, 60)
        listener.close()
        assert listener.player.underruns == 0
        if not listener.player.dropouts:
            break
    else:
        pytest.skip("this machine is too busy to play sound")
    heard = recorded(tmp_path / "heard.raw")
    start = where(heard, album)
    assert np.abs(heard[start : start + len(album)] - album).max() < 1e-4  # FLAC has 16 bits
    assert not heard[:start].any()
    assert not heard[start + len(album) :].any()
    assert listener.said()[-1] == "finished 4"


def test_hands_are_heard_within_a_tenth_of_a_second(
    pulse: Pulse, listener: Listener, tmp_path: Path
) -> None:
    path = songs.write(tmp_path / "a.flac", songs.stereo(songs.tone(110, 30)), pulse.rate)
    with pulse.recording(tmp_path / "heard.raw"):
        listener.play([path])
        listener.wait_for(Started(1), 60)
        time.sleep(1.0)
        before = listener.player.position_s()
        listener.player.pause()
        time.sleep(0.5)
        after = listener.player.position_s()
        listener.player.resume()
        time.sleep(0.5)
    listener.player.stop()
    # The file's second that was heard last is the one of the command, or hardly later.
    assert after - before < 0.1
    sound = np.abs(recorded(tmp_path / "heard.raw")).max(axis=1) > 0
    edges = np.flatnonzero(np.diff(np.convolve(sound, np.ones(500), "same") > 0))
    assert len(edges) >= 3  # on, off, on
    assert 0.4 < (edges[2] - edges[1]) / pulse.rate < 0.7


def test_a_server_that_dies_is_a_pause_and_not_a_skip(
    pulse: Pulse, listener: Listener, tmp_path: Path
) -> None:
    path = songs.write(tmp_path / "a.flac", songs.noise(30), pulse.rate)
    listener.play([path])
    listener.wait_for(Started(1), 60)
    import subprocess

    subprocess.run(["pactl", "exit"], env=pulse.environment, check=True)
    lost = listener.wait_for(SinkLost, 20)
    assert isinstance(lost, SinkLost)
    assert lost.reason.startswith("The sound output")
    assert listener.player.is_paused
    assert not [event for event in listener.events if isinstance(event, Ended)]
    listener.player.resume()  # nothing there any more: says so again
    eventually(lambda: sum(isinstance(event, SinkLost) for event in listener.events) == 2, 20)


@pytest.mark.usefixtures("pulse")
def test_outputs_have_names() -> None:
    assert [d.name for d in devices()] == ["Null Output"]
    with pytest.raises(NoSoundDevice, match="is not there"):
        _ = DeviceSink("Loudspeaker of the neighbours").rate
