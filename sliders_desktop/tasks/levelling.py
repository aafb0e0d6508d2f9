"""Measure how loud tracks are that were listened to before that was done: lane `level`.

What the encoder listens to now is measured on the way. Sound libraries are imported where they
are used.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

from sliders_desktop.errors import Cancelled, FileUnreadable
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job

log = logging.getLogger(__name__)

BATCH = 4


@dataclass(frozen=True)
class LevelResult:
    """Tracks ``measured`` in this run; ``failed`` could not be read and stay unknown."""

    measured: int
    failed: int


def unmeasured(store: Store, job: Job = NO_JOB) -> int:
    """How many tracks `level` would measure."""
    return len(store.tracks_without_loudness())


def level(store: Store, job: Job = NO_JOB) -> LevelResult:
    """Measure the tracks of which neither tags nor a measurement say how loud they are.

    Album by album, each few tracks committed. Only decodes; a file that cannot be read is left
    out, since whoever listens to it or plays it says why.
    """
    from sliders_desktop.audio import loudness

    todo = store.tracks_without_loudness()
    places = {row.id: (row.path, row.span) for row in store.rows(todo)}
    failed = 0
    batch: list[tuple[int, float | None, float, bytes]] = []
    job.progress(0, len(todo))
    for done, track_id in enumerate(todo, 1):
        job.check()
        path, span = places[track_id]
        try:
            heard = loudness.of_file(path, job.check, span)
            batch.append((track_id, heard.lufs, heard.peak, heard.blocks))
        except Cancelled:
            raise
        except FileUnreadable as error:
            failed += 1
            log.debug("not measured: %s", error)
        except Exception as error:  # one strange file must not end the job
            failed += 1
            log.info("measuring a file failed: %r", error)
        if len(batch) >= BATCH or done == len(todo):
            store.save_loudness(batch)
            batch = []
        job.progress(done, len(todo), Path(path).name)
    return LevelResult(len(todo) - failed, failed)
