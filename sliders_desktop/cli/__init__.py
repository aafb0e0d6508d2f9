"""The command line: arguments, where things lie, and which command runs.

Nothing heavy is imported before the command is known, so that `--help` answers at once.
"""

import argparse
import faulthandler
import logging
import logging.handlers
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from sliders_desktop import __version__
from sliders_desktop.cli.telling import missing_library, tell
from sliders_desktop.config import Paths
from sliders_desktop.errors import Cancelled, UserError
from sliders_desktop.ml import add_on

#: Each command: the module it lives in, and what it does.
COMMANDS: dict[str, tuple[str, str]] = {
    "open": ("window", "open the window (the command is not needed)"),
    "scan": ("library", "update the library with what is in the folders"),
    "embed": ("library", "listen to what is new"),
    "map": ("library", "draw the map of the library"),
    "rate": ("library", "rate a track on a slider, 0 to 1"),
    "sliders": ("words", "list the sliders and what they have learned; rename, merge, put away"),
    "find": ("finding", "list the tracks that a search finds, or write them as a playlist"),
    "lists": ("finding", "list the smart lists, their rules and how many tracks each holds"),
    "playlist": ("playlists", "list playlists, take them in from files and write them to files"),
    "constellations": ("constellations", "list constellations, their stars and what follows"),
    "ratings": ("words", "list all ratings, or take them out into a file and in from one"),
    "export": ("sharing", "write a slider to a file, for a friend"),
    "import": ("sharing", "show what a friend's slider means here, and take it in"),
    "next": ("continuing", "say what fits after some tracks, and why"),
    "radio": ("continuing", "music that goes on from some tracks, without an end"),
    "journey": ("continuing", "find a way from one track to another"),
    "play": ("playing", "play tracks or files without a window"),
    "vectors": ("models", "embed every file of a folder, the library untouched"),
    "train": ("models", "train an encoder on the music of a folder"),
    "evaluate": ("models", "measure the encoder against baselines"),
    "audible": ("models", "find in which directions plain sound differs"),
    "train-recommender": ("models", "learn what goes on from what, from groups of music"),
    "gpu": ("gpu", "fetch what lets Sliders listen on an NVIDIA card (3 GB), or remove it"),
    "forget-listening": ("forgetting", "forget what was played, and what was learned from it"),
    "doctor": ("doctor", "versions, devices and paths for a bug report"),
}
EXIT_BAD_INPUT = 2


def common_options(again: bool = False) -> argparse.ArgumentParser:
    """Options that every command takes.

    ``again``: behind the action of a command, where what is left out was maybe said before it.
    """
    left_out = argparse.SUPPRESS if again else None
    common = argparse.ArgumentParser(add_help=False, argument_default=left_out)
    common.add_argument("--home", type=Path, metavar="DIR", help="where the program keeps its data")
    common.add_argument("--temp-home", action="store_true", help="a home for this run only")
    common.add_argument(
        "--device", choices=("auto", "cpu", "cuda", "mps"), help="what the encoder runs on"
    )
    common.add_argument(
        "--sink",
        default=left_out or "device",
        metavar="device|null|wav:FILE",
        help="where the sound goes",
    )
    common.add_argument("--debug", action="store_true", help="say more on the terminal")
    return common


def parser_for(command: str) -> argparse.ArgumentParser:
    """The parser of one command, filled by the module it lives in."""
    module, purpose = COMMANDS[command]
    name = "sliders-desktop" + ("" if command == "open" else f" {command}")
    parser = argparse.ArgumentParser(
        prog=name,
        description=purpose.capitalize() + ".",
        parents=[common_options()],
        epilog=_all_commands() if command == "open" else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"Sliders {__version__}")
    import_module(f"sliders_desktop.cli.{module}").add_arguments(command, parser)
    return parser


def _all_commands() -> str:
    lines = [f"  {name:<18}{purpose}" for name, (_, purpose) in COMMANDS.items() if name != "open"]
    return "commands, each with its own --help:\n" + "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 failed, 2 bad input with one sentence on the terminal."""
    words = list(sys.argv[1:] if argv is None else argv)
    command = next((w for w in words if w in COMMANDS), None)
    # Only a leading word is a command, so that a folder may be called like one: ./scan.
    if command is not None and words.index(command) == _first_word(words):
        words.remove(command)
    else:
        command = "open"
    args = parser_for(command).parse_args(words)
    temporary = Path(tempfile.mkdtemp(prefix="sliders-")) if args.temp_home else None
    if temporary is not None:
        paths = Paths(temporary, trial=True)
    else:
        paths = Paths(args.home.expanduser().resolve()) if args.home else Paths.default()
    try:
        _check_sink(args.sink)
        _prepare(paths, args.debug)
        add_on.use(paths)
        module = import_module(f"sliders_desktop.cli.{COMMANDS[command][0]}")
        run: Callable[[str, argparse.Namespace, Paths], int] = module.run
        return run(command, args, paths)
    except UserError as error:
        tell(str(error), command == "open")
        return EXIT_BAD_INPUT
    except ImportError as error:
        if (library := missing_library(error)) is None:
            raise
        tell(f"Sliders needs {library} from your system; please install it.", command == "open")
        return EXIT_BAD_INPUT
    except BrokenPipeError:  # who read has heard enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (Cancelled, KeyboardInterrupt):
        sys.stderr.write("Stopped.\n")
        return 130
    finally:
        logging.shutdown()
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _check_sink(sink: str) -> None:
    kind, _, file = sink.partition(":")
    if sink not in ("device", "null") and not (kind == "wav" and file):
        raise UserError(f"“{sink}” is no sound output: use device, null or wav:FILE.")


def _first_word(words: list[str]) -> int:
    """Index of the first word that is neither an option nor an option's value."""
    with_value = {"--home", "--device", "--sink"}
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in with_value else 1
    return at


def _prepare(paths: Paths, debug: bool) -> None:
    """Make the home, point caches into it, and start the log."""
    try:
        paths.home.mkdir(parents=True, exist_ok=True)
        (paths.cache / "numba").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"The folder {paths.home} can't be written: {error.strerror}.") from None
    # One thread for numpy's algebra: on a busy machine a second made a slider's fit ten times
    # slower, and its products are bound by memory. Read when numpy is loaded, so before that.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("NUMBA_CACHE_DIR", str(paths.cache / "numba"))
    if sys.stderr is not None:  # Windows gives a program without a console none
        faulthandler.enable()
    root = logging.getLogger("sliders_desktop")
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    form = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(threadName)s: %(message)s")
    kept = logging.handlers.RotatingFileHandler(
        paths.log, maxBytes=1_000_000, backupCount=4, encoding="utf-8", delay=True
    )
    kept.setFormatter(form)
    root.addHandler(kept)
    if debug:
        shown = logging.StreamHandler()
        shown.setFormatter(form)
        root.addHandler(shown)
