"""How a slider is painted: lamp, histogram, needle and handle. Main thread; nothing is kept."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPixmap, QRadialGradient

from sliders_desktop.gui.theme import Theme

LAMP_RADIUS = 5.0
GLOW_RADIUS = 13.0
HANDLE_WIDTH, HANDLE_HEIGHT = 14.0, 11.0
GRIP_GAP = 4.0  # between the handle and the edges of a tolerance of nothing


def faded(color: QColor, opacity: float) -> QColor:
    """``color`` at ``opacity`` 0..1 of its own."""
    out = QColor(color)
    out.setAlphaF(max(0.0, min(1.0, out.alphaF() * opacity)))
    return out


def paint_lamp(
    painter: QPainter, theme: Theme, at: QPointF, state: str, progress: float, glow: float = 1.0
) -> None:
    """The lamp of a slider; ``glow`` above 1 is the moment in which it lights up."""
    painter.setPen(Qt.PenStyle.NoPen)
    if state == "lit":
        halo = QRadialGradient(at, GLOW_RADIUS * glow)
        halo.setColorAt(0.0, faded(theme.lamp, 0.62))
        halo.setColorAt(0.45, faded(theme.lamp, 0.26))
        halo.setColorAt(1.0, faded(theme.lamp, 0.0))
        painter.setBrush(QBrush(halo))
        painter.drawEllipse(at, GLOW_RADIUS * glow, GLOW_RADIUS * glow)
        painter.setBrush(theme.lamp)
        painter.drawEllipse(at, LAMP_RADIUS, LAMP_RADIUS)
    elif state == "dim":
        painter.setBrush(faded(theme.lamp, 0.62))
        painter.drawEllipse(at, LAMP_RADIUS, LAMP_RADIUS)
    elif state == "confused":
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.lamp, 1.5))
        painter.drawEllipse(at, LAMP_RADIUS - 0.5, LAMP_RADIUS - 0.5)
    else:
        _paint_ring(painter, theme, at, progress)


def _paint_ring(painter: QPainter, theme: Theme, at: QPointF, progress: float) -> None:
    radius = LAMP_RADIUS - 0.75
    box = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.faint, 1.4))
    painter.drawEllipse(box)
    if progress > 0.0:
        pen = QPen(theme.soft, 1.9)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawArc(box, 90 * 16, -round(min(1.0, progress) * 360 * 16))


def paint_histogram(
    painter: QPainter, theme: Theme, box: QRectF, heights: NDArray[np.float32], opacity: float
) -> None:
    """Bars of ``heights`` (n,) 0..1 in the diverging colours, standing on the box's bottom."""
    count = len(heights)
    pitch = box.width() / count
    width = max(1.0, pitch * 0.7)
    colors = theme.diverging(np.linspace(0.0, 1.0, count, dtype=np.float32))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setOpacity(opacity)
    for i, height in enumerate(heights.tolist()):
        tall = max(2.0, height * box.height())
        red, green, blue = (int(c) for c in colors[i])
        painter.setBrush(QColor(red, green, blue))
        bar = QRectF(box.left() + i * pitch, box.bottom() - tall, width, tall)
        painter.drawRoundedRect(bar, 1.0, 1.0)
    painter.setOpacity(1.0)
    painter.setPen(QPen(theme.line, 1.0))
    base = box.bottom() + 0.5
    painter.drawLine(QLineF(box.left(), base, box.right(), base))


class Histogram:
    """The bars of one slider, kept as a picture: they change seldom and are painted often."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._picture = QPixmap()
        self._heights: NDArray[np.float32] | None = None

    def paint(
        self,
        painter: QPainter,
        theme: Theme,
        box: QRectF,
        heights: NDArray[np.float32],
        opacity: float,
    ) -> None:
        """As `paint_histogram`."""
        ratio = painter.device().devicePixelRatio()
        key = (box.width(), box.height(), opacity, theme.dark, ratio)
        if heights is not self._heights or key != self._key:
            self._key, self._heights = key, heights
            self._picture = QPixmap(round(box.width() * ratio), round((box.height() + 2) * ratio))
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            on_picture = QPainter(self._picture)
            on_picture.setRenderHint(QPainter.RenderHint.Antialiasing)
            whole = QRectF(0, 0, box.width(), box.height())
            paint_histogram(on_picture, theme, whole, heights, opacity)
            on_picture.end()
        painter.drawPixmap(box.topLeft(), self._picture)


def paint_needle(painter: QPainter, theme: Theme, x: float, top: float, bottom: float) -> None:
    """Where the playing track stands."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.text)
    painter.drawRoundedRect(QRectF(x - 1.0, top, 2.0, bottom - top), 1.0, 1.0)


