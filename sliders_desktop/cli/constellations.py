"""`constellations`: what the listener collected, and what follows from it, without a window."""

import argparse
import json
from typing import Any

from sliders_desktop.cli.console import say
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError
from sliders_desktop.library.records import Constellation
from sliders_desktop.library.store import Store


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Arguments of this module's command."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="show the stars of this one")
    parser.add_argument(
        "--m3u", metavar="FILE", help="write its stars, and then what follows, as a playlist"
    )
    style = parser.add_mutually_exclusive_group()
    style.add_argument("--absolute", action="store_true", help="with full paths")
    style.add_argument("--relative", action="store_true", help="with paths from the file's place")
    parser.add_argument("--json", action="store_true")


def run(command: str, args: argparse.Namespace, paths: Paths) -> int:
    """Run it on the library in ``paths``."""
    with Store.open(paths.database) as store:
        if args.name is None:
            if args.m3u:
                raise UserError("Name the constellation that shall be written.")
            _list(store, args.json)
        elif args.m3u:
            _export(store, paths, args)
        else:
            _show(store, paths, _find(store, args.name), args.json)
    return 0


def _find(store: Store, name: str) -> Constellation:
    wanted, known = name.strip().casefold(), store.constellations()
    for one in known:
        if one.name.casefold() == wanted:
            return one
    names = ", ".join(one.name for one in known) or "none yet"
    raise UserError(f"There is no constellation “{name}”. Constellations: {names}.")


def _list(store: Store, as_json: bool) -> None:
    known = store.constellations()
    if as_json:
        told = [{"id": one.id, "name": one.name, "stars": len(one.stars)} for one in known]
        say(json.dumps(told, ensure_ascii=False, indent=1))
    elif not known:
        say("No constellations yet: in the window, C makes the chosen tracks stars of one.")
    else:
        for one in known:
            against = sum(star.weight < 0 for star in one.stars)
            said = f"  {against:,} lead away" if against else ""
            say(f"{one.name:<40}{len(one.stars):>7,}{said}")


def _show(store: Store, paths: Paths, one: Constellation, as_json: bool) -> None:
    from sliders_desktop import tasks

    rows = {row.id: row for row in store.rows()}
    catalogue, query = _served(store, paths)
    path: list[tasks.Recommended] = []
    problem = ""
    if catalogue is None:
        problem = "Nothing has been listened to yet: run embed first."
    elif one.stars:
        try:
            wish = tasks.wish_of(one)
            path = tasks.next_tracks(store, catalogue, list(rows.values()), wish, query=query)
        except UserError as error:
            problem = str(error)

    def named(track_id: int) -> dict[str, object]:
        row = rows[track_id]
        return {"id": row.id, "artist": row.artist, "title": row.title, "away": row.missing}

    stars = [named(star.track_id) | {"weight": star.weight} for star in one.stars]
    follows = [
        named(pick.track_id) | {"reason": " · ".join(text for text, _ in pick.parts)}
        for pick in path
    ]
    if as_json:
        how = {"near_far": one.near_far, "forgotten": one.forgotten, "artist_gap": one.artist_gap}
        told = {"name": one.name, "mode": one.mode, **how, "stars": stars, "follows": follows}
        say(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for star in stars:
        away = "  (away)" if star["away"] else ""
        say(f"{star['weight']:>+5.2g}  {star['artist']} – {star['title']}{away}")
    if follows or problem:
        say("")
    for at, pick in enumerate(follows, 1):
        say(f"{at:>4}. {pick['artist']} – {pick['title']}  ({pick['reason']})")
    if problem:
        say(problem)


def _export(store: Store, paths: Paths, args: argparse.Namespace) -> None:
    from sliders_desktop import tasks

    one = _find(store, args.name)
    catalogue, query = _served(store, paths)
    ids = tasks.constellation_tracks(
        store, catalogue, store.rows(), one, tasks.wish_of(one), query=query
    )
    style: tasks.PathStyle = (
        "absolute" if args.absolute else "relative" if args.relative else "auto"
    )
    say(tasks.export_playlist(store, ids, args.m3u, style, one.name).sentence)


def _served(store: Store, paths: Paths) -> tuple[Any, Any]:
    """What can be recommended, and what leads among it; none of it while nothing was heard."""
    from sliders_desktop import tasks

    vectors = tasks.read_vectors(store)
    if vectors is None or not len(vectors.ids):
        return None, None
    query = tasks.read_learned(store, paths).query
    return tasks.serve(store, vectors, store.rows(), query)
