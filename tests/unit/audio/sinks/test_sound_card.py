"""The sound card where it cannot be had in a test: Windows, macOS and picky devices, by a PortAudio
that only looks like one.
"""

import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
import sounddevice

from sliders_desktop.audio.events import Device
from sliders_desktop.audio.sinks import devices as devices_module
from sliders_desktop.audio.sinks.ring import Ring
from sliders_desktop.audio.sinks.sound_card import DeviceSink, card_devices
from sliders_desktop.errors import NoSoundDevice
from tests.unit.audio.sinks.sink_contract import eventually

BUSY = -9985


class Library:
    """What is called of PortAudio's C side."""

    paFloat32, paNoFlag = 1, 0

    def __init__(self) -> None:
        self.rates: set[float] = {48000.0}
        self.refuses_exclusive = False
        self.opened: list[tuple[float, bool]] = []  # rate, with settings of the host system
        self.active = 1

    def Pa_IsFormatSupported(self, _input: Any, _output: Any, rate: float) -> int:
        return 0 if rate in self.rates else -9997

    def Pa_OpenStream(self, stream: Any, _input: Any, output: Any, rate: float, *_rest: Any) -> int:
        settings = output.hostApiSpecificStreamInfo
        exclusive = settings != sounddevice._ffi.NULL and self.is_exclusive(settings)
        self.opened.append((rate, exclusive))
        if rate not in self.rates:
            return -9997
        return BUSY if exclusive and self.refuses_exclusive else 0

    def is_exclusive(self, settings: Any) -> bool:
        info = sounddevice._ffi.cast("PaWasapiStreamInfo *", settings)
        return bool(info.flags & sounddevice._lib.paWinWasapiExclusive)

    def Pa_GetErrorText(self, error: int) -> Any:
        return sounddevice._ffi.new("char[]", b"Device unavailable")

    def Pa_StartStream(self, _stream: Any) -> int:
        return 0

    def Pa_GetStreamInfo(self, _stream: Any) -> Any:
        return sounddevice._ffi.new("PaStreamInfo *", {"outputLatency": 0.03})

    def Pa_IsStreamActive(self, _stream: Any) -> int:
        return self.active

    def Pa_AbortStream(self, _stream: Any) -> int:
        return 0

    Pa_CloseStream = Pa_AbortStream


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    """Windows, with the same loudspeaker under two of its sound systems, and headphones."""
    library = Library()
    known = [
        ("Speakers (Realtek(R) Au", 0, 44100.0),
        ("Microphone", 1, 48000.0),
        ("Speakers (Realtek(R) Audio)", 1, 48000.0),
        ("Headphones (USB)", 1, 192000.0),
    ]
    listed = [
        {
            "name": name,
            "hostapi": host,
            "index": at,
            "default_samplerate": rate,
            "max_output_channels": 0 if name == "Microphone" else 2,
            "default_low_output_latency": 0.003,
        }
        for at, (name, host, rate) in enumerate(known)
    ]

    def query_devices(device: int | None = None, kind: str | None = None) -> Any:
        return listed[0] if kind else listed if device is None else listed[device]

    module = SimpleNamespace(
        _lib=library,
        _ffi=sounddevice._ffi,
        _initialize=lambda: None,
        _terminate=lambda: None,
        PortAudioError=sounddevice.PortAudioError,
        WasapiSettings=sounddevice.WasapiSettings,
        query_devices=query_devices,
        query_hostapis=lambda: [
            {"name": "MME", "default_output_device": 0},
            {"name": "Windows WASAPI", "default_output_device": 2},
        ],
    )
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    monkeypatch.setattr(sys, "platform", "win32")
    return library


def test_windows_shows_each_output_once_by_its_full_name(library: Library) -> None:
    assert [(d.name, d.is_default, d.alone) for d in card_devices()] == [
        ("Speakers (Realtek(R) Audio)", True, False),
        ("Headphones (USB)", False, False),
    ]


def test_a_device_that_refuses_its_own_rate_gets_another(library: Library) -> None:
    sink = DeviceSink("Headphones (USB)")
    assert sink.rate == 48000
    sink.open(Ring(sink.rate))
    assert sink.device is not None
    assert sink.device.name == "Headphones (USB)"
    assert sink.latency_s == pytest.approx(0.03)
    library.active = 0
    assert sink.lost() == "The sound output “Headphones (USB)” went away."
    sink.close()


def test_a_device_that_refuses_every_rate_is_named(library: Library) -> None:
    library.rates = set()
    sink = DeviceSink()
    with pytest.raises(NoSoundDevice, match=r"“Speakers .* cannot be opened: Device unavailable"):
        sink.open(Ring(sink.rate))
    sink.close()


def test_alone_where_the_system_allows_it(library: Library) -> None:
    sink = DeviceSink(exclusive=True)
    sink.open(Ring(sink.rate))
    sink.close()
    assert library.opened == [(48000.0, True)]
    assert sink.note == ""
    library.refuses_exclusive = True
    sink.open(Ring(sink.rate))
    sink.close()
    assert library.opened[1:] == [(48000.0, True), (48000.0, False)]
    assert "shared with other programs" in sink.note


def test_an_output_that_is_not_there_is_named(library: Library) -> None:
    with pytest.raises(NoSoundDevice, match="“Attic” is not there"):
        _ = DeviceSink("Attic").rate


def test_windows_and_macos_are_asked_beside_portaudio(monkeypatch: pytest.MonkeyPatch) -> None:
    speakers = [SimpleNamespace(id="{1}", name="Speakers"), SimpleNamespace(id="{2}", name="TV")]
    module = SimpleNamespace(default_speaker=lambda: speakers[1], all_speakers=lambda: speakers)
    monkeypatch.setitem(sys.modules, "soundcard", module)
    monkeypatch.setattr(sys, "platform", "darwin")
    found = (Device("Speakers", "Speakers"), Device("TV", "TV", is_default=True))
    assert devices_module.devices() == found
    monkeypatch.setattr(devices_module, "_POLL_S", 0.01)
    looks: list[devices_module.Look] = []
    watch = devices_module.Watch(looks.append)
    eventually(lambda: looks)
    speakers.pop()

    def none_left() -> Any:
        raise RuntimeError("no default")

    module.default_speaker = none_left
    eventually(lambda: len(looks) == 2)
    watch.close()
    assert [[d.name for d in look.devices] for look in looks] == [["Speakers", "TV"], ["Speakers"]]


def test_cards_without_a_server_are_found_while_nothing_plays(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    kernel = ["controlC0"]
    monkeypatch.setattr(devices_module, "_cards_of_the_kernel", lambda: tuple(kernel))
    looks: list[devices_module.Look] = []
    watch = devices_module.Watch(looks.append, retry_s=0.01)
    eventually(lambda: len(looks) == 1)
    assert "Headphones (USB)" in [device.name for device in looks[0].devices]
    sink = DeviceSink("Headphones (USB)")
    sink.open(Ring(sink.rate))
    listed = sounddevice_outputs()
    listed.pop()
    kernel.append("controlC1")
    time.sleep(0.1)
    assert len(looks) == 1  # it plays: nobody may disturb PortAudio
    sink.close()
    eventually(lambda: len(looks) == 2)
    watch.close()
    assert "Headphones (USB)" not in [device.name for device in looks[1].devices]


def sounddevice_outputs() -> list[Any]:
    return sys.modules["sounddevice"].query_devices()  # type: ignore[no-any-return]
