"""The tracks, their vectors and their places on the map, and which of them are in view."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.matching import Columns, Found, Ids, columns
from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.tasks import Vectors

#: What the left column lists: key, title, and the rule that finds it.
SOURCES: tuple[tuple[str, str, str], ...] = (
    ("all", "All tracks", ""),
    ("recent", "Recently added", "added in the last 30 days"),
    ("never", "Never heard", "never heard"),
)
RELOAD_S = 2.0
REFILTER_MS = 500
LARGE = 3000  # rows that are sorted in a lane rather than at once

NO_IDS = np.empty(0, np.int64)


class Catalogue(QObject):
    """One order of rows for everybody.

    Signals:
        tracks_changed(): rows came, went or changed.
        row_changed(int): one row's plays or error changed.
        vectors_changed(), map_changed(), selection_changed(), filter_changed().
    """

    tracks_changed = Signal()
    row_changed = Signal(int)
    vectors_changed = Signal()
    map_changed = Signal()
    selection_changed = Signal()
    filter_changed = Signal()

    def __init__(self, store: Store, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._jobs = jobs
        # An empty library is known at once: the first run shows its page at the first paint.
        self.loaded = store.track_count() == 0
        self.rows: list[TrackRow] = []
        self.orders: dict[str, np.ndarray[Any, Any]] = {}  # rows in the order of each field
        self.ids = NO_IDS
        self.away = NO_IDS  # tracks that can't be played now
        self.row_of: dict[int, int] = {}
        self.columns: Columns = columns(())
        self.vectors: Vectors | None = None
        self.vectors_read = False  # None is the answer, not the lack of one
        self.map_ids = NO_IDS
        self.map_xy = np.empty((0, 2), np.float32)
        self.selection: tuple[int, ...] = ()
        self.filter_ids: np.ndarray[Any, Any] | None = None
        self.filter_text = ""
        self.filter_problem = ""  # why nothing can be found, in a sentence
        self.source = "all"
        # Of a source that holds chosen tracks in an order of its own: which rows, one maybe
        # several times, and their places in it; of all other sources None.
        self.listed: tuple[Ids, Ids] | None = None
        self._lists: dict[str, Callable[[], Ids]] = {}
        self._rules = {key: rule for key, _, rule in SOURCES}
        self._find: Callable[[str], Found] | None = None  # set by the session
        self._vectors_wanted = False
        self._vectors_loading = False
        self._vectors_timer = QTimer(self)
        self._vectors_timer.setSingleShot(True)
        self._vectors_timer.timeout.connect(self._load_vectors)
        self._counts: dict[str, int] = {}
        self._refilter = QTimer(self)
        self._refilter.setSingleShot(True)
        self._refilter.setInterval(REFILTER_MS)
        self._refilter.timeout.connect(self._follow)

    def close(self) -> None:
        """Read nothing any more."""
        self._vectors_timer.stop()
        self._refilter.stop()

    # tracks

    def load(self) -> None:
        """Read all rows again, in a lane."""
        self._jobs.start("read", tasks.read_rows, key="rows", on_done=self._set_rows)

    def load_new(self) -> None:
        """Add the rows a running scan has saved since the last look."""
        if not self.loaded:
            return
        if len(self.rows) > LARGE:
            self.load()
            return
        newest = int(self.ids[-1]) if len(self.ids) else 0
        new = self._store.rows_after(newest)
        if new:
            self._set_rows(tasks.sorted_rows(self.rows + new))

    def reload_rows(self, ids: set[int]) -> None:
        """Read a few rows again: after a play, an error, a retag."""
        for row in self._store.rows(sorted(ids)):
            at = self.row_of.get(row.id)
            if at is not None and self.rows[at] != row:
                self.rows[at] = row
                self.columns.take(at, row)
                self.away = self.away[self.away != row.id]
                if row.missing or row.error:
                    self.away = np.append(self.away, row.id)
                self._counts = {}
                self.orders.pop("plays", None)
                self.row_changed.emit(row.id)
                self.refilter_soon()

    def _set_rows(self, found: "tasks.Rows") -> None:
        rows = self.rows = found.rows
        self.orders, self.columns, self.away = found.orders, found.columns, found.away
        self.ids = found.columns.ids
        self.row_of = {r.id: i for i, r in enumerate(rows)}
        self._counts = {}
        self.loaded = True
        self.selection = tuple(i for i in self.selection if i in self.row_of)
        self._apply_filter()
        self.tracks_changed.emit()

    def track(self, track_id: int) -> TrackRow | None:
        at = self.row_of.get(track_id)
        return None if at is None else self.rows[at]

    @property
    def track_count(self) -> int:
        return len(self.rows)

    @property
    def heard_count(self) -> int:
        """Tracks with vectors."""
        return 0 if self.vectors is None else len(self.vectors.ids)

    # vectors and map

    @property
    def vector_ids(self) -> np.ndarray[Any, Any]:
        return NO_IDS if self.vectors is None else self.vectors.ids

    def vector_row(self, track_id: int) -> int | None:
        """Row of a track in the vector matrix, if it has been listened to."""
        ids = self.vector_ids
        at = int(np.searchsorted(ids, track_id))
        return at if at < len(ids) and ids[at] == track_id else None

    def load_vectors(self, at_once: bool = False) -> None:
        """Read the vectors again soon; many calls in a row become one."""
        self._vectors_wanted = True
        if self._vectors_loading or (self._vectors_timer.isActive() and not at_once):
            return
        # A large library is read less often: the copy must never be the main work.
        wait_s = 0.0 if at_once else RELOAD_S + self.heard_count / 2000
        self._vectors_timer.start(int(wait_s * 1000))

    def _load_vectors(self) -> None:
        self._vectors_wanted, self._vectors_loading = False, True
        self._jobs.start(
            "read",
            tasks.read_vectors,
            key="vectors",
            on_done=self._set_vectors,
            on_failed=self._vectors_failed,
        )

    def _vectors_failed(self, sentence: str) -> None:
        self._vectors_loading = False

    def _set_vectors(self, vectors: Vectors | None) -> None:
        self._vectors_loading = False
        self.vectors, self.vectors_read = vectors, True
        self.vectors_changed.emit()
        if self._vectors_wanted:
            self.load_vectors()

    def set_map(self, points: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]) -> None:
        """Show these places: ids (p,) int64 sorted and xy (p, 2) float32."""
        self.map_ids, self.map_xy = points
        self.map_changed.emit()

    # selection and filter

    def select(self, ids: Any) -> None:
        """Choose tracks; the table, the map and the keys share this choice."""
        chosen = tuple(filter(self.row_of.__contains__, map(int, ids)))
        if chosen != self.selection:
            self.selection = chosen
            self.selection_changed.emit()

    def set_filter(self, text: str) -> None:
        """Search as you type; words and conditions such as “rainy night ≥ 80”."""
        self.filter_text = text.strip()
        self._apply_filter()
        self.filter_changed.emit()

    def set_source(self, key: str) -> None:
        self.source = key
        self._apply_filter()
        self.filter_changed.emit()

    def find_by(self, find: Callable[[str], Found]) -> None:
        """Give the function that says which tracks a rule finds."""
        self._find = find

    def set_rules(self, rules: dict[str, str]) -> None:
        """More sources: rules by key. One that is shown and gone gives way to all tracks."""
        before = self._rules.get(self.source)
        self._rules = {key: rule for key, _, rule in SOURCES} | rules
        self._stay(self._rules.get(self.source) != before)

    def set_lists(self, family: str, lists: Mapping[str, Callable[[], Ids]]) -> None:
        """More sources: by key what gives the tracks of each, in its order.

        All keys of a ``family`` begin with its name; those of before are gone.
        """
        others = {key: one for key, one in self._lists.items() if not key.startswith(family)}
        self._lists = others | dict(lists)
        self._stay(self.source in lists)

    def _stay(self, changed: bool) -> None:
        if self.source not in self._rules and self.source not in self._lists:
            self.set_source("all")
        elif changed:
            self.set_source(self.source)

    def refilter_soon(self) -> None:
        """What decides who is in view may be otherwise: look again, a moment later."""
        if (self.filter_text or self._rules.get(self.source)) and not self._refilter.isActive():
            self._refilter.start()

    def _follow(self) -> None:
        before, problem = self.filter_ids, self.filter_problem
        self._apply_filter()
        same = before is self.filter_ids or (
            before is not None
            and self.filter_ids is not None
            and np.array_equal(before, self.filter_ids)
        )
        if not same or problem != self.filter_problem:
            self.filter_changed.emit()

    def _apply_filter(self) -> None:
        rules = [rule for rule in (self._rules.get(self.source), self.filter_text) if rule]
        self.filter_ids, self.filter_problem = None, ""
        self.listed = self._list_shown()
        if self.listed is None and (self._find is None or not rules):
            return
        found = Found(np.ones(len(self.ids), np.bool_))
        if self.listed is not None:
            found = Found(np.zeros(len(self.ids), np.bool_))
            found.hit[self.listed[0]] = True
        if self._find is not None:
            for rule in rules:
                found &= self._find(rule)
        if self.listed is not None:
            rows, places = self.listed
            kept = found.hit[rows]
            self.listed = rows[kept], places[kept]
        self.filter_problem = found.sentence
        self.filter_ids = None if found.hit.all() and not found.sentence else self.ids[found.hit]

    def _list_shown(self) -> tuple[Ids, Ids] | None:
        """Rows and places of the list that is the source; tracks that no row is of are left out."""
        tracks = self._lists.get(self.source)
        if tracks is None:
            return None
        ids = tracks()
        rows = np.minimum(np.searchsorted(self.ids, ids), max(0, len(self.ids) - 1))
        known = self.ids[rows] == ids if len(self.ids) else np.zeros(len(ids), np.bool_)
        return rows[known], np.flatnonzero(known)

    def source_counts(self) -> dict[str, int]:
        """How many tracks each of `SOURCES` holds."""
        if not self._counts and self._find is not None:
            for key, _, rule in SOURCES:
                self._counts[key] = int(self._find(rule).hit.sum())
        return self._counts
