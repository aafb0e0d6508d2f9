"""Sliders: a name is borne by one only, whatever its case; their ratings, what each has learned,
and what is kept of them by name.
"""

import json
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.errors import UserError
from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import readable
from sliders_desktop.library.records import HeadRow, Preset, Rating, Slider, SmartList

COLUMNS = """
id, name, low_label, high_label, position, created_at, description, coalesce(color, ''),
EXISTS (SELECT 1 FROM shared_sliders WHERE slider_id = sliders.id)
"""


def in_use(db: Database) -> list[Slider]:
    return _where(db, "archived_at IS NULL AND deleted_at IS NULL ORDER BY position, id")


def archived(db: Database) -> list[Slider]:
    return _where(db, "archived_at NOT NULL AND deleted_at IS NULL ORDER BY archived_at DESC, id")


def deleted(db: Database) -> list[Slider]:
    return _where(db, "deleted_at > 0 ORDER BY deleted_at DESC, id")


def _where(db: Database, condition: str) -> list[Slider]:
    return [slider_of(row) for row in db.all(f"SELECT {COLUMNS} FROM sliders WHERE {condition}")]


def slider_of(row: Any) -> Slider:
    """One row of `COLUMNS`; what comes after them is left out."""
    return replace(Slider(*row[:8]), shared=row[8] != 0)


def create(
    db: Database, name: str, low_label: str, high_label: str, description: str, color: str
) -> Slider:
    """Make a slider, after the others, or revive the archived one of that name."""
    with db.precious() as block:
        name, archived_id = free_name(db, name)
        return insert(db, block, archived_id, name, low_label, high_label, description, color)


def insert(
    db: Database, block: sqlite3.Connection, archived_id: int | None, name: str, *words: str
) -> Slider:
    *texts, color = words
    block.execute(
        """
        INSERT INTO sliders
            (id, name, low_label, high_label, description, color, position, created_at)
        VALUES (?, ?, ?, ?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM sliders), ?)
        ON CONFLICT(id) DO UPDATE SET archived_at = NULL, name = excluded.name,
            low_label = excluded.low_label, high_label = excluded.high_label,
            description = excluded.description, color = excluded.color,
            position = excluded.position
        """,
        [archived_id, name, *map(readable, texts), color or None, int(time.time())],
    )
    (slider,) = [s for s in in_use(db) if s.name == name]
    return slider


def rename(
    db: Database, slider_id: int, name: str, low_label: str, high_label: str,
    description: str | None,
) -> None:  # fmt: skip
    """Give a slider other words; None leaves the description."""
    with db.precious() as block:
        name, archived_id = free_name(db, name, but=slider_id)
        if archived_id is not None:
            raise UserError(f"An archived slider is called “{name}” already.")
        block.execute(
            """
            UPDATE sliders SET name = ?, low_label = ?, high_label = ?,
                description = coalesce(?, description) WHERE id = ?
            """,
            [name, readable(low_label), readable(high_label),
             None if description is None else readable(description), slider_id],
        )  # fmt: skip


def free_name(db: Database, wanted: str, but: int | None = None) -> tuple[str, int | None]:
    """The name in shape, and the id of an archived slider that bears it."""
    name = readable(wanted)
    if not name:
        raise UserError("A slider needs a name.")
    for slider_id, known, archived_at in db.all(
        "SELECT id, name, archived_at FROM sliders WHERE deleted_at IS NULL"
    ):
        # Not left to SQLite's NOCASE, which knows ASCII only.
        if known.casefold() == name.casefold() and slider_id != but:
            if archived_at is None:
                raise UserError(f"There is a slider called “{known}” already.")
            return name, slider_id
    return name, None


Values = Iterable[tuple[int, float | None]]  # (track, 0 to 1, or None for taken back)


def rate(db: Database, slider_id: int, values: Values, at: int | None = None) -> list[Rating]:
    """Add judgements, all or none, made now or ``at`` UTC seconds."""
    with db.precious() as block:
        return add(block, slider_id, values, at)


