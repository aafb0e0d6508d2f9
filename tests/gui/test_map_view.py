"""The map: what is drawn where, what hand and keys do, and what it says when there is nothing."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.map_floats import ordinal
from sliders_desktop.gui.map_glow import glow
from sliders_desktop.gui.map_labels import Label, fitting
from sliders_desktop.gui.map_raster import (
    EDGE,
    LEVELS,
    Lens,
    StarRaster,
    blended,
    dimmed,
    premultiplied,
    stamp,
)
from sliders_desktop.gui.map_view import MapView
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.atlas import Morph
from sliders_desktop.session.map_index import Grid, inside, thinned, towards
from sliders_desktop.session.session import Session
from sliders_desktop.session.steering import Handle
from sliders_desktop.tasks import FittedSlider

MakeSession = Callable[..., Session]
RNG = np.random.default_rng(5)
SIZE = (800, 600)


@pytest.fixture
def view(qtbot: QtBot, session: Session, theme: Theme, covers: Covers) -> MapView:
    session.playback.set_radio(False)
    view = MapView(session, theme, covers)
    qtbot.addWidget(view)
    view.resize(*SIZE)
    view.show()
    qtbot.waitUntil(lambda: not view.camera.moving)
    return view


def place(view: MapView, track_id: int) -> QPoint:
    """The pixel of a track."""
    row = view.sky.row(track_id)
    assert row is not None
    x, y = view.camera.lens.to_view(*view.sky.xy[row].tolist())
    return QPoint(round(x), round(y))


def light(session: Session, values: NDArray[np.float32]) -> int:
    """A lit slider with these percentiles."""
    slider = session.rack.create("calm", "wild", "calm")
    ids = session.catalogue.vector_ids
    flat = np.ones(60, np.float32)
    session.learned._set_fitted(
        FittedSlider(slider.id, "lit", 20, 0.9, ids, values, flat, None, None, None)
    )
    return slider.id


# ── plain numbers ───────────────────────────────────────────────────────────────────────────


def test_the_nearest_point_is_the_nearest() -> None:
    xy = RNG.normal(size=(3000, 2)).astype(np.float32)
    grid = Grid(xy)
    for x, y in RNG.uniform(-3, 3, (200, 2)):
        squares = ((xy - np.array([x, y], np.float32)) ** 2).sum(axis=1)
        wanted = int(squares.argmin()) if squares.min() <= 0.25**2 else None
        assert grid.near(float(x), float(y), 0.25) == wanted


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_a_grid_of_few_points(count: int) -> None:
    xy = np.zeros((count, 2), np.float32)
    assert Grid(xy).near(0.0, 0.0, 1.0) == (0 if count else None)


def _winds_around(point: NDArray[np.float64], polygon: NDArray[np.float64]) -> bool:
    """The slow way: how often the corners turn around the point."""
    away = polygon - point
    angles = np.unwrap(np.arctan2(away[:, 1], away[:, 0]), period=2 * np.pi)
    last = np.arctan2(*(away[0][::-1]))
    turn = np.unwrap(np.append(angles, last))
    return bool(abs(turn[-1] - turn[0]) > np.pi)


def test_inside_agrees_with_the_winding_of_each_point() -> None:
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = 1.0 + 0.45 * np.sin(5 * angle)
    star = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    xy = RNG.uniform(-1.6, 1.6, (800, 2)).astype(np.float32)

    wanted = [_winds_around(point, star) for point in xy.astype(np.float64)]
    assert np.array_equal(inside(xy, star), wanted)


def test_a_lasso_finds_in_cells_what_each_point_says() -> None:
    xy = RNG.normal(size=(30_000, 2)).astype(np.float32)
    grid = Grid(xy)
    for count, size in ((3, 1.0), (40, 0.2), (300, 6.0), (7, 0.01)):
        polygon = RNG.uniform(-0.5, 0.5, 2) + size * RNG.normal(size=(count, 2))
        assert np.array_equal(grid.inside(polygon), np.flatnonzero(inside(xy, polygon)))
    assert not len(Grid(xy[:0]).inside(polygon))
    assert (
        len(Grid(np.zeros((2, 2), np.float32)).inside(np.array([[-1, -1], [1, -1], [0, 2]]))) == 2
    )


def test_a_line_is_no_region() -> None:
    xy = RNG.normal(size=(50, 2)).astype(np.float32)
    assert not inside(xy, np.array([[0.0, 0.0], [1.0, 1.0]])).any()
    assert len(thinned([(0, 0), (1, 0), (1.5, 0), (9, 0)], 3.0)) == 2


def test_towards_goes_straight_ahead() -> None:
    xy = np.array([[0, 0], [1, 0.1], [0.5, 2], [-1, 0], [3, 0]], np.float32)
    grid = Grid(xy)
    assert towards(grid, (0.0, 0.0), (1, 0)) == 1
    assert towards(grid, (0.0, 0.0), (0, 1)) == 2
    assert towards(grid, (0.0, 0.0), (-1, 0)) == 3
    assert towards(grid, (3.0, 0.0), (1, 0)) is None


def test_towards_looks_at_few_and_finds_the_best_of_all() -> None:
    xy = RNG.normal(size=(5000, 2)).astype(np.float32)
    grid = Grid(xy)
    for start in RNG.normal(size=(20, 2)).tolist():
        for right, up in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            away = xy - np.array(start, np.float32)
            along = away @ np.array([right, up], np.float32)
            across = np.abs(away @ np.array([up, right], np.float32))
            cost = np.where((along > 1e-6) & (across <= along), along + 2 * across, np.inf)
            wanted = None if np.isinf(cost.min()) else int(cost.argmin())
            assert towards(grid, (start[0], start[1]), (right, up)) == wanted


def test_colours_as_words() -> None:
    rgb = RNG.integers(0, 256, (100, 3)).astype(np.uint8)
    words = premultiplied(rgb, np.ones(100, np.float32))
    assert (words >> 24 == 255).all()
    assert np.abs((words >> 16 & 255).astype(int) - rgb[:, 0]).max() <= 1
    half = dimmed(words, 0.5)
    assert np.abs((half >> 24).astype(int) - 127).max() <= 1
    assert np.abs((half & 255).astype(int) * 2 - rgb[:, 2]).max() <= 3
    assert np.array_equal(blended(words, half, 0.0), words)
    assert np.array_equal(blended(words, half, 1.0), half)


@pytest.mark.parametrize("diameter", [1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 14.0, 30.0])
def test_stars_are_round_and_stay_in_their_edge(diameter: float) -> None:
    pixels, groups = stamp(diameter)
    offsets = [offset for group in groups.values() for offset in group]
    assert len(offsets) == len(set(offsets)) == pixels
    assert max(groups) >= LEVELS
    assert max(max(abs(dx), abs(dy)) for dx, dy in offsets) <= EDGE // 2
    if diameter >= 3.0:
        assert {(-dx, dy) for dx, dy in offsets} == set(offsets)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_each_star_is_drawn_where_it_is(ratio: float) -> None:
    raster = StarRaster()
    xy = np.array([[0, 0], [10, 5], [-99, 0], [3, 99]], np.float32)
    raster.set_places(Grid(xy), np.zeros(4, np.float32))
    red = np.tile(np.array([[255, 0, 0]], np.uint8), (4, 1))
    raster.set_words(premultiplied(red, np.ones(4, np.float32)))
    lens = Lens(-5.0, -5.0, 20.0, 400, 300).times(ratio)

    image = raster.draw(lens, False, ratio)

    for x, y in xy[:2].tolist():
        px, py = lens.to_view(x, y)
        assert image.pixelColor(EDGE + int(px), EDGE + int(py)).red() > 100
    lit = sum(
        image.pixelColor(px, py).alpha() > 0
        for px in range(0, image.width(), 2)
        for py in range(0, image.height(), 2)
    )
    assert 0 < lit < 600 * ratio**2


def test_drawing_twice_uses_the_same_memory() -> None:
    raster = StarRaster()
    raster.set_places(Grid(np.zeros((1, 2), np.float32)), np.zeros(1, np.float32))
    raster.set_words(np.array([0xFFFFFFFF], np.uint32))
    first = raster.draw(Lens(-1, -1, 10, 20, 20), False, 1.0).constBits()
    second = raster.draw(Lens(-1, -1, 11, 20, 20), False, 1.0).constBits()
    assert bytes(first) == bytes(second)


def test_the_glow_shines_where_the_tracks_are() -> None:
    xy = np.concatenate([RNG.normal(-5, 0.3, (200, 2)), RNG.normal(5, 0.3, (200, 2))])
    rgb = np.zeros((400, 3), np.uint8)
    rgb[:200, 2] = 255
    rgb[200:, 0] = 255
    grid = Grid(xy.astype(np.float32))
    words = premultiplied(rgb, np.ones(400, np.float32))[grid.order]
    shine = glow(grid, words, True, (0, 0, 0), (0, 0, 0))
    assert shine is not None

    def at(x: float, y: float) -> tuple[int, int]:
        side = shine.image.width()
        column = int((x - shine.x0) / shine.side * side)
        color = shine.image.pixelColor(column, int(side - (y - shine.y0) / shine.side * side))
        return color.red() * color.alpha(), color.blue() * color.alpha()

    assert at(-5, -5)[1] > 10 * at(-5, -5)[0]
    assert at(5, 5)[0] > 10 * at(5, 5)[1]
    assert glow(Grid(xy[:1].astype(np.float32)), words[:1], True, (0, 0, 0), (0, 0, 0)) is None


def test_every_point_is_drawn_however_near_one_looks() -> None:
    """Against the slow way: each point's own pixel, at all distances and in all places."""
    xy = RNG.normal(size=(20_000, 2)).astype(np.float32)
    grid, raster = Grid(xy), StarRaster()
    raster.set_places(grid, np.zeros(len(xy), np.float32))
    raster.set_words(np.full(len(xy), 0xFFFFFFFF, np.uint32))
    for scale in (20.0, 90.0, 700.0, 9000.0):
        for x0, y0 in RNG.uniform(-1.5, 0.5, (4, 2)):
            lens = Lens(float(x0), float(y0), scale, 160, 120)
            image = raster.draw(lens, True, 1.0)
            lit = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1) != 0
            x = (xy[:, 0] - x0) * scale
            y = 120 - (xy[:, 1] - y0) * scale
            seen = (x > 0.1) & (x < 159.9) & (y > 0.1) & (y < 119.9)
            columns, rows = (EDGE + x[seen]).astype(int), (EDGE + y[seen]).astype(int)
            steps = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0))  # 32 bits may round to the next one
            assert np.any([lit[rows + dy, columns + dx] for dx, dy in steps], axis=0).all()


