"""The window: sources left, map or list in the centre, sliders and up next right, player below.

Main thread. It shows the session and hands the listener's wishes to it; it decides nothing itself.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPoint, Qt, QUrl
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QDialog, QSplitter, QVBoxLayout, QWidget

from sliders_desktop.gui.about_dialog import AboutDialog
from sliders_desktop.gui.actions import Actions
from sliders_desktop.gui.centre import Centre
from sliders_desktop.gui.commands import key_text
from sliders_desktop.gui.constellation_wishes import ConstellationWishes
from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.dropped_files import folders_in, playlists_in, sliders_in
from sliders_desktop.gui.first_run import choose_folder
from sliders_desktop.gui.import_dialog import ImportDialog
from sliders_desktop.gui.journey_dialog import JourneyDialog
from sliders_desktop.gui.list_wishes import ListWishes
from sliders_desktop.gui.main_menu import MainMenu
from sliders_desktop.gui.output_picker import OutputNotice
from sliders_desktop.gui.panes import focus_into, neighbour
from sliders_desktop.gui.player_bar import PlayerBar
from sliders_desktop.gui.playlist_wishes import PlaylistWishes
from sliders_desktop.gui.problems_dialog import ProblemsDialog
from sliders_desktop.gui.rating_exchange import RatingFiles
from sliders_desktop.gui.rating_overlay import RatingOverlay, was_open
from sliders_desktop.gui.region_wishes import RegionWishes
from sliders_desktop.gui.scrobble_dialog import ScrobbleDialog
from sliders_desktop.gui.settings_dialog import SettingsDialog
from sliders_desktop.gui.share_dialog import ShareDialog
from sliders_desktop.gui.shortcuts_sheet import ShortcutsSheet
from sliders_desktop.gui.sidebar import Sidebar
from sliders_desktop.gui.sidebar_rows import START_WIDTH
from sliders_desktop.gui.slider_files import choose_slider
from sliders_desktop.gui.slider_panel import SliderPanel
from sliders_desktop.gui.teach_dialog import TeachDialog
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.up_next import UpNext
from sliders_desktop.gui.window_memory import LEAST_SIZE, WindowMemory, first_size
from sliders_desktop.gui.wishes import Wishes
from sliders_desktop.gui.words_dialog import WordsDialog

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

RIGHT_WIDTH = 336
COMPACT_SIZE = (400, 620)


class MainWindow(QWidget):
    """Everything in one window."""

    def __init__(self, session: "Session", theme: Theme, covers: Covers) -> None:
        super().__init__()
        self._session, self._theme, self._covers = session, theme, covers
        self.native_dialogs = True  # tests drive Qt's own folder dialog instead
        self._alt_alone = False
        self._dialogs: dict[str, Any] = {}
        self._overlay: RatingOverlay | None = None
        self._newer = ""  # the page of a newer version
        self._shown_once = False
        self.setWindowTitle(self.tr("Sliders"))
        self.setAcceptDrops(True)
        self.sidebar = Sidebar(session, theme)
        self.centre = Centre(session, theme, covers)
        self.slider_panel = SliderPanel(session, theme)
        self.up_next = UpNext(session, theme, covers)
        self.player_bar = PlayerBar(session, theme, covers)
        self._lay_out()
        self.output_notice = OutputNotice(session, theme, self, self.player_bar)
        self.wishes = Wishes(session, self.centre)
        self.files = RatingFiles(session, self.centre.toast, self)
        self.list_wishes = ListWishes(session, self.centre, self)
        self.playlist_wishes = PlaylistWishes(session, self.centre, self)
        self.constellation_wishes = ConstellationWishes(session, self.centre, self)
        self.region_wishes = RegionWishes(session, self.centre, self)
        self.actions_table = Actions(session, self)
        self.menu = MainMenu(session, self.actions_table, self)
        self._sheet: ShortcutsSheet | None = None
        self._connect()
        self.memory = WindowMemory(session, self)
        self.memory.restore()
        self.centre.take_keyboard()

    def _lay_out(self) -> None:
        self.right = QSplitter(Qt.Orientation.Vertical)
        self.right.setHandleWidth(1)
        self.right.setMinimumWidth(260)
        self.right.addWidget(self.slider_panel)
        self.right.addWidget(self.up_next)
        self.right.setSizes([370, 430])
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        self.columns.setHandleWidth(1)
        for part in (self.sidebar, self.centre, self.right):
            self.columns.addWidget(part)
        self.columns.setCollapsible(1, False)
        for at, stretch in enumerate((0, 1, 0)):
            self.columns.setStretchFactor(at, stretch)
        self.columns.setSizes([START_WIDTH, 890, RIGHT_WIDTH])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.columns, 1)
        column.addWidget(self.player_bar)
        self.setMinimumSize(*LEAST_SIZE)
        self.resize(first_size(self.screen().availableSize()))

    def _connect(self) -> None:
        session = self._session
        session.message.connect(self.centre.toast.tell)
        session.updates.found.connect(self._on_newer_version)
        session.rack.rated.connect(self._on_rated)
        session.rack.rated_many.connect(self._on_rated_many)
        session.learned.said_of_many.connect(self._say_of_many)
        session.settings_changed.connect(self._on_settings_changed)
        session.playback.current_changed.connect(self._on_current_changed)
        self.slider_panel.life.done.connect(self._on_word_changed)
        self.slider_panel.all_wanted.connect(self.show_words)
        self.sidebar.menu_wanted.connect(self.open_menu)
        self.sidebar.problems_wanted.connect(self.show_problems)
        for section, wishes in (
            (self.sidebar.lists, self.list_wishes),
            (self.sidebar.playlists, self.playlist_wishes),
            (self.sidebar.constellations, self.constellation_wishes),
            (self.sidebar.regions, self.region_wishes),
        ):
            section.menu_wanted.connect(wishes.show_menu)
            section.rename_wanted.connect(wishes.rename)
            section.delete_wanted.connect(wishes.delete)
            section.play_wanted.connect(wishes.play)
        playlists, hand = self.sidebar.playlists, self.playlist_wishes
        playlists.new_wanted.connect(hand.new)
        playlists.tracks_dropped.connect(hand.add)
        playlists.file_dropped.connect(hand.take_in_at)
        self.centre.playlist_wanted.connect(hand.new)
        self.centre.region_wanted.connect(self.region_wishes.keep)
        self._connect_constellations()
        self.centre.top_bar.keep_wanted.connect(self.list_wishes.keep_search)
        self.centre.export_wanted.connect(self.list_wishes.export_chosen)
        self.centre.first_run.folder_wanted.connect(self.choose_folder)
        self.centre.first_run.demo_wanted.connect(session.work.open_demo)
        self.player_bar.new_slider_wanted.connect(self.new_slider)
        self.slider_panel.share_wanted.connect(self.share_slider)
        self.player_bar.current_wanted.connect(self.go_to_playing)
        self._theme.changed.connect(self.update)

    def _connect_constellations(self) -> None:
        section, wishes = self.sidebar.constellations, self.constellation_wishes
        section.new_wanted.connect(wishes.new)
        section.opened.connect(wishes.open)
        section.tracks_dropped.connect(wishes.add)
        self.centre.constellation_wanted.connect(wishes.new)
        card = self.centre.card
        card.menu_wanted.connect(wishes.show_menu)
        card.star_menu_wanted.connect(wishes.show_star_menu)
        card.export_wanted.connect(wishes.export_list)
        card.rename_wanted.connect(wishes.rename)
        card.journey_wanted.connect(wishes.journey)
        self.centre.journey_wanted.connect(wishes.journey_between)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.memory.save()
        for dialog in self._dialogs.values():
            dialog.close()
        if self._overlay is not None:
            self._overlay.close_with_window()
        event.accept()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._shown_once:
            self._shown_once = True
            if was_open(self._session):
                self.overlay.open(by_hand=False)

    # ── the map comes later ─────────────────────────────────────────────────────────────────

    def show_map(self) -> None:
        """Build the map; the app calls this once its libraries are loaded."""
        self.centre.show_map()

    # ── library ─────────────────────────────────────────────────────────────────────────────

    def choose_folder(self) -> None:
        folder = choose_folder(self, self.native_dialogs)
        if folder:
            self._session.work.add_folder(folder)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if folders_in(event) or sliders_in(event) or playlists_in(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for folder in folders_in(event):
            self._session.work.add_folder(folder)
        for path in sliders_in(event)[:1]:
            self.open_slider(path)
        for path in playlists_in(event):
            self.playlist_wishes.take_in(path)
        event.acceptProposedAction()

    def show_problems(self) -> None:
        self._open("problems", ProblemsDialog)

    def show_settings(self) -> None:
        self._open("settings", SettingsDialog)

    def show_teaching(self) -> None:
        self._open("teach", TeachDialog)

    def show_scrobbling(self) -> None:
        self._open("listenbrainz", ScrobbleDialog)

    def show_journey(self, start: int | None, end: int | None) -> None:
        """Ask for a journey between these tracks, as far as they are known."""
        dialog = self._dialogs.get("journey")
        if isinstance(dialog, JourneyDialog) and dialog.isVisible():
            dialog.set_ends(start, end)
            dialog.raise_()
            return
        dialog = JourneyDialog(self._session, self._theme, start, end, self)
        dialog.keep_wanted.connect(self.playlist_wishes.make)
        dialog.export_wanted.connect(self.playlist_wishes.export)
        self._show_dialog("journey", dialog)

    def show_neighbourhood(self) -> None:
        """What lies near on the map, as a list; with the map comes its module."""
        self.show_map()
        from sliders_desktop.gui.neighbourhood import Neighbourhood

        view = self.centre.map
        self._show_dialog("near", Neighbourhood(self._session, self._theme, view, self))

    def show_words(self) -> None:
        self._open("words", WordsDialog)

    def show_history(self) -> None:
        self.slider_panel.life.show_history()

    def _open(
        self,
        name: str,
        kind: type[
            AboutDialog
            | ProblemsDialog
            | ScrobbleDialog
            | SettingsDialog
            | TeachDialog
            | WordsDialog
        ],
    ) -> None:
        self._show_dialog(name, kind(self._session, self._theme, self))

    def _show_dialog(self, name: str, dialog: QDialog) -> None:
        """One dialog of a kind, beside the window rather than in its way."""
        old = self._dialogs.pop(name, None)
        if old is not None:
            old.close()
            old.deleteLater()
        self._dialogs[name] = dialog
        dialog.show()

    # ── the overlay ─────────────────────────────────────────────────────────────────────────────

    @property
    def overlay(self) -> RatingOverlay:
        """The small window that rates what plays; built when it is first wanted."""
        if self._overlay is None:
            self._overlay = RatingOverlay(
                self._session, self._theme, self._covers, self.actions_table
            )
            self._overlay.opened.connect(self.actions_table.by_name["overlay"].setChecked)
            self._overlay.window_wanted.connect(self.come_forward)
        return self._overlay

    def set_overlay(self, shown: bool) -> None:
        if shown:
            self.overlay.open()
        elif self._overlay is not None:
            self._overlay.close()

    def come_forward(self) -> None:
        """From behind other windows, or from the task bar."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    # ── looking ─────────────────────────────────────────────────────────────────────────────

    def go_to_playing(self) -> None:
        current = self._session.playback.current
        if current is not None:
            self.centre.go_to(current.id)

    def new_slider(self) -> None:
        self.slider_panel.ask_new()

    def share_slider(self, slider_id: int | None = None) -> None:
        """Make a file of a slider, of the armed one if none is named."""
        rack = self._session.rack
        slider = rack.armed if slider_id is None else rack.slider(slider_id)
        if slider is None:
            self.centre.toast.say(self.tr("Invent a slider first, then share what it learned."))
            return
        dialog = ShareDialog(self._session, self._theme, slider, self)
        dialog.native_dialogs = self.native_dialogs
        self._show_dialog("share", dialog)

    def choose_slider(self) -> None:
        path = choose_slider(self, self.native_dialogs)
        if path:
            self.open_slider(path)

    def open_slider(self, path: str) -> None:
        """Show what the slider in a file would mean here."""
        self._show_dialog("import", ImportDialog(self._session, self._theme, Path(path), self))

    def _on_newer_version(self, version: str, address: str) -> None:
        self._newer = address
        self.centre.toast.say(
            self.tr("There is a newer version: Sliders {version}").format(version=version),
            action=self.tr("Show"),
            act=self.show_newer_version,
            tip=address,
        )

    def show_newer_version(self) -> None:
        """Its page, in the listener's browser; nothing is fetched here."""
        QDesktopServices.openUrl(QUrl(self._newer))

    def _on_current_changed(self) -> None:
        current = self._session.playback.current
        name = self.tr("Sliders")
        self.setWindowTitle(f"{current.title} — {current.artist} · {name}" if current else name)

    def _on_rated(self, track_id: int, slider_id: int, value: object, sentence: str) -> None:
        self.centre.toast.say(sentence)

    def _on_rated_many(self, slider_id: int, words: str) -> None:
        slider = self._session.rack.slider(slider_id)
        if slider is not None:
            self._say_of_many(f"{slider.name}: {words}")

    def _say_of_many(self, sentence: str) -> None:
        undo = self.tr("Undo")
        tip = self.tr("Take them back ({key})").format(key=key_text("Ctrl+Z"))
        self.centre.toast.say(sentence, action=undo, act=self.wishes.undo, tip=tip)

    def _on_word_changed(self, sentence: str) -> None:
        undo, tip = self.tr("Undo"), self.tr("Take it back ({key})").format(key=key_text("Ctrl+Z"))
        self.centre.toast.say(sentence, action=undo, act=self.wishes.undo, tip=tip)

    def toggle_view(self) -> None:
        self.centre.show_view("list" if self.centre.view == "map" else "map")

    def toggle_lasso(self) -> None:
        self.centre.toggle_lasso()

    def start_search(self) -> None:
        self.centre.top_bar.start_search()

    def set_compact(self, compact: bool) -> None:
        self.memory.set_compact(compact)

    def set_full_screen(self, full: bool) -> None:
        if full:
            self.showFullScreen()
        else:
            self.showNormal()

    def move_to_pane(self, step: int) -> None:
        """Give the keyboard to the next or previous part of the window."""
        card = self.centre.card  # before the centre, which holds it
        parts = (
            *(self.sidebar, card, self.centre),
            *(self.slider_panel, self.up_next, self.player_bar),
        )
        part = neighbour(parts, self.focusWidget(), step)
        if part is self.centre:
            self.centre.take_keyboard()
        elif part is card:
            card.take_keyboard()
        else:
            focus_into(part)

    def show_keys(self) -> None:
        if self._sheet is None:
            self._sheet = ShortcutsSheet(self._theme, self.actions_table.sheet(), self)
        if self._sheet.isVisible():
            self._sheet.hide()
        else:
            self._sheet.open()

    def open_menu(self) -> None:
        button = self.sidebar.menu_button
        if button.isVisible():
            self.menu.popup(button.mapToGlobal(QPoint(0, button.height() + 4)))
        else:
            self.menu.popup(self.mapToGlobal(QPoint(12, 12)))

    def show_about(self) -> None:
        self._open("about", AboutDialog)

    def set_theme(self, choice: str) -> None:
        self._session.set_setting("theme", choice)

    def _on_settings_changed(self) -> None:
        self._theme.set_choice(self._session.settings.theme)

    # ── keys that no widget wanted ──────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._alt_alone = event.key() == Qt.Key.Key_Alt
        if not self.actions_table.take_key(event):
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            # A key of ours beside Alt never comes as a key press: Alt was not alone all the same.
            self._alt_alone = self._alt_alone and event.key() == Qt.Key.Key_Alt
        return super().event(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Alt and self._alt_alone:
            self.open_menu()
        self._alt_alone = False
        super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange:
            self._alt_alone = False
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.panel)
