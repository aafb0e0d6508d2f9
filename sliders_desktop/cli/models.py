"""`vectors`, `train`, `evaluate`, `audible`, `train-recommender`: models without a library."""

import argparse
import csv
import json
import logging
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sliders_desktop.cli.console import ConsoleJob, say
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError

log = logging.getLogger(__name__)


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """Arguments of this module's commands."""
    if command == "train-recommender":
        parser.add_argument(
            *("folder",), type=Path, metavar="FOLDER", help="music, or F.npz of audible --measured"
        )
        parser.add_argument("--labels", type=Path, metavar="F.csv", help="file, group and artist")
        parser.add_argument("--out", type=Path, required=True, metavar="F.safetensors")
        parser.add_argument("--seed", type=int, default=0)
        return
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    if command == "vectors":
        parser.add_argument("--out", type=Path, required=True, metavar="F.npz")
    elif command == "train":
        parser.add_argument("--out", type=Path, required=True, metavar="F.safetensors")
        parser.add_argument("--resume", action="store_true", help="go on where it was stopped")
        parser.add_argument("--from", dest="start", type=Path, metavar="F", help="train F further")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--steps", type=int, help="how many optimiser steps")
        parser.add_argument("--minutes", type=float, help="stop after this long")
        parser.add_argument("--all", action="store_true", help="hold no track out to choose by")
    elif command == "audible":
        parser.add_argument("--out", type=Path, required=True, metavar="F.safetensors")
        parser.add_argument(
            "--measured", type=Path, metavar="F.npz", help="keep what was measured, too"
        )
    elif command == "evaluate":
        parser.add_argument("--labels", type=Path, required=True, metavar="F.csv")
        parser.add_argument("--json", action="store_true")
        parser.add_argument(
            "--with",
            dest="others",
            action="append",
            type=Path,
            default=[],
            metavar="F.npz",
            help="vectors of another model as a further column",
        )


def run(command: str, args: argparse.Namespace, paths: Paths) -> int:
    """Run one of this module's commands."""
    folder = args.folder.expanduser().resolve()
    if not folder.is_dir() and not (command == "train-recommender" and folder.is_file()):
        raise UserError(f"There is no folder {folder}.")
    args.folder = folder
    commands = {
        "vectors": _vectors, "train": _train, "evaluate": _evaluate, "audible": _audible,
        "train-recommender": _train_recommender,
    }  # fmt: skip
    return commands[command](args, paths)


def _writable(path: Path) -> Path:
    path = path.expanduser().resolve()
    if not path.parent.is_dir():
        raise UserError(f"There is no folder {path.parent} to write {path.name} into.")
    return path


def _vectors(args: argparse.Namespace, paths: Paths) -> int:
    import numpy as np

    from sliders_desktop import tasks

    out = _writable(args.out)
    job = ConsoleJob("listening")
    found = tasks.vectors(args.folder, paths.encoder, args.device or "auto", job)
    job.end()
    half_written = out.with_name(out.name + ".part")
    with half_written.open("wb") as f:
        np.savez(
            f,
            paths=np.array(found.paths),
            vectors=found.vectors,
            segments=found.segments,
            segment_track=found.segment_track,
            model=np.array(found.model),
        )
    half_written.replace(out)
    say(f"{len(found.paths)} tracks, {len(found.segments)} segments written to {out}")
    for path, reason in found.failed:
        say(f"{path}: {reason}")
    return 0


def _train(args: argparse.Namespace, paths: Paths) -> int:
    from sliders_desktop import tasks

    out = _writable(args.out)
    options: dict[str, Any] = {}
    if args.steps is not None:
        options["steps"] = args.steps
    if args.minutes is not None:
        options["minutes"] = args.minutes
    job = ConsoleJob("training")
    result = tasks.train(
        args.folder,
        out,
        device=args.device or "auto",
        resume=args.resume,
        hold_out=not args.all,
        start=args.start,
        seed=args.seed,
        options=options,
        log_row=_log_row,
        job=job,
    )
    job.end()
    say(f"{result.steps} steps in {result.seconds / 60:.1f} minutes, written to {out}")
    return 0


def _log_row(row: dict[str, float]) -> None:
    line = "  ".join(f"{name} {value:.4g}" for name, value in row.items())
    log.info("%s", line)
    say(line)


def _evaluate(args: argparse.Namespace, paths: Paths) -> int:
    from sliders_desktop import tasks
    from sliders_desktop.ml.evaluate import as_json, table

    if find_spec("sklearn") is None:
        raise UserError("This needs scikit-learn, which installers leave out: use the sources.")

    labels = _read_labels(args.labels)
    job = ConsoleJob("measuring")
    rows = tasks.evaluate(
        args.folder, labels, paths.encoder, args.device or "auto", args.others, job
    )
    job.end()
    say(json.dumps(as_json(rows), indent=1) if args.json else table(rows))
    return 0


def _audible(args: argparse.Namespace, paths: Paths) -> int:
    import numpy as np

    from sliders_desktop import tasks
    from sliders_desktop.ml import audible

    out = _writable(args.out)
    job = ConsoleJob("listening")
    found = tasks.audible(args.folder, paths.encoder, args.device or "auto", job)
    job.end()
    audible.save(out, found.directions)
    say(f"{len(audible.PROPERTIES)} directions of {len(found.paths)} tracks written to {out}")
    if args.measured is not None:
        with _writable(args.measured).open("wb") as f:
            np.savez(
                f,
                paths=np.array(found.paths),
                vectors=found.vectors,
                properties=found.properties,
                mfcc=found.cepstra,
                model=np.array(found.model),
            )
    return 0


def _train_recommender(args: argparse.Namespace, paths: Paths) -> int:
    import numpy as np

    from sliders_desktop import tasks

    out = _writable(args.out)
    labels = None if args.labels is None else _read_labels(args.labels)
    job = ConsoleJob("learning")
    if args.folder.is_dir():
        heard = tasks.audible(args.folder, paths.encoder, args.device or "auto", job)
        found = heard.paths, heard.vectors, heard.properties, heard.model
    else:
        try:
            with np.load(args.folder, allow_pickle=False) as kept:
                names = ("paths", "vectors", "properties", "model")
                paths_, vectors, properties, model = (kept[name] for name in names)
        except (OSError, ValueError, KeyError) as error:
            raise UserError(f"{args.folder} is not what `audible --measured` writes.") from error
        found = [str(path) for path in paths_], vectors, properties, str(model)
    query = tasks.recommender(*found, labels, args.seed, job)
    job.end()
    query.save(out)
    told = query.figures
    say(
        f"{query.state}: MRR {told.queries:.3f}, the centroid's {told.centroid:.3f}, "
        f"gain {told.low:+.3f} to {told.high:+.3f}; written to {out}"
    )
    return 0


def _read_labels(path: Path) -> dict[str, dict[str, str]]:
    """Rows of a labels file by file name: at least the columns file, group, style."""
    try:
        with path.open(newline="", encoding="utf-8") as f:
            rows = list(csv.DictReader(f))
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}.") from None
    if not rows or not {"file", "group"} <= rows[0].keys():
        raise UserError(f"{path} needs at least the columns file and group.")
    return {row["file"]: row for row in rows}
