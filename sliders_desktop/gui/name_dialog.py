"""The frame of every dialog in which something gets its name. Main thread."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.errors import UserError

LONGEST = 60  # letters
WIDTH = 344  # of its lines
MARGIN = 20


class NameDialog(QDialog):
    """A sentence, the name, what is wrong with it, and two buttons.

    Who inherits says what is done with the name (`keep`), and may put more into ``body``, which
    lies between the name and the buttons.
    """

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        sentence: str,
        button: str,
        longest: int = LONGEST,
        width: int = WIDTH,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._longest, self._width = longest, width
        self.sentence = self.words(sentence)
        self.sentence.setVisible(bool(sentence))
        self.name = self.line(self.tr("Name"))
        self.note = self.words("")
        self.note.setObjectName("error")
        self.note.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.body = QVBoxLayout()
        self.body.setSpacing(12)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, 16, MARGIN, 16)
        layout.setSpacing(12)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)  # grows with what it says
        layout.addWidget(self.sentence)
        layout.addLayout(self.body)
        layout.addWidget(self.note)
        layout.addWidget(self.buttons)
        self.accept_button.setDefault(True)  # the dialog must know it already, or Enter cancels

    def begin(self, name: str) -> None:
        """The name to begin with, ready to be written over; the last thing to build."""
        self.name.setText(name)
        self.name.textChanged.connect(self.look)
        self.look()
        self.name.selectAll()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def words(self, text: str) -> QLabel:
        """A sentence as wide as the dialog."""
        label = QLabel(text, self)
        label.setWordWrap(True)
        label.setFixedWidth(self._width)
        return label

    def line(self, name: str, example: str = "", longest: int = 0) -> QLineEdit:
        """A line to type in."""
        line = QLineEdit(self)
        line.setMaxLength(longest or self._longest)
        line.setAccessibleName(name)
        line.setPlaceholderText(example)
        return line

    def lines(self, *rows: tuple[str, QLineEdit]) -> None:
        """What is asked, one below the other, with what each is called."""
        form = QFormLayout()
        form.setSpacing(8)
        for text, line in rows:
            form.addRow(text, line)
        self.body.addLayout(form)

    def say(self, text: str) -> None:
        """What is wrong, or what the name would do; nothing hides it."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def look(self) -> None:
        """The name is another: nothing is wrong with it yet."""
        self.say("")
        self.accept_button.setEnabled(bool(self.name.text().strip()))

    def keep(self, name: str) -> None:
        """Do what the dialog is for; `UserError` is said inside, and it stays open."""
        raise NotImplementedError

    def accept(self) -> None:
        try:
            self.keep(self.name.text().strip())
        except UserError as error:
            self.say(str(error))
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        super().accept()
