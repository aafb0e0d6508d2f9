"""Music folders: none lies inside another, so that every file belongs to one."""

import json
import os
import time
from pathlib import Path

from sliders_desktop.library import tracks
from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import absolute, is_inside, restored, stored
from sliders_desktop.library.records import Folder


def folders(db: Database) -> list[Folder]:
    rows = db.all("SELECT id, path FROM folders ORDER BY id")
    return [Folder(folder_id, restored(path)) for folder_id, path in rows]


def add(db: Database, path: str | Path) -> Folder:
    """Know a folder, or return the known one that encloses it; see `Store.add_folder`."""
    wanted, known = absolute(path), folders(db)
    for folder in known:
        if is_inside(wanted, folder.path):
            return folder
    inside = json.dumps([folder.id for folder in known if is_inside(folder.path, wanted)])
    with db.precious() as block:
        now = int(time.time())
        block.execute("INSERT INTO folders (path, added_at) VALUES (?, ?)", [stored(wanted), now])
        folder_id = block.execute("SELECT last_insert_rowid()").fetchone()[0]
        block.execute(
            """
            UPDATE tracks SET folder_id = ?1
            WHERE folder_id IN (SELECT value FROM json_each(?2))
                OR folder_id IS NULL AND substr(path, 1, length(?3)) = ?3
            """,
            [folder_id, inside, stored(wanted.rstrip(os.sep) + os.sep)],
        )
        block.execute("DELETE FROM folders WHERE id IN (SELECT value FROM json_each(?))", [inside])
    return Folder(folder_id, wanted)


def remove(db: Database, folder_id: int) -> None:
    """Forget a folder; its tracks stay, missing."""
    ids = [row[0] for row in db.all("SELECT id FROM tracks WHERE folder_id = ?", [folder_id])]
    tracks.mark_missing(db, ids)
    db.write("DELETE FROM folders WHERE id = ?", [folder_id])
