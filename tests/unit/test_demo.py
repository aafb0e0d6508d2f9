"""The demo library: what is composed, what is rendered, and what lies on disk afterwards."""

import struct
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from mutagen.flac import FLAC

from sliders_desktop import demo
from sliders_desktop.demo import (
    CATALOGUE,
    covers,
    desk,
    filters,
    instruments,
    recording,
    sources,
    theory,
)
from sliders_desktop.demo.frame import Frame
from sliders_desktop.errors import Cancelled

CHIP = next(p for p in CATALOGUE if p.style == "chip")
CHAMBER = next(p for p in CATALOGUE if p.style == "chamber")


class Cancelling:
    """A job that is asked to stop at its ``last``-th check."""

    def __init__(self, last: int) -> None:
        self.left = last

    def progress(self, done: int, total: int, text: str = "") -> None:
        pass

    def check(self) -> None:
        self.left -= 1
        if self.left <= 0:
            raise Cancelled


class Counting(Cancelling):
    def __init__(self) -> None:
        super().__init__(1_000_000)
        self.seen: list[tuple[int, int, str]] = []

    def progress(self, done: int, total: int, text: str = "") -> None:
        self.seen.append((done, total, text))


# ── The catalogue ────────────────────────────────────────────────────────────────────────────────


def test_sixty_pieces_in_ten_styles():
    assert len(CATALOGUE) == 60
    assert len({p.title for p in CATALOGUE}) == 60
    assert len({p.seed for p in CATALOGUE}) == 60
    assert {p.style for p in CATALOGUE} == set(recording.STYLES)
    assert len(recording.STYLES) == 10
    assert len({p.album for p in CATALOGUE}) == 20
    assert len({p.year // 10 for p in CATALOGUE}) >= 6
    paths = {demo.path_of(p, Path("demo")) for p in CATALOGUE}
    assert len(paths) == 60


def test_first_eight_already_show_variety():
    assert len({p.style for p in CATALOGUE[:8]}) == 8


@pytest.mark.parametrize("style", sorted(recording.STYLES))
def test_each_style_has_a_gradient(style):
    pieces = [p for p in CATALOGUE if p.style == style]
    assert len(pieces) == 6
    for quality in ("energy", "bright"):
        values = [getattr(p, quality) for p in pieces]
        assert max(values) - min(values) >= 0.4


@pytest.mark.parametrize("beats", [3, 4])
def test_frames_end_before_forty_seconds(beats):
    for piece in CATALOGUE:
        frame = Frame.of(piece, beats)
        assert frame.bars % 4 == 0
        assert frame.seconds <= 40


def test_swing_delays_only_what_is_off_the_beat():
    plain = Frame(4, 4, 0.5, 2.0)
    swung = Frame(4, 4, 0.5, 2.0, swing=1.0)
    assert swung.at(3.0) == plain.at(3.0)
    assert swung.at(0.5) == pytest.approx(0.5 * 2 / 3)


# ── Harmony ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mode", sorted(theory.MODES))
def test_tunes_stay_in_key_and_range(mode):
    key = theory.Key(38, mode)
    rng = np.random.default_rng(5)
    chords = [key.chord(d) for d in theory.progression(key, 16, rng)]
    notes = theory.tune(rng, key, chords, 4, 64, 81, 1)
    scale = {(key.root + s) % 12 for s in theory.MODES[mode]}
    assert len(notes) > 16
    for note in notes:
        assert 64 <= note.pitch <= 81
        assert note.pitch % 12 in scale
        assert 0 <= note.beat < 64
    assert notes[-1].pitch % 12 in {p % 12 for p in chords[-1]}


def test_progressions_come_home():
    for mode in theory.MODES:
        assert theory.progression(theory.Key(40, mode), 12, np.random.default_rng(1))[-1] == 0


def test_voices_move_little():
    key = theory.Key(36, "major")
    voiced = theory.lead([key.chord(d) for d in (0, 3, 4, 0, 5, 1, 4, 0)], 52, 70)
    for before, after in pairwise(voiced):
        assert max(min(abs(n - b) for b in before) for n in after) <= 4


def test_ninths_never_grate():
    for mode in theory.MODES:
        for degree in range(7):
            chord = theory.Key(36, mode).chord(degree, 5)
            assert all((p - chord[0]) % 12 != 1 for p in chord)


# ── Sound ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("pitch", [40, 52, 64, 76])
@pytest.mark.parametrize("bright", [0.2, 0.9])
def test_plucked_strings_are_in_tune(pitch, bright):
    tone = instruments.pluck(pitch, 1.5, bright)
    f0 = sources.hz(pitch)
    power = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), 1 << 19))
    freqs = np.fft.rfftfreq(1 << 19, 1 / sources.RATE)
    near = (freqs > f0 * 0.94) & (freqs < f0 * 1.06)
    found = freqs[near][np.argmax(power[near])]
    assert abs(1200 * np.log2(found / f0)) < 6


