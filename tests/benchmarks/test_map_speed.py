"""How fast the map is drawn, pointed at, coloured and circled: 100,000 tracks and 1,000,000."""

import gc
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from sliders_desktop.audio.player import Player
from sliders_desktop.audio.sinks.sink import make_sink
from sliders_desktop.config import Paths
from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.map_figure import Figure, FigureStar, links_of
from sliders_desktop.gui.map_view import MapView
from sliders_desktop.gui.theme import Theme
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.matching import columns
from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.session.session import Session
from sliders_desktop.tasks import FittedSlider, Vectors
from sliders_desktop.tasks.reading import Rows

SIZES = (100_000, 1_000_000)
SIZE = (1600, 1000)
KEYS = ("slider:1", "genre", "year", "plays", "none")

# Processor time: the same on a busy machine as on an idle one, where it is what the clock shows.
pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support", extend=True),
    pytest.mark.benchmark(timer=time.process_time),
]


def rows(rng: np.random.Generator, place: np.ndarray) -> list[TrackRow]:
    """Tracks whose artist and genre follow their cluster."""
    plays = rng.poisson(2.0, len(place)).tolist()
    return [
        TrackRow(
            at + 1, f"Track {at}", f"Artist {c * 40 + at % 40}", f"Album {at % 9000}",
            1960 + at % 65, f"Genre {c % 30}", 200.0, 0, plays[at], 0, "", False, "",
        )
        for at, c in enumerate(place.tolist())
    ]  # fmt: skip


@cache
def library(count: int) -> tuple[Rows, np.ndarray]:
    """The same tracks and places for every test of a size."""
    rng = np.random.default_rng(2)
    cluster = rng.integers(0, 60, count)
    centres = rng.normal(0, 5, (60, 2))
    xy = (centres[cluster] + rng.normal(0, 0.8, (count, 2))).astype(np.float32)
    made = rows(rng, cluster)
    gc.freeze()  # else each collection walks a million rows
    return Rows(made, {}, columns(made), np.empty(0, np.int64)), xy


@pytest.fixture(params=SIZES, ids=("100k", "1M"))
def view(qtbot: QtBot, home: Path, request: pytest.FixtureRequest) -> Iterator[MapView]:
    count = request.param
    paths = Paths(home)
    store, jobs = Store.open(paths.database), Jobs(paths.database)
    session = Session(
        paths,
        store,
        jobs,
        lambda on_event: Player(lambda name="": make_sink("null", name), on_event),
    )
    found, xy = library(count)
    ids = found.columns.ids
    catalogue = session.catalogue
    catalogue._set_rows(found)
    catalogue.vectors = Vectors(1, ids, np.zeros((count, 1), np.float32))
    slider = session.rack.create("calm", "wild", "calm")
    values = np.random.default_rng(3).permutation(np.linspace(0, 1, count, dtype=np.float32))
    flat = np.ones(60, np.float32)
    session.learned._set_fitted(
        FittedSlider(slider.id, "lit", 20, 0.9, ids, values, flat, None, None, None)
    )
    catalogue.set_map((ids, xy))
    view = MapView(session, Theme(paths.resources, "dark"), Covers(session))
    qtbot.addWidget(view)
    view.resize(*SIZE)
    view.show()
    qtbot.waitUntil(lambda: bool(view.names._labels) and not view.camera.moving, timeout=60_000)
    yield view
    session.close()
    assert jobs.shutdown()
    store.close()


@pytest.fixture(autouse=True)
def note_p95(benchmark) -> Iterator[None]:
    """The figures that count are those of the slowest twentieth."""
    yield
    if benchmark.stats is not None:
        times = benchmark.stats.stats.data
        benchmark.extra_info["p95_ms"] = round(1000 * float(np.percentile(times, 95)), 2)


