"""From any file to a vector or a reason: a real store, real files, a small encoder."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile as sf

from sliders_desktop import tasks
from sliders_desktop.audio.files import decode, overview
from sliders_desktop.config import HOME_VARIABLE
from sliders_desktop.errors import Cancelled, UserError
from sliders_desktop.library.store import Store
from sliders_desktop.ml.encoder import Encoder, EncoderConfig
from sliders_desktop.ml.features import (
    FEATURES,
    choose_runs,
    choose_segments,
    loudness_db,
    mel_bank,
    of_runs,
    segments,
)
from tests import songs

RATE, SIZE = FEATURES.rate, FEATURES.segment_samples
MB = 1_000_000


@pytest.fixture
def weights(home: Path) -> Path:
    path = home / "models" / "encoder.safetensors"
    path.parent.mkdir(parents=True)
    Encoder.random(0, EncoderConfig(layers=1)).save(path)
    return path


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store.open(home / "library.db") as store:
        yield store


# --- segments ------------------------------------------------------------------------------------


def mels(heard: np.ndarray) -> np.ndarray:
    """The log-mel columns of segments (s, frames, columns)."""
    return heard[..., : FEATURES.n_mels]


def by_definition(wave: np.ndarray) -> np.ndarray:
    """Log-mels of all of a wave of up to 262 s, in double precision and in one product."""
    wave = wave.astype(np.float64) * 10 ** ((FEATURES.target_db - loudness_db(wave)) / 20)
    count = len(wave) // SIZE
    wave = np.pad(wave, (0, FEATURES.n_fft))
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FEATURES.n_fft) / FEATURES.n_fft)
    window /= np.sqrt((window**2).sum())
    frames = np.lib.stride_tricks.sliding_window_view(wave, FEATURES.n_fft)[:: FEATURES.hop]
    power = np.abs(np.fft.rfft(frames[: count * FEATURES.frames] * window)) ** 2
    mels = np.log10(power @ mel_bank().astype(np.float64) + FEATURES.floor)
    return mels.reshape(count, FEATURES.frames, FEATURES.n_mels)


@pytest.mark.parametrize("seconds", [2.1, 10.0, 61.3])
def test_segments_are_those_of_the_definition(seconds: float) -> None:
    wave = songs.song("a", seconds, RATE)
    np.testing.assert_allclose(mels(segments(wave)), by_definition(wave), atol=2e-5)


@pytest.mark.parametrize("size", [0, 1, SIZE - 1, SIZE, 128 * SIZE, 129 * SIZE - 1])
def test_a_song_is_one_run(size: int) -> None:
    assert choose_runs(size) == [(0, size)]


@pytest.mark.parametrize("total", [129, 150, 1000, 18_000])
def test_runs_are_the_segments_of_a_longer_track(total: int) -> None:
    length = total * SIZE + 1234
    runs = choose_runs(length)
    starts = [start + i * SIZE for start, stop in runs for i in range((stop - start) // SIZE)]
    np.testing.assert_array_equal(starts, choose_segments(length))
    assert all(stop <= length for _, stop in runs)


def test_the_level_of_a_long_track_is_that_of_what_is_heard() -> None:
    """Silence between the runs, however long, changes nothing; nor does the gain."""
    length = 200 * SIZE
    runs = choose_runs(length)
    heard = [songs.noise(20, RATE, seed=i)[: stop - start] for i, (start, stop) in enumerate(runs)]
    wave = np.zeros(length, np.float32)
    for (start, stop), run in zip(runs, heard, strict=True):
        wave[start:stop] = run
    expected = mels(of_runs(heard))
    np.testing.assert_array_equal(mels(segments(wave)), expected)
    np.testing.assert_allclose(mels(of_runs([run * 0.1 for run in heard])), expected, atol=1e-3)


# --- bad input -----------------------------------------------------------------------------------

VECTOR = ""  # otherwise, how the reason goes on after the file's name


def bad_music(folder: Path) -> dict[str, str]:
    """Everything that should never have been in a folder of music: name → what comes of it."""
    folder.mkdir()
    rng = np.random.default_rng(0)

    def wav(name: str, wave: songs.Wave, rate: int = 44100, subtype: str = "FLOAT") -> str:
        sf.write(folder / name, wave, rate, subtype=subtype)
        return name

    def cut(name: str, format: str, keep: float = 0.6) -> str:
        songs.truncate(songs.write(folder / name, songs.song(name, 8), format=format), keep)
        return name

    noise = songs.noise(4)
    broken = noise.copy()
    broken[[1000, 50_000, 90_000]] = np.nan, np.inf, -np.inf
    ten_hours = folder / "ten hours.flac"
    with sf.SoundFile(ten_hours, "w", 8000, 1, "PCM_16") as file:
        for i in range(60):
            file.write((songs.noise(1, 8000, seed=i) * 32767).astype(np.int16))
            file.write(np.zeros(8000 * 599, np.int16))
    (folder / "random.mp3").write_bytes(rng.bytes(50_000))
    (folder / "random.flac").write_bytes(b"fLaC" + rng.bytes(50_000))
    (folder / "picture.m4a").write_bytes(b"\xff\xd8\xff\xe0\0\x10JFIF" + rng.bytes(20_000))
    songs.empty(folder / "nothing.mp3")
    songs.empty(folder / "nothing.wav")
    songs.text(folder / "text.ogg")
    damaged, no_music = "is damaged or ends early.", "is not a music file this program can read."
    return {
        wav("silence.wav", songs.silence(5)): VECTOR,
        wav("dc.wav", np.full(44100 * 5, 0.5, np.float32)): VECTOR,
        wav("eight kilohertz.wav", songs.song("low", 5, 8000), 8000, "PCM_U8"): VECTOR,
        wav("studio.wav", songs.stereo(songs.noise(5, 192_000)), 192_000, "PCM_24"): VECTOR,
        wav("a second.wav", songs.noise(1)): VECTOR,
        wav("a sample.wav", noise[:1]): VECTOR,
        wav("broken numbers.wav", songs.stereo(broken)): VECTOR,
        wav("no numbers.wav", np.full_like(noise, np.nan)): VECTOR,
        wav("too loud.wav", noise * np.float32(1e38)): VECTOR,
        wav("too quiet.wav", noise * np.float32(1e-38)): VECTOR,
        wav("one hertz.wav", noise, 1): damaged,
        wav("no sound.wav", noise[:0]): damaged,
        ten_hours.name: VECTOR,
        cut("cut.mp3", "mp3"): VECTOR,
        cut("cut.flac", "flac"): VECTOR,
        cut("cut.wav", "wav"): VECTOR,
        cut("cut.opus", "ogg"): VECTOR,
        cut("cut.m4a", "m4a-aac"): damaged,
        cut("stub.flac", "flac", 0.05): damaged,
        "random.mp3": no_music,
        "random.flac": damaged,
        "picture.m4a": no_music,
        "nothing.mp3": "is empty.",
        "nothing.wav": "is empty.",
        "text.ogg": no_music,
    }


def test_every_bad_file_gets_a_vector_or_a_reason(
    store: Store, weights: Path, tmp_path: Path
) -> None:
    music = tmp_path / "music"
    expected = bad_music(music)
    songs.write(music / "good.flac", songs.song("good", 5))
    memory = psutil.Process().memory_info().rss
    began = time.process_time()

    tasks.scan(store, [music])
    store.clear_errors()  # what the scan refused is listened to as well
    result = tasks.embed(store, weights)

    assert time.process_time() - began < 10
    assert psutil.Process().memory_info().rss - memory < 400 * MB
    rows = store.rows()
    errors = {Path(row.path).name: row.error for row in rows}
    assert errors.pop("good.flac") == ""
    assert errors == {name: why and f"{name} {why}" for name, why in expected.items()}
    ids, x = store.vectors(result.encoder_id)
    assert {row.id for row in rows if not row.error} == set(ids.tolist())
    assert (result.embedded, result.failed) == (len(ids), len(rows) - len(ids))
    assert np.isfinite(x).all()
    at = {Path(row.path).name: row.id for row in rows}
    good = x[ids == at["good.flac"]]
    assert np.abs(good - x[ids != at["good.flac"]]).max(axis=1).min() > 0.01
    outline = store.overview(at["good.flac"])
    assert outline is not None
    np.testing.assert_array_equal(outline, overview(decode(music / "good.flac", RATE)))


def test_what_is_listened_to_is_measured_on_the_way(
    store: Store, weights: Path, tmp_path: Path
) -> None:
    (tmp_path / "music").mkdir()
    for name, level in (("loud", 0.5), ("quiet", 0.05)):
        songs.write(tmp_path / "music" / name, songs.tone(1000, 5, 44100, level), 44100, "flac")
    tasks.scan(store, [tmp_path / "music"])

    tasks.embed(store, weights)

    lufs = {row.title: store.levels([row.id])[0].lufs for row in store.rows()}
    # A tone of 1 kHz on both sides at full scale is 0 LUFS.
    assert lufs["loud"] == pytest.approx(-6, abs=0.2)
    assert lufs["quiet"] == pytest.approx(-26, abs=0.2)
    assert tasks.unmeasured(store) == 0


def test_the_command_goes_through_bad_files_in_little_memory(
    weights: Path, home: Path, tmp_path: Path
) -> None:
    music, out = tmp_path / "music", tmp_path / "out.npz"
    expected = bad_music(music)
    command = [sys.executable, "-m", "sliders_desktop", "--device", "cpu", "vectors", str(music)]

    with subprocess.Popen(
        [*command, "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, HOME_VARIABLE: str(home)},
    ) as program:
        peak, watched = 0, psutil.Process(program.pid)
        while program.poll() is None:
            peak = max(peak, watched.memory_info().rss)
            time.sleep(0.05)
        said, problems = program.communicate()

    assert program.returncode == 0, problems
    assert "Traceback" not in problems
    assert "Warning" not in problems
    for name, why in expected.items():
        assert (f"{music / name}: {name} {why}" in said) == bool(why)
    with np.load(out, allow_pickle=False) as found:
        assert {Path(path).name for path in found["paths"]} == {
            name for name, why in expected.items() if not why
        }
        assert np.isfinite(found["vectors"]).all()
        assert np.isfinite(found["segments"]).all()
        assert len(found["segments"]) == len(found["segment_track"])
    assert peak < 700 * MB


def test_one_bad_file_alone_is_named(weights: Path, tmp_path: Path) -> None:
    songs.text(tmp_path / "list.mp3")
    with pytest.raises(UserError, match=r"^list\.mp3 is not a music file") as caught:
        tasks.vectors(tmp_path, weights)
    assert len(str(caught.value)) < 80


def test_an_encoder_that_makes_no_numbers_writes_none(
    store: Store, weights: Path, tmp_path: Path
) -> None:
    encoder = Encoder.random(0, EncoderConfig(layers=1))
    encoder.readout.weight.fill_(np.nan)
    encoder.save(weights)
    songs.write(tmp_path / "music" / "a.wav", songs.song("a"))
    tasks.scan(store, [tmp_path / "music"])

    result = tasks.embed(store, weights)

    assert (result.embedded, result.failed) == (0, 1)
    assert store.vector_count(result.encoder_id) == 0
    assert store.problems()[0].error == "The listening model made no numbers of this file."


# --- stopping ------------------------------------------------------------------------------------


class Stoppable:
    """A job as the lanes have it, that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.going = threading.Event()
        self.going.set()
        self.cancelled = False

    def progress(self, done: int, total: int, text: str = "") -> None:
        pass

    def check(self) -> None:
        self.asked += 1
        self.going.wait()
        if self.cancelled:
            raise Cancelled


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """Ten hours that say they are a minute, so that all of it has to be read."""
    folder = tmp_path / "music"
    folder.mkdir()
    minute = songs.write(tmp_path / "a.mp3", songs.silence(60, 8000), 8000).read_bytes()
    (folder / "endless.mp3").write_bytes(minute * 600)
    return folder


