"""Let one word's ratings count on another: which, which way round, and what will happen."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.errors import UserError
from sliders_desktop.gui.form_controls import Choice
from sliders_desktop.gui.theme import Theme

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

WIDTH, MARGIN = 420, 20


class MergeDialog(QDialog):
    """Signals:
    done_with(str): what was done, in a sentence.
    """

    done_with = Signal(str)

    def __init__(
        self, session: "Session", theme: Theme, slider_id: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._rack, self._id = session.rack, slider_id
        self._slider = session.rack.slider(slider_id)
        name = self._slider.name if self._slider else ""
        self.setWindowTitle(self.tr("Merge {name}").format(name=name))
        self.into = Choice(theme)
        self.into.setAccessibleName(self.tr("Into"))
        for slider in session.rack.sliders:
            if slider.id != slider_id:
                self.into.addItem(slider.name, slider.id)
        self.turned = QCheckBox()
        self.says = QLabel()
        self.says.setWordWrap(True)
        self.says.setFixedWidth(WIDTH - 2 * MARGIN)
        self.says.setProperty("role", "soft")
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow(self.tr("Merge &into"), self.into)
        form.addRow(self.turned)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(
            self.tr("Merge"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, 16, MARGIN, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.says)
        layout.addWidget(self.buttons)
        self.accept_button.setDefault(True)  # within the dialog by now: before, it is nobody's
        self.into.currentIndexChanged.connect(self._on_chosen)
        self.turned.toggled.connect(self._on_chosen)
        self._on_chosen()
        self.into.setFocus()

    def _on_chosen(self) -> None:
        """Say in one sentence what would happen."""
        target = self._rack.slider(self.into.currentData() or 0)
        if target is None or self._slider is None:
            self.accept_button.setEnabled(False)
            return
        low, high = self._slider.low_label, target.high_label
        self.turned.setText(
            self.tr("Its low end “{low}” is the high end “{high}”").format(low=low, high=high)
        )
        moved, both = self._rack.merged(self._id, target.id)
        names = {"name": self._slider.name, "target": target.name}
        said = [
            self.tr("1 rating of {name} will count on {target}.").format(**names)
            if len(moved) == 1
            else self.tr("{n:,} ratings of {name} will count on {target}.").format(
                n=len(moved), **names
            )
        ]
        if both:
            tracks = self.tr("1 track is") if both == 1 else self.tr("{n:,} tracks are")
            stays = self.tr("rated on both: {target}'s rating stays.")
            said.append(f"{tracks.format(n=both)} {stays.format(**names)}")
        said.append(self.tr("{name} is put away, and its own ratings are kept.").format(**names))
        self.says.setText(" ".join(said))
        self.adjustSize()

    def accept(self) -> None:
        target = self._rack.slider(self.into.currentData() or 0)
        if target is None or self._slider is None:
            return
        try:
            moved = self._rack.merge(self._id, target.id, self.turned.isChecked())
        except UserError as error:
            self.says.setText(str(error))
            return
        text = self.tr("1 rating") if moved == 1 else self.tr("{n:,} ratings").format(n=moved)
        said = self.tr("{ratings} of {name} count on {target} now.")
        self.done_with.emit(said.format(ratings=text, name=self._slider.name, target=target.name))
        super().accept()
