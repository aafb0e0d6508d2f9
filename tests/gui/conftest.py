"""A real session over a small real library; only the loudspeaker is missing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import songs
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

# Compiled when it is first imported, in seconds: no player shall be at it when its test ends.
import sliders_desktop.audio.sinks.render  # noqa: F401
from sliders_desktop.audio.player import Player
from sliders_desktop.audio.sinks.sink import make_sink
from sliders_desktop.config import Paths
from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.theme import Theme
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store
from sliders_desktop.session.session import Session

DIM = 8
EAR = "71" * 32  # the hash of the encoder that listened
SECONDS = 2.0
NAMES = (
    ("Low Tide", "Coastal Static", "Northern Rooms", 2019, "Ambient"),
    ("Slow Harbour", "Coastal Static", "Northern Rooms", 2019, "Ambient"),
    ("Paper Lanterns", "The Quiet Hours", "Lamps", 2003, "Folk"),
    ("Undertow", "Slate & Fern", "Shingle", 1998, "Post-punk"),
    ("Cassette Weather", "Dial Tone Choir", "Long Distance", 1987, "Synthpop"),
    ("Window Seat", "Paper Atlas", "Carriage", 2011, "Folk"),
)

MakeSession = Callable[..., Session]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Qt's screenless plugin says what it can't do; that is no fault of a widget."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


def fill(store: Store, folder: Path, tracks: int) -> None:
    """``tracks`` that sound, have been listened to and have a place on the map."""
    found = []
    for at in range(tracks):
        title, artist, album, year, genre = NAMES[at % len(NAMES)]
        path = folder / f"{at:04}.wav"
        if at < len(NAMES):
            songs.write(path, songs.song(title, SECONDS))
        elif tracks <= 1000:
            path.hardlink_to(folder / f"{at % len(NAMES):04}.wav")
        found.append(
            FoundTrack(
                str(path), 1, 1, f"{at:064x}", SECONDS, title, artist, album, "", at, 1, year, genre
            )
        )
    store.save_found(store.add_folder(folder).id, found)
    ids = [row.id for row in store.rows()]
    rng = np.random.default_rng(1)
    x = rng.normal(size=(tracks, DIM)).astype(np.float32)
    encoder = store.use_encoder(EAR, "tiny", DIM)
    store.save_embeddings(encoder, [(i, v, 1) for i, v in zip(ids, x, strict=True)])
    store.save_map(encoder, np.array(ids), x[:, :2])
    store.save_loudness([(i, -18.0, 0.5, b"") for i in ids])


@pytest.fixture
def make_session(qtbot: QtBot, home: Path, tmp_path: Path) -> Iterator[MakeSession]:
    """``make_session(tracks=6)``: started, and its rows are in. Closed after the test."""
    made: list[tuple[Session, Jobs, Store]] = []

    def make(tracks: int = len(NAMES), start: bool = True) -> Session:
        paths = Paths(home)
        store = Store.open(paths.database)
        if tracks and not store.folders():
            folder = tmp_path / "music"
            folder.mkdir()
            fill(store, folder, tracks)
        jobs = Jobs(paths.database)

        def make_player(on_event: Callable[[Any], None]) -> Player:
            return Player(lambda name="": make_sink("null", name), on_event)

        session = Session(paths, store, jobs, make_player, {"watch_folders": False})
        made.append((session, jobs, store))
        if start:
            # First, so that the session sees at once that nothing is left to listen to.
            with qtbot.waitSignal(session.catalogue.vectors_changed):
                session.catalogue.load_vectors(at_once=True)
            with qtbot.waitSignal(session.ready):
                session.start()
            qtbot.waitUntil(jobs.idle, timeout=30_000)
        return session

    yield make
    for session, jobs, store in made:
        for window in QApplication.topLevelWidgets():
            window.close()
        session.close()
        QCoreApplication.processEvents()  # what the player said last
        for timer in session.findChildren(QTimer):
            timer.stop()  # the program's ends with its event loop, pytest's goes on
        assert jobs.shutdown()
        store.close()


@pytest.fixture
def session(make_session: MakeSession) -> Session:
    return make_session()


@pytest.fixture
def theme(qtbot: QtBot) -> Theme:
    return Theme(Paths(Path()).resources, "dark")


@pytest.fixture
def covers(session: Session) -> Covers:
    return Covers(session)


@pytest.fixture
def window(qtbot: QtBot, session: Session, theme: Theme) -> MainWindow:
    window = MainWindow(session, theme, Covers(session))
    qtbot.addWidget(window)
    window.show()
    return window
