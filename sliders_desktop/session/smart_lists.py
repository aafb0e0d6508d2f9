"""Searches kept by name: living lists, and how many tracks each finds now. Main thread."""

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from sliders_desktop.library.records import SmartList
from sliders_desktop.library.store import Store
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.finding import Finder
from sliders_desktop.session.rack import Rack

COUNT_MS = 700
TIME_PASSES_MS = 10 * 60 * 1000  # “not heard for a month” comes true by waiting
SOURCE = "list:"


class SmartLists(QObject):
    """Signals:
    changed(): lists came, went or read otherwise. counted(): they hold other numbers of tracks.
    """

    changed = Signal()
    counted = Signal()

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        rack: Rack,
        finder: Finder,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._catalogue = store, catalogue
        self._rack, self._finder = rack, finder
        self.lists: list[SmartList] = store.smart_lists()
        self.counts: dict[int, int] = {}
        self.problems: dict[int, str] = {}  # why a list can't be what was meant
        self._to_count: list[int] = []
        self._counting = QTimer(self)
        self._counting.setSingleShot(True)
        self._counting.timeout.connect(self._count_one)
        self._passing = QTimer(self)
        self._passing.setInterval(TIME_PASSES_MS)
        self._passing.timeout.connect(self._on_time_passed)
        self._passing.start()
        catalogue.tracks_changed.connect(self.count_soon)
        catalogue.row_changed.connect(self.count_soon)
        self._tell_catalogue()

    def close(self) -> None:
        self._counting.stop()
        self._passing.stop()

    # lists

    def get(self, list_id: int) -> SmartList | None:
        return next((one for one in self.lists if one.id == list_id), None)

    def rule(self, one: SmartList) -> str:
        """Its rule as the listener writes it."""
        return self._finder.shown(one.rule)

    @staticmethod
    def source(list_id: int) -> str:
        """The key under which the catalogue shows it."""
        return f"{SOURCE}{list_id}"

    def of_source(self, key: str) -> SmartList | None:
        """The list shown as this source."""
        number = key.removeprefix(SOURCE)
        return self.get(int(number)) if key.startswith(SOURCE) and number.isdigit() else None

    def ids(self, list_id: int) -> list[int]:
        """The tracks it holds now."""
        one = self.get(list_id)
        if one is None:
            return []
        kept: list[int] = self._catalogue.ids[self._finder.find(one.rule).hit].tolist()
        return kept

    def save(self, name: str, text: str, list_id: int | None = None) -> SmartList:
        """Keep a search by name, or give the list of this id another name and rule.

        Raises `UserError` if the name is empty or borne by another.
        """
        before = None if list_id is None else self.get(list_id)
        saved = self._store.save_smart_list(name, self._finder.kept(text), list_id)
        if before is None:
            self._rack.remember(f"keeping the smart list {name.strip()}", self._drop, saved)
        else:
            self._rack.remember(f"changing the smart list {before.name}", self._put_back, before)
        self.reload()
        one = self.get(saved)
        assert one is not None
        return one

    def delete(self, list_id: int) -> SmartList | None:
        """Undo brings it back; its tracks are not touched."""
        one = self.get(list_id)
        if one is not None:
            self._drop(list_id)
            self._rack.remember(f"deleting the smart list {one.name}", self._put_back, one)
        return one

    def _drop(self, list_id: int) -> None:
        self._store.delete_smart_list(list_id)
        self.reload()

    def _put_back(self, one: SmartList) -> None:
        self._store.save_smart_list(one.name, one.rule, one.id)
        self.reload()

    def reload(self) -> None:
        """Read the lists again."""
        self.lists = self._store.smart_lists()
        known = {one.id for one in self.lists}
        self.counts = {i: n for i, n in self.counts.items() if i in known}
        self.problems = {i: said for i, said in self.problems.items() if i in known}
        self.changed.emit()
        self._tell_catalogue()
        self.count_soon()

    def _tell_catalogue(self) -> None:
        self._catalogue.set_rules({self.source(one.id): one.rule for one in self.lists})

    # counts

    def count_soon(self, *_: object) -> None:
        """What decides who is in a list may be otherwise: count again, a moment later."""
        self._to_count = [one.id for one in self.lists]
        if self._to_count and not self._counting.isActive():
            self._counting.start(COUNT_MS)

    def _count_one(self) -> None:
        """One list at a turn: between two of them the window can move."""
        one = self.get(self._to_count.pop(0)) if self._to_count else None
        if one is not None:
            found = self._finder.find(one.rule)
            counted, problem = int(found.hit.sum()), found.sentence
            if (self.counts.get(one.id), self.problems.get(one.id, "")) != (counted, problem):
                self.counts[one.id], self.problems[one.id] = counted, problem
                self.counted.emit()
        if self._to_count:
            self._counting.start(0)

    def _on_time_passed(self) -> None:
        self.count_soon()
        self._catalogue.refilter_soon()

    # an example

    def example(self) -> str | None:
        """A rule that finds some of this library, but not all; None if there are no tracks."""
        total = self._catalogue.track_count
        for rule in self._examples():
            count = int(self._finder.find(rule).hit.sum())
            if 0 < count < total:
                return rule
        return None

    def _examples(self) -> list[str]:
        names = [s.name for s in self._rack.sliders]
        rules = [f"{name} ≥ 80 and not heard for 6 months" for name in names]
        rules += [f"{name} ≥ 80" for name in names]
        rules += ["not heard for 6 months", "added in the last month", "never heard"]
        columns = self._catalogue.columns
        if len(columns.genre):
            most = int(np.bincount(columns.genre).argmax())
            if columns.genres[most]:
                rules.append(f"genre {columns.genres[most]}")
        rules += ["longer than 4 min", "year ≥ 2000"]
        return rules
