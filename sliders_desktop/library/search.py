"""What the listener typed, as a query for the index `tracks_search`."""

_LONGEST = 32  # words; SQLite limits how deep an expression may be


def query(text: str) -> tuple[str, list[str]]:
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
