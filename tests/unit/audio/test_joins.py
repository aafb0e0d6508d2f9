"""How one track follows another: resampled as one, each at its own gain, crossfaded."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import soxr

from sliders_desktop.audio.decoding.sources import Block
from sliders_desktop.audio.player import Ended, Failed, Started
from sliders_desktop.audio.sinks.sink import WavSink
from tests import songs
from tests.unit.audio.listening import Driven, Listener
from tests.unit.audio.sinks.sink_contract import eventually

RATE = 44100


def source(path: Path) -> Block:
    wave, _ = sf.read(path, dtype="float32", always_2d=True)
    return wave


def noise(seconds: float, seed: int, rate: int = RATE) -> Block:
    return songs.stereo(
        songs.noise(seconds, rate=rate, seed=seed), songs.noise(seconds, rate=rate, seed=99 + seed)
    )


def written(folder: Path, waves: list[Block], rate: int = RATE) -> list[Path]:
    return [songs.write(folder / f"{i}", w, rate, "wav-float") for i, w in enumerate(waves)]


@pytest.fixture(scope="module")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three tracks of noise, 6 s each."""
    return written(tmp_path_factory.mktemp("tracks"), [noise(6, seed=i) for i in range(3)])


def find(heard: Block, wave: Block) -> int:
    """The frame of ``heard`` at which the first frames of ``wave`` stand."""
    return next(
        i for i in range(len(heard) - 50) if np.allclose(heard[i : i + 50], wave[:50], atol=1e-6)
    )


