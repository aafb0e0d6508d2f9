"""ListenBrainz: what would be sent and where, the listener's yes, and the way back."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.config import LISTENBRAINZ
from sliders_desktop.gui.theme import Theme

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

WIDTH = 540
MARGIN = 24


class ScrobbleDialog(QDialog):
    """Shows what the session says of sending; only its button "agree" turns it on."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scrobbling = session.scrobbling
        self.setWindowTitle(self.tr("ListenBrainz"))
        self.about = self._label(
            self.tr(
                "ListenBrainz keeps a diary of what you hear. If you agree, Sliders tells the "
                "server below of each song you play: title, artist, album, length, when it began, "
                "and the name of this player; once as it starts, and once you heard half of it.\n\n"
                "It is off until you agree, covers only what you play from then on, and can be "
                "turned off here at any time. Nothing else ever leaves this computer."
            )
        )
        self.server = QLineEdit(self._scrobbling.server)
        self.server.setPlaceholderText(LISTENBRAINZ)
        self.token = QLineEdit(self._scrobbling.token)
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for text, line in ((self.tr("&Server"), self.server), (self.tr("Your &token"), self.token)):
            label = QLabel(text)
            label.setMinimumHeight(line.sizeHint().height())
            label.setBuddy(line)
            form.addRow(label, line)
            line.textChanged.connect(self._on_typed)
        self.server.setAccessibleName(self.tr("Server"))
        self.token.setAccessibleName(self.tr("Your token"))
        self.hint = self._label()
        self.hint.setProperty("role", "soft")
        self.token.setAccessibleDescription(self._where())
        self.now = self._label()
        self.now.setAccessibleName(self.tr("State"))
        self.agree = self._button(self.tr("Agree and turn on"), self._on_agree)
        self.agree.setProperty("primary", True)
        self.stop = self._button(self.tr("Turn off"), self._scrobbling.turn_off)
        self.again = self._button(self.tr("Try now"), self._scrobbling.send)
        self.forget = self._button(self.tr("Forget what waits"), self._scrobbling.forget)
        doing = QHBoxLayout()
        for button in (self.agree, self.stop, self.again, self.forget):
            doing.addWidget(button)
        doing.addStretch(1)
        self.dismiss = self._button(self.tr("Close"), self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.dismiss)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 20, MARGIN, 16)
        column.setSpacing(14)
        column.addWidget(self.about)
        column.addLayout(form)
        column.addWidget(self.hint)
        column.addWidget(self.now)
        column.addLayout(doing)
        column.addStretch(1)
        column.addLayout(foot)
        self.setFixedWidth(WIDTH)
        self._scrobbling.changed.connect(self.refresh)
        theme.changed.connect(self.update)
        self.refresh()
        (self.dismiss if self._scrobbling.on else self.token).setFocus()

    def _label(self, text: str = "") -> QLabel:
        label = QLabel(text)
        label.setWordWrap(True)
        return label

    def _button(self, text: str, slot: Callable[[], Any]) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    # ── what the session says ───────────────────────────────────────────────────────────────

    def refresh(self) -> None:
        """Ask the session again."""
        sending = self._scrobbling
        open_to_change = not sending.on or sending.refused
        self.server.setEnabled(open_to_change and sending.possible)
        self.token.setEnabled(open_to_change and sending.possible)
        self.agree.setVisible(open_to_change)
        self.agree.setText(
            self.tr("Use this token") if sending.refused else self.tr("Agree and turn on")
        )
        self.stop.setVisible(sending.on)
        waiting = sending.waiting
        self.forget.setVisible(waiting > 0)
        stuck = sending.on and not sending.refused and bool(sending.problem)
        self.again.setVisible(stuck and waiting > 0 and not sending.asked_to_wait)
        self.now.setText(" ".join(filter(None, (self._state(), self._queue(waiting)))))
        self._on_typed()
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()  # only now the style's fonts are known

    def _fit(self) -> None:
        """As high as the wrapped texts need it."""
        for label in (self.about, self.hint, self.now):
            label.setMinimumHeight(0)
            label.setMinimumHeight(label.heightForWidth(WIDTH - 2 * MARGIN))
        self.adjustSize()

    def _state(self) -> str:
        sending = self._scrobbling
        if not sending.possible:
            return self.tr("Off: this run is a trial, and sends nothing anywhere.")
        if sending.checking:
            return self.tr("Asking the server whether it knows this token…")
        if sending.refused:
            return self.tr(
                "{host} does not take this token any more. Nothing is sent until you enter another."
            ).format(host=sending.host)
        if sending.problem:
            off = "" if sending.on else self.tr(" It is off, and nothing is sent.")
            return sending.problem + off
        if sending.on:
            who = sending.user or self.tr("you")
            return self.tr("On: what you hear goes to the diary of {who} at {host}.").format(
                who=who, host=sending.host
            )
        return self.tr("Off: nothing is sent.")

    def _queue(self, waiting: int) -> str:
        if waiting == 0:
            return ""
        if waiting == 1:
            return self.tr("One song waits to be sent.")
        return self.tr("{n:,} songs wait to be sent.").format(n=waiting)

    def _where(self) -> str:
        return self.tr(
            "You find it in your settings on listenbrainz.org. Sliders keeps it in its library."
        )

    # ── what the listener does ──────────────────────────────────────────────────────────────

    def _on_typed(self) -> None:
        ready = bool(self.token.text().strip()) and not self._scrobbling.checking
        self.agree.setEnabled(ready and self._scrobbling.possible)
        self.agree.setDefault(self.agree.isVisibleTo(self))
        self.dismiss.setDefault(not self.agree.isVisibleTo(self))
        bare = self.server.text().strip().lower().startswith("http://")
        self.hint.setText(
            self.tr("Without https everyone on the way can read the token and what you hear.")
            if bare
            else self._where()
        )

    def _on_agree(self) -> None:
        self._scrobbling.agree(self.server.text() or LISTENBRAINZ, self.token.text())
