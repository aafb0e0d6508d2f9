"""The faint light between the stars: where many tracks of one colour lie, the sky glows.

Computed once per layout or colouring on a small grid in map coordinates, so that panning and
zooming only stretch a picture. Plain numpy; main thread, a few milliseconds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

CELLS = 224  # on a side
MARGIN = 0.22  # of the map's larger side, around it


@dataclass(frozen=True)
class Glow:
    """A picture, top row first, and the square of the map it covers."""

    image: QImage
    x0: float
    y0: float
    side: float


def glow(
    xy: NDArray[np.float32],
    rgb: NDArray[np.uint8],
    alpha: NDArray[np.float32],
    dark: bool,
    sky: tuple[int, int, int],
) -> Glow | None:
    """The light of points (n, 2) in colours (n, 3), over a far wider, fainter one in ``sky``."""
    if len(xy) < 2:
        return None
    low, high = xy.min(axis=0), xy.max(axis=0)
    middle = (low + high) / 2
    side = float((high - low).max()) * (1 + 2 * MARGIN) or 1.0
    x0, y0 = float(middle[0]) - side / 2, float(middle[1]) - side / 2
    column = ((xy[:, 0] - x0) * np.float32(CELLS / side)).astype(np.int32)
    row = CELLS - 1 - ((xy[:, 1] - y0) * np.float32(CELLS / side)).astype(np.int32)
    flat = np.clip(row, 0, CELLS - 1) * CELLS + np.clip(column, 0, CELLS - 1)
    weight = alpha.astype(np.float64)
    layers = [weight] + [rgb[:, c] * weight for c in range(3)]
    light = np.stack([np.bincount(flat, w, CELLS * CELLS) for w in layers])
    light = light.reshape(4, CELLS, CELLS)
    # The fewer tracks, the wider each one shines.
    near_cells = float(np.clip(3.4 * (20_000 / len(xy)) ** 0.16, 3.2, 9.0))
    spectrum = np.fft.rfft2(light)
    near = np.fft.irfft2(spectrum * _gauss(near_cells), (CELLS, CELLS))
    far = np.fft.irfft2(spectrum[0] * _gauss(near_cells * 4.2), (CELLS, CELLS))
    near, far = np.maximum(near, 0.0), np.maximum(far, 0.0)
    density = near[0] / _bright(near[0])
    color = near[1:] / np.maximum(near[0], 1e-9)
    strong = (0.185 if dark else 0.20) * (1.0 - np.exp(-1.15 * density))
    wide = (0.55 if dark else 0.30) * (1.0 - np.exp(-0.9 * far / _bright(far)))
    shade = np.asarray(sky, np.float64)[:, None, None]
    # The near light lies over the wide one; both premultiplied.
    red_green_blue = color * strong + shade * wide * (1.0 - strong)
    cover = 255.0 * (strong + wide * (1.0 - strong))
    out = np.empty((CELLS, CELLS, 4), np.float64)
    for channel, plane in zip((2, 1, 0), red_green_blue, strict=True):
        out[..., channel] = plane
    out[..., 3] = cover
    pixels = np.minimum(out + 0.5, 255.0).astype(np.uint8)
    np.minimum(pixels[..., :3], pixels[..., 3:], out=pixels[..., :3])
    image = QImage(
        pixels.data,
        CELLS,
        CELLS,
        CELLS * 4,
        QImage.Format.Format_ARGB32_Premultiplied,
    ).copy()  # a copy owns its memory
    return Glow(image, x0, y0, side)


def _bright(plane: NDArray[np.float64]) -> float:
    """What counts as bright: the upper end of where there is light at all."""
    lit = plane[plane > plane.max() * 0.02]
    return float(np.percentile(lit, 88)) if lit.size else 1.0


def _gauss(sigma: float) -> NDArray[np.float64]:
    """A blur of ``sigma`` cells as a factor on the spectrum."""
    down = np.fft.fftfreq(CELLS)[:, None]
    across = np.fft.rfftfreq(CELLS)[None, :]
    return np.exp(-2.0 * (np.pi * sigma) ** 2 * (down**2 + across**2))
