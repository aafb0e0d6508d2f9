"""Listening with ListenBrainz on and off: a real session, player, dialog and server."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import songs
from diary import TOKEN, Diary, Mood
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from sliders_desktop.audio.sinks.sink import NullSink
from sliders_desktop.config import Paths
from sliders_desktop.gui.main_window import MainWindow
from sliders_desktop.gui.scrobble_dialog import ScrobbleDialog
from sliders_desktop.library.records import FoundTrack, Play
from sliders_desktop.library.store import Store
from sliders_desktop.session import transport
from sliders_desktop.session.session import Session

from . import conftest
from .conftest import DIM, MakeSession

NOW = 1_700_000_000
LONG_S, SHORT_S = 40.0, 20.0
#: Title, artist, length.
SONGS = (
    ("Low Tide", "Coastal Static", LONG_S),
    ("Undertow", "Slate & Fern", LONG_S),
    ("Window Seat", "Paper Atlas", LONG_S),
    ("Interlude", "Paper Atlas", SHORT_S),
    ("Nobody's", "", LONG_S),
)
PATIENCE_MS = 30_000


class World:
    """The listener's ears and clock: sound passes only when somebody listens."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.now = float(NOW)
        self.sinks: list[NullSink] = []

    def make_sink(self, *_: Any) -> NullSink:
        self.sinks.append(NullSink(pace=0))
        return self.sinks[-1]

    def until(self, true: Callable[[], bool]) -> None:
        """Listen until something is true; the clock on the wall stands still."""

        def heard() -> bool:
            if self.sinks:
                self.sinks[-1].advance(22_050)
            return true()

        self.qtbot.waitUntil(heard, timeout=PATIENCE_MS)

    def hear(self, session: Session, seconds: float) -> None:
        """Listen to what plays up to this second of it."""
        self.until(lambda: session.playback.position_s() >= seconds)

    def obeyed(self, session: Session) -> None:
        """Let the player do what it was told, without hearing anything meanwhile."""
        player = session.playback._player
        self.qtbot.waitUntil(
            lambda: player._wanted is None and player._seek_to is None, timeout=PATIENCE_MS
        )

    def hear_out(self, session: Session, ids: list[int]) -> None:
        """Play these, all to their ends."""
        over: list[int] = []
        session.playback.played.connect(over.append)
        session.playback.play(ids)
        self.until(lambda: over == ids)
        session.playback.played.disconnect(over.append)


