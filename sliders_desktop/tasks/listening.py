"""Turn music into vectors, and make the model that does: lane `torch`.

Sound libraries and torch are imported where they are used.
"""

import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillDecoding
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sliders_desktop.errors import Cancelled, FileUnreadable, UserError
from sliders_desktop.library import scanner
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job

if TYPE_CHECKING:
    from sliders_desktop.audio.loudness import Loudness

log = logging.getLogger(__name__)

Array = np.ndarray[Any, Any]
Span = tuple[float, float | None]  # see `audio.spans`
Place = tuple[str, Span]  # a file, and what of it
Heard = tuple[Array, Array, "Loudness | None"]  # segments, overview, how loud
BATCH = 4
LEAST_TO_HOLD_OUT = 40
PATIENCE_S = 0.2  # between two looks whether the job was cancelled
MOST_WORKERS = 3  # keep one thread of the encoder busy; each holds some 40 MB


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
    levels: list[tuple[int, float | None, float, bytes]] = []
    seen: set[int] = set()
    while todo := [i for i in store.tracks_without_vectors(encoder_id) if i not in seen]:
        early = set(first)
        todo = [i for i in todo if i in early] + [i for i in todo if i not in early]
        seen.update(todo)
        places = {row.id: (row.path, row.span) for row in store.rows(todo)}
        heard = store.vector_count(encoder_id)
        total = heard + len(todo)
        for track_id, heard_track in _heard(todo, places, _workers(fast), job, level=True):
            job.check()
            heard += 1
            said = heard_track if isinstance(heard_track, str) else _say(encoder, heard_track)
            if isinstance(said, str):
                failed += 1
                store.set_error(track_id, said)
            else:
                segments, vector, overview, level = said
                batch.append((track_id, vector, len(segments)))
                if level is not None:
                    levels.append((track_id, level.lufs, level.peak, level.blocks))
                store.save_overview(track_id, overview)
                done += 1
            if len(batch) >= BATCH:
                store.save_loudness(levels)  # first: what has a vector is known
                store.save_embeddings(encoder_id, batch)
                batch, levels = [], []
            job.progress(heard, total, Path(places[track_id][0]).name)
        store.save_loudness(levels)
        store.save_embeddings(encoder_id, batch)
        batch, levels = [], []
    return EmbedResult(encoder_id, done, failed)


def _heard(
    ids: Sequence[int], places: dict[int, Place], workers: int, job: Job, level: bool = False
) -> Iterator[tuple[int, Heard | str]]:
    """What is heard of each track, or why nothing is; some files are read ahead.

    Pausing or cancelling ``job`` takes effect in the middle of a file too.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
    ahead: deque[tuple[int, Future[Heard]]] = deque()
    coming = iter(ids)
    shared = _SharedJob(job)
    try:
        while True:
            while len(ahead) <= workers and (track_id := next(coming, None)) is not None:
                future = pool.submit(_features, *places[track_id], shared.check, level)
                ahead.append((track_id, future))
            if not ahead:
                return
            track_id, future = ahead.popleft()
            outcome: Heard | str
            try:
                outcome = _result(future, shared)
            except FileUnreadable as error:
                outcome = str(error)
            except Cancelled:
                raise
            except Exception as error:
                log.info("listening to a file failed: %r", error)
                outcome = f"This file could not be listened to: {error}"
            yield track_id, outcome
    finally:
        shared.over = True
        pool.shutdown(wait=False, cancel_futures=True)


def _say(encoder: Any, heard: Heard) -> tuple[Array, Array, Array, "Loudness | None"] | str:
    """What the encoder makes of a track: segments, vector, and the rest; or why it can't."""
    mels, overview, level = heard
    segments, vector = encoder.embed(mels)
    if not np.isfinite(vector).all():
        return "The listening model made no numbers of this file."
    return segments, vector, overview, level


