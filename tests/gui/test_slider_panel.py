"""The sliders: what a row says in each state, how the handle steers, how words are invented."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.slider_panel import STARTERS, NewSliderDialog, SliderPanel
from sliders_desktop.gui.slider_row import LOW, MIDDLE, TALL, SliderRow
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Slider
from sliders_desktop.session.session import Session
from sliders_desktop.tasks import FittedSlider


@pytest.fixture
def panel(qtbot: QtBot, session: Session, theme: Theme) -> SliderPanel:
    panel = SliderPanel(session, theme)
    qtbot.addWidget(panel)
    panel.resize(330, 600)
    panel.show()
    return panel


def invent(session: Session, qtbot: QtBot, name: str = "rainy night") -> Slider:
    """A slider whose first fit is over, so that nothing arrives later."""
    slider = session.rack.create(name, "bright noon", name)
    qtbot.waitUntil(session._jobs.idle)
    return slider


def fitted(session: Session, slider: Slider, state: str) -> None:
    """Deliver what a head may have learned, as its lane does."""
    ids = session.catalogue.vector_ids
    count = len(ids)
    session.learned._set_fitted(
        FittedSlider(
            slider.id,
            state,  # type: ignore[arg-type]
            12,
            0.84,
            ids,
            np.linspace(0, 1, count, dtype=np.float32),
            np.linspace(0.1, 1, 60, dtype=np.float32),
            np.linspace(0, 1, 101, dtype=np.float32),
            (int(ids[0]), int(ids[1])) if state == "confused" else None,
            int(ids[2]),
        )
    )


def only_row(panel: SliderPanel) -> SliderRow:
    (row,) = panel.rows.values()
    return row


def test_without_a_slider_three_words_are_offered(
    panel: SliderPanel, session: Session, qtbot: QtBot
) -> None:
    assert panel.empty.isVisible()
    assert [b.text() for b in panel.empty.starters] == [f"{low} – {hi}" for _, low, hi in STARTERS]

    qtbot.mouseClick(panel.empty.starters[1], Qt.MouseButton.LeftButton)

    assert [(s.name, s.low_label, s.high_label) for s in session.rack.sliders] == [STARTERS[1]]
    assert not panel.empty.isVisible()
    qtbot.waitUntil(session._jobs.idle)


def test_height_and_words_follow_the_state(
    panel: SliderPanel, session: Session, qtbot: QtBot
) -> None:
    slider = invent(session, qtbot)
    row = only_row(panel)
    assert row.height() in (LOW, MIDDLE)
    assert "0 of" in row.accessibleDescription()

    for state, height in (("lit", TALL), ("dim", TALL), ("confused", TALL)):
        fitted(session, slider, state)
        assert row.height() == height, state
    assert "disagree" in row.accessibleDescription()


def test_every_state_paints_in_both_themes(
    panel: SliderPanel, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    slider = invent(session, qtbot)
    seen = set()
    for choice in ("dark", "light"):
        theme.set_choice(choice)
        for state in ("new", "listening", "dim", "lit", "confused"):
            fitted(session, slider, state)
            image = only_row(panel).grab().toImage()
            seen.add(bytes(image.constBits()))
    assert len(seen) >= 8


def test_click_arms(panel: SliderPanel, session: Session, qtbot: QtBot) -> None:
    first, second = invent(session, qtbot), invent(session, qtbot, "danceable")
    assert session.rack.armed == second

    qtbot.mouseClick(panel.rows[first.id], Qt.MouseButton.LeftButton, pos=QPoint(60, 20))

    assert session.rack.armed == first
    assert panel.rows[first.id].armed


def test_only_a_lit_slider_is_steered(panel: SliderPanel, session: Session, qtbot: QtBot) -> None:
    slider = invent(session, qtbot)
    row = only_row(panel)
    fitted(session, slider, "dim")
    row.setFocus()
    qtbot.keyClick(row, Qt.Key.Key_Right)
    assert session.steering.target(slider.id) is None

    fitted(session, slider, "lit")
    qtbot.keyClick(row, Qt.Key.Key_Right)
    assert session.steering.target(slider.id) == pytest.approx(0.52)
    qtbot.keyClick(row, Qt.Key.Key_Home)
    assert session.steering.target(slider.id) == 0.0
    qtbot.keyClick(row, Qt.Key.Key_Delete)
    assert session.steering.target(slider.id) is None


def test_the_handle_is_dragged_and_let_go(
    panel: SliderPanel, session: Session, qtbot: QtBot
) -> None:
    slider = invent(session, qtbot)
    fitted(session, slider, "lit")
    row = only_row(panel)
    start = row.handle_rect().center().toPoint()
    box = row.histogram_box()
    end = QPoint(round(box.left() + 0.9 * box.width()), start.y())

    qtbot.mousePress(row, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(row, end)
    assert row.isSliderDown()
    qtbot.mouseRelease(row, Qt.MouseButton.LeftButton, pos=end)

    assert session.steering.target(slider.id) == pytest.approx(0.9, abs=0.01)
    assert abs(row.handle_rect().center().x() - end.x()) < 1.5
    qtbot.mouseDClick(row, Qt.MouseButton.LeftButton, pos=row.handle_rect().center().toPoint())
    assert session.steering.target(slider.id) is None


def test_a_screen_reader_hears_a_slider(panel: SliderPanel, session: Session, qtbot: QtBot) -> None:
    slider = invent(session, qtbot)
    fitted(session, slider, "lit")
    session.steering.set_target(slider.id, 0.7)
    heard = QAccessible.queryAccessibleInterface(only_row(panel))

    assert heard.role() == QAccessible.Role.Slider
    assert "rainy night" in heard.text(QAccessible.Text.Name)
    assert heard.valueInterface().currentValue() == 70


def test_arrows_walk_the_rows(panel: SliderPanel, session: Session, qtbot: QtBot) -> None:
    first, second = invent(session, qtbot), invent(session, qtbot, "danceable")
    with qtbot.waitActive(panel):
        panel.activateWindow()
    panel.rows[first.id].setFocus()

    qtbot.keyClick(panel.rows[first.id], Qt.Key.Key_Down)
    assert panel.rows[second.id].hasFocus()
    qtbot.keyClick(panel.rows[second.id], Qt.Key.Key_Up)
    assert panel.rows[first.id].hasFocus()


def test_the_menu_says_what_can_be_done(panel: SliderPanel, session: Session, qtbot: QtBot) -> None:
    slider = invent(session, qtbot)
    fitted(session, slider, "confused")

    texts = [action.text() for action in panel.menu(slider.id).actions()]

    assert "Play Low Tide" in texts
    assert "Rate this next" in texts
    assert texts[-7] == "Share…"
    life = ["Rename…", "Merge into…", "Split off…", "History…", "Put away", "Delete"]
    assert texts[-6:] == life


def test_put_away(panel: SliderPanel, session: Session, qtbot: QtBot) -> None:
    slider = invent(session, qtbot)
    (away,) = [a for a in panel.menu(slider.id).actions() if a.text() == "Put away"]
    away.trigger()

    assert panel.rows == {}
    assert panel.empty.isVisible()


def test_what_to_rate_next_is_offered_until_it_is_lit(
    panel: SliderPanel, session: Session, qtbot: QtBot
) -> None:
    session.playback.set_radio(False)  # it would import what ranks, which takes seconds
    slider = invent(session, qtbot)
    fitted(session, slider, "listening")
    assert panel.next_button.isVisible()
    assert "Paper Lanterns" in panel.next_button.text()

    qtbot.mouseClick(panel.next_button, Qt.MouseButton.LeftButton)
    assert session.playback.current is not None
    assert session.playback.current.title == "Paper Lanterns"
    fitted(session, slider, "lit")
    assert not panel.next_button.isVisible()
    qtbot.waitUntil(session._jobs.idle)


def test_a_new_word_fills_its_ends(panel: SliderPanel, session: Session, qtbot: QtBot) -> None:
    dialog = NewSliderDialog(session, panel)
    assert not dialog.accept_button.isEnabled()
    qtbot.keyClicks(dialog.name, "warm")
    assert (dialog.low.text(), dialog.high.text()) == ("not warm", "warm")
    dialog.low.clear()
    qtbot.keyClicks(dialog.low, "cold")
    qtbot.keyClicks(dialog.name, "th")
    assert (dialog.low.text(), dialog.high.text()) == ("cold", "warmth")

    dialog.accept()

    assert session.rack.armed is not None
    assert session.rack.armed.low_label == "cold"
    qtbot.waitUntil(session._jobs.idle)


def test_a_taken_name_is_said_in_the_dialog(
    panel: SliderPanel, session: Session, qtbot: QtBot
) -> None:
    invent(session, qtbot)
    dialog = NewSliderDialog(session, panel)
    dialog.show()
    dialog.name.setText("Rainy Night")

    dialog.accept()

    assert dialog.isVisible()
    assert dialog.note.isVisible()
    assert dialog.note.text()
    dialog.reject()


def test_rename_keeps_the_row(panel: SliderPanel, session: Session, qtbot: QtBot) -> None:
    slider = invent(session, qtbot)
    row = only_row(panel)
    dialog = NewSliderDialog(session, panel, row.slider)
    dialog.name.setText("drizzle")
    dialog.accept()

    assert only_row(panel) is row
    assert "drizzle" in row.accessibleName()
    assert session.rack.slider(slider.id).high_label == "rainy night"