@pytest.fixture
def world(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("no_proxy", "*")
    world = World(qtbot)
    monkeypatch.setattr(conftest, "make_sink", world.make_sink)
    monkeypatch.setattr(transport, "time", SimpleNamespace(time=lambda: world.now))
    return world


@pytest.fixture
def diary() -> Iterator[Diary]:
    with Diary() as diary:
        yield diary


def fill(store: Store, folder: Path) -> None:
    """The songs of `SONGS`, listened to, so that nothing else is left to do."""
    folder.mkdir(parents=True)
    found = []
    for at, (title, artist, seconds) in enumerate(SONGS):
        path = folder / f"{at:04}.wav"
        songs.write(path, songs.tone(220.0 + 20 * at, seconds, rate=8000), 8000)
        tags = (title, artist, "Shingle" if at else "", "", at, 1, 1998, "")
        found.append(FoundTrack(str(path), 1, 1, f"{at:064x}", seconds, *tags))
    store.save_found(store.add_folder(folder).id, found)
    ids = [row.id for row in store.rows()]
    x = np.random.default_rng(1).normal(size=(len(ids), DIM)).astype(np.float32)
    encoder = store.use_encoder("tiny", "tiny", DIM)
    store.save_embeddings(encoder, [(i, v, 1) for i, v in zip(ids, x, strict=True)])
    store.save_map(encoder, np.array(ids), x[:, :2])


@pytest.fixture
def opened(
    world: World, make_session: MakeSession, home: Path, tmp_path: Path
) -> Callable[[], Session]:
    """``opened()``: a session over the songs; again: the next start."""

    def open_it() -> Session:
        with Store.open(Paths(home).database) as store:
            if not store.folders():
                fill(store, tmp_path / "music")
        session = make_session(tracks=0)
        session.playback.set_radio(False)
        return session

    return open_it


@pytest.fixture
def session(opened: Callable[[], Session]) -> Session:
    return opened()


def ids(session: Session) -> list[int]:
    return [row.id for row in session.catalogue.rows]


def quiet(session: Session, qtbot: QtBot) -> None:
    """Nothing is on its way."""
    qtbot.waitUntil(session._jobs.idle, timeout=PATIENCE_MS)


def turn_on(session: Session, diary: Diary, qtbot: QtBot) -> None:
    session.scrobbling.agree(diary.address, TOKEN)
    qtbot.waitUntil(lambda: session.scrobbling.on, timeout=PATIENCE_MS)
    quiet(session, qtbot)


def no_sockets(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From here on no connection can be made; what was tried is in the list."""
    tried: list[str] = []

    def refusing(name: str) -> Callable[..., Any]:
        def refuse(*_: Any, **__: Any) -> Any:
            tried.append(name)
            raise OSError("no sockets in this test")

        return refuse

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refusing(name))
    return tried


# ── Off ──


def test_off_means_no_connection(
    session: Session, world: World, qtbot: QtBot, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it comes: no socket is made, no lane is there, nothing waits."""
    sockets = no_sockets(monkeypatch)

    world.hear_out(session, ids(session)[:2])
    session.scrobbling.send()
    quiet(session, qtbot)

    assert sockets == []
    assert diary.requests == []
    assert "send" not in session._jobs._lanes
    assert session.scrobbling.waiting == 0


def test_no_setting_turns_it_on(session: Session) -> None:
    for name in ("listenbrainz", "scrobbling", "on"):
        with pytest.raises(ValueError, match=name):
            session.set_setting(name, True)
    assert not session.scrobbling.on


# ── On ──


def test_what_is_heard_arrives_as_it_was_heard(
    session: Session, world: World, qtbot: QtBot, diary: Diary
) -> None:
    """Announced at the start, submitted once half was heard, with the time it began."""
    first, second, third, short, nameless = ids(session)
    world.hear_out(session, [first])  # before the yes
    turn_on(session, diary, qtbot)
    assert diary.submissions == []

    world.now = NOW + 1000
    session.playback.play([second])
    world.until(lambda: diary.now == ["Undertow"])
    world.hear(session, 10)
    session.playback.toggle()
    world.now += 3600  # a long pause
    session.playback.toggle()
    world.until(lambda: not session.playback.playing)
    quiet(session, qtbot)

    assert diary.heard == [(NOW + 1000, "Undertow")]
    assert diary.kinds == [("single", 1)]
    about = diary.submissions[-1][1][0]["track_metadata"]
    assert about == {
        "artist_name": "Slate & Fern",
        "track_name": "Undertow",
        "release_name": "Shingle",
        "additional_info": {
            "media_player": "Sliders",
            "submission_client": "Sliders",
            "duration_ms": 40_000,
        },
    }

    world.now = NOW + 9000
    world.hear_out(session, [short, nameless])
    quiet(session, qtbot)
    assert len(diary.heard) == 1
    assert diary.now == ["Undertow", "Interlude"]
    assert session.scrobbling.waiting == 0


@pytest.mark.parametrize(("heard_s", "counts"), [(16.0, False), (23.0, True)])
def test_half_of_it_counts_and_less_does_not(
    session: Session, world: World, qtbot: QtBot, diary: Diary, heard_s: float, counts: bool
) -> None:
    first, second = ids(session)[:2]
    turn_on(session, diary, qtbot)
    session.playback.play([first])
    world.hear(session, heard_s)
    world.now += heard_s

    session.playback.play([second])
    world.obeyed(session)
    world.until(lambda: diary.now == ["Low Tide", "Undertow"])
    quiet(session, qtbot)

    assert diary.heard == ([(NOW, "Low Tide")] if counts else [])


def test_jumping_ahead_is_not_hearing(
    session: Session, world: World, qtbot: QtBot, diary: Diary
) -> None:
    turn_on(session, diary, qtbot)
    session.playback.play(ids(session)[:1])
    world.hear(session, 2)
    session.playback.seek(35.0)
    world.obeyed(session)
    world.until(lambda: not session.playback.playing)
    quiet(session, qtbot)

    assert diary.now == ["Low Tide"]
    assert diary.heard == []


def test_one_after_the_other_and_over_again(
    session: Session, world: World, qtbot: QtBot, diary: Diary
) -> None:
    """Without a gap, and the same song twice: each has its own time."""
    first, second = ids(session)[:2]
    turn_on(session, diary, qtbot)
    session.playback.played.connect(lambda _: setattr(world, "now", world.now + 40))

    world.hear_out(session, [first, second])
    world.hear_out(session, [first])
    quiet(session, qtbot)

    times, titles = zip(*diary.heard, strict=True)
    assert titles == ("Low Tide", "Undertow", "Low Tide")
    assert times == (NOW, NOW + 40, NOW + 80)
    assert diary.now == list(titles)


# ── Trouble ──


def test_without_a_network_songs_wait_and_go_when_it_is_back(
    session: Session, world: World, qtbot: QtBot
) -> None:
    first, second = ids(session)[:2]
    with Diary() as diary:
        turn_on(session, diary, qtbot)
    scrobbling = session.scrobbling

    world.hear_out(session, [first, second])
    quiet(session, qtbot)

    assert scrobbling.waiting == 2
    assert "can't be reached" in scrobbling.problem
    assert scrobbling.retry_in_s is not None
    with Diary(diary._port) as back:
        scrobbling._later.timeout.emit()  # when the time has come
        quiet(session, qtbot)
        assert back.kinds == [("import", 2)]
        assert [title for _, title in back.heard] == ["Low Tide", "Undertow"]
        assert back.now == []  # of what played then nobody is told now
    assert scrobbling.waiting == 0
    assert scrobbling.problem == ""
    assert scrobbling.retry_in_s is None


def test_each_failure_waits_longer_up_to_a_limit(
    session: Session, world: World, qtbot: QtBot, diary: Diary
) -> None:
    turn_on(session, diary, qtbot)
    diary.moods.extend([Mood(503)] * 9)
    waits = []
    session.playback.blockSignals(True)  # only the queue is looked at here
    row = session.catalogue.rows[0]
    session.scrobbling.on_saved(Play(row.id, NOW, 40.0, "finished", "user"))
    for _ in range(8):
        quiet(session, qtbot)
        waits.append(session.scrobbling._later.interval() / 1000)
        session.scrobbling._later.timeout.emit()
    quiet(session, qtbot)
    session.playback.blockSignals(False)

    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    session.scrobbling.send()
    quiet(session, qtbot)
    assert diary.heard == [(NOW, "Low Tide")]


def test_patience_is_kept_while_songs_go_on(
    session: Session, world: World, qtbot: QtBot, diary: Diary
) -> None:
    turn_on(session, diary, qtbot)
    diary.moods.append(Mood(429, (("X-RateLimit-Reset-In", "600"),)))
    session.playback.play(ids(session)[:1])
    world.until(lambda: session.scrobbling.retry_in_s is not None)
    asked = len(diary.requests)
    world.until(lambda: not session.playback.playing)
    world.hear_out(session, ids(session)[1:2])
    quiet(session, qtbot)

    assert session.scrobbling._later.interval() == 600_000
    assert len(diary.requests) == asked
    assert session.scrobbling.waiting == 2


def test_a_withdrawn_token_is_said_once_and_loses_nothing(
    opened: Callable[[], Session], world: World, qtbot: QtBot, diary: Diary
) -> None:
    session = opened()
    turn_on(session, diary, qtbot)
    said: list[tuple[str, str]] = []
    session.message.connect(lambda sentence, kind: said.append((sentence, kind)))
    diary.users.clear()

    world.hear_out(session, ids(session)[:2])
    quiet(session, qtbot)
    asked = len(diary.requests)
    world.hear_out(session, ids(session)[2:3])
    session.scrobbling.send()
    quiet(session, qtbot)

    assert len(diary.requests) == asked
    assert [kind for _, kind in said] == ["warning"]
    assert "does not take your token" in said[0][0]
    assert session.scrobbling.waiting == 3

    again = opened()
    quiet(again, qtbot)
    assert len(diary.requests) == asked
    diary.users["another"] = "rob"
    again.scrobbling.agree(diary.address, "another")
    qtbot.waitUntil(lambda: again.scrobbling.waiting == 0, timeout=PATIENCE_MS)
    assert diary.kinds == [("import", 3)]


def test_the_next_start_sends_what_waits_and_what_was_left_in_the_middle(
    opened: Callable[[], Session], world: World, qtbot: QtBot
) -> None:
    session = opened()
    first, second = ids(session)[:2]
    with Diary() as diary:
        turn_on(session, diary, qtbot)
    world.hear_out(session, [first])
    world.now = NOW + 500
    session.playback.play([second])
    world.hear(session, 25)
    session.close()

    with Diary(diary._port) as later:
        again = opened()
        qtbot.waitUntil(lambda: again.scrobbling.waiting == 0, timeout=PATIENCE_MS)
        assert later.heard == [(NOW, "Low Tide"), (NOW + 500, "Undertow")]
        quiet(again, qtbot)
        third = opened()
        quiet(third, qtbot)
        assert later.kinds == [("import", 2)]


# ── Off again ──


def test_off_again_sends_nothing_and_what_waits_can_be_forgotten(
    session: Session, world: World, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = ids(session)[:3]
    with Diary() as diary:
        turn_on(session, diary, qtbot)
    world.hear_out(session, [first])
    quiet(session, qtbot)

    with Diary(diary._port) as back:
        session.scrobbling.turn_off()
        with monkeypatch.context() as without_sockets:
            sockets = no_sockets(without_sockets)
            world.hear_out(session, [second])
            session.scrobbling.send()
            quiet(session, qtbot)
            assert sockets == []
        assert back.requests == []
        assert session.scrobbling.waiting == 1

        session.scrobbling.forget()
        turn_on(session, back, qtbot)
        world.hear_out(session, [third])
        quiet(session, qtbot)
        assert [title for _, title in back.heard] == ["Window Seat"]


def test_what_waits_for_one_server_is_not_told_to_another(
    session: Session, world: World, qtbot: QtBot
) -> None:
    with Diary() as diary:
        turn_on(session, diary, qtbot)
    world.hear_out(session, ids(session)[:1])
    quiet(session, qtbot)
    assert session.scrobbling.waiting == 1
    session.scrobbling.turn_off()

    with Diary() as other:
        turn_on(session, other, qtbot)
        assert session.scrobbling.waiting == 0
        assert other.heard == []


# ── Never ──


def test_a_trial_never_sends(
    world: World, qtbot: QtBot, diary: Diary, home: Path, monkeypatch: pytest.MonkeyPatch,
    make_session: MakeSession, tmp_path: Path,
) -> None:  # fmt: skip
    """Not even from a library in which it is on."""
    with Store.open(Paths(home).database) as store:
        fill(store, tmp_path / "music")
        kept = {"on": True, "server": diary.address, "token": TOKEN, "user": "rob"}
        store.set_setting("listenbrainz", kept)
    monkeypatch.setattr(conftest, "Paths", lambda home: Paths(home, trial=True))
    session = make_session(tracks=0)
    session.playback.set_radio(False)

    session.scrobbling.agree(diary.address, TOKEN)
    world.hear_out(session, ids(session)[:1])
    quiet(session, qtbot)

    assert not session.scrobbling.on
    assert diary.requests == []
    assert session.scrobbling.waiting == 0


def test_the_demo_is_never_sent(
    world: World, qtbot: QtBot, diary: Diary, home: Path, make_session: MakeSession
) -> None:
    with Store.open(Paths(home).database) as store:
        fill(store, Paths(home).demo)
    session = make_session(tracks=0)
    session.playback.set_radio(False)
    turn_on(session, diary, qtbot)

    world.hear_out(session, ids(session)[:1])
    quiet(session, qtbot)

    assert diary.requests == [("GET", "/1/validate-token")]
    assert session.scrobbling.waiting == 0


# ── The dialog ──


def open_dialog(qtbot: QtBot, window: MainWindow) -> ScrobbleDialog:
    """By the command of the menu."""
    window.actions_table.by_name["listenbrainz"].trigger()
    dialog = window._dialogs["listenbrainz"]
    assert isinstance(dialog, ScrobbleDialog)
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    return dialog


def test_agreeing_and_turning_off_by_keyboard(
    session: Session, window: MainWindow, qtbot: QtBot, diary: Diary
) -> None:
    dialog = open_dialog(qtbot, window)
    assert "Off: nothing is sent." in dialog.now.text()
    assert dialog.server.text() == "https://api.listenbrainz.org"
    qtbot.waitUntil(dialog.token.hasFocus)
    assert not dialog.agree.isEnabled()  # there is nothing to agree to yet

    dialog.server.setText(diary.address)
    qtbot.keyClicks(dialog.token, TOKEN)
    assert diary.requests == []
    assert TOKEN not in dialog.token.displayText()
    for _ in range(9):
        if dialog.agree.hasFocus():
            break
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert dialog.agree.hasFocus()
    qtbot.keyClick(dialog.agree, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: session.scrobbling.on, timeout=PATIENCE_MS)
    assert "goes to the diary of rob at 127.0.0.1" in dialog.now.text()
    assert not dialog.token.isEnabled()
    assert dialog.agree.isHidden()

    dialog.stop.setFocus()
    qtbot.keyClick(dialog.stop, Qt.Key.Key_Space)
    assert not session.scrobbling.on
    assert "Off: nothing is sent." in dialog.now.text()
    assert dialog.token.text() == TOKEN
    assert diary.requests == [("GET", "/1/validate-token")]


def test_the_dialog_says_what_is_sent_and_where_to_stop(window: MainWindow, qtbot: QtBot) -> None:
    dialog = open_dialog(qtbot, window)
    said = dialog.about.text()
    for word in ("title", "artist", "album", "length", "began", "name of this player"):
        assert word in said
    assert "off until you agree" in said
    assert "turned off here at any time" in said
    assert dialog.about.height() >= dialog.about.heightForWidth(dialog.about.width())


def test_everything_in_the_dialog_has_a_name(window: MainWindow, qtbot: QtBot) -> None:
    dialog = open_dialog(qtbot, window)
    for line in dialog.findChildren(QLineEdit):
        assert line.accessibleName()
    for button in dialog.findChildren(QPushButton):
        assert button.accessibleName() or button.text()
    assert dialog.token.echoMode() == QLineEdit.EchoMode.Password


@pytest.mark.parametrize(
    ("server", "token", "sentence"),
    [
        ("", "wrong", "does not know this token"),
        ("http://127.0.0.1:1", TOKEN, "can't be reached"),
        ("nowhere", TOKEN, "address must look like"),
        ("", "two words", "no token"),
    ],
)
def test_what_does_not_work_is_said_and_stays_off(
    session: Session, window: MainWindow, qtbot: QtBot, diary: Diary,
    server: str, token: str, sentence: str,
) -> None:  # fmt: skip
    dialog = open_dialog(qtbot, window)
    dialog.server.setText(server or diary.address)
    dialog.token.setText(token)
    dialog.agree.click()
    quiet(session, qtbot)

    assert sentence in dialog.now.text()
    assert "nothing is sent" in dialog.now.text()
    assert not session.scrobbling.on
    assert dialog.token.text() == token
    assert diary.submissions == []


def test_what_waits_is_shown_tried_and_forgotten(
    session: Session, window: MainWindow, world: World, qtbot: QtBot
) -> None:
    with Diary() as diary:
        turn_on(session, diary, qtbot)
    world.hear_out(session, ids(session)[:2])
    quiet(session, qtbot)
    dialog = open_dialog(qtbot, window)
    assert "can't be reached" in dialog.now.text()
    assert "2 songs wait to be sent." in dialog.now.text()

    with Diary(diary._port) as back:
        dialog.again.click()
        qtbot.waitUntil(lambda: len(back.heard) == 2, timeout=PATIENCE_MS)
        quiet(session, qtbot)
    assert "wait" not in dialog.now.text()
    assert dialog.again.isHidden()
    assert dialog.forget.isHidden()

    world.hear_out(session, ids(session)[2:3])
    quiet(session, qtbot)
    assert "One song waits to be sent." in dialog.now.text()
    dialog.forget.click()
    assert session.scrobbling.waiting == 0
    assert dialog.forget.isHidden()


def test_a_bare_address_is_warned_of(window: MainWindow, qtbot: QtBot) -> None:
    dialog = open_dialog(qtbot, window)
    assert "listenbrainz.org" in dialog.hint.text()
    dialog.server.setText("http://example.org")
    assert "Without https" in dialog.hint.text()
