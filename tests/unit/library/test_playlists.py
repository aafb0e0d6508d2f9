"""Playlists in the library: an order that is kept, tracks that stand twice, all or nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sliders_desktop.errors import UserError
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        found = [FoundTrack(f"/m/{n}.mp3", 1, 1, f"{n}", 9.0, f"Song {n}", "A") for n in range(9)]
        store.save_found(store.add_folder("/m").id, found)
        yield store


def test_an_order_is_kept_and_a_track_may_stand_twice(store: Store) -> None:
    kitchen = store.create_playlist("Kitchen", [3, 1, 3])
    assert store.playlist_tracks(kitchen) == [3, 1, 3]
    store.add_to_playlist(kitchen, [5])
    store.add_to_playlist(kitchen, [7, 8], 1)
    assert store.playlist_tracks(kitchen) == [3, 7, 8, 1, 3, 5]
    store.remove_from_playlist(kitchen, [0, 2, 99])
    assert store.playlist_tracks(kitchen) == [7, 1, 3, 5]
    store.move_in_playlist(kitchen, [0, 3], 2)
    assert store.playlist_tracks(kitchen) == [1, 7, 5, 3]
    store.replace_playlist(kitchen, [2])
    assert store.playlist_tracks(kitchen) == [2]
    (one,) = store.playlists()
    assert (one.id, one.name, one.count) == (kitchen, "Kitchen", 1)
    assert store.counts()["playlists"] == 1


@pytest.mark.parametrize(
    ("places", "to", "wanted"),
    [
        ([0], 3, "bcad"),
        ([0], 4, "bcda"),
        ([3], 0, "dabc"),
        ([1, 2], 0, "bcad"),
        ([0, 3], 2, "badc"),
        ([1], 1, "abcd"),
        ([1], 2, "abcd"),
        ([2], -5, "cabd"),
        ([0], 99, "bcda"),
        ([9, -1], 0, "abcd"),
    ],
)
def test_where_what_is_moved_goes(store: Store, places: list[int], to: int, wanted: str) -> None:
    kitchen = store.create_playlist("Kitchen", [1, 2, 3, 4])
    store.move_in_playlist(kitchen, places, to)
    assert "".join(" abcd"[i] for i in store.playlist_tracks(kitchen)) == wanted


def test_there_is_always_room(store: Store) -> None:
    kitchen = store.create_playlist("Kitchen", [1, 2])
    wanted = [1, 2]
    for n in range(60):  # each time between the same two, until no number is left there
        store.add_to_playlist(kitchen, [3 + n % 5], 1)
        wanted.insert(1, 3 + n % 5)
    assert store.playlist_tracks(kitchen) == wanted
    store.replace_playlist(kitchen, [*wanted[:20], 9, *wanted[22:]])
    assert store.playlist_tracks(kitchen) == [*wanted[:20], 9, *wanted[22:]]
    store.replace_playlist(kitchen, [])
    assert store.playlist_tracks(kitchen) == []


def test_a_deleted_list_comes_back_as_it_was(store: Store) -> None:
    kitchen = store.create_playlist("Kitchen", [1, 2])
    store.create_playlist("Road trip", [3])
    store.delete_playlist(kitchen)
    assert [one.name for one in store.playlists()] == ["Road trip"]
    assert store.playlist_tracks(kitchen) == []
    assert store.create_playlist("Kitchen", [1, 2], kitchen) == kitchen
    assert store.playlist_tracks(kitchen) == [1, 2]


def test_names_are_borne_once(store: Store) -> None:
    kitchen = store.create_playlist(" Kitchen ", [])
    with pytest.raises(UserError, match="There is a playlist called “Kitchen” already"):
        store.create_playlist("KITCHEN", [1])
    with pytest.raises(UserError, match="needs a name"):
        store.rename_playlist(kitchen, "  ")
    store.rename_playlist(kitchen, "KITCHEN")
    assert store.free_playlist_name("kitchen") == "kitchen 2"
    assert store.free_playlist_name("Bath") == "Bath"
    with pytest.raises(UserError, match="gone"):
        store.rename_playlist(99, "Bath")
    with pytest.raises(UserError, match="gone"):
        store.add_to_playlist(99, [1])


def test_all_or_nothing(store: Store) -> None:
    kitchen = store.create_playlist("Kitchen", [1, 2])
    with pytest.raises(Exception, match="FOREIGN KEY"):
        store.add_to_playlist(kitchen, [3, 12345])
    assert store.playlist_tracks(kitchen) == [1, 2]
    with pytest.raises(Exception, match="FOREIGN KEY"):
        store.create_playlist("Bath", [12345])
    assert len(store.playlists()) == 1
    with pytest.raises(UserError, match="at most"):
        store.add_to_playlist(kitchen, [1] * 100_000)
    assert store.playlist_tracks(kitchen) == [1, 2]
