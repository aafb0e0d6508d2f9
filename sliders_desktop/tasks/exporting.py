"""Write playlists for other players: lane `read`."""

from collections.abc import Sequence

from sliders_desktop.library.playlist_files import PathStyle, WrittenPlaylist, write_playlist
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job

__all__ = ["PathStyle", "WrittenPlaylist", "export_playlist"]


def export_playlist(
    store: Store,
    ids: Sequence[int],
    path: str,
    style: PathStyle = "auto",
    name: str = "",
    job: Job = NO_JOB,
) -> WrittenPlaylist:
    """Write the tracks ``ids``, in this order, as a playlist; see `write_playlist`."""
    by_id = {row.id: row for row in store.rows(ids)}
    job.check()
    rows = [by_id[i] for i in ids if i in by_id]
    return write_playlist(rows, path, [folder.path for folder in store.folders()], style, name)
