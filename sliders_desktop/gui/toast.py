"""One quiet line at the foot of the centre: what just happened. Never in the way, never modal."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from sliders_desktop.gui.controls import IconButton, paint_box
from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.theme import Theme

SHOWN_MS = {"info": 4000, "warning": 8000, "error": 15000}
WITH_ACTION_MS = 10_000  # time to read, and to reach the button
MARGIN = 16


class Toast(QWidget):
    """Floats above ``parent``; a newer line replaces the older."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.kind = "info"
        self._mark = QLabel()
        self._text = QLabel()
        self._text.setFont(theme.font(12.5))
        self.action_button = QuietButton(theme, "", "")
        self.action_button.clicked.connect(self._on_action)
        self._act: Callable[[], Any] | None = None
        self.close_button = IconButton(theme, "close", self.tr("Close"), size=24, icon_px=14)
        self.close_button.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._mark)
        row.addWidget(self._text)
        row.addWidget(self.action_button)
        row.addWidget(self.close_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def text(self) -> str:
        return self._text.text()

    def say(
        self,
        text: str,
        kind: str = "info",
        action: str = "",
        act: Callable[[], Any] | None = None,
        tip: str = "",
    ) -> None:
        """Show ``text`` for a while; ``kind`` is "info", "warning" or "error".

        ``action`` is a button that calls ``act``, a bound method, and hides the line.
        """
        self.kind = kind
        self._act = act
        self.action_button.setText(action)
        self.action_button.set_name(action, tip)
        self.action_button.setVisible(bool(action))
        self.action_button.updateGeometry()
        trouble = kind != "info"
        self._text.setText(text)
        self._mark.setVisible(trouble)
        if trouble:
            self._mark.setPixmap(
                self._theme.pixmap("warning", "text", 16, self.devicePixelRatioF())
            )
        self.close_button.setVisible(trouble)
        self.setAccessibleName(text)
        self._place()
        self.show()
        self.raise_()
        shown_ms = SHOWN_MS.get(kind, SHOWN_MS["info"])
        self._timer.start(max(shown_ms, WITH_ACTION_MS) if action else shown_ms)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def tell(self, text: str, kind: str = "info") -> None:
        """News that may be missed: they leave trouble, or a line with a button, its time."""
        held = self.kind != "info" or self.action_button.isVisible()
        if kind != "info" or not (self.isVisible() and held):
            self.say(text, kind)

    def withdraw(self, act: Callable[[], Any]) -> None:
        """Hide a line whose button would call ``act``: by now that would be something else."""
        if self._act == act:
            self._act = None
            self.hide()

    def _on_action(self) -> None:
        act, self._act = self._act, None
        self.hide()
        if act is not None:
            act()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        room = parent.rect()
        # Long sentences break into lines instead of leaving the window.
        self._text.setWordWrap(False)
        self._text.setMaximumWidth(16777215)
        widest = min(640, room.width() - 2 * MARGIN)
        if self.sizeHint().width() > widest:
            self._text.setWordWrap(True)
            beside = self.action_button.sizeHint().width() if self.action_button.text() else 0
            self._text.setFixedWidth(max(80, widest - 90 - beside))
        else:
            self._text.setMinimumWidth(0)
        self.adjustSize()
        x = (room.width() - self.width()) // 2
        self.move(x, room.height() - self.height() - MARGIN)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_box(QPainter(self), self.rect(), self._theme.raised, self._theme.line, 8)
