"""The words of a slider's row: its name, the honest figure, its two ends, what its handle asks.

Painted on the main thread; nothing is kept.
"""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from sliders_desktop.gui import slider_art as art
from sliders_desktop.gui.theme import Theme

PAD = 11  # of the row, left and right
NAME_LEFT = PAD + 17.0  # after the lamp
BUTTON_PX = 18.0  # what mutes, before what the handle asks
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_RIGHT = _MIDDLE | Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True)
class Words:
    """What a row of ``width`` pixels has to say, and where."""

    width: float
    name: str
    figure: str
    low: str = ""
    high: str = ""
    pull: str = ""  # between the two ends; "": nothing

    @property
    def right(self) -> float:
        return self.width - PAD


def small(theme: Theme) -> QFont:
    return theme.font(11.5, tabular=True)


def fits_in_one_line(theme: Theme, words: Words) -> bool:
    """Whether name and figure have room beside each other."""
    name = QFontMetricsF(theme.font(13, 500)).horizontalAdvance(words.name)
    figure = QFontMetricsF(small(theme)).horizontalAdvance(words.figure)
    return NAME_LEFT + name + 12 + figure + PAD <= words.width


def pull_box(theme: Theme, words: Words) -> QRectF:
    """The place in the middle of the lowest line: a button, then what the handle asks."""
    wide = BUTTON_PX + 3 + QFontMetricsF(small(theme)).horizontalAdvance(words.pull)
    return QRectF((words.width - wide) / 2, 59, wide, BUTTON_PX)


def paint_head(painter: QPainter, theme: Theme, words: Words) -> None:
    """Name and figure."""
    name_font, figure_font = theme.font(13, 500), small(theme)
    metrics = QFontMetricsF(figure_font)
    name_wide = QFontMetricsF(name_font).horizontalAdvance(words.name)
    room = max((words.right - PAD) * 0.62, words.right - NAME_LEFT - name_wide - 9)
    wide = min(metrics.horizontalAdvance(words.figure), room)
    box = QRectF(NAME_LEFT, 10, words.right - NAME_LEFT - wide - 8, 20)
    painter.setFont(name_font)
    painter.setPen(theme.text)
    painter.drawText(box, _MIDDLE, _elided(name_font, words.name, box.width()))
    painter.setFont(figure_font)
    painter.setPen(theme.soft if not theme.dark else art.faded(theme.soft, 0.82))
    box = QRectF(words.right - wide - 1, 10, wide + 1, 20)
    painter.drawText(box, _RIGHT, _elided(figure_font, words.figure, wide + 1))


def paint_missing(painter: QPainter, theme: Theme, words: Words, missing: str) -> None:
    """What of the figure had no room beside the name."""
    box = QRectF(PAD, 43, words.right - PAD, 16)
    painter.drawText(box, _MIDDLE, _elided(small(theme), missing, box.width()))


def paint_ends(painter: QPainter, theme: Theme, words: Words) -> None:
    """The two end words, and between them what the handle asks."""
    room = (words.right - PAD) / 2 - 4
    if words.pull:
        box = pull_box(theme, words)
        room = box.left() - PAD - 6
        painter.setPen(theme.text)
        painter.drawText(box.adjusted(BUTTON_PX + 3, 0, 2, 0), _MIDDLE, words.pull)
        painter.setPen(theme.soft if not theme.dark else art.faded(theme.soft, 0.82))
    for text, left, side in (
        (words.low, float(PAD), _MIDDLE),
        (words.high, words.right - room, _RIGHT),
    ):
        box = QRectF(left, 60, room, 16)
        painter.drawText(box, side, _elided(small(theme), text, room))


def _elided(font: QFont, text: str, width: float) -> str:
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
