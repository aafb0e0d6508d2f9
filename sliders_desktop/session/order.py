"""The order of play: the queue, the list it is filled from, shuffle, repeat, and what was heard."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from sliders_desktop.library.records import Origin
from sliders_desktop.session.queue import Queue, Upcoming

HISTORY = 500
IN_QUEUE = 200  # of a long list, tracks that stand in the queue at once


@dataclass(frozen=True)
class Snapshot:
    """What an order looked like; see `Order.snapshot`."""

    items: tuple[Upcoming, ...]
    coming: tuple[int, ...]
    history: tuple[int, ...]


class Order:
    """Decides what follows; knows nothing of sound, and does nothing by itself."""

    def __init__(self, playable: Callable[[int], bool]) -> None:
        """``playable`` says of a track whether it can be tried at all."""
        self._playable = playable
        self._rng = random.Random()
        self.queue = Queue()
        self.shuffle = False
        self.repeat = "off"
        self.history: list[int] = []  # the last is what plays
        self.list: list[int] = []  # what "repeat all" starts again
        self.coming: list[int] = []  # of a long list, what is not yet in the queue

    # a list

    def first_of(self, ids: Sequence[int], start: int) -> int | None:
        """Index of the first that can be played from ``start`` on, then from the beginning."""
        places = chain(range(start, len(ids)), range(start))
        return next((i for i in places if self._playable(ids[i])), None)

    def start(self, ids: Sequence[int], at: int, origin: Origin) -> None:
        """Let the rest of ``ids`` follow ``ids[at]``; shuffled, those before it too."""
        self.list = list(ids)
        rest = self.list[at + 1 :]
        self.set_own(rest + self.list[:at] if self.shuffle else rest, origin)

    def set_own(self, ids: Sequence[int], origin: Origin) -> None:
        """Let these follow; of a long list only the beginning stands in the queue."""
        self.coming = list(ids)
        self.queue.replace(self._draw(IN_QUEUE), origin)

    def top_up(self) -> None:
        """Fill the queue again from a long list."""
        lacking = IN_QUEUE - self.queue.own_count
        if lacking > 0 and self.coming:
            self.queue.put_after_own(self._draw(lacking), "playlist")

    def _draw(self, count: int) -> list[int]:
        """So many of those to come; at random where they are shuffled, for a library at once."""
        coming = self.coming
        if not self.shuffle:
            drawn = coming[:count]
            del coming[:count]
            return drawn
        drawn = []
        for _ in range(min(count, len(coming))):
            at = self._rng.randrange(len(coming))
            coming[at], coming[-1] = coming[-1], coming[at]
            drawn.append(coming.pop())
        return drawn

    def kept(self, count: int) -> list[int]:
        """So many of those to come as stand for all of them."""
        if self.shuffle and len(self.coming) > count:
            return self._rng.sample(self.coming, count)
        return self.coming[:count]

    def set_shuffle(self, on: bool, current: int | None) -> None:
        """Mix what follows, or put it back into the list's order behind ``current``."""
        self.shuffle = on
        own = [i.track_id for i in self.queue.items[: self.queue.own_count]] + self.coming
        recommended = self.queue.recommended
        if on:
            self.set_own(own, "playlist")
        elif current in self.list:
            left = set(own)
            rest = self.list[self.list.index(current) + 1 :]
            self.set_own([i for i in rest if i in left], "playlist")
        self.queue.set_recommended(recommended)

    # what follows

    def ahead(self) -> list[Upcoming]:
        """The next two that can be played, in order; where the list repeats, beyond its end."""
        while True:
            self.top_up()
            found = [i for i in self.queue.items if self._playable(i.track_id)][:2]
            if found or not self._filled_again():
                return found

    def take(self) -> Upcoming | None:
        """Take what follows out of the queue, and whatever before it can't be played."""
        found = self.ahead()
        if found:
            return self.queue.take(found[0].key)
        self.queue.items.clear()
        return None

    def _filled_again(self) -> bool:
        """Nothing in the queue can be played: look on in a long list, or begin the list anew."""
        if self.coming:
            del self.queue.items[: self.queue.own_count]
            return True
        if self.repeat != "all" or not any(map(self._playable, self.list)):
            return False
        self.set_own(self.list, "playlist")
        return True

    # what was

    def heard(self, track_id: int) -> None:
        """This one plays now; once more counts once."""
        if self.history[-1:] != [track_id]:
            self.history = [*self.history[-HISTORY:], track_id]

    def step_back(self) -> int | None:
        """The track before this one, which will follow it then; None: there is none."""
        earlier = [i for i in range(len(self.history) - 1) if self._playable(self.history[i])]
        if not earlier:
            return None
        before, now = self.history[earlier[-1]], self.history[-1]
        del self.history[earlier[-1] :]
        self.queue.put_first([now])
        return before

    def snapshot(self) -> Snapshot:
        """What is to come and what was, to go back to."""
        return Snapshot(tuple(self.queue.items), tuple(self.coming), tuple(self.history))

    def go_back_to(self, then: Snapshot) -> None:
        self.queue.items = list(then.items)
        self.coming, self.history = list(then.coming), list(then.history)
