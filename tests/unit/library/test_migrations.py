"""The schema and its history: every step has a test, every released library still opens."""

import shutil
import sqlite3
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sqlite_utils

from sliders_desktop.errors import DatabaseTooNew, UserError
from sliders_desktop.library.database import Database
from sliders_desktop.library.maps import Neighbours
from sliders_desktop.library.migrations import (
    MIGRATIONS,
    m001_initial,
    m002_wanted_encoder,
    m003_listens,
    m004_loudness,
    m005_parts,
    m006_words,
    m007_constellations,
    m008_maps,
    m009_regions,
    step_names,
)
from sliders_desktop.library.records import (
    Constellation,
    FoundTrack,
    Listen,
    MapState,
    Play,
    Region,
    Star,
)
from sliders_desktop.library.store import Store

DATA = Path(__file__).parents[2] / "data"
STEPS = sorted(step_names())
STEP_FUNCTIONS = (
    *(m001_initial, m002_wanted_encoder, m003_listens, m004_loudness, m005_parts),
    *(m006_words, m007_constellations, m008_maps, m009_regions),
)
FILLED = 5  # tracks
RAINY_CORNER = Region(0, "Rainy corner", ((0.0, 0.0), (1.0, 0.0), (0.5, 1.5)))
CENTRE = np.arange(4, dtype=np.float32)
COLD_FRONT = Constellation(0, "Cold front", (Star(2), Star(1, -0.5)), "wander", 0.5, 1.0, 9, 3)


