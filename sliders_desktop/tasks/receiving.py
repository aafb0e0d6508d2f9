"""A slider that came as a file: what it would mean here, and where it sets out from: lane `fit`.

Figures in a file are never believed: its head is fitted again from its vectors and ratings.
"""

import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from sliders_desktop.errors import UserError
from sliders_desktop.library.records import EncoderRow, TrackRow
from sliders_desktop.library.shared_reading import read, read_file
from sliders_desktop.library.sharing import SUFFIX, SharedSlider
from sliders_desktop.library.store import Store
from sliders_desktop.ml.carrying import carry
from sliders_desktop.ml.gate import CONFIRMING, LIGHT_AUC, LIGHT_P
from sliders_desktop.ml.heads import Prior, SliderHead, percentiles
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.reading import Vectors

__all__ = ["CONFIRMING", "SUFFIX", "SharedSlider"]

Array = np.ndarray[Any, Any]
SHOWN = 5  # tracks of each end
PAIRS = 200_000  # of tracks that two sliders are compared by
FOLLOWS = 0.98  # correlation of the file's head with the one its ratings give


@dataclass(frozen=True)
class Alike:
    """How a shared slider goes with one of the listener's own."""

    name: str
    same_order: float  # share of pairs of tracks that both put in the same order


@dataclass(frozen=True, eq=False)
class Preview:
    """What a file would mean on this library; nothing has changed yet."""

    text: str
    shared: SharedSlider
    name: str  # one that is free
    pairs_right: float | None  # leave-one-out, computed here
    proven: bool  # its ratings show that the word can be heard
    follows: bool  # the file's own head says what its ratings give
    carried: bool  # by tracks that an earlier encoder heard, too
    highest: tuple[TrackRow, ...]
    lowest: tuple[TrackRow, ...]
    alike: tuple[Alike, ...]


def encoder_row(store: Store, encoder_id: int) -> EncoderRow:
    return next(row for row in store.encoders() if row.id == encoder_id)


@lru_cache(maxsize=16)
def learned(text: str) -> tuple[SharedSlider, SliderHead]:
    """A file's text and the head its ratings give; fitted once, looked at after each rating."""
    shared = read(text.encode())
    return shared, SliderHead.fit(shared.vectors, shared.ratings)


def is_proven(head: SliderHead) -> bool:
    """Whether the ratings, looked at once, speak for light as the gate wants it."""
    return not head.missing_ and head.p <= LIGHT_P and head.auc >= LIGHT_AUC


_priors: "weakref.WeakKeyDictionary[Vectors, dict[str, Prior | None]]" = weakref.WeakKeyDictionary()


def prior_of(store: Store, text: str, vectors: Vectors) -> Prior | None:
    """Where a slider that came as ``text`` sets out on these vectors.

    None if another encoder made its vectors, and too few tracks here were heard by both.
    """
    known = _priors.setdefault(vectors, {})
    if text not in known:
        known[text] = _prior(store, text, vectors)
    return known[text]


def _prior(store: Store, text: str, vectors: Vectors) -> Prior | None:
    shared, head = learned(text)
    sha256 = shared.encoder_sha256
    made_by = next((row for row in store.encoders() if row.sha256 == sha256), None)
    if made_by is None:
        return None
    prior = Prior(head.coef_, head.intercept_, is_proven(head))
    if made_by.id == vectors.encoder_id:
        return prior if len(prior.coef) == vectors.x.shape[1] else None
    ids, x = store.vectors(made_by.id)
    _, here, there = np.intersect1d(vectors.ids, ids, assume_unique=True, return_indices=True)
    if not len(there) or x.shape[1] != len(prior.coef):
        return None
    return carry(vectors.x[here], head.predict(x[there]), prior.proven)


def author_of(text: str) -> str:
    """Who shared the slider that came as ``text``, "" if the file does not say."""
    return learned(text)[0].author


