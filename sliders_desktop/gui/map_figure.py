"""A constellation or a journey as the map draws it: linked stars, and what follows as a path.

Main thread. Warm and cold differ in colour, shape and lines, so that no eye is left out.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap

from sliders_desktop.gui.slider_art import faded
from sliders_desktop.gui.theme import Theme

Place = tuple[float, float]  # in map coordinates
At = Callable[[Place], QPointF]  # where that is on the view, in pixels

GHOST_PX = 8.0
ASIDE = QPointF(13.0, -13.0)
MOST_DASHED = 40  # lines
LINE_PX = 1.0  # Qt draws wider ones at twice the cost
LEAST_PX, PER_WEIGHT_PX = 5.0, 3.5
HALO = 0.85  # of the ground's colour around a star, so that it stands out among the others


@dataclass(frozen=True)
class FigureStar:
    """One anchor; ``weight`` below 0 leads away from it."""

    place: Place
    weight: float

    @property
    def radius(self) -> float:
        """In pixels: what counts more is larger."""
        return LEAST_PX + PER_WEIGHT_PX * abs(self.weight)


@dataclass(frozen=True)
class Figure:
    """``links`` join stars by their place in ``stars``; ``path`` are the ghosts, the next first."""

    stars: tuple[FigureStar, ...] = ()
    links: tuple[tuple[int, int], ...] = ()
    path: tuple[Place, ...] = ()


def links_of(stars: Sequence[FigureStar]) -> tuple[tuple[int, int], ...]:
    """How one would draw it: the shortest lines that join all warm stars (a minimum spanning tree).

    Each cold one hangs on the star nearest to it.
    """
    warm = [at for at, star in enumerate(stars) if star.weight > 0]
    cold = [at for at, star in enumerate(stars) if star.weight < 0]
    xy = np.array([star.place for star in stars], np.float64).reshape(-1, 2)
    links = [(warm[a], warm[b]) for a, b in spanning_tree(xy[warm])]
    for at in cold:
        others = warm or [other for other in cold if other < at]
        if others:
            squares = ((xy[others] - xy[at]) ** 2).sum(axis=1)
            links.append((others[int(squares.argmin())], at))
    return tuple(links)


def spanning_tree(xy: NDArray[np.float64]) -> list[tuple[int, int]]:
    """The n − 1 lines of least length in sum that join points (n, 2); Prim's, n² in numpy."""
    count = len(xy)
    if count < 2:
        return []
    links = []
    nearest = np.zeros(count, np.intp)  # of the joined ones, for each other
    squares = ((xy - xy[0]) ** 2).sum(axis=1)
    squares[0] = np.inf
    joined = np.zeros(count, np.bool_)
    joined[0] = True
    for _ in range(count - 1):
        new = int(squares.argmin())
        links.append((int(nearest[new]), new))
        joined[new] = True
        away = ((xy - xy[new]) ** 2).sum(axis=1)
        closer = (away < squares) & ~joined
        nearest[closer] = new
        squares = np.where(closer, away, squares)
        squares[new] = np.inf
    return links


