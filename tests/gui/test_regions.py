"""Regions of the listener's own: drawn, named, living, taken along, deleted and back."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from sliders_desktop.errors import UserError
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.session.atlas import Morph
from sliders_desktop.session.session import Session

LEFT = Qt.MouseButton.LeftButton


def around(session: Session, track_id: int, half: float = 0.2) -> list[tuple[float, float]]:
    """A square around a track's place."""
    row = int(np.flatnonzero(session.catalogue.map_ids == track_id)[0])
    x, y = session.catalogue.map_xy[row].tolist()
    return [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]


def test_a_box_on_the_map_becomes_a_living_list(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    window.show_map()
    view = window.centre.map
    qtbot.waitUntil(lambda: not view.camera.moving)
    view.go_to(4)
    port = view.canvas.viewport()
    row = view.sky.row(4)
    px, py = view.camera.lens.to_view(*view.sky.xy[row].tolist())
    at, shift = QPoint(round(px), round(py)), Qt.KeyboardModifier.ShiftModifier
    qtbot.mousePress(port, LEFT, shift, at - QPoint(9, 9))
    qtbot.mouseMove(port, at + QPoint(5, 5))
    qtbot.mouseMove(port, at + QPoint(9, 9))
    qtbot.mouseRelease(port, LEFT, shift, at + QPoint(9, 9))
    assert session.catalogue.selection == (4,)

    qtbot.mouseClick(view.bar.save, LEFT)
    dialog = window.region_wishes.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.keyClicks(dialog.name, "Rainy corner")
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)

    assert dialog.note.text() == ""
    (one,) = session.regions.all
    (row_,) = window.sidebar.regions.rows.values()
    assert (row_.text(), row_.accessibleName() != "") == ("Rainy corner", True)
    assert "Rainy corner" in [label.text for label, _ in view.marks.marks.labels]
    assert len(view.marks.marks.regions) == 1
    qtbot.mouseClick(row_, LEFT)
    assert session.catalogue.filter_ids is not None
    assert session.catalogue.filter_ids.tolist() == [4]

    ids, xy = session.catalogue.map_ids, session.catalogue.map_xy.copy()
    xy[0] = xy[list(ids).index(4)]  # another track comes to lie there
    session.catalogue.set_map((ids, xy))
    assert session.catalogue.filter_ids.tolist() == [1, 4]
    window.region_wishes.play(one.id)
    assert session.playback.current is not None
    assert session.playback.current.id in (1, 4)

    session.regions.rename(one.id, "Drizzle")
    assert [r.text() for r in window.sidebar.regions.rows.values()] == ["Drizzle"]
    session.regions.delete(one.id)
    assert not session.regions.all
    assert session.catalogue.source == "all"
    assert session.rack.undo() is not None
    assert [r.name for r in session.regions.all] == ["Drizzle"]
    session.rack.undo()
    assert [r.name for r in session.regions.all] == ["Rainy corner"]
    session.rack.undo()
    assert not session.regions.all


def test_bad_regions_are_a_sentence(session: Session) -> None:
    corners = around(session, 2)
    session.regions.create("Here", corners)
    for name, line, said in (
        ("", corners, "needs a name"),
        ("here", corners, "already"),
        ("There", corners[:2], "inside"),
    ):
        with pytest.raises(UserError, match=said):
            session.regions.create(name, line)
    assert len(session.regions.all) == 1


def test_a_region_goes_where_its_tracks_go(session: Session) -> None:
    number = session.regions.create("Here", around(session, 3))
    ids, xy = session.catalogue.map_ids, session.catalogue.map_xy
    moved = xy + np.array([5.0, -2.0], np.float32)
    before = np.array(session.regions.all[0].corners)
    session.work.atlas.moves.emit(Morph(ids, xy, moved))
    session.catalogue.set_map((ids, moved))
    assert np.allclose(
        np.array(session.regions.all[0].corners), before + np.array([5.0, -2.0]), atol=1e-4
    )
    assert 3 in session.regions.ids(number)
