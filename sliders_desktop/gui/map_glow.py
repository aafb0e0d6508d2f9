"""The faint light between the stars: where many tracks of one colour lie, the sky glows.

Computed once per layout or colouring on a small grid in map coordinates, so that pushing and
zooming only stretch a picture. Plain numpy and `QImage`; main thread, a few milliseconds.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from sliders_desktop.gui.map_raster import Lens

CELLS = 128  # on a side
MARGIN = 0.22  # of the map's larger side, around it
FOG_FROM, FOG_TO = 2.5, 14.0  # how far in the light begins to thin, and is gone
Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Glow:
    """An opaque picture, top row first, and the square of the map it covers."""

    image: QImage
    x0: float
    y0: float
    side: float

    def paint(self, painter: QPainter, lens: Lens, nearness: float, ground: QColor) -> None:
        """Fill the view: the part of the light that is in it, ``ground`` elsewhere.

        Qt stretches smoothly only at a price, so the cells in view are first enlarged smoothly
        to half the view's resolution, in whole steps so that nothing shimmers, and then roughly.
        """
        view = QRectF(0, 0, lens.width, lens.height)
        opacity = min(1.0, max(0.0, (FOG_TO - nearness) / (FOG_TO - FOG_FROM)))
        cell = self.side * lens.scale / CELLS  # pixels
        left, top = lens.to_view(self.x0, self.y0 + self.side)
        first_x, first_y = max(0, int(-left / cell) - 2), max(0, int(-top / cell) - 2)
        last_x = min(CELLS, int((lens.width - left) / cell) + 3)
        last_y = min(CELLS, int((lens.height - top) / cell) + 3)
        target = QRectF(
            left + first_x * cell,
            top + first_y * cell,
            (last_x - first_x) * cell,
            (last_y - first_y) * cell,
        )
        if opacity <= 0.0 or not target.contains(view):
            painter.fillRect(view, ground)
        if opacity <= 0.0 or last_x <= first_x or last_y <= first_y:
            return
        part = self.image.copy(QRect(first_x, first_y, last_x - first_x, last_y - first_y))
        if opacity < 1.0:  # thinned while it is small
            veil = QColor(ground)
            veil.setAlphaF(1.0 - opacity)
            thin = QPainter(part)
            thin.fillRect(part.rect(), veil)
            thin.end()
        step = max(1, round(cell / 2))
        part = part.scaled(
            part.width() * step,
            part.height() * step,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        painter.drawImage(target, part)


def glow(
    xy: NDArray[np.float32],
    rgb: NDArray[np.uint8],
    alpha: NDArray[np.float32],
    dark: bool,
    sky: Rgb,
    ground: Rgb,
) -> Glow | None:
    """The light of points (n, 2) in colours (n, 3), over a far wider, fainter one in ``sky``."""
    if len(xy) < 2:
        return None
    x, y = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
    low, high = (float(x.min()), float(y.min())), (float(x.max()), float(y.max()))
    side = max(high[0] - low[0], high[1] - low[1]) * (1 + 2 * MARGIN) or 1.0
    x0, y0 = (low[0] + high[0] - side) / 2, (low[1] + high[1] - side) / 2
    factor = np.float32(CELLS / side * 0.99999)
    flat = CELLS - 1 - ((y - np.float32(y0)) * factor).astype(np.int32)
    flat *= CELLS
    flat += ((x - np.float32(x0)) * factor).astype(np.int32)
    layers = [alpha] + [rgb[:, c] * alpha for c in range(3)]
    light = np.stack([np.bincount(flat, w, CELLS * CELLS) for w in layers])
    light = light.reshape(4, CELLS, CELLS).astype(np.float32)
    # The fewer tracks, the wider each one shines.
    near_cells = float(np.clip(2.0 * (20_000 / len(xy)) ** 0.16, 1.9, 5.2))
    spectrum = np.fft.rfft2(light)
    near = _spread(spectrum, near_cells)
    far = _spread(spectrum[0], near_cells * 4.2)
    color = near[1:] / np.maximum(near[0], 1e-9)
    strong = (0.185 if dark else 0.20) * (1.0 - np.exp(-1.15 * near[0] / _bright(near[0])))
    wide = (0.55 if dark else 0.30) * (1.0 - np.exp(-0.9 * far / _bright(far)))
    plane = np.array(ground, np.float32)[:, None, None]
    plane = plane + (np.array(sky, np.float32)[:, None, None] - plane) * wide
    plane = plane + (color - plane) * strong
    pixels = np.empty((CELLS, CELLS, 4), np.uint8)
    pixels[..., 3] = 255
    for channel, of in zip((2, 1, 0), plane, strict=True):
        pixels[..., channel] = np.clip(of + 0.5, 0.0, 255.0)
    image = QImage(pixels.data, CELLS, CELLS, CELLS * 4, QImage.Format.Format_RGB32)
    return Glow(image.copy(), x0, y0, side)  # a copy owns its memory


def _bright(plane: NDArray[np.float32]) -> float:
    """What counts as bright: the upper end of where there is light at all."""
    lit = plane[plane > plane.max() * 0.02]
    return float(np.percentile(lit, 88)) if lit.size else 1.0


def _spread(spectrum: NDArray[np.complexfloating[Any, Any]], cells: float) -> NDArray[np.float32]:
    """The plane or planes of this ``spectrum`` (…, CELLS, CELLS/2+1), blurred by ``cells``."""
    down = np.fft.fftfreq(CELLS)[:, None]
    across = np.fft.rfftfreq(CELLS)[None, :]
    blur = np.exp(-2.0 * (np.pi * cells) ** 2 * (down**2 + across**2)).astype(np.float32)
    planes = np.fft.irfft2(spectrum * blur, (CELLS, CELLS))
    return np.maximum(planes, 0.0).astype(np.float32)
