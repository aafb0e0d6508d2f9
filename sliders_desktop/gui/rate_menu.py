"""Rate one or many tracks on the armed slider: the menu that list, map and lasso bar share."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QWidget

from sliders_desktop.errors import UserError
from sliders_desktop.session.keys import KEYS, value_of

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

#: A head judges its ratings in pairs: many more at once would keep it busy for long.
MOST_AT_ONCE = 500


def rate_tracks(session: "Session", track_ids: Sequence[int], value: float | None) -> None:
    """Rate them on the armed slider, or say why not."""
    if len(track_ids) > MOST_AT_ONCE:
        session.message.emit(
            f"{len(track_ids):,} tracks are too many to rate at once: "
            f"choose {MOST_AT_ONCE:,} at most.",
            "warning",
        )
        return
    try:
        session.rack.rate(track_ids, value)
    except UserError as error:
        session.message.emit(str(error), "warning")


class RateMenu(QMenu):
    """The nine keys with the words at both ends, and the way back; what is rated is ticked."""

    def __init__(self, session: "Session", track_ids: Sequence[int], parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._ids = session, tuple(track_ids)
        rack, armed = session.rack, session.rack.armed
        if armed is None:
            self.setTitle(self.tr("Rate"))
            self.setEnabled(False)
            return
        one = self.tr("Rate this track on {slider}")
        many = self.tr("Rate the chosen tracks on {slider}")
        self.setTitle((one if len(self._ids) == 1 else many).format(slider=armed.name))
        words = {
            1: armed.low_label,
            (KEYS + 1) // 2: self.tr("neither"),
            KEYS: armed.high_label,
        }
        ratings = {rack.rating(i, armed.id) for i in self._ids}
        for number in range(1, KEYS + 1):
            text = "   ".join(t for t in (f"&{number}", words.get(number, "")) if t)
            action = self.addAction(text)
            action.setCheckable(True)
            action.setChecked(ratings == {value_of(number)})
            action.triggered.connect(partial(self._rate, value_of(number)))
        self.addSeparator()
        back = self.tr("Take the rating back") if len(self._ids) == 1 else self.tr("Take them back")
        self.back = self.addAction(back)
        self.back.setEnabled(ratings != {None})
        self.back.triggered.connect(partial(self._rate, None))

    def _rate(self, value: float | None, checked: bool = False) -> None:
        rate_tracks(self._session, self._ids, value)
