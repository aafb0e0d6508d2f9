"""Where the handles of lit sliders stand, and handles kept by name. Main thread."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.library.records import Preset
from sliders_desktop.library.store import Store
from sliders_desktop.session.learned import Learned
from sliders_desktop.session.rack import Rack


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
    handles_changed(): what pulls is other than before. presets_changed().
    """

    handles_changed = Signal()
    presets_changed = Signal()

    def __init__(
        self, store: Store, rack: Rack, learned: Learned, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._rack, self._learned = store, rack, learned
        self._handles: dict[int, Handle] = {}
        rack.sliders_changed.connect(self._on_sliders_changed)
        learned.state_changed.connect(self._on_state_changed)

    def _on_sliders_changed(self) -> None:
        kept = {s.id for s in self._rack.sliders}
        if any(i not in kept for i in self._handles):
            self._handles = {i: h for i, h in self._handles.items() if i in kept}
            self.handles_changed.emit()

    def _on_state_changed(self, slider_id: int) -> None:
        """A word that lost its light keeps its handle, which pulls again when it is lit again."""
        if slider_id in self._handles and self._learned.fitted(slider_id) is not None:
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
                        slider.name, percentiles, handle.target, handle.strength, handle.tolerance
                    )
                )
        return out

    # presets

    def presets(self) -> list[Preset]:
        return self._store.presets()

    def save_preset(self, name: str) -> None:
        """Keep the handles of now by name; `UserError` without one."""
        self._store.save_preset(name, self.state())
        self.presets_changed.emit()

    def use_preset(self, preset: Preset) -> None:
        """Its handles instead of those of now; words that are gone or dark are passed over."""
        self._handles = self._known(preset.handles)
        self.handles_changed.emit()

    def delete_preset(self, preset_id: int) -> None:
        self._store.delete_preset(preset_id)
        self.presets_changed.emit()

    # kept between two starts

    def state(self) -> dict[str, Any]:
        return {str(slider_id): asdict(handle) for slider_id, handle in self._handles.items()}

    def restore(self, stored: Any) -> None:
        """Come back as left."""
        if isinstance(stored, dict):
            self._handles = self._known(stored)

    def _known(self, stored: dict[str, Any]) -> dict[int, Handle]:
        ids = {str(s.id): s.id for s in self._rack.sliders}
        read = {ids[key]: Handle.from_stored(value) for key, value in stored.items() if key in ids}
        return {slider_id: handle for slider_id, handle in read.items() if handle is not None}
