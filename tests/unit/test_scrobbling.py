"""Sending to ListenBrainz: a real library, a real server, every mood a server has."""

import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mutagen.flac
import pytest
import songs
from diary import TOKEN, Diary, Mood

from sliders_desktop import tasks
from sliders_desktop.errors import Cancelled, Unreachable, UserError
from sliders_desktop.library.records import FoundTrack, Listen
from sliders_desktop.library.store import Store
from sliders_desktop.progress import Job
from sliders_desktop.tasks import Account, Sent

BEGAN = 1_700_000_000


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def diary() -> Iterator[Diary]:
    with Diary() as diary:
        yield diary


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as store:
        found = FoundTrack("/music/one.flac", 1, 1, "a", 61.5, "One", "Zoé", "First")
        store.save_found(store.add_folder("/music").id, [found])
        yield store


def account(diary: Diary, token: str = TOKEN) -> Account:
    return Account.of(diary.address, token)


def wait(store: Store, n: int, first: int = 0) -> list[tuple[int, str]]:
    """Let songs wait; returns what the server should hear of them."""
    for at in range(first, first + n):
        store.save_listen(Listen(0, 1, BEGAN + 200 * at, f"Song {at}", "Zoé", "First", 61.5))
    return [(BEGAN + 200 * at, f"Song {at}") for at in range(first, first + n)]


# ── What counts, and what is typed ──


@pytest.mark.parametrize(
    ("duration_s", "heard_s", "counts"),
    [
        (200, 99.9, False),
        (200, 100, True),
        (3600, 239.9, False),
        (3600, 240, True),
        (30, 15, True),
        (29.9, 29.9, False),
        (0, 500, False),
    ],
)
def test_what_counts_as_heard(duration_s: float, heard_s: float, counts: bool) -> None:
    assert tasks.is_listen(duration_s, heard_s) == counts


@pytest.mark.parametrize(
    ("typed", "server"),
    [
        (" https://api.listenbrainz.org ", "https://api.listenbrainz.org"),
        ("https://example.org/listenbrainz/", "https://example.org/listenbrainz"),
        ("https://example.org/apis/listenbrainz/1/", "https://example.org/apis/listenbrainz"),
        ("http://[::1]:8100", "http://[::1]:8100"),
    ],
)
def test_addresses_are_tidied(typed: str, server: str) -> None:
    assert Account.of(typed, f" {TOKEN}\n").server == server
    assert Account.of(typed, f" {TOKEN}\n").token == TOKEN


@pytest.mark.parametrize(
    "typed",
    [
        "", "listenbrainz.org", "ftp://example.org", "file:///etc", "https://", "https://a b.org",
        "https://me:secret@example.org", "https://example.org/?x=1", "https://example.org:port",
        "https://[1", "https://exämple.org",
    ],
)  # fmt: skip
def test_what_is_no_address_is_said(typed: str) -> None:
    with pytest.raises(UserError, match="address must look like"):
        Account.of(typed, TOKEN)


@pytest.mark.parametrize("typed", ["", "two words", "line\nbreak", "tökén"])
def test_what_is_no_token_is_said(typed: str) -> None:
    with pytest.raises(UserError, match="no token"):
        Account.of("https://example.org", typed)


def test_a_token_is_shown_nowhere() -> None:
    assert TOKEN not in repr(Account.of("https://example.org", TOKEN))


def test_certificates_are_verified() -> None:
    from sliders_desktop.online import door

    trust = door._trust()

    assert trust.verify_mode == ssl.CERT_REQUIRED
    assert trust.check_hostname


# ── Whose token it is ──


def test_a_token_is_known(store: Store, diary: Diary) -> None:
    known = tasks.check_token(store, account(diary))

    assert known.user == "rob"
    assert diary.requests == [("GET", "/1/validate-token")]
    assert diary.tokens == [TOKEN]


