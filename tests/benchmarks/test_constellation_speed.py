"""Constellations of 500 stars among 100,000 tracks: what they keep the main thread busy with.

Each figure is one call from the main thread, as the window makes it, in ms: median and worst of
the processor's time of this thread, which other programs do not add to, and of the clock's. The
path is timed from a star's weight to the path that follows from it; learning and forgetting are
jobs, timed as such.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from sliders_desktop.audio.player import Player
from sliders_desktop.audio.sinks.sink import make_sink
from sliders_desktop.config import Paths
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store
from sliders_desktop.session.session import Session
from sliders_desktop.tasks import Knobs

TRACKS = int(os.environ.get("SLIDERS_BENCH_TRACKS", "100000"))
STARS, TIMES, DIM = 500, 30, 512
FRAME_MS = 16.0


def build(path: Path) -> None:
    """Rows, vectors of falling variance, and plays."""
    rng = np.random.default_rng(0)
    falling = (np.arange(1, DIM + 1.0) ** -0.6).astype(np.float32)
    with Store.open(path) as store:
        store.set_setting("watch_folders", False)
        folder, encoder = store.add_folder("/music"), store.use_encoder("measured", "m", DIM)
        for first in range(0, TRACKS, 5000):
            found = [
                FoundTrack(
                    f"/music/{i:06}.wav", 1, 1, f"{i:064x}", 60 + i % 400, f"track {i}",
                    f"artist {i % 4000}", f"album {i % 9000}",
                )
                for i in range(first, min(first + 5000, TRACKS))
            ]  # fmt: skip
            ids = store.save_found(folder.id, found).added
            x = rng.standard_normal((len(ids), DIM), np.float32) * falling
            store.save_embeddings(encoder, [(i, v, 1) for i, v in zip(ids, x, strict=True)])
            store.save_loudness([(i, -18.0, 0.5, b"") for i in ids])
        ids, x = store.vectors(encoder)
        store.save_map(encoder, ids, np.ascontiguousarray(x[:, :2]))
        with store._db.precious() as block:
            block.executemany(
                "INSERT INTO plays (track_id, started_at, seconds_played, outcome, origin)"
                " VALUES (?, ?, 60.0, 'finished', 'user')",
                [(1 + at * 7 % TRACKS, 1_687_000_000 + 200 * at) for at in range(50_000)],
            )


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    paths = Paths(tmp_path / "home")
    build(paths.database)
    store, jobs = Store.open(paths.database), Jobs(paths.database)

    def make_player(on_event: Callable[[Any], None]) -> Player:
        return Player(lambda name="": make_sink("null", name), on_event)

    session = Session(paths, store, jobs, make_player)
    with qtbot.waitSignal(session.ready, timeout=60_000):
        session.start()
    session.recommending._tried_at = time.time()  # it does not learn meanwhile
    qtbot.waitUntil(lambda: session.serving.learned is not None, timeout=60_000)
    qtbot.waitUntil(jobs.idle, timeout=60_000)
    yield session
    session.close()
    QCoreApplication.processEvents()
    assert jobs.shutdown()
    store.close()


def timed(call: Callable[[int], object], times: int = TIMES) -> dict[str, float]:
    cpu, clock = [], []
    for at in range(times):
        began, worked = time.perf_counter(), time.thread_time()
        call(at)
        cpu.append(1000 * (time.thread_time() - worked))
        clock.append(1000 * (time.perf_counter() - began))
    return {
        "cpu": round(statistics.median(cpu), 2), "cpu worst": round(max(cpu), 2),
        "clock": round(statistics.median(clock), 2), "clock worst": round(max(clock), 2),
    }  # fmt: skip


def test_five_hundred_stars(session: Session, qtbot: QtBot, benchmark: BenchmarkFixture) -> None:
    """Nothing on the main thread over 16 ms of its own work."""
    them, playback = session.constellations, session.playback
    ids = session.catalogue.ids
    some = ids[:: max(1, len(ids) // STARS)][:STARS].tolist()
    seen: dict[str, Any] = {}

    def run() -> None:
        seen["collect 500"] = timed(lambda _: them.collect(some), 1)
        seen["weigh"] = timed(lambda at: them.set_weight(some[3], 0.5 + at / 50))
        seen["turn"] = timed(lambda at: them.turn(some[at]))
        seen["knobs"] = timed(lambda at: them.set_knobs(Knobs(at / 30, 0.5, 4)))
        seen["undo"] = timed(lambda _: session.rack.undo())
        number = them.open_.id  # type: ignore[union-attr]
        seen["close and open"] = timed(lambda _: (them.open_one(None), them.open_one(number)))
        seen["as a source"] = timed(lambda _: session.catalogue.set_source(them.source(number)), 3)
        session.catalogue.set_source("all")
        qtbot.waitUntil(session._jobs.idle, timeout=60_000)
        path = []
        for at in range(TIMES):
            began = time.perf_counter()
            with qtbot.waitSignal(them.path_changed, timeout=60_000):
                them.set_weight(some[7], -2 if at % 2 else 2)
            path.append(1000 * (time.perf_counter() - began))
        seen["weight to path"] = {
            "clock": round(statistics.median(path), 1), "clock worst": round(max(path), 1)
        }  # fmt: skip
        region = ids.tolist()
        seen["radio from all"] = timed(lambda _: playback.radio_from(region), 3)
        qtbot.waitUntil(lambda: len(playback._radio.anchors) == 32, timeout=60_000)
        qtbot.waitUntil(session._jobs.idle, timeout=60_000)
        seen["forget, its call"] = timed(lambda _: session.recommending.forget(), 1)
        began = time.perf_counter()
        with qtbot.waitSignal(session.recommending.forgotten, timeout=60_000):
            pass
        seen["forget, its job"] = {"clock": round(1000 * (time.perf_counter() - began), 1)}

    benchmark.pedantic(run, rounds=1)
    benchmark.extra_info.update(seen)
    sys.stdout.write("\n" + "\n".join(f"{name}: {what}" for name, what in seen.items()) + "\n")
    assert all(figures.get("cpu", 0) < FRAME_MS for figures in seen.values())
