"""The map's tasks on a real library: drawn, grown, kept, taken back, handed to new ears."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sliders_desktop import tasks
from sliders_desktop.errors import Cancelled, UserError
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store
from sliders_desktop.ml import neighbours
from sliders_desktop.tasks import mapping

COUNT, DIM, GROUPS = 160, 12, 8
RNG = np.random.default_rng(0)
X = RNG.normal(size=(GROUPS, DIM))[np.arange(COUNT) % GROUPS] + 0.4 * RNG.normal(size=(COUNT, DIM))
X = X.astype(np.float32)


def add_tracks(store: Store, first: int, last: int) -> list[int]:
    """Tracks that were listened to."""
    folder = store.add_folder("/music")
    found = [FoundTrack(f"/music/{i}.flac", 1, 1, f"{i:064x}") for i in range(first, last)]
    store.save_found(folder.id, found)
    ids = [row.id for row in store.rows()][first:last]
    save(store, store.use_encoder("tiny", "tiny", DIM), ids, X[first:last])
    return ids


def save(store: Store, encoder: int, ids: list[int], x: np.ndarray) -> None:
    store.save_embeddings(encoder, [(i, v, 1) for i, v in zip(ids, x, strict=True)])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        add_tracks(store, 0, COUNT - 8)
        yield store


def vectors_of(store: Store) -> tasks.Vectors:
    vectors = tasks.read_vectors(store)
    assert vectors is not None
    return vectors


def places(drawn: tasks.Map) -> dict[int, tuple[float, ...]]:
    return dict(zip(drawn.ids.tolist(), map(tuple, drawn.xy.tolist()), strict=True))


def test_new_tracks_are_placed_and_nobody_moves(store: Store) -> None:
    drawn = tasks.fit_map(store, vectors_of(store))
    new = add_tracks(store, COUNT - 8, COUNT)

    placed = tasks.place_on_map(store, vectors_of(store))

    assert placed.ids.tolist() == [*drawn.ids.tolist(), *new]
    np.testing.assert_array_equal(placed.xy[:-8], drawn.xy)
    group = np.arange(COUNT) % GROUPS
    middles = np.stack([drawn.xy[group[:-8] == g].mean(0) for g in range(GROUPS)])
    apart = np.linalg.norm(placed.xy[-8:, None] - middles[None], axis=2)
    assert (apart.argmin(1) == group[-8:]).mean() > 0.7
    assert placed.state.tracks == COUNT - 8  # it was drawn of so many
    assert places(tasks.read_map(store)) == places(placed)


def test_a_drawing_is_seen_coming_and_can_be_taken_back(store: Store) -> None:
    first = tasks.fit_map(store, vectors_of(store))
    assert (first.state.anew, first.state.undoable) == (COUNT - 8, False)
    seen: list[np.ndarray] = []

    second = tasks.fit_map(
        store, vectors_of(store), anew=True, forming=lambda ids, xy: seen.append(xy)
    )

    assert seen
    assert seen[0].shape == second.xy.shape
    assert places(second) != places(first)
    back = tasks.take_back_map(store, vectors_of(store).encoder_id)
    assert places(back) == places(first)
    assert places(tasks.take_back_map(store, vectors_of(store).encoder_id)) == places(second)


def test_when_it_has_grown_much_it_is_drawn_from_the_ground_up(store: Store) -> None:
    vectors = vectors_of(store)
    few = tasks.Vectors(vectors.encoder_id, vectors.ids[:90], vectors.x[:90])
    assert tasks.fit_map(store, few).state.anew == 90
    some = tasks.Vectors(vectors.encoder_id, vectors.ids[:110], vectors.x[:110])
    assert tasks.fit_map(store, some).state.anew == 90
    assert tasks.fit_map(store, vectors).state.anew == len(vectors.ids)


def test_another_encoder_is_lent_the_map_one_knows(store: Store) -> None:
    """Until a map of its own is wanted; that one begins where everything was."""
    old = vectors_of(store).encoder_id
    drawn = tasks.fit_map(store, vectors_of(store))
    turned = np.stack([-drawn.xy[:, 1], drawn.xy[:, 0]], 1)  # no fit from scratch would lie so
    store.save_map(old, drawn.ids, turned)
    new = store.use_encoder("new", "new", DIM)
    save(store, new, drawn.ids.tolist(), X[: len(drawn.ids)] + np.float32(0.01))

    lent = tasks.read_map(store)

    assert (lent.encoder_id, lent.state.lent) == (new, True)
    np.testing.assert_array_equal(lent.xy, turned)
    again = tasks.fit_map(store, vectors_of(store), anew=True)
    assert not again.state.lent
    moved = np.linalg.norm(again.xy - turned, axis=1).mean()
    assert 0 < moved < 0.3 * np.linalg.norm(again.xy - drawn.xy, axis=1).mean()
    np.testing.assert_array_equal(tasks.read_map(store, old).xy, turned)
    np.testing.assert_array_equal(tasks.read_map(store).xy, again.xy)


def test_vectors_that_are_no_numbers_stop_nothing_else(store: Store) -> None:
    vectors = vectors_of(store)
    x = vectors.x.copy()
    x[5, 3] = np.nan
    drawn = tasks.fit_map(store, tasks.Vectors(vectors.encoder_id, vectors.ids, x))
    assert drawn.ids.tolist() == np.delete(vectors.ids, 5).tolist()
    assert np.isfinite(drawn.xy).all()
    with pytest.raises(UserError, match=r"listen to the music again\.$"):
        tasks.fit_map(store, tasks.Vectors(vectors.encoder_id, vectors.ids, x * np.nan))


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tracks were compared with all others, each time."""
    monkeypatch.setattr(mapping, "KEPT_FROM", 50)
    counts: list[int] = []
    nearest = neighbours.nearest

    def counted(z, k, known=None, new=None, *rest, **more):  # type: ignore[no-untyped-def]
        counts.append(int(new.sum()))
        return nearest(z, k, known, new, *rest, **more)

    monkeypatch.setattr(neighbours, "nearest", counted)
    return counts


