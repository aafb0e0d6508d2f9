"""Turns mouse, wheel and keys over the map into what the listener means. Main thread."""

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QGestureEvent, QPinchGesture

CLICK_PX = 4
FLING_MS = 90  # the hand's speed is that of so long
ZOOM_STEP = 1.0015  # per unit of wheel angle; a notch is 120
Key, Modifier, Button = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton
ARROWS = {
    Key.Key_Left: (-1, 0),
    Key.Key_Right: (1, 0),
    Key.Key_Up: (0, 1),
    Key.Key_Down: (0, -1),
}


class MapHand(QObject):
    """Watches a view; places are in pixels.

    Signals:
        panned(QPointF), zoomed(float, object): the map is pushed, or wanted closer at a place.
        flung(QPointF): it was let go at so many pixels a millisecond. taken(): somebody holds it.
        back(), forward(): to where one was before.
        sized(float): the brush shall be larger by this factor.
        pointed(object): the pointer is at this QPointF; None: gone, or busy.
        clicked(QPointF, bool): bool: add to what is selected.
        double_clicked(QPointF), menu_asked(QPointF).
        carried(): what is chosen is dragged away, by one of its points.
        joining(QPointF, QPointF), joined(QPointF, QPointF): with Ctrl a line is drawn from one
            track to elsewhere, and let go there.
        drawing(list), circled(list): the lasso as it is drawn, and when it is closed.
        arrow(int, int): one step in this direction, y up. home(), escaped().
        focus_changed(bool): by keyboard, so that a ring should be seen.
    """

    panned = Signal(QPointF)
    zoomed = Signal(float, object)
    flung = Signal(QPointF)
    taken = Signal()
    back = Signal()
    forward = Signal()
    sized = Signal(float)
    pointed = Signal(object)
    clicked = Signal(QPointF, bool)
    double_clicked = Signal(QPointF)
    menu_asked = Signal(QPointF)
    carried = Signal()
    joining = Signal(QPointF, QPointF)
    joined = Signal(QPointF, QPointF)
    drawing = Signal(list)
    circled = Signal(list)
    arrow = Signal(int, int)
    home = Signal()
    escaped = Signal()
    focus_changed = Signal(bool)

    def __init__(self, view: QAbstractScrollArea) -> None:
        super().__init__(view)
        self._view = view
        self._pressed: QPointF | None = None
        self._dragging = False
        self._line: list[tuple[float, float]] | None = None
        self._box = False  # the line is a box
        self._moves: deque[tuple[float, QPointF]] = deque(maxlen=8)  # when, in ms, and where
        self.lasso = False
        self.brush = False
        self._join: QPointF | None = None  # where such a line begins
        self.finds: Callable[[QPointF], bool] = _nothing  # whether a track is there
        self.carries: Callable[[QPointF], bool] = _nothing  # whether a place is of what is chosen
        view.viewport().setMouseTracking(True)
        view.viewport().installEventFilter(self)
        view.installEventFilter(self)
        view.viewport().grabGesture(Qt.GestureType.PinchGesture)

    def set_brush(self, on: bool) -> None:
        """From now on what the pointer is at is played."""
        self.brush = on
        self._show_tool()

    def set_lasso(self, on: bool) -> None:
        """From now on a drag circles instead of pushing."""
        self.lasso = on
        self._show_tool()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._view:
            return isinstance(event, QFocusEvent | QKeyEvent) and self._on_key_event(event)
        kind = event.type()
        if isinstance(event, QMouseEvent):
            if kind == QEvent.Type.MouseMove:
                self._on_move(event)
            elif kind == QEvent.Type.MouseButtonPress:
                self._on_press(event)
            elif kind == QEvent.Type.MouseButtonRelease:
                self._on_release(event)
            elif kind == QEvent.Type.MouseButtonDblClick and event.button() == Button.LeftButton:
                self.double_clicked.emit(event.position())
            return True
        if isinstance(event, QWheelEvent):
            self._on_wheel(event)
            return True
        if isinstance(event, QNativeGestureEvent):  # a touchpad, on macOS and Wayland
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoomed.emit(1.0 + event.value(), event.position())
            return True
        if isinstance(event, QGestureEvent):  # a touch screen
            return self._on_pinch(event)
        if kind == QEvent.Type.Leave:
            self.pointed.emit(None)
        return False

    # ── mouse ───────────────────────────────────────────────────────────────────────────────

    def _on_pinch(self, event: QGestureEvent) -> bool:
        pinch = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(pinch, QPinchGesture):
            return False
        self._pressed = None  # the first finger's drag is over
        at = pinch.centerPoint()
        self.zoomed.emit(pinch.scaleFactor(), QPointF(self._view.viewport().mapFromGlobal(at)))
        self.panned.emit(at - pinch.lastCenterPoint())
        event.accept(pinch)
        return True

    def _on_wheel(self, event: QWheelEvent) -> None:
        self.taken.emit()
        if self.brush and event.modifiers() & Modifier.ShiftModifier:
            turned = event.angleDelta().y() or event.angleDelta().x()  # Shift turns it sideways
            self.sized.emit(ZOOM_STEP**turned)
            event.accept()
            return
        pixels = event.pixelDelta()
        if pixels.isNull() or event.phase() == Qt.ScrollPhase.NoScrollPhase:
            self.zoomed.emit(ZOOM_STEP ** event.angleDelta().y(), event.position())
        elif event.modifiers() & Modifier.ControlModifier:  # a pinch, as touchpads send it
            self.zoomed.emit(ZOOM_STEP ** (2.0 * pixels.y()), event.position())
        else:
            self.panned.emit(QPointF(pixels))
        event.accept()

    def _on_press(self, event: QMouseEvent) -> None:
        self._view.setFocus(Qt.FocusReason.MouseFocusReason)
        self.taken.emit()
        if event.button() == Button.BackButton:
            self.back.emit()
        elif event.button() == Button.ForwardButton:
            self.forward.emit()
        if event.button() == Button.RightButton:
            self.menu_asked.emit(event.position())
        if event.button() != Button.LeftButton:
            return
        self._pressed, self._dragging = event.position(), False
        self._moves.clear()
        self._box = not self.lasso and bool(event.modifiers() & Modifier.ShiftModifier)
        circles = self.lasso or self._box
        self._line = [(event.position().x(), event.position().y())] if circles else None
        joins = event.modifiers() & Modifier.ControlModifier and not circles
        self._join = event.position() if joins and self.finds(event.position()) else None

    def _on_move(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pressed is None:
            self.pointed.emit(at)
            return
        by = at - self._pressed
        if not self._dragging:
            if abs(by.x()) + abs(by.y()) < CLICK_PX:
                return
            self._dragging = True
            self.pointed.emit(None)
            if self._line is None and self._join is None and self.carries(self._pressed):
                self._pressed = None  # the drag ends elsewhere
                self.carried.emit()
                return
        if self._line is not None:
            self._line.append((at.x(), at.y()))
            if self._box:
                (x1, y1), x2, y2 = self._line[0], at.x(), at.y()
                self._line = [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
            self.drawing.emit(self._line)
            return
        if self._join is not None:
            self.joining.emit(self._join, at)
            return
        self._view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        self._pressed = at
        self._moves.append((float(event.timestamp()), at))
        self.panned.emit(by)

    def _on_release(self, event: QMouseEvent) -> None:
        if event.button() != Button.LeftButton or self._pressed is None:
            return
        line, join, dragged = self._line, self._join, self._dragging
        self._pressed, self._line, self._join, self._dragging = None, None, None, False
        self._show_tool()
        if dragged and line is not None:
            self.circled.emit(line)
        elif dragged and join is not None:
            self.joined.emit(join, event.position())
        elif dragged:
            self.flung.emit(self._speed(float(event.timestamp())))
        else:
            more = Modifier.ControlModifier | Modifier.ShiftModifier
            self.clicked.emit(event.position(), bool(event.modifiers() & more))

    def _speed(self, now: float) -> QPointF:
        """Of the hand in the last moment, in pixels a millisecond."""
        late = [(when, at) for when, at in self._moves if now - when <= FLING_MS]
        if len(late) < 2 or late[-1][0] <= late[0][0]:
            return QPointF()
        way, passed = late[-1][1] - late[0][1], late[-1][0] - late[0][0]
        return QPointF(way.x() / passed, way.y() / passed)

    def _show_tool(self) -> None:
        cross, arrow = Qt.CursorShape.CrossCursor, Qt.CursorShape.ArrowCursor
        self._view.viewport().setCursor(cross if self.lasso or self.brush else arrow)

    # ── keys ────────────────────────────────────────────────────────────────────────────────

    def _on_key_event(self, event: QFocusEvent | QKeyEvent) -> bool:
        if isinstance(event, QFocusEvent):
            by_key = event.reason() in (
                Qt.FocusReason.TabFocusReason,
                Qt.FocusReason.BacktabFocusReason,
                Qt.FocusReason.ShortcutFocusReason,
            )
            self.focus_changed.emit(event.gotFocus() and by_key)
            return False
        if event.type() == QEvent.Type.ShortcutOverride and _plain(event, ARROWS):
            event.accept()  # here they walk the map; elsewhere they seek
            return True
        return event.type() == QEvent.Type.KeyPress and self._on_key(event)

    def _on_key(self, event: QKeyEvent) -> bool:
        key, text = event.key(), event.text()
        if _plain(event, ARROWS):
            self.arrow.emit(*ARROWS[Key(key)])
        elif text in ("+", "="):
            self.zoomed.emit(1.4, None)
        elif text in ("-", "−"):
            self.zoomed.emit(1 / 1.4, None)
        elif key == Key.Key_Home:
            self.home.emit()
        elif key == Key.Key_Escape:
            self.escaped.emit()
        else:
            event.ignore()  # the window has its own meaning for the rest
        return True


def _nothing(at: QPointF) -> bool:
    return False


def _plain(event: QKeyEvent, keys: dict[Qt.Key, tuple[int, int]]) -> bool:
    return event.key() in keys and not event.modifiers() & ~Modifier.KeypadModifier
