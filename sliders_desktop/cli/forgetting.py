"""`forget-listening`: what was played, and what was learned from it, for good."""

import argparse
import sys

from sliders_desktop.cli.console import say
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError
from sliders_desktop.library.store import Store


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Arguments of this module's command."""
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(command: str, args: argparse.Namespace, paths: Paths) -> int:
    """Run it on the library in ``paths``; 1 where the listener thinks better of it."""
    from sliders_desktop import tasks

    with Store.open(paths.database) as store:
        plays = store.counts()["plays"]
        much = f"{plays:,} play{'' if plays == 1 else 's'}"
        if not args.yes and not _agrees(much):
            say("Nothing was forgotten.")
            return 1
        tasks.forget_listening(store, paths)
    say(f"Forgotten: {much}, and what was learned from your listening.")
    return 0


def _agrees(much: str) -> bool:
    if not sys.stdin.isatty():
        raise UserError("This can't be taken back: say so with --yes.")
    sys.stdout.write(
        f"Forget {much}, what waits to be sent of them, and what was learned from your listening?"
        " Ratings, playlists and constellations stay.\nThis can't be taken back. [y/N] "
    )
    sys.stdout.flush()
    return sys.stdin.readline().strip().casefold() in ("y", "yes")
