"""The small eye in a slider's row: whether its handle pulls. Main thread."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from sliders_desktop.gui.controls import Control, paint_box, paint_focus
from sliders_desktop.gui.slider_words import BUTTON_PX
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.steering import Handle

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

_ICON_PX = 14


class MuteButton(Control):
    """Open while the handle pulls, crossed out while it is muted.

    Signals: focused(): it got the keyboard, or lost it.
    """

    focused = Signal()

    def __init__(self, session: "Session", theme: Theme, slider_id: int, parent: QWidget) -> None:
        super().__init__(theme, self.tr("Mute"), parent=parent)
        self._steering, self._slider_id = session.steering, slider_id
        self._muted = False
        self.setFixedSize(int(BUTTON_PX), int(BUTTON_PX))
        self.clicked.connect(self._on_clicked)
        self.hide()

    def refresh(self, name: str, handle: Handle | None) -> None:
        """The handle of the slider called ``name``."""
        self._muted = handle is not None and handle.muted
        if self._muted:
            said = self.tr("Let {name} pull again").format(name=name)
        else:
            said = self.tr("Mute {name}: its handle stays and does not pull").format(name=name)
        self.set_name(said, f"{said}  ·  X")
        self.update()

    def _on_clicked(self) -> None:
        self._steering.mute(self._slider_id, not self._muted)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focused.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.hovered or self.isDown():
            paint_box(painter, self.rect(), self.theme.line, radius=4)
        role = "text" if self.hovered else "soft"
        icon = self.theme.icon("eye-off" if self._muted else "eye", role, _ICON_PX)
        at = QRect(0, 0, _ICON_PX, _ICON_PX)
        at.moveCenter(self.rect().center())
        icon.paint(painter, at, Qt.AlignmentFlag.AlignCenter)
        if self.hasFocus():
            paint_focus(painter, self.rect(), self.theme, 4)
