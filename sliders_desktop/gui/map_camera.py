"""Which part of the map is looked at: centre, scale, limits, and when it has come to rest."""

from PySide6.QtCore import QElapsedTimer, QObject, QPointF, QRectF, Qt, QTimer, Signal

from sliders_desktop.gui.map_raster import Lens

REST_MS = 130  # after the last movement the stars are drawn finely
GLIDE_MS, HALF_MS = 8, 110  # between two steps of a glide; after so long it is half as fast
LEAST_SPEED = 0.12  # pixels a millisecond; with less a hand has stopped before it let go
TOP_PX = 48  # of the view lie beneath the controls above the map
LEAST_FREE_PX = 200  # with less beside what covers the view, all of it counts
CLOSEST, FARTHEST = 400.0, 0.5  # against the scale that shows everything


class MapCamera(QObject):
    """Signals: moved(): `lens` is another. rested(): it has stayed for a moment."""

    moved = Signal()
    rested = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._x, self._y, self._scale = 0.0, 0.0, 1.0
        self._width, self._height = 1, 1
        self._covered = 0
        self._bounds = QRectF(-1, -1, 2, 2)
        self.at_home = True  # showing everything, and staying so when the map changes
        self.moving = False
        self.lens = Lens(0.0, 0.0, 1.0, 1, 1)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._on_rest)
        self._speed = QPointF()  # pixels a millisecond, while the map glides on
        self._glide = QTimer(self)
        self._glide.setInterval(GLIDE_MS)
        self._glide.setTimerType(Qt.TimerType.PreciseTimer)
        self._glide.timeout.connect(self._on_glide)
        self._clock = QElapsedTimer()

    def set_size(self, width: int, height: int) -> None:
        """The view's size in pixels."""
        self._width, self._height = max(1, width), max(1, height)
        self._stay()

    def set_covered(self, right_px: int) -> None:
        """So much of the view's right lies beneath something, where enough is left beside it."""
        self._covered = right_px
        self._stay()

    @property
    def _aside(self) -> int:
        return self._covered if self._width - self._covered >= LEAST_FREE_PX else 0

    def set_bounds(self, bounds: QRectF) -> None:
        """The part of the plane that holds points; a view at home follows it.

        Where all points lie at one place, the plane around it is shown.
        """
        if max(bounds.width(), bounds.height()) <= 0.0:
            bounds = bounds.adjusted(-0.5, -0.5, 0.5, 0.5)
        self._bounds = bounds
        self._stay()

    def _stay(self) -> None:
        if self.at_home:
            self.fit_all()
        else:
            self._look(self._x, self._y, self._scale)

    def fit_all(self) -> None:
        """Show everything."""
        self.at_home = True
        middle, scale = self._bounds.center(), self._home_scale()
        self._look(middle.x() + self._aside / 2 / scale, middle.y() + TOP_PX / 2 / scale, scale)

    def look_at(self, x: float, y: float, scale: float | None = None) -> None:
        """Put a place of the map into the middle."""
        self.at_home = False
        self._look(x, y, self._scale if scale is None else scale)

    def ensure_visible(self, x: float, y: float) -> None:
        """Move only if a place is not comfortably in view."""
        px, py = self.lens.to_view(x, y)
        if not QRectF(60, 60, self._width - 120, self._height - 120).contains(px, py):
            self.look_at(x, y)

    def pan(self, by: QPointF) -> None:
        """Push the map by so many pixels."""
        self.look_at(self._x - by.x() / self._scale, self._y + by.y() / self._scale)

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Closer (above 1) or further; the place under ``at`` stays where it is."""
        at = at or QPointF(self._width / 2, self._height / 2)
        scale = self._bounded(self._scale * factor)
        if scale == self._scale:
            return
        x, y = self.lens.to_map(at.x(), at.y())
        away_x, away_y = at.x() - self._width / 2, at.y() - self._height / 2
        self.at_home = False
        self._look(x - away_x / scale, y + away_y / scale, scale)

    def fling(self, speed: QPointF) -> None:
        """Let the map glide on at so many pixels a millisecond, ever slower."""
        if abs(speed.x()) + abs(speed.y()) > LEAST_SPEED:
            self._speed = speed
            self._clock.start()
            self._glide.start()

    def halt(self) -> None:
        """Somebody took hold of the map again."""
        self._glide.stop()

    def _on_glide(self) -> None:
        self.glide(max(1, self._clock.restart()))

    def glide(self, passed: int) -> None:
        """So many milliseconds of a glide."""
        before = self.lens
        self.pan(self._speed * passed)
        self._speed *= 0.5 ** (passed / HALF_MS)
        if abs(self._speed.x()) + abs(self._speed.y()) < LEAST_SPEED / 3 or self.lens == before:
            self.halt()

    @property
    def view(self) -> tuple[float, float, float]:
        """Middle and scale, to come back to; scale 0 stands for everything."""
        return self._x, self._y, 0.0 if self.at_home else self._scale

    @property
    def nearness(self) -> float:
        """1 when everything is in view, more when closer."""
        return self._scale / self._home_scale()

    @property
    def home_scale(self) -> float:
        return self._home_scale()

    def _home_scale(self) -> float:
        wide, tall = max(1e-9, self._bounds.width()), max(1e-9, self._bounds.height())
        free = self._width - self._aside
        return max(1e-9, min(free * 0.94 / wide, (self._height - TOP_PX) * 0.92 / tall))

    def _bounded(self, scale: float) -> float:
        home = self._home_scale()
        return min(home * CLOSEST, max(home * FARTHEST, scale))

    def _look(self, x: float, y: float, scale: float) -> None:
        box = self._bounds
        self._x = min(max(x, box.left()), box.right() + self._aside / 2 / self._home_scale())
        self._y = min(max(y, box.top()), box.bottom() + TOP_PX / 2 / self._home_scale())
        self._scale = self._bounded(scale)
        lens = Lens(
            self._x - self._width / 2 / self._scale,
            self._y - self._height / 2 / self._scale,
            self._scale,
            self._width,
            self._height,
        )
        if lens != self.lens:
            self.lens = lens
            self.moving = True
            self._rest.start()
            self.moved.emit()

    def _on_rest(self) -> None:
        self.moving = False
        self.rested.emit()
