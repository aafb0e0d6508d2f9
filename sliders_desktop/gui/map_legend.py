"""Which colour is which; a click lets all others fade. Main thread."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sliders_desktop.gui.controls import Control, paint_box, paint_focus
from sliders_desktop.gui.map_colors import LegendItem
from sliders_desktop.gui.slider_art import faded
from sliders_desktop.gui.theme import Theme

ROW_PX = 18
NAME_PX = 150  # at most


class _Row(Control):
    """One colour and what it means; checked: only what is checked is shown."""

    def __init__(self, theme: Theme, item: LegendItem, parent: QWidget) -> None:
        super().__init__(theme, item.name, "", parent)
        self.setToolTip(self.tr("Show only these on the map  ·  with Ctrl several"))
        self.item = item
        self.dimmed = False
        self.setCheckable(True)

    def sizeHint(self) -> QSize:
        wide = QFontMetricsF(self.theme.font(11.5)).horizontalAdvance(self.item.name)
        return QSize(round(min(wide, NAME_PX)) + 38, ROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        painter.setOpacity(0.4 if self.dimmed else 1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(*self.item.color))
        painter.drawEllipse(QPointF(13, middle), 4, 4)
        font = theme.font(11.5, 600 if self.isChecked() else 400)
        painter.setFont(font)
        painter.setPen(theme.text if self.hovered or self.isChecked() else theme.soft)
        elide, room = Qt.TextElideMode.ElideRight, self.width() - 34
        text = QFontMetricsF(font).elidedText(self.item.name, elide, room)
        painter.drawText(
            QRectF(24, 0, self.width() - 24, self.height()), Qt.AlignmentFlag.AlignVCenter, text
        )
        painter.setOpacity(1.0)
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme, 4)


class Legend(QWidget):
    """Signals: kept(list): only these `LegendItem` shall be shown; empty: all."""

    kept = Signal(list)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: list[_Row] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 6, 1, 6)
        self._column.setSpacing(0)
        self.setAccessibleName(self.tr("What the colours mean"))
        self.hide()

    @property
    def items(self) -> list[LegendItem]:
        return [row.item for row in self._rows]

    @property
    def chosen(self) -> list[LegendItem]:
        """Only these are shown; empty: all."""
        return [row.item for row in self._rows if row.isChecked()]

    def show_items(self, items: Sequence[LegendItem]) -> None:
        """These instead; where they are the same, what was chosen stays."""
        if list(items) == self.items:
            return
        names = {item.name for item in self.chosen}
        if not names or not names <= {item.name for item in items}:
            names = set()
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [_Row(self._theme, item, self) for item in items]
        for row in self._rows:
            row.setChecked(row.item.name in names)
            row.clicked.connect(self._on_clicked)
            self._column.addWidget(row)
            row.show()
        wide = max((row.sizeHint().width() for row in self._rows), default=0)
        self.setFixedSize(wide + 2, 12 + ROW_PX * len(self._rows))
        self._dim()
        self.setVisible(bool(self._rows))

    def _on_clicked(self) -> None:
        clicked = self.sender()
        several = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if not QGuiApplication.keyboardModifiers() & several:
            for row in self._rows:
                row.setChecked(row is clicked and row.isChecked())
        if len(self.chosen) == len(self._rows):
            for row in self._rows:
                row.setChecked(False)
        self._dim()
        self.kept.emit(self.chosen)

    def _dim(self) -> None:
        some = bool(self.chosen)
        for row in self._rows:
            row.dimmed = some and not row.isChecked()
            row.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_box(painter, self.rect(), faded(self._theme.ground, 0.72), self._theme.line, 8)
