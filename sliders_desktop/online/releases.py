"""Which version is the newest, as a list of releases says it.

Nothing imports this module before the listener has agreed. All that is said is the program's name.
"""

import re
from dataclasses import dataclass

from sliders_desktop.errors import Unreachable
from sliders_desktop.online import door

LONGEST_ANSWER = 1_000_000
_VERSION = re.compile(r"v?(\d{1,6}(?:\.\d{1,6}){1,3})")


@dataclass(frozen=True)
class Release:
    """A version, and the page that tells of it."""

    version: str
    address: str


def numbers(version: str) -> tuple[int, ...]:
    """A version such as “0.10.2” to compare others with."""
    return tuple(map(int, version.split(".")))


def newest(address: str) -> Release:
    """Ask ``address``, which answers as GitHub does for `releases/latest`. Raises `Unreachable`."""
    said = door.ask(
        address, {"User-Agent": "Sliders", "Accept": "application/json"}, longest=LONGEST_ANSWER
    )
    found = _VERSION.fullmatch(str(said.body.get("tag_name", "")))
    page = str(said.body.get("html_url", ""))
    if said.status != 200 or found is None or not page.startswith("https://"):
        raise Unreachable("The list of releases can't be read.")
    return Release(found.group(1), page)
