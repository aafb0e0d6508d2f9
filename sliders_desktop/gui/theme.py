"""Colours, fonts and icons by role, dark and light; follows the system or the listener, live.

Main thread. `Theme` is made once by the app and handed to every widget's constructor.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

# Dark, light. `lamp` is amber as a surface and `on_lamp` what is written on it; in the light theme
# amber text must be darker than an amber surface to be read.
ROLES: dict[str, tuple[str, str]] = {
    "ground": ("#0b0e14", "#fcfaf6"),
    "panel": ("#10141c", "#f5f2ec"),
    "raised": ("#161b25", "#ebe6dd"),
    "line": ("#1f2733", "#dcd5c9"),
    "text": ("#e7ebf2", "#1b1f27"),
    "soft": ("#9aa5b8", "#4f5765"),
    "faint": ("#5d6879", "#7d838d"),
    "low": ("#6c8cff", "#3d5bd0"),
    "middle": ("#68707f", "#a5a6a9"),
    "lit": ("#ffb454", "#8f4f00"),
    "lamp": ("#ffb454", "#f2a63c"),
    "on_lamp": ("#241602", "#241602"),
    "work": ("#5ec4b6", "#12776a"),
    "focus": ("#7f9bff", "#4f6fe0"),
}
_ICON_SCALES = (1, 2, 3)
# What a bare X server answers when no desktop names an interface font.
_NO_FONT_NAMED = {"Sans Serif", "DejaVu Sans"}


class Theme(QObject):
    """The window's look.

    Signals:
        changed(): other colours; repaint, and fetch icons anew.
    """

    changed = Signal()

    ground: QColor
    panel: QColor
    raised: QColor
    line: QColor
    text: QColor
    soft: QColor
    faint: QColor
    low: QColor
    middle: QColor
    lit: QColor
    lamp: QColor
    on_lamp: QColor
    work: QColor
    focus: QColor

    def __init__(
        self, resources: Path, choice: str = "system", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._resources = resources
        self._choice = choice
        self._app: QApplication | None = None
        self._icons: dict[tuple[str, str, int], QIcon] = {}
        self._svg: dict[str, str] = {}
        self._family = _interface_family()
        self.dark = True
        self._scale = np.empty((256, 3), dtype=np.uint8)
        self._take_roles(self._wants_dark())
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_changed)

    # ── choice ──────────────────────────────────────────────────────────────────────────────

    @property
    def choice(self) -> str:
        return self._choice

    def set_choice(self, choice: str) -> None:
        """``"system"``, ``"dark"`` or ``"light"``; takes effect at once."""
        if choice == self._choice:
            return
        self._choice = choice
        if self._app is not None:
            self._tell_system()
        self._on_system_changed()

    def install(self, app: QApplication) -> None:
        """Give the application this look: style, palette, font and style sheet."""
        self._app = app
        app.setStyle("Fusion")
        app.setFont(self.font())
        app.setWindowIcon(self.icon("sliders", size=64))
        self._tell_system()
        self._dress()

    def _tell_system(self) -> None:
        # So that title bars and native dialogs follow the listener's choice too.
        schemes = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}
        QGuiApplication.styleHints().setColorScheme(
            schemes.get(self._choice, Qt.ColorScheme.Unknown)
        )

    def _wants_dark(self) -> bool:
        if self._choice != "system":
            return self._choice == "dark"
        return QGuiApplication.styleHints().colorScheme() != Qt.ColorScheme.Light

    def _on_system_changed(self) -> None:
        dark = self._wants_dark()
        if dark != self.dark:
            self._take_roles(dark)
            self._icons.clear()
            self._dress()
            self.changed.emit()

    def _take_roles(self, dark: bool) -> None:
        self.dark = dark
        for name, (in_dark, in_light) in ROLES.items():
            setattr(self, name, QColor(in_dark if dark else in_light))
        ends = [(c.red(), c.green(), c.blue()) for c in (self.low, self.middle, self.lamp)]
        at = np.linspace(0.0, 1.0, 256)
        for channel in range(3):
            self._scale[:, channel] = np.interp(
                at, (0.0, 0.5, 1.0), [end[channel] for end in ends]
            ).round()

    def _dress(self) -> None:
        if self._app is not None:
            self._app.setPalette(self._palette())
            self._app.setStyleSheet(self.style_sheet())

    # ── colours ─────────────────────────────────────────────────────────────────────────────

    def color(self, role: str) -> QColor:
        """The colour of ``role`` (a key of `ROLES`)."""
        return QColor(getattr(self, role))

    def diverging(self, values: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Blue–grey–amber of ``values`` (n,) in 0..1 as RGB (n, 3); NaN counts as the middle."""
        clean = np.clip(np.asarray(values, dtype=np.float32), 0.0, 1.0)
        clean = np.where(np.isnan(clean), np.float32(0.5), clean)
        step = (clean * np.float32(255.0) + np.float32(0.5)).astype(np.uint8)
        return np.take(self._scale, step, axis=0)

    def diverging_color(self, value: float) -> QColor:
        """One colour of the scale."""
        red, green, blue = self.diverging(np.array([value], dtype=np.float32))[0]
        return QColor(int(red), int(green), int(blue))

    def style_sheet(self) -> str:
        """``resources/style.qss`` with its ``{{role}}`` tokens replaced."""
        path = self._resources / "style.qss"
        text = path.read_text("utf-8") if path.is_file() else ""
        for name in ROLES:
            text = text.replace("{{" + name + "}}", self.color(name).name())
        return text

    def _palette(self) -> QPalette:
        palette = QPalette()
        role = QPalette.ColorRole
        pairs = {
            role.Window: self.panel,
            role.WindowText: self.text,
            role.Base: self.ground,
            role.AlternateBase: self.panel,
            role.ToolTipBase: self.raised,
            role.ToolTipText: self.text,
            role.Text: self.text,
            role.Button: self.raised,
            role.ButtonText: self.text,
            role.BrightText: self.lit,
            role.Link: self.low,
            role.Highlight: self.focus,
            role.HighlightedText: self.ground,
            role.PlaceholderText: self.faint,
            role.Accent: self.focus,
            role.Light: self.line,
            role.Midlight: self.line,
            role.Mid: self.line,
            role.Dark: self.line,
            role.Shadow: self.ground,
        }
        for which, color in pairs.items():
            palette.setColor(which, color)
        for which in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, which, self.faint)
        return palette

    # ── fonts ───────────────────────────────────────────────────────────────────────────────

    def font(self, size_px: float = 13, weight: int = 400, tabular: bool = False) -> QFont:
        """The system's interface font; ``tabular`` gives every figure the same width."""
        font = QFont(self._family)
        screen = QGuiApplication.primaryScreen()
        dpi = screen.logicalDotsPerInch() if screen is not None else 96.0
        font.setPointSizeF(size_px * 72.0 / dpi)  # pixel sizes are whole numbers in Qt
        font.setWeight(QFont.Weight(weight))
        if tabular:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    # ── icons ───────────────────────────────────────────────────────────────────────────────

    def icon(self, name: str, role: str = "soft", size: int = 18) -> QIcon:
        """``resources/icons/<name>.svg`` in the colour of ``role``; empty if there is none."""
        key = (name, role, size)
        if key not in self._icons:
            icon = QIcon()
            for scale in _ICON_SCALES:
                icon.addPixmap(self.pixmap(name, role, size, scale))
            faint = self.pixmap(name, "faint", size, 2)
            icon.addPixmap(faint, QIcon.Mode.Disabled)
            self._icons[key] = icon
        return self._icons[key]

    def pixmap(self, name: str, role: str = "soft", size: int = 18, ratio: float = 1) -> QPixmap:
        """The icon as a picture of ``size`` logical pixels at device pixel ratio ``ratio``."""
        pixmap = QPixmap(round(size * ratio), round(size * ratio))
        pixmap.fill(Qt.GlobalColor.transparent)
        svg = self._svg_text(name)
        if svg:
            renderer = QSvgRenderer(
                QByteArray(svg.replace("currentColor", self.color(role).name()).encode())
            )
            painter = QPainter(pixmap)
            renderer.render(painter, QRectF(pixmap.rect()))
            painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def _svg_text(self, name: str) -> str:
        if name not in self._svg:
            path = self._resources / "icons" / f"{name}.svg"
            self._svg[name] = path.read_text("utf-8") if path.is_file() else ""
        return self._svg[name]


def _interface_family() -> str:
    family = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    if sys.platform == "linux" and family in _NO_FONT_NAMED and QFontDatabase.hasFamily("Inter"):
        return "Inter"
    return family
