"""The music a teaching learns from: which of the library, what it takes, read into small parts.

Music files are only read. Lane `teach`, and `read` for the outlook.
"""

import contextlib
import logging
import os
import shutil
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sliders_desktop.config import Paths
from sliders_desktop.errors import FileUnreadable
from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.ml.features import FEATURES
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.course import Course, Plan

log = logging.getLogger(__name__)

Array = np.ndarray[Any, Any]
SEGMENT_BYTES = FEATURES.frames * FEATURES.columns
SPARE_BYTES = 200_000_000  # left free on the disk at least

# Seconds of one core of 2024: of a track to read, of a held-out one to measure, of a step.
READ_S, MEASURE_S, STEP_S = 0.6, 0.25, 2.0


@dataclass(frozen=True)
class TeachConfig:
    """How much music, how long, and what counts as no worse."""

    most_tracks: int = 2000
    least_tracks: int = 40
    shortest_s: float = 20.0  # of a track
    segments: int = 48  # of a track, from its middle: 98 s, 0.6 MB
    held_share: float = 0.1
    least_held: int = 10
    crowd: int = 200  # tracks, held out and others, among which those held out are looked for
    fall: float = 0.02  # by this share each figure may fall
    epochs: int = 50
    minutes: float = 120.0  # of learning
    part: int = 50  # tracks that a crash while reading costs
    batch: int = 16  # tracks in a step
    lr: float = 5e-5
    options: Mapping[str, Any] = field(default_factory=dict)  # others of `TrainConfig`


STANDARD = TeachConfig()


@dataclass(frozen=True)
class Outlook:
    """What a teaching would take; ``refusal`` is why there can't be one now, or ""."""

    tracks: int
    seconds: float
    bytes: int
    refusal: str


def teaching_outlook(
    store: Store,
    paths: Paths,
    fast: bool = False,
    config: TeachConfig = STANDARD,
    job: Job = NO_JOB,
) -> Outlook:
    """What teaching would take, before it begins."""
    rows = choose(store, config)
    seconds = seconds_of(len(rows), len(held_out(rows, config)), fast, config)
    size = sum(_segments(row, config) for row in rows) * SEGMENT_BYTES
    # A checkpoint is 12 times the weights on disk, and lies there twice while it is replaced.
    size += 24 * paths.encoder.stat().st_size if paths.encoder.exists() else 0
    return Outlook(len(rows), sum(seconds.values()), size, _refusal(len(rows), size, paths, config))


def _refusal(tracks: int, size: int, paths: Paths, config: TeachConfig) -> str:
    if tracks < config.least_tracks:
        return (
            f"Sliders needs at least {config.least_tracks} tracks of {config.shortest_s:.0f} "
            f"seconds or more to learn from, and finds {tracks}: add more music first."
        )
    return no_room(size, paths)


def no_room(size: int, paths: Paths) -> str:
    """Why ``size`` bytes more do not fit below the home, or ""."""
    there = sum(f.stat().st_size for f in paths.teaching.rglob("*") if f.is_file())
    free = shutil.disk_usage(paths.home).free
    wanted = size - there + SPARE_BYTES
    if free >= wanted:
        return ""
    return (
        f"Teaching needs {max(wanted, 0) / 1e9:.1f} GB of room on the disk, and there are "
        f"{free / 1e9:.1f} GB: make room, then try again."
    )


def choose(store: Store, config: TeachConfig) -> list[TrackRow]:
    """Tracks from all folders, artists and albums in turn, long enough, ``most_tracks`` of them."""
    order = store.tracks_in_turns()
    rows = {row.id: row for row in store.rows(order)}
    long_enough = (rows[i] for i in order if rows[i].duration_s >= config.shortest_s)
    return [row for row, _ in zip(long_enough, range(config.most_tracks), strict=False)]


