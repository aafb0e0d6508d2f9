"""Handles kept by name: “Sunday morning” is where these sliders stand. Main thread."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from sliders_desktop.errors import UserError
from sliders_desktop.library.records import Preset
from sliders_desktop.library.store import Store
from sliders_desktop.session.learned import Learned
from sliders_desktop.session.rack import Rack
from sliders_desktop.session.steering import Steering

NAME = "name"  # kept with each handle: how its slider was called, should it be gone one day


class Presets(QObject):
    """Signals: changed(): presets came, went or are called otherwise."""

    changed = Signal()

    def __init__(
        self,
        store: Store,
        rack: Rack,
        learned: Learned,
        steering: Steering,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._rack = store, rack
        self._learned, self._steering = learned, steering

    def all(self) -> list[Preset]:
        """By name."""
        return self._store.presets()

    def named(self, name: str) -> Preset | None:
        """The preset called so, whatever its case."""
        wanted = name.strip().casefold()
        return next((p for p in self.all() if p.name.casefold() == wanted), None)

    def stands(self, preset: Preset) -> bool:
        """Whether the handles stand as this preset has them."""
        return self._steering.read(preset.handles) == self._steering.read(self._steering.state())

    def keep(self, name: str) -> None:
        """The handles of now by this name, instead of those that it had; `UserError` without."""
        state = self._steering.state()
        if not state:
            raise UserError("Move a handle first: a preset keeps where the handles stand.")
        for slider in self._rack.sliders:
            if str(slider.id) in state:
                state[str(slider.id)][NAME] = slider.name
        before = self.named(name)
        self._store.save_preset(name, state)
        kept = self.named(name)
        if before is not None:
            what = f"changing the preset {before.name}"
            self._rack.remember(what, self._put_back, before.name, before.handles)
        elif kept is not None:
            self._rack.remember(f"keeping the preset {kept.name}", self._drop, kept.id)
        self.changed.emit()

    def use(self, preset: Preset) -> str:
        """Its handles instead of those of now; a sentence that names those that cannot pull."""
        handles = self._steering.read(preset.handles)
        self._steering.set_all(handles)
        dark = [s.name for s in self._rack.sliders if s.id in handles and not self._lit(s.id)]
        known = {str(slider_id) for slider_id in handles}
        gone = [_name(value) for key, value in preset.handles.items() if key not in known]
        parts = [f"{preset.name}: the handles are set."]
        if dark:
            parts.append(f"{_listed(dark)} will pull once lit.")
        if gone:
            parts.append(f"{_listed(gone)} {'is' if len(gone) == 1 else 'are'} gone.")
        return " ".join(parts)

    def _lit(self, slider_id: int) -> bool:
        return self._learned.lit(slider_id)

    def rename(self, preset: Preset, name: str) -> None:
        """`UserError` where the name is empty or borne by another."""
        other = self.named(name)
        if other is not None and other.id != preset.id:
            raise UserError(f"There is a preset called “{other.name}” already.")
        if other is not None:
            self._store.delete_preset(other.id)  # the same name in other letters
        self._store.save_preset(name, preset.handles)
        if other is None:
            self._store.delete_preset(preset.id)
        renamed = self.named(name)
        if renamed is not None:
            what = f"renaming the preset {preset.name}"
            self._rack.remember(what, self._rename_back, renamed.id, preset)
        self.changed.emit()

    def delete(self, preset: Preset) -> None:
        """Until `Rack.undo`."""
        self._drop(preset.id)
        what = f"deleting the preset {preset.name}"
        self._rack.remember(what, self._put_back, preset.name, preset.handles)

    def _drop(self, preset_id: int) -> None:
        self._store.delete_preset(preset_id)
        self.changed.emit()

    def _put_back(self, name: str, handles: dict[str, Any]) -> None:
        self._store.save_preset(name, handles)
        self.changed.emit()

    def _rename_back(self, preset_id: int, preset: Preset) -> None:
        self._store.delete_preset(preset_id)
        self._put_back(preset.name, preset.handles)


def _name(stored: Any) -> str:
    known = stored.get(NAME) if isinstance(stored, Mapping) else None
    return known if isinstance(known, str) and known else "a slider"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
