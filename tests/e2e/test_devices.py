"""Outputs that come, go and change while music plays, at a sound server of the test's own."""

import time
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from sliders_desktop.audio.player import DevicesChanged, Ended, Player, SinkLost, Started
from sliders_desktop.audio.sinks.devices import Look, Watch, devices
from sliders_desktop.audio.sinks.sink import DeviceSink
from sliders_desktop.audio.sinks.sound_server import ServerConnection, aimed_at
from tests import songs
from tests.e2e.pulse import Pulse, pulse, recorded
from tests.unit.audio.listening import Listener
from tests.unit.audio.sinks.sink_contract import eventually

__all__ = ["pulse"]  # a fixture

SECONDS = 4.0


@pytest.fixture
def listener(pulse: Pulse) -> Iterator[Listener]:
    listener = Listener(DeviceSink, watch=partial(Watch, retry_s=0.2))
    listener.player.warm_up()
    yield listener
    listener.close()


@pytest.fixture
def track(pulse: Pulse, tmp_path: Path) -> Path:
    """Noise, of which no frame is silent."""
    wave = songs.stereo(songs.noise(SECONDS), songs.noise(SECONDS, seed=1))
    wave[np.abs(wave) < 1e-3] = 1e-3
    return songs.write(tmp_path / "a.wav", wave, pulse.rate, "wav-float")


def plays_on(player: Player) -> None:
    """Wait until half a second more was heard."""
    place = player.position_s()
    eventually(lambda: player.position_s() > place + 0.5)


