"""What is drawn above the stars: names, the way the music takes, rings, the lasso. Main thread."""

from dataclasses import dataclass, field
from itertools import pairwise

from PySide6.QtCore import QLineF, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from sliders_desktop.gui.map_figure import Figure, FigureArt, Place
from sliders_desktop.gui.map_labels import Label
from sliders_desktop.gui.map_raster import Lens
from sliders_desktop.gui.slider_art import faded
from sliders_desktop.gui.theme import Theme

LETTERS = {"slider": "lit", "region": "focus"}  # roles of names, by their kind; else soft


@dataclass
class Marks:
    """All that is marked now, in map coordinates; ``lasso`` and label boxes in pixels."""

    playing: Place | None = None
    coming: list[Place] = field(default_factory=list)  # the next few, in order
    trail: list[Place] = field(default_factory=list)  # the last few, newest last
    selected: list[Place] = field(default_factory=list)
    hovered: Place | None = None
    figure: Figure | None = None  # the open constellation, or the journey that is looked at
    joining: tuple[Place, Place] | None = None  # a line that is being drawn
    regions: list[tuple[Place, ...]] = field(default_factory=list)  # the listener's own
    brush: tuple[QPointF, float] | None = None  # its middle and radius in pixels
    lasso: list[tuple[float, float]] = field(default_factory=list)
    labels: list[tuple[Label, QRectF]] = field(default_factory=list)


