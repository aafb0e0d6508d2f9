"""Short reads for someone who is looking: lane `read`. No torch, no model."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sliders_desktop.audio import files, tags
from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job

Array = np.ndarray[Any, Any]
OVERVIEW_RATE_HZ = 24_000


@dataclass(frozen=True, eq=False)
class Vectors:
    """What the encoder says of the library: x (m, d) float32 of tracks ids (m,) ascending.

    Nobody writes these arrays once they are made.
    """

    encoder_id: int
    ids: Array
    x: Array


def read_rows(store: Store, job: Job = NO_JOB) -> list[TrackRow]:
    """All rows of the table, by id."""
    return store.rows()


def read_vectors(store: Store, job: Job = NO_JOB) -> Vectors | None:
    """The newest encoder's vectors of all tracks it has listened to."""
    encoder_id = store.newest_encoder()
    if encoder_id is None:
        return None
    ids, x = store.vectors(encoder_id)
    return Vectors(encoder_id, ids, x)


def read_cover(
    store: Store, track_id: int, path: str, job: Job = NO_JOB
) -> tuple[int, bytes | None]:
    """The picture in or beside a music file."""
    return track_id, tags.cover(Path(path))


def read_overview(store: Store, track_id: int, path: str, job: Job = NO_JOB) -> tuple[int, Array]:
    """The waveform's outline (400,) uint8; computed once, then kept."""
    known = store.overview(track_id)
    if known is not None:
        return track_id, known
    peaks = files.overview(files.decode(Path(path), OVERVIEW_RATE_HZ))
    job.check()
    store.save_overview(track_id, peaks)
    return track_id, peaks
