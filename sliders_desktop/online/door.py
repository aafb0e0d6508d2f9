"""The only door to the network: one question to one server, by the standard library.

Nothing imports this module before the listener has agreed to something that needs it. It follows
no redirection (a token would go along), verifies every certificate, and keeps nothing.
"""

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sliders_desktop.errors import Unreachable

TIMEOUT_S = 10.0
LONGEST_ANSWER = 65_536
# Where systems keep the certificates they trust, for a Python that was built for another system.
CERTIFICATES = (
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
)


@dataclass(frozen=True)
class Said:
    """What the server said; ``body`` is empty where that was not one JSON object."""

    status: int
    body: dict[str, Any]
    headers: Message


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def ask(
    url: str,
    headers: Mapping[str, str],
    data: bytes | None = None,
    longest: int = LONGEST_ANSWER,
) -> Said:
    """Ask, with ``data`` by POST, and read ``longest`` bytes at most. Raises `Unreachable`."""
    host = urlsplit(url).hostname
    try:
        request = urllib.request.Request(url, data, dict(headers))
        https = urllib.request.HTTPSHandler(context=_trust())
        opener = urllib.request.build_opener(_Stay, https)
        try:
            with opener.open(request, timeout=TIMEOUT_S) as response:
                return Said(response.status, _json(response.read(longest)), response.headers)
        except urllib.error.HTTPError as error:
            with error:
                return Said(error.code, _json(error.read(longest)), error.headers)
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
