"""The long jobs a listener sees: looking for music, listening to it, the map, learning from it."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from sliders_desktop import tasks
from sliders_desktop.config import Paths, Settings
from sliders_desktop.jobs import Jobs, JobView
from sliders_desktop.library.records import Folder, TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.session.atlas import Atlas
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.teaching import Teaching

log = logging.getLogger(__name__)

TITLES = {
    "demo": "Composing the demo",
    "found": "Looking for music",
    "heard": "Listening to your music",
    "levelled": "Measuring how loud your music is",
    "map": "Drawing the map",
    "taught": "Learning your library",
    "learned": "Learning from your listening",
}
WorkState = Literal["idle", "running", "paused", "done", "failed"]


@dataclass(frozen=True)
class WorkStatus:
    """One visible job; ``sentence`` is what the card says."""

    name: str
    title: str
    state: WorkState
    done: int
    total: int
    text: str
    rate_per_min: float
    eta_s: float | None
    sentence: str


def in_words(seconds: float) -> str:
    """A duration as one says it: “59 min left”."""
    if seconds < 90:
        return "about a minute left" if seconds > 30 else "almost done"
    minutes = round(seconds / 60)
    return f"{minutes} min left" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min left"


class Work(QObject):
    """Starts the long jobs in the order that is useful, one after another.

    Signals:
        changed(str): the job of this name moved; problems_changed(); failed(str): one sentence.
    """

    changed = Signal(str)
    problems_changed = Signal()
    failed = Signal(str)
    names = tuple(TITLES)

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        catalogue: Catalogue,
        paths: Paths,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._jobs, self._catalogue = store, jobs, catalogue
        self._paths, self._settings = paths, settings
        self._views: dict[str, JobView] = {}
        self._sentences: dict[str, str] = {}
        self._covers: dict[int, list[Callable[[int, bytes | None], None]]] = {}
        self.atlas = Atlas(jobs, catalogue, self)
        self.atlas.device = settings.device
        self.atlas.failed.connect(self._on_map_failed)
        self.teaching = Teaching(jobs, catalogue, paths, settings, self)
        self.teaching.changed.connect(self._on_teaching_changed)
        self.teaching.failed.connect(self._on_teaching_failed)
        self.teaching.encoder_changed.connect(self._listen_anew)
        self._listen_again = False
        self._knows_vectors = False
        self._held = False  # the listener cancelled listening: not again until asked
        self._levelling_held = False  # and measuring
        self._levelled = False  # what could be measured was
        self._rows_timer = QTimer(self)
        self._rows_timer.setSingleShot(True)
        self._rows_timer.setInterval(300)
        self._rows_timer.timeout.connect(self._on_new_rows)
        jobs.progressed.connect(self._on_progress)
        catalogue.vectors_changed.connect(self._on_vectors)
        catalogue.tracks_changed.connect(self.listen_if_needed)

    # what the window sees

    def status(self, name: str) -> WorkStatus | None:
        """The job of this name, or None if it has not run yet."""
        view = self._views.get(name)
        if name == "taught" and self.teaching.interrupted and not _failed(view):
            share = self.teaching.begun or 0.0
            sentence = f"interrupted at {100 * share:.0f} %"
            done = round(1000 * share)
            return WorkStatus(name, TITLES[name], "paused", done, 1000, "", 0.0, None, sentence)
        if view is None:
            return None
        states: dict[str, WorkState] = {
            "queued": "running",
            "running": "running",
            "paused": "paused",
            "done": "done",
            "failed": "failed",
            "cancelled": "idle",
        }
        return WorkStatus(
            name,
            TITLES[name],
            states[view.state],
            view.done,
            view.total,
            view.text,
            view.rate_per_min,
            view.eta_s,
            self._sentence(name, view),
        )

    def _sentence(self, name: str, view: JobView) -> str:
        if view.state == "failed":
            return self._sentences.get(name, "It did not work; see the log.")
        if name == "found" and view.done == 0 and view.state == "running":
            return f"{view.total:,} files seen"
        if name == "found" and view.state == "done":
            return self._sentences.get(name, f"{self._catalogue.track_count:,} tracks")
        parts = [f"{view.done:,} of {view.total:,}"] if view.total else []
        if name in ("taught", "learned"):
            parts = [view.text] if view.text else []
        if view.state == "paused":
            parts.append("paused")
        elif view.state == "running":
            if name == "heard" and view.rate_per_min >= 1:
                parts.append(f"{view.rate_per_min:.0f} a minute")
            if view.eta_s is not None and name != "learned":
                parts.append(in_words(view.eta_s))
        return " · ".join(parts)

    def problems(self) -> list[TrackRow]:
        """Files that could not be listened to, with their reason."""
        return [r for r in self._silent() if not r.missing]

    def away(self) -> list[TrackRow]:
        """Tracks whose file or folder can't be reached now."""
        return [r for r in self._silent() if r.missing]

    def _silent(self) -> Iterator[TrackRow]:
        """Those of the rows that can't be played: few, where all rows may be a hundred thousand."""
        found = (self._catalogue.track(int(i)) for i in self._catalogue.away)
        return (row for row in found if row is not None)

    def folders(self) -> list[Folder]:
        return self._store.folders()

    # what the window does

    def add_folder(self, path: str) -> None:
        """Remember a folder and look through it."""
        self._scan([path])

    def remove_folder(self, folder_id: int) -> None:
        """Its tracks stay known, as away."""
        self._store.remove_folder(folder_id)
        self._catalogue.load()

    def rescan(self) -> None:
        if self._store.folders():
            self._scan([])

    def open_demo(self) -> None:
        """Compose the demo library; pieces already there are kept."""
        self._jobs.start(
            "scan",
            tasks.compose_demo,
            self._paths.demo,
            key="demo",
            on_done=self._on_scanned,
            on_failed=self._on_demo_failed,
        )

    def listen(self, first: Sequence[int] = ()) -> None:
        """Embed what has no vector yet, unless that is under way."""
        if self._jobs.job("heard") is not None:
            self._listen_again = True
            return
        self._start_listening(first)

    def _start_listening(self, first: Sequence[int] = ()) -> None:
        self._listen_again = False
        # Whoever listens measures too, and two jobs that decode would only share the cores.
        if (job := self._jobs.job("levelled")) is not None:
            job.cancel()
        self._jobs.start(
            "torch",
            tasks.listen,
            self._paths,
            self._settings.device,
            self._settings.fast,
            tuple(first),
            key="heard",
            on_done=self._on_listened,
            on_failed=self._on_listen_failed,
        )

    def _listen_anew(self) -> None:
        """With the encoder that is chosen now, whoever is listening."""
        self._held = False
        self._start_listening()

    def use(self, settings: Settings) -> None:
        """Other settings, from the next job on."""
        self._settings = settings
        self.atlas.device = settings.device
        self.teaching.use(settings)

    def redraw_map(self) -> None:
        """Draw the map anew from all that has been listened to."""
        self.atlas.redraw()

    def pause(self, name: str) -> None:
        if (job := self._jobs.job(name)) is not None:
            job.pause()

    def resume(self, name: str) -> None:
        if (job := self._jobs.job(name)) is not None:
            job.resume()
        elif name == "heard":
            self._held = False
            self.listen()
        elif name == "levelled":
            self._levelling_held = self._levelled = False
            self._level_if_needed()
        elif name == "taught":
            self.teaching.start()

    def cancel(self, name: str) -> None:
        """Stop a job; one that failed is only put out of sight."""
        if name == "heard":
            self._held = True
        if name == "levelled":
            self._levelling_held = True
        if name == "map":
            self.atlas.hold()
        if _failed(self._views.get(name)):
            del self._views[name]
            self.changed.emit(name)
        if name == "taught":
            self.teaching.put_away()
        elif (job := self._jobs.job(name)) is not None:
            job.cancel()

    def retry(self, ids: Iterable[int]) -> None:
        """Forget what went wrong with these files and try them again."""
        self._store.clear_errors(list(ids))
        self._held = False
        self._catalogue.load()
        self.rescan()
        self.listen()

    def cover(self, track_id: int, deliver: Callable[[int, bytes | None], None]) -> None:
        """Read a track's picture; ``deliver(track_id, picture)`` is called on the main thread."""
        row = self._catalogue.track(track_id)
        if row is None or row.missing:
            deliver(track_id, None)
            return
        waiting = self._covers.setdefault(track_id, [])
        waiting.append(deliver)
        if len(waiting) == 1:
            self._jobs.start(
                "read",
                tasks.read_cover,
                track_id,
                row.path,
                key=f"cover-{track_id}",
                on_done=self._on_cover,
            )

    def start(self) -> None:
        """At the program's start: show the stored map, look for changes, go on listening."""
        self.teaching.refresh()
        if self._settings.watch_folders:
            self.rescan()
        self.listen_if_needed()

    # what the jobs report

    def _scan(self, folders: list[str]) -> None:
        self._jobs.start(
            "scan",
            tasks.scan,
            folders,
            key="found",
            on_done=self._on_scanned,
            on_failed=self._on_scan_failed,
        )

    def _on_progress(self, view: JobView) -> None:
        name = view.key
        if name not in TITLES:
            return
        self._views[name] = view
        if name in ("found", "demo") and not self._rows_timer.isActive():
            self._rows_timer.start()
        if name == "heard" and view.done:
            self._catalogue.load_vectors()
        self.changed.emit(name)

    def _on_new_rows(self) -> None:
        self._catalogue.load_new()

    def listen_if_needed(self) -> None:
        """Start listening when there is something new and nobody stopped it."""
        if self._held or not self._catalogue.vectors_read:
            return
        if self._jobs.job("heard") is not None:
            self._listen_again = True
            return
        vectors = self._catalogue.vectors
        # The one whose vectors are shown waits for another that has not listened to enough yet.
        behind = vectors is not None and vectors.encoder_id != self._store.wanted_encoder()
        playable = [r.id for r in self._catalogue.rows if not r.missing and not r.error]
        if behind or len(np.setdiff1d(playable, self._catalogue.vector_ids)):
            self.listen()
        else:
            self._level_if_needed()

    def _level_if_needed(self) -> None:
        """Measure what was listened to before that was done, once there is nothing better to do."""
        if not self._levelled and not self._levelling_held and self._jobs.job("unmeasured") is None:
            self._jobs.start(
                "read", tasks.unmeasured, key="unmeasured", on_done=self._on_unmeasured
            )

    def _on_unmeasured(self, count: int) -> None:
        busy = any(self._jobs.job(name) is not None for name in ("heard", "levelled"))
        if count and not busy and not self._levelling_held:
            self._jobs.start(
                "level",
                tasks.level,
                key="levelled",
                on_done=self._on_levelled,
                on_failed=self._on_level_failed,
            )

    def _on_levelled(self, result: "tasks.LevelResult") -> None:
        self._levelled = True

    def _on_level_failed(self, sentence: str) -> None:
        self._levelled = True
        self._fail("levelled", sentence)

    def _on_vectors(self) -> None:
        if not self._knows_vectors:
            self._knows_vectors = True
            self.listen_if_needed()

    def close(self) -> None:
        """Look at nothing any more."""
        self._rows_timer.stop()

    def _on_scanned(self, result: "tasks.ScanResult") -> None:
        said = [f"{self._store.track_count():,} tracks"]
        if result.added:
            said.append(f"{len(result.added):,} new")
        if result.moved:
            said.append(f"{len(result.moved):,} moved")
        if result.missing:
            said.append(f"{len(result.missing):,} away")
        self._sentences["found"] = self._sentences["demo"] = " · ".join(said)
        if result.added or result.changed or result.moved or result.missing or result.returned:
            self._catalogue.load()
        self.problems_changed.emit()

    def _on_listened(self, result: "tasks.EmbedResult") -> None:
        self._catalogue.load_vectors(at_once=True)
        self.atlas.update()
        self.teaching.refresh()
        if result.failed:
            self._catalogue.load()
            self.problems_changed.emit()
        self._levelled = False
        if self._listen_again:
            self.listen()
        else:
            self._level_if_needed()

    def _on_scan_failed(self, sentence: str) -> None:
        self._fail("found", sentence)

    def _on_demo_failed(self, sentence: str) -> None:
        self._fail("demo", sentence)

    def _on_listen_failed(self, sentence: str) -> None:
        self._fail("heard", sentence)

    def _on_map_failed(self, sentence: str) -> None:
        self._fail("map", sentence)

    def _on_teaching_failed(self, sentence: str) -> None:
        self._fail("taught", sentence)

    def on_learning_failed(self, sentence: str) -> None:
        """The recommender could not learn."""
        self._fail("learned", sentence)

    def _on_teaching_changed(self) -> None:
        self.changed.emit("taught")

    def _fail(self, name: str, sentence: str) -> None:
        self._sentences[name] = sentence
        self.failed.emit(sentence)
        self.changed.emit(name)

    def _on_cover(self, found: tuple[int, bytes | None]) -> None:
        track_id, picture = found
        for deliver in self._covers.pop(track_id, []):
            deliver(track_id, picture)


def _failed(view: JobView | None) -> bool:
    return view is not None and view.state == "failed"
