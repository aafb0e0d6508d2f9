"""`playlist`: the listener's playlists, and those of other players, without a window."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from sliders_desktop.cli import common_options
from sliders_desktop.cli.console import find_track, say
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError
from sliders_desktop.library.records import Playlist
from sliders_desktop.library.store import Store


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Arguments of this module's command."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    common = [common_options(again=True)]
    listing = actions.add_parser(
        "list", parents=common, help="list the playlists, or the tracks of one"
    )
    listing.add_argument("name", metavar="NAME", nargs="?")
    listing.add_argument("--json", action="store_true")
    taking = actions.add_parser(
        "import", parents=common, help="make playlists of M3U, M3U8 or XSPF files"
    )
    taking.add_argument("files", metavar="FILE", nargs="+", type=Path)
    taking.add_argument("--into", metavar="NAME", help="put them behind this playlist instead")
    taking.add_argument("--others", action="store_true", help="list what was not found, too")
    writing = actions.add_parser(
        "export", parents=common, help="write a playlist to a file, by its ending"
    )
    writing.add_argument("name", metavar="NAME")
    writing.add_argument("file", metavar="FILE.m3u8|FILE.xspf")
    style = writing.add_mutually_exclusive_group()
    style.add_argument("--absolute", action="store_true", help="with full paths")
    style.add_argument("--relative", action="store_true", help="with paths from the file's place")
    adding = actions.add_parser(
        "add", parents=common, help="put tracks behind a playlist; a new one is made"
    )
    adding.add_argument("name", metavar="NAME")
    adding.add_argument("tracks", metavar="TRACK", nargs="+", help="an id, a path, or words")


def run(command: str, args: argparse.Namespace, paths: Paths) -> int:
    """Run it on the library in ``paths``."""
    actions: dict[str, Callable[[Store, argparse.Namespace], None]] = {
        "list": _list,
        "import": _import,
        "export": _export,
        "add": _add,
    }
    with Store.open(paths.database) as store:
        actions[args.action](store, args)
    return 0


def _named(store: Store, name: str) -> Playlist | None:
    wanted = name.strip().casefold()
    return next((one for one in store.playlists() if one.name.casefold() == wanted), None)


def _find(store: Store, name: str) -> Playlist:
    one = _named(store, name)
    if one is None:
        known = ", ".join(known.name for known in store.playlists()) or "none yet"
        raise UserError(f"There is no playlist “{name}”. Playlists: {known}.")
    return one


def _list(store: Store, args: argparse.Namespace) -> None:
    if args.name is not None:
        ids = store.playlist_tracks(_find(store, args.name).id)
        rows = {row.id: row for row in store.rows(ids)}
        if args.json:
            told = [
                {"id": i, "artist": rows[i].artist, "title": rows[i].title, "path": rows[i].path}
                for i in ids
            ]
            say(json.dumps(told, indent=1))
            return
        for i in ids:
            away = "  (away)" if rows[i].missing else ""
            say(f"{i:>7}  {rows[i].artist} – {rows[i].title}{away}")
        return
    lists = store.playlists()
    if args.json:
        told = [{"id": one.id, "name": one.name, "count": one.count} for one in lists]
        say(json.dumps(told, indent=1))
    elif not lists:
        say("No playlists yet: “playlist import FILE” takes one in.")
    else:
        for one in lists:
            say(f"{one.name:<40}{one.count:>7,}")


def _import(store: Store, args: argparse.Namespace) -> None:
    from sliders_desktop import tasks

    into = None if args.into is None else _find(store, args.into).id
    failed = []
    for file in args.files:
        try:
            done = tasks.import_playlist(store, file, into)
        except UserError as error:  # the others come in all the same
            failed.append(str(error))
            continue
        say(done.sentence)
        for other in done.others if args.others else ():
            say(f"  {other}")
    if failed:
        raise UserError("\n".join(failed))


def _export(store: Store, args: argparse.Namespace) -> None:
    from sliders_desktop import tasks

    one = _find(store, args.name)
    style: tasks.PathStyle = (
        "absolute" if args.absolute else "relative" if args.relative else "auto"
    )
    ids = store.playlist_tracks(one.id)
    say(tasks.export_playlist(store, ids, args.file, style, one.name).sentence)


def _add(store: Store, args: argparse.Namespace) -> None:
    ids = [find_track(store, text).id for text in args.tracks]
    one = _named(store, args.name)
    if one is None:
        store.create_playlist(args.name, ids)
    else:
        store.add_to_playlist(one.id, ids)
    count = len(ids) + (one.count if one else 0)
    say(f"{one.name if one else args.name.strip()}: {count:,} track{'' if count == 1 else 's'}")
