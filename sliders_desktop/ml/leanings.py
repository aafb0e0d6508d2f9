"""What pulls wherever the anchors lead: sliders whose handles were moved. Numpy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.guards import Float, Rows

Double = NDArray[np.float64]

PULL = 6.0  # standard deviations of similarity that a slider's whole length is worth
ALL = slice(None)


@dataclass(frozen=True, eq=False)
class Steer:
    """One lit slider whose handle the listener moved."""

    name: str
    percentiles: Float  # (m,) 0..1, in the catalogue's order
    target: float  # 0..1
    weight: float = 1.0  # 0 no pull .. 1 strong
    tolerance: float = 0.0  # how far from the target is as good as there, 0..1
    certainty: Float | None = None  # (m,) 0..1, how much is known of each percentile

    def missed(self, rows: Rows | slice = ALL, target: Double | float | None = None) -> Float:
        """By how much of the slider's length (m,) each track misses what the handle asks for.

        Or another ``target``, one for all or each its own (m,).
        """
        wanted = np.asarray(self.target if target is None else target, np.float32)
        away = np.abs(self.percentiles[rows] - wanted) - np.float32(self.tolerance)
        return np.asarray(np.maximum(away, 0), np.float32)

    def amount(self, rows: Rows | slice = ALL, target: Double | float | None = None) -> Float:
        """Its part (m,) of each track's score, 0 or below, in standard deviations."""
        missed = self.missed(rows, target)
        return np.asarray(-np.float32(PULL * self.weight) * missed, np.float32)


@dataclass(frozen=True)
class Pull:
    """What a slider made of a track."""

    name: str
    percentile: float  # where the track lies on it, 0..1
    amount: float  # its part of the score


@dataclass(frozen=True, eq=False)
class Leanings:
    """All that pulls, whatever is followed."""

    steers: Sequence[Steer] = ()
    familiar: Float | None = None  # (m,) what being familiar or forgotten adds to the score

    @property
    def any(self) -> bool:
        return self.familiar is not None or any(s.weight > 0 for s in self.steers)

    @property
    def active(self) -> list[Steer]:
        return [s for s in self.steers if s.weight > 0]

    def amount(self, rows: Rows | slice = ALL) -> Float | np.float32:
        """What all of them add (m,) to each track's score, in standard deviations."""
        total: Float | np.float32 = np.float32(0)
        for steer in self.active:
            total = total + steer.amount(rows)
        return total if self.familiar is None else total + self.familiar[rows]


def fit_to(steers: Sequence[Steer]) -> tuple[Float, Float] | None:
    """How well each track (m,) fits all handles together, and how sure that is, both 0..1.

    1 is within all tolerances, 0 as far from all targets as can be; stronger handles count more.
    None where nothing pulls.
    """
    active = [s for s in steers if s.weight > 0]
    if not active:
        return None
    missed, sure = np.zeros((2, len(active[0].percentiles)), np.float32)
    worst = 0.0
    for s in active:
        weight = np.float32(s.weight)
        missed += weight * s.missed()
        sure += weight if s.certainty is None else weight * s.certainty
        worst += s.weight * max(max(s.target, 1 - s.target) - s.tolerance, 0.0)
    fit: Float = np.clip(1 - missed / np.float32(max(worst, 1e-6)), 0, 1)
    sure /= np.float32(sum(s.weight for s in active))
    return fit, sure
