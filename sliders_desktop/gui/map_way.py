"""Where the music is on the map, where it came from and where it goes; and what is selected."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sliders_desktop.gui.map_figure import Figure, FigureStar, Place, links_of
from sliders_desktop.gui.map_marks import MapMarks
from sliders_desktop.gui.map_sky import MapSky

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

COMING, TRAIL = 5, 20
GHOSTS = 9  # of what follows a constellation
MOST_LINKED = 128  # stars: among more the lines would hide the sky
RINGS = 120  # a larger selection is shown by letting the others fade


class MapWay:
    """Keeps the `Marks` that follow the session; who owns it says when to look again."""

    def __init__(self, session: "Session", sky: MapSky, marks: MapMarks) -> None:
        self._session = session
        self._sky = sky
        self._marks = marks
        self._linked: tuple[tuple[FigureStar, ...], tuple[tuple[int, int], ...]] = ((), ())

    def mark_music(self) -> None:
        """The playing track, the next five, the last twenty."""
        marks, playback = self._marks.marks, self._session.playback
        current = playback.current
        marks.playing = next(iter(self.places([current.id])), None) if current else None
        # An open constellation shows its own way on.
        alone = marks.figure is None or not marks.figure.path
        coming = playback.up_next[:COMING] if alone else ()
        marks.coming = self.places(u.track_id for u in coming)
        heard = playback.history[-TRAIL - 1 :]
        if current is not None and heard and heard[-1] == current.id:
            heard = heard[:-1]
        marks.trail = self.places(heard[-TRAIL:])
        self._marks.update()

    def mark_figure(self) -> None:
        """The journey that is looked at, else the open constellation and what would follow."""
        every, way = self._session.constellations, self._session.journeys.picks
        figure = None
        if way:
            path = self.places(pick.track_id for pick in way)
            ends = tuple(FigureStar(place, 1.0) for place in path[:: max(1, len(path) - 1)])
            figure = Figure(ends, (), tuple(path))
        elif every.open_ is not None:
            stars = tuple(
                FigureStar(self.place(row), star.weight)
                for star in every.open_.stars
                if (row := self._sky.row(star.track_id)) is not None
            )
            path = self.places(pick.track_id for pick in every.path[:GHOSTS])
            figure = Figure(stars, self._links(stars), tuple(path))
        self._marks.marks.figure = figure
        self.mark_music()

    def _links(self, stars: tuple[FigureStar, ...]) -> tuple[tuple[int, int], ...]:
        """Kept while the stars stay: the path changes far more often."""
        if stars != self._linked[0]:
            self._linked = stars, links_of(stars) if len(stars) <= MOST_LINKED else ()
        return self._linked[1]

    def mark_selection(self) -> None:
        """Rings around the selected, if they are few."""
        chosen = self._session.catalogue.selection
        self._marks.marks.selected = self.places(chosen) if len(chosen) <= RINGS else []
        self._marks.update()

    def places(self, ids: Iterable[int]) -> list[Place]:
        """Where these tracks are, those that have a place."""
        rows = (self._sky.row(i) for i in ids)
        return [self.place(row) for row in rows if row is not None]

    def place(self, row: int) -> Place:
        """Where one point is."""
        return float(self._sky.xy[row, 0]), float(self._sky.xy[row, 1])
