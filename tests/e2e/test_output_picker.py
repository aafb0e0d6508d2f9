"""The whole program loses its output while it plays: one click goes on, at a real sound server."""

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sliders_desktop.app import App
from sliders_desktop.config import Paths
from tests.e2e.pulse import Pulse, pulse
from tests.e2e.test_devices import heard_at
from tests.gui.conftest import fill

__all__ = ["pulse"]  # a fixture


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_headphones_are_pulled_and_one_click_goes_on(
    pulse: Pulse, qapp: QApplication, qtbot: QtBot, home: Path, tmp_path: Path
) -> None:
    app = App(qapp, Paths(home), overrides={"watch_folders": False})
    session, playback, notice = app.session, app.session.playback, app.window.output_notice
    try:
        fill(app.store, tmp_path, 6)
        with qtbot.waitSignal(session.ready, timeout=20_000):
            app.show()
        module = pulse.plug_in("usb", "Headphones")
        qtbot.waitUntil(lambda: "Headphones" in playback.outputs.names, timeout=20_000)
        session.set_setting("output", "Headphones")
        playback.play([row.id for row in session.catalogue.rows])
        qtbot.waitUntil(lambda: heard_at() == "usb", timeout=20_000)
        qtbot.waitUntil(lambda: playback.position_s() > 0.1, timeout=20_000)
        pulse.unplug(module)
        qtbot.waitUntil(lambda: notice.isVisible() and bool(notice.buttons), timeout=20_000)
        assert notice.text() == "The sound output “Headphones” went away."
        assert not playback.playing
        track, place = playback.current, playback.position_s()
        qtbot.waitUntil(lambda: playback.outputs.names == ["Null Output"], timeout=20_000)
        notice.buttons[0].click()
        qtbot.waitUntil(lambda: heard_at() == "null", timeout=20_000)
        assert not notice.isVisible()
        assert session.settings.output == ""
        assert playback.current == track
        assert playback.position_s() >= place
        qtbot.waitUntil(lambda: playback.position_s() not in (0.0, place), timeout=20_000)
    finally:
        app.window.close()
        app.shutdown()
        for timer in session.findChildren(QTimer):
            timer.stop()
