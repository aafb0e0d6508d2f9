"""The gate: when a slider has earned its light, and when it loses it. Pure numpy; lane `fit`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

State = Literal["new", "listening", "dim", "lit", "confused"]

LOW, HIGH = 0.4, 0.6  # a rating at or below / at or above is decisive
ENOUGH = 10  # ratings before the gate judges at all
SIDE = 3  # decisive ratings on each side
LOOKS = 3  # ratings in a row that must agree, to light and to darken
LIGHT_P, LIGHT_AUC = 0.02, 0.70
DARK_P, DARK_AUC = 0.10, 0.60


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

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "GateState":
        known = {f.name for f in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})


def missing(y: ArrayLike) -> Missing:
    """What the gate still needs of the ratings ``y`` (n,) in 0..1: "6 of 10 · two more low"."""
    r = np.asarray(y, dtype=np.float64)
    return Missing(
        max(0, ENOUGH - r.size),
        max(0, SIDE - int((r <= LOW).sum())),
        max(0, SIDE - int((r >= HIGH).sum())),
    )
