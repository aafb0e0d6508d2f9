"""Below the search box: why nothing is found, and what would help. Only where there is a reason."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from sliders_desktop.gui.controls import paint_box
from sliders_desktop.gui.theme import Theme

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

WIDEST, MARGIN = 560, 16
BELOW, BELOW_HEADER = 8, 52  # the box: on the map, and in the list, whose header stays readable


class SearchNote(QWidget):
    """One sentence in a box over ``parent``, below ``field``."""

    def __init__(self, session: "Session", theme: Theme, field: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._theme, self._field = session, theme, field
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._below = BELOW
        self._text = QLabel()
        self._text.setFont(theme.font(12.5))
        self._text.setProperty("role", "soft")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 7, 12, 7)
        row.addWidget(self._text)
        session.catalogue.filter_changed.connect(self.refresh)
        session.catalogue.tracks_changed.connect(self.refresh)
        theme.changed.connect(self.update)
        field.installEventFilter(self)
        self.refresh()

    def text(self) -> str:
        return self._text.text()

    def refresh(self) -> None:
        """Say what the catalogue knows; nothing where something is found."""
        said = self._sentence()
        if said == self._text.text() and said:
            return
        self._text.setText(said)
        self.setAccessibleName(said)
        self.setVisible(bool(said))
        if said:
            self._fit()
            self.raise_()
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def show_over(self, view: str) -> None:
        """ "map" or "list"."""
        self._below = BELOW_HEADER if view == "list" else BELOW
        self._fit()

    def _sentence(self) -> str:
        catalogue = self._session.catalogue
        if catalogue.filter_problem:
            return catalogue.filter_problem
        nothing = catalogue.filter_ids is not None and not len(catalogue.filter_ids)
        if not nothing or not catalogue.track_count:
            return ""
        if catalogue.filter_text:
            return self.tr("Nothing found.")
        if self._session.lists.of_source(catalogue.source):
            return self.tr("No track fits this list now. It fills by itself.")
        return self.tr("Nothing here.")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and self.text():
            self._fit()
        return False

    def _fit(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        at = self._field.mapTo(parent, QPoint(0, self._field.height() + self._below))
        widest = min(WIDEST, parent.width() - at.x() - MARGIN) - 24
        wanted = self._text.fontMetrics().horizontalAdvance(self._text.text()) + 2
        self._text.setWordWrap(wanted > widest)
        self._text.setFixedWidth(max(40, min(wanted, widest)))
        self.adjustSize()
        self.move(at)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_box(QPainter(self), self.rect(), self._theme.raised, self._theme.line, 8)
