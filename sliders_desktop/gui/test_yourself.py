"""Test yourself: rate five tracks without seeing a slider's guesses, then see both side by side."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QShortcut,
)
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from sliders_desktop.gui.controls import ElidedLabel, IconButton, paint_box
from sliders_desktop.gui.rating_keys import RatingKey
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.keys import KEYS, number_of, value_of
from sliders_desktop.session.self_test import TESTED
from sliders_desktop.session.wording import ordinal

if TYPE_CHECKING:
    from sliders_desktop.library.records import TrackRow
    from sliders_desktop.session.session import Session

__all__ = ["TESTED", "TestYourself"]

ROW_PX = 44
KEYS_PX = KEYS * 26 + (KEYS - 1) * 3
_DIGITS = {Qt.Key(Qt.Key.Key_0 + n): n for n in range(1, KEYS + 1)}
_BACK = (Qt.Key.Key_0, Qt.Key.Key_Backspace)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Scale(QWidget):
    """Guess and rating of one track on one line, low to high."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.predicted: float | None = None
        self.rated = 0.5
        self.setFixedSize(KEYS_PX, 22)
        theme.changed.connect(self.update)

    def show_both(self, predicted: float, rated: float) -> None:
        self.predicted, self.rated = predicted, rated
        said = self.tr("guessed {place} percentile, rated {n} of 9").format(
            place=ordinal(round(100 * predicted)), n=number_of(rated)
        )
        self.setAccessibleName(said)
        self.setToolTip(said)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.predicted is None:
            return
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room, middle = self.width() - 26.0, self.height() / 2
        guess, rated = (13 + room * share for share in (self.predicted, self.rated))
        painter.setPen(QPen(theme.line, 2))
        painter.drawLine(QPointF(13, middle), QPointF(13 + room, middle))
        painter.setPen(QPen(theme.faint, 2))
        painter.drawLine(QPointF(guess, middle), QPointF(rated, middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.lamp)
        painter.drawEllipse(QPointF(rated, middle), 5, 5)
        painter.setPen(QPen(theme.text, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(guess, middle), 7, 7)


class _Row(QWidget):
    """One track: play, names, the nine keys, and later the scale in their place.

    Signals: rated(int): one of the keys was pressed. chosen(): the row was.
    """

    rated = Signal(int)
    chosen = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.current = False
        self.setFixedHeight(ROW_PX)
        self.play = IconButton(theme, "play", self.tr("Play"), size=28, icon_px=16)
        self.play.clicked.connect(self.chosen)
        self.title = ElidedLabel(theme, theme.font(13, 500))
        self.artist = ElidedLabel(theme, theme.font(11.5), "soft")
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addStretch(1)
        names.addWidget(self.title)
        names.addWidget(self.artist)
        names.addStretch(1)
        self.keys = [RatingKey(theme, number) for number in range(1, KEYS + 1)]
        self.scale = _Scale(theme)
        self.scale.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 10, 0)
        row.setSpacing(3)
        row.addWidget(self.play)
        row.addSpacing(5)
        row.addLayout(names, 1)
        row.addSpacing(8)
        for key in self.keys:
            key.clicked.connect(self._on_key)
            row.addWidget(key)
        row.addWidget(self.scale)

    def show_track(self, track: "TrackRow | None") -> None:
        title = track.title if track is not None else self.tr("a track that is gone")
        self.title.set_text(title)
        self.artist.set_text(track.artist if track is not None else "")
        play = self.tr("Play {title}").format(title=title)
        self.play.set_name(play, f"{play}  ·  " + self.tr("Enter"))
        self.play.setEnabled(track is not None)
        for key in self.keys:
            said = self.tr("Rate {title} {n} of 9").format(title=title, n=key.number)
            key.set_name(said, self.tr("Key {n}, 0 takes it back").format(n=key.number))

    def show_rating(self, value: float | None) -> None:
        chosen = 0 if value is None else number_of(value)
        for key in self.keys:
            key.setChecked(key.number == chosen)

    def reveal(self, predicted: float, rated: float) -> None:
        for key in self.keys:
            key.hide()
        self.scale.show_both(predicted, rated)
        self.scale.show()

    def set_current(self, current: bool) -> None:
        self.current = current
        self.update()

    def _on_key(self) -> None:
        key = self.sender()
        if isinstance(key, RatingKey):
            self.rated.emit(key.number)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.current:
            painter = QPainter(self)
            paint_box(painter, self.rect(), self._theme.raised, self._theme.line, 8)


class TestYourself(QDialog):
    """Beside the window, never in its way; left at any time, with nothing lost."""

    __test__ = False  # no test of pytest's

    def __init__(
        self, session: "Session", theme: Theme, slider_id: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._testing = session.testing
        slider = session.rack.slider(slider_id)
        self._name = slider.name if slider else ""
        self._low = slider.low_label if slider else ""
        self._high = slider.high_label if slider else ""
        self._at = 0
        self.setWindowTitle(self.tr("Test yourself: {name}").format(name=self._name))
        self.setMinimumWidth(660)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.says = QLabel(
            self.tr(
                "Listen to five tracks that you have not rated on {name}, and rate each as you "
                "hear it. My guesses are made and hidden; when you are done, both are shown.\n"
                "These are real ratings: they are saved as you give them, and Undo takes them back."
            ).format(name=self._name)
        )
        self.says.setWordWrap(True)
        self.rows = [_Row(theme) for _ in range(5)]
        self.ends = QWidget()
        self.ends.setFixedWidth(KEYS_PX + 10)
        words = QHBoxLayout(self.ends)
        words.setContentsMargins(0, 0, 10, 0)
        for text in (self._low, self._high):
            label = QLabel(text)
            label.setProperty("role", "soft")
            words.addWidget(label)
        words.insertStretch(1, 1)
        self.ends.hide()
        self.close_button = QPushButton(self.tr("Leave"))
        self.close_button.setToolTip(self.tr("Leave; what was rated stays (Esc)"))
        self.close_button.setAutoDefault(False)
        self.close_button.clicked.connect(self.close)
        below = QHBoxLayout()
        self.hint = QLabel(self.tr("1–9 rate · ↑ ↓ choose · Enter plays · Space pauses"))
        self.hint.setProperty("role", "soft")
        below.addWidget(self.hint, 1)
        below.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(6)
        column.addWidget(self.says)
        column.addSpacing(4)
        column.addWidget(self.ends, 0, Qt.AlignmentFlag.AlignRight)
        for at, row in enumerate(self.rows):
            row.setProperty("at", at)
            row.rated.connect(self._on_row_rated)
            row.chosen.connect(self._on_row_chosen)
            row.hide()
            column.addWidget(row)
        column.addSpacing(4)
        column.addLayout(below)
        column.addStretch(1)
        for key, call in (("Space", self._toggle), ("Ctrl+Z", session.rack.undo)):
            QShortcut(QKeySequence(key), self).activated.connect(call)
        self._testing.chosen.connect(self._on_chosen)
        self._testing.refused.connect(self._on_refused)
        self._testing.changed.connect(self._show_ratings)
        self._testing.revealed.connect(self._on_revealed)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._testing.begin(slider_id)

    # ── the test ────────────────────────────────────────────────────────────────────────────

    def _on_chosen(self) -> None:
        test = self._testing.test
        assert test is not None
        self.ends.show()
        for row, track_id in zip(self.rows, test.tracks, strict=True):
            row.show_track(self._session.catalogue.track(track_id))
            row.show()
        self._show_ratings()
        self._choose(0)
        self.adjustSize()

    def _on_refused(self, sentence: str) -> None:
        self.says.setText(sentence)
        self.hint.hide()
        self.close_button.setText(self.tr("Close"))
        self.adjustSize()

    def _show_ratings(self) -> None:
        for row, value in zip(self.rows, self._testing.ratings(), strict=False):
            row.show_rating(value)

    def _choose(self, at: int) -> None:
        self._at = max(0, min(len(self.rows) - 1, at))
        for row in self.rows:
            row.set_current(row.property("at") == self._at and self._testing.result is None)

    def _play(self) -> None:
        if self._testing.test is not None:
            self._session.playback.play([self._testing.test.tracks[self._at]])

    def _toggle(self) -> None:
        if self._session.playback.current is None:
            self._play()
        else:
            self._session.playback.toggle()

    def _rate(self, value: float | None) -> None:
        """Rate the chosen one; the next that is not rated yet plays."""
        if self._testing.test is None or self._testing.result is not None:
            return
        self._testing.rate(self._at, value)
        ratings = self._testing.ratings()
        if value is None or None not in ratings:
            return
        order = [*range(self._at + 1, len(ratings)), *range(self._at + 1)]
        self._choose(next(at for at in order if ratings[at] is None))
        self._play()

    def _on_row_rated(self, number: int) -> None:
        self._choose(self.sender().property("at"))
        self._rate(value_of(number))

    def _on_row_chosen(self) -> None:
        self._choose(self.sender().property("at"))
        self._play()

    def _on_revealed(self) -> None:
        test, result = self._testing.test, self._testing.result
        assert test is not None
        assert result is not None
        for row, guess, rated in zip(self.rows, test.predicted, result, strict=True):
            row.reveal(guess, rated)
        self._choose(self._at)
        right, pairs = self._testing.score()
        alike = len(result) * (len(result) - 1) // 2 - pairs
        says = self.tr("Right on {right} of {pairs} pairs").format(right=right, pairs=pairs)
        if alike:
            says += self.tr("; {n} more you rated alike").format(n=alike)
        self.says.setText(
            self.tr(
                "{result}. Half would be chance, and five tracks are few: the figure beside the "
                "slider, which counts all ratings, says more.\n"
                "Your five ratings are kept; Undo (Ctrl+Z) takes them back one by one."
            ).format(result=says)
        )
        self.hint.setText(self.tr("○ my guess   ● your rating   ·   Enter plays"))
        self.close_button.setText(self.tr("Close"))

    # ── keys ────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and key in _DIGITS:
            self._rate(value_of(_DIGITS[Qt.Key(key)]))
        elif plain and key in _BACK:
            self._rate(None)
        elif plain and key in _ENTER:
            self._play()
        elif plain and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._choose(self._at + (1 if key == Qt.Key.Key_Down else -1))
        else:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        self._testing.end()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._testing.end()
        super().closeEvent(event)
