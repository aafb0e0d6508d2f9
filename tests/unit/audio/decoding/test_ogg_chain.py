"""Chained Ogg: all of it plays, and seeks work over the whole."""

from pathlib import Path

import numpy as np
import pytest

from sliders_desktop.audio.decoding.ogg_chain import chain
from sliders_desktop.audio.decoding.sources import Block
from sliders_desktop.audio.files import Decoder
from tests import songs
from tests.unit.audio.decoding.reading import read_all


def link(path: Path, codec: str, rate: int, channels: int, seconds: float, seed: int) -> Path:
    wave = np.stack(
        [songs.noise(seconds, rate, seed=seed), songs.sweep(seconds, rate)][:channels], axis=1
    )
    if codec == "flac":
        return songs.encode(path, wave, rate, "ogg", "flac", depth="s16")
    return songs.write(path, wave, rate, {"vorbis": "ogg", "opus": "opus"}[codec])


def glued(folder: Path, *links: tuple[str, int, int, float]) -> tuple[Path, list[Path]]:
    parts = [link(folder / f"{i}.ogg", *what, seed=i) for i, what in enumerate(links)]
    whole = folder / "chain.ogg"
    whole.write_bytes(b"".join(part.read_bytes() for part in parts))
    return whole, parts


def heard(path: Path, rate: int) -> Block:
    with Decoder(path, rate) as decoder:
        return read_all(decoder)


@pytest.mark.parametrize("codec", ["vorbis", "opus", "flac"])
def test_a_chain_is_its_links_one_after_another(codec: str, tmp_path: Path) -> None:
    rate = 48000 if codec == "opus" else 44100
    path, parts = glued(
        tmp_path, (codec, rate, 2, 1.31), (codec, rate, 1, 0.7), (codec, rate, 2, 2.003)
    )
    wanted = np.concatenate([heard(part, rate) for part in parts])
    with Decoder(path, rate) as decoder:
        assert decoder.frames == len(wanted)
        np.testing.assert_array_equal(read_all(decoder), wanted)
        for second in (1.305, 3.9, 0.0, 1.4, 2.8, 1.98, 0.6):
            decoder.seek(second)
            start = round(second * rate)
            part = read_all(decoder, 8192)
            np.testing.assert_allclose(part, wanted[start : start + 8192], atol=1e-5)
        decoder.seek(99)
        assert not len(decoder.read())
        decoder.seek(1.0)
        assert len(read_all(decoder)) == len(wanted) - rate


def test_links_of_other_rates_and_codecs_are_heard_at_the_rate_of_the_first(
    tmp_path: Path,
) -> None:
    path, _ = glued(
        tmp_path, ("vorbis", 44100, 2, 1.0), ("opus", 48000, 1, 1.0), ("flac", 22050, 2, 1.0)
    )
    sweep = songs.sweep(1.0)[1000:-4000]
    with Decoder(path, 44100) as decoder:
        whole = read_all(decoder)
        assert decoder.frames == len(whole) == 3 * 44100
        for start in (0, 2):  # the middle one has one channel, and that is noise
            heard = whole[start * 44100 :, 1][1000 : 1000 + len(sweep)]
            # Away from the highest tones, which a rate of 22,050 has no room for.
            assert np.abs(heard - sweep)[: len(sweep) // 2].max() < 0.05
        decoder.seek(2.5)
        np.testing.assert_allclose(
            read_all(decoder)[2000:4000], whole[int(2.5 * 44100) :][2000:4000], atol=2e-3
        )


def test_where_the_links_lie(tmp_path: Path) -> None:
    path, parts = glued(tmp_path, *[("vorbis", 22050, 1, 0.4 + 0.3 * i) for i in range(7)])
    ends = np.cumsum([part.stat().st_size for part in parts])
    assert [end for _, end in chain(path)] == list(ends)
    assert len(chain(parts[0])) == 1
    assert chain(songs.write(tmp_path / "a.wav", songs.tone())) == []


def test_a_broken_link_costs_no_more_than_itself(tmp_path: Path) -> None:
    path, parts = glued(tmp_path, *[("vorbis", 44100, 2, 1.0)] * 3)
    lengths = [part.stat().st_size for part in parts]
    data = bytearray(path.read_bytes())
    for at in range(lengths[0] + 200, lengths[0] + lengths[1] - 200):
        data[at] = 0x55
    path.write_bytes(data)
    whole = heard(path, 44100)
    assert 2 * 44100 <= len(whole) <= 3 * 44100
    np.testing.assert_array_equal(whole[:44100], heard(parts[0], 44100))
    np.testing.assert_array_equal(whole[-44100:], heard(parts[2], 44100))
    songs.truncate(path, 0.9)
    assert len(heard(path, 44100)) >= 44100
