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
from PySide6.QtGui import QFont, QPainter, QPainterPath, QPen

from sliders_desktop.gui.slider_art import faded
from sliders_desktop.gui.theme import Theme

Place = tuple[float, float]  # in map coordinates
At = Callable[[Place], QPointF]  # where that is on the view, in pixels

GHOST_PX = 8.0
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


def paint_figure(painter: QPainter, theme: Theme, figure: Figure, at: At) -> None:
    """Lines first, then ghosts, stars on top."""
    points = [at(star.place) for star in figure.stars]
    for a, b in figure.links:
        cold = min(figure.stars[a].weight, figure.stars[b].weight) < 0
        pen = QPen(faded(theme.low, 0.75) if cold else faded(theme.text, 0.62), 1.3)
        if cold:
            pen.setDashPattern([3.0, 4.0])
        painter.setPen(pen)
        painter.drawLine(QLineF(points[a], points[b]))
    _paint_path(painter, theme, figure, at)
    for star, point in zip(figure.stars, points, strict=True):
        paint_star(painter, theme, point, star.radius, star.weight > 0, HALO)


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


def _paint_path(painter: QPainter, theme: Theme, figure: Figure, at: At) -> None:
    """Numbered ghosts; the farther in time, the fainter."""
    ghosts = [at(place) for place in figure.path]
    if not ghosts:
        return
    count = len(ghosts)
    strengths = [1.0 - 0.6 * n / max(1, count - 1) for n in range(count)]
    warm = [at(star.place) for star in figure.stars if star.weight > 0]
    if warm:
        first = min(warm, key=lambda point: QLineF(point, ghosts[0]).length())
        pen = QPen(faded(theme.text, 0.4), 1.2)
        pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.drawLine(QLineF(first, ghosts[0]))
    for (start, end), strength in zip(pairwise(ghosts), strengths, strict=False):
        painter.setPen(QPen(faded(theme.text, 0.42 * strength), 1.2))
        painter.drawLine(QLineF(start, end))
    font = theme.font(9.5, 600, tabular=True)
    font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    painter.setFont(font)
    for number in range(count, 0, -1):  # the next one lies on top
        point, strength = ghosts[number - 1], strengths[number - 1]
        painter.setBrush(faded(theme.ground, 0.9))
        painter.setPen(QPen(faded(theme.text, 0.85 * strength), 1.2))
        painter.drawEllipse(point, GHOST_PX, GHOST_PX)
        painter.setPen(faded(theme.text, 0.35 + 0.65 * strength))
        box = QRectF(point.x() - GHOST_PX, point.y() - GHOST_PX, 2 * GHOST_PX, 2 * GHOST_PX)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))
