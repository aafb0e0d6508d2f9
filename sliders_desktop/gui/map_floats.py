"""What floats over the map, and what it says: card, minimap, legend, selection bar, first words."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtWidgets import QLabel, QWidget

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.map_camera import MapCamera
from sliders_desktop.gui.map_legend import Legend
from sliders_desktop.gui.map_overlay import MapCard, Minimap, SelectionBar
from sliders_desktop.gui.map_sky import MapSky
from sliders_desktop.gui.pieces import REASON_ROLES
from sliders_desktop.gui.theme import Theme
from sliders_desktop.session.keys import number_of
from sliders_desktop.session.wording import ordinal

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

FIRST_MAP = 200  # tracks
MINIMAP_FROM_PX = 600
GAP = 16
OTHERS = 2  # sliders beside the one that matters here
ABOVE_THE_TOAST = 104  # what the bar did is said below it


class MapFloats(QObject):
    """Fills and places the small widgets of ``view``."""

    def __init__(
        self,
        session: "Session",
        theme: Theme,
        covers: Covers,
        sky: MapSky,
        camera: MapCamera,
        view: QWidget,
    ) -> None:
        super().__init__(view)
        self._session = session
        self._theme, self._covers = theme, covers
        self._shown_id: int | None = None  # the track of the card
        covers.ready.connect(self._on_cover)
        self._sky = sky
        self._camera = camera
        self._view = view
        self._slider: tuple[int, str] | None = None
        self.beside = QRectF()  # what the window lays over the map
        self.card = MapCard(theme, view)
        self.minimap = Minimap(theme, view)
        self.legend = Legend(theme, view)
        self.bar = SelectionBar(theme, view)
        self.empty = QLabel(view)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.minimap.wanted.connect(camera.look_at)

    def recolor(self, slider: tuple[int, str] | None) -> None:
        """The points have other colours: those of this ``slider`` (id, name), if of one."""
        self._slider = slider
        self.minimap.set_points(self._sky.grid, self._sky.words)
        self.minimap.set_lens(self._camera.lens)
        self.legend.show_items(self._sky.coloring.legend)
        self.place()

    def place(self) -> None:
        """Everything to its corner."""
        wide, tall = self._view.width(), self._view.height()
        self.minimap.move(GAP, tall - self.minimap.height() - GAP)
        right = wide - self.legend.width() - GAP
        under = self.beside.bottom() > tall - self.legend.height() - 2 * GAP
        if under and not self.beside.isEmpty():
            right = max(GAP, round(self.beside.left()) - self.legend.width() - GAP)
        self.legend.move(right, tall - self.legend.height() - GAP)
        self.bar.move((wide - self.bar.width()) // 2, tall - ABOVE_THE_TOAST)
        self.empty.setGeometry(40, 60, max(1, wide - 80), max(1, tall - 120))

    def taken(self) -> list[QRectF]:
        """Where no name should stand."""
        floating = (self.card, self.minimap, self.legend, self.bar)
        shown = [QRectF(widget.geometry()) for widget in floating if widget.isVisible()]
        return shown if self.beside.isEmpty() else [*shown, self.beside]

    def show_minimap(self) -> None:
        """In a small view only once it shows something that the view itself doesn't."""
        roomy = self._view.width() >= MINIMAP_FROM_PX
        some = bool(len(self._sky.ids))
        self.minimap.setVisible(some and (roomy or not self._camera.at_home))

    def show_card(self, hovered: int | None) -> None:
        """Beside the star under the pointer, else beside what plays."""
        row, current = hovered, self._session.playback.current
        if row is None and current is not None:
            row = self._sky.row(current.id)
        track = None
        if row is not None:
            track = self._session.catalogue.track(int(self._sky.ids[row]))
        self._shown_id = None
        if row is None or track is None:
            self.card.hide()
            return
        x, y = self._sky.xy[row].tolist()
        at = QPointF(*self._camera.lens.to_view(x, y))
        if not QRectF(self._view.rect()).contains(at):
            self.card.hide()
            return
        within = self._view.size()
        if not self.beside.isEmpty() and at.x() < self.beside.left():
            within.setWidth(round(self.beside.left()))
        self._shown_id = track.id
        ratio = self._view.devicePixelRatioF()
        cover = self._covers.request(track.id, self.card.COVER_PX, ratio)
        lines = [self._says(track.id, track.artist), self._others(track.id)]
        if self._session.tasting.track_id == track.id:
            lines.append([(self.tr("♪ a taste of it"), "faint")])
        self.card.show_track(track.title, lines, cover, at, within)

    def _on_cover(self, track_id: int) -> None:
        if track_id == self._shown_id and self.card.isVisible():
            ratio = self._view.devicePixelRatioF()
            self.card.set_cover(self._covers.request(track_id, self.card.COVER_PX, ratio))

    def _others(self, track_id: int) -> list[tuple[str, str]]:
        """What the other lit sliders say, in few words."""
        learned, first = self._session.learned, self._first_slider()
        said = []
        for slider in learned.lit_sliders():
            value = learned.percentile(slider.id, track_id)
            if value is not None and (first is None or slider.id != first[0]):
                said.append((f"{slider.name} {ordinal(round(100 * value))}", "soft"))
        return said[:OTHERS]

    def _first_slider(self) -> tuple[int, str] | None:
        """The one that matters here: it colours the map, or is armed and lit, or the first lit."""
        if self._slider is not None:
            return self._slider
        lit, armed = self._session.learned.lit_sliders(), self._session.rack.armed
        best = armed if armed in lit else (lit[0] if lit else None)
        return (best.id, best.name) if best is not None else None

    def _says(self, track_id: int, artist: str) -> list[tuple[str, str]]:
        """The card's second line: artist, and the percentile on the slider that matters here."""
        parts = [(artist, "soft")] if artist else []
        follows = self._session.journeys.picks or self._session.constellations.path
        pick = next((pick for pick in follows if pick.track_id == track_id), None)
        if pick is not None:  # a ghost says why it is one
            return parts + [(text, REASON_ROLES.get(kind, "soft")) for text, kind in pick.parts]
        rack, learned, slider = self._session.rack, self._session.learned, self._first_slider()
        percentile = learned.percentile(slider[0], track_id) if slider is not None else None
        if slider is not None and percentile is not None:
            parts.append((f"{slider[1]} {ordinal(round(100 * percentile))}", "lit"))
        armed = rack.armed
        rated = rack.rating(track_id, armed.id) if armed is not None else None
        if armed is not None and rated is not None:
            said = self.tr("rated {n}").format(n=number_of(rated))
            known = slider is not None and slider[0] == armed.id and percentile is not None
            parts.append((said if known else f"{armed.name} {said}", "text"))
        return parts

    def show_empty(self) -> None:
        """Where there is no map yet: what it waits for, and what to do."""
        some = bool(len(self._sky.ids))
        self.empty.setVisible(not some)
        self.show_minimap()
        if some:
            return
        catalogue = self._session.catalogue
        heard, total = catalogue.heard_count, catalogue.track_count
        if not total:
            text = self.tr("Choose your music folder: the map draws itself while Sliders listens.")
        else:
            text = self.tr(
                "The map appears when {needed} tracks have been heard – {heard} so far.\n"
                "Sliders listens in the background; you can play anything meanwhile."
            ).format(needed=f"{min(FIRST_MAP, total):,}", heard=f"{heard:,}")
        self.empty.setText(text)

    def redress(self) -> None:
        """The theme has changed."""
        self.empty.setFont(self._theme.font(13))
        self.empty.setStyleSheet(f"color: {self._theme.soft.name()}; background: transparent;")
