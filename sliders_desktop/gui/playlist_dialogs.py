"""A playlist gets its name; and what a playlist's file named and nobody found. Main thread."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop import tasks
from sliders_desktop.errors import UserError
from sliders_desktop.library.records import Playlist
from sliders_desktop.session.playlists import Playlists

LONGEST = 60  # letters
WIDTH = 344  # of its lines


class NameDialog(QDialog):
    """Makes a playlist of ``ids``, or renames ``one``; mistakes are said inside.

    Signals:
        made(int): a new one.
    """

    made = Signal(int)

    def __init__(
        self,
        playlists: Playlists,
        parent: QWidget | None = None,
        one: Playlist | None = None,
        ids: Sequence[int] = (),
    ) -> None:
        super().__init__(parent)
        self._playlists, self._one, self._ids = playlists, one, tuple(ids)
        self.setWindowTitle(self.tr("Rename playlist") if one else self.tr("New playlist"))
        count = len(self._ids)
        self.sentence = QLabel(
            self.tr("It begins with the chosen track.")
            if count == 1
            else self.tr("It begins with the {n:,} chosen tracks.").format(n=count)
            if count
            else self.tr("It begins empty: drop tracks on it, or choose them and use their menu.")
        )
        self.sentence.setWordWrap(True)
        self.sentence.setVisible(one is None)
        self.name = QLineEdit(one.name if one else "")
        self.name.setMaxLength(LONGEST)
        self.name.setAccessibleName(self.tr("Name of the playlist"))
        self.name.setPlaceholderText(self.tr("Kitchen"))
        self.name.textChanged.connect(self._on_name_changed)
        self.note = QLabel()
        self.note.setObjectName("error")
        self.note.setWordWrap(True)
        self.note.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(
            self.tr("Save"), QDialogButtonBox.ButtonRole.AcceptRole
        )
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
        self.accept_button.setDefault(True)
        self._on_name_changed(self.name.text())
        self.name.selectAll()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_name_changed(self, name: str) -> None:
        self.accept_button.setEnabled(bool(name.strip()))
        self.note.hide()

    def accept(self) -> None:
        try:
            if self._one is not None:
                self._playlists.rename(self._one.id, self.name.text())
            else:
                self.made.emit(self._playlists.create(self.name.text(), self._ids))
        except UserError as error:
            self.note.setText(str(error))
            self.note.show()
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        super().accept()


class OthersDialog(QDialog):
    """What a file named and the library does not have, to be read and copied."""

    def __init__(self, done: tasks.ImportedPlaylist, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Not found: {0}").format(done.name))
        self.resize(520, 360)
        left = done.entries - done.found
        said = QLabel(
            self.tr("1 track of the file is not in your library:")
            if left == 1
            else self.tr("{n:,} tracks of the file are not in your library:").format(n=left)
        )
        said.setWordWrap(True)
        said.setProperty("role", "soft")
        lines = list(done.others)
        if left > len(lines):
            lines.append(self.tr("… and {n:,} more").format(n=left - len(lines)))
        self.names = QPlainTextEdit("\n".join(lines))
        self.names.setReadOnly(True)
        self.names.setTabChangesFocus(True)
        self.names.setAccessibleName(self.tr("Tracks that were not found"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy_button = buttons.addButton(
            self.tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self.copy_button.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        for widget in (said, self.names, buttons):
            layout.addWidget(widget)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.names.toPlainText())
