"""What the points' colours mean: a slider, all handles, or what rows say. No widgets."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QDateTime

from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.matching import Ids, aligned

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

Colors = NDArray[np.uint8]  # (n, 3)
CODES = 256
TOP, UNKNOWN_CODE = 254, 255  # of a scale: its upper end, and what has no place on it
TOP_GENRES = 8
SAMPLE = 20_000  # points are enough to find where a scale begins and ends
STEERING = "steering"  # the key of the colours that show what the handles ask for
UNSURE = np.float32(0.3)  # what is left of a star of which a slider knows nothing
#: After Okabe and Ito: told apart by colour-blind eyes. No amber: that is for what is known.
PALETTE = {
    True: ("#56b4e9", "#2fc29a", "#cc79a7", "#f2e85c", "#8f7bff", "#e8674a", "#a8d8c8", "#c8cede"),
    False: ("#0072b2", "#00805c", "#a84a82", "#8a7d00", "#5b45cf", "#c2401f", "#3a8f8a", "#6b7280"),
}
#: Old to new, seldom to often: darker to lighter, or lighter to darker on paper.
RAMP = {
    True: ("#5a4b9a", "#4573b5", "#35a0a6", "#6cc98a", "#e6eb9b"),
    False: ("#b9a6d9", "#7fa3d1", "#3f93a8", "#1f7a5c", "#274a24"),
}
STARLIGHT = {True: ("#8fa6d8", "#b9c6e2", "#e9edf6"), False: ("#7d8cab", "#5a6887", "#3a4560")}
UNKNOWN = {True: "#4d5666", False: "#b8b4ac"}


@dataclass(frozen=True)
class LegendItem:
    """What points with codes from ``low`` to ``high`` are."""

    name: str
    color: tuple[int, int, int]
    low: int
    high: int


@dataclass(frozen=True, eq=False)
class Coloring:
    """Colours and opacities of the points (n,), and how to read them.

    A point has one of 256 colours: what belongs to all of one colour is reckoned once.
    """

    codes: NDArray[np.uint8]  # (n,)
    table: Colors  # (256, 3), the colour of each code
    weights: NDArray[np.float32]  # (256,), its opacity
    certainty: NDArray[np.float32] | None = None  # (n,) another factor on it
    values: NDArray[np.float32] | None = None  # percentiles, where a slider colours
    legend: tuple[LegendItem, ...] = ()

    @property
    def rgb(self) -> Colors:
        """Each point's colour (n, 3)."""
        return self.table[self.codes]

    @property
    def alpha(self) -> NDArray[np.float32]:
        """Each point's opacity (n,)."""
        alpha = self.weights[self.codes]
        return alpha if self.certainty is None else alpha * self.certainty

    def among(self, items: Collection[LegendItem]) -> NDArray[np.bool_]:
        """Which points (n,) these ``items`` of the legend mean."""
        meant = np.zeros(CODES, np.bool_)
        for item in items:
            meant[item.low : item.high + 1] = True
        return meant[self.codes]


NO_COLORS = Coloring(
    np.empty(0, np.uint8), np.zeros((CODES, 3), np.uint8), np.zeros(CODES, np.float32)
)


