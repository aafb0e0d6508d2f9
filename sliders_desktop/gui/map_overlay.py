"""Small widgets that float over the map: card, minimap, legend, selection bar. Main thread."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from sliders_desktop.gui.controls import paint_box
from sliders_desktop.gui.map_raster import Lens
from sliders_desktop.gui.pieces import paint_pieces
from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.slider_art import faded
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.map_index import Grid

Pieces = Sequence[tuple[str, str]]  # text and role
POINTS = 2500  # of the overview


class MapCard(QWidget):
    """Cover, title, artist, and what sliders say of the track under the pointer."""

    COVER_PX = 48

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = ""
        self._lines: tuple[Pieces, ...] = ()
        self._cover: QPixmap | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_track(
        self, title: str, lines: Sequence[Pieces], cover: QPixmap | None, at: QPointF, within: QSize
    ) -> None:
        """Stand beside ``at``, whichever side has room; ``lines`` of (text, role)."""
        self._title, self._cover = title, cover
        self._lines = tuple(tuple(line) for line in lines if line)
        bold = QFontMetricsF(self._theme.font(13, 600))
        plain = QFontMetricsF(self._theme.font(12))
        texts = (" · ".join(text for text, _ in line) for line in self._lines)
        wide = max([bold.horizontalAdvance(title), *map(plain.horizontalAdvance, texts)])
        width = round(min(wide + 28, 320) + self._aside)
        height = max(52, 34 + 18 * len(self._lines))
        x = at.x() + 20
        if x + width > within.width() - 8:
            x = at.x() - 20 - width
        y = min(max(8.0, at.y() - 26), within.height() - height - 8.0)
        self.setGeometry(round(max(8.0, x)), round(y), width, height)
        self.show()
        self.raise_()
        self.update()

    def set_cover(self, cover: QPixmap | None) -> None:
        """A better picture has come."""
        self._cover = cover
        self.update()

    @property
    def title(self) -> str:
        return self._title

    @property
    def text(self) -> str:
        """All that it says, as one would read it."""
        lines = (" · ".join(text for text, _ in line) for line in self._lines)
        return ", ".join([self._title, *lines])

    @property
    def _aside(self) -> int:
        return 0 if self._cover is None else self.COVER_PX + 10

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        paint_box(painter, self.rect(), faded(theme.raised, 0.9), theme.line, 8)
        left = 14 + self._aside
        room = self.width() - left - 14
        if self._cover is not None:
            painter.drawPixmap(QPointF(10, (self.height() - self.COVER_PX) / 2), self._cover)
        font = theme.font(13, 600)
        painter.setFont(font)
        painter.setPen(theme.text)
        elide = Qt.TextElideMode.ElideRight
        title = QFontMetricsF(font).elidedText(self._title, elide, room + 1)
        painter.drawText(QPointF(left, 22), title)
        painter.setFont(theme.font(12))
        for at, line in enumerate(self._lines):
            paint_pieces(painter, theme, QRectF(left, 27 + 18 * at, room, 18), line)


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

    def set_points(self, grid: Grid, words: NDArray[np.uint32]) -> None:
        """Draw the shape of all points anew, in colours (n,) in the order of ``grid``."""
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        pixels = np.zeros((height, width), np.uint32)
        if len(words):
            some = slice(None, None, max(1, len(words) // POINTS))  # the shape, not every track
            xy, colors = np.stack([grid.x[some], grid.y[some]], axis=1), words[some]
            low, high = np.percentile(xy, (0.5, 99.5), axis=0)
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
            x = ((xy[:, 0] - lens.x0) * lens.scale).clip(-9, width + 9).astype(np.int32)
            y = (height - (xy[:, 1] - lens.y0) * lens.scale).clip(-9, height + 9).astype(np.int32)
            size = max(1, round(ratio)) + (1 if len(words) < 300 else 0)
            for dx in range(size):
                for dy in range(size):
                    ok = (
                        (x + dx >= 4) & (x + dx < width - 4) & (y + dy >= 4) & (y + dy < height - 4)
                    )
                    pixels[y[ok] + dy, x[ok] + dx] = colors[ok]
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


class SelectionBar(QWidget):
    """What to do with the tracks that were circled: "12 tracks · Play · … · Rate all… · ✕"."""

    WORDS_FROM_PX = 880  # of the map: in a narrower one only the icons stay

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._count = QLabel(self)

        def button(text: str, tip: str, icon: str) -> QuietButton:
            made = QuietButton(theme, text, tip, icon, parent=self)
            made.setAccessibleName(text or tip)
            return made

        self.play = button(self.tr("Play"), self.tr("Play these tracks (Enter)"), "play")
        self.shuffle = button(
            self.tr("Shuffle"), self.tr("Play these tracks in random order"), "shuffle"
        )
        self.queue = button(
            self.tr("Queue"), self.tr("Queue these tracks (Ctrl+Enter)"), "queue-end"
        )
        self.radio = button(
            self.tr("Radio from here"), self.tr("A radio that follows these tracks (R)"), "radio"
        )
        self.save = button(
            self.tr("Save…"), self.tr("Keep this region of the map by a name"), "lasso"
        )
        self.export = button(
            self.tr("Export…"), self.tr("Write these tracks as a playlist (Ctrl+Shift+E)"), "list"
        )
        self.rate = button(
            self.tr("Rate all…"),
            self.tr("Rate all of them on the armed slider (Alt+1 … Alt+9)"),
            "star",
        )
        self.more = button("", self.tr("More that can be done with these tracks"), "more")
        self.done = button("", self.tr("Let go of them (Esc)"), "close")
        self._worded = {
            one: one.text()
            for one in (
                *(self.play, self.shuffle, self.queue, self.radio),
                *(self.save, self.export, self.rate),
            )
        }
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 4, 6, 4)
        layout.setSpacing(4)
        layout.addWidget(self._count)
        layout.addSpacing(8)
        for one in (*self._worded, self.more, self.done):
            layout.addWidget(one)
        theme.changed.connect(self._dress)
        self._dress()
        self.hide()

    def show_count(self, count: int, room_px: int) -> None:
        """So many were circled on a map this wide."""
        one = self.tr("1 track")
        self._count.setText(one if count == 1 else self.tr("{n} tracks").format(n=f"{count:,}"))
        self.fit(room_px)
        self.show()
        self.raise_()

    def fit(self, room_px: int) -> None:
        """Say less where there is less room."""
        for button, text in self._worded.items():
            button.setText(text if room_px >= self.WORDS_FROM_PX else "")
            button.updateGeometry()
        self.adjustSize()

    def _dress(self) -> None:
        self._count.setFont(self._theme.font(12.5, 600, tabular=True))
        self._count.setStyleSheet("background: transparent;")

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_box(QPainter(self), self.rect(), self._theme.raised, self._theme.line, 8)
