"""The listener's playlists: made, changed, taken in from files; each change can be undone.

Main thread. What is long goes by a lane: many tracks at once, and files.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.errors import UserError
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.matching import Ids
from sliders_desktop.library.records import Playlist
from sliders_desktop.library.store import Store
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.rack import Rack

SOURCE = "playlist:"
MANY = 1000  # tracks that are written by a lane


class Playlists(QObject):
    """Signals:
    changed(): lists came, went, or hold other tracks.
    said(str): what was done, and can be undone. failed(str): why it could not be.
    imported(object): `tasks.ImportedPlaylist`.
    """

    changed = Signal()
    said = Signal(str)
    failed = Signal(str)
    imported = Signal(object)

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        catalogue: Catalogue,
        rack: Rack,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._jobs = store, jobs
        self._catalogue, self._rack = catalogue, rack
        self._tracks: dict[int, Ids] = {}  # of those that were looked at
        self.lists: list[Playlist] = store.playlists()
        self._tell_catalogue()

    # lists

    def get(self, list_id: int) -> Playlist | None:
        return next((one for one in self.lists if one.id == list_id), None)

    @staticmethod
    def source(list_id: int) -> str:
        """The key under which the catalogue shows it."""
        return f"{SOURCE}{list_id}"

    def of_source(self, key: str) -> Playlist | None:
        """The list shown as this source."""
        number = key.removeprefix(SOURCE)
        return self.get(int(number)) if key.startswith(SOURCE) and number.isdigit() else None

    def ids(self, list_id: int) -> list[int]:
        """Its tracks, in its order."""
        found: list[int] = self._listed(list_id).tolist()
        return found

    def _listed(self, list_id: int) -> Ids:
        known = self._tracks.get(list_id)
        if known is None:
            known = np.array(self._store.playlist_tracks(list_id), np.int64)
            self._tracks[list_id] = known
        return known

    def reload(self, list_id: int | None = None) -> None:
        """Read the lists again; the tracks of one of them may be others."""
        if list_id is not None:
            self._tracks.pop(list_id, None)
        self.lists = self._store.playlists()
        self.changed.emit()
        self._tell_catalogue()

    def _tell_catalogue(self) -> None:
        self._catalogue.set_lists(
            SOURCE, {self.source(one.id): partial(self._listed, one.id) for one in self.lists}
        )

    # a list as a whole

    def create(self, name: str, ids: Sequence[int] = ()) -> int:
        """A new one of these tracks; its id. `UserError` where the name is empty or taken."""
        few = ids if len(ids) <= MANY else ()
        list_id = self._store.create_playlist(name, few)
        self._rack.remember(f"making the playlist {name.strip()}", self._drop, list_id)
        self.reload(list_id)
        if len(ids) > MANY:
            self._jobs.start(
                *("read", tasks.add_to_playlist, list_id, tuple(ids)),
                on_done=self._on_filled, on_failed=self.failed.emit,
            )  # fmt: skip
        return list_id

    def _on_filled(self, added: tasks.Added) -> None:
        self.reload(added.list_id)

    def rename(self, list_id: int, name: str) -> None:
        """`UserError` where the name is empty or taken."""
        before = self.get(list_id)
        self._store.rename_playlist(list_id, name)
        self.reload()
        if before is not None and before.name != name.strip():
            what = f"renaming the playlist {before.name}"
            self._rack.remember(what, self._rename_back, list_id, before.name)

    def _rename_back(self, list_id: int, name: str) -> None:
        self._store.rename_playlist(list_id, name)
        self.reload()

    def delete(self, list_id: int) -> None:
        """Undo brings it back; its tracks are not touched."""
        one = self.get(list_id)
        if one is not None:
            ids = self.ids(list_id)
            self._drop(list_id)
            self._rack.remember(
                f"deleting the playlist {one.name}", self._bring_back, list_id, one.name, ids
            )
            self.said.emit(f"Deleted the playlist {one.name}.")

    def _drop(self, list_id: int) -> None:
        self._store.delete_playlist(list_id)
        self.reload(list_id)

    def _bring_back(self, list_id: int, name: str, ids: list[int]) -> None:
        self._store.create_playlist(name, ids, list_id)
        self.reload(list_id)

    # its tracks

    def add(self, list_id: int, ids: Sequence[int], at: int | None = None) -> None:
        """Put tracks before the place ``at``, 0 the first, or at the end."""
        if len(ids) > MANY:
            self._jobs.start(
                *("read", tasks.add_to_playlist, list_id, tuple(ids), at),
                on_done=self._on_added, on_failed=self.failed.emit,
            )  # fmt: skip
        elif ids:
            try:
                added = tasks.add_to_playlist(self._store, list_id, ids, at)
            except UserError as error:
                self.failed.emit(str(error))
                return
            self._on_added(added)

    def _on_added(self, added: tasks.Added) -> None:
        self.reload(added.list_id)
        one = self.get(added.list_id)
        if one is not None:
            places = range(added.at, added.at + added.count)
            what = f"adding to {one.name}"
            self._rack.remember(what, self._take_out, added.list_id, places)
            self.said.emit(f"{_tracks(added.count)} added to {one.name}.")

    def remove(self, list_id: int, places: Sequence[int]) -> None:
        """Take out what stands at these places, never a file."""
        one, before = self.get(list_id), self.ids(list_id)
        if one is not None and self._done(self._take_out, list_id, places):
            self._rack.remember(f"removing from {one.name}", self._put_back, list_id, before)
            self.said.emit(f"{_tracks(len(set(places)))} removed from {one.name}.")

    def move(self, list_id: int, places: Sequence[int], to: int) -> int:
        """Put what stands at ``places`` before the place ``to``; where the first is then."""
        one, before = self.get(list_id), self.ids(list_id)
        taken = sorted({at for at in places if 0 <= at < len(before)})
        to = max(0, min(to, len(before)))
        first = to - sum(1 for at in taken if at < to)
        as_before = list(range(first, first + len(taken)))
        if one is None or taken == as_before or not self._done(self._put, list_id, taken, to):
            return first
        what = f"moving in {one.name}"
        if taken[-1] - taken[0] == len(taken) - 1:  # one piece goes back as quickly as it came
            back = taken[0] if taken[0] < first else taken[-1] + 1
            self._rack.remember(what, self._put, list_id, as_before, back)
        else:
            self._rack.remember(what, self._put_back, list_id, before)
        return first

    def _done(self, change: Callable[..., None], *words: object) -> bool:
        try:
            change(*words)
        except UserError as error:
            self.failed.emit(str(error))
            return False
        return True

    def _take_out(self, list_id: int, places: Sequence[int]) -> None:
        self._store.remove_from_playlist(list_id, places)
        self.reload(list_id)

    def _put(self, list_id: int, places: Sequence[int], to: int) -> None:
        self._store.move_in_playlist(list_id, places, to)
        self.reload(list_id)

    def _put_back(self, list_id: int, ids: list[int]) -> None:
        self._store.replace_playlist(list_id, ids)
        self.reload(list_id)

    # files

    def take_in(self, path: Path, into: int | None = None) -> None:
        """Make a playlist of a file, or put what it names behind that of this id."""
        self._jobs.start(
            *("read", tasks.import_playlist, path, into),
            on_done=self._on_imported, on_failed=self.failed.emit,
        )  # fmt: skip

    def _on_imported(self, done: tasks.ImportedPlaylist) -> None:
        self.reload(done.list_id)
        if done.new:
            self._rack.remember(f"importing {done.name}", self._drop, done.list_id)
        else:
            places = range(done.at, done.at + len(done.added))
            self._rack.remember(f"importing into {done.name}", self._take_out, done.list_id, places)
        self.imported.emit(done)


def _tracks(count: int) -> str:
    return "1 track" if count == 1 else f"{count:,} tracks"
