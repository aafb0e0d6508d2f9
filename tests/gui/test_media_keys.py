"""Media keys in the window, and the message bus when it is not as it should be."""

import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from message_bus import NAME, PLAYER, Bus, Panel, bus
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from sliders_desktop import media_keys
from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.playback import Playback
from sliders_desktop.session.session import Session

__all__ = ["bus"]  # a fixture

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="MPRIS is Linux's")
Start = Callable[[], Any]


@pytest.fixture
def start(session: Session) -> Iterator[Start]:
    """Offers the session to whatever bus there is."""
    session.playback.set_radio(False)
    made: list[Any] = []

    def start() -> Any:
        made.append(media_keys.start(session, lambda: None, lambda: None))
        return made[-1]

    yield start
    for panel in made:
        panel.close()


def asked(qtbot: QtBot, bus: Bus, question: Callable[[Panel], Any], name: str = NAME) -> Any:
    """What a panel hears; it asks from a thread of its own, as this one has to answer."""

    def ask() -> Any:
        panel = Panel(bus.address, name)
        try:
            return question(panel)
        finally:
            panel.close()

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask)
        qtbot.waitUntil(answer.done, timeout=30_000)
        return answer.result()


def press(widget: QWidget, key: Qt.Key) -> None:
    """With its text given: `QTest.keyClick` gives up at keys that it knows no text for."""
    none = Qt.KeyboardModifier.NoModifier
    QTest.sendKeyEvent(QTest.KeyAction.Click, widget, key, "", none)


@pytest.mark.parametrize("key", [Qt.Key.Key_MediaPlay, Qt.Key.Key_MediaTogglePlayPause])
@pytest.mark.parametrize("end", [Qt.Key.Key_MediaPause, Qt.Key.Key_MediaStop])
def test_media_keys_work_in_the_window(
    session: Session, theme: Theme, qtbot: QtBot, key: Qt.Key, end: Qt.Key
) -> None:
    window = MainWindow(session, theme, Covers(session))
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    playback = session.playback
    playback.set_radio(False)
    ids = [row.id for row in session.catalogue.rows]
    playback.play(ids)
    playback.toggle()

    # In a text field, too: nobody writes with them.
    window.centre.top_bar.search.setFocus()
    press(window.centre.top_bar.search, key)
    assert playback.playing
    press(window.centre.top_bar.search, end)
    assert not playback.playing
    press(window.centre.top_bar.search, end)
    assert not playback.playing

    done: list[str] = []
    for name in ("next", "previous"):
        window.actions_table.by_name[name].triggered.connect(partial(done.append, name))
    press(window, Qt.Key.Key_MediaNext)
    press(window, Qt.Key.Key_MediaPrevious)
    assert done == ["next", "previous"]


def test_nothing_of_the_bus_is_imported_before_the_window() -> None:
    program = "import sys, sliders_desktop.app; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "sliders_desktop.media_keys" in loaded
    assert not [name for name in loaded if name.split(".")[0] == "jeepney"]


@on_linux
def test_the_second_takes_a_name_of_its_own(start: Start, bus: Bus, qtbot: QtBot) -> None:
    first = start()
    qtbot.waitUntil(lambda: bool(first._bus.connected))
    second = start()
    qtbot.waitUntil(lambda: bool(second._bus.connected))

    own = f"{NAME}.instance{os.getpid()}"
    assert asked(qtbot, bus, lambda panel: panel.get("PlaybackStatus"), own) == "Stopped"
    first.close()
    assert asked(qtbot, bus, lambda panel: panel.has_owner()) is False
    assert asked(qtbot, bus, lambda panel: panel.has_owner(), own) is True


