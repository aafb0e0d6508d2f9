"""The faint light between the stars: where many tracks of one colour lie, the sky glows.

Computed once per layout or colouring on a small grid in map coordinates, so that pushing and
zooming only stretch a picture. Plain numpy and `QImage`; main thread, a few milliseconds.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from sliders_desktop.gui.map_raster import Lens
from sliders_desktop.session.map_index import SIDE, Grid

CELLS = 128  # on a side, a divisor of `SIDE`
ASIDE = 0.2  # of the view's size: how much of the light is kept ready around it
MOST_CELL_PX = 120.0  # a larger cell (few far outliers make them) is stretched, not kept enlarged
FOG_FROM, FOG_TO = 2.5, 14.0  # how far in the light begins to thin, and is gone
Rgb = tuple[int, int, int]


class Glow:
    """An opaque picture, top row first, of the square of the map that a `Grid` covers."""

    def __init__(self, image: QImage, x0: float, y0: float, side: float) -> None:
        self.image = image
        self.x0, self.y0, self.side = x0, y0, side
        self._scale = 0.0  # at which it was painted last
        # That part of it enlarged, and from and to which cells: while the map is only pushed it
        # need not be made again.
        self._large: tuple[QImage, QRect] | None = None

    def paint(self, painter: QPainter, lens: Lens, nearness: float, ground: QColor) -> None:
        """Fill the view: the part of the light that is in it, ``ground`` elsewhere."""
        view = QRectF(0, 0, lens.width, lens.height)
        opacity = min(1.0, max(0.0, (FOG_TO - nearness) / (FOG_TO - FOG_FROM)))
        cell = self.side * lens.scale / CELLS  # pixels
        left, top = lens.to_view(self.x0, self.y0 + self.side)
        needed = _cells(left, top, lens, cell, 0.0)
        target = _placed(needed, left, top, cell)
        if opacity <= 0.0 or not target.contains(view):
            painter.fillRect(view, ground)
        if opacity <= 0.0 or needed.isEmpty():
            return
        veil = QColor(ground)
        veil.setAlphaF(1.0 - opacity)
        if lens.scale != self._scale or cell > MOST_CELL_PX:
            self._scale, self._large = lens.scale, None
            painter.drawImage(target, self._enlarged(needed, cell, veil))
            return
        if self._large is None or not self._large[1].contains(needed):
            wide = _cells(left, top, lens, cell, ASIDE)
            size = _placed(wide, 0.0, 0.0, cell).size().toSize() + QSize(2, 2)  # rounded up
            large = QImage(size, QImage.Format.Format_RGB32)
            on_large = QPainter(large)
            on_large.drawImage(QRectF(large.rect()), self._enlarged(wide, cell, veil))
            on_large.end()
            self._large = large, wide
        large, cells = self._large
        painter.drawImage(_placed(cells, left, top, cell).topLeft().toPoint(), large)

    def _enlarged(self, cells: QRect, cell: float, veil: QColor) -> QImage:
        """These cells at about half the view's resolution, thinned by ``veil``.

        Qt stretches smoothly only at a price: so smoothly in whole steps, so that nothing
        shimmers, and then roughly where it is drawn.
        """
        part = self.image.copy(cells)
        if veil.alpha():  # thinned while it is small
            thin = QPainter(part)
            thin.fillRect(part.rect(), veil)
            thin.end()
        step = max(1, round(min(cell, MOST_CELL_PX) / 2))
        return part.scaled(
            part.width() * step,
            part.height() * step,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )


def _cells(left: float, top: float, lens: Lens, cell: float, aside: float) -> QRect:
    """The cells in view, and of those around it for ``aside`` of the view's size."""
    across, down = lens.width * aside, lens.height * aside
    first_x = max(0, int((-left - across) / cell) - 2)
    first_y = max(0, int((-top - down) / cell) - 2)
    last_x = min(CELLS, int((lens.width + across - left) / cell) + 3)
    last_y = min(CELLS, int((lens.height + down - top) / cell) + 3)
    return QRect(first_x, first_y, last_x - first_x, last_y - first_y)


