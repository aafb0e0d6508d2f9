"""Many anchors as the few that the recommender can follow: lane `fit`."""

from collections.abc import Sequence

import numpy as np

from sliders_desktop.library.store import Store
from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.recommender import MOST_ANCHORS
from sliders_desktop.ml.representatives import MOST, representatives
from sliders_desktop.progress import NO_JOB, Job

Anchors = tuple[tuple[int, float], ...]  # track ids with weights, below 0 against


def few(catalogue: Catalogue, anchors: Sequence[tuple[int, float]]) -> Anchors:
    """``anchors`` as they are, or where they are too many those that stand for all of them.

    In the order given; those without a vector have no part then.
    """
    if len(anchors) <= MOST_ANCHORS:
        return tuple(anchors)
    weights = dict(anchors)
    rows = catalogue.rows_of(weights)
    ids = catalogue.ids[rows]
    at, kept = representatives(
        catalogue.unit(rows),
        np.array([weights[i] for i in ids.tolist()], np.float32),
        MOST_ANCHORS,
    )
    return tuple(zip(ids[at].tolist(), kept.tolist(), strict=True))


def seeds(store: Store, catalogue: Catalogue, ids: Sequence[int], job: Job = NO_JOB) -> Anchors:
    """Of a selection, a list or a region of any size what the radio sets out from.

    They weigh 1 on the average.
    """
    found = few(catalogue, [(i, 1.0) for i in ids[:: max(1, len(ids) // MOST)]])
    mean = sum(weight for _, weight in found) / max(len(found), 1)
    return tuple((i, weight / mean) for i, weight in found)
