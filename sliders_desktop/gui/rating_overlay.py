"""A small window above all others that rates what plays, whatever lies in front. Main thread."""

import sys
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QMoveEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sliders_desktop.gui.controls import ElidedLabel, IconButton
from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.player_parts import CoverButton
from sliders_desktop.gui.rating_keys import RatingKeys
from sliders_desktop.gui.theme import Theme

if TYPE_CHECKING:
    from sliders_desktop.gui.actions import Actions
    from sliders_desktop.session.session import Session

COVER_PX = 44
MARGIN = 24  # from the corner of the screen, the first time
SAID_MS = 6000
KEPT_AS = "overlay"
#: Those of the window's commands whose keys work here too.
KEYS = (
    *(f"rate-{n}" for n in range(1, 10)), "unrate", "undo", "arm-next", "arm-previous",
    "tab-next", "tab-previous", "toggle", "next", "previous", "louder", "quieter", "overlay",
)  # fmt: skip


class RatingOverlay(QWidget):
    """Cover and names, the armed slider between ‹ and ›, the nine keys, and play.

    Signals:
        opened(bool): it is on the screen now, or gone.
        window_wanted(): the cover was pressed.
    """

    opened = Signal(bool)
    window_wanted = Signal()

    def __init__(
        self, session: "Session", theme: Theme, covers: Covers, actions: "Actions"
    ) -> None:
        # A tool needs no place in the task bar; on Linux it would vanish with the main window.
        kind = Qt.WindowType.Window if sys.platform == "linux" else Qt.WindowType.Tool
        super().__init__(
            None,
            kind | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint,
        )
        self._session, self._theme, self._covers = session, theme, covers
        self._actions = actions
        self._grip: QPoint | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setAttribute(Qt.WidgetAttribute.WA_MacAlwaysShowToolWindow)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setWindowTitle(self.tr("Sliders: rate what plays"))
        self.setAccessibleName(self.tr("Rating overlay"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._build()
        self._said = QTimer(self)
        self._said.setSingleShot(True)
        self._said.setInterval(SAID_MS)
        self._said.timeout.connect(self._say_what_keys_do)
        for name in KEYS:
            self.addAction(actions.by_name[name])
        playback, rack = session.playback, session.rack
        playback.current_changed.connect(self._on_current_changed)
        playback.state_changed.connect(self._on_state_changed)
        rack.armed_changed.connect(self._show_armed)
        rack.sliders_changed.connect(self._show_armed)
        rack.rated.connect(self._on_rated)
        session.message.connect(self._on_message)
        session.catalogue.tracks_changed.connect(self._on_current_changed)
        covers.ready.connect(self._on_cover_ready)
        theme.changed.connect(self.update)
        QGuiApplication.instance().screenRemoved.connect(self._on_screens_changed)  # type: ignore[union-attr]
        self._on_current_changed()
        self._on_state_changed()
        self._show_armed()
        self._say_what_keys_do()
        self.adjustSize()

    # ── building ────────────────────────────────────────────────────────────────────────────

    def _build(self) -> None:
        theme = self._theme
        self.cover = CoverButton(theme)
        self.cover.setFixedSize(COVER_PX, COVER_PX)
        self.cover.set_name(self.tr("Go to the window"), self.tr("Go to the window"))
        self.cover.clicked.connect(self.window_wanted)
        self.title = ElidedLabel(theme, theme.font(13, 600))
        self.artist = ElidedLabel(theme, theme.font(11.5), "soft")
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addStretch(1)
        names.addWidget(self.title)
        names.addWidget(self.artist)
        names.addStretch(1)
        self.play = IconButton(theme, "play", "", size=28, icon_px=18)
        self.play.clicked.connect(self._session.playback.toggle)
        self.next = IconButton(
            theme, "next", self.tr("Next"), self.tr("Next  ·  Ctrl+→"), size=28, icon_px=18
        )
        self.next.clicked.connect(self._session.playback.next)
        self.close_button = IconButton(
            theme, "close", self.tr("Close"), self.tr("Close  ·  Esc"), size=24, icon_px=14
        )
        self.close_button.clicked.connect(self.close)
        above = QHBoxLayout()
        above.setSpacing(4)
        above.addWidget(self.cover)
        above.addSpacing(8)
        above.addLayout(names, 1)
        above.addWidget(self.play)
        above.addWidget(self.next)
        above.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)

        self.before = IconButton(
            theme, "chevron-left", self.tr("Previous slider"), self.tr("Previous slider  ·  ["),
            size=24, icon_px=14,
        )  # fmt: skip
        self.after = IconButton(
            theme, "chevron-right", self.tr("Next slider"), self.tr("Next slider  ·  ] or Tab"),
            size=24, icon_px=14,
        )  # fmt: skip
        self.before.clicked.connect(self._arm_before)
        self.after.clicked.connect(self._arm_after)
        self.slider = ElidedLabel(theme, theme.font(12.5, 600))
        words = QHBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.before)
        words.addWidget(self.slider)
        words.addWidget(self.after)
        self.keys = RatingKeys(self._session, theme, heading=False)
        self.keys.new_slider_wanted.connect(self.window_wanted)
        self.line = ElidedLabel(theme, theme.font(11.5), "soft")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 10)
        column.setSpacing(6)
        column.addLayout(above)
        column.addSpacing(2)
        column.addLayout(words)
        column.addWidget(self.keys, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.line)
        self.setFixedWidth(320)

    # ── coming and going ────────────────────────────────────────────────────────────────────

    def open(self, by_hand: bool = True) -> None:
        """Where it was last; with the keyboard only when the listener asked for it."""
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, not by_hand)
        self.move(self._inside(self._kept_place()))
        self.show()
        self.raise_()
        if by_hand:
            self.activateWindow()
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._remember()
        self.opened.emit(True)

    def close_with_window(self) -> None:
        """The program ends; next time it is open again."""
        self._remember()
        self.blockSignals(True)
        self.hide()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._remember(is_open=False)
        event.accept()
        self.hide()
        self.opened.emit(False)

    def _remember(self, is_open: bool | None = None) -> None:
        shown = self.isVisible() if is_open is None else is_open
        state = {"open": shown, "x": self.x(), "y": self.y()}
        if state != self._session.read_state(KEPT_AS):
            self._session.write_state(KEPT_AS, state)

    def _kept_place(self) -> QPoint:
        kept: Any = self._session.read_state(KEPT_AS)
        if isinstance(kept, dict):
            x, y = kept.get("x"), kept.get("y")
            if isinstance(x, int) and isinstance(y, int) and abs(x) + abs(y) < 100_000:
                return QPoint(x, y)
        room = QGuiApplication.primaryScreen().availableGeometry()
        size = self.sizeHint()
        return room.bottomRight() - QPoint(size.width() + MARGIN, size.height() + MARGIN)

    def _inside(self, at: QPoint) -> QPoint:
        """``at``, or the nearest place where all of it is on a screen."""
        size = self.size()
        middle = QRect(at, size).center()
        screen = QGuiApplication.screenAt(middle) or min(
            QGuiApplication.screens(),
            key=lambda s: (s.availableGeometry().center() - middle).manhattanLength(),
        )
        room = screen.availableGeometry()
        return QPoint(
            max(room.left(), min(at.x(), room.right() + 1 - size.width())),
            max(room.top(), min(at.y(), room.bottom() + 1 - size.height())),
        )

    def _on_screens_changed(self, gone: object) -> None:
        if self.isVisible():
            self.move(self._inside(self.pos()))

    # ── dragging ────────────────────────────────────────────────────────────────────────────

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        handle = self.windowHandle()
        # On Wayland only the compositor may move a window.
        if QGuiApplication.platformName() == "wayland" and handle is not None:
            handle.startSystemMove()
        else:
            self._grip = event.globalPosition().toPoint() - self.pos()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self.move(self._inside(event.globalPosition().toPoint() - self._grip))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self._remember()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        if self._grip is None and self.isVisible():
            self._remember()

    # ── keys ────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif not self._actions.take_key(event):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, onwards: bool) -> bool:
        """Tab arms, as it does beside map and list; every button here has a key of its own."""
        return False

    def _arm_before(self) -> None:
        self._session.rack.arm_step(-1)

    def _arm_after(self) -> None:
        self._session.rack.arm_step(1)

    # ── what the session says ───────────────────────────────────────────────────────────────

    def _on_current_changed(self) -> None:
        track = self._session.playback.current
        self.title.set_text(track.title if track else self.tr("Nothing plays yet"))
        self.artist.set_text(track.artist if track else self.tr("Press Space"))
        self._show_cover()

    def _show_cover(self) -> None:
        track = self._session.playback.current
        ratio = self.devicePixelRatioF()
        self.cover.set_pixmap(self._covers.request(track.id, COVER_PX, ratio) if track else None)

    def _on_cover_ready(self, track_id: int) -> None:
        current = self._session.playback.current
        if current is not None and current.id == track_id:
            self._show_cover()

    def _on_state_changed(self) -> None:
        playing = self._session.playback.playing
        name = self.tr("Pause") if playing else self.tr("Play")
        self.play.set_icon("pause" if playing else "play")
        self.play.set_name(name, f"{name}  ·  " + self.tr("Space"))

    def _show_armed(self) -> None:
        armed = self._session.rack.armed
        several = len(self._session.rack.sliders) > 1
        self.slider.set_text(armed.name if armed else self.tr("No slider yet"))
        for button in (self.before, self.after):
            button.setEnabled(several)
        self._say_what_keys_do()

    def _say_what_keys_do(self) -> None:
        armed = self._session.rack.armed
        if armed is None:
            self.line.set_text(self.tr("Invent a slider in the window first"))
        else:
            self.line.set_text(
                self.tr("1 {low} · 9 {high} · 0 takes it back").format(
                    low=armed.low_label, high=armed.high_label
                )
            )

    def _on_rated(self, track_id: int, slider_id: int, value: object, sentence: str) -> None:
        self._on_message(sentence, "info")

    def _on_message(self, sentence: str, kind: str) -> None:
        if self.isVisible():
            self.line.set_text(sentence)
            self._said.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.panel)
        painter.setPen(self._theme.line)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)


def was_open(session: "Session") -> bool:
    """Whether it was on the screen when the program was left."""
    kept = session.read_state(KEPT_AS)
    return isinstance(kept, dict) and kept.get("open") is True
