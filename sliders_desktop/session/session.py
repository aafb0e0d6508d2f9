"""What is true now, in one place: built once by the app, shown by the windows."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from sliders_desktop import tasks
from sliders_desktop.audio.player import Player
from sliders_desktop.config import Paths, Settings
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.store import Store
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.constellations import KEPT_AS as CONSTELLATION
from sliders_desktop.session.constellations import Constellations
from sliders_desktop.session.finding import Finder
from sliders_desktop.session.journeys import Journeys
from sliders_desktop.session.learned import Learned
from sliders_desktop.session.liking import Liking
from sliders_desktop.session.loudness import Loudness
from sliders_desktop.session.not_today import KEPT_AS as NOT_TODAY
from sliders_desktop.session.not_today import NotToday
from sliders_desktop.session.playback import Playback
from sliders_desktop.session.playlists import Playlists
from sliders_desktop.session.presets import Presets
from sliders_desktop.session.rack import Rack
from sliders_desktop.session.rating_exchange import RatingExchange
from sliders_desktop.session.recommending import Recommending
from sliders_desktop.session.regions import Regions
from sliders_desktop.session.scrobbling import KEPT_AS, Scrobbling
from sliders_desktop.session.self_test import SelfTesting
from sliders_desktop.session.serving import Serving
from sliders_desktop.session.sharing import Sharing
from sliders_desktop.session.smart_lists import SmartLists
from sliders_desktop.session.steering import Steering
from sliders_desktop.session.suggesting import QUIET, Suggesting
from sliders_desktop.session.tasting import Tasting
from sliders_desktop.session.updates import KEPT_AS as UPDATES
from sliders_desktop.session.updates import Updates
from sliders_desktop.session.words import Words
from sliders_desktop.session.work import Work

log = logging.getLogger(__name__)

KEEP_MS = 400
RESTS = "Its handle rests until it is lit again."


class Session(QObject):
    """Wires catalogue, rack, learned, steering, playback and work; data flows in that order.

    Signals:
        message(str, str): one line for the listener, kind "info", "warning" or "error".
        settings_changed(): a setting has another value.
        ready(): the rows are in, and what was left off last time is back.
    """

    message = Signal(str, str)
    settings_changed = Signal()
    ready = Signal()

    def __init__(
        self,
        paths: Paths,
        store: Store,
        jobs: Jobs,
        make_player: Callable[[Callable[[Any], None]], Player],
        overrides: dict[str, Any] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """``overrides`` are settings of this run only, from the command line."""
        super().__init__(parent)
        self.paths = paths
        self._store, self._jobs = store, jobs
        stored = Settings.from_stored(store.settings())
        self.settings = replace(stored, **(overrides or {}))
        self.catalogue = Catalogue(store, jobs, self)
        self.loudness = Loudness(jobs, self.catalogue, self)
        self.rack = Rack(store, self)
        self.words = Words(jobs, self)
        self.exchange = RatingExchange(jobs, self.rack, self)
        self.learned = Learned(jobs, self.catalogue, self.rack, self)
        self.sharing = Sharing(jobs, self.catalogue, self.rack, self)
        self.suggesting = Suggesting(
            store, jobs, self.catalogue, self.rack, self.learned, self.read_state(QUIET), self
        )
        self.testing = SelfTesting(jobs, self.rack, self.learned, self)
        self.finder = Finder(store, self.catalogue, self.rack, self.learned)
        self.catalogue.find_by(self.finder.find)
        self.lists = SmartLists(store, self.catalogue, self.rack, self.finder, self)
        self.playlists = Playlists(store, jobs, self.catalogue, self.rack, self)
        self.steering = Steering(self.rack, self.learned, self)
        self.presets = Presets(store, self.rack, self.learned, self.steering, self)
        self.serving = Serving(jobs, self.catalogue, paths, self)
        not_today = NotToday(store, self._stored(NOT_TODAY))
        self.playback = Playback(
            store, jobs, self.catalogue, self.settings, make_player, self.serving,
            self.steering.steers, not_today.names, self,
        )  # fmt: skip
        self.tasting = Tasting(store, jobs, self.catalogue, self.playback.player, self)
        self.liking = Liking(self.catalogue, self.rack, self.playback, not_today, self)
        self.constellations = Constellations(
            store, jobs, self.catalogue, self.rack, self.serving, self.playback,
            self.steering.steers, not_today.names, self.export, self,
        )  # fmt: skip
        self.journeys = Journeys(
            jobs, self.catalogue, self.learned, self.serving, not_today.names, self
        )
        self.recommending = Recommending(
            jobs, self.catalogue, self.playlists, self.playback, self.serving, paths, self
        )
        self.work = Work(store, jobs, self.catalogue, paths, self.settings, self)
        self.regions = Regions(store, self.catalogue, self.rack, self)
        self.work.atlas.moves.connect(self.regions.follow)
        self.scrobbling = Scrobbling(
            store, jobs, self.catalogue, paths, self._stored(KEPT_AS), self
        )
        self.updates = Updates(store, jobs, paths, self._stored(UPDATES), self)
        self._rested = ""  # a slider that went dark, until the listener was told
        # Written when the handles rest: each write waits for the disk.
        self._keep_handles = QTimer(self)
        self._keep_handles.setSingleShot(True)
        self._keep_handles.setInterval(KEEP_MS)
        self._keep_handles.timeout.connect(self._write_handles)
        self.rack.sliders_changed.connect(self._on_facts_changed)
        self.rack.ratings_changed.connect(self._on_facts_changed)
        self.learned.state_changed.connect(self._on_facts_changed)
        self.steering.handles_changed.connect(self._keep_handles.start)
        self.steering.pull_changed.connect(self.playback.follow_handles)
        self.steering.pull_changed.connect(self.constellations.refresh_path)
        self.liking.changed.connect(self.constellations.refresh_path)
        self.recommending.forgotten.connect(self.scrobbling.forget)
        self.recommending.failed.connect(self.work.on_learning_failed)
        for part in (self.liking, self.constellations, self.recommending):
            part.said.connect(self._on_said)
        for part in (self.liking, self.constellations):
            part.failed.connect(self._on_warning)
        self.rack.armed_changed.connect(self._on_armed_changed)
        self.learned.said.connect(self._on_learned_said)
        self.steering.rested.connect(self._on_rested)
        self.playback.failed.connect(self._on_warning)
        self.playback.outputs.noted.connect(self._on_said)
        self.playback.played.connect(self._on_played)
        self.playback.state_changed.connect(self._on_playback_state)
        self.playback.began.connect(self.scrobbling.on_began)
        self.playback.saved.connect(self.scrobbling.on_saved)
        self.scrobbling.failed.connect(self._on_warning)
        self.playlists.failed.connect(self._on_warning)
        self.work.failed.connect(self._on_warning)
        self.work.teaching.said.connect(self._on_said)
        jobs.broke.connect(self._on_broke)

    def start(self) -> None:
        """Load the library in the background; call after the first paint."""
        self.catalogue.tracks_changed.connect(self._on_first_rows)
        self.work.atlas.start()  # the map is the first that is seen, and needs no rows
        self.catalogue.load()
        self.catalogue.load_vectors(at_once=True)

    def _on_first_rows(self) -> None:
        self.catalogue.tracks_changed.disconnect(self._on_first_rows)
        self.playback.restore(self.read_state("playback"))
        self.rack.restore(self.read_state("armed"))
        self.steering.restore(self.read_state("handles"))
        self.constellations.restore(self._stored(CONSTELLATION))
        self.work.start()
        self.scrobbling.start()
        self.updates.use(self.settings)
        self.words.start()
        self.ready.emit()

    # settings and state

    def set_setting(self, name: str, value: Any) -> None:
        """Change one of `Settings` and keep it."""
        if name not in {f.name for f in fields(Settings)}:
            raise ValueError(name)
        if getattr(self.settings, name) == value:
            return
        self.settings = replace(self.settings, **{name: value})
        self._store.set_setting(name, value)
        self.work.use(self.settings)
        self.playback.use(self.settings)
        self.playback.outputs.use(self.settings)
        self.updates.use(self.settings)
        self.settings_changed.emit()

    def read_state(self, name: str) -> Any:
        """What `write_state` kept under this name, or None."""
        return self._stored(f"state.{name}")

    def _stored(self, key: str) -> Any:
        text = self._store.settings().get(key)
        try:
            return None if text is None else json.loads(text)
        except ValueError:
            return None

    def write_state(self, name: str, value: Any) -> None:
        """Keep how the window looks, JSON only."""
        self._store.set_setting(f"state.{name}", value)

    def export(self, ids: Sequence[int], path: str, style: tasks.PathStyle, name: str = "") -> None:
        """Write tracks as a playlist, in this order, and say what came of it."""
        self._jobs.start(
            "read",
            tasks.export_playlist,
            ids,
            path,
            style,
            name,
            key="export",
            on_done=self._on_exported,
            on_failed=self._on_warning,
        )

    def _on_exported(self, done: tasks.WrittenPlaylist) -> None:
        self.message.emit(done.sentence, "info")

    # what one part tells the other

    def _write_handles(self) -> None:
        self.write_state("handles", self.steering.state())

    def _on_armed_changed(self) -> None:
        armed = self.rack.armed
        self.write_state("armed", armed.id if armed else None)

    def _on_playback_state(self) -> None:
        p = self.playback
        for name, value in (
            ("volume", p.volume),
            ("shuffle", p.shuffle),
            ("repeat", p.repeat),
            ("radio", p.radio),
            ("near_far", p.own_knobs.near_far),
            ("forgotten", p.own_knobs.forgotten),
            ("artist_gap", p.own_knobs.artist_gap),
        ):
            self.set_setting(name, value)

    def _on_facts_changed(self, *_: object) -> None:
        self.catalogue.refilter_soon()
        self.lists.count_soon()

    def _on_played(self, track_id: int) -> None:
        self.catalogue.reload_rows({track_id})

    def _on_rested(self, name: str) -> None:
        """A slider that pulled went dark; what its newest rating did may be said with it."""
        self._rested = name
        QTimer.singleShot(0, self, self._tell_rested)

    def _tell_rested(self) -> None:
        if self._rested:
            name, self._rested = self._rested, ""
            self._on_said(f"{name} lost its light. {RESTS}")

    def _on_learned_said(self, sentence: str) -> None:
        if self._rested:
            self._rested = ""
            sentence = f"{sentence} {RESTS}"
        self._on_said(sentence)

    def _on_said(self, sentence: str) -> None:
        self.message.emit(sentence, "info")

    def _on_warning(self, sentence: str) -> None:
        self.message.emit(sentence, "warning")

    def _on_broke(self, traceback: str) -> None:
        self.message.emit("Something went wrong inside Sliders; the log has the details.", "error")

    def close(self) -> None:
        """Save what plays and where; nothing is announced from here on."""
        self.blockSignals(True)
        self.learned.close()
        self.steering.close()
        if self._keep_handles.isActive():
            self._keep_handles.stop()
            self._write_handles()
        self.work.close()
        self.lists.close()
        self.constellations.close()
        self.recommending.close()
        self.catalogue.close()
        self.scrobbling.close()
        self.playback.close()
