"""What plays next: one dot product, then guards, sliders and variety inside the walk.

Pure numpy; any thread. The query may come from `towers.QueryTower`; without one it is the centroid.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]


@dataclass(frozen=True)
class Catalogue:
    """Every track that can be played next; built once per change of the library.

    ``artist`` and ``album`` are codes, −1 for unknown; ``duration_s`` 0 for unknown.
    """

    ids: NDArray[np.int64]  # (m,)
    x: Float  # (m, d), not copied
    artist: NDArray[np.int32]  # (m,)
    album: NDArray[np.int32]  # (m,)
    duration_s: Float  # (m,)
    mean: Float = field(init=False)  # (d,)
    norms: Float = field(init=False)  # (m,) of x − mean


@dataclass(frozen=True)
class Steer:
    """One lit slider whose handle the listener moved."""

    name: str
    percentiles: Float  # (m,) 0..1, in the catalogue's order
    target: float  # 0..1
    weight: float = 1.0  # 0 no pull .. 1 strong


@dataclass(frozen=True)
class Anchor:
    """A track the radio starts from; ``weight`` < 0 steers away, recency is in its size."""

    track_id: int
    weight: float = 1.0


@dataclass(frozen=True)
class Context:
    """Where the radio stands. Anchors without a vector are passed over."""

    anchors: Sequence[Anchor] = ()
    recent: Sequence[int] = ()  # ids played lately, oldest first
    near_far: float = 0.25  # 0 near .. 1 far


@dataclass(frozen=True)
class Pick:
    """One track to play next, and what decided it."""

    track_id: int
    score: float
    nearest_anchor: int | None  # id of the positive anchor it resembles most
    similarity: float  # cosine to that anchor
    steers: tuple[tuple[str, float], ...] = ()  # (slider, this track's percentile 0..1)
    relaxed: tuple[str, ...] = ()  # guards that had to give way, in order


def next_tracks(
    context: Context,
    catalogue: Catalogue,
    steers: Sequence[Steer],
    n: int,
    rng: np.random.Generator,
    query: Float | None = None,
    exclude: AbstractSet[int] = frozenset(),
) -> list[Pick]:
    """The next ``n`` tracks, best first; fewer only when the library has no more.

    ``query`` (d,) replaces the centroid; ``exclude`` (what is queued already) is never picked.
    """
    raise NotImplementedError


def reason(pick: Pick, title_of: Callable[[int], str]) -> str:
    """One true line: "follows Low Tide · rainy night 91st percentile"."""
    raise NotImplementedError
