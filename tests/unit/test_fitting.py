"""Ratings in the database to heads, scores and picks; real store, made vectors."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sliders_desktop import tasks
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store

COUNT, DIM = 120, 16


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Vectors whose first number is the word's true meaning."""
    with Store.open(tmp_path / "library.db") as store:
        folder = store.add_folder(tmp_path)
        found = [
            FoundTrack(
                str(tmp_path / f"{i}.flac"), 1, 1, f"{i:064x}", 60.0, f"Track {i}",
                f"Artist {i % 12}", f"Album {i % 30}",
            )
            for i in range(COUNT)
        ]  # fmt: skip
        store.save_found(folder.id, found)
        x = np.random.default_rng(0).normal(size=(COUNT, DIM)).astype(np.float32)
        x[:, 0] *= 4
        encoder_id = store.use_encoder("tiny", "tiny", DIM)
        ids = [row.id for row in store.rows()]
        store.save_embeddings(encoder_id, [(i, v, 1) for i, v in zip(ids, x, strict=True)])
        yield store


def vectors_of(store: Store) -> tasks.Vectors:
    vectors = tasks.read_vectors(store)
    assert vectors is not None
    return vectors


def rate(store: Store, vectors: tasks.Vectors, count: int) -> tuple[int, tasks.FittedSlider]:
    slider = store.create_slider("calm", "restless", "calm")
    for track, meaning in zip(vectors.ids[:count], vectors.x[:count, 0], strict=True):
        store.rate(int(track), slider.id, 1.0 if meaning > 0 else 0.0)
        fitted = tasks.fit_slider(store, slider.id, vectors)
    return slider.id, fitted


def test_a_word_with_a_meaning_lights_and_ranks_by_it(store: Store) -> None:
    vectors = vectors_of(store)

    _, fitted = rate(store, vectors, 30)

    assert fitted.state == "lit"
    assert fitted.pairs_right is not None
    assert fitted.pairs_right > 0.8
    assert fitted.percentiles is not None
    assert np.corrcoef(fitted.percentiles, vectors.x[:, 0])[0, 1] > 0.8
    assert 0 <= fitted.percentiles.min() < fitted.percentiles.max() <= 1
    assert fitted.histogram is not None
    assert fitted.histogram.max() == 1
    assert fitted.knots is not None
    assert (np.diff(fitted.knots) >= 0).all()
    assert fitted.suggestion in set(vectors.ids[30:].tolist())


def test_a_second_fit_without_a_new_rating_is_no_new_look(store: Store) -> None:
    vectors = vectors_of(store)
    slider_id, first = rate(store, vectors, 11)
    before = store.head(slider_id, vectors.encoder_id)

    for _ in range(5):
        again = tasks.fit_slider(store, slider_id, vectors)

    after = store.head(slider_id, vectors.encoder_id)
    assert before is not None
    assert after is not None
    assert after.state["gate"] == before.state["gate"]
    assert again.state == first.state
    np.testing.assert_array_equal(again.percentiles, first.percentiles)


def test_ratings_that_came_at_once_are_looked_at_one_by_one(store: Store) -> None:
    """A batch lights the same slider as the same ratings one after the other."""
    vectors = vectors_of(store)
    slider = store.create_slider("batch", "", "")
    for track, meaning in zip(vectors.ids[:30], vectors.x[:30, 0], strict=True):
        store.rate(int(track), slider.id, 1.0 if meaning > 0 else 0.0)

    at_once = tasks.fit_slider(store, slider.id, vectors)
    _, one_by_one = rate(store, vectors, 30)

    assert at_once.state == one_by_one.state == "lit"
    np.testing.assert_allclose(at_once.percentiles, one_by_one.percentiles, atol=1e-5)


def test_ratings_taken_back_are_forgotten(store: Store) -> None:
    vectors = vectors_of(store)
    slider_id, _ = rate(store, vectors, 4)

    for track in vectors.ids[:4]:
        store.rate(int(track), slider_id, None)

    fitted = tasks.fit_slider(store, slider_id, vectors)
    assert (fitted.state, fitted.ratings, fitted.percentiles) == ("new", 0, None)


def test_ratings_of_tracks_not_yet_heard_wait(store: Store, tmp_path: Path) -> None:
    vectors = vectors_of(store)
    slider_id, _ = rate(store, vectors, 3)
    folder = store.folders()[0]
    store.save_found(folder.id, [FoundTrack(str(tmp_path / "new.flac"), 1, 1, "f" * 64)])
    store.rate(store.rows()[-1].id, slider_id, 1.0)

    assert tasks.fit_slider(store, slider_id, vectors).ratings == 3