def test_names_never_overlap() -> None:

    labels = [
        (Label(f"{at}", 0, 0, float(at), "artist"), QRectF(*RNG.uniform(0, 600, 2), 80, 18))
        for at in range(80)
    ]
    shown = fitting(labels, QRectF(0, 0, 700, 640), [QRectF(100, 100, 200, 200)], 20)
    boxes = [box for _, box in shown]
    assert 5 < len(shown) <= 20
    assert not any(a.intersects(b) for at, a in enumerate(boxes) for b in boxes[:at])
    assert not any(box.intersects(QRectF(100, 100, 200, 200)) for box in boxes)


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (88, "88th"), (91, "91st")],
)
def test_ordinals(number: int, said: str) -> None:
    assert ordinal(number) == said


# ── the view ────────────────────────────────────────────────────────────────────────────────


def test_all_tracks_are_in_view(view: MapView, session: Session) -> None:
    for track_id in session.catalogue.map_ids.tolist():
        assert view.rect().contains(place(view, track_id))


def test_stars_are_seen(view: MapView, session: Session) -> None:
    picture = view.canvas.grab().toImage()
    for track_id in session.catalogue.map_ids.tolist():
        at = place(view, track_id)
        color = picture.pixelColor(at)
        assert max(color.red(), color.green(), color.blue()) > 90


