"""Give a preset its name: for the handles of now, or another for one that is there. Main thread."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.errors import UserError
from sliders_desktop.library.records import Preset
from sliders_desktop.session.pull_words import summary

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

LONGEST = 60  # letters
WIDTH = 344  # of its lines


class PresetDialog(QDialog):
    """Keeps the handles of now by name, or renames ``preset``; mistakes are said inside."""

    def __init__(
        self, session: "Session", parent: QWidget | None = None, preset: Preset | None = None
    ) -> None:
        super().__init__(parent)
        self._presets, self._preset = session.presets, preset
        self.setWindowTitle(self.tr("Rename preset") if preset else self.tr("Keep these handles"))
        handles = [(slider.name, handle) for slider, handle in session.steering.handles()]
        self.sentence = QLabel(summary(handles))
        self.sentence.setWordWrap(True)
        self.sentence.setVisible(preset is None)
        self.name = QLineEdit(preset.name if preset else "")
        self.name.setMaxLength(LONGEST)
        self.name.setAccessibleName(self.tr("Name of the preset"))
        self.name.setPlaceholderText(self.tr("Sunday morning"))
        self.name.textChanged.connect(self._on_name_changed)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(
            self.tr("Save"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.accept_button.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)  # grows with what it says
        for label in (self.sentence, self.note):
            label.setFixedWidth(WIDTH)
        self.name.setFixedWidth(WIDTH)
        for widget in (self.sentence, self.name, self.note, self.buttons):
            layout.addWidget(widget)
        self._on_name_changed(self.name.text())
        self.name.selectAll()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_name_changed(self, name: str) -> None:
        """A name that is there already is changed, and the button says so."""
        known = self._presets.named(name) if self._preset is None else None
        self.accept_button.setEnabled(bool(name.strip()))
        self.accept_button.setText(self.tr("Replace") if known else self.tr("Save"))
        self._say(
            self.tr("“{name}” gets these handles instead of its own.").format(name=known.name)
            if known
            else ""
        )

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def accept(self) -> None:
        try:
            if self._preset is None:
                self._presets.keep(self.name.text())
            else:
                self._presets.rename(self._preset, self.name.text())
        except UserError as error:
            self._say(str(error))
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        super().accept()
