"""Find tracks by a rule without a window: what is learned is read from the library."""

import time
from typing import Any

import numpy as np

from sliders_desktop.library import matching, query
from sliders_desktop.library.matching import Ids
from sliders_desktop.library.query import Condition
from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.fitting import fit_slider
from sliders_desktop.tasks.reading import Vectors, read_vectors

Array = np.ndarray[Any, Any]


def why_not(name: str, state: str) -> str:
    """Why a slider in this state finds nothing, and what helps."""
    if state == "gone":
        return f"The slider {name} is gone for good: change what is searched for."
    if state in ("archived", "deleted"):
        how = "put away" if state == "archived" else "deleted"
        return f"{name} was {how}: bring it back in All sliders, or search without it."
    if state == "dim":
        return f"{name} is a rough idea yet: it can sort, but not filter. Rate a few more on it."
    return f"{name} is not lit yet: it can't sort or filter. Rate more tracks on it."


class Finder:
    """The library's tracks, and the `matching.Facts` that rules ask for."""

    def __init__(self, store: Store, job: Job = NO_JOB) -> None:
        self._store, self._job = store, job
        self.rows = store.rows()
        self._columns = matching.columns(self.rows)
        self._vectors: Vectors | None = None
        self._learned: dict[int, Array | str] = {}  # vectors are read and heads fitted once
        self._states = {s.id: (s.name, "new") for s in store.sliders()}
        for how, sliders in (("archived", store.archived_sliders()),
                             ("deleted", store.deleted_sliders())):  # fmt: skip
            self._states |= {s.id: (s.name, how) for s in sliders}

    def names(self) -> dict[str, int]:
        """Sliders in use come last, so that theirs is the name where several bear it."""
        return {name: i for i, (name, _) in reversed(self._states.items())}

    def shown(self, rule: str) -> str:
        """A kept rule in words of now."""
        return query.shown(rule, {i: name for i, (name, _) in self._states.items()})

    def find(self, rule: str) -> tuple[list[TrackRow], str]:
        """The tracks that fit, and the sentence that says why it can't be what was meant."""
        parsed = query.parse(rule, self.names())
        found = matching.find(parsed, self._columns, self, time.time())
        return [self.rows[i] for i in np.flatnonzero(found.hit)], found.sentence

    # facts

    def percentiles(self, condition: Condition) -> Array | str:
        slider_id = condition.slider_id or 0
        if slider_id not in self._learned:
            self._learned[slider_id] = self._fit(slider_id, condition.name)
        return self._learned[slider_id]

    def _fit(self, slider_id: int, written: str) -> Array | str:
        name, state = self._states.get(slider_id, (written, "gone"))
        if state != "new":
            return why_not(name, state)
        self._vectors = self._vectors or read_vectors(self._store)
        if self._vectors is None:
            return why_not(name, state)
        fitted = fit_slider(self._store, slider_id, self._vectors, self._job)
        if fitted.state != "lit" or fitted.percentiles is None:
            return why_not(name, fitted.state)
        return matching.aligned(self._columns.ids, fitted.ids, fitted.percentiles)

    def rated(self, slider_id: int | None) -> Ids:
        ids = [s.id for s in self._store.sliders()] if slider_id is None else [slider_id]
        tracks = {r.track_id for i in ids for r in self._store.ratings(i)}
        return np.fromiter(tracks, np.int64, len(tracks))

    def search(self, words: str) -> Ids:
        return self._store.search(words)
