"""What the search box and the smart lists find, by all that is known now. Main thread."""

import time
from typing import Any

import numpy as np

from sliders_desktop.library import matching, query
from sliders_desktop.library.matching import Found, Ids
from sliders_desktop.library.query import Condition, Query
from sliders_desktop.library.store import Store
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.learned import Learned
from sliders_desktop.session.rack import Rack
from sliders_desktop.tasks import FittedSlider, why_not

Array = np.ndarray[Any, Any]


class Finder:
    """Reads rules and follows them; also the `matching.Facts` they ask for."""

    def __init__(self, store: Store, catalogue: Catalogue, rack: Rack, learned: Learned) -> None:
        self._store, self._catalogue = store, catalogue
        self._rack, self._learned = rack, learned
        self._aligned: dict[int, tuple[FittedSlider, Ids, Array]] = {}
        self._away: dict[int, tuple[str, str]] | None = None  # deleted or put away: name, how
        rack.sliders_changed.connect(self._on_sliders_changed)

    def _on_sliders_changed(self) -> None:
        self._away = None

    # rules

    def names(self) -> dict[str, int]:
        """Every slider that a rule can name; those in use before others of that name."""
        known = {name: i for i, (name, _) in reversed(self._put_away().items())}
        return known | {s.name: s.id for s in self._rack.sliders}

    def parse(self, text: str) -> Query:
        return query.parse(text, self.names())

    def kept(self, text: str) -> str:
        """A rule to keep: what it says of a slider it goes on saying when that is renamed."""
        return query.kept(text.strip(), self.names())

    def shown(self, rule: str) -> str:
        """A kept rule in words of now."""
        away = {i: name for i, (name, _) in self._put_away().items()}
        return query.shown(rule, away | {s.id: s.name for s in self._rack.sliders})

    def find(self, rule: str) -> Found:
        """Which rows of the catalogue fit."""
        return matching.find(self.parse(rule), self._catalogue.columns, self, time.time())

    # facts

    def percentiles(self, condition: Condition) -> Array | str:
        slider_id = condition.slider_id or 0
        slider = self._rack.slider(slider_id)
        if slider is None:
            name, how = self._put_away().get(slider_id, (condition.name, "gone"))
            return why_not(name, how)
        fitted, ids = self._learned.fitted(slider_id), self._catalogue.columns.ids
        if fitted is None or fitted.state != "lit" or fitted.percentiles is None:
            return why_not(slider.name, fitted.state if fitted is not None else "new")
        known = self._aligned.get(slider_id)
        if known is None or known[0] is not fitted or known[1] is not ids:
            values = matching.aligned(ids, fitted.ids, fitted.percentiles)
            known = self._aligned[slider_id] = (fitted, ids, values)
        return known[2]

    def rated(self, slider_id: int | None) -> Ids:
        ids = [s.id for s in self._rack.sliders] if slider_id is None else [slider_id]
        tracks = {track for i in ids for track in self._rack.ratings(i)}
        return np.fromiter(tracks, np.int64, len(tracks))

    def search(self, words: str) -> Ids:
        return self._store.search(words)

    def _put_away(self) -> dict[int, tuple[str, str]]:
        if self._away is None:
            self._away = {
                s.id: (s.name, how)
                for how, sliders in (
                    ("archived", self._rack.archived()),
                    ("deleted", self._rack.deleted()),
                )
                for s in sliders
            }
        return self._away
