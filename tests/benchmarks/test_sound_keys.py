"""From a key press in the real window to the frame where it is heard, through a real sound server.

See `test_sound_hands.py` for what "heard" means. SLIDERS_BENCHMARK_TRIALS is how often (40).
"""

import random
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from sliders_desktop.app import App
from sliders_desktop.audio.files import Decoder
from sliders_desktop.config import Paths
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store
from tests import songs
from tests.benchmarks.sound_faults import Wave
from tests.benchmarks.sound_rig import give_priority, recorder
from tests.benchmarks.test_sound_hands import (
    HEAD_S,
    RATE,
    TRIALS,
    found,
    read,
    recorded,
    report,
    summary,
    until,
)
from tests.e2e.pulse import Pulse, pulse

__all__ = ["pulse"]  # a fixture

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
SECONDS = 240.0


def fill(home: Path, folder: Path) -> list[Path]:
    """A library of four tracks: noise, so that each place of it is known when it is heard."""
    paths, found = [], []
    for i in range(4):
        wave = songs.stereo(*[songs.noise(SECONDS, seed=9 * i + side) for side in (0, 1)])
        path = songs.write(folder / f"{i}", wave, RATE, ("flac", "m4a-aac", "mp3", "ogg")[i])
        paths.append(path)
        found.append(FoundTrack(str(path), 1, 1, f"{i:064x}", SECONDS, f"Track {i}", "Artist"))
    with Store.open(Paths(home).database) as store:
        store.save_found(store.add_folder(folder).id, found)
        store.set_setting("watch_folders", False)
    return paths


def test_keys(
    pulse: Pulse, home: Path, tmp_path: Path, qtbot: QtBot, benchmark: BenchmarkFixture
) -> None:
    give_priority(pulse)
    paths = fill(home, tmp_path / "music")
    overrides = {
        "volume": 1.0,
        "radio": False,
        "repeat": "all",
        "loudness": "off",
        "watch_folders": False,
    }
    app = App(QApplication.instance(), Paths(home), "device", overrides)
    notes: list[tuple[str, float]] = []

    def live(seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            QCoreApplication.processEvents()
            time.sleep(0.002)

    def press(name: str, key: Qt.Key, control: bool) -> None:
        modifier = (
            Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
        )
        now = time.monotonic()
        QTest.keyClick(app.window, key, modifier)
        notes.append((name, now))
        live(0.45 + random.random() * 0.05)

    def trials() -> None:
        playback = app.session.playback
        with recorder(pulse, tmp_path / "heard.raw", RATE):
            playback.play([row.id for row in app.session.catalogue.rows])
            live(2.0)
            for _ in range(TRIALS):
                press("pause", Qt.Key.Key_Space, False)
                press("resume", Qt.Key.Key_Space, False)
                press("next", Qt.Key.Key_Right, True)
        playback.toggle()

    app.show()
    qtbot.waitUntil(lambda: app.session.catalogue.loaded, timeout=20_000)
    app.window.centre.show_view("list")
    live(4.0)  # what is imported in the background is imported
    by_id = {row.id: Path(row.path) for row in app.session.catalogue.rows}
    benchmark.pedantic(trials, rounds=1)
    app.window.close()
    app.shutdown()

    heads: dict[Path, Wave] = {}
    for path in paths:
        with Decoder(path, RATE) as decoder:
            heads[path] = read(decoder, int(HEAD_S * RATE))
    heard, more = recorded(tmp_path / "heard.raw")
    taken: dict[str, list[float]] = {}
    unfound = 0
    for name, at in notes:
        first = heard.frame_at(at)
        after = np.array(heard.frames[first : first + int(0.4 * RATE)])
        loud = np.abs(after).max(1) > 0
        if name == "next":
            begins = [found(heard, head, at, 0.45) for head in heads.values()]
            known = [begin for begin in begins if begin is not None]
            unfound += len(known) != 1
            taken.setdefault(name, []).extend(begin - at for begin in known[:1])
        elif name == "pause":
            silent = len(loud) - int(loud[::-1].argmax())  # after the last frame that sounds
            taken.setdefault("pause, complete", []).append(heard.when(first + silent) - at)
        elif name == "resume":
            taken.setdefault("resume, begins", []).append(heard.when(first + until(loud)) - at)
    report(benchmark, "keys", taken, {**more, "not found": unfound})
    assert unfound == 0
    assert len(by_id) == len(paths)
    assert max(summary(s)["p99"] for s in taken.values()) <= 150
