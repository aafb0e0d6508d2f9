"""The About window, and what is said of a newer version."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from sliders_desktop import __version__
from sliders_desktop.config import Paths
from sliders_desktop.gui import main_window
from sliders_desktop.gui.about_dialog import CREDITS, LICENCES, NEWS, AboutDialog
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.settings_dialog import SettingsDialog
from sliders_desktop.gui.theme import Theme
from sliders_desktop.ml import add_on
from sliders_desktop.session.session import Session


def test_about_names_the_music_and_whose_work_it_is(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window.actions_table.by_name["about"].trigger()
    dialog = window._dialogs["about"]
    assert isinstance(dialog, AboutDialog)
    assert "sends nothing anywhere" in dialog.what.text()
    shown = dialog.text.toPlainText()
    for name in ("Kevin MacLeod", "Eric Skiff", "CC BY-SA", "777 tracks"):
        assert name in shown
    dialog.choice.buttons[NEWS].click()
    assert "first light" in dialog.text.toPlainText()
    dialog.choice.buttons[LICENCES].click()
    assert "runs from its sources" in dialog.text.toPlainText()

    (tmp_path / "THIRD-PARTY.txt").write_text(f"mutagen: GPL\n\n{'─' * 78}\nFor: mutagen\n")
    monkeypatch.setattr(dialog, "_resources", tmp_path)
    dialog.show_text(LICENCES)
    shown = dialog.text.toPlainText()
    assert shown.endswith("mutagen: GPL")
    assert str(tmp_path / "THIRD-PARTY.txt") in shown
    monkeypatch.undo()
    dialog.show_text(CREDITS)
    dialog.close()


def test_a_newer_version_is_a_link(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    monkeypatch.setattr(main_window.QDesktopServices, "openUrl", opened.append)
    window._session.updates.found.emit("9.9.9", "https://example.org/v9.9.9")
    assert "9.9.9" in window.centre.toast.text()
    assert opened == []
    window.show_newer_version()
    assert [url.toString() for url in opened] == ["https://example.org/v9.9.9"]
    assert __version__ not in window.centre.toast.text()


def test_the_question_is_offered_only_where_it_can_be_asked(
    qtbot: QtBot, session: Session, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session.updates, "_address", "https://example.org/latest")
    dialog = SettingsDialog(session, theme)
    qtbot.addWidget(dialog)
    assert "updates" in dialog.editors
    assert not session.settings.updates


def test_a_card_that_is_not_used_is_told_of(
    qtbot: QtBot, session: Session, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = "This computer has an NVIDIA card: type “sliders-desktop gpu”"
    monkeypatch.setattr(add_on, "offer", lambda paths: offer)
    dialog = SettingsDialog(session, theme)
    qtbot.addWidget(dialog)
    from PySide6.QtWidgets import QLabel

    assert [label for label in dialog.findChildren(QLabel) if offer in label.text()]
    assert isinstance(session.paths, Paths)
