"""Keeps the map's names: found in idle moments, placed anew whenever the view rests."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, QTimer, Signal
from PySide6.QtGui import QFontMetricsF

from sliders_desktop.gui.map_labels import Gatherings, Label, find, fitting, high_label
from sliders_desktop.gui.map_marks import MapMarks
from sliders_desktop.gui.map_sky import MapSky
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.matching import aligned

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

SLICE_S = 0.006  # of one idle moment
FEWEST, MOST = 7, 20
MOST_LIT, LIT = 6, 1e9  # sliders whose upper ends are named, and how weighty that is
OWN = 1e12  # what the listener named comes before all that was found


class MapNames(QObject):
    """Signals: found(): other names are known; place them."""

    found = Signal()

    def __init__(self, session: "Session", theme: Theme, sky: MapSky, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self._sky = sky
        self._search: Iterator[list[Label] | None] | None = None
        self._labels: list[Label] = []
        self._high: Label | None = None
        self._own: list[Label] = []
        self._ends: dict[int, tuple[object, Gatherings, Label | None]] = {}
        self._lit = QTimer(self)
        self._lit.setSingleShot(True)
        self._lit.setInterval(0)
        self._lit.timeout.connect(self._mark_lit)
        self._gatherings: Gatherings | None = None
        self._widths: dict[str, float] = {}  # pixels of each name
        self._idle = QTimer(self)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self._step)

    def renew(self) -> None:
        """Points or rows have changed: look again."""
        self._search = find(self._session, self._sky.ids, self._gathered())
        self._idle.start()

    def recolor(self, text: str | None) -> None:
        """Another colouring: mark where its top tenth gathers, by this ``text``."""
        values = self._sky.coloring.values
        self._high = None
        if text is not None and values is not None:
            self._high = high_label(text, self._gathered(), values)
        self._lit.start()
        self.found.emit()

    def _mark_lit(self) -> None:
        """Where the other lit sliders are highest, one after the other in idle moments."""
        learned, ids = self._session.learned, self._sky.ids
        known = {slider.id: slider for slider in learned.lit_sliders()[:MOST_LIT]}
        self._ends = {key: end for key, end in self._ends.items() if key in known}
        gathered = self._gathered()
        for slider_id, slider in known.items():
            fitted = learned.fitted(slider_id)
            before = self._ends.get(slider_id)
            if fitted is None or fitted.percentiles is None:
                self._ends.pop(slider_id, None)
            elif before is None or before[0] is not fitted or before[1] is not gathered:
                values = aligned(ids, fitted.ids, fitted.percentiles)
                text = self.tr("high {name}").format(name=slider.name)
                self._ends[slider_id] = fitted, gathered, high_label(text, gathered, values)
                self._lit.start()  # the next one in the next moment
                return
        self.found.emit()

    def name_regions(self) -> None:
        """The listener's own regions came, went or are called otherwise."""
        self._own = [
            Label(one.name, *_top_of(one.corners), OWN, "region")
            for one in self._session.regions.all
        ]
        self.found.emit()

    def _gathered(self) -> Gatherings:
        """Of the points as they are now."""
        if self._gatherings is None or self._gatherings.xy is not self._sky.xy:
            self._gatherings = Gatherings(self._sky.xy)
        return self._gatherings

    def stop(self) -> None:
        """Look no further."""
        self._idle.stop()
        self._search = None

    def place(self, marks: MapMarks, view: QRectF, taken: list[QRectF], nearness: float) -> None:
        """Put the names that fit ``view`` and touch nothing ``taken`` into ``marks``."""
        metrics = QFontMetricsF(self._theme.font(12, 500))
        known = [*self._own, *self._labels]
        if self._high is not None:
            known.append(self._high)
        # What colours the map is said once; the others give way to it and to genres.
        lit = (label for _, _, label in self._ends.values() if label is not None)
        known += [replace(label, weight=LIT) for label in lit]
        boxes = [
            (label, marks.label_box(label, self._width(label.text, metrics) + 6)) for label in known
        ]
        most = int(min(MOST, FEWEST + 3.0 * (max(1.0, nearness) - 1.0) + view.width() / 500))
        marks.marks.labels = fitting(boxes, view, taken + marks.busy_boxes(), most)
        marks.update()

    def _width(self, text: str, metrics: QFontMetricsF) -> float:
        if text not in self._widths:
            self._widths[text] = metrics.horizontalAdvance(text)
        return self._widths[text]

    def _step(self) -> None:
        end = time.perf_counter() + SLICE_S
        while self._search is not None and time.perf_counter() < end:
            labels = next(self._search)
            if labels is not None:
                self._labels = labels
                self.stop()
                self.found.emit()


def _top_of(corners: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    """Where a region's name stands: in the middle of its upper rim."""
    across = [x for x, _ in corners]
    return (min(across) + max(across)) / 2, max(y for _, y in corners)
