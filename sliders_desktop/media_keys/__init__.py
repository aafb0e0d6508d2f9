"""Media keys and the system's player panel, in whatever way this system does them.

Linux desktops speak MPRIS2 (`mpris.py`). On Windows and macOS the keys work while the window has
the keyboard, by its own shortcuts.
"""

import sys
from collections.abc import Callable
from typing import Protocol

from sliders_desktop.session.session import Session


class MediaKeys(Protocol):
    """Follows and steers the session until it is closed."""

    def close(self) -> None:
        """Let go of the system; waits half a second at the most."""


def start(
    session: Session, raise_window: Callable[[], None], quit_program: Callable[[], object]
) -> MediaKeys | None:
    """Offer ``session`` to the system's keys and panels; None where there is no way to."""
    if not sys.platform.startswith("linux"):
        return None
    from sliders_desktop.media_keys.mpris import Mpris

    return Mpris(session, raise_window, quit_program)