def preview_slider(
    store: Store,
    path: Path,
    vectors: Vectors | None,
    job: Job = NO_JOB,
) -> Preview:
    """What a file would mean here, beside the listener's lit sliders.

    `UserError`, in one sentence, if it is no slider, or one that cannot be understood here.
    """
    data = read_file(path)
    shared = read(data)
    text = data.decode("utf-8")
    if vectors is None or not len(vectors.ids):
        raise UserError(
            f"Sliders has to listen to your music before it can tell what {shared.name} means."
        )
    job.check()
    shared, head = learned(text)
    prior = prior_of(store, text, vectors)
    if prior is None:
        raise UserError(_other_ears(store, shared, vectors))
    job.check()
    scores = vectors.x @ prior.coef + np.float32(prior.intercept)
    order = np.argsort(scores, kind="stable")
    most = min(SHOWN, len(order) // 2)
    ranks = percentiles(scores)
    encoder = encoder_row(store, vectors.encoder_id)
    return Preview(
        text=text,
        shared=shared,
        name=free_name(store, shared),
        pairs_right=head.pair_accuracy_,
        proven=prior.proven,
        follows=_follows(shared, head),
        carried=shared.encoder_sha256 != encoder.sha256,
        highest=_present(store, vectors.ids[order[::-1]], most),
        lowest=_present(store, vectors.ids[order], most),
        alike=_beside_lit(store, vectors, ranks),
    )


def _beside_lit(store: Store, vectors: Vectors, ranks: Array) -> tuple[Alike, ...]:
    """How ``ranks`` (m,) go with each lit slider, the one most to do with them first."""
    found = []
    for slider in store.sliders():
        head = store.head(slider.id, vectors.encoder_id)
        if head is not None and head.state.get("gate", {}).get("lit"):
            own = vectors.x @ head.coef.astype(np.float32)
            found.append(Alike(slider.name, _same_order(ranks, own)))
    return tuple(sorted(found, key=_distance, reverse=True))


def _distance(alike: Alike) -> float:
    return abs(alike.same_order - 0.5)


def _other_ears(store: Store, shared: SharedSlider, vectors: Vectors) -> str:
    own, theirs = encoder_row(store, vectors.encoder_id), shared.encoder_sha256
    sender = shared.author or "whoever sent it"
    if any(row.sha256 == theirs for row in store.encoders()):
        return (
            f"{shared.name} was taught to an ear that Sliders used here before, and yours hears too"
            " differently now: choose the earlier one under File, “Teach Sliders my library”, and "
            "open the file again."
        )
    return (
        f"{shared.name} was taught to another ear (“{shared.encoder_name}” {theirs[:8]}) than "
        f"yours (“{own.name}” {own.sha256[:8]}), so its numbers mean nothing here: ask {sender} to "
        "share it again with yours, or use both the ear that your version of Sliders came with."
    )


def _follows(shared: SharedSlider, head: SliderHead) -> bool:
    """Whether the head in the file orders the rated tracks as the one fitted again does."""
    claimed, found = shared.vectors @ shared.coef, shared.vectors @ head.coef_
    if not np.ptp(found) or not np.ptp(claimed):
        return bool(np.ptp(found) == np.ptp(claimed))
    return bool(np.corrcoef(claimed, found)[0, 1] >= FOLLOWS)


def _present(store: Store, ids: Array, count: int) -> tuple[TrackRow, ...]:
    """The first ``count`` of ``ids`` that can be played."""
    found: list[TrackRow] = []
    for first in range(0, len(ids), 100):
        some = ids[first : first + 100].tolist()
        rows = {row.id: row for row in store.rows(some)}
        found += [rows[i] for i in some if i in rows and not (rows[i].missing or rows[i].error)]
        if len(found) >= count:
            break
    return tuple(found[:count])


def _same_order(a: Array, b: Array) -> float:
    """Share of random pairs of tracks that a and b (m,) put in the same order; ties count half."""
    rng = np.random.default_rng(0)
    i, j = rng.integers(len(a), size=(2, PAIRS))
    agree = np.sign(a[i] - a[j]) * np.sign(b[i] - b[j])
    agree = agree[i != j]
    return float((agree + 1).mean() / 2) if len(agree) else 0.5


def free_name(store: Store, shared: SharedSlider) -> str:
    """The slider's name, or one like it that nobody here bears: “calm (Ann)”, “calm (Ann) 2”."""
    taken = {s.name.casefold() for s in [*store.sliders(), *store.archived_sliders()]}
    return next(name for name in _wishes(shared) if name.casefold() not in taken)


def _wishes(shared: SharedSlider) -> Iterable[str]:
    yield shared.name
    second = f"{shared.name} ({shared.author or 'shared'})"
    yield second
    number = 2
    while True:
        yield f"{second} {number}"
        number += 1


def take_in(store: Store, shared: SharedSlider, text: str, name: str, job: Job = NO_JOB) -> int:
    """Make the slider that a file describes, under a free ``name``; its id."""
    wanted = name.strip().casefold()
    if any(s.name.casefold() == wanted for s in store.archived_sliders()):
        raise UserError(f"An archived slider is called “{name.strip()}” already.")
    slider = store.create_slider(name, shared.low, shared.high, shared.description, shared.color)
    try:
        store.save_shared(slider.id, text)
    except BaseException:
        store.forget_slider(slider.id)  # without its file it would be an empty word
        raise
    return slider.id
