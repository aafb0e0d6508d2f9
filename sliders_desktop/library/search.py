"""What the listener typed, as tracks: by the index `tracks_search`, an id, or a path."""

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import absolute, stored

_LONGEST = 32  # words; SQLite limits how deep an expression may be


def search(db: Database, text: str) -> NDArray[np.int64]:
    """Ids (n,), ascending; see `Store.search`."""
    sql, parameters = _query(text)
    # As one value: row by row, each step would wait for the interpreter's lock, which is
    # five milliseconds where another thread is busy, in the middle of somebody's typing.
    (ids,) = db.one(f"SELECT group_concat(id) FROM ({sql})", parameters)
    return np.fromstring(ids, np.int64, sep=",") if ids else np.empty(0, np.int64)


def resolve(db: Database, text: str) -> list[int]:
    """The tracks somebody means; see `Store.resolve`."""
    word = text.strip()
    if not word or "\0" in word:
        return []
    track_id = int(word) if word.isascii() and word.isdigit() and len(word) < 19 else 0
    found = db.all("SELECT id FROM tracks WHERE id = ?", [track_id]) or db.all(
        "SELECT id FROM tracks WHERE path = ? ORDER BY part", [stored(absolute(word))]
    )
    return [int(i) for (i,) in found] or [int(i) for i in search(db, word)]


def _query(text: str) -> tuple[str, list[str]]:
    """SQL and parameters that give one column of ids, ascending; any text is fine."""
    words = _encodable(text).replace("\0", "").split()[:_LONGEST]
    # Signs alone (“!!!”, “÷”, “★”) are no words to the index, but there are such names.
    signs = [word for word in words if not any(sign.isalnum() for sign in word)]
    indexed = [word.replace('"', '""') for word in words if word not in signs]
    matching = "SELECT rowid AS id FROM tracks_search WHERE tracks_search MATCH ? ORDER BY rowid"
    matched = [" ".join(f'"{word}"*' for word in indexed)] if indexed else []
    if not signs:
        return (matching, matched) if matched else ("SELECT id FROM tracks ORDER BY id", [])
    conditions = ["(instr(title, ?) OR instr(artist, ?) OR instr(album, ?))"] * len(signs)
    if matched:
        conditions.insert(0, f"id IN ({matching})")
    sql = f"SELECT id FROM tracks WHERE {' AND '.join(conditions)} ORDER BY id"
    return sql, matched + [word for word in signs for _ in range(3)]


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
