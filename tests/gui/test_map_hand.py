"""What hands do on the map: boxes, going back, gliding on, pinching, resting the pointer."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.map_view import MapView
from sliders_desktop.gui.neighbourhood import Neighbourhood
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.session import Session

LEFT = Qt.MouseButton.LeftButton
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


def rest(view: MapView) -> None:
    """The view has stayed for a moment."""
    view.camera._rest.stop()
    view.camera._on_rest()


def test_a_wheel_zooms_at_the_pointer(view: MapView) -> None:
    at = QPointF(620, 140)
    before = view.camera.lens.to_map(at.x(), at.y())
    event = QWheelEvent(
        at, QPointF(view.canvas.mapToGlobal(at)), QPoint(), QPoint(0, 240),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(view.canvas.viewport(), event)
    assert view.camera.nearness > 1.3
    assert view.camera.lens.to_map(at.x(), at.y()) == pytest.approx(before, abs=0.01)


def test_shift_draws_a_box(view: MapView, session: Session, qtbot: QtBot) -> None:
    at, shift = place(view, 5), Qt.KeyboardModifier.ShiftModifier
    qtbot.mousePress(view.canvas.viewport(), LEFT, shift, at - QPoint(14, 10))
    qtbot.mouseMove(view.canvas.viewport(), at + QPoint(30, 2))
    qtbot.mouseMove(view.canvas.viewport(), at + QPoint(14, 10))
    corners = view.marks.marks.lasso
    assert len(corners) == 4
    assert corners[0] == (at.x() - 14, at.y() - 10)
    assert corners[2] == (at.x() + 14, at.y() + 10)
    qtbot.mouseRelease(view.canvas.viewport(), LEFT, shift, at + QPoint(14, 10))
    assert session.catalogue.selection == (5,)
    assert view.bar.isVisible()
    for button in (view.bar.shuffle, view.bar.save, view.bar.export):
        assert button.accessibleName()


def test_back_and_forward_through_places(view: MapView, qtbot: QtBot) -> None:
    rest(view)
    view.go_to(6)
    rest(view)
    there = view.camera.lens
    view.camera.look_at(*view.sky.xy[view.sky.row(2)].tolist(), view.camera.home_scale * 9)
    rest(view)
    here = view.camera.lens

    qtbot.mouseClick(view.canvas.viewport(), Qt.MouseButton.BackButton)
    assert view.camera.lens == there
    rest(view)
    qtbot.mouseClick(view.canvas.viewport(), Qt.MouseButton.BackButton)
    assert view.camera.at_home
    rest(view)
    assert not view.places.can_go_back
    for _ in range(2):
        qtbot.mouseClick(view.canvas.viewport(), Qt.MouseButton.ForwardButton)
        rest(view)
    assert view.camera.lens == here
    assert not view.places.can_go_forward


def test_a_flung_map_glides_on_and_stops(view: MapView, qtbot: QtBot) -> None:
    view.camera.zoom(8.0)
    before = view.camera.lens
    view.camera.fling(QPointF(1.5, 0.0))
    for _ in range(400):
        if not view.camera._glide.isActive():
            break
        view.camera.glide(16)
    assert view.camera.lens.x0 < before.x0
    assert not view.camera._glide.isActive()
    view.camera.fling(QPointF(0.0, 2.0))
    qtbot.mousePress(view.canvas.viewport(), LEFT, pos=QPoint(400, 300))  # a hand holds it
    assert not view.camera._glide.isActive()


def test_a_pinch_comes_closer(view: MapView) -> None:
    pad = QPointingDevice(
        "pad", 7, QInputDevice.DeviceType.TouchPad, QPointingDevice.PointerType.Finger,
        QInputDevice.Capability.Position, 2, 0,
    )  # fmt: skip
    at = QPointF(300, 200)
    before = view.camera.lens.to_map(at.x(), at.y())
    for _ in range(5):
        pinch = QNativeGestureEvent(
            Qt.NativeGestureType.ZoomNativeGesture, pad, 2, at, at, at, 0.1, QPointF()
        )
        QApplication.sendEvent(view.canvas.viewport(), pinch)
    assert view.camera.nearness == pytest.approx(1.1**5, rel=1e-3)
    assert view.camera.lens.to_map(at.x(), at.y()) == pytest.approx(before, abs=0.01)


def test_resting_on_a_star_lets_one_hear_it(view: MapView, session: Session, qtbot: QtBot) -> None:
    player, ring = session.playback.player, session.playback.player._output.ring
    session.playback.play([1])
    qtbot.waitUntil(lambda: player._output.ring.read > 0)
    ring, underruns = player._output.ring, player.underruns
    qtbot.mouseMove(view.canvas.viewport(), place(view, 2) + QPoint(1, 1))
    assert session.tasting.track_id is None  # not yet: it may only pass by
    qtbot.waitUntil(lambda: ring.speaking)
    assert session.tasting.track_id == 2
    assert "taste" in view.card.text
    assert session.playback.current is not None
    assert session.playback.current.id == 1  # plays on
    assert session.playback.playing
    qtbot.mouseMove(view.canvas.viewport(), QPoint(3, 3))
    assert session.tasting.track_id is None
    qtbot.waitUntil(lambda: not ring.speaking)
    assert player.underruns == underruns

    session.set_setting("tastes", False)
    qtbot.mouseMove(view.canvas.viewport(), place(view, 2) + QPoint(1, 1))
    assert not view._tasting._hold.isActive()


def test_the_card_has_a_cover_and_what_other_sliders_say(
    view: MapView, session: Session, qtbot: QtBot
) -> None:
    from tests.gui.test_map_view import light

    light(session, np.linspace(0, 1, 6, dtype=np.float32))
    qtbot.mouseMove(view.canvas.viewport(), place(view, 6) + QPoint(1, 1))
    assert view.card._cover is not None
    assert "Paper Atlas" in view.card.text
    assert "calm 100th" in view.card.text


def test_a_step_is_announced_and_heard(view: MapView, session: Session, qtbot: QtBot) -> None:
    ring = session.playback.player._output.ring
    session.catalogue.select([3])
    view.walk.look_around(3)
    nearest = view.walk.near[1]
    view.walk.go(nearest)
    said = view.canvas.accessibleDescription()
    assert said.endswith("2 of 6 near Paper Lanterns")
    qtbot.waitUntil(lambda: session.playback.player._output.ring.speaking)
    qtbot.waitUntil(lambda: not session.playback.player._output.ring.speaking)
    for _ in range(7):
        qtbot.keyClick(view.canvas, Qt.Key.Key_Left)
    assert "Nothing lies further" in view.canvas.accessibleDescription()
    session.set_setting("earcons", False)
    session.playback.player.hush()
    qtbot.waitUntil(lambda: not session.playback.player._output.ring.speaking)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    assert not session.playback.player._output.ring.speaking
    assert session.catalogue.selection != (nearest,)
    assert ring is session.playback.player._output.ring


def test_the_neighbourhood_is_a_list(
    view: MapView, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    session.set_setting("earcons", False)
    session.catalogue.select([2])
    near = Neighbourhood(session, theme, view)
    qtbot.addWidget(near)
    near.show()
    assert "around Slow Harbour" in near.head.text()
    assert near.list.count() == 6
    assert near.list.currentRow() == 0
    qtbot.keyClick(near.list, Qt.Key.Key_Down)
    second = session.catalogue.selection[0]
    assert second == view.walk.near[1]
    item = near.list.currentItem()
    assert item.data(Qt.ItemDataRole.AccessibleTextRole).endswith("2 of 6 near Slow Harbour")
    qtbot.keyClick(near.list, Qt.Key.Key_Right)
    assert view.walk.around == second
    assert near.list.currentRow() == 0
    qtbot.keyClick(near.list, Qt.Key.Key_Return)
    assert session.playback.current is not None
    assert session.playback.current.id == second
    session.catalogue.select([5])  # elsewhere
    assert near.list.currentItem().data(Qt.ItemDataRole.UserRole) == 5
