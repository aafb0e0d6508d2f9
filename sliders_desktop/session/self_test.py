"""Test yourself: five tracks nobody rated, guesses kept hidden until all have been rated.

Main thread; the tracks are chosen in lane `fit`. The ratings are real ones, saved as given.
"""

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.session.learned import Learned
from sliders_desktop.session.rack import Rack

TESTED = ("dim", "lit", "confused")  # states in which there is something to test


class SelfTesting(QObject):
    """One test at a time.

    Signals:
        chosen(): `test` is there. refused(str): there can't be one, and why.
        changed(): one of its tracks was rated, or a rating taken back.
        revealed(): all five are rated; `result` is there.
    """

    chosen = Signal()
    refused = Signal(str)
    changed = Signal()
    revealed = Signal()

    def __init__(
        self, jobs: Jobs, rack: Rack, learned: Learned, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._rack, self._learned = jobs, rack, learned
        self.test: tasks.SelfTest | None = None
        #: The five ratings as they were when the last came, once they are revealed.
        self.result: tuple[float, ...] | None = None
        rack.ratings_changed.connect(self._on_ratings_changed)

    def begin(self, slider_id: int) -> None:
        """Choose five tracks, others after each new rating."""
        self.end()
        fitted = self._learned.fitted(slider_id)
        if fitted is None or fitted.percentiles is None or fitted.state not in TESTED:
            self.refused.emit(self.tr("This slider does not know enough yet to be tested."))
            return
        self._jobs.start(
            "fit",
            tasks.choose_test,
            slider_id,
            fitted.ids,
            fitted.percentiles,
            fitted.ratings,
            key="self-test",
            on_done=self._on_chosen,
            on_failed=self.refused.emit,
        )

    def _on_chosen(self, test: "tasks.SelfTest") -> None:
        self.test = test
        self._learned.hide(test.slider_id, test.tracks)
        self.chosen.emit()

    def ratings(self) -> tuple[float | None, ...]:
        """What each of the five has been rated."""
        test = self.test
        if test is None:
            return ()
        return tuple(self._rack.rating(i, test.slider_id) for i in test.tracks)

    def rate(self, at: int, value: float | None) -> None:
        """Rate the test's track number ``at``, or take its rating back."""
        if self.test is not None and self.result is None:
            self._rack.rate([self.test.tracks[at]], value, self.test.slider_id)

    def _on_ratings_changed(self, slider_id: int) -> None:
        test = self.test
        if test is None or slider_id != test.slider_id or self.result is not None:
            return
        self.changed.emit()
        given = [value for value in self.ratings() if value is not None]
        if len(given) == len(test.tracks):
            self.result = tuple(given)
            self._learned.hide(test.slider_id)
            self.revealed.emit()

    def score(self) -> tuple[int, int]:
        """Pairs the guesses had in the right order, of how many."""
        if self.test is None or self.result is None:
            return 0, 0
        return tasks.pairs_right(self.test.predicted, self.result)

    def end(self) -> None:
        """Left, finished or not: the ratings stay, and nothing is hidden any more."""
        if (job := self._jobs.job("self-test")) is not None:
            job.cancel()
        if self.test is not None and self.result is None:
            self._learned.hide(self.test.slider_id)
        self.test = self.result = None
