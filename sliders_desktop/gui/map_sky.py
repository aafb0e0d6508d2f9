"""The night sky of the map: ground, glow and stars as one graphics item. Main thread.

It knows the points, where they are on their way to, and what colour they are taking on.
"""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QEasingCurve,
    QPointF,
    QRect,
    QRectF,
    QTimer,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from sliders_desktop.gui.map_colors import Coloring, chance
from sliders_desktop.gui.map_glow import Glow, glow
from sliders_desktop.gui.map_index import Grid
from sliders_desktop.gui.map_raster import EDGE, Lens, StarRaster, blended, premultiplied
from sliders_desktop.gui.theme import Theme

MORPH_MS, COLOR_MS = 400, 150
GLOW_MS = 60  # after the last change of colours
FADED = 0.14  # what the filter leaves out
_NOTHING = Lens(0.0, 0.0, 1.0, 1, 1)


class MapSky(QGraphicsObject):
    """Signals: arrived(): the points have come to their new places."""

    arrived = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._raster = StarRaster()
        self._lens = _NOTHING
        self._moving = False
        self._stale = True  # the raster shows an older view or older colours
        self._painted_ratio = 0.0
        self._glow: Glow | None = None
        self.nearness = 1.0  # how much closer than everything in view
        self.ids = np.empty(0, np.int64)
        self.xy = np.empty((0, 2), np.float32)
        self._magnitude = np.empty(0, np.float32)
        self._from_xy = self.xy
        self._newcomers = np.empty(0, bool)
        self._coloring = Coloring(np.empty((0, 3), np.uint8), np.empty(0, np.float32))
        self._shown: NDArray[np.bool_] | None = None  # None: nothing fades
        self._words = np.empty(0, np.uint32)
        self._old_words = self._words
        self._grid: Grid | None = None
        self._morph = self._animation(QEasingCurve.Type.InOutCubic)
        self._morph.valueChanged.connect(self._on_morph)
        self._morph.finished.connect(self._on_arrived)
        self._shine = QTimer(self)
        self._shine.setSingleShot(True)
        self._shine.setInterval(GLOW_MS)
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
        self, ids: NDArray[np.int64], xy: NDArray[np.float32], coloring: Coloring, ms: int
    ) -> None:
        """Show points at new places; known ones wander there, new ones fade in, in ``ms``."""
        old_ids, old_xy = self.ids, self._now()
        self.ids, self.xy = ids, np.ascontiguousarray(xy, np.float32)
        self._magnitude = chance(ids)
        self._grid = None
        self._from_xy = self.xy.copy()
        self._newcomers = np.ones(len(ids), bool)
        if np.array_equal(old_ids, ids):
            self._from_xy, self._newcomers = old_xy, np.zeros(len(ids), bool)
        elif len(old_ids):
            at = np.minimum(np.searchsorted(old_ids, ids), len(old_ids) - 1)
            known = old_ids[at] == ids
            self._from_xy[known] = old_xy[at[known]]
            self._newcomers = ~known
        self._shown = None
        self._tint.stop()
        self._morph.stop()
        self._coloring = coloring
        self._words = self._old_words = self._colored()
        self._raster.set_places(self.xy, self._magnitude)
        self._remake_glow()
        if ms and len(ids):
            self._morph.setDuration(ms)
            self._on_morph(0.0)  # the animation itself says so only when it next ticks
            self._morph.start()
        else:
            self._on_arrived()

    def set_coloring(self, coloring: Coloring, ms: int) -> None:
        """Other colours for the same points."""
        self._old_words = self._raster.words
        self._coloring = coloring
        self._words = self._colored()
        self._shine.start()
        self._tint.stop()
        if ms and len(self._old_words) == len(self._words):
            self._tint.setDuration(ms)
            self._on_tint(0.0)
            self._tint.start()
        else:
            self._on_tint(1.0)

    def set_shown(self, shown: NDArray[np.bool_] | None, ms: int) -> None:
        """Let all points but ``shown`` (n,) fade; None shows all."""
        if shown is None and self._shown is None:
            return
        self._shown = shown
        self.set_coloring(self._coloring, ms)

    @property
    def coloring(self) -> Coloring:
        return self._coloring

    @property
    def words(self) -> NDArray[np.uint32]:
        """Each point's colour as it is when nothing moves."""
        return self._words

    def row(self, track_id: int) -> int | None:
        """Which point a track is."""
        at = int(np.searchsorted(self.ids, track_id))
        return at if at < len(self.ids) and self.ids[at] == track_id else None

    def near(self, x: float, y: float, radius: float) -> int | None:
        """The point nearest to a place of the map, within ``radius`` map units."""
        if self._grid is None:
            self._grid = Grid(self.xy)
        return self._grid.near(x, y, radius)

    @property
    def star_px(self) -> float:
        """Diameter of a middling star in device pixels."""
        return self._raster.star_px

    def _colored(self) -> NDArray[np.uint32]:
        alpha = self._coloring.alpha
        magnitude = self._magnitude
        self._raster.hot = 0.6 if self._theme.dark else 0.0
        if self._theme.dark:
            # In a full sky most stars are faint; in a nearly empty one each counts.
            faint = np.float32(np.clip(0.92 - 0.085 * np.log10(len(self.ids) + 1), 0.55, 0.8))
            alpha = alpha * (faint + (1 - faint) * magnitude)
        if self._shown is not None:
            alpha = np.where(self._shown, np.minimum(alpha * 1.25, 1.0), alpha * FADED)
        return premultiplied(self._coloring.rgb, alpha.astype(np.float32))

    def _remake_glow(self) -> None:
        alpha = self._coloring.alpha
        if self._shown is not None:
            alpha = np.where(self._shown, alpha, alpha * np.float32(0.25)).astype(np.float32)
        theme = self._theme
        sky = (24, 36, 66) if theme.dark else (206, 214, 236)
        ground = (theme.ground.red(), theme.ground.green(), theme.ground.blue())
        self._glow = glow(self.xy, self._coloring.rgb, alpha, theme.dark, sky, ground)

    def _on_shine(self) -> None:
        """The faint light follows the stars once their colours rest: nobody should wait for it."""
        self._remake_glow()
        self.update()

    def redress(self) -> None:
        """The theme has changed."""
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
        words = self._words.copy()
        new = self._newcomers
        words[new] = blended(np.zeros(int(new.sum()), np.uint32), words[new], progress)
        self._raster.words = words
        self._redraw()

    def _on_arrived(self) -> None:
        self._raster.move(self.xy)
        self._raster.words = self._words
        self._redraw()
        self.arrived.emit()

    def _on_tint(self, value: object) -> None:
        progress = float(value)  # type: ignore[arg-type]
        if progress >= 1.0:
            self._raster.words = self._words
        else:
            self._raster.words = blended(self._old_words, self._words, progress)
        self._redraw()

    # ── drawing ─────────────────────────────────────────────────────────────────────────────

    def set_lens(self, lens: Lens, moving: bool, nearness: float) -> None:
        """Look at another part; ``moving`` allows a quicker, coarser drawing."""
        self.nearness = nearness
        if lens == self._lens and moving == self._moving:
            return
        if (lens.width, lens.height) != (self._lens.width, self._lens.height):
            self.prepareGeometryChange()
        self._lens, self._moving = lens, moving
        self._redraw()

    def _redraw(self) -> None:
        self._stale = True
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, self._lens.width, self._lens.height)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        lens = self._lens
        if self._glow is not None:
            self._glow.paint(painter, lens, self.nearness, self._theme.ground)
        else:
            painter.fillRect(self.boundingRect(), self._theme.ground)
        ratio = widget.devicePixelRatioF() if widget is not None else 1.0
        device = lens.times(ratio)
        if self._stale or ratio != self._painted_ratio:
            running = QVariantAnimation.State.Running
            busy = running in (self._morph.state(), self._tint.state())
            self._image = self._raster.draw(device, self._moving or busy, ratio)
            self._stale, self._painted_ratio = False, ratio
        painter.save()
        painter.scale(1.0 / ratio, 1.0 / ratio)
        whole = QRect(EDGE, EDGE, device.width, device.height)
        painter.drawImage(QPointF(0.0, 0.0), self._image, QRectF(whole))
        painter.restore()
