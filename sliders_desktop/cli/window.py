"""`sliders-desktop [FOLDER]`: the window."""

import argparse
from dataclasses import replace
from pathlib import Path

from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Arguments of `open`."""
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="music to add")
    parser.add_argument("--demo", action="store_true", help="open the built-in demo library")
    parser.add_argument(
        "--smoke-test",
        action="store_true",
        help="open, play a second, listen, draw, rate, and close: 0 if all of it worked",
    )


def run(command: str, args: argparse.Namespace, paths: Paths) -> int:
    """Open the window; returns when it is closed."""
    folder = args.folder
    if folder is not None:
        folder = folder.expanduser().resolve()
        if not folder.is_dir():
            raise UserError(f"There is no folder {folder}.")
    from sliders_desktop import app

    if args.smoke_test:
        paths = replace(paths, trial=True)
    overrides = {"device": args.device} if args.device else {}
    return app.run(
        paths,
        folder=folder,
        demo=args.demo,
        sink=args.sink,
        overrides=overrides,
        smoke_test=args.smoke_test,
    )
