"""All points of the map as one picture: colours written by flat index into a view-sized buffer.

While the view moves, a large library is drawn one pixel a point; at rest each point is a soft
round star whose size grows as the sky empties. Plain numpy and one `QImage`; main thread.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

EDGE = 64  # device pixels around the view, so that a star at the border needs no clipping
WRITES_WHILE_MOVING = 120_000
LEVELS, HOT_LEVELS = 24, 5
HOT_FROM_PX = 4.6  # logical
#: Few stars are bright: sizes relative to a middling one, and the share that is fainter.
SIZES = (0.76, 1.0, 1.38, 1.85)
BRIGHTER_THAN = (0.45, 0.78, 0.95)


@dataclass(frozen=True)
class Lens:
    """From map to view: x right, y up in the map; pixels right and down in the view."""

    x0: float  # map coordinates at the view's left and lower edge
    y0: float
    scale: float  # pixels per map unit
    width: int  # pixels
    height: int

    def times(self, ratio: float) -> "Lens":
        """The same view in device pixels."""
        return Lens(
            self.x0,
            self.y0,
            self.scale * ratio,
            round(self.width * ratio),
            round(self.height * ratio),
        )

    def to_view(self, x: float, y: float) -> tuple[float, float]:
        """Pixel of a place of the map."""
        return (x - self.x0) * self.scale, self.height - (y - self.y0) * self.scale

    def to_map(self, x: float, y: float) -> tuple[float, float]:
        """Place of the map under a pixel."""
        return self.x0 + x / self.scale, self.y0 + (self.height - y) / self.scale


class StarRaster:
    """Holds places and colours of the points and draws them through a `Lens`."""

    def __init__(self) -> None:
        self._x = np.empty(0, np.float32)
        self._y = np.empty(0, np.float32)
        self._magnitude = np.empty(0, np.uint8)
        self.words = np.empty(0, np.uint32)  # premultiplied ARGB of each point
        self._buffer = np.zeros(0, np.uint32)
        self._image = QImage()
        self._stride = 0
        self.star_px = 1.0  # diameter of a middling star at the last drawing
        self.hot = 0.6  # how white the middle of a large star is

    def set_places(self, xy: NDArray[np.float32], chance: NDArray[np.float32]) -> None:
        """Places (n, 2) and a number 0..1 for each that decides how bright its star is."""
        self.move(xy)
        self._magnitude = np.searchsorted(BRIGHTER_THAN, chance).astype(np.uint8)

    def move(self, xy: NDArray[np.float32]) -> None:
        """The same points elsewhere."""
        self._x = np.ascontiguousarray(xy[:, 0])  # side by side: twice as fast
        self._y = np.ascontiguousarray(xy[:, 1])

    def draw(self, lens: Lens, moving: bool, ratio: float) -> QImage:
        """The picture, `EDGE` device pixels larger than the view on every side.

        It shares its memory with this object: valid until the next call.
        """
        self._clear(lens)
        if not len(self._x):
            return self._image
        flat, seen = self._project(lens)
        self.star_px = star_diameter(lens.width * lens.height, max(1, len(flat)), ratio)
        words = self.words if seen is None else self.words[seen]
        magnitudes = self._magnitude if seen is None else self._magnitude[seen]
        stamps = [
            stamp(round(4 * self.star_px * size) / 4, self.star_px * size >= HOT_FROM_PX * ratio)
            for size in SIZES
        ]
        counts = np.bincount(magnitudes, minlength=len(SIZES)).tolist()
        writes = sum(n * pixels for n, (pixels, _) in zip(counts, stamps, strict=True))
        if moving and writes > WRITES_WHILE_MOVING:
            self._buffer[flat] = words
            return self._image
        stars = [np.flatnonzero(magnitudes == m) for m in range(len(SIZES))]
        places = [flat[of] for of in stars]
        lights = [words[of] for of in stars]
        # Faint pixels first: where stars overlap the brighter pixel stays, as in a real sky.
        for level in sorted({level for _, groups in stamps for level in groups}):
            for at, light, (_, groups) in zip(places, lights, stamps, strict=True):
                if level not in groups or not len(at):
                    continue
                if level > LEVELS:
                    white = np.full(1, 0xFFFFFFFF, np.uint32)
                    tinted = blended(light, white, self.hot * (level - LEVELS) / HOT_LEVELS)
                else:
                    tinted = light if level == LEVELS else dimmed(light, level / LEVELS)
                for dx, dy in groups[level]:
                    self._buffer[at + (dy * self._stride + dx)] = tinted
        return self._image

    def _project(self, lens: Lens) -> tuple[NDArray[np.intp], NDArray[np.intp] | None]:
        """Flat buffer index of the points in view, and which they are (None: all of them)."""
        scale = np.float32(lens.scale)
        x = self._x * scale
        x += np.float32(EDGE - lens.x0 * lens.scale)
        y = self._y * -scale
        y += np.float32(EDGE + lens.height + lens.y0 * lens.scale)
        low = EDGE // 2
        right, bottom = lens.width + 2 * EDGE - low, lens.height + 2 * EDGE - low
        seen = None
        if x.min() < low or y.min() < low or x.max() >= right or y.max() >= bottom:
            inside = (x >= low) & (x < right)
            inside &= y >= low
            inside &= y < bottom
            seen = np.flatnonzero(inside)
            x, y = x[seen], y[seen]
        flat = y.astype(np.intp)
        flat *= self._stride
        flat += x.astype(np.intp)
        return flat, seen

    def _clear(self, lens: Lens) -> None:
        width, height = lens.width + 2 * EDGE, lens.height + 2 * EDGE
        if self._stride == width and len(self._buffer) == width * height:
            self._buffer.fill(0)
            return
        self._stride = width
        # The image does not own this memory: keep the two together.
        self._buffer = np.zeros(width * height, np.uint32)
        self._image = QImage(
            self._buffer.data,
            width,
            height,
            width * 4,
            QImage.Format.Format_ARGB32_Premultiplied,
        )


def premultiplied(rgb: NDArray[np.uint8], alpha: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Colours (n, 3) and opacities (n,) 0..1 as premultiplied ARGB32 words (n,)."""
    strength = (alpha * np.float32(256.0)).astype(np.uint32)
    parts = [np.ascontiguousarray(rgb[:, c]).astype(np.uint32) for c in range(3)]
    out: NDArray[np.uint32] = np.minimum(strength, np.uint32(255)) << np.uint32(24)
    for shift, part in zip((16, 8, 0), parts, strict=True):
        part *= strength
        part >>= np.uint32(8)
        out |= part << np.uint32(shift)
    return out


