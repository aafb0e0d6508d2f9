"""Slider heads: ridge with exact weighted leave-one-out, and what may be said of it.

Pure numpy in closed form: importing this costs nothing. Lane `fit`; never torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sliders_desktop.ml.gate import GateState, Missing, State, missing

__all__ = ["GateState", "Missing", "SliderHead", "missing", "percentiles", "replay", "suggest"]

Float = NDArray[np.float32]


@dataclass(frozen=True)
class SliderHead:
    """What one slider has learned from its ratings; immutable, safe to pass between threads."""

    coef_: Float  # (d,)
    intercept_: float
    alpha_: float
    gate_: GateState
    loo_predictions_: NDArray[np.float64]  # (n,) empty in a head that was loaded
    ratings_: int  # n
    missing_: Missing
    pair_accuracy_: float | None  # "right about 78 % of pairs", leave-one-out; None: no pairs yet
    disagreeing: tuple[int, int] | None  # rows of x whose ratings disagree most

    @classmethod
    def fit(
        cls, x: ArrayLike, y: ArrayLike, gate: GateState = GateState(), seed: int = 0
    ) -> "SliderHead":
        """Fit vectors (n, d) and ratings (n,) in 0..1; ``gate`` is the state before this rating."""
        raise NotImplementedError

    @property
    def lit(self) -> bool:
        return self.gate_.lit

    @property
    def p(self) -> float:
        return self.gate_.p

    @property
    def auc(self) -> float:
        return self.gate_.auc

    @property
    def state(self) -> State:
        raise NotImplementedError

    def predict(self, X: Float) -> Float:
        """Raw scores (m,) of vectors (m, d); show them through `percentiles` only."""
        raise NotImplementedError

    def variance(self, X: Float) -> Float:
        """Posterior variance (m,) of the predictions for vectors (m, d)."""
        raise NotImplementedError

    def to_state(self) -> dict[str, Any]:
        """What JSON can keep; ``coef_``, ``intercept_`` and ``alpha_`` are stored beside it."""
        raise NotImplementedError

    @classmethod
    def from_parts(
        cls, coef: ArrayLike, intercept: float, alpha: float, state: Mapping[str, Any]
    ) -> "SliderHead":
        """The head again, from what the store kept."""
        raise NotImplementedError


def percentiles(scores: ArrayLike) -> Float:
    """Ranks (m,) in 0..1 of ``scores`` (m,): lowest 0, highest 1, ties share their mean."""
    raise NotImplementedError


def replay(x: ArrayLike, ratings: ArrayLike, seed: int = 0) -> list[GateState]:
    """The gate's state after each of ``ratings`` (n,) on vectors (n, d), in the order given."""
    raise NotImplementedError


def suggest(X: Float, head: SliderHead, rated_rows: ArrayLike, rng: np.random.Generator) -> int:
    """Row of ``X`` (m, d), not among ``rated_rows``, whose rating would teach most; −1: none."""
    raise NotImplementedError
