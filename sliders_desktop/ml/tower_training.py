"""The towers learn from continuations: a closed form first, then gently by gradient.

Seconds on two cores, the same under the same seed; only what holds on lists that had no part in it
is kept. Lane `teach`; imports torch.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sliders_desktop.ml import judging
from sliders_desktop.ml.closed_forms import (
    STEEP,
    Music,
    choose,
    fitted,
    normed_rows,
)
from sliders_desktop.ml.continuations import (
    Continuation,
    Draws,
    TrackList,
    held_out,
    made_up,
    within,
)
from sliders_desktop.ml.query import (
    WORTH,
    Figures,
    Query,
    may_move,
    state_of,
)
from sliders_desktop.ml.towers import QueryTower, TrackTower, batch_of
from sliders_desktop.progress import NO_JOB, Job

Float = NDArray[np.float32]
Double = NDArray[np.float64]
Rows = NDArray[np.intp]

TAU = 0.07
NEARER, NEAR = 20, 200  # hard negatives come from these ranks of what sounds alike
MINED = 4096  # tracks among which they are looked for


@dataclass(frozen=True)
class Plan:
    """How long and how fast."""

    steps: int = 30
    batch: int = 64
    rate: float = 1e-4
    hard: int = 4  # hard negatives of each continuation
    every: int = 10  # steps between looks at the held-out lists
    patience: int = 2  # looks without a gain: a plateau
    asked: int = 300  # continuations that judge or choose
    share: float = 0.25  # of the tracks of lists, held out to judge by
    folds: int = 4  # of the rest, to choose the gain by
    rounds: int = 1  # of holding out: with more of them all tracks are learned from in the end
    made_up: int = 100  # walks, and as many tastes and lists of what is alike


def train(
    music: Music,
    encoder: str,
    before: Query | None = None,
    plan: Plan = Plan(),
    seed: int = 0,
    job: Job = NO_JOB,
) -> Query:
    """What the towers learned, or ``before`` where that does at least as well on held-out lists."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    plain = Query.centroid(encoder, music.unit.shape[1])
    if before is not None:
        plain = replace(plain, held=before.held)  # known of other music: better than nothing
    bases, founds, groups = [], [], []
    for _ in range(plan.rounds):
        out = held_out(music.lists, music.album, music.artist, rng, plan.share)
        lists, last = (_side(music, side, plan, rng) for side in (~out, out))
        if not lists or not last:
            return before or plain
        judged, pool = _asked(music, last, plan, rng), np.flatnonzero(out)
        query, plateau = queries(music, ~out, plain, plan, rng, job)
        bases.append(judging.reciprocal_ranks(plain, music.unit, judged, pool))
        founds.append(music.ranks_of(query, judged, pool))
        first = np.array([one.anchors[-1] for one in judged])
        groups.append(np.where(music.album[first] < 0, -1 - first, music.album[first]))
    base, found = np.concatenate(bases), np.concatenate(founds)
    low, high = judging.interval(found - base, np.concatenate(groups), rng)
    figures = Figures(float(base.mean()), float(found.mean()), low, high, plateau)
    moved = query
    if may_move(figures):
        stop = held_out(lists, music.album, music.artist, rng, 1 / plan.folds) & ~out
        choosing = _asked(music, _side(music, stop, plan, rng), plan, rng)
        kept = _side(music, ~out & ~stop, plan, rng)
        moving = TrackTower(music.unit.shape[1])
        moved, _, _ = learn(
            query, moving, music, kept, choosing, np.flatnonzero(stop), plan, rng, job
        )
        places = music.at(moving.places(music.unit))
        figures = replace(
            figures,
            before_moving=float(founds[-1].mean()),
            moved=float(places.ranks_of(moved, judged, pool).mean()),
            overlap=judging.overlap(music.unit, places.unit),
        )
    if state_of(figures) == "moving":
        query = moved
    elif plan.rounds > 1:
        query, _ = queries(music, np.ones(len(music.unit), np.bool_), plain, plan, rng, job)
    new = replace(query, figures=figures)
    if before is None:
        return new
    places = music.at(normed_rows(before.project(music.unit)))
    theirs = float(places.ranks_of(before, judged, pool).mean())
    ours = {
        "listening": figures.centroid, "queries good": figures.queries, "moving": figures.moved
    }[new.state]  # fmt: skip
    return new if ours >= WORTH * theirs else before


def _side(
    music: Music, side: NDArray[np.bool_], plan: Plan, rng: np.random.Generator
) -> list[TrackList]:
    lists = within(music.lists, side)
    return lists + made_up(lists, music.ranks, music.unit, side, rng, plan.made_up)


def _asked(
    music: Music, lists: Sequence[TrackList], plan: Plan, rng: np.random.Generator
) -> list[Continuation]:
    """What is asked of a tower; an album's own tracks are right answers here."""
    unknown = np.full(len(music.unit), -1, np.int32)
    return Draws(lists, unknown, unknown).draw(rng, plan.asked)


