"""Slider heads: ridge with exact weighted leave-one-out, and what may be said of it.

Pure numpy in closed form: importing this costs nothing. Lane `fit`; never torch.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sliders_desktop.ml.agreement import APART, disagreement, right
from sliders_desktop.ml.audible import narrowed, widened
from sliders_desktop.ml.gate import (
    CONFIRMING,
    DARK,
    DARK_AUC,
    DARK_P,
    HIGH,
    LOW,
    GateState,
    Missing,
    State,
    look,
    missing,
    permutation_p,
)
from sliders_desktop.ml.products import times
from sliders_desktop.ml.ranks import percentiles
from sliders_desktop.ml.ridge import differ, leave_one_out, posterior, spectrum, weights

__all__ = [
    "GateState",
    "Missing",
    "Prior",
    "SliderHead",
    "missing",
    "percentiles",
    "replay",
    "suggest",
]

Why = Literal["top", "bottom", "unsure"]
WAYS: tuple[Why, Why, Why] = ("bottom", "top", "unsure")

Float = NDArray[np.float32]
Double = NDArray[np.float64]

NEW = 6  # ratings before anything is said
CROWD = 100  # tracks among which it is counted how many are near one
SAME_SOUND, OPPOSITE = 0.9, 0.5  # a contradiction: cosine and difference at least this


@dataclass(frozen=True, eq=False)
class Prior:
    """A head that somebody else's ratings made, from which a shared slider sets out."""

    coef: Float  # (d,)
    intercept: float
    proven: bool = True  # else the receiver's own ratings have to prove the word, as any other


