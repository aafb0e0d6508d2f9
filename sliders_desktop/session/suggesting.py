"""Which track is offered for rating next: what a head asks for, unless the listener passed it by.

Main thread; another one is found in lane `fit`.
"""

from typing import Any

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.store import Store
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.learned import Learned
from sliders_desktop.session.rack import Rack

QUIET = "quiet_suggestions"  # sliders whose offer the listener closed
REMEMBERED = 50  # tracks passed by, of each slider


class Suggesting(QObject):
    """Signals:
    changed(): another track is offered, or none.
    """

    changed = Signal()

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        catalogue: Catalogue,
        rack: Rack,
        learned: Learned,
        quiet: Any,
        parent: QObject | None = None,
    ) -> None:
        """``quiet`` is what an earlier run kept under `QUIET`."""
        super().__init__(parent)
        self._store, self._jobs, self._catalogue = store, jobs, catalogue
        self._rack, self._learned = rack, learned
        self._quiet = {i for i in quiet if isinstance(i, int)} if isinstance(quiet, list) else set()
        self._passed: dict[int, list[int]] = {}
        self._another: dict[int, tasks.Suggestion] = {}
        learned.state_changed.connect(self._on_state_changed)
        rack.armed_changed.connect(self.changed)

    @property
    def track(self) -> int | None:
        """The track whose rating would teach the armed slider most."""
        armed = self._rack.armed
        if armed is None:
            return None
        if armed.id in self._another:
            return self._another[armed.id].track_id
        suggestion = self._learned.suggestion
        return None if suggestion in self._passed.get(armed.id, ()) else suggestion

    @property
    def why(self) -> str:
        """ "top" or "bottom": where the head places it; "unsure": of it."""
        armed = self._rack.armed
        if armed is None:
            return ""
        if armed.id in self._another:
            return self._another[armed.id].why
        fitted = self._learned.fitted(armed.id)
        return "" if fitted is None else fitted.suggestion_why

    @property
    def offered(self) -> int | None:
        """`track`, while the armed slider is dark and its offer was not closed."""
        armed = self._rack.armed
        if armed is None or armed.id in self._quiet or self._learned.lit(armed.id):
            return None
        return self.track

    def another(self) -> None:
        """Pass this one by; it does not come again soon."""
        armed, track = self._rack.armed, self.track
        if armed is not None and track is not None:
            passed = self._passed.setdefault(armed.id, [])
            passed.append(track)
            del passed[:-REMEMBERED]
            self._find(armed.id)

    def close_offer(self) -> None:
        """Offer nothing more on the armed slider; its menu still does."""
        if self._rack.armed is not None:
            self._quiet.add(self._rack.armed.id)
            self._keep()

    def offer_again(self, slider_id: int) -> None:
        if slider_id in self._quiet:
            self._quiet.discard(slider_id)
            self._keep()

    def _keep(self) -> None:
        self._store.set_setting(f"state.{QUIET}", sorted(self._quiet))
        self.changed.emit()

    def _on_state_changed(self, slider_id: int) -> None:
        """A newer fit asks anew, and is not heard where it asks for what was passed by."""
        self._another.pop(slider_id, None)
        fitted = self._learned.fitted(slider_id)
        if fitted is not None and fitted.suggestion in self._passed.get(slider_id, ()):
            self._find(slider_id)
        self.changed.emit()

    def _find(self, slider_id: int) -> None:
        vectors = self._catalogue.vectors
        if vectors is None:
            return
        self._jobs.start(
            "fit",
            tasks.suggest_another,
            slider_id,
            vectors,
            tuple(self._passed[slider_id]),
            key=f"another-{slider_id}",
            on_done=self._on_found,
        )

    def _on_found(self, found: "tasks.Suggestion") -> None:
        passed = self._passed.get(found.slider_id, [])
        if found.track_id is None and len(passed) > 1:
            del passed[:-1]  # all were passed by: begin again, but not with the newest of them
            self._find(found.slider_id)
            return
        self._another[found.slider_id] = found
        self.changed.emit()
