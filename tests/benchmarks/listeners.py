"""Simulated listeners: words with a meaning in real music, ratings without one, and what the gate
makes of them. The same code as the program's, `heads.replay` and `heads.suggest`.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.ml.audible import PROPERTIES, WEIGHT, fit
from sliders_desktop.ml.gate import DARK
from sliders_desktop.ml.heads import SliderHead, suggest

Array = NDArray[np.float64]
RATINGS = 60
NOISES = (0.0, 0.4, 0.8)  # standard deviations of the word
FIXED_PLACES = 400
STYLES = {
    "chiptune": ("chiptune",),
    "orchestral": ("orchestr", "classical"),
    "ambient": ("ambient",),
    "rock": ("rock", "metal"),
    "jazz": ("jazz", "funk", "lounge"),
    "electronic": ("electronic", "disco"),
}
RARE = 0.4  # how often a listener with a style in mind comes across it, having looked for it


def ranks(v: Array) -> Array:
    """Place of each of v (n,) in 0..1; ties in the order given."""
    return (np.argsort(np.argsort(v, kind="stable"), kind="stable") + 0.5) / len(v)


def spread(v: Array) -> Array:
    """Ranks with mean 0 and standard deviation 1."""
    return (ranks(v) - 0.5) * np.sqrt(12)


@dataclass(frozen=True, eq=False)
class Music:
    """Vectors x (n, d), what each word means of them (n,), and the group of each track."""

    x: Array
    words: dict[str, Array]
    properties: Array
    groups: NDArray[np.str_]

    @classmethod
    def read(cls, measured: Path, labels: Path | None) -> "Music":
        """From what `audible --measured` wrote and a table with the columns file and style."""
        with np.load(measured) as kept:
            x, properties = kept["vectors"].astype(np.float64), kept["properties"]
            paths = [Path(path) for path in kept["paths"]]
        said = {name: spread(properties[:, i]) for i, name in enumerate(PROPERTIES)}
        words = {name: said[name] for name in ("brightness", "bass", "span", "onsets", "tone")}
        words["calm"] = spread(-said["onsets"] - said["brightness"])
        words["driving"] = spread(said["beat"] + said["bass"])
        if labels is not None:
            with labels.open(newline="", encoding="utf-8") as f:
                styles = {Path(row["file"]).name: row["style"] for row in csv.DictReader(f)}
            for word, parts in STYLES.items():
                of = [styles.get(path.name, "") for path in paths]
                words[word] = np.array([float(any(p in s for p in parts)) for s in of])
        return cls(x, words, properties, np.array([path.parent.name for path in paths]))

    def halves(self, seed: int) -> list[tuple["Music", Array]]:
        """Each half of the groups, its vectors widened by directions found on the other half.

        What is judged has so no part in what the heads lean towards. Widened beforehand, they are
        of another size than the shipped directions, which stay out.
        """
        names = np.unique(self.groups)
        chosen = np.random.default_rng(seed).permutation(names)[: len(names) // 2]
        first = np.isin(self.groups, chosen)
        out = []
        for judged in (first, ~first):
            other = ~judged
            directions = WEIGHT * fit(self.x[other], self.properties[other], FIXED_PLACES)
            x = self.x[judged]
            words = {name: v[judged] for name, v in self.words.items()}
            half = Music(
                np.hstack([x, x @ directions]), words, self.properties[judged], self.groups[judged]
            )
            out.append((half, x))
        return out


def is_style(v: Array) -> bool:
    return len(np.unique(v)) == 2


def rated(v: Array, noise: float, rng: np.random.Generator) -> Array:
    """How a listener rates every track on nine keys, whose word means v (n,)."""
    if is_style(v):
        likes = np.where(v > 0, 0.75 + 0.25 * rng.random(len(v)), 0.25 * rng.random(len(v)))
        slips = rng.random(len(v)) < 0.2 * noise
        return np.round(8 * np.where(slips, 1 - likes, likes)) / 8
    return np.floor(9 * ranks(v + noise * rng.normal(size=len(v)))) / 8


def heard(v: Array, rng: np.random.Generator) -> NDArray[np.intp]:
    """The tracks rated, in order: by chance, and those of a rare style looked for."""
    order = rng.permutation(len(v))
    if not is_style(v):
        return order[:RATINGS]
    yes, no = list(order[v[order] > 0]), list(order[v[order] == 0])
    del yes[len(yes) // 2 :]  # half of them stay unrated, to be judged by
    out = []
    while len(out) < RATINGS and (yes or no):
        pile = yes if yes and (not no or rng.random() < RARE) else no
        out.append(pile.pop())
    return np.array(out)


def meaningless(kind: str, rng: np.random.Generator) -> Array:
    """RATINGS ratings that have to do with nothing."""
    n = RATINGS
    if kind == "all-middle":
        return rng.choice(9, n, p=[0.03, 0.04, 0.08, 0.2, 0.3, 0.2, 0.08, 0.04, 0.03]) / 8
    if kind == "one-sided":
        return rng.choice([4, 5, 6, 7, 8, 1], n, p=[0.15, 0.2, 0.25, 0.2, 0.12, 0.08]) / 8
    if kind == "drifting":  # the mood of the listener goes up and down
        mood = 4 + 2.5 * np.sin(np.linspace(0, rng.uniform(2, 7), n) + rng.uniform(0, 6.3))
        mood = mood + 0.4 * np.cumsum(rng.normal(size=n))
        return np.clip(np.round(mood + rng.normal(size=n)), 0, 8) / 8
    return rng.integers(0, 9, n) / 8  # uniform, and in the order that suggestions give


KINDS = ("uniform", "all-middle", "one-sided", "drifting", "as suggested")


def lit_after(
    x: Array,
    rating: Callable[[int, int], float],
    rng: np.random.Generator,
    most: int = RATINGS,
    first: int = 0,
) -> int:
    """Ratings until the light, each of the track that the program suggests; 0: dark after ``most``.

    ``rating`` gives that of the n-th rated row. The first ``first`` tracks come by chance, as for
    a listener who begins with what plays.
    """
    wide = x.astype(np.float32)
    rows = list(rng.permutation(len(x))[:first])
    ratings = [rating(n, row) for n, row in enumerate(rows)]
    head = SliderHead.fit(x[rows], ratings, DARK)
    gate = DARK
    for n in range(len(rows), most):
        row = suggest(wide, head, rows, rng).row
        if row < 0:
            break
        rows.append(row)
        ratings.append(rating(n, row))
        head = SliderHead.fit(x[rows], ratings, gate)
        gate = head.gate_
        if gate.lit:
            return n + 1
    return 0
