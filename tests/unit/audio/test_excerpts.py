"""What is heard of a file: whole songs, stretches of long recordings, and lengths that lie."""

import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from sliders_desktop.audio.decoding.sources import Block
from sliders_desktop.audio.excerpts import LONG_S, excerpts
from sliders_desktop.audio.files import decode, overview
from sliders_desktop.audio.loudness import Meter, of_file
from sliders_desktop.errors import Cancelled, FileUnreadable
from tests import songs

RATE = 24_000
Spans = list[tuple[int, int]]


def go_on() -> None:
    pass


def in_three(longest_s: float, length_s: float = 2.0) -> Callable[[int], Spans]:
    """All of up to ``longest_s``; of more its first, middle and last ``length_s`` seconds."""

    def choose(samples: int) -> Spans:
        if samples <= longest_s * RATE:
            return [(0, samples)]
        size = round(length_s * RATE)
        return [(at, at + size) for at in np.linspace(0, samples - size, 3).astype(int).tolist()]

    return choose


def louder_and_louder(seconds: float, rate: int) -> songs.Wave:
    """Noise whose every second is its own, rising to half of full scale."""
    wave = songs.noise(seconds, rate, level=0.1)
    wave *= np.linspace(0, 1, len(wave), dtype=np.float32)
    return wave


def alike(heard: Block, source: Block) -> float:
    return float(np.corrcoef(heard, source)[0, 1])


