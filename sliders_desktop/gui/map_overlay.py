"""Small widgets that float over the map: card, minimap, legend, selection bar. Main thread."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from sliders_desktop.gui.controls import paint_box
from sliders_desktop.gui.map_raster import Lens
from sliders_desktop.gui.pieces import paint_pieces
from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.slider_art import faded
from sliders_desktop.gui.theme import Theme


class MapCard(QWidget):
    """Title, artist, and what the slider says of the track under the pointer."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = ""
        self._parts: list[tuple[str, str]] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_track(
        self, title: str, parts: Sequence[tuple[str, str]], at: QPointF, within: QSize
    ) -> None:
        """Stand beside ``at``, whichever side has room; ``parts`` are (text, role)."""
        self._title, self._parts = title, list(parts)
        bold = QFontMetricsF(self._theme.font(13, 600))
        plain = QFontMetricsF(self._theme.font(12))
        line = " · ".join(text for text, _ in parts)
        wide = max(bold.horizontalAdvance(title), plain.horizontalAdvance(line)) + 28
        width = round(min(wide, 320))
        x = at.x() + 20
        if x + width > within.width() - 8:
            x = at.x() - 20 - width
        y = min(max(8.0, at.y() - 26), within.height() - 60.0)
        self.setGeometry(round(max(8.0, x)), round(y), width, 52)
        self.show()
        self.raise_()
        self.update()

    @property
    def title(self) -> str:
        return self._title

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        paint_box(painter, self.rect(), faded(theme.raised, 0.9), theme.line, 8)
        room = self.width() - 28
        font = theme.font(13, 600)
        painter.setFont(font)
        painter.setPen(theme.text)
        elide = Qt.TextElideMode.ElideRight
        title = QFontMetricsF(font).elidedText(self._title, elide, room + 1)
        painter.drawText(QPointF(14, 22), title)
        painter.setFont(theme.font(12))
        paint_pieces(painter, theme, QRectF(14, 27, room, 18), self._parts)


