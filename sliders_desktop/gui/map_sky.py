"""The night sky of the map: ground, glow and stars. Main thread.

It knows the points, where they are on their way to, and what colour they are taking on. At rest
what it drew is kept, so that what moves above it costs a copy and no drawing.
"""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QEasingCurve,
    QObject,
    QPointF,
    QRect,
    QRectF,
    QTimer,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import QImage, QPainter

from sliders_desktop.gui.map_colors import CODES, NO_COLORS, Coloring, chance
from sliders_desktop.gui.map_glow import Glow, glow
from sliders_desktop.gui.map_raster import EDGE, Lens, StarRaster, blended, premultiplied
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.map_index import Grid

MORPH_MS, COLOR_MS = 400, 150
GLOW_MS = 60  # after the last change of colours
FADED, BRIGHT = 0.14, 1.25  # factors on what a filter leaves out, and on what it keeps
SHADES = 80  # of opacity
_NOTHING = Lens(0.0, 0.0, 1.0, 1, 1)


class MapSky(QObject):
    """Signals: changed(): paint it again. arrived(): the points have come to their new places."""

    changed = Signal()
    arrived = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._raster = StarRaster()
        self._lens = _NOTHING
        self._moving = False
        self._frame: QImage | None = None  # what was drawn last, while it is still right
        self._frame_ratio = 0.0
        self._glow: Glow | None = None
        self.nearness = 1.0  # how much closer than everything in view
        self.ids = np.empty(0, np.int64)
        self.xy = np.empty((0, 2), np.float32)
        self._brightness = np.empty(0, np.float32)
        self._from_xy = self.xy
        self._newcomers = np.empty(0, bool)
        self._coloring = NO_COLORS
        self._shown: NDArray[np.bool_] | None = None  # None: nothing fades
        self._words = np.empty(0, np.uint32)
        self._old_words = self._words
        self.grid = Grid(self.xy)
        self._morph = self._animation(QEasingCurve.Type.InOutCubic)
        self._morph.valueChanged.connect(self._on_morph)
        self._morph.finished.connect(self._on_arrived)
        self._shine = QTimer(self)
        self._shine.setSingleShot(True)
        self._shine.timeout.connect(self._on_shine)
        self._tint = self._animation(QEasingCurve.Type.Linear)
        self._tint.valueChanged.connect(self._on_tint)

    def _animation(self, curve: QEasingCurve.Type) -> QVariantAnimation:
        animation = QVariantAnimation(self)
        animation.setStartValue(0.0)
        animation.setEndValue(1.0)
        animation.setEasingCurve(curve)
        return animation

    # ── points ──────────────────────────────────────────────────────────────────────────────

    def set_points(
        self,
        ids: NDArray[np.int64],
        xy: NDArray[np.float32],
        coloring: Coloring,
        shown: NDArray[np.bool_] | None,
        ms: int,
    ) -> None:
        """Show points at new places; known ones wander there, new ones fade in, in ``ms``.

        All but ``shown`` (n,) fade; None: none.
        """
        old_ids, old_xy = self.ids, self._now()
        self.ids, self.xy = ids, np.ascontiguousarray(xy, np.float32)
        self.grid = Grid(self.xy)
        self._from_xy = self.xy.copy()
        self._newcomers = np.ones(len(ids), bool)
        if np.array_equal(old_ids, ids):
            self._from_xy, self._newcomers = old_xy, np.zeros(len(ids), bool)
        elif len(old_ids):
            at = np.minimum(np.searchsorted(old_ids, ids), len(old_ids) - 1)
            known = old_ids[at] == ids
            self._from_xy[known] = old_xy[at[known]]
            self._newcomers = ~known
        self._shown = shown
        self._tint.stop()
        self._morph.stop()
        self._coloring = coloring
        self._rank()
        self._raster.set_places(self.grid, chance(ids))
        self._words = self._old_words = self._colored()
        self._remake_glow()
        if ms and len(ids):
            self._morph.setDuration(ms)
            self._on_morph(0.0)  # the animation itself says so only when it next ticks
            self._morph.start()
        else:
            self._on_arrived()

    def set_coloring(
        self, coloring: Coloring, shown: NDArray[np.bool_] | None, ms: int, glow_ms: int = GLOW_MS
    ) -> None:
        """Other colours for the same points, of which all but ``shown`` (n,) fade; None: none.

        The faint light follows ``glow_ms`` later, 0: at once.
        """
        self._old_words = self._raster.words
        self._coloring, self._shown = coloring, shown
        self._words = self._colored()
        self._tint.stop()
        if glow_ms:
            self._shine.start(glow_ms)
        else:
            self._shine.stop()
            self._remake_glow()
        if ms and len(self._old_words) == len(self._words):
            self._tint.setDuration(ms)
            self._on_tint(0.0)
            self._tint.start()
        else:
            self._on_tint(1.0)

    @property
    def shown(self) -> NDArray[np.bool_] | None:
        """Which points do not fade; None: nothing fades."""
        return self._shown

    @property
    def coloring(self) -> Coloring:
        return self._coloring

    @property
    def words(self) -> NDArray[np.uint32]:
        """Each point's colour as it is when nothing moves, in the order of `grid`."""
        return self._words

    def row(self, track_id: int) -> int | None:
        """Which point a track is."""
        at = int(np.searchsorted(self.ids, track_id))
        return at if at < len(self.ids) and self.ids[at] == track_id else None

    def near(self, x: float, y: float, radius: float) -> int | None:
        """The point nearest to a place of the map, within ``radius`` map units."""
        return self.grid.near(x, y, radius)

    @property
    def star_px(self) -> float:
        """Diameter of a middling star in device pixels."""
        return self._raster.star_px

    def _colored(self) -> NDArray[np.uint32]:
        """The words of all points in the grid's order, looked up by colour and opacity."""
        coloring, order = self._coloring, self.grid.order
        opacity = self._brightness
        if coloring.certainty is not None:
            opacity = opacity * coloring.certainty[order]
        if self._shown is not None:
            bright, faded = np.float32(BRIGHT), np.float32(FADED)
            opacity = opacity * np.where(self._shown[order], bright, faded)
        at = (opacity * np.float32((SHADES - 1) / BRIGHT) + np.float32(0.5)).astype(np.uint16)
        at *= np.uint16(CODES)
        at += coloring.codes[order]
        shades = np.linspace(0.0, BRIGHT, SHADES, dtype=np.float32)
        alpha = np.minimum(shades[:, None] * coloring.weights, np.float32(1.0))
        table = premultiplied(np.tile(coloring.table, (SHADES, 1)), alpha.reshape(-1))
        words: NDArray[np.uint32] = table[at]
        return words

    def _rank(self) -> None:
        """How bright each star is of itself, in the grid's order."""
        self._raster.hot = 0.6 if self._theme.dark else 0.0
        self._brightness = np.ones(len(self.ids), np.float32)
        if self._theme.dark:
            # In a full sky most stars are faint; in a nearly empty one each counts.
            faint = np.float32(np.clip(0.92 - 0.085 * np.log10(len(self.ids) + 1), 0.55, 0.8))
            self._brightness = faint + (1 - faint) * chance(self.ids[self.grid.order])

    def _remake_glow(self) -> None:
        theme = self._theme
        sky = (24, 36, 66) if theme.dark else (206, 214, 236)
        ground = (theme.ground.red(), theme.ground.green(), theme.ground.blue())
        self._glow = glow(self.grid, self._words, theme.dark, sky, ground)

    def _on_shine(self) -> None:
        """The faint light follows the stars once their colours rest: nobody should wait for it."""
        self._remake_glow()
        self._redraw()

    def redress(self) -> None:
        """The theme has changed."""
        self._rank()
        self._words = self._colored()
        self._remake_glow()
        self._on_tint(1.0)

    # ── motion ──────────────────────────────────────────────────────────────────────────────

    def _now(self) -> NDArray[np.float32]:
        if self._morph.state() != QVariantAnimation.State.Running:
            return self.xy
        progress = np.float32(self._morph.currentValue())
        return self._from_xy + (self.xy - self._from_xy) * progress

    def _on_morph(self, value: object) -> None:
        progress = float(value)  # type: ignore[arg-type]
        self._raster.move(self._from_xy + (self.xy - self._from_xy) * np.float32(progress))
        words = self._words
        if self._newcomers.any():
            new = self._newcomers[self.grid.order]
            words = words.copy()
            words[new] = blended(np.zeros(int(new.sum()), np.uint32), words[new], progress)
        self._raster.set_words(words)
        self._redraw()

    def _on_arrived(self) -> None:
        self._raster.rest()
        self._raster.set_words(self._words)
        self._from_xy = self.xy
        self._redraw()
        self.arrived.emit()

    def _on_tint(self, value: object) -> None:
        progress = float(value)  # type: ignore[arg-type]
        if progress >= 1.0:
            self._raster.set_words(self._words)
            self._old_words = self._words
        else:
            self._raster.set_words(blended(self._old_words, self._words, progress))
        self._redraw()

    # ── drawing ─────────────────────────────────────────────────────────────────────────────

    def set_lens(self, lens: Lens, moving: bool, nearness: float) -> None:
        """Look at another part; ``moving`` allows a quicker, coarser drawing."""
        self.nearness = nearness
        if lens == self._lens and moving == self._moving:
            return
        self._lens, self._moving = lens, moving
        self._redraw()

    def _redraw(self) -> None:
        self._frame = None
        self.changed.emit()

    @property
    def busy(self) -> bool:
        """Something is on its way, and the next frame will be another."""
        running = QVariantAnimation.State.Running
        return self._moving or running in (self._morph.state(), self._tint.state())

    def paint(self, painter: QPainter, ratio: float) -> None:
        """Fill the view; ``ratio`` device pixels a pixel."""
        device = self._lens.times(ratio)
        if self._frame is None or self._frame_ratio != ratio:
            self._frame = None
            if self.busy:
                self.draw(painter, ratio)
                return
            frame = QImage(device.width, device.height, QImage.Format.Format_RGB32)
            frame.setDevicePixelRatio(ratio)
            on_frame = QPainter(frame)
            self.draw(on_frame, ratio)
            on_frame.end()
            self._frame, self._frame_ratio = frame, ratio
        painter.drawImage(QPointF(0.0, 0.0), self._frame)

    @property
    def lens(self) -> Lens:
        return self._lens

    def draw(self, painter: QPainter, ratio: float) -> None:
        """As `paint`, whatever was drawn before."""
        lens = self._lens
        if self._glow is not None:
            self._glow.paint(painter, lens, self.nearness, self._theme.ground)
        else:
            painter.fillRect(QRectF(0, 0, lens.width, lens.height), self._theme.ground)
        device = lens.times(ratio)
        image = self._raster.draw(device, self.busy, ratio)
        painter.save()
        painter.scale(1.0 / ratio, 1.0 / ratio)
        whole = QRect(EDGE, EDGE, device.width, device.height)
        painter.drawImage(QPointF(0.0, 0.0), image, QRectF(whole))
        painter.restore()