@pytest.mark.parametrize(
    ("validation", "sentence"),
    [
        (None, "does not know this token"),
        (Mood(401), "does not know this token"),
        (Mood(429), "is busy"),
        (Mood(503, body=b"<h1>Bad gateway</h1>"), "is busy"),
        (Mood(200, body=b"<h1>Welcome to the hotel</h1>"), "does not answer as a ListenBrainz"),
        (Mood(200, body=b'["json"]'), "does not answer as a ListenBrainz"),
        (Mood(200, body=b'{"hello": "world"}'), "does not answer as a ListenBrainz"),
        (Mood(404), "does not answer as a ListenBrainz"),
    ],
)
def test_why_a_token_does_not_work(
    store: Store, diary: Diary, validation: Mood | None, sentence: str
) -> None:
    diary.validation = validation

    with pytest.raises(UserError, match=sentence):
        tasks.check_token(store, account(diary, "another"))


def test_no_server_and_one_that_hangs_up(store: Store, diary: Diary) -> None:
    diary.validation = Mood(hangs_up=True)
    with pytest.raises(Unreachable, match="can't be reached"):
        tasks.check_token(store, account(diary))

    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable, match="can't be reached"):
        tasks.check_token(store, Account.of(f"http://127.0.0.1:{port}", TOKEN))


def test_a_server_that_never_answers(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from sliders_desktop.online import door

    monkeypatch.setattr(door, "TIMEOUT_S", 0.05)
    wait(store, 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = Account.of(f"http://127.0.0.1:{silent.getsockname()[1]}", TOKEN)
        with pytest.raises(Unreachable):
            tasks.check_token(store, there)
        assert tasks.send_listens(store, there).end == "later"
    assert store.waiting_count() == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_token_goes_to_nobody_else(store: Store, diary: Diary, status: int) -> None:
    with Diary() as elsewhere:
        moved = Mood(status, (("Location", f"{elsewhere.address}/1/validate-token"),))
        diary.validation = moved
        diary.moods.append(moved)

        with pytest.raises(UserError):
            tasks.check_token(store, account(diary))
        wait(store, 1)
        assert tasks.send_listens(store, account(diary)).end == "later"

        assert elsewhere.requests == []
    assert store.waiting_count() == 1


# ── Sending ──


def test_one_listen_says_what_was_promised_and_no_more(store: Store, diary: Diary) -> None:
    store.save_listen(Listen(0, 1, BEGAN, "One", "Zoé", "First", 61.5))
    store.save_listen(Listen(0, 1, BEGAN + 99, "Two", "Zoé", "", 62.25))

    assert tasks.send_listens(store, account(diary)) == Sent("all", sent=2)

    player = {"media_player": "Sliders", "submission_client": "Sliders"}
    one = {
        "listened_at": BEGAN,
        "track_metadata": {
            "artist_name": "Zoé",
            "track_name": "One",
            "release_name": "First",
            "additional_info": {**player, "duration_ms": 61_500},
        },
    }
    two = {
        "listened_at": BEGAN + 99,
        "track_metadata": {
            "artist_name": "Zoé",
            "track_name": "Two",
            "additional_info": {**player, "duration_ms": 62_250},
        },
    }
    assert diary.submissions == [("import", [one, two])]
    assert store.waiting_count() == 0


def test_a_song_alone_is_single_and_many_go_in_batches(store: Store, diary: Diary) -> None:
    expected = wait(store, 1)
    tasks.send_listens(store, account(diary))
    expected += wait(store, 250, first=1)
    tasks.send_listens(store, account(diary))

    assert diary.kinds == [("single", 1), ("import", 100), ("import", 100), ("import", 50)]
    assert diary.heard == expected


def test_nothing_waits_nothing_is_asked(store: Store, diary: Diary) -> None:
    assert tasks.send_listens(store, account(diary)) == Sent("all")
    assert diary.requests == []


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ((("X-RateLimit-Reset-In", "7"),), 7),
        ((("Retry-After", "12"), ("X-RateLimit-Reset-In", "7")), 7),
        ((("Retry-After", "12"),), 12),
        ((("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"),), 60),
        ((("X-RateLimit-Reset-In", "-5"),), 1),
        ((("X-RateLimit-Reset-In", "nan"),), 60),
        ((("X-RateLimit-Reset-In", "inf"),), 3600),
        ((), 60),
    ],
)
def test_patience_is_given_as_asked(
    store: Store, diary: Diary, headers: tuple[tuple[str, str], ...], wait_s: float
) -> None:
    expected = wait(store, 3)
    diary.moods.append(Mood(429, headers))

    busy = tasks.send_listens(store, account(diary))

    assert (busy.end, busy.wait_s, store.waiting_count()) == ("later", wait_s, 3)
    assert len(diary.requests) == 1  # and is not asked again by itself
    assert tasks.send_listens(store, account(diary)).sent == 3
    assert diary.heard == expected


