"""Up next: what will play and why, the three knobs, and how to change it by hand. Main thread."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from sliders_desktop.gui.controls import ElidedLabel
from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.knobs import KnobSet
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.up_next_list import UpNextList

if TYPE_CHECKING:
    from sliders_desktop.session.queue import Upcoming
    from sliders_desktop.session.session import Session

_PLAIN, _SHIFT, _ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
#: What the list does itself while it has the keyboard and a row is chosen.
_KEYS = {
    (Qt.Key.Key_Delete, _PLAIN),
    (Qt.Key.Key_Return, _PLAIN),
    (Qt.Key.Key_Enter, _PLAIN),
    (Qt.Key.Key_Return, _SHIFT),
    (Qt.Key.Key_R, _PLAIN),
    (Qt.Key.Key_Up, _ALT),
    (Qt.Key.Key_Down, _ALT),
    (Qt.Key.Key_Right, _PLAIN),
    (Qt.Key.Key_Left, _PLAIN),
}
_SIDES = (Qt.Key.Key_Left, Qt.Key.Key_Right)


class UpNext(QWidget):
    """Header with the three knobs, and the queue."""

    def __init__(
        self, session: "Session", theme: Theme, covers: Covers, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._playback = session.playback
        self._theme = theme
        self.setAccessibleName(self.tr("Up next"))

        self.title = QLabel(self.tr("Up next"))
        self.leads = ElidedLabel(theme, theme.font(11.5), "soft")
        self.knobs = KnobSet(theme, self)
        self.knobs.turned.connect(self._playback.set_knobs)
        header = QGridLayout()
        header.setContentsMargins(16, 8, 16, 4)
        header.setHorizontalSpacing(16)
        header.setVerticalSpacing(0)
        names = QHBoxLayout()
        names.setSpacing(8)
        names.addWidget(self.title)
        names.addWidget(self.leads, 1, Qt.AlignmentFlag.AlignVCenter)
        header.addLayout(names, 0, 0)
        header.addWidget(self.knobs.near_far, 0, 1)
        header.addWidget(self.knobs.forgotten, 1, 0)
        header.addWidget(self.knobs.artist, 1, 1)

        self.list = UpNextList(session, theme, covers, self)
        self.list.setAccessibleName(self.tr("Up next"))
        self.list.installEventFilter(self)
        self.list.activated.connect(self._on_activated)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.why.more_wanted.connect(session.liking.more_like)
        self.list.why.less_wanted.connect(session.liking.less_like)
        self.list.why.not_today_wanted.connect(session.liking.not_today)
        self.empty = QLabel()
        self.empty.setWordWrap(True)
        self.empty.setContentsMargins(16, 6, 16, 8)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(header)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.list, 1)

        self._playback.queue_changed.connect(self._on_queue_changed)
        self._playback.state_changed.connect(self._on_state_changed)
        session.catalogue.tracks_changed.connect(self._on_queue_changed)
        session.constellations.changed.connect(self._show_leader)
        covers.ready.connect(self._on_cover)
        theme.changed.connect(self._dress)
        self._dress()
        self._on_state_changed()
        self._on_queue_changed()

    # ── following the queue ─────────────────────────────────────────────────────────────────

    def _on_queue_changed(self) -> None:
        self.list.change(self.list.rows.follow)
        self.list.setVisible(bool(self.list.rows.items))
        self.empty.setVisible(not self.list.rows.items)
        self.empty.setText(self._empty_text())

    def _empty_text(self) -> str:
        if not self._session.catalogue.track_count:
            return self.tr("Choose your music folder, and what plays next appears here.")
        if not self._playback.radio:
            return self.tr(
                "Nothing queued. Select tracks and press Ctrl+Enter to queue them, or turn the "
                "radio on and let it choose."
            )
        if self._playback.current is None:
            return self.tr(
                "Play any track (Enter or a double click): the radio goes on from there, and says "
                "why for every pick."
            )
        return self.tr(
            "The radio picks what fits as soon as it has listened to a few tracks. Until then, "
            "Ctrl+Enter queues what you select."
        )

    def _on_state_changed(self) -> None:
        self.knobs.show(self._playback.knobs)
        self._show_leader()
        self.empty.setText(self._empty_text())

    def _show_leader(self, *_: object) -> None:
        """Which constellation the radio follows: the knobs are that one's then."""
        one = self._session.constellations.get(self._playback.constellation or 0)
        self.leads.set_text(one.name if one is not None and self._playback.radio else "")
        self.leads.setToolTip(self.tr("The radio follows this constellation") if one else "")

    def _on_cover(self, track_id: int) -> None:
        self.list.viewport().update()

    # ── what the listener asks ──────────────────────────────────────────────────────────────

    def eventFilter(self, watched: object, event: object) -> bool:
        if watched is self.list and isinstance(event, QKeyEvent):
            if event.type() == QKeyEvent.Type.KeyPress and self._on_key(event):
                return True
            # So that the window's own shortcut on the same key stays away.
            if event.type() == QKeyEvent.Type.ShortcutOverride and self._wants(event):
                event.accept()
                return True
        return False

    def _wants(self, event: QKeyEvent) -> bool:
        if not self.list.selectedIndexes():
            return False
        key = (event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier)
        if event.key() in _SIDES:  # elsewhere they seek
            return key in _KEYS and self.list.can_open(self.list.currentIndex().row())
        return key in _KEYS

    def _on_key(self, event: QKeyEvent) -> bool:
        if not self._wants(event):
            return False
        key, keys = event.key(), self.list.selected_keys()
        if key == Qt.Key.Key_Delete:
            self.remove_selected()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.move_selected(-1 if key == Qt.Key.Key_Up else 1)
        elif key == Qt.Key.Key_Right:
            self.list.open_row(self.list.currentIndex().row())
        elif key == Qt.Key.Key_Left:
            self.list.close_row()
        elif key == Qt.Key.Key_R:
            self.radio_from(keys)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.list.rows.move_keys(keys, 0)
        else:
            self._playback.jump(keys[0])
        return True

    def _on_activated(self, index: object) -> None:
        row = index.row()  # type: ignore[attr-defined]
        self._playback.jump(self.list.rows.items[row].key)

    def remove_selected(self) -> None:
        """Take the selected rows out of the queue; the row that follows is chosen then."""
        keys = self.list.selected_keys()
        if not keys:
            return
        row = self.list.selectedIndexes()[0].row()
        self._playback.remove(keys)
        left = len(self.list.rows.items)
        if left:
            self.list.setCurrentIndex(self.list.rows.index(min(row, left - 1)))

    def move_selected(self, step: int) -> None:
        """One row up or down by the keyboard."""
        rows = sorted(index.row() for index in self.list.selectedIndexes())
        if not rows:
            return
        before = rows[0] - 1 if step < 0 else rows[-1] + 2
        if 0 <= before <= len(self.list.rows.items):
            self.list.rows.move_keys(self.list.selected_keys(), before)

    def radio_from(self, keys: list[int]) -> None:
        """A radio that follows these rows."""
        items = self.list.rows.items
        self._playback.radio_from([item.track_id for item in items if item.key in keys])

    def keep(self, keys: list[int]) -> None:
        """Make recommendations the listener's own, so that the radio no longer changes them."""
        items = self.list.rows.items
        first = next((n for n, i in enumerate(items) if i.origin == "recommended"), len(items))
        self.list.rows.move_keys(keys, first)

    def menu(self) -> QMenu:
        """What can be done with the selected rows."""
        keys = self.list.selected_keys()
        chosen = [item for item in self.list.rows.items if item.key in keys]
        menu = QMenu(self)
        _add(menu, self.tr("Play now"), "Return", partial(self._playback.jump, keys[0]))
        _add(menu, self.tr("Play next"), "Shift+Return", partial(self.list.rows.move_keys, keys, 0))
        if any(item.origin == "recommended" for item in chosen):
            _add(menu, self.tr("Keep in the queue"), "", partial(self.keep, keys))
        _add(menu, self.tr("Radio from here"), "R", partial(self.radio_from, keys))
        menu.addSeparator()
        self._add_likings(menu, chosen)
        menu.addSeparator()
        _add(menu, self.tr("Remove"), "Delete", self.remove_selected)
        return menu

    def _add_likings(self, menu: QMenu, chosen: "list[Upcoming]") -> None:
        """What one can say of one pick, and who was said not to be heard today."""
        liking = self._session.liking
        track = self._session.catalogue.track(chosen[0].track_id) if len(chosen) == 1 else None
        if track is not None:
            _add(menu, self.tr("More like this"), "", partial(liking.more_like, track.id))
            _add(menu, self.tr("Less like this"), "", partial(liking.less_like, track.id))
            if track.artist:
                not_today = partial(liking.not_today, track.artist)
                _add(menu, self.tr("Not this artist today"), "", not_today)
        if liking.left_out:
            again = menu.addMenu(self.tr("Hear today after all"))
            for artist in liking.left_out:
                _add(again, artist.replace("&", "&&"), "", partial(liking.let_in, artist))

    def _show_menu(self, at: QPoint) -> None:
        if not self.list.selectedIndexes():
            return
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.list.viewport().mapToGlobal(at))

    def _dress(self) -> None:
        theme = self._theme
        self.title.setFont(theme.font(13.5, 600))
        self.empty.setFont(theme.font(12.5))
        self.empty.setStyleSheet(f"color: {theme.soft.name()}; background: transparent;")
        self.list.viewport().update()


def _add(menu: QMenu, text: str, key: str, call: object) -> None:
    action = menu.addAction(text)
    if key:
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    action.triggered.connect(call)
