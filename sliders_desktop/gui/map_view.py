"""The map of the library: look, wander, point, circle, play. Main thread.

Imported only after the window's first paint.
"""

import time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.map_actions import MapActions
from sliders_desktop.gui.map_brush import MapBrush
from sliders_desktop.gui.map_camera import MapCamera
from sliders_desktop.gui.map_canvas import MapCanvas
from sliders_desktop.gui.map_colors import STEERING, Coloring, MapColors
from sliders_desktop.gui.map_floats import MapFloats
from sliders_desktop.gui.map_hand import MapHand
from sliders_desktop.gui.map_names import MapNames
from sliders_desktop.gui.map_picture import MapPicture
from sliders_desktop.gui.map_places import MapPlaces
from sliders_desktop.gui.map_sky import COLOR_MS, MORPH_MS
from sliders_desktop.gui.map_tasting import MapTasting
from sliders_desktop.gui.map_walk import MapWalk
from sliders_desktop.gui.map_way import RINGS, MapWay
from sliders_desktop.gui.motion import motion_ms
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.matching import among
from sliders_desktop.session.constellations import SOURCE as CONSTELLATION
from sliders_desktop.session.map_index import thinned

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

HOVER_PX = 11
NAMES_MS = 40
REDRAWN_MS = 1600  # that points wander when the map was drawn anew
DRAG_S = 0.12  # handles that move faster than so one after the other are dragged


