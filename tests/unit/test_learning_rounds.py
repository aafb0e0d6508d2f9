"""A round of learning by itself: what it notes, what is told of it, and forgetting meanwhile."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sliders_desktop import tasks
from sliders_desktop.config import Paths
from sliders_desktop.errors import Cancelled
from sliders_desktop.library.records import FoundTrack, Play
from sliders_desktop.library.store import Store
from sliders_desktop.ml.query import Figures, Query

COUNT, DIM = 12, 8
DAY_S = 24 * 3600
GOOD = Figures(0.4, 0.45, 0.01, 0.08, True)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path)


@pytest.fixture
def store(paths: Paths) -> Iterator[Store]:
    with Store.open(paths.database) as store:
        found = [
            FoundTrack(f"/m/{n}.mp3", 1, 1, f"{n}", 90.0, "", f"Artist {n % 3}", f"Album {n % 3}")
            for n in range(COUNT)
        ]
        store.save_found(store.add_folder("/m").id, found)
        x = np.random.default_rng(0).normal(size=(COUNT, DIM)).astype(np.float32)
        encoder = store.use_encoder("tiny", "tiny", DIM)
        store.save_embeddings(encoder, [(i, v, 1) for i, v in enumerate(x, 1)])
        for at in range(4):
            store.save_play(Play(1 + at, 1000 + at, 60.0, "finished", "user"))
        store.save_play(Play(9, 2000, 5.0, "skipped", "user"))
        yield store


def vectors_of(store: Store) -> tasks.Vectors:
    vectors = tasks.read_vectors(store)
    assert vectors is not None
    return vectors


class Watched:
    """A job that does something once the round has begun."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self._then: Callable[[], None] | None = then
        self.shares: list[float] = []

    def progress(self, done: int, total: int, text: str = "") -> None:
        self.shares.append(done / total)
        if self._then is not None:
            then, self._then = self._then, None
            then()

    def check(self) -> None:
        pass


def test_a_round_notes_what_it_learned_from(store: Store, paths: Paths) -> None:
    before = tasks.read_learned(store, paths)
    assert (before.query, before.own, before.last, before.plays) == (None, False, None, 4)
    store.create_playlist("Kitchen", [1, 2])
    job = Watched()
    learned = tasks.learn(store, paths, vectors_of(store), store.rows(), job)
    assert job.shares == sorted(job.shares)
    assert learned.own
    last = learned.last
    assert last is not None
    assert (last.plays, last.playlists, last.better) == (4, 1, True)
    assert last.lists == tasks.lists_mark(store.playlists())
    assert tasks.read_learned(store, paths).last == last
    again = tasks.learn(store, paths, vectors_of(store), store.rows())
    assert again.last is not None
    assert again.last.better == (again.query.figures != learned.query.figures)  # type: ignore[union-attr]
    store.rename_playlist(1, "Cellar")
    assert last.lists == tasks.lists_mark(store.playlists())
    store.add_to_playlist(1, [3])
    assert last.lists != tasks.lists_mark(store.playlists())


def test_what_is_forgotten_while_it_learns_is_not_kept(store: Store, paths: Paths) -> None:
    def forget() -> None:
        with Store.open(paths.database) as other:
            tasks.forget_listening(other, paths)

    with pytest.raises(Cancelled):
        tasks.learn(store, paths, vectors_of(store), store.rows(), Watched(forget))
    assert not paths.own_recommender.exists()
    assert tasks.read_learned(store, paths).last is None


def test_the_catalogue_is_made_for_what_leads(store: Store, paths: Paths) -> None:
    for figures, leads in ((GOOD, True), (Figures(), False)):
        query = replace(Query.centroid("tiny", DIM), figures=figures, crowd=0.6)
        query.save(paths.own_recommender)
        read = tasks.read_learned(store, paths).query
        assert read is not None
        assert read.shapes == leads
        catalogue, same = tasks.serve(store, vectors_of(store), store.rows(), query)
        assert same is query
        assert (catalogue.standing is not None) == leads
    vectors = vectors_of(store)
    assert tasks.serve(store, vectors, store.rows(), query)[0].x is vectors.x


def test_what_the_listener_is_told() -> None:
    query = Query("tiny", np.eye(2, dtype=np.float32), np.ones(6, np.float32), 0.7, GOOD)
    last = tasks.Round(1_700_000_000, 340, 1, True)
    now = last.at + 2.5 * DAY_S
    told = [
        tasks.told_of(learned, now)
        for learned in (
            None,
            tasks.Learned(None, False, None, 3),
            tasks.Learned(query, False, None, 3),
            tasks.Learned(query, True, last, 341),
            tasks.Learned(query, True, replace(last, better=False), 341),
            tasks.Learned(replace(query, figures=Figures()), False, replace(last, better=False), 3),
        )
    ]
    knows, sounds = tasks.told_of(None, 0), "Up next goes by how music sounds."
    assert knows == sounds
    good = "Up next knows what goes on from what."
    assert told == [
        sounds,
        sounds,
        f"{good} It has not learned from your listening yet.",
        f"{good} It learned that from your music, 340 plays and 1 playlist, 2 days ago.",
        f"{good} It learned that from your music; 2 days ago there was nothing new in 340 plays"
        " and 1 playlist.",
        f"{sounds} From your music, 340 plays and 1 playlist, it could not learn better yet; tried"
        " 2 days ago.",
    ]
    assert tasks.told_of(tasks.Learned(query, True, last, 3), last.at + 60).endswith("today.")