@dataclass(frozen=True, eq=False)
class SliderHead:
    """What one slider has learned from its ratings; immutable, safe to pass between threads."""

    coef_: Float  # (d,)
    intercept_: float
    alpha_: float
    gate_: GateState
    ratings_: int  # n
    missing_: Missing
    pair_accuracy_: float | None  # "right about 78 % of pairs", leave-one-out; None: no pairs yet
    disagreeing: tuple[int, int] | None  # rows of x whose ratings disagree most
    contradicts: bool  # … and they sound nearly the same
    loo_predictions_: Double  # (n,); empty in a head that was loaded
    shared: bool = False  # it set out from somebody else's
    noise_: float = 0.0  # variance of a rating around the prediction
    rated_: Double | None = field(default=None, repr=False)  # √w(x − x̄) (n, d + k)
    mean_: Double | None = field(default=None, repr=False)  # x̄ (d + k,)

    @classmethod
    def fit(
        cls,
        x: ArrayLike,
        y: ArrayLike,
        gate: GateState = DARK,
        seed: int = 0,
        prior: Prior | None = None,
    ) -> "SliderHead":
        """Fit vectors (n, d) and ratings (n,) in 0..1; ``gate`` is the state before this rating.

        Minimises Σ wᵢ(rᵢ − b − xᵢβ)² + α‖β‖² with w = .02 + .98(2r − 1)², so that "neither"
        counts little, and b unpenalised; x are the vectors `widened` by what is audible, so that
        β may lean that way at less cost (as a vector's coefficients it is `coef_`). With
        weighted-centred z = √w(x − x̄), zzᵀ = QΛQᵀ:

            β = zᵀ Q (Λ + α)⁻¹ Qᵀ √w(r − r̄)
            hᵢᵢ = wᵢ/Σw + Σ_k Q²ᵢₖ λₖ/(λₖ + α)
            r̂₋ᵢ = rᵢ − eᵢ/(1 − hᵢᵢ)                       exact (Rifkin & Lippert 2007)

        α = α₀ tr(zzᵀ)/n; α₀ = 1 below 20 ratings, then by weighted leave-one-out error among
        .3, 1, 3 and 10. With a ``prior`` β₀ the penalty is α‖β − β₀‖²: the same problem for what
        the ratings differ from the prior's guesses, so that no rating at all gives the prior, and
        each one pulls more. Three ratings confirm it, if the prior was proven.
        """
        X = np.asarray(x, dtype=np.float64)
        r = np.asarray(y, dtype=np.float64)
        n = r.size
        X = X.reshape(n, -1) if X.ndim != 2 else X
        d = X.shape[1]
        if not n:
            return cls._empty(d, gate, prior)
        w = weights(r)
        start = np.zeros(n) if prior is None else X @ prior.coef + prior.intercept  # (n,)
        left = r - start  # what is left to learn
        wide = widened(X)  # (n, d + k)
        mean, middle = w @ wide / w.sum(), float(w @ left / w.sum())
        root = np.sqrt(w)
        z, t = root[:, None] * (wide - mean), root * (left - middle)  # (n, d + k), (n,)
        if not differ(z, wide):
            z = np.zeros_like(z)  # nothing to learn from but rounding
        q, lam = spectrum(z)
        unit = float(lam.sum()) / n or 1.0
        rest, alpha = leave_one_out(q, lam, t, w, left, unit)
        if n == 1:  # nothing is left to learn from
            rest = np.array([0.5 if prior is None else 0.0])
        loo = start + rest
        beta = narrowed(z.T @ (q @ ((q.T @ t) / (lam + alpha))), d)  # (d,)
        fold = (w @ left - w * left) / np.maximum(w.sum() - w, 1e-300) if n > 1 else rest
        guess = loo - fold
        needs = missing(r)
        auc = right(guess, r, (r <= LOW)[:, None] & (r >= HIGH)[None, :])
        seen = zlib.crc32(np.ascontiguousarray(X, np.float32).tobytes() + r.tobytes())
        fresh = not gate.looks or gate.seen != seen
        apart = r[None, :] - r[:, None] >= APART
        pairs_right = right(guess, r, apart)
        p = permutation_p(wide, r, w, seed) if fresh else gate.p
        alike = right(start, r, apart)
        confirms = prior is not None and prior.proven
        agrees = None if not confirms else 0.5 if alike is None else alike
        judged = look(gate, p, 0.5 if auc is None else auc, needs, n, seen, agrees)
        pair, cosine = disagreement(X, r)
        return cls(
            coef_=(beta if prior is None else beta + prior.coef).astype(np.float32),
            intercept_=middle
            - float(mean[:d] @ beta)
            + (0.0 if prior is None else float(prior.intercept)),
            alpha_=alpha,
            gate_=judged,
            ratings_=n,
            missing_=needs,
            pair_accuracy_=pairs_right,
            disagreeing=pair,
            contradicts=pair is not None
            and cosine >= SAME_SOUND
            and bool(abs(r[pair[0]] - r[pair[1]]) >= OPPOSITE),
            loo_predictions_=loo,
            shared=confirms,
            noise_=float(w @ (loo - r) ** 2 / w.sum()),
            rated_=z,
            mean_=mean,
        )

    @classmethod
    def _empty(cls, d: int, gate: GateState, prior: Prior | None) -> "SliderHead":
        none = np.empty(0)
        shared = prior is not None and prior.proven
        gate = look(gate, 1.0, 0.5, missing([]), 0, 0, 0.5 if shared else None)
        start = prior or Prior(np.zeros(d, np.float32), 0.5)
        coef = np.asarray(start.coef, np.float32)
        return cls(
            coef, start.intercept, 1.0, gate, 0, missing([]), None, None, False, none, shared
        )

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
        """new, listening, dim, lit or confused, as the rack shows it.

        *Confused*: it lost its light, or two tracks that sound nearly the same were rated as
        opposites. *Dim*: better than chance, not yet proven.
        """
        if self.lit:
            return "lit"
        if self.shared:
            agrees = self.gate_.agrees
            against = self.ratings_ >= CONFIRMING and agrees is not None and agrees < 0.5
            return "confused" if against else "dim"
        if self.ratings_ < NEW or self.missing_.low == 3 or self.missing_.high == 3:
            return "new"
        rough = self.p <= DARK_P and self.auc >= DARK_AUC
        if self.contradicts or (self.gate_.was_lit and not rough):
            return "confused"
        return "dim" if rough else "listening"

    def predict(self, X: Float) -> Float:
        """Raw scores (m,) of vectors (m, d); show them through `percentiles` only."""
        return times(np.asarray(X, np.float32), self.coef_) + np.float32(self.intercept_)

    def variance(self, X: Float) -> Float:
        """Posterior variance (m,) of the predictions for vectors (m, d).

        The ridge as a Gaussian process: σ²[(x − x̄)(zᵀz + αI)⁻¹(x − x̄)ᵀ + 1/Σw]; without the
        second term, which is the same for all. Needs a head that was fitted here, not loaded.
        """
        if self.rated_ is None or self.mean_ is None:
            raise ValueError("a loaded head has no variance: fit it again")
        doubt = posterior(self.rated_, self.mean_, self.alpha_)
        return np.float32(self.noise_) * doubt(widened(X))

    def certainty(self, scores: Float, variance: Float) -> Float:
        """How much of each score is knowledge, 0..1 (m,): spread², against spread² and variance.

        ``spread`` is that of the ``scores`` (m,) of the whole library: what differs more from one
        track to the next than the head doubts it.
        """
        spread = np.float32(np.var(scores))
        return np.asarray(spread / np.maximum(spread + variance, np.float32(1e-30)), np.float32)

    def to_state(self) -> dict[str, Any]:
        """What JSON can keep; ``coef_``, ``intercept_`` and ``alpha_`` are stored beside it."""
        return {
            "gate": self.gate_.to_dict(),
            "ratings": self.ratings_,
            "missing": [self.missing_.total, self.missing_.low, self.missing_.high],
            "pair_accuracy": self.pair_accuracy_,
            "disagreeing": list(self.disagreeing) if self.disagreeing else None,
            "contradicts": self.contradicts,
            "noise": self.noise_,
            "shared": self.shared,
        }

    @classmethod
    def from_parts(
        cls, coef: ArrayLike, intercept: float, alpha: float, state: Mapping[str, Any]
    ) -> "SliderHead":
        """The head again, from what the store kept; only `variance` needs a fit."""
        pair = state.get("disagreeing")
        return cls(
            coef_=np.asarray(coef, np.float32),
            intercept_=float(intercept),
            alpha_=float(alpha),
            gate_=GateState.from_dict(state["gate"]),
            ratings_=int(state["ratings"]),
            missing_=Missing(*state["missing"]),
            pair_accuracy_=state.get("pair_accuracy"),
            disagreeing=(int(pair[0]), int(pair[1])) if pair else None,
            contradicts=bool(state.get("contradicts", False)),
            loo_predictions_=np.empty(0),
            shared=bool(state.get("shared", False)),
            noise_=float(state.get("noise", 0.0)),
        )


