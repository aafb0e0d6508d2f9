"""The listener's constellations: stars collected, turned and weighed, and the path that follows.

Main thread. Each change is one undo step; while a star is weighed or a knob is turned, all of it is
one, written once it rests.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from sliders_desktop import tasks
from sliders_desktop.errors import UserError
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.matching import Ids
from sliders_desktop.library.records import Constellation, Mode, Star
from sliders_desktop.library.store import Store
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.constellation_path import ConstellationPath
from sliders_desktop.session.playback import Playback
from sliders_desktop.session.rack import Rack
from sliders_desktop.session.radio import Guide
from sliders_desktop.session.serving import Serving

SOURCE = "constellation:"
KEPT_AS = "state.constellation"  # which one is open
REST_MS = 400
HEAVIEST = 2.0
LIGHTEST = 0.05  # of a star: at 0 it would be none
NEW = "New constellation"
SEEDS = 1 << 31

Export = Callable[[Sequence[int], str, tasks.PathStyle, str], None]


class Constellations(QObject):
    """Signals:
    changed(int): the one of this id reads otherwise; -1: others are there, or another is open.
    path_changed(): `path` or `path_problem` is another.
    said(str): what was done, and can be undone. failed(str): why it could not be.
    """

    changed = Signal(int)
    path_changed = Signal()
    said = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        catalogue: Catalogue,
        rack: Rack,
        serving: Serving,
        playback: Playback,
        steers: Callable[[], Sequence[tasks.Steer]],
        not_artists: Callable[[], frozenset[str]],
        export: Export,
        parent: QObject | None = None,
    ) -> None:
        """``steers`` and ``not_artists`` as the `Radio` has them; ``export`` writes a playlist."""
        super().__init__(parent)
        self._store, self._catalogue, self._rack = store, catalogue, rack
        self._playback, self._export = playback, export
        self._all = {one.id: one for one in store.constellations()}
        self._open: int | None = None
        self._path = ConstellationPath(
            jobs, catalogue, serving, playback, steers, not_artists, self
        )
        self._path.changed.connect(self.path_changed)
        self._resting: tuple[int, str] | None = None  # whose what is not written yet
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._write)
        playback.knobs_turned.connect(self._on_knobs_turned)
        self._tell_catalogue()

    # which there are

    @property
    def open_(self) -> Constellation | None:
        """The one on the map."""
        return None if self._open is None else self._all.get(self._open)

    def all(self) -> list[Constellation]:
        """The oldest first."""
        return list(self._all.values())

    def get(self, number: int) -> Constellation | None:
        return self._all.get(number)

    @property
    def plays(self) -> bool:
        """Whether the radio follows the one that is open."""
        return self._open is not None and self._playback.constellation == self._open

    @staticmethod
    def source(number: int) -> str:
        """The key under which the catalogue shows its tracks."""
        return f"{SOURCE}{number}"

    def of_source(self, key: str) -> Constellation | None:
        """The one whose tracks are shown as this source."""
        number = key.removeprefix(SOURCE)
        return self.get(int(number)) if key.startswith(SOURCE) and number.isdigit() else None

    def _listed(self, number: int) -> Ids:
        stars = self._all[number].stars
        return np.array([star.track_id for star in stars if star.weight > 0], np.int64)

    def _tell_catalogue(self) -> None:
        lists = {self.source(number): partial(self._listed, number) for number in self._all}
        self._catalogue.set_lists(SOURCE, lists)

    def open_one(self, number: int | None) -> None:
        """Show this one, or none."""
        self._write()
        if number != self._open and (number is None or number in self._all):
            self._open = number
            self._store.set_setting(KEPT_AS, number)
            self._path.follow(self.open_)
            self.changed.emit(-1)

    def restore(self, stored: Any) -> None:
        """Come back as left: what is open, and what the radio follows."""
        if isinstance(stored, int):
            self.open_one(stored)
        followed = self._playback.constellation
        if followed is not None and followed in self._all:
            self._playback.lead_by(_guide(self._all[followed]))
        elif followed is not None:
            self._playback.leave_constellation()

    # as a whole

    def create(self, name: str = "", ids: Iterable[int] = ()) -> int:
        """A new one of these tracks, which is open then; its id.

        Without a name it gets one. `UserError` where the name is taken or the tracks are too many.
        """
        self._write()
        name = name or self._store.free_constellation_name(NEW)
        stars = tuple(Star(int(i)) for i in dict.fromkeys(ids))
        # Another path than the last one of the same stars.
        one = Constellation(0, name, stars, seed=random.randrange(SEEDS))
        made = self._store.create_constellation(one)
        self._all[made.id] = made
        before = self._open
        self._rack.remember(f"making {made.name}", self._unmake, made.id, before)
        self._tell_catalogue()
        self.open_one(made.id)
        return made.id

    def _unmake(self, number: int, before: int | None) -> None:
        self._drop(number)
        self.open_one(before if before in self._all else None)

    def rename(self, number: int, name: str) -> None:
        """`UserError` where the name is empty or taken."""
        one = self._now(number)
        if one is not None and one.name != name.strip():
            new = replace(one, name=name.strip())
            self._store.save_constellation(new)
            self._rack.remember(f"renaming {one.name}", self._put_back, one)
            self._take(new)

    def delete(self, number: int) -> None:
        """Undo brings it back; its tracks are not touched."""
        one = self._now(number)
        if one is not None:
            was_open = number == self._open
            self._drop(number)
            self._rack.remember(f"deleting {one.name}", self._bring_back, one, was_open)
            self.said.emit(f"Deleted {one.name}.")

    def _drop(self, number: int) -> None:
        self._store.delete_constellation(number)
        self._all.pop(number, None)
        if self._playback.constellation == number:
            self._playback.leave_constellation()
        self._tell_catalogue()
        if self._open == number:
            self.open_one(None)
        else:
            self.changed.emit(-1)

    def _bring_back(self, one: Constellation, open_it: bool) -> None:
        self._store.create_constellation(one)
        self._all[one.id] = one
        self._all = dict(sorted(self._all.items()))
        self._tell_catalogue()
        self.changed.emit(-1)
        if open_it:
            self.open_one(one.id)

    # its stars, and how they lead

    def collect(self, ids: Iterable[int]) -> None:
        """Make these tracks stars of the one that is open, or of a new one; none is taken away."""
        tracks = list(dict.fromkeys(int(i) for i in ids))
        one = self.open_
        if not tracks:
            return
        if one is None:
            try:
                number = self.create("", tracks)
            except UserError as error:
                self.failed.emit(str(error))
                return
            self.said.emit(f"{self._titled(tracks)} in {self._all[number].name}.")
            return
        known = {star.track_id for star in one.stars}
        new = [i for i in tracks if i not in known]
        if not new:
            said = "is a star of it already" if len(tracks) == 1 else "are stars of it already"
            self.said.emit(f"{one.name}: {self._titled(tracks)} {said}.")
            return
        stars = one.stars + tuple(Star(i) for i in new)
        if self._change(replace(one, stars=stars), f"adding to {one.name}"):
            self.said.emit(f"{self._titled(new)} in {one.name}.")

    def drop(self, ids: Iterable[int]) -> None:
        """These are no stars of the open one any more."""
        one, gone = self.open_, set(ids)
        if one is not None:
            stars = tuple(star for star in one.stars if star.track_id not in gone)
            if self._change(replace(one, stars=stars), f"taking out of {one.name}"):
                taken = [star.track_id for star in one.stars if star.track_id in gone]
                self.said.emit(f"{self._titled(taken)} taken out of {one.name}.")

    def set_weight(self, track_id: int, weight: float) -> None:
        """How much a star of the open one leads, −2 to 2, below 0 away; never not at all."""
        weight = max(-HEAVIEST, min(weight, HEAVIEST))
        if abs(weight) < LIGHTEST:
            weight = -LIGHTEST if weight < 0 else LIGHTEST
        self._weigh(track_id, lambda _: weight, "weighing a star of", f"weight-{track_id}")

    def turn(self, track_id: int) -> None:
        """Where a star of the open one led to it leads away from, and back."""
        self._weigh(track_id, lambda weight: -weight, "turning a star of")

    def _weigh(
        self, track_id: int, how: Callable[[float], float], what: str, rests: str = ""
    ) -> None:
        one = self.open_
        if one is not None:
            stars = tuple(
                Star(star.track_id, how(star.weight)) if star.track_id == track_id else star
                for star in one.stars
            )
            self._change(replace(one, stars=stars), f"{what} {one.name}", rests)

    def set_mode(self, mode: Mode) -> None:
        """What fits all stars of the open one, or what visits each."""
        if (one := self.open_) is not None:
            self._change(replace(one, mode=mode), f"changing {one.name}")

    def set_knobs(self, knobs: tasks.Knobs) -> None:
        """How what follows the open one is chosen."""
        if (one := self.open_) is not None:
            self._turn(one, knobs)

    def _on_knobs_turned(self, knobs: tasks.Knobs) -> None:
        """The same at Up next, for the one that plays."""
        one = self._all.get(self._playback.constellation or 0)
        if one is not None:
            self._turn(one, knobs)

    def _turn(self, one: Constellation, knobs: tasks.Knobs) -> None:
        new = replace(
            one,
            near_far=min(1.0, max(0.0, knobs.near_far)),
            forgotten=min(1.0, max(0.0, knobs.forgotten)),
            artist_gap=min(50, max(4, knobs.artist_gap)),
        )
        self._change(new, f"turning a knob of {one.name}", "knobs")

    def again(self) -> None:
        """Another good path from the same stars."""
        if (one := self.open_) is not None:
            new = replace(one, seed=random.randrange(SEEDS))
            self._change(new, f"another path for {one.name}")

    def _change(self, new: Constellation, what: str, rests: str = "") -> bool:
        """Let it be so; ``rests`` names what moves for a while and is one step with the last."""
        before = self._all[new.id]
        if new == before:
            return False
        if not rests or self._resting != (new.id, rests):
            self._write()
            before = self._all.get(new.id, before)
        if not rests:
            try:
                self._store.save_constellation(new)
            except UserError as error:
                self.failed.emit(str(error))
                return False
        if self._resting is None:
            self._rack.remember(what, self._put_back, before)
        if rests:
            self._resting = (new.id, rests)
            self._rest.start()
        self._take(new)
        return True

    def _write(self) -> None:
        """What moved rests now, or has to."""
        self._rest.stop()
        if self._resting is not None:
            number, self._resting = self._resting[0], None
            try:
                self._store.save_constellation(self._all[number])
            except UserError as error:
                self.failed.emit(str(error))

    def _now(self, number: int) -> Constellation | None:
        self._write()
        return self._all.get(number)

    def _put_back(self, one: Constellation) -> None:
        self._write()
        self._store.save_constellation(one)
        self._take(one)

    def _take(self, one: Constellation) -> None:
        """It is like this now: everybody who shows or plays it hears of it."""
        before = self._listed(one.id)
        self._all[one.id] = one
        if not np.array_equal(before, self._listed(one.id)):
            self._tell_catalogue()
        self.changed.emit(one.id)
        self._playback.lead_by(_guide(one))
        if one.id == self._open:
            self._path.follow(one)

    def _titled(self, ids: Sequence[int]) -> str:
        row = self._catalogue.track(ids[0]) if len(ids) == 1 else None
        return row.title if row is not None else f"{len(ids):,} tracks"

    # what follows

    def play(self, number: int | None = None) -> None:
        """Radio from the open one, or this one: it is followed as it changes from now on."""
        one = self.open_ if number is None else self._now(number)
        if one is None or not one.stars:
            self.failed.emit("Collect a star first: what plays follows from it.")
        else:
            self._playback.radio_from_constellation(_guide(one))

    @property
    def path(self) -> "list[tasks.Recommended]":
        """What would follow now, the next first."""
        return self._path.picks

    @property
    def path_problem(self) -> str:
        """Why nothing would, in a sentence."""
        return self._path.problem

    def refresh_path(self) -> None:
        """Find the path again: what leads it moved."""
        self._path.refresh()

    def export(self, number: int, path: str, style: tasks.PathStyle = "auto") -> None:
        """Write its stars and then what follows from them as a playlist."""
        one = self._now(number)
        if one is None:
            return
        write = partial(self._write_out, path, style, one.name)
        self._path.tracks(one, write, self.failed.emit)

    def _write_out(self, path: str, style: tasks.PathStyle, name: str, ids: list[int]) -> None:
        self._export(ids, path, style, name)

    def close(self) -> None:
        """Write what was not yet."""
        self._write()


def _guide(one: Constellation) -> Guide:
    wish = tasks.wish_of(one)
    return Guide(one.id, wish.anchors, wish.mode, wish.knobs, wish.seed, wish.unwanted)