class MapColors:
    """Computes a `Coloring` for the points of the map."""

    def __init__(self, session: "Session", theme: Theme) -> None:
        self._session = session
        self._theme = theme
        self._rows: tuple[Ids, Ids, NDArray[np.intp] | slice] | None = None

    def choices(self) -> list[tuple[str, str]]:
        """Key and title of everything the map can be coloured by."""
        rack, learned = self._session.rack, self._session.learned
        out = [
            (f"slider:{s.id}", s.name)
            for s in rack.sliders
            if learned.status(s.id).state in ("dim", "lit")
        ]
        if self._session.steering.pulls():
            out.append((STEERING, _tr("steering")))
        out += [
            ("genre", _tr("genre")),
            ("year", _tr("year")),
            ("plays", _tr("plays")),
            ("never", _tr("never played")),
            ("added", _tr("when it was added")),
            ("loudness", _tr("loudness")),
            ("none", _tr("starlight")),
        ]
        return out

    def compute(self, key: str, ids: Ids) -> Coloring:
        """Colours of the points ``ids`` by ``key``; starlight where that says nothing."""
        made = None
        if not len(ids):
            return NO_COLORS
        if key.startswith("slider:"):
            made = self._by_slider(int(key.split(":")[1]), ids)
        elif key == STEERING:
            made = self._by_handles(ids)
        elif len(self._session.catalogue.columns.ids):
            by = {
                "genre": self._by_genre,
                "year": self._by_year,
                "plays": self._by_plays,
                "never": self._by_never,
                "added": self._by_added,
                "loudness": self._by_loudness,
            }.get(key)
            made = by(ids) if by is not None else None
        return made or self._starlight(ids)

    def basis(self, key: str) -> tuple[object, ...]:
        """What the colours by a slider are made from: as long as it is the same, so are they."""
        if not key.startswith("slider:"):
            return ()
        learned, slider_id = self._session.learned, int(key.split(":")[1])
        fitted = learned.fitted(slider_id)
        return () if fitted is None else (fitted, self._session.catalogue.vectors)

    def _by_slider(self, slider_id: int, ids: Ids) -> Coloring | None:
        learned = self._session.learned
        percentiles = learned.percentiles(slider_id)
        slider = self._session.rack.slider(slider_id)
        if percentiles is None or slider is None:
            return None
        most = 1.0 if learned.lit(slider_id) else 0.55
        ends = slider.low_label, slider.high_label
        return self._diverging(ids, percentiles, learned.certainty(slider_id), ends, most)

    def _by_handles(self, ids: Ids) -> Coloring | None:
        """How well each track fits all handles together."""
        fit = self._session.steering.fit()
        ends = _tr("fits least"), _tr("fits best")
        return None if fit is None else self._diverging(ids, *fit, ends)

    def _diverging(
        self,
        ids: Ids,
        values: NDArray[np.float32],
        certainty: NDArray[np.float32] | None,
        ends: tuple[str, str],
        most: float = 1.0,
    ) -> Coloring | None:
        """``values`` of all vectors; what is unsure fades, and what has no vector fades most."""
        known = self._session.catalogue.vector_ids
        if not len(known):
            return None
        at = _rows_of(ids, known)
        shown = values[at]
        if not isinstance(at, slice):  # some may have no vector
            shown = np.where(known[at] == ids, shown, np.float32(np.nan))
        codes = np.nan_to_num(shown * np.float32(TOP) + np.float32(0.5), nan=UNKNOWN_CODE)
        weights = np.full(CODES, most, np.float32)
        weights[UNKNOWN_CODE] = 0.3
        table = np.empty((CODES, 3), np.uint8)
        table[:UNKNOWN_CODE] = self._theme.diverging(np.linspace(0, 1, TOP + 1, dtype=np.float32))
        table[UNKNOWN_CODE] = table[TOP // 2]
        sure = None
        if certainty is not None:
            sure = UNSURE + (1 - UNSURE) * np.clip(certainty[at], 0, 1)
        thirds = ((0, TOP // 3), (TOP // 3 + 1, 2 * TOP // 3), (2 * TOP // 3 + 1, TOP))
        names = ends[0], _tr("between"), ends[1]
        legend = tuple(
            LegendItem(name, _triple(table[of]), low, high)
            for name, of, (low, high) in zip(names, (0, TOP // 2, TOP), thirds, strict=True)
        )
        return Coloring(codes.astype(np.uint8), table, weights, sure, shown, legend[::-1])

    def _by_genre(self, ids: Ids) -> Coloring:
        columns = self._session.catalogue.columns
        genres, names = columns.genre, columns.genres
        counts = np.bincount(genres, minlength=len(names))
        ranked = [i for i in np.argsort(-counts, kind="stable").tolist() if names[i] and counts[i]]
        of_genre = np.full(len(names), TOP_GENRES, np.uint8)
        of_genre[ranked[:TOP_GENRES]] = np.arange(len(ranked[:TOP_GENRES]))
        table, weights = self._unknown(0.6)
        palette = _rgb(PALETTE[self._theme.dark])
        table[:TOP_GENRES], weights[:TOP_GENRES] = palette, 1.0
        legend = [
            LegendItem(names[genre], _triple(palette[code]), code, code)
            for code, genre in enumerate(ranked[:TOP_GENRES])
        ]
        if len(ranked) > TOP_GENRES or (legend and counts.sum() > counts[ranked].sum()):
            rest = _tr("others") if len(ranked) > TOP_GENRES else _tr("no genre")
            legend.append(LegendItem(rest, _triple(table[TOP_GENRES]), TOP_GENRES, TOP_GENRES))
        return Coloring(of_genre[genres][self._at(ids)], table, weights, legend=tuple(legend))

    def _by_year(self, ids: Ids) -> Coloring:
        years = self._session.catalogue.columns.year[self._at(ids)]
        return self._by_ramp(years.astype(np.float32), years > 0, _tr("no year"), _year)

    def _by_plays(self, ids: Ids) -> Coloring:
        plays = self._session.catalogue.columns.plays[self._at(ids)]
        loud = np.log1p(plays.astype(np.float32))
        return self._by_ramp(loud, plays > 0, _tr("never played"), _times)

    def _by_never(self, ids: Ids) -> Coloring:
        plays = self._session.catalogue.columns.plays[self._at(ids)]
        table, weights = self._unknown(0.5)
        table[1], weights[1] = _rgb(PALETTE[self._theme.dark])[1], 1.0
        legend = (
            LegendItem(_tr("never played"), _triple(table[1]), 1, 1),
            LegendItem(_tr("played"), _triple(table[0]), 0, 0),
        )
        return Coloring((plays == 0).astype(np.uint8), table, weights, legend=legend)

    def _by_added(self, ids: Ids) -> Coloring:
        added = self._session.catalogue.columns.added_at[self._at(ids)]
        # Seconds since 1970 need more than 24 bits: days do not.
        return self._by_ramp((added / 86400).astype(np.float32), added > 0, "", _day)

    def _by_loudness(self, ids: Ids) -> Coloring | None:
        loudness = self._session.loudness
        if loudness.lufs is None:
            loudness.want()
            return None
        values = aligned(ids, loudness.ids, loudness.lufs)
        return self._by_ramp(values, np.isfinite(values), _tr("not measured"), _lufs)

    def _by_ramp(
        self,
        values: NDArray[np.float32],
        known: NDArray[np.bool_],
        unknown: str,
        said: Callable[[float], str],
    ) -> Coloring:
        """From the 2nd to the 98th percentile of what is ``known``; the rest has no colour."""
        table, weights = self._unknown(0.5)
        legend = []
        codes = np.full(len(values), UNKNOWN_CODE, np.uint8)
        if known.any():
            some = values[:: 1 + len(values) // SAMPLE][known[:: 1 + len(values) // SAMPLE]]
            low, high = np.percentile(some if len(some) else values[known], (2, 98))
            table[:UNKNOWN_CODE] = _spread(RAMP[self._theme.dark], TOP + 1)
            weights[:UNKNOWN_CODE] = 1.0
            factor = np.float32(TOP / max(1e-6, high - low))
            place = np.clip((values - np.float32(low)) * factor, 0.0, np.float32(TOP))
            codes = np.where(known, np.nan_to_num(place), UNKNOWN_CODE).astype(np.uint8)
            for first, last, of in ((low, low, 0), (low, high, TOP // 2), (high, high, TOP)):
                third = 2 if of == TOP else 1 if of else 0
                ends = (third * (TOP + 1) // 3, (third + 1) * (TOP + 1) // 3 - 1)
                legend.append(LegendItem(said((first + last) / 2), _triple(table[of]), *ends))
            if high - low < 1e-6:
                legend = [replace(legend[0], high=TOP)]
        if unknown and not known.all():
            color = _triple(table[UNKNOWN_CODE])
            legend.append(LegendItem(unknown, color, UNKNOWN_CODE, UNKNOWN_CODE))
        return Coloring(codes, table, weights, legend=tuple(legend))

    def _starlight(self, ids: Ids) -> Coloring:
        table = _spread(STARLIGHT[self._theme.dark], CODES)
        codes = (chance(ids) * np.float32(255)).astype(np.uint8)
        return Coloring(codes, table, np.ones(CODES, np.float32))

    def _unknown(self, weight: float) -> tuple[Colors, NDArray[np.float32]]:
        """A table and weights in which nothing has a colour yet."""
        table = np.tile(_rgb([UNKNOWN[self._theme.dark]]), (CODES, 1))
        return table, np.full(CODES, weight, np.float32)

    def _at(self, ids: Ids) -> NDArray[np.intp] | slice:
        """Where the points ``ids`` stand in the columns; kept while both stay."""
        columns = self._session.catalogue.columns
        if self._rows is None or self._rows[0] is not ids or self._rows[1] is not columns.ids:
            self._rows = ids, columns.ids, _rows_of(ids, columns.ids)
        return self._rows[2]


def _year(value: float) -> str:
    return str(round(value))


def _times(value: float) -> str:
    count = round(float(np.expm1(value)))
    return _tr("played once") if count == 1 else _tr("played {n}×").format(n=f"{count:,}")


def _day(value: float) -> str:
    return QDateTime.fromSecsSinceEpoch(round(value * 86400)).toString("MMM yyyy")


def _lufs(value: float) -> str:
    return _tr("{n} LUFS").format(n=f"{value:.0f}".replace("-", "−"))


def _rows_of(ids: Ids, order: Ids) -> NDArray[np.intp] | slice:
    """Where each of ``ids`` stands in the ascending ``order``; a missing one's neighbour."""
    if len(ids) == len(order) and np.array_equal(ids, order):
        return slice(None)
    return np.minimum(np.searchsorted(order, ids), len(order) - 1)


def chance(ids: Ids) -> NDArray[np.float32]:
    """A number in 0..1 that stays with a track: its star's magnitude."""
    mixed = (ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    return (mixed.astype(np.float32) / np.float32(1 << 24)).astype(np.float32)


def _tr(text: str) -> str:
    return QCoreApplication.translate("MapColors", text)


def _rgb(names: tuple[str, ...] | list[str]) -> Colors:
    return np.array([[int(n[i : i + 2], 16) for i in (1, 3, 5)] for n in names], np.uint8)


def _triple(color: NDArray[np.uint8]) -> tuple[int, int, int]:
    return int(color[0]), int(color[1]), int(color[2])


def _spread(names: tuple[str, ...], count: int) -> Colors:
    """So many colours through the given ones."""
    stops = _rgb(names).astype(np.float32)
    at = np.linspace(0, len(names) - 1, count)
    channels = [np.interp(at, np.arange(len(names)), stops[:, c]) for c in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)
