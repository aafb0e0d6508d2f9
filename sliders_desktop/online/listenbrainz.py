"""What ListenBrainz understands, and the only door to the network.

Nothing imports this module before the listener has agreed. It sends what it is given to the
server it is given, follows no redirection (the token would go along), and keeps nothing.
"""

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from sliders_desktop.errors import Unreachable

PLAYER = "Sliders"
TIMEOUT_S = 10.0
LONGEST_ANSWER = 65_536
WAIT_S = (1.0, 60.0, 3600.0)  # after "too many requests": at least, if it does not say, at most
# Where systems keep the certificates they trust, for a Python that was built for another system.
CERTIFICATES = (
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
)

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


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _ask(server: str, path: str, token: str, data: bytes | None = None) -> Answer:
    headers = {"Authorization": f"Token {token}", "User-Agent": PLAYER}
    if data is not None:
        headers["Content-Type"] = "application/json"
    host = urlsplit(server).hostname
    try:
        request = urllib.request.Request(server + path, data, headers)
        https = urllib.request.HTTPSHandler(context=_trust())
        opener = urllib.request.build_opener(_Stay, https)
        try:
            with opener.open(request, timeout=TIMEOUT_S) as response:
                return Answer(response.status, _json(response.read(LONGEST_ANSWER)))
        except urllib.error.HTTPError as error:
            with error:
                body = _json(error.read(LONGEST_ANSWER))
                return Answer(error.code, body, _wait_s(error.headers))
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise Unreachable(f"{host} can't prove that it is {host}.") from error
        raise Unreachable(f"{host} can't be reached.") from error


def _trust() -> ssl.SSLContext:
    """Certificates are always verified, with those the system trusts."""
    context = ssl.create_default_context()
    known = ssl.get_default_verify_paths()
    if not (known.cafile or known.capath or context.cert_store_stats()["x509_ca"]):
        for file in map(Path, CERTIFICATES):
            if file.is_file():
                context.load_verify_locations(file)
                break
    return context


def _json(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _wait_s(headers: Any) -> float:
    least, usual, most = WAIT_S
    for name in ("X-RateLimit-Reset-In", "Retry-After"):
        try:
            wait_s = float(headers.get(name, ""))
        except ValueError:
            continue  # not there, or a date
        if wait_s == wait_s:
            return min(most, max(least, wait_s))
    return usual
