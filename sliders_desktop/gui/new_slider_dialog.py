"""Invent a word, or rename one: its name and the words at its two ends. Main thread."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.errors import UserError
from sliders_desktop.library.records import Slider

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

LONGEST = 40  # letters of a name or an end word
LONGEST_DESCRIPTION = 200


class NewSliderDialog(QDialog):
    """Makes a slider, or changes the words of ``slider``; a mistake is said inside the dialog."""

    def __init__(
        self, session: "Session", parent: QWidget | None = None, slider: Slider | None = None
    ) -> None:
        super().__init__(parent)
        self._rack = session.rack
        self._slider = slider
        self._low_typed = slider is not None
        self._high_typed = slider is not None
        self.setWindowTitle(self.tr("Rename slider") if slider else self.tr("New slider"))
        self.setMinimumWidth(380)

        sentence = QLabel(
            self.tr(
                "Any word that means something to your ears. Sliders learns it from the tracks "
                "you rate between its two ends."
            )
        )
        sentence.setWordWrap(True)
        self.name = self._line(self.tr("Name"), self.tr("rainy night"))
        self.low = self._line(self.tr("Low word"), self.tr("not rainy night"))
        self.high = self._line(self.tr("High word"), self.tr("rainy night"))
        self.description = self._line(
            self.tr("Description"), self.tr("what you mean by it, if you like")
        )
        self.description.setMaxLength(LONGEST_DESCRIPTION)
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow(self.tr("&Name"), self.name)
        form.addRow(self.tr("&Low end (1)"), self.low)
        form.addRow(self.tr("&High end (9)"), self.high)
        form.addRow(self.tr("&Description"), self.description)

        self.error = QLabel()
        self.error.setObjectName("error")
        self.error.setWordWrap(True)
        self.error.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(
            self.tr("Save") if slider else self.tr("Create"),
            QDialogButtonBox.ButtonRole.AcceptRole,
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(sentence)
        layout.addLayout(form)
        layout.addWidget(self.error)
        layout.addWidget(self.buttons)
        self.accept_button.setDefault(True)  # the dialog must know it already, or Enter cancels

        if slider is not None:
            self.name.setText(slider.name)
            self.low.setText(slider.low_label)
            self.high.setText(slider.high_label)
            self.description.setText(slider.description)
        self.name.textChanged.connect(self._on_name_changed)
        self.low.textEdited.connect(self._on_low_edited)
        self.high.textEdited.connect(self._on_high_edited)
        self._on_name_changed(self.name.text())
        self.name.selectAll()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _line(self, name: str, example: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setMaxLength(LONGEST)
        line.setAccessibleName(name)
        line.setPlaceholderText(example)
        return line

    def _on_name_changed(self, name: str) -> None:
        name = name.strip()
        if not self._low_typed:
            self.low.setText(self.tr("not {name}").format(name=name) if name else "")
        if not self._high_typed:
            self.high.setText(name)
        self.error.hide()
        self.accept_button.setEnabled(bool(name))

    def _on_low_edited(self, text: str) -> None:
        self._low_typed = bool(text.strip())

    def _on_high_edited(self, text: str) -> None:
        self._high_typed = bool(text.strip())

    def accept(self) -> None:
        lines = (self.name, self.low, self.high, self.description)
        words = tuple(line.text().strip() for line in lines)
        try:
            if self._slider is None:
                self._rack.create(*words)
            else:
                self._rack.edit(self._slider.id, *words)
        except UserError as error:
            self.error.setText(str(error))
            self.error.show()
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        super().accept()
