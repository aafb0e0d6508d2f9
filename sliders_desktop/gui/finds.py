"""When a word lights up: what it found that nobody rated, ready to be played. Main thread."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from sliders_desktop.gui.controls import IconButton, paint_box
from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.wording import kindled, ordinal

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

SHOWN = 3


class Finds(QWidget):
    """A card among the rows: never modal, and away with one press."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.slider_id: int | None = None
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.close_button = IconButton(
            theme, "close", self.tr("Close"), self.tr("Close"), size=24, icon_px=14
        )
        self.close_button.clicked.connect(self.hide)
        above = QHBoxLayout()
        above.setSpacing(4)
        above.addWidget(self.sentence, 1)
        above.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 6, 8)
        column.setSpacing(2)
        column.addLayout(above)
        column.addWidget(self.hint)
        self.buttons = [QuietButton(theme, "", "", icon="play", size_px=12) for _ in range(SHOWN)]
        for button in self.buttons:
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.clicked.connect(self._on_clicked)
            column.addWidget(button)
        session.learned.kindled.connect(self.show_slider)
        session.learned.state_changed.connect(self._on_state_changed)
        session.rack.sliders_changed.connect(self._on_sliders_changed)
        theme.changed.connect(self._dress)
        self._dress()
        self.hide()

    def show_slider(self, slider_id: int) -> None:
        """What this slider, lit just now, found."""
        slider, fitted = (
            self._session.rack.slider(slider_id),
            self._session.learned.fitted(slider_id),
        )
        if slider is None or fitted is None:
            return
        self.slider_id = slider_id
        self.sentence.setText(kindled(slider, self._session.learned.status(slider_id)) + ".")
        found = [
            track
            for i in fitted.surprises[:SHOWN]
            if (track := self._session.catalogue.track(i)) is not None
        ]
        self.hint.setText(
            self.tr("You have not rated these, and I think they are “{high}”:").format(
                high=slider.high_label or slider.name
            )
        )
        self.hint.setVisible(bool(found))
        for at, button in enumerate(self.buttons):
            button.setVisible(at < len(found))
            if at < len(found):
                track = found[at]
                place = self._session.learned.percentile(slider_id, track.id)
                where = "" if place is None else f" · {ordinal(round(100 * place))}"
                text = " – ".join(t for t in (track.title, track.artist) if t)
                button.setText(text + where)
                button.setProperty("track_id", track.id)
                play = self.tr("Play {title}").format(title=text)
                button.set_name(play, play)
        self.setAccessibleName(self.sentence.text())
        self.show()

    def _on_state_changed(self, slider_id: int) -> None:
        if slider_id == self.slider_id and not self._session.learned.lit(slider_id):
            self.hide()

    def _on_sliders_changed(self) -> None:
        if self.slider_id is not None and self._session.rack.slider(self.slider_id) is None:
            self.hide()

    def _on_clicked(self) -> None:
        self._session.playback.play([self.sender().property("track_id")])

    def _dress(self) -> None:
        self.sentence.setFont(self._theme.font(12.5, 600))
        self.hint.setFont(self._theme.font(11.5))
        for label in (self.sentence, self.hint):
            label.setStyleSheet("background: transparent;")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_box(QPainter(self), self.rect(), self._theme.raised, self._theme.line, 8)
