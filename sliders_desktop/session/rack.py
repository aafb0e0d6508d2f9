"""The listener's sliders: ratings, what the heads learned of them, and where the handles stand."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.errors import UserError
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.records import Slider
from sliders_desktop.library.store import Store
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.wording import SliderStatus, rating_sentence, slider_status

log = logging.getLogger(__name__)

Array = np.ndarray[Any, Any]
UNDO_DEPTH = 100


@dataclass(frozen=True)
class _Step:
    """What one rating changed: ratings before it, by track."""

    slider_id: int
    before: tuple[tuple[int, float | None], ...]


class Rack(QObject):
    """Signals:
    sliders_changed(), state_changed(int), armed_changed(), handles_changed().
    rated(int, int, object, str): track, slider, value or None, what it did.
    said(str): what the head made of the newest rating.
    """

    sliders_changed = Signal()
    state_changed = Signal(int)
    armed_changed = Signal()
    handles_changed = Signal()
    rated = Signal(int, int, object, str)
    said = Signal(str)

    def __init__(
        self, store: Store, jobs: Jobs, catalogue: Catalogue, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._jobs, self._catalogue = store, jobs, catalogue
        self.sliders: list[Slider] = store.sliders()
        self._armed_id: int | None = self.sliders[0].id if self.sliders else None
        self._ratings: dict[int, dict[int, float]] = {s.id: self._read(s.id) for s in self.sliders}
        self._fitted: dict[int, tasks.FittedSlider] = {}
        self._handles: dict[int, float] = {}
        self._undo: list[_Step] = []
        self._to_tell: int | None = None  # slider whose newest rating is still unexplained
        catalogue.vectors_changed.connect(self._on_vectors_changed)

    def _read(self, slider_id: int) -> dict[int, float]:
        kept = self._store.ratings(slider_id)
        return {r.track_id: r.value for r in kept if r.value is not None}

    # the words

    @property
    def armed(self) -> Slider | None:
        return next((s for s in self.sliders if s.id == self._armed_id), None)

    def slider(self, slider_id: int) -> Slider | None:
        return next((s for s in self.sliders if s.id == slider_id), None)

    def arm(self, slider_id: int) -> None:
        """The keys 1 to 9 rate on this slider from now on."""
        if slider_id != self._armed_id and self.slider(slider_id) is not None:
            self._armed_id = slider_id
            self.armed_changed.emit()

    def arm_step(self, step: int) -> None:
        """Arm the slider ``step`` rows further down, around the end."""
        if self.sliders:
            ids = [s.id for s in self.sliders]
            at = ids.index(self._armed_id) if self._armed_id in ids else -step
            self.arm(ids[(at + step) % len(ids)])

    def create(self, name: str, low: str, high: str) -> Slider:
        """A new word; `UserError` where the name is empty or taken."""
        slider = self._store.create_slider(name, low, high)
        self._ratings[slider.id] = self._read(slider.id)
        self._reload()
        self.arm(slider.id)
        if self._ratings[slider.id]:
            self._fit([slider.id])
        return slider

    def edit(self, slider_id: int, name: str, low: str, high: str) -> None:
        """Other words for the same ratings."""
        self._store.rename_slider(slider_id, name, low, high)
        self._reload()

    def archive(self, slider_id: int) -> None:
        """Put a slider away; its ratings stay, and making it again brings them back."""
        self._store.archive_slider(slider_id)
        self._fitted.pop(slider_id, None)
        if self._handles.pop(slider_id, None) is not None:
            self.handles_changed.emit()
        self._reload()

    def _reload(self) -> None:
        self.sliders = self._store.sliders()
        if self.armed is None:
            self._armed_id = self.sliders[0].id if self.sliders else None
            self.armed_changed.emit()
        self.sliders_changed.emit()

    # ratings

    def rate(
        self, track_ids: Sequence[int], value: float | None, slider_id: int | None = None
    ) -> None:
        """Rate tracks, 0 the low word to 1 the high word; None takes a rating back.

        The rating is on disk when this returns. The same value again changes nothing.
        """
        slider = self.armed if slider_id is None else self.slider(slider_id)
        if slider is None:
            raise UserError("Invent a slider first: its word is what you rate.")
        known = self._ratings[slider.id]
        changed = [i for i in track_ids if known.get(i) != value]
        if not changed:
            return
        self._undo.append(_Step(slider.id, tuple((i, known.get(i)) for i in changed)))
        del self._undo[:-UNDO_DEPTH]
        self._set(slider, [(i, value) for i in changed])

    def undo(self) -> str | None:
        """Take the newest rating back; returns a sentence, or None if there is none."""
        if not self._undo:
            return None
        step = self._undo.pop()
        slider = self.slider(step.slider_id)
        if slider is None:
            return self.undo()
        self._set(slider, step.before)
        count = len(step.before)
        what = "one rating" if count == 1 else f"{count} ratings"
        return f"Took back {what} on {slider.name}."

    def _set(self, slider: Slider, values: Sequence[tuple[int, float | None]]) -> None:
        known = self._ratings[slider.id]
        for track_id, value in values:
            self._store.rate(track_id, slider.id, value)
            if value is None:
                known.pop(track_id, None)
                sentence = f"{slider.name}: taken back"
            else:
                known[track_id] = value
                sentence = f"{slider.name} ← {round(value * 8) + 1}"
            self.rated.emit(track_id, slider.id, value, sentence)
        self._to_tell = slider.id
        self.state_changed.emit(slider.id)
        self._fit([slider.id])

    def rating(self, track_id: int, slider_id: int) -> float | None:
        return self._ratings.get(slider_id, {}).get(track_id)

    # what the heads learned

    def _on_vectors_changed(self) -> None:
        self._fit([s.id for s in self.sliders])

    def _fit(self, slider_ids: list[int]) -> None:
        vectors = self._catalogue.vectors
        if vectors is None or not slider_ids:
            return
        for slider_id in slider_ids:
            self._jobs.start(
                "fit",
                tasks.fit_slider,
                slider_id,
                vectors,
                key=f"head-{slider_id}",
                on_done=self._set_fitted,
            )

    def _set_fitted(self, fitted: "tasks.FittedSlider") -> None:
        slider = self.slider(fitted.slider_id)
        if slider is None:
            return
        was_lit = self.lit(slider.id)
        self._fitted[slider.id] = fitted
        self.state_changed.emit(slider.id)
        if self._to_tell == slider.id:
            self._to_tell = None
            self.said.emit(rating_sentence(slider, self.status(slider.id), was_lit))
        if slider.id in self._handles:
            if not self.lit(slider.id):
                del self._handles[slider.id]  # a word that lost its light no longer pulls
            self.handles_changed.emit()

    def status(self, slider_id: int) -> SliderStatus:
        """What the row says of this slider."""
        values = list(self._ratings.get(slider_id, {}).values())
        slider = self.slider(slider_id)
        name = slider.name if slider else ""
        return slider_status(name, values, self._fitted.get(slider_id))

    def lit(self, slider_id: int) -> bool:
        fitted = self._fitted.get(slider_id)
        return fitted is not None and fitted.state == "lit"

    def lit_sliders(self) -> list[Slider]:
        return [s for s in self.sliders if self.lit(s.id)]

    def percentiles(self, slider_id: int) -> Array | None:
        """Rank of every track on this slider, aligned to `Catalogue.vector_ids`, or None."""
        fitted = self._fitted.get(slider_id)
        if fitted is None or fitted.percentiles is None or fitted.state == "new":
            return None
        ids = self._catalogue.vector_ids
        if fitted.ids is ids or np.array_equal(fitted.ids, ids):
            return fitted.percentiles
        # Vectors have come since; their tracks stand in the middle until the refit a moment later.
        out = np.full(len(ids), 0.5, np.float32)
        _, at, of = np.intersect1d(ids, fitted.ids, assume_unique=True, return_indices=True)
        out[at] = fitted.percentiles[of]
        return out

    def percentile(self, slider_id: int, track_id: int) -> float | None:
        """Rank of one track, 0 to 1; None while the slider is too dark to say."""
        fitted = self._fitted.get(slider_id)
        if fitted is None or fitted.percentiles is None:
            return None
        if fitted.state not in ("dim", "lit", "confused"):
            return None
        at = int(np.searchsorted(fitted.ids, track_id))
        if at >= len(fitted.ids) or fitted.ids[at] != track_id:
            return None
        return float(fitted.percentiles[at])

    def percentiles_by_name(self, name: str) -> tuple[Array, Array] | None:
        """(ids, percentiles) of the slider called so, for searches such as “calm ≥ 80”."""
        slider = next((s for s in self.sliders if s.name.lower() == name.lower()), None)
        fitted = self._fitted.get(slider.id) if slider else None
        if fitted is None or fitted.percentiles is None or fitted.state not in ("dim", "lit"):
            return None
        return fitted.ids, fitted.percentiles

    def histogram(self, slider_id: int) -> Array | None:
        """Heights 0..1 (60,) of the library's distribution on this slider."""
        fitted = self._fitted.get(slider_id)
        return None if fitted is None else fitted.histogram

    def place(self, slider_id: int, percentile: float) -> float:
        """Where a percentile lies on the histogram's axis, 0 to 1."""
        fitted = self._fitted.get(slider_id)
        if fitted is None or fitted.knots is None:
            return percentile
        return float(np.interp(percentile, np.linspace(0, 1, len(fitted.knots)), fitted.knots))

    def percentile_at(self, slider_id: int, x: float) -> float:
        """The percentile at ``x`` on the histogram's axis: the inverse of `place`."""
        fitted = self._fitted.get(slider_id)
        if fitted is None or fitted.knots is None:
            return x
        return float(np.interp(x, fitted.knots, np.linspace(0, 1, len(fitted.knots))))

    @property
    def suggestion(self) -> int | None:
        """The track whose rating would teach the armed slider most."""
        fitted = self._fitted.get(self._armed_id or 0)
        return None if fitted is None else fitted.suggestion

    # the handles

    def handle(self, slider_id: int) -> float | None:
        """Target percentile, 0 to 1; None where the slider does not pull."""
        return self._handles.get(slider_id)

    def set_handle(self, slider_id: int, value: float | None) -> None:
        """Move the handle of a lit slider; None lets go."""
        if value is None:
            if self._handles.pop(slider_id, None) is None:
                return
        elif not self.lit(slider_id):
            return
        else:
            self._handles[slider_id] = min(1.0, max(0.0, value))
        self.handles_changed.emit()

    def steers(self) -> list["tasks.Steer"]:
        """What pulls the radio: the moved handles of lit sliders."""
        out = []
        for slider in self.lit_sliders():
            target, percentiles = self._handles.get(slider.id), self.percentiles(slider.id)
            if target is not None and percentiles is not None:
                out.append(tasks.Steer(slider.name, percentiles, target))
        return out

    def handles_state(self) -> dict[str, float]:
        return {str(k): v for k, v in self._handles.items()}

    def restore(self, armed: Any, handles: Any) -> None:
        """Come back as left."""
        if isinstance(armed, int) and self.slider(armed) is not None:
            self.arm(armed)
        if isinstance(handles, dict):
            self._handles = {int(k): float(v) for k, v in handles.items() if self.slider(int(k))}
