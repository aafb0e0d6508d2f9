"""Teach the encoder the listener's own library: lane `teach`. Music files are only read.

What is on the way lies in one folder: the plan, the music in compact parts, a checkpoint. Whatever
stops it, it goes on from there. What it learned is used only if it hears no worse than before.
"""

import errno
import json
import logging
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sliders_desktop.config import Paths
from sliders_desktop.errors import ModelMismatch, TrainingCollapsed, UserError
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.course import Course, Plan
from sliders_desktop.tasks.generations import Generation, generations, hash_of, install, set_aside
from sliders_desktop.tasks.listening import load_encoder
from sliders_desktop.tasks.teaching_music import (
    SPARE_BYTES,
    STANDARD,
    TeachConfig,
    choose,
    cores_for,
    held_out,
    no_room,
    read_music,
    seconds_of,
    steps_of,
    teaching_outlook,
)

log = logging.getLogger(__name__)

Array = np.ndarray[Any, Any]
RESULT = "state.teaching"  # the setting that keeps the last result
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}  # the disk, or one's share of it


@dataclass(frozen=True)
class Figures:
    """Of held-out tracks: how often ten seconds find their track, and the effective rank."""

    recall: float
    rank: float


def no_worse(before: Figures, after: Figures, fall: float) -> bool:
    """Whether neither figure fell by more than the share ``fall``; one that is no number did."""
    least = 1 - fall
    return after.recall >= least * before.recall and after.rank >= least * before.rank


@dataclass(frozen=True)
class TeachResult:
    """What a teaching came to; without figures ``after`` its space had collapsed."""

    accepted: bool
    before: Figures
    after: Figures | None
    tracks: int
    held: int
    minutes: float
    ended_at: int  # UTC seconds

    @property
    def sentence(self) -> str:
        """The outcome in plain words."""
        if self.after is None:
            return (
                "Not taken: while learning, the tracks became too alike to tell apart. Sliders "
                "hears as before; try again once there is more, or more varied, music."
            )
        b, a = self.before, self.after
        figures = (
            f"ten seconds of a track it was not taught with find that track in "
            f"{100 * a.recall:.0f} of 100 tries, {100 * b.recall:.0f} before; it tells tracks "
            f"apart in {a.rank:.3g} ways, {b.rank:.3g} before."
        )
        if self.accepted:
            return "Taken: " + figures
        return f"Not taken, since it would hear worse: {figures} Sliders hears as before."

    @classmethod
    def from_stored(cls, text: str | None) -> "TeachResult | None":
        """From what `teach` keeps in the library; None if there is nothing that fits."""
        try:
            kept = json.loads(text or "")
            after = kept.pop("after")
            before = Figures(**kept.pop("before"))
            return cls(before=before, after=Figures(**after) if after else None, **kept)
        except (ValueError, TypeError, KeyError):
            return None


@dataclass(frozen=True)
class TeachingState:
    """What is there: a teaching to go on with, results, and the encoders to choose from."""

    begun: float | None  # how far the one on the disk is, 0 to 1
    last: TeachResult | None
    generations: list[Generation]
    serving: str  # hash of the encoder whose vectors are shown
    waiting: bool  # the chosen encoder is another, and has to listen first


def teaching_state(store: Store, paths: Paths, job: Job = NO_JOB) -> TeachingState:
    """What the window shows; no model is loaded."""
    plan = Plan.load(paths.teaching)
    hashes = {row.id: row.sha256 for row in store.encoders()}
    serving = hashes.get(store.serving_encoder() or 0, "")
    return TeachingState(
        plan.share if plan else None,
        TeachResult.from_stored(store.settings().get(RESULT)),
        generations(store, paths),
        serving,
        bool(serving) and serving != hash_of(paths.encoder),
    )


def drop_teaching(store: Store, paths: Paths, job: Job = NO_JOB) -> None:
    """Forget a teaching that is under way."""
    (paths.teaching / "plan.json").unlink(missing_ok=True)  # first: half a folder is no teaching
    shutil.rmtree(paths.teaching, ignore_errors=True)


def teach(
    store: Store,
    paths: Paths,
    device: str = "auto",
    fast: bool = False,
    config: TeachConfig = STANDARD,
    job: Job = NO_JOB,
) -> TeachResult:
    """Continue the encoder in use on the library, or go on with what was begun, and judge it.

    The new encoder is put to use if neither figure falls by more than ``config.fall`` on tracks
    that were held out, whole albums of them. Raises `UserError` where there is too little music or
    room, and `Cancelled`; what was done by then stays, for `teach` to go on with.
    """
    plan = Plan.load(paths.teaching)
    try:
        if plan is None or plan.after is None:
            plan = _learn(store, paths, plan, device, fast, config, job)
        return _finish(store, paths, plan, config)
    except (OSError, RuntimeError) as error:
        for part in paths.teaching.glob("*.part"):
            part.unlink(missing_ok=True)
        full = isinstance(error, OSError) and error.errno in _FULL
        if full or shutil.disk_usage(paths.home).free < SPARE_BYTES / 4:
            raise UserError(
                "The disk is full: make room, then go on where the teaching stopped."
            ) from error
        raise


