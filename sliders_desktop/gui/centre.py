"""The middle of the window: first run, list or map, with the top bar and the toast over them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from sliders_desktop.gui.constellation_card import ConstellationCard
from sliders_desktop.gui.first_run import FirstRun
from sliders_desktop.gui.search_note import SearchNote
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.toast import Toast
from sliders_desktop.gui.top_bar import HEIGHT, TopBar
from sliders_desktop.gui.track_table import TrackTable

if TYPE_CHECKING:
    from sliders_desktop.gui.covers import Covers
    from sliders_desktop.session.session import Session

BUSY = ("running", "paused")
NARROW_PX = 620  # where an open constellation is folded, until the listener unfolds it


class _MapSoon(QWidget):
    """The map's ground until the map itself can be built."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Getting the map ready"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.ground)
        painter.setFont(self._theme.font(12.5))
        painter.setPen(self._theme.soft)
        painter.drawText(
            self.rect(), Qt.AlignmentFlag.AlignCenter, self.tr("getting the map ready")
        )


class Centre(QWidget):
    """Shows one of three pages; the choice between map and list is the listener's.

    Signals:
        view_changed(str): "map" or "list".
        export_wanted(): the chosen tracks shall be written as a playlist.
        playlist_wanted(), constellation_wanted(): a new one shall be made of them.
        region_wanted(list): what was drawn around on the map shall be kept, in its coordinates.
        journey_wanted(int, int): from one track to another.
    """

    view_changed = Signal(str)
    export_wanted = Signal()
    playlist_wanted = Signal()
    constellation_wanted = Signal()
    region_wanted = Signal(list)
    journey_wanted = Signal(int, int)

    def __init__(
        self, session: "Session", theme: Theme, covers: "Covers", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._theme, self._covers = session, theme, covers
        self.view = "map"
        self._map_awaited = False
        self._offered = False  # another encoder's map, in this run
        self.map: Any = None  # MapView, once pyqtgraph is there
        self.setMinimumWidth(400)
        self.views = QStackedWidget(self)
        self.first_run = FirstRun(session, theme)
        self._map_soon: QWidget | None = _MapSoon(theme)
        self._map_page = QWidget()
        _fill(self._map_page, self._map_soon)
        self.table = TrackTable(session, theme)
        self.table.export_wanted.connect(self.export_wanted)
        self.table.playlist_wanted.connect(self.playlist_wanted)
        self.table.constellation_wanted.connect(self.constellation_wanted)
        self._list_page = QWidget()
        _fill(self._list_page, self.table, HEIGHT, 8)
        self.pages = {"map": self._map_page, "list": self._list_page, "first": self.first_run}
        for page in self.pages.values():
            self.views.addWidget(page)
        self.top_bar = TopBar(session, theme, self)
        self.top_bar.view_chosen.connect(self.show_view)
        self.top_bar.search_left.connect(self.take_keyboard)
        self.note = SearchNote(session, theme, self.top_bar.search, self)
        self.card = ConstellationCard(session, theme, self)
        self.card.fitted.connect(self._place_card)
        self.card.left.connect(self.take_keyboard)
        self.toast = Toast(theme, self)
        session.catalogue.tracks_changed.connect(self.refresh)
        session.catalogue.map_changed.connect(self._on_map_changed)
        session.work.changed.connect(self._on_work_changed)
        session.work.atlas.moves.connect(self._on_moves)
        session.work.atlas.state_changed.connect(self._on_map_state)
        theme.changed.connect(self.update)
        self.refresh()

    # ── pages ───────────────────────────────────────────────────────────────────────────────

    def empty(self) -> bool:
        """No track, and nobody is looking for one."""
        work, catalogue = self._session.work, self._session.catalogue
        if catalogue.track_count or not catalogue.loaded:
            return False
        states = [work.status(name) for name in ("found", "demo")]
        return not any(status is not None and status.state in BUSY for status in states)

    def refresh(self) -> None:
        """Choose the page that fits what there is."""
        leaving = self.views.currentWidget() is self.first_run and not self.empty()
        if leaving and not len(self._session.catalogue.map_ids):
            # The first tracks can be played long before there is a map of them.
            self.view, self._map_awaited = "list", True
        page = "first" if self.empty() else self.view
        self.views.setCurrentWidget(self.pages[page])
        if leaving:
            self.take_keyboard()
        self.top_bar.setVisible(page != "first")
        self.top_bar.switch.show_key(self.view)
        self.top_bar.show_map_tools(page == "map" and self.map is not None)
        self.top_bar.raise_()
        self._place_card()
        self.note.show_over(page)

    def show_view(self, view: str) -> None:
        """ "map" or "list"."""
        if view not in ("map", "list"):
            return
        self.view = view
        self._map_awaited = self._map_awaited and view == "list"
        self.refresh()
        self.take_keyboard()
        self.view_changed.emit(view)

    def take_keyboard(self) -> None:
        """Give the keyboard to what is shown."""
        if self.empty():
            self.first_run.choose.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.view == "list":
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            (self.map or self._map_soon or self).setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_work_changed(self, name: str) -> None:
        if name in ("found", "demo"):
            self.refresh()

    def _on_map_changed(self) -> None:
        if self._map_awaited and len(self._session.catalogue.map_ids):
            self._map_awaited = False
            if self.view == "list":
                self.toast.say(self.tr("Your map is drawn: press M to see it."))

    def _on_moves(self, morph: object) -> None:
        """Points wander to another drawing; if that is not wanted, there is a way back."""
        self.toast.say(
            self.tr("The map was drawn anew, from where it was."),
            action=self.tr("Undo"),
            act=self.take_map_back,
            tip=self.tr("The map as it was; once more: as it is now"),
        )

    def take_map_back(self) -> None:
        """The map before the last drawing; once more, the one of now."""
        atlas = self._session.work.atlas
        if atlas.can_undo:
            atlas.undo()
        else:
            self.toast.say(self.tr("There is no drawing of the map to take back."))

    def _on_map_state(self) -> None:
        """New ears: their map is offered, once, and never sprung."""
        atlas = self._session.work.atlas
        if atlas.offer and not self._offered:
            self._offered = True
            self.toast.say(
                atlas.offer, action=self.tr("Draw it"), act=atlas.accept,
                tip=self.tr("Draw the map anew; it can be taken back"),
            )  # fmt: skip

    # ── the map ─────────────────────────────────────────────────────────────────────────────

    def show_map(self) -> None:
        """Build the map; pyqtgraph is imported here and nowhere earlier."""
        if self.map is not None:
            return
        from sliders_desktop.gui.map_view import MapView

        had_keyboard = self._map_soon is not None and self._map_soon.hasFocus()
        self.map = MapView(self._session, self._theme, self._covers)
        layout = self._map_page.layout()
        assert layout is not None
        layout.addWidget(self.map)
        if self._map_soon is not None:
            self._map_soon.hide()
            self._map_soon.deleteLater()
            self._map_soon = None
        self.map.lasso_changed.connect(self.top_bar.lasso.setChecked)
        self.map.colors_changed.connect(self._show_colors)
        self.map.chosen.export_wanted.connect(self.export_wanted)
        self.map.chosen.playlist_wanted.connect(self.playlist_wanted)
        self.map.chosen.constellation_wanted.connect(self.constellation_wanted)
        self.map.chosen.region_wanted.connect(self._on_region_wanted)
        self.map.picture.failed.connect(self.toast.say)
        self.map.picture.saved.connect(self._on_picture)
        self.map.joined.connect(self.journey_wanted)
        self.top_bar.lasso_wanted.connect(self.map.set_lasso)
        self.top_bar.color_chosen.connect(self._on_color)
        self._show_colors()
        self.refresh()
        if had_keyboard:
            self.take_keyboard()

    def toggle_lasso(self) -> None:
        if self.map is not None and self.view == "map":
            self.map.set_lasso(not self.top_bar.lasso.isChecked())

    def _on_picture(self, path: str) -> None:
        self.toast.say(self.tr("The map is in {0}.").format(Path(path).name))

    def _on_region_wanted(self) -> None:
        self.region_wanted.emit(self.map.drawn)

    def toggle_brush(self) -> None:
        """Play what lies under the pointer, or no longer."""
        if self.map is not None and self.view == "map":
            self.map.brush.set_on(not self.map.brush.on)
            if self.map.brush.on:
                self.toast.say(
                    self.tr("What you rest on plays. Shift and the wheel: larger, Esc: no more.")
                )

    def travel(self, step: int) -> None:
        """Back (-1) or forward (1) to where one was on the map."""
        if self.map is not None and self.view == "map":
            (self.map.places.back if step < 0 else self.map.places.forward)()

    def _show_colors(self) -> None:
        self.top_bar.set_colors(self.map.color_choices(), self.map.color_key)

    def _on_color(self, key: str) -> None:
        self.map.set_color(key)
        self._show_colors()

    @property
    def hovered(self) -> int | None:
        """The track under the pointer, where the map is shown."""
        return self.map.hovered_track if self.map is not None and self.view == "map" else None

    def go_to(self, track_id: int) -> None:
        """Choose a track and bring it into view."""
        if self.view == "list":
            self.table.go_to(track_id)
        else:
            self._session.catalogue.select([track_id])
            if self.map is not None:
                self.map.go_to(track_id)

    # ── layout ──────────────────────────────────────────────────────────────────────────────

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.views.setGeometry(self.rect())
        self.top_bar.setGeometry(0, 0, self.width(), HEIGHT)
        self._place_card()

    def _place_card(self) -> None:
        """Over the map's right edge; the list makes room for it, but not for a folded one."""
        shown = self.card.isVisibleTo(self) and not self.empty()
        if shown:
            self.card.set_narrow(self.width() < NARROW_PX)
            low = self.view == "list" and self.card.folded
            self.card.place(self.rect().adjusted(0, HEIGHT + 4, -16, -16), low)
            self.card.raise_()
            self.toast.raise_()
        box = self.card.geometry()
        layout = self._list_page.layout()
        if layout is not None:
            beside = box.width() + 32 if shown and not self.card.folded else 0
            layout.setContentsMargins(8, HEIGHT, beside, 0)
        if self.map is not None:
            self.map.set_beside(QRectF(box) if shown else QRectF())

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.ground)


def _fill(page: QWidget, inside: QWidget, above: int = 0, left: int = 0) -> None:
    layout = QVBoxLayout(page)
    layout.setContentsMargins(left, above, 0, 0)
    layout.addWidget(inside)
