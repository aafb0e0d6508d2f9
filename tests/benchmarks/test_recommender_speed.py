"""A round of the recommender's training on 10,000 tracks and 200 playlists: seconds."""

import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture

from sliders_desktop.ml.closed_forms import Music, normed_rows
from sliders_desktop.ml.continuations import TrackList, albums
from sliders_desktop.ml.tower_training import train

TRACKS, ALBUM, PLAYLISTS, DIM = 10_000, 10, 200, 512


def test_a_round_of_training(benchmark: BenchmarkFixture) -> None:
    rng = np.random.default_rng(0)
    album = np.repeat(np.arange(TRACKS // ALBUM, dtype=np.int32), ALBUM)
    middle = np.repeat(rng.normal(size=(TRACKS // ALBUM, DIM)), ALBUM, axis=0)
    unit = normed_rows((middle + 3 * rng.normal(size=(TRACKS, DIM))).astype(np.float32))
    lists = albums(album)
    for _ in range(PLAYLISTS):
        near = np.argsort(-unit @ unit[rng.integers(TRACKS)])[:300]
        lists.append(TrackList("playlist", tuple(map(int, rng.permutation(near)[:30]))))
    music = Music(unit, album, album // 2, lists, rng.random((TRACKS, 4), dtype=np.float32))
    benchmark.pedantic(train, (music, ""), rounds=1)
