"""`next`, `radio`, `journey`: what plays next and why, without a window."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sliders_desktop.cli.console import find_slider, find_track, say
from sliders_desktop.config import Paths, Settings
from sliders_desktop.errors import UserError
from sliders_desktop.library.records import TrackRow
from sliders_desktop.library.store import Store

AT_ONCE = 5  # tracks of a radio that are chosen together

if TYPE_CHECKING:
    from sliders_desktop import tasks
    from sliders_desktop.ml.catalogue import Catalogue
    from sliders_desktop.ml.query import Query


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Arguments of this module's commands."""
    if command == "journey":
        parser.add_argument("start", metavar="FROM", help="an id, a path, or a search")
        parser.add_argument("end", metavar="TO")
        parser.add_argument("--minutes", type=float, default=40.0, help="how long it takes (40)")
        parser.add_argument("--slider", metavar="NAME", help="along this one")
        parser.add_argument("--from", type=float, dest="low", metavar="PERCENTILE")
        parser.add_argument("--to", type=float, dest="high", metavar="PERCENTILE")
    else:
        parser.add_argument("tracks", nargs="*", metavar="TRACK", help="an id, a path, or a search")
        parser.add_argument(
            "--minus", action="append", default=[], metavar="TRACK", help="away from this one"
        )
        parser.add_argument(
            "--slider", action="append", default=[], metavar="NAME=80", help="pull to a percentile"
        )
        parser.add_argument(
            "--wander", action="store_true", help="visit each track in turn, not what fits all"
        )
        parser.add_argument("-n", "--count", type=int, help="how many tracks")
    parser.add_argument("--near-far", type=float, metavar="0..1", help="near 0, far 1")
    parser.add_argument("--forgotten", type=float, metavar="0..1", help="familiar 0, forgotten 1")
    parser.add_argument(
        "--artist-gap", type=int, metavar="4..50", help="tracks of others between two of one artist"
    )
    parser.add_argument("--seed", type=int, default=0, help="another one chooses otherwise")
    parser.add_argument("--m3u", metavar="FILE", help="write them as a playlist")
    if command == "radio":
        parser.add_argument("--play", action="store_true", help="play them; keys as with play")
    else:
        parser.add_argument("--json", action="store_true")


def run(command: str, args: argparse.Namespace, paths: Paths) -> int:
    """Run one of this module's commands on the library in ``paths``."""
    with Store.open(paths.database) as store:
        if command == "journey":
            return _journey(store, args, paths)
        targets = [_target(text) for text in args.slider]
        wish = _wish(store, args)
        library = _Library.read(store, paths)
        steers = tuple(_steer(store, library.vectors, *target) for target in targets)
        wish = replace(wish, steers=steers)
        return (_next if command == "next" else _radio)(store, args, library, wish)


class _Library(NamedTuple):
    """What can be recommended, and what leads."""

    vectors: "tasks.Vectors"
    rows: list[TrackRow]
    catalogue: "Catalogue"
    query: "Query | None"

    @classmethod
    def read(cls, store: Store, paths: Paths) -> "_Library":
        from sliders_desktop import tasks

        vectors = tasks.read_vectors(store)
        if vectors is None or not len(vectors.ids):
            raise UserError("Nothing has been listened to yet: run embed first.")
        rows = store.rows()
        query = tasks.read_learned(store, paths).query
        return cls(vectors, rows, tasks.build_catalogue(store, vectors, rows, query), query)


def _wish(store: Store, args: argparse.Namespace) -> "tasks.Wish":
    from sliders_desktop import tasks

    if args.count is not None and args.count < 1:
        raise UserError("--count must be at least 1.")
    if not args.tracks and not args.minus and not args.slider:
        raise UserError("Name a track to set out from, or a slider: --slider NAME=80.")
    anchors = [(find_track(store, text).id, 1.0) for text in args.tracks]
    anchors += [(find_track(store, text).id, -1.0) for text in args.minus]
    return tasks.Wish(
        anchors=tuple(anchors),
        knobs=_knobs(store, args),
        mode="wander" if args.wander else "together",
        recent=tuple(i for i, weight in anchors if weight > 0)[-1:],
        unwanted=frozenset(i for i, _ in anchors),
        count=AT_ONCE,
        seed=args.seed,
    )


def _knobs(store: Store, args: argparse.Namespace) -> "tasks.Knobs":
    """As said, else as the settings are."""
    from sliders_desktop import tasks

    usual = Settings.from_stored(store.settings())
    for name, value in (("--near-far", args.near_far), ("--forgotten", args.forgotten)):
        if value is not None and not 0 <= value <= 1:
            raise UserError(f"{name} goes from 0 to 1.")
    if args.artist_gap is not None and not 4 <= args.artist_gap <= 50:
        raise UserError("--artist-gap goes from 4 to 50.")
    return tasks.Knobs(
        usual.near_far if args.near_far is None else args.near_far,
        usual.forgotten if args.forgotten is None else args.forgotten,
        usual.artist_gap if args.artist_gap is None else args.artist_gap,
    )


