"""A round in which the recommender learns, and what is told of the last one."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sliders_desktop.config import Paths
from sliders_desktop.errors import Cancelled
from sliders_desktop.library.forgetting import LEARNED
from sliders_desktop.library.records import Playlist, TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.query import Query
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.cataloguing import build_catalogue
from sliders_desktop.tasks.reading import Vectors
from sliders_desktop.tasks.recommending import fit_recommender, read_query
from sliders_desktop.tasks.teaching_music import cores_for

DAY_S = 24 * 3600.0
FROM = "from your albums, playlists and plays"


@dataclass(frozen=True)
class Round:
    """The last one: when, of how much, and whether what came out was better than before."""

    at: int  # UTC seconds
    plays: int  # heard to the end
    playlists: int
    better: bool
    lists: str = ""  # what tells the playlists from those of another time

    @classmethod
    def from_stored(cls, text: str | None) -> "Round | None":
        try:
            told = json.loads(text or "")
            at, plays, playlists = (int(told[name]) for name in ("at", "plays", "playlists"))
            return cls(at, plays, playlists, bool(told["better"]), str(told["lists"]))
        except (KeyError, TypeError, ValueError):
            return None


@dataclass(frozen=True, eq=False)
class Learned:
    """What leads now, where it comes from, and what there is to learn from since then."""

    query: Query | None  # None: nothing is known of the encoder in use
    own: bool  # it was learned here; else it is as shipped
    last: Round | None
    plays: int  # heard to the end, all in all


def lists_mark(playlists: list[Playlist]) -> str:
    """Another text as soon as a playlist holds other tracks, came or went."""
    return " ".join(f"{one.id}:{one.count}:{one.updated_at}" for one in playlists)


def read_learned(store: Store, paths: Paths, job: Job = NO_JOB) -> Learned:
    """What was learned here or is shipped."""
    last = Round.from_stored(store.settings().get(LEARNED))
    query = read_query(store, paths)
    own = query is not None and paths.own_recommender.exists()
    return Learned(query, own, last, store.finished_plays())


def serve(
    store: Store,
    vectors: Vectors,
    rows: Sequence[TrackRow],
    query: Query | None,
    job: Job = NO_JOB,
) -> tuple[Catalogue, Query | None]:
    """What can be played next, placed as ``query`` places it, and that query. Lane `fit`."""
    return build_catalogue(store, vectors, rows, query, job), query


def learn(
    store: Store, paths: Paths, vectors: Vectors, rows: list[TrackRow], job: Job = NO_JOB
) -> Learned:
    """One round: keep what came out if it is better, and note what it was learned from.

    Where the listening was forgotten meanwhile, so is this. Lane `teach`.
    """
    from sliders_desktop.ml.threads import use_cores

    use_cores(cores_for(False))
    playlists, plays = store.playlists(), store.finished_plays()
    before = _stamp(paths)
    fit_recommender(store, paths, vectors, rows, job=_Onward(job))
    if store.finished_plays() < plays:
        paths.own_recommender.unlink(missing_ok=True)
        raise Cancelled("forgotten")
    done = Round(
        int(time.time()), plays, len(playlists), _stamp(paths) != before, lists_mark(playlists)
    )
    store.set_setting(LEARNED, asdict(done))
    return read_learned(store, paths, job)


class _Onward:
    """A job whose progress never goes back: each pass fills half of what is left."""

    def __init__(self, job: Job) -> None:
        self._job, self._passes, self._last = job, 0, 0.0
        self.progress(0, 1)

    def progress(self, done: int, total: int, text: str = "") -> None:
        share = done / max(total, 1)
        self._passes += share < self._last
        self._last = share
        self._job.progress(round(1000 * (1 - 0.5 ** (self._passes + share))), 1000, FROM)

    def check(self) -> None:
        self._job.check()


def _stamp(paths: Paths) -> Any:
    try:
        found = paths.own_recommender.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino


MEANS = {
    "listening": "Up next goes by how music sounds.",
    "queries good": "Up next knows what goes on from what.",
    "moving": "Up next knows what goes on from what, and which tracks belong together for you.",
}


def told_of(learned: Learned | None, now: float) -> str:
    """One line for the listener; ``now`` in UTC seconds."""
    if learned is None or learned.query is None:
        return MEANS["listening"]
    said, last = MEANS[learned.query.state], learned.last
    if last is None:
        return f"{said} It has not learned from your listening yet."
    days = int((now - last.at) / DAY_S)
    when = "today" if days < 1 else "yesterday" if days == 1 else f"{days:,} days ago"
    much = f"{_count(last.plays, 'play')} and {_count(last.playlists, 'playlist')}"
    if learned.own and last.better:
        return f"{said} It learned that from your music, {much}, {when}."
    if learned.own:
        return f"{said} It learned that from your music; {when} there was nothing new in {much}."
    return f"{said} From your music, {much}, it could not learn better yet; tried {when}."


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
