"""Which encoder hears: changed, changed back, kept, forgotten."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sliders_desktop import tasks
from sliders_desktop.config import Paths
from sliders_desktop.errors import ModelMismatch, UserError
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store
from sliders_desktop.ml.encoder import Encoder, EncoderConfig
from sliders_desktop.tasks.generations import SHIPPED, generations, hash_of, install


@pytest.fixture
def paths(home: Path) -> Paths:
    return Paths(home)


@pytest.fixture
def store(paths: Paths) -> Iterator[Store]:
    with Store.open(paths.database) as store:
        folder = store.add_folder("/music")
        found = [FoundTrack(f"/music/{i}.mp3", 1, 1, f"{i:064x}", 60.0) for i in range(4)]
        store.save_found(folder.id, found)
        yield store


def new_weights(paths: Paths, content: str) -> Path:
    paths.teaching.mkdir(parents=True, exist_ok=True)
    weights = paths.teaching / "taught.safetensors"
    weights.write_text(content)
    return weights


def teach(store: Store, paths: Paths, content: str) -> str:
    return install(store, paths, new_weights(paths, content), 4)


def listen(store: Store, sha256: str) -> int:
    encoder = store.use_encoder(sha256, "encoder", 4)
    vectors = [(row.id, np.zeros(4, np.float32), 1) for row in store.rows()]
    store.save_embeddings(encoder, vectors)
    return encoder


def chosen(store: Store, paths: Paths) -> str:
    (sha,) = [g.sha256 for g in generations(store, paths) if g.chosen]
    return sha


def test_without_any_the_shipped_one_hears(store: Store, paths: Paths) -> None:
    assert [(g.sha256, g.chosen) for g in generations(store, paths)] == [(SHIPPED, True)]
    assert paths.encoder == paths.shipped_encoder


def test_going_back_and_forth_needs_no_listening(store: Store, paths: Paths) -> None:
    shipped = listen(store, hash_of(paths.shipped_encoder))
    taught_sha = teach(store, paths, "taught")
    assert paths.encoder.read_text() == "taught"
    assert store.serving_encoder() == shipped
    taught = listen(store, taught_sha)
    assert store.serving_encoder() == taught

    tasks.use_generation(store, paths, SHIPPED)
    assert paths.encoder == paths.shipped_encoder
    assert store.serving_encoder() == shipped
    assert chosen(store, paths) == SHIPPED

    tasks.use_generation(store, paths, taught_sha)
    assert paths.encoder.read_text() == "taught"
    assert store.serving_encoder() == taught
    assert chosen(store, paths) == taught_sha


def test_one_taught_before_is_kept_and_no_more(store: Store, paths: Paths) -> None:
    _, second, third = (teach(store, paths, name) for name in ("one", "two", "three"))
    assert {g.sha256 for g in generations(store, paths)} == {SHIPPED, second, third}

    tasks.use_generation(store, paths, second)
    fourth = teach(store, paths, "four")
    assert {g.sha256 for g in generations(store, paths)} == {SHIPPED, second, fourth}


def test_one_put_there_by_hand_is_not_lost(store: Store, paths: Paths) -> None:
    paths.own_encoder.parent.mkdir()
    paths.own_encoder.write_text("by hand")
    by_hand = hash_of(paths.own_encoder)
    assert chosen(store, paths) == by_hand

    tasks.use_generation(store, paths, SHIPPED)
    assert {g.sha256 for g in generations(store, paths)} == {SHIPPED, by_hand}
    tasks.use_generation(store, paths, by_hand)
    assert paths.encoder.read_text() == "by hand"


def test_one_that_is_gone_is_not_chosen(store: Store, paths: Paths) -> None:
    taught = teach(store, paths, "taught")
    (paths.taught / f"{taught}.safetensors").unlink()
    tasks.use_generation(store, paths, SHIPPED)
    assert chosen(store, paths) == SHIPPED
    with pytest.raises(UserError, match="can't be read"):
        tasks.use_generation(store, paths, "0" * 64)
    assert chosen(store, paths) == SHIPPED


class OtherVersion(Paths):
    """A program that came with another encoder."""

    @property
    def shipped_encoder(self) -> Path:
        return self.home / "shipped.safetensors"


def test_one_that_does_not_fit_any_more_gives_way_to_the_shipped_one(
    store: Store, home: Path
) -> None:
    paths = OtherVersion(home)
    Encoder.random(0, EncoderConfig(layers=1)).save(paths.shipped_encoder)
    teach(store, paths, "of another version")

    result = tasks.listen(store, paths, "cpu")

    assert chosen(store, paths) == SHIPPED
    assert store.encoders()[0].sha256 == hash_of(paths.shipped_encoder)
    assert result.failed == 4  # no such files, but it was about to listen
    paths.shipped_encoder.write_text("damaged")
    with pytest.raises(ModelMismatch):
        tasks.listen(store, paths, "cpu")


def test_what_nobody_can_choose_is_forgotten(store: Store, paths: Paths) -> None:
    shipped = listen(store, hash_of(paths.shipped_encoder))
    made = [listen(store, teach(store, paths, name)) for name in ("one", "two", "three")]
    stale = listen(store, "shipped with an older version")
    last = listen(store, teach(store, paths, "four"))

    tasks.forget_unreachable(store, paths)

    left = {row.id for row in store.encoders()}
    assert left == {shipped, made[2], stale, last}  # `stale` was used just before
    assert all(store.vector_count(i) == 4 for i in left)
    listen(store, hash_of(paths.shipped_encoder))
    tasks.forget_unreachable(store, paths)
    assert {row.id for row in store.encoders()} == {shipped, made[2], last}
