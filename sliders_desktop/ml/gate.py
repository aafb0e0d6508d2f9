"""The gate: when a slider has earned its light, and when it loses it. Pure numpy; lane `fit`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sliders_desktop.ml.ridge import differ, inverse_times

State = Literal["new", "listening", "dim", "lit", "confused"]

LOW, HIGH = 0.4, 0.6  # a rating at or below / at or above is decisive
ENOUGH = 10  # ratings before the gate judges at all
SIDE = 3  # decisive ratings on each side
LOOKS = 3  # ratings in a row that must agree, to light and to darken
LIGHT_P, LIGHT_AUC = 0.015, 0.70
DARK_P, DARK_AUC = 0.10, 0.60
CONFIRMING, CONFIRMED = 3, 0.75  # of a shared slider: ratings at least, pairs ordered alike


@dataclass(frozen=True)
class Missing:
    """How many ratings the gate still needs before it can judge."""

    total: int
    low: int
    high: int

    def __bool__(self) -> bool:
        return bool(self.total or self.low or self.high)


@dataclass(frozen=True)
class GateState:
    """What the gate remembers between two ratings; goes to JSON and back."""

    lit: bool = False
    was_lit: bool = False  # it had its light once
    passes: int = 0  # looks in a row that speak for light
    fails: int = 0  # looks in a row that speak against it
    looks: int = 0  # different sets of ratings judged so far
    ratings: int = 0  # in the newest of them
    most: int = 0  # the most ratings any pass of this run had
    p: float = 1.0  # permutation p of the newest look
    auc: float = 0.5  # leave-one-out AUC of the newest look
    seen: int = 0  # checksum of the newest look: the same ratings again are no new look
    agrees: float | None = None  # of a shared slider: pairs that the other's head orders alike

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "GateState":
        known = {f.name for f in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})


DARK = GateState()  # before the first rating


def missing(y: ArrayLike) -> Missing:
    """What the gate still needs of the ratings ``y`` (n,) in 0..1: "6 of 10 · two more low"."""
    r = np.asarray(y, dtype=np.float64)
    return Missing(
        max(0, ENOUGH - r.size),
        max(0, SIDE - int((r <= LOW).sum())),
        max(0, SIDE - int((r >= HIGH).sum())),
    )


def look(
    before: GateState,
    p: float,
    auc: float,
    needs: Missing,
    n: int,
    seen: int,
    agrees: float | None = None,
) -> GateState:
    """The gate after one more look at ``n`` ratings.

    Lights when ``needs`` is nothing (10 ratings, 3 decisive on each side), p ≤ .015 and AUC ≥ .70
    at three looks in a row, each with more ratings than the one before; darkens when p > .10 or
    AUC < .60 three looks in a row. Correcting a rating may cost the light but cannot earn it, and
    the same ratings again (checksum ``seen``) change nothing: asking twice is no evidence.

    ``agrees`` is given for a slider that somebody else's ratings made: the share of this listener's
    pairs that the other's head, which never saw them, puts in the right order. Its word was proven
    where it comes from; that it means the same here is shown by three ratings of which three pairs
    in four agree. It darkens when the listener neither agrees nor proves another meaning.
    """
    if before.looks and before.seen == seen:
        return before
    good = not needs and p <= LIGHT_P and auc >= LIGHT_AUC
    bad = bool(needs) or p > DARK_P or auc < DARK_AUC
    confirmed = False
    if agrees is not None:
        confirmed = n >= CONFIRMING and agrees >= CONFIRMED
        bad = bad and n >= CONFIRMING and agrees < DARK_AUC
    more = n > before.most or not before.passes
    passes = before.passes + (1 if more else 0) if good else 0
    most = (max(n, before.most) if before.passes else n) if good else 0
    fails = before.fails + 1 if bad else 0
    lit = fails < LOOKS if before.lit else passes >= LOOKS or confirmed
    return GateState(
        lit=lit,
        was_lit=before.was_lit or lit,
        passes=passes if not (before.lit and not lit) else 0,
        fails=fails if lit else 0,
        looks=before.looks + 1,
        ratings=n,
        most=most,
        p=p,
        auc=auc,
        seen=seen,
        agrees=agrees,
    )


def permutation_p(
    x: NDArray[np.float64], r: NDArray[np.float64], w: NDArray[np.float64], seed: int = 0
) -> float:
    """p value of "these ratings have to do with these vectors": x (n, d), ratings and weights (n,).

    a = w(r − r̄_w) are the weighted deviations. Were they a Gaussian process over the tracks with
    covariance G = K_c + αI (K_c the centred kernel, α = tr(K_c)/n), each would be predicted from
    all the others by μᵢ = aᵢ − [G⁻¹a]ᵢ/[G⁻¹]ᵢᵢ (Rasmussen & Williams 2006, eq. 5.12). The
    statistic T = cos(a, μ) is compared with that of 999 permutations of a, in one matmul:
    exact at any n, whatever the vectors and however the ratings are spread.
    """
    if r.size < 3:
        return 1.0
    a = w * (r - w @ r / w.sum())
    z = x - x.mean(0)
    if a @ a < 1e-20 or not differ(z, x):
        return 1.0
    rng = np.random.default_rng([seed, r.size])
    tries = np.vstack([a, rng.permuted(np.tile(a, (999, 1)), axis=1)])  # (1000, n)
    inverse, diagonal = inverse_times(z, float(np.einsum("ij,ij->", z, z)) / r.size, tries)
    inverse /= diagonal
    mu = np.subtract(tries, inverse, out=inverse)
    norm = np.maximum(np.sqrt(np.einsum("ij,ij->i", mu, mu)), 1e-300)
    t = np.einsum("ij,ij->i", tries, mu) / norm
    return float((t[0] <= t + 1e-12).sum() / t.size)  # the true order counts as one of them
