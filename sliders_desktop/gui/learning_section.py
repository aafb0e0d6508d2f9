"""In the settings: what the recommender learned from this listener, learn now, and forget."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QMessageBox, QPushButton, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class LearningSection(QWidget):
    """One sentence and two buttons."""

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._learning = session.recommending
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.learn = QPushButton(self.tr("Learn now"))
        self.learn.setToolTip(
            self.tr("Learn from your albums, playlists, plays and sliders, in the background")
        )
        self.forget = QPushButton(self.tr("Forget my listening…"))
        self.forget.setToolTip(self.tr("What was played, and what was learned from it"))
        stays = QLabel(self.tr("Nothing of it leaves this computer."))
        stays.setProperty("role", "soft")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.learn, self.forget):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.sentence)
        column.addWidget(stays)
        column.addLayout(buttons)
        self.learn.clicked.connect(self._on_learn)
        self.forget.clicked.connect(self.ask)
        self._learning.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.sentence.setText(self._learning.sentence)
        self.learn.setEnabled(not self._learning.learning)
        busy = self._learning.learning
        self.learn.setText(self.tr("Learning …") if busy else self.tr("Learn now"))

    def _on_learn(self) -> None:
        self._learning.learn_now()

    def ask(self) -> QMessageBox:
        """What undo can't take back is asked about, once, and says exactly what goes."""
        ask = QMessageBox(self)
        ask.setWindowTitle(self.tr("Forget my listening"))
        ask.setText(self.tr("Forget everything you listened to in Sliders?"))
        ask.setInformativeText(
            self.tr(
                "This goes, for good: which tracks were played or skipped, when, how often and for "
                "how long; what would play next; and all that the recommender learned from you. "
                "It begins again as it came.\n\n"
                "This stays: your music, ratings, sliders, playlists and constellations."
            )
        )
        yes = ask.addButton(self.tr("Forget it"), QMessageBox.ButtonRole.AcceptRole)
        ask.setDefaultButton(ask.addButton(QMessageBox.StandardButton.Cancel))
        yes.clicked.connect(partial(_plain, self._learning.forget))
        ask.finished.connect(ask.deleteLater)
        ask.open()
        return ask


def _plain(call: object, checked: bool = False) -> None:
    assert callable(call)
    call()
