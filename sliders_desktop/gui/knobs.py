"""The three knobs of what plays next: near ↔ far, familiar ↔ forgotten, and one artist how often.

Main thread. Two places have them, above what comes next and in an open constellation.
"""

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QObject, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from sliders_desktop.config import ARTIST_GAPS
from sliders_desktop.gui.controls import paint_focus
from sliders_desktop.gui.theme import Theme
from sliders_desktop.tasks import Knobs

SEND_MS = 120  # while a knob is turned
HEIGHT, FONT_PX, GAP, RADIUS = 22, 11.5, 7.0, 4.5
LEAST_LINE, USUAL_LINE = 24, 58


class Knob(QSlider):
    """A thin line between two words; a press goes straight to its place."""

    def __init__(
        self, theme: Theme, words: tuple[str, str], last: int, usual: int, parent: QWidget | None
    ) -> None:
        """From 0 to ``last``; a double click goes back to what is ``usual``."""
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme, self._words, self._usual = theme, words, usual
        self._widest = words
        self.setRange(0, last)
        self.setSingleStep(max(1, last // 20))
        self.setPageStep(max(1, last // 5))
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def set_words(self, low: str, high: str) -> None:
        """Other words at its ends; they take the place of the widest there were."""
        if (low, high) != self._words:
            self._words = low, high
            self.update()

    def reserve(self, high: str) -> None:
        """Room on the right for this, the longest that will stand there."""
        self._widest = self._words[0], high
        self.updateGeometry()

    def _wide(self, words: Sequence[str]) -> float:
        metrics = QFontMetricsF(self._theme.font(FONT_PX))
        return sum(metrics.horizontalAdvance(word) for word in words)

    def _ends(self) -> tuple[float, float]:
        """Where the line begins and ends."""
        low, high = self._widest
        return self._wide([low]) + GAP, self.width() - self._wide([high]) - GAP

    def sizeHint(self) -> QSize:
        return QSize(round(self._wide(self._widest) + 2 * GAP + USUAL_LINE), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(self._wide(self._widest) + 2 * GAP + LEAST_LINE), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(FONT_PX))
        painter.setPen(theme.soft)
        low, high = self._words
        box, middle = QRectF(self.rect()), self.height() / 2
        side = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, side | Qt.AlignmentFlag.AlignLeft, low)
        start, end = self._ends()
        painter.drawText(box.adjusted(end + GAP, 0, 0, 0), side | Qt.AlignmentFlag.AlignLeft, high)
        painter.setPen(QPen(theme.faint, 1.5))
        painter.drawLine(QLineF(start, middle, end, middle))
        room = end - start - 2 * RADIUS
        usual = start + RADIUS + room * self._usual / max(1, self.maximum())
        painter.drawLine(QLineF(usual, middle - 3, usual, middle + 3))
        painter.setPen(Qt.PenStyle.NoPen)
        busy = self.isSliderDown() or self.underMouse()
        painter.setBrush(theme.text if busy else theme.soft)
        at = QPointF(start + RADIUS + room * self.value() / max(1, self.maximum()), middle)
        painter.drawEllipse(at, RADIUS, RADIUS)
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme, 5)

    # ── the mouse ───────────────────────────────────────────────────────────────────────────

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.setValue(self._usual)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # scrolling past must not turn it

    def _follow(self, event: QMouseEvent) -> None:
        start, end = self._ends()
        share = (event.position().x() - start - RADIUS) / max(1.0, end - start - 2 * RADIUS)
        self.setValue(round(self.maximum() * share))


class KnobSet(QObject):
    """Makes the three; who owns it puts them where they look well.

    Signals:
        turned(object): the listener wants these `Knobs`; at most one in `SEND_MS`.
    """

    turned = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        usual = Knobs()
        self._shown = usual
        near = self.tr("near"), self.tr("far")
        self.near_far = Knob(theme, near, 100, round(100 * usual.near_far), parent)
        self.near_far.setAccessibleName(self.tr("Near or far"))
        self.near_far.setToolTip(
            self.tr(
                "How far the music wanders from what it follows: near stays close, far surprises "
                "(← →; a double click: as usual)"
            )
        )
        known = self.tr("familiar"), self.tr("forgotten")
        self.forgotten = Knob(theme, known, 100, round(100 * usual.forgotten), parent)
        self.forgotten.setAccessibleName(self.tr("Familiar or forgotten"))
        self.forgotten.setToolTip(
            self.tr(
                "What you hear often, or what you have not heard for long or never; in the middle "
                "it does not matter (← →; a double click: as usual)"
            )
        )
        first = ARTIST_GAPS.index(usual.artist_gap)
        artist = self.tr("artist"), self._one_in(usual.artist_gap)
        self.artist = Knob(theme, artist, len(ARTIST_GAPS) - 1, first, parent)
        self.artist.reserve(self._one_in(ARTIST_GAPS[-1]))
        self.artist.setAccessibleName(self.tr("One artist how often"))
        self.artist.setToolTip(
            self.tr(
                "Of how many tracks at most one is by the same artist (← →; a double click: as "
                "usual)"
            )
        )
        self.all = (self.near_far, self.forgotten, self.artist)
        self._send = QTimer(self)
        self._send.setSingleShot(True)
        self._send.setInterval(SEND_MS)
        self._send.timeout.connect(self._on_send)
        for knob in self.all:
            knob.valueChanged.connect(self._on_turned)
        self.show(usual)

    def _one_in(self, gap: int) -> str:
        return self.tr("1 in {n}").format(n=gap + 1)

    def show(self, knobs: Knobs) -> None:
        """Stand where these are; what is just being turned stays in the hand."""
        if self._send.isActive() or any(knob.isSliderDown() for knob in self.all):
            return
        self._shown = knobs
        nearest = min(
            range(len(ARTIST_GAPS)), key=lambda at: abs(ARTIST_GAPS[at] - knobs.artist_gap)
        )
        places = (round(100 * knobs.near_far), round(100 * knobs.forgotten), nearest)
        for knob, place in zip(self.all, places, strict=True):
            if knob.value() != place:
                knob.blockSignals(True)
                knob.setValue(place)
                knob.blockSignals(False)
        self._say()

    def _say(self) -> None:
        """What a screen reader says of each, and the number that is shown."""
        gap = ARTIST_GAPS[self.artist.value()]
        self.artist.set_words(self.tr("artist"), self._one_in(gap))
        self.artist.setAccessibleDescription(self._one_in(gap))
        for knob, low, high in (
            (self.near_far, self.tr("near"), self.tr("far")),
            (self.forgotten, self.tr("familiar"), self.tr("forgotten")),
        ):
            text = self.tr("{n} % from {low} to {high}")
            knob.setAccessibleDescription(text.format(n=knob.value(), low=low, high=high))

    def _on_turned(self) -> None:
        self._say()
        if not self._send.isActive():
            self._send.start()

    def _on_send(self) -> None:
        near, forgotten, artist = (knob.value() for knob in self.all)
        gap = ARTIST_GAPS[artist]
        if gap == _stop(
            self._shown.artist_gap
        ):  # a number between the stops stays until this knob is turned
            gap = self._shown.artist_gap
        self._shown = Knobs(near / 100, forgotten / 100, gap)
        self.turned.emit(self._shown)


def _stop(gap: int) -> int:
    """Where the knob stands for any number."""
    return min(ARTIST_GAPS, key=lambda stop: abs(stop - gap))
