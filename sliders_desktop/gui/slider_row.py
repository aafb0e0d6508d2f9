"""One slider of the panel under hand and keys: armed, steered by, asked for its menu."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from sliders_desktop.gui.slider_face import LOW, MIDDLE, TALL, SliderFace
from sliders_desktop.gui.slider_words import PAD
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Slider

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

__all__ = ["LOW", "MIDDLE", "TALL", "SliderRow"]

_VALUE_KEYS = (
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)


class SliderRow(SliderFace):
    """Shows one `Slider` of the rack and steers by it.

    Signals:
        menu_asked(int, QPoint): the listener wants this slider's menu, at a global place.
        edit_asked(int): rename it.
        step_asked(int): the row before (-1) or after (+1) should get the keyboard.
    """

    menu_asked = Signal(int, object)
    edit_asked = Signal(int)
    step_asked = Signal(int)

    def __init__(self, session: "Session", theme: Theme, slider: Slider, parent: QWidget) -> None:
        super().__init__(session, theme, slider, parent)
        self.valueChanged.connect(self._on_value_changed)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._lit and self.hand.take(event.position()):
            self.setSliderDown(True)
        elif not self.armed:
            self._rack.arm(self.slider.id)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.hand.held:
            self.hand.drag(event.position())
            return
        part = (self._lit and self.hand.part_at(event.position())) or ""
        if part != self._hot:
            self._hot = part
            self.setCursor(Qt.CursorShape.SizeHorCursor if part else Qt.CursorShape.ArrowCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.hand.held:
            self.setSliderDown(False)
            self.hand.let_loose()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._lit and self.hand.part_at(event.position()) is not None:
            self.setSliderDown(False)
            self.hand.let_go()
        else:
            self.mousePressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._inside = True
        self._show_pull()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._inside, self._hot = False, ""
        self._show_pull()

    def wheelEvent(self, event: QWheelEvent) -> None:
        on_handle = self._lit and self.hand.part_at(event.position()) == "handle"
        if on_handle and self.hand.handle is not None:
            self.hand.wheel(event.angleDelta().y())
            event.accept()
        else:
            event.ignore()  # the panel scrolls

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.mapToGlobal(QPointF(PAD + 17, 32).toPoint())
        self.menu_asked.emit(self.slider.id, place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step_asked.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._rack.arm(self.slider.id)
        elif key == Qt.Key.Key_F2:
            self.edit_asked.emit(self.slider.id)
        elif self._lit and self.hand.key(event):
            event.accept()
        elif self._lit and key in _VALUE_KEYS and not event.modifiers():
            super().keyPressEvent(event)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._show_pull()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_pull()

    def let_go(self) -> None:
        """Pull no more."""
        self.hand.let_go()

    def _on_value_changed(self, value: int) -> None:
        """By arrow keys or by an assistive tool; the rack's own changes come blocked."""
        if self._lit:
            self._steering.set_target(self.slider.id, value / 100)
        else:
            self.refresh_handle()
