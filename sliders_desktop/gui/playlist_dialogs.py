"""A playlist gets its name; and what a playlist's file named and nobody found. Main thread."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop import tasks
from sliders_desktop.gui.name_dialog import NameDialog
from sliders_desktop.library.records import Playlist
from sliders_desktop.session.playlists import Playlists


class PlaylistDialog(NameDialog):
    """Makes a playlist of ``ids``, or renames ``one``.

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
        name: str = "",
    ) -> None:
        """``name`` is one that it could have, to be written over."""
        count = len(ids)
        begins = (
            self.tr("It begins with the chosen track.")
            if count == 1
            else self.tr("It begins with the {n:,} chosen tracks.").format(n=count)
            if count
            else self.tr("It begins empty: drop tracks on it, or choose them and use their menu.")
        )
        title = self.tr("Rename playlist") if one else self.tr("New playlist")
        super().__init__(parent, title, "" if one else begins, self.tr("Save"))
        self._playlists, self._one, self._ids = playlists, one, tuple(ids)
        self.name.setAccessibleName(self.tr("Name of the playlist"))
        self.name.setPlaceholderText(self.tr("Kitchen"))
        self.body.addWidget(self.name)
        self.begin(one.name if one else name)

    def keep(self, name: str) -> None:
        if self._one is not None:
            self._playlists.rename(self._one.id, name)
        else:
            self.made.emit(self._playlists.create(name, self._ids))


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
