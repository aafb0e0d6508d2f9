"""A ListenBrainz server in the test's process: strict about the protocol, moody on demand."""

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

TOKEN = "f2b1c0de-0000-4000-8000-123456789abc"


@dataclass(frozen=True)
class Mood:
    """How to answer one submission instead of taking it."""

    status: int = 503
    headers: tuple[tuple[str, str], ...] = ()
    takes: bool = False  # it is written down all the same
    hangs_up: bool = False  # instead of any answer
    body: bytes = b'{"code": 0, "error": "as the test wanted"}'


class Diary:
    """Use as a context: ``address`` answers inside. ``moods`` are for the next submissions."""

    def __init__(self, port: int = 0) -> None:
        self.users = {TOKEN: "rob"}
        self.requests: list[tuple[str, str]] = []  # method and path of each
        self.tokens: list[str] = []
        self.submissions: list[tuple[str, list[dict[str, Any]]]] = []  # kind, payload as taken
        self.moods: deque[Mood] = deque()
        self.validation: Mood | None = None
        self.rejects: Callable[[dict[str, Any]], bool] = lambda listen: False
        self.faults: list[str] = []  # what no client should send
        self._port = port

    def __enter__(self) -> Self:
        diary = self

        class Handler(_Handler):
            pass

        Handler.diary = diary
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        assert self.faults == []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def now(self) -> list[str]:
        """Titles that were announced as playing."""
        return [
            listen["track_metadata"]["track_name"]
            for kind, payload in self.submissions
            for listen in payload
            if kind == "playing_now"
        ]

    @property
    def heard(self) -> list[tuple[int, str]]:
        """What was submitted as heard, in the order it came, twice what came twice."""
        return [
            (listen["listened_at"], listen["track_metadata"]["track_name"])
            for kind, payload in self.submissions
            for listen in payload
            if kind != "playing_now"
        ]

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """Kind and length of each submission of what was heard."""
        return [(k, len(payload)) for k, payload in self.submissions if k != "playing_now"]

    def fault_in(self, kind: str, payload: list[dict[str, Any]]) -> str:
        """What the protocol forbids in this, "" if nothing."""
        if kind not in ("single", "playing_now", "import"):
            return f"kind {kind}"
        if not 1 <= len(payload) <= (1000 if kind == "import" else 1):
            return f"{len(payload)} listens as {kind}"
        for listen in payload:
            about = listen["track_metadata"]
            if ("listened_at" in listen) == (kind == "playing_now"):
                return "listened_at"
            if not isinstance(listen.get("listened_at", 1), int):
                return "a time that is no integer"
            if not about["artist_name"].strip() or not about["track_name"].strip():
                return "no name"
            if about.get("release_name") == "":
                return "an empty album"
        return ""


class _Handler(BaseHTTPRequestHandler):
    diary: Diary

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _answer(self, mood: Mood) -> None:
        if mood.hangs_up:
            self.close_connection = True
            return
        self.send_response(mood.status)
        for name, value in mood.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(mood.body)))
        self.end_headers()
        self.wfile.write(mood.body)

    def _say(self, code: int, /, **body: Any) -> None:
        self._answer(Mood(code, body=json.dumps({"code": code, **body}).encode()))

    def _user(self) -> str | None:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        self.diary.tokens.append(token)
        if scheme != "Token":
            self.diary.faults.append(f"authorization by {scheme}")
        return self.diary.users.get(token)

    def do_GET(self) -> None:
        diary = self.diary
        diary.requests.append(("GET", self.path))
        user = self._user()
        if diary.validation is not None:
            self._answer(diary.validation)
        elif self.path != "/1/validate-token":
            self._say(404, error="no such page")
        elif user is None:
            self._say(200, valid=False, message="Token invalid.")
        else:
            self._say(200, valid=True, message="Token valid.", user_name=user)

    def do_POST(self) -> None:
        diary = self.diary
        diary.requests.append(("POST", self.path))
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind, payload = content["listen_type"], content["payload"]
        if self.headers["Content-Type"] != "application/json":
            diary.faults.append("content type")
        if fault := diary.fault_in(kind, payload):
            diary.faults.append(fault)
        mood = diary.moods.popleft() if diary.moods else None
        if mood is not None and not mood.takes:
            self._answer(mood)
        elif self._user() is None:
            self._say(401, error="Invalid authorization token.")
        elif any(map(diary.rejects, payload)):
            self._say(400, error="JSON document must contain what it does not.")
        else:
            diary.submissions.append((kind, payload))
            if mood is None:
                self._say(200, status="ok")
            else:
                self._answer(mood)