def smooth(outline: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The outline's shape, without the chance of single values."""
    return outline.reshape(20, 20).mean(axis=1)


@pytest.mark.parametrize("format", ["wav", "flac", "mp3", "m4a-aac", "ogg"])
def test_a_song_is_heard_whole(format: str, tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a", songs.stereo(songs.song("a", 8)), format=format)

    stretches, outline = excerpts(path, RATE, in_three(10), go_on)

    whole = decode(path, RATE)
    assert len(stretches) == 1
    np.testing.assert_array_equal(stretches[0], whole)
    np.testing.assert_array_equal(outline, overview(whole))


@pytest.mark.parametrize("format", ["wav", "flac", "mp3", "m4a-aac", "ogg"])
def test_of_a_longer_track_the_stretches(format: str, tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a", louder_and_louder(40, 44100), format=format)
    choose = in_three(10)

    stretches, outline = excerpts(path, RATE, choose, go_on)

    whole = decode(path, RATE)
    for stretch, (start, stop) in zip(stretches, choose(len(whole)), strict=True):
        # A file may be some samples shorter than it says; the stretches are where it says.
        assert abs(len(stretch) - (stop - start)) < 0.1 * RATE
        near = whole[max(0, start - 2400) : stop + 2400]
        assert np.correlate(near, stretch[2400:-2400], "valid").max() == pytest.approx(
            float(stretch[2400:-2400] @ stretch[2400:-2400]), rel=1e-3
        )
    np.testing.assert_allclose(smooth(outline), smooth(overview(whole)), atol=8)


@pytest.mark.parametrize("format", ["wav", "flac", "mp3"])
def test_of_a_very_long_track_nothing_else_is_read(format: str, tmp_path: Path) -> None:
    """1,000 seconds at 8 kHz, a thousandth of them wanted: in a tenth of the time."""
    wave = louder_and_louder(1.1 * LONG_S, 8000)
    path = songs.write(tmp_path / "a", wave, 8000, format)
    choose = in_three(10)
    began = time.process_time()
    whole = decode(path, RATE)
    reading_s, began = time.process_time() - began, time.process_time()

    stretches, outline = excerpts(path, RATE, choose, go_on)

    assert time.process_time() - began < reading_s / 2
    for stretch, (start, stop) in zip(stretches, choose(len(whole)), strict=True):
        assert len(stretch) == stop - start
        assert alike(stretch[2400:-2400], whole[start + 2400 : stop - 2400]) > 0.999
    np.testing.assert_allclose(smooth(outline), smooth(overview(whole)), atol=50)


@pytest.fixture(scope="module")
def minute(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A minute of MP3 that says in its first frame that it is a minute."""
    path = tmp_path_factory.mktemp("minute") / "a.mp3"
    data = songs.write(path, louder_and_louder(60, RATE), RATE).read_bytes()
    assert b"Xing" in data[:100]
    return data


def test_a_length_that_lies_is_found_out(minute: bytes, tmp_path: Path) -> None:
    """Recordings glued together: ffmpeg believes the first of them, or guesses."""
    path = tmp_path / "glued.mp3"
    path.write_bytes(minute * 10)
    choose = in_three(10)

    stretches, outline = excerpts(path, RATE, choose, go_on)

    whole = decode(path, RATE)
    for stretch, (start, stop) in zip(stretches, choose(len(whole)), strict=True):
        np.testing.assert_array_equal(stretch, whole[start:stop])
    np.testing.assert_allclose(smooth(outline), smooth(overview(whole)), atol=8)


def test_of_a_download_that_broke_off_what_is_there(tmp_path: Path) -> None:
    path = songs.write(tmp_path / "cut.flac", louder_and_louder(4 * LONG_S, 4000), 4000)
    songs.truncate(path, 0.5)
    choose = in_three(10)

    stretches, outline = excerpts(path, RATE, choose, go_on)

    whole = decode(path, RATE)
    assert LONG_S < len(whole) / RATE < 3 * LONG_S
    for stretch, (start, _) in zip(stretches, choose(len(whole)), strict=True):
        # Its length is counted in packets: the places may differ by a packet.
        near = whole[max(0, start - 2 * RATE) : start + 4 * RATE]
        heard = stretch[4800:-4800]
        assert np.correlate(near, heard, "valid").max() > 0.99 * float(heard @ heard)
    np.testing.assert_allclose(smooth(outline), smooth(overview(whole)), atol=50)


def test_long_recordings_glued_together_are_heard_all_along(minute: bytes, tmp_path: Path) -> None:
    """Where even ffmpeg can only guess how long it is, most of it is heard at the least."""
    path = tmp_path / "glued.mp3"
    path.write_bytes(minute * 30)

    stretches, outline = excerpts(path, RATE, in_three(10), go_on)

    assert [len(s) for s in stretches[:2]] == [2 * RATE] * 2
    assert np.flatnonzero(outline > 20).max() > 370


def test_ten_hours_cost_little_time_and_memory(tmp_path: Path) -> None:
    path = tmp_path / "ten.flac"
    events = np.zeros(8000 * 600, np.int16)
    with sf.SoundFile(path, "w", 8000, 1, "PCM_16") as file:
        for i in range(60):
            events[: 8000 * 60] = 200 * (i + 1) * np.sin(np.arange(8000 * 60) * 0.3)
            file.write(events)
    tracemalloc.start()
    began = time.process_time()

    stretches, outline = excerpts(path, RATE, in_three(262, 90), go_on)

    spent_s = time.process_time() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [len(s) for s in stretches] == [90 * RATE] * 3
    assert peak < 3 * 3 * 90 * RATE * 4  # the stretches, and one of them being joined
    assert spent_s < 3
    loud = outline.reshape(-1, 20).max(axis=1)  # half an hour each: three events, ever louder
    assert (np.diff(loud.astype(int)) > 0).all()


class StopAfter:
    def __init__(self, calls: int) -> None:
        self.left = calls

    def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


def test_a_check_that_raises_stops_it_anywhere(minute: bytes, tmp_path: Path) -> None:
    glued = tmp_path / "glued.mp3"
    glued.write_bytes(minute * 10)
    sought = songs.write(tmp_path / "sought.wav", songs.noise(1.1 * LONG_S, 4000), 4000)
    for path in (glued, sought):
        for calls in (1, 50, 200):
            with pytest.raises(Cancelled):
                excerpts(path, RATE, in_three(10), StopAfter(calls))


def test_what_cannot_be_read_is_said_as_ever(tmp_path: Path) -> None:
    for path in (songs.empty(tmp_path / "a.mp3"), songs.text(tmp_path / "b.flac")):
        with pytest.raises(FileUnreadable, match=f"^{path.name} is "):
            excerpts(path, RATE, in_three(10), go_on)


def test_a_song_is_measured_on_the_way(tmp_path: Path) -> None:
    """Before it is mixed: two sides that cancel out are loud all the same."""
    left = songs.noise(8, 44100, level=0.1)
    path = songs.write(tmp_path / "a", songs.stereo(left, -left), 44100, "flac")
    meter = Meter()

    (wave,), _ = excerpts(path, RATE, in_three(60), go_on, meter=meter)

    assert np.abs(wave).max() < 1e-3
    assert meter.loudness() == of_file(path, go_on)


def test_of_a_long_recording_the_stretches_are_measured(tmp_path: Path) -> None:
    wave = songs.noise(LONG_S + 20, 8000, level=0.1)
    path = songs.write(tmp_path / "a", wave, 8000, "flac")
    meter = Meter()

    excerpts(path, RATE, in_three(60), go_on, meter=meter)

    ours, whole = meter.loudness(), of_file(path, go_on)
    assert ours.lufs == pytest.approx(whole.lufs, abs=0.1)
    assert ours.peak == pytest.approx(whole.peak, rel=0.3)


def test_a_file_that_is_read_twice_is_measured_once(tmp_path: Path) -> None:
    """It says it is long, and ends early: the meter starts anew with each attempt."""
    wave = louder_and_louder(LONG_S + 100, 8000)
    path = songs.truncate(songs.write(tmp_path / "a", wave, 8000, "flac"), 0.1)
    meter = Meter()

    excerpts(path, RATE, in_three(60), go_on, meter=meter)

    assert meter.loudness().blocks == of_file(path, go_on).blocks
