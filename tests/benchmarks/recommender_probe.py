"""A process of its own that recommends from so many made tracks, and says what that takes.

``recommender_probe.py TRACKS [exact]`` prints JSON. The vectors have as many directions as real
ones and are made a block at a time, so that nothing but the recommender is in memory; ``exact``
holds them as they are instead.
"""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from safetensors import safe_open

from sliders_desktop.config import Paths
from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.constellation import wander
from sliders_desktop.ml.familiarity import Familiarity
from sliders_desktop.ml.journey import journey
from sliders_desktop.ml.leanings import Leanings, Steer
from sliders_desktop.ml.places import Packed
from sliders_desktop.ml.query import Query
from sliders_desktop.ml.recommender import Anchor, Context, next_tracks

DIM, TASTES = 512, 400
ROUNDS = 15
PLAIN = Leanings()


class Made:
    """Vectors around the middles of tastes, the same whenever they are read."""

    def __init__(self, count: int) -> None:
        self.shape = (count, DIM)
        self._slope = (1 / np.sqrt(1 + np.arange(DIM) / 60)).astype(np.float32)
        rng = np.random.default_rng(0)
        self._middles = rng.standard_normal((TASTES, DIM), np.float32) * self._slope

    def __getitem__(self, rows: slice, /) -> np.ndarray:
        start, stop, _ = rows.indices(self.shape[0])
        rng = np.random.default_rng([1, start])
        middle = self._middles[rng.integers(TASTES, size=stop - start)]
        rest = rng.standard_normal((stop - start, DIM), np.float32) * self._slope
        return 0.5 * middle + rest + np.float32(0.3)


def taken(told: dict[str, float], name: str, what: Callable[[int], object]) -> None:
    """Median milliseconds of ``what``, and those of the processor; each round asks anew."""
    walls, cores = [], []
    for at in range(ROUNDS + 1):
        began, worked = time.perf_counter(), time.process_time()
        what(at)
        walls.append(1000 * (time.perf_counter() - began))
        cores.append(1000 * (time.process_time() - worked))
    told[f"{name}_ms"] = statistics.median(walls[1:])
    told[f"{name}_cpu_ms"] = statistics.median(cores[1:])


def main(count: int, exact: bool) -> dict[str, float]:
    rng = np.random.default_rng(0)
    made = Made(count)
    began = time.perf_counter()
    if exact:
        x = np.empty(made.shape, np.float32)
        for start in range(0, count, 4096):
            x[start : start + 4096] = made[start : start + 4096]
        places: np.ndarray | Packed = x
    else:
        places = Packed(made)
    artist = rng.integers(count // 12 + 1, size=count, dtype=np.int32)
    album = (artist * 3 + rng.integers(3, size=count)).astype(np.int32)
    plays, long_ago = rng.integers(0, 9, (2, count), dtype=np.int32)
    catalogue = Catalogue(
        np.arange(1, count + 1),
        places,
        artist,
        album,
        rng.uniform(90, 400, count).astype(np.float32),
        familiarity=Familiarity(plays, long_ago * 10**7, long_ago, 10**8),
    )
    built = time.perf_counter() - began
    steers = [Steer(str(i), rng.random(count, dtype=np.float32), 0.9) for i in range(2)]

    def ask(at: int, n: int, leanings: Leanings = PLAIN) -> None:
        anchors = [Anchor(1 + (997 * at + 31 * k) % count) for k in range(3)]
        context = Context(anchors, range(1, 51))
        next_tracks(context, catalogue, leanings, n, np.random.default_rng(at))

    told = {"build_s": built}
    taken(told, "next", lambda at: ask(at, 1))
    taken(told, "next_20", lambda at: ask(50 + at, 20))
    taken(told, "next_20_with_2_sliders", lambda at: ask(100 + at, 20, Leanings(steers)))
    taken(told, "handle_moved", lambda at: ask(1, 20, Leanings(steers)))
    if catalogue.familiarity is not None:
        forgotten = Leanings((), catalogue.familiarity.amount(0.9))
        taken(told, "next_20_forgotten", lambda at: ask(150 + at, 20, forgotten))
    query = shipped()
    if query is not None:
        began = time.perf_counter()
        catalogue = replace(catalogue, standing=query.standing(catalogue))
        told["standing_s"] = time.perf_counter() - began

        def ask_learned(at: int) -> None:
            anchors = [Anchor(1 + (997 * at + 31 * k) % count) for k in range(3)]
            context = Context(anchors, range(1, 51))
            lead = query.lead(context, catalogue)
            next_tracks(context, catalogue, PLAIN, 20, np.random.default_rng(at), lead)

        taken(told, "next_20_learned", lambda at: ask_learned(200 + at))
    told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    stars = [Anchor(1 + 1009 * k) for k in range(5)]
    taken(told, "wander_20", lambda at: wander(Context(stars), catalogue, PLAIN, 20, at))
    taken(
        told,
        "journey_40_min",
        lambda at: journey(Context(), catalogue, PLAIN, (1 + at, count - at), 2400),
    )
    told["peak_with_ways_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if not exact:
        told |= recall(catalogue, made)
    return told


def shipped() -> Query | None:
    """What leads where nothing was learned yet, for vectors of its encoder."""
    path = Paths.default().shipped_recommender
    if not path.exists():
        return None
    with safe_open(path, "numpy") as file:
        return Query.load(path, json.loads(file.metadata()["about"])["encoder"])


def recall(catalogue: Catalogue, made: Made) -> dict[str, float]:
    """Which of the nearest 1, 20 and 200 of the exact vectors are found among as many."""
    queries = [catalogue.unit(np.array([5 * k, 7 * k + 1])).sum(0) for k in range(10)]
    q = np.stack([v / np.linalg.norm(v) for v in queries])
    right = np.empty((len(q), made.shape[0]), np.float32)
    for start in range(0, made.shape[0], 4096):
        block = made[start : start + 4096] - catalogue.mean
        right[:, start : start + 4096] = q @ (block / np.linalg.norm(block, axis=1)[:, None]).T
    found = {}
    for top in (1, 20, 200):
        shares = []
        for query, cosines in zip(q, right, strict=True):
            best = set(np.argsort(-cosines)[2:][:top].tolist())  # the first two are asked of
            mine = np.argsort(-catalogue.cosines(query))[2:][:top].tolist()
            shares.append(len(best.intersection(mine)) / top)
        found[f"recall_{top}"] = float(np.mean(shares))
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), "exact" in sys.argv[2:])))