@on_linux
def test_a_track_that_stopped_in_the_middle_is_paused(
    start: Start, session: Session, bus: Bus, qtbot: QtBot
) -> None:
    """As left last time; and at rest after the last one it is stopped."""
    row = session.catalogue.rows[0]
    mpris = start()
    qtbot.waitUntil(lambda: bool(mpris._bus.connected))
    session.playback.restore({"track": row.id, "position_s": 1.5, "history": [row.id]})

    def state(panel: Panel) -> Any:
        return panel.get("PlaybackStatus"), panel.get("Position"), panel.title()

    assert asked(qtbot, bus, state) == ("Paused", 1_500_000, row.title)
    session.playback.toggle()
    assert asked(qtbot, bus, lambda panel: panel.get("PlaybackStatus")) == "Playing"
    qtbot.waitUntil(lambda: not session.playback.playing, timeout=15_000)
    assert asked(qtbot, bus, state) == ("Stopped", 0, row.title)


@on_linux
def test_a_text_no_bus_takes_is_mended(
    start: Start, session: Session, bus: Bus, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bus throws out who sends a NUL; half a character can't be sent at all."""
    mpris = start()
    qtbot.waitUntil(lambda: bool(mpris._bus.connected))
    row = session.catalogue.rows[0]._replace(title="A\0B\udc80", artist="", album="", path="")
    monkeypatch.setattr(Playback, "current", property(lambda playback: row), raising=False)
    session.playback.current_changed.emit()

    metadata = asked(qtbot, bus, lambda panel: panel.get("Metadata"))

    assert metadata["xesam:title"] == ("s", "AB?")
    assert set(metadata) == {"mpris:trackid", "xesam:title", "mpris:length"}
    assert asked(qtbot, bus, lambda panel: panel.has_owner()) is True


@on_linux
def test_without_a_bus_nothing_is_amiss(
    start: Start,
    session: Session,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    caplog.set_level(logging.INFO, "sliders_desktop.media_keys")

    mpris = start()
    qtbot.waitUntil(lambda: "no session bus" in caplog.text)

    session.playback.play([row.id for row in session.catalogue.rows])
    qtbot.waitUntil(lambda: session.playback.position_s() > 0)
    mpris.close()
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


@on_linux
def test_a_bus_that_never_answers_holds_up_nobody(
    start: Start, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        monkeypatch.chdir(tmp_path)
        silent.bind("bus")  # a short name: such an address has little room
        silent.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=bus")
        mpris = start()

        session.playback.play([row.id for row in session.catalogue.rows])
        qtbot.waitUntil(lambda: session.playback.position_s() > 0)
        mpris.close()
        qtbot.waitUntil(lambda: not mpris._bus._thread.is_alive(), timeout=15_000)


@on_linux
def test_a_bus_that_dies_is_let_go(
    start: Start, session: Session, bus: Bus, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sliders_desktop.media_keys")
    mpris = start()
    qtbot.waitUntil(lambda: bool(mpris._bus.connected))
    session.playback.play([row.id for row in session.catalogue.rows])

    bus.daemon.kill()
    qtbot.waitUntil(lambda: "the session bus is gone" in caplog.text)

    session.playback.set_volume(0.5)
    session.playback.seek(1.0)
    qtbot.waitUntil(lambda: not mpris.remote._soon.isActive())
    mpris.close()
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


@on_linux
def test_a_bus_that_stands_still_holds_up_nobody(
    start: Start, session: Session, bus: Bus, qtbot: QtBot
) -> None:
    """More is sent than any buffer takes; the window goes on, and closing does not wait for it."""
    mpris = start()
    qtbot.waitUntil(lambda: bool(mpris._bus.connected))
    session.playback.play([row.id for row in session.catalogue.rows])

    os.kill(bus.daemon.pid, signal.SIGSTOP)
    message = mpris._object.signal(PLAYER, "Seeked", 0)
    for _ in range(90_000):
        mpris._bus.send(message)
    session.playback.set_volume(0.5)
    qtbot.waitUntil(lambda: not mpris.remote._soon.isActive())
    mpris.close()

    assert mpris._bus._thread.is_alive()  # it is the thread that hangs
    bus.daemon.kill()
    qtbot.waitUntil(lambda: not mpris._bus._thread.is_alive())
