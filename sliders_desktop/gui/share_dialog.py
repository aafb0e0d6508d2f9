"""Share a slider as a file: what goes into it, as whom, and where to. Main thread."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.gui.form_controls import Switch
from sliders_desktop.gui.slider_files import LAST_AUTHOR, choose_place
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Slider

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

WIDTH, MARGIN = 460, 24
LONGEST = 80


class ShareDialog(QDialog):
    """Asks for an author line and whether tracks are named; both are remembered."""

    def __init__(
        self, session: "Session", theme: Theme, slider: Slider, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._slider = session, slider
        self.native_dialogs = True  # tests drive Qt's own file dialog instead
        self.setWindowTitle(self.tr("Share {name}").format(name=slider.name))
        self.about = self._label(
            self.tr(
                "The file holds the word, your ratings, and how the rated tracks sound, in numbers "
                "that no sound can be made of. No file names, nothing of what you play; nothing "
                "is sent anywhere."
            )
        )
        self.figure = self._label(session.learned.status(slider.id).sentence)
        self.figure.setProperty("role", "soft")
        last = session.read_state(LAST_AUTHOR)
        last = last if isinstance(last, dict) else {}
        self.author = QLineEdit(str(last.get("author", "")))
        self.author.setMaxLength(LONGEST)
        self.author.setPlaceholderText(self.tr("your name, if you like"))
        self.author.setAccessibleName(self.tr("From"))
        self.author.setToolTip(self.tr("Whoever gets the file reads it beside the slider"))
        self.name_tracks = Switch(theme)
        self.name_tracks.setChecked(bool(last.get("name_tracks")))
        self.name_tracks.setAccessibleName(self.tr("Name the tracks"))
        self.name_tracks.setToolTip(self.tr("Write artist and title of each rated track, too"))
        self.error = self._label()
        self.error.setObjectName("error")
        self.error.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save = QPushButton(self.tr("Save as…"))
        self.save.setProperty("primary", True)
        self.save.setDefault(True)
        self.buttons.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self._on_save)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 20, MARGIN, 16)
        column.setSpacing(12)
        column.addWidget(self.about)
        column.addWidget(self.figure)
        column.addLayout(self._row(self.tr("&From"), self.author))
        column.addLayout(self._row(self.tr("&Name the tracks"), self.name_tracks))
        column.addWidget(self.error)
        column.addWidget(self.buttons)
        column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        self.author.setFocus(Qt.FocusReason.OtherFocusReason)

    def _label(self, text: str = "") -> QLabel:
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setFixedWidth(WIDTH - 2 * MARGIN)
        return label

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()  # only now the style's fonts are known

    def _fit(self) -> None:
        """As high as the wrapped texts need it."""
        for label in (self.about, self.figure, self.error):
            label.setMinimumHeight(0)
            label.setMinimumHeight(max(0, label.heightForWidth(WIDTH - 2 * MARGIN)))

    def _row(self, text: str, control: QWidget) -> QHBoxLayout:
        label = QLabel(text)
        label.setBuddy(control)
        label.setFixedWidth(120)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(label)
        row.addWidget(control, 1 if isinstance(control, QLineEdit) else 0)
        if not isinstance(control, QLineEdit):
            row.addStretch(1)
        return row

    def _on_save(self) -> None:
        self.error.hide()
        chosen = choose_place(self, self._slider.name, self.native_dialogs)
        if chosen:
            self.write(Path(chosen))

    def write(self, path: Path) -> None:
        """Write the file there; the dialog closes once it is."""
        author, named = self.author.text().strip(), self.name_tracks.isChecked()
        self._session.write_state(LAST_AUTHOR, {"author": author, "name_tracks": named})
        self.save.setEnabled(False)
        self._session.sharing.write(
            self._slider.id, path, author, named, self._on_written, self._on_failed
        )

    def _on_written(self, path: Path) -> None:
        said = self.tr("{name} can be sent now: {path}")
        self._session.message.emit(said.format(name=self._slider.name, path=path), "info")
        self.accept()

    def _on_failed(self, sentence: str) -> None:
        self.save.setEnabled(True)
        self.error.setText(sentence)
        self.error.show()
        self._fit()
