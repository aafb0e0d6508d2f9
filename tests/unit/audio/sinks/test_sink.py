"""Each sink that needs no sound card keeps the contract; the sound card's is in e2e/test_pulse."""

import importlib.util
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from sliders_desktop.audio.sinks.ring import Ring
from sliders_desktop.audio.sinks.sink import DeviceSink, NullSink, Sink, WavSink, make_sink
from sliders_desktop.errors import NoSoundDevice
from tests import songs
from tests.unit.audio.sinks.sink_contract import SinkContract, eventually


class TestNullSink(SinkContract):
    @pytest.fixture
    def sink(self) -> Sink:
        return NullSink(pace=4.0)


class TestFastNullSink(SinkContract):
    @pytest.fixture
    def sink(self) -> Sink:
        return NullSink(pace=math.inf)


class TestWavSink(SinkContract):
    @pytest.fixture
    def sink(self, tmp_path: Path) -> Sink:
        return WavSink(tmp_path / "a.wav")


class TestWavSinkInTime(SinkContract):
    @pytest.fixture
    def sink(self, tmp_path: Path) -> Sink:
        return WavSink(tmp_path / "a.wav", pace=4.0)


def filled(wave: np.ndarray, rate: int = 44100) -> Ring:
    ring = Ring(rate)
    ring.write(wave)
    ring.promise_nothing()
    return ring


def test_a_null_sink_keeps_time() -> None:
    sink, ring = NullSink(), filled(songs.stereo(songs.noise(2)))
    sink.open(ring)
    start = time.monotonic()
    eventually(lambda: ring.read >= 22050)
    assert 0.4 < time.monotonic() - start < 1.5
    sink.close()


def test_a_null_sink_can_be_driven_by_the_test() -> None:
    wave = songs.stereo(songs.noise(1))
    sink, ring = NullSink(pace=0), filled(wave)
    sink.open(ring)
    assert np.array_equal(sink.advance(1000), wave[:1000])
    assert ring.read == 1000
    sink.close()


def test_a_recording_is_the_music_to_the_bit(tmp_path: Path) -> None:
    wave = songs.stereo(songs.noise(3), songs.noise(3, seed=1))
    sink, ring = WavSink(tmp_path / "a.wav"), filled(wave)
    sink.open(ring)
    eventually(lambda: ring.read == len(wave))
    sink.close()
    heard, rate = sf.read(tmp_path / "a.wav", dtype="float32")
    assert rate == 44100
    assert np.array_equal(heard, wave)


def test_a_recording_in_time_holds_the_silence_too(tmp_path: Path) -> None:
    sink, ring = WavSink(tmp_path / "a.wav", pace=8.0), filled(songs.stereo(songs.noise(1)))
    sink.open(ring)
    eventually(lambda: ring.read == ring.written)
    time.sleep(0.2)
    sink.close()
    heard, _ = sf.read(tmp_path / "a.wav", dtype="float32")
    assert len(heard) > 1.5 * 44100
    assert not heard[44200:].any()


def test_a_second_opening_goes_on_recording(tmp_path: Path) -> None:
    wave = songs.stereo(songs.noise(1))
    sink = WavSink(tmp_path / "a.wav")
    for _ in range(2):
        ring = filled(wave)
        sink.open(ring)
        eventually(lambda ring=ring: ring.read == ring.written)
        sink.close()
    assert np.array_equal(sf.read(tmp_path / "a.wav", dtype="float32")[0], np.tile(wave, (2, 1)))


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_killed_recording_is_a_valid_file(tmp_path: Path) -> None:
    program = """
import sys, time, numpy as np
from sliders_desktop.audio.sinks.ring import Ring
from sliders_desktop.audio.sinks.sink import WavSink
ring, sink = Ring(44100), WavSink(sys.argv[1])
sink.open(ring)
while True:
    if ring.free > 5000:
        ring.write(np.full((4410, 2), 0.5, np.float32))
    time.sleep(0.01)
"""
    path = tmp_path / "a.wav"
    process = subprocess.Popen([sys.executable, "-c", program, str(path)])
    eventually(lambda: path.exists() and path.stat().st_size > 600_000, 60)
    time.sleep(0.6)  # the header follows four times a second
    process.send_signal(signal.SIGKILL)
    process.wait()
    heard, _ = sf.read(path, dtype="float32")
    assert len(heard) > 4410
    assert (heard == 0.5).all()


def test_a_recording_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoSoundDevice, match="cannot be written"):
        WavSink(tmp_path / "no folder" / "a.wav").open(Ring(44100))


def test_sinks_by_name(tmp_path: Path) -> None:
    device, null = make_sink("device", "Speaker"), make_sink("null")
    wav = make_sink(f"wav:{tmp_path}/a:b.wav")
    assert isinstance(device, DeviceSink)
    assert device.device_name == "Speaker"
    assert isinstance(null, NullSink)
    assert null.pace == 1.0
    assert isinstance(wav, WavSink)
    assert wav.path == tmp_path / "a:b.wav"
    assert math.isinf(wav.pace)
    assert make_sink("wav:a.wav", pace=2.0).pace == 2.0
    for wrong in ("", "wav", "wav:", "speaker", "null:x"):
        with pytest.raises(ValueError):
            make_sink(wrong)


def test_sounddevice_still_has_what_we_take_from_it() -> None:
    """Its low level is not documented: an update that changes it must be seen here."""
    source = Path(importlib.util.find_spec("sounddevice").origin).read_text(encoding="utf-8")
    for name in (
        "_lib.Pa_OpenStream(",
        "_ffi.new('PaStream**')",
        "def _terminate",
        "def _initialize",
    ):
        assert name in source
