"""The playing track's waveform as a seek bar: what was played is amber."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QToolTip, QWidget

from sliders_desktop.gui.controls import paint_focus
from sliders_desktop.gui.theme import Theme

PITCH_PX = 4  # a bar and the gap after it
BAR_PX = 2.6
STEP_S = 5.0
PAGE_S = 30.0


def clock(seconds: float) -> str:
    """``4:08``, ``1:02:03``."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


class Waveform(QSlider):
    """A slider in seconds (so that screen readers can say it), painted as bars.

    A drag shows where it would lead, and seeks when it ends; Escape takes it back.

    Signals:
        sought(seconds): the listener chose a place.
        dragged(): the place under a drag is another, or the drag is over.
    """

    sought = Signal(float)
    dragged = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self._peaks: NDArray[np.uint8] | None = None
        self._heights: NDArray[np.float64] | None = None  # (bars,), for the present width
        self._seconds = self._duration_s = 0.0
        self._drag_s: float | None = None
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Position in the track"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setRange(0, 0)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(420, 44)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 44)

    # ── what it shows ───────────────────────────────────────────────────────────────────────

    @property
    def duration_s(self) -> float:
        return self._duration_s

    @property
    def drag_s(self) -> float | None:
        """Where a drag would lead; None while there is none."""
        return self._drag_s

    def set_duration(self, seconds: float) -> None:
        self._end_drag()
        self._duration_s = max(0.0, seconds)
        self.setRange(0, math.ceil(self._duration_s))
        self.setEnabled(seconds > 0)

    def set_peaks(self, peaks: NDArray[np.uint8] | None) -> None:
        """Heights 0..255 along the track (n,); None draws a quiet line."""
        self._peaks = peaks
        self._heights = None
        self.update()

    def set_seconds(self, seconds: float) -> None:
        """Where the sound is; repaints only the bars that changed."""
        before = self._x_of(self._seconds)
        self._seconds = min(self._duration_s, max(0.0, seconds))
        after = self._x_of(self._seconds)
        if int(self._seconds) != self.value():
            self.setValue(int(self._seconds))
            said = self.tr("{at} of {end}").format(
                at=clock(self._seconds), end=clock(self._duration_s)
            )
            self.setAccessibleDescription(said)
        if self._drag_s is None and int(before * 2) != int(after * 2):
            low, high = sorted((before, after))
            self.update(QRect(int(low) - 3, 0, int(high - low) + 7, self.height()))

    def sliderChange(self, change: QSlider.SliderChange) -> None:
        # QSlider would repaint the whole bar at every tick.
        if change != QSlider.SliderChange.SliderValueChange:
            super().sliderChange(change)

    # ── painting ────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        theme = self._theme
        shown_s = self._drag_s if self._drag_s is not None else self._seconds
        split = self._x_of(shown_s) if self._duration_s else -1.0
        middle = self.height() / 2
        heights = self._bars()
        rest = theme.color("faint")
        rest.setAlphaF(0.62)
        clip = event.rect()
        if heights is None:
            painter.setBrush(rest)
            painter.drawRoundedRect(QRectF(0, middle - 1, self.width(), 2), 1, 1)
            if split > 0:
                painter.setBrush(theme.lamp)
                painter.drawRoundedRect(QRectF(0, middle - 1, split, 2), 1, 1)
        else:
            first = max(0, clip.left() // PITCH_PX - 1)
            last = min(len(heights), clip.right() // PITCH_PX + 2)
            for at in range(first, last):
                x = at * PITCH_PX
                half = float(heights[at])
                bar = QRectF(x, middle - half, BAR_PX, 2 * half)
                painter.setBrush(theme.lamp if x + BAR_PX / 2 <= split else rest)
                painter.drawRoundedRect(bar, 1.2, 1.2)
        if self._drag_s is not None:
            painter.setBrush(theme.text)
            painter.drawRoundedRect(QRectF(split - 1, 2, 2, self.height() - 4), 1, 1)
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme)

    def _bars(self) -> NDArray[np.float64] | None:
        peaks = self._peaks
        if peaks is None or not len(peaks):
            return None
        count = max(1, self.width() // PITCH_PX)
        if self._heights is None or len(self._heights) != count:
            edges = np.linspace(0, len(peaks), count + 1)
            starts = np.minimum(edges[:-1].astype(int), len(peaks) - 1)
            tallest = np.maximum.reduceat(peaks.astype(float), starts)
            room = self.height() / 2 - 4
            self._heights = np.maximum(1.2, tallest / 255.0 * room)
        return self._heights

    def _x_of(self, seconds: float) -> float:
        return self.width() * seconds / self._duration_s if self._duration_s else 0.0

    def _seconds_at(self, x: float) -> float:
        return min(1.0, max(0.0, x / max(1, self.width()))) * self.duration_s

    # ── mouse and keys ──────────────────────────────────────────────────────────────────────

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._duration_s:
            self.grabKeyboard()  # for Escape
            self._drag_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._duration_s:
            return
        if self._drag_s is not None:
            self._drag_to(event.position())
        QToolTip.showText(
            event.globalPosition().toPoint(), clock(self._seconds_at(event.position().x())), self
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._drag_s is not None:
            self._seek(self._drag_s)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # a stray wheel must not throw the listener out of the song

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        here_s = self._seconds
        large = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Down):
            self._seek(here_s - (PAGE_S if large else STEP_S))
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Up):
            self._seek(here_s + (PAGE_S if large else STEP_S))
        elif key == Qt.Key.Key_PageDown:
            self._seek(here_s - PAGE_S)
        elif key == Qt.Key.Key_PageUp:
            self._seek(here_s + PAGE_S)
        elif key == Qt.Key.Key_Home:
            self._seek(0.0)
        elif key == Qt.Key.Key_Escape and self._drag_s is not None:
            self._end_drag()
        else:
            event.ignore()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._end_drag()

    def _drag_to(self, at: QPointF) -> None:
        self._drag_s = self._seconds_at(at.x())
        self.update()
        self.dragged.emit()

    def _end_drag(self) -> None:
        if self._drag_s is not None:
            self._drag_s = None
            self.releaseKeyboard()
            self.update()
            self.dragged.emit()

    def _seek(self, seconds: float) -> None:
        self._end_drag()
        place = min(self._duration_s, max(0.0, seconds))
        self.set_seconds(place)
        self.update()
        self.sought.emit(place)
