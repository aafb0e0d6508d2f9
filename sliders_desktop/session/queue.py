"""What plays next, in order: the listener's own tracks first, then what was recommended."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sliders_desktop.library.records import Origin
from sliders_desktop.tasks import Share

Parts = tuple[tuple[str, str], ...]
Shares = tuple[Share, ...]


@dataclass(frozen=True)
class Upcoming:
    """One place in the queue.

    ``parts`` are the pieces of the reason, each "plain" or "slider"; ``shares`` all that decided.
    """

    key: int
    track_id: int
    origin: Origin
    reason: str = ""
    parts: Parts = ()
    shares: Shares = ()


class Queue:
    """Ordered `Upcoming` items; recommended ones may be replaced, the listener's never."""

    def __init__(self) -> None:
        self.items: list[Upcoming] = []
        self._keys = itertools.count(1)

    def make(
        self, track_id: int, origin: Origin, parts: Parts = (), shares: Shares = ()
    ) -> Upcoming:
        """A new place with a key of its own."""
        reason = " · ".join(text for text, _ in parts)
        return Upcoming(next(self._keys), track_id, origin, reason, parts, shares)

    def replace(self, ids: Sequence[int], origin: Origin) -> None:
        """Forget everything and hold ``ids``."""
        self.items = [self.make(i, origin) for i in ids]

    def put_first(self, ids: Iterable[int], origin: Origin = "user") -> None:
        """Before everything else."""
        self.items[:0] = [self.make(i, origin) for i in ids]

    def put_after_own(self, ids: Iterable[int], origin: Origin = "user") -> None:
        """After what the listener chose, before what was recommended."""
        at = self.own_count
        self.items[at:at] = [self.make(i, origin) for i in ids]

    @property
    def own_count(self) -> int:
        """Items up to and with the last that the listener chose."""
        own = [i for i, item in enumerate(self.items) if item.origin != "recommended"]
        return own[-1] + 1 if own else 0

    @property
    def recommended(self) -> list[Upcoming]:
        """What follows the listener's own items."""
        return self.items[self.own_count :]

    def set_recommended(self, picks: Iterable[Upcoming]) -> None:
        """Put these behind the listener's own items in place of the old recommendations."""
        self.items[self.own_count :] = list(picks)

    def forget_reasons(self) -> None:
        """What is to come stays; why it was chosen may tell what was heard."""
        self.items = [replace(item, reason="", parts=(), shares=()) for item in self.items]

    def remove(self, keys: Iterable[int]) -> list[Upcoming]:
        """Take items out; returns them."""
        gone = set(keys)
        out = [item for item in self.items if item.key in gone]
        self.items = [item for item in self.items if item.key not in gone]
        return out

    def move(self, key: int, to: int) -> None:
        """Move one item before the item now at index ``to``; the listener has chosen it then."""
        at = next((i for i, item in enumerate(self.items) if item.key == key), None)
        if at is None:
            return
        item = self.items.pop(at)
        chosen = replace(item, origin="user")
        self.items.insert(max(0, min(to - (to > at), len(self.items))), chosen)

    def take(self, key: int | None = None) -> Upcoming | None:
        """Take the first item, or the one of ``key`` and drop what stood before it."""
        at = 0
        if key is not None:
            at = next((i for i, item in enumerate(self.items) if item.key == key), -1)
        if at < 0 or at >= len(self.items):
            return None
        item = self.items[at]
        del self.items[: at + 1]
        return item
