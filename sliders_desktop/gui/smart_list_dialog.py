"""Keep a search by name, or give a smart list another name or rule. Main thread."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget

from sliders_desktop.gui.name_dialog import LONGEST, NameDialog
from sliders_desktop.library.query import LONGEST as LONGEST_RULE
from sliders_desktop.library.records import SmartList

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

FOUND_AFTER_MS = 150
WIDTH = 420


class SmartListDialog(NameDialog):
    """Makes a list of ``rule``, or changes ``one``."""

    def __init__(
        self,
        session: "Session",
        parent: QWidget | None = None,
        rule: str = "",
        one: SmartList | None = None,
        at_rule: bool = False,
    ) -> None:
        super().__init__(
            parent,
            self.tr("Smart list") if one else self.tr("Save as smart list"),
            self.tr("It always holds the tracks that its rule finds at the moment."),
            self.tr("Save"),
            width=WIDTH,
        )
        self._session, self._one = session, one
        self.saved: SmartList | None = None
        example = self.tr("rainy night ≥ 80 and not heard for 6 months")
        self.rule = self.line(self.tr("Rule"), example, LONGEST_RULE)
        self.rule.setText(session.lists.rule(one) if one else rule)
        self.rule.setCursorPosition(0)
        self.lines((self.tr("&Name"), self.name), (self.tr("&Rule"), self.rule))
        self.found = self.words("")
        self.found.setProperty("role", "soft")
        self.body.addWidget(self.found)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(FOUND_AFTER_MS)
        self._typing.timeout.connect(self._say_found)
        self.finished.connect(self._typing.stop)
        self.rule.textChanged.connect(self.look)
        self._say_found()
        self.begin(one.name if one else _name_of(rule))
        if at_rule:
            self.rule.setFocus(Qt.FocusReason.OtherFocusReason)

    def look(self) -> None:
        super().look()
        if not self.rule.text().strip():
            self.accept_button.setEnabled(False)
        self._typing.start()

    def _say_found(self) -> None:
        found = self._session.finder.find(self.rule.text())
        count = int(found.hit.sum())
        many = self.tr("1 track now.") if count == 1 else self.tr("{n:,} tracks now.")
        self.found.setText(found.sentence or many.format(n=count))

    def keep(self, name: str) -> None:
        list_id = self._one.id if self._one else None
        self.saved = self._session.lists.save(name, self.rule.text(), list_id)


def _name_of(rule: str) -> str:
    """What a rule could be called, to be overwritten: itself, begun with a capital."""
    name = rule.strip()[:LONGEST]
    return name[:1].upper() + name[1:]
