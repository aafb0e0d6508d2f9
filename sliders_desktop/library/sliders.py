"""Sliders: a name is borne by one only, whatever its case; and what each has learned."""

import json
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.errors import UserError
from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import readable
from sliders_desktop.library.records import HeadRow, Slider

_COLUMNS = "id, name, low_label, high_label, position, created_at"


def in_use(db: Database) -> list[Slider]:
    rows = db.all(f"SELECT {_COLUMNS} FROM sliders WHERE archived_at IS NULL ORDER BY position, id")
    return [Slider(*row) for row in rows]


def create(db: Database, name: str, low_label: str, high_label: str) -> Slider:
    """Make a slider, after the others, or revive the archived one of that name."""
    with db.precious() as block:
        name, archived_id = _free_name(db, name)
        block.execute(
            """
            INSERT INTO sliders (id, name, low_label, high_label, position, created_at)
            VALUES (?, ?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM sliders), ?)
            ON CONFLICT(id) DO UPDATE SET archived_at = NULL, name = excluded.name,
                low_label = excluded.low_label, high_label = excluded.high_label,
                position = excluded.position
            """,
            [archived_id, name, readable(low_label), readable(high_label), int(time.time())],
        )
        row = block.execute(f"SELECT {_COLUMNS} FROM sliders WHERE name = ?", [name]).fetchone()
    return Slider(*row)


def rename(db: Database, slider_id: int, name: str, low_label: str, high_label: str) -> None:
    """Give a slider other words."""
    with db.precious() as block:
        name, archived_id = _free_name(db, name, but=slider_id)
        if archived_id is not None:
            raise UserError(f"An archived slider is called “{name}” already.")
        block.execute(
            "UPDATE sliders SET name = ?, low_label = ?, high_label = ? WHERE id = ?",
            [name, readable(low_label), readable(high_label), slider_id],
        )


def _free_name(db: Database, wanted: str, but: int | None = None) -> tuple[str, int | None]:
    """The name in shape, and the id of an archived slider that bears it."""
    name = readable(wanted)
    if not name:
        raise UserError("A slider needs a name.")
    for slider_id, known, archived_at in db.all("SELECT id, name, archived_at FROM sliders"):
        # Not left to SQLite's NOCASE, which knows ASCII only.
        if known.casefold() == name.casefold() and slider_id != but:
            if archived_at is None:
                raise UserError(f"There is a slider called “{known}” already.")
            return name, slider_id
    return name, None


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
        block.execute(
            "REPLACE INTO slider_heads VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [slider_id, encoder_id, blob, *figures],
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
