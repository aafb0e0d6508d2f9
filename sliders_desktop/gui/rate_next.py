"""The quiet offer under the sliders: which track to rate next, and why. Main thread."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from sliders_desktop.gui.controls import IconButton
from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.theme import Theme

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class RateNext(QWidget):
    """Plays the track that teaches the armed slider most; another one, or none at all."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.button = QuietButton(theme, "", "", icon="play", size_px=11.5)
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.another = IconButton(
            theme, "retry", self.tr("Another one"),
            self.tr("Offer another track; this one does not come again soon"), size=24, icon_px=14,
        )  # fmt: skip
        self.close_button = IconButton(
            theme, "close", self.tr("No more offers"),
            self.tr("Offer nothing on this slider; its menu still does"), size=24, icon_px=14,
        )  # fmt: skip
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.button, 1)
        row.addWidget(self.another)
        row.addWidget(self.close_button)
        self.button.clicked.connect(self.play)
        self.another.clicked.connect(session.suggesting.another)
        self.close_button.clicked.connect(session.suggesting.close_offer)
        session.suggesting.changed.connect(self.refresh)
        session.catalogue.tracks_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is offered now, if anything is."""
        suggesting, armed = self._session.suggesting, self._session.rack.armed
        offered = suggesting.offered
        track = self._session.catalogue.track(offered) if offered is not None else None
        self.setVisible(track is not None)
        if track is None or armed is None:
            return
        text = self.tr("Most useful to rate next: {title}").format(title=track.title)
        self.button.setText(text)
        tip = self.tr("Play {title} by {artist}, then rate it on {name}: ").format(
            title=track.title, artist=track.artist, name=armed.name
        )
        self.button.set_name(text, tip + self._why(armed.low_label, armed.high_label))

    def _why(self, low: str, high: str) -> str:
        words = {
            "top": self.tr("I expect it at the end “{high}” and want to be sure"),
            "bottom": self.tr("I expect it at the end “{low}” and want to be sure"),
            "unsure": self.tr("I am unsure about it, and many others sound like it"),
        }
        why = words.get(self._session.suggesting.why, self.tr("its rating teaches most"))
        return why.format(low=low, high=high)

    def play(self) -> None:
        """Play it, whether it is offered or asked for in the menu."""
        track = self._session.suggesting.track
        if track is not None:
            self._session.playback.play([track])