def exact(store: Store) -> bool:
    """Whether what is kept is what comparing all with all gives."""
    vectors, kept = vectors_of(store), store.neighbours(vectors_of(store).encoder_id)
    assert kept is not None
    assert kept.ids.tolist() == vectors.ids.tolist()
    truth = 1 - (z := neighbours.directions(vectors.x, kept.centre)) @ z.T
    np.fill_diagonal(truth, np.inf)
    at = np.searchsorted(vectors.ids, kept.near)
    return np.allclose(kept.distance, np.sort(truth, 1)[:, : kept.near.shape[1]], atol=1e-5) and (
        np.allclose(np.take_along_axis(truth, at, 1), kept.distance, atol=1e-5)
    )


def test_who_is_near_whom_is_kept_and_only_what_is_new_is_compared(
    store: Store, compared: list[int]
) -> None:
    tasks.fit_map(store, vectors_of(store))
    assert exact(store)
    tasks.fit_map(store, vectors_of(store))
    assert compared == [COUNT - 8]  # nothing was new

    add_tracks(store, COUNT - 8, COUNT)
    tasks.fit_map(store, vectors_of(store))
    assert compared == [COUNT - 8, 8]
    assert exact(store)


def test_a_vector_that_changed_is_compared_anew_with_all_who_knew_it(
    store: Store, compared: list[int]
) -> None:
    tasks.fit_map(store, vectors_of(store))
    vectors = vectors_of(store)
    save(store, vectors.encoder_id, [int(vectors.ids[3])], vectors.x[4:5] + np.float32(0.1))
    tasks.fit_map(store, vectors_of(store))

    assert 1 < compared[1] < COUNT - 8
    assert exact(store)


def test_where_the_middle_has_moved_all_are_compared(store: Store, compared: list[int]) -> None:
    tasks.fit_map(store, vectors_of(store))
    vectors = vectors_of(store)
    x = vectors.x[40:] + np.float32(2)
    save(store, vectors.encoder_id, vectors.ids[40:].tolist(), x)
    tasks.fit_map(store, vectors_of(store))

    assert compared[1] == COUNT - 8
    assert exact(store)


def test_cancelled_it_leaves_the_map_as_it_was_and_keeps_what_it_compared(
    store: Store, compared: list[int]
) -> None:
    first = tasks.fit_map(store, vectors_of(store))
    add_tracks(store, COUNT - 8, COUNT)

    class Stop:
        def progress(self, done: int, total: int, text: str = "") -> None:
            self.drawing = text == "map"

        def check(self) -> None:
            if getattr(self, "drawing", False):
                raise Cancelled

    with pytest.raises(Cancelled):
        tasks.fit_map(store, vectors_of(store), job=Stop())
    assert places(tasks.read_map(store)) == places(first)
    tasks.fit_map(store, vectors_of(store))
    assert compared == [COUNT - 8, 8]
