"""Lives in the program as a listener does, with mouse and keys in a real window.

Started by `test_listening.py` as a process of its own: first day or second day. What was seen is
written as JSON. Waiting is done in Qt's own loop, so the window stays alive as it would.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton

from sliders_desktop.app import App
from sliders_desktop.config import Paths
from sliders_desktop.gui.new_slider_dialog import NewSliderDialog

PATIENCE_S = 90.0
LEFT = Qt.MouseButton.LeftButton


def pause(seconds: float) -> None:
    """Let the window live. Not `QTest.qWait`: that keeps the interpreter's lock while it waits."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QCoreApplication.processEvents()
        time.sleep(0.005)


def wait_until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for: {what}")
        pause(0.02)


def choose_by_dialog(app: App, folder: Path) -> None:
    """Press the one button of the first run and type a folder into the dialog's line."""

    def type_folder() -> None:
        dialog = app.window.findChild(QFileDialog, "choose-folder")
        if dialog is None or not dialog.isVisible():
            QTimer.singleShot(50, type_folder)
            return
        line = dialog.findChild(QLineEdit)
        assert isinstance(line, QLineEdit)
        line.setText(str(folder))
        QTest.keyClick(line, Qt.Key.Key_Return)
        if dialog.isVisible():
            dialog.accept()

    app.window.native_dialogs = False
    button = app.window.findChild(QPushButton, "choose-music")
    assert isinstance(button, QPushButton)
    QTimer.singleShot(50, type_folder)
    QTest.mouseClick(button, LEFT)


def invent(app: App, name: str) -> None:
    """Make a slider by its dialog."""

    def fill() -> None:
        dialog = app.window.findChild(NewSliderDialog)
        if dialog is None or not dialog.isVisible():
            QTimer.singleShot(50, fill)
            return
        QTest.keyClicks(dialog.name, name)
        QTest.mouseClick(dialog.accept_button, LEFT)

    QTimer.singleShot(50, fill)
    app.window.new_slider()
    wait_until(lambda: bool(app.session.rack.sliders), "the new slider")


def first_day(app: App, music: Path) -> dict[str, Any]:
    session = app.session
    wait_until(lambda: session.catalogue.loaded, "the empty library")
    assert app.window.centre.empty()
    choose_by_dialog(app, music)
    wait_until(lambda: session.catalogue.track_count == 6, "six tracks")
    invent(app, "rainy night")
    slider = session.rack.sliders[0]

    announced: list[int] = []

    def note() -> None:
        current = session.playback.current
        if current is not None:
            announced.append(current.id)

    session.playback.current_changed.connect(note)
    session.playback.set_radio(False)
    app.window.centre.show_view("list")
    table = app.window.centre.table
    pause(0.1)
    table.view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    view = table.view
    at = view.visualRect(table.model.index(0, 0)).center()
    QTest.mouseClick(view.viewport(), LEFT, pos=at)
    QTest.mouseDClick(view.viewport(), LEFT, pos=at)
    wait_until(lambda: session.playback.playing, "music")
    states = [session.learned.status(slider.id).figure]
    # Rate the first three as they play, by key; the third is skipped after a moment.
    for place, key in enumerate((Qt.Key.Key_9, Qt.Key.Key_1, Qt.Key.Key_9)):
        wait_until(lambda place=place: len(announced) > place, f"track {place + 1}")
        wait_until(lambda: session.playback.position_s() > 0.9, "its sound")
        app.window.activateWindow()
        wait_until(app.window.isActiveWindow, "the window to be active")
        view.setFocus()
        QTest.keyClick(view, key)
        wait_until(
            lambda place=place: session.rack.rating(announced[place], slider.id) is not None,
            f"rating {place + 1}",
        )
        states.append(session.learned.status(slider.id).figure)
    skipped_at = session.playback.position_s()
    QTest.keyClick(app.window, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    wait_until(lambda: len(announced) > 3, "the next track")
    wait_until(lambda: session.playback.position_s() > 0.8, "its sound")
    QTest.keyClick(view, Qt.Key.Key_Space)
    wait_until(lambda: not session.playback.playing, "silence")
    paused_at = session.playback.position_s()
    wait_until(lambda: session.catalogue.heard_count == 6, "every track listened to")
    wait_until(lambda: len(session.catalogue.map_ids) == 6, "the map")
    app.window.centre.show_view("map")
    pause(0.2)
    return {
        "announced": [session.catalogue.rows[session.catalogue.row_of[i]].title for i in announced],
        "figures": states,
        "skipped_at": skipped_at,
        "paused_at": paused_at,
        "ratings": [session.rack.rating(i, slider.id) for i in announced[:3]],
    }


def second_day(app: App) -> dict[str, Any]:
    session = app.session
    wait_until(lambda: session.catalogue.track_count == 6, "the library of yesterday")
    wait_until(lambda: len(session.catalogue.map_ids) == 6, "the map of yesterday")
    wait_until(lambda: session.playback.current is not None, "the track of yesterday")
    slider = session.rack.sliders[0]
    current = session.playback.current
    assert current is not None
    wait_until(lambda: session.learned.status(slider.id).ratings == 3, "its ratings")
    return {
        "slider": slider.name,
        "ratings": session.learned.status(slider.id).ratings,
        "current": current.title,
        "position_s": session.playback.position_s(),
        "playing": session.playback.playing,
        "queue": [item.track_id for item in session.playback.up_next],
        "size": [app.window.width(), app.window.height()],
    }


def main() -> int:
    day, home, music, sink, report, picture = sys.argv[1:7]
    qt = QApplication(sys.argv[:1])
    app = App(qt, Paths(Path(home)), sink)
    app.show()
    QTest.qWaitForWindowExposed(app.window)
    app.window.move(QPoint(0, 0))
    seen = first_day(app, Path(music)) if day == "first" else second_day(app)
    app.window.grab().save(picture)
    app.window.close()
    began = time.monotonic()
    app.shutdown()
    seen["shutdown_s"] = time.monotonic() - began
    seen["platform"] = qt.platformName()
    Path(report).write_text(json.dumps(seen), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