def handle_box(x: float, baseline: float) -> QRectF:
    """Where the handle is when its middle stands at ``x``."""
    return QRectF(x - HANDLE_WIDTH / 2, baseline - 9.0, HANDLE_WIDTH, HANDLE_HEIGHT)


def paint_handle(
    painter: QPainter,
    theme: Theme,
    box: QRectF,
    strength: float | None,
    hot: bool,
    muted: bool = False,
) -> None:
    """The steering handle, filled from below as far as it is strong.

    Hollow while muted; an outline that invites where ``strength`` is None: nothing pulls.
    """
    radius = 4.0
    if strength is None or muted:
        painter.setPen(QPen(theme.soft if hot or muted else theme.faint, 1.2))
        painter.setBrush(faded(theme.raised, 0.9))
        painter.drawRoundedRect(box, radius, radius)
        return
    shape = QPainterPath()
    shape.addRoundedRect(box, radius, radius)
    painter.setPen(QPen(theme.ground, 2.5))  # keeps it apart from the bars behind it
    painter.setBrush(theme.raised)
    painter.drawPath(shape)
    filled = QRectF(box)
    filled.setTop(box.bottom() - box.height() * strength)
    painter.save()
    painter.setClipPath(shape)
    painter.fillRect(filled, theme.text)
    painter.restore()
    if strength < 1.0:
        painter.setPen(QPen(theme.text, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.6, 0.6, -0.6, -0.6), radius - 0.6, radius - 0.6)


def paint_band(
    painter: QPainter, theme: Theme, band: QRectF, filled: bool, hot: bool, edges: bool
) -> None:
    """The tolerance: what lies in it is as good as at the handle; its edges can be held."""
    if filled:
        painter.fillRect(band, faded(theme.text, 0.15 if hot else 0.10))
    if not filled and not edges:
        return
    pen = QPen(theme.text if hot else theme.soft, 1.4)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    tall = band.height() if filled else 6.0
    for x in (band.left(), band.right()):
        painter.drawLine(QLineF(x, band.bottom() - tall, x, band.bottom()))


def paint_pips(
    painter: QPainter, theme: Theme, box: QRectF, given: Sequence[float], wanted: int
) -> None:
    """One pip a rating of the ``wanted`` ones, ``given`` in the colour of the side it took."""
    gap = 3.0
    wide = (box.width() - gap * (wanted - 1)) / wanted
    radius = box.height() / 2
    shown = np.array(sorted(given[:wanted]), np.float32)  # low to the left: a missing end is seen
    colors = theme.diverging(shown)
    painter.setPen(Qt.PenStyle.NoPen)
    for at in range(wanted):
        if at < len(colors):
            red, green, blue = (int(c) for c in colors[at])
            painter.setBrush(faded(QColor(red, green, blue), 0.85))
        else:
            painter.setBrush(theme.line)
        pip = QRectF(box.left() + at * (wide + gap), box.top(), wide, box.height())
        painter.drawRoundedRect(pip, radius, radius)


def paint_progress(painter: QPainter, theme: Theme, box: QRectF, progress: float) -> None:
    """How far a slider is on its way to light."""
    radius = box.height() / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.line)
    painter.drawRoundedRect(box, radius, radius)
    if progress > 0.0:
        done = QRectF(box)
        done.setWidth(max(box.height(), box.width() * min(1.0, progress)))
        painter.setBrush(theme.faint)
        painter.drawRoundedRect(done, radius, radius)
