"""How familiar each track is: heard often and lately, or not for long. Numpy.

A rough form of the base-level activation of memories in ACT-R (Anderson & Schooler 1991): it grows
with the logarithm of how often a track was heard, and fades with the root of the time since then.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sliders_desktop.ml.guards import Float
from sliders_desktop.ml.ranks import ranked

Double = NDArray[np.float64]

DAY_S = 24 * 3600
HEARD_ONCE = 0.5  # plays that coming into the library is worth
KNOB = 4.0  # standard deviations between the most familiar and the most forgotten, knob at an end


def activation(plays: ArrayLike, last_s: ArrayLike, added_s: ArrayLike, now_s: float) -> Double:
    """How present each track (m,) is; of one never heard, by when it was added."""
    count = np.asarray(plays, np.float64)
    since = np.where(count > 0, last_s, added_s)
    days = np.maximum(now_s - since, 0) / DAY_S
    return np.asarray(np.log(np.maximum(count, HEARD_ONCE)) - 0.5 * np.log1p(days), np.float64)


class Familiarity:
    """Where each track lies between the most forgotten, 0, and the most familiar, 1.

    Built with the catalogue; what was heard since then is told by `heard`. One thread.
    """

    def __init__(
        self, plays: ArrayLike, last_s: ArrayLike, added_s: ArrayLike, now_s: float
    ) -> None:
        self._ascending, self.places = ranked(activation(plays, last_s, added_s, now_s))

    def heard(self, row: int, plays: int, last_s: float, added_s: float, now_s: float) -> None:
        """This track was heard by now so often, and then."""
        if len(self._ascending) > 1:
            present = float(activation(plays, last_s, added_s, now_s))
            below = int(np.searchsorted(self._ascending, present))
            self.places[row] = min(below / (len(self._ascending) - 1), 1.0)

    def amount(self, forgotten: float) -> Float | None:
        """What it adds (m,) to each track's score with the knob there; None where it is all one.

        ``forgotten`` 0 wants the familiar, 1 the forgotten, .5 does not care.
        """
        toward = 2 * min(max(forgotten, 0.0), 1.0) - 1
        if not toward:
            return None
        return np.asarray(np.float32(KNOB * toward) * (np.float32(0.5) - self.places), np.float32)