class MapMarks(QObject):
    """Paints `Marks`; few of them, so a full repaint is cheap.

    Signals: changed(): paint them again.
    """

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lens = Lens(0.0, 0.0, 1.0, 1, 1)
        self.star_px = 2.0
        self.marks = Marks()
        self._art = FigureArt(theme)
        self._names: dict[tuple[str, str, float], QPixmap] = {}

    def set_lens(self, lens: Lens) -> None:
        self._lens = lens
        self.marks.labels = [(k, self.label_box(k, box.width())) for k, box in self.marks.labels]
        self.update()

    def update(self) -> None:
        """They are others, or elsewhere."""
        self.changed.emit()

    def label_box(self, label: Label, metrics_width: float) -> QRectF:
        """Where a name of this width would stand, in pixels."""
        x, y = self._lens.to_view(label.x, label.y)
        return QRectF(x - metrics_width / 2, y - 9 + label.dy, metrics_width, 18)

    def busy_boxes(self) -> list[QRectF]:
        """Pixels that names should leave free."""
        places = [*self.marks.coming]
        if self.marks.playing is not None:
            places.append(self.marks.playing)
        if self.marks.figure is not None:
            places += [*self.marks.figure.path, *(s.place for s in self.marks.figure.stars)]
        return [QRectF(p.x() - 14, p.y() - 14, 28, 28) for p in map(self._at, places)]

    def _at(self, place: Place) -> QPointF:
        return QPointF(*self._lens.to_view(*place))

    def paint(self, painter: QPainter) -> None:
        """All of them, over whatever is there."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_regions(painter)
        self._paint_labels(painter)
        self._paint_way(painter)
        if self.marks.figure is not None:
            self._art.paint(painter, self.marks.figure, self._at)
        self._paint_selected(painter)
        self._paint_playing(painter)
        if self.marks.hovered is not None:
            painter.setPen(QPen(self._theme.text, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            radius = max(5.0, self.star_px + 2.5)
            painter.drawEllipse(self._at(self.marks.hovered), radius, radius)
        if self.marks.joining is not None:
            painter.setPen(QPen(self._theme.focus, 2.0))
            painter.drawLine(QLineF(*map(self._at, self.marks.joining)))
        self._paint_lasso(painter)
        if self.marks.brush is not None:
            painter.setPen(QPen(self._theme.focus, 1.5))
            painter.setBrush(faded(self._theme.focus, 0.10))
            painter.drawEllipse(self.marks.brush[0], self.marks.brush[1], self.marks.brush[1])

    @staticmethod
    def role_of(label: Label) -> str:
        """Of the theme's colours, that of a name."""
        return LETTERS.get(label.kind, "soft")

    def paint_names(self, painter: QPainter) -> None:
        """The names alone."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_labels(painter)

    def _paint_regions(self, painter: QPainter) -> None:
        painter.setPen(QPen(faded(self._theme.focus, 0.45), 1.2, Qt.PenStyle.DotLine))
        painter.setBrush(faded(self._theme.focus, 0.05))
        for corners in self.marks.regions:
            painter.drawPolygon(QPolygonF([self._at(place) for place in corners]))

    def _paint_labels(self, painter: QPainter) -> None:
        for label, box in self.marks.labels:
            painter.drawPixmap(box.topLeft(), self._letters(label, box, painter))

    def _letters(self, label: Label, box: QRectF, on: QPainter) -> QPixmap:
        """A name with the ground's colour around its letters; kept, for it is drawn often."""
        ratio = on.device().devicePixelRatioF()
        key = (label.text, label.kind, ratio)
        pixmap = self._names.get(key)
        if pixmap is not None:
            return pixmap
        theme = self._theme
        pixmap = QPixmap(round(box.width() * ratio), round(box.height() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        path = QPainterPath()
        path.addText(3.0, box.height() / 2 + 4.5, theme.font(12, 500), label.text)
        halo = QPen(faded(theme.ground, 0.72), 3.0)
        halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(halo)
        painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self.role_of(label)))
        painter.drawPath(path)
        painter.end()
        if len(self._names) > 400:
            self._names.clear()
        self._names[key] = pixmap
        return pixmap

    def redress(self) -> None:
        """The theme has changed."""
        self._names.clear()
        self._art.forget()
        self.update()

    def _paint_way(self, painter: QPainter) -> None:
        theme, marks = self._theme, self.marks
        if marks.playing is None:
            return
        trail = [self._at(p) for p in marks.trail] + [self._at(marks.playing)]
        count = len(trail) - 1
        for at in range(count):
            last = at == count - 1
            strength = 0.55 if last else 0.05 + 0.16 * (at + 1) / count
            painter.setPen(QPen(faded(theme.text, strength), 1.2))
            painter.drawLine(QLineF(trail[at], trail[at + 1]))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(faded(theme.text, 1.0 if last else 0.15 + 0.35 * at / count))
            radius = 5.5 if last else 2.0
            painter.drawEllipse(trail[at], radius, radius)
        way = [self._at(marks.playing)] + [self._at(p) for p in marks.coming]
        painter.setPen(QPen(faded(theme.text, 0.55), 1.2))
        for start, end in pairwise(way):
            painter.drawLine(QLineF(start, end))
        painter.setBrush(theme.ground)
        painter.setPen(QPen(faded(theme.text, 0.9), 1.3))
        for point in way[1:]:
            painter.drawEllipse(point, 4.5, 4.5)

    def _paint_playing(self, painter: QPainter) -> None:
        if self.marks.playing is None:
            return
        theme, at = self._theme, self._at(self.marks.playing)
        painter.setBrush(faded(theme.ground, 0.55))
        painter.setPen(QPen(faded(theme.lamp, 0.36), 2.2))
        painter.drawEllipse(at, 18.0, 18.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.lamp, 2.4))
        painter.drawEllipse(at, 12.0, 12.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.text)
        painter.drawEllipse(at, 4.5, 4.5)

    def _paint_selected(self, painter: QPainter) -> None:
        if not self.marks.selected:
            return
        radius = max(6.0, self.star_px + 3.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.focus, 2.0))
        for place in self.marks.selected:
            painter.drawEllipse(self._at(place), radius, radius)

    def _paint_lasso(self, painter: QPainter) -> None:
        if len(self.marks.lasso) < 2:
            return
        line = QPolygonF([QPointF(x, y) for x, y in self.marks.lasso])
        painter.setBrush(faded(self._theme.focus, 0.12))
        pen = QPen(self._theme.focus, 1.5)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawPolygon(line)
