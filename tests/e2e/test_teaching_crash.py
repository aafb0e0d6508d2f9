"""Kill -9 while the library teaches the encoder: nothing is lost but moments, nothing half done."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import lessons
import pytest
from lessons import LESSON, TRACKS, School, Watching, cores, paths, school

from sliders_desktop import tasks
from sliders_desktop.config import Paths
from sliders_desktop.errors import Cancelled
from sliders_desktop.library.store import Store
from sliders_desktop.tasks.generations import hash_of

__all__ = ["cores", "paths", "school"]  # fixtures

PROGRAM = """
import sys
from pathlib import Path
from sliders_desktop import tasks
from sliders_desktop.config import Paths
from sliders_desktop.library.store import Store
paths = Paths(Path(sys.argv[1]))
with Store.open(paths.database) as store:
    tasks.teach(store, paths, "cpu", False, tasks.TeachConfig(**eval(sys.argv[2])))
"""
# Long enough not to end before it is killed.
ENDLESS = replace(LESSON, epochs=400)


def kill_when(true: Callable[[], bool], paths: Paths) -> None:
    """Teach in a process of its own, and kill it as soon as ``true`` is."""
    settings = repr({**ENDLESS.__dict__, "options": dict(ENDLESS.options)})
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(paths.home), settings],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    end = time.monotonic() + 120
    while not true() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    ended_by_itself = process.poll() is not None
    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    out, _ = process.communicate()
    assert not ended_by_itself, out
    assert true()


def intact(paths: Paths) -> bool:
    with sqlite3.connect(paths.database) as db:
        return db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize(
    ("sign", "said_next"),
    [
        ("music-00005/index.json", "Reading"),  # some parts are read
        ("taught.safetensors.checkpoint", "Learning"),
    ],
)
def test_a_killed_teaching_changed_nothing_and_goes_on(
    sign: str, said_next: str, paths: Paths, school: School
) -> None:
    lessons.library(paths, school.music).close()
    old = hash_of(paths.encoder)

    kill_when((paths.teaching / sign).exists, paths)

    assert intact(paths)
    assert hash_of(paths.encoder) == old
    with Store.open(paths.database) as store:
        state = tasks.teaching_state(store, paths)
        assert state.begun is not None
        assert state.last is None
        assert [g.chosen for g in state.generations] == [False, True]
        read = {p: p.stat().st_mtime_ns for p in paths.teaching.glob("music-*/index.json")}
        job = Watching(at=("Learning", 3))
        with pytest.raises(Cancelled):
            tasks.teach(store, paths, "cpu", False, ENDLESS, job)
        assert all(p.stat().st_mtime_ns == at for p, at in read.items())
        assert len(list(paths.teaching.glob("music-*/index.json"))) == -(-TRACKS // LESSON.part)
        if said_next == "Learning":
            assert "Measuring" not in job.said
