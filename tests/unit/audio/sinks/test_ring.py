"""The ring and its compiled consumer: every sample in order, no change of mind with a click."""

import numpy as np
import pytest

from sliders_desktop.audio.decoding.sources import Block
from sliders_desktop.audio.sinks.render import render
from sliders_desktop.audio.sinks.ring import OVER, Ring
from tests import songs

RATE = 44100


def take(ring: Ring, frames: int) -> Block:
    out = np.full(2 * frames, 9.0, np.float32)
    sounding = render(ring.buffer, out)
    block = out.reshape(-1, 2)
    assert not block[sounding:].any()
    return block


def frames_of(n: int, seed: int = 0) -> Block:
    return np.random.default_rng(seed).uniform(-1, 1, (n, 2)).astype(np.float32)


def steepest(wave: Block) -> float:
    return float(np.abs(np.diff(wave, axis=0, prepend=0)).max())


@pytest.fixture
def ring() -> Ring:
    return Ring(RATE)


@pytest.fixture
def tone() -> Block:
    """One second at 100 Hz: no step larger than 0.006, so a click is easy to see."""
    return songs.stereo(songs.tone(100, 1.0))


def test_what_goes_in_comes_out_to_the_bit_many_times_round() -> None:
    ring, rng = Ring(1000, 1.0), np.random.default_rng(1)
    source, heard, at = frames_of(50_000), [], 0
    while at < len(source):
        n = min(int(rng.integers(1, 400)), ring.free, len(source) - at)
        ring.write(source[at : at + n])
        at += n
        ring.promise_nothing()
        heard.append(take(ring, min(int(rng.integers(1, 400)), ring.filled)))
    heard.append(take(ring, ring.filled))
    assert np.array_equal(np.concatenate(heard), source)
    assert ring.read == ring.written == 50_000
    assert ring.underruns == 0


def test_running_dry_is_an_underrun_only_if_more_was_promised(ring: Ring) -> None:
    take(ring, 100)
    assert ring.underruns == 0
    ring.write(frames_of(50))
    assert take(ring, 100)[:50].any()
    assert ring.underruns == 1
    ring.write(frames_of(50))
    ring.promise_nothing()
    take(ring, 100)
    take(ring, 100)
    assert ring.underruns == 1
    assert ring.silent


def test_pausing_fades_and_loses_no_frame(ring: Ring, tone: Block) -> None:
    ring.write(tone)
    before = take(ring, 4410)
    ring.paused = True
    during = take(ring, 4410)
    assert not during[500:].any()
    stopped_at = ring.read
    assert 0 < stopped_at - 4410 <= RATE // 100
    assert not take(ring, 1000).any()
    assert ring.read == stopped_at
    assert ring.silent
    ring.paused = False
    after = take(ring, 4410)
    assert np.array_equal(after[500:], tone[stopped_at + 500 : stopped_at + 4410])
    assert steepest(np.concatenate([before, during, after])) < 0.01


def test_a_seek_is_heard_in_the_next_block_without_a_click(ring: Ring, tone: Block) -> None:
    ring.write(tone)
    before = take(ring, 4000)
    target = ring.written
    ring.write(-tone)
    ring.flush(target, fresh=False)
    after = take(ring, 4000)
    assert ring.read > target
    assert steepest(np.concatenate([before, after])) < 0.01
    assert np.array_equal(take(ring, 100), -tone[ring.read - 100 - target : ring.read - target])


def test_a_track_that_starts_is_not_faded_in(ring: Ring) -> None:
    one, two = frames_of(4000, 1), frames_of(4000, 2)
    ring.write(one)
    assert np.array_equal(take(ring, 1000), one[:1000])  # from silence
    ring.flush(ring.written, fresh=True)
    ring.write(two)
    heard = take(ring, 2000)
    start = next(i for i in range(2000) if np.array_equal(heard[i : i + 9], two[:9]))
    assert start <= RATE // 100
    assert np.array_equal(heard[start:], two[: 2000 - start])


def test_a_paused_start_begins_with_the_very_first_frame(ring: Ring) -> None:
    ring.paused = True
    ring.write(frames_of(4000, 1))
    ring.flush(ring.written, fresh=True)
    ring.write(frames_of(4000, 2))
    assert not take(ring, 500).any()
    ring.paused = False
    assert np.array_equal(take(ring, 500), frames_of(4000, 2)[:500])


def test_the_volume_glides(ring: Ring, tone: Block) -> None:
    ring.write(tone)
    before = take(ring, 2000)
    ring.volume = 0.0
    gliding = take(ring, 2000)
    assert steepest(np.concatenate([before, gliding])) < 0.01
    assert not take(ring, 100).any()
    ring.volume = 0.5
    back = take(ring, 4000)
    assert steepest(back) < 0.01
    read = ring.read
    assert np.array_equal(take(ring, 100), tone[read : read + 100] * np.float32(0.5))