def test_frame_while_pushing(view: MapView, benchmark) -> None:
    """Everything of one frame: range, stars, glow, names, minimap, blit."""
    port = view.canvas.viewport()
    steps = iter(range(1_000_000))

    def frame() -> None:
        turn = next(steps)
        view.camera.pan(QPointF(7, 3) if turn // 40 % 2 else QPointF(-7, -3))
        port.repaint()

    benchmark.extra_info.update(size=SIZE)
    benchmark.pedantic(frame, rounds=120, warmup_rounds=5)


@pytest.mark.parametrize("stars", [5, 32, 500])
def test_frame_with_a_constellation(view: MapView, benchmark, stars: int) -> None:
    """The same with linked stars, a fifth of them cold, and nine ghosts."""
    port = view.canvas.viewport()
    places = [
        view._way.place(row) for row in range(0, len(view.sky.ids), len(view.sky.ids) // stars)
    ][:stars]
    figure = tuple(FigureStar(p, -1.0 if n % 5 == 4 else 1.0) for n, p in enumerate(places))
    links = view._way._links(figure)
    path = tuple(view._way.place(row) for row in range(1, 10))
    view.marks.marks.figure = Figure(figure, links, path)
    steps = iter(range(1_000_000))

    def frame() -> None:
        turn = next(steps)
        view.camera.pan(QPointF(7, 3) if turn // 40 % 2 else QPointF(-7, -3))
        port.repaint()

    benchmark.extra_info.update(size=SIZE, stars=stars)
    benchmark.pedantic(frame, rounds=120, warmup_rounds=5)


@pytest.mark.parametrize("stars", [5, 128])
def test_linking_stars(benchmark, stars: int) -> None:
    """When one is added or the map is another."""
    rng = np.random.default_rng(1)
    figure = [FigureStar((float(x), float(y)), 1.0) for x, y in rng.normal(size=(stars, 2))]
    benchmark.pedantic(links_of, (figure,), rounds=20, warmup_rounds=1)


def test_frame_while_zoomed_in(view: MapView, benchmark) -> None:
    port = view.canvas.viewport()
    steps = iter(range(1_000_000))
    view.camera.zoom(6.0)

    def frame() -> None:
        turn = next(steps)
        view.camera.pan(QPointF(9, 4) if turn // 40 % 2 else QPointF(-9, -4))
        port.repaint()

    benchmark.pedantic(frame, rounds=120, warmup_rounds=5)


def test_frame_at_rest(view: MapView, benchmark) -> None:
    """Soft stars, drawn once when the view has come to rest."""
    port = view.canvas.viewport()

    def frame() -> None:
        view.sky._redraw()
        port.repaint()

    benchmark.pedantic(frame, rounds=60, warmup_rounds=3)


@pytest.mark.parametrize("key", KEYS)
def test_recolour(view: MapView, benchmark, key: str) -> None:
    """Colours, glow, names and minimap, painted; what the rows say was read in idle moments."""
    port = view.canvas.viewport()
    other = "none" if key != "none" else "year"

    def before() -> None:
        view.set_color(other)

    def recolour() -> None:
        view.set_color(key)
        port.repaint()

    benchmark.pedantic(recolour, setup=before, rounds=15, warmup_rounds=1)


def test_hover(view: MapView, benchmark) -> None:
    """Nearest star, card and ring, painted."""
    rng = np.random.default_rng(1)
    pixels = iter(rng.uniform((0, 0), SIZE, (5000, 2)).tolist())
    port = view.canvas.viewport()

    def hover() -> None:
        view._on_pointed(QPointF(*next(pixels)))
        port.repaint()

    benchmark.pedantic(hover, rounds=200, warmup_rounds=5)


def test_lasso(view: MapView, benchmark) -> None:
    """A hand-drawn line of 600 points around most of the library."""
    angle = np.linspace(0, 2 * np.pi, 600)
    radius = 1 + 0.2 * np.sin(7 * angle)
    line = [
        (800 + 600 * r * float(np.cos(a)), 500 + 400 * r * float(np.sin(a)))
        for a, r in zip(angle.tolist(), radius.tolist(), strict=True)
    ]
    found = benchmark.pedantic(view.tracks_inside, (line,), rounds=20, warmup_rounds=1)
    benchmark.extra_info["tracks"] = len(found)
    assert len(found) > len(view.sky.ids) / 3


def test_a_new_map(view: MapView, benchmark) -> None:
    """What the main thread does when a fit has finished, before the points wander."""
    catalogue = view._session.catalogue
    rng = np.random.default_rng(4)

    def arrive() -> None:
        xy = catalogue.map_xy + rng.normal(0, 0.1, catalogue.map_xy.shape).astype(np.float32)
        catalogue.set_map((catalogue.map_ids, xy))

    benchmark.pedantic(arrive, rounds=10, warmup_rounds=1)
