"""`scan`, `embed`, `map`, `rate`: the library without a window."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from sliders_desktop.cli.console import ConsoleJob, find_slider, find_track, say
from sliders_desktop.config import Paths, Settings
from sliders_desktop.errors import UserError
from sliders_desktop.library.store import Store


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Arguments of this module's commands."""
    if command == "scan":
        parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    elif command == "rate":
        parser.add_argument("track", metavar="TRACK", help="an id, a path, or a search")
        parser.add_argument("slider", metavar="SLIDER")
        parser.add_argument("value", metavar="VALUE", help="0 the low word, 1 the high word")


def run(command: str, args: argparse.Namespace, paths: Paths) -> int:
    """Run one of this module's commands on the library in ``paths``."""
    commands: dict[str, Callable[[Store, argparse.Namespace, Paths], int]] = {
        "scan": _scan,
        "embed": _embed,
        "map": _map,
        "rate": _rate,
    }
    with Store.open(paths.database) as store:
        return commands[command](store, args, paths)


def _scan(store: Store, args: argparse.Namespace, paths: Paths) -> int:
    from sliders_desktop import tasks

    folders = [folder.expanduser().resolve() for folder in args.folders]
    for folder in folders:
        if not folder.is_dir():
            raise UserError(f"There is no folder {folder}.")
    if not folders and not store.folders():
        raise UserError("Name a folder with music: the library has none yet.")
    job = ConsoleJob("reading")
    began = time.monotonic()
    result = tasks.scan(store, folders, job)
    job.end()
    spent = time.monotonic() - began
    say(
        f"{len(result.added)} added, {len(result.changed)} changed, {len(result.moved)} moved, "
        f"{len(result.missing)} missing, {result.unchanged} unchanged, "
        f"{result.unreadable} unreadable in {spent:.1f} s"
    )
    for folder_away in result.away:
        say(f"{folder_away} can't be reached: its tracks wait until it is back.")
    for row in store.problems():
        say(f"{row.path}: {row.error}")
    return 0


def _embed(store: Store, args: argparse.Namespace, paths: Paths) -> int:
    from sliders_desktop import tasks

    settings = Settings.from_stored(store.settings())
    job = ConsoleJob("listening")
    began = time.monotonic()
    result = tasks.embed(store, paths.encoder, args.device or settings.device, fast=True, job=job)
    job.end()
    minutes = (time.monotonic() - began) / 60
    say(
        f"{result.embedded} tracks listened to, {result.failed} failed, "
        f"{result.embedded / max(minutes, 1e-9):.0f} a minute"
    )
    for row in store.problems():
        say(f"{row.path}: {row.error}")
    return 0


def _map(store: Store, args: argparse.Namespace, paths: Paths) -> int:
    from sliders_desktop import tasks

    vectors = tasks.read_vectors(store)
    if vectors is None or len(vectors.ids) < 3:
        raise UserError("The map needs at least three tracks listened to: run embed first.")
    job = ConsoleJob("drawing")
    began = time.monotonic()
    device = Settings.from_stored(store.settings()).device
    drawn = tasks.fit_map(store, vectors, device, anew=True, job=job)
    job.end()
    say(f"{len(drawn.ids)} tracks drawn in {time.monotonic() - began:.1f} s")
    return 0


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise UserError(f"“{text}” is not a value from 0 to 1.")
    return value


def _rate(store: Store, args: argparse.Namespace, paths: Paths) -> int:
    from sliders_desktop import tasks

    value = _number(args.value)
    slider = find_slider(store, args.slider)
    track = find_track(store, args.track)
    store.rate(track.id, slider.id, value)
    said = f"{track.artist} – {track.title}: {slider.name} {value:g}"
    vectors = tasks.read_vectors(store)
    if vectors is not None:
        said += f" · {_summary(store, vectors, slider.id)}"
    say(said)
    return 0


def _summary(store: Store, vectors: object, slider_id: int) -> str:
    from sliders_desktop import tasks

    assert isinstance(vectors, tasks.Vectors)
    fitted = tasks.fit_slider(store, slider_id, vectors)
    right = "" if fitted.pairs_right is None else f", right {100 * fitted.pairs_right:.0f} %"
    count = "1 rating" if fitted.ratings == 1 else f"{fitted.ratings} ratings"
    return f"{count}, {fitted.state}{right}"
