"""`sliders` and `ratings`: the listener's words without a window."""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from sliders_desktop.cli.console import ConsoleJob, find_slider, say
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError
from sliders_desktop.library.records import Slider, Word
from sliders_desktop.library.store import Store


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Arguments of this module's commands."""
    if command == "sliders":
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--new", metavar="NAME", help="invent a slider")
        what.add_argument("--rename", nargs=2, metavar=("OLD", "NEW"))
        what.add_argument(
            "--merge", nargs=2, metavar=("A", "B"), help="let the ratings of A count on B"
        )
        what.add_argument("--archive", metavar="NAME", help="put a slider away")
        what.add_argument("--delete", metavar="NAME", help="it can be brought back for 30 days")
        what.add_argument("--bring-back", metavar="NAME", help="one put away or deleted")
        parser.add_argument("--low", default="", metavar="WORD", help="its low end")
        parser.add_argument("--high", default="", metavar="WORD", help="its high end")
        parser.add_argument(
            "--turned", action="store_true", help="the low end of A is the high end of B"
        )
        parser.add_argument("--all", action="store_true", help="also those away")
        parser.add_argument("--json", action="store_true")
    else:
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--export", type=Path, metavar="FILE", help="as FILE.json, or FILE.csv for spreadsheets"
        )
        what.add_argument("--import", type=Path, metavar="FILE", dest="take_in")
        parser.add_argument(
            "--left-out", type=Path, metavar="FILE", help="keep what found no track"
        )


def run(command: str, args: argparse.Namespace, paths: Paths) -> int:
    """Run one of this module's commands on the library in ``paths``."""
    with Store.open(paths.database) as store:
        return _sliders(store, args) if command == "sliders" else _ratings(store, args)


def _sliders(store: Store, args: argparse.Namespace) -> int:
    if not _change(store, args):
        _list(store, args)
    return 0


def _change(store: Store, args: argparse.Namespace) -> bool:
    """Do what is asked and say it; False where only the list is wanted."""
    if args.new:
        name = args.new.strip()
        store.create_slider(name, args.low or f"not {name}", args.high or name)
        return False
    if args.rename:
        slider = find_slider(store, args.rename[0])
        low, high = args.low or slider.low_label, args.high or slider.high_label
        store.rename_slider(slider.id, args.rename[1], low, high)
        say(f"{slider.name} is called {args.rename[1].strip()} now.")
    elif args.merge:
        source, target = (find_slider(store, name) for name in args.merge)
        say(_merge(store, source, target, args.turned))
    elif args.archive:
        slider = find_slider(store, args.archive)
        store.archive_slider(slider.id)
        say(f"{slider.name} is put away; its ratings are kept.")
    elif args.delete:
        slider = find_slider(store, args.delete)
        store.delete_slider(slider.id)
        say(f'{slider.name} is deleted. --bring-back "{slider.name}" undoes it for 30 days.')
    elif args.bring_back:
        slider = _away(store, args.bring_back).slider
        store.bring_back_slider(slider.id)
        say(f"{slider.name} is back.")
    else:
        return False
    return True


def _merge(store: Store, source: Slider, target: Slider, turned: bool) -> str:
    from sliders_desktop import tasks

    if source.id == target.id:
        raise UserError("Name two different sliders.")
    known = tasks.read_ratings(store, [source.id, target.id])[0]
    moved = [
        (track, 1 - value if turned else value)
        for track, value in known[source.id].items()
        if track not in known[target.id]
    ]
    store.merge_sliders(source.id, target.id, moved)
    both = len(known[source.id]) - len(moved)
    kept = f" {both} tracks are rated on both: {target.name}'s ratings stay." if both else ""
    return f"{len(moved)} ratings of {source.name} count on {target.name} now.{kept}"


def _away(store: Store, name: str) -> Word:
    """The one of this name that was put away, or else the one deleted last."""
    words = [word for word in store.words() if word.archived_at or word.deleted_at]
    for word in words:
        if word.slider.name.casefold() == name.strip().casefold():
            return word
    known = ", ".join(word.slider.name for word in words) or "none"
    raise UserError(f"No slider “{name}” is away. Put away or deleted: {known}.")


def _list(store: Store, args: argparse.Namespace) -> None:
    from sliders_desktop import tasks

    vectors = tasks.read_vectors(store)
    out: list[dict[str, Any]] = []
    for word in store.words():
        slider, away = word.slider, bool(word.archived_at or word.deleted_at)
        if away and not args.all:
            continue
        fitted = None
        if vectors is not None and not away:
            fitted = tasks.fit_slider(store, slider.id, vectors)
        state = fitted.state if fitted else "new"
        out.append(
            {
                "name": slider.name,
                "low": slider.low_label,
                "high": slider.high_label,
                "ratings": word.ratings,
                "state": "deleted" if word.deleted_at else "put away" if away else state,
                "pairs_right": fitted.pairs_right if fitted else None,
            }
        )
    if args.json:
        say(json.dumps(out, ensure_ascii=False, indent=1))
    elif not out:
        say('No sliders yet: invent one with  sliders --new "rainy night".')
    else:
        for s in out:
            right = s["pairs_right"]
            figure = "" if right is None else f"right {100 * right:.0f} % of pairs"
            say(f"{s['name']:<24}{s['ratings']:>4} ratings  {s['state']:<10}{figure}".rstrip())


def _ratings(store: Store, args: argparse.Namespace) -> int:
    from sliders_desktop import tasks

    if args.left_out is not None and args.take_in is None:
        raise UserError("--left-out goes with --import.")
    if args.export is not None:
        job = ConsoleJob("writing")
        out = tasks.export_ratings(store, args.export.expanduser().absolute(), job)
        job.end()
        say(out.sentence)
    elif args.take_in is not None:
        job = ConsoleJob("reading")
        result = tasks.import_ratings(store, args.take_in.expanduser().absolute(), job)
        job.end()
        say(result.sentence)
        if args.left_out is not None and result.left_out.ratings:
            path = args.left_out.expanduser().absolute()
            say(tasks.save_ratings(store, result.left_out, path).sentence)
    else:
        for rating in store.named_ratings():
            moment = time.strftime("%Y-%m-%d %H:%M", time.localtime(rating.rated_at))
            value = "taken back" if rating.value is None else f"{rating.value:.3f}"
            song = f"{rating.track.artist} – {rating.track.title}"
            say(f"{moment}  {rating.slider:<20}{value:<12}{song}")
    return 0
