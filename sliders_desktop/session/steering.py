"""Where the handles of lit sliders stand, and what they ask of what plays. Main thread."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from sliders_desktop import tasks
from sliders_desktop.library.records import Slider
from sliders_desktop.session.learned import Array, Learned
from sliders_desktop.session.rack import Rack

FOLLOW_MS = 30  # a dragged handle moves sixty times a second; the music follows at half of that


@dataclass(frozen=True)
class Handle:
    """Where a slider pulls to: all shares of its length, 0 to 1."""

    target: float  # percentile
    strength: float = 1.0
    tolerance: float = 0.0  # how far from the target is as good as there
    muted: bool = False  # it stands, but does not pull

    @classmethod
    def from_stored(cls, stored: Any) -> "Handle | None":
        """What JSON kept, a number alone in older libraries; None for anything else."""
        if isinstance(stored, int | float) and not isinstance(stored, bool):
            stored = {"target": stored}
        if not isinstance(stored, dict):
            return None
        known = {f.name for f in fields(cls)}
        try:
            made = cls(**{name: value for name, value in stored.items() if name in known})
            return made.clipped()
        except (TypeError, ValueError):
            return None

    def clipped(self) -> "Handle":
        """With every share between 0 and 1; `ValueError` for what is no number."""
        shares = [float(x) for x in (self.target, self.strength, self.tolerance)]
        if any(x != x for x in shares):
            raise ValueError("not a number")
        target, strength, tolerance = (min(1.0, max(0.0, x)) for x in shares)
        return Handle(target, strength, tolerance, bool(self.muted))


class Steering(QObject):
    """Signals:
    handles_changed(): a handle stands elsewhere, or pulls otherwise.
    pull_changed(): the same for what takes longer to follow: the first move at once, and while
        a handle is dragged one in `FOLLOW_MS`.
    """

    handles_changed = Signal()
    pull_changed = Signal()
    rested = Signal(str)

    def __init__(self, rack: Rack, learned: Learned, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rack, self._learned = rack, learned
        self._handles: dict[int, Handle] = {}
        self._lit: set[int] = set()  # of those, which were lit when last seen
        self._followed: dict[int, object] = {}  # by slider: the fit that was followed last
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(FOLLOW_MS)
        self._pause.timeout.connect(self._on_pause_over)
        self._moved = False  # during the pause
        self.handles_changed.connect(self._on_moved)
        rack.sliders_changed.connect(self._on_sliders_changed)
        learned.state_changed.connect(self._on_state_changed)

    def _on_moved(self) -> None:
        if self._pause.isActive():
            self._moved = True
            return
        self._moved = False
        self._pause.start()
        self.pull_changed.emit()

    def _on_pause_over(self) -> None:
        if self._moved:
            self._on_moved()

    def close(self) -> None:
        """Follow no handle any more."""
        self._pause.stop()

    def _on_sliders_changed(self) -> None:
        kept = {s.id for s in self._rack.sliders}
        if any(i not in kept for i in self._handles):
            self._handles = {i: h for i, h in self._handles.items() if i in kept}
            self.handles_changed.emit()

    def _on_state_changed(self, slider_id: int) -> None:
        """A word that lost its light keeps its handle, which pulls again when it is lit again."""
        fitted = self._learned.fitted(slider_id)
        if slider_id not in self._handles or fitted is None:
            return
        if fitted is self._followed.get(slider_id):  # a rating, whose fit is still to come
            return
        self._followed[slider_id] = fitted
        slider, lit = self._rack.slider(slider_id), self._learned.lit(slider_id)
        if slider is not None and slider_id in self._lit and not lit:
            self.rested.emit(slider.name)
        (self._lit.add if lit else self._lit.discard)(slider_id)
        self._pause.start()  # what a rating taught is seen first, and then followed
        self.handles_changed.emit()

    def handle(self, slider_id: int) -> Handle | None:
        """None where the listener set none, or the slider is dark."""
        return self._handles.get(slider_id) if self._learned.lit(slider_id) else None

    def target(self, slider_id: int) -> float | None:
        """The percentile that a lit slider's handle stands at, 0 to 1; None where it has none."""
        handle = self.handle(slider_id)
        return None if handle is None else handle.target

    def set_target(self, slider_id: int, target: float | None) -> None:
        """Move the handle of a lit slider to this percentile, 0 to 1; None lets go."""
        if target is None:
            self.set_handle(slider_id, None)
        elif self._learned.lit(slider_id):
            known = self._handles.get(slider_id, Handle(target))
            self.set_handle(slider_id, replace(known, target=target))

    def set_handle(self, slider_id: int, handle: Handle | None) -> None:
        """Another target, strength, tolerance or muting for a lit slider; None lets go."""
        if handle is None:
            if self._handles.pop(slider_id, None) is None:
                return
        elif not self._learned.lit(slider_id) or self._handles.get(slider_id) == handle.clipped():
            return
        else:
            self._handles[slider_id] = handle.clipped()
            self._lit.add(slider_id)
        self.handles_changed.emit()

    def handles(self) -> list[tuple[Slider, Handle]]:
        """The handles of lit sliders, muted ones too, in the rack's order."""
        lit = self._learned.lit_sliders()
        return [(s, self._handles[s.id]) for s in lit if s.id in self._handles]

    def mute(self, slider_id: int, muted: bool) -> None:
        """Let a handle stand without pulling, or pull again."""
        handle = self.handle(slider_id)
        if handle is not None:
            self.set_handle(slider_id, replace(handle, muted=muted))

    def mute_all(self, muted: bool) -> None:
        """Every handle at once, those of dark sliders too."""
        self.set_all({i: replace(h, muted=muted) for i, h in self._handles.items()})

    def set_all(self, handles: dict[int, Handle]) -> None:
        """These handles instead of those of now; what follows hears of it once."""
        known = {s.id for s in self._rack.sliders}
        wanted = {i: handle.clipped() for i, handle in handles.items() if i in known}
        if wanted != self._handles:
            self._handles = wanted
            self._lit = {i for i in wanted if self._learned.lit(i)}
            self.handles_changed.emit()

    def steers(self) -> list["tasks.Steer"]:
        """What pulls the radio: the handles of lit sliders that are not muted."""
        out = []
        for slider in self._learned.lit_sliders():
            handle = self._handles.get(slider.id)
            percentiles = self._learned.percentiles(slider.id)
            if handle is not None and not handle.muted and percentiles is not None:
                out.append(
                    tasks.Steer(
                        slider.name,
                        percentiles,
                        handle.target,
                        handle.strength,
                        handle.tolerance,
                        self._learned.certainty(slider.id),
                    )
                )
        return out

    def pulls(self) -> bool:
        """Whether any handle pulls now."""
        return any(steer.weight > 0 for steer in self.steers())

    def fit(self) -> tuple[Array, Array] | None:
        """How well each track fits all handles together, and how sure that is, both 0 to 1.

        Aligned to `Catalogue.vector_ids`; None where nothing pulls.
        """
        return tasks.fit_to(self.steers())

    # kept between two starts

    def state(self) -> dict[str, Any]:
        return {str(slider_id): asdict(handle) for slider_id, handle in self._handles.items()}

    def read(self, stored: Any) -> dict[int, Handle]:
        """What `state` made, of those sliders that there are."""
        if not isinstance(stored, dict):
            return {}
        ids = {str(s.id): s.id for s in self._rack.sliders}
        read = {ids[key]: Handle.from_stored(value) for key, value in stored.items() if key in ids}
        return {slider_id: handle for slider_id, handle in read.items() if handle is not None}

    def restore(self, stored: Any) -> None:
        """Come back as left."""
        self.set_all(self.read(stored))