def _placed(cells: QRect, left: float, top: float, cell: float) -> QRectF:
    """Where these cells are on the view, in pixels."""
    return QRectF(
        left + cells.x() * cell,
        top + cells.y() * cell,
        cells.width() * cell,
        cells.height() * cell,
    )


def glow(grid: Grid, words: NDArray[np.uint32], dark: bool, sky: Rgb, ground: Rgb) -> Glow | None:
    """The light of points in premultiplied colours ``words`` (n,), in the order of ``grid``.

    Over a far wider, fainter one in ``sky``.
    """
    count = len(words)
    if count < 2:
        return None
    filled = np.flatnonzero(np.diff(grid.starts))
    light = np.zeros((4, SIDE * SIDE), np.float32)
    for at, shift in enumerate((24, 16, 8, 0)):  # opacity, red, green, blue
        channel = (words >> np.uint32(shift)) & np.uint32(255)
        light[at, filled] = np.add.reduceat(channel, grid.starts[filled])
    light = light.reshape(4, CELLS, SIDE // CELLS, CELLS, SIDE // CELLS).sum(axis=(2, 4))
    light = light[:, ::-1] / np.float32(255.0)
    # The fewer tracks, the wider each one shines.
    near_cells = float(np.clip(2.0 * (20_000 / count) ** 0.16, 1.9, 5.2))
    near = _spread(light, near_cells)
    far = _spread(light[0], near_cells * 4.2)
    color = 255.0 * near[1:] / np.maximum(near[0], 1e-9)
    strong = (0.185 if dark else 0.20) * (1.0 - np.exp(-1.15 * near[0] / _bright(near[0])))
    wide = (0.55 if dark else 0.30) * (1.0 - np.exp(-0.9 * far / _bright(far)))
    plane = np.array(ground, np.float32)[:, None, None]
    plane = plane + (np.array(sky, np.float32)[:, None, None] - plane) * wide
    plane = plane + (color - plane) * strong
    pixels = np.empty((CELLS, CELLS, 4), np.uint8)
    pixels[..., 3] = 255
    for at, part in zip((2, 1, 0), plane, strict=True):
        pixels[..., at] = np.clip(part + 0.5, 0.0, 255.0)
    image = QImage(pixels.data, CELLS, CELLS, CELLS * 4, QImage.Format.Format_RGB32)
    return Glow(image.copy(), grid.x0, grid.y0, grid.side)  # a copy owns its memory


def _bright(plane: NDArray[np.float32]) -> float:
    """What counts as bright: the upper end of where there is light at all."""
    lit = plane[plane > plane.max() * 0.02]
    return float(np.percentile(lit, 88)) if lit.size else 1.0


def _spread(planes: NDArray[np.float32], cells: float) -> NDArray[np.float32]:
    """Planes (…, CELLS, CELLS) blurred by ``cells``: three running means in each direction.

    Their widths are those of P. Kovesi, "Fast almost-Gaussian filtering", DICTA 2010.
    """
    least = int(np.sqrt(4 * cells * cells + 1))
    least -= 1 - least % 2  # odd
    narrow = round((12 * cells**2 - 3 * least**2 - 12 * least - 9) / (-4 * least - 4))
    for turn in range(3):
        width = least if turn < narrow else least + 2
        for axis in (-1, -2):
            planes = _means(planes, width, axis)
    return planes


def _means(planes: NDArray[np.float32], width: int, axis: int) -> NDArray[np.float32]:
    """Running means over an odd ``width`` of cells; beyond the edge all is dark."""
    lines: NDArray[Any] = np.moveaxis(planes, axis, -1)
    half = width // 2
    sums = np.zeros((*lines.shape[:-1], CELLS + width), np.float32)
    np.cumsum(lines, axis=-1, out=sums[..., half + 1 : half + 1 + CELLS])
    sums[..., half + 1 + CELLS :] = sums[..., half + CELLS, None]
    means: NDArray[Any] = (sums[..., width:] - sums[..., :CELLS]) / np.float32(width)
    return np.moveaxis(means, -1, axis)
