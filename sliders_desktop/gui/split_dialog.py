"""Split a new word off another: its name and ends, and which ratings it begins with."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.errors import UserError
from sliders_desktop.gui.new_slider_dialog import LONGEST

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

WIDTH, MARGIN = 420, 20


class SplitDialog(QDialog):
    """Signals:
    done_with(str): what was done, in a sentence.
    """

    done_with = Signal(str)

    def __init__(self, session: "Session", slider_id: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rack, self._id = session.rack, slider_id
        slider = session.rack.slider(slider_id)
        self._name = slider.name if slider else ""
        known = session.rack.ratings(slider_id)
        self._chosen = [track for track in session.catalogue.selection if track in known]
        self.setWindowTitle(self.tr("Split off {name}").format(name=self._name))
        self.name = self._line(self.tr("Name"), "")
        self.low = self._line(self.tr("Low word"), slider.low_label if slider else "")
        self.high = self._line(self.tr("High word"), slider.high_label if slider else "")
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow(self.tr("&Name"), self.name)
        form.addRow(self.tr("&Low end (1)"), self.low)
        form.addRow(self.tr("&High end (9)"), self.high)
        self.all = QRadioButton(self.tr("Begin with &all its ratings ({n:,})").format(n=len(known)))
        self.only = QRadioButton(
            self.tr("Only those of the &chosen tracks ({n:,})").format(n=len(self._chosen))
        )
        self.only.setEnabled(bool(self._chosen))
        self.all.setChecked(True)
        group = QButtonGroup(self)
        group.addButton(self.all)
        group.addButton(self.only)
        self.says = QLabel(
            self.tr("From then on each goes its own way; {name} keeps what it has.").format(
                name=self._name
            )
        )
        self.says.setWordWrap(True)
        self.says.setFixedWidth(WIDTH - 2 * MARGIN)
        self.says.setProperty("role", "soft")
        self.error = QLabel()
        self.error.setObjectName("error")
        self.error.setWordWrap(True)
        self.error.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(
            self.tr("Split off"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.accept_button.setEnabled(False)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, 16, MARGIN, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        for widget in (self.all, self.only, self.says, self.error, self.buttons):
            layout.addWidget(widget)
        self.accept_button.setDefault(True)  # within the dialog by now: before, it is nobody's
        self.name.textChanged.connect(self._on_name_changed)
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _line(self, name: str, text: str) -> QLineEdit:
        line = QLineEdit(text, self)
        line.setMaxLength(LONGEST)
        line.setAccessibleName(name)
        return line

    def _on_name_changed(self, name: str) -> None:
        self.error.hide()
        self.accept_button.setEnabled(bool(name.strip()))

    def accept(self) -> None:
        name, low, high = (line.text().strip() for line in (self.name, self.low, self.high))
        tracks = self._chosen if self.only.isChecked() else None
        try:
            slider = self._rack.split(self._id, name, low, high or name, tracks)
        except UserError as error:
            self.error.setText(str(error))
            self.error.show()
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        count = len(self._rack.ratings(slider.id))
        text = self.tr("1 rating") if count == 1 else self.tr("{n:,} ratings").format(n=count)
        said = self.tr("{name} begins with {ratings} of {old}.")
        self.done_with.emit(said.format(name=slider.name, ratings=text, old=self._name))
        super().accept()
