"""“Constellation”: the menu that list, map and card share; of stars also what they count."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from sliders_desktop.gui.star_rows import WEIGHTS

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class ConstellationMenu(QMenu):
    """For these tracks: add them, and of those that are stars turn, weigh and take out.

    Signals:
        new_wanted(): make one of what is chosen.
    """

    new_wanted = Signal()

    def __init__(self, session: "Session", track_ids: Sequence[int], parent: QWidget) -> None:
        super().__init__(parent)
        self._all, self._ids = session.constellations, tuple(track_ids)
        self.setTitle(self.tr("Constellation"))
        one = self._all.open_
        stars = {star.track_id: star.weight for star in one.stars} if one is not None else {}
        mine = [i for i in self._ids if i in stars]
        if one is not None and len(mine) < len(self._ids):
            text = self.tr("Add to {name}\tC").format(name=one.name.replace("&", "&&"))
            self._add(text, partial(self._all.collect, list(self._ids)))
        self._add(self.tr("New constellation…"), self.new_wanted.emit)
        if mine:
            self.addSeparator()
            self._fill(mine, stars)

    def _fill(self, mine: list[int], stars: dict[int, float]) -> None:
        """What can be done with the stars among them."""
        warm = [i for i in mine if stars[i] > 0]
        cold = [i for i in mine if stars[i] < 0]
        if warm:
            self._add(self.tr("Lead away from it\t−"), partial(self._turn, warm))
        if cold:
            self._add(self.tr("Lead there\t+"), partial(self._turn, cold))
        counts = self.addMenu(self.tr("Counts"))
        words = (self.tr("a little"), self.tr("as usual"), self.tr("more"), self.tr("twice"))
        sizes = {abs(stars[i]) for i in mine}
        for weight, word in zip(WEIGHTS, words, strict=True):
            action = counts.addAction(word)
            action.setCheckable(True)
            action.setChecked(sizes == {weight})
            action.triggered.connect(partial(self._weigh, mine, stars, weight))
        self._add(self.tr("Take out\tDel"), partial(self._all.drop, mine))

    def _add(self, text: str, call: object) -> QAction:
        action = self.addAction(text)
        action.triggered.connect(partial(_plain, call))
        return action

    def _turn(self, ids: list[int]) -> None:
        for track_id in ids:
            self._all.turn(track_id)

    def _weigh(
        self, ids: list[int], stars: dict[int, float], weight: float, checked: bool = False
    ) -> None:
        for track_id in ids:
            self._all.set_weight(track_id, weight if stars[track_id] > 0 else -weight)


def _plain(call: object, checked: bool = False) -> None:
    assert callable(call)
    call()
