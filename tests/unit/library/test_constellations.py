"""Constellations in the library: written whole, their stars in order, all or nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sliders_desktop.errors import UserError
from sliders_desktop.library.constellations import MOST_STARS
from sliders_desktop.library.records import Constellation, FoundTrack, Star
from sliders_desktop.library.store import Store

COUNT = MOST_STARS + 1


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        found = [FoundTrack(f"/m/{n}.mp3", 1, 1, f"{n}", 9.0) for n in range(COUNT)]
        store.save_found(store.add_folder("/m").id, found)
        yield store


def stars(*tracks: int) -> tuple[Star, ...]:
    return tuple(Star(track_id) for track_id in tracks)


def test_what_is_saved_is_what_is_read(store: Store) -> None:
    one = store.create_constellation(Constellation(0, " Cold front ", stars(5, 2)))
    other = store.create_constellation(Constellation(0, "Harbour"))
    assert one == Constellation(one.id, "Cold front", stars(5, 2))
    assert store.constellations() == [one, other]
    counts = store.counts()
    assert (counts["constellations"], counts["stars"]) == (2, 2)

    changed = Constellation(
        one.id, "Warm front", (Star(5, -1.5), Star(2), Star(9)), "wander", 0.75, 0.0, 12, 7
    )
    store.save_constellation(changed)
    assert store.constellations() == [changed, other]


def test_any_order_of_stars_is_kept(store: Store) -> None:
    """Against a list: whatever is added, dropped, turned or put back, only that holds."""
    rng = np.random.default_rng(0)
    one = store.create_constellation(Constellation(0, "Cold front"))
    for _ in range(60):
        ids = rng.permutation(12)[: rng.integers(0, 12)] + 1
        if rng.random() < 0.6:  # the commonest: some go, some come behind
            kept = [star.track_id for star in one.stars if rng.random() < 0.8]
            ids = np.array([*kept, *(i for i in ids if i not in kept)], int)
        weights = rng.choice([-2.0, -0.5, 1.0, 2.0], len(ids))
        pairs = zip(ids.tolist(), weights.tolist(), strict=True)
        one = replace(one, stars=tuple(Star(*pair) for pair in pairs))
        store.save_constellation(one)
        assert store.constellations() == [one]


def test_a_deleted_one_comes_back_as_it_was(store: Store) -> None:
    one = store.create_constellation(Constellation(0, "Cold front", (Star(3, -1.0), Star(1))))
    other = store.create_constellation(Constellation(0, "Harbour", stars(1)))
    store.delete_constellation(one.id)
    assert store.constellations() == [other]
    with pytest.raises(UserError, match="gone"):
        store.save_constellation(one)
    assert store.create_constellation(one) == one
    assert store.constellations() == [one, other]


def test_names_are_borne_once(store: Store) -> None:
    one = store.create_constellation(Constellation(0, "Über"))
    for name in ("ÜBER", "über "):
        with pytest.raises(UserError, match="There is a constellation called “Über” already"):
            store.create_constellation(Constellation(0, name))
    with pytest.raises(UserError, match="needs a name"):
        store.save_constellation(replace(one, name=" "))
    store.save_constellation(replace(one, name="ÜBER"))
    assert store.free_constellation_name("über") == "über 2"
    assert store.free_constellation_name("Harbour") == "Harbour"


def test_too_many_stars_change_nothing(store: Store) -> None:
    one = store.create_constellation(Constellation(0, "Cold front", stars(1)))
    with pytest.raises(UserError, match="500 stars at most"):
        store.save_constellation(replace(one, stars=stars(*range(1, COUNT + 1))))
    assert store.constellations() == [one]
    most = replace(one, stars=stars(*range(1, COUNT)))
    store.save_constellation(most)
    assert store.constellations() == [most]


def test_tracks_that_are_gone_fall_out(store: Store) -> None:
    one = store.create_constellation(Constellation(0, "Cold front", stars(3, 1, 2)))
    store._db.write("DELETE FROM tracks WHERE id = 1")
    assert store.constellations() == [replace(one, stars=stars(3, 2))]
    store.save_constellation(one)  # undo knows of it still
    assert store.constellations() == [replace(one, stars=stars(3, 2))]


def test_forgetting_and_backups_leave_them(store: Store, tmp_path: Path) -> None:
    one = store.create_constellation(Constellation(0, "Cold front", stars(3, 1)))
    store.forget_listening()
    store.forget_derived()
    store.backup(tmp_path / "copy.db")
    with Store.open(tmp_path / "copy.db") as copy:
        assert store.constellations() == copy.constellations() == [one]


@pytest.mark.parametrize("listed", ["stars", "playlist"])
def test_a_star_follows_its_audio_to_a_copy(store: Store, tmp_path: Path, listed: str) -> None:
    """As a rated track does; and a copy that is a star itself lends its place to nobody."""
    folder = store.add_folder(tmp_path)
    files = [FoundTrack(str(tmp_path / name), 0, 0, "same", 9.0) for name in ("old", "copy")]
    for file in files:
        Path(file.path).touch()
    old, copy = store.save_found(folder.id, files).added
    if listed == "stars":
        one = store.create_constellation(Constellation(0, "Cold front", stars(old)))
    else:
        kitchen = store.create_playlist("Kitchen", [old])
    Path(files[0].path).unlink()
    store.mark_missing([old])
    now = {row.id: (row.path, row.missing) for row in store.rows([old, copy])}
    assert now == {old: (files[1].path, False), copy: (files[0].path, True)}

    Path(files[0].path).touch()
    store.save_found(folder.id, files)
    if listed == "stars":
        store.save_constellation(replace(one, stars=stars(old, copy)))
    else:
        store.add_to_playlist(kitchen, [copy])
    store.mark_missing([old])
    assert {row.id: row.missing for row in store.rows([old, copy])} == {old: True, copy: False}