def test_what_was_taken_before_a_refusal_is_not_sent_again(store: Store, diary: Diary) -> None:
    expected = wait(store, 150)
    diary.moods.extend([Mood(200, takes=True, body=b'{"status": "ok"}'), Mood(429)])

    assert tasks.send_listens(store, account(diary)).sent == 100
    assert store.waiting_count() == 50
    assert tasks.send_listens(store, account(diary)).sent == 50
    assert diary.heard == expected


@pytest.mark.parametrize(
    "mood",
    [
        Mood(500),
        Mood(503),
        Mood(404),
        Mood(hangs_up=True),
        Mood(200, body=b"<h1>Please log in to the hotel's network</h1>"),
    ],
)
def test_a_server_in_trouble_is_tried_later(store: Store, diary: Diary, mood: Mood) -> None:
    expected = wait(store, 3)
    diary.moods.append(mood)

    trouble = tasks.send_listens(store, account(diary))

    assert (trouble.end, trouble.wait_s, trouble.sent) == ("later", None, 0)
    assert trouble.reason.endswith(".")
    assert len(diary.requests) == 1
    assert tasks.send_listens(store, account(diary)).sent == 3
    assert diary.heard == expected


def test_a_refused_token_ends_it_and_loses_nothing(store: Store, diary: Diary) -> None:
    wait(store, 150)

    refused = tasks.send_listens(store, account(diary, "withdrawn"))

    assert refused.end == "refused"
    assert len(diary.requests) == 1
    assert store.waiting_count() == 150


@pytest.mark.parametrize("bad", [{0}, {57}, {149}, {3, 4, 120}])
def test_only_the_bad_listen_is_dropped(
    store: Store, diary: Diary, bad: set[int], caplog: pytest.LogCaptureFixture
) -> None:
    expected = wait(store, 150)
    names = {f"Song {at}" for at in bad}
    diary.rejects = lambda listen: listen["track_metadata"]["track_name"] in names

    done = tasks.send_listens(store, account(diary))

    assert done == Sent("all", sent=150 - len(bad), dropped=len(bad))
    assert diary.heard == [one for at, one in enumerate(expected) if at not in bad]
    lines = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(lines) == len(bad)
    for at, line in zip(sorted(bad), lines, strict=True):
        assert f"listen of {expected[at][0]} dropped" in line
        assert "JSON document" in line
    assert store.waiting_count() == 0


def test_taken_but_not_heard_of_it_comes_again_the_same(store: Store, diary: Diary) -> None:
    """The server's answer is lost: it may come twice, and is then one listen by its own rules."""
    expected = wait(store, 2)
    diary.moods.append(Mood(takes=True, hangs_up=True))

    assert tasks.send_listens(store, account(diary)).end == "later"
    found = FoundTrack("/music/one.flac", 1, 2, "a", 61.5, "Renamed", "Zoé", "First")
    store.save_found(store.folders()[0].id, [found])
    assert tasks.send_listens(store, account(diary)).sent == 2

    first, second = diary.submissions
    assert first == second
    assert list(dict.fromkeys(diary.heard)) == expected


def test_killed_between_sending_and_marking(path: Path, store: Store, diary: Diary) -> None:
    expected = wait(store, 2)
    program = (
        "import os, sys\n"
        "from sliders_desktop import tasks\n"
        "from sliders_desktop.library.store import Store\n"
        "Store.forget_listens = lambda *_: os._exit(9)\n"
        "with Store.open(sys.argv[1]) as store:\n"
        "    tasks.send_listens(store, tasks.Account.of(sys.argv[2], sys.argv[3]))\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, str(path), diary.address, TOKEN], env=os.environ
    )
    assert killed.returncode == 9
    assert diary.heard == expected

    assert tasks.send_listens(store, account(diary)).sent == 2

    assert diary.submissions[0] == diary.submissions[1]
    assert tasks.send_listens(store, account(diary)) == Sent("all")
    assert diary.heard == expected * 2


