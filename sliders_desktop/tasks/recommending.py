"""What the recommender learns from the listener's own lists, where it is kept, and forgetting."""

from collections.abc import Sequence

import numpy as np

from sliders_desktop.config import Paths
from sliders_desktop.errors import ModelMismatch
from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store
from sliders_desktop.ml import heads
from sliders_desktop.ml.continuations import TrackList, albums, sessions
from sliders_desktop.ml.query import Query
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.cataloguing import codes
from sliders_desktop.tasks.reading import Array, Vectors


def read_query(store: Store, paths: Paths, job: Job = NO_JOB) -> Query | None:
    """What was learned here, else what is shipped.

    None where neither knows the encoder in use: then the centroid serves.
    """
    wanted = store.serving_encoder()
    encoder = next((row.sha256 for row in store.encoders() if row.id == wanted), None)
    for path in (paths.own_recommender, paths.shipped_recommender):
        if encoder is not None and path.exists():
            try:
                return Query.load(path, encoder)
            except ModelMismatch:
                continue
    return None


def fit_recommender(
    store: Store,
    paths: Paths,
    vectors: Vectors,
    rows: Sequence[TrackRow],
    seed: int = 0,
    job: Job = NO_JOB,
) -> Query:
    """Learn from albums, playlists, plays and lit sliders; keep it if that is better than before.

    Nothing of it leaves the computer. Lane `teach`.
    """
    from sliders_desktop.ml import closed_forms, tower_training

    encoder = next(row.sha256 for row in store.encoders() if row.id == vectors.encoder_id)
    before = read_query(store, paths)
    by_id = {row.id: row for row in rows}
    known = [by_id.get(int(i)) for i in vectors.ids]
    whole: Array = np.asarray(np.isfinite(vectors.x).all(1))
    x = np.where(whole[:, None], vectors.x, 0)
    x = x - x[whole].mean(0) if whole.any() else x
    album = codes([_album(row) for row in known])
    made = _lists(store, vectors.ids)
    music = closed_forms.Music(
        closed_forms.normed_rows(x),
        album,
        codes([(row.artist) if row else "" for row in known]),
        _sound(albums(album) + made, whole),
        _ranks(store, vectors),
    )
    learned = tower_training.train(music, encoder, before, seed=seed, job=job)
    if learned is not before:
        learned.save(paths.own_recommender)
    return learned


def forget_listening(store: Store, paths: Paths, job: Job = NO_JOB) -> None:
    """Forget what was played, and what was learned from it; the shipped recommender serves.

    Raises `UserError` where a copy of the library can't be changed; all else is done by then.
    """
    try:
        store.forget_listening()
    finally:  # in this order: a round that ends meanwhile sees by the plays that it came too late
        paths.own_recommender.unlink(missing_ok=True)


def _album(row: TrackRow | None) -> str:
    return f"{row.album}\0{row.artist}" if row and row.album else ""


def _lists(store: Store, ids: Array) -> list[TrackList]:
    """Playlists and sessions, in rows of the vectors; tracks without one are passed over."""
    at = {int(track): row for row, track in enumerate(ids)}
    found = []
    for playlist in store.playlists():
        known = (at[track] for track in store.playlist_tracks(playlist.id) if track in at)
        rows = tuple(dict.fromkeys(known))
        if len(rows) > 1:
            found.append(TrackList("playlist", rows))
    plays = [
        (at[p.track_id], float(p.started_at), p.seconds_played, p.outcome == "finished")
        for p in store.all_plays()
        if p.track_id in at and (p.outcome != "stopped")
    ]
    return found + sessions(plays)


def _sound(lists: list[TrackList], whole: Array) -> list[TrackList]:
    """The lists without tracks whose vectors are broken."""
    kept = []
    for tracks in lists:
        rows = tuple(row for row in tracks.rows if whole[row])
        if len(rows) > 1:
            skipped = tuple(row for row in tracks.skipped if whole[row])
            kept.append(TrackList(tracks.kind, rows, skipped))
    return kept


def _ranks(store: Store, vectors: Vectors) -> Array | None:
    """Percentiles (m, s) of the sliders that are lit."""
    found = []
    for slider in store.sliders():
        head = store.head(slider.id, vectors.encoder_id)
        if head is not None and head.state.get("gate", {}).get("lit"):
            found.append(heads.percentiles(vectors.x @ head.coef))
    return np.stack(found, 1) if found else None