def _target(text: str) -> tuple[str, float]:
    """NAME=80 as the slider's name and .8."""
    name, sign, value = text.rpartition("=")
    try:
        target = float(value.rstrip("% ")) if sign else -1.0
    except ValueError:
        target = -1.0
    if not 0 <= target <= 100:
        raise UserError(f"“{text}” is not of the form NAME=80, a percentile from 0 to 100.")
    return name, target / 100


def _steer(store: Store, vectors: "tasks.Vectors", name: str, target: float) -> "tasks.Steer":
    from sliders_desktop import tasks

    slider = find_slider(store, name)
    fitted = tasks.fit_slider(store, slider.id, vectors)
    if fitted.percentiles is None or fitted.state != "lit":
        raise UserError(f"{slider.name} is not lit yet ({fitted.ratings} ratings): it can't pull.")
    return tasks.Steer(slider.name, fitted.percentiles, target)


def _next(store: Store, args: argparse.Namespace, library: _Library, wish: "tasks.Wish") -> int:
    from sliders_desktop import tasks

    wish = replace(wish, count=args.count or 10)
    picks = tasks.next_tracks(store, library.catalogue, library.rows, wish, query=library.query)
    _tell(store, args, library, picks)
    return 0


def _radio(store: Store, args: argparse.Namespace, library: _Library, wish: "tasks.Wish") -> int:
    if args.m3u and args.count is None:
        raise UserError("A radio has no end: say with --count how much of it to write.")
    if args.m3u and args.play:
        raise UserError("--m3u writes what --play would play: choose one of them.")
    from sliders_desktop import tasks

    picks = islice(
        tasks.endless(store, library.catalogue, library.rows, wish, query=library.query),
        args.count,
    )
    by_id = {row.id: row for row in library.rows}
    if args.m3u:
        _write(store, [pick.track_id for pick in picks], args.m3u)
    elif args.play:
        from sliders_desktop.cli.playing import Item, play_all

        rows = ((by_id[pick.track_id], _reason(pick)) for pick in picks)
        items = (Item(f"{_name(row)}  ({why})", row.path, row.span) for row, why in rows)
        return 0 if play_all(items, args.sink, args.count) else 1
    else:
        for at, pick in enumerate(picks, 1):
            say(f"{at:>3}. {_name(by_id[pick.track_id])}  ({_reason(pick)})")
    return 0


def _journey(store: Store, args: argparse.Namespace, paths: Paths) -> int:
    from sliders_desktop import tasks

    if args.slider is None and (args.low is not None or args.high is not None):
        raise UserError("--from and --to go with --slider NAME.")
    if args.slider is not None and (args.low is None or args.high is None):
        raise UserError("Say where the slider begins and where it ends: --from 20 --to 80.")
    for value in (args.low, args.high):
        if value is not None and not 0 <= value <= 100:
            raise UserError("--from and --to are percentiles, from 0 to 100.")
    start, end = (find_track(store, text).id for text in (args.start, args.end))
    library = _Library.read(store, paths)
    steer = None
    if args.slider is not None:
        low, high = args.low / 100, args.high / 100
        steer = _steer(store, library.vectors, args.slider, low), low, high
    wish = tasks.JourneyWish(
        start, end, args.minutes, steer, knobs=_knobs(store, args), seed=args.seed
    )
    _tell(store, args, library, tasks.journey(store, library.catalogue, library.rows, wish))
    return 0


def _tell(
    store: Store,
    args: argparse.Namespace,
    library: _Library,
    picks: "Sequence[tasks.Recommended]",
) -> None:
    by_id = {row.id: row for row in library.rows}
    if args.m3u:
        _write(store, [pick.track_id for pick in picks], args.m3u)
    elif args.json:
        out = [
            {
                "id": pick.track_id,
                "path": by_id[pick.track_id].path,
                "artist": by_id[pick.track_id].artist,
                "title": by_id[pick.track_id].title,
                "score": round(float(pick.pick.score), 4),
                "similarity": round(float(pick.pick.similarity), 4),
                "reason": _reason(pick),
                "shares": [
                    {"text": share.text, "kind": share.kind, "amount": round(share.amount, 4)}
                    for share in pick.shares
                ],
            }
            for pick in picks
        ]
        say(json.dumps(out, ensure_ascii=False, indent=1))
    else:
        for at, pick in enumerate(picks, 1):
            say(f"{at:>3}. {_name(by_id[pick.track_id])}  ({_reason(pick)})")


def _name(row: TrackRow) -> str:
    return f"{row.artist} – {row.title}" if row.artist else row.title


def _reason(pick: "tasks.Recommended") -> str:
    return " · ".join(text for text, _ in pick.parts)


def _write(store: Store, ids: Sequence[int], file: str) -> None:
    from sliders_desktop import tasks

    say(tasks.export_playlist(store, ids, str(Path(file).expanduser()), "auto").sentence)
