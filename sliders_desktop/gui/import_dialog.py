"""A slider that came as a file: what it would mean on this library, before it is taken in."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.errors import UserError
from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import TrackRow
from sliders_desktop.session.shared_wording import preview_lines
from sliders_desktop.tasks import Preview

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

WIDTH, MARGIN = 560, 24
LONGEST = 80


class ImportDialog(QDialog):
    """Looks at a file in the background; nothing changes before “Add”."""

    def __init__(
        self, session: "Session", theme: Theme, path: Path, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._theme, self._path = session, theme, path
        self._preview: Preview | None = None
        self.tracks: list[QuietButton] = []
        self.setWindowTitle(self.tr("A slider for you"))
        self.title = self._label(self.tr("Looking at {file}…").format(file=path.name))
        self.title.setFont(theme.font(16, 600))
        self.origin = self._label(role="soft")
        self.description = self._label()
        self.says = self._label()
        self._ends = QHBoxLayout()
        self._ends.setSpacing(16)
        self.name = QLineEdit()
        self.name.setMaxLength(LONGEST)
        self.name.setAccessibleName(self.tr("Name"))
        self.name.setToolTip(self.tr("What the slider is called in your rack"))
        self._form = QWidget()
        form = QFormLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(16)
        called = QLabel(self.tr("&Name"))
        called.setMinimumHeight(self.name.sizeHint().height())
        called.setBuddy(self.name)
        form.addRow(called, self.name)
        self.error = self._label()
        self.error.setObjectName("error")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add = QPushButton(self.tr("Add to my sliders"))
        self.add.setProperty("primary", True)
        self.add.setDefault(True)
        self.buttons.addButton(self.add, QDialogButtonBox.ButtonRole.AcceptRole)
        self.add.setToolTip(self.tr("It starts dimmed; three ratings of yours confirm it"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 20, MARGIN, 16)
        column.setSpacing(10)
        for label in (self.title, self.origin, self.description, self.says):
            column.addWidget(label)
        column.addLayout(self._ends)
        column.addWidget(self._form)
        column.addWidget(self.error)
        column.addWidget(self.buttons)
        column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        self._show_only(self.title)
        catalogue = session.catalogue
        if catalogue.vectors_read:
            self._look()
        else:
            catalogue.vectors_changed.connect(self._look, Qt.ConnectionType.SingleShotConnection)

    def _label(self, text: str = "", role: str = "") -> QLabel:
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)  # much here was written by somebody else
        label.setWordWrap(True)
        label.setFixedWidth(WIDTH - 2 * MARGIN)
        if role:
            label.setProperty("role", role)
        return label

    def _show_only(self, *parts: QWidget) -> None:
        for part in (self.title, self.origin, self.description, self.says, self._form, self.error):
            part.setVisible(part in parts)
        self.add.setVisible(self._form in parts)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()  # only now the style's fonts are known

    def _fit(self) -> None:
        """As high as the wrapped texts need it."""
        for label in (self.title, self.origin, self.description, self.says, self.error):
            label.setMinimumHeight(0)
            label.setMinimumHeight(max(0, label.heightForWidth(WIDTH - 2 * MARGIN)))

    def _look(self) -> None:
        self._session.sharing.look(self._path, self._on_looked, self._on_refused)

    # ── what the file is ────────────────────────────────────────────────────────────────────

    def _on_refused(self, sentence: str) -> None:
        self.title.setText(self._path.name)
        self.error.setText(sentence)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(self.tr("Close"))
        self._show_only(self.title, self.error)

    def _on_looked(self, preview: Preview) -> None:
        self._preview = preview
        shared = preview.shared
        self.title.setText(shared.name)
        ends = f"{shared.low} – {shared.high}" if shared.low or shared.high else ""
        who = self.tr("from {author}").format(author=shared.author) if shared.author else ""
        self.origin.setText(" · ".join(filter(None, (ends, who, shared.made))))
        self.description.setText(shared.description)
        self.says.setText("\n".join(preview_lines(preview)))
        low = shared.low or self.tr("the low end")
        high = shared.high or self.tr("the high end")
        self._list(self.tr("Your music, most {word}").format(word=high), preview.highest)
        self._list(self.tr("Your music, most {word}").format(word=low), preview.lowest)
        self.name.setText(preview.name)
        shown = [self.title, self.says, self._form]
        shown += [part for part in (self.origin, self.description) if part.text()]
        self._show_only(*shown)
        self.add.setFocus(Qt.FocusReason.OtherFocusReason)

    def _list(self, title: str, rows: tuple[TrackRow, ...]) -> None:
        """One end of the library, each track a button that plays it."""
        column = QVBoxLayout()
        column.setSpacing(0)
        wide = (WIDTH - 2 * MARGIN - 16) // 2
        head = QLabel(title)
        head.setTextFormat(Qt.TextFormat.PlainText)
        head.setProperty("role", "soft")
        head.setWordWrap(True)
        head.setFixedWidth(wide)
        column.addWidget(head)
        for row in rows:
            text = f"{row.title} · {row.artist}" if row.artist else row.title
            tip = self.tr("Play {title}").format(title=row.title)
            button = QuietButton(self._theme, text, tip, icon="play")
            button.setAccessibleName(self.tr("Play {title}").format(title=text))
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.setProperty("track_id", row.id)
            button.clicked.connect(self._on_play)
            self.tracks.append(button)
            column.addWidget(button)
        column.addStretch(1)
        self._ends.addLayout(column)

    def _on_play(self) -> None:
        self._session.playback.play([self.sender().property("track_id")])

    # ── what the listener does ──────────────────────────────────────────────────────────────

    def accept(self) -> None:
        if self._preview is None:
            return
        try:
            self._session.sharing.take_in(self._preview, self.name.text())
        except UserError as error:
            self.error.setText(str(error))
            self.error.show()
            self._fit()
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        super().accept()
