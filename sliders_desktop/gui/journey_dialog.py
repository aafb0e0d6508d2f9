"""Ask for a journey: from where, to where, how long, along which slider; and look at it."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop import tasks
from sliders_desktop.gui.controls import ElidedLabel, IconButton
from sliders_desktop.gui.form_controls import Choice, ThinSlider
from sliders_desktop.gui.path_list import PathList
from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.wording import ordinal

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

ASK_MS = 150  # while something is turned
LEAST_MIN, MOST_MIN, USUAL_MIN = 10, 180, 40
NAME_PX, LINE_PX = 60, 150


class JourneyDialog(QDialog):
    """Beside the window, so that tracks can be chosen there; the map shows the way.

    Signals:
        keep_wanted(list, str): these tracks shall be a playlist, called like this.
        export_wanted(list, str): and these a file.
    """

    keep_wanted = Signal(list, str)
    export_wanted = Signal(list, str)

    def __init__(
        self,
        session: "Session",
        theme: Theme,
        start: int | None = None,
        end: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._theme, self._journeys = session, theme, session.journeys
        self._ends: list[int | None] = [start, end]
        self.setWindowTitle(self.tr("Journey"))
        self.resize(500, 620)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addLayout(self._form())
        column.addLayout(self._result_head())
        self.path = PathList(session, theme)
        self.path.setMinimumHeight(160)
        column.addWidget(self.path, 1)
        column.addLayout(self._foot())
        self._asking = QTimer(self)
        self._asking.setSingleShot(True)
        self._asking.setInterval(ASK_MS)
        self._asking.timeout.connect(self._ask)
        self._connect()
        self._show_ends()
        self._on_slider()
        self._ask()
        self.play.setFocus(Qt.FocusReason.OtherFocusReason)

    # ── what it is made of ──────────────────────────────────────────────────────────────────

    def _form(self) -> QGridLayout:
        theme = self._theme
        form = QGridLayout()
        form.setHorizontalSpacing(10)
        form.setVerticalSpacing(6)
        form.setColumnMinimumWidth(0, NAME_PX)
        form.setColumnStretch(1, 1)
        self.names, self.takes = [], []
        for row, text in enumerate((self.tr("From"), self.tr("To"))):
            name = ElidedLabel(theme, theme.font(13, 500))
            take = QuietButton(
                theme, self.tr("Take chosen"),
                self.tr("Choose a track in the list or on the map, then press this"),
                size_px=12,
            )  # fmt: skip
            take.setAccessibleName(f"{text}: {take.text()}")
            take.setProperty("end", row)
            self.names.append(name)
            self.takes.append(take)
            form.addWidget(_soft(text), row, 0)
            form.addWidget(name, row, 1)
            form.addWidget(take, row, 2)
        self.swap = IconButton(theme, "repeat", self.tr("The other way round"), size=28, icon_px=16)
        form.addWidget(self.swap, 0, 3, 2, 1)
        self.minutes = ThinSlider(theme, self.tr("How long, in minutes"), LINE_PX)
        self.minutes.setRange(LEAST_MIN, MOST_MIN)
        self.minutes.setSingleStep(5)
        self.minutes.setPageStep(15)
        self.minutes.setValue(USUAL_MIN)
        self.takes_long = QLabel()
        self.takes_long.setFont(theme.font(12, tabular=True))
        form.addWidget(_soft(self.tr("About")), 2, 0)
        form.addLayout(_row(self.minutes, self.takes_long), 2, 1, 1, 3)
        self.along = Choice(theme)
        self.along.setAccessibleName(self.tr("Along"))
        self.along.addItem(self.tr("the music alone"), None)
        for slider in self._session.learned.lit_sliders():
            self.along.addItem(slider.name, slider.id)
        self.first = ThinSlider(theme, self.tr("At the beginning"), LINE_PX // 2 + 20)
        self.last = ThinSlider(theme, self.tr("At the end"), LINE_PX // 2 + 20)
        for line in (self.first, self.last):
            line.setRange(1, 99)
        self.between = QLabel()
        self.between.setFont(theme.font(12, tabular=True))
        form.addWidget(_soft(self.tr("Along")), 3, 0)
        form.addLayout(_row(self.along), 3, 1, 1, 3)
        self._turns = _row(self.first, self.last, self.between)
        form.addLayout(self._turns, 4, 1, 1, 3)
        return form

    def _result_head(self) -> QHBoxLayout:
        self.says = QLabel()
        self.says.setWordWrap(True)
        self.says.setProperty("role", "soft")
        self.again = QuietButton(
            self._theme, self.tr("Again, differently"),
            self.tr("Another good way between the same two"), "retry", 12,
        )  # fmt: skip
        row = QHBoxLayout()
        row.addWidget(self.says, 1)
        row.addWidget(self.again)
        return row

    def _foot(self) -> QHBoxLayout:
        self.play = QPushButton(self.tr("Play"))
        self.play.setProperty("primary", True)
        self.play.setDefault(True)
        self.keep = QPushButton(self.tr("Save as playlist…"))
        self.export = QPushButton(self.tr("Export…"))
        self.dismiss = QPushButton(self.tr("Close"))
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for button in (self.play, self.keep, self.export):
            button.setAutoDefault(button is self.play)
            foot.addWidget(button)
        foot.addStretch(1)
        self.dismiss.setAutoDefault(False)
        foot.addWidget(self.dismiss)
        return foot

    def _connect(self) -> None:
        for take in self.takes:
            take.clicked.connect(self._on_take)
        self.swap.clicked.connect(self._on_swap)
        for line in (self.minutes, self.first, self.last):
            line.valueChanged.connect(self._on_turned)
        self.along.activated.connect(self._on_slider)
        self._journeys.found.connect(self._on_found)
        self._session.catalogue.selection_changed.connect(self._show_ends)
        self._session.catalogue.tracks_changed.connect(self._show_ends)
        self.again.clicked.connect(self._on_again)
        self.path.played.connect(self._on_played)
        self.play.clicked.connect(self._on_play)
        self.keep.clicked.connect(self._on_keep)
        self.export.clicked.connect(self._on_export)
        self.dismiss.clicked.connect(self.accept)
        self.finished.connect(self._on_finished)

    # ── from where to where ─────────────────────────────────────────────────────────────────

    def set_ends(self, start: int | None, end: int | None) -> None:
        """Another way, asked for from outside."""
        self._ends = [start, end]
        self._show_ends()
        self._on_slider()

    def _title(self, track_id: int | None) -> str:
        track = None if track_id is None else self._session.catalogue.track(track_id)
        return "" if track is None else track.title

    def _show_ends(self) -> None:
        missing = self.tr("choose a track …")
        chosen = self._session.catalogue.selection
        for name, take, end in zip(self.names, self.takes, self._ends, strict=True):
            track = None if end is None else self._session.catalogue.track(end)
            name.set_text(f"{track.title} – {track.artist}" if track is not None else missing)
            name.set_role("text" if track is not None else "soft")
            take.setEnabled(bool(chosen) and chosen[-1] != end)

    def _on_take(self) -> None:
        chosen = self._session.catalogue.selection
        if chosen:
            self._ends[self.sender().property("end")] = chosen[-1]
            self._show_ends()
            self._on_slider()

    def _on_swap(self) -> None:
        self._ends.reverse()
        first, last = self.last.value(), self.first.value()
        self._show_ends()
        self.first.setValue(first)
        self.last.setValue(last)
        self._on_turned()

    # ── how long, along what ────────────────────────────────────────────────────────────────

    def _on_slider(self) -> None:
        """Begin where the two tracks stand on it."""
        slider_id = self.along.currentData()
        for widget in (self.first, self.last, self.between):
            widget.setVisible(slider_id is not None)
        if slider_id is not None:
            for line, end, usual in zip((self.first, self.last), self._ends, (10, 90), strict=True):
                known = None
                if end is not None:
                    known = self._session.learned.percentile(slider_id, end)
                line.setValue(usual if known is None else round(100 * known))
        self._on_turned()

    def _on_turned(self) -> None:
        self.takes_long.setText(self.tr("{n} minutes").format(n=self.minutes.value()))
        said = self.tr("from {first} to {last}")
        first, last = ordinal(self.first.value()), ordinal(self.last.value())
        self.between.setText(said.format(first=first, last=last))
        self._asking.start()

    def _steer(self) -> "tuple[tasks.Steer, float, float] | None":
        slider_id = self.along.currentData()
        if slider_id is None:
            return None
        steer = self._journeys.along(slider_id, self.along.currentText())
        if steer is None:
            return None
        return steer, self.first.value() / 100, self.last.value() / 100

    def _ask(self) -> None:
        self._asking.stop()
        start, end = self._ends
        if start is None or end is None:
            self._journeys.leave()
            self._say(self.tr("Choose where it begins and where it ends."))
        elif start == end:
            self._journeys.leave()
            self._say(self.tr("It begins and ends with the same track: choose another."))
        else:
            before = self._journeys.wish
            same = before is not None and (before.start, before.end) == (start, end)
            self._journeys.ask(
                tasks.JourneyWish(
                    start,
                    end,
                    float(self.minutes.value()),
                    self._steer(),
                    self._session.playback.own_knobs,
                    seed=before.seed if before is not None and same else 0,
                )
            )

    # ── what was found ──────────────────────────────────────────────────────────────────────

    def _on_found(self) -> None:
        picks = self._journeys.picks
        if not picks and self._journeys.problem:
            self._say(self._journeys.problem)
            return
        self.path.show_path(picks)
        rows = [self._session.catalogue.track(pick.track_id) for pick in picks]
        minutes = round(sum(row.duration_s for row in rows if row is not None) / 60)
        said = self.tr("{n:,} tracks · {minutes:,} minutes")
        self.says.setText(said.format(n=len(picks), minutes=minutes) if picks else "")
        self._enable(bool(picks))

    def _say(self, sentence: str) -> None:
        self.path.show_path(())
        self.says.setText(sentence)
        self._enable(False)

    def _enable(self, some: bool) -> None:
        for button in (self.play, self.keep, self.export, self.again):
            button.setEnabled(some)

    def ids(self) -> list[int]:
        return [pick.track_id for pick in self.path.rows.picks]

    def name(self) -> str:
        """As a playlist would be called."""
        slider_id, minutes = self.along.currentData(), self.minutes.value()
        ends = " → ".join(self._title(end) for end in self._ends)
        slider = self._session.rack.slider(slider_id) if slider_id is not None else None
        if slider is not None:
            words = slider.low_label, slider.high_label
            falls = self.first.value() > self.last.value()
            ends = " → ".join(reversed(words) if falls else words)
        return self.tr("{ends}, {n} min").format(ends=ends[:50], n=minutes)

    # ── what the listener does ──────────────────────────────────────────────────────────────

    def _on_again(self) -> None:
        self._journeys.again()

    def _on_played(self, row: int) -> None:
        self._session.playback.play(self.ids(), row, "playlist")

    def _on_play(self) -> None:
        if ids := self.ids():
            self._session.playback.play(ids, 0, "playlist")

    def _on_keep(self) -> None:
        self.keep_wanted.emit(self.ids(), self.name())

    def _on_export(self) -> None:
        self.export_wanted.emit(self.ids(), self.name())

    def _on_finished(self) -> None:
        self._asking.stop()
        self._journeys.leave()

    def closeEvent(self, event: Any) -> None:
        self._on_finished()
        super().closeEvent(event)


def _soft(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "soft")
    return label


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
