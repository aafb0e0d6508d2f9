"""How long rules take over 100,000 tracks, on the main thread: a frame is 16 ms.

``extra_info`` says what share of a frame the median was.
"""

import numpy as np
import pytest
import songs

from sliders_desktop.library.matching import aligned, columns, find
from sliders_desktop.library.query import DAY_S, parse
from sliders_desktop.library.records import FoundTrack, TrackRow
from sliders_desktop.library.store import Store

LIBRARY, NOW, FRAME_S = 100_000, 2_000_000_000, 0.016
NAMES = {"rainy night": 1, "calm": 2}
GENRES = 400
RULES = {
    "slider": "rainy night ≥ 80",
    "forgotten": "rainy night ≥ 80 and not heard for 6 months",
    "all kinds": "rainy night 40–90, calm ≤ 60, not heard for 6 months, plays ≤ 5, year 1980–2010, "
    "longer than 2 min, genre g1, added in the last 2 years, not rated on calm",
    "word": "amber",
    "word and slider": "amber, rainy night ≥ 80",
}


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    heard = rng.integers(0, 3, LIBRARY) * rng.integers(1, 500, LIBRARY)
    words = rng.choice(songs.TITLES, LIBRARY)
    return [
        TrackRow(
            i + 1, str(words[i]), f"artist {i % 4000}", "", 1960 + i % 60, f"g{i % GENRES}",
            30.0 + i % 400, NOW - (i % 900) * DAY_S, int(heard[i] > 0) * (i % 9),
            NOW - int(heard[i]) * DAY_S if heard[i] else 0, "", False, "",
        )
        for i in range(LIBRARY)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def facts(rows, tmp_path_factory):
    """Two lit sliders, a thousand ratings, and the real index."""
    rng = np.random.default_rng(1)
    ranks = rng.random((2, LIBRARY), np.float32)
    store = Store.open(tmp_path_factory.mktemp("search") / "library.db")
    folder = store.add_folder("/away")
    for first in range(0, LIBRARY, 5000):
        some = rows[first : first + 5000]
        store.save_found(
            folder.id,
            [FoundTrack(f"/away/{r.id}", 1, 1, f"{r.id:064x}", 1.0, r.title) for r in some],
        )
    rated = rng.choice(LIBRARY, 1000, replace=False).astype(np.int64) + 1

    class Known:
        def percentiles(self, condition):
            return ranks[condition.slider_id - 1]

        def rated(self, slider_id):
            return rated

        def search(self, words):
            return store.search(words)

    yield Known()
    store.close()


@pytest.mark.parametrize("name", RULES)
def test_finding(benchmark, rows, facts, name):
    tracks = columns(rows)
    found = benchmark(lambda: find(parse(RULES[name], NAMES), tracks, facts, NOW))
    if benchmark.stats is not None:
        benchmark.extra_info["share of a frame"] = benchmark.stats.stats.median / FRAME_S
    benchmark.extra_info["found"] = int(found.hit.sum())
    assert not found.sentence


def test_columns_in_the_lane_that_reads_rows(benchmark, rows):
    benchmark(columns, rows)


def test_aligning_after_new_tracks(benchmark):
    """Once per refit, where tracks came since that nobody listened to yet."""
    ids = np.arange(1, LIBRARY + 1)
    some, values = ids[::2], np.random.default_rng(0).random(LIBRARY // 2, np.float32)
    benchmark(aligned, ids, some, values)


def test_reading_a_rule(benchmark):
    names = {f"slider {i}": i for i in range(50)} | NAMES
    benchmark(parse, RULES["all kinds"], names)