def schema(path: Path) -> str:
    """What SQLite was told, without the tables that it and sqlite-utils keep for themselves."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            """
            SELECT name, sql FROM sqlite_master WHERE sql NOT NULL
            ORDER BY tbl_name, type NOT IN ('table', 'view'), name
            """
        ).fetchall()
    theirs = ("sqlite_", "_sqlite_", "idx__sqlite_")
    of_the_index = {f"tracks_search_{name}" for name in ("config", "data", "docsize", "idx")}
    ours = [sql for name, sql in rows if not name.startswith(theirs) and name not in of_the_index]
    return "".join(f"{sql};\n\n" for sql in ours)


def fill(store: Store) -> None:
    """A little of everything, as a listener of that version left it."""
    folder = store.add_folder("/music")
    store.save_found(
        folder.id,
        [
            FoundTrack(
                "/music/one.mp3", 10, 20, "hash-1", 61.5, "One", "Émile", "First", year=1999
            ),
            FoundTrack(
                *("/music/two.mp3", 11, 21, "hash-2", 62.5, "Two", "Zoé", "First"),
                track_gain_db=-7.5,
                track_peak=0.5,
            ),
            FoundTrack("/music/bad.mp3", 12, 22, None, error="cut off"),
            FoundTrack(
                *("/music/album.flac", 13, 23, "hash-3", 1.5, "Side"), part=1, end_s=1.5, sheet=7
            ),
            FoundTrack(
                *("/music/album.flac", 13, 23, "hash-4", 2.5, "Other"), part=2, start_s=1.5, sheet=7
            ),
        ],
    )
    gone = store.create_slider("loud", "soft", "loud", "what wakes the neighbours", "#ff8800")
    store.rate(1, gone.id, 1.0)
    store.save_shared(gone.id, "{}")
    store.delete_slider(gone.id)
    slider = store.create_slider("calm", "restless", "calm")
    store.save_preset("Sunday morning", {str(slider.id): {"target": 0.9}})
    store.save_smart_list("Quiet and new", "calm ≥ 80 never heard")
    for value in (0.25, 0.75):
        store.rate(1, slider.id, value)
    store.rate(2, slider.id, 0.5)
    store.rate(2, slider.id, None)
    store.save_play(Play(1, 1_700_000_000, 61.5, "finished", "user"))
    store.save_listen(Listen(0, 1, 1_700_000_000, "One", "Émile", "First", 61.5))
    store.set_setting("theme", "dark")
    store.create_constellation(COLD_FRONT)
    store.save_region(RAINY_CORNER)
    encoder = store.use_encoder("sha", "tiny", 4)
    store.save_embeddings(encoder, [(1, np.arange(4, dtype=np.float32), 30)])
    store.save_map(encoder, np.array([1]), np.array([[0.5, -0.5]], np.float32))
    store.save_map(encoder, np.array([1]), np.array([[0.25, -0.5]], np.float32))
    one = np.ones((1, 1))
    store.save_neighbours(
        encoder,
        Neighbours(one[0].astype(int), np.array([7]), one.astype("i4"), one.astype("f4"), CENTRE),
        np.array([0]),
    )
    store.save_head(slider.id, encoder, np.ones(4), 0.5, 1.0, {"gate": "dim"}, 1)
    store.save_loudness([(1, -14.5, 0.9, b"blocks")])
    store.save_overview(1, np.arange(8, dtype=np.uint8))


def write_released_library(name: str) -> None:
    """Keep what this version writes, small; once for each step, when it is released."""
    path = DATA / f"library-{name}.db"
    with Store.open(path) as store:
        fill(store)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in ("journal_mode = DELETE", "page_size = 512"):
            connection.execute(f"PRAGMA {statement}")
        connection.execute("VACUUM")


def test_every_step_has_its_test_and_a_library_of_its_time() -> None:
    for step in STEPS:
        assert f"test_{step}" in globals()
        assert (DATA / f"library-{step.partition('_')[0]}.db").is_file()


def test_m001_initial(path: Path) -> None:
    with closing(sqlite_utils.Database(memory=True)) as db:
        m001_initial(db)
        names = set(db.table_names())
    assert {"tracks", "ratings", "sliders", "plays", "embeddings", "map_points"} <= names


def test_m002_wanted_encoder(path: Path) -> None:
    """The newest encoder of an older version is the one that is wanted."""
    with closing(sqlite_utils.Database(memory=True)) as db:
        m001_initial(db)
        for sha in ("old", "new"):
            db.execute("INSERT INTO encoders VALUES (NULL, ?, ?, 4, 0)", [sha, sha])
        m002_wanted_encoder(db)
        rows = db.execute("SELECT sha256 FROM encoders ORDER BY used DESC").fetchall()
    assert rows == [("new",), ("old",)]


def test_m003_listens(path: Path) -> None:
    """Of what an older version heard nothing waits to be sent."""
    with closing(sqlite_utils.Database(memory=True)) as db:
        m001_initial(db)
        db.execute(
            "INSERT INTO tracks VALUES (1, NULL, NULL, 1, 1, '', 60, 'One', 'Émile', '', '', 0, 0,"
            " 0, '', 0, NULL, NULL)"
        )
        db.execute("INSERT INTO plays VALUES (1, 1, 1700000000, 60, 'finished', 'user', NULL)")
        m003_listens(db)
        assert db["listens"].count == 0


def test_m004_loudness(path: Path) -> None:
    """Files read before are read again for their tags; one that failed keeps its reason."""
    with closing(sqlite_utils.Database(memory=True)) as db:
        m001_initial(db)
        for track_id, place, error in ((1, "/one", None), (2, "/two", "cut off"), (3, None, None)):
            db.execute(
                "INSERT INTO tracks VALUES (?, NULL, ?, 1, 7, '', 60, '', '', '', '', 0, 0, 0, '',"
                " 0, NULL, ?)",
                [track_id, place, error],
            )
        m004_loudness(db)
        rows = db.execute(
            "SELECT mtime_ns, track_gain_db, track_peak, album_gain_db, album_peak FROM tracks"
        ).fetchall()
        assert db["loudness"].count == 0
    assert rows == [(-1, *[None] * 4), (7, *[None] * 4), (7, *[None] * 4)]


def test_m005_parts(path: Path) -> None:
    """The table is another one, and whatever referred to a track still does, and is held to it."""
    path.parent.mkdir(parents=True)
    shutil.copy(DATA / "library-m004.db", path)
    tables = ("ratings", "plays", "listens", "embeddings", "overviews", "map_points", "loudness")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO playlists VALUES (1, 'Evening', 0, 0)")
        connection.execute("INSERT INTO playlist_tracks VALUES (1, 1, 2)")
        connection.commit()
        before = {name: everything(connection, name) for name in (*tables, "playlist_tracks")}
        tracks = connection.execute("SELECT id, path, error FROM tracks").fetchall()
    assert all(before.values())

    with Store.open(path) as store:
        connection = store._db.connection
        after = {name: everything(connection, name) for name in before}
        after["ratings"] = [row[:5] for row in after["ratings"]]  # later steps add to them
        assert after == before
        assert connection.execute("SELECT id, path, error FROM tracks").fetchall() == tracks
        assert connection.execute(
            "SELECT part, start_s, end_s, sheet, mtime_ns FROM tracks"
        ).fetchall() == [(0, 0.0, None, 0, -1), (0, 0.0, None, 0, -1), (0, 0.0, None, 0, 22)]
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            store.save_play(Play(99, 0, 1.0, "finished", "user"))
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            connection.execute("UPDATE tracks SET path = '/music/one.mp3'")
        connection.execute("UPDATE tracks SET path = '/music/one.mp3', part = id")
        connection.execute("UPDATE tracks SET title = 'Another' WHERE id = 2")
        assert store.search("two").tolist() == []
        assert store.search("another").tolist() == [2]
        connection.execute("DELETE FROM folders")
        assert connection.execute("SELECT count(folder_id) FROM tracks").fetchone() == (0,)


def test_m006_words(path: Path) -> None:
    """The table is another one, whatever referred to a slider still does, and names are as before
    until a slider is deleted.
    """
    path.parent.mkdir(parents=True)
    shutil.copy(DATA / "library-m005.db", path)
    with closing(sqlite3.connect(path)) as connection:
        before = {name: everything(connection, name) for name in ("ratings", "slider_heads")}
    assert all(before.values())

    with Store.open(path) as store:
        connection = store._db.connection
        after = everything(connection, "ratings")
        assert [row[:5] for row in after] == before["ratings"]
        assert everything(connection, "slider_heads") == before["slider_heads"]
        (slider,) = store.sliders()
        assert (slider.name, slider.description, slider.color) == ("calm", "", "")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            store.rate(1, 99, 0.5)
        again = "INSERT INTO sliders (name, low_label, high_label, position, created_at)"
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            connection.execute(f"{again} VALUES ('CALM', '', '', 9, 0)")
        store.delete_slider(slider.id)
        connection.execute(f"{again} VALUES ('CALM', '', '', 9, 0)")
        assert [s.name for s in store.sliders()] == ["CALM"]


def test_m007_constellations(path: Path) -> None:
    """Playlists stay as they are, and what no star can be is refused."""
    path.parent.mkdir(parents=True)
    shutil.copy(DATA / "library-m006.db", path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO playlists VALUES (1, 'Kitchen', 0, 0)")
        connection.executemany("INSERT INTO playlist_tracks VALUES (1, ?, ?)", [(0, 2), (1, 2)])
        connection.commit()

    with Store.open(path) as store:
        assert store.playlist_tracks(1) == [2, 2]
        one = store.create_constellation(COLD_FRONT)
        for weight in (0.0, 2.5, -2.5):
            with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
                store.save_constellation(replace(one, stars=(Star(3, weight),)))
        assert store.constellations() == [one]


def test_m008_maps(path: Path) -> None:
    """A map that was there counts as drawn of the tracks it shows; nothing can be taken back."""
    path.parent.mkdir(parents=True)
    shutil.copy(DATA / "library-m007.db", path)
    with closing(sqlite3.connect(path)) as connection:
        before = everything(connection, "map_points")
    assert before

    with Store.open(path) as store:
        assert everything(store._db.connection, "map_points") == before
        assert store.map_state(1) == MapState(tracks=1, anew=1)
        assert store.neighbours(1) is None
        store.take_back_map(1)
        assert everything(store._db.connection, "map_points") == before


def test_m009_regions(path: Path) -> None:
    """A library of before has none, and keeps one to the last corner."""
    path.parent.mkdir(parents=True)
    shutil.copy(DATA / "library-m008.db", path)
    with Store.open(path) as store:
        assert store.regions() == []
        number = store.save_region(RAINY_CORNER)
    with Store.open(path) as store:
        assert store.regions() == [replace(RAINY_CORNER, id=number)]
        store.delete_region(number)
        assert store.regions() == []


def everything(connection: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    return connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()


def test_rows_that_refer_to_nothing_stop_a_step(path: Path) -> None:
    with Store.open(path) as store:
        fill(store)
    migrations = newer()

    @migrations()
    def m999_mistake(db: sqlite_utils.Database) -> None:
        db.execute("DELETE FROM tracks WHERE id = 1")

    with pytest.raises(sqlite3.IntegrityError, match="refer to nothing"):
        Database(path, migrations)

    with Store.open(path) as store:
        assert len(store.rows()) == FILLED


def test_the_schema_is_the_one_written_down(path: Path) -> None:
    Store.open(path).close()

    assert schema(path) == (DATA / "schema.sql").read_text("utf-8")


def test_every_table_is_strict(path: Path) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        loose = connection.execute(
            "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict"
        ).fetchall()
    assert [name for (name,) in loose if not name.startswith("sqlite_")] == ["_sqlite_migrations"]


@pytest.mark.parametrize("step", [step.partition("_")[0] for step in STEPS])
def test_a_released_library_opens_with_all_that_was_in_it(step: str, path: Path) -> None:
    path.parent.mkdir(parents=True)
    shutil.copy(DATA / f"library-{step}.db", path)

    with Store.open(path) as store:
        first, second, bad, *parts = store.rows()
        spans = [(row.path, row.title, *row.span) for row in parts]
        album = "/music/album.flac"
        assert spans == [(album, "Side", 0.0, 1.5), (album, "Other", 1.5, None)] * (step >= "m005")
        assert (first.title, first.artist, first.year, first.plays) == ("One", "Émile", 1999, 1)
        assert (first.path, first.missing) == ("/music/one.mp3", False)
        assert bad.error == "cut off"
        assert store.search("zoe").tolist() == [second.id]
        (slider,) = store.sliders()
        assert [rating.value for rating in store.rating_history(slider.id)] == [
            0.25,
            0.75,
            0.5,
            None,
        ]
        assert store.ratings_of_track(first.id)[slider.id] == 0.75
        assert store.settings() == {"theme": '"dark"'}
        assert [listen.title for listen in store.waiting_listens(9)] == ["One"] * (step >= "m003")
        assert [replace(one, id=0) for one in store.constellations()] == [COLD_FRONT] * (
            step >= "m007"
        )
        assert [replace(one, id=0) for one in store.regions()] == [RAINY_CORNER] * (step >= "m009")
        encoder = store.serving_encoder()
        assert encoder is not None
        assert store.vectors(encoder)[1].tolist() == [[0, 1, 2, 3]]
        kept = store.neighbours(encoder)
        assert (kept is not None) == store.map_state(encoder).undoable == (step >= "m008")
        assert kept is None or kept.centre.tolist() == CENTRE.tolist()
        assert (head := store.head(slider.id, encoder)) is not None
        assert head.state == {"gate": "dim"}
        gain, peak = (-7.5, 0.5) if step >= "m004" else (None, None)
        measured = (-14.5, 0.9, b"blocks") if step >= "m004" else (None, None, b"")
        assert store.levels([1, 2]) == [
            (1, *[None] * 4, *measured),
            (2, gain, peak, *[None] * 3, None, b""),
        ]
    assert schema(path) == (DATA / "schema.sql").read_text("utf-8")


def newer(*, breaks: bool = False) -> sqlite_utils.Migrations:
    """This version's steps and one more."""
    migrations = sqlite_utils.Migrations(MIGRATIONS.name)
    for step in STEP_FUNCTIONS:
        migrations()(step)

    @migrations()
    def m999_lyrics(db: sqlite_utils.Database) -> None:
        db.execute("ALTER TABLE tracks ADD COLUMN lyrics TEXT")
        if breaks:
            raise RuntimeError("a bug in the step")

    return migrations


