"""Media keys and the system's player panel, in whatever way this system does them.

Linux desktops speak MPRIS2 (`mpris.py`), Windows has System Media Transport Controls (`smtc.py`),
macOS has Now Playing (`now_playing.py`). Where none of them comes about, the keys work while the
window has the keyboard, by its own shortcuts.
"""

import importlib
import logging
import sys
from collections.abc import Callable
from typing import Protocol

from sliders_desktop.media_keys.player_panel import PlayerPanel
from sliders_desktop.media_keys.remote import Remote
from sliders_desktop.session.session import Session

log = logging.getLogger(__name__)

PANELS = {
    "linux": ("mpris", "Mpris"),
    "win32": ("smtc", "Smtc"),
    "darwin": ("now_playing", "NowPlaying"),
}


class MediaKeys(Protocol):
    """Follows and steers the session until it is closed."""

    def close(self) -> None:
        """Let go of the system; waits half a second at the most."""


def load() -> type[PlayerPanel] | None:
    """Import what `start` needs, on any thread; None where this system has no such thing."""
    if sys.platform not in PANELS:
        return None
    module, name = PANELS[sys.platform]
    try:
        found = importlib.import_module(f"{__name__}.{module}")
    except Exception as error:  # whatever is wrong with a system's own parts: it goes without
        log.debug("no player panel: %s: %s", type(error).__name__, error)
        return None
    panel: type[PlayerPanel] = getattr(found, name)
    return panel


def start(
    session: Session, raise_window: Callable[[], None], quit_program: Callable[[], object]
) -> MediaKeys | None:
    """Offer ``session`` to the system's keys and panels; None where there is no way to."""
    panel_class = load()
    if panel_class is None:
        return None
    panel = panel_class(Remote(session, raise_window, quit_program))
    try:
        panel.open()
    except Exception as error:
        log.debug("the system wants no player panel: %s: %s", type(error).__name__, error)
        return None
    return panel
