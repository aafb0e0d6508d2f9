"""`sliders-desktop [FOLDER|FILE.slider]`: the window."""

import argparse
from dataclasses import replace
from pathlib import Path

from sliders_desktop.cli.telling import check_screen
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Arguments of `open`."""
    parser.add_argument(
        "path", nargs="?", type=Path, metavar="FOLDER|FILE.slider",
        help="music to add, or a slider to look at",
    )  # fmt: skip
    parser.add_argument("--demo", action="store_true", help="open the built-in demo library")
    parser.add_argument(
        "--smoke-test",
        action="store_true",
        help="open, play a second, listen, draw, rate, and close: 0 if all of it worked",
    )


def run(command: str, args: argparse.Namespace, paths: Paths) -> int:
    """Open the window; returns when it is closed."""
    from sliders_desktop.library.sharing import SUFFIX

    path = args.path.expanduser().resolve() if args.path is not None else None
    is_slider = path is not None and path.suffix.lower() == SUFFIX and not path.is_dir()
    if path is not None and not (path.is_file() if is_slider else path.is_dir()):
        raise UserError(f"There is no {'file' if is_slider else 'folder'} {path}.")
    check_screen()
    from sliders_desktop import app

    if args.smoke_test:
        paths = replace(paths, trial=True)
    overrides = {"device": args.device} if args.device else {}
    return app.run(
        paths,
        folder=None if is_slider else path,
        slider=path if is_slider else None,
        demo=args.demo,
        sink=args.sink,
        overrides=overrides,
        smoke_test=args.smoke_test,
    )