def held_out(rows: Sequence[TrackRow], config: TeachConfig) -> list[int]:
    """Ids of a tenth of the tracks in whole albums; the same albums each time, by their names.

    Siblings of a track that was taught would make the test too easy. Tracks without an album's
    name stand for themselves, and fill up where albums are too large.
    """
    wanted = max(config.least_held, round(config.held_share * len(rows)))
    albums: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows:
        path = Path(row.path)
        name = (str(path.parent), row.album) if row.album else (row.path, "")
        albums[name].append(row.id)
    shuffled = sorted(albums, key=_shuffled)
    held: list[int] = []
    for name in shuffled:
        if len(held) + len(albums[name]) <= 1.2 * wanted and len(held) < wanted:
            held += albums[name]
    taken = set(held)
    for name in shuffled:  # a single album, say
        for track_id in albums[name]:
            if len(held) < wanted and track_id not in taken:
                held.append(track_id)
    return held


def _shuffled(album: tuple[str, str]) -> int:
    """A random number that stays the same when the music moves to another disk."""
    folder, title = album
    return zlib.crc32(f"{Path(folder).name}/{title}".encode("utf-8", "surrogateescape"))


def _segments(row: TrackRow, config: TeachConfig) -> int:
    return min(config.segments, int(row.duration_s / FEATURES.segment_s))


def steps_of(tracks: int, config: TeachConfig) -> int:
    return max(1, config.epochs * tracks // config.batch)


def seconds_of(tracks: int, held: int, fast: bool, config: TeachConfig) -> dict[str, float]:
    """Expected of each stage, on a processor."""
    steps = steps_of(tracks - held, config)
    learning = min(60 * config.minutes, steps * STEP_S / cores_for(fast) ** 0.8)
    check = MEASURE_S * max(held, min(tracks, config.crowd))
    return {
        "reading": READ_S * tracks,
        "measuring": check,
        "learning": learning,
        "checking": check,
    }


def cores_for(fast: bool) -> int:
    """Cores to compute on: all if ``fast``, else half of them."""
    count = os.cpu_count() or 1
    return count if fast else max(1, count // 2)


def read_music(store: Store, plan: Plan, course: Course, config: TeachConfig) -> dict[int, Array]:
    """Compact segments (s, frames, mels) of each track that can be read, by its id."""
    from sliders_desktop.ml.evaluate import QUERY_SEGMENTS
    from sliders_desktop.ml.training_music import SegmentCache, build_cache

    total = len(plan.tracks)
    course.begin("reading", "Reading", total)
    music: dict[int, Array] = {}
    for at in range(0, total, config.part):
        course.base = at
        part = course.folder / f"music-{at:05}"
        cache = None
        with contextlib.suppress(OSError, ValueError, KeyError):  # not there, or half written
            cache = SegmentCache(part)
        if cache is None:
            rows = store.rows(plan.tracks[at : at + config.part])
            shutil.rmtree(part, ignore_errors=True)
            waves = _waves([row for row in rows if not row.missing], config)
            if (first := next(waves, None)) is None:
                continue  # all are away: asked again when it goes on
            cache = build_cache(_chained(first, waves), part, len(rows), course)
        for name, track in zip(cache.names, cache, strict=True):
            if len(track) > QUERY_SEGMENTS:  # else there is nothing to find it by
                music[int(name)] = track
    return music


def _chained(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _waves(rows: Sequence[TrackRow], config: TeachConfig) -> Iterator[tuple[str, Array]]:
    """The middle of each track, with its id as a name."""
    from sliders_desktop.audio import files

    longest = config.segments * FEATURES.segment_s + 0.05  # the last spectrum looks ahead
    for row in rows:
        start_s = max(0.0, (row.duration_s - longest) / 2)
        try:
            wave = files.decode(Path(row.path), FEATURES.rate, longest, start_s, span=row.span)
        except FileUnreadable as error:
            log.info("left out of teaching: %s", error)
        else:
            yield str(row.id), wave
