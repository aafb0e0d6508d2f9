"""The small window above all others: it rates alone, stays where it was put, and keeps quiet."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.rating_overlay import KEPT_AS, RatingOverlay
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.keys import number_of
from sliders_desktop.session.session import Session

Key, Mod = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def window(qtbot: QtBot, session: Session, theme: Theme) -> MainWindow:
    session.playback.set_radio(False)
    session.rack.create("danceable", "still", "danceable")
    session.rack.create("rainy night", "bright noon", "rainy night")
    window = MainWindow(session, theme, Covers(session))
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    return window


@pytest.fixture
def overlay(qtbot: QtBot, window: MainWindow) -> RatingOverlay:
    qtbot.keyClick(window, Key.Key_R, Mod.ControlModifier | Mod.ShiftModifier)
    overlay = window.overlay
    qtbot.addWidget(overlay)
    with qtbot.waitActive(overlay):
        overlay.activateWindow()
    return overlay


def settle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(session._jobs.idle)
    if session.playback.playing:
        qtbot.waitUntil(lambda: session.playback.position_s() > 0, timeout=30_000)


def rating(session: Session) -> int | None:
    armed, current = session.rack.armed, session.playback.current
    assert armed is not None
    assert current is not None
    value = session.rack.rating(current.id, armed.id)
    return None if value is None else number_of(value)


def test_every_key_works_while_the_window_is_minimised(
    overlay: RatingOverlay, window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    window.showMinimized()
    assert overlay.isVisible()
    qtbot.keyClick(overlay, Key.Key_Space)
    assert session.playback.playing

    for number in range(1, 10):
        qtbot.keyClick(overlay, Qt.Key(Key.Key_0 + number))
        assert rating(session) == number
        assert overlay.keys.keys[number - 1].isChecked()
    assert overlay.line.text().startswith("rainy night ← 9")
    qtbot.keyClick(overlay, Key.Key_0)
    assert rating(session) is None
    qtbot.keyClick(overlay, Key.Key_Z, Mod.ControlModifier)
    assert rating(session) == 9
    assert "Took back" in overlay.line.text()

    for key, name in (
        (Key.Key_Tab, "danceable"),
        (Key.Key_BracketLeft, "rainy night"),
        (Key.Key_BracketRight, "danceable"),
    ):
        qtbot.keyClick(overlay, key)
        assert session.rack.armed is not None
        assert session.rack.armed.name == overlay.slider.text() == name
    title = overlay.title.text()
    qtbot.keyClick(overlay, Key.Key_Right, Mod.ControlModifier)
    qtbot.waitUntil(lambda: overlay.title.text() != title, timeout=30_000)
    settle(qtbot, session)


def test_by_mouse(overlay: RatingOverlay, session: Session, qtbot: QtBot) -> None:
    session.playback.play([int(session.catalogue.ids[0])])
    qtbot.mouseClick(overlay.keys.keys[6], Qt.MouseButton.LeftButton)
    assert rating(session) == 7
    qtbot.mouseClick(overlay.after, Qt.MouseButton.LeftButton)
    assert overlay.slider.text() == "danceable"
    qtbot.mouseClick(overlay.before, Qt.MouseButton.LeftButton)
    assert overlay.slider.text() == "rainy night"
    qtbot.mouseClick(overlay.play, Qt.MouseButton.LeftButton)
    assert not session.playback.playing
    settle(qtbot, session)


def test_escape_and_the_command_close_it(
    overlay: RatingOverlay, window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    action = window.actions_table.by_name["overlay"]
    assert action.isChecked()
    qtbot.keyClick(overlay, Key.Key_Escape)
    assert not overlay.isVisible()
    assert not action.isChecked()
    assert session.read_state(KEPT_AS)["open"] is False
    action.trigger()
    assert overlay.isVisible()
    action.trigger()
    assert not overlay.isVisible()
    settle(qtbot, session)


def test_it_never_keeps_the_program_alive(overlay: RatingOverlay, window: MainWindow) -> None:
    assert not overlay.testAttribute(Qt.WidgetAttribute.WA_QuitOnClose)
    window.close()
    assert not overlay.isVisible()


def test_it_comes_back_where_it_was_without_the_keyboard(
    overlay: RatingOverlay, window: MainWindow, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    overlay.move(70, 90)
    window.close()
    again = MainWindow(session, theme, Covers(session))
    qtbot.addWidget(again)
    again.show()
    qtbot.addWidget(again.overlay)

    assert again.overlay.isVisible()
    assert again.overlay.pos() == QPoint(70, 90)
    assert again.overlay.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    assert again.actions_table.by_name["overlay"].isChecked()
    settle(qtbot, session)


@pytest.mark.parametrize("at", [(-500, -500), (99_000, 40), ("?", None), (10, 10**9)])
def test_a_place_off_the_screen_is_mended(
    window: MainWindow, session: Session, qtbot: QtBot, at: tuple[object, object]
) -> None:
    session.write_state(KEPT_AS, {"open": False, "x": at[0], "y": at[1]})
    qtbot.addWidget(window.overlay)
    window.overlay.open()
    room = QGuiApplication.primaryScreen().availableGeometry()
    assert room.contains(window.overlay.geometry())
    settle(qtbot, session)


def test_it_is_dragged_and_stops_at_the_edge(
    overlay: RatingOverlay, session: Session, qtbot: QtBot
) -> None:
    overlay.move(100, 100)
    grip = QPoint(6, 6)
    qtbot.mousePress(overlay, Qt.MouseButton.LeftButton, pos=grip)
    qtbot.mouseMove(overlay, grip + QPoint(40, 30))
    assert overlay.pos() == QPoint(140, 130)
    qtbot.mouseMove(overlay, QPoint(-5000, -5000))
    qtbot.mouseRelease(overlay, Qt.MouseButton.LeftButton, pos=grip)
    room = QGuiApplication.primaryScreen().availableGeometry()
    assert overlay.pos() == room.topLeft()
    assert (session.read_state(KEPT_AS)["x"], session.read_state(KEPT_AS)["y"]) == (0, 0)
    settle(qtbot, session)


@pytest.mark.parametrize("choice", ["dark", "light"])
def test_every_control_is_named_and_nothing_is_cut(
    overlay: RatingOverlay, theme: Theme, session: Session, qtbot: QtBot, choice: str
) -> None:
    session.playback.play([int(session.catalogue.ids[0])])
    theme.set_choice(choice)
    qtbot.wait(20)
    for button in overlay.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.accessibleName(), button
            assert button.toolTip(), button
            corner = button.mapTo(overlay, QPoint(0, 0))
            assert overlay.rect().contains(corner)
            assert overlay.rect().contains(corner + QPoint(button.width() - 1, button.height() - 1))
    assert not overlay.grab().isNull()
    settle(qtbot, session)
