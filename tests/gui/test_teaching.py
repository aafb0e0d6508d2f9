"""Teach Sliders my library, as a listener meets it: the dialog, the card, the way back."""

from dataclasses import replace
from pathlib import Path

import lessons
import numpy as np
import pytest
from lessons import LESSON, TRACKS, School, cores, school
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.teach_dialog import TeachDialog
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.session import Session
from sliders_desktop.tasks import SHIPPED

from .conftest import MakeSession

__all__ = ["cores", "school"]  # fixtures

LONG_MS = 60_000


def open_session(qtbot: QtBot, make_session: MakeSession) -> Session:
    """A session that has read what is there; it listens to what it has not heard."""
    session = make_session(tracks=0, start=False)
    session.work.teaching.config = LESSON
    with qtbot.waitSignal(session.ready):
        session.start()
    qtbot.waitUntil(lambda: session.work.teaching.state is not None, timeout=LONG_MS)
    return session


@pytest.fixture
def session(qtbot: QtBot, make_session: MakeSession, school: School, home: Path) -> Session:
    """All tracks are listened to and drawn; some are rated."""
    lessons.library(school.home(home), school.music).close()
    session = open_session(qtbot, make_session)
    qtbot.waitUntil(lambda: len(session.catalogue.map_ids) == TRACKS, timeout=LONG_MS)
    slider = session.rack.create("calm", "wild", "calm")
    for place, track in enumerate(session.catalogue.vector_ids[:6]):
        session.rack.rate([int(track)], float(place % 2), slider.id)
    qtbot.waitUntil(session._jobs.idle, timeout=LONG_MS)
    return session


def open_dialog(qtbot: QtBot, window: MainWindow) -> TeachDialog:
    """By the command of the menu."""
    window.actions_table.by_name["teach"].trigger()
    dialog = window._dialogs["teach"]
    assert isinstance(dialog, TeachDialog)
    qtbot.waitUntil(lambda: window._session.work.teaching.outlook is not None, timeout=LONG_MS)
    return dialog


def press(qtbot: QtBot, button: QPushButton) -> None:
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def encoder_of(session: Session) -> int:
    assert session.catalogue.vectors is not None
    return session.catalogue.vectors.encoder_id


def test_a_listener_teaches_and_goes_back(
    qtbot: QtBot, window: MainWindow, session: Session, school: School
) -> None:
    said: list[str] = []
    session.message.connect(lambda text, kind: said.append(text))
    slider = session.rack.sliders[0]
    ratings = {i: session.rack.rating(int(i), slider.id) for i in session.catalogue.vector_ids}
    places = dict(zip(session.catalogue.map_ids.tolist(), session.catalogue.map_xy, strict=True))
    first = encoder_of(session)
    dialog = open_dialog(qtbot, window)
    assert f"{TRACKS} tracks" in dialog.now.text()
    assert "GB on the disk" in dialog.now.text()
    card = window.sidebar.cards["taught"]
    shown = []
    session.work.changed.connect(lambda name: shown.append(card.isVisible()))

    press(qtbot, dialog.begin)
    qtbot.waitUntil(lambda: encoder_of(session) != first, timeout=LONG_MS)
    second = encoder_of(session)
    qtbot.waitUntil(session._jobs.idle, timeout=LONG_MS)

    assert any(shown)
    assert not card.isVisible()
    assert dialog.last.isVisible()
    assert "Taken" in dialog.last.text()
    assert sum("now hears with what your library taught it" in text for text in said) == 1
    assert ratings == {i: session.rack.rating(int(i), slider.id) for i in ratings}
    head = session.work._store.head(slider.id, second)
    assert head is not None
    assert head.ratings == 6
    # The map is the one the listener knows, until another is wanted; that begins where it was.
    assert session.work.atlas.offer
    xy = map(tuple, session.catalogue.map_xy)
    assert dict(zip(session.catalogue.map_ids.tolist(), xy, strict=True)) == {
        i: tuple(place) for i, place in places.items()
    }
    session.work.atlas.accept()
    qtbot.waitUntil(session._jobs.idle, timeout=LONG_MS)
    assert not session.work.atlas.offer
    ids, drawn = session.work._store.map_points(second)
    assert ids.tolist() == session.catalogue.map_ids.tolist() == sorted(places)
    before = np.array([places[i] for i in ids.tolist()])
    moved = np.linalg.norm(drawn - before, axis=1).mean()
    assert 0 < moved < 0.25 * np.linalg.norm(np.ptp(before, axis=0))

    # Back to the one from before: what it said is still there.
    titles = [dialog.choice.itemText(at) for at in range(dialog.choice.count())]
    assert titles[0] == "as it was shipped"
    assert dialog.choice.currentIndex() == 2
    dialog.choice.setCurrentIndex(1)
    dialog.choice.activated.emit(1)
    qtbot.waitUntil(lambda: encoder_of(session) == first, timeout=LONG_MS)
    qtbot.waitUntil(session._jobs.idle, timeout=LONG_MS)
    xy = session.catalogue.map_xy
    assert np.array_equal(xy, np.array([places[i] for i in session.catalogue.map_ids.tolist()]))
    assert session.work.status("heard") is not None
    assert session.work._store.wanted_encoder() == first
    chosen = [g for g in session.work.teaching.state.generations if g.chosen]  # type: ignore[union-attr]
    assert [g.sha256 == SHIPPED for g in chosen] == [False]


