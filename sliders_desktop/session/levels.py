"""How loud each track shall be played, from its tags or from what was measured. Main thread."""

from typing import Literal

from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store

Mode = Literal["off", "track", "album", "auto"]


class Levels:
    """Linear factors for the player, from small reads of the library."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def gain(self, row: TrackRow, mode: Mode, album: bool) -> float:
        """The factor for ``row``; ``album`` says that it is played among its album."""
        return 1.0
