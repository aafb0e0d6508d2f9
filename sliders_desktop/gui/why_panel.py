"""Why this track: all that decided it, as small bars, and what the listener can say to it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.theme import Theme
from sliders_desktop.tasks import Share

if TYPE_CHECKING:
    from sliders_desktop.session.queue import Upcoming
    from sliders_desktop.session.session import Session

LINE_PX, BARS_PX, FIGURE_PX, GAP = 18, 84, 34, 8
LEFT, RIGHT, BELOW = 62, 16, 8  # the bars stand below the title
BUTTON_PX, INSET = 26, 6


class ShareBars(QWidget):
    """One line a share: what it is, a bar from the middle, its figure; largest first."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.shares: tuple[Share, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_shares(self, shares: Sequence[Share]) -> None:
        self.shares = tuple(sorted(shares, key=lambda share: -abs(share.amount)))
        said = (f"{share.text} {_figure(share.amount)}" for share in self.shares)
        self.setAccessibleDescription(", ".join(said))
        self.setFixedHeight(LINE_PX * len(self.shares))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, LINE_PX * len(self.shares))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme.font(11.5)
        metrics, middle = QFontMetricsF(font), Qt.AlignmentFlag.AlignVCenter
        most = max((abs(share.amount) for share in self.shares), default=1.0) or 1.0
        right = self.width() - FIGURE_PX
        zero, half = right - BARS_PX / 2, BARS_PX / 2
        room = right - BARS_PX - GAP
        for at, share in enumerate(self.shares):
            top = at * LINE_PX
            painter.setFont(font)
            painter.setPen(theme.color("lit" if share.kind == "slider" else "soft"))
            text = metrics.elidedText(share.text, Qt.TextElideMode.ElideRight, room + 1)
            painter.drawText(QRectF(0, top, room + 2, LINE_PX), middle, text)
            painter.setPen(Qt.PenStyle.NoPen)
            warm = theme.lamp if share.kind == "slider" else theme.soft
            painter.setBrush(warm if share.amount >= 0 else theme.low)
            wide = max(1.5, half * abs(share.amount) / most)
            left = zero if share.amount >= 0 else zero - wide
            painter.drawRoundedRect(QRectF(left, top + 6.5, wide, 5), 1.5, 1.5)
            painter.setFont(theme.font(11, tabular=True))
            painter.setPen(theme.soft)
            box = QRectF(right, top, FIGURE_PX, LINE_PX)
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, _figure(share.amount))
        painter.setPen(QPen(theme.faint, 1))
        painter.drawLine(QLineF(zero, 2, zero, self.height() - 2))


def _figure(amount: float) -> str:
    """+0.8, −1.2; in the widths of the library's own spread."""
    return f"{'−' if round(amount, 1) < 0 else '+'}{abs(amount):.1f}"


class WhyPanel(QWidget):
    """Lies below the opened row of `UpNextList`.

    Signals:
        more_wanted(int), less_wanted(int): of this track's kind. not_today_wanted(str): nothing
            by this artist.
    """

    more_wanted = Signal(int)
    less_wanted = Signal(int)
    not_today_wanted = Signal(str)

    def __init__(self, session: "Session", theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._track, self._artist = session, 0, ""
        self.bars = ShareBars(theme, self)
        self.bars.setAccessibleName(self.tr("What decided it"))
        self.more = QuietButton(
            theme, self.tr("More like this"), self.tr("Lead what follows towards it"),
            size_px=11.5,
        )  # fmt: skip
        self.less = QuietButton(
            theme, self.tr("Less like this"), self.tr("Lead what follows away from it"),
            size_px=11.5,
        )  # fmt: skip
        self.not_today = QuietButton(
            theme, self.tr("Not this artist today"), "", size_px=11.5
        )  # fmt: skip
        self.more.clicked.connect(self._on_more)
        self.less.clicked.connect(self._on_less)
        self.not_today.clicked.connect(self._on_not_today)
        first, second = QHBoxLayout(), QHBoxLayout()
        for row, buttons in ((first, (self.more, self.less)), (second, (self.not_today,))):
            row.setSpacing(4)
            for button in buttons:
                row.addWidget(button)
            row.addStretch(1)
        column = QVBoxLayout(self)
        # A button's words begin a little further right than the button.
        column.setContentsMargins(LEFT - INSET, 0, RIGHT, BELOW)
        column.setSpacing(0)
        bars = QHBoxLayout()
        bars.setContentsMargins(INSET, 0, 0, 4)
        bars.addWidget(self.bars)
        for row in (bars, first, second):
            column.addLayout(row)
        self.hide()

    def show_item(self, item: "Upcoming") -> None:
        """Say why ``item`` was chosen."""
        track = self._session.catalogue.track(item.track_id)
        self._track = item.track_id
        self.bars.show_shares(item.shares)
        artist = self._artist = track.artist if track is not None else ""
        self.not_today.setVisible(bool(artist))
        tip = self.tr("Nothing more by {artist} until tomorrow").format(artist=artist)
        self.not_today.set_name(self.not_today.text(), tip)
        title = track.title if track is not None else ""
        self.setAccessibleName(self.tr("Why {title}").format(title=title))

    def wanted_height(self, item: "Upcoming") -> int:
        """For this item, before it is shown."""
        track = self._session.catalogue.track(item.track_id)
        rows = 2 if track is not None and track.artist else 1
        return LINE_PX * len(item.shares) + 4 + BUTTON_PX * rows + BELOW

    def _on_more(self) -> None:
        self.more_wanted.emit(self._track)

    def _on_less(self) -> None:
        self.less_wanted.emit(self._track)

    def _on_not_today(self) -> None:
        self.not_today_wanted.emit(self._artist)
