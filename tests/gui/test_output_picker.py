"""The outputs as the listener sees them: the menu beside the volume, the notice of a loss."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from sliders_desktop.audio.events import Device, DevicesChanged, OutputNote, SinkLost
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.session.outputs import Outputs
from sliders_desktop.session.session import Session

SPEAKERS = Device("Speakers", "a", True)
HEADPHONES = Device("Headphones & more", "b")
TELEVISION = Device("Television", "c")
GONE = "The sound output “Headphones & more” went away."


@pytest.fixture
def outputs(session: Session) -> Outputs:
    outputs = session.playback.outputs
    outputs.on_event(DevicesChanged((HEADPHONES, SPEAKERS)))
    return outputs


def entries(window: MainWindow) -> dict[str, bool]:
    """The menu's texts, and which has the tick."""
    actions = window.player_bar.sound.output.menu.actions()
    return {a.text().replace("&&", "&"): a.isChecked() for a in actions if not a.isSeparator()}


def test_the_menu_lists_what_is_there_now(
    window: MainWindow, outputs: Outputs, session: Session
) -> None:
    assert entries(window) == {
        "As the system: Speakers": True,
        "Headphones & more": False,
        "Speakers": False,
    }
    assert window.player_bar.sound.output.accessibleName() == "Sound output: Speakers"
    session.set_setting("output", "Headphones & more")
    assert entries(window)["Headphones & more"]
    outputs.on_event(DevicesChanged((SPEAKERS, TELEVISION)))
    assert entries(window) == {
        "As the system: Speakers": False,
        "Speakers": False,
        "Television": False,
        "Headphones & more (away)": True,
    }
    outputs.on_event(DevicesChanged(()))
    assert "No output is there now" in entries(window)


def test_an_output_is_chosen_by_keyboard(
    window: MainWindow, outputs: Outputs, session: Session, qtbot: QtBot
) -> None:
    button = window.player_bar.sound.output
    window.resize(1300, 800)
    qtbot.waitUntil(button.isVisible)
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Return)
    qtbot.waitUntil(button.menu.isVisible)
    outputs.on_event(DevicesChanged((HEADPHONES, SPEAKERS, TELEVISION)))  # while one looks
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Return):
        qtbot.keyClick(button.menu, key)
    assert session.settings.output == "Television"
    assert outputs.chosen == "Television"
    assert button.isChecked()


def test_a_loss_is_told_and_one_click_goes_on(
    window: MainWindow, outputs: Outputs, session: Session, qtbot: QtBot
) -> None:
    playback, notice = session.playback, window.output_notice
    session.set_setting("output", HEADPHONES.name)
    playback.play([row.id for row in session.catalogue.rows])
    qtbot.waitUntil(lambda: playback.position_s() > 0.1)
    playback._player._commands.put(lambda: playback._player._lose(GONE))
    qtbot.waitUntil(notice.isVisible)
    assert notice.text() == GONE
    assert not playback.playing
    place = playback.position_s()
    outputs.on_event(DevicesChanged((SPEAKERS, TELEVISION)))
    assert [b.text() for b in notice.buttons] == ["As the system: Speakers", "Television"]
    assert notice.geometry().bottom() < window.player_bar.y()
    assert window.rect().contains(notice.geometry())
    qtbot.mouseClick(notice.buttons[1], Qt.MouseButton.LeftButton)
    assert playback.playing
    assert not notice.isVisible()
    assert session.settings.output == "Television"
    qtbot.waitUntil(lambda: playback.position_s() > place)


def test_what_comes_back_is_offered_and_does_not_play_by_itself(
    window: MainWindow, outputs: Outputs, session: Session
) -> None:
    notice = window.output_notice
    session.set_setting("output", HEADPHONES.name)
    outputs.on_event(SinkLost(GONE, playing=False))
    outputs.on_event(DevicesChanged((SPEAKERS,)))
    assert [b.text() for b in notice.buttons] == ["As the system: Speakers"]
    outputs.on_event(DevicesChanged((HEADPHONES, SPEAKERS)))
    assert notice.text() == "“Headphones & more” is there again."
    assert [b.text() for b in notice.buttons] == ["Headphones & more", "As the system: Speakers"]
    notice.buttons[0].click()  # nothing was playing before
    assert not session.playback.playing
    assert not notice.isVisible()


def test_without_any_output_the_notice_waits_for_one(
    window: MainWindow, outputs: Outputs, qtbot: QtBot
) -> None:
    notice = window.output_notice
    outputs.on_event(DevicesChanged(()))
    outputs.on_event(SinkLost("There is no sound output on this machine."))
    assert notice.buttons == []
    many = tuple(Device(f"Card {n}", str(n), n == 2) for n in range(6))
    outputs.on_event(DevicesChanged(many))
    texts = [button.text() for button in notice.buttons]
    assert texts == ["As the system: Card 2", "Card 0", "Card 1", "Others…"]
    window.resize(window.minimumSize())
    qtbot.waitUntil(lambda: window.rect().contains(notice.geometry()))
    qtbot.mouseClick(notice.buttons[-1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(notice.menu.isVisible)
    notice.menu.close()
    qtbot.mouseClick(notice.close_button, Qt.MouseButton.LeftButton)
    assert not notice.isVisible()


def test_a_note_is_one_quiet_line(window: MainWindow, outputs: Outputs) -> None:
    outputs.on_event(OutputNote("It is shared."))
    assert window.centre.toast.text() == "It is shared."
