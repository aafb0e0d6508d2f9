"""Turn music into vectors, and make the model that does: lane `torch`.

Sound libraries and torch are imported where they are used.
"""

import logging
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sliders_desktop.errors import FileUnreadable, UserError
from sliders_desktop.library import scanner
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job

log = logging.getLogger(__name__)

Array = np.ndarray[Any, Any]
BATCH = 4
LEAST_TO_HOLD_OUT = 40


@dataclass(frozen=True)
class EmbedResult:
    """``embedded`` tracks got vectors in this run, ``failed`` could not be listened to."""

    encoder_id: int
    embedded: int
    failed: int


@dataclass(frozen=True)
class FolderVectors:
    """``vectors`` (n, d) of ``paths`` (n,); ``segments`` (m, d) of track ``segment_track`` (m,)."""

    paths: list[str]
    vectors: Array
    segments: Array
    segment_track: Array
    model: str
    failed: list[tuple[str, str]]


def embed(
    store: Store,
    weights: Path,
    device: str = "auto",
    fast: bool = False,
    first: Sequence[int] = (),
    job: Job = NO_JOB,
) -> EmbedResult:
    """Listen to every track that has no vector yet; ``first`` are asked for now.

    Each few tracks are committed, so that a crash loses seconds. A file that can't be decoded is
    remembered with its reason and stops nothing.
    """
    encoder = load_encoder(weights, device)
    encoder_id = store.use_encoder(encoder.id, weights.stem, encoder.dim)
    done = failed = 0
    batch: list[tuple[int, Array, int]] = []
    seen: set[int] = set()
    while todo := [i for i in store.tracks_without_vectors(encoder_id) if i not in seen]:
        early = set(first)
        todo = [i for i in todo if i in early] + [i for i in todo if i not in early]
        seen.update(todo)
        paths = {row.id: row.path for row in store.rows(todo)}
        heard = store.vector_count(encoder_id)
        total = heard + len(todo)
        for track_id, heard_track in _heard(todo, paths, _workers(fast)):
            job.check()
            heard += 1
            if isinstance(heard_track, str):
                failed += 1
                store.set_error(track_id, heard_track)
            else:
                mels, overview = heard_track
                segments, vector = encoder.embed(mels)
                batch.append((track_id, vector, len(segments)))
                store.save_overview(track_id, overview)
                done += 1
            if len(batch) >= BATCH:
                store.save_embeddings(encoder_id, batch)
                batch = []
            job.progress(heard, total, Path(paths[track_id]).name)
        store.save_embeddings(encoder_id, batch)
        batch = []
    return EmbedResult(encoder_id, done, failed)


def _heard(
    ids: Sequence[int], paths: dict[int, str], workers: int
) -> Iterator[tuple[int, tuple[Array, Array] | str]]:
    """Segments and overview of each track, or why there are none; some files are read ahead."""
    pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
    ahead: deque[tuple[int, Future[tuple[Array, Array]]]] = deque()
    coming = iter(ids)
    try:
        while True:
            while len(ahead) <= workers and (track_id := next(coming, None)) is not None:
                ahead.append((track_id, pool.submit(_features, paths[track_id])))
            if not ahead:
                return
            track_id, future = ahead.popleft()
            try:
                yield track_id, future.result()
            except FileUnreadable as error:
                yield track_id, str(error)
            except Exception as error:
                log.info("listening to a file failed: %r", error)
                yield track_id, f"This file could not be listened to: {error}"
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _features(path: str) -> tuple[Array, Array]:
    from sliders_desktop.audio import files
    from sliders_desktop.ml import features

    wave = files.decode(Path(path), features.FEATURES.rate)
    return features.segments(wave), files.overview(wave)


def load_encoder(weights: Path, device: str) -> Any:
    """The encoder in ``weights``; `UserError` if it is missing or does not fit."""
    from sliders_desktop.ml.encoder import Encoder, pick_device
    from sliders_desktop.ml.threads import use_cores

    # One track is too small a piece of work to share: a second core spent waiting for the first
    # made the Transformer five times slower beside other work. The cores go to decoding instead.
    use_cores(1)
    if not weights.exists():
        raise UserError(f"The encoder's weights are missing: {weights.name} was not found.")
    return Encoder.load(weights, pick_device(device))


