"""Artists that the listener does not want to hear until the day changes. Main thread."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sliders_desktop.library.store import Store

KEPT_AS = "state.not_today"


class NotToday:
    """Their names, kept from one start to the next with their day."""

    def __init__(self, store: Store, stored: Any, today: Callable[[], date] = date.today) -> None:
        """``stored`` is what JSON kept under `KEPT_AS`."""
        self._store, self._today = store, today
        self._day, self._names = "", list[str]()
        if isinstance(stored, dict) and isinstance(stored.get("artists"), list):
            self._day = str(stored.get("day"))
            self._names = [name for name in stored["artists"] if isinstance(name, str)]

    @property
    def artists(self) -> list[str]:
        """As they are written, in the order they were named."""
        return self._names if self._day == self._today().isoformat() else []

    def names(self) -> frozenset[str]:
        """As they are compared."""
        return frozenset(name.casefold() for name in self.artists)

    def put(self, artist: str) -> None:
        if artist.casefold() not in self.names():
            self._keep([*self.artists, artist])

    def take_back(self, artist: str) -> None:
        self._keep([name for name in self.artists if name.casefold() != artist.casefold()])

    def _keep(self, names: list[str]) -> None:
        self._day, self._names = self._today().isoformat(), names
        self._store.set_setting(KEPT_AS, {"day": self._day, "artists": names})
