"""Decoding: every format, any rate, any second, and broken files."""

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile as sf

from sliders_desktop.audio.decoding.sources import Block, measured_s
from sliders_desktop.audio.files import SUFFIXES, Decoder, decode, overview
from sliders_desktop.errors import FileUnreadable
from tests import songs

EXACT = [name for name in songs.FORMATS if name != "wma"]  # as long as the source


def read_all(decoder: Decoder) -> Block:
    blocks = []
    while len(block := decoder.read()):
        blocks.append(block)
    return np.concatenate(blocks)


def delay(heard: Block, source: Block) -> int:
    """By how many frames ``heard`` comes late, from the peak of the correlation."""
    n = min(len(heard), len(source))
    a, b = np.fft.rfft(heard[:n], 2 * n), np.fft.rfft(source[:n], 2 * n)
    at = int(np.fft.irfft(a * b.conj()).argmax())
    return at if at < n else at - 2 * n


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("music")


@pytest.mark.parametrize("format", songs.FORMATS)
def test_every_format_is_read_from_its_first_sample_and_from_any_second(
    format: str, folder: Path
) -> None:
    rate = 48000 if format == "opus" else 44100
    wave = songs.stereo(songs.noise(3, rate), songs.sweep(3, rate))
    path = songs.write(folder / f"Ünïcödé 音楽 {format}", wave, rate, format)
    assert path.suffix in SUFFIXES
    with Decoder(path, rate) as decoder:
        whole = read_all(decoder)
        assert whole.shape[1] == 2
        if format in EXACT:
            assert len(whole) == len(wave)
            assert decoder.frames in (len(wave), None)
            assert delay(whole[:, 1], wave[:, 1]) == 0
        if format in songs.LOSSLESS:
            np.testing.assert_allclose(whole, wave, atol=2**-15)
        for second in (1.7, 0.2, 0.0):
            decoder.seek(second)
            part = np.concatenate([decoder.read() for _ in range(4)])[:4000]
            start = round(second * rate)
            if format in EXACT:
                # The sweep alone: AAC makes its noise anew each time.
                assert np.abs(part - whole[start : start + len(part)])[:, 1].max() < 1e-3
        decoder.seek(99)
        assert len(decoder.read()) == 0


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 32000, 44100, 48000, 96000, 192000])
def test_any_rate_becomes_the_rate_that_was_asked_for(rate: int, tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a.wav", songs.tone(440, 1.0, rate), rate, "wav-float")
    with Decoder(path, 44100) as decoder:
        wave = read_all(decoder)
        assert decoder.frames == 44100
        assert decoder.duration_s == 1.0
    assert abs(len(wave) - 44100) <= 1
    assert np.array_equal(wave[:, 0], wave[:, 1])  # mono is heard on both sides
    # The same tone, away from the edges where its sudden start rings.
    assert np.abs(wave[2000:42000, 0] - songs.tone(440, 1.0)[2000:42000]).max() < 0.002


def test_blocks_are_small_whatever_the_file(tmp_path: Path) -> None:
    for rate, format in ((8000, "wav"), (192000, "wav"), (44100, "wv"), (44100, "m4a-alac")):
        path = songs.write(tmp_path / f"{rate} {format}", songs.noise(3, rate), rate, format)
        with Decoder(path, 48000) as decoder:
            while len(block := decoder.read()):
                assert len(block) < 16_000


def test_surround_is_folded_to_stereo_without_clipping(tmp_path: Path) -> None:
    channels = [songs.tone(200 * (i + 1), 1.0, level=0.99) for i in range(6)]
    path = songs.write(tmp_path / "a.flac", np.stack(channels, axis=1))
    with Decoder(path, 44100) as decoder:
        wave = read_all(decoder)
    assert wave.shape == (44100, 2)
    assert np.abs(wave).max() <= 1.0
    level = np.abs(np.fft.rfft(wave, axis=0))[[200, 400, 600, 800, 1000, 1200]] / 22050
    left, right, middle, bass, back_left, back_right = level
    assert left[0] > 0.3
    assert left[1] < 0.001
    assert right[1] > 0.3
    assert abs(middle[0] - middle[1]) < 0.001
    assert middle[0] > 0.2
    assert bass.max() < 0.001
    assert back_left[0] > 0.2
    assert back_left[1] < 0.001
    assert back_right[1] > 0.2


@pytest.mark.parametrize(("suffix", "codec"), [(".m4a", "aac"), (".opus", "libopus")])
def test_eight_channels_are_folded_too(suffix: str, codec: str, tmp_path: Path) -> None:
    """Asked for more than seven planes, PyAV 18.1 reads foreign memory and ends the program."""
    rate = 48000
    waves = np.stack([songs.tone(200 * (i + 1), 1.0, rate) for i in range(8)], axis=1)
    with av.open(str(tmp_path / f"a{suffix}"), "w") as file:
        stream: Any = file.add_stream(codec, rate=rate, layout="7.1")
        fitted = av.AudioResampler(stream.format.name, "7.1", rate, frame_size=960)
        frame = av.AudioFrame.from_ndarray(waves.reshape(1, -1), "flt", "7.1")
        frame.rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        for piece in fitted.resample(frame):
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    with Decoder(tmp_path / f"a{suffix}", rate) as decoder:
        wave = read_all(decoder)
    left, right = np.abs(np.fft.rfft(wave[12000:36000].T))[:, [100, 200, 300, 500, 600]] / 12000
    assert left[0] > 0.08 > 0.002 > left[1]
    assert right[1] > 0.08 > 0.002 > right[0]
    assert left[2] == pytest.approx(right[2], abs=0.002)
    assert left[3:].max() > 0.05
    assert right[3:].max() > 0.05


@pytest.mark.parametrize("rate", [1, 100, 2_000_000_000])
def test_no_music_has_such_a_rate(rate: int, tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a.wav", songs.noise(1), rate)
    with pytest.raises(FileUnreadable, match=r"^a\.wav is damaged or ends early\.$"):
        decode(path, 24000)


def test_what_is_not_a_number_is_silence_and_spreads_nowhere(tmp_path: Path) -> None:
    """Inside the resampler a NaN would take its neighbours with it, and infinity all others."""
    wave = songs.stereo(songs.noise(2), songs.noise(2, seed=1))
    broken = wave.copy()
    for at, value in ((8000, np.nan), (20000, np.inf), (40000, -np.inf), (60000, 3e38)):
        broken[at] = value
        wave[at] = 0
    whole = decode(songs.write(tmp_path / "whole.wav", wave, format="wav-float"), 24000)
    np.testing.assert_array_equal(
        decode(songs.write(tmp_path / "broken.wav", broken, format="wav-float"), 24000), whole
    )
    with Decoder(tmp_path / "broken.wav", 44100) as decoder:
        np.testing.assert_array_equal(read_all(decoder), wave)


def test_decode_gives_mono_at_the_rate_of_the_encoder(tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a.mp3", songs.stereo(songs.tone(440, 4), songs.tone(880, 4)))
    wave = decode(path, 16000)
    assert wave.shape == (64000,)
    assert wave.dtype == np.float32
    spectrum = np.abs(np.fft.rfft(wave[16000:32000])) / 8000
    assert spectrum[440] == pytest.approx(0.2, abs=0.02)
    assert spectrum[880] == pytest.approx(0.2, abs=0.02)
    part = decode(path, 16000, max_s=1.0, start_s=2.0)
    assert part.shape == (16000,)
    assert np.abs(part[500:-500] - wave[32500:47500]).max() < 0.01


def test_a_wrong_suffix_does_not_matter(tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a.mp3", songs.noise(1))
    wave = decode(path, 44100)
    assert len(wave) == 44100
    for name in ("b.flac", "b.m4a", "b.ogg", "b.wav"):
        np.testing.assert_array_equal(decode(path.rename(tmp_path / name), 44100), wave)
        (tmp_path / name).rename(path)


@pytest.mark.parametrize("format", ["wav", "flac", "ogg", "opus", "mp3", "wma", "wv"])
def test_what_a_truncated_file_still_holds_is_read(format: str, tmp_path: Path) -> None:
    rate = 48000 if format == "opus" else 44100
    path = songs.truncate(songs.write(tmp_path / "a", songs.noise(8, rate), rate, format), 0.6)
    assert 3.5 * 16000 < len(decode(path, 16000)) < 6 * 16000


@pytest.mark.parametrize("format", ["flac", "ogg", "opus", "mp3", "m4a-aac", "m4a-alac", "wv"])
def test_damage_in_the_middle_is_stepped_over(format: str, tmp_path: Path) -> None:
    rate = 48000 if format == "opus" else 44100
    path = songs.write(tmp_path / "a", songs.noise(8, rate), rate, format)
    songs.damage(path, where=0.5, length=2000)
    assert len(decode(path, 16000)) > 5 * 16000


def test_what_cannot_be_read_says_why_in_one_sentence(tmp_path: Path) -> None:
    reasons = {
        songs.empty(tmp_path / "empty.mp3"): "empty.mp3 is empty.",
        songs.text(tmp_path / "list.mp3"): "list.mp3 is not a music file this program can read.",
        songs.text(tmp_path / "list.m4a"): "list.m4a is not a music file this program can read.",
        tmp_path / "gone.flac": "gone.flac is not there any more.",
        tmp_path: f"{tmp_path.name} is a folder, not a file.",
        songs.truncate(
            songs.write(tmp_path / "half", songs.noise(2), format="m4a-aac")
        ): "half.m4a is damaged or ends early.",
        songs.truncate(
            songs.write(tmp_path / "stub.flac", songs.noise(2)), 0.1
        ): "stub.flac is damaged or ends early.",
    }
    for path, reason in reasons.items():
        with pytest.raises(FileUnreadable) as caught:
            decode(path, 16000)
        assert str(caught.value) == reason


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may read anything")
def test_a_missing_permission_is_named(tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a.wav", songs.noise(1))
    path.chmod(0)
    with pytest.raises(FileUnreadable, match="permission"):
        decode(path, 16000)


def test_reading_changes_no_byte_and_no_time(tmp_path: Path) -> None:
    path = songs.write(tmp_path / "a.flac", songs.noise(1), title="A")
    os.utime(path, ns=(1_000_000_000, 2_000_000_000))
    before = path.read_bytes()
    decode(path, 16000)
    assert path.read_bytes() == before
    assert path.stat().st_mtime_ns == 2_000_000_000


def test_the_overview_shows_where_it_is_loud() -> None:
    wave = np.concatenate([songs.silence(1), songs.tone(seconds=1, level=0.1), songs.tone()])
    peaks = overview(wave, 300)
    assert peaks.shape == (300,)
    assert peaks.dtype == np.uint8
    assert peaks[:99].max() == 0
    assert 60 <= peaks[150] <= 66
    assert peaks[250] >= 250
    assert overview(songs.silence(0)).max() == 0
    assert overview(songs.silence(1)).max() == 0
    assert len(overview(wave[:10], 400)) == 400


def test_songs_differ_and_repeat() -> None:
    one, same, other = songs.song("One"), songs.song("One"), songs.song("Other")
    assert np.array_equal(one, same)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.5


def test_a_made_library_can_be_read(tmp_path: Path) -> None:
    for song in songs.library(tmp_path, 4):
        data, rate = sf.read(song.path)
        assert (len(data), rate) == (len(song.wave), song.rate)


@pytest.mark.parametrize("format", ["mp3", "ogg", "opus"])
def test_lossy_formats_are_whole_everywhere(format: str, tmp_path: Path) -> None:
    rate = 48000 if format == "opus" else 44100
    wave = songs.stereo(songs.tone(440, 4, rate), songs.tone(880, 4, rate))
    with Decoder(songs.write(tmp_path / "a", wave, rate, format), rate) as decoder:
        wrong = np.abs(read_all(decoder) - wave).max(axis=1)
    assert wrong[rate // 10 : -rate // 10].max() < 0.03


def test_a_length_can_be_counted(tmp_path: Path) -> None:
    checks: list[int] = []
    for format in ("mp3", "flac", "m4a-aac", "ogg", "wav"):
        path = songs.write(tmp_path / "a", songs.noise(30), format=format)
        with Decoder(path, 24000) as decoder:
            counted = decoder.measure(lambda: checks.append(1))
            assert counted == decoder.frames
        assert counted / 24000 == pytest.approx(30, abs=0.1)
    assert len(checks) > 20
    assert measured_s(songs.text(tmp_path / "a.txt"), lambda: None) == 0
