"""How the recommender stands, when it learns by itself, and forgetting. Main thread."""

import time
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from sliders_desktop import tasks
from sliders_desktop.config import Paths
from sliders_desktop.jobs import Jobs, JobView
from sliders_desktop.library.records import Play
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.playback import Playback
from sliders_desktop.session.playlists import Playlists
from sliders_desktop.session.serving import Serving

JOB = "learned"
ENOUGH = 20  # new plays to the end that are worth a round
EVERY_S = 3600.0  # no more often than that
REST_MS = 60_000  # after a change, or while something else computes
BUSY = ("taught", "heard", "map")  # jobs beside which it does not learn


class Recommending(QObject):
    """Signals:
    changed(): `state`, `sentence` or `learning` is another.
    forgotten(): nothing is known any more of what was played.
    said(str): one quiet sentence; failed(str): one sentence.
    """

    changed = Signal()
    forgotten = Signal()
    said = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        jobs: Jobs,
        catalogue: Catalogue,
        playlists: Playlists,
        playback: Playback,
        serving: Serving,
        paths: Paths,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs, self._catalogue, self._playlists = jobs, catalogue, playlists
        self._playback, self._serving, self._paths = playback, serving, paths
        self._plays = 0  # to the end, since what was learned was read
        self._tried_at = 0.0  # UTC seconds, in this session
        self._forgetting = False  # until the rows show it
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.timeout.connect(self._learn_if_due)
        serving.learned_changed.connect(self._on_learned_changed)
        playlists.changed.connect(self._look_soon)
        playback.saved.connect(self._on_saved)
        catalogue.tracks_changed.connect(self._on_tracks_changed)
        jobs.progressed.connect(self._on_progress)

    # how it stands

    @property
    def query(self) -> Any:
        """What leads, or None: the centroid."""
        return self._serving.query

    @property
    def state(self) -> str:
        """ "listening", "queries good" or "moving"; see `ml.query`."""
        learned = self._serving.learned
        query = None if learned is None else learned.query
        return "listening" if query is None else str(query.state)

    @property
    def learning(self) -> bool:
        """A round is under way, or waits for its turn."""
        return self._jobs.job(JOB) is not None

    @property
    def sentence(self) -> str:
        """What that means, when it learned last, and from how much."""
        return tasks.told_of(self._serving.learned, time.time())

    # learning

    def learn_now(self) -> None:
        """Begin a round, unless one is under way."""
        vectors = self._catalogue.vectors
        if self.learning or vectors is None or not len(vectors.ids):
            return
        self._tried_at = time.time()
        self._jobs.start(
            *("teach", tasks.learn, self._paths, vectors, self._catalogue.rows),
            key=JOB, on_done=self._on_round, on_failed=self._on_failed,
        )  # fmt: skip
        self.changed.emit()

    def due_in_s(self) -> float | None:
        """How long until a round is worth while by what is new; None: nothing is."""
        learned = self._serving.learned
        if learned is None or self._catalogue.vectors is None:
            return None
        last = learned.last
        plays = learned.plays + self._plays - (0 if last is None else last.plays)
        lists = "" if last is None else last.lists
        if plays < ENOUGH and tasks.lists_mark(self._playlists.lists) == lists:
            return None
        before = max(self._tried_at, 0 if last is None else last.at)
        return max(0.0, before + EVERY_S - time.time())

    def _look_soon(self) -> None:
        if not self._look.isActive():
            self._look.start(REST_MS)

    def _learn_if_due(self) -> None:
        due = self.due_in_s()
        if due is None or self.learning:
            return
        if due > 0:
            self._look.start(round(1000 * due) + 1)
        elif any(self._jobs.job(key) is not None for key in BUSY):
            self._look_soon()
        else:
            self.learn_now()

    def _on_saved(self, play: Play) -> None:
        self._plays += play.outcome == "finished"
        if self.due_in_s() is not None:
            self._look_soon()

    def _on_learned_changed(self) -> None:
        self._plays = 0
        if self.due_in_s() is not None:
            self._look_soon()
        self.changed.emit()

    def _on_round(self, learned: "tasks.Learned") -> None:
        self._serving.take(learned)
        if learned.last is not None and learned.last.better:
            self.said.emit("Sliders learned from your listening: Up next follows it from now on.")

    def _on_failed(self, sentence: str) -> None:
        self.failed.emit(sentence)
        self.changed.emit()

    def _on_progress(self, view: JobView) -> None:
        if view.key == JOB and view.state in ("done", "failed", "cancelled"):
            self.changed.emit()

    # forgetting

    def forget(self) -> None:
        """Forget for good what was played and what was learned from it, everywhere here."""
        if (job := self._jobs.job(JOB)) is not None:
            job.cancel()
        self._look.stop()
        self._playback.forget_listening()
        self._jobs.start(
            *("read", tasks.forget_listening, self._paths),
            key="forget-listening", on_done=self._on_forgotten, on_failed=self._on_not_forgotten,
        )  # fmt: skip

    def _on_forgotten(self, _: None) -> None:
        self._after_forgetting()
        self.said.emit("Your listening is forgotten, and what was learned from it.")

    def _on_not_forgotten(self, sentence: str) -> None:
        self._after_forgetting()
        self.failed.emit(sentence)

    def _after_forgetting(self) -> None:
        self._playback.save()
        self._forgetting = True
        self._catalogue.load()
        self._serving.read_again()
        self.forgotten.emit()

    def _on_tracks_changed(self) -> None:
        if self._forgetting:
            self._forgetting = False
            self._playback.refresh_radio()  # its reasons are others

    def close(self) -> None:
        self._look.stop()
