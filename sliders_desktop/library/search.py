"""What the listener typed, as tracks: by the index `tracks_search`, an id, or a path."""

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import absolute, stored

_LONGEST = 32  # words; SQLite limits how deep an expression may be


def search(db: Database, text: str) -> NDArray[np.int64]:
    """Ids (n,), ascending; see `Store.search`."""
    sql, parameters = _query(text)
    return np.array(db.all(sql, parameters), dtype=np.int64).reshape(-1)


def resolve(db: Database, text: str) -> list[int]:
    """The tracks somebody means; see `Store.resolve`."""
    word = text.strip()
    if not word or "\0" in word:
        return []
    track_id = int(word) if word.isascii() and word.isdigit() and len(word) < 19 else 0
    row = db.one(
        "SELECT id FROM tracks WHERE id = ?1 OR path = ?2 ORDER BY id != ?1",
        [track_id, stored(absolute(word))],
    )
    return [row[0]] if row else [int(i) for i in search(db, word)]


def _query(text: str) -> tuple[str, list[str]]:
    """SQL and parameters that give one column of ids, ascending; any text is fine."""
    words = [word.replace("\0", "").replace('"', '""') for word in _encodable(text).split()]
    words = [word for word in words if word][:_LONGEST]
    if not words:
        return "SELECT id FROM tracks ORDER BY id", []
    # Signs alone (“!!!”, “÷”, “★”) are no words to the index, but there are such names.
    indexed = [f'"{word}"*' for word in words if any(sign.isalnum() for sign in word)]
    signs = [word for word in words if not any(sign.isalnum() for sign in word)]
    conditions = ["instr(title || ' ' || artist || ' ' || album, ?)"] * len(signs)
    if indexed:
        conditions.insert(0, "id IN (SELECT rowid FROM tracks_search WHERE tracks_search MATCH ?)")
        signs.insert(0, " ".join(indexed))
    return f"SELECT id FROM tracks WHERE {' AND '.join(conditions)} ORDER BY id", signs


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