def queries(
    music: Music,
    side: NDArray[np.bool_],
    plain: Query,
    plan: Plan = Plan(),
    rng: np.random.Generator | None = None,
    job: Job = NO_JOB,
) -> tuple[Query, bool]:
    """The query that the tracks of one ``side`` (m,) teach, and whether it is at a plateau.

    How much of each of its parts comes in is what does best on folds that M was not fitted to; by
    gradient it goes on only where that helps a fold which had no part in it.
    """
    rng = rng or np.random.default_rng(0)
    folds = [
        held_out(within(music.lists, side), music.album, music.artist, rng, 1 / plan.folds) & side
        for _ in range(plan.folds)
    ]
    asked = [_asked(music, _side(music, fold, plan, rng), plan, rng) for fold in folds]
    known = [(fold, one) for fold, one in zip(folds, asked, strict=True) if one]
    chosen = choose(music, side, plain, known, job)
    closed = chosen.of(fitted(music, side, plain))
    if not known or not chosen.gain:
        return closed, True
    fold, last = known[-1]
    lists = _side(music, side & ~fold, plan, rng)
    if not lists:
        return closed, True
    start = chosen.of(fitted(music, side & ~fold, plain))
    query, looks, plateau = learn(
        start, None, music, lists, last, np.flatnonzero(fold), plan, rng, job
    )
    return (query, plateau) if max(looks) >= STEEP * looks[0] else (closed, plateau)


# ── By gradient ──


def learn(
    query: Query,
    tracks: TrackTower | None,
    music: Music,
    lists: Sequence[TrackList],
    choosing: Sequence[Continuation],
    pool: Rows,
    plan: Plan,
    rng: np.random.Generator,
    job: Job = NO_JOB,
) -> tuple[Query, list[float], bool]:
    """Train, to what did best on the continuations ``choosing`` among the tracks ``pool``.

    Returns it, the MRR of each look and whether it came to a plateau. ``tracks`` learn at a tenth
    of the queries' rate; without them the catalogue stays where it is.
    """
    tower = QueryTower.of(query)
    draws = Draws(lists, music.album, music.artist)
    seen = _seen(draws.draw(rng, 2048), len(music.unit))
    groups: list[dict[str, object]] = [{"params": [*tower.parameters()]}]
    if tracks is not None:
        groups.append({"params": [*tracks.parameters()], "lr": 0.1 * plan.rate})
    optimizer = torch.optim.AdamW(groups, lr=plan.rate, weight_decay=0.0)
    models = [tower] if tracks is None else [tower, tracks]

    def look() -> float:
        places = music if tracks is None else music.at(tracks.places(music.unit))
        return float(places.ranks_of(tower.learned(query), choosing, pool).mean())

    looks, best = [look()], [copy.deepcopy(m.state_dict()) for m in models]
    for step in range(plan.steps):
        job.check()
        job.progress(step, plan.steps)
        loss = _loss(tower, tracks, music.unit, draws.draw(rng, plan.batch), seen, plan, rng)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([p for m in models for p in m.parameters()], 1.0)
        optimizer.step()
        if (step + 1) % plan.every == 0:
            looks.append(look())
            if looks[-1] > max(looks[:-1]):
                best = [copy.deepcopy(m.state_dict()) for m in models]
            if len(looks) - 1 - int(np.argmax(looks)) >= plan.patience:
                break
    for model, state in zip(models, best, strict=True):
        model.load_state_dict(state)
    earlier = looks[: -plan.patience] or looks[:1]
    return tower.learned(query, tracks), looks, max(looks) < STEEP * max(earlier)


def _seen(asked: Sequence[Continuation], m: int) -> Float:
    """log of how often (m,) each track is a target, for the correction of Yi et al. 2019."""
    counts = np.full(m, 1.0 / m)
    for one in asked:
        counts[list(one.targets)] += 1 / len(one.targets)
    often = np.log(counts / counts.sum())
    return np.asarray(np.maximum(often, -np.log(m) - 2), np.float32)


def _loss(
    tower: QueryTower,
    tracks: TrackTower | None,
    unit: Float,
    asked: Sequence[Continuation],
    seen: Float,
    plan: Plan,
    rng: np.random.Generator,
) -> Tensor:
    """Multi-positive softmax over the batch's targets and hard negatives."""
    x, weight, age = batch_of(asked, unit)
    targets = [int(rng.choice(one.targets)) for one in asked]
    middle = torch.einsum("ba,bad->bd", weight, x).numpy()
    hard = _hard(unit, middle, plan.hard, rng)
    columns = np.unique(np.concatenate([targets, hard.ravel()]).astype(np.intp))
    y = torch.from_numpy(unit[columns])
    if tracks is not None:
        x, y = tracks(x), tracks(y)
    right = np.stack([np.isin(columns, one.targets) for one in asked])
    void = np.stack([np.isin(columns, list(one.left_out)) for one in asked])  # accidental hits
    logits = tower(x, weight, age) @ y.T / TAU - torch.from_numpy(seen[columns])
    good, wrong = torch.from_numpy(right), torch.from_numpy(~right & ~void)
    against = logits.masked_fill(~wrong, -1e9).logsumexp(1, keepdim=True)
    each = F.softplus(against - logits)  # of each right one against all wrong ones
    return ((each * good).sum(1) / good.sum(1)).mean()


def _hard(unit: Float, middle: Float, count: int, rng: np.random.Generator) -> Rows:
    """Rows (B, count) that sound like ``middle`` (B, d) but come after the nearest."""
    rows = np.arange(len(unit))
    if len(rows) > MINED:
        rows = np.sort(rng.choice(rows, MINED, replace=False))
    first, last = (max(1, rank * len(rows) // max(len(unit), NEAR)) for rank in (NEARER, NEAR))
    last = min(max(last, first + 1), len(rows))
    found = middle @ unit[rows].T
    best = np.argpartition(-found, last - 1, axis=1)[:, :last]
    order = np.take_along_axis(best, np.argsort(-np.take_along_axis(found, best, 1), 1), 1)
    picks = rng.integers(min(first, last - 1), last, (len(middle), count))
    picked: Rows = rows[np.take_along_axis(order, picks, 1)]
    return picked
