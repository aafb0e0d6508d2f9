"""What follows from the constellation that is open, found anew as things move. Main thread.

Found in lane `fit`; while the radio follows that constellation it is what the radio chose.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.records import Constellation
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.playback import Playback
from sliders_desktop.session.radio import AHEAD
from sliders_desktop.session.serving import Serving

KEY = "constellation"  # of the job that finds it


class ConstellationPath(QObject):
    """Signals:
    changed(): `picks` or `problem` is another.
    """

    changed = Signal()

    def __init__(
        self,
        jobs: Jobs,
        catalogue: Catalogue,
        serving: Serving,
        playback: Playback,
        steers: Callable[[], Sequence[tasks.Steer]],
        not_artists: Callable[[], frozenset[str]],
        parent: QObject | None = None,
    ) -> None:
        """``steers`` and ``not_artists`` as the `Radio` has them."""
        super().__init__(parent)
        self._jobs, self._catalogue, self._serving = jobs, catalogue, serving
        self._playback, self._steers, self._not_artists = playback, steers, not_artists
        self._one: Constellation | None = None
        self.picks: list[tasks.Recommended] = []  # the next first
        self.problem = ""  # why nothing would follow, in a sentence
        self._again = False  # something moved while it was on its way
        self._heard = False  # it is what the radio chose
        serving.changed.connect(self.refresh)
        catalogue.tracks_changed.connect(self.refresh)
        playback.chosen.connect(self._on_chosen)
        playback.state_changed.connect(self._on_state)

    def follow(self, one: Constellation | None) -> None:
        """This is the one that is open, and how it is now."""
        known = self._one
        self._one = one
        if one is not None and known is not None and one.id == known.id:
            self.refresh()
        else:
            self._show([], "")
            self._refresh_anew()

    def refresh(self) -> None:
        """Find it again; one that is on its way may still arrive."""
        if self._jobs.job(KEY) is not None:
            self._again = True
        else:
            self._refresh_anew()

    def _refresh_anew(self) -> None:
        """The same; what is on its way is for something else."""
        self._again = False
        self._heard = self._is_heard()
        one, serving = self._one, self._serving
        if self._heard or one is None or not one.stars:
            if (job := self._jobs.job(KEY)) is not None:
                job.cancel()
            if not self._heard:
                self._show([], "")
        elif serving.tracks is not None:
            self._jobs.start(
                "fit",
                tasks.next_tracks,
                serving.tracks,
                self._catalogue.rows,
                self._wish(one),
                self._catalogue.away,
                serving.query,
                key=KEY,
                on_done=self._on_found,
                on_failed=self._on_failed,
            )

    def _wish(self, one: Constellation) -> "tasks.Wish":
        return tasks.wish_of(one, self._steers(), self._not_artists())

    def _on_found(self, picks: "list[tasks.Recommended]") -> None:
        self._show(picks, "")
        self._go_on()

    def _on_failed(self, sentence: str) -> None:
        self._show([], sentence)
        self._go_on()

    def _go_on(self) -> None:
        if self._again:
            self._refresh_anew()

    def _is_heard(self) -> bool:
        """Whether the radio finds it: there is one path, not two that are almost alike."""
        playback = self._playback
        followed = self._one is not None and playback.constellation == self._one.id
        return followed and playback.radio and playback.repeat == "off"

    def _on_chosen(self) -> None:
        self._on_state()
        if self._heard:
            self._show(self._playback.picks[:AHEAD], "")

    def _on_state(self) -> None:
        if self._heard != self._is_heard():
            self._refresh_anew()

    def _show(self, picks: "list[tasks.Recommended]", problem: str) -> None:
        if picks != self.picks or problem != self.problem:
            self.picks, self.problem = picks, problem
            self.changed.emit()

    def tracks(
        self,
        one: Constellation,
        on_done: Callable[[list[int]], None],
        on_failed: Callable[[str], None],
    ) -> None:
        """The + stars of any constellation, then what follows from it; at once where it is open."""
        if self._one is not None and one.id == self._one.id and self.picks:
            stars = [star.track_id for star in one.stars if star.weight > 0]
            on_done(list(dict.fromkeys([*stars, *(pick.track_id for pick in self.picks)])))
            return
        self._jobs.start(
            "fit",
            tasks.constellation_tracks,
            self._serving.tracks,
            self._catalogue.rows,
            one,
            self._wish(one),
            self._catalogue.away,
            self._serving.query,
            on_done=on_done,
            on_failed=on_failed,
        )
