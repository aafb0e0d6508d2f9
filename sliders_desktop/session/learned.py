"""What the heads learned of the rack's words: states, figures, and every track's place.

Main thread; the fits run in lane `fit`, one for each slider whose ratings or vectors changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.records import Slider
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.new_ears import NewEars
from sliders_desktop.session.rack import Rack
from sliders_desktop.session.wording import SliderStatus, rating_sentence, slider_status, why_lost

Array = np.ndarray[Any, Any]
DOUBT_AFTER_MS = 400


class Learned(QObject):
    """Signals:
    state_changed(int): a slider's state, figures or scores are others.
    said(str): what the head made of the newest rating, or another encoder of all words.
    said_of_many(str): the same of many ratings at once.
    kindled(int): a rating lit this slider.
    certainty_changed(int): how sure a slider is of each track; it follows the scores.
    """

    state_changed = Signal(int)
    said = Signal(str)
    said_of_many = Signal(str)
    kindled = Signal(int)
    certainty_changed = Signal(int)

    def __init__(
        self, jobs: Jobs, catalogue: Catalogue, rack: Rack, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._catalogue, self._rack = jobs, catalogue, rack
        self._fitted: dict[int, tasks.FittedSlider] = {}
        self._to_tell: int | None = None  # slider whose newest rating is still unexplained
        self._many: tuple[int, str] | None = None  # the slider of many at once, and their words
        self._hidden: tuple[int, frozenset[int]] = (0, frozenset())
        self._encoder_id: int | None = None
        self._new_ears: NewEars | None = None
        self._to_doubt: set[int] = set()
        self._doubting = QTimer(self)
        self._doubting.setSingleShot(True)
        self._doubting.setInterval(DOUBT_AFTER_MS)
        self._doubting.timeout.connect(self._ask_doubt)
        rack.rated_many.connect(self._on_rated_many)
        rack.ratings_changed.connect(self._on_ratings_changed)
        rack.sliders_changed.connect(self._on_sliders_changed)
        catalogue.vectors_changed.connect(self._on_vectors_changed)

    def close(self) -> None:
        """Ask nothing any more."""
        self._doubting.stop()

    # fits

    def _on_rated_many(self, slider_id: int, words: str) -> None:
        self._many = (slider_id, words)

    def _on_ratings_changed(self, slider_id: int) -> None:
        self._to_tell = slider_id
        doubt = self._jobs.job(f"doubt-{slider_id}")
        if doubt is not None:
            doubt.cancel()
        self._fit([slider_id])  # first of all: what follows paints
        self.state_changed.emit(slider_id)

    def _on_sliders_changed(self) -> None:
        kept = {s.id for s in self._rack.sliders}
        self._fitted = {i: fitted for i, fitted in self._fitted.items() if i in kept}

    def _on_vectors_changed(self) -> None:
        vectors = self._catalogue.vectors
        if vectors is not None and vectors.encoder_id != self._encoder_id:
            if self._encoder_id is not None:
                self._new_ears = NewEars({i: f.state for i, f in self._fitted.items()})
            self._encoder_id = vectors.encoder_id
        self._fit([s.id for s in self._rack.sliders])

    def _fit(self, slider_ids: Sequence[int]) -> None:
        vectors = self._catalogue.vectors
        if vectors is None:
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
        slider = self._rack.slider(fitted.slider_id)
        if slider is None:
            return
        was_lit, before = self.lit(slider.id), self._fitted.get(slider.id)
        if fitted.certainty is None and before is not None and before.ids is fitted.ids:
            # Until the new one is there; one rating changes little.
            fitted = replace(fitted, certainty=before.certainty)
        self._fitted[slider.id] = fitted
        self.state_changed.emit(slider.id)
        self._to_doubt.add(slider.id)
        self._doubting.start()
        if self._to_tell == slider.id:
            self._to_tell = None
            self._tell(slider, fitted, was_lit)
        if self._new_ears is not None:
            sentence = self._new_ears.judged(slider.id, self._name_and_status)
            if sentence is not None:
                self._new_ears = None
                if sentence:
                    self.said.emit(sentence)

    def _ask_doubt(self) -> None:
        """How sure each is of each track, in a lane of its own, once no rating has come lately.

        It takes the memory's whole width for a while, which a fit needs, too.
        """
        vectors, asked = self._catalogue.vectors, self._to_doubt
        self._to_doubt = set()
        for slider_id in asked:
            fitted = self._fitted.get(slider_id)
            if fitted is None or vectors is None or vectors.ids is not fitted.ids:
                continue
            if fitted.state in ("dim", "lit"):
                key = f"doubt-{slider_id}"
                self._jobs.start(
                    "doubt", tasks.doubt, fitted, vectors, key=key, on_done=self._set_certainty
                )

    def _set_certainty(self, fitted: "tasks.FittedSlider") -> None:
        now = self._fitted.get(fitted.slider_id)
        if now is not None and now.head is fitted.head:
            self._fitted[fitted.slider_id] = fitted
            self.certainty_changed.emit(fitted.slider_id)

    def _tell(self, slider: Slider, fitted: "tasks.FittedSlider", was_lit: bool) -> None:
        """Say what the newest rating did, or the newest ratings."""
        many, self._many = self._many, None
        lost = ""
        if was_lit and not self.lit(slider.id):
            pair = [self._catalogue.track(i) for i in fitted.disagreeing or ()]
            titles = [track.title for track in pair if track is not None]
            lost = why_lost(list(self._rack.ratings(slider.id).values()), fitted, titles)
        sentence = rating_sentence(slider, self.status(slider.id), was_lit, lost)
        if many is not None and many[0] == slider.id:
            self.said_of_many.emit(f"{many[1]} · {sentence}")
        else:
            self.said.emit(sentence)
        if self.lit(slider.id) and not was_lit:
            self.kindled.emit(slider.id)

    def _name_and_status(self, slider_id: int) -> tuple[str, SliderStatus] | None:
        slider = self._rack.slider(slider_id)
        return None if slider is None else (slider.name, self.status(slider_id))

    def keep_both(self, slider_id: int, pair: tuple[int, int]) -> None:
        """The two ratings that disagree stay as they are, and are not asked about again."""
        self._jobs.start("fit", tasks.settle, slider_id, pair, key=f"settle-{slider_id}")
        self._fit([slider_id])

    def hide(self, slider_id: int, track_ids: Iterable[int] = ()) -> None:
        """Keep to itself where these tracks stand: the listener tests it. No tracks: tell all."""
        before, self._hidden = self._hidden, (slider_id, frozenset(track_ids))
        for changed in {before[0], slider_id} - {0}:
            self.state_changed.emit(changed)

    # states

    def fitted(self, slider_id: int) -> "tasks.FittedSlider | None":
        """Everything the newest fit found."""
        return self._fitted.get(slider_id)

    def status(self, slider_id: int) -> SliderStatus:
        """What the row says of this slider."""
        values = list(self._rack.ratings(slider_id).values())
        slider = self._rack.slider(slider_id)
        name = slider.name if slider else ""
        return slider_status(name, values, self._fitted.get(slider_id))

    def lit(self, slider_id: int) -> bool:
        fitted = self._fitted.get(slider_id)
        return fitted is not None and fitted.state == "lit"

    def lit_sliders(self) -> list[Slider]:
        return [s for s in self._rack.sliders if self.lit(s.id)]

    @property
    def suggestion(self) -> int | None:
        """The track whose rating would teach the armed slider most."""
        armed = self._rack.armed
        fitted = self._fitted.get(armed.id) if armed else None
        return None if fitted is None else fitted.suggestion

    # scores

    def percentiles(self, slider_id: int) -> Array | None:
        """Rank of every track on this slider, aligned to `Catalogue.vector_ids`, or None."""
        fitted = self._fitted.get(slider_id)
        if fitted is None or fitted.percentiles is None or fitted.state == "new":
            return None
        return self._aligned(fitted.ids, fitted.percentiles)

    def certainty(self, slider_id: int) -> Array | None:
        """How much of each percentile is knowledge, 0 to 1, aligned likewise; None if unknown."""
        fitted = self._fitted.get(slider_id)
        if fitted is None or fitted.certainty is None:
            return None
        return self._aligned(fitted.ids, fitted.certainty)

    def _aligned(self, of: Array, values: Array) -> Array:
        """``values`` of the tracks ``of`` in the order of `Catalogue.vector_ids`."""
        ids = self._catalogue.vector_ids
        if of is ids or np.array_equal(of, ids):
            return values
        # Vectors have come since; their tracks stand in the middle until the refit a moment later.
        out = np.full(len(ids), 0.5, np.float32)
        _, at, came = np.intersect1d(ids, of, assume_unique=True, return_indices=True)
        out[at] = values[came]
        return out

    def percentile(self, slider_id: int, track_id: int) -> float | None:
        """Rank of one track, 0 to 1; None while the slider is too dark to say."""
        fitted = self._fitted.get(slider_id)
        if fitted is None or fitted.percentiles is None:
            return None
        if self._hidden[0] == slider_id and track_id in self._hidden[1]:
            return None
        if fitted.state not in ("dim", "lit", "confused"):
            return None
        at = int(np.searchsorted(fitted.ids, track_id))
        if at >= len(fitted.ids) or fitted.ids[at] != track_id:
            return None
        return float(fitted.percentiles[at])

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
