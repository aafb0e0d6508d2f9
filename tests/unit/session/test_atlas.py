"""The map as the window meets it: it forms, it stays, it is offered, and it can be had back."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from sliders_desktop.jobs import Jobs
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store
from sliders_desktop.ml.placing import place
from sliders_desktop.ml.projection import fit
from sliders_desktop.session.atlas import Atlas, Morph
from sliders_desktop.session.catalogue import Catalogue

COUNT, DIM = 60, 8
X = np.random.default_rng(0).normal(size=(2 * COUNT, DIM)).astype(np.float32)
LONG_MS = 60_000  # the first map of a machine is compiled before


class World:
    """A library with a catalogue and an atlas, as the session wires them."""

    def __init__(self, path: Path, qtbot: QtBot) -> None:
        self.qtbot, self.path = qtbot, path
        self.store = Store.open(path)
        self.open()

    def open(self) -> None:
        self.jobs = Jobs(self.path)
        self.catalogue = Catalogue(self.store, self.jobs)
        self.atlas = Atlas(self.jobs, self.catalogue)
        self.morphs: list[Morph] = []
        self.atlas.moves.connect(self.morphs.append)

    def restart(self) -> None:
        self.close()
        self.open()
        self.atlas.start()
        self.read()

    def close(self) -> None:
        self.catalogue.close()
        assert self.jobs.shutdown()

    def hear(self, first: int, last: int, sha: str = "first", shift: float = 0.0) -> None:
        """Tracks that were listened to come in."""
        folder = self.store.add_folder("/music")
        found = [FoundTrack(f"/music/{i}.flac", 1, 1, f"{i:064x}") for i in range(first, last)]
        known = len(self.store.rows())
        self.store.save_found(folder.id, found[max(known - first, 0) :])
        ids = [row.id for row in self.store.rows()][first:last]
        encoder = self.store.use_encoder(sha, sha, DIM)
        x = X[first:last] + np.float32(shift) * X[::-1][first:last]
        self.store.save_embeddings(encoder, [(i, v, 1) for i, v in zip(ids, x, strict=True)])
        self.read()

    def read(self) -> None:
        with self.qtbot.waitSignal(self.catalogue.vectors_changed, timeout=LONG_MS):
            self.catalogue.load_vectors(at_once=True)
        self.rest()

    def rest(self) -> None:
        self.qtbot.waitUntil(self.jobs.idle, timeout=LONG_MS)

    @property
    def places(self) -> dict[int, tuple[float, ...]]:
        xy = map(tuple, self.catalogue.map_xy.tolist())
        return dict(zip(self.catalogue.map_ids.tolist(), xy, strict=True))


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Here, since the lane gives way to everything else on the machine."""
    fit(X[:50], epochs=1)
    place(X[:50], np.where(np.arange(50)[:, None] < 40, X[:50, :2], np.nan).astype(np.float32))


@pytest.fixture
def world(tmp_path: Path, qtbot: QtBot) -> Iterator[World]:
    world = World(tmp_path / "library.db", qtbot)
    world.atlas.start()
    world.hear(0, COUNT)
    yield world
    world.close()
    world.store.close()


def test_the_same_library_opens_as_the_same_map(world: World) -> None:
    first = world.places
    assert len(first) == COUNT
    world.restart()
    assert world.places == first
    assert not world.morphs


def test_new_tracks_move_nobody_until_there_are_many(world: World) -> None:
    first = world.places
    world.hear(COUNT, COUNT + 5)
    assert world.places.items() > first.items()
    assert not world.morphs
    world.restart()
    world.hear(COUNT + 5, COUNT + 10)
    assert world.places.items() > first.items()  # it grew by a sixth
    before = world.places
    world.hear(COUNT + 10, COUNT + 15)  # and now by a quarter, though in steps

    (morph,) = world.morphs
    assert len(world.places) == COUNT + 15
    assert dict(zip(morph.ids.tolist(), map(tuple, morph.before.tolist()), strict=True)) == before
    assert {i: world.places[i] for i in before} == dict(
        zip(morph.ids.tolist(), map(tuple, morph.after.tolist()), strict=True)
    )
    apart = np.linalg.norm(morph.after - morph.before, axis=1)
    assert apart.mean() < 0.03 * np.linalg.norm(np.ptp(morph.before, axis=0))


def test_it_is_seen_forming_and_can_be_had_back(world: World) -> None:
    first, seen = world.places, []
    assert not world.atlas.can_undo
    world.atlas.forming.connect(lambda ids, xy: seen.append((len(ids), xy.shape)))

    world.atlas.redraw()
    assert not world.atlas.can_undo
    world.rest()

    assert seen
    assert set(seen) == {(COUNT, (COUNT, 2))}
    second = world.places
    assert second != first
    assert world.atlas.can_undo
    world.atlas.undo()
    world.rest()
    assert world.places == first
    assert len(world.morphs) == 2
    world.restart()
    assert world.places == first  # for good
    world.atlas.undo()
    world.rest()
    assert world.places == second


def test_other_ears_leave_the_map_and_offer_another(world: World) -> None:
    first = world.places
    assert world.atlas.offer == ""
    world.hear(0, COUNT, "second", shift=0.5)
    assert world.catalogue.vectors is not None
    assert world.catalogue.vectors.encoder_id == 2
    assert world.places == first
    assert "drawn anew" in world.atlas.offer
    world.hear(COUNT, COUNT + 40, "second")  # even so much growth draws nothing unasked
    assert world.places.items() > first.items()
    world.restart()
    assert world.atlas.offer

    with world.qtbot.waitSignal(world.atlas.state_changed, timeout=LONG_MS):
        world.atlas.accept()
    world.rest()
    assert world.atlas.offer == ""
    assert not world.places.items() >= first.items()
    world.atlas.undo()
    world.rest()
    assert world.places.items() > first.items()


def test_what_is_declined_is_not_offered_again(world: World) -> None:
    world.hear(0, COUNT, "second")
    with world.qtbot.waitSignal(world.atlas.state_changed, timeout=LONG_MS):
        world.atlas.decline()
    assert world.atlas.offer == ""
    world.restart()
    assert world.atlas.offer == ""


def test_a_drawing_that_was_stopped_does_not_begin_again_at_once(world: World) -> None:
    first, stopped = world.places, []

    def stop() -> None:
        if (job := world.jobs.job("map")) is not None and not stopped:
            stopped.append(job)
            world.atlas.hold()
            job.cancel()

    world.catalogue.vectors_changed.connect(stop)  # after the atlas has begun
    world.hear(COUNT, COUNT + 15)
    assert stopped
    world.hear(COUNT + 15, COUNT + 17)
    assert world.places.items() > first.items()
    assert len(world.places) == COUNT + 17
    assert not world.morphs
