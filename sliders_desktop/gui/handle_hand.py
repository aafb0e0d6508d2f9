"""The hand on a slider's handle: drags, wheel and keys become a target, a tolerance, a strength.

Main thread. It knows where the handle and the edges of its tolerance stand; the row paints them.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEasingCurve, QObject, QPointF, QRectF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from sliders_desktop.gui import slider_art as art
from sliders_desktop.gui.motion import motion_ms
from sliders_desktop.session.steering import Handle

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

Part = Literal["handle", "low", "high"]  # itself, or an edge of its tolerance
GLIDE_MS = 220  # to a place that the hand did not choose
WIDER, STRONGER = 0.02, 0.1  # one key press, one notch of the wheel
WIDEST = 0.5
REACH = 4.0  # pixels beside an edge that still take hold of it
NOTCH = 120  # what a wheel says of one notch
_GLIDES_FROM = 0.015  # of the slider's length; less is no journey


class HandleHand(QObject):
    """Holds the handle of one slider.

    Signals: changed(): it stands or looks otherwise; paint it.
    """

    changed = Signal()

    def __init__(
        self, session: "Session", slider_id: int, box: Callable[[], QRectF], row: QWidget
    ) -> None:
        """``box`` says where the slider's scores stand, whose bottom is the baseline."""
        super().__init__(row)
        self._learned, self._steering = session.learned, session.steering
        self._id, self._box, self._row = slider_id, box, row
        self._held: Part | None = None
        self._before: Handle | None = None  # when it was taken hold of
        self._wheeled = 0  # of a notch
        self._seen = self.handle
        self._from = 0.5  # where the journey began
        self._glide = QVariantAnimation(self)
        self._glide.setStartValue(0.0)
        self._glide.setEndValue(1.0)
        self._glide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._glide.valueChanged.connect(self.changed)

    # ── where it stands ─────────────────────────────────────────────────────────────────────

    @property
    def handle(self) -> Handle | None:
        """None while it is let go, or the slider dark."""
        return self._steering.handle(self._id)

    @property
    def held(self) -> bool:
        return self._held is not None

    def follow(self) -> None:
        """The handle was moved, perhaps by somebody else: glide there."""
        before, self._seen = self._seen, self.handle
        if self.held or self._seen is None or self._seen == before:
            return
        start = 0.5 if before is None else before.target
        ms = motion_ms(self._row, GLIDE_MS) if self._row.isVisible() else 0
        if ms and abs(start - self._seen.target) >= _GLIDES_FROM:
            self._from = start
            self._glide.stop()
            self._glide.setDuration(ms)
            self._glide.start()

    def _target(self) -> float:
        """Where it is seen now, on its way or there."""
        if self.handle is None:
            return 0.5
        if self._glide.state() != QVariantAnimation.State.Running:
            return self.handle.target
        gone = float(self._glide.currentValue())
        return self._from + (self.handle.target - self._from) * gone

    def _x(self, percentile: float) -> float:
        box = self._box()
        place = self._learned.place(self._id, min(1.0, max(0.0, percentile)))
        return box.left() + box.width() * place

    def _percentile(self, x: float) -> float:
        box = self._box()
        return self._learned.percentile_at(
            self._id, min(1.0, max(0.0, (x - box.left()) / box.width()))
        )

    def rect(self) -> QRectF:
        """Where the handle is, pulling or not."""
        return art.handle_box(self._x(self._target()), self._box().bottom())

    def band(self) -> QRectF:
        """From edge to edge of the tolerance, never narrower than can be held beside the handle."""
        handle, target, box = self.handle, self._target(), self._box()
        tolerance = 0.0 if handle is None else handle.tolerance
        rect = self.rect()
        left = min(self._x(target - tolerance), rect.left() - art.GRIP_GAP)
        right = max(self._x(target + tolerance), rect.right() + art.GRIP_GAP)
        return QRectF(left, box.top(), right - left, box.height())

    def part_at(self, at: QPointF) -> Part | None:
        """What the pointer would take hold of."""
        if self.rect().adjusted(-2, -6, 2, 5).contains(at):
            return "handle"
        if self.handle is None:
            return "handle" if self.rect().adjusted(-5, -6, 5, 5).contains(at) else None
        band = self.band()
        if band.top() - 2 <= at.y() <= band.bottom() + 5:
            if abs(at.x() - band.left()) <= REACH:
                return "low"
            if abs(at.x() - band.right()) <= REACH:
                return "high"
        return None

    # ── drags ───────────────────────────────────────────────────────────────────────────────

    def take(self, at: QPointF) -> bool:
        """Take hold of what is there; False where nothing is."""
        self._held, self._before = self.part_at(at), self.handle
        return self.held

    def drag(self, at: QPointF) -> None:
        """Along with the pointer."""
        there, now = self._percentile(at.x()), self.handle
        if self._held == "handle":
            self._set(replace(now, target=there) if now is not None else Handle(there))
        elif self._held is not None and now is not None:
            wide = there - now.target if self._held == "high" else now.target - there
            rect = self.rect()
            if rect.left() - art.GRIP_GAP <= at.x() <= rect.right() + art.GRIP_GAP:
                wide = 0.0  # back at the handle: none
            self._set(replace(now, tolerance=min(WIDEST, max(0.0, wide))))

    def let_loose(self, take_back: bool = False) -> None:
        """The button is up; or the listener thought better of it."""
        if self.held and take_back:
            self._steering.set_handle(self._id, self._before)
        self._held = None
        self._seen = self.handle
        self.changed.emit()

    def let_go(self) -> None:
        """Pull no more."""
        self._held = None
        self._steering.set_handle(self._id, None)

    def wheel(self, delta: int) -> None:
        """Stronger or weaker."""
        self._wheeled += delta
        notches = int(self._wheeled / NOTCH)
        self._wheeled -= notches * NOTCH
        if notches:
            self._strengthen(notches * STRONGER)

    # ── keys ────────────────────────────────────────────────────────────────────────────────

    def key(self, event: QKeyEvent) -> bool:
        """Do what a key means here; False if it means nothing."""
        key, shift = event.key(), event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        now = self.handle
        if key == Qt.Key.Key_Escape and self.held:
            self.let_loose(take_back=True)
        elif shift and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = WIDER if key == Qt.Key.Key_Right else -WIDER
            known = now or Handle(0.5)
            wide = min(WIDEST, max(0.0, round(known.tolerance + step, 4)))
            self._set(replace(known, tolerance=wide))
        elif now is None:
            return False
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._strengthen(STRONGER)
        elif key == Qt.Key.Key_Minus:
            self._strengthen(-STRONGER)
        elif key == Qt.Key.Key_X and not event.modifiers():
            self._steering.mute(self._id, not now.muted)
        elif key == Qt.Key.Key_Delete:
            self.let_go()
        else:
            return False
        return True

    def _strengthen(self, by: float) -> None:
        now = self.handle
        if now is not None:
            self._set(replace(now, strength=min(1.0, max(0.0, round(now.strength + by, 4)))))

    def _set(self, handle: Handle) -> None:
        self._seen = handle  # the hand is there already
        self._steering.set_handle(self._id, handle)
        self.changed.emit()