class Minimap(QWidget):
    """The whole map in a corner, with the part in view.

    Signals: wanted(float, float): look at this place of the map.
    """

    wanted = Signal(float, float)
    SIZE = QSize(150, 100)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image = QImage()
        self._whole = Lens(0.0, 0.0, 1.0, 150, 100)
        self._view = QRectF()
        self.setFixedSize(self.SIZE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Overview of the map"))
        self.setToolTip(self.tr("The whole map; click or drag to look elsewhere (Home shows all)"))

    def set_points(self, xy: NDArray[np.float32], words: NDArray[np.uint32]) -> None:
        """Draw all points anew, one device pixel each."""
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        pixels = np.zeros((height, width), np.uint32)
        if len(xy):
            some = slice(None, None, max(1, len(xy) // 2500))  # the shape, not every track
            low, high = np.percentile(xy[some], (0.5, 99.5), axis=0)
            span = np.maximum(high - low, 1e-6)
            scale = float(min((self.width() - 24) / span[0], (self.height() - 20) / span[1]))
            middle = (low + high) / 2
            self._whole = Lens(
                float(middle[0]) - self.width() / 2 / scale,
                float(middle[1]) - self.height() / 2 / scale,
                scale,
                self.width(),
                self.height(),
            )
            lens = self._whole.times(ratio)
            x = ((xy[some, 0] - lens.x0) * lens.scale).astype(np.int32)
            y = (height - (xy[some, 1] - lens.y0) * lens.scale).astype(np.int32)
            size = max(1, round(ratio)) + (1 if len(xy) < 300 else 0)
            for dx in range(size):
                for dy in range(size):
                    ok = (
                        (x + dx >= 4) & (x + dx < width - 4) & (y + dy >= 4) & (y + dy < height - 4)
                    )
                    pixels[y[ok] + dy, x[ok] + dx] = words[some][ok]
        image = QImage(
            pixels.data,
            width,
            height,
            width * 4,
            QImage.Format.Format_ARGB32_Premultiplied,
        ).copy()
        image.setDevicePixelRatio(ratio)
        self._image = image
        self.update()

    def set_lens(self, lens: Lens) -> None:
        """The part of the map that is in view."""
        left, bottom = self._whole.to_view(lens.x0, lens.y0)
        factor = self._whole.scale / lens.scale
        wide, tall = lens.width * factor, lens.height * factor
        box = QRectF(left, bottom - tall, wide, tall)
        room = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        view = box.intersected(room) if not box.contains(room) else QRectF()
        if view != self._view:
            self._view = view
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_box(painter, self.rect(), faded(self._theme.ground, 0.72), self._theme.line, 8)
        painter.setOpacity(0.8)
        painter.drawImage(QPointF(0, 0), self._image)
        painter.setOpacity(1.0)
        if not self._view.isEmpty():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(faded(self._theme.soft, 0.6), 1.2))
            painter.drawRoundedRect(self._view, 2, 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.wanted.emit(*self._whole.to_map(event.position().x(), event.position().y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.mousePressEvent(event)


class Legend(QWidget):
    """Which colour is which."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._items: list[tuple[str, tuple[int, int, int]]] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_items(self, items: list[tuple[str, tuple[int, int, int]]]) -> None:
        self._items = items
        metrics = QFontMetricsF(self._theme.font(11.5))
        wide = max((metrics.horizontalAdvance(name) for name, _ in items), default=0.0)
        self.setFixedSize(round(min(wide, 150.0)) + 40, 12 + 18 * len(items))
        self.setVisible(bool(items))
        self.setAccessibleName(", ".join(name for name, _ in items))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        paint_box(painter, self.rect(), faded(theme.ground, 0.72), theme.line, 8)
        font = theme.font(11.5)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        for at, (name, (red, green, blue)) in enumerate(self._items):
            middle = 6 + 18 * at + 9
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(red, green, blue))
            painter.drawEllipse(QPointF(14, middle), 4, 4)
            painter.setPen(theme.soft)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, self.width() - 36)
            box = QRectF(25, middle - 9, self.width() - 25, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)


class SelectionBar(QWidget):
    """What to do with the tracks that were circled: "12 tracks · Play · … · Rate all… · ✕"."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._count = QLabel(self)
        self.play = QuietButton(
            theme, self.tr("Play"), self.tr("Play these tracks (Enter)"), "play", parent=self
        )
        self.queue = QuietButton(
            theme,
            self.tr("Queue"),
            self.tr("Queue these tracks (Ctrl+Enter)"),
            "queue-end",
            parent=self,
        )
        self.radio = QuietButton(
            theme,
            self.tr("Radio from here"),
            self.tr("A radio that follows these tracks (R)"),
            "radio",
            parent=self,
        )
        self.rate = QuietButton(
            theme,
            self.tr("Rate all…"),
            self.tr("Rate all of them on the armed slider (Alt+1 … Alt+9)"),
            "star",
            parent=self,
        )
        self.more = QuietButton(
            theme, "", self.tr("More that can be done with these tracks"), "more", parent=self
        )
        self.done = QuietButton(theme, "", self.tr("Let go of them (Esc)"), "close", parent=self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 4, 6, 4)
        layout.setSpacing(4)
        layout.addWidget(self._count)
        layout.addSpacing(8)
        for button in (self.play, self.queue, self.radio, self.rate, self.more, self.done):
            layout.addWidget(button)
        theme.changed.connect(self._dress)
        self._dress()
        self.hide()

    def show_count(self, count: int) -> None:
        one = self.tr("1 track")
        self._count.setText(one if count == 1 else self.tr("{n} tracks").format(n=f"{count:,}"))
        self.adjustSize()
        self.show()
        self.raise_()

    def _dress(self) -> None:
        self._count.setFont(self._theme.font(12.5, 600, tabular=True))
        self._count.setStyleSheet("background: transparent;")

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_box(QPainter(self), self.rect(), self._theme.raised, self._theme.line, 8)
