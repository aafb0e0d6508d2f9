"""The measures every encoder is judged by, and the baselines it has to beat.

Group and style labels are used here and nowhere else. Runs on the thread that calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.health import dials, iso_score

if TYPE_CHECKING:  # what is measured needs no torch
    from sliders_desktop.ml.encoder import Encoder

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

QUERY_SEGMENTS = 5  # 10.24 s
MIDI = "-midi"  # groups ending so are rendered scores


@dataclass(frozen=True)
class TrackVectors:
    """What one method says of every track: segment vectors (s_i, d) and a track vector each."""

    segments: list[Floats]
    tracks: Floats  # (n, d)

    @classmethod
    def of(cls, segments: Sequence[Floats]) -> TrackVectors:
        """Track vectors as the means of segment vectors that know nothing of each other."""
        return cls(list(segments), np.stack([s.mean(0) for s in segments]).astype(np.float32))

    @classmethod
    def read(cls, encoder: Encoder, music: Sequence[Floats]) -> TrackVectors:
        """What ``encoder`` says of tracks of segments (s, frames, columns).

        Pieces of ten seconds are read by themselves, so that no piece has heard the rest of its
        track; track vectors are those the program uses, from the whole track.
        """
        pieces, tracks = [], []
        for mels in music:
            cut = [mels[k : k + QUERY_SEGMENTS] for k in range(0, len(mels), QUERY_SEGMENTS)]
            pieces.append(np.concatenate([v for v, _ in encoder.embed_batch(cut)]))
            tracks.append(encoder.embed(mels)[1])
        return cls(pieces, np.stack(tracks))

    def pick(self, chosen: NDArray[np.bool_]) -> TrackVectors:
        return TrackVectors(
            [s for s, keep in zip(self.segments, chosen, strict=True) if keep], self.tracks[chosen]
        )


@dataclass(frozen=True)
class Labels:
    """For each track its group (album, game, artist) and a coarse style."""

    groups: list[str]
    styles: list[str]


@dataclass(frozen=True)
class Row:
    """One figure: what ``method`` reaches in ``measure``, 5-95 % over resampled groups."""

    method: str
    music: str  # "all" or "without midi"
    measure: str
    value: float
    low: float  # NaN for figures without an interval
    high: float
    worst: str = ""  # of the measures by group: the three worst groups and their figures


def evaluate(
    vectors_by_name: Mapping[str, TrackVectors],
    labels: Labels,
    *,
    draws: int = 1000,
    seeds: int = 5,
    seed: int = 0,
) -> list[Row]:
    """Every measure of every method, on all tracks and without rendered scores.

    The interval resamples whole groups, because tracks of an album are not independent; all
    methods see the same resamples.
    """
    groups = np.array(labels.groups)
    subsets = {"all": np.ones(len(groups), dtype=bool)}
    real = ~np.char.endswith(groups, MIDI)
    if not real.all() and real.sum() > 1:
        subsets["without midi"] = real
    rows: list[Row] = []
    for music, chosen in subsets.items():
        some = groups[chosen]
        styles = np.array(labels.styles)[chosen]
        for name, everything in vectors_by_name.items():
            v = everything.pick(chosen)

            for measure, each in (
                ("same-group MAP", average_precisions(v.tracks, some)),
                ("segment→track R@1", segment_hits(v)),
            ):
                low, high = bootstrap(each, some, np.nanmean, draws, seed)
                value, worst = float(np.nanmean(each)), _worst(each, some)
                rows.append(Row(name, music, measure, value, low, high, worst))
            for kind in ("linear", "kNN"):
                right, weight = style_probe(v.tracks, styles, some, kind, seeds)
                if not len(right):
                    continue
                kept = weight > 0
                low, high = bootstrap(
                    np.stack([right, weight], 1)[kept], some[kept], _weighted, draws, seed
                )
                value = _weighted(np.stack([right, weight], 1))
                rows.append(Row(name, music, f"style probe, {kind}", value, low, high))
            for measure, number in {**dials(v.tracks), "IsoScore": iso_score(v.tracks)}.items():
                rows.append(Row(name, music, measure, number, np.nan, np.nan))
    return rows


def average_precisions(tracks: Floats, groups: NDArray[np.str_]) -> Doubles:
    """Average precision of each track as a query for its group's others: (n,), NaN if alone.

    Neighbours are ranked by cosine of mean-centred vectors; the mean over tracks is the
    same-group MAP.
    """
    unit = _unit(tracks - tracks.mean(0))
    likeness = unit @ unit.T
    np.fill_diagonal(likeness, -np.inf)
    out = np.full(len(tracks), np.nan)
    for i, row in enumerate(likeness):
        order = np.argsort(-row, kind="stable")[:-1]
        hits = groups[order] == groups[i]
        if hits.any():
            places = np.flatnonzero(hits) + 1
            out[i] = (np.arange(1, len(places) + 1) / places).mean()
    return out


def segment_hits(v: TrackVectors, length: int = QUERY_SEGMENTS) -> Doubles:
    """Share of each track's 10 s pieces that find their own track first among all: (n,).

    All tracks are means of segment vectors here, a track's own without the piece, so nothing is
    found by identity. NaN for tracks of one piece.
    """
    means = np.stack([s.mean(0) for s in v.segments])
    middle = means.mean(0)
    tracks = _unit(means - middle)
    out = np.full(len(tracks), np.nan)
    for i, segments in enumerate(v.segments):
        starts = range(0, len(segments) - length + 1, length)
        if len(segments) <= length:
            continue
        found = []
        for start in starts:
            piece = segments[start : start + length]
            rest = (segments.sum(0) - piece.sum(0)) / (len(segments) - length)
            query = piece.mean(0) - middle
            likeness = tracks @ query
            likeness[i] = _unit((rest - middle)[None])[0] @ query
            found.append(likeness.argmax() == i)
        out[i] = np.mean(found)
    return out


def style_probe(
    tracks: Floats,
    styles: NDArray[np.str_],
    groups: NDArray[np.str_],
    kind: str,
    seeds: int = 5,
) -> tuple[Doubles, Doubles]:
    """How often a probe names the style of tracks of unseen groups: hits (n,) and weights (n,).

    ``kind`` "linear" is a ridge classifier, "kNN" the five nearest by cosine; five folds, split by
    group, hits averaged over ``seeds`` splits. Weights make the weighted mean of the hits the
    balanced accuracy; styles that occur in one group only cannot be learned and weigh 0. Empty
    arrays where fewer than two styles are left.
    """
    from sklearn.linear_model import RidgeClassifier
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.neighbors import KNeighborsClassifier

    spread = {s for s in set(styles) if len(set(groups[styles == s])) > 1}
    kept = np.flatnonzero([s in spread for s in styles])
    folds = min(5, len(set(groups[kept])), *(int((styles == s).sum()) for s in spread or {""}))
    if len(spread) < 2 or folds < 2:
        return np.zeros(0), np.zeros(0)
    x, y, g = tracks[kept] - tracks[kept].mean(0), styles[kept], groups[kept]
    if kind == "kNN":
        x = _unit(x)
    else:
        x = x / x.std()
    hits = np.zeros(len(kept))
    for seed in range(seeds):
        split = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        for train, test in split.split(x, y, g):
            probe: Any = (
                KNeighborsClassifier(min(5, len(train)))
                if kind == "kNN"
                else RidgeClassifier(alpha=x.shape[1], class_weight="balanced")
            )
            hits[test] += (probe.fit(x[train], y[train]).predict(x[test]) == y[test]) / seeds
    right, weight = np.zeros(len(tracks)), np.zeros(len(tracks))
    right[kept] = hits
    weight[kept] = [1 / (y == s).sum() for s in y]
    return right, weight


def bootstrap(
    each: Doubles,
    groups: NDArray[np.str_],
    statistic: Callable[[Doubles], Any],
    draws: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """5th and 95th percentile of ``statistic`` of ``each`` (n, …) when groups are resampled."""
    members = [np.flatnonzero(groups == g) for g in np.unique(groups)]
    members = [m for m in members if not np.isnan(each[m]).all()]
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(draws):
        pick = rng.integers(len(members), size=len(members))
        values.append(float(statistic(each[np.concatenate([members[k] for k in pick])])))
    low, high = np.percentile(values, [5, 95])
    return float(low), float(high)


def table(rows: Sequence[Row]) -> str:
    """Plain text: a block per kind of music, a line per measure, a column per method.

    Under each block the groups that each method serves worst.
    """
    blocks = []
    for music in dict.fromkeys(r.music for r in rows):
        some = [r for r in rows if r.music == music]
        methods = list(dict.fromkeys(r.method for r in some))
        by = {(r.measure, r.method): r for r in some}
        cells = [[music, *methods]]
        cells += [
            [measure, *(_cell(by.get((measure, method))) for method in methods)]
            for measure in dict.fromkeys(r.measure for r in some)
        ]
        widths = [max(len(line[k]) for line in cells) for k in range(len(cells[0]))]
        lines = [
            "  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)).rstrip()
            for line in cells
        ]
        lines += [f"worst, {r.measure}, {r.method}: {r.worst}" for r in some if r.worst]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as plain dictionaries, NaN as None."""
    return [
        {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in asdict(r).items()}
        for r in rows
    ]


def _cell(row: Row | None) -> str:
    if row is None:
        return "–"
    if np.isnan(row.low):
        return f"{row.value:.3g}"
    return f"{row.value:.3f} [{row.low:.3f} {row.high:.3f}]"


def _worst(each: Doubles, groups: NDArray[np.str_], count: int = 3) -> str:
    by = {str(g): each[groups == g] for g in np.unique(groups)}
    means = {g: float(np.nanmean(v)) for g, v in by.items() if not np.isnan(v).all()}
    worst = sorted(means, key=lambda g: means[g])[:count]
    return ", ".join(f"{g} {means[g]:.2f}" for g in worst)


def _weighted(hits_and_weights: Doubles) -> float:
    hits, weights = hits_and_weights.T
    return float((hits * weights).sum() / weights.sum())


def _unit(x: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12))
