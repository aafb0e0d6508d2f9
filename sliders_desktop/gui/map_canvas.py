"""What the map is painted on: the sky, then the marks, then the ring of the keyboard's focus.

The only file that imports pyqtgraph, and imported itself only after the first paint.
"""

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGraphicsView, QStyleOptionGraphicsItem, QWidget

from sliders_desktop.gui.controls import paint_focus
from sliders_desktop.gui.map_marks import MapMarks
from sliders_desktop.gui.map_sky import MapSky
from sliders_desktop.gui.theme import Theme


class _Picture(pg.GraphicsObject):  # type: ignore[misc]
    """Sky and marks as one item, in pixels of the view."""

    def __init__(self, sky: MapSky, marks: MapMarks) -> None:
        super().__init__()
        self._sky, self._marks = sky, marks
        self._box = QRectF()

    def set_box(self, box: QRectF) -> None:
        if box != self._box:
            self.prepareGeometryChange()
            self._box = box

    def boundingRect(self) -> QRectF:
        return self._box

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        self._sky.paint(painter, widget.devicePixelRatioF() if widget is not None else 1.0)
        self._marks.paint(painter)


class MapCanvas(pg.GraphicsView):  # type: ignore[misc]
    """pyqtgraph's view with one item: an event loop turn, one painting, whatever has changed."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, useOpenGL=False, background=None)
        self._theme = theme
        self._ringed = False
        self.sky, self.marks = MapSky(theme), MapMarks(theme)
        self.sky.setParent(self)
        self.marks.setParent(self)
        self._picture = _Picture(self.sky, self.marks)
        self.scene().addItem(self._picture)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # The sky covers everything: nothing need be painted or saved before it.
        self.setBackgroundBrush(Qt.BrushStyle.NoBrush)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setOptimizationFlags(
            QGraphicsView.OptimizationFlag.DontSavePainterState
            | QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing
        )
        self.sky.changed.connect(self._picture.update)
        self.marks.changed.connect(self._picture.update)
        self.sigDeviceRangeChanged.connect(self._fit)

    def _fit(self, *_: object) -> None:
        self._picture.set_box(QRectF(self.rect()))

    def set_ringed(self, ringed: bool) -> None:
        """Whether the focus should be seen."""
        self._ringed = ringed
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._ringed and self.hasFocus():
            paint_focus(QPainter(self.viewport()), self.viewport().rect(), self._theme, 0.0)