def test_pointing_shows_the_card(view: MapView, session: Session, qtbot: QtBot) -> None:
    assert not view.card.isVisible()
    qtbot.mouseMove(view.canvas.viewport(), place(view, 2) + QPoint(2, 1))
    assert view.card.isVisible()
    assert view.card.title == "Slow Harbour"
    qtbot.mouseMove(view.canvas.viewport(), QPoint(3, 3))
    assert not view.card.isVisible()


def test_click_chooses_and_adds(view: MapView, session: Session, qtbot: QtBot) -> None:
    click, left = qtbot.mouseClick, Qt.MouseButton.LeftButton
    click(view.canvas.viewport(), left, pos=place(view, 3))
    assert session.catalogue.selection == (3,)
    click(view.canvas.viewport(), left, Qt.KeyboardModifier.ControlModifier, place(view, 1))
    assert session.catalogue.selection == (3, 1)
    assert len(view.marks.marks.selected) == 2
    click(view.canvas.viewport(), left, pos=QPoint(3, 3))
    assert session.catalogue.selection == ()


def test_double_click_plays(view: MapView, session: Session, qtbot: QtBot) -> None:
    qtbot.mouseDClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place(view, 4))
    assert session.playback.current is not None
    assert session.playback.current.id == 4
    row = view.sky.row(4)
    assert view.marks.marks.playing == tuple(view.sky.xy[row].tolist())


