"""What ListenBrainz understands.

Nothing imports this module before the listener has agreed. It sends what it is given to the
server it is given, and keeps nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Any, Literal

from sliders_desktop.online import door

PLAYER = "Sliders"
WAIT_S = (1.0, 60.0, 3600.0)  # after "too many requests": at least, if it does not say, at most

Kind = Literal["playing_now", "single", "import"]


@dataclass(frozen=True)
class Song:
    """What is said of a song; ``listened_at`` is None while it plays."""

    title: str
    artist: str
    album: str
    duration_s: float
    listened_at: int | None = None

    def payload(self) -> dict[str, Any]:
        """As the protocol wants it."""
        about: dict[str, Any] = {
            "artist_name": self.artist,
            "track_name": self.title,
            "additional_info": {
                "media_player": PLAYER,
                "submission_client": PLAYER,
                "duration_ms": round(1000 * self.duration_s),
            },
        }
        if self.album:
            about["release_name"] = self.album
        listen: dict[str, Any] = {"track_metadata": about}
        if self.listened_at is not None:
            listen["listened_at"] = self.listened_at
        return listen


@dataclass(frozen=True)
class Answer:
    """``body`` is empty where the server did not answer in JSON."""

    status: int
    body: dict[str, Any]
    wait_s: float = WAIT_S[1]  # how long to leave it alone, after 429

    @property
    def taken(self) -> bool:
        """It was understood by a server of the kind, not by whoever stands in between."""
        return self.status == 200 and bool(self.body)


def validate_token(server: str, token: str) -> Answer:
    """Ask whose token this is. Raises `Unreachable`."""
    return _ask(server, "/1/validate-token", token)


def submit(server: str, token: str, kind: Kind, songs: Sequence[Song]) -> Answer:
    """Send what plays or was heard. Raises `Unreachable`."""
    listens = {"listen_type": kind, "payload": [song.payload() for song in songs]}
    return _ask(server, "/1/submit-listens", token, json.dumps(listens).encode())


def _ask(server: str, path: str, token: str, data: bytes | None = None) -> Answer:
    headers = {"Authorization": f"Token {token}", "User-Agent": PLAYER}
    if data is not None:
        headers["Content-Type"] = "application/json"
    said = door.ask(server + path, headers, data)
    return Answer(said.status, said.body, _wait_s(said.headers))


def _wait_s(headers: Message) -> float:
    least, usual, most = WAIT_S
    for name in ("X-RateLimit-Reset-In", "Retry-After"):
        try:
            wait_s = float(headers.get(name, ""))
        except ValueError:
            continue  # not there, or a date
        if wait_s == wait_s:
            return min(most, max(least, wait_s))
    return usual
