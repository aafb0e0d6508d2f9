"""All points of the map as one picture: colours written by flat index into a view-sized buffer.

While the view moves, a large library is drawn one pixel a point; at rest each point is a soft
round star whose size grows as the sky empties. Plain numpy and one `QImage`; main thread.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from sliders_desktop.session.map_index import Grid

EDGE = 64  # device pixels around the view, so that a star at the border needs no clipping
WRITES_WHILE_MOVING = 120_000
CHUNK = 1 << 15  # points
LEVELS, HOT_LEVELS = 24, 5
HOT_FROM_PX = 4.6  # logical
#: Few stars are bright: sizes relative to a middling one, and the share that is fainter.
SIZES = (0.76, 1.0, 1.38, 1.85)
BRIGHTER_THAN = (0.45, 0.78, 0.95)
SHARES = np.diff((0.0, *BRIGHTER_THAN, 1.0)).tolist()  # of each size


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
        self._grid = Grid(np.empty((0, 2), np.float32))
        self._x = self._y = self._grid.x  # in the grid's order, which keeps writes near each other
        self._whole = True  # the points are where the grid has them
        self._magnitude = np.empty(0, np.uint8)
        self._words = np.empty(0, np.uint32)
        self._buffer = np.zeros(0, np.uint32)
        self._image = QImage()
        self._stride = 0
        self._flat = np.empty(0, np.intp)  # one chunk's places in the buffer
        self.star_px = 1.0  # diameter of a middling star at the last drawing
        self.hot = 0.6  # how white the middle of a large star is

    def set_places(self, grid: Grid, chance: NDArray[np.float32]) -> None:
        """The points, and a number 0..1 for each that decides how bright its star is."""
        self._grid = grid
        self._magnitude = np.searchsorted(BRIGHTER_THAN, chance).astype(np.uint8)[grid.order]
        self.rest()

    def rest(self) -> None:
        """The points are where the grid has them."""
        self._x, self._y, self._whole = self._grid.x, self._grid.y, True

    def move(self, xy: NDArray[np.float32]) -> None:
        """The same points elsewhere for the moment, (n, 2)."""
        self._x = xy[self._grid.order, 0]
        self._y = xy[self._grid.order, 1]
        self._whole = False

    @property
    def words(self) -> NDArray[np.uint32]:
        """Premultiplied ARGB of each point, in the grid's order."""
        return self._words

    def set_words(self, words: NDArray[np.uint32]) -> None:
        """Colours (n,) as `words`, kept and not copied."""
        self._words = words

    def draw(self, lens: Lens, moving: bool, ratio: float) -> QImage:
        """The picture, `EDGE` device pixels larger than the view on every side.

        It shares its memory with this object: valid until the next call.
        """
        self._clear(lens)
        parts = self._in_view(lens)
        count = sum(part.stop - part.start for part in parts)
        if not count:
            return self._image
        self.star_px = star_diameter(lens.width * lens.height, count, ratio)
        stamps = [
            stamp(round(4 * self.star_px * size) / 4, self.star_px * size >= HOT_FROM_PX * ratio)
            for size in SIZES
        ]
        writes = count * sum(s * pixels for s, (pixels, _) in zip(SHARES, stamps, strict=True))
        if writes == count or (moving and writes > WRITES_WHILE_MOVING):
            self._dot(lens, parts)
            return self._image
        flat, words, magnitudes = self._gathered(lens, parts)
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

    def _in_view(self, lens: Lens) -> list[slice]:
        """Stretches of the points that hold all those in view."""
        if not self._whole:
            return [slice(0, len(self._x))] if len(self._x) else []
        edge = EDGE / 2 / lens.scale
        right, top = lens.to_map(lens.width, 0)
        return self._grid.within(lens.x0 - edge, lens.y0 - edge, right + edge, top + edge)

    def _dot(self, lens: Lens, parts: list[slice]) -> None:
        """One pixel a point, in chunks that stay in the processor's cache."""
        for group in _chunks(parts):
            flat, seen = self._project(lens, group)
            words = _taken(self._words, group)
            self._buffer[flat] = words if seen is None else words[seen]

    def _gathered(
        self, lens: Lens, parts: list[slice]
    ) -> tuple[NDArray[np.intp], NDArray[np.uint32], NDArray[np.uint8]]:
        """Place in the buffer, colour and magnitude of the points in view."""
        found = []
        for group in _chunks(parts):
            flat, seen = self._project(lens, group)
            words, magnitudes = _taken(self._words, group), _taken(self._magnitude, group)
            if seen is not None:
                words, magnitudes = words[seen], magnitudes[seen]
            found.append((flat.copy(), words, magnitudes))
        flats, colors, sizes = zip(*found, strict=True)
        return np.concatenate(flats), np.concatenate(colors), np.concatenate(sizes)

    def _project(
        self, lens: Lens, group: list[slice]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp] | None]:
        """Place in the buffer of those of a chunk that are in view, and which (None: all).

        The places lie in memory that the next call writes anew.
        """
        x = _taken(self._x, group) * np.float32(lens.scale)
        x += np.float32(EDGE - lens.x0 * lens.scale)
        y = _taken(self._y, group) * np.float32(-lens.scale)
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
        rows = y.astype(np.int32)
        rows *= np.int32(self._stride)
        rows += x.astype(np.int32)
        if len(self._flat) < len(rows):
            self._flat = np.empty(max(CHUNK, len(rows)), np.intp)
        flat = self._flat[: len(rows)]
        flat[:] = rows
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


def _chunks(parts: list[slice]) -> Iterator[list[slice]]:
    """The same points in groups of stretches, each of `CHUNK` points at most."""
    group: list[slice] = []
    count = 0
    for part in parts:
        begin = part.start
        while begin < part.stop:
            end = min(part.stop, begin + CHUNK - count)
            group.append(slice(begin, end))
            count += end - begin
            begin = end
            if count == CHUNK:
                yield group
                group, count = [], 0
    if group:
        yield group


def _taken(array: NDArray[Any], group: list[slice]) -> NDArray[Any]:
    """What ``array`` (n, …) holds there: a view where it can be one."""
    if len(group) == 1:
        return array[group[0]]
    return np.concatenate([array[part] for part in group])


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
