"""What the commands share: progress on the terminal, and finding the track that is meant."""

import signal
import sys
import time
from types import FrameType

from sliders_desktop.errors import Cancelled, UserError
from sliders_desktop.library.records import Slider, TrackRow
from sliders_desktop.library.store import Store


class ConsoleJob:
    """A job whose progress is one line on the terminal; Ctrl+C cancels it between two files."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._tty = sys.stderr.isatty()
        self._began: float | None = None
        self._first = 0
        self._last = 0.0
        self._stop = False
        signal.signal(signal.SIGINT, self._on_interrupt)

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._stop:
            raise KeyboardInterrupt
        self._stop = True

    def progress(self, done: int, total: int, text: str = "") -> None:
        """Rewrite the line, at most five times a second, or every ten seconds into a file."""
        now = time.monotonic()
        if self._began is None:
            self._began, self._first = now, done
        if now - self._last < (0.2 if self._tty else 10.0) and done < total:
            return
        self._last = now
        spent = now - self._began
        per_min = 60 * (done - self._first) / spent if spent > 0 else 0.0
        line = f"{self._title}: {done} of {total}"
        if per_min >= 1:
            left = (total - done) / per_min
            line += f" · {per_min:.0f} a minute · {left:.0f} min left"
        line += f" · {text}"
        sys.stderr.write(f"\r\x1b[K{line[:100]}" if self._tty else f"{line}\n")
        sys.stderr.flush()

    def check(self) -> None:
        """Raise `Cancelled` after Ctrl+C."""
        if self._stop:
            raise Cancelled

    def end(self) -> None:
        """Leave the line."""
        if self._tty and self._began is not None:
            sys.stderr.write("\r\x1b[K")


def find_track(store: Store, text: str) -> TrackRow:
    """The one track meant by an id, a path or a search; `UserError` if none or several are."""
    rows = store.rows(store.resolve(text))
    if not rows:
        raise UserError(f"No track matches “{text}”.")
    if len(rows) > 1:
        some = ", ".join(f"{r.id} {r.artist} – {r.title}" for r in rows[:5])
        more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
        raise UserError(f"“{text}” matches {len(rows)} tracks: {some}{more}. Name one by its id.")
    return rows[0]


def find_slider(store: Store, name: str) -> Slider:
    """The slider of this name, in any case; `UserError` with what there is."""
    sliders = store.sliders()
    for slider in sliders:
        if slider.name.casefold() == name.strip().casefold():
            return slider
    known = ", ".join(s.name for s in sliders) or "none yet"
    raise UserError(f"There is no slider “{name}”. Sliders: {known}.")


def say(text: str) -> None:
    """One line on standard output."""
    sys.stdout.write(text + "\n")