def _learn(
    store: Store,
    paths: Paths,
    plan: Plan | None,
    device: str,
    fast: bool,
    config: TeachConfig,
    job: Job,
) -> Plan:
    """Everything that takes long; each stage is done once, however often it is stopped."""
    from sliders_desktop.ml import pretrain
    from sliders_desktop.ml.encoder import Encoder
    from sliders_desktop.ml.threads import use_cores

    outlook = teaching_outlook(store, paths, fast, config)
    if plan is None and outlook.refusal:
        raise UserError(outlook.refusal)
    if sentence := no_room(outlook.bytes, paths):
        raise UserError(sentence)
    job.check()
    try:
        encoder = load_encoder(paths.encoder, device)
    except ModelMismatch:
        if not set_aside(paths):
            raise
        encoder = load_encoder(paths.encoder, device)
    use_cores(cores_for(fast))
    if plan is None:
        plan = _new_plan(store, paths, encoder.id, fast, config)
    if plan.start != encoder.id:
        raise UserError(
            "Sliders hears with another encoder than when this teaching began: drop it, and "
            "start anew."
        )
    folder = paths.teaching
    course = Course(job, plan, folder)
    music = read_music(store, plan, course, config)
    held = [music[i] for i in plan.held if i in music]
    others = music.keys() - set(plan.held)
    rest = [music[i] for i in plan.tracks if i in others]
    if len(music) < config.least_tracks or 2 * len(held) < config.least_held:
        raise UserError(
            f"Only {len(music)} of {len(plan.tracks)} tracks could be read: look whether the drive "
            "with your music is there, then go on."
        )
    crowd = rest[: max(0, config.crowd - len(held))]  # the first are as varied as all
    if plan.before is None:
        course.begin("measuring", "Measuring", len(held) + len(crowd))
        plan.before = _measured(encoder, held, crowd, course)
        course.save()
    weights = folder / "taught.safetensors"
    try:
        if not weights.exists():
            course.begin("learning", "Learning", plan.steps, 60 * config.minutes)
            pretrain.train(
                _Watched(rest, course),
                weights,
                config=pretrain.TrainConfig(
                    steps=plan.steps,
                    minutes=config.minutes,
                    batch=config.batch,
                    lr=config.lr,
                    **config.options,
                ),
                start=encoder,
                device=encoder.device,
                resume=True,
                job=course,
            )
        course.begin("checking", "Checking", len(held) + len(crowd))
        taught = Encoder.load(weights, encoder.device)
        plan.after = _measured(taught, held, crowd, course)
    except TrainingCollapsed:
        plan.after = {}
    except ModelMismatch as error:
        raise UserError(f"{error} Drop this teaching, and start anew.") from error
    course.save()
    return plan


def _finish(store: Store, paths: Paths, plan: Plan, config: TeachConfig) -> TeachResult:
    """Judge, put to use or not, remember; may be done again after a crash in the middle."""
    from sliders_desktop.ml.encoder import Encoder

    before = Figures(**plan.before or {})
    after = Figures(**plan.after) if plan.after else None
    accepted = after is not None and no_worse(before, after, config.fall)
    if accepted:
        weights = paths.teaching / "taught.safetensors"
        install(store, paths, weights, Encoder.load(weights).dim)
    result = TeachResult(
        accepted,
        before,
        after,
        len(plan.tracks),
        len(plan.held),
        plan.spent_s / 60,
        int(time.time()),
    )
    store.set_setting(RESULT, asdict(result))
    drop_teaching(store, paths)
    log.info("teaching: %s", result)
    return result


def _new_plan(store: Store, paths: Paths, start: str, fast: bool, config: TeachConfig) -> Plan:
    rows = choose(store, config)
    held = held_out(rows, config)
    seconds = seconds_of(len(rows), len(held), fast, config)
    steps = steps_of(len(rows) - len(held), config)
    plan = Plan(start, [row.id for row in rows], held, steps, seconds, int(time.time()))
    drop_teaching(store, paths)
    plan.save(paths.teaching)
    return plan


def _measured(
    encoder: Any, held: Sequence[Array], crowd: Sequence[Array], course: Course
) -> dict[str, float]:
    """`Figures` of ``encoder`` on compact tracks ``held``, which are looked for among all."""
    from sliders_desktop.ml.evaluate import TrackVectors, segment_hits
    from sliders_desktop.ml.features import from_bytes
    from sliders_desktop.ml.health import dials

    read = []
    for at, track in enumerate([*held, *crowd], 1):
        course.check()
        read.append(TrackVectors.read(encoder, [from_bytes(np.asarray(track))]))
        course.progress(at, len(held) + len(crowd))
    vectors = TrackVectors([v.segments[0] for v in read], np.concatenate([v.tracks for v in read]))
    recall = float(np.mean(segment_hits(vectors)[: len(held)]))
    return asdict(Figures(recall, dials(vectors.tracks[: len(held)])["effective rank"]))


class _Watched(Sequence[Any]):
    """Tracks that look at the job where training reads all of them in one go."""

    def __init__(self, tracks: Sequence[Array], job: Job) -> None:
        self._tracks, self._job = tracks, job

    def __len__(self) -> int:
        return len(self._tracks)

    def __getitem__(self, at: Any) -> Any:
        return self._tracks[at]

    def __iter__(self) -> Iterator[Any]:
        for track in self._tracks:
            self._job.check()
            yield track