def columns(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[1] for row in connection.execute("PRAGMA table_info(tracks)")}


def test_a_copy_is_kept_before_a_step(path: Path) -> None:
    with Store.open(path) as store:
        fill(store)

    Database(path, newer()).close()

    copy = path.with_name("library.db.before-m999")
    assert "lyrics" in columns(path)
    assert "lyrics" not in columns(copy)
    with Store.open(copy) as store:
        assert len(store.rows()) == FILLED
    assert not list(path.parent.glob("*.part"))


def test_a_new_library_needs_no_copy(path: Path) -> None:
    Store.open(path).close()
    Store.open(path).close()

    assert [file.name for file in path.parent.iterdir()] == ["library.db"]


def test_a_step_that_breaks_leaves_the_library_as_it_was(path: Path) -> None:
    with Store.open(path) as store:
        fill(store)

    with pytest.raises(RuntimeError, match="a bug in the step"):
        Database(path, newer(breaks=True))

    assert "lyrics" not in columns(path)
    with Store.open(path) as store:
        assert len(store.rows()) == FILLED


def test_a_library_of_a_newer_version_is_left_alone(path: Path) -> None:
    Database(path, newer()).close()
    before = path.read_bytes()

    with pytest.raises(DatabaseTooNew, match="newer version"):
        Store.open(path)

    assert path.read_bytes() == before


