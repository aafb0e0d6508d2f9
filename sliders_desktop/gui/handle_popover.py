"""A small window for one handle: place, tolerance and strength as labelled sliders. Main thread.

The same as on the row, for those who hear the window or prefer a larger target.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from sliders_desktop.gui.controls import paint_box
from sliders_desktop.gui.form_controls import Switch, ThinSlider
from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Slider
from sliders_desktop.session.steering import Handle
from sliders_desktop.session.wording import ordinal

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

WIDTH = 150  # of each line


class HandlePopover(QFrame):
    """Changes the handle of ``slider`` at once; Escape or a press elsewhere closes it."""

    def __init__(self, session: "Session", theme: Theme, slider: Slider, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._steering, self._theme, self._id = session.steering, theme, slider.id
        self._reading = False  # shows what is, so that nothing is sent back
        self.setAccessibleName(self.tr("The handle of {name}").format(name=slider.name))
        title = QLabel(slider.name)
        title.setFont(theme.font(13, 600))
        low, high = slider.low_label, slider.high_label
        place = self.tr("Pulls to, from {low} to {high}").format(low=low, high=high)
        self.place = ThinSlider(theme, place, WIDTH)
        self.tolerance = ThinSlider(theme, self.tr("Tolerance"), WIDTH)
        self.tolerance.setRange(0, 50)
        self.strength = ThinSlider(theme, self.tr("Strength"), WIDTH)
        self.pulls = Switch(theme)
        self.pulls.setAccessibleName(self.tr("Pulls"))
        self.pulls.setToolTip(self.tr("Off: the handle stays and does not pull  ·  X"))
        self.place.setToolTip(self.tr("Where between the two words  ·  ← →"))
        self.tolerance.setToolTip(self.tr("How far beside it is as good as there  ·  ← →"))
        self.strength.setToolTip(self.tr("How much it counts beside other handles  ·  ← →"))
        self._values = [QLabel() for _ in range(3)]
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        lines = (
            (self.tr("Pulls to"), self.place),
            (self.tr("Tolerance"), self.tolerance),
            (self.tr("Strength"), self.strength),
        )
        for row, ((text, line), value) in enumerate(zip(lines, self._values, strict=True)):
            label = QLabel(text)
            label.setProperty("role", "soft")
            label.setBuddy(line)
            value.setMinimumWidth(44)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setFont(theme.font(11.5, tabular=True))
            for column, widget in enumerate((label, line, value)):
                grid.addWidget(widget, row, column)
            line.valueChanged.connect(self._send)
        self.let_go = QuietButton(
            theme, self.tr("Let go"), self.tr("Nothing on this slider pulls any more  ·  Delete")
        )
        self.let_go.clicked.connect(self._on_let_go)
        pulls = QLabel(self.tr("Pulls"))
        pulls.setProperty("role", "soft")
        foot = QHBoxLayout()
        foot.addWidget(pulls)
        foot.addWidget(self.pulls)
        foot.addStretch(1)
        foot.addWidget(self.let_go)
        self.pulls.toggled.connect(self._send)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 14, 10)
        layout.setSpacing(8)
        layout.addWidget(title)
        layout.addLayout(grid)
        layout.addLayout(foot)
        self._steering.handles_changed.connect(self._read)
        self._read()
        self.place.setFocus(Qt.FocusReason.PopupFocusReason)

    def show_at(self, place: QPoint) -> None:
        """Below this global place, inside the screen."""
        self.adjustSize()
        room = self.screen().availableGeometry()
        x = min(max(place.x(), room.left() + 4), room.right() - self.width() - 4)
        y = min(place.y(), room.bottom() - self.height() - 4)
        self.move(x, y)
        self.show()

    def _read(self) -> None:
        handle = self._steering.handle(self._id)
        self._reading = True
        shown = handle or Handle(0.5)
        self.place.setValue(round(100 * shown.target))
        self.tolerance.setValue(round(100 * shown.tolerance))
        self.strength.setValue(round(100 * shown.strength))
        self.pulls.setChecked(handle is not None and not handle.muted)
        self.let_go.setEnabled(handle is not None)
        self._reading = False
        texts = (ordinal(self.place.value()), f"± {self.tolerance.value()}",
                 f"{self.strength.value()} %")  # fmt: skip
        for label, text in zip(self._values, texts, strict=True):
            label.setText(text)

    def _send(self) -> None:
        """A line or the switch was moved by the listener."""
        if self._reading:
            return
        # The three lines make it pull; only the switch mutes it.
        before = self._steering.handle(self._id)
        muted = not self.pulls.isChecked() if self.sender() is self.pulls else (
            before is not None and before.muted
        )  # fmt: skip
        shown = before or Handle(0.5)
        self._steering.set_handle(
            self._id,
            replace(
                shown,
                target=_kept(shown.target, self.place.value()),
                tolerance=_kept(shown.tolerance, self.tolerance.value()),
                strength=_kept(shown.strength, self.strength.value()),
                muted=muted,
            ),
        )

    def _on_let_go(self) -> None:
        self._steering.set_handle(self._id, None)
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self._on_let_go()
        elif event.key() == Qt.Key.Key_X:
            self.pulls.toggle()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_box(QPainter(self), self.rect(), self._theme.raised, self._theme.line, 8)


def _kept(share: float, hundredths: int) -> float:
    """``share`` itself where its line was not moved: lines know hundredths only."""
    return share if round(100 * share) == hundredths else hundredths / 100
