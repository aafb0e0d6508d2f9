"""Ratings by the hundred thousand: out, in, again, and how long one by hand waits meanwhile.

Bounds are wall time on an idle machine; look at the trend.
"""

import random
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from sliders_desktop import tasks
from sliders_desktop.library.rating_files import RatingsFile
from sliders_desktop.library.records import FoundTrack, NamedRating, NamedSlider, TrackName
from sliders_desktop.library.store import Store

TRACKS, RATINGS, SLIDERS = 20_000, 100_000, 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty library of many tracks, and a large file of ratings of them."""
    folder, rng = tmp_path_factory.mktemp("ratings"), random.Random(0)
    with Store.open(folder / "library.db") as store:
        found = [
            FoundTrack(f"/m/{n}.mp3", 1, 1, f"{n:064x}", 200.0, f"Song {n}", f"Artist {n % 999}")
            for n in range(TRACKS)
        ]
        store.save_found(store.add_folder("/m").id, found)
        names = [TrackName(f.audio_hash or "", f.path, f.artist, f.title, "", 200.0) for f in found]
        sliders = [NamedSlider(f"word {n}", "low", "high") for n in range(SLIDERS)]
        ratings = [
            NamedRating(
                f"word {rng.randrange(SLIDERS)}", rng.choice(names), rng.randrange(9) / 8,
                1_700_000_000 + n,
            )
            for n in range(RATINGS)
        ]  # fmt: skip
        for name in ("r.json", "r.csv"):
            tasks.save_ratings(store, RatingsFile(sliders, ratings), folder / name)
    return folder


def test_in_out_and_what_a_rating_waits(folder: Path, benchmark: Any) -> None:
    waits: list[float] = []
    over = threading.Event()

    def rate() -> None:
        with Store.open(folder / "library.db") as window:
            slider = window.create_slider("mine", "", "")
            while not over.is_set():
                began = time.perf_counter()
                window.rate(len(waits) % TRACKS + 1, slider.id, 0.5)
                waits.append(time.perf_counter() - began)
                time.sleep(0.05)

    def measure() -> dict[str, float]:
        hand = threading.Thread(target=rate)
        hand.start()
        took = {}
        with Store.open(folder / "library.db") as store:
            for name, work in (
                ("in_s", lambda: tasks.import_ratings(store, folder / "r.json").added),
                ("again_s", lambda: tasks.import_ratings(store, folder / "r.csv").known),
                ("out_s", lambda: tasks.export_ratings(store, folder / "out.json").ratings),
                ("history_s", lambda: len(tasks.read_history(store, None))),
            ):
                began, cpu = time.perf_counter(), time.thread_time()
                assert work() >= RATINGS
                took[name] = time.perf_counter() - began
                took[name.replace("_s", "_cpu_s")] = time.thread_time() - cpu
        over.set()
        hand.join()
        return took

    took = benchmark.pedantic(measure, rounds=1)
    waits.sort()
    benchmark.extra_info.update(
        took,
        ratings=RATINGS,
        rated_meanwhile=len(waits),
        wait_median_s=waits[len(waits) // 2],
        wait_p99_s=waits[len(waits) * 99 // 100],
        wait_most_s=waits[-1],
        file_mb=(folder / "r.json").stat().st_size / 1e6,
    )
