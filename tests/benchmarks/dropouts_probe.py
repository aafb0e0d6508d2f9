"""Plays an album while everything else the program can do goes on in the same process.

Started by `test_sound_dropouts.py`: `dropouts_probe.py HOME ALBUM MUSIC RATE SECONDS`. Says as JSON
what the player saw; what was heard is recorded meanwhile.
"""

import ctypes
import itertools
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QTimer

from sliders_desktop import tasks
from sliders_desktop.audio.player import NeedNext, Player, PlayerEvent
from sliders_desktop.audio.sinks.sink import DeviceSink
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job

VECTORS, DIM, RATINGS = 20_000, 256, 60
ALONE_S = 3.0  # music before anything else begins
HELD_S, FREE_S = 0.3, 0.05  # of the interpreter's lock, for a third of the time


class Counted:
    """The task's view of ``job``; counts the tracks that were listened to."""

    def __init__(self, job: Job) -> None:
        self.check = job.check

    def progress(self, _done: int, _total: int, _text: str = "") -> None:
        done["tracks embedded"] = done.get("tracks embedded", 0) + 1


def embed_again_and_again(store: Store, folder: Path, job: Job = NO_JOB) -> None:
    """Each round with another encoder of full size, so that there is always something to hear."""
    from sliders_desktop.ml.encoder import Encoder

    for seed in itertools.count():
        weights = folder / f"{seed % 2}.safetensors"
        Encoder.random(seed).save(weights)
        tasks.embed(store, weights, "cpu", fast=True, job=Counted(job))
        job.check()


def fit_maps(store: Store, vectors: tasks.Vectors, job: Job = NO_JOB) -> None:
    from sliders_desktop.ml import projection

    for seed in itertools.count():
        projection.fit(vectors.x, seed=seed, job=job)
        done["maps"] = seed + 1


def fit_sliders(store: Store, vectors: tasks.Vectors, slider: int, job: Job = NO_JOB) -> None:
    rng = np.random.default_rng(0)
    for count in itertools.count(1):
        job.check()
        store.rate(int(rng.choice(vectors.ids[:RATINGS])), slider, float(rng.random()))
        tasks.fit_slider(store, slider, vectors)
        done["sliders"] = count


def hold_the_lock(since: float, until: float) -> None:
    """What a careless library does: compute for long without letting others run."""
    held = ctypes.PyDLL(None)  # calls through PyDLL keep the interpreter's lock
    while time.monotonic() < until:
        if time.monotonic() < since:
            time.sleep(0.05)
            continue
        held.usleep(int(1e6 * HELD_S))
        time.sleep(FREE_S)
        done["times the lock was held"] = done.get("times the lock was held", 0) + 1


def hurry_sound() -> None:
    """Give the threads that PortAudio and libpulse started the priority a sound server has."""
    ours = {thread.native_id for thread in threading.enumerate()}
    for folder in Path("/proc/self/task").iterdir():
        tid = int(folder.name)
        name = (folder / "comm").read_text().strip()
        if tid not in ours and name in ("threaded-ml", "python", "python3"):
            os.sched_setscheduler(tid, os.SCHED_RR, os.sched_param(5))
            done["threads hurried"] = done.get("threads hurried", 0) + 1


done: dict[str, int] = {}


def library(home: Path, music: list[Path]) -> tuple[tasks.Vectors, int]:
    """20,000 tracks that were heard once, a slider with ratings, and ``music`` to listen to."""
    with Store.open(home / "library.db") as store:
        folder = store.add_folder(home)
        count = len(music)
        paths = [*map(str, music), *(str(home / f"{i}.flac") for i in range(VECTORS - count))]
        found = [
            FoundTrack(path, 1, 1, f"{i:064x}", 60.0, f"Track {i}", f"Artist {i % 900}")
            for i, path in enumerate(paths)
        ]
        store.save_found(folder.id, found)
        ids = np.array([row.id for row in store.rows()])
        store.mark_missing(ids[count:].tolist())
        x = np.random.default_rng(0).normal(size=(VECTORS, DIM)).astype(np.float32)
        encoder = store.use_encoder("made up", "made up", DIM)
        slider = store.create_slider("calm", "wild", "calm").id
        for i in range(RATINGS):
            store.rate(int(ids[i]), slider, float(i % 2))
        return tasks.Vectors(encoder, ids, x), slider


def main() -> int:
    home, album, music = map(Path, sys.argv[1:4])
    rate, seconds = int(sys.argv[4]), float(sys.argv[5])
    home.mkdir(parents=True, exist_ok=True)
    tracks = sorted(album.iterdir())
    heard = sorted(p for p in music.rglob("*") if p.suffix in (".mp3", ".flac", ".opus", ".ogg"))
    vectors, slider = library(home, heard)
    qt = QCoreApplication(sys.argv[:1])
    jobs = Jobs(home / "library.db")
    broken: list[str] = []
    jobs.broke.connect(broken.append)
    events: list[PlayerEvent] = []
    keys = itertools.count(2)

    def on_event(event: PlayerEvent) -> None:
        if isinstance(event, NeedNext):
            key = next(keys)
            player.set_next(key, str(tracks[(key - 1) % len(tracks)]))
        else:
            events.append(event)

    player = Player(DeviceSink, on_event, rate)
    began = time.monotonic()
    player.play(1, str(tracks[0]))
    line: list[tuple[float, int, int, float]] = []

    def look() -> None:
        ring = player._output.ring
        line.append(
            (
                time.monotonic() - began,
                player.underruns,
                player.dropouts,
                round(ring.filled / ring.rate, 2),
            )
        )

    def begin() -> None:
        jobs.start("torch", embed_again_and_again, home)  # imports torch
        jobs.start("map", fit_maps, vectors)
        jobs.start("fit", fit_sliders, vectors, slider)

    if os.environ.get("SLIDERS_BENCHMARK_REALTIME"):
        QTimer.singleShot(1500, hurry_sound)
    QTimer.singleShot(int(1000 * ALONE_S), begin)
    QTimer.singleShot(int(1000 * seconds), qt.quit)
    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(100)
    third = began + seconds / 3
    careless = threading.Thread(
        target=hold_the_lock, args=(third, third + seconds / 3), daemon=True
    )
    careless.start()
    cpu = time.process_time()
    qt.exec()
    cpu = time.process_time() - cpu
    look()
    said: dict[str, Any] = {
        "underruns": player.underruns,
        "dropouts": player.dropouts,
        "device latency, s": player._output.latency_s,
        "least in the ring after the start, s": min(s for t, _, _, s in line if t > 8),
        "cores busy": round(cpu / seconds, 2),
        "done meanwhile": done,
        "broken": broken,
        "failed": [str(e) for e in events if type(e).__name__ in ("Failed", "SinkLost")],
        "line": [p for i, p in enumerate(line) if not i or p[1:3] != line[i - 1][1:3]],
        "held from": seconds / 3,
        "held to": 2 * seconds / 3,
    }
    player.close()
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    jobs.shutdown(20)
    return 0


if __name__ == "__main__":
    sys.exit(main())
