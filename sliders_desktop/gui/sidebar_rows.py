"""What the left column is made of: a source, a section's head, a line that opens something."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from sliders_desktop.gui.controls import Control, paint_box, paint_focus
from sliders_desktop.gui.theme import Theme

MIN_WIDTH, START_WIDTH = 168, 214


class SourceRow(Control):
    """One source: its name and how many tracks it holds."""

    def __init__(self, theme: Theme, key: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, title, parent=parent)
        self.key = key
        self.count: int | None = 0
        self.setCheckable(True)
        self.setText(title)
        self.setFixedHeight(30)

    def set_count(self, count: int | None) -> None:
        """None where there is no number to show."""
        self.count = count
        self.setAccessibleName(self.text() if count is None else f"{self.text()}, {count:,}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(START_WIDTH - 24, 30)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        if self.isChecked() or self.hovered:
            fill = theme.color("raised")
            fill.setAlphaF(1.0 if self.isChecked() else 0.6)
            paint_box(painter, self.rect(), fill)
        inner = self.rect().adjusted(8, 0, -8, 0)
        painter.setFont(theme.font(12, tabular=True))
        painter.setPen(theme.soft)
        count = "–" if self.count is None else f"{self.count:,}"
        used = painter.fontMetrics().horizontalAdvance(count) + 8
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, count)
        painter.setFont(theme.font(13, 500 if self.isChecked() else 400))
        painter.setPen(theme.color("text" if self.isChecked() or self.hovered else "soft"))
        name = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, inner.width() - used
        )
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, name)
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        group = self.group()
        if group is not None and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            # In a group only the chosen one is reached by Tab; the arrows choose another.
            rows = group.buttons()
            at = rows.index(self) + (1 if event.key() == Qt.Key.Key_Down else -1)
            if 0 <= at < len(rows):
                rows[at].setFocus(Qt.FocusReason.TabFocusReason)
                rows[at].click()
        else:
            super().keyPressEvent(event)


class SectionHead(QLabel):
    """A small head in capitals; the only capitals in the window."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text.upper(), parent)
        font = theme.font(11, 600)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
        self.setFont(font)
        self.setProperty("role", "faint")
        self.setContentsMargins(8, 0, 0, 0)
        self.setFixedHeight(28)


class QuietLine(Control):
    """A line of secondary text, in as many rows as it needs, that opens something."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent=parent)
        self.setFont(theme.font(11.5))
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_text(self, text: str) -> None:
        self.setText(text)
        self.set_name(text)
        self.setVisible(bool(text))
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        room = QRect(0, 0, max(40, width - 16), 1000)
        return (
            self.fontMetrics()
            .boundingRect(room, int(Qt.TextFlag.TextWordWrap), self.text())
            .height()
            + 8
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()  # another width takes another number of lines

    def sizeHint(self) -> QSize:
        width = max(self.width(), MIN_WIDTH - 24)
        return QSize(width, self.heightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.theme.color("text" if self.hovered else "soft"))
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect().adjusted(8, 0, -8, 0), int(flags), self.text())
        if self.hasFocus():
            paint_focus(painter, self.rect(), self.theme)
