"""What the listener is asked: another track, five for a test, and no pair twice."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sliders_desktop import tasks
from sliders_desktop.errors import UserError
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store

COUNT, DIM, ARTISTS = 60, 8, 12


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        folder = store.add_folder(tmp_path)
        found = [
            FoundTrack(
                str(tmp_path / f"{i}.flac"), 1, 1, f"{i:064x}", 60.0, f"Track {i}",
                f"Artist {i % ARTISTS}", "Album",
            )
            for i in range(COUNT)
        ]  # fmt: skip
        store.save_found(folder.id, found)
        x = np.random.default_rng(0).normal(size=(COUNT, DIM)).astype(np.float32)
        encoder_id = store.use_encoder("tiny", "tiny", DIM)
        ids = [row.id for row in store.rows()]
        store.save_embeddings(encoder_id, [(i, v, 1) for i, v in zip(ids, x, strict=True)])
        yield store


def vectors_of(store: Store) -> tasks.Vectors:
    vectors = tasks.read_vectors(store)
    assert vectors is not None
    return vectors


def rated(store: Store, count: int) -> tuple[int, tasks.FittedSlider]:
    vectors = vectors_of(store)
    slider = store.create_slider("calm", "restless", "calm")
    for track, meaning in zip(vectors.ids[:count], vectors.x[:count, 0], strict=True):
        store.rate(int(track), slider.id, 1.0 if meaning > 0 else 0.0)
    return slider.id, tasks.fit_slider(store, slider.id, vectors)


def test_a_test_spreads_over_the_range_and_over_artists(store: Store) -> None:
    slider_id, fitted = rated(store, 20)
    assert fitted.percentiles is not None
    known = set(fitted.ids[:20].tolist())
    artists = {row.id: row.artist for row in store.rows()}
    for seed in range(20):
        test = tasks.choose_test(store, slider_id, fitted.ids, fitted.percentiles, seed)
        assert len(set(test.tracks)) == tasks.TEST_SIZE
        assert not known & set(test.tracks)
        fifths = sorted(min(4, int(p * 5)) for p in test.predicted)
        assert fifths == [0, 1, 2, 3, 4]
        assert len({artists[i] for i in test.tracks}) >= 4
        at = {int(i): k for k, i in enumerate(fitted.ids)}
        assert test.predicted == tuple(float(fitted.percentiles[at[i]]) for i in test.tracks)


def test_the_same_seed_chooses_the_same_and_the_order_gives_nothing_away(store: Store) -> None:
    slider_id, fitted = rated(store, 20)
    assert fitted.percentiles is not None
    tests = [
        tasks.choose_test(store, slider_id, fitted.ids, fitted.percentiles, seed)
        for seed in (1, 1, *range(2, 12))
    ]
    assert tests[0] == tests[1]
    assert len({t.tracks for t in tests}) > 5
    assert any(list(t.predicted) != sorted(t.predicted) for t in tests)


def test_with_fewer_than_five_left_there_is_no_test(store: Store) -> None:
    slider_id, fitted = rated(store, COUNT - 3)
    assert fitted.percentiles is not None
    with pytest.raises(UserError, match="needs 5 tracks that you have not rated, and there are 3"):
        tasks.choose_test(store, slider_id, fitted.ids, fitted.percentiles)


def test_files_that_are_away_are_not_chosen(store: Store) -> None:
    slider_id, fitted = rated(store, COUNT - 6)
    assert fitted.percentiles is not None
    away = fitted.ids[-2:].tolist()
    store.mark_missing(away)
    with pytest.raises(UserError, match="there are 4"):
        tasks.choose_test(store, slider_id, fitted.ids, fitted.percentiles)


def test_pairs_right() -> None:
    assert tasks.pairs_right((0.1, 0.5, 0.9), (0.0, 0.5, 1.0)) == (3, 3)
    assert tasks.pairs_right((0.9, 0.5, 0.1), (0.0, 0.5, 1.0)) == (0, 3)
    assert tasks.pairs_right((0.1, 0.5, 0.9), (1.0, 0.5, 1.0)) == (1, 2)  # alike: no pair


def test_another_suggestion_is_none_of_those_passed_by(store: Store) -> None:
    slider_id, fitted = rated(store, 12)
    vectors = vectors_of(store)
    assert fitted.suggestion is not None
    passed = [fitted.suggestion]
    for _ in range(COUNT - 13):
        found = tasks.suggest_another(store, slider_id, vectors, passed)
        assert found.track_id is not None
        assert found.track_id not in passed
        assert found.track_id not in fitted.ids[:12]
        passed.append(found.track_id)
    assert tasks.suggest_another(store, slider_id, vectors, passed).track_id is None


def test_a_settled_pair_is_not_asked_about_until_one_changes(store: Store) -> None:
    vectors = vectors_of(store)
    first, second = (int(i) for i in vectors.ids[:2])
    x = vectors.x.copy()
    x[1] = x[0] + 0.01  # the same sound
    vectors = tasks.Vectors(vectors.encoder_id, vectors.ids, x)
    slider = store.create_slider("calm", "restless", "calm")
    for track, value in ((first, 0.0), (second, 1.0)):
        store.rate(track, slider.id, value)
    rng = np.random.default_rng(3)
    for track in vectors.ids[2:12]:
        store.rate(int(track), slider.id, float(rng.random() > 0.5))
    fitted = tasks.fit_slider(store, slider.id, vectors)
    assert fitted.state == "confused"
    assert set(fitted.disagreeing or ()) == {first, second}

    tasks.settle(store, slider.id, (second, first))
    tasks.settle(store, slider.id, (second, first))
    again = tasks.fit_slider(store, slider.id, vectors)
    assert again.state != "confused"
    assert again.disagreeing is None

    store.rate(second, slider.id, 0.875)
    asked = tasks.fit_slider(store, slider.id, vectors)
    assert asked.state == "confused"
    assert set(asked.disagreeing or ()) == {first, second}


@pytest.mark.parametrize("spoilt", ["?", 3, [], {"1": 4}])
def test_a_spoilt_memory_of_pairs_is_passed_over(store: Store, spoilt: object) -> None:
    slider_id, _ = rated(store, 12)
    store.set_setting("settled", spoilt)
    pair = (store.rows()[0].id, store.rows()[1].id)
    tasks.settle(store, slider_id, pair)
    assert tasks.fit_slider(store, slider_id, vectors_of(store)).ratings == 12
