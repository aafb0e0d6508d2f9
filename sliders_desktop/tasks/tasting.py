"""A taste of a track for somebody whose pointer rests on it: lane `read`."""

from typing import Any

import numpy as np

from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job


def read_taste(
    store: Store, row: TrackRow, rate: int, gain: float, job: Job = NO_JOB
) -> tuple[int, np.ndarray[Any, Any], int]:
    """The id of the track, its most typical 15 seconds (n, 2) float32 at ``rate``, and the rate."""
    from sliders_desktop.audio.taste import taste, typical_start

    start_s = typical_start(store.overview(row.id), row.duration_s)
    return row.id, taste(row.path, rate, start_s, gain, job.check, row.span), rate