# --- on one resampler -----------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "device"), [(44100, 48000), (48000, 44100), (22050, 48000)])
def test_a_resampled_album_is_the_resampled_whole(
    rate: int, device: int, listen: Callable[..., Listener], tmp_path: Path
) -> None:
    whole = noise(5, seed=1, rate=rate)
    cuts = [0, rate + 17, 2 * rate - 333, 2 * rate + rate // 2, 4 * rate + 1, 5 * rate]
    paths = written(tmp_path, [whole[a:b] for a, b in itertools.pairwise(cuts)], rate)
    driven = Driven(listen, device)
    driven.listener.play(paths)
    driven.ready()
    heard, expected = driven.hear(5.1), soxr.resample(whole, rate, device)
    np.testing.assert_allclose(heard[: len(expected)], expected, atol=2e-6)
    assert not heard[len(expected) :].any()
    assert driven.said()[-1] == "finished 5"
    played = [e.seconds_played for e in driven.listener.events if isinstance(e, Ended)]
    np.testing.assert_allclose(played, np.diff(cuts) / rate, atol=2 / device)
    assert driven.player.underruns == 0


def test_a_change_of_mind_while_the_resampler_holds_the_end(
    listen: Callable[..., Listener], tmp_path: Path
) -> None:
    waves = [noise(2, seed=i) for i in range(3)]
    paths = written(tmp_path, waves)
    driven = Driven(listen, 48000)
    driven.listener.play(paths[:2])
    driven.ready()
    driven.hear(0.5)
    eventually(lambda: not driven.player._deck.can_fill())
    driven.player.set_next(3, str(paths[2]))
    driven.ready()
    heard = driven.hear(3.5)
    expected = np.concatenate([soxr.resample(waves[i], RATE, 48000) for i in (0, 2)])[24000:]
    away = np.abs(np.arange(len(heard)) - 72000) > 400  # the resampler rings where tracks meet
    np.testing.assert_allclose(heard[away], expected[away], atol=1e-5)
    assert driven.said() == ["+1", "finished 1", "+3", "finished 3"]


# --- gain -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("device", [RATE, 48000])
def test_each_track_has_its_own_gain_to_the_sample(
    device: int, listen: Callable[..., Listener], recording: Path, tmp_path: Path
) -> None:
    ones = songs.stereo(np.full(RATE, 0.5, np.float32))
    paths = written(tmp_path, [ones, ones])
    listener = listen(lambda: WavSink(recording), device)
    listener.player.play(1, str(paths[0]), gain=0.5)
    listener.player.set_next(2, str(paths[1]), gain=1.5)
    listener.wait_for_end(2)
    listener.close()
    heard = source(recording)
    assert len(heard) == 2 * device
    middle = slice(device // 10, -device // 10)  # the recording's own edges ring
    expected = np.repeat(np.float32([0.25, 0.75]), device)
    np.testing.assert_allclose(heard[middle, 0], expected[middle], atol=1e-5)


def test_a_new_gain_is_heard_at_once_and_from_then_on(driven: Driven, tracks: list[Path]) -> None:
    driven.listener.play(tracks[:2])
    driven.ready()
    driven.hear(3.0)
    eventually(lambda: not driven.player._deck.can_fill())  # the second lies in the ring as well
    driven.player.set_gain(1, 0.5)
    driven.player.set_gain(2, 0.25)
    driven.ready()
    heard = driven.hear(5.0)
    expected = np.concatenate([source(path) for path in tracks[:2]])[3 * RATE : 8 * RATE]
    gain = np.repeat(np.float32([0.5, 0.25]), [3 * RATE, 2 * RATE])[:, None]
    settled = round(0.07 * RATE)
    np.testing.assert_allclose(heard[settled:], (expected * gain)[settled:], atol=1e-6)
    factor = heard[:settled] / expected[:settled]
    assert np.all(np.diff(factor[:, 0]) < 1e-4), "it falls, without a step"


def test_a_new_gain_for_what_is_only_set_to_follow(driven: Driven, tracks: list[Path]) -> None:
    driven.listener.play(tracks[:1])
    driven.player.set_next(2, str(tracks[1]))
    driven.ready()
    driven.player.set_gain(2, 0.5)
    driven.ready()
    driven.player.skip()
    driven.ready()
    heard = driven.hear(1.0)
    at = find(heard, source(tracks[1]) * 0.5)
    assert at < 0.02 * RATE


# --- crossfade ------------------------------------------------------------------------------------


def crossfaded(before: Block, after: Block, frames: int) -> Block:
    """By the book: equal power, no more than full scale."""
    angle = (np.arange(frames) + 0.5) / frames * np.pi / 2
    out, into = np.cos(angle), np.sin(angle)
    down = np.maximum(1, np.abs(before[-frames:]).max() * out + into)
    mixed = (before[-frames:].T * out / down + after[:frames].T * into / down).T
    return np.concatenate([before[:-frames], mixed, after[frames:]]).astype(np.float32)


@pytest.mark.parametrize("device", [RATE, 48000])
def test_a_crossfade_is_the_sum_of_both(
    device: int, listen: Callable[..., Listener], recording: Path, tracks: list[Path]
) -> None:
    listener = listen(lambda: WavSink(recording), device)
    listener.player.play(1, str(tracks[0]))
    listener.player.set_next(2, str(tracks[1]), overlap_s=2.0)
    listener.wait_for_end(2)
    listener.close()
    before, after = (soxr.resample(source(path), RATE, device) for path in tracks[:2])
    heard = source(recording)
    assert len(heard) == 10 * device
    np.testing.assert_allclose(heard, crossfaded(before, after, 2 * device), atol=2e-6)
    assert [e for e in listener.events if isinstance(e, Ended)] == [
        Ended(1, 5.0, "finished"),
        Ended(2, 6.0, "finished"),
    ]


def test_two_songs_at_full_scale_do_not_clip(
    listen: Callable[..., Listener], recording: Path, tmp_path: Path
) -> None:
    loud = songs.stereo(np.ones(3 * RATE, np.float32))
    paths = written(tmp_path, [loud, loud])
    listener = listen(lambda: WavSink(recording))
    listener.player.play(1, str(paths[0]))
    listener.player.set_next(2, str(paths[1]), overlap_s=1.0)
    listener.wait_for_end(2)
    listener.close()
    heard = source(recording)
    assert heard.max() <= 1.0 + 1e-6
    assert heard.min() > 0.99


def test_a_short_song_is_not_swallowed(
    listen: Callable[..., Listener], recording: Path, tracks: list[Path], tmp_path: Path
) -> None:
    (short,) = written(tmp_path, [noise(2, seed=7)])
    listener = listen(lambda: WavSink(recording))
    listener.player.play(1, str(tracks[0]))
    listener.player.set_next(2, str(short), overlap_s=4.0)
    listener.wait_for_end(2)
    listener.close()
    np.testing.assert_allclose(
        source(recording), crossfaded(source(tracks[0]), source(short), RATE), atol=2e-6
    )


def crossfading(driven: Driven, tracks: list[Path]) -> None:
    """The first is heard for three seconds; the crossfade of its last two lies in the ring."""
    driven.player.play(1, str(tracks[0]))
    driven.player.set_next(2, str(tracks[1]), overlap_s=2.0)
    driven.ready()
    driven.hear(3.0)
    eventually(lambda: not driven.player._deck.can_fill())


def test_the_new_song_counts_from_the_middle(driven: Driven, tracks: list[Path]) -> None:
    crossfading(driven, tracks)
    driven.hear(1.95)
    assert driven.said() == ["+1"]
    driven.hear(0.1)
    assert driven.said() == ["+1", "finished 1", "+2"]
    assert driven.player.position_s() == pytest.approx(1.05, abs=0.001)


@pytest.mark.parametrize("at_s", [3.1, 4.5])
def test_a_skip_begins_the_next_at_its_beginning(
    at_s: float, driven: Driven, tracks: list[Path]
) -> None:
    crossfading(driven, tracks)
    driven.hear(at_s - 3.0)
    driven.player.skip()
    driven.ready()
    heard = driven.hear(3.0)
    at = find(heard, source(tracks[1]))
    assert at < 0.02 * RATE
    np.testing.assert_array_equal(heard[at:], source(tracks[1])[: len(heard) - at])
    assert driven.said() == ["+1", "skipped 1", "+2"]


def test_another_next_takes_the_crossfade_over(driven: Driven, tracks: list[Path]) -> None:
    crossfading(driven, tracks)
    driven.player.set_next(3, str(tracks[2]), overlap_s=1.0)
    driven.ready()
    heard = driven.hear(8.0)
    expected = crossfaded(source(tracks[0]), source(tracks[2]), RATE)
    np.testing.assert_allclose(heard, expected[3 * RATE :], atol=2e-6)
    assert driven.said() == ["+1", "finished 1", "+3", "finished 3"]


def test_nothing_next_gives_the_end_back(driven: Driven, tracks: list[Path]) -> None:
    crossfading(driven, tracks)
    driven.player.set_next(None)
    driven.ready()
    heard = driven.hear(4.0)
    np.testing.assert_array_equal(heard[: 3 * RATE], source(tracks[0])[3 * RATE :])
    assert not heard[3 * RATE :].any()
    assert driven.player.underruns == 0


def test_seeking_away_from_a_crossfade_and_into_it(driven: Driven, tracks: list[Path]) -> None:
    crossfading(driven, tracks)
    driven.hear(0.9)
    driven.player.seek(1.0)
    driven.ready()
    driven.hear(2.5)
    driven.player.seek(3.5)
    driven.ready()
    heard = driven.hear(6.0)
    expected = crossfaded(source(tracks[0])[7 * RATE // 2 :], source(tracks[1]), 2 * RATE)
    at = find(heard, expected[1000:]) - 1000  # its first moment is faded in
    assert at < 0.02 * RATE
    np.testing.assert_allclose(heard[at + 1000 :], expected[1000 : len(heard) - at], atol=2e-6)


def test_a_new_gain_within_a_crossfade(driven: Driven, tracks: list[Path]) -> None:
    crossfading(driven, tracks)
    driven.player.set_gain(1, 0.5)
    driven.player.set_gain(2, 0.5)
    driven.ready()
    heard = driven.hear(7.0)
    expected = crossfaded(source(tracks[0]) * 0.5, source(tracks[1]) * 0.5, 2 * RATE)
    settled = round(0.07 * RATE)
    # The guard against clipping reckons with a second song of half the loudness.
    rest = heard[settled:], expected[3 * RATE + settled : 10 * RATE]
    np.testing.assert_allclose(rest[0][-4 * RATE :], rest[1][-4 * RATE :], atol=2e-6)
    np.testing.assert_allclose(rest[0][: RATE // 2], rest[1][: RATE // 2], atol=2e-6)


# --- opened early ---------------------------------------------------------------------------------


def test_the_next_track_is_open_before_it_is_wanted(
    driven: Driven, tracks: list[Path], tmp_path: Path
) -> None:
    (soon,) = written(tmp_path, [noise(3, seed=5)])
    wave = source(soon)
    driven.player.play(1, str(tracks[0]))
    driven.player.set_next(2, str(soon))
    driven.ready()
    eventually(lambda: not driven.player._deck.can_fill())
    soon.unlink()
    driven.player.skip()
    driven.ready()
    heard = driven.hear(2.0)
    at = find(heard, wave)
    np.testing.assert_array_equal(heard[at:], wave[: len(heard) - at])


def test_a_next_track_that_cannot_be_read_is_named_at_once(
    driven: Driven, tracks: list[Path], tmp_path: Path
) -> None:
    driven.player.play(1, str(tracks[0]))
    driven.player.set_next(2, str(tmp_path / "away.flac"))
    driven.ready()
    failed = driven.listener.wait_for(Failed)
    assert failed == Failed(2, "away.flac is not there any more.")
    driven.hear(1.0)
    assert driven.said() == ["failed 2", "+1"]


@pytest.mark.parametrize("format", ["flac", "mp3"])
def test_a_track_that_breaks_off_fails_when_that_is_heard(
    format: str, driven: Driven, tracks: list[Path], tmp_path: Path
) -> None:
    path = songs.write(tmp_path / "cut", noise(6, seed=3), RATE, format)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    driven.player.play(1, str(path))
    driven.player.set_next(2, str(tracks[1]))
    driven.ready()
    driven.hear(2.0)
    assert driven.said() == ["+1"]
    driven.hear(2.0)
    assert driven.said() == ["+1", "failed 1", "+2"]
    failed = driven.listener.wait_for(Failed)
    assert isinstance(failed, Failed)
    assert failed.reason == f"cut.{format} is damaged or ends early."
    assert 2.5 < failed.seconds_played < 3.5
    assert driven.listener.wait_for(Started) == Started(1)
