"""Loudness and true peak, against ffmpeg's meter and the cases of EBU Tech 3341."""

import math
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.error import BlockingIOError as NothingYet

from sliders_desktop.audio.decoding.sources import open_source
from sliders_desktop.audio.loudness import Loudness, Meter, between, combined, of_file
from sliders_desktop.errors import FileUnreadable
from tests import songs

RATES = (8000, 11025, 22050, 44100, 48000, 96000, 192000)


def measured(wave: songs.Wave, rate: int, size: int = 8192) -> Loudness:
    meter = Meter()
    wave = wave if wave.ndim == 2 else wave[:, None]
    for at in range(0, len(wave), size):
        meter.hear(wave[at : at + size], rate)
    return meter.loudness()


def ffmpegs(wave: songs.Wave, rate: int) -> tuple[float, float]:
    """LUFS and true peak as the filter ``ebur128`` says, mono from both sides."""
    wave = wave.reshape(len(wave), -1)
    layout = "mono" if wave.shape[1] == 1 else "stereo"
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        format="flt", sample_rate=rate, layout=layout, time_base=Fraction(1, rate)
    )
    meter = graph.add("ebur128", "metadata=1:peak=true:dualmono=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    said: dict[str, str] = {}
    for at in range(0, len(wave), rate):
        piece = np.ascontiguousarray(wave[at : at + rate].reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(piece, "flt", layout)
        frame.sample_rate, frame.pts = rate, at
        source.push(frame)
        while True:
            try:
                said = dict(sink.pull().metadata) or said
            except NothingYet:
                break
    return float(said["lavfi.r128.I"]), float(said["lavfi.r128.true_peak"])


def db(factor: float) -> float:
    return 20 * math.log10(factor)


def sides(level_db: float, seconds: float, rate: int = 48000, hz: float = 1000.0) -> songs.Wave:
    return songs.stereo(songs.tone(hz, seconds, rate, 10 ** (level_db / 20)))


def loud_and_quiet(rate: int) -> songs.Wave:
    """Noise that sinks below the relative gate, then below the absolute one."""
    levels = np.repeat([0.1, 0.005, 0.3, 1e-5], rate * 2)[:, None]
    return (songs.stereo(songs.noise(8, rate), songs.noise(8, rate, seed=1)) * levels).astype("f4")


@pytest.mark.parametrize("rate", RATES)
def test_it_says_what_ffmpegs_meter_says(rate: int) -> None:
    high = songs.stereo(songs.tone(rate * 0.23, 5, rate), songs.tone(91, 5, rate, 0.7))
    for wave in (loud_and_quiet(rate), songs.noise(5, rate), high):
        ours, (lufs, peak) = measured(wave, rate), ffmpegs(wave, rate)

        assert ours.lufs == pytest.approx(lufs, abs=0.1)
        assert db(ours.peak) == pytest.approx(db(peak), abs=0.3)


@pytest.mark.parametrize(
    ("levels_db", "lufs"),
    [
        ([(-23, 20)], -23),
        ([(-33, 20)], -33),
        ([(-36, 10), (-23, 60), (-36, 10)], -23),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23),
    ],
)
def test_the_cases_of_tech_3341(levels_db: list[tuple[float, float]], lufs: float) -> None:
    wave = np.concatenate([sides(level, seconds) for level, seconds in levels_db])

    assert measured(wave, 48000).lufs == pytest.approx(lufs, abs=0.1)


@pytest.mark.parametrize("degrees", [0, 45, 60, 67.5])
def test_peaks_between_samples_are_found(degrees: float) -> None:
    """Cases 15 to 18 of Tech 3341 and two more, whose samples miss the peak by up to 3 dB."""
    t = np.arange(48000)
    for divisor in (4, 6, 8):
        wave = 0.5 * np.sin(2 * np.pi * t / divisor + np.radians(degrees))
        wave *= np.minimum(1, np.minimum(t, t[::-1]) / 4800)  # a start like a click rings

        found = db(measured(wave.astype(np.float32), 48000).peak)

        assert -0.4 <= found - db(0.5) <= 0.2


def test_what_is_not_computed_could_not_have_been_the_peak() -> None:
    filters, between_samples = between(44100), 0
    for seed in range(6):
        wave = songs.noise(0.4, 44100, seed=seed) * np.linspace(1, 0.2, 17640, dtype=np.float32)
        points = [np.convolve(wave, row[::-1]) for row in filters]

        brute_force = max(float(np.abs(row).max()) for row in [wave, *points])

        assert measured(wave, 44100).peak == pytest.approx(brute_force, rel=1e-5)
        between_samples += brute_force > np.abs(wave).max()
    assert between_samples > 2


@pytest.mark.parametrize("size", [1, 31, 4410, 100_000])
def test_the_size_of_the_blocks_is_of_no_matter(size: int) -> None:
    wave = loud_and_quiet(8000)[:40_000]

    ours, again = measured(wave, 8000), measured(wave, 8000, size)

    assert again.lufs == pytest.approx(ours.lufs, abs=1e-6)
    assert again.peak == pytest.approx(ours.peak, rel=1e-5)
    assert again.blocks == ours.blocks


def test_mono_counts_as_it_is_heard_from_both_sides() -> None:
    mono = songs.noise(3)

    assert measured(mono, 44100).lufs == pytest.approx(measured(songs.stereo(mono), 44100).lufs)


def test_silence_has_no_loudness() -> None:
    for wave in (songs.silence(2), np.zeros((0, 2), np.float32), songs.noise(2, level=1e-5)):
        assert measured(wave, 44100).lufs is None
    assert Meter().loudness() == measured(songs.silence(0.5), 44100)
    assert combined([measured(songs.silence(2), 44100).blocks, b""]) is None


def test_what_is_shorter_than_a_block_is_one() -> None:
    short = measured(sides(-20, 0.25), 48000)

    assert short.lufs == pytest.approx(-20, abs=0.3)
    assert combined([short.blocks]) == pytest.approx(short.lufs, abs=0.06)


def test_nonsense_counts_as_silence() -> None:
    wave = songs.stereo(songs.noise(2))
    broken = wave.copy()
    broken[1000:1004] = [[np.nan, np.inf], [-np.inf, 1e30], [np.nan, -1e30], [np.inf, np.nan]]

    ours = measured(broken, 44100)

    assert ours.lufs == pytest.approx(measured(wave, 44100).lufs, abs=0.05)
    assert ours.peak < 2


def test_what_lies_on_both_sides_of_a_gap_is_not_joined() -> None:
    """Two stretches that do not fit together make no peak, and no block, where they meet."""
    rate = 48000
    wave = sides(-6, 3, rate, 100)
    meter = Meter()
    for start, stop in ((0, rate + 120), (rate + 360, 3 * rate)):  # the wave jumps there
        meter.hear(wave[start:stop], rate)
        meter.gap()

    assert meter.loudness().lufs == pytest.approx(measured(wave, rate).lufs, abs=0.05)
    assert meter.loudness().peak == pytest.approx(10 ** (-6 / 20), rel=0.02)


def test_a_recording_may_change_from_mono_to_stereo() -> None:
    meter = Meter()
    meter.hear(songs.noise(3)[:, None], 44100)
    meter.hear(songs.stereo(songs.noise(3)), 44100)

    assert meter.loudness().lufs == pytest.approx(measured(songs.noise(3), 44100).lufs, abs=0.05)


def test_an_album_is_as_loud_as_its_tracks_in_a_row() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        tracks = [
            songs.stereo(songs.noise(rng.uniform(1, 6), 8000, seed=i)) * np.float32(level)
            for i, level in enumerate(10 ** rng.uniform(-1.8, 0, 6))
        ]
        row = Meter()
        for track in tracks:
            row.hear(track, 8000)
            row.gap()

        whole = combined([measured(track, 8000).blocks for track in tracks])

        assert whole == pytest.approx(row.loudness().lufs, abs=0.1)


def test_the_histogram_is_small() -> None:
    """Some hundred bytes, however long the recording is."""
    wave = loud_and_quiet(8000)

    assert len(measured(np.tile(wave, (60, 1)), 8000).blocks) < 800


@pytest.mark.parametrize("rate", [1000, 3000, 384_000])
def test_any_rate_is_measured(rate: int) -> None:
    assert measured(songs.noise(2, rate), rate).lufs == pytest.approx(-10, abs=5)


def test_a_file_and_a_part_of_it(tmp_path: Path) -> None:
    wave = np.concatenate([sides(-30, 4), sides(-20, 4)])
    path = songs.write(tmp_path / "a", wave, 48000, "flac")

    assert of_file(path, lambda: None).lufs == pytest.approx(measured(wave, 48000).lufs, abs=0.01)
    assert of_file(path, lambda: None, (0.0, 4.0)).lufs == pytest.approx(-30, abs=0.1)
    with pytest.raises(FileUnreadable):
        of_file(songs.text(tmp_path / "b.mp3"), lambda: None)


def test_the_gain_in_an_opus_header_is_applied_by_the_decoder(tmp_path: Path) -> None:
    """So what is measured, and what R128 tags are relative to (RFC 7845), is what is played."""
    path = songs.write(tmp_path / "a", songs.noise(3, 48000), 48000, "opus")
    before = of_file(path, lambda: None).lufs
    data = bytearray(path.read_bytes())
    at = data.index(b"OpusHead")
    data[at + 16 : at + 18] = (-6 * 256).to_bytes(2, "little", signed=True)
    page_at = data.rindex(b"OggS", 0, at)
    size = 27 + data[page_at + 26] + sum(data[page_at + 27 : page_at + 27 + data[page_at + 26]])
    data[page_at + 22 : page_at + 26] = bytes(4)
    crc = 0
    for byte in data[page_at : page_at + size]:  # RFC 3533, 6: polynomial 0x04c11db7
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    data[page_at + 22 : page_at + 26] = crc.to_bytes(4, "little")
    path.write_bytes(data)

    assert open_source(path).frames == pytest.approx(3 * 48000, abs=960)
    assert before is not None
    assert of_file(path, lambda: None).lufs == pytest.approx(before - 6, abs=0.1)
