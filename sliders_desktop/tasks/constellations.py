"""What follows from a constellation, and all its tracks in order: lane `fit`."""

from collections.abc import Sequence

from sliders_desktop.library.records import Constellation, TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.ml.catalogue import Catalogue
from sliders_desktop.ml.query import Query
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.continuing import Knobs, Steer, Wish, next_tracks
from sliders_desktop.tasks.reading import Array

AHEAD = 20


def wish_of(
    one: Constellation, steers: Sequence[Steer] = (), not_artists: frozenset[str] = frozenset()
) -> Wish:
    """What a constellation asks for.

    What fits all stars is other music; on the way from star to star each is played in its turn.
    """
    return Wish(
        anchors=tuple((star.track_id, star.weight) for star in one.stars),
        knobs=Knobs(one.near_far, one.forgotten, one.artist_gap),
        mode=one.mode,
        steers=tuple(steers),
        count=AHEAD,
        unwanted=frozenset(
            star.track_id for star in one.stars if one.mode == "together" or star.weight < 0
        ),
        not_artists=not_artists,
        seed=one.seed,
    )


def constellation_tracks(
    store: Store,
    catalogue: Catalogue | None,
    rows: Sequence[TrackRow],
    one: Constellation,
    wish: Wish,
    away: Array | None = None,
    query: Query | None = None,
    job: Job = NO_JOB,
) -> list[int]:
    """Its + stars, then what follows now: ids as they are exported, each once.

    Without a ``catalogue``, while nothing was listened to, the stars alone.
    """
    stars = [star.track_id for star in one.stars if star.weight > 0]
    if catalogue is None or not one.stars:
        return stars
    path = next_tracks(store, catalogue, rows, wish, away, query, job)
    return list(dict.fromkeys([*stars, *(pick.track_id for pick in path)]))
