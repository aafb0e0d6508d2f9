"""The quiet line at the foot: what it says, and the button it may offer."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.toast import Toast


class Deed(QObject):
    """Something that can be taken back."""

    def __init__(self) -> None:
        super().__init__()
        self.taken_back = 0

    def take_back(self) -> None:
        self.taken_back += 1


@pytest.fixture
def toast(qtbot: QtBot, theme: Theme) -> Iterator[Toast]:
    room = QWidget()
    qtbot.addWidget(room)
    room.resize(700, 300)
    toast = Toast(theme, room)
    room.show()
    yield toast
    room.close()


def test_a_button_acts_once_and_hides_the_line(toast: Toast, qtbot: QtBot) -> None:
    deed = Deed()
    toast.say("Deleted calm.", action="Undo", act=deed.take_back, tip="Bring it back (Ctrl+Z)")
    assert toast.action_button.isVisible()
    assert toast.action_button.accessibleName() == "Undo"
    assert "Ctrl+Z" in toast.action_button.toolTip()

    qtbot.keyClick(toast.action_button, Qt.Key.Key_Return)

    assert deed.taken_back == 1
    assert not toast.isVisible()


def test_the_next_line_has_no_button_of_the_last(toast: Toast) -> None:
    deed = Deed()
    toast.say("Deleted calm.", action="Undo", act=deed.take_back)
    toast.say("9 ratings")

    assert toast.isVisible()
    assert not toast.action_button.isVisible()


def test_a_long_line_stays_in_the_room_with_its_button(toast: Toast) -> None:
    toast.say("a long sentence of many words " * 8, action="Undo", act=Deed().take_back)

    room = toast.parentWidget()
    assert room is not None
    assert room.rect().contains(toast.geometry())
    assert toast.rect().contains(toast.action_button.geometry())
