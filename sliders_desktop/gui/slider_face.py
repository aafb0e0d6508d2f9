"""How one slider of the panel looks and what it says: lamp, figure, scores, needle, handle.

A `QAbstractSlider`, so that a screen reader hears a slider with a name, a value and its state.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEasingCurve,
    QPointF,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
    QVariantAnimation,
)
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from sliders_desktop.gui import slider_art as art
from sliders_desktop.gui import slider_words
from sliders_desktop.gui.controls import paint_focus
from sliders_desktop.gui.disagreement import HEIGHT as PAIR_HEIGHT
from sliders_desktop.gui.disagreement import Disagreement
from sliders_desktop.gui.handle_hand import HandleHand
from sliders_desktop.gui.motion import motion_ms
from sliders_desktop.gui.mute_button import MuteButton
from sliders_desktop.gui.slider_words import PAD, Words
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Slider
from sliders_desktop.session.pull_words import pull_sentence, pull_text
from sliders_desktop.session.wording import LEAST_RATINGS

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

TALL, LOW, MIDDLE = 84, 50, 62  # heights: with histogram or confused, with a bar, with two lines
BASELINE = 57.0
HISTOGRAM_HEIGHT = 21.0
STEP, PAGE = 2, 10  # hundredths of a percentile


class SliderFace(QAbstractSlider):
    """Shows one `Slider` of the rack; `slider_row.SliderRow` is the same with hand and keys."""

    def __init__(self, session: "Session", theme: Theme, slider: Slider, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._rack, self._learned = session.rack, session.learned
        self._steering = session.steering
        self._theme = theme
        self.slider = slider
        self._status = self._learned.status(slider.id)
        self._hot = ""  # the part of the handle that the pointer is on
        self._inside = False  # the pointer is on the row
        self._glow = 1.0
        self._histogram = art.Histogram()
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, 100)
        self.setSingleStep(STEP)
        self.setPageStep(PAGE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._kindling = QVariantAnimation(self)
        self._kindling.setKeyValueAt(0.0, 0.2)
        self._kindling.setKeyValueAt(0.35, 2.3)
        self._kindling.setKeyValueAt(1.0, 1.0)
        self._kindling.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._kindling.valueChanged.connect(self._set_glow)
        self.hand = HandleHand(session, slider.id, self.histogram_box, self)
        self.hand.changed.connect(self.update)
        self.mute_button = MuteButton(session, theme, slider.id, self)
        self.mute_button.focused.connect(self._show_pull)
        self._pair = Disagreement(session, theme, self, slider.id)
        self.refresh()

    # ── what is shown ───────────────────────────────────────────────────────────────────────

    def set_slider(self, slider: Slider) -> None:
        """The same slider under another name."""
        self.slider = slider
        self.refresh()

    def refresh(self) -> None:
        """Read state, figure and handle again."""
        before, self._status = self._status, self._learned.status(self.slider.id)
        status = self._status
        if status.state == "lit" and before.state != "lit":
            ms = motion_ms(self, 900)
            if ms:
                self._kindling.setDuration(ms)
                self._kindling.start()
        self._pair.show_tracks(status.disagreeing if status.state == "confused" else None)
        self._fit_height()
        s = self.slider
        self.setAccessibleName(
            self.tr("{name}, from {low} to {high}").format(
                name=s.name, low=s.low_label, high=s.high_label
            )
        )
        self.setToolTip(self._tip())
        self.refresh_handle()

    def _fit_height(self) -> None:
        """As tall as what it has to say; a long "what is missing" takes a line of its own."""
        confused = self._pair.isVisibleTo(self)
        tall = self._has_scores() or confused
        height = TALL if tall else MIDDLE if self._figure()[1] else LOW
        if self.minimumHeight() != height or self.maximumHeight() != height:
            self.setFixedHeight(height)

    def _figure(self) -> tuple[str, str]:
        """The honest figure beside the name, and what of it must go below the bar."""
        whole = self._status.figure
        if self._has_scores() or not self._pair.isHidden():
            return whole, ""
        if slider_words.fits_in_one_line(self._theme, self._words(whole)):
            return whole, ""
        first, _, rest = whole.partition(" · ")
        return first, rest

    def _words(self, figure: str) -> Words:
        handle, s = self.hand.handle, self.slider
        pull = pull_text(handle) if handle is not None and self._looked_at() else ""
        return Words(self.width(), s.name, figure, s.low_label, s.high_label, pull)

    def _looked_at(self) -> bool:
        """Whether there is reason to say more than the calm row does."""
        return self._inside or self.hand.held or self.hasFocus() or self.mute_button.hasFocus()

    def refresh_handle(self) -> None:
        """The handle stands or pulls otherwise."""
        handle = self.hand.handle
        with QSignalBlocker(self):
            self.setValue(50 if handle is None else round(handle.target * 100))
        said = f"{self._status.figure}. {self._status.sentence}"
        if handle is not None:
            said = f"{said} {self.tr('The handle')} {pull_sentence(handle)}."
        self.setAccessibleDescription(said)
        self.hand.follow()
        self._show_pull()

    def _show_pull(self) -> None:
        """The button that mutes stands where the handle's wishes are said."""
        handle = self.hand.handle
        self.mute_button.refresh(self.slider.name, handle)
        if handle is not None and self._looked_at():
            place = slider_words.pull_box(self._theme, self._words(""))
            self.mute_button.move(round(place.left()), round(place.top()))
            self.mute_button.show()
        else:
            self.mute_button.hide()
        self.update()

    def _tip(self) -> str:
        lines = [self.slider.description] if self.slider.description else []
        lines.append(self._status.sentence or self._status.figure)
        if self._status.state == "lit":
            lines.append(
                self.tr("Drag the handle, or ← and →, to steer what comes; Delete lets go.")
            )
            lines.append(
                self.tr(
                    "Drag the edges beside it, or Shift+← and →, to let it be less strict; "
                    "the wheel on it, or + and −, make it stronger or weaker; X mutes it."
                )
            )
        lines.append(
            self.tr("1–9 rate what plays once this slider is armed (click, Enter, [ or ]).")
        )
        return "\n".join(lines)

    def _has_scores(self) -> bool:
        return (
            self._status.state in ("dim", "lit")
            and self._learned.histogram(self.slider.id) is not None
        )

    @property
    def armed(self) -> bool:
        armed = self._rack.armed
        return armed is not None and armed.id == self.slider.id

    @property
    def _lit(self) -> bool:
        return self._status.state == "lit" and self._has_scores()

    def _set_glow(self, value: object) -> None:
        self._glow = float(value)  # type: ignore[arg-type]
        self.update()

    # ── geometry ────────────────────────────────────────────────────────────────────────────

    def sizeHint(self) -> QSize:
        return QSize(280, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._pair.setGeometry(PAD - 6, 32, self.width() - 2 * PAD + 10, PAIR_HEIGHT)
        if event.oldSize().width() != event.size().width():
            self._fit_height()

    def histogram_box(self) -> QRectF:
        """Where the library's scores stand."""
        return QRectF(PAD, BASELINE - HISTOGRAM_HEIGHT, self.width() - 2 * PAD, HISTOGRAM_HEIGHT)

    def handle_rect(self) -> QRectF:
        """Where the handle is, pulling or not."""
        return self.hand.rect()

    # ── painting ────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, status = self._theme, self._status
        card = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.armed:
            painter.setPen(QPen(theme.line.lighter(125) if theme.dark else theme.line, 1.0))
            painter.setBrush(theme.raised)
            painter.drawRoundedRect(card, 8.0, 8.0)
        art.paint_lamp(
            painter, theme, QPointF(PAD + 5, 20), status.state, status.progress, self._glow
        )
        figure, missing = self._figure()
        words = self._words(figure)
        slider_words.paint_head(painter, theme, words)
        if self._has_scores():
            self._paint_scores(painter)
            slider_words.paint_ends(painter, theme, words)
        else:
            slider_words.paint_missing(painter, theme, words, missing)
            if self._pair.isHidden():
                bar = QRectF(PAD, 37, self.width() - 2 * PAD, 3)
                if status.state == "new":
                    art.paint_pips(painter, theme, bar, status.given, LEAST_RATINGS)
                else:
                    art.paint_progress(painter, theme, bar, status.progress)
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme, 8.0)

    def _paint_scores(self, painter: QPainter) -> None:
        painter.save()
        box, hand, hot = self.histogram_box(), self.hand, bool(self._hot) or self.hand.held
        heights = self._learned.histogram(self.slider.id)
        if heights is not None:
            self._histogram.paint(painter, self._theme, box, heights, 0.8 if self._lit else 0.34)
        handle = hand.handle
        if self._lit and handle is not None:
            filled = handle.tolerance > 0 and not handle.muted
            edges = self._looked_at() or handle.tolerance > 0
            edge = self._hot in ("low", "high") or (hand.held and self._hot != "handle")
            art.paint_band(painter, self._theme, hand.band(), filled, edge, edges)
        current = self._session.playback.current
        percentile = self._learned.percentile(self.slider.id, current.id) if current else None
        if percentile is not None:
            x = box.left() + box.width() * self._learned.place(self.slider.id, percentile)
            art.paint_needle(painter, self._theme, x, box.top() - 2, box.bottom() + 1)
        if self._lit and (handle is not None or self.armed or self._looked_at()):
            strength = None if handle is None else handle.strength
            muted = handle is not None and handle.muted
            art.paint_handle(painter, self._theme, hand.rect(), strength, hot, muted)
        painter.restore()
