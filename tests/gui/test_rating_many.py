"""Rating in the listener's hands: one key for what plays, Alt and a key for what is chosen."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.rate_menu import MOST_AT_ONCE, RateMenu
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.store import Store
from sliders_desktop.session.keys import number_of, value_of
from sliders_desktop.session.session import Session

from .conftest import MakeSession

Key, Mod = Qt.Key, Qt.KeyboardModifier


def _open(qtbot: QtBot, session: Session, theme: Theme) -> MainWindow:
    session.playback.set_radio(False)  # it would import what ranks, which takes seconds
    window = MainWindow(session, theme, Covers(session))
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show_map()
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    return window


@pytest.fixture
def window(qtbot: QtBot, session: Session, theme: Theme) -> MainWindow:
    return _open(qtbot, session, theme)


@pytest.fixture
def rainy(session: Session) -> int:
    return session.rack.create("rainy night", "bright noon", "rainy night").id


Press = Callable[..., None]


@pytest.fixture
def press(qtbot: QtBot, window: MainWindow) -> Press:
    """As the system does it: to whatever has the keyboard."""

    def press(key: Qt.Key, mod: Qt.KeyboardModifier = Mod.NoModifier) -> None:
        qtbot.keyClick(window.focusWidget() or window, key, mod)

    return press


def ratings(session: Session, slider_id: int) -> dict[int, int]:
    return {i: number_of(v) for i, v in session.rack.ratings(slider_id).items()}


def settle(qtbot: QtBot, session: Session) -> None:
    """Nothing arrives after the test; a player that was asked to play has begun."""
    qtbot.waitUntil(session._jobs.idle)
    if session.playback.playing:
        qtbot.waitUntil(lambda: session.playback.position_s() > 0, timeout=30_000)


def point_at(window: MainWindow, track_id: int, qtbot: QtBot) -> None:
    view = window.centre.map
    row = view.sky.row(track_id)
    x, y = view.camera.lens.to_view(*view.sky.xy[row].tolist())
    view.hand.pointed.emit(QPointF(x, y))
    assert view.hovered_track == track_id


@pytest.mark.parametrize("view", ["list", "map"])
def test_alt_and_a_digit_rate_all_that_is_chosen(
    window: MainWindow, session: Session, rainy: int, press: Press, qtbot: QtBot, view: str
) -> None:
    window.centre.show_view(view)
    ids = [int(i) for i in session.catalogue.ids]
    session.playback.play([ids[5]])
    session.catalogue.select(ids[:3])

    press(Key.Key_8, Mod.AltModifier)
    assert ratings(session, rainy) == dict.fromkeys(ids[:3], 8)
    assert window.centre.toast.text().startswith("rainy night: 3 ratings ← 8")
    assert window.centre.toast.action_button.text() == "Undo"
    press(Key.Key_2)  # without Alt: what plays, whatever is chosen
    assert ratings(session, rainy) == {**dict.fromkeys(ids[:3], 8), ids[5]: 2}
    press(Key.Key_0, Mod.AltModifier)
    assert ratings(session, rainy) == {ids[5]: 2}
    press(Key.Key_Z, Mod.ControlModifier)
    press(Key.Key_Z, Mod.ControlModifier)
    assert ratings(session, rainy) == dict.fromkeys(ids[:3], 8)
    press(Key.Key_Z, Mod.ControlModifier)
    assert ratings(session, rainy) == {}
    settle(qtbot, session)


def test_rating_many_twice_writes_once(
    window: MainWindow, session: Session, rainy: int, press: Press, qtbot: QtBot
) -> None:
    session.catalogue.select(session.catalogue.ids[:4])
    press(Key.Key_9, Mod.AltModifier)
    press(Key.Key_9, Mod.AltModifier)

    with Store.open(session.paths.database) as store:
        assert len(store.rating_history(rainy)) == 4
    settle(qtbot, session)


def test_what_many_ratings_did_is_told_with_their_count(
    window: MainWindow, session: Session, rainy: int, press: Press, qtbot: QtBot
) -> None:
    said: list[str] = []
    session.learned.said.connect(said.append)
    session.catalogue.select(session.catalogue.ids[:4])
    with qtbot.waitSignal(session.learned.said_of_many):
        press(Key.Key_9, Mod.AltModifier)
    toast = window.centre.toast
    assert toast.text() == (
        "4 ratings ← 9 · rainy night: 4 ratings · all on the high side: rate something "
        "“bright noon”"
    )
    qtbot.mouseClick(toast.action_button, Qt.MouseButton.LeftButton)
    assert ratings(session, rainy) == {}
    settle(qtbot, session)
    with qtbot.waitSignal(session.learned.said):
        session.rack.rate([int(session.catalogue.ids[5])], 0.0)
    assert said[-1].startswith("rainy night: 1 rating · ")


def test_without_a_choice_the_track_under_the_pointer_is_rated(
    window: MainWindow, session: Session, rainy: int, press: Press, qtbot: QtBot
) -> None:
    track = int(session.catalogue.ids[2])
    press(Key.Key_7, Mod.AltModifier)
    assert ratings(session, rainy) == {}
    assert "Choose tracks first" in window.centre.toast.text()

    point_at(window, track, qtbot)
    press(Key.Key_7, Mod.AltModifier)
    assert ratings(session, rainy) == {track: 7}
    card = window.centre.map.card
    assert card.isVisible()
    assert "rated 7" in card.text

    window.centre.show_view("list")  # what no pointer can be on any more is not rated
    press(Key.Key_1, Mod.AltModifier)
    assert ratings(session, rainy) == {track: 7}
    settle(qtbot, session)


def test_alt_with_a_digit_does_not_open_the_menu(
    window: MainWindow, session: Session, rainy: int, qtbot: QtBot
) -> None:
    opened: list[bool] = []
    window.menu.menu.aboutToShow.connect(lambda: opened.append(True))
    session.catalogue.select(session.catalogue.ids[:2])
    focus = window.focusWidget()

    qtbot.keyPress(focus, Key.Key_Alt, Mod.AltModifier)
    qtbot.keyClick(focus, Key.Key_6, Mod.AltModifier)
    qtbot.keyRelease(focus, Key.Key_Alt)

    assert len(ratings(session, rainy)) == 2
    assert opened == []
    settle(qtbot, session)


def test_keys_in_a_text_field_are_text(
    window: MainWindow, session: Session, rainy: int, press: Press, qtbot: QtBot
) -> None:
    session.playback.play([int(session.catalogue.ids[0])])
    session.rack.create("danceable", "still", "danceable")
    press(Key.Key_F, Mod.ControlModifier)
    search = window.centre.top_bar.search
    for text in "90]1":
        qtbot.keyClicks(search, text)
    qtbot.keyClick(search, Key.Key_Backspace)

    assert search.text() == "90]"
    assert session.rack.armed is not None
    assert session.rack.armed.name == "danceable"
    assert all(not session.rack.ratings(s.id) for s in session.rack.sliders)
    settle(qtbot, session)


def test_every_key_of_one_rating(
    window: MainWindow, session: Session, rainy: int, press: Press, qtbot: QtBot
) -> None:
    track = int(session.catalogue.ids[1])
    session.playback.play([track])
    for number in range(1, 10):
        press(Qt.Key(Key.Key_0 + number))
        assert ratings(session, rainy) == {track: number}
    press(Key.Key_9)
    with Store.open(session.paths.database) as store:
        assert len(store.rating_history(rainy)) == 9
    press(Key.Key_Backspace)
    assert ratings(session, rainy) == {}
    press(Key.Key_Z, Mod.ControlModifier)
    assert ratings(session, rainy) == {track: 9}
    settle(qtbot, session)


def actions(menu: QMenu) -> dict[str, QAction]:
    return {action.text(): action for action in menu.actions()}


@pytest.mark.parametrize("place", ["list", "map"])
def test_the_menu_rates_what_is_chosen(
    window: MainWindow, session: Session, rainy: int, qtbot: QtBot, place: str
) -> None:
    ids = [int(i) for i in session.catalogue.ids[:3]]
    session.catalogue.select(ids)
    centre = window.centre
    menu = centre.table.menu() if place == "list" else centre.map.chosen.menu()
    rating = menu.actions()[-1].menu()
    assert isinstance(rating, RateMenu)
    assert rating.title() == "Rate the chosen tracks on rainy night"
    assert list(actions(rating))[:9:4] == ["&1   bright noon", "&5   neither", "&9   rainy night"]

    actions(rating)["&9   rainy night"].trigger()
    assert ratings(session, rainy) == dict.fromkeys(ids, 9)

    again = RateMenu(session, ids, window)
    assert actions(again)["&9   rainy night"].isChecked()
    again.back.trigger()
    assert ratings(session, rainy) == {}
    settle(qtbot, session)


def test_the_lists_menu_comes_by_mouse(
    window: MainWindow, session: Session, rainy: int, qtbot: QtBot
) -> None:
    window.centre.show_view("list")
    view = window.centre.table.view
    view.selectRow(0)
    view.customContextMenuRequested.emit(QPoint(10, 10))
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)
    assert [a.text() for a in popup.actions()][-1] == "Rate this track on rainy night"
    popup.close()


def test_circled_tracks_are_rated_from_the_bar(
    window: MainWindow, session: Session, rainy: int, qtbot: QtBot
) -> None:
    view = window.centre.map
    wide, tall = view.width(), view.height()
    view.hand.circled.emit([(0, 0), (wide, 0), (wide, tall), (0, tall)])
    assert len(session.catalogue.selection) == len(session.catalogue.ids)
    qtbot.mouseClick(view.bar.rate, Qt.MouseButton.LeftButton)
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, RateMenu)
    qtbot.keyClick(popup, Key.Key_3)
    assert set(ratings(session, rainy).values()) == {3}
    assert len(ratings(session, rainy)) == len(session.catalogue.ids)
    settle(qtbot, session)


def test_without_a_slider_there_is_nothing_to_rate_on(window: MainWindow, session: Session) -> None:
    session.catalogue.select(session.catalogue.ids[:3])
    assert not RateMenu(session, session.catalogue.selection, QWidget(window)).isEnabled()
    window.wishes.rate_chosen(4)
    assert "Invent a slider" in window.centre.toast.text()
    window.centre.map.bar.show_count(3, window.width())
    window.centre.map.chosen.ask_rating()
    assert "Invent a slider" in window.centre.toast.text()


def test_more_than_a_head_can_bear_are_refused(
    make_session: MakeSession, theme: Theme, qtbot: QtBot
) -> None:
    session = make_session(MOST_AT_ONCE + 1)
    window = _open(qtbot, session, theme)
    rainy = session.rack.create("rainy night", "bright noon", "rainy night").id
    session.catalogue.select(session.catalogue.ids)

    window.wishes.rate_chosen(4)

    assert ratings(session, rainy) == {}
    assert "501 tracks are too many" in window.centre.toast.text()


def test_numbers_and_values() -> None:
    assert [number_of(value_of(n)) for n in range(1, 10)] == list(range(1, 10))
    assert (value_of(1), value_of(5), value_of(9)) == (0.0, 0.5, 1.0)
