"""The handle in its row: target, tolerance and strength by mouse, wheel, keys and small window."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.preset_dialog import PresetDialog
from sliders_desktop.gui.slider_panel import SliderPanel
from sliders_desktop.gui.slider_row import SliderRow
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Slider
from sliders_desktop.session.session import Session
from sliders_desktop.session.steering import Handle

from .test_slider_panel import fitted, invent

Click = Callable[..., None]


@pytest.fixture
def panel(qtbot: QtBot, session: Session, theme: Theme) -> SliderPanel:
    panel = SliderPanel(session, theme)
    qtbot.addWidget(panel)
    panel.resize(336, 420)
    panel.show()
    return panel


@pytest.fixture
def slider(panel: SliderPanel, session: Session, qtbot: QtBot) -> Slider:
    slider = invent(session, qtbot)
    fitted(session, slider, "lit")
    return slider


@pytest.fixture
def row(panel: SliderPanel, slider: Slider, qtbot: QtBot) -> SliderRow:
    with qtbot.waitActive(panel):
        panel.activateWindow()
    panel.rows[slider.id].setFocus()
    return panel.rows[slider.id]


def place(row: SliderRow, percentile: float, y: float | None = None) -> QPoint:
    box = row.histogram_box()
    return QPoint(round(box.left() + percentile * box.width()), round(y or box.center().y()))


def drag(qtbot: QtBot, row: SliderRow, start: QPoint, end: QPoint) -> None:
    qtbot.mousePress(row, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(row, end)
    qtbot.mouseRelease(row, Qt.MouseButton.LeftButton, pos=end)


def turn(row: SliderRow, at: QPoint, notches: int) -> bool:
    """A wheel's notches over ``at``; whether the row took them."""
    event = QWheelEvent(
        QPointF(at), QPointF(row.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(row, event)
    return event.isAccepted()


def test_the_handle_moves_what_pulls_while_it_is_dragged(
    row: SliderRow, slider: Slider, session: Session, qtbot: QtBot
) -> None:
    start = row.handle_rect().center().toPoint()
    qtbot.mousePress(row, Qt.MouseButton.LeftButton, pos=start)
    for percentile in (0.6, 0.75, 0.8):
        qtbot.mouseMove(row, place(row, percentile))
        assert session.steering.target(slider.id) == pytest.approx(percentile, abs=0.01)
    qtbot.keyClick(row, Qt.Key.Key_Escape)
    qtbot.mouseRelease(row, Qt.MouseButton.LeftButton, pos=place(row, 0.8))

    assert session.steering.handle(slider.id) is None  # thought better of it


def test_an_edge_is_dragged_to_widen_the_tolerance(
    row: SliderRow, slider: Slider, session: Session, qtbot: QtBot
) -> None:
    session.steering.set_handle(slider.id, Handle(0.6))
    for edge, to, wide in (("right", 0.75, 0.15), ("left", 0.4, 0.2), ("left", 0.58, 0.0)):
        qtbot.waitUntil(lambda: abs(row.handle_rect().center().x() - place(row, 0.6).x()) < 1)
        band = row.hand.band()
        start = QPoint(round(getattr(band, edge)()), round(band.center().y()))
        drag(qtbot, row, start, place(row, to))

        handle = session.steering.handle(slider.id)
        assert handle is not None
        assert handle.target == pytest.approx(0.6)
        assert handle.tolerance == pytest.approx(wide, abs=0.01)


def test_keys_set_all_of_it(row: SliderRow, slider: Slider, session: Session, qtbot: QtBot) -> None:
    qtbot.keyClick(row, Qt.Key.Key_End)
    qtbot.keyClick(row, Qt.Key.Key_PageDown)
    for _ in range(5):
        qtbot.keyClick(row, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(row, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    for _ in range(4):
        qtbot.keyClick(row, Qt.Key.Key_Minus)
    qtbot.keyClick(row, Qt.Key.Key_Plus)
    assert session.steering.handle(slider.id) == Handle(0.9, 0.7, 0.08)

    qtbot.keyClick(row, Qt.Key.Key_X)
    assert session.steering.handle(slider.id) == Handle(0.9, 0.7, 0.08, muted=True)
    assert session.steering.steers() == []
    qtbot.keyClick(row, Qt.Key.Key_X)
    assert len(session.steering.steers()) == 1
    qtbot.keyClick(row, Qt.Key.Key_Delete)
    assert session.steering.handle(slider.id) is None


def test_a_dark_slider_leaves_its_keys_to_the_window(
    row: SliderRow, slider: Slider, session: Session, qtbot: QtBot
) -> None:
    session.steering.set_handle(slider.id, Handle(0.8))
    fitted(session, slider, "dim")

    for key in (Qt.Key.Key_X, Qt.Key.Key_Minus, Qt.Key.Key_Delete, Qt.Key.Key_Right):
        qtbot.keyClick(row, key)
    assert not row.mute_button.isVisible()
    fitted(session, slider, "lit")
    assert session.steering.handle(slider.id) == Handle(0.8)


def test_the_wheel_strengthens_over_the_handle_and_scrolls_elsewhere(
    row: SliderRow, slider: Slider, session: Session
) -> None:
    session.steering.set_handle(slider.id, Handle(0.5))
    at = row.handle_rect().center().toPoint()

    assert turn(row, at, -3)
    handle = session.steering.handle(slider.id)
    assert handle is not None
    assert handle.strength == pytest.approx(0.7)
    assert not turn(row, QPoint(60, 20), -3)
    assert session.steering.handle(slider.id) == handle


def test_the_eye_mutes(row: SliderRow, slider: Slider, session: Session, qtbot: QtBot) -> None:
    assert not row.mute_button.isVisible()
    session.steering.set_handle(slider.id, Handle(0.5))
    assert row.mute_button.isVisible()  # the row has the keyboard
    assert "X" in row.mute_button.toolTip()

    qtbot.mouseClick(row.mute_button, Qt.MouseButton.LeftButton)
    assert session.steering.steers() == []
    assert "pull again" in row.mute_button.accessibleName()
    qtbot.keyClick(row.mute_button, Qt.Key.Key_Return)
    assert len(session.steering.steers()) == 1


def test_a_screen_reader_hears_what_the_handle_asks(
    row: SliderRow, slider: Slider, session: Session
) -> None:
    session.steering.set_handle(slider.id, Handle(0.8, 0.7, 0.1))
    heard = QAccessible.queryAccessibleInterface(row)

    assert heard.text(QAccessible.Text.Description).endswith(
        "The handle pulls to the 80th percentile, ± 10, strength 70 %."
    )
    assert heard.valueInterface().currentValue() == 80


def painted(row: SliderRow) -> QImage:
    return row.grab().toImage()


def test_each_kind_of_handle_looks_its_own_way(
    row: SliderRow, slider: Slider, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    handles = (
        None,
        Handle(0.5),
        Handle(0.5, strength=0.4),
        Handle(0.5, tolerance=0.1),
        Handle(0.5, muted=True),
    )
    for choice in ("dark", "light"):
        theme.set_choice(choice)
        seen = set()
        for handle in handles:
            session.steering.set_handle(slider.id, handle)
            seen.add(bytes(painted(row).constBits()))
        assert len(seen) == len(handles)


def test_a_handle_glides_to_where_a_preset_has_it(
    row: SliderRow, slider: Slider, session: Session, qtbot: QtBot
) -> None:
    session.steering.set_handle(slider.id, Handle(0.1))
    qtbot.waitUntil(lambda: abs(row.handle_rect().center().x() - place(row, 0.1).x()) < 1)

    session.steering.set_all({slider.id: Handle(0.9)})

    assert row.handle_rect().center().x() < place(row, 0.5).x()  # on its way
    qtbot.waitUntil(lambda: abs(row.handle_rect().center().x() - place(row, 0.9).x()) < 1)


def test_the_small_window_says_and_changes_all_of_it(
    panel: SliderPanel, row: SliderRow, slider: Slider, session: Session, qtbot: QtBot
) -> None:
    session.steering.set_handle(slider.id, Handle(0.844, 0.7, 0.1))
    popover = panel.adjust(slider.id)
    assert (popover.place.value(), popover.tolerance.value(), popover.strength.value()) == (
        84, 10, 70
    )  # fmt: skip
    names = [w.accessibleName() for w in (popover.place, popover.tolerance, popover.strength)]
    assert names == ["Pulls to, from bright noon to rainy night", "Tolerance", "Strength"]

    qtbot.keyClick(popover.tolerance, Qt.Key.Key_Right)
    assert session.steering.handle(slider.id) == Handle(0.844, 0.7, 0.12)
    popover.strength.setValue(20)
    popover.pulls.click()
    assert session.steering.handle(slider.id) == Handle(0.844, 0.2, 0.12, muted=True)
    session.steering.set_handle(slider.id, Handle(0.3))
    assert popover.place.value() == 30
    assert popover.pulls.isChecked()
    qtbot.mouseClick(popover.let_go, Qt.MouseButton.LeftButton)
    assert session.steering.handle(slider.id) is None
    assert not popover.isVisible()


def test_the_small_window_makes_a_handle(
    panel: SliderPanel, row: SliderRow, slider: Slider, session: Session
) -> None:
    popover = panel.adjust(slider.id)
    assert not popover.pulls.isChecked()
    popover.place.setValue(90)
    popover.close()

    assert session.steering.handle(slider.id) == Handle(0.9)


# presets


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.text()]


def act(menu: QMenu, *way: str) -> None:
    """Choose what ``way`` names, through submenus."""
    for name in way[:-1]:
        (action,) = [a for a in menu.actions() if a.text() == name]
        menu = action.menu()
    (action,) = [a for a in menu.actions() if a.text() == way[-1]]
    assert action.isEnabled()
    action.trigger()


def name_dialog() -> PresetDialog:
    (dialog,) = [
        w for w in QApplication.topLevelWidgets() if isinstance(w, PresetDialog) and w.isVisible()
    ]
    return dialog


def test_without_handles_there_is_nothing_to_keep(panel: SliderPanel, slider: Slider) -> None:
    enabled = {a.text(): a.isEnabled() for a in panel.presets.menu().actions() if a.text()}
    assert not any(enabled.values())
    assert panel.presets.accessibleDescription() == "No handle pulls now."


def test_handles_are_kept_used_changed_and_deleted(
    panel: SliderPanel, slider: Slider, session: Session, qtbot: QtBot
) -> None:
    presets = panel.presets
    said: list[str] = []
    session.message.connect(lambda text, kind: said.append(text))
    session.steering.set_handle(slider.id, Handle(0.8))
    act(presets.menu(), "Keep these handles…")
    dialog = name_dialog()
    assert not dialog.accept_button.isEnabled()
    assert "rainy night pulls to the 80th percentile" in dialog.sentence.text()
    qtbot.keyClicks(dialog.name, "Sunday & Monday")
    dialog.accept()
    action = presets.menu().actions()[0]
    assert (action.text(), action.isChecked()) == ("Sunday && Monday", True)

    session.steering.set_handle(slider.id, Handle(0.2))
    assert not presets.menu().actions()[0].isChecked()
    act(presets.menu(), "Sunday && Monday")
    assert session.steering.handle(slider.id) == Handle(0.8)
    assert said[-1] == "Sunday & Monday: the handles are set."

    session.steering.set_handle(slider.id, Handle(0.2))
    presets.keep()
    dialog = name_dialog()
    dialog.name.setText("sunday & monday")
    assert dialog.accept_button.text() == "Replace"
    dialog.reject()
    act(presets.menu(), "Change a preset", "Sunday & Monday", "Replace with the handles of now")
    act(presets.menu(), "Change a preset", "Sunday & Monday", "Rename…")
    dialog = name_dialog()
    dialog.name.setText("Monday")
    dialog.accept()
    assert [p.name for p in session.presets.all()] == ["Monday"]
    act(presets.menu(), "Change a preset", "Monday", "Delete")
    assert session.presets.all() == []
    assert "Ctrl+Z" in said[-1]
    session.rack.undo()
    act(presets.menu(), "Monday")
    assert session.steering.handle(slider.id) == Handle(0.2)


def test_all_handles_at_once(
    panel: SliderPanel, slider: Slider, session: Session, qtbot: QtBot
) -> None:
    other = invent(session, qtbot, "danceable")
    fitted(session, other, "lit")
    session.steering.set_all({slider.id: Handle(0.8), other.id: Handle(0.3, muted=True)})
    assert "rainy night pulls to" in panel.presets.accessibleDescription()
    assert "danceable muted at" in panel.presets.toolTip()

    act(panel.presets.menu(), "Mute all handles")
    assert session.steering.steers() == []
    act(panel.presets.menu(), "Let all handles pull again")
    assert len(session.steering.steers()) == 2
    act(panel.presets.menu(), "Let go of all handles")
    assert session.steering.handles() == []
    assert session.rack.undo() == "Took back letting go of all handles."
    assert len(session.steering.handles()) == 2


def test_the_row_has_its_bars_from_a_picture_that_follows_the_scores(
    row: SliderRow, slider: Slider, session: Session
) -> None:
    before = painted(row)
    assert painted(row) == before
    found = session.learned.fitted(slider.id)
    assert found is not None
    fitted(session, slider, "lit")  # the same heights in another array
    assert painted(row) == before
    histogram = np.linspace(1, 0.1, 60, dtype=np.float32)
    session.learned._set_fitted(type(found)(**{**vars(found), "histogram": histogram}))
    assert painted(row) != before