def test_a_damaged_library_is_not_migrated_and_no_copy_is_overwritten(path: Path) -> None:
    with Store.open(path) as store:
        fill(store)
    content = bytearray(path.read_bytes())
    for page in (20, 21, 22):
        content[page * 8192 : page * 8192 + 100] = b"\xff" * 100
    path.write_bytes(content)

    with pytest.raises(UserError, match="damaged"):
        Database(path, newer())

    assert not list(path.parent.glob("*.before-*"))
    assert "lyrics" not in columns(path)


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_what_is_no_database_gives_one_sentence_and_stays(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)

    with pytest.raises(UserError, match="damaged") as caught:
        Store.open(path)

    assert str(caught.value).endswith(".")
    assert str(path) not in str(caught.value)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")

    with pytest.raises(UserError, match="not a Sliders library"):
        Store.open(path)

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


def test_an_empty_file_becomes_a_library(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.touch()

    with Store.open(path) as store:
        assert store.rows() == []


def test_places_where_no_library_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()

    for place in (tmp_path / "file" / "library.db", tmp_path / "folder"):
        with pytest.raises(UserError):
            Store.open(place)


def test_many_threads_open_a_new_library_at_once(path: Path) -> None:
    failures: list[Exception] = []
    start = threading.Barrier(6)

    def open_it() -> None:
        start.wait()
        try:
            Store.open(path).close()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with Store.open(path) as store:
        assert store.rows() == []


if __name__ == "__main__":  # PYTHONPATH=. python tests/unit/library/test_migrations.py m001
    write_released_library(sys.argv[1])
    with (DATA / "schema.sql").open("w", encoding="utf-8", newline="\n") as file:
        file.write(schema(DATA / f"library-{sys.argv[1]}.db"))
