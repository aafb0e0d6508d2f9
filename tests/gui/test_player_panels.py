"""The player panels of Windows and macOS: the real session against stand-ins for the systems.

They show that we say the right things in the right order, not that these systems understand them.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mac_panel import MacPanel
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot
from windows_panel import DataWriter, WindowsPanel

from sliders_desktop import media_keys
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.session.playback import Playback
from sliders_desktop.session.session import Session

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
SECONDS = 2.0
System = WindowsPanel | MacPanel
Start = Callable[[], Any]


@pytest.fixture(params=[WindowsPanel, MacPanel])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """`media_keys` takes this system for its own."""
    system: System = request.param(monkeypatch)
    monkeypatch.setattr(media_keys, "sys", SimpleNamespace(platform=system.platform))
    ours = f"{media_keys.__name__}.{system.module}"
    monkeypatch.delitem(sys.modules, ours, raising=False)
    yield system
    sys.modules.pop(ours, None)  # it holds on to the stand-ins


windows = pytest.mark.parametrize("system", [WindowsPanel], indirect=True)
mac = pytest.mark.parametrize("system", [MacPanel], indirect=True)


@pytest.fixture
def start(
    session: Session, system: System, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> Iterator[Start]:
    """Offers six songs, with a cover, and no radio; closed in the end."""
    session.playback.set_radio(False)
    (tmp_path / "music" / "cover.png").write_bytes(PNG)
    caplog.set_level(logging.DEBUG, "sliders_desktop.media_keys")
    made: list[Any] = []

    def start() -> Any:
        made.append(media_keys.start(session, lambda: None, lambda: None))
        return made[-1]

    yield start
    for panel in made:
        if panel is not None:
            panel.close()


def texts(session: Session) -> tuple[str, str, str]:
    track = session.playback.current
    assert track is not None
    return track.title, track.artist, track.album


def test_each_button_does_what_it_says(
    start: Start,
    session: Session,
    system: System,
    qtbot: QtBot,
    caplog: pytest.LogCaptureFixture,
) -> None:
    playback = session.playback
    assert start() is not None
    assert (system.status, system.texts) == ("stopped", ("", "", ""))
    assert not system.press("next")

    assert system.press("play")
    assert not playback.playing  # it was pressed on another thread, and waits for ours
    qtbot.waitUntil(lambda: system.status == "playing")
    first = texts(session)
    assert system.texts == first
    assert system.timeline == (pytest.approx(0.0, abs=0.5), SECONDS)
    qtbot.waitUntil(lambda: system.cover == PNG)
    assert system.texts == first

    system.press("pause")
    qtbot.waitUntil(lambda: system.status == "paused")
    assert not playback.playing
    system.press("pause")
    system.seek(1.25)
    qtbot.waitUntil(lambda: system.timeline[0] == pytest.approx(1.25, abs=0.01))
    qtbot.waitUntil(lambda: playback.position_s() == pytest.approx(1.25, abs=0.01))
    assert (system.status, system.cover) == ("paused", PNG)

    # Silent it goes on silently.
    playback.seek(0.0)
    system.press("next")
    qtbot.waitUntil(lambda: system.texts not in (first, ("", "", "")))
    second = texts(session)
    assert (system.texts, system.status) == (second, "paused")
    system.press("previous")
    qtbot.waitUntil(lambda: system.texts == first)
    assert system.status == "paused"

    system.press("play")
    qtbot.waitUntil(lambda: system.status == "playing")
    system.press("next")
    qtbot.waitUntil(lambda: system.texts == second)
    assert (system.status, playback.playing) == ("playing", True)
    assert system.timeline[0] == pytest.approx(0.0, abs=0.5)

    system.press("stop")
    qtbot.waitUntil(lambda: system.status == "stopped")
    assert (playback.playing, system.timeline[0]) == (False, 0.0)
    assert caplog.messages == []


def test_what_happens_in_the_window_is_told(
    start: Start, session: Session, system: System, qtbot: QtBot
) -> None:
    playback = session.playback
    start()
    rows = session.catalogue.rows
    playback.play([row.id for row in rows])
    qtbot.waitUntil(lambda: system.texts == (rows[0].title, rows[0].artist, rows[0].album))
    playback.toggle()
    qtbot.waitUntil(lambda: system.status == "paused")
    playback.seek(1.5)
    assert system.timeline == (1.5, SECONDS)
    playback.toggle()
    qtbot.waitUntil(lambda: system.texts[0] == rows[1].title)  # by itself, as the first ends
    assert system.status == "playing"

    # The last one ends: at rest, at its beginning, and nothing can follow.
    playback.play([rows[2].id])
    playback.seek(SECONDS - 0.2)
    qtbot.waitUntil(lambda: system.status == "stopped")
    assert system.texts[0] == rows[2].title
    assert system.timeline[0] == 0.0
    assert not system.press("next")


def test_as_it_was_left_last_time(
    start: Start, session: Session, system: System, qtbot: QtBot
) -> None:
    row = session.catalogue.rows[0]
    session.playback.restore({"track": row.id, "position_s": 1.5, "history": [row.id]})
    start()
    assert (system.status, system.timeline) == ("paused", (1.5, SECONDS))
    assert system.texts == (row.title, row.artist, row.album)
    qtbot.waitUntil(lambda: system.cover == PNG)


def test_a_text_that_is_none_is_mended(
    start: Start,
    session: Session,
    system: System,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start()
    row = session.catalogue.rows[0]._replace(title="A\0B\udc80", artist="", album="")
    monkeypatch.setattr(Playback, "current", property(lambda playback: row), raising=False)
    session.playback.current_changed.emit()
    qtbot.waitUntil(lambda: system.texts == ("AB?", "", ""))


def test_a_song_without_a_cover_shows_none(
    start: Start, session: Session, system: System, qtbot: QtBot, tmp_path: Path
) -> None:
    start()
    rows = session.catalogue.rows
    session.playback.play([rows[0].id])
    qtbot.waitUntil(lambda: system.cover == PNG)
    (tmp_path / "music" / "cover.png").unlink()
    session.playback.play([rows[1].id])
    qtbot.waitUntil(lambda: system.texts[0] == rows[1].title)
    assert system.cover is None


def test_closed_it_is_gone(start: Start, session: Session, system: System, qtbot: QtBot) -> None:
    panel = start()
    rows = session.catalogue.rows
    session.playback.play([row.id for row in rows])
    qtbot.waitUntil(lambda: system.status == "playing")
    late = system.hold_back()

    panel.close()
    panel.close()

    assert system.is_gone
    assert not system.press("pause")
    late()
    session.playback.toggle()
    qtbot.wait(50)  # what nobody hears any more would be heard by now
    assert session.playback.current == rows[0]
    assert system.is_gone


def test_a_system_that_refuses_is_let_be(
    start: Start, session: Session, system: System, caplog: pytest.LogCaptureFixture
) -> None:
    system.refuses = True
    assert start() is None
    assert [record.levelno for record in caplog.records] == [logging.DEBUG]
    session.playback.play([row.id for row in session.catalogue.rows])
    assert session.playback.playing


def test_without_its_package_there_is_no_panel(
    start: Start,
    system: System,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for package in system.packages:
        monkeypatch.setitem(sys.modules, package, None)
        assert start() is None
    assert {record.levelno for record in caplog.records} == {logging.DEBUG}


def test_a_system_that_breaks_down_later_stops_nothing(
    start: Start,
    session: Session,
    system: System,
    qtbot: QtBot,
    caplog: pytest.LogCaptureFixture,
) -> None:
    start()
    system.break_down()
    session.playback.play([row.id for row in session.catalogue.rows])
    qtbot.waitUntil(lambda: "refuses" in caplog.text)
    assert session.playback.playing
    assert system.press("pause")
    qtbot.waitUntil(lambda: not session.playback.playing)
    assert {record.levelno for record in caplog.records} == {logging.DEBUG}


def test_an_unknown_system_has_none(
    session: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(media_keys, "sys", SimpleNamespace(platform="haiku"))
    assert media_keys.start(session, lambda: None, lambda: None) is None
    assert caplog.records == []


@mac
def test_one_key_plays_and_pauses_on_a_mac(
    start: Start, session: Session, system: MacPanel, qtbot: QtBot
) -> None:
    start()
    system.press("toggle")
    qtbot.waitUntil(lambda: system.status == "playing")
    system.press("toggle")
    qtbot.waitUntil(lambda: system.status == "paused")


@mac
def test_a_picture_that_a_mac_cannot_read_is_left_out(
    start: Start, session: Session, system: MacPanel, qtbot: QtBot
) -> None:
    panel = start()
    session.playback.play([session.catalogue.rows[0].id])
    qtbot.waitUntil(lambda: system.cover == PNG)
    panel.remote.cover = b"II*\0"
    panel.remote.cover_changed.emit()
    session.playback.toggle()
    qtbot.waitUntil(lambda: system.status == "paused")
    assert system.cover is None


@windows
def test_windows_hears_the_position_while_something_plays(
    start: Start, session: Session, system: WindowsPanel, qtbot: QtBot
) -> None:
    panel = start()
    panel._timeline.setInterval(20)
    session.playback.play([row.id for row in session.catalogue.rows])
    qtbot.waitUntil(lambda: system.timeline[0] > 0.1)
    session.playback.toggle()
    qtbot.waitUntil(lambda: system.status == "paused")
    assert not panel._timeline.isActive()


@windows
def test_a_cover_that_windows_has_no_room_for_is_left_out(
    start: Start,
    session: Session,
    system: WindowsPanel,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(DataWriter, "broken", True)
    start()
    session.playback.play([session.catalogue.rows[0].id])
    qtbot.waitUntil(lambda: "Not enough memory" in caplog.text)
    assert (system.status, system.cover) == ("playing", None)
    assert {record.levelno for record in caplog.records} == {logging.DEBUG}


def media_shortcuts(window: MainWindow) -> list[str]:
    actions = window.actions_table.by_name.values()
    keys = [key.toString() for action in actions for key in action.shortcuts()]
    assert QKeySequence("Space").toString() in keys
    return [key for key in keys if key.startswith(("Media ", "Toggle Media "))]


@windows
@pytest.mark.parametrize("refuses", [False, True])
def test_windows_hands_each_key_out_once(
    start: Start, system: WindowsPanel, window: MainWindow, refuses: bool
) -> None:
    """The window gives its own shortcuts up, unless there is no panel."""
    system.refuses = refuses
    assert media_shortcuts(window)
    start()
    assert bool(media_shortcuts(window)) is refuses
