"""One slider of the panel: lamp, honest figure, the library's scores, and the handle that steers.

A `QAbstractSlider`, so that a screen reader hears a slider with a name, a value and its state.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEasingCurve,
    QPointF,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
    QTimer,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from sliders_desktop.gui import slider_art as art
from sliders_desktop.gui.controls import paint_focus
from sliders_desktop.gui.disagreement import HEIGHT as PAIR_HEIGHT
from sliders_desktop.gui.disagreement import Disagreement
from sliders_desktop.gui.motion import motion_ms
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Slider
from sliders_desktop.session.wording import LEAST_RATINGS

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

TALL, LOW, MIDDLE = (
    84,
    50,
    62,
)  # row heights: with histogram or confused, with a bar, with two lines
PAD = 11
BASELINE = 57.0
HISTOGRAM_HEIGHT = 21.0
STEP, PAGE = 2, 10  # hundredths of a percentile
SEND_MS = 80  # while the handle is dragged


class SliderRow(QAbstractSlider):
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
        super().__init__(parent)
        self._session = session
        self._rack, self._learned = session.rack, session.learned
        self._steering = session.steering
        self._theme = theme
        self.slider = slider
        self._status = self._learned.status(slider.id)
        self._dragging = False
        self._hot = False  # the pointer is on the handle
        self._dragged_to: float | None = None
        self._glow = 1.0
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, 100)
        self.setSingleStep(STEP)
        self.setPageStep(PAGE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._send = QTimer(self)
        self._send.setSingleShot(True)
        self._send.setInterval(SEND_MS)
        self._send.timeout.connect(self._send_handle)
        self._kindling = QVariantAnimation(self)
        self._kindling.setKeyValueAt(0.0, 0.2)
        self._kindling.setKeyValueAt(0.35, 2.3)
        self._kindling.setKeyValueAt(1.0, 1.0)
        self._kindling.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._kindling.valueChanged.connect(self._set_glow)
        self._pair = Disagreement(session, theme, self, slider.id)
        self.valueChanged.connect(self._on_value_changed)
        self.refresh()

    # ── what is shown ───────────────────────────────────────────────────────────────────────

    def set_slider(self, slider: Slider) -> None:
        """The same slider under another name."""
        self.slider = slider
        self.refresh()

    def refresh(self) -> None:
        """Read state, figure and handle again."""
        before, self._status = self._status, self._learned.status(self.slider.id)
        status = self._status
        if status.state == "lit" and before.state != "lit":
            ms = motion_ms(self, 900)
            if ms:
                self._kindling.setDuration(ms)
                self._kindling.start()
        self._pair.show_tracks(status.disagreeing if status.state == "confused" else None)
        self._fit_height()
        s = self.slider
        self.setAccessibleName(
            self.tr("{name}, from {low} to {high}").format(
                name=s.name, low=s.low_label, high=s.high_label
            )
        )
        self.setAccessibleDescription(f"{status.figure}. {status.sentence}")
        self.setToolTip(self._tip())
        self.refresh_handle()

    def _fit_height(self) -> None:
        """As tall as what it has to say; a long "what is missing" takes a line of its own."""
        confused = self._pair.isVisibleTo(self)
        tall = self._has_scores() or confused
        height = TALL if tall else MIDDLE if self._figure()[1] else LOW
        if self.minimumHeight() != height or self.maximumHeight() != height:
            self.setFixedHeight(height)

    def _figure(self) -> tuple[str, str]:
        """The honest figure beside the name, and what of it must go below the bar."""
        whole = self._status.figure
        if self._has_scores() or not self._pair.isHidden():
            return whole, ""
        name = QFontMetricsF(self._theme.font(13, 500)).horizontalAdvance(self.slider.name)
        wide = QFontMetricsF(self._theme.font(11.5, tabular=True)).horizontalAdvance(whole)
        if PAD + 17 + name + 12 + wide + PAD <= self.width():
            return whole, ""
        first, _, rest = whole.partition(" · ")
        return first, rest

    def refresh_handle(self) -> None:
        handle = self._steering.target(self.slider.id)
        with QSignalBlocker(self):
            self.setValue(50 if handle is None else round(handle * 100))
        self.update()

    def _tip(self) -> str:
        lines = [self.slider.description] if self.slider.description else []
        lines.append(self._status.sentence or self._status.figure)
        if self._status.state == "lit":
            lines.append(
                self.tr("Drag the handle, or ← and →, to steer what comes; Delete lets go.")
            )
        lines.append(
            self.tr("1–9 rate what plays once this slider is armed (click, Enter, [ or ]).")
        )
        return "\n".join(lines)

    def _has_scores(self) -> bool:
        return (
            self._status.state in ("dim", "lit")
            and self._learned.histogram(self.slider.id) is not None
        )

    @property
    def armed(self) -> bool:
        armed = self._rack.armed
        return armed is not None and armed.id == self.slider.id

    @property
    def _lit(self) -> bool:
        return self._status.state == "lit" and self._has_scores()

    def _set_glow(self, value: object) -> None:
        self._glow = float(value)  # type: ignore[arg-type]
        self.update()

    # ── geometry ────────────────────────────────────────────────────────────────────────────

    def sizeHint(self) -> QSize:
        return QSize(280, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._pair.setGeometry(PAD - 6, 32, self.width() - 2 * PAD + 10, PAIR_HEIGHT)
        if event.oldSize().width() != event.size().width():
            self._fit_height()

    def histogram_box(self) -> QRectF:
        """Where the library's scores stand."""
        return QRectF(PAD, BASELINE - HISTOGRAM_HEIGHT, self.width() - 2 * PAD, HISTOGRAM_HEIGHT)

    def handle_rect(self) -> QRectF:
        """Where the handle is, pulling or not."""
        box = self.histogram_box()
        target = self._dragged_to
        if target is None:
            target = self._steering.target(self.slider.id)
        place = self._learned.place(self.slider.id, 0.5 if target is None else target)
        return art.handle_box(box.left() + box.width() * place, BASELINE)

    # ── painting ────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, status = self._theme, self._status
        card = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.armed:
            painter.setPen(QPen(theme.line.lighter(125) if theme.dark else theme.line, 1.0))
            painter.setBrush(theme.raised)
            painter.drawRoundedRect(card, 8.0, 8.0)
        art.paint_lamp(
            painter, theme, QPointF(PAD + 5, 20), status.state, status.progress, self._glow
        )
        self._paint_words(painter)
        if self._has_scores():
            self._paint_scores(painter)
        elif self._pair.isHidden():
            bar = QRectF(PAD, 37, self.width() - 2 * PAD, 3)
            if status.state == "new":
                art.paint_pips(painter, theme, bar, status.given, LEAST_RATINGS)
            else:
                art.paint_progress(painter, theme, bar, status.progress)
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme, 8.0)

    def _paint_words(self, painter: QPainter) -> None:
        theme, right = self._theme, self.width() - PAD
        name_font, small = theme.font(13, 500), theme.font(11.5, tabular=True)
        figure, missing = self._figure()
        name_wide = QFontMetricsF(name_font).horizontalAdvance(self.slider.name)
        room = max((right - PAD) * 0.62, right - PAD - 17 - name_wide - 9)
        wide = min(QFontMetricsF(small).horizontalAdvance(figure), room)
        name_box = QRectF(PAD + 17, 10, right - PAD - 17 - wide - 8, 20)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(name_font)
        painter.setPen(theme.text)
        name = QFontMetricsF(name_font).elidedText(
            self.slider.name, Qt.TextElideMode.ElideRight, name_box.width()
        )
        painter.drawText(name_box, middle, name)
        painter.setFont(small)
        painter.setPen(theme.soft if theme.dark is False else art.faded(theme.soft, 0.82))
        figure = QFontMetricsF(small).elidedText(figure, Qt.TextElideMode.ElideRight, wide + 1)
        painter.drawText(
            QRectF(right - wide - 1, 10, wide + 1, 20), middle | Qt.AlignmentFlag.AlignRight, figure
        )
        if not self._has_scores():
            box = QRectF(PAD, 43, right - PAD, 16)
            missing = QFontMetricsF(small).elidedText(
                missing, Qt.TextElideMode.ElideRight, box.width()
            )
            painter.drawText(box, middle, missing)
            return
        half = (right - PAD) / 2 - 4
        for text, left, side in (
            (self.slider.low_label, PAD, Qt.AlignmentFlag.AlignLeft),
            (self.slider.high_label, right - half, Qt.AlignmentFlag.AlignRight),
        ):
            text = QFontMetricsF(small).elidedText(text, Qt.TextElideMode.ElideRight, half)
            painter.drawText(QRectF(left, 60, half, 16), middle | side, text)

    def _paint_scores(self, painter: QPainter) -> None:
        box = self.histogram_box()
        heights = self._learned.histogram(self.slider.id)
        if heights is None:
            return
        art.paint_histogram(painter, self._theme, box, heights, 0.8 if self._lit else 0.34)
        current = self._session.playback.current
        percentile = self._learned.percentile(self.slider.id, current.id) if current else None
        if percentile is not None:
            x = box.left() + box.width() * self._learned.place(self.slider.id, percentile)
            art.paint_needle(painter, self._theme, x, box.top() - 2, box.bottom() + 1)
        pulls = self._dragged_to is not None or self._steering.target(self.slider.id) is not None
        if self._lit and (pulls or self.armed or self._hot or self.hasFocus()):
            art.paint_handle(painter, self._theme, self.handle_rect(), pulls, self._hot)

    # ── hand and keys ───────────────────────────────────────────────────────────────────────

    def _on_handle(self, at: QPointF) -> bool:
        return self._lit and self.handle_rect().adjusted(-5, -6, 5, 5).contains(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._on_handle(event.position()):
            self._dragging = True
            self.setSliderDown(True)
        elif not self.armed:
            self._rack.arm(self.slider.id)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            box = self.histogram_box()
            x = min(1.0, max(0.0, (event.position().x() - box.left()) / box.width()))
            self._dragged_to = self._learned.percentile_at(self.slider.id, x)
            if not self._send.isActive():
                self._send.start()
            self.update()
            return
        hot = self._on_handle(event.position())
        if hot != self._hot:
            self._hot = hot
            self.setCursor(Qt.CursorShape.SizeHorCursor if hot else Qt.CursorShape.ArrowCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._dragging = False
            self.setSliderDown(False)
            self._send_handle()
            self._dragged_to = None
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._on_handle(event.position()):
            self._dragging = False
            self.let_go()
        else:
            self.mousePressEvent(event)

    def leaveEvent(self, event: object) -> None:
        self._hot = False
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
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
        elif key == Qt.Key.Key_Delete and self._steering.target(self.slider.id) is not None:
            self.let_go()
        elif self._lit and key in _VALUE_KEYS and not event.modifiers():
            super().keyPressEvent(event)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def let_go(self) -> None:
        """Pull no more."""
        self._send.stop()
        self._dragged_to = None
        self._steering.set_target(self.slider.id, None)

    def _send_handle(self) -> None:
        if self._dragged_to is not None:
            self._send.stop()
            self._steering.set_target(self.slider.id, self._dragged_to)

    def _on_value_changed(self, value: int) -> None:
        """By arrow keys or by an assistive tool; the rack's own changes come blocked."""
        if self._lit:
            self._steering.set_target(self.slider.id, value / 100)
        else:
            self.refresh_handle()


_VALUE_KEYS = (
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)
