"""`gpu`: fetch torch for NVIDIA cards, or take it away again."""

import argparse
import sys

from sliders_desktop.cli.console import say
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError
from sliders_desktop.ml import add_on


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Arguments of this module's command."""
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--remove", action="store_true", help="take it away again")


def run(command: str, args: argparse.Namespace, paths: Paths) -> int:
    """Fetch or remove; 1 where the listener thinks better of it."""
    if not getattr(sys, "frozen", False):
        raise UserError("This is for the installed program; from the sources torch is already it.")
    if args.remove:
        add_on.remove(paths)
        say("It is gone. Sliders listens on the processor.")
        return 0
    if not add_on.is_possible():
        raise UserError("There is no NVIDIA driver here, so there is nothing to fetch.")
    if add_on.is_there(paths):
        say("It is there already.")
        return 0
    if not args.yes and not _agrees(paths):
        say("Nothing was fetched.")
        return 1
    from sliders_desktop.online import packages

    add_on.remove(paths)  # what an older version needed
    if not packages.install(f"torch=={add_on.own_torch()}", paths.add_on):
        add_on.remove(paths)
        raise UserError("It could not be fetched; above is why. Sliders goes on as before.")
    add_on.mark_complete(paths)
    say("It is there. From its next start on Sliders listens on the NVIDIA card.")
    return 0


def _agrees(paths: Paths) -> bool:
    if not sys.stdin.isatty():
        raise UserError(f"This takes {add_on.MUCH}: say so with --yes.")
    sys.stdout.write(
        f"torch for NVIDIA cards goes into {paths.add_on}: {add_on.MUCH}. Fetch it? [y/N] "
    )
    sys.stdout.flush()
    return sys.stdin.readline().strip().casefold() in ("y", "yes")
