"""The recommender in a session: when it learns, what is told of it, and forgetting for good."""

import struct
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from sliders_desktop.library.records import Listen, Play
from sliders_desktop.library.store import Store
from sliders_desktop.session import recommending
from sliders_desktop.session.recommending import ENOUGH, EVERY_S, Recommending
from sliders_desktop.session.session import Session
from sliders_desktop.tasks import learning_rounds

from .conftest import MakeSession

WHEN = 1_687_543_210


@pytest.fixture
def them(session: Session, qtbot: QtBot) -> Recommending:
    qtbot.waitUntil(lambda: session.serving.learned is not None)
    return session.recommending


def play(session: Session, count: int, outcome: str = "finished") -> None:
    with Store.open(session.paths.database) as store:
        for at in range(count):
            one = Play(1 + at % 3, WHEN + at, 60.0, outcome, "user")  # type: ignore[arg-type]
            store.save_play(one)
            session.playback.saved.emit(one)


def test_it_learns_by_itself_after_enough_new_listening(
    session: Session, them: Recommending, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    now = [1_700_000_000.0]
    clock = SimpleNamespace(time=lambda: now[0])
    monkeypatch.setattr(recommending, "time", clock)
    monkeypatch.setattr(learning_rounds, "time", clock)
    monkeypatch.setattr(recommending, "REST_MS", 0)
    assert (them.state, them.due_in_s()) == ("listening", None)
    assert them.sentence == "Up next goes by how music sounds."
    play(session, ENOUGH - 1)
    play(session, 5, "skipped")
    assert them.due_in_s() is None
    play(session, 1)
    assert them.due_in_s() == 0.0

    seen: list[str] = []
    session.work.changed.connect(seen.append)
    qtbot.waitUntil(
        lambda: getattr(session.work.status("learned"), "state", "") == "done", timeout=60_000
    )
    qtbot.waitUntil(lambda: not them.learning)
    assert "learned" in seen
    status = session.work.status("learned")
    assert status is not None
    assert (status.title, status.state) == ("Learning from your listening", "done")
    last = session.serving.learned.last  # type: ignore[union-attr]
    assert last is not None
    assert (last.plays, last.playlists, last.at) == (ENOUGH, 0, int(now[0]))
    assert "20 plays and 0 playlists" in them.sentence
    assert them.due_in_s() is None

    now[0] += 60
    session.playlists.create("Kitchen", [1, 2])
    assert them.due_in_s() == pytest.approx(EVERY_S - 60, abs=1)
    now[0] += EVERY_S
    assert them.due_in_s() == 0.0


def test_never_beside_the_encoders_teaching(
    session: Session, them: Recommending, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    monkeypatch.setattr(them, "learn_now", lambda: begun.append(1))
    play(session, ENOUGH)
    monkeypatch.setattr(session._jobs, "job", lambda key: object() if key == "taught" else None)
    them._learn_if_due()
    assert not begun
    assert them._look.isActive()
    monkeypatch.setattr(session._jobs, "job", lambda key: None)
    them._learn_if_due()
    assert begun


def traces(folder: Path, times: list[bytes], text: bytes) -> list[str]:
    return [
        file.name
        for file in sorted(folder.iterdir())
        if file.is_file() and any(sought in file.read_bytes() for sought in [text, *times])
    ]


def test_forgotten_is_forgotten(session: Session, them: Recommending, qtbot: QtBot) -> None:
    session.playback.radio_from([3])
    qtbot.waitUntil(lambda: bool(session.playback.up_next))
    session.playback.next()
    qtbot.waitUntil(lambda: len(session.playback.history) == 2)
    session.playback.save()
    play(session, 30)
    with Store.open(session.paths.database) as store:
        store.save_listen(Listen(0, 1, WHEN, "Zephyrine", "", "", 60.0))
        store.set_setting("state.recommender", {"at": WHEN, "plays": 30})
    session.catalogue.reload_rows({1, 2, 3})
    assert {row.plays for row in session.catalogue.rows[:3]} != {0}
    session.paths.own_recommender.parent.mkdir(parents=True)
    session.paths.own_recommender.write_bytes(b"what was learned")
    session.playback._radio.skip([5])
    times = [struct.pack(">i", WHEN + at) for at in range(30)]
    assert traces(session.paths.home, times, b"Zephyrine")
    qtbot.waitUntil(lambda: bool(session.playback.up_next))

    with qtbot.waitSignal(session.catalogue.tracks_changed), qtbot.waitSignal(them.said) as told:
        them.forget()

    assert told.args == ["Your listening is forgotten, and what was learned from it."]
    assert {(row.plays, row.last_played_at) for row in session.catalogue.rows} == {(0, 0)}
    assert not session.paths.own_recommender.exists()
    assert session.scrobbling.waiting == 0
    assert len(session.playback.history) == 1  # what plays now
    qtbot.waitUntil(
        lambda: bool(session.playback.up_next) and bool(session.playback.up_next[0].reason)
    )
    assert all("never heard" in item.reason for item in session.playback.up_next)
    assert not session.playback._radio._skipped
    assert traces(session.paths.home, times, b"Zephyrine") == []
    with Store.open(session.paths.database) as store:
        assert [play for play in store.all_plays() if play.started_at < WHEN + 99] == []
        assert "state.recommender" not in store.settings()


def test_after_another_start_it_knows_how_it_stands(
    make_session: MakeSession, qtbot: QtBot
) -> None:
    session = make_session()
    play(session, 7)
    with Store.open(session.paths.database) as store:
        told = {"at": WHEN, "plays": 3, "playlists": 1, "better": False, "lists": "1:2:3"}
        store.set_setting("state.recommender", told)
    session.close()
    again = make_session()
    qtbot.waitUntil(lambda: again.serving.learned is not None)
    assert again.serving.learned is not None
    assert (again.serving.learned.plays, again.serving.learned.last.plays) == (7, 3)  # type: ignore[union-attr]
    assert again.recommending.due_in_s() == 0.0  # a playlist went