def _workers(fast: bool) -> int:
    """Threads that decode: every core if ``fast``, else half of them."""
    cores = os.cpu_count() or 1
    return cores if fast else max(1, cores // 2)


def vectors(folder: Path, weights: Path, device: str = "auto", job: Job = NO_JOB) -> FolderVectors:
    """Embed every audio file below ``folder`` without touching the library."""
    from sliders_desktop.audio import files

    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    paths = sorted(stat.path for stat in scanner.walk(folder, files.SUFFIXES, job))
    if not paths:
        raise UserError(f"There is no music below {folder}.")
    encoder = load_encoder(weights, device)
    kept: list[str] = []
    failed: list[tuple[str, str]] = []
    of_track: list[Array] = []
    of_segments: list[Array] = []
    for at, heard in _heard(range(len(paths)), dict(enumerate(paths)), _workers(True)):
        job.check()
        if isinstance(heard, str):
            failed.append((paths[at], heard))
        else:
            segments, vector = encoder.embed(heard[0])
            kept.append(paths[at])
            of_track.append(vector)
            of_segments.append(segments)
        job.progress(at + 1, len(paths), Path(paths[at]).name)
    if not kept:
        raise UserError(f"None of the {len(paths)} files below {folder} could be read.")
    counts = [len(s) for s in of_segments]
    return FolderVectors(
        kept,
        np.stack(of_track),
        np.concatenate(of_segments),
        np.repeat(np.arange(len(kept), dtype=np.int64), counts),
        encoder.id,
        failed,
    )


def segments_of(paths: Sequence[str], job: Job = NO_JOB) -> Iterator[tuple[int, Array | None]]:
    """Log-mel segments (s, frames, mels) of each file, by index; None where it can't be read."""
    for at, heard in _heard(range(len(paths)), dict(enumerate(paths)), _workers(True)):
        job.check()
        if isinstance(heard, str):
            log.warning("left out: %s", heard)
            yield at, None
        else:
            yield at, heard[0]
        job.progress(at + 1, len(paths), Path(paths[at]).name)


def train(
    folder: Path,
    out: Path,
    *,
    device: str = "auto",
    resume: bool = False,
    start: Path | None = None,
    seed: int = 0,
    options: dict[str, Any] | None = None,
    log_row: Callable[[dict[str, float]], None] | None = None,
    job: Job = NO_JOB,
) -> Any:
    """Train an encoder on the music below ``folder`` and write ``out``; see `ml.pretrain.train`.

    Every tenth track is held out, and what serves those best is written.

    The segments are kept beside ``out`` while training, so that ``resume`` need not decode again.
    """
    from sliders_desktop.audio import files
    from sliders_desktop.ml import pretrain
    from sliders_desktop.ml.encoder import Encoder, pick_device
    from sliders_desktop.ml.training_music import SegmentCache, build_cache

    picked = pick_device(device)
    cache = out.with_name(out.name + ".segments")
    if resume and (cache / "index.json").exists():
        music = SegmentCache(cache)
    else:
        paths = sorted(stat.path for stat in scanner.walk(folder, files.SUFFIXES, job))
        if not paths:
            raise UserError(f"There is no music below {folder}.")
        music = build_cache(_waves(paths), cache, len(paths), job)
    # Of very little music nothing can be spared; the last weights are written then.
    rest, validate = pretrain.hold_out(music) if len(music) >= LEAST_TO_HOLD_OUT else (music, None)
    result = pretrain.train(
        rest,
        out,
        config=pretrain.TrainConfig(**(options or {})),
        start=Encoder.load(start, picked) if start else None,
        seed=seed,
        device=picked,
        resume=resume,
        validate=validate,
        job=job,
        log=log_row,
    )
    for leftover in cache.iterdir():
        leftover.unlink()
    cache.rmdir()
    return result


def _waves(paths: Sequence[str]) -> Iterator[tuple[str, Array]]:
    from sliders_desktop.audio import files
    from sliders_desktop.ml.features import FEATURES

    for path in paths:
        try:
            yield path, files.decode(Path(path), FEATURES.rate)
        except FileUnreadable as error:
            log.warning("left out: %s", error)
