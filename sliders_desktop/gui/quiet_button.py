"""A button that is only a word, with an icon if wanted: soft, clearer under the pointer."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from sliders_desktop.gui.controls import Control, paint_box, paint_focus
from sliders_desktop.gui.theme import Theme

_PAD, _ICON, _GAP = 6, 14, 5


class QuietButton(Control):
    """Text that can be pressed, elided where it must; ``framed`` gives it a box."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        tip: str,
        icon: str = "",
        size_px: float = 12.5,
        framed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, text or tip, tip, parent)
        self._icon_name = icon
        self._size_px = size_px
        self._framed = framed
        self.setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self.theme.font(self._size_px))
        wide = metrics.horizontalAdvance(self.text()) + 2 * _PAD
        if self._icon_name:
            wide += _ICON + (_GAP if self.text() else 0)
        return QSize(round(wide + 0.5), 32 if self._framed else 26)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self.theme
        role = "text" if self.hovered or self.isDown() else "soft"
        if not self.isEnabled():
            role = "faint"
        if self._framed:
            hot = self.hovered or self.isDown()
            paint_box(painter, self.rect(), theme.raised if hot else theme.panel, theme.line)
        font = theme.font(self._size_px)
        left = float(_PAD)
        room = self.width() - 2 * _PAD - (_ICON + _GAP if self._icon_name else 0)
        text = QFontMetricsF(font).elidedText(self.text(), Qt.TextElideMode.ElideRight, room + 1)
        if self._framed:
            left += max(0.0, (room - QFontMetricsF(font).horizontalAdvance(text)) / 2)
        if self._icon_name:
            pixmap = theme.pixmap(self._icon_name, role, _ICON, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(left, (self.height() - _ICON) / 2), pixmap)
            left += _ICON + _GAP
        painter.setFont(font)
        painter.setPen(theme.color(role))
        box = QRectF(left, 0, self.width() - left, self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme)
