"""One line of pieces with dots between, each in its role's colour: a reason, what a card says."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from sliders_desktop.gui.theme import Theme

BETWEEN, LEAST = " · ", 24.0
#: Of the pieces of a reason: what a slider says is amber.
REASON_ROLES = {"slider": "lit", "plain": "soft"}


def paint_pieces(
    painter: QPainter, theme: Theme, box: QRectF, pieces: Sequence[tuple[str, str]]
) -> None:
    """``pieces`` are (text, role); what has no room ends in “…”. The font is set."""
    metrics = QFontMetricsF(painter.font())
    middle, elide = Qt.AlignmentFlag.AlignVCenter, Qt.TextElideMode.ElideRight
    x = box.left()
    for at, (text, role) in enumerate(pieces):
        between = BETWEEN if at else ""
        room = box.right() - x - metrics.horizontalAdvance(between)
        cut = room < LEAST and at > 0  # not even a word: say only that there is more
        if cut:
            between = " …"
        painter.setPen(theme.soft)
        painter.drawText(box.adjusted(x - box.left(), 0, 16, 0), middle, between)
        if cut:
            return
        x += metrics.horizontalAdvance(between)
        shown = metrics.elidedText(text, elide, max(0.0, room) + 1)
        painter.setPen(theme.color(role))
        painter.drawText(box.adjusted(x - box.left(), 0, 16, 0), middle, shown)
        x += metrics.horizontalAdvance(text)
        if shown != text:
            return
