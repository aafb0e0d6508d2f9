"""What was heard and waits to be sent: filled only while the listener has agreed to send."""

from sliders_desktop.library.database import Database
from sliders_desktop.library.records import Listen
from sliders_desktop.library.tracks import THESE, Ids, listed


def add(db: Database, listen: Listen) -> None:
    """Let one more wait, as it is named now: sent twice, it is still the same one."""
    db.write(
        """
        INSERT INTO listens (track_id, listened_at, title, artist, album, duration_s)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
        listen[1:],
    )


def waiting(db: Database, n: int) -> list[Listen]:
    """The ``n`` that wait longest."""
    rows = db.all(
        """
        SELECT id, track_id, listened_at, title, artist, album, duration_s FROM listens
        ORDER BY id LIMIT ?
        """,
        [n],
    )
    return [Listen._make(row) for row in rows]


def forget(db: Database, ids: Ids | None = None) -> None:
    """Let these, or none at all, wait any longer."""
    if ids is None:
        db.write("DELETE FROM listens")
    else:
        db.write(f"DELETE FROM listens WHERE id IN {THESE}", [listed(ids)])
