"""What playing finds out about files: broken, away, back again. Lane `read`."""

from collections.abc import Sequence
from pathlib import Path

from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job


def note_failure(
    store: Store, track_id: int, path: str, reason: str, job: Job = NO_JOB
) -> set[int]:
    """Keep why a track could not be played; a file that is not there is only marked as away.

    Returns the ids of all rows that changed.
    """
    if Path(path).exists():
        store.set_error(track_id, reason)
        return {track_id}
    return {track_id, *store.mark_missing([track_id])}


def note_success(store: Store, track_id: int, job: Job = NO_JOB) -> int:
    """Forget why a track could not be played, for it could."""
    store.clear_errors([track_id])
    return track_id


def look_again(store: Store, places: Sequence[tuple[int, str]], job: Job = NO_JOB) -> set[int]:
    """Those of (id, path) whose file is back; they are no longer marked as away."""
    back = {track_id for track_id, path in places if Path(path).exists()}
    if back:
        store.mark_present(sorted(back))
    return back
