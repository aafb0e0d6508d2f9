"""Short reads for someone who is looking: lane `read`. No torch, no model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sliders_desktop.audio.events import Device
from sliders_desktop.library.matching import Columns, columns
from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Vectors:
    """What the encoder says of the library: x (m, d) float32 of tracks ids (m,) ascending.

    Nobody writes these arrays once they are made.
    """

    encoder_id: int
    ids: Array
    x: Array


@dataclass(frozen=True, eq=False)
class Rows:
    """All tracks by id, the ascending order (n,) int64 of each sortable field, and columns."""

    rows: list[TrackRow]
    orders: dict[str, Array]
    columns: Columns
    away: Array  # ids (k,) int64 of those that can't be played now


TEXT_FIELDS = ("title", "artist", "album", "genre")
NUMBER_FIELDS = ("year", "duration_s", "added_at", "plays")
KEY_LENGTH = 32


def read_rows(store: Store, job: Job = NO_JOB) -> Rows:
    """All rows of the table, and how they sort."""
    return sorted_rows(store.rows())


def sorted_rows(rows: list[TrackRow]) -> Rows:
    """``rows`` with what sorting, filtering and playing them takes."""
    return Rows(rows, sort_orders(rows), columns(rows), away_ids(rows))


def away_ids(rows: Sequence[TrackRow]) -> Array:
    """Ids (k,) int64 of tracks whose file is away or could not be read."""
    return np.fromiter((row.id for row in rows if row.missing or row.error), np.int64)


def sort_orders(rows: list[TrackRow]) -> dict[str, Array]:
    """The order of ``rows`` by each field; an artist's albums stay together.

    Texts are sorted as fixed-width arrays: numpy lets other threads run meanwhile, which a
    list's sort does not.
    """
    orders: dict[str, Array] = {}
    keys = {name: _text_keys(rows, name) for name in TEXT_FIELDS}
    for name in TEXT_FIELDS:
        orders[name] = np.argsort(keys[name], kind="stable")
    by_album = orders["album"]
    orders["artist"] = by_album[np.argsort(keys["artist"][by_album], kind="stable")]
    for name in NUMBER_FIELDS:
        column = TrackRow._fields.index(name)
        values = np.fromiter((row[column] for row in rows), np.float64, len(rows))
        orders[name] = np.argsort(values, kind="stable")
    return orders


def _text_keys(rows: list[TrackRow], name: str) -> Array:
    column = TrackRow._fields.index(name)
    texts = [str(row[column]).casefold() for row in rows]
    return np.array(texts, dtype=f"U{KEY_LENGTH}")


def read_vectors(store: Store, job: Job = NO_JOB) -> Vectors | None:
    """The serving encoder's vectors of all tracks it has listened to."""
    encoder_id = store.serving_encoder()
    if encoder_id is None:
        return None
    ids, x = store.vectors(encoder_id)
    return Vectors(encoder_id, ids, x)


def read_loudness(store: Store, job: Job = NO_JOB) -> tuple[Array, Array]:
    """Ids (n,) int64 ascending and LUFS (n,) float32 of all tracks whose loudness is known."""
    found = store.every_loudness()
    return (
        np.fromiter((track_id for track_id, _ in found), np.int64, len(found)),
        np.fromiter((lufs for _, lufs in found), np.float32, len(found)),
    )


def rows_of(wanted: Array, ids: Array) -> Array:
    """Index in the ascending ``ids`` of each of ``wanted``; −1 where it is not there."""
    if not len(ids):
        return np.full(len(wanted), -1)
    at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[at] == wanted, at, -1)


def read_cover(
    store: Store, track_id: int, path: str, job: Job = NO_JOB
) -> tuple[int, bytes | None]:
    """The picture in or beside a music file."""
    from sliders_desktop.audio import tags

    return track_id, tags.cover(Path(path))


def read_outputs(store: Store, job: Job = NO_JOB) -> tuple[Device, ...]:
    """The sound outputs there are now; asking the sound systems can take a while."""
    from sliders_desktop.audio.sinks.devices import devices

    return devices()


def read_overview(store: Store, track_id: int, path: str, job: Job = NO_JOB) -> tuple[int, Array]:
    """The waveform's outline (400,) uint8; computed once, then kept."""
    known = store.overview(track_id)
    if known is not None:
        return track_id, known
    from sliders_desktop.audio.decoding.spans import WHOLE
    from sliders_desktop.audio.excerpts import excerpts
    from sliders_desktop.ml.features import FEATURES, choose_runs

    span = next((row.span for row in store.rows([track_id])), WHOLE)
    # As much as listening hears: of a recording of hours no more than looks here and there.
    _, peaks = excerpts(Path(path), FEATURES.rate, choose_runs, job.check, span=span)
    store.save_overview(track_id, peaks)
    return track_id, peaks
