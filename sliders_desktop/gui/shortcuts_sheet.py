"""The sheet of keys that `?` lays over the window."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.gui.controls import IconButton, paint_box
from sliders_desktop.gui.theme import Theme

Sections = list[tuple[str, list[tuple[str, str]]]]


class _KeyCap(QLabel):
    """A key as one finds it on the keyboard."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__(text)
        self._theme = theme
        self.setFont(theme.font(11.5, 500, tabular=True))
        self.setContentsMargins(7, 2, 7, 2)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_box(QPainter(self), self.rect(), self._theme.raised, self._theme.line, 4)
        super().paintEvent(event)


class ShortcutsSheet(QWidget):
    """Covers its window; Escape, `?` or a click beside it closes it."""

    def __init__(self, theme: Theme, sections: Sections, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self._before: QWidget | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Shortcuts"))
        self._card = QFrame(self)
        self._card.setObjectName("sheet")
        title = QLabel(self.tr("Shortcuts"))
        title.setFont(theme.font(16, 650))
        self.close_button = IconButton(
            theme, "close", self.tr("Close"), self.tr("Close  ·  Esc"), size=28, icon_px=16
        )
        self.close_button.clicked.connect(self.hide)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.close_button)
        inside = QWidget()
        columns = QHBoxLayout(inside)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(40)
        for part in _in_two(sections):
            column = QVBoxLayout()
            column.setSpacing(6)
            for section, lines in part:
                column.addWidget(self._section_head(section))
                column.addLayout(self._lines(lines))
                column.addSpacing(12)
            column.addStretch(1)
            columns.addLayout(column, 1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        whole = QVBoxLayout(self._card)
        whole.setContentsMargins(28, 20, 20, 16)
        whole.setSpacing(12)
        whole.addLayout(head)
        whole.addWidget(area, 1)
        window.installEventFilter(self)
        self.hide()

    def _section_head(self, text: str) -> QLabel:
        label = QLabel(text.upper())
        label.setFont(self._theme.font(11, 600))
        label.setProperty("role", "faint")
        return label

    def _lines(self, lines: list[tuple[str, str]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, 128)
        grid.setColumnStretch(1, 1)
        for row, (keys, words) in enumerate(lines):
            caps = QHBoxLayout()
            caps.setSpacing(4)
            for key in keys.split(", "):
                caps.addWidget(_KeyCap(self._theme, key))
            caps.addStretch(1)
            grid.addLayout(caps, row, 0, Qt.AlignmentFlag.AlignTop)
            label = QLabel(words)
            label.setWordWrap(True)
            label.setProperty("role", "soft")
            grid.addWidget(label, row, 1)
        return grid

    def open(self) -> None:
        """Lay it over the window and take the keyboard."""
        self._before = self.window().focusWidget()
        self._place()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def hideEvent(self, event: QEvent) -> None:
        super().hideEvent(event)  # type: ignore[arg-type]
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)
        self._before = None

    def _place(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        room = parent.rect()
        self.setGeometry(room)
        width, height = min(940, room.width() - 48), min(690, room.height() - 48)
        self._card.setGeometry(
            (room.width() - width) // 2, (room.height() - height) // 2, width, height
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.hide()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return True  # Tab stays here until the sheet is closed

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._card.geometry().contains(event.position().toPoint()):
            self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        veil = self._theme.color("ground")
        veil.setAlphaF(0.72)
        painter.fillRect(self.rect(), veil)
        paint_box(painter, self._card.geometry(), self._theme.panel, self._theme.line, 10)


def _in_two(sections: Sections) -> tuple[Sections, Sections]:
    """Two columns of about equal length, in order."""
    total = sum(len(lines) + 2 for _, lines in sections)
    left: Sections = []
    used = 0
    for at, (section, lines) in enumerate(sections):
        if used + (len(lines) + 2) / 2 > total / 2:
            return left, sections[at:]
        left.append((section, lines))
        used += len(lines) + 2
    return left, []
