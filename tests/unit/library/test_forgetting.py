"""Forgotten is forgotten: no byte of what was played is left in any file of the library."""

import shutil
import sqlite3
import struct
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sliders_desktop.errors import UserError
from sliders_desktop.library.records import FoundTrack, Listen, Play
from sliders_desktop.library.store import Store

DATA = Path(__file__).parents[2] / "data"
PLAYS = 3000  # several pages of them, and of their index
FIRST = 1_687_543_210
SONG = "Zephyrine Quadrille"
TIMES = [struct.pack(">i", FIRST + at) for at in range(0, PLAYS, 7)]


def traces(folder: Path) -> list[str]:
    """Files below ``folder`` in which something of the plays is left."""
    found = []
    for file in sorted(folder.rglob("*")):
        held = file.read_bytes() if file.is_file() else b""
        if SONG.encode() in held or any(time in held for time in TIMES):
            found.append(file.name)
    return found


def listen(store: Store) -> None:
    with store._db.precious() as block:
        block.executemany(
            "INSERT INTO plays (track_id, started_at, seconds_played, outcome, origin)"
            " VALUES (?, ?, 60.0, 'finished', 'user')",
            [(at % 3 + 1, FIRST + at) for at in range(PLAYS)],
        )
    for at in range(40):
        store.save_listen(Listen(0, 1, FIRST + 7 * at, SONG, "", "", 60.0))
        store.set_setting("state.playback", {"history": [SONG] * (40 - at), "at": FIRST})


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as store:
        found = [FoundTrack(f"/m/{n}.mp3", 1, 1, f"{n}", 9.0, f"Song {n}") for n in range(3)]
        store.save_found(store.add_folder("/m").id, found)
        yield store


def test_nothing_of_it_is_left_anywhere(path: Path, store: Store) -> None:
    slider = store.create_slider("calm", "restless", "calm")
    store.rate(1, slider.id, 0.5)
    store.set_setting("theme", "dark")
    listen(store)
    store.forget_listens(range(1, 20))  # sent in the meantime
    store._db.one("PRAGMA wal_checkpoint(PASSIVE)")
    store.backup(path.with_name("library.db.before-m099"))
    assert traces(path.parent) == ["library.db", "library.db-wal", "library.db.before-m099"]

    store.forget_listening()

    assert traces(path.parent) == []
    assert not path.with_name("library.db-wal").stat().st_size
    assert {row.plays for row in store.rows()} == {0}
    assert {row.last_played_at for row in store.rows()} == {0}
    assert (store.all_plays(), store.waiting_count()) == ([], 0)
    for kept in (path, path.with_name("library.db.before-m099")):
        with Store.open(kept) as other:
            assert other.settings() == {"theme": '"dark"'}
            assert other.current_rating(1, slider.id) == 0.5
            assert other._db.one("PRAGMA integrity_check")[0] == "ok"
    store.save_play(Play(2, FIRST, 60.0, "finished", "user"))
    assert [row.plays for row in store.rows()] == [0, 1, 0]


def test_what_an_older_version_deleted_goes_with_the_next_step(path: Path) -> None:
    path.parent.mkdir(parents=True)
    shutil.copy(DATA / "library-m006.db", path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute(
            "INSERT INTO listens VALUES (9, 1, ?, ?, '', '', 60.0)", [FIRST, SONG * 200]
        )
        connection.commit()
        connection.execute("DELETE FROM listens WHERE id = 9")
        connection.commit()
    assert traces(path.parent) == ["library.db"]

    with Store.open(path) as store:
        store.forget_listening()
        assert traces(path.parent) == []
        assert not store.all_plays()


def test_while_somebody_reads_it_waits_and_nobody_else_does(path: Path, store: Store) -> None:
    listen(store)
    reader = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM plays").fetchone() == (PLAYS,)
    begun, done = threading.Event(), threading.Event()

    def forget() -> None:
        with Store.open(path) as other:
            begun.set()
            other.forget_listening()
        done.set()

    thread = threading.Thread(target=forget)
    thread.start()
    assert begun.wait(5)
    while store.all_plays():  # its block is over; the log is in use still
        pass
    store.set_setting("theme", "dark")
    assert not done.is_set()
    reader.close()
    thread.join(10)
    assert done.is_set()
    assert traces(path.parent) == []


def test_a_copy_that_cannot_be_changed_is_named(path: Path, store: Store) -> None:
    listen(store)
    path.with_name("library.db.before-m099").write_bytes(b"damaged " * 2000)
    with pytest.raises(UserError, match=r"library\.db\.before-m099 .* delete it by hand"):
        store.forget_listening()
    assert traces(path.parent) == []
