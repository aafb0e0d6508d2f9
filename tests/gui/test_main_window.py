"""The whole window: layout, keys where they should and shouldn't work, coming back as left."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.window_memory import first_size
from sliders_desktop.session.session import Session

from .conftest import MakeSession

Key, Mod = Qt.Key, Qt.KeyboardModifier


def _open(qtbot: QtBot, session: Session, theme: Theme) -> MainWindow:
    window = MainWindow(session, theme, Covers(session))
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    return window


@pytest.fixture
def window(qtbot: QtBot, session: Session, theme: Theme) -> MainWindow:
    return _open(qtbot, session, theme)


@pytest.fixture
def rainy(session: Session) -> int:
    slider = session.rack.create("rainy night", "bright noon", "rainy night")
    session.rack.create("danceable", "sit still", "danceable")
    session.rack.arm(slider.id)
    return slider.id


def _press(
    qtbot: QtBot, window: MainWindow, key: Qt.Key, mod: Qt.KeyboardModifier = Mod.NoModifier
) -> None:
    """As the system does it: to whatever has the keyboard."""
    qtbot.keyClick(window.focusWidget() or window, key, mod)


def _armed(session: Session) -> str:
    assert session.rack.armed is not None
    return session.rack.armed.name


# ── looking ─────────────────────────────────────────────────────────────────────────────────────


def test_nothing_of_the_map_is_imported_with_the_window(qtbot: QtBot) -> None:
    import subprocess
    import sys

    code = (
        "import sys, sliders_desktop.gui.main_window\n"
        "heavy = {'pyqtgraph', 'torch', 'scipy', 'sklearn', 'numba', 'umap'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_map_comes_later(window: MainWindow, qtbot: QtBot) -> None:
    assert window.centre.map is None
    assert not window.centre.top_bar.color.isVisible()
    window.show_map()
    window.show_map()
    qtbot.waitUntil(window.centre.map.isVisible)
    assert window.centre.top_bar.color.isVisible()
    assert window.centre.top_bar.color.text().startswith("Colour: ")


def test_map_and_list_share_the_selection(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    _press(qtbot, window, Key.Key_M)
    assert window.centre.table.isVisible()
    chosen = int(session.catalogue.ids[3])
    session.catalogue.select([chosen])
    rows = window.centre.table.view.selectionModel().selectedRows()
    assert [window.centre.table.model.id_at(row.row()) for row in rows] == [chosen]
    _press(qtbot, window, Key.Key_M)
    assert not window.centre.table.isVisible()
    assert session.catalogue.selection == (chosen,)


def test_search_as_one_types(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    _press(qtbot, window, Key.Key_Slash)
    search = window.centre.top_bar.search
    assert search.hasFocus()
    with qtbot.waitSignal(session.catalogue.filter_changed):
        qtbot.keyClicks(search, "lantern")
    assert session.catalogue.filter_ids is not None
    assert len(session.catalogue.filter_ids) == 1
    qtbot.keyClick(search, Key.Key_Escape)
    qtbot.waitUntil(lambda: session.catalogue.filter_ids is None)
    assert search.hasFocus()
    qtbot.keyClick(search, Key.Key_Escape)
    assert not search.hasFocus()


@pytest.mark.parametrize("size", [(1440, 900), (1024, 640)])
@pytest.mark.parametrize("view", ["map", "list"])
def test_nothing_is_clipped(
    window: MainWindow, rainy: int, qtbot: QtBot, size: tuple[int, int], view: str
) -> None:
    window.show_map()
    window.centre.show_view(view)
    window.resize(*size)
    qtbot.wait(20)
    assert (window.width(), window.height()) == size
    for part in window.findChildren(QWidget):
        if not isinstance(part, QAbstractButton | QLineEdit) or not part.isVisible():
            continue
        if any(part in scroller.findChildren(QWidget) for scroller in _scrollers(window)):
            continue
        corner = part.mapTo(window, QPoint(0, 0))
        name = part.accessibleName()
        if part.parent() is not None and part.parent().parent() in window.sidebar.cards.values():
            continue  # waits out of sight for mouse or keyboard
        assert corner.x() >= 0, name
        assert corner.x() + part.width() <= size[0], name
        assert corner.y() + part.height() <= size[1], name
        assert part.width() >= part.minimumSizeHint().width(), name


def _scrollers(window: MainWindow) -> list[QWidget]:
    from PySide6.QtWidgets import QAbstractScrollArea

    return list(window.findChildren(QAbstractScrollArea))


def test_every_button_has_a_name_and_a_tooltip(window: MainWindow, rainy: int) -> None:
    window.show_map()
    for button in window.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.accessibleName() or button.text(), button
            assert button.toolTip(), button.accessibleName() or button.text()


# ── keys ────────────────────────────────────────────────────────────────────────────────────────


def test_space_plays_everywhere_but_in_text(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    _press(qtbot, window, Key.Key_Space)
    assert session.playback.playing  # from nothing: what the list shows
    window.player_bar.transport.shuffle.setFocus()
    _press(qtbot, window, Key.Key_Space)
    assert not session.playback.playing
    assert not session.playback.shuffle
    window.centre.top_bar.search.setFocus()
    _press(qtbot, window, Key.Key_Space)
    assert not session.playback.playing
    assert window.centre.top_bar.search.text() == " "


def test_a_focused_button_is_pressed_by_enter(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    window.player_bar.transport.shuffle.setFocus()
    _press(qtbot, window, Key.Key_Return)
    assert session.playback.shuffle


def test_digits_rate_what_plays_on_the_armed_slider(
    window: MainWindow, session: Session, rainy: int, qtbot: QtBot
) -> None:
    _press(qtbot, window, Key.Key_Space)
    current = session.playback.current
    assert current is not None
    _press(qtbot, window, Key.Key_8)
    assert session.rack.rating(current.id, rainy) == pytest.approx(7 / 8)
    assert window.centre.toast.isVisible()
    assert "rainy night" in window.centre.toast.text()
    _press(qtbot, window, Key.Key_1)
    assert session.rack.rating(current.id, rainy) == 0.0
    _press(qtbot, window, Key.Key_Z, Mod.ControlModifier)
    assert session.rack.rating(current.id, rainy) == pytest.approx(7 / 8)
    _press(qtbot, window, Key.Key_0)
    assert session.rack.rating(current.id, rainy) is None


def test_digits_in_the_search_are_text(
    window: MainWindow, session: Session, rainy: int, qtbot: QtBot
) -> None:
    _press(qtbot, window, Key.Key_Space)
    _press(qtbot, window, Key.Key_F, Mod.ControlModifier)
    qtbot.keyClicks(window.centre.top_bar.search, "8 m [?")
    current = session.playback.current
    assert current is not None
    assert session.rack.rating(current.id, rainy) is None
    assert window.centre.top_bar.search.text() == "8 m [?"


def test_digits_without_a_slider_say_what_to_do(window: MainWindow, qtbot: QtBot) -> None:
    _press(qtbot, window, Key.Key_8)
    assert "Invent a slider" in window.centre.toast.text()


@pytest.mark.parametrize("view", ["map", "list"])
def test_tab_arms_in_the_centre_and_travels_elsewhere(
    window: MainWindow, session: Session, rainy: int, qtbot: QtBot, view: str
) -> None:
    window.show_map()
    window.centre.show_view(view)
    _press(qtbot, window, Key.Key_Tab)
    assert _armed(session) == "danceable"
    _press(qtbot, window, Key.Key_Backtab, Mod.ShiftModifier)
    assert _armed(session) == "rainy night"
    window.player_bar.transport.shuffle.setFocus()
    _press(qtbot, window, Key.Key_Tab)
    assert _armed(session) == "rainy night"
    assert window.focusWidget() is not window.player_bar.transport.shuffle
    _press(qtbot, window, Key.Key_BracketRight)
    assert _armed(session) == "danceable"
    _press(qtbot, window, Key.Key_BracketLeft)
    assert _armed(session) == "rainy night"


def test_f6_walks_through_the_parts_and_back(
    window: MainWindow, rainy: int, session: Session, qtbot: QtBot
) -> None:
    session.playback.play([int(i) for i in session.catalogue.ids])
    window.show_map()
    window.centre.take_keyboard()

    def part() -> str:
        names = ("sidebar", "centre", "slider_panel", "up_next", "player_bar")
        focus = window.focusWidget()
        return next(name for name in names if getattr(window, name).isAncestorOf(focus))

    walked = [part()]
    for _ in range(5):
        _press(qtbot, window, Key.Key_F6)
        walked.append(part())
    assert walked == ["centre", "slider_panel", "up_next", "player_bar", "sidebar", "centre"]
    _press(qtbot, window, Key.Key_F6, Mod.ShiftModifier)
    assert part() == "sidebar"


def test_arrows_seek_where_nobody_needs_them(
    window: MainWindow, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sought: list[float] = []
    by_name = window.actions_table.by_name
    for name, seconds in (("back", -5), ("forward", 5), ("leap-back", -30), ("leap-forward", 30)):
        by_name[name].triggered.connect(lambda _=False, s=seconds: sought.append(s))
    window.player_bar.transport.shuffle.setFocus()
    _press(qtbot, window, Key.Key_Right)
    _press(qtbot, window, Key.Key_Left, Mod.ShiftModifier)
    assert sought == [5, -30]
    window.centre.top_bar.search.setFocus()
    _press(qtbot, window, Key.Key_Right)
    assert sought == [5, -30]


def test_enter_plays_queues_and_plays_next_from_the_list(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    session.playback.set_radio(False)
    window.centre.show_view("list")
    table = window.centre.table
    table.view.selectRow(2)
    shown = table.model.ids()
    _press(qtbot, window, Key.Key_Return)
    assert session.playback.current is not None
    assert session.playback.current.id == shown[2]
    table.view.selectRow(0)
    _press(qtbot, window, Key.Key_Return, Mod.ShiftModifier)
    assert session.playback.up_next[0].track_id == shown[0]
    table.view.selectRow(1)
    _press(qtbot, window, Key.Key_Return, Mod.ControlModifier)
    assert session.playback.up_next[-1].track_id == shown[1]


def test_question_mark_opens_the_sheet_with_every_key(window: MainWindow, qtbot: QtBot) -> None:
    _press(qtbot, window, Key.Key_Question, Mod.ShiftModifier)
    sheet = window._sheet
    assert sheet is not None
    assert sheet.isVisible()
    qtbot.keyClick(sheet, Key.Key_Escape)
    assert not sheet.isVisible()


def test_no_key_is_given_twice(window: MainWindow) -> None:
    seen: dict[str, str] = {}
    for command in window.actions_table.table:
        for key in command.keys:
            assert key not in seen, f"{key}: {seen.get(key)} and {command.name}"
            seen[key] = command.name


def test_every_command_is_in_a_menu_or_in_the_sheet(window: MainWindow) -> None:
    for command in window.actions_table.table:
        assert command.in_menu or (command.keys and (command.said or command.text))


def test_menu_opens_by_f10_and_by_alt_alone(window: MainWindow, qtbot: QtBot) -> None:
    opened: list[bool] = []
    window.menu.menu.aboutToShow.connect(lambda: opened.append(True))
    _press(qtbot, window, Key.Key_F10)
    window.menu.menu.close()
    qtbot.keyPress(window, Key.Key_Alt)
    qtbot.keyRelease(window, Key.Key_Alt)
    window.menu.menu.close()
    qtbot.keyPress(window, Key.Key_Alt)
    qtbot.keyPress(window, Key.Key_X, Mod.AltModifier)
    qtbot.keyRelease(window, Key.Key_X, Mod.AltModifier)
    qtbot.keyRelease(window, Key.Key_Alt)
    assert opened == [True, True]


# ── remembering ─────────────────────────────────────────────────────────────────────────────────


def test_comes_back_as_left(
    window: MainWindow, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    window.resize(1000, 760)
    window.columns.setSizes([0, 600, 400])
    window.centre.show_view("list")
    qtbot.wait(10)
    sizes = window.columns.sizes()
    window.close()
    again = _open_without_resizing(qtbot, session, theme)
    assert (again.width(), again.height()) == (1000, 760)
    assert again.columns.sizes() == sizes
    assert again.centre.view == "list"


def _open_without_resizing(qtbot: QtBot, session: Session, theme: Theme) -> MainWindow:
    window = MainWindow(session, theme, Covers(session))
    qtbot.addWidget(window)
    window.show()
    qtbot.wait(10)
    return window


@pytest.mark.parametrize("state", [None, 3, {}, {"geometry": 5, "columns": "?", "view": "moon"}])
def test_a_spoilt_memory_is_no_error(
    session: Session, theme: Theme, qtbot: QtBot, state: Any
) -> None:
    session.write_state("window", state)
    window = _open_without_resizing(qtbot, session, theme)
    assert window.centre.view == "map"


def test_the_first_window_fits_its_screen() -> None:
    assert first_size(QSize(2560, 1400)) == QSize(1440, 900)
    assert first_size(QSize(1440, 900)) == QSize(1432, 852)
    assert first_size(QSize(800, 600)) == QSize(1000, 560)


def test_compact_and_back(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    sizes = window.columns.sizes()
    window.actions_table.by_name["compact"].trigger()
    qtbot.wait(10)
    assert window.width() <= 420
    assert window.up_next.isVisible()
    assert window.player_bar.rating.isVisible()
    assert not window.centre.isVisible()
    window.actions_table.by_name["compact"].trigger()
    qtbot.wait(10)
    assert window.centre.isVisible()
    assert (window.width(), window.height()) == (1440, 900)
    assert window.columns.sizes() == sizes
    assert window.centre.isAncestorOf(window.focusWidget())


def test_theme_follows_the_setting(window: MainWindow, session: Session, theme: Theme) -> None:
    window.set_theme("light")
    assert session.settings.theme == "light"
    assert not theme.dark
    window.set_theme("dark")
    assert theme.dark


# ── telling ─────────────────────────────────────────────────────────────────────────────────────


def test_messages_are_a_toast_and_trouble_can_be_closed(
    window: MainWindow, session: Session
) -> None:
    toast = window.centre.toast
    session.message.emit("9 ratings", "info")
    assert toast.isVisible()
    assert toast.text() == "9 ratings"
    assert not toast.close_button.isVisible()
    session.message.emit("The drive is away. " * 12, "error")
    assert toast.close_button.isVisible()
    assert window.centre.rect().contains(toast.geometry())
    toast.close_button.click()
    assert not toast.isVisible()


def test_title_names_what_plays(window: MainWindow, session: Session) -> None:
    assert window.windowTitle() == "Sliders"
    session.playback.play([int(session.catalogue.ids[0])])
    assert "Low Tide" in window.windowTitle()


def test_dialogs_open_once(window: MainWindow, qtbot: QtBot) -> None:
    window.show_settings()
    window.show_settings()
    window.show_problems()
    assert window._dialogs["settings"].isVisible()
    assert window._dialogs["problems"].isVisible()
    window.close()
    assert not window._dialogs["settings"].isVisible()


def test_a_second_session_starts_where_the_first_stopped(
    make_session: MakeSession, theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    first = make_session()
    window = _open(qtbot, first, theme)
    window.centre.show_view("list")
    window.close()
    second = make_session()
    assert _open_without_resizing(qtbot, second, theme).centre.view == "list"
