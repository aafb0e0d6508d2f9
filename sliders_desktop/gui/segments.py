"""One of a few, side by side in one box: Map | List, Together | Wander."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from sliders_desktop.gui.controls import Control, paint_box, paint_focus
from sliders_desktop.gui.theme import Theme

HEIGHT, LEAST_WIDTH, PAD = 32, 54, 14


class _Segment(Control):
    """One of them."""

    def __init__(self, theme: Theme, key: str, text: str, tip: str, height: int) -> None:
        super().__init__(theme, text, tip)
        self.key = key
        self.setCheckable(True)
        self.setText(text)
        wide = QFontMetrics(theme.font(13, 500)).horizontalAdvance(text) + 2 * PAD
        self.setMinimumWidth(max(LEAST_WIDTH, wide))
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        group = self.group()
        if group is not None and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = -1 if event.key() == Qt.Key.Key_Left else 1
            buttons = group.buttons()
            other = buttons[max(0, min(len(buttons) - 1, buttons.index(self) + step))]
            other.click()
            other.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        if self.isChecked():
            paint_box(painter, self.rect().adjusted(2, 2, -2, -2), theme.raised, radius=5)
        painter.setFont(theme.font(13, 500 if self.isChecked() else 400))
        painter.setPen(theme.color("text" if self.isChecked() or self.hovered else "soft"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme)


class Segments(QWidget):
    """Signals:
    chosen(str): the key of the one that was pressed.
    """

    chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        choices: Sequence[tuple[str, str, str]],
        height: int = HEIGHT,
        parent: QWidget | None = None,
    ) -> None:
        """``choices`` are key, word and tooltip of each."""
        super().__init__(parent)
        self._theme = theme
        self.buttons: dict[str, Control] = {}
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for key, text, tip in choices:
            button = _Segment(theme, key, text, tip, height)
            group.addButton(button)
            row.addWidget(button)
            button.clicked.connect(self._on_clicked)
            self.buttons[key] = button
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_key(self, key: str) -> None:
        """This one is chosen."""
        self.buttons[key].setChecked(True)

    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, _Segment):
            self.chosen.emit(button.key)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_box(QPainter(self), self.rect(), self._theme.panel, self._theme.line)
