"""The left column: sources, counts, work cards, trouble."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.sidebar import Sidebar
from sliders_desktop.gui.theme import Theme
from sliders_desktop.jobs import JobView
from sliders_desktop.session.session import Session


@pytest.fixture
def sidebar(qtbot: QtBot, session: Session, theme: Theme) -> Sidebar:
    sidebar = Sidebar(session, theme)
    qtbot.addWidget(sidebar)
    sidebar.resize(214, 700)
    sidebar.show()
    return sidebar


def test_sources_with_counts(sidebar: Sidebar) -> None:
    assert {key: row.count for key, row in sidebar.rows.items()} == {
        "all": 6, "recent": 6, "never": 6,
    }  # fmt: skip
    assert sidebar.rows["all"].isChecked()
    assert sidebar.rows["never"].accessibleName() == "Never heard, 6"


def test_choosing_a_source_filters(sidebar: Sidebar, session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.catalogue.filter_changed):
        qtbot.mouseClick(sidebar.rows["never"], Qt.MouseButton.LeftButton)
    assert session.catalogue.source == "never"
    assert sidebar.rows["never"].isChecked()
    session.catalogue.set_source("all")
    assert sidebar.rows["all"].isChecked()


def test_arrows_choose(sidebar: Sidebar, session: Session, qtbot: QtBot) -> None:
    with qtbot.waitActive(sidebar):
        sidebar.activateWindow()
    sidebar.rows["all"].setFocus()
    qtbot.keyClick(sidebar.rows["all"], Qt.Key.Key_Down)
    assert sidebar.rows["recent"].hasFocus()
    assert session.catalogue.source == "recent"
    qtbot.keyClick(sidebar.rows["recent"], Qt.Key.Key_Up)
    qtbot.keyClick(sidebar.rows["all"], Qt.Key.Key_Up)
    assert sidebar.rows["all"].hasFocus()
    assert session.catalogue.source == "all"


def _run(session: Session, name: str, state: str, done: int, total: int) -> None:
    view = JobView(name, state, done, total, "", 130.0, 3540.0)  # type: ignore[arg-type]
    session.work._on_progress(view)


def test_a_card_for_each_job_that_runs(sidebar: Sidebar, session: Session) -> None:
    card = sidebar.cards["heard"]
    assert not card.isVisible()
    _run(session, "heard", "running", 4702, 12418)
    assert card.isVisible()
    assert "4,702 of 12,418" in card.accessibleName()
    assert "59 min left" in card.accessibleName()
    assert card.pause.accessibleName() == "Pause: Listening to your music"
    _run(session, "heard", "paused", 4702, 12418)
    assert card.isVisible()
    assert card.pause.accessibleName() == "Go on: Listening to your music"
    _run(session, "heard", "done", 12418, 12418)
    assert not card.isVisible()


def test_the_cards_buttons_wait_out_of_sight_and_come_with_the_keyboard(
    sidebar: Sidebar, session: Session, qtbot: QtBot
) -> None:
    _run(session, "heard", "running", 1, 10)
    card = sidebar.cards["heard"]
    with qtbot.waitActive(sidebar):
        sidebar.activateWindow()

    def inside() -> bool:
        return card.rect().contains(card.cancel.mapTo(card, QPoint(12, 12)))

    assert not inside()
    card.pause.setFocus()
    assert inside()
    sidebar.rows["all"].setFocus()
    assert not inside()


def test_pause_and_stop_reach_the_job(
    sidebar: Sidebar, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    _run(session, "heard", "running", 1, 10)
    sidebar.cards["heard"].cancel.click()  # no job is there: nothing happens, nothing breaks
    sidebar.cards["heard"].pause.click()


def test_trouble_is_one_quiet_line(sidebar: Sidebar, session: Session, qtbot: QtBot) -> None:
    assert not sidebar.problems.isVisible()
    rows = session.catalogue.rows
    session._store.set_error(rows[0].id, "no sound in this file")
    session._store.mark_missing([rows[1].id])
    session.catalogue.reload_rows({rows[0].id, rows[1].id})
    qtbot.waitUntil(sidebar.problems.isVisible)
    assert "1 tracks" not in sidebar.problems.text()
    assert "1 track waiting" in sidebar.problems.text()
    assert "1 file could not be listened to" in sidebar.problems.text()
    with qtbot.waitSignal(sidebar.problems_wanted):
        sidebar.problems.click()


def test_no_empty_sections(sidebar: Sidebar) -> None:
    from sliders_desktop.gui.sidebar_rows import SectionHead

    heads = [head for head in sidebar.findChildren(SectionHead) if head.isVisible()]
    assert [head.text() for head in heads] == [
        *("LIBRARY", "CONSTELLATIONS", "SMART LISTS", "PLAYLISTS"),
    ]
    assert sidebar.lists.example.text() == "Try “genre Ambient”, and keep what you find here."
