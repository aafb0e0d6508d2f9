"""One visible job at the foot of the left column: what it does, how far, how long still."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QRectF, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from sliders_desktop.gui.controls import ElidedLabel, IconButton, paint_box
from sliders_desktop.gui.theme import Theme

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session
    from sliders_desktop.session.work import WorkStatus

SHOWN = ("running", "paused", "failed")


class WorkCard(QWidget):
    """Title, sentence and a thin bar; pause and cancel appear under the mouse or the keyboard."""

    def __init__(
        self, session: "Session", theme: Theme, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._theme, self._name = session, theme, name
        self._status: WorkStatus | None = None
        self._title = ElidedLabel(theme, theme.font(12.5, 500), "text")
        self._sentence = ElidedLabel(theme, theme.font(11.5, tabular=True), "soft")
        self.pause = IconButton(theme, "pause-small", "", size=24, icon_px=14)
        self.cancel = IconButton(theme, "close", self.tr("Stop"), size=24, icon_px=14)
        self.pause.clicked.connect(self._on_pause)
        self.cancel.clicked.connect(self._on_cancel)
        self._buttons = QWidget(self)
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.pause)
        row.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 18)
        column.setSpacing(2)
        column.addWidget(self._title)
        column.addWidget(self._sentence)
        self.pause.installEventFilter(self)
        self.cancel.installEventFilter(self)
        theme.changed.connect(self.update)
        self.refresh()

    @property
    def shown(self) -> bool:
        """Whether there is something to say."""
        return self._status is not None and self._status.state in SHOWN

    def refresh(self) -> None:
        """Take the job's state from the session."""
        status = self._session.work.status(self._name)
        self._status = status
        if status is None:
            return
        paused, failed = status.state == "paused", status.state == "failed"
        self._title.set_text(status.title)
        self._sentence.set_text(status.sentence or status.text)
        self.pause.setVisible(not failed)
        self.pause.set_icon("play" if paused else "pause-small")
        verb = self.tr("Go on: {job}") if paused else self.tr("Pause: {job}")
        self.pause.set_name(verb.format(job=status.title))
        self.cancel.set_name(self.tr("Stop: {job}").format(job=status.title))
        self.setAccessibleName(f"{status.title}, {status.sentence}")
        self.update()
        self._place_buttons()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        paint_box(painter, self.rect(), theme.raised)
        status = self._status
        if status is None or status.state == "failed":
            return
        track = QRectF(12, self.height() - 13, self.width() - 24, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.line)
        painter.drawRoundedRect(track, 1.5, 1.5)
        share = status.done / status.total if status.total else 0.0
        if share > 0:
            painter.setBrush(theme.faint if status.state == "paused" else theme.work)
            track.setWidth(max(3.0, track.width() * min(1.0, share)))
            painter.drawRoundedRect(track, 1.5, 1.5)

    # ── its two buttons ─────────────────────────────────────────────────────────────────────

    def _place_buttons(self) -> None:
        wanted = self.underMouse() or QApplication.focusWidget() in (self.pause, self.cancel)
        hint = self._buttons.sizeHint()
        # Kept inside the card but out of sight, so that Tab still finds them.
        x = self.width() - hint.width() - 6 if wanted else self.width() + 1
        self._buttons.setGeometry(QRect(x, 5, hint.width(), hint.height()))
        self._title.setMaximumWidth(max(40, x - 16) if wanted else 16777215)
        self._buttons.raise_()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._place_buttons()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._place_buttons()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._place_buttons()
        return False

    def _on_pause(self) -> None:
        if self._status is not None and self._status.state == "paused":
            self._session.work.resume(self._name)
        else:
            self._session.work.pause(self._name)

    def _on_cancel(self) -> None:
        self._session.work.cancel(self._name)
