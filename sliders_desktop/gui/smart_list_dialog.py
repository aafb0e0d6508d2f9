"""Keep a search by name, or give a smart list another name or rule. Main thread."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
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
from sliders_desktop.library.query import LONGEST
from sliders_desktop.library.records import SmartList

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

LONGEST_NAME = 60
FOUND_AFTER_MS = 150


class SmartListDialog(QDialog):
    """Makes a list of ``rule``, or changes ``one``; a mistake is said inside the dialog."""

    def __init__(
        self,
        session: "Session",
        parent: QWidget | None = None,
        rule: str = "",
        one: SmartList | None = None,
        at_rule: bool = False,
    ) -> None:
        super().__init__(parent)
        self._session, self._one = session, one
        self.saved: SmartList | None = None
        self.setWindowTitle(self.tr("Smart list") if one else self.tr("Save as smart list"))
        self.setMinimumWidth(460)
        sentence = QLabel(self.tr("It always holds the tracks that its rule finds at the moment."))
        sentence.setWordWrap(True)
        self.name = QLineEdit(one.name if one else "", self)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setAccessibleName(self.tr("Name"))
        self.rule = QLineEdit(session.lists.rule(one) if one else rule, self)
        self.rule.setMaxLength(LONGEST)
        self.rule.setAccessibleName(self.tr("Rule"))
        self.rule.setPlaceholderText(self.tr("rainy night ≥ 80 and not heard for 6 months"))
        self.rule.setCursorPosition(0)
        if one is None:
            self.name.setText(_name_of(rule))
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow(self.tr("&Name"), self.name)
        form.addRow(self.tr("&Rule"), self.rule)
        self.found = QLabel()
        self.found.setProperty("role", "soft")
        self.found.setWordWrap(True)
        self.error = QLabel()
        self.error.setObjectName("error")
        self.error.setWordWrap(True)
        self.error.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(
            self.tr("Save"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(sentence)
        layout.addLayout(form)
        layout.addWidget(self.found)
        layout.addWidget(self.error)
        layout.addWidget(self.buttons)
        self.accept_button.setDefault(True)  # the dialog must know it already, or Enter cancels
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(FOUND_AFTER_MS)
        self._typing.timeout.connect(self._say_found)
        self.finished.connect(self._typing.stop)
        self.name.textChanged.connect(self._on_changed)
        self.rule.textChanged.connect(self._on_changed)
        self._say_found()
        self._on_changed()
        first = self.rule if at_rule else self.name
        first.setFocus(Qt.FocusReason.OtherFocusReason)
        self.name.selectAll()

    def _on_changed(self) -> None:
        self.error.hide()
        self.accept_button.setEnabled(bool(self.name.text().strip() and self.rule.text().strip()))
        self._typing.start()

    def _say_found(self) -> None:
        found = self._session.finder.find(self.rule.text())
        count = int(found.hit.sum())
        many = self.tr("1 track now.") if count == 1 else self.tr("{n:,} tracks now.")
        self.found.setText(found.sentence or many.format(n=count))

    def accept(self) -> None:
        list_id = self._one.id if self._one else None
        try:
            self.saved = self._session.lists.save(
                self.name.text().strip(), self.rule.text(), list_id
            )
        except UserError as error:
            self.error.setText(str(error))
            self.error.show()
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        super().accept()


def _name_of(rule: str) -> str:
    """What a rule could be called, to be overwritten: itself, begun with a capital."""
    name = rule.strip()[:LONGEST_NAME]
    return name[:1].upper() + name[1:]