def replay(x: ArrayLike, ratings: ArrayLike, seed: int = 0) -> list[GateState]:
    """The gate's state after each of ``ratings`` (n,) on vectors (n, d), in the order given.

    The same code the program runs, so that anyone can test the gate from outside.
    """
    X, r = np.asarray(x, np.float64), np.asarray(ratings, np.float64)
    states = [DARK]
    for n in range(1, r.size + 1):
        states.append(SliderHead.fit(X[:n], r[:n], states[-1], seed).gate_)
    return states[1:]


class Suggestion(NamedTuple):
    """A row whose rating would teach much (−1: there is none), and why."""

    row: int
    why: Why


def suggest(
    X: Float,
    head: SliderHead,
    rated_rows: ArrayLike,
    rng: np.random.Generator,
    avoid: ArrayLike = (),
) -> Suggestion:
    """The row of ``X`` (m, d), not among ``rated_rows``, whose rating would teach most.

    A third of the time the predicted top, a third the bottom, a third where the prediction is
    unsure and many other tracks are near (variance × density), among 1,500 random rows. Rows to
    ``avoid`` are those the listener did not want, or cannot play.
    """
    rated = np.asarray(rated_rows, np.intp).ravel()
    free = np.ones(len(X), bool)
    free[rated] = False
    free[np.asarray(avoid, np.intp).ravel()] = False
    rows = np.flatnonzero(free)
    if not rows.size:
        return Suggestion(-1, "unsure")
    if rows.size > 1500:
        rows = np.sort(rng.choice(rows, 1500, replace=False))
    sample = X[rows]
    why: Why = WAYS[int(rng.integers(3))]
    if why != "unsure" and np.any(head.coef_):
        score = head.predict(sample) * (1 if why == "top" else -1)
    else:
        why = "unsure"
        known = widened(np.asarray(X[rated[-200:]], np.float64))
        wide = widened(sample)
        mean = known.mean(0) if rated.size else wide.mean(0, dtype=np.float64)
        unsure = posterior(known - mean, mean, head.alpha_)(wide)
        z = sample - sample.mean(0)
        z /= np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12)
        dense = np.maximum(z @ z[:: max(1, len(z) // CROWD)].T, 0).mean(1)
        score = unsure * dense
    return Suggestion(int(rows[np.argmax(score)]), why)


def surprises(
    X: Float,
    head: SliderHead,
    rated_rows: ArrayLike,
    count: int = 3,
    predicted: Float | None = None,
) -> list[int]:
    """Up to ``count`` rows that the head places highest and that sound least like what was rated.

    Among the top fiftieth of the unrated (twenty at least), those whose greatest cosine to a
    rated track is smallest: finds, where the nearest neighbours would be no news. ``predicted``
    are the scores (m,), if they are known: else all vectors are gone through once more.
    """
    rated = np.asarray(rated_rows, np.intp).ravel()
    scores = np.array(head.predict(X) if predicted is None else predicted)
    scores[rated] = -np.inf
    free = len(X) - np.unique(rated).size
    many = min(free, max(20, free // 50))
    if many < 1:
        return []
    top = np.argpartition(-scores, many - 1)[:many]
    mean = X[:: max(1, len(X) // 5000)].mean(0)
    known, found = X[rated] - mean, X[top] - mean
    for z in (known, found):
        z /= np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12)
    likeness = (found @ known.T).max(1, initial=-1.0)
    return [int(row) for row in top[np.lexsort((top, likeness))][:count]]