class _SharedJob:
    """One job for the threads that decode: paused, all wait; over, all stop in mid-file."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._one_asks = threading.Lock()
        self.over = False

    def check(self) -> None:
        with self._one_asks:
            if self.over:
                raise Cancelled
            self._job.check()


def _result(future: Future[Heard], job: _SharedJob) -> Heard:
    """What comes of ``future``; a file that hangs (a drive that went to sleep) can be left."""
    while True:
        try:
            return future.result(PATIENCE_S)
        except StillDecoding:
            if future.done():  # it was the file's own
                raise
            job.check()


def _features(path: str, span: Span, check: Callable[[], None], level: bool) -> Heard:
    from sliders_desktop.audio.excerpts import excerpts
    from sliders_desktop.audio.loudness import Meter
    from sliders_desktop.ml import features

    rate, choose = features.FEATURES.rate, features.choose_runs
    meter = Meter() if level else None
    runs, overview = excerpts(path, rate, choose, check, span=span, meter=meter)
    loudness = None if meter is None else meter.loudness()
    return features.of_runs(runs), overview, loudness


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
    return min(cores if fast else max(1, cores // 2), MOST_WORKERS)


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
    of_segments = bytearray()  # grows in place: arrays joined at the end would be held twice
    counts: list[int] = []
    for at, heard in _heard(range(len(paths)), _whole(paths), _workers(True), job):
        job.check()
        said = heard if isinstance(heard, str) else _say(encoder, heard)
        if isinstance(said, str):
            failed.append((paths[at], said))
        else:
            segments, vector, _, _ = said
            kept.append(paths[at])
            of_track.append(vector)
            of_segments += segments.astype(np.float32, copy=False).tobytes()
            counts.append(len(segments))
        job.progress(at + 1, len(paths), Path(paths[at]).name)
    if not kept and len(paths) == 1:
        raise UserError(failed[0][1])
    if not kept:
        raise UserError(f"None of the {len(paths)} files below {folder} could be read.")
    return FolderVectors(
        kept,
        np.stack(of_track),
        np.frombuffer(of_segments, np.float32).reshape(-1, encoder.dim),
        np.repeat(np.arange(len(kept), dtype=np.int64), counts),
        encoder.id,
        failed,
    )


def _whole(paths: Sequence[str]) -> dict[int, Place]:
    from sliders_desktop.audio.decoding.spans import WHOLE

    return {at: (path, WHOLE) for at, path in enumerate(paths)}


def segments_of(paths: Sequence[str], job: Job = NO_JOB) -> Iterator[tuple[int, Array | None]]:
    """Log-mel segments (s, frames, mels) of each file, by index; None where it can't be read."""
    for at, heard in _heard(range(len(paths)), _whole(paths), _workers(True), job):
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
    hold_out: bool = True,
    start: Path | None = None,
    seed: int = 0,
    options: dict[str, Any] | None = None,
    log_row: Callable[[dict[str, float]], None] | None = None,
    job: Job = NO_JOB,
) -> Any:
    """Train an encoder on the music below ``folder`` and write ``out``; see `ml.pretrain.train`.

    With ``hold_out`` every tenth track is held out, and what serves those best is written.

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
        music = build_cache(_waves(paths, job), cache, len(paths), job)
    # Of very little music nothing can be spared; the last weights are written then.
    spare = hold_out and len(music) >= LEAST_TO_HOLD_OUT
    rest, validate = pretrain.hold_out(music) if spare else (music, None)
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


def _waves(paths: Sequence[str], job: Job) -> Iterator[tuple[str, Array]]:
    """What is heard of each file, in one piece: of a long one, its runs one after the other."""
    from sliders_desktop.audio.excerpts import excerpts
    from sliders_desktop.ml.features import FEATURES, choose_runs

    size = FEATURES.segment_samples
    for path in paths:
        try:
            runs, _ = excerpts(path, FEATURES.rate, choose_runs, job.check)
        except FileUnreadable as error:
            log.warning("left out: %s", error)
            continue
        if len(runs) > 1:
            runs = [np.concatenate([run[: len(run) // size * size] for run in runs])]
        yield path, runs[0]
