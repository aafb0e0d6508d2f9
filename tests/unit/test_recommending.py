"""Lists in the database to what the recommender learned, and forgetting; real store and files."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sliders_desktop import tasks
from sliders_desktop.config import Paths
from sliders_desktop.library.records import FoundTrack, Listen, Play
from sliders_desktop.library.store import Store
from sliders_desktop.ml.query import Figures, Query
from sliders_desktop.tasks.recommending import _lists

ALBUMS, OF, DIM = 24, 6, 16
GOOD = Figures(0.4, 0.45, 0.01, 0.08, True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        folder = store.add_folder(tmp_path)
        found = [
            FoundTrack(
                str(tmp_path / f"{i}.flac"), 1, 1, f"{i:064x}", 60.0, f"Track {i}",
                f"Artist {i // OF}", f"Album {i // OF}",
            )
            for i in range(ALBUMS * OF)
        ]  # fmt: skip
        store.save_found(folder.id, found)
        rng = np.random.default_rng(0)
        x = np.repeat(rng.normal(size=(ALBUMS, DIM)), OF, axis=0) + rng.normal(
            size=(ALBUMS * OF, DIM)
        )
        encoder = store.use_encoder("tiny", "tiny", DIM)
        ids = [row.id for row in store.rows()]
        store.save_embeddings(
            encoder, [(i, v, 1) for i, v in zip(ids, x.astype(np.float32), strict=True)]
        )
        yield store


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path)


def vectors_of(store: Store) -> tasks.Vectors:
    vectors = tasks.read_vectors(store)
    assert vectors is not None
    return vectors


def learned(encoder: str = "tiny", d: int = DIM) -> Query:
    rng = np.random.default_rng(1)
    metric = (np.eye(d) + 0.5 * rng.normal(size=(d, d))).astype(np.float32)
    return Query(encoder, metric, np.ones(6, np.float32), 0.7, GOOD)


def test_a_round_of_learning_leaves_a_file_for_this_encoder(
    store: Store, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sliders_desktop.ml.closed_forms.CHOOSERS", 20)
    assert tasks.read_query(store, paths) is None

    found = tasks.fit_recommender(store, paths, vectors_of(store), store.rows())
    read = tasks.read_query(store, paths)

    assert read is not None
    assert read.encoder == "tiny"
    assert read.figures == found.figures
    assert read.figures.centroid > 0
    again = tasks.fit_recommender(store, paths, vectors_of(store), store.rows())
    assert again.figures == read.figures


def test_a_file_of_another_encoder_does_not_serve(store: Store, paths: Paths) -> None:
    learned("other").save(paths.own_recommender)
    assert tasks.read_query(store, paths) is None

    learned().save(paths.own_recommender)
    assert tasks.read_query(store, paths) is not None


def test_what_was_learned_decides_what_comes_next(store: Store, paths: Paths) -> None:
    vectors, rows, query = vectors_of(store), store.rows(), learned()
    catalogue = tasks.build_catalogue(store, vectors, rows, query)
    wish = tasks.Wish(
        tuple((int(i), 1.0) for i in vectors.ids[:3]), knobs=tasks.Knobs(near_far=0.0)
    )
    plain, led = (tasks.next_tracks(store, catalogue, rows, wish, query=q) for q in (None, query))

    assert [p.track_id for p in plain] != [p.track_id for p in led]
    unproven = replace(query, figures=Figures())
    assert tasks.next_tracks(store, catalogue, rows, wish, query=unproven) == plain
    nothing = Query("tiny", np.eye(DIM, dtype=np.float32), np.zeros(6, np.float32), 0.0, GOOD)
    assert tasks.next_tracks(store, catalogue, rows, wish, query=nothing) == plain


def test_sessions_and_playlists_become_lists(store: Store) -> None:
    vectors = vectors_of(store)
    ids = [int(i) for i in vectors.ids]
    for at, (track, seconds, outcome) in enumerate(
        [(ids[0], 60, "finished"), (ids[7], 5, "skipped"), (ids[9], 60, "finished")]
    ):
        store.save_play(Play(track, 1000 + 100 * at, seconds, outcome, "user"))
    store.create_playlist("night", [ids[5], ids[3]])
    lists = _lists(store, vectors.ids)

    assert [(t.kind, t.rows, t.skipped) for t in lists] == [
        ("playlist", (5, 3), ()),
        ("session", (0, 9), (7,)),
    ]


def test_forgetting_forgets_plays_and_what_was_learned(store: Store, paths: Paths) -> None:
    track = int(vectors_of(store).ids[0])
    store.save_play(Play(track, 1000, 60, "finished", "user"))
    store.save_listen(Listen(0, track, 1000, "Track", "Artist", "Album", 60.0))
    learned().save(paths.own_recommender)
    tasks.forget_listening(store, paths)

    assert store.all_plays() == []
    assert store.waiting_count() == 0
    assert not paths.own_recommender.exists()
    assert store.rows([track])[0].plays == 0
    tasks.forget_listening(store, paths)  # nothing left: no complaint