def dimmed(words: NDArray[np.uint32], strength: float) -> NDArray[np.uint32]:
    """Premultiplied ``words`` at ``strength`` 0..1 of their light, two channels at a time."""
    factor = np.uint32(round(strength * 256))
    pair = np.uint32(0x00FF00FF)
    eight = np.uint32(8)
    red_blue = ((words & pair) * factor >> eight) & pair
    alpha_green = ((words >> eight) & pair) * factor & ~pair
    out: NDArray[np.uint32] = np.bitwise_or(red_blue, alpha_green)
    return out


def blended(
    before: NDArray[np.uint32], after: NDArray[np.uint32], progress: float
) -> NDArray[np.uint32]:
    """Between two colourings of the same points."""
    return dimmed(before, 1.0 - progress) + dimmed(after, progress)


def star_diameter(area: float, count: int, ratio: float) -> float:
    """Diameter in device pixels of a middling star: what leaves the sky neither empty nor full."""
    spacing = (area / (ratio * ratio) / count) ** 0.5
    return float(min(9.5, max(1.0, 0.68 * spacing**0.55)) * ratio)


Stamp = tuple[int, dict[int, list[tuple[int, int]]]]


@cache
def stamp(diameter: float, hot: bool = False) -> Stamp:
    """How many pixels one star covers, and their offsets by level of brightness.

    Levels run to `LEVELS`; those above are the white-hot middle of a ``hot`` one.
    """
    if diameter < 1.3:
        return 1, {LEVELS: [(0, 0)]}
    if diameter < 2.2:
        soft = min(LEVELS, max(1, round((diameter - 1.0) * 0.8 * LEVELS)))
        corner = max(1, round(soft * 0.6))
        return 4, {LEVELS: [(0, 0)], soft: [(1, 0), (0, 1)], corner: [(1, 1)]}
    radius = diameter / 2
    reach = min(EDGE // 2, int(np.ceil(radius * 2.1)))
    groups: dict[int, list[tuple[int, int]]] = {}
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            away = float(np.hypot(dx, dy))
            body = min(1.0, max(0.0, 0.82 * radius + 0.5 - away))
            halo = 0.46 * float(np.exp(-((away / (1.08 * radius)) ** 2)))
            level = round(max(body, halo) * LEVELS)
            if hot and away < 0.6 * radius:
                level = LEVELS + 1 + int((1.0 - away / (0.6 * radius)) * HOT_LEVELS * 0.999)
            if level > 0:
                groups.setdefault(level, []).append((dx, dy))
    return sum(map(len, groups.values())), groups
