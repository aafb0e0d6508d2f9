"""What is long with playlists: a file becomes one, many tracks are added. Lane `read`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sliders_desktop.errors import UserError
from sliders_desktop.library.playlist_files import SUFFIXES
from sliders_desktop.library.playlist_reading import read
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job

PLAYLIST_SUFFIXES = SUFFIXES
MOST_NAMED = 1000  # of those that were not found


@dataclass(frozen=True)
class Added:
    """``count`` tracks stand in a playlist from the place ``at`` on."""

    list_id: int
    at: int
    count: int


@dataclass(frozen=True)
class ImportedPlaylist:
    """What became of a file: ``added`` tracks in a playlist, new or known, from ``at`` on."""

    list_id: int
    name: str
    new: bool
    entries: int
    found: int  # of the entries
    elsewhere: int  # entries that are on other computers
    added: tuple[int, ...]
    at: int
    others: tuple[str, ...]  # what was not found, as the file names it

    @property
    def sentence(self) -> str:
        """What the listener is told."""
        if self.found == self.entries:
            every = "its track" if self.entries == 1 else f"all {self.entries:,} tracks"
            said = f"{self.name}: {every} found."
        else:
            what = "track" if self.entries == 1 else "tracks"
            said = f"{self.name}: {self.found:,} of {self.entries:,} {what} found."
        if self.elsewhere:
            are = "1 is" if self.elsewhere == 1 else f"{self.elsewhere:,} are"
            said += f" {are} not on this computer."
        return said


def import_playlist(
    store: Store, path: Path, into: int | None = None, job: Job = NO_JOB
) -> ImportedPlaylist:
    """Make a playlist of what a file names and the library has, or put that behind ``into``."""
    file = read(path)
    job.check()
    found = store.match_entries(file.entries, job)
    ids = [track_id for some in found for track_id in some]
    others = [
        entry.shown or "?" for entry, some in zip(file.entries, found, strict=True) if not some
    ]
    if not ids:
        raise UserError(
            f"None of the tracks that {path.name} names is in your library. Add their folder first."
        )
    if into is None:
        name, at = store.free_playlist_name(file.name), 0
        list_id = store.create_playlist(name, ids)
    else:
        list_id, name = into, _name_of(store, into)
        at = add_to_playlist(store, into, ids).at
    return ImportedPlaylist(
        list_id,
        name,
        into is None,
        len(file.entries),
        len(file.entries) - len(others),
        sum(entry.elsewhere for entry in file.entries),
        tuple(ids),
        at,
        tuple(others[:MOST_NAMED]),
    )


def add_to_playlist(
    store: Store, list_id: int, ids: Sequence[int], at: int | None = None, job: Job = NO_JOB
) -> Added:
    """Put tracks before the place ``at``, or at the end."""
    return Added(list_id, store.add_to_playlist(list_id, ids, at), len(ids))


def _name_of(store: Store, list_id: int) -> str:
    return next((one.name for one in store.playlists() if one.id == list_id), "")
