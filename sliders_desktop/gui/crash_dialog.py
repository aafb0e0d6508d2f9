"""What is shown when something broke that should not: once, in words, with details to copy."""

import platform

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from sliders_desktop import __version__


class CrashDialog(QMessageBox):
    """Not modal: the music plays on, and what was rated is kept."""

    def __init__(self, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        system = f"Sliders {__version__} · Python {platform.python_version()} · "
        self.details = f"{system}{platform.platform()}\n\n{details}"
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.setIcon(QMessageBox.Icon.Warning)
        self.setWindowTitle(self.tr("Something broke"))
        self.setText(self.tr("Something inside Sliders broke. That is a mistake of ours."))
        self.setInformativeText(
            self.tr(
                "Your ratings are kept and the music goes on. A bug report with the details helps; "
                "they name no music of yours but the file at hand."
            )
        )
        self.setDetailedText(self.details)
        self.copy: QPushButton = self.addButton(
            self.tr("Copy details"), QMessageBox.ButtonRole.ActionRole
        )
        # A message box closes at any button; this one stays, to be read.
        self.copy.clicked.disconnect()
        self.copy.clicked.connect(self._on_copy)
        self.addButton(QMessageBox.StandardButton.Close)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details)
        self.copy.setText(self.tr("Copied"))
