"""Dropping what was played so that no byte of it stays: not in free pages, the log, or copies.

`Database` overwrites whatever is deleted; what is left to do here is to reach every place.
"""

import contextlib
import sqlite3
from pathlib import Path

from sliders_desktop.errors import UserError
from sliders_desktop.library.database import Database

#: Under this name the settings hold where playback stands, with the history.
PLAYBACK = "state.playback"
#: Under this one what the recommender learned from.
LEARNED = "state.recommender"
_TABLES = ("plays", "listens")


def forget_listening(db: Database) -> None:
    """Drop what was played and when, here and in the copies beside the library.

    Raises `UserError` where a copy can't be changed; the library itself is done by then.
    """
    with db.precious() as block:
        _drop(block)
    db.truncate_log()
    for copy in db.copies():
        _forget_in(copy)


def _drop(block: sqlite3.Connection) -> None:
    tables = {name for (name,) in block.execute("SELECT name FROM sqlite_master")}
    for table in _TABLES:
        if table in tables:
            block.execute(f"DELETE FROM {table}")
    if "sqlite_stat1" in tables:  # how many there were
        block.execute("DELETE FROM sqlite_stat1 WHERE tbl IN (?, ?)", _TABLES)
    # Written anew: the pages of a table that lives on may hold earlier versions of its rows.
    kept = block.execute(
        "SELECT key, value FROM settings WHERE key NOT IN (?, ?)", [PLAYBACK, LEARNED]
    ).fetchall()
    block.execute("DELETE FROM settings")
    block.executemany("INSERT INTO settings VALUES (?, ?)", kept)


def _forget_in(copy: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            _drop(connection)
            connection.execute("COMMIT")
            connection.execute("VACUUM")
    except sqlite3.DatabaseError as error:
        raise UserError(
            f"Your listening is forgotten, but the copy {copy.name} in the library's folder can't"
            " be changed and still knows of it: delete it by hand."
        ) from error
