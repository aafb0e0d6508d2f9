"""Journeys in the window: asked for, looked at, found anew, drawn on the map, played and kept."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.journey_dialog import JourneyDialog
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.playlist_dialogs import PlaylistDialog
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.session import Session

from .conftest import MakeSession
from .test_steering import teach

Left = Qt.MouseButton.LeftButton
START, END = 3, 40


@pytest.fixture
def session(make_session: MakeSession, qtbot: QtBot) -> Session:
    session = make_session(60)
    qtbot.waitUntil(lambda: session.serving.tracks is not None)
    return session


@pytest.fixture
def window(session: Session, theme: Theme, qtbot: QtBot) -> MainWindow:
    window = MainWindow(session, theme, Covers(session))
    qtbot.addWidget(window)
    window.show()
    return window


def ask(window: MainWindow, session: Session, qtbot: QtBot) -> JourneyDialog:
    """A minute long: the tracks of these tests last two seconds."""
    window.show_journey(START, END)
    dialog = window._dialogs["journey"]
    assert isinstance(dialog, JourneyDialog)
    dialog.minutes.setRange(1, 180)
    dialog.minutes.setValue(1)
    qtbot.waitUntil(lambda: bool(session.journeys.picks), timeout=30_000)
    qtbot.waitUntil(session._jobs.idle)
    return dialog


def test_found_drawn_found_anew_and_left(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    window.show_map()
    dialog = ask(window, session, qtbot)
    ids = dialog.ids()
    assert (ids[0], ids[-1]) == (START, END)
    assert len(set(ids)) == len(ids) > 3
    assert dialog.says.text().startswith(f"{len(ids)} tracks · ")
    text = dialog.path.rows.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert text.startswith("2, ")
    figure = window.centre.map.marks.marks.figure
    assert figure is not None
    assert len(figure.path) == len(ids)
    assert [star.place for star in figure.stars] == [figure.path[0], figure.path[-1]]

    qtbot.mouseClick(dialog.again, Left)
    qtbot.waitUntil(lambda: dialog.ids() not in ([], ids))
    assert (dialog.ids()[0], dialog.ids()[-1]) == (START, END)
    dialog.close()
    assert session.journeys.picks == []
    assert window.centre.map.marks.marks.figure is None


def test_from_where_to_where(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    session.playback.play([5])
    session.playback.toggle()
    session.catalogue.select([9])
    qtbot.keyClick(window, Qt.Key.Key_J)  # from what plays to what is chosen
    dialog = window._dialogs["journey"]
    assert dialog._ends == [5, 9]
    session.catalogue.select([9, 20])
    window.constellation_wishes.journey()
    assert window._dialogs["journey"] is dialog
    assert dialog._ends == [9, 20]
    assert not dialog.takes[1].isEnabled()  # it is the chosen one
    session.catalogue.select([30])
    qtbot.mouseClick(dialog.takes[1], Left)
    assert dialog._ends == [9, 30]
    qtbot.mouseClick(dialog.swap, Left)
    assert dialog._ends == [30, 9]
    dialog.set_ends(7, 7)
    dialog._ask()
    assert "choose another" in dialog.says.text()
    assert not dialog.play.isEnabled()
    dialog.set_ends(7, None)
    dialog._ask()
    assert dialog.says.text() == "Choose where it begins and where it ends."
    qtbot.waitUntil(session._jobs.idle)


def test_played_kept_and_written(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    dialog = ask(window, session, qtbot)
    ids = dialog.ids()
    qtbot.mouseClick(dialog.keep, Left)
    ask_name = window.playlist_wishes.dialog
    assert isinstance(ask_name, PlaylistDialog)
    assert ask_name.name.text() == "Paper Lanterns → Undertow, 1 min"
    ask_name.accept()
    (made,) = session.playlists.lists
    assert session.playlists.ids(made.id) == ids
    written: list[object] = []
    dialog.export_wanted.connect(lambda tracks, name: written.append((tracks, name)))
    dialog.export_wanted.disconnect(window.playlist_wishes.export)
    qtbot.mouseClick(dialog.export, Left)
    assert written == [(ids, ask_name.name.text())]
    qtbot.mouseClick(dialog.play, Left)
    assert session.playback.current is not None
    assert session.playback.current.id == START
    session.playback.toggle()


def test_along_a_slider(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    slider = teach(session, qtbot, "calm", 0)
    dialog = ask(window, session, qtbot)
    assert not dialog.first.isVisible()
    dialog.along.setCurrentIndex(1)
    dialog.along.activated.emit(1)
    assert dialog.first.isVisible()
    known = session.learned.percentile(slider.id, START)
    assert known is not None
    assert dialog.first.value() == pytest.approx(100 * known, abs=1)
    dialog.first.setValue(5)
    dialog.last.setValue(95)
    assert dialog.between.text() == "from 5th to 95th"
    qtbot.waitUntil(
        lambda: (
            session.journeys.wish is not None
            and session.journeys.wish.steer is not None
            and session.journeys.wish.steer[1:] == (0.05, 0.95)
        )
    )
    qtbot.waitUntil(session._jobs.idle)
    ranks = [session.learned.percentile(slider.id, i) or 0.0 for i in dialog.ids()[1:-1]]
    half = len(ranks) // 2
    assert sum(ranks[:half]) / half < sum(ranks[half:]) / (len(ranks) - half)
    assert dialog.name() == "not calm → calm, 1 min"
