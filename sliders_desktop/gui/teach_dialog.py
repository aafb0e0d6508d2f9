"""Teach Sliders my library: what it does, what it takes, how it went, and the way back."""

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.gui.form_controls import Choice
from sliders_desktop.gui.theme import Theme
from sliders_desktop.tasks import SHIPPED, Generation

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

WIDTH = 540


class TeachDialog(QDialog):
    """Shows what the session says of teaching; the work itself shows on its card, too."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._teaching = session.work.teaching
        self._listed: list[Generation] = []
        self.setWindowTitle(self.tr("Teach Sliders my library"))
        about = self._label(
            self.tr(
                "Sliders learned to hear from other people's music, and can go on learning from "
                "yours. What it learns is used only if it then tells apart music it was not taught "
                "with as well as before.\n\n"
                "Your files are only read, and nothing leaves this computer. Sliders, ratings and "
                "the map stay, and you can go back at any time."
            )
        )
        self.now = self._label()  # what it would take, how far it is, why it can't be
        self.begin = QPushButton()
        self.pause = QPushButton()
        self.drop = QPushButton()
        self.begin.clicked.connect(self._teaching.start)
        self.pause.clicked.connect(self._on_pause)
        self.drop.clicked.connect(self._on_drop)
        self.begin.setProperty("primary", True)
        doing = QHBoxLayout()
        for button in (self.begin, self.pause, self.drop):
            button.setAutoDefault(False)
            doing.addWidget(button)
        doing.addStretch(1)
        self.last = self._label()
        self.last.setProperty("role", "soft")
        self.choice = Choice(theme)
        self.choice.setMinimumWidth(260)
        self.choice.setAccessibleName(self.tr("Sliders hears"))
        self.choice.activated.connect(self._on_chosen)
        self._choice_label = QLabel(self.tr("Sliders &hears"))
        self._choice_label.setMinimumHeight(self.choice.height())
        self._choice_label.setBuddy(self.choice)
        self.waiting = self._label(
            self.tr("It listens to your library for that; until it is ready it hears as before.")
        )
        self.waiting.setProperty("role", "soft")
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.addRow(self._choice_label, self.choice)
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(14)
        column.addWidget(about)
        column.addWidget(self.now)
        column.addLayout(doing)
        column.addWidget(self.last)
        column.addLayout(form)
        column.addWidget(self.waiting)
        column.addStretch(1)
        column.addLayout(foot)
        self.setFixedWidth(WIDTH)
        self._teaching.changed.connect(self.refresh)
        session.work.changed.connect(self._on_work_changed)
        theme.changed.connect(self.update)
        self._teaching.look()
        self.refresh()

    def _label(self, text: str | None = None) -> QLabel:
        label = QLabel("" if text is None else text)
        label.setWordWrap(True)
        return label

    # ── what the session says ───────────────────────────────────────────────────────────────

    def refresh(self) -> None:
        """Ask the session again."""
        teaching, state, outlook = self._teaching, self._teaching.state, self._teaching.outlook
        status = self._session.work.status("taught")
        if teaching.running:
            said = status.sentence if status is not None else ""
            paused = status is not None and status.state == "paused"
            self.now.setText(said or self.tr("Beginning…"))
            self.pause.setText(self.tr("Go on") if paused else self.tr("Pause"))
            self.drop.setText(self.tr("Stop"))
        elif teaching.begun is not None:
            self.now.setText(
                self.tr(
                    "A teaching was interrupted at {percent:.0f} %. It can go on from there."
                ).format(percent=100 * teaching.begun)
            )
            self.begin.setText(self.tr("Go on"))
            self.drop.setText(self.tr("Drop it"))
        else:
            self.now.setText(self._prospect())
            self.begin.setText(self.tr("Start teaching"))
        self.begin.setVisible(not teaching.running)
        self.begin.setEnabled(
            teaching.begun is not None or (outlook is not None and not outlook.refusal)
        )
        self.pause.setVisible(teaching.running)
        self.drop.setVisible(teaching.running or teaching.begun is not None)
        self.last.setVisible(state is not None and state.last is not None)
        if state is not None and state.last is not None:
            on = time.strftime("%x", time.localtime(state.last.ended_at))
            self.last.setText(
                self.tr("Last time, {date}, with {n:,} tracks. {sentence}").format(
                    date=on, n=state.last.tracks, sentence=state.last.sentence
                )
            )
        self._show_choice()
        if not teaching.running:  # then only figures change, ten times a second
            self.adjustSize()

    def _prospect(self) -> str:
        outlook = self._teaching.outlook
        if outlook is None:
            return self.tr("Looking at your library…")
        if outlook.refusal:
            return outlook.refusal
        return self.tr(
            "It would learn from {n:,} tracks, in the background while you listen: about {time} on "
            "this processor, and {size:.1f} GB on the disk until it is done."
        ).format(n=outlook.tracks, time=_in_words(outlook.seconds), size=outlook.bytes / 1e9)

    def _show_choice(self) -> None:
        state = self._teaching.state
        several = state is not None and len(state.generations) > 1
        self._choice_label.setVisible(several)
        self.choice.setVisible(several)
        self.choice.setEnabled(not self._teaching.running)
        self.waiting.setVisible(several and state is not None and state.waiting)
        if state is not None and state.generations != self._listed:
            self._listed = state.generations
            self._list(state.generations)

    def _list(self, generations: list[Generation]) -> None:
        self.choice.clear()
        for generation in generations:
            made = time.strftime("%x %H:%M", time.localtime(generation.made_at))
            title = (
                self.tr("as it was shipped")
                if generation.sha256 == SHIPPED
                else self.tr("as your library taught it, {date}").format(date=made)
            )
            self.choice.addItem(title, generation.sha256)
            if generation.chosen:
                self.choice.setCurrentIndex(self.choice.count() - 1)

    def _on_work_changed(self, name: str) -> None:
        if name == "taught":
            self.refresh()

    # ── what the listener does ──────────────────────────────────────────────────────────────

    def _on_pause(self) -> None:
        status = self._session.work.status("taught")
        if status is not None and status.state == "paused":
            self._session.work.resume("taught")
        else:
            self._session.work.pause("taught")

    def _on_drop(self) -> None:
        if self._teaching.running:
            self._session.work.cancel("taught")
        else:
            self._teaching.drop()

    def _on_chosen(self) -> None:
        state, wanted = self._teaching.state, self.choice.currentData()
        if state is not None and wanted not in {g.sha256 for g in state.generations if g.chosen}:
            self._teaching.hear_with(wanted)


def _in_words(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min"
