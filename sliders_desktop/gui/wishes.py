"""What keys and menus ask of the session: play, queue, rate what is chosen or what plays."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from sliders_desktop.errors import UserError
from sliders_desktop.gui.centre import Centre
from sliders_desktop.gui.rate_menu import rate_tracks
from sliders_desktop.session.keys import value_of

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class Wishes(QObject):
    """Each method is one wish; the centre knows what is chosen and says what was missing."""

    def __init__(self, session: "Session", centre: Centre) -> None:
        super().__init__(centre)
        self._session, self._centre = session, centre

    def chosen(self) -> list[int]:
        return list(self._session.catalogue.selection)

    # ── playing ─────────────────────────────────────────────────────────────────────────────

    def play_or_pause(self) -> None:
        """Also begins, where nothing plays yet: with what is chosen, else with what is shown."""
        playback = self._session.playback
        if playback.current is not None:
            playback.toggle()
        elif chosen := self.chosen():
            playback.play(chosen)
        elif ids := self._centre.table.model.ids():
            playback.play(ids, 0, "playlist")

    def play_chosen(self) -> None:
        """In the list from the chosen row on, on the map what is chosen."""
        chosen, table = self.chosen(), self._centre.table
        if self._centre.view == "list" and len(chosen) <= 1:
            row = table.view.currentIndex()
            if row.isValid():
                table.play_from(row.row())
        elif chosen:
            self._session.playback.play(chosen)

    def play_chosen_next(self) -> None:
        if chosen := self.chosen():
            self._session.playback.play_next(chosen)
            self._say_queued(len(chosen), self.tr("plays next"), self.tr("play next"))

    def queue_chosen(self) -> None:
        if chosen := self.chosen():
            self._session.playback.enqueue(chosen)
            self._say_queued(len(chosen), self.tr("is queued"), self.tr("are queued"))

    def _say_queued(self, count: int, one: str, many: str) -> None:
        if count == 1:
            track = self._session.catalogue.track(self.chosen()[0])
            self._centre.toast.say(f"{track.title} {one}." if track else "")
        else:
            self._centre.toast.say(self.tr("{n:,} tracks").format(n=count) + f" {many}.")

    def radio_from_chosen(self) -> None:
        current = self._session.playback.current
        self._session.playback.radio_from(self.chosen() or ([current.id] if current else []))

    # ── rating ──────────────────────────────────────────────────────────────────────────────

    def rate(self, number: int) -> None:
        """``number`` 1 to 9 for the playing track on the armed slider."""
        self._rate(value_of(number))

    def unrate(self) -> None:
        self._rate(None)

    def _rate(self, value: float | None) -> None:
        current, rack = self._session.playback.current, self._session.rack
        if rack.armed is None:
            missing = self.tr("Invent a slider first, then rate what plays with 1 to 9.")
            self._say(missing)
        elif current is None:
            self._say(self.tr("Play a track first: the keys rate what plays."))
        else:
            rack.rate([current.id], value)

    def meant(self) -> list[int]:
        """What is chosen, else the track under the pointer on the map."""
        hovered = self._centre.hovered
        return self.chosen() or ([] if hovered is None else [hovered])

    def rate_chosen(self, number: int) -> None:
        """``number`` 1 to 9 for all that is `meant`."""
        self._rate_chosen(value_of(number))

    def unrate_chosen(self) -> None:
        self._rate_chosen(None)

    def _rate_chosen(self, value: float | None) -> None:
        if ids := self.meant():
            rate_tracks(self._session, ids, value)
        else:
            self._say(
                self.tr("Choose tracks first, or point at one on the map: Alt and a digit rate it.")
            )

    def undo(self) -> None:
        self._centre.toast.withdraw(self.undo)
        try:
            sentence = self._session.rack.undo()
        except UserError as error:
            self._session.message.emit(str(error), "warning")
            return
        self._say(sentence or self.tr("There is nothing to undo."))

    def _say(self, sentence: str) -> None:
        """To whoever shows what the session says: the window, and the overlay."""
        self._session.message.emit(sentence, "info")
