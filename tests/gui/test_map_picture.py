"""The map as a file, and the brush that plays what it rests on."""

import xml.etree.ElementTree as ET
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.map_labels import Label
from sliders_desktop.gui.map_view import MapView
from sliders_desktop.session.session import Session


def shown(window: MainWindow, qtbot: QtBot) -> MapView:
    window.show_map()
    view: MapView = window.centre.map
    qtbot.waitUntil(lambda: not view.camera.moving)
    return view


def test_png_and_svg_with_and_without_names(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    view = shown(window, qtbot)
    label = Label("Folk & more", 0, 0, 1.0, "genre")
    view.marks.marks.labels = [(label, view.marks.label_box(label, 90.0))]
    for names in (True, False):
        path = tmp_path / f"map{names}.png"
        with qtbot.waitSignal(view.picture.saved):
            view.picture.save(path, names)
        picture = QImage(str(path))
        assert picture.width() == 2 * view.canvas.width()
    assert QImage(str(tmp_path / "mapTrue.png")) != QImage(str(tmp_path / "mapFalse.png"))

    for names in (True, False):
        path = tmp_path / f"map{names}.svg"
        with qtbot.waitSignal(view.picture.saved):
            view.picture.save(path, names)
        root = ET.fromstring(path.read_text("utf-8"))
        space = "{http://www.w3.org/2000/svg}"
        drawn = "".join(one.get("d", "") for one in root.iter(f"{space}path"))
        assert drawn.count("M") == len(session.catalogue.map_ids)  # every point
        texts = [one.text for one in root.iter(f"{space}text")]
        assert texts == (["Folk & more"] if names else [])

    with qtbot.waitSignal(view.picture.failed) as failure:
        view.picture.save(tmp_path / "nowhere" / "map.svg", True)
    assert "map.svg could not be written" in failure.args[0]
    assert "map.svg" in window.centre.toast.text()


def test_the_brush_plays_what_it_rests_on(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    session.playback.set_radio(False)
    view = shown(window, qtbot)
    window.centre.toggle_brush()
    assert view.hand.brush
    row = view.sky.row(4)
    px, py = view.camera.lens.to_view(*view.sky.xy[row].tolist())
    at, port = QPointF(px, py), view.canvas.viewport()
    turn = QWheelEvent(
        at, QPointF(port.mapToGlobal(at)), QPoint(), QPoint(0, -900),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.ShiftModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, turn)
    assert view.brush.radius < 20  # Shift and the wheel: smaller
    qtbot.mouseMove(port, at.toPoint())
    assert view.marks.marks.brush is not None
    assert session.playback.current is None  # it may only pass by
    qtbot.waitUntil(lambda: session.playback.current is not None)
    assert session.playback.current is not None
    assert session.playback.current.id == 4

    view.brush.size(1000.0)
    under = set(view.brush.under())
    assert len(under) > 1
    view.brush._play()  # more lies under it: what plays goes on
    assert session.playback.current.id == 4
    assert {item.track_id for item in session.playback.up_next} == under - {4}
    qtbot.keyClick(view.canvas, Qt.Key.Key_Escape)
    assert not view.hand.brush
    assert view.marks.marks.brush is None