def test_a_new_ring_can_begin_at_a_volume(ring: Ring) -> None:
    ring.volume = 0.25
    ring.settle_volume()
    ring.write(frames_of(100))
    assert np.array_equal(take(ring, 100), frames_of(100) * np.float32(0.25))


def test_coming_back_from_an_underrun_is_gentle(ring: Ring, tone: Block) -> None:
    ring.write(tone[:1000])
    take(ring, 1500)
    ring.write(tone[1100:])  # from a high place of the wave
    assert steepest(take(ring, 4000)) < 0.01


def test_what_was_not_heard_yet_can_be_taken_back(ring: Ring) -> None:
    ring.write(frames_of(1000, 1))
    ring.write(frames_of(1000, 2))
    ring.truncate(1000)
    ring.write(frames_of(1000, 3))
    assert np.array_equal(
        take(ring, 2000), np.concatenate([frames_of(1000, 1), frames_of(1000, 3)])
    )


def test_blocks_are_counted(ring: Ring) -> None:
    for _ in range(3):
        take(ring, 10)
    assert ring.blocks == 3


@pytest.mark.parametrize(("start", "end", "ramp"), [(250, 300, 0), (350, 480, 30), (420, 430, 40)])
def test_what_lies_ready_can_be_made_softer(start: int, end: int, ramp: int) -> None:
    ring, source = Ring(400, 1.0), frames_of(500)
    ring.write(source[:300])
    take(ring, 200)
    ring.write(source[300:])  # the ring's end lies in the middle of it
    ring.scale(start, end, 0.25, ramp)
    rise = np.full(end - start, 0.25, np.float32)
    rise[:ramp] = np.linspace(1, 0.25, min(ramp, end - start))
    expected = source.copy()
    expected[start:end] *= rise[:, None]
    np.testing.assert_allclose(take(ring, 300), expected[200:], atol=1e-7)


def heard_beside(ring: Ring, music: Block, voice: Block) -> Block:
    """The music for two seconds, the voice from the start, taken back after one."""
    ring.write(music)
    assert ring.voice(voice)
    first = take(ring, RATE)
    ring.hush()
    return np.concatenate([first, take(ring, RATE)])


def test_a_voice_sounds_beside_the_music_which_steps_back_and_returns() -> None:
    ring = Ring(RATE)
    music = np.full((2 * RATE, 2), 0.5, np.float32)
    voice = np.zeros((2 * RATE, 2), np.float32)
    voice[:, 0] = 0.25

    heard = heard_beside(ring, music, voice)

    music_heard, both = heard[:, 1], heard[:, 0]
    assert np.abs(np.diff(heard, axis=0)).max() < 0.001  # of half full scale: no click
    assert music_heard[RATE - 1] == pytest.approx(0.5 * ring.buffer[11], abs=1e-4)
    assert (both - music_heard)[RATE - 1] == pytest.approx(0.25, abs=1e-4)
    assert np.array_equal(heard[-RATE // 4 :], music[-RATE // 4 :])  # as if nothing had been
    assert not ring.speaking
    assert ring.read == 2 * RATE


def test_a_voice_is_heard_while_paused_and_ends_by_itself() -> None:
    ring = Ring(RATE)
    ring.paused = True
    assert ring.voice(np.full((RATE // 2, 2), 0.5, np.float32))
    out = np.zeros(2 * RATE, np.float32)
    assert render(ring.buffer, out) == RATE
    assert out.max() == pytest.approx(0.5, abs=1e-3)
    assert not out[RATE + 10 :].any()
    assert not ring.speaking
    assert ring.read == 0


def test_a_third_voice_waits_until_one_has_faded() -> None:
    ring = Ring(RATE)
    wave = np.full((RATE, 2), 0.1, np.float32)
    for frames in (RATE // 2, 1000):
        assert ring.voice(wave)
        render(ring.buffer, np.zeros(2 * frames, np.float32))
    assert not ring.voice(wave)
    render(ring.buffer, np.zeros(2 * RATE, np.float32))
    assert ring.voice(wave)


def test_a_tone_is_heard_at_once_and_the_music_stays() -> None:
    ring = Ring(RATE)
    ring.write(np.full((RATE, 2), 0.25, np.float32))
    assert ring.voice(np.full((1000, 2), 0.5, np.float32), OVER)
    heard = take(ring, 2000)
    assert np.allclose(heard[:1000], 0.75)
    assert np.allclose(heard[1000:], 0.25)


def test_without_voices_the_music_is_untouched() -> None:
    ring, wave = Ring(RATE), frames_of(3000)
    ring.write(wave)
    assert np.array_equal(take(ring, 3000), wave)
