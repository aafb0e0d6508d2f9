"""The player on every sink that needs no sound card: what is announced is what is heard."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from sliders_desktop.audio.decoding.sources import Block
from sliders_desktop.audio.player import Ended, Failed, NeedNext, Player, SinkLost, Started
from sliders_desktop.audio.sinks.ring import DROPOUTS, Ring
from sliders_desktop.audio.sinks.sink import NullSink, Sink, WavSink
from sliders_desktop.errors import NoSoundDevice
from tests import songs
from tests.unit.audio.listening import Driven, Listener
from tests.unit.audio.sinks.sink_contract import eventually

RATE = 44100


def source(path: Path) -> Block:
    wave, _ = sf.read(path, dtype="float32", always_2d=True)
    return wave


@pytest.fixture(scope="module")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four tracks of noise, 2 s each: any sample lost or added is seen."""
    folder = tmp_path_factory.mktemp("tracks")
    waves = [songs.stereo(songs.noise(2, seed=i), songs.noise(2, seed=9 + i)) for i in range(4)]
    formats = ("flac", "wav", "flac", "wav")
    return [
        songs.write(folder / str(i), wave, RATE, format)
        for i, (wave, format) in enumerate(zip(waves, formats, strict=True))
    ]


@pytest.fixture(scope="module")
def long_track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 s at 110 Hz whose right side says where one is: a slow rise from -0.5 to 0.5."""
    place = np.linspace(-0.5, 0.5, 60 * RATE, dtype=np.float32)
    wave = songs.stereo(songs.tone(110, 60.0), place)
    return songs.write(tmp_path_factory.mktemp("long") / "long.wav", wave, RATE, "wav-float")


@pytest.fixture(params=["wav", "wav in time", "null", "fast null"])
def make_sink(request: pytest.FixtureRequest, recording: Path) -> Callable[[], Sink]:
    return {
        "wav": lambda: WavSink(recording),
        "wav in time": lambda: WavSink(recording, pace=3.0),
        "null": lambda: NullSink(pace=3.0),
        "fast null": lambda: NullSink(pace=math.inf),
    }[request.param]


def places(heard: Block) -> Block:
    """The second of the long track that is heard, frame by frame (where it is not faded)."""
    return (heard[:, 1] + 0.5) * 60


def steepest(heard: Block) -> float:
    return float(np.abs(np.diff(heard[:, 0], prepend=0)).max())


NO_CLICK = 0.02  # the long track's own steepest step is 0.0063


# --- on every sink --------------------------------------------------------------------------------


def test_tracks_are_played_in_order_to_the_end(
    listen: Callable[..., Listener], make_sink: Callable[[], Sink], tracks: list[Path]
) -> None:
    listener = listen(make_sink)
    listener.play(tracks)
    listener.wait_for_end(4)
    assert listener.said() == [
        *("+1", "finished 1", "+2", "finished 2", "+3", "finished 3", "+4", "finished 4"),
    ]
    assert all(e.seconds_played == 2.0 for e in listener.events if isinstance(e, Ended))
    assert listener.player.underruns == 0
    eventually(lambda: listener.player.current_key() is None)


def test_skip_stop_and_play_end_what_was_heard(
    listen: Callable[..., Listener], make_sink: Callable[[], Sink], long_track: Path
) -> None:
    listener = listen(make_sink)
    player = listener.player
    listener.play([long_track])
    listener.wait_for(Started(1))
    player.set_next(2, str(long_track))
    player.skip()
    listener.wait_for(Started(2))
    player.play(3, str(long_track))
    listener.wait_for(Started(3))
    player.stop()
    listener.wait_for_end(3)
    assert listener.said() == ["+1", "skipped 1", "+2", "skipped 2", "+3", "stopped 3"]
    assert player.current_key() is None
    assert player.position_s() == 0.0


def test_an_unreadable_file_is_named_and_passed_over(
    listen: Callable[..., Listener],
    make_sink: Callable[[], Sink],
    tracks: list[Path],
    tmp_path: Path,
) -> None:
    bad = songs.text(tmp_path / "bad.mp3")
    listener = listen(make_sink)
    listener.play([bad, tracks[0], bad, tmp_path / "gone.flac", tracks[1]])
    listener.wait_for_end(5)
    assert [line for line in listener.said() if "failed" not in line] == [
        *("+2", "finished 2", "+5", "finished 5"),
    ]
    reasons = {e.key: e.reason for e in listener.events if isinstance(e, Failed)}
    assert reasons == {
        1: "bad.mp3 is not a music file this program can read.",
        3: "bad.mp3 is not a music file this program can read.",
        4: "gone.flac is not there any more.",
    }


def test_closing_in_the_middle_is_quick_and_ends_the_track(
    listen: Callable[..., Listener], make_sink: Callable[[], Sink], long_track: Path
) -> None:
    listener = listen(make_sink)
    listener.play([long_track])
    listener.wait_for(Started(1))
    listener.close()
    assert listener.said()[0] == "+1"
    assert listener.said()[-1] in ("stopped 1", "finished 1")  # a fast sink may be through


# --- to the sample --------------------------------------------------------------------------------


def test_nothing_is_lost_or_added_between_tracks(
    listen: Callable[..., Listener], recording: Path, tracks: list[Path]
) -> None:
    listener = listen(lambda: WavSink(recording))
    listener.play(tracks)
    listener.wait_for_end(4)
    listener.close()
    assert np.array_equal(source(recording), np.concatenate([source(path) for path in tracks]))


@pytest.mark.parametrize("format", ["mp3", "ogg", "opus", "m4a-aac", "m4a-alac", "wv", "mka"])
def test_a_wave_cut_into_tracks_is_whole_again(
    format: str, listen: Callable[..., Listener], recording: Path, tmp_path: Path
) -> None:
    rate = 48000 if format == "opus" else RATE
    wave = songs.stereo(songs.tone(150, 4.5, rate))
    cuts = [wave[: rate * 3 // 2], wave[rate * 3 // 2 : rate * 3], wave[rate * 3 :]]
    paths = [
        songs.write(tmp_path / f"{i} {format}", cut, rate, format) for i, cut in enumerate(cuts)
    ]
    listener = listen(lambda: WavSink(recording), rate)
    listener.play(paths)
    listener.wait_for_end(3)
    listener.close()
    heard = source(recording)
    assert len(heard) == len(wave)
    wrong = np.abs(heard - wave)
    assert np.median(wrong) < 0.01
    for join in (rate * 3 // 2, rate * 3):  # lossy codecs ring where their input is cut
        assert wrong[join - 4000 : join - 1500].max() < 0.08
        assert wrong[join + 1500 : join + 4000].max() < 0.08


def test_tracks_of_other_rates_join_without_a_click(
    listen: Callable[..., Listener], recording: Path, tmp_path: Path
) -> None:
    paths = [
        songs.write(tmp_path / f"{rate}.wav", songs.tone(100, 1.0, rate), rate)
        for rate in (48000, 44100, 22050, 96000)
    ]
    listener = listen(lambda: WavSink(recording))
    listener.play(paths)
    listener.wait_for_end(4)
    listener.close()
    heard = source(recording)
    assert abs(len(heard) - 4 * RATE) <= 4
    assert steepest(heard) < NO_CLICK


def test_a_recording_holds_exactly_what_was_announced(
    listen: Callable[..., Listener], recording: Path, tmp_path: Path
) -> None:
    made = songs.library(tmp_path / "music", 12, seconds=1.0, rate=RATE)
    listener = listen(lambda: WavSink(recording))
    listener.play([song.path for song in made])
    listener.wait_for_end(12)
    listener.close()
    announced = [e.key for e in listener.events if isinstance(e, Started)]
    assert announced == list(range(1, 13))
    expected = np.concatenate([songs.stereo(source(song.path)[:, 0]) for song in made])
    assert np.array_equal(source(recording), expected)


def test_the_files_are_as_they_were(listen: Callable[..., Listener], tracks: list[Path]) -> None:
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in tracks]
    listener = listen(lambda: NullSink(math.inf))
    listener.play(tracks)
    listener.wait_for_end(4)
    listener.close()
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in tracks] == before


# --- hands: with a clock that the test drives -----------------------------------------------------


def test_seek_lands_to_the_sample_and_at_once(driven: Driven, long_track: Path) -> None:
    driven.listener.play([long_track])
    driven.ready()
    before = driven.hear(0.5)
    assert np.array_equal(before, source(long_track)[: RATE // 2])
    driven.player.seek(42.5)
    assert driven.player.position_s() == 42.5
    driven.ready()
    assert driven.player.position_s() == pytest.approx(42.5, abs=0.001)
    after = driven.hear(0.5)
    assert driven.player.position_s() == pytest.approx(42.99, abs=0.02)
    heard = places(after)
    assert heard[1500] == pytest.approx(42.5, abs=0.05)  # 34 ms later it is there
    start = round(float(heard[2000]) * RATE)
    assert np.abs(after[2000:] - source(long_track)[start : start + len(after) - 2000]).max() < 0.02
    assert steepest(np.concatenate([before, after])) < NO_CLICK
    driven.player.seek(0)
    driven.ready()
    assert places(driven.hear(0.1))[-1] == pytest.approx(0.09, abs=0.02)
    driven.player.stop()
    driven.listener.wait_for_end(1)
    assert driven.listener.events[-1] == Ended(1, pytest.approx(1.1, abs=0.05), "stopped")


def test_many_seeks_in_a_row_end_at_the_last(driven: Driven, long_track: Path) -> None:
    driven.listener.play([long_track])
    driven.ready()
    driven.hear(0.1)
    for i in range(200):
        driven.player.seek(i / 5)
    driven.ready()
    driven.hear(0.2)
    assert driven.player.position_s() == pytest.approx(39.8 + 0.19, abs=0.05)
    for i in range(20):  # each carried out, while nothing is heard
        driven.player.seek(i + 0.5)
        driven.ready()
    assert places(driven.hear(0.1))[-1] == pytest.approx(19.59, abs=0.05)


def test_seeking_past_the_end_finishes_the_track(driven: Driven, long_track: Path) -> None:
    driven.listener.play([long_track, long_track])
    driven.ready()
    driven.hear(0.1)
    driven.player.seek(1000)
    driven.ready()
    driven.hear(0.2)
    driven.listener.wait_for(Started(2))
    assert driven.said() == ["+1", "finished 1", "+2"]


def test_seeking_back_when_the_next_track_lies_ready(driven: Driven, tracks: list[Path]) -> None:
    driven.listener.play(tracks[:2])
    driven.ready()
    driven.hear(1.0)
    eventually(lambda: not driven.player._deck.can_fill())  # both are decoded
    driven.player.seek(0.5)
    driven.ready()
    heard = driven.hear(4.0)
    wave = np.concatenate([source(path) for path in tracks[:2]])[RATE // 2 :]
    late = first_frame(heard, wave)
    assert late < 0.01 * RATE
    assert np.array_equal(heard[1000 : len(wave)], wave[1000 - late : len(wave) - late])
    assert driven.said() == ["+1", "finished 1", "+2", "finished 2"]


def first_frame(heard: Block, wave: Block) -> int:
    """How late ``wave`` begins in ``heard``."""
    for i in range(1000):
        if np.array_equal(heard[1000:1100], wave[1000 - i : 1100 - i]):
            return i
    raise AssertionError("it is not there")


def test_pause_keeps_the_place_to_the_sample(driven: Driven, long_track: Path) -> None:
    driven.listener.play([long_track])
    driven.ready()
    before = driven.hear(0.3)
    driven.player.pause()
    assert driven.player.is_paused
    fading = driven.hear(0.1)
    assert not fading[882:].any()  # silent after 20 ms at most
    place = driven.player.position_s()
    assert not driven.hear(0.5).any()
    assert driven.player.position_s() == place
    driven.player.resume()
    driven.ready()
    after = driven.hear(0.3)
    start = round(place * RATE)
    assert np.array_equal(after[1000:], source(long_track)[start + 1000 : start + len(after)])
    assert steepest(np.concatenate([before, fading, after])) < NO_CLICK
    assert not driven.player.is_paused


def test_seek_while_paused_stays_silent_and_resumes_there(driven: Driven, long_track: Path) -> None:
    driven.listener.play([long_track])
    driven.ready()
    driven.hear(0.1)
    driven.player.pause()
    driven.hear(0.1)
    driven.player.seek(30)
    driven.ready()
    assert not driven.hear(0.2).any()
    assert driven.player.position_s() == pytest.approx(30, abs=0.001)
    driven.player.resume()
    driven.ready()
    assert places(driven.hear(0.2))[-1] == pytest.approx(30.2, abs=0.01)


def test_a_start_can_be_paused_and_in_the_middle(driven: Driven, long_track: Path) -> None:
    driven.player.play(1, str(long_track), start_s=20.0, paused=True)
    assert driven.player.current_key() == 1
    driven.ready()
    assert not driven.hear(0.2).any()
    assert driven.player.is_paused
    assert driven.player.current_key() == 1
    assert driven.player.position_s() == pytest.approx(20, abs=0.001)
    assert driven.listener.events == []
    driven.player.resume()
    driven.ready()
    heard = driven.hear(0.2)
    assert steepest(heard) < NO_CLICK
    assert places(heard)[-1] == pytest.approx(20.2, abs=0.01)
    driven.listener.wait_for(Started(1))


def test_volume_is_heard_at_once_and_without_a_click(driven: Driven, long_track: Path) -> None:
    driven.player.set_volume(0.5)
    driven.listener.play([long_track])
    driven.ready()
    heard = [driven.hear(0.2)]
    assert np.array_equal(heard[0], source(long_track)[: len(heard[0])] * np.float32(0.125))
    for volume in (1.0, 0.0, 0.7, -3, 5):
        driven.player.set_volume(volume)
        heard.append(driven.hear(0.1))
    assert steepest(np.concatenate(heard)) < NO_CLICK
    assert np.abs(heard[1][3000:]).max() > 0.39
    assert not heard[2][3000:].any()
    assert not heard[4][3000:].any()


def test_another_track_replaces_what_plays_at_once(
    driven: Driven, long_track: Path, tracks: list[Path]
) -> None:
    driven.listener.play([long_track])
    driven.ready()
    driven.hear(0.2)
    driven.player.play(2, str(tracks[0]))
    driven.ready()
    heard = driven.hear(0.5)
    late = next(i for i in range(999) if np.array_equal(heard[i : i + 50], source(tracks[0])[:50]))
    assert late < 0.01 * RATE  # the fade; the new track's first frame is whole
    assert np.array_equal(heard[late:], source(tracks[0])[: len(heard) - late])


def test_what_follows_can_be_changed_late(driven: Driven, tracks: list[Path]) -> None:
    driven.listener.play([tracks[0], tracks[1]])
    driven.ready()
    driven.hear(0.5)
    eventually(lambda: not driven.player._deck.can_fill())  # the second lies in the ring already
    driven.player.set_next(3, str(tracks[2]))
    driven.ready()
    driven.hear(1.2)
    driven.player.set_next(4, str(tracks[3]))  # 0.3 s before the end
    driven.ready()
    heard = driven.hear(2.2)
    assert driven.said() == ["+1", "finished 1", "+4"]
    expected = np.concatenate([source(tracks[0]), source(tracks[3])])
    at = round(1.7 * RATE)
    assert np.array_equal(heard, expected[at : at + len(heard)])


def test_too_late_a_change_counts_for_the_track_behind(driven: Driven, tracks: list[Path]) -> None:
    driven.listener.play([tracks[0], tracks[1]])
    driven.ready()
    driven.hear(1.9)
    driven.player.set_next(3, str(tracks[2]))
    driven.ready()
    driven.hear(2.5)
    assert driven.said() == ["+1", "finished 1", "+2", "finished 2", "+3"]


def test_nothing_to_follow_can_be_wished_late_too(driven: Driven, tracks: list[Path]) -> None:
    driven.listener.play([tracks[0], tracks[1]])
    driven.ready()
    driven.hear(0.5)
    driven.player.set_next(None)
    driven.ready()
    assert not driven.hear(2.0)[RATE * 3 // 2 :].any()
    assert driven.said() == ["+1", "finished 1"]
    assert driven.player.underruns == 0


def test_the_same_next_again_changes_nothing(driven: Driven, tracks: list[Path]) -> None:
    driven.listener.play([tracks[0], tracks[1]])
    driven.ready()
    driven.hear(0.5)
    driven.player.set_next(2, str(tracks[1]))
    driven.player.set_next(1, str(tracks[0]))
    driven.ready()
    driven.hear(4.0)
    assert driven.said() == ["+1", "finished 1", "+2", "finished 2"]


def test_skipping_to_what_lies_ready_is_immediate(driven: Driven, tracks: list[Path]) -> None:
    driven.listener.play([tracks[0], tracks[1]])
    driven.ready()
    driven.hear(0.5)
    driven.player.skip()
    driven.ready()
    heard = driven.hear(0.3)
    late = next(i for i in range(999) if np.array_equal(heard[i : i + 50], source(tracks[1])[:50]))
    assert late < 0.01 * RATE
    assert driven.listener.wait_for(Ended) == Ended(1, 0.5, "skipped")


def test_a_late_answer_is_played_at_once(driven: Driven, tracks: list[Path]) -> None:
    driven.listener.play([tracks[0]])
    driven.ready()
    driven.hear(2.5)
    driven.listener.wait_for_end(1)
    assert driven.player.current_key() is None
    driven.player.set_next(2, str(tracks[1]))
    driven.ready()
    assert np.array_equal(driven.hear(1.0), source(tracks[1])[:RATE])


def test_after_stop_a_next_track_is_only_remembered(driven: Driven, tracks: list[Path]) -> None:
    driven.listener.play([tracks[0]])
    driven.ready()
    driven.hear(0.5)
    driven.player.stop()
    driven.ready()
    driven.hear(0.1)
    driven.player.set_next(2, str(tracks[1]))
    driven.ready()
    assert not driven.hear(0.5).any()
    assert driven.said() == ["+1", "stopped 1"]


def test_it_asks_for_the_next_track_in_good_time(driven: Driven, long_track: Path) -> None:
    driven.player.play(1, str(long_track), start_s=40.0)
    driven.ready()
    driven.hear(1.0)
    assert NeedNext(1) not in driven.listener.events
    driven.hear(6.0)
    driven.listener.wait_for(NeedNext(1))
    driven.hear(5.0)
    assert driven.listener.events.count(NeedNext(1)) == 1


def test_the_shortest_tracks_are_heard_too(
    listen: Callable[..., Listener], recording: Path, tracks: list[Path], tmp_path: Path
) -> None:
    instant = songs.write(tmp_path / "a.wav", songs.stereo(songs.noise(0.001)))
    listener = listen(lambda: WavSink(recording))
    listener.play([instant, instant, tracks[0]])
    listener.wait_for_end(3)
    listener.close()
    assert listener.said() == ["+1", "finished 1", "+2", "finished 2", "+3", "finished 3"]
    expected = np.concatenate([source(instant), source(instant), source(tracks[0])])
    assert np.array_equal(source(recording), expected)


# --- the output comes and goes --------------------------------------------------------------------


class Flaky(NullSink):
    """A device that can be missing, and can go away."""

    missing = False
    gone: str | None = None

    def open(self, ring: Ring) -> None:
        if Flaky.missing:
            raise NoSoundDevice("There is no sound output on this machine.")
        super().open(ring)

    def lost(self) -> str | None:
        return Flaky.gone


@pytest.fixture
def flaky(monkeypatch: pytest.MonkeyPatch) -> type[Flaky]:
    monkeypatch.setattr(Flaky, "missing", False)
    monkeypatch.setattr(Flaky, "gone", None)
    return Flaky


def test_a_device_that_goes_away_pauses_and_says_so(
    flaky: type[Flaky], listen: Callable[..., Listener], long_track: Path
) -> None:
    listener = listen(lambda: flaky(pace=1.0))
    player = listener.player
    listener.play([long_track])
    listener.wait_for(Started(1))
    flaky.gone = "The sound output went away."
    assert listener.wait_for(SinkLost) == SinkLost("The sound output went away.")
    assert player.is_paused
    assert player.current_key() == 1
    place = player.position_s()
    time.sleep(0.1)
    assert player.position_s() == place
    flaky.gone = None
    player.resume()
    eventually(lambda: player.position_s() > place)
    assert not player.is_paused
    assert listener.said() == ["+1", "lost"]


def test_without_a_device_everything_waits_for_one(
    flaky: type[Flaky], listen: Callable[..., Listener], long_track: Path
) -> None:
    flaky.missing = True
    listener = listen(lambda: flaky(pace=1.0))
    player = listener.player
    listener.play([long_track])
    listener.wait_for(SinkLost("There is no sound output on this machine."))
    assert player.is_paused
    for second in (10, 30, 20):
        player.seek(second)
    eventually(lambda: player.position_s() == 20)
    assert player.current_key() == 1
    player.resume()
    eventually(lambda: listener.said() == ["lost", "lost"])
    flaky.missing = False
    player.resume()
    listener.wait_for(Started(1))
    eventually(lambda: player.position_s() > 20)


def test_a_device_that_stops_asking_is_gone(
    listen: Callable[..., Listener], long_track: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sliders_desktop.audio.output._STALL_S", 0.5)

    class Stuck(NullSink):
        def open(self, ring: Ring) -> None:
            pass

    listener = listen(lambda: Stuck())
    listener.play([long_track])
    assert listener.wait_for(SinkLost) == SinkLost("The sound output does not answer any more.")


def test_a_device_that_breaks_off_again_and_again_is_given_more_time(
    listen: Callable[..., Listener], long_track: Path
) -> None:
    wanted: list[float] = []

    class Late(NullSink):
        def __init__(self) -> None:
            super().__init__()
            self.wanted_latency_s = 0.04

        def open(self, ring: Ring) -> None:
            wanted.append(self.wanted_latency_s)
            super().open(ring)

    listener = listen(Late)
    listener.play([long_track])
    listener.wait_for(Started)
    player = listener.player

    def pause_and_resume() -> None:
        player.pause()
        player.resume()
        done: list[int] = []
        player._commands.put(lambda: done.append(1))
        eventually(lambda: bool(done))

    for breaks in (2, 1, 0, 3, 3, 9):
        player._output.ring.buffer[DROPOUTS] += breaks
        pause_and_resume()
    assert wanted == [0.04, 0.08, 0.16, 0.2]
    assert listener.said() == ["+1"]


def test_another_output_with_another_rate_goes_on_at_the_same_place(
    listen: Callable[..., Listener], long_track: Path
) -> None:
    sinks = [NullSink(1.0, 44100), NullSink(1.0, 48000)]
    made: list[NullSink] = []

    def make() -> Sink:
        made.append(sinks[len(made)])
        return made[-1]

    listener = listen(make)
    player = listener.player
    player.play(1, str(long_track), start_s=30.0)
    listener.wait_for(Started(1))
    player.set_output("Other")
    eventually(lambda: len(made) == 2)
    assert made[1].device_name == "Other"
    eventually(lambda: player._output.ring.rate == 48000)
    eventually(lambda: player.position_s() > 30.3)
    assert player.position_s() < 33
    player.stop()
    end = listener.wait_for_end(1)
    assert isinstance(end, Ended)
    assert end.seconds_played > 0.2
    assert listener.said() == ["+1", "stopped 1"]


def test_a_listener_that_fails_does_not_stop_the_music(
    tracks: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    seen = []

    def fails(event: object) -> None:
        seen.append(event)
        raise RuntimeError("a bug elsewhere")

    player = Player(lambda: NullSink(math.inf), fails)
    player.play(1, str(tracks[0]))
    eventually(lambda: any(isinstance(event, Ended) for event in seen))
    player.close()
    assert "a bug elsewhere" in caplog.text


def test_a_player_that_never_played_closes(listen: Callable[..., Listener]) -> None:
    listener = listen(lambda: NullSink())
    for call in (
        *(listener.player.stop, listener.player.skip, listener.player.pause),
        *(listener.player.warm_up, lambda: listener.player.seek(3)),
    ):
        call()
    assert listener.player.position_s() == 0.0
    listener.close()
    assert listener.events == []