def test_stopped_between_two_batches(store: Store, diary: Diary) -> None:
    class Stopped(Job):
        checks = 0

        def check(self) -> None:
            self.checks += 1
            if self.checks == 2:
                raise Cancelled

    expected = wait(store, 150)

    with pytest.raises(Cancelled):
        tasks.send_listens(store, account(diary), job=Stopped())

    assert diary.heard == expected[:100]
    assert store.waiting_count() == 50


# ── Names ──


def titled_file(folder: Path, name: str, title: str) -> Path:
    file = songs.write(folder / f"{name}.flac", songs.tone(seconds=1.0, rate=8000))
    tags = mutagen.flac.FLAC(file)
    tags["artist"] = "Zoé"
    if title:
        tags["title"] = title
    tags.save()
    return file


def test_a_file_name_is_no_title(store: Store, diary: Diary, tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    files = [titled_file(music, "Named", "Named"), titled_file(music, "track01", "")]
    tasks.scan(store, [str(music)])
    rows = {row.title: row for row in store.rows()}
    assert {"Named", "track01"} <= set(rows)
    for at, title in enumerate(("track01", "Named", "track01")):
        row = rows[title]
        store.save_listen(Listen(0, row.id, BEGAN + at, row.title, row.artist, "", 61.5))

    assert tasks.send_listens(store, account(diary)) == Sent("all", sent=1)
    for file in files:
        row = rows[file.stem]
        tasks.announce(
            store, account(diary), Listen(0, row.id, 0, row.title, "Zoé", "", 1), row.path
        )

    assert diary.heard == [(BEGAN + 1, "Named")]
    assert diary.now == ["Named"]
    assert store.waiting_count() == 0


def test_what_plays_is_announced_without_a_time_and_never_kept(store: Store, diary: Diary) -> None:
    listen = Listen(0, 1, 0, "One", "Zoé", "First", 61.5)
    assert tasks.announce(store, account(diary), listen, "/music/one.flac") == Sent("all")
    diary.moods.extend([Mood(503), Mood(hangs_up=True), Mood(429)])
    for _ in range(3):
        later = tasks.announce(store, account(diary), listen, "/music/one.flac")
        assert later is not None
        assert later.end == "later"

    assert diary.now == ["One"]
    assert diary.heard == []
    assert store.waiting_count() == 0


# ── Doors ──


@pytest.mark.parametrize(
    ("words", "trial"), [(["--temp-home"], True), (["--smoke-test"], True), ([], False)]
)
def test_which_runs_are_trials(home: Path, words: list[str], trial: bool) -> None:
    program = (
        "import sys\n"
        "from sliders_desktop import app, cli\n"
        "app.run = lambda paths, **_: print('trial', paths.trial) or 0\n"
        "sys.exit(cli.main(sys.argv[1:]))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=True
    ).stdout
    assert said == f"trial {trial}\n"


def test_nothing_of_the_network_is_imported_before_the_yes(home: Path) -> None:
    """The whole program, started and idle: no module that could open a connection is there."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from sliders_desktop.app import App\n"
        "from sliders_desktop.config import Paths\n"
        "app = App(QApplication([]), Paths(Path(sys.argv[1])), 'null')\n"
        "app.session.ready.connect(QApplication.quit)\n"
        "app.show()\n"
        "QApplication.exec()\n"
        "app.window.show_scrobbling()\n"
        "print(*sys.modules)\n"
        "app.shutdown()\n"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program, str(home)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "sliders_desktop.gui.scrobble_dialog" in loaded
    ours = {"sliders_desktop.online.door", "urllib.request", "http.client"}
    assert not {*ours, "PySide6.QtNetwork"} & set(loaded)
