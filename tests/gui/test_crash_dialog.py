"""What broke is shown once, without stopping anything."""

from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.crash_dialog import CrashDialog


def test_details_can_be_copied_and_the_dialog_stays(qtbot: QtBot) -> None:
    dialog = CrashDialog("Traceback: our mistake")
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.isModal()

    dialog.copy.click()

    text = QGuiApplication.clipboard().text()
    assert "our mistake" in text
    assert "Sliders" in text
    assert dialog.isVisible()
    assert dialog.copy.text() == "Copied"