def test_the_wheel_zooms_at_the_pointer(view: MapView) -> None:
    at = QPointF(700, 100)
    before = view.camera.lens.to_map(at.x(), at.y())
    view.camera.zoom(2.0, at)
    assert view.camera.lens.to_map(at.x(), at.y()) == pytest.approx(before, abs=0.02)
    assert view.camera.nearness == pytest.approx(2.0)
    for _ in range(60):
        view.camera.zoom(0.5)
    assert view.camera.nearness == pytest.approx(0.5)
    view.fit_all()
    assert view.camera.nearness == pytest.approx(1.0)


def test_dragging_pushes_the_map(view: MapView, qtbot: QtBot) -> None:
    view.camera.zoom(3.0)
    before = place(view, 1)
    port = view.canvas.viewport()
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(400, 300))
    for step in range(1, 6):
        qtbot.mouseMove(port, QPoint(400 + 4 * step, 300 - 3 * step))
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(420, 285))
    moved = place(view, 1) - before
    assert abs(moved.x() - 20) <= 1
    assert abs(moved.y() + 15) <= 1


def test_circling_chooses_what_is_inside(view: MapView, session: Session, qtbot: QtBot) -> None:
    view.set_lasso(True)
    at, port = place(view, 5), view.canvas.viewport()
    with qtbot.waitSignal(view.lasso_changed):
        qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=at + QPoint(-12, -12))
        for dx, dy in ((12, -12), (12, 12), (-12, 12), (-12, -10)):
            qtbot.mouseMove(port, at + QPoint(dx, dy))
        qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=at + QPoint(-12, -10))
    assert not view.lasso
    assert session.catalogue.selection == (5,)
    assert view.bar.isVisible()

    qtbot.mouseClick(view.bar.queue, Qt.MouseButton.LeftButton)
    assert [item.track_id for item in session.playback.up_next] == [5]
    qtbot.mouseClick(view.bar.done, Qt.MouseButton.LeftButton)
    assert session.catalogue.selection == ()
    assert not view.bar.isVisible()


def test_arrows_walk_from_star_to_star(view: MapView, session: Session, qtbot: QtBot) -> None:
    ids, xy = session.catalogue.map_ids, session.catalogue.map_xy
    leftmost = int(ids[xy[:, 0].argmin()])
    session.catalogue.select([leftmost])
    walked = [leftmost]
    for _ in range(3):
        qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
        walked.append(session.catalogue.selection[0])
    places = [float(xy[list(ids).index(i), 0]) for i in walked]
    assert places == sorted(places)
    assert len(set(walked)) >= 2
    assert view.canvas.accessibleDescription()


def test_keys_zoom_and_come_home(view: MapView, qtbot: QtBot) -> None:
    qtbot.keyClicks(view.canvas, "++")
    assert view.camera.nearness == pytest.approx(1.96)
    qtbot.keyClicks(view.canvas, "-")
    assert view.camera.nearness == pytest.approx(1.4)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Home)
    assert view.camera.at_home


