"""Newer versions are looked for only where that is wanted, and at most once a day."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject

from sliders_desktop import tasks
from sliders_desktop.config import Paths, Settings, releases_address
from sliders_desktop.errors import Unreachable
from sliders_desktop.library.store import Store
from sliders_desktop.session import updates
from sliders_desktop.session.updates import DAY_S, KEPT_AS, Updates

PAGE = "https://example.org/releases/v0.10.0"
WANTED = replace(Settings(), updates=True)


class Releases:
    """A list of releases; ``answer`` is what it says next."""

    def __init__(self) -> None:
        self.status, self.answer = 200, json.dumps({"tag_name": "v0.10.0", "html_url": PAGE})
        self.asked: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append({**self.headers})
                body = outer.answer.encode()
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/latest"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def releases(monkeypatch: pytest.MonkeyPatch) -> Iterator[Releases]:
    monkeypatch.setenv("no_proxy", "*")
    server = Releases()
    yield server
    server.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        yield store


@pytest.mark.parametrize(
    ("own", "newer"),
    [("0.1.0", True), ("0.9.12", True), ("0.10.0", False), ("0.10", True), ("1.0.0", False)],
)
def test_versions_are_numbers(store: Store, releases: Releases, own: str, newer: bool) -> None:
    found = tasks.newer_release(store, releases.address, own)
    assert (found is not None) is newer
    if found is not None:
        assert (found.version, found.address) == ("0.10.0", PAGE)


def test_nothing_is_said_but_the_programs_name(store: Store, releases: Releases) -> None:
    tasks.newer_release(store, releases.address, "0.1.0")
    (headers,) = releases.asked
    assert headers["User-Agent"] == "Sliders"
    assert headers.keys() <= {"User-Agent", "Accept", "Accept-Encoding", "Host", "Connection"}


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, "{}"),
        (404, json.dumps({"tag_name": "v9.0.0", "html_url": PAGE})),
        (200, "no json"),
        (200, "[]"),
        (200, json.dumps({"tag_name": "nightly", "html_url": PAGE})),
        (200, json.dumps({"tag_name": "v9.0.0", "html_url": "file:///bin/sh"})),
        (302, ""),
    ],
)
def test_an_odd_answer_is_none(store: Store, releases: Releases, status: int, answer: str) -> None:
    releases.status, releases.answer = status, answer
    with pytest.raises(Unreachable):
        tasks.newer_release(store, releases.address, "0.1.0")


@pytest.mark.parametrize(
    ("noted", "address"),
    [
        ('{"releases": "https://example.org/latest"}', "https://example.org/latest"),
        ("{}", ""),
        ("[]", ""),
        ("{", ""),
        (None, ""),
    ],
)
def test_only_an_installer_says_where(tmp_path: Path, noted: str | None, address: str) -> None:
    if noted is not None:
        (tmp_path / "build.json").write_text(noted)
    assert releases_address(tmp_path) == address


class _Started(QObject):
    """Jobs that are counted instead of run."""

    def __init__(self) -> None:
        super().__init__()
        self.lanes: list[str] = []
        self.answer: Any = None

    def start(self, lane: str, task: Any, *args: Any, on_done: Any, **named: Any) -> None:
        self.lanes.append(lane)
        on_done(self.answer)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_800_000_000.0]
    monkeypatch.setattr(updates.time, "time", lambda: now[0])
    return now


def make(
    store: Store, home: Path, monkeypatch: pytest.MonkeyPatch, trial: bool = False
) -> tuple[Updates, _Started]:
    monkeypatch.setattr(updates, "releases_address", lambda _: "https://example.org/latest")
    jobs = _Started()
    kept = store.settings().get(KEPT_AS)
    asked = json.loads(kept) if kept else None
    return Updates(store, jobs, Paths(home, trial=trial), asked), jobs  # type: ignore[arg-type]


def test_asked_once_a_day_and_only_if_wanted(
    store: Store, home: Path, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, jobs = make(store, home, monkeypatch)
    looking.use(Settings())
    assert jobs.lanes == []
    looking.use(WANTED)
    looking.use(WANTED)
    assert jobs.lanes == ["send"]
    clock[0] += DAY_S - 1
    again, jobs = make(store, home, monkeypatch)  # another start
    again.use(WANTED)
    assert jobs.lanes == []
    clock[0] += 1
    again.use(WANTED)
    assert jobs.lanes == ["send"]
    clock[0] -= 30 * DAY_S  # the clock was wrong
    again.use(WANTED)
    assert jobs.lanes == ["send", "send"]


def test_a_trial_never_asks(
    store: Store, home: Path, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, jobs = make(store, home, monkeypatch, trial=True)
    assert not looking.possible
    looking.use(WANTED)
    assert jobs.lanes == []


def test_what_was_found_is_told(
    store: Store, home: Path, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sliders_desktop.online.releases import Release

    looking, jobs = make(store, home, monkeypatch)
    told: list[tuple[str, str]] = []
    looking.found.connect(lambda version, page: told.append((version, page)))
    jobs.answer = Release("0.10.0", PAGE)
    looking.use(WANTED)
    assert told == [("0.10.0", PAGE)]
