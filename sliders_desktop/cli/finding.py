"""`find`, `lists`: the search box and the smart lists without a window."""

import argparse
import json
from typing import Any

from sliders_desktop.cli.console import say
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError
from sliders_desktop.library.store import Store


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Arguments of this module's commands."""
    if command == "find":
        parser.add_argument(
            "rule",
            metavar="RULE",
            help="words and conditions: “rainy night >= 80 and not heard for 6 months”, "
            "or the name of a smart list",
        )
        parser.add_argument("--m3u", metavar="FILE", help="write what is found as a playlist")
        style = parser.add_mutually_exclusive_group()
        style.add_argument("--absolute", action="store_true", help="with full paths")
        style.add_argument(
            "--relative", action="store_true", help="with paths from the playlist's own place"
        )
    parser.add_argument("--json", action="store_true")


def run(command: str, args: argparse.Namespace, paths: Paths) -> int:
    """Run one of this module's commands on the library in ``paths``."""
    with Store.open(paths.database) as store:
        return (_find if command == "find" else _lists)(store, args)


def _find(store: Store, args: argparse.Namespace) -> int:
    from sliders_desktop import tasks

    named = {one.name.casefold(): one.rule for one in store.smart_lists()}
    rule = named.get(args.rule.strip().casefold(), args.rule)
    rows, problem = tasks.Finder(store).find(rule)
    if problem:
        raise UserError(problem)
    if args.m3u:
        style: tasks.PathStyle = (
            "absolute" if args.absolute else "relative" if args.relative else "auto"
        )
        say(tasks.export_playlist(store, [row.id for row in rows], args.m3u, style).sentence)
    elif args.json:
        out = [
            {"id": r.id, "artist": r.artist, "title": r.title, "path": r.path, "missing": r.missing}
            for r in rows
        ]
        say(json.dumps(out, ensure_ascii=True, indent=1))
    else:
        for row in rows:
            say(f"{row.id:>7}  {row.artist} – {row.title}{'  (away)' if row.missing else ''}")
        say("1 track" if len(rows) == 1 else f"{len(rows):,} tracks")
    return 0


def _lists(store: Store, args: argparse.Namespace) -> int:
    from sliders_desktop import tasks

    finder = tasks.Finder(store)
    out: list[dict[str, Any]] = []
    for one in store.smart_lists():
        rows, problem = finder.find(one.rule)
        out.append(
            {"name": one.name, "rule": finder.shown(one.rule), "count": len(rows),
             "problem": problem}
        )  # fmt: skip
    if args.json:
        say(json.dumps(out, ensure_ascii=False, indent=1))
    elif not out:
        say("No smart lists yet: search for something in the window, and keep it with Ctrl+S.")
    else:
        for line in out:
            said = line["problem"] or f"{line['count']:,}"
            say(f"{line['name']:<28}{line['rule']}  ({said})")
    return 0
