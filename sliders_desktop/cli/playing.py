"""`play`: tracks or files in order, without a window, to the end."""

import argparse
import queue
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from sliders_desktop.audio.decoding.spans import WHOLE, Span
from sliders_desktop.audio.player import Ended, Failed, Player, PlayerEvent, SinkLost, Started
from sliders_desktop.audio.sinks.sink import Sink, make_sink
from sliders_desktop.cli.console import find_track, say
from sliders_desktop.config import Paths
from sliders_desktop.library.store import Store

SEEK_S = 5.0
TICK_S = 0.05
MOST_IN_VAIN = 20  # of music without an end


class Item(NamedTuple):
    """Something to play, and what it is called."""

    name: str
    path: str
    span: Span


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Arguments of `play`."""
    parser.description = "Play in order to the end. Keys: space pause, ← → seek or next, q quit."
    parser.add_argument("tracks", nargs="+", metavar="TRACK|FILE")


def run(command: str, args: argparse.Namespace, paths: Paths) -> int:
    """Play everything named; 1 if nothing could be played."""
    items = [_item(text, paths) for text in args.tracks]
    return 0 if play_all(items, args.sink, len(items)) else 1


def play_all(items: Iterable[Item], sink: str, count: int | None) -> bool:
    """Play ``items`` to the end, asking for each when it is to be opened; False: none was heard.

    ``count`` of them, if that is known.
    """
    events: queue.SimpleQueue[PlayerEvent] = queue.SimpleQueue()

    def new_sink() -> Sink:
        return make_sink(sink)

    player = Player(new_sink, events.put)
    try:
        with _keys() as pressed:
            return _play(player, iter(items), count, events, pressed)
    finally:
        player.close()


def _item(text: str, paths: Paths) -> Item:
    """A file that is there, else the one track of the library that is meant."""
    path = Path(text).expanduser()
    if path.is_file():
        return Item(path.name, str(path.resolve()), WHOLE)
    with Store.open(paths.database) as store:
        row = find_track(store, text)
    name = Path(row.path).name if row.span == WHOLE else f"{Path(row.path).name}, {row.title}"
    return Item(name, row.path, row.span)


def _play(
    player: Player,
    items: Iterator[Item],
    count: int | None,
    events: "queue.SimpleQueue[PlayerEvent]",
    pressed: Iterator[str],
) -> bool:
    """Returns whether anything was heard. Each item ends in one `Ended` or `Failed`."""
    heard = False
    known: list[Item] = []
    over: set[int] = set()
    in_vain = 0  # items in a row that could not be played

    def prepare(key: int) -> Item | None:
        """The item of this number, the newest that was asked for or the one behind it."""
        if key == len(known):
            known.extend(islice(items, 1))
        return known[key] if key < len(known) else None

    def follow(key: int) -> None:
        item = prepare(key)
        if item is not None:
            player.set_next(key, item.path, span=item.span)

    first = prepare(0)
    if first is None:
        return False
    player.play(0, first.path, span=first.span)
    follow(1)
    while len(over) < len(known):
        if not _obey(player, next(pressed)):
            break
        try:
            event = events.get(timeout=TICK_S)
        except queue.Empty:
            continue
        if isinstance(event, Started):
            heard, in_vain = True, 0
            of = "" if count is None else f" of {count}"
            say(f"{event.key + 1}{of}: {known[event.key].name}")
            follow(event.key + 1)
        elif isinstance(event, Ended):
            over.add(event.key)
        elif isinstance(event, Failed):
            sys.stderr.write(f"{event.reason}\n")
            over.add(event.key)
            in_vain += 1
            if count is None and in_vain == MOST_IN_VAIN:
                break
            follow(event.key + 1)  # the player goes on by itself with what is set to follow
        elif isinstance(event, SinkLost):
            sys.stderr.write(f"{event.reason}\n")
            break
    return heard


def _obey(player: Player, key: str) -> bool:
    """Do what a key asks; False to quit."""
    if key == "q":
        return False
    if key == " ":
        if player.is_paused:
            player.resume()
        else:
            player.pause()
    elif key == "right":
        player.seek(player.position_s() + SEEK_S)
    elif key == "left":
        player.seek(max(0.0, player.position_s() - SEEK_S))
    return True


@contextmanager
def _keys() -> Iterator[Iterator[str]]:
    """Keys pressed since the last look; "" where none was or there is no terminal."""
    if not sys.stdin.isatty():
        yield _silence()
    elif sys.platform == "win32":
        yield _windows_keys()
    else:
        import termios
        import tty

        before = termios.tcgetattr(sys.stdin)
        try:
            tty.setcbreak(sys.stdin)
            yield _terminal_keys()
        finally:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _silence() -> Iterator[str]:
    while True:
        yield ""


def _terminal_keys() -> Iterator[str]:
    import os
    import select

    arrows = {"\x1b[C": "right", "\x1b[D": "left"}
    while True:
        ready, _, _ = select.select([sys.stdin], [], [], 0)
        text = os.read(sys.stdin.fileno(), 8).decode(errors="ignore") if ready else ""
        yield arrows.get(text, text[:1])


def _windows_keys() -> Iterator[str]:
    import msvcrt

    arrows = {"M": "right", "K": "left"}
    while True:
        key = ""
        if msvcrt.kbhit():  # type: ignore[attr-defined,unused-ignore]
            key = msvcrt.getwch()  # type: ignore[attr-defined,unused-ignore]
            if key in ("\x00", "\xe0"):
                key = arrows.get(msvcrt.getwch(), "")  # type: ignore[attr-defined,unused-ignore]
        yield key
