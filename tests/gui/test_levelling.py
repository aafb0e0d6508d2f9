"""Music that was listened to before its loudness was measured: the session sees to it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from sliders_desktop.config import Paths
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store
from sliders_desktop.session.session import Session
from tests import songs
from tests.gui.conftest import DIM, MakeSession


@pytest.fixture
def not_measured(make_session: MakeSession, home: Path, tmp_path: Path) -> Session:
    """A library in which three songs have a vector and no loudness."""
    session = make_session(start=False)
    with Store.open(Paths(home).database) as store:
        (folder,) = store.folders()
        found = [
            FoundTrack(str(songs.write(tmp_path / "music" / name, songs.noise(2), 44100, "wav")),
                       1, 1, name, 2.0, name)
            for name in ("x", "y", "z")
        ]  # fmt: skip
        ids = store.save_found(folder.id, found).added
        encoder = store.serving_encoder()
        assert encoder is not None
        store.save_embeddings(encoder, [(i, np.ones(DIM, np.float32), 1) for i in ids])
        assert store.tracks_without_loudness() == list(ids)
    return session


def begin(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.ready):
        session.start()


def until(qtbot: QtBot, true: Callable[[], bool]) -> None:
    qtbot.waitUntil(true, timeout=30_000)


def waiting(home: Path) -> int:
    with Store.open(Paths(home).database) as store:
        return len(store.tracks_without_loudness())


def test_it_is_measured_in_the_background(not_measured: Session, home: Path, qtbot: QtBot) -> None:
    begin(not_measured, qtbot)
    until(qtbot, lambda: waiting(home) == 0)
    until(qtbot, lambda: _state(not_measured) == "done")
    status = not_measured.work.status("levelled")
    assert status is not None
    assert (status.done, status.total) == (3, 3)


def test_what_the_listener_stopped_waits_until_asked(
    not_measured: Session, home: Path, qtbot: QtBot
) -> None:
    work = not_measured.work
    work.cancel("levelled")  # as early as can be
    begin(not_measured, qtbot)
    until(qtbot, lambda: not_measured.catalogue.vectors_read)
    work.listen_if_needed()
    assert waiting(home) == 3
    assert _state(not_measured) is None

    work.resume("levelled")

    until(qtbot, lambda: waiting(home) == 0)


def _state(session: Session) -> str | None:
    status = session.work.status("levelled")
    return None if status is None else status.state