def test_filters_pass_and_stop():
    noise = np.random.default_rng(2).standard_normal((2, 100_000)).astype(np.float32)
    power = np.abs(np.fft.rfft(filters.filtered(noise, "lowpass", 1000.0)[0])) ** 2
    edge = int(1000 / (sources.RATE / 100_000))
    assert power[: edge // 2].mean() > 300 * power[edge * 6 :].mean()
    whole = filters.filtered(noise, "highpass", 200.0)
    short = filters.filtered(noise[:, :9000], "highpass", 200.0)
    np.testing.assert_allclose(whole[:, :9000], short, atol=5e-3)


def test_the_limiter_holds():
    loud = 3 * np.random.default_rng(3).standard_normal((2, 50_000)).astype(np.float32)
    assert np.abs(desk.limited(loud, 0.84)).max() <= 0.8401


def test_fast_lengths():
    for n in (1, 7, 1000, 1_234_567):
        m = filters.fast_length(n)
        assert n <= m < 1.1 * n + 2
        for prime in (2, 3, 5):
            while m % prime == 0:
                m //= prime
        assert m == 1


@pytest.fixture(scope="module")
def chip_sound():
    return recording.samples(CHIP)


def test_rendered_sound_is_sane(chip_sound):
    for sound in (chip_sound, recording.samples(CHAMBER)):
        assert sound.dtype == np.int16
        assert sound.shape[1] == 2
        assert 22 * sources.RATE <= len(sound) <= 40 * sources.RATE
        x = sound / 32768
        assert np.abs(x).max() < 10 ** (-1 / 20)
        assert -26 < 20 * np.log10(x.std()) < -12
        assert abs(x.mean()) < 1e-3
        assert np.abs(x[-50:]).max() < 1e-3  # faded out, no click
        assert not np.array_equal(sound[:, 0], sound[:, 1])


# ── Files ────────────────────────────────────────────────────────────────────────────────────────


def test_render_tags_resumes_and_reports(tmp_path, monkeypatch, chip_sound):
    monkeypatch.setattr(demo, "CATALOGUE", (CHIP,))
    job, ready = Counting(), []
    (path,) = demo.render(tmp_path, job, ready.append)
    assert ready == [path]
    assert job.seen == [(0, 1, CHIP.title), (1, 1, "")]
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]

    file = FLAC(path)
    assert file["title"] == [CHIP.title]
    assert file["artist"] == [CHIP.artist]
    assert file["album"] == [CHIP.album]
    assert file["date"] == [str(CHIP.year)]
    assert file["genre"] == ["Chiptune"]
    assert file["tracknumber"] == [str(CHIP.track)]
    assert file.pictures[0].type == 3
    assert file.pictures[0].data.startswith(b"\x89PNG")
    sound, rate = soundfile.read(path, dtype="int16")
    assert rate == sources.RATE
    np.testing.assert_array_equal(sound, chip_sound)  # rendered twice, the same samples

    before = path.stat().st_mtime_ns
    assert demo.render(tmp_path, on_piece=ready.append) == [path]
    assert ready == [path, path]
    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize("check", [1, 2, 3])
def test_cancelling_leaves_no_half_file(tmp_path, monkeypatch, check):
    quick = np.zeros((2000, 2), dtype=np.int16)
    monkeypatch.setattr(recording, "samples", lambda piece: quick)
    with pytest.raises(Cancelled):
        demo.render(tmp_path, Cancelling(check))
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_covers_are_pictures_and_differ(monkeypatch):
    monkeypatch.setattr(covers, "SIZE", 96)
    seen = set()
    for piece in CATALOGUE:
        if piece.track == 1:
            seen.add(recording.cover(piece))
    assert len(seen) == 20
    picture = covers.draw("dub", 1)
    data = covers.png(picture)
    assert struct.unpack(">II", data[16:24]) == (covers.SIZE, covers.SIZE)
    # The first row, undone by hand: each byte is its difference from the pixel to the left.
    start = data.index(b"IDAT") + 4
    (length,) = struct.unpack(">I", data[start - 8 : start - 4])
    rows = np.frombuffer(zlib.decompress(data[start : start + length]), dtype=np.uint8)
    row = rows[1 : 1 + covers.SIZE * 3].reshape(-1, 3).cumsum(axis=0, dtype=np.uint8)
    np.testing.assert_array_equal(row, picture[0])