def add(
    block: sqlite3.Connection, slider_id: int, values: Values, at: int | None = None
) -> list[Rating]:
    """A judgement of now holds, even if the clock was put back since the last one."""
    made = []
    now = int(time.time()) if at is None else at
    since = "SELECT max(rated_at) FROM ratings WHERE track_id = ? AND slider_id = ?"
    for track_id, value in values:
        if value is not None and not (0 <= value <= 1):
            raise ValueError(f"a rating lies between 0 and 1, not at {value}")
        second = now
        if at is None:
            second = max(now, block.execute(since, [track_id, slider_id]).fetchone()[0] or 0)
        value = None if value is None else float(value)
        cursor = block.execute(
            "INSERT INTO ratings (track_id, slider_id, value, rated_at) VALUES (?, ?, ?, ?)",
            [track_id, slider_id, value, second],
        )
        made.append(Rating(cursor.lastrowid or 0, track_id, slider_id, value, second))
    return made


def save_head(
    db: Database,
    slider_id: int,
    encoder_id: int,
    coef: NDArray[np.floating[Any]],
    intercept: float,
    alpha: float,
    state: dict[str, Any],
    ratings: int,
) -> None:
    """Replace what a slider learned; see `Store.save_head`."""
    blob = np.asarray(coef, "<f8").tobytes()
    figures = [float(intercept), float(alpha), json.dumps(state), ratings, int(time.time())]
    with db.derived() as block:
        # The slider may have been dropped for good while it was being fitted.
        block.execute(
            """
            REPLACE INTO slider_heads SELECT ?, ?, ?, ?, ?, ?, ?, ?
            WHERE EXISTS (SELECT 1 FROM sliders WHERE id = ?)
            """,
            [slider_id, encoder_id, blob, *figures, slider_id],
        )


def head(db: Database, slider_id: int, encoder_id: int) -> HeadRow | None:
    row = db.one(
        """
        SELECT coef, intercept, alpha, state, ratings, fitted_at FROM slider_heads
        WHERE slider_id = ? AND encoder_id = ?
        """,
        [slider_id, encoder_id],
    )
    if row is None:
        return None
    blob, intercept, alpha, state, ratings, fitted_at = row
    coef = np.frombuffer(blob, "<f8")
    return HeadRow(
        slider_id, encoder_id, coef, intercept, alpha, json.loads(state), ratings, fitted_at
    )


# kept by name


def presets(db: Database) -> list[Preset]:
    rows = db.all("SELECT id, name, handles FROM presets ORDER BY name COLLATE NOCASE")
    return [Preset(row[0], row[1], json.loads(row[2])) for row in rows]


def save_preset(db: Database, name: str, handles: dict[str, Any]) -> None:
    name = readable(name)
    if not name:
        raise UserError("A preset needs a name.")
    db.write(
        """
        INSERT INTO presets (name, handles) VALUES (?, ?)
        ON CONFLICT(name) DO UPDATE SET handles = excluded.handles
        """,
        [name, json.dumps(handles)],
    )


def smart_lists(db: Database) -> list[SmartList]:
    rows = db.all("SELECT id, name, rule FROM smart_lists ORDER BY id")
    return [SmartList(*row) for row in rows]


def save_smart_list(db: Database, name: str, rule: str, list_id: int | None) -> int:
    """Make one, or give the one of this id another name and rule; its id."""
    name = readable(name)
    if not name:
        raise UserError("A smart list needs a name.")
    with db.precious() as block:
        for known_id, known in db.all("SELECT id, name FROM smart_lists"):
            if known.casefold() == name.casefold() and known_id != list_id:
                raise UserError(f"There is a smart list called “{known}” already.")
        cursor = block.execute(
            """
            INSERT INTO smart_lists (id, name, rule, created_at) VALUES (?, ?, ?, ?)
            ON CONFLICT(id) DO UPDATE SET name = excluded.name, rule = excluded.rule
            """,
            [list_id, name, rule, int(time.time())],
        )
        return list_id if list_id is not None else int(cursor.lastrowid or 0)
