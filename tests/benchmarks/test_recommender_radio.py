"""Radios of 500 tracks from twenty starts: whom they repeat, and whether they stay themselves.

A made library of 20,000 tracks by 2,000 artists; and real music, where SLIDERS_BENCHMARK_MEASURED
and SLIDERS_BENCHMARK_LABELS name some as for `test_recommender_quality`.
"""

import csv
import os
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sliders_desktop import tasks
from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store

MEASURED = os.environ.get("SLIDERS_BENCHMARK_MEASURED")
LABELS = os.environ.get("SLIDERS_BENCHMARK_LABELS")
STARTS, LENGTH = 20, 500
FIFTHS = 5


def row(number: int, artist: str, album: str) -> TrackRow:
    return TrackRow(number, f"Song {number}", artist, album, 0, "", 200.0, 0, 0, 0, "", False, "")


def made() -> tuple[list[TrackRow], np.ndarray]:
    """Artists of three tastes each among 200, their albums near one another; few have very much."""
    rng = np.random.default_rng(0)
    count, artists, dim = 20_000, 2000, 512
    slope = 1 / np.sqrt(1 + np.arange(dim) / 60)
    tastes = rng.normal(size=(200, dim)) * slope
    weight = 1 / (1 + np.arange(artists)) ** 0.5
    artist = rng.choice(artists, count, p=weight / weight.sum())
    sound = rng.normal(size=(artists, dim)) * slope
    own = rng.integers(200, size=(artists, 3))
    album = rng.integers(3, size=count)
    x = tastes[own[artist, album]] + 0.7 * sound[artist] + rng.normal(size=(count, dim)) * slope
    rows = [
        row(i + 1, f"Artist {a}", f"Album {a}.{b}")
        for i, (a, b) in enumerate(zip(artist.tolist(), album.tolist(), strict=True))
    ]
    return rows, x.astype(np.float32)


def real() -> tuple[list[TrackRow], np.ndarray]:
    assert MEASURED is not None
    assert LABELS is not None
    found = np.load(MEASURED)
    with Path(LABELS).open(encoding="utf-8") as file:
        told = {Path(line["file"]).name: line for line in csv.DictReader(file)}
    paths = [Path(path) for path in found["paths"]]
    rows = [row(i + 1, told[p.name]["artist"], p.parent.name) for i, p in enumerate(paths)]
    return rows, found["vectors"].astype(np.float32)


@pytest.mark.parametrize("gap", [4, 50])
@pytest.mark.parametrize("mode", ["together", "wander"])
@pytest.mark.parametrize("library", [made, real], ids=["made", "real"])
def test_a_long_radio(
    benchmark: BenchmarkFixture, tmp_path: Path, library: object, mode: tasks.Mode, gap: int
) -> None:
    if library is real and (MEASURED is None or LABELS is None):
        pytest.skip("no measured music is named")
    rows, x = made() if library is made else real()
    vectors = tasks.Vectors(1, np.arange(1, len(rows) + 1), x)
    starts = np.random.default_rng(7).choice(len(rows), STARTS, replace=False)

    def play() -> list[tuple[int, list[tasks.Recommended]]]:
        with Store.open(tmp_path / "library.db") as store:
            catalogue = tasks.build_catalogue(store, vectors, rows)
            away = np.empty(0, np.int64)
            radios = []
            for start in starts.tolist():
                track = rows[start].id
                wish = tasks.Wish(
                    ((track, 1.0),), (track,), tasks.Knobs(artist_gap=gap), mode, count=5
                )
                radio = tasks.endless(store, catalogue, rows, wish, away)
                radios.append((start, list(islice(radio, LENGTH))))
            return radios

    radios = benchmark.pedantic(play, rounds=1)
    unit = x - x.mean(0)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    facts = []
    for start, picks in radios:
        order = [start, *(pick.track_id - 1 for pick in picks)]
        artists = [rows[i].artist or str(i) for i in order]
        near = unit[order[1:]] @ unit[start]
        steps = (unit[order[1:]] * unit[order[:-1]]).sum(1)
        facts.append(
            {
                "artist repeats within 5": repeats(artists, 5),
                "artist repeats within 50": repeats(artists, 50),
                "track repeats within 50": repeats(order, 50),
                "distinct tracks": len(set(order)),
                "distinct artists": len(set(artists)),
                "distinct albums": len({rows[i].album for i in order}),
                "picks that broke a guard": sum(bool(pick.pick.relaxed) for pick in picks),
                "step to step": float(steps.mean()),
                **{
                    f"likeness to the start, fifth {k + 1}": float(part.mean())
                    for k, part in enumerate(np.array_split(near, FIFTHS))
                },
            }
        )
    for name in facts[0]:
        values = [fact[name] for fact in facts]
        benchmark.extra_info[name] = float(np.mean(values))
        benchmark.extra_info[f"most {name}"] = float(np.max(values))
    chance = unit[np.random.default_rng(0).choice(len(unit), 2000)] @ unit[starts].T
    benchmark.extra_info["likeness of any track to the start"] = float(chance.mean())
    assert benchmark.extra_info["most artist repeats within 5"] == 0
    assert benchmark.extra_info["most track repeats within 50"] == 0
    if gap == 50 and library is made:
        assert benchmark.extra_info["most artist repeats within 50"] == 0


def repeats(of: list[str] | list[int], span: int) -> int:
    """How many stand among the ``span`` − 1 before them once more."""
    return sum(one in of[max(0, at - span + 1) : at] for at, one in enumerate(of))
