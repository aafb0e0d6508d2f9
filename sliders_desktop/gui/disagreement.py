"""The two tracks whose ratings disagree, in the row of a confused slider. Main thread."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.theme import Theme

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class Disagreement(QWidget):
    """The two tracks whose ratings disagree, each a button that plays it."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.buttons = tuple(
            QuietButton(theme, "", "", icon="play", size_px=11.5, parent=self) for _ in range(2)
        )
        for button in self.buttons:
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.clicked.connect(self._on_clicked)
            layout.addWidget(button)
        self.hide()

    def show_tracks(self, pair: tuple[int, int] | None) -> None:
        if pair is None:
            self.hide()
            return
        for button, track_id in zip(self.buttons, pair, strict=True):
            track = self._session.catalogue.track(track_id)
            title = track.title if track is not None else self.tr("a track that is gone")
            button.setText(title)
            button.setProperty("track_id", track_id)
            button.setToolTip(
                self.tr("Play {title}, then keep or change its rating").format(title=title)
            )
            button.setAccessibleName(self.tr("Play {title}").format(title=title))
        self.show()

    def _on_clicked(self) -> None:
        track_id = self.sender().property("track_id")
        self._session.playback.play([track_id])
