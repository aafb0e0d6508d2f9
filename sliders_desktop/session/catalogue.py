"""The tracks, their vectors and their places on the map, and which of them are in view."""

import re
import time
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.tasks import Vectors

#: What the left column lists: key and title.
SOURCES: tuple[tuple[str, str], ...] = (
    ("all", "All tracks"),
    ("recent", "Recently added"),
    ("never", "Never heard"),
)
RECENT_S = 30 * 24 * 3600
RELOAD_S = 2.0
LARGE = 3000  # rows that are sorted in a lane rather than at once
_CONDITION = re.compile(r"(?P<name>[^<>≤≥=]+?)\s*(?P<sign>>=|<=|≥|≤|>|<)\s*(?P<number>\d{1,3})\s*")

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
        self.row_of: dict[int, int] = {}
        self.vectors: Vectors | None = None
        self.vectors_read = False  # None is the answer, not the lack of one
        self.map_ids = NO_IDS
        self.map_xy = np.empty((0, 2), np.float32)
        self.selection: tuple[int, ...] = ()
        self.filter_ids: np.ndarray[Any, Any] | None = None
        self.filter_text = ""
        self.source = "all"
        self._conditions: Any = None  # asks the rack for percentiles; set by the session
        self._vectors_wanted = False
        self._vectors_loading = False
        self._vectors_timer = QTimer(self)
        self._vectors_timer.setSingleShot(True)
        self._vectors_timer.timeout.connect(self._load_vectors)
        self._counts: dict[str, int] = {}

    def close(self) -> None:
        """Read nothing any more."""
        self._vectors_timer.stop()

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
            rows = self.rows + new
            self._set_rows(tasks.Rows(rows, tasks.sort_orders(rows)))

    def reload_rows(self, ids: set[int]) -> None:
        """Read a few rows again: after a play, an error, a retag."""
        for row in self._store.rows(sorted(ids)):
            at = self.row_of.get(row.id)
            if at is not None and self.rows[at] != row:
                self.rows[at] = row
                self._counts = {}
                self.orders.pop("plays", None)
                self.row_changed.emit(row.id)

    def _set_rows(self, found: "tasks.Rows") -> None:
        rows = self.rows = found.rows
        self.orders = found.orders
        self.ids = np.fromiter((r.id for r in rows), np.int64, len(rows))
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
        chosen = tuple(int(i) for i in ids if int(i) in self.row_of)
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

    def ask_percentiles_of(self, percentiles_by_name: Any) -> None:
        """Give the function that turns a slider's name into (ids, percentiles) or None."""
        self._conditions = percentiles_by_name

    def _apply_filter(self) -> None:
        ids = self._source_ids(self.source)
        text = self.filter_text
        if text and self._conditions is not None:
            text, kept = self._apply_conditions(text)
            if kept is not None:
                ids = kept if ids is None else np.intersect1d(ids, kept)
        if text:
            found = np.sort(self._store.search(text))
            ids = found if ids is None else np.intersect1d(ids, found, assume_unique=True)
        self.filter_ids = ids

    def _apply_conditions(self, text: str) -> tuple[str, np.ndarray[Any, Any] | None]:
        """Take the slider conditions out of ``text``; None where it has none."""
        kept: np.ndarray[Any, Any] | None = None
        for match in list(_CONDITION.finditer(text)):
            known = self._conditions(match["name"].strip(" ,&"))
            if known is None:
                continue
            ids, percentiles = known
            bound = int(match["number"]) / 100
            above = match["sign"] in (">", ">=", "≥")
            hit = ids[percentiles >= bound] if above else ids[percentiles <= bound]
            kept = hit if kept is None else np.intersect1d(kept, hit)
            text = text.replace(match[0], " ")
        return text.strip(), kept

    def _source_ids(self, source: str) -> np.ndarray[Any, Any] | None:
        if source == "recent":
            since = time.time() - RECENT_S
            return np.fromiter((r.id for r in self.rows if r.added_at >= since), np.int64)
        if source == "never":
            return np.fromiter((r.id for r in self.rows if not r.plays), np.int64)
        return None

    def source_counts(self) -> dict[str, int]:
        """How many tracks each of `SOURCES` holds."""
        if not self._counts:
            for key, _ in SOURCES:
                ids = self._source_ids(key)
                self._counts[key] = len(self.rows) if ids is None else len(ids)
        return self._counts