def test_a_slider_colours_low_to_high(view: MapView, session: Session, theme: Theme) -> None:
    values = np.linspace(0, 1, 6, dtype=np.float32)
    slider_id = light(session, values)
    assert view.color_key == f"slider:{slider_id}"  # nothing else was chosen, and it is armed
    wanted = theme.diverging(values)
    assert np.array_equal(view.sky.coloring.rgb, wanted)


def test_handles_colour_the_map_while_they_pull(
    view: MapView, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    values = np.linspace(0, 1, 6, dtype=np.float32)
    slider_id = light(session, values)
    assert "steering" not in dict(view.color_choices())

    session.steering.set_target(slider_id, 1.0)
    assert view.color_key == "steering"
    assert np.array_equal(view.sky.coloring.rgb, theme.diverging(values))
    session.steering.set_handle(slider_id, Handle(0.0))
    qtbot.waitUntil(lambda: np.allclose(view.sky.coloring.values, values[::-1]))
    session.steering.mute(slider_id, True)
    qtbot.waitUntil(lambda: view.color_key == f"slider:{slider_id}")

    view.set_color("genre")
    session.steering.mute(slider_id, False)
    qtbot.wait(60)
    assert view.color_key == "genre"  # the listener's choice stays
    assert "steering" in dict(view.color_choices())


def test_what_a_slider_is_unsure_of_fades(view: MapView, session: Session) -> None:
    values = np.linspace(0, 1, 6, dtype=np.float32)
    slider_id = light(session, values)
    plain = view.sky.coloring.alpha.copy()
    found = session.learned.fitted(slider_id)
    assert found is not None

    session.learned._set_fitted(replace(found, certainty=values[::-1].copy()))

    faded = view.sky.coloring.alpha
    assert faded[0] == plain[0]
    assert (np.diff(faded) < 0).all()
    assert faded[-1] > 0.2  # still to be seen
    session.steering.set_target(slider_id, 1.0)
    assert view.color_key == "steering"
    assert np.array_equal(view.sky.coloring.alpha, faded)


def test_every_colouring_works_and_is_remembered(
    view: MapView, session: Session, theme: Theme, covers: Covers, qtbot: QtBot
) -> None:
    light(session, np.linspace(0, 1, 6, dtype=np.float32))
    for key, title in view.color_choices():
        view.set_color(key)
        assert view.color_key == key
        assert title
        assert view.sky.coloring.rgb.shape == (6, 3)
    view.set_color("genre")
    assert {item.name for item in view.legend.items} == {
        "Ambient", "Folk", "Post-punk", "Synthpop",
    }  # fmt: skip
    again = MapView(session, theme, covers)
    qtbot.addWidget(again)
    assert again.color_key == "genre"
    qtbot.waitUntil(session._jobs.idle)


def test_a_filter_lets_the_others_fade(view: MapView, session: Session, qtbot: QtBot) -> None:
    bright = view.sky.words.copy() >> 24
    session.catalogue.set_filter("tide")
    faded = view.sky.words >> 24
    assert session.catalogue.filter_ids is not None
    kept = np.isin(view.sky.ids[view.sky.grid.order], session.catalogue.filter_ids)
    assert (faded[~kept] < 60).all()
    assert (faded[kept] >= bright[kept]).all()
    session.catalogue.set_filter("")
    assert np.array_equal(view.sky.words >> 24, bright)


def test_a_new_map_is_walked_to(view: MapView, session: Session, qtbot: QtBot) -> None:
    ids, xy = session.catalogue.map_ids, session.catalogue.map_xy
    with qtbot.waitSignal(view.sky.arrived):
        session.catalogue.set_map((ids, xy[::-1].copy()))
        assert np.allclose(view.sky._now(), xy)  # begins where the points were
    assert np.allclose(view.sky._now(), xy[::-1])


def test_going_to_a_track(view: MapView) -> None:
    view.go_to(6)
    at = place(view, 6)
    assert abs(at.x() - SIZE[0] / 2) < 2
    assert abs(at.y() - SIZE[1] / 2) < 2
    assert view.camera.nearness > 1.5


def test_the_way_of_the_music(view: MapView, session: Session) -> None:
    session.playback.play([1, 2, 3])
    marks = view.marks.marks
    assert marks.playing is not None
    assert len(marks.coming) == 2
    session.playback.jump(session.playback.up_next[0].key)
    assert len(marks.trail) >= 1


def test_without_a_map_it_says_what_to_do(qtbot: QtBot, make_session: object, theme: Theme) -> None:
    session = make_session(tracks=0)  # type: ignore[operator]
    view = MapView(session, theme, Covers(session))
    qtbot.addWidget(view)
    view.resize(*SIZE)
    view.show()
    assert view.empty.isVisible()
    assert "music folder" in view.empty.text()
    assert not view.minimap.isVisible()


def test_both_themes_and_sizes_paint(view: MapView, theme: Theme, qtbot: QtBot) -> None:
    dark = view.grab().toImage().pixelColor(400, 40)
    theme.set_choice("light")
    light = view.grab().toImage().pixelColor(400, 40)
    assert light.lightness() > dark.lightness() + 150
    view.resize(300, 200)
    assert not view.grab().isNull()


def test_the_minimap_moves_the_view(view: MapView, qtbot: QtBot) -> None:
    view.camera.zoom(4.0)
    before = view.camera.lens
    qtbot.mouseClick(view.minimap, Qt.MouseButton.LeftButton, pos=QPoint(110, 30))
    assert view.camera.lens != before


def test_a_map_is_seen_forming_and_another_drawing_is_walked_to_slowly(
    qtbot: QtBot, make_session: MakeSession, theme: Theme
) -> None:
    session = make_session(tracks=0)
    view = MapView(session, theme, Covers(session))
    qtbot.addWidget(view)
    view.resize(*SIZE)
    view.show()
    ids, xy = np.arange(1, 301), RNG.normal(size=(300, 2)).astype(np.float32)
    session.work.atlas.forming.emit(ids, 0.1 * xy)
    assert len(view.sky.ids) == 300
    assert not view.empty.isVisible()
    session.catalogue.set_map((ids, xy))
    session.work.atlas.forming.emit(ids, 3 * xy)  # a known map stays where it is
    assert np.array_equal(view.sky.xy, xy)
    session.work.atlas.moves.emit(Morph(ids, xy, -xy))
    session.catalogue.set_map((ids, -xy))
    assert view.sky._morph.duration() == 1600
    assert view._morph_ms < 1000  # for what comes after it


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("apart", [0.0, 1.0])
def test_few_tracks_or_all_at_one_place(
    view: MapView, session: Session, qtbot: QtBot, count: int, apart: float
) -> None:
    ids = session.catalogue.map_ids[:count]
    xy = (np.arange(2 * count, dtype=np.float32) * apart).reshape(count, 2)
    session.catalogue.set_map((ids, xy))
    view.sky._on_arrived()
    view.fit_all()
    assert not view.grab().isNull()
    at = place(view, int(ids[-1]))  # over the first one lies the overview
    assert view.rect().contains(at)
    qtbot.mouseMove(view.canvas.viewport(), QPoint(3, 3))  # the last test's pointer may be there
    qtbot.mouseMove(view.canvas.viewport(), at + QPoint(1, 0))
    assert view.hovered_track in ids.tolist()
    assert len(view.tracks_inside([(0, 0), (800, 0), (800, 600), (0, 600)])) == count
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    view.camera.zoom(50.0)
    assert not view.grab().isNull()


def test_a_few_far_outliers_break_nothing(view: MapView, session: Session) -> None:
    """They make the cells of the light larger than the view."""
    ids = np.arange(1, 2001)
    xy = RNG.normal(size=(2000, 2)).astype(np.float32)
    xy[:2] = ((-4000.0, 0.0), (4000.0, 9.0))
    session.catalogue.set_map((ids, xy))
    view.sky._on_arrived()
    for nearness in (1.0, 4.0, 3.0):
        view.camera.zoom(nearness)
        view.camera.pan(QPointF(5, 5))  # the same scale twice: the light is kept enlarged
        assert not view.grab().isNull()