def parts(heard: NDArray[np.float32], wave: NDArray[np.float32]) -> list[tuple[int, int]]:
    """From where to where of ``wave`` each stretch between silences is."""
    loud = np.flatnonzero(heard.any(axis=1))
    found = []
    for run in np.split(loud, np.flatnonzero(np.diff(loud) > 100) + 1):
        piece = heard[run[0] : run[-1] + 1]
        inner = piece[len(piece) // 4 :][: 1 << 14, 0]  # behind the fade
        n = 2 * len(wave)
        match = np.fft.irfft(np.fft.rfft(wave[:, 0], n) * np.fft.rfft(inner, n).conj())
        start = int(match[: len(wave)].argmax()) - len(piece) // 4
        found.append((start, start + len(piece)))
    return found


def names(listener: Listener) -> list[str]:
    """The outputs of the last word about them."""
    told = [event for event in listener.events if isinstance(event, DevicesChanged)]
    return [device.name for device in told[-1].devices] if told else []


def losses(listener: Listener) -> list[str]:
    return [event.reason for event in listener.events if isinstance(event, SinkLost)]


def heard_at() -> str | None:
    """The id of the output where the server lets this process be heard."""
    connection = ServerConnection()
    try:
        placed = connection.placed()
    finally:
        connection.close()
    return placed and placed[0]


def test_outputs_have_the_names_people_know(pulse: Pulse) -> None:
    pulse.plug_in("usb", "Headphones", 48000)
    pulse.plug_in("usb2", "Headphones", 96000)
    pulse.pactl("set-default-sink", "usb2")
    found = [(d.name, d.id, d.is_default, d.rate) for d in devices() if not d.alone]
    assert found == [
        ("Headphones", "usb", False, 48000),
        ("Headphones (2)", "usb2", True, 96000),
        ("Null Output", "null", False, pulse.rate),
    ]


def test_unplugged_is_a_pause_and_no_frame_is_lost_or_heard_twice(
    pulse: Pulse,
    listener: Listener,
    track: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A crowded machine may give the sound server itself no time.
    monkeypatch.setattr("sliders_desktop.audio.sinks.sound_card._LATENCY_S", 0.25)
    player = listener.player
    module = pulse.plug_in("usb", "Headphones")
    loud, quiet = tmp_path / "null.raw", tmp_path / "usb.raw"
    with pulse.recording(loud):
        with pulse.recording(quiet, "usb"):
            listener.play([track])
            listener.wait_for(Started(1))
            plays_on(player)
            player.set_output("Headphones")
            eventually(lambda: heard_at() == "usb")
            plays_on(player)
            pulse.unplug(module)
            lost = listener.wait_for(SinkLost)
        assert lost == SinkLost("The sound output “Headphones” went away.")
        assert player.is_paused
        place = player.position_s()
        time.sleep(0.3)
        assert player.position_s() == place
        assert names(listener) == ["Null Output"]
        player.resume()  # what was chosen is still not there
        eventually(lambda: len(losses(listener)) == 2)
        assert losses(listener)[1] == "The sound output “Headphones” is not there."
        player.set_output("")
        player.resume()
        listener.wait_for_end(1)
    assert listener.said() == ["+1", "lost", "lost", "finished 1"]
    if player.dropouts:
        pytest.skip("this machine is too busy to play sound")
    wave = sf.read(track, dtype="float32")[0]
    (before, *after), (meanwhile, *_) = parts(recorded(loud), wave), parts(recorded(quiet), wave)
    near = 8  # frames: the last one of a fade is silent
    assert before[0] == 0
    assert abs(meanwhile[0] - before[1]) < near
    # What the unplugged output had taken but not played, the server plays on the other. The
    # recording moves there too and may lose its last fragment.
    assert -0.4 * pulse.rate < after[0][0] - meanwhile[1] < 0.06 * pulse.rate
    for one, other in pairwise(after):
        assert abs(other[0] - one[1]) < near
    assert after[-1][1] == len(wave)


def test_the_systems_default_is_followed_at_its_own_rate(
    pulse: Pulse, listener: Listener, track: Path
) -> None:
    player = listener.player
    listener.play([track])
    listener.wait_for(Started(1))
    plays_on(player)
    assert player._output.ring.rate == pulse.rate
    place = player.position_s()
    pulse.plug_in("usb", "Headphones", 48000)
    pulse.pactl("set-default-sink", "usb")
    eventually(lambda: player._output.ring.rate == 48000)
    plays_on(player)
    assert heard_at() == "usb"
    assert player.position_s() < place + 3
    player.stop()
    listener.wait_for_end(1)
    assert listener.said() == ["+1", "stopped 1"]


def test_what_was_chosen_stays_when_the_default_changes(
    pulse: Pulse, listener: Listener, track: Path
) -> None:
    pulse.plug_in("usb", "Headphones")
    pulse.pactl("set-default-sink", "usb")
    eventually(lambda: "Headphones" in names(listener))
    listener.player.set_output("Headphones")
    listener.play([track])
    listener.wait_for(Started(1))
    eventually(lambda: heard_at() == "usb")
    pulse.pactl("set-default-sink", "null")  # the server takes us along
    plays_on(listener.player)
    eventually(lambda: heard_at() == "usb")
    assert losses(listener) == []


def test_a_server_that_dies_and_comes_back(pulse: Pulse, listener: Listener, track: Path) -> None:
    player = listener.player
    listener.play([track])
    listener.wait_for(Started(1))
    plays_on(player)
    eventually(lambda: "Null Output" in names(listener))
    place = player.position_s()
    pulse.stop()
    listener.wait_for(SinkLost)
    assert player.is_paused
    assert place - 0.2 < player.position_s() < place + 1.0
    eventually(lambda: "Null Output" not in names(listener))
    assert losses(listener) == ["The sound output “Null Output” went away."]
    pulse.start()
    eventually(lambda: "Null Output" in names(listener))
    assert player.is_paused  # nothing starts by itself
    player.resume()
    plays_on(player)
    assert not [event for event in listener.events if isinstance(event, Ended)]


def test_the_first_output_is_found_without_a_restart(
    pulse: Pulse, listener: Listener, track: Path
) -> None:
    pulse.pactl("unload-module", "module-null-sink")
    listener.play([track])
    assert listener.wait_for(SinkLost) == SinkLost("There is no sound output on this machine.")
    pulse.plug_in("usb", "Headphones")
    eventually(lambda: names(listener) == ["Headphones"])
    listener.player.resume()
    listener.wait_for(Started(1))
    plays_on(listener.player)


def test_the_watch_tells_each_change_once_and_ends_at_once(pulse: Pulse) -> None:
    looks: list[Look] = []
    watch = Watch(looks.append, retry_s=0.2)
    eventually(lambda: looks)
    pulse.pactl("set-sink-volume", "null", "50%")  # no news
    module = pulse.plug_in("usb", "Headphones")
    eventually(lambda: len(looks[-1].devices) == 2)
    pulse.unplug(module)
    eventually(lambda: len(looks[-1].devices) == 1)
    start = time.monotonic()
    watch.close()
    assert time.monotonic() - start < 0.5
    assert all(a != b for a, b in pairwise(looks))


def test_the_listeners_own_aim_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("PULSE_SINK", "attic")
    monkeypatch.delenv("PIPEWIRE_NODE", raising=False)
    with aimed_at("usb"):
        assert (os.environ["PULSE_SINK"], os.environ["PIPEWIRE_NODE"]) == ("usb", "usb")
    with aimed_at(""):
        assert os.environ["PULSE_SINK"] == "attic"
    assert os.environ["PULSE_SINK"] == "attic"
    assert "PIPEWIRE_NODE" not in os.environ
