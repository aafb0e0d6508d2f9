"""What playing costs, in a process that does nothing else.

Started by `test_sound_cost.py`: `cost_probe.py cpu SECONDS RATE FILE` or `cost_probe.py soak HOURS
FOLDER`. Says as JSON what was found. Linux: it reads what the kernel counts for each thread.
"""

import gc
import itertools
import json
import os
import random
import sys
import threading
import time
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from sliders_desktop.audio.player import Ended, Failed, NeedNext, Player, PlayerEvent, Started
from sliders_desktop.audio.sinks.sink import DeviceSink, NullSink

THREADS = Path("/proc/self/task")


def spent() -> dict[str, float]:
    """CPU seconds of each thread until now."""
    found: dict[str, float] = {}
    names = {str(t.native_id): t.name for t in threading.enumerate()}
    for folder in THREADS.iterdir():
        name = names.get(folder.name) or f"{(folder / 'comm').read_text().strip()} {folder.name}"
        found[name] = int((folder / "schedstat").read_text().split()[0]) / 1e9
    return found


def cpu(seconds: float, rate: int, path: str) -> dict[str, Any]:
    """Percent of one core while ``path`` plays through a device, thread by thread."""
    keys = itertools.count(2)

    def on_event(event: PlayerEvent) -> None:
        if isinstance(event, NeedNext):
            player.set_next(next(keys), path)

    player = Player(DeviceSink, on_event, rate)
    player.play(1, path)
    time.sleep(8.0)  # the ring is full, everything is imported
    before, began, whole = spent(), time.monotonic(), time.process_time()
    time.sleep(seconds)
    after, passed, whole = spent(), time.monotonic() - began, time.process_time() - whole
    said = {
        "percent of a core": round(100 * whole / passed, 2),
        "threads": {
            name: round(100 * (s - before.get(name, 0)) / passed, 2)
            for name, s in after.items()
            if s - before.get(name, 0) > 1e-4
        },
        "device latency, s": round(player._output.latency_s, 4),
        "underruns": player.underruns,
        "dropouts": player.dropouts,
    }
    player.close()
    return said


class Quick(NullSink):
    """Takes what lies in the ring at once, and counts it."""

    frames = 0

    def _take(self, block: Any, sounding: int) -> None:
        Quick.frames += sounding


def soak(hours: float, folder: Path) -> dict[str, Any]:
    """So much music as fast as it can be decoded, with hands that never rest."""
    paths = sorted(map(str, folder.iterdir()))
    rng = random.Random(0)
    keys = itertools.count(1)
    heard: Counter[str] = Counter()
    sounding: set[int] = set()
    odd: list[str] = []

    def on_event(event: PlayerEvent) -> None:
        heard[type(event).__name__] += 1
        if isinstance(event, NeedNext):
            player.set_next(next(keys), rng.choice(paths))
        elif isinstance(event, Started):
            if sounding:
                odd.append(f"{event.key} started while {sounding} sounded")
            sounding.add(event.key)
        elif isinstance(event, Ended):
            heard[event.outcome] += 1
            if event.key not in sounding:
                odd.append(f"{event.key} ended and had not started")
            sounding.discard(event.key)
        elif isinstance(event, Failed):
            sounding.discard(event.key)

    rate = 44100
    player = Player(lambda: Quick(float("inf"), rate), on_event, rate)
    me = psutil.Process()
    line: list[dict[str, float]] = []

    def look() -> None:
        gc.collect()
        line.append(
            {
                "hours": round(Quick.frames / rate / 3600, 2),
                "MB": round(me.memory_info().rss / 1e6, 2),
                "traced MB": round(tracemalloc.get_traced_memory()[0] / 1e6, 3),
                "threads": threading.active_count(),
                "files": me.num_fds(),
            }
        )

    player.play(next(keys), paths[0])
    began = time.monotonic()
    actions: Counter[str] = Counter()
    mark = 0.0
    while Quick.frames < hours * 3600 * rate:
        time.sleep(0.1)
        action = rng.choice(("skip", "seek", "pause", "play", "volume", "set_next", "", "", "", ""))
        actions[action] += 1
        if action == "skip":
            player.set_next(next(keys), rng.choice(paths))
            player.skip()
        elif action == "seek":
            player.seek(rng.uniform(0, 40))
        elif action == "pause":
            player.pause()
            time.sleep(0.02)
            player.resume()
        elif action == "play":
            player.play(next(keys), rng.choice(paths), rng.choice((0.0, 5.0)))
        elif action == "volume":
            player.set_volume(rng.random())
        elif action == "set_next":
            player.set_next(next(keys), rng.choice(paths))
        if Quick.frames >= mark:
            mark += hours * 3600 * rate / 24
            look()
    player.stop()
    time.sleep(1.0)
    look()
    underruns = player.underruns
    player.close()
    warm = line[len(line) // 6]
    said = {
        "hours": line[-1]["hours"],
        "took, s": round(time.monotonic() - began, 1),
        "events": dict(heard),
        "actions": dict(actions),
        "growth after warm-up, MB": round(line[-1]["MB"] - warm["MB"], 2),
        "highest after warm-up, MB": round(
            max(point["MB"] for point in line[len(line) // 6 :]) - warm["MB"], 2
        ),
        "sounding at the end": sorted(sounding),
        "odd": odd[:5],
        "underruns": underruns,
        "threads after": sorted(t.name for t in threading.enumerate()),
        "line": line,
    }
    if tracemalloc.is_tracing():
        said["traced growth after warm-up, MB"] = round(
            line[-1]["traced MB"] - warm["traced MB"], 3
        )
    return said


def main() -> int:
    what, *words = sys.argv[1:]
    if os.environ.get("SLIDERS_BENCHMARK_TRACE"):
        tracemalloc.start()
    if what == "cpu":
        said = cpu(float(words[0]), int(words[1]), words[2])
    else:
        said = soak(float(words[0]), Path(words[1]))
    sys.stdout.write(json.dumps(said) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
