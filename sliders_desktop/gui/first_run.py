"""The empty library: one sentence, one button, and a promise."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QStandardPaths, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QRadialGradient
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.gui.theme import Theme

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

STARS = 1400


def choose_folder(parent: QWidget, native: bool = True) -> str:
    """Ask for a folder, beginning at the system's music folder; "" if the listener gives up."""
    dialog = QFileDialog(parent, parent.tr("Choose your music folder"), _music_folder())
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog, not native)
    dialog.setObjectName("choose-folder")
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return chosen[0] if chosen else ""


def _music_folder() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation)


class FirstRun(QWidget):
    """Fills the centre while the library is empty.

    Signals:
        folder_wanted(), demo_wanted().
    """

    folder_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._stars = _sky()
        mark = QLabel()
        mark.setPixmap(theme.pixmap("sliders", size=72, ratio=max(2.0, self.devicePixelRatioF())))
        mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        sentence = self._line(
            self.tr("Invent words for your music, and Sliders learns what you mean by them."),
            theme.font(22, 600).pointSizeF(),
            600,
            "text",
        )
        self.choose = QPushButton(self.tr("Choose your music folder"))
        self.choose.setProperty("primary", True)
        self.choose.setFont(theme.font(15, 600))
        self.choose.setObjectName("choose-music")
        self.choose.setFixedWidth(280)
        self.choose.setToolTip(self.tr("Choose your music folder  ·  Ctrl+O"))
        self.choose.clicked.connect(self.folder_wanted)
        promise = self._line(
            self.tr(
                "Sliders only reads your music. It never changes a file and sends nothing anywhere."
            ),
            theme.font(13).pointSizeF(),
            400,
            "soft",
        )
        self.demo = QPushButton(self.tr("No music at hand? Open the demo library"))
        self.demo.setProperty("link", True)
        self.demo.setFont(theme.font(13))
        self.demo.setToolTip(
            self.tr("About sixty short pieces, composed on this computer in a moment")
        )
        self.demo.clicked.connect(self.demo_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 24)
        column.addStretch(5)
        column.addWidget(mark)
        column.addSpacing(20)
        column.addWidget(sentence)
        column.addSpacing(28)
        column.addLayout(_centred(self.choose))
        column.addSpacing(20)
        column.addWidget(promise)
        column.addSpacing(8)
        column.addLayout(_centred(self.demo))
        column.addStretch(6)
        theme.changed.connect(self.update)

    def _line(self, text: str, points: float, weight: int, role: str) -> QLabel:
        label = QLabel(text)
        font = self._theme.font(13, weight)
        font.setPointSizeF(points)
        label.setFont(font)
        label.setProperty("role", role)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setWordWrap(True)
        return label

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        painter.fillRect(self.rect(), theme.ground)
        width, height = self.width(), self.height()
        painter.setPen(Qt.PenStyle.NoPen)
        for x, y, size, value, strength in self._stars:
            color = theme.diverging_color(value)
            color.setAlphaF(strength)
            painter.setBrush(color)
            painter.drawEllipse(QPointF(x * width, y * height), size, size)
        # A clear middle, so that the words stand alone.
        glow = QRadialGradient(QPointF(0, 0), 1.0)
        for at, opacity in ((0.0, 0.97), (0.5, 0.94), (1.0, 0.0)):
            color = theme.color("ground")
            color.setAlphaF(opacity)
            glow.setColorAt(at, color)
        painter.translate(QRectF(self.rect()).center())
        painter.scale(max(460.0, width * 0.56), 300.0)
        painter.setBrush(glow)
        painter.drawEllipse(QPointF(0, 0), 1.0, 1.0)


def _sky() -> list[tuple[float, float, float, float, float]]:
    """x, y (0..1), radius, place on the colour scale, opacity; the same sky every time."""
    rng = np.random.default_rng(7)
    homes = rng.random((14, 2))
    values = rng.random(14)
    stars = []
    for _ in range(STARS):
        home = int(rng.integers(0, len(homes)))
        x, y = homes[home] + rng.normal(0.0, 0.08, 2)
        value = float(np.clip(values[home] + rng.normal(0.0, 0.15), 0.0, 1.0))
        size, strength = float(rng.uniform(0.5, 1.05)), float(rng.uniform(0.25, 0.75))
        stars.append((float(x), float(y), size, value, strength))
    return stars


def _centred(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(widget)
    row.addStretch(1)
    return row
