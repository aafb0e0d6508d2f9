"""Sliders get another place in the rack: dragged by their name, or with Alt and an arrow key.

Dragged out of the rack sideways they leave it as a file.
"""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from sliders_desktop.gui.slider_row import SliderRow
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.rack import Rack

_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
LINE_PX = 2
OUT_PX = 24  # beside its row it is out of the rack


class RowMover(QObject):
    """Watches rows of the rack; while one is dragged a line shows where it would go.

    Signals:
        taken_out(int): this slider is dragged out of the rack; the button is still down.
    """

    taken_out = Signal(int)

    def __init__(self, rack: Rack, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._rack, self._theme = rack, theme
        self._rows: dict[int, SliderRow] = {}
        self._pressed: QPoint | None = None  # where on the row, before it is dragged
        self._line: _Line | None = None
        self._to = 0

    def watch(self, row: SliderRow) -> None:
        self._rows[row.slider.id] = row
        row.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(watched, SliderRow):
            return False
        kind = event.type()
        if isinstance(event, QKeyEvent):
            return self._on_key(watched, event)
        if not isinstance(event, QMouseEvent):
            return False
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()
        elif kind == QEvent.Type.MouseMove and self._pressed is not None:
            return self._on_move(watched, event)
        elif kind == QEvent.Type.MouseButtonRelease and self._pressed is not None:
            dragged = self._line is not None
            self._end(watched)
            if dragged:
                self._rack.move(watched.slider.id, self._to)
            return dragged
        return False

    def _on_key(self, row: SliderRow, event: QKeyEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() == Qt.Key.Key_Escape and self._line is not None:
            self._end(row)
            return True
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return False
        self._rack.move_step(row.slider.id, step)
        row.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def _on_move(self, row: SliderRow, event: QMouseEvent) -> bool:
        if row.isSliderDown() or not event.buttons() & Qt.MouseButton.LeftButton:
            return False  # the handle is dragged, not the row
        assert self._pressed is not None
        at = event.position().toPoint()
        if not -OUT_PX <= at.x() < row.width() + OUT_PX:
            self._end(row)
            self.taken_out.emit(row.slider.id)
            return True
        if self._line is None:
            if abs(at.y() - self._pressed.y()) < QApplication.startDragDistance():
                return False
            self._line = _Line(self._theme.focus, row.parentWidget() or row)
            row.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._to = self._place(row, row.mapToParent(at).y())
        return True

    def _place(self, row: SliderRow, y: int) -> int:
        """Among the others, and draw the line there."""
        order = [self._rows[s.id] for s in self._rack.sliders if s.id in self._rows]
        others = [other for other in order if other is not row]
        to = sum(1 for other in others if y > other.geometry().center().y())
        # The line lies in the gap before the row that would come next.
        edge = (
            others[to].geometry().top() - 3 if to < len(others) else order[-1].geometry().bottom()
        )
        if self._line is not None:
            self._line.put(row.x(), edge, row.width())
        return to

    def _end(self, row: SliderRow) -> None:
        self._pressed = None
        if self._line is not None:
            self._line.hide()
            self._line.deleteLater()
            self._line = None
            row.unsetCursor()


class _Line(QWidget):
    """Where the row would go."""

    def __init__(self, color: QColor, parent: QWidget) -> None:
        super().__init__(parent)
        self._color = color
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def put(self, x: int, y: int, width: int) -> None:
        self.setGeometry(x, y, width, LINE_PX)
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._color)