class MapView(QWidget):
    """Every heard track is a star; what sounds alike lies together.

    Signals:
        lasso_changed(bool): dragging circles now, or pushes again.
        colors_changed(): other choices of colour, or another choice.
        joined(int, int): a line was drawn from one track to another.
    """

    lasso_changed = Signal(bool)
    colors_changed = Signal()
    joined = Signal(int, int)

    def __init__(
        self, session: "Session", theme: Theme, covers: Covers, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._catalogue, self._rack = session.catalogue, session.rack
        self._playback = session.playback
        self._theme = theme
        self._colors = MapColors(session, theme)
        self._hovered: int | None = None
        self._chosen_color = str(session.read_state("map_color") or "")
        self._color_key = ""
        self._circled: tuple[int, ...] = ()
        self.drawn: list[tuple[float, float]] = []  # corners of what was circled last, on the map
        self._pulled_at = 0.0
        self._morph_ms = MORPH_MS
        # Names follow what plays next and what colours the map once those have been shown.
        self._high_stale = False
        self._rename = QTimer(self)
        self._rename.setSingleShot(True)
        self._rename.setInterval(NAMES_MS)
        self._rename.timeout.connect(self._on_rename)
        self._basis: tuple[object, ...] = ()  # of the colours that are shown

        self.canvas = MapCanvas(theme, self)
        self.canvas.setAccessibleName(self.tr("Map of your music"))
        self.sky, self.marks = self.canvas.sky, self.canvas.marks
        self.camera = MapCamera(self)
        self.hand = MapHand(self.canvas)
        self.names = MapNames(session, theme, self.sky, self)
        self._way = MapWay(session, self.sky, self.marks)
        self._floats = MapFloats(session, theme, covers, self.sky, self.camera, self)
        self.places = MapPlaces(self.camera)
        self._tasting = MapTasting(session, self)
        self.brush = MapBrush(session, self.sky, self.marks, self.camera, self)
        self.picture = MapPicture(theme, self.sky, self.marks, self)
        self.walk = MapWalk(session, self.sky, self.camera, self.canvas)
        self.card, self.minimap = self._floats.card, self._floats.minimap
        self.legend, self.bar = self._floats.legend, self._floats.bar
        self.empty = self._floats.empty
        self.chosen = MapActions(session, self.bar, self)
        self.setFocusProxy(self.canvas)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)
        self._connect()
        self._dress()
        self._on_map_changed()
        self._mark_regions()

    def _connect(self) -> None:
        camera, hand, catalogue, rack = self.camera, self.hand, self._catalogue, self._rack
        camera.moved.connect(self._on_moved)
        camera.rested.connect(self._on_rested)
        hand.panned.connect(camera.pan)
        hand.zoomed.connect(camera.zoom)
        hand.home.connect(camera.fit_all)
        hand.sized.connect(self.brush.size)
        self.brush.changed.connect(hand.set_brush)
        hand.taken.connect(camera.halt)
        hand.flung.connect(self._on_flung)
        hand.back.connect(self.places.back)
        hand.forward.connect(self.places.forward)
        hand.pointed.connect(self._on_pointed)
        hand.clicked.connect(self._on_clicked)
        hand.double_clicked.connect(self._on_double_clicked)
        hand.menu_asked.connect(self._on_menu_asked)
        hand.carries = self._is_chosen
        hand.carried.connect(self.chosen.drag)
        hand.finds = self._finds
        hand.joining.connect(self._on_joining)
        hand.joined.connect(self._on_joined)
        hand.drawing.connect(self._on_drawing)
        hand.circled.connect(self._on_circled)
        hand.arrow.connect(self.walk.step)
        self.walk.stepped.connect(self._set_hovered)
        hand.escaped.connect(self._on_escaped)
        hand.focus_changed.connect(self.canvas.set_ringed)
        self.names.found.connect(self._place_names)
        self.bar.done.clicked.connect(self._on_escaped)
        self.legend.kept.connect(self._fade)
        catalogue.map_changed.connect(self._on_map_changed)
        self._session.work.atlas.forming.connect(self._on_forming)
        self._session.work.atlas.moves.connect(self._on_moves)
        catalogue.tracks_changed.connect(self._on_tracks_changed)
        catalogue.vectors_changed.connect(self._floats.show_empty)
        catalogue.selection_changed.connect(self._on_selection_changed)
        catalogue.filter_changed.connect(self._on_filter_changed)
        rack.sliders_changed.connect(self._on_sliders_changed)
        self._session.learned.state_changed.connect(self._on_slider_state)
        self._session.learned.certainty_changed.connect(self._on_slider_state)
        self._session.steering.pull_changed.connect(self._on_pull_changed)
        rack.armed_changed.connect(self._on_sliders_changed)
        rack.ratings_changed.connect(self._on_ratings_changed)
        self._playback.current_changed.connect(self._mark_music)
        self._playback.queue_changed.connect(self._mark_music)
        self._session.constellations.changed.connect(self._on_constellation)
        self._session.constellations.path_changed.connect(self._on_constellation)
        self._session.journeys.found.connect(self._on_constellation)
        self._session.loudness.changed.connect(self._on_loudness)
        self._session.tasting.changed.connect(self._show_card)
        self._session.regions.changed.connect(self._mark_regions)
        self._theme.changed.connect(self._dress)

    # ── what the window may ask ─────────────────────────────────────────────────────────────

    def color_choices(self) -> list[tuple[str, str]]:
        """Key and title of everything the map can be coloured by."""
        return self._colors.choices()

    @property
    def color_key(self) -> str:
        """What colours the map now."""
        return self._color_key

    def set_color(self, key: str) -> None:
        """Colour by one of `color_choices`, and remember it."""
        self._chosen_color = key
        self._session.write_state("map_color", key)
        self._recolor()

    @property
    def lasso(self) -> bool:
        """Whether dragging circles tracks."""
        return self.hand.lasso

    def set_lasso(self, on: bool) -> None:
        if on != self.hand.lasso:
            self.hand.set_lasso(on)
            self.lasso_changed.emit(on)

    def go_to(self, track_id: int) -> None:
        """Look at a track, closer if everything was in view."""
        row = self.sky.row(track_id)
        if row is None:
            return
        x, y = self._way.place(row)
        close = self.camera.home_scale * 2.5
        self.camera.look_at(x, y, close if self.camera.nearness < 1.5 else None)

    def fit_all(self) -> None:
        """Show the whole map."""
        self.camera.fit_all()

    def set_beside(self, box: QRectF) -> None:
        """Something of the window lies over this part of the map's right; empty: no longer."""
        self._floats.beside = box
        tall = box.height() > self.height() / 3
        self.camera.set_covered(round(self.width() - box.left()) if tall else 0)
        self._floats.place()
        self._rename.start()

    # ── following the session ───────────────────────────────────────────────────────────────

    def _on_map_changed(self) -> None:
        ids, xy = self._catalogue.map_ids, self._catalogue.map_xy
        self._color_key = self._wanted_color()
        coloring = self._colors.compute(self._color_key, ids)
        self._set_hovered(None)
        self.legend.show_items(coloring.legend)
        wished, self._morph_ms = self._morph_ms, MORPH_MS
        self.sky.set_points(ids, xy, coloring, self._shown(coloring, ids), self._ms(wished))
        if len(ids):
            if len(ids) <= 500:
                low, high = xy.min(axis=0), xy.max(axis=0)
            else:  # a few far outliers must not make the rest small
                low, high = np.percentile(xy[:: 1 + len(xy) // 20_000], (0.3, 99.7), axis=0)
            x, y = float(low[0]), float(low[1])
            self.camera.set_bounds(QRectF(x, y, float(high[0]) - x, float(high[1]) - y))
        self._after_colors()
        self.names.renew()
        self._on_constellation()
        self._way.mark_selection()
        self._floats.show_empty()

    def _on_moves(self, morph: object) -> None:
        """The next change of the map is another drawing: one shall see who goes where."""
        self._morph_ms = REDRAWN_MS

    def _on_forming(self, ids: NDArray[np.int64], xy: NDArray[np.float32]) -> None:
        """Where there is no map yet, one sees it form; one that is known stays until it is done."""
        if len(self._catalogue.map_ids) or not len(ids):
            return
        self.empty.hide()
        self.sky.set_points(ids, xy, self._colors.compute("none", ids), None, 0)
        low, high = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
        self.camera.set_bounds(QRectF(low[0], low[1], high[0] - low[0], high[1] - low[1]))

    def _on_tracks_changed(self) -> None:
        if len(self.sky.ids):
            self._recolor()
            self.names.renew()
        self._mark_music()
        self._floats.show_empty()

    def _on_sliders_changed(self) -> None:
        self._recolor()

    def _on_slider_state(self, slider_id: int) -> None:
        wanted = self._wanted_color()
        ours = wanted == f"slider:{slider_id}" and self._colors.basis(wanted) != self._basis
        if ours or wanted != self._color_key:
            # What a rating taught is shown at once; its faint light and names follow.
            self._recolor(0 if ours else COLOR_MS)
        else:
            self.colors_changed.emit()

    def _on_loudness(self) -> None:
        if self._color_key == "loudness":
            self._recolor()

    def _on_pull_changed(self) -> None:
        """While a handle is dragged the colours follow it; only then they need no fading over."""
        now = time.monotonic()
        dragged, self._pulled_at = now - self._pulled_at < DRAG_S, now
        wanted = self._wanted_color()
        if wanted == STEERING or wanted != self._color_key:
            self._recolor(0 if dragged and wanted == self._color_key else COLOR_MS)
        else:
            self.colors_changed.emit()

    def _wanted_color(self) -> str:
        """The listener's choice while it exists.

        Else how all handles are met, what the armed slider knows, or genre.
        """
        keys = [key for key, _ in self._colors.choices()]
        if self._chosen_color in keys:
            return self._chosen_color
        if STEERING in keys and not self._chosen_color:
            return STEERING
        armed = self._rack.armed
        if armed is not None and f"slider:{armed.id}" in keys:
            return f"slider:{armed.id}"
        return keys[0]

    def _recolor(self, wished_ms: int = COLOR_MS) -> None:
        self._color_key = self._wanted_color()
        coloring = self._colors.compute(self._color_key, self.sky.ids)
        self.legend.show_items(coloring.legend)
        shown, ms = self._shown(coloring, self.sky.ids), self._ms(wished_ms)
        self.sky.set_coloring(coloring, shown, ms)
        self._after_colors()

    def _after_colors(self) -> None:
        self._basis = self._colors.basis(self._color_key)
        slider = self._color_slider()
        self._floats.recolor(slider)
        self._high_stale = True
        self._rename.start()
        self.colors_changed.emit()

    def _color_slider(self) -> tuple[int, str] | None:
        if not self._color_key.startswith("slider:"):
            return None
        slider_id = int(self._color_key.split(":")[1])
        name = next((s.name for s in self._rack.sliders if s.id == slider_id), "")
        return slider_id, name

    def _on_filter_changed(self) -> None:
        self._fade()

    def _kept(self) -> NDArray[np.int64] | None:
        """Of what is shown; a constellation is drawn among all the others, and lets none fade."""
        figure = self._catalogue.source.startswith(CONSTELLATION)
        return None if figure else self._catalogue.filter_ids

    def _shown(self, coloring: Coloring, ids: NDArray[np.int64]) -> NDArray[np.bool_] | None:
        """Which points do not fade: what the search, a large selection and the legend keep."""
        kept = self._kept()
        shown = None if kept is None else among(ids, kept)
        selection = self._catalogue.selection
        if len(selection) > RINGS:
            chosen = among(ids, np.fromiter(selection, np.int64, len(selection)))
            shown = chosen if shown is None else shown & chosen
        if self.legend.chosen:
            meant = coloring.among(self.legend.chosen)
            shown = meant if shown is None else shown & meant
        return shown

    def _fade(self) -> None:
        """Who shall be seen may be others."""
        coloring = self.sky.coloring
        shown = self._shown(coloring, self.sky.ids)
        if shown is not None or self.sky.shown is not None:
            self.sky.set_coloring(coloring, shown, self._ms(COLOR_MS))

    def _on_selection_changed(self) -> None:
        if self._catalogue.selection != self._circled:
            self._circled = ()
            self.bar.hide()
        self._fade()
        self._way.mark_selection()

    def _on_constellation(self) -> None:
        self._way.mark_figure()
        self._show_card()
        self._rename.start()

    def _mark_regions(self) -> None:
        self.marks.marks.regions = [one.corners for one in self._session.regions.all]
        self.names.name_regions()
        self.marks.update()

    def _mark_music(self) -> None:
        self._way.mark_music()
        self._show_card()
        self._rename.start()

    def _on_rename(self) -> None:
        if self._high_stale:
            self._high_stale = False
            self.names.recolor(self._high_text())
        elif not self.camera.moving:
            self._place_names()

    def _high_text(self) -> str | None:
        """What the map says of where its colours are amber."""
        if self._color_key == STEERING:
            return self.tr("fits best")
        slider = self._color_slider()
        return self.tr("high {name}").format(name=slider[1]) if slider else None

    def _ms(self, wished: int) -> int:
        return motion_ms(self, wished) if self.isVisible() else 0

    # ── looking ─────────────────────────────────────────────────────────────────────────────

    def _on_moved(self) -> None:
        lens = self.camera.lens
        self.sky.set_lens(lens, self.camera.moving, self.camera.nearness)
        self.marks.set_lens(lens)
        self.minimap.set_lens(lens)
        self._show_card()

    def _on_rested(self) -> None:
        self.sky.set_lens(self.camera.lens, False, self.camera.nearness)
        ratio = self.canvas.devicePixelRatioF()
        self.marks.star_px = self.sky.star_px / ratio
        self._floats.show_minimap()
        self._place_names()

    def _on_flung(self, speed: QPointF) -> None:
        if motion_ms(self, 1):  # the system may ask for stillness
            self.camera.fling(speed)

    def _place_names(self) -> None:
        room = QRectF(0, 56, self.width(), self.height() - 64)
        self.names.place(self.marks, room, self._floats.taken(), self.camera.nearness)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.camera.set_size(self.width(), self.height())
        self.bar.fit(self.width())
        self._floats.place()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tasting.point(None)

    def _dress(self) -> None:
        self._floats.redress()
        if self._color_key:
            self._recolor()
            self.sky.redress()
        self.marks.redress()

    # ── pointing ────────────────────────────────────────────────────────────────────────────

    def _at(self, at: QPointF) -> int | None:
        """The point under a pixel."""
        lens = self.camera.lens
        x, y = lens.to_map(at.x(), at.y())
        reach = max(HOVER_PX, self.marks.star_px * 1.2) / lens.scale
        return self.sky.near(x, y, reach)

    def _is_chosen(self, at: QPointF) -> bool:
        row = self._at(at)
        return row is not None and int(self.sky.ids[row]) in self._catalogue.selection

    def _on_pointed(self, at: QPointF | None) -> None:
        self._set_hovered(None if at is None else self._at(at))
        self.brush.point(at)
        self._tasting.point(None if self.brush.on else self.hovered_track)

    def _set_hovered(self, row: int | None) -> None:
        if row == self._hovered:
            return
        self._hovered = row
        self.marks.marks.hovered = None if row is None else self._way.place(row)
        self.marks.update()
        self._show_card()

    @property
    def hovered_track(self) -> int | None:
        """The track under the pointer."""
        return None if self._hovered is None else int(self.sky.ids[self._hovered])

    def _on_ratings_changed(self, slider_id: int) -> None:
        self._show_card()

    def _show_card(self) -> None:
        self._floats.show_card(self._hovered)

    def _on_clicked(self, at: QPointF, more: bool) -> None:
        row = self._at(at)
        if row is None:
            if not more:
                self._catalogue.select(())
            return
        track_id = int(self.sky.ids[row])
        before = self._catalogue.selection if more else ()
        if track_id in before:
            self._catalogue.select([i for i in before if i != track_id])
        else:
            self._catalogue.select([*before, track_id])

    def _on_double_clicked(self, at: QPointF) -> None:
        row = self._at(at)
        if row is not None:
            self._playback.play([int(self.sky.ids[row])])

    def _on_menu_asked(self, at: QPointF) -> None:
        row = self._at(at)
        if row is None:
            return
        track_id = int(self.sky.ids[row])
        if track_id not in self._catalogue.selection:
            self._catalogue.select([track_id])
        menu = self.chosen.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.canvas.mapToGlobal(at.toPoint()))

    # ── from one track to another ───────────────────────────────────────────────────────────

    def _finds(self, at: QPointF) -> bool:
        return self._at(at) is not None

    def _on_joining(self, start: QPointF, end: QPointF) -> None:
        """The line goes from star to star, or to where the pointer is."""
        first, row = self._at(start), self._at(end)
        if first is not None:
            lens = self.camera.lens
            there = lens.to_map(end.x(), end.y()) if row is None else self._way.place(row)
            self.marks.marks.joining = (self._way.place(first), there)
            self._set_hovered(row)
            self.marks.update()

    def _on_joined(self, start: QPointF, end: QPointF) -> None:
        self.marks.marks.joining = None
        self.marks.update()
        first, last = self._at(start), self._at(end)
        if first is not None and last is not None and first != last:
            self.joined.emit(int(self.sky.ids[first]), int(self.sky.ids[last]))

    # ── the lasso ───────────────────────────────────────────────────────────────────────────

    def _on_drawing(self, line: list[tuple[float, float]]) -> None:
        self.marks.marks.lasso = line
        self.marks.update()

    def _on_circled(self, line: list[tuple[float, float]]) -> None:
        self.marks.marks.lasso = []
        self.marks.update()
        found = self.tracks_inside(line)
        corners = thinned(line, 6.0).tolist()
        self.drawn = [self.camera.lens.to_map(x, y) for x, y in corners]
        self.set_lasso(False)
        self._circled = tuple(found)
        self._catalogue.select(found)
        if found:
            self.bar.show_count(len(found), self.width())
            self._floats.place()

    def tracks_inside(self, line: list[tuple[float, float]]) -> list[int]:
        """Ids of the visible tracks within a line drawn on the view, in pixels."""
        polygon = thinned(line, 3.0)
        if len(polygon) < 3:
            return []
        lens = self.camera.lens
        corners = np.array([lens.to_map(x, y) for x, y in polygon.tolist()])
        rows = self.sky.grid.inside(corners)
        if self.sky.shown is not None:
            rows = rows[self.sky.shown[rows]]
        found: list[int] = self.sky.ids[rows].tolist()
        return found

    def _on_escaped(self) -> None:
        self.set_lasso(False)
        self.brush.set_on(False)
        self.bar.hide()
        self._catalogue.select(())
