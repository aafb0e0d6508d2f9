"""The window at 100,000 tracks: first paint, search, sort, memory; its longest stall at work."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import songs
from pytest_benchmark.fixture import BenchmarkFixture

from sliders_desktop.config import Paths
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store

ROWS = 100_000
HERE = Path(__file__).parent
WORDS = songs.TITLES


@pytest.fixture(scope="module")
def large_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with 100,000 generated tracks."""
    home = tmp_path_factory.mktemp("large")
    rng = np.random.default_rng(0)
    words = rng.choice(WORDS, (ROWS, 4))
    with Store.open(Paths(home).database) as store:
        folder = store.add_folder(home / "away")
        for first in range(0, ROWS, 5000):
            store.save_found(
                folder.id,
                [
                    FoundTrack(
                        str(home / "away" / f"{i}.flac"), 1, 1, f"{i:064x}", 30 + i % 400,
                        f"{words[i, 0]} track {i}", f"{words[i, 1]} {i % 4000}",
                        f"{words[i, 2]} {i % 9000}", "", i % 12, 1, 1960 + i % 60, words[i, 3],
                    )
                    for i in range(first, first + 5000)
                ],
            )  # fmt: skip
        # There are no such files: nothing may try to listen to them meanwhile.
        store.mark_missing([row.id for row in store.rows()])
        store.set_setting("watch_folders", False)
    return home


def probe(home: Path, *words: str) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
    done = subprocess.run(
        [sys.executable, str(HERE / "window_probe.py"), str(home), *words],
        env=environment, capture_output=True, text=True, timeout=3000,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_first_paint_search_and_sort(large_home: Path, benchmark: BenchmarkFixture) -> None:
    seen = benchmark.pedantic(probe, (large_home, "table"), rounds=3, warmup_rounds=1)

    benchmark.extra_info.update(seen)
    assert seen["rows"] == ROWS
    assert seen["heavy_before_paint"] == []


def test_longest_stall_while_listening(tmp_path: Path, benchmark: BenchmarkFixture) -> None:
    """On the folder named by SLIDERS_BENCHMARK_MUSIC, else on some made songs."""
    named = os.environ.get("SLIDERS_BENCHMARK_MUSIC")
    music = Path(named) if named else tmp_path / "music"
    if not named:
        songs.library(music, 40, seconds=6.0)

    seen = benchmark.pedantic(probe, (tmp_path / "home", "work", str(music)), rounds=1)

    benchmark.extra_info.update(seen)
    assert seen["gaps_ms"]["beats"] > 100
