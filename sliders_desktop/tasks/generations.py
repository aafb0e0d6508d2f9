"""Which encoder Sliders hears with: the shipped one, or one that the listener's library taught.

Taught ones are files named by their hash; the one in use also lies where `Paths.encoder` looks.
Each step is one rename, so that a crash leaves one or the other. Any lane.
"""

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sliders_desktop.config import Paths
from sliders_desktop.errors import ModelMismatch, UserError
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.listening import EmbedResult, embed

SHIPPED = ""
_SUFFIX = ".safetensors"
_KEPT = 2  # taught encoders: the newest, and one to go back to


@dataclass(frozen=True)
class Generation:
    """An encoder the listener may choose; ``sha256`` is `SHIPPED` for the one that came along."""

    sha256: str
    made_at: int  # UTC seconds, 0 for the shipped one
    chosen: bool


def generations(store: Store, paths: Paths) -> list[Generation]:
    """What there is to choose from, the shipped one first, then by age."""
    chosen = chosen_sha(paths)
    made = {row.sha256: row.added_at for row in store.encoders()}
    taught = [
        Generation(sha, made.get(sha, int(path.stat().st_mtime)), sha == chosen)
        for sha, path in _taught(paths).items()
    ]
    if chosen not in (SHIPPED, *(g.sha256 for g in taught)):  # put there by hand
        taught.append(Generation(chosen, int(paths.own_encoder.stat().st_mtime), True))
    taught.sort(key=lambda g: g.made_at)
    return [Generation(SHIPPED, 0, chosen == SHIPPED), *taught]


def use_generation(store: Store, paths: Paths, sha256: str, job: Job = NO_JOB) -> None:
    """Hear with another encoder from now on; what it said of the library before serves at once."""
    _keep_own(paths)
    if sha256 == SHIPPED:
        paths.own_encoder.unlink(missing_ok=True)
    else:
        try:
            _put(paths.taught / (sha256 + _SUFFIX), paths.own_encoder)
        except OSError as error:
            raise UserError("That encoder can't be read any more; choose another one.") from error
    _want(store, chosen_sha(paths) or hash_of(paths.shipped_encoder))


def install(store: Store, paths: Paths, weights: Path, dim: int) -> str:
    """Hear with the new ``weights`` from now on, and keep one taught before; returns their hash."""
    _keep_own(paths)
    sha = hash_of(weights)
    _put(weights, paths.taught / (sha + _SUFFIX))
    _put(paths.taught / (sha + _SUFFIX), paths.own_encoder)
    store.use_encoder(sha, paths.own_encoder.stem, dim)
    order = [row.sha256 for row in store.encoders()]  # the one used last comes first
    taught = sorted(_taught(paths), key=lambda s: order.index(s) if s in order else len(order))
    for old in taught[_KEPT:]:
        (paths.taught / (old + _SUFFIX)).unlink(missing_ok=True)
    return sha


def listen(
    store: Store,
    paths: Paths,
    device: str = "auto",
    fast: bool = False,
    first: Sequence[int] = (),
    job: Job = NO_JOB,
) -> EmbedResult:
    """`embed` with the encoder in use; with the shipped one where that does not fit any more."""
    try:
        return embed(store, paths.encoder, device, fast, first, job)
    except ModelMismatch:
        if not set_aside(paths):
            raise
        return embed(store, paths.encoder, device, fast, first, job)


def set_aside(paths: Paths) -> bool:
    """Change from an own encoder that does not fit to the shipped one; False if it is in use."""
    if not paths.own_encoder.exists():
        return False
    _keep_own(paths)
    paths.own_encoder.unlink()
    return True


def forget_unreachable(store: Store, paths: Paths, job: Job = NO_JOB) -> None:
    """Drop what encoders said that nobody can choose any more.

    The two used last are kept in any case: the earlier one may serve until the later is ready.
    """
    reachable = {*_taught(paths), hash_of(paths.shipped_encoder), chosen_sha(paths)}
    for row in store.encoders()[2:]:
        job.check()
        if row.sha256 not in reachable:
            store.forget_encoder(row.id)


def chosen_sha(paths: Paths) -> str:
    """The hash of the listener's own encoder in use, `SHIPPED` if there is none."""
    own = paths.own_encoder
    if not own.exists():
        return SHIPPED
    return hash_of(own)


def _taught(paths: Paths) -> dict[str, Path]:
    """File of each taught encoder by its hash."""
    return {path.stem: path for path in sorted(paths.taught.glob("*" + _SUFFIX))}


def _keep_own(paths: Paths) -> None:
    """An encoder that the listener put there by hand is one to go back to, too."""
    sha = chosen_sha(paths)
    if sha != SHIPPED and sha not in _taught(paths):
        _put(paths.own_encoder, paths.taught / (sha + _SUFFIX))


def _want(store: Store, sha256: str) -> None:
    """Let an encoder serve that has listened before; a new one is known once it listens."""
    for row in store.encoders():
        if row.sha256 == sha256:
            store.use_encoder(row.sha256, row.name, row.dim)


def _put(source: Path, target: Path) -> None:
    """Copy ``source`` over ``target``, which is complete or as it was at any moment."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part)
    with part.open("r+b") as file:
        os.fsync(file.fileno())
    part.replace(target)


def hash_of(path: Path) -> str:
    """The sha256 of a file, "" if it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""
