"""`export`, `import`: sliders as files, for somebody else and from somebody else."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from sliders_desktop.cli.console import find_slider, say
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError
from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Arguments of this module's commands."""
    if command == "export":
        parser.add_argument("slider", metavar="SLIDER")
        parser.add_argument("file", type=Path, metavar="FILE.slider")
        parser.add_argument("--author", default="", metavar="NAME", help="who shares it")
        parser.add_argument(
            "--name-tracks", action="store_true", help="write artist and title of rated tracks, too"
        )
    else:
        parser.add_argument("file", type=Path, metavar="FILE.slider")
        parser.add_argument("--yes", action="store_true", help="take it in, after showing it")
        parser.add_argument("--name", default="", help="what it shall be called here")


def run(command: str, args: argparse.Namespace, paths: Paths) -> int:
    """Run one of this module's commands on the library in ``paths``."""
    with Store.open(paths.database) as store:
        return _export(store, args) if command == "export" else _import(store, args)


def _export(store: Store, args: argparse.Namespace) -> int:
    from sliders_desktop import tasks

    slider = find_slider(store, args.slider)
    path = args.file.expanduser().resolve()
    if path.suffix.lower() != tasks.SUFFIX:
        raise UserError(f"The name of a slider's file ends in {tasks.SUFFIX}.")
    vectors = tasks.read_vectors(store)
    tasks.write_slider(store, slider.id, vectors, path, args.author, args.name_tracks)
    say(f"{slider.name} written to {path}")
    return 0


def _import(store: Store, args: argparse.Namespace) -> int:
    from sliders_desktop import tasks
    from sliders_desktop.session.shared_wording import preview_lines

    vectors = tasks.read_vectors(store)
    preview = tasks.preview_slider(store, args.file.expanduser().resolve(), vectors)
    shared = preview.shared
    ends = f": {shared.low} – {shared.high}" if shared.low or shared.high else ""
    say(f"{shared.name}{ends}")
    for line in (shared.description, *preview_lines(preview)):
        if line:
            say(line)
    _list(f"Your music, most {shared.high or 'the high end'}", preview.highest)
    _list(f"Your music, most {shared.low or 'the low end'}", preview.lowest)
    name = args.name or preview.name
    if not args.yes:
        say(f"Nothing was changed. With --yes it becomes your slider “{name}”.")
        return 0
    assert vectors is not None  # there would be no preview
    slider_id = tasks.take_in(store, shared, preview.text, name)
    tasks.fit_slider(store, slider_id, vectors)
    say(f"“{name.strip()}” is one of your sliders now, dimmed until three ratings confirm it.")
    return 0


def _list(title: str, rows: Sequence[TrackRow]) -> None:
    say(f"{title}:")
    for row in rows:
        say(f"  {row.artist} – {row.title}" if row.artist else f"  {row.title}")
