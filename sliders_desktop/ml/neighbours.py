"""Who is near whom among vectors: exact up to a size, kept, and added to as vectors come.

Lane `map`. torch is imported only inside functions; every step works outside the interpreter's
lock.
"""

import logging
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.progress import NO_JOB, Job

if TYPE_CHECKING:  # it is imported where it is used
    import torch

log = logging.getLogger(__name__)

Float = NDArray[np.float32]
Index = NDArray[np.int32]
Many = NDArray[np.int64]
Meeting = tuple[Many, Many]  # two sets of rows that are compared, maybe the same

NEIGHBOURS = 30  # a point itself counted among them
EXACT = 100_000  # vectors, up to which all are compared with all
BLOCK, WIDE = 1024, 4096  # rows of one side and of the other compared at once
ON_DEVICE = 64_000_000  # likenesses at once


class Plan(NamedTuple):
    """Who is compared with whom, and how many pairs that is, nearly."""

    meetings: Iterable[Meeting]
    total: int


class Table(NamedTuple):
    """Each vector's nearest others, nearest first: row numbers and 1 − cosine (n, k)."""

    rows: Index
    distance: Float


def directions(x: Float, centre: Float | None = None) -> Float:
    """Unit vectors (n, d) as seen from ``centre`` (d,), else their mean; zero where they meet."""
    z: Float = x - (middle(x) if centre is None else centre)
    length = np.linalg.norm(z, axis=1, keepdims=True)
    z /= np.where(length > 1e-6 * max(float(length.max(initial=0)), 1e-30), length, np.inf)
    return z


def middle(x: Float) -> Float:
    """The mean (d,) of x (n, d)."""
    return np.asarray(x.mean(0, dtype=np.float64), np.float32)


def nearest(
    z: Float,
    k: int,
    known: Table | None = None,
    new: NDArray[np.bool_] | None = None,
    device: str = "cpu",
    exact: int = EXACT,
    job: Job = NO_JOB,
) -> Table:
    """The ``k`` nearest others of each row of unit vectors z (n, d).

    Of ``known`` (n, k) only the rows that are ``new`` (n,) are asked for: they are compared with
    all, and all with them, which gives what comparing all with all would. Above ``exact`` rows
    only vectors in cells side by side are compared. ``device``: "cuda" or "mps" compares all.
    """
    if device != "cpu" and (found := _on_device(z, k, device, job)) is not None:
        return found
    n = len(z)
    rows, near = np.full((n, k), -1, np.int32), np.full((n, k), -2, np.float32)
    fresh = np.ones(n, np.bool_)
    if known is not None and new is not None:
        fresh = new
        rows[~new], near[~new] = known.rows[~new], 1 - known.distance[~new]
    compare(z, _all(fresh) if n <= exact else _side_by_side(z, fresh, job), rows, near, job)
    return Table(rows, np.maximum(1 - near, 0))


def compare(
    z: Float,
    plan: Plan,
    rows: Index,
    near: Float,
    job: Job = NO_JOB,
    mutual: bool = True,
) -> None:
    """Let rows of z meet; keep the nearest of each in ``rows`` and ``near`` (n, k), falling.

    Without ``mutual`` only the first of each meeting learns of the second.
    """
    import torch

    from sliders_desktop.ml.selection import meet

    t = torch.from_numpy(z)
    done = 0
    buffer = torch.empty(BLOCK * WIDE)
    for a, b in plan.meetings:
        job.check()
        likeness = buffer[: len(a) * len(b)].view(len(a), len(b))
        torch.mm(_rows(t, a), _rows(t, b).T, out=likeness)
        meet(likeness.numpy(), a, b, near, rows, mutual and a is not b)
        done += len(a) * len(b)
        job.progress(min(done, plan.total), plan.total, "neighbours")


def meetings_of(a: Many, b: Many) -> Iterator[Meeting]:
    """All of ``a`` with all of ``b``, in blocks."""
    for i in range(0, len(a), BLOCK):
        for j in range(0, len(b), WIDE):
            yield a[i : i + BLOCK], b[j : j + WIDE]


def meetings_within(a: Many) -> Iterator[Meeting]:
    """All of ``a`` with one another, in blocks, each pair once."""
    for i in range(0, len(a), BLOCK):
        block = a[i : i + BLOCK]
        yield block, block
        yield from meetings_of(block, a[i + BLOCK :])


def _all(new: NDArray[np.bool_]) -> Plan:
    fresh, old = np.flatnonzero(new), np.flatnonzero(~new)
    meetings = chain(meetings_within(fresh), meetings_of(fresh, old))
    return Plan(meetings, len(fresh) * (len(fresh) + 1) // 2 + len(fresh) * len(old))


def _side_by_side(z: Float, new: NDArray[np.bool_], job: Job) -> Plan:
    from sliders_desktop.ml.cells import cells

    members, pairs = cells(z, job)
    fresh = [rows[new[rows]] for rows in members]
    old = [rows[~new[rows]] for rows in members]
    first = np.searchsorted(pairs[:, 0], np.arange(len(members) + 1))

    def meetings() -> Iterator[Meeting]:
        for p in range(len(members)):
            later = pairs[first[p] + 1 : first[p + 1], 1]  # the first is the cell itself
            yield from meetings_within(fresh[p])
            yield from meetings_of(fresh[p], np.concatenate([old[p], *_of(members, later)]))
            yield from meetings_of(np.concatenate([fresh[p][:0], *_of(fresh, later)]), old[p])

    f, o = (np.array([len(rows) for rows in part], np.int64) for part in (fresh, old))
    p, q = pairs.T
    counts = np.where(p == q, f[p] * (f[p] + 1) // 2 + f[p] * o[p], f[p] * (f + o)[q] + f[q] * o[p])
    return Plan(meetings(), int(counts.sum()))


def _of(parts: list[Many], which: Many) -> list[Many]:
    return [parts[q] for q in which]


def _rows(t: "torch.Tensor", at: Many) -> "torch.Tensor":
    """Rows of a tensor, without a copy where they lie together."""
    import torch

    if at[-1] - at[0] == len(at) - 1:
        return t[at[0] : at[-1] + 1]
    return t[torch.from_numpy(at)]


def _on_device(z: Float, k: int, device: str, job: Job) -> Table | None:
    """As `nearest`, exact at any size; None where the device can't."""
    import torch

    n = len(z)
    rows, near = np.empty((n, k), np.int32), np.empty((n, k), np.float32)
    block = max(1, ON_DEVICE // max(n, 1))
    try:
        t = torch.from_numpy(z).to(device)
        for at in range(0, n, block):
            job.check()
            cosine = t[at : at + block] @ t.T  # (block, n)
            own = torch.arange(len(cosine), device=device)
            cosine[own, own + at] = -2
            best = torch.topk(cosine, k, dim=1)
            rows[at : at + block] = best.indices.cpu().numpy()
            near[at : at + block] = best.values.cpu().numpy()
            job.progress(min(at + block, n), n, "neighbours")
    except RuntimeError as error:  # too little memory, or an operation it does not have
        log.info("neighbours on the processor, since %s can't: %s", device, error)
        return None
    return Table(rows, np.maximum(1 - near, 0))