def test_pause_and_cancel_act_in_the_middle_of_a_file(
    store: Store, home: Path, weights: Path, endless: Path
) -> None:
    tasks.scan(store, [endless])
    job = Stoppable()
    raised: list[BaseException] = []

    def lane() -> None:
        with Store.open(home / "library.db") as own:
            try:
                tasks.embed(own, weights, job=job)
            except BaseException as error:
                raised.append(error)

    thread = threading.Thread(target=lane)
    thread.start()
    patience_ends = time.monotonic() + 20
    while job.asked < 500 and time.monotonic() < patience_ends:
        time.sleep(0.01)
    assert thread.is_alive()
    job.going.clear()
    time.sleep(0.3)
    asked = job.asked
    time.sleep(0.3)
    assert job.asked == asked  # nobody decodes on
    job.cancelled = True
    job.going.set()
    thread.join(1.0)
    assert not thread.is_alive()
    assert [type(error) for error in raised] == [Cancelled]
    assert store.problems() == []  # it is listened to when asked again
    assert len(store.rows()) == 1


def test_training_music_is_bounded_too(endless: Path, tmp_path: Path) -> None:
    """What training reads of a long file are its runs, end to end."""
    from sliders_desktop.tasks.listening import _waves

    path = tmp_path / "long.flac"
    songs.write(path, songs.noise(300, 8000), 8000)
    ((name, wave),) = _waves([str(path)], Stoppable())
    whole = decode(path, RATE)
    assert name == str(path)
    assert len(wave) == 128 * SIZE
    # All but the frames that reach from one run into the next.
    np.testing.assert_allclose(
        mels(segments(wave))[:, :125], mels(segments(whole))[:, :125], atol=2e-3
    )