class FigureArt:
    """Paints figures; stars and numbers are drawn once each and kept, for a map is often pushed."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._kept: dict[tuple[object, ...], QPixmap] = {}

    def forget(self) -> None:
        """The theme has changed."""
        self._kept.clear()

    def paint(self, painter: QPainter, figure: Figure, at: At) -> None:
        """Lines first, then ghosts, stars on top."""
        points = [at(star.place) for star in figure.stars]
        warm: list[QLineF] = []
        cold: list[QLineF] = []
        for a, b in figure.links:
            leads_away = min(figure.stars[a].weight, figure.stars[b].weight) < 0
            (cold if leads_away else warm).append(QLineF(points[a], points[b]))
        theme = self._theme
        painter.setPen(QPen(faded(theme.text, 0.7), LINE_PX))
        painter.drawLines(warm)
        pen = QPen(faded(theme.low, 0.85), LINE_PX)
        if len(cold) <= MOST_DASHED:  # dashes are slow to draw
            pen.setDashPattern([3.0, 4.0])
        painter.setPen(pen)
        painter.drawLines(cold)
        self._path(painter, figure, points, at)
        for star, point in zip(figure.stars, points, strict=True):
            self._put(painter, point, self._star(star, painter))

    def _star(self, star: FigureStar, on: QPainter) -> QPixmap:
        warm, radius = star.weight > 0, round(2 * star.radius) / 2
        half = radius + 4

        def draw(painter: QPainter) -> None:
            paint_star(painter, self._theme, QPointF(half, half), radius, warm, HALO)

        return self._sprite((warm, radius), half, draw, on)

    def _sprite(
        self, key: tuple[object, ...], half: float, draw: Callable[[QPainter], None], on: QPainter
    ) -> QPixmap:
        """A square twice ``half`` wide, drawn by ``draw`` if it is not there yet."""
        ratio = on.device().devicePixelRatioF()
        key = (*key, ratio)
        pixmap = self._kept.get(key)
        if pixmap is None:
            side = math.ceil(2 * half * ratio)
            pixmap = QPixmap(side, side)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw(painter)
            painter.end()
            self._kept[key] = pixmap
        return pixmap

    def _put(self, painter: QPainter, at: QPointF, pixmap: QPixmap) -> None:
        half = pixmap.deviceIndependentSize().width() / 2
        painter.drawPixmap(at - QPointF(half, half), pixmap)

    def _path(self, painter: QPainter, figure: Figure, stars: Sequence[QPointF], at: At) -> None:
        """Numbered ghosts; the farther in time, the fainter."""
        taken = {star.place for star in figure.stars}
        # Where a star has its turn the number stands beside it.
        ghosts = [at(place) + (ASIDE if place in taken else QPointF()) for place in figure.path]
        if not ghosts:
            return
        theme, count = self._theme, len(ghosts)
        strengths = [1.0 - 0.6 * n / max(1, count - 1) for n in range(count)]
        warm = [p for s, p in zip(figure.stars, stars, strict=True) if s.weight > 0]
        if warm:
            first = min(warm, key=lambda point: QLineF(point, ghosts[0]).length())
            painter.setPen(QPen(faded(theme.text, 0.3), LINE_PX))
            painter.drawLine(QLineF(first, ghosts[0]))
        for (start, end), strength in zip(pairwise(ghosts), strengths, strict=False):
            painter.setPen(QPen(faded(theme.text, 0.5 * strength), LINE_PX))
            painter.drawLine(QLineF(start, end))
        for at_path in range(count - 1, -1, -1):  # the next one lies on top
            ghost = self._ghost(at_path + 1, strengths[at_path], painter)
            self._put(painter, ghosts[at_path], ghost)

    def _ghost(self, number: int, strength: float, on: QPainter) -> QPixmap:
        theme, half = self._theme, GHOST_PX + 2

        def draw(painter: QPainter) -> None:
            middle = QPointF(half, half)
            painter.setBrush(faded(theme.ground, 0.9))
            painter.setPen(QPen(faded(theme.text, 0.85 * strength), 1.2))
            painter.drawEllipse(middle, GHOST_PX, GHOST_PX)
            painter.setFont(theme.font(9.5, 600, tabular=True))
            painter.setPen(faded(theme.text, 0.35 + 0.65 * strength))
            box = QRectF(0, 0, 2 * half, 2 * half)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))

        return self._sprite((number, round(strength, 2)), half, draw, on)


def paint_star(
    painter: QPainter, theme: Theme, at: QPointF, radius: float, warm: bool, halo: float = 0.0
) -> None:
    """Warm: a filled amber star of four rays. Cold: a dashed blue ring with a bar across."""
    if halo:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(theme.ground, halo))
        painter.drawEllipse(at, radius * 0.8 + 2.0, radius * 0.8 + 2.0)
    if warm:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.lamp)
        painter.drawPath(four_rays(at, radius))
        return
    ring = radius * 0.85
    pen = QPen(theme.low, 1.6)
    pen.setDashPattern([2.0, 1.5])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(at, ring, ring)
    painter.setPen(QPen(theme.low, 1.8))
    half = max(2.0, ring * 0.5)
    painter.drawLine(QLineF(at.x() - half, at.y(), at.x() + half, at.y()))


def four_rays(at: QPointF, radius: float) -> QPainterPath:
    """A star with rays up, right, down and left; between them it comes in close."""
    path = QPainterPath()
    for step in range(8):
        angle, far = math.pi * step / 4, radius if step % 2 == 0 else radius * 0.36
        point = QPointF(at.x() + far * math.sin(angle), at.y() - far * math.cos(angle))
        if step:
            path.lineTo(point)
        else:
            path.moveTo(point)
    path.closeSubpath()
    return path
