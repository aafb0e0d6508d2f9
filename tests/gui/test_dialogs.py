"""Settings made from their declaration, files that could not be heard, the sheet of keys."""

from dataclasses import fields

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from sliders_desktop.audio.events import Device, DevicesChanged
from sliders_desktop.config import Settings
from sliders_desktop.gui.form_controls import Choice, Switch, ThinSlider
from sliders_desktop.gui.problems_dialog import ProblemsDialog, ProblemsModel
from sliders_desktop.gui.settings_dialog import SettingsDialog
from sliders_desktop.gui.shortcuts_sheet import ShortcutsSheet
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.store import Store
from sliders_desktop.session.session import Session


@pytest.fixture
def settings(qtbot: QtBot, session: Session, theme: Theme) -> SettingsDialog:
    dialog = SettingsDialog(session, theme)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_every_setting_has_an_editor_with_name_and_help(settings: SettingsDialog) -> None:
    offered = [declared for declared in fields(Settings) if declared.name != "updates"]
    assert list(settings.editors) == [declared.name for declared in offered]
    for declared in offered:
        editor = settings.editors[declared.name]
        assert editor.accessibleName()
        assert editor.accessibleDescription() == declared.metadata["help"]


def test_what_was_learned_and_forgetting(
    settings: SettingsDialog, session: Session, qtbot: QtBot
) -> None:
    section = settings.learning
    assert section.sentence.text() == session.recommending.sentence
    assert section.learn.isEnabled()
    session.playback.play([1, 2])
    qtbot.waitUntil(lambda: session.playback.history[-1:] == [2], timeout=10_000)
    session.playback.toggle()
    qtbot.waitUntil(session._jobs.idle)
    with Store.open(session.paths.database) as store:
        assert store.recent_plays(5)

    asked = section.ask()
    text = f"{asked.text()} {asked.informativeText()}"
    for goes in ("played or skipped", "recommender learned", "for good"):
        assert goes in text
    for stays in ("music", "ratings", "sliders", "playlists", "constellations"):
        assert stays in text.split("This stays:")[1]
    asked.reject()
    with Store.open(session.paths.database) as store:
        assert store.recent_plays(5)
    asked = section.ask()
    assert asked.defaultButton().text() != "Forget it"
    yes = next(button for button in asked.buttons() if button.text() == "Forget it")
    with qtbot.waitSignal(session.recommending.forgotten):
        yes.click()
    with Store.open(session.paths.database) as store:
        assert not store.recent_plays(5)
    qtbot.waitUntil(session._jobs.idle)


def test_editors_show_what_is_set(settings: SettingsDialog, session: Session) -> None:
    repeat, volume = settings.editors["repeat"], settings.editors["volume"]
    assert isinstance(repeat, Choice)
    assert isinstance(volume, ThinSlider)
    assert repeat.currentData() == "off"
    assert volume.value() == 80
    session.playback.set_repeat("all")
    session.playback.set_volume(0.25)
    assert repeat.currentData() == "all"
    assert volume.value() == 25


def test_choices_take_effect_at_once(settings: SettingsDialog, session: Session) -> None:
    theme = settings.editors["theme"]
    assert isinstance(theme, Choice)
    theme.setCurrentIndex(theme.findData("light"))
    theme.activated.emit(theme.currentIndex())
    assert session.settings.theme == "light"
    fast = settings.editors["fast"]
    assert isinstance(fast, Switch)
    fast.click()
    assert session.settings.fast
    loud = settings.editors["volume"]
    assert isinstance(loud, ThinSlider)
    loud.setValue(40)
    assert session.playback.volume == pytest.approx(0.4)
    assert session.settings.volume == pytest.approx(0.4)


def test_outputs_are_listed_as_they_come_and_go(settings: SettingsDialog, session: Session) -> None:
    outputs = session.playback.outputs
    combo = settings.editors["output"]
    assert isinstance(combo, Choice)
    outputs.on_event(DevicesChanged((Device("Headphones", "a"), Device("Speakers", "b"))))
    assert [combo.itemData(at) for at in range(combo.count())] == ["", "Headphones", "Speakers"]
    combo.setCurrentIndex(2)
    combo.activated.emit(2)
    assert session.settings.output == "Speakers"
    outputs.on_event(DevicesChanged(()))
    combo.showPopup()
    combo.hidePopup()
    assert combo.currentData() == "Speakers"


def test_folders_can_be_removed(settings: SettingsDialog, session: Session, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QPushButton

    removes = [b for b in settings.findChildren(QPushButton) if b.property("folder")]
    assert len(removes) == 1
    with qtbot.waitSignal(session.catalogue.tracks_changed):
        removes[0].click()
    assert session.work.folders() == []
    assert all(row.missing for row in session.catalogue.rows)


def test_problems_model(qtmodeltester: ModelTester, session: Session) -> None:
    rows = [row._replace(error="no sound in this file") for row in session.catalogue.rows]
    model = ProblemsModel(rows)
    qtmodeltester.check(model)
    assert model.data(model.index(0, 0)) == "0000.wav"
    assert model.data(model.index(0, 1)) == "no sound in this file"
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Why"


def test_problems_are_listed_and_tried_again(
    qtbot: QtBot, session: Session, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = session.catalogue.rows
    broken = {rows[2].id, rows[4].id}
    session._store.set_error(rows[2].id, "no sound in this file")
    session._store.set_error(rows[4].id, "ends too early")
    session.catalogue.reload_rows(broken)
    tried: list[list[int]] = []
    monkeypatch.setattr(session.work, "retry", tried.append)
    dialog = ProblemsDialog(session, theme)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.model.rowCount() == 2
    assert not dialog.retry.isEnabled()
    dialog.view.selectRow(1)
    dialog.retry.click()
    dialog.retry_all.click()
    assert tried == [[rows[4].id], [rows[2].id, rows[4].id]]
    session._store.clear_errors(list(broken))
    session.catalogue.reload_rows(broken)
    session.catalogue.tracks_changed.emit()
    assert dialog.model.rowCount() == 0
    assert not dialog.retry_all.isEnabled()


def test_sheet_takes_the_keyboard_and_gives_it_back(qtbot: QtBot, theme: Theme) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    line = QLineEdit(window)
    window.resize(1024, 640)
    sheet = ShortcutsSheet(theme, [("Playback", [("Space", "Play or pause")])], window)
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    line.setFocus()
    sheet.open()
    assert sheet.hasFocus()
    assert sheet.geometry() == window.rect()
    qtbot.keyClick(sheet, Qt.Key.Key_Tab)
    assert sheet.hasFocus()
    window.resize(1200, 700)
    assert sheet.geometry() == window.rect()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert line.hasFocus()