def test_a_refusal_is_said_plainly(qtbot: QtBot, window: MainWindow, session: Session) -> None:
    session.work.teaching.config = replace(LESSON, fall=-1.0)
    said: list[str] = []
    session.message.connect(lambda text, kind: said.append(text))
    first = encoder_of(session)
    dialog = open_dialog(qtbot, window)

    press(qtbot, dialog.begin)
    qtbot.waitUntil(lambda: dialog.last.isVisible(), timeout=LONG_MS)
    qtbot.waitUntil(session._jobs.idle, timeout=LONG_MS)

    assert "Not taken" in dialog.last.text()
    assert "Sliders hears as before" in dialog.last.text()
    assert any("changed nothing" in text for text in said)
    assert encoder_of(session) == first
    assert dialog.choice.currentIndex() == 1


def test_pause_stop_go_on_and_drop(qtbot: QtBot, window: MainWindow, session: Session) -> None:
    session.work.teaching.config = replace(LESSON, epochs=400)
    dialog = open_dialog(qtbot, window)
    press(qtbot, dialog.begin)
    qtbot.waitUntil(lambda: dialog.now.text().startswith("Learning"), timeout=LONG_MS)
    assert not dialog.begin.isVisible()

    press(qtbot, dialog.pause)
    qtbot.waitUntil(lambda: dialog.pause.text() == "Go on", timeout=LONG_MS)
    assert dialog.now.text() == "Learning · paused"
    press(qtbot, dialog.pause)
    qtbot.waitUntil(lambda: dialog.pause.text() == "Pause", timeout=LONG_MS)

    press(qtbot, dialog.drop)  # says "Stop"
    qtbot.waitUntil(lambda: dialog.begin.isVisible() and dialog.begin.text() == "Go on",
                    timeout=LONG_MS)  # fmt: skip
    assert "interrupted at" in dialog.now.text()
    assert not window.sidebar.cards["taught"].isVisible()  # the listener stopped it, and knows

    press(qtbot, dialog.drop)  # says "Drop it"
    qtbot.waitUntil(lambda: dialog.begin.text() == "Start teaching", timeout=LONG_MS)
    assert not session.paths.teaching.exists()


def test_after_a_restart_it_is_shown_as_interrupted_and_goes_on(
    qtbot: QtBot,
    make_session: MakeSession,
    window: MainWindow,
    session: Session,
    theme: Theme,
) -> None:
    session.work.teaching.config = replace(LESSON, epochs=400)
    dialog = open_dialog(qtbot, window)
    press(qtbot, dialog.begin)
    qtbot.waitUntil(lambda: dialog.now.text().startswith("Learning"), timeout=LONG_MS)
    window.close()
    session.close()
    assert session._jobs.shutdown()

    again = open_session(qtbot, make_session)
    other = MainWindow(again, theme, Covers(again))
    qtbot.addWidget(other)
    other.show()

    card = other.sidebar.cards["taught"]
    assert card.isVisible()
    assert "interrupted at" in card.accessibleName()
    assert card.pause.accessibleName() == "Go on: Learning your library"
    card.pause.click()
    qtbot.waitUntil(lambda: "Learning ·" in card.accessibleName(), timeout=LONG_MS)
    assert again.work.teaching.running
    card.cancel.click()
    qtbot.waitUntil(lambda: not again.work.teaching.running, timeout=LONG_MS)
    qtbot.waitUntil(again._jobs.idle, timeout=LONG_MS)
    qtbot.waitUntil(lambda: not card.isVisible(), timeout=2000)
    assert again.work.teaching.begun is not None


def test_too_little_music_says_what_to_do(
    qtbot: QtBot, make_session: MakeSession, theme: Theme
) -> None:
    session = make_session()
    window = MainWindow(session, theme, Covers(session))
    qtbot.addWidget(window)
    window.show()
    dialog = open_dialog(qtbot, window)
    assert "at least 40 tracks" in dialog.now.text()
    assert "add more music" in dialog.now.text()
    assert dialog.begin.isVisible()
    assert not dialog.begin.isEnabled()
    assert not dialog.last.isVisible()
    assert not dialog.choice.isVisible()


def test_what_was_taught_for_another_version_is_set_aside_and_that_is_said(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    said: list[str] = []
    session.message.connect(lambda text, kind: said.append(text))
    session.paths.own_encoder.unlink()  # as `tasks.listen` does
    session.work.teaching.refresh()
    qtbot.waitUntil(session._jobs.idle, timeout=LONG_MS)
    session.work.teaching.refresh()
    qtbot.waitUntil(session._jobs.idle, timeout=LONG_MS)
    assert sum("does not fit this version" in text for text in said) == 1


def test_a_failure_is_on_the_card_until_it_is_closed(
    qtbot: QtBot, window: MainWindow, session: Session, school: School
) -> None:
    session.work.teaching.config = replace(LESSON, least_tracks=TRACKS + 1)
    session.work.teaching.start()
    card = window.sidebar.cards["taught"]
    qtbot.waitUntil(lambda: "add more music" in card.accessibleName(), timeout=LONG_MS)
    assert card.isVisible()
    card.cancel.click()
    assert not card.isVisible()


def test_all_can_be_reached_by_keyboard_and_has_a_name(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    dialog = open_dialog(qtbot, window)
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    reached = set()
    for _ in range(8):
        widget = dialog.focusWidget()
        reached.add(widget)
        assert widget.accessibleName() or widget.text()  # type: ignore[attr-defined]
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    assert {dialog.begin, dialog.choice} <= reached
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
