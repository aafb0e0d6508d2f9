"""How good the encoder is, beside what it has to beat; any thread, no library."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sliders_desktop.errors import UserError
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.cataloguing import codes
from sliders_desktop.tasks.listening import load_encoder, segments_of, vectors

Array = np.ndarray[Any, Any]
LOOKED_UNTIL_S, LOOKED_AT_S = 45.0, 30  # beginnings are not like the rest of a track
HEARD_S = 300.0
ROUNDS = 20  # of holding out, of the recommender that is shipped


def evaluate(
    folder: Path,
    labels: Mapping[str, Mapping[str, str]],
    weights: Path,
    device: str = "auto",
    others: Sequence[Path] = (),
    job: Job = NO_JOB,
) -> Any:
    """Rows of `ml.evaluate` for the music below ``folder`` that ``labels`` name.

    ``labels`` maps a file, by its path below the folder or its parent, to its ``group`` and
    ``style``. ``others`` are .npz files as the command `vectors` writes them.
    """
    from sliders_desktop.ml.baselines import baselines
    from sliders_desktop.ml.evaluate import Labels, TrackVectors, evaluate

    known = {_resolved(folder, name): row for name, row in labels.items()}
    paths = [path for path in known if path is not None]
    if len(paths) < 2:
        raise UserError(f"The labels name fewer than two files below {folder}.")
    encoder = load_encoder(weights, device)
    kept: list[Path] = []
    music: list[Array] = []
    texts = [str(path) for path in paths]
    for at, heard in segments_of(texts, job):
        if heard is not None:
            kept.append(paths[at])
            music.append(heard)
    methods = {"this encoder": TrackVectors.read(encoder, music), **baselines(music)}
    for other in others:
        methods[other.stem] = _read(other, kept)
    about = [known[path] for path in kept]
    return evaluate(
        methods,
        Labels([row["group"] for row in about], [row.get("style", "") for row in about]),
    )


@dataclass(frozen=True, eq=False)
class Audible:
    """Plain properties of music, and the directions of its vectors in which they lie."""

    paths: list[str]
    vectors: Array  # (n, d) float32
    properties: Array  # (n, k), in the order of `ml.audible.PROPERTIES`
    directions: Array  # (d, k) float32
    cepstra: Array  # (n, 60) float32, `ml.baselines.mfcc` of the whole: what must be beaten
    model: str  # sha256 of the encoder


def audible(folder: Path, weights: Path, device: str = "auto", job: Job = NO_JOB) -> Audible:
    """Listen to the music below ``folder`` and measure it; what can't be read is left out."""
    from sliders_desktop.audio import files
    from sliders_desktop.ml.audible import RATE, fit, measure
    from sliders_desktop.ml.baselines import mfcc
    from sliders_desktop.ml.features import mels, segments

    found = vectors(folder, weights, device, job)
    rows, measured, cepstra = [], [], []
    for at, path in enumerate(found.paths):
        job.check()
        whole = files.decode(path, RATE, HEARD_S)
        wave = whole[: int(LOOKED_UNTIL_S * RATE)][-LOOKED_AT_S * RATE :]
        if len(wave) >= 3 * RATE:
            rows.append(at)
            measured.append(measure(wave))
            cepstra.append(mfcc(mels(segments(whole))).mean(0))
        job.progress(at + 1, len(found.paths), Path(path).name)
    if len(rows) < 2:
        raise UserError(f"There are fewer than two tracks of three seconds below {folder}.")
    x, properties = found.vectors[rows], np.stack(measured)
    config = load_encoder(weights, device).config
    directions = fit(x, properties, config.dim - config.learned)
    paths, told = [found.paths[row] for row in rows], np.stack(cepstra).astype(np.float32)
    return Audible(paths, x, properties, directions, told, found.model)


def recommender(
    paths: Sequence[str],
    vectors: Array,
    properties: Array,
    model: str,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    seed: int = 0,
    job: Job = NO_JOB,
) -> Any:
    """The `ml.query.Query` that is shipped: learned from groups of music as if they were albums.

    ``vectors`` (n, d) of ``paths`` are of the encoder ``model``, ``properties`` (n, k) stand for
    lit sliders. ``labels`` tell each file's group and artist, by its name or its path below a
    folder of music; without them a folder is a group. The same under the same seed.
    """
    from sliders_desktop.ml.closed_forms import Music, normed_rows
    from sliders_desktop.ml.continuations import albums
    from sliders_desktop.ml.tower_training import Plan, train

    known = {Path(name).name: row for name, row in (labels or {}).items()}
    about = [known.get(Path(path).name, {}) for path in paths]
    group = codes(
        [row.get("group") or Path(path).parent.name for row, path in zip(about, paths, strict=True)]
    )
    artist = codes([row.get("artist", "") for row in about])
    lists = albums(group)
    if len(lists) < 2:
        raise UserError("There are fewer than two groups of music to learn from.")
    unit = normed_rows(vectors - vectors.mean(0))
    places = properties.argsort(0).argsort(0) / max(len(paths) - 1, 1)
    music = Music(unit, group, artist, lists, places.astype(np.float32))
    return train(music, model, None, Plan(rounds=ROUNDS), seed, job)


def _resolved(folder: Path, name: str) -> Path | None:
    """Labels may name files from the folder, from its parent, or from where they lie."""
    for base in (folder, folder.parent, Path.cwd()):
        path = (base / name).resolve()
        if path.is_file() and path.is_relative_to(folder.resolve()):
            return path
    return None


def _read(file: Path, wanted: Sequence[Path]) -> Any:
    """The vectors of ``wanted`` from an .npz; `UserError` if one is not in it."""
    from sliders_desktop.ml.evaluate import TrackVectors

    try:
        with np.load(file, allow_pickle=False) as found:
            at = {Path(str(p)).resolve(): i for i, p in enumerate(found["paths"])}
            tracks, segments, of = found["vectors"], found["segments"], found["segment_track"]
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{file} is not a file of vectors: {error}.") from None
    missing = [path for path in wanted if path not in at]
    if missing:
        raise UserError(f"{file} has no vector of {missing[0]}.")
    order = [at[path] for path in wanted]
    return TrackVectors([segments[of == i] for i in order], tracks[order])
