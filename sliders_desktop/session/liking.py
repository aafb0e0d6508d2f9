"""What the listener says of what the radio chose: more, less, not today. Main thread.

Each is one undo step, and shown in a sentence.
"""

from PySide6.QtCore import QObject, Signal

from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.not_today import NotToday
from sliders_desktop.session.playback import Playback
from sliders_desktop.session.rack import Rack

MORE, LESS = 0.7, -0.5  # weights beside those of what the radio follows


class Liking(QObject):
    """Signals:
    changed(): other artists are left out today. said(str): what was done, and can be undone.
    failed(str): why it could not be.
    """

    changed = Signal()
    said = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        catalogue: Catalogue,
        rack: Rack,
        playback: Playback,
        not_today: NotToday,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._catalogue, self._rack, self._playback = catalogue, rack, playback
        self._not_today = not_today

    def more_like(self, track_id: int) -> None:
        """Let the radio lean towards this track, until it sets out from elsewhere."""
        self._lean(track_id, MORE, "More like")

    def less_like(self, track_id: int) -> None:
        """Let the radio lean away from this track, which leaves Up next."""
        self._lean(track_id, LESS, "Less like")

    def _lean(self, track_id: int, weight: float, what: str) -> None:
        row, before = self._catalogue.track(track_id), self._playback.leanings
        if row is not None and before.get(track_id) != weight:
            # Behind the others: the newest counts where they are too many.
            rest = {i: known for i, known in before.items() if i != track_id}
            self._playback.lean({**rest, track_id: weight})
            self._rack.remember(f"“{what.lower()} {row.title}”", self._playback.lean, before)
            self.said.emit(f"{what} {row.title} from now on.")

    @property
    def left_out(self) -> list[str]:
        """Artists that are left out until the day changes."""
        return self._not_today.artists

    def not_today(self, artist: str) -> None:
        """Nothing by this artist until the day changes, here and in constellations."""
        name = artist.strip()
        if not name:
            self.failed.emit("Nobody knows who that is by: its file names no artist.")
        elif name.casefold() not in self._not_today.names():
            self._not_today.put(name)
            self._rack.remember(f"“not {name} today”", self.let_in, name)
            self.said.emit(f"Nothing more by {name} today.")
            self._tell()

    def let_in(self, artist: str) -> None:
        """This artist may be heard again."""
        self._not_today.take_back(artist)
        self._tell()

    def _tell(self) -> None:
        self.changed.emit()
        self._playback.refresh_radio()
