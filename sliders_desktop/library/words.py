"""The life of a word after it was made: its place, merged, split, away and back, forgotten."""

import sqlite3
import time
from collections.abc import Sequence

from sliders_desktop.errors import UserError
from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import readable
from sliders_desktop.library.records import NamedSlider, Slider, Word
from sliders_desktop.library.sliders import COLUMNS, Values, add, free_name, insert, slider_of

KEPT_S = 30 * 24 * 3600  # how long a deleted slider can be brought back


def words(db: Database) -> list[Word]:
    """All there are: in use, by position; put away and then deleted, each the newest first."""
    rows = db.all(
        f"""
        SELECT {COLUMNS}, coalesce(ratings, 0), archived_at, deleted_at
        FROM sliders LEFT JOIN (
            SELECT slider_id, count(*) AS ratings FROM current_ratings GROUP BY slider_id
        ) ON slider_id = sliders.id
        WHERE deleted_at IS NOT 0
        ORDER BY deleted_at NOT NULL, archived_at NOT NULL AND deleted_at IS NULL,
            coalesce(deleted_at, archived_at) DESC, position, id
        """
    )
    return [Word(slider_of(row), *row[9:]) for row in rows]


def order(db: Database, ids: Sequence[int]) -> None:
    """From now on in this order."""
    with db.precious() as block:
        block.executemany(
            "UPDATE sliders SET position = ? WHERE id = ?",
            [(at, slider_id) for at, slider_id in enumerate(ids, 1)],
        )


def bring_back(db: Database, slider_id: int, archived: bool) -> None:
    """Put a slider to use again, or where ``archived`` back among those put away."""
    with db.precious() as block:
        _bring_back(db, block, slider_id, archived)


def _bring_back(
    db: Database, block: sqlite3.Connection, slider_id: int, archived: bool = False
) -> None:
    found = db.one("SELECT name FROM sliders WHERE id = ?", [slider_id])
    if found is None:
        raise UserError("That slider is gone for good.")
    if free_name(db, found[0], but=slider_id)[1] is not None:
        raise UserError(f"An archived slider is called “{found[0]}” already.")
    block.execute(
        """
        UPDATE sliders SET deleted_at = NULL,
            archived_at = CASE WHEN ? THEN coalesce(archived_at, ?) END WHERE id = ?
        """,
        [archived, int(time.time()), slider_id],
    )


def merge(db: Database, source: int, target: int, moved: Values) -> None:
    """Rate ``moved`` on ``target`` and put ``source`` away, both or neither."""
    with db.precious() as block:
        add(block, target, moved)
        block.execute("UPDATE sliders SET archived_at = ? WHERE id = ?", [int(time.time()), source])


def part(db: Database, source: int, target: int, taken_back: Values) -> None:
    """The opposite of `merge`; `UserError` if the name of ``source`` was taken since."""
    with db.precious() as block:
        _bring_back(db, block, source)
        add(block, target, taken_back)


def split(db: Database, name: str, low_label: str, high_label: str, values: Values) -> Slider:
    """A new slider that begins with ``values``, both or neither."""
    with db.precious() as block:
        name, archived_id = free_name(db, name)
        if archived_id is not None:
            raise UserError(f"A slider called “{name}” was put away: choose another name.")
        slider = insert(db, block, None, name, low_label, high_label, "", "")
        add(block, slider.id, values)
    return slider


# for good


def forget(db: Database, slider_id: int) -> None:
    """A slider and all that was said on it, for good."""
    with db.precious() as block:
        _forget(block, "id = ?", slider_id)


def forget_deleted(db: Database) -> int:
    """Those that were deleted longer ago than `KEPT_S`; how many."""
    with db.precious() as block:  # chosen inside it: somebody may be bringing one back
        return _forget(block, "deleted_at > 0 AND deleted_at < ?", int(time.time()) - KEPT_S)


def _forget(block: sqlite3.Connection, condition: str, value: int) -> int:
    chosen = f"(SELECT id FROM sliders WHERE {condition})"
    for table in ("ratings", "slider_heads", "shared_sliders"):
        block.execute(f"DELETE FROM {table} WHERE slider_id IN {chosen}", [value])
    return block.execute(f"DELETE FROM sliders WHERE {condition}", [value]).rowcount


# for ratings that are coming in from a file


def create_unseen(block: sqlite3.Connection, named: NamedSlider) -> int:
    """A slider that nobody sees until `show`, for ratings that are still coming in; its id."""
    now = int(time.time())
    cursor = block.execute(
        """
        INSERT INTO sliders (name, low_label, high_label, description, color, position,
            created_at, archived_at, deleted_at)
        VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM sliders), ?, ?, 0)
        """,
        [*map(readable, named[:4]), named.color or None, named.created_at or now,
         now if named.archived else None],
    )  # fmt: skip
    return cursor.lastrowid or 0


def show(db: Database, block: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Let unseen sliders be seen; `UserError` if a name was taken since."""
    for slider_id in ids:
        name = db.one("SELECT name FROM sliders WHERE id = ?", [slider_id])[0]
        taken = "SELECT name FROM sliders WHERE deleted_at IS NULL"
        if any(known.casefold() == name.casefold() for (known,) in db.all(taken)):
            raise UserError(f"A slider called “{name}” came meanwhile. Please try again.")
        block.execute("UPDATE sliders SET deleted_at = NULL WHERE id = ?", [slider_id])


def forget_unseen(db: Database) -> None:
    """Those that wait to be shown, if nobody is left who would."""
    with db.precious() as block:
        if db.one("SELECT 1 FROM rating_imports WHERE finished_at IS NULL") is None:
            _forget(block, "deleted_at = ?", 0)
