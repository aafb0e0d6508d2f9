"""Two ratings that disagree, in the row of a confused slider: listen again, keep or change.

Main thread.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.keys import number_of

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

HEIGHT = 50


class Disagreement(QWidget):
    """Each of the two a button that plays it, with its rating; below what can be done about it."""

    def __init__(
        self, session: "Session", theme: Theme, parent: QWidget, slider_id: int = 0
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.slider_id = slider_id
        self._pair: tuple[int, int] | None = None
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(4)
        layout.setVerticalSpacing(0)
        self.buttons = tuple(
            QuietButton(theme, "", "", icon="play", size_px=11.5, parent=self) for _ in range(2)
        )
        for column, button in enumerate(self.buttons):
            button.clicked.connect(self._on_clicked)
            layout.addWidget(button, 0, column)
        self.keep = QuietButton(
            theme,
            self.tr("Keep both"),
            self.tr("Both ratings are meant as they are: do not ask about them again"),
            size_px=11.5,
            parent=self,
        )
        self.change = QuietButton(
            theme,
            self.tr("Change…"),
            self.tr("Rate one of them again: it plays, and the keys 1 to 9 are for this slider"),
            size_px=11.5,
            parent=self,
        )
        self.keep.clicked.connect(self._on_keep)
        self.change.clicked.connect(self._on_change)
        for column, button in enumerate((self.keep, self.change)):
            layout.addWidget(button, 1, column)
        for button in (*self.buttons, self.keep, self.change):
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.setFixedHeight(HEIGHT // 2)
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(280, HEIGHT)

    def show_tracks(self, pair: tuple[int, int] | None) -> None:
        """Offer these two, or nothing."""
        self._pair = pair
        if pair is None:
            self.hide()
            return
        for button, track_id in zip(self.buttons, pair, strict=True):
            track = self._session.catalogue.track(track_id)
            title = track.title if track is not None else self.tr("a track that is gone")
            value = self._session.rack.rating(track_id, self.slider_id)
            rated = "" if value is None else f" · {number_of(value)}"
            button.setText(title + rated)
            button.setProperty("track_id", track_id)
            button.setEnabled(track is not None)
            button.set_name(
                self.tr("Play {title}").format(title=title),
                self.tr("Play {title}, then keep or change its rating").format(title=title),
            )
        self.show()

    def _on_clicked(self) -> None:
        track_id = self.sender().property("track_id")
        self._session.playback.play([track_id])

    def _on_keep(self) -> None:
        if self._pair is not None:
            self._session.learned.keep_both(self.slider_id, self._pair)
            self._session.message.emit(
                self.tr("Both ratings stay; they are not asked about again."), "info"
            )

    def _on_change(self) -> None:
        """Arm the slider; the one of the two that plays is meant, else the one rated first."""
        if self._pair is None:
            return
        rack, playback = self._session.rack, self._session.playback
        rack.arm(self.slider_id)
        current = playback.current
        track_id = current.id if current is not None and current.id in self._pair else None
        if track_id is None:
            order = list(rack.ratings(self.slider_id))
            track_id = min(self._pair, key=lambda i: order.index(i) if i in order else len(order))
            playback.play([track_id])
        elif not playback.playing:
            playback.toggle()
        track, slider = self._session.catalogue.track(track_id), rack.slider(self.slider_id)
        if track is not None and slider is not None:
            self._session.message.emit(
                self.tr("Rate {title} again on {slider}: 1 to 9, 0 takes it back.").format(
                    title=track.title, slider=slider.name
                ),
                "info",
            )
