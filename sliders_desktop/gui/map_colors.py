"""What the points' colours mean: a slider, all handles, genre, year, plays. No widgets."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import TrackRow

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

Colors = NDArray[np.uint8]  # (n, 3)
TOP_GENRES = 8
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


@dataclass
class Coloring:
    """Colours and opacities of the points, and how to read them."""

    rgb: Colors
    alpha: NDArray[np.float32]
    values: NDArray[np.float32] | None = None  # percentiles, where a slider colours
    legend: list[tuple[str, tuple[int, int, int]]] = field(default_factory=list)


class MapColors:
    """Computes a `Coloring` for the points of the map; keeps what rows say until they change."""

    def __init__(self, session: "Session", theme: Theme) -> None:
        self._session = session
        self._theme = theme
        self._columns: dict[str, NDArray[Any]] = {}

    def forget(self) -> None:
        """The rows have changed."""
        self._columns = {}

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
            ("none", _tr("starlight")),
        ]
        return out

    def compute(self, key: str, ids: NDArray[np.int64]) -> Coloring:
        """Colours of the points ``ids`` by ``key``; starlight where that says nothing."""
        if key.startswith("slider:"):
            made = self._by_slider(int(key.split(":")[1]), ids)
            if made is not None:
                return made
        elif key == STEERING:
            made = self._by_handles(ids)
            if made is not None:
                return made
        elif key == "genre":
            return self._by_genre(ids)
        elif key == "year":
            years = self._column("year", ids).astype(np.float32)
            return self._by_ramp(years, years > 0)
        elif key == "plays":
            plays = self._column("plays", ids).astype(np.float32)
            return self._by_ramp(np.log1p(plays), plays > 0)
        return self._starlight(ids)

    def basis(self, key: str) -> tuple[object, ...]:
        """What the colours by a slider are made from: as long as it is the same, so are they."""
        if not key.startswith("slider:"):
            return ()
        learned, slider_id = self._session.learned, int(key.split(":")[1])
        fitted = learned.fitted(slider_id)
        return () if fitted is None else (fitted, self._session.catalogue.vectors)

    def _by_slider(self, slider_id: int, ids: NDArray[np.int64]) -> Coloring | None:
        learned = self._session.learned
        percentiles = learned.percentiles(slider_id)
        if percentiles is None:
            return None
        most = 1.0 if learned.lit(slider_id) else 0.55
        return self._diverging(ids, percentiles, learned.certainty(slider_id), most)

    def _by_handles(self, ids: NDArray[np.int64]) -> Coloring | None:
        """How well each track fits all handles together."""
        fit = self._session.steering.fit()
        return None if fit is None else self._diverging(ids, *fit)

    def _diverging(
        self,
        ids: NDArray[np.int64],
        values: NDArray[np.float32],
        certainty: NDArray[np.float32] | None,
        most: float = 1.0,
    ) -> Coloring | None:
        """``values`` of all vectors; what is unsure fades, and what has no vector fades most."""
        known = self._session.catalogue.vector_ids
        if not len(known):
            return None
        at = _rows_of(ids, known)
        shown, alpha = values[at], np.full(len(ids), most, np.float32)
        if certainty is not None:
            alpha *= UNSURE + (1 - UNSURE) * np.clip(certainty[at], 0, 1)
        if not isinstance(at, slice):  # some may have no vector
            found = known[at] == ids
            shown = np.where(found, shown, np.float32(np.nan))
            alpha = np.where(found, alpha, np.float32(0.3))
        return Coloring(self._theme.diverging(shown), alpha, shown)

    def _by_genre(self, ids: NDArray[np.int64]) -> Coloring:
        genres = self._column("genre", ids)
        counts = np.bincount(genres, minlength=len(self._names)) if len(genres) else np.zeros(1)
        table = np.tile(_rgb([UNKNOWN[self._theme.dark]]), (max(1, len(self._names)), 1))
        legend = []
        palette = _rgb(PALETTE[self._theme.dark])
        ranked = [i for i in np.argsort(-counts).tolist() if self._names[i] and counts[i]]
        for color, genre in zip(palette, ranked[:TOP_GENRES], strict=False):
            table[genre] = color
            legend.append((self._names[genre], _triple(color)))
        rest = ranked[TOP_GENRES:]
        if rest:
            legend.append((_tr("others"), _triple(_rgb([UNKNOWN[self._theme.dark]])[0])))
        alpha = np.full(len(table), 0.6, np.float32)
        alpha[ranked[:TOP_GENRES]] = 1.0
        return Coloring(table[genres], alpha[genres], legend=legend)

    def _by_ramp(self, values: NDArray[np.float32], known: NDArray[np.bool_]) -> Coloring:
        rgb = np.tile(_rgb([UNKNOWN[self._theme.dark]]), (len(values), 1))
        alpha = np.full(len(values), 0.5, np.float32)
        if known.any():
            low, high = np.percentile(values[known], (2, 98))
            place = np.clip((values - low) / max(1e-6, high - low), 0.0, 1.0)
            ramp = _spread(RAMP[self._theme.dark])
            rgb[known] = ramp[(place[known] * 255).astype(np.uint8)]
            alpha[known] = 1.0
        return Coloring(rgb, alpha)

    def _starlight(self, ids: NDArray[np.int64]) -> Coloring:
        ramp = _spread(STARLIGHT[self._theme.dark])
        return Coloring(ramp[(chance(ids) * 255).astype(np.uint8)], np.ones(len(ids), np.float32))

    def read_ahead(self) -> Iterator[None]:
        """Read what rows say in idle moments, one column a step, so that a choice acts at once."""
        for name in ("genre", "year", "plays"):
            self._column(name, np.empty(0, np.int64))
            yield

    # ── what rows say, as arrays ────────────────────────────────────────────────────────────

    @property
    def _names(self) -> list[str]:
        return list(self._columns["genre names"])

    def _column(self, name: str, ids: NDArray[np.int64]) -> NDArray[Any]:
        """One column for the points ``ids``; genres as indices into `_names`."""
        kept = self._columns.get(name)
        catalogue = self._session.catalogue
        if kept is None:
            said = map(itemgetter(TrackRow._fields.index(name)), catalogue.rows)
            count = len(catalogue.rows)
            if name == "genre":
                genres = list(said)
                codes = {genre: at for at, genre in enumerate(dict.fromkeys(genres))}
                kept = np.fromiter(map(codes.__getitem__, genres), np.int64, count)
                self._columns["genre names"] = np.array([*codes] or [""], object)
            else:
                kept = np.fromiter(said, np.int64, count)
            self._columns[name] = kept
        if not len(kept):
            return np.zeros(len(ids), np.int64)
        return kept[_rows_of(ids, catalogue.ids)]


def _rows_of(ids: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.intp] | slice:
    """Where each of ``ids`` stands in the ascending ``order``; a missing one's neighbour."""
    if len(ids) == len(order) and np.array_equal(ids, order):
        return slice(None)
    return np.minimum(np.searchsorted(order, ids), len(order) - 1)


def chance(ids: NDArray[np.int64]) -> NDArray[np.float32]:
    """A number in 0..1 that stays with a track: its star's magnitude."""
    mixed = (ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    return (mixed.astype(np.float32) / np.float32(1 << 24)).astype(np.float32)


def _tr(text: str) -> str:
    return QCoreApplication.translate("MapColors", text)


def _rgb(names: tuple[str, ...] | list[str]) -> Colors:
    return np.array([[int(n[i : i + 2], 16) for i in (1, 3, 5)] for n in names], np.uint8)


def _triple(color: NDArray[np.uint8]) -> tuple[int, int, int]:
    return int(color[0]), int(color[1]), int(color[2])


def _spread(names: tuple[str, ...]) -> Colors:
    """256 colours through the given ones."""
    stops = _rgb(names).astype(np.float32)
    at = np.linspace(0, len(names) - 1, 256)
    channels = [np.interp(at, np.arange(len(names)), stops[:, c]) for c in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)
