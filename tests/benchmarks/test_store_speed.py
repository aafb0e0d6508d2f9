"""The library at 100,000 tracks. Bounds are wall time on an idle machine; look at the trend."""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store

TRACKS, PLAYS, DIM, BATCH = 100_000, 50_000, 512, 200


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    rng = random.Random(0)
    words = [
        "".join(rng.choices("abcdefghilmnoprstuvwy", k=rng.randint(3, 9))) for _ in range(8000)
    ]
    found = [
        FoundTrack(
            f"/music/{n // 1000}/{n // 10}/{n}.mp3",
            *(n, n, f"{n:032x}", 200.0, " ".join(rng.choices(words, k=3))),
            *(words[n // 50 % 8000], words[n // 10 % 8000], "", n % 10, 1, 1950 + n % 75),
            rng.choice(["Rock", "Pop", "Jazz"]),
        )
        for n in range(TRACKS)
    ]
    with Store.open(tmp_path_factory.mktemp("large") / "library.db") as store:
        folder = store.add_folder("/music")
        for at in range(0, TRACKS, 20 * BATCH):
            store.save_found(folder.id, found[at : at + 20 * BATCH])
        with store._db.derived() as block:
            block.executemany(
                """
                INSERT INTO plays (track_id, started_at, seconds_played, outcome, origin)
                VALUES (?, ?, 1.0, 'finished', 'user')
                """,
                [(rng.randint(1, TRACKS), n) for n in range(PLAYS)],
            )
        encoder = store.use_encoder("sha", "large", DIM)
        X = np.random.default_rng(0).standard_normal((TRACKS, DIM)).astype(np.float32)
        order = store.tracks_without_vectors(encoder)
        for at in range(0, TRACKS, 1024):
            store.save_embeddings(encoder, [(i, X[i - 1], 60) for i in order[at : at + 1024]])
        yield store


def measured(benchmark: Any, work: Callable[[], object], **about: object) -> Any:
    """CPU seconds beside the wall's: other programs may be running."""
    times = []

    def timed() -> object:
        start = time.process_time()
        result = work()
        times.append(time.process_time() - start)
        return result

    result = benchmark.pedantic(timed, rounds=7, warmup_rounds=1)
    benchmark.extra_info.update(tracks=TRACKS, cpu_s=min(times), **about)
    return result


def test_rows(large: Store, benchmark: Any) -> None:
    rows = measured(benchmark, large.rows, plays=PLAYS, wanted_s=0.35)
    assert len(rows) == TRACKS


@pytest.mark.parametrize("text", ["a", "ab", "rock", "jazz a b", "!!!", "nothinglikeit", ""])
def test_search(large: Store, benchmark: Any, text: str) -> None:
    ids = measured(benchmark, lambda: large.search(text), wanted_s=0.05)
    benchmark.extra_info["found"] = len(ids)


def test_vectors(large: Store, benchmark: Any) -> None:
    ids, X = measured(benchmark, lambda: large.vectors(1), dim=DIM)
    assert X.shape == (TRACKS, DIM)
    benchmark.extra_info["file_mb"] = large._db.path.stat().st_size / 1e6


def test_map(large: Store, benchmark: Any) -> None:
    ids, xy = np.arange(1, TRACKS + 1), np.zeros((TRACKS, 2), np.float32)
    measured(benchmark, lambda: large.save_map(1, ids, xy))


def test_rating(large: Store, benchmark: Any) -> None:
    slider = large.sliders() or [large.create_slider("calm", "", "")]
    measured(benchmark, lambda: large.rate(1, slider[0].id, 0.5), wanted_s=0.005)


def test_saving_a_batch_of_found_files(large: Store, benchmark: Any, tmp_path: Path) -> None:
    folder, numbers = large.folders()[0], iter(range(10**9))

    def save() -> None:
        found = [
            FoundTrack(f"/music/new/{next(numbers)}.mp3", 1, 1, f"new-{next(numbers)}", 1.0, "New")
            for _ in range(BATCH)
        ]
        large.save_found(folder.id, found)

    measured(benchmark, save, files=BATCH)
