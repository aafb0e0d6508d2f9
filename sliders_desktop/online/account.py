"""Where to send, and as whom: what was typed, tidied. Touches no network."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sliders_desktop.errors import UserError


@dataclass(frozen=True)
class Account:
    """Where to send, and as whom."""

    server: str
    token: str = field(repr=False)

    @classmethod
    def of(cls, server: str, token: str) -> "Account":
        """Tidy what was typed; `UserError` says what is wrong with it."""
        server, token = server.strip().rstrip("/").removesuffix("/1"), token.strip()
        try:
            parts = urlsplit(server)
            _ = parts.port
        except ValueError:
            parts = urlsplit("")
        odd = parts.username or parts.query or parts.fragment or not server.isascii()
        if parts.scheme not in ("http", "https") or not parts.hostname or odd or " " in server:
            raise UserError("The server's address must look like https://api.listenbrainz.org.")
        if not token or not all("!" <= letter <= "~" for letter in token):
            raise UserError("This is no token: it has no spaces or letters with accents.")
        return cls(server, token)

    @property
    def host(self) -> str:
        """The server's name alone."""
        return urlsplit(self.server).hostname or ""
