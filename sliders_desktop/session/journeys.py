"""A journey from one track to another: asked for, found in lane `fit`, and asked for anew.

Main thread. One at a time; while one is looked at, the map draws it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.learned import Learned
from sliders_desktop.session.serving import Serving

KEY = "journey"  # of the job that finds it


class Journeys(QObject):
    """Signals:
    found(): `picks` or `problem` is another.
    """

    found = Signal()

    def __init__(
        self,
        jobs: Jobs,
        catalogue: Catalogue,
        learned: Learned,
        serving: Serving,
        not_artists: Callable[[], frozenset[str]],
        parent: QObject | None = None,
    ) -> None:
        """``not_artists`` as the `Radio` has it."""
        super().__init__(parent)
        self._jobs, self._catalogue, self._learned = jobs, catalogue, learned
        self._serving, self._not_artists = serving, not_artists
        self.wish: tasks.JourneyWish | None = None  # that of now
        self.picks: list[tasks.Recommended] = []
        self.problem = ""  # why there is none, in a sentence

    def along(self, slider_id: int, name: str) -> "tasks.Steer | None":
        """What leads a journey along a slider, as long as that is lit."""
        percentiles = self._learned.percentiles(slider_id)
        if percentiles is None or not self._learned.lit(slider_id):
            return None
        certainty = self._learned.certainty(slider_id)
        return tasks.Steer(name, percentiles, 0.5, 1.0, 0.0, certainty)

    def ask(self, wish: "tasks.JourneyWish") -> None:
        """Find this one; what is on its way for another is dropped."""
        self.wish = replace(wish, not_artists=self._not_artists())
        if self._serving.tracks is None:
            self._show([], "Journeys begin as soon as Sliders has listened to your music.")
            return
        self._jobs.start(
            "fit",
            tasks.journey,
            self._serving.tracks,
            self._catalogue.rows,
            self.wish,
            self._catalogue.away,
            key=KEY,
            on_done=self._on_found,
            on_failed=self._on_failed,
        )

    def again(self) -> None:
        """Another good way between the same two."""
        if self.wish is not None:
            self.ask(replace(self.wish, seed=self.wish.seed + 1))

    def leave(self) -> None:
        """It is looked at no more."""
        if (job := self._jobs.job(KEY)) is not None:
            job.cancel()
        self.wish = None
        self._show([], "")

    def _on_found(self, picks: "Sequence[tasks.Recommended]") -> None:
        self._show(list(picks), "")

    def _on_failed(self, sentence: str) -> None:
        self._show([], sentence)

    def _show(self, picks: "list[tasks.Recommended]", problem: str) -> None:
        if picks != self.picks or problem != self.problem:
            self.picks, self.problem = picks, problem
            self.found.emit()
