"""The library as the recommender sees it: lane `fit`. Numpy alone."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.familiarity import Familiarity
from sliders_desktop.ml.places import Packed
from sliders_desktop.ml.query import Query
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.reading import Array, Vectors

LARGE = 20_000  # tracks, from which on their vectors are packed


def build_catalogue(
    store: Store,
    vectors: Vectors,
    rows: Sequence[TrackRow],
    query: Query | None = None,
    job: Job = NO_JOB,
) -> Catalogue:
    """What can be played next, once per change of the library or of what was learned of it."""
    by_id = {row.id: row for row in rows}
    known = [by_id.get(int(i)) for i in vectors.ids]
    artists = [r.artist.casefold() if r else "" for r in known]
    artist = codes(artists)
    heard = [(r.plays, r.last_played_at, r.added_at) if r else (0, 0, 0) for r in known]
    plays, last, added = np.array(heard, np.int64).reshape(-1, 3).T
    catalogue = Catalogue(
        vectors.ids,
        places(vectors.x, None if query is None else query.project),
        artist,
        codes([f"{r.album}\0{r.artist}" if r and r.album else "" for r in known]),
        np.array([r.duration_s if r else 0.0 for r in known], np.float32),
        dict(zip(artists, artist.tolist(), strict=True)),
        Familiarity(plays, last, added, time.time()),
    )
    if query is None or query.state == "listening":
        return catalogue
    return replace(catalogue, standing=query.standing(catalogue, job))


def places(x: NDArray[np.float32], place: Callable[[Array], Array] | None) -> Array | Packed:
    """The vectors x (m, d) where they are few, else packed."""
    if len(x) >= LARGE:
        return Packed(x, place)
    return x if place is None else place(x)


def codes(names: Sequence[str]) -> Array:
    """A number for each different name; −1 for none."""
    numbers: dict[str, int] = {"": -1}
    return np.fromiter(
        (numbers.setdefault(name, len(numbers)) for name in names), np.int32, len(names)
    )
