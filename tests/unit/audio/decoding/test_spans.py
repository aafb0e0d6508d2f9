"""A part of a file is a recording of its own: exact, at any place, whatever the block size."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from sliders_desktop.audio.decoding.spans import Span, SpanSource
from sliders_desktop.audio.files import Decoder
from sliders_desktop.audio.player import Ended, NeedNext, Player, PlayerEvent
from sliders_desktop.audio.sinks.sink import WavSink
from tests import songs
from tests.unit.audio.sinks.sink_contract import eventually

RATE = 44100


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("album") / "album.flac"
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (5 * RATE, 2))
    soundfile.write(path, noise, RATE)
    return path


def heard(decoder: Decoder) -> np.ndarray:
    blocks = []
    while len(block := decoder.read()):
        blocks.append(block)
    return np.concatenate(blocks) if blocks else np.zeros((0, 2), np.float32)


def test_spans_of_a_file_make_the_file_again(album: Path) -> None:
    whole = heard(Decoder(album, RATE))
    cuts = [0.0, 1.0 + 7 / 75, 1.0 + 8 / 75, 3.5, None]
    parts = [heard(Decoder(album, RATE, span=(a or 0.0, b))) for a, b in itertools.pairwise(cuts)]
    assert [len(part) for part in parts[:2]] == [RATE + 7 * 588, 588]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_seconds_and_lengths_count_from_its_beginning(album: Path) -> None:
    whole = heard(Decoder(album, RATE))
    with Decoder(album, RATE, span=(1.0, 3.0)) as decoder:
        assert (decoder.duration_s, decoder.frames) == (2.0, 2 * RATE)
        decoder.seek(0.5)
        np.testing.assert_array_equal(heard(decoder), whole[int(1.5 * RATE) : 3 * RATE])
        decoder.seek(2.0)
        assert not len(decoder.read())


def test_a_span_beyond_the_end_is_short_or_empty(album: Path) -> None:
    with Decoder(album, RATE, span=(4.0, 9.0)) as decoder:
        assert decoder.duration_s == 1.0
        assert len(heard(decoder)) == RATE
    with Decoder(album, RATE, span=(6.0, 9.0)) as decoder:
        assert decoder.frames == 0
        assert not len(decoder.read())


@pytest.mark.parametrize("format", ["flac", "ogg", "opus", "mp3", "m4a-alac", "wv"])
def test_parts_of_any_format_make_the_file_again(format: str, tmp_path: Path) -> None:
    rate = 48000 if format == "opus" else RATE
    wave = songs.stereo(songs.noise(6.0, rate), songs.sweep(6.0, rate))
    path = songs.write(tmp_path / "album", wave, rate, format)
    whole = heard(Decoder(path, rate))
    cuts = [0.0, 7 / 75, 2 + 1 / 75, 2 + 2 / 75, 5.5, None]
    parts = [heard(Decoder(path, rate, span=(a or 0.0, b))) for a, b in itertools.pairwise(cuts)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


class Counting:
    """A source of 100 million frames that counts what is read of it."""

    def __init__(self) -> None:
        self.rate, self.frames, self.at, self.was_read = RATE, 100_000_000, 0, 0

    def read(self, frames: int) -> np.ndarray:
        frames = min(frames, self.frames - self.at)
        block = np.repeat(np.arange(self.at, self.at + frames, dtype=np.float32)[:, None], 2, 1)
        self.at, self.was_read = self.at + frames, self.was_read + frames
        return block

    def seek(self, frame: int) -> None:
        self.at = frame

    def close(self) -> None: ...


def test_a_late_part_is_sought_and_not_read_through() -> None:
    source = Counting()
    part = SpanSource(source, (2000.0, 2001.0))
    assert source.was_read == 0
    assert part.read(10)[0, 0] == 2000 * RATE
    assert len(part.read(10 * RATE)) == RATE - 10
    assert source.was_read == RATE


# --- through the player ---------------------------------------------------------------------------


@pytest.fixture
def play() -> Iterator[Callable[[Path, list[Span], Path, int], list[Ended]]]:
    """Plays parts of a file one after the other into a recording at a rate."""
    players: list[Player] = []

    def play(path: Path, spans: list[Span], recording: Path, rate: int) -> list[Ended]:
        waiting = list(enumerate(spans))[1:]
        ended: list[Ended] = []

        def on_event(event: PlayerEvent) -> None:
            if isinstance(event, NeedNext) and waiting:
                key, span = waiting.pop(0)
                players[-1].set_next(key, str(path), span=span)
            elif isinstance(event, Ended):
                ended.append(event)

        players.append(Player(lambda: WavSink(recording), on_event, rate))
        players[-1].play(0, str(path), span=spans[0])
        eventually(lambda: len(ended) == len(spans))
        players[-1].close()
        return ended

    yield play
    for player in players:
        player.close()


@pytest.mark.parametrize(
    ("rate", "device"),
    [(44100, 44100), (48000, 48000), (22050, 22050), (96000, 96000), (8000, 8000), (44100, 48000)],
)
def test_an_album_in_one_file_is_heard_as_it_is(
    rate: int,
    device: int,
    play: Callable[[Path, list[Span], Path, int], list[Ended]],
    tmp_path: Path,
) -> None:
    wave = songs.stereo(songs.noise(7.3, rate), songs.noise(7.3, rate, seed=1))
    path = songs.write(tmp_path / "album.flac", wave, rate)
    # At 8 kHz a 75th of a second is no whole number of frames.
    cuts = [0.0, 2 + 1 / 75, 4 + 74 / 75, 6 + 38 / 75, None]
    spans = [(a or 0.0, b) for a, b in itertools.pairwise(cuts)]

    ended = play(path, spans, tmp_path / "heard.wav", device)

    assert [event.outcome for event in ended] == ["finished"] * len(spans)
    expected, _ = soundfile.read(path, dtype="float32", always_2d=True)
    recorded, _ = soundfile.read(tmp_path / "heard.wav", dtype="float32", always_2d=True)
    if rate == device:
        np.testing.assert_array_equal(recorded, expected)
    else:
        expected = soxr.resample(expected, rate, device)
        assert abs(len(recorded) - len(expected)) <= 1
        n = min(len(recorded), len(expected))
        np.testing.assert_allclose(recorded[:n], expected[:n], atol=2e-6)
