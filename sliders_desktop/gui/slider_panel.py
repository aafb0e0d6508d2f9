"""The listener's sliders, one below the other, and how new ones are invented. Main thread."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.errors import UserError
from sliders_desktop.gui.controls import IconButton
from sliders_desktop.gui.finds import Finds
from sliders_desktop.gui.handle_popover import HandlePopover
from sliders_desktop.gui.new_slider_dialog import NewSliderDialog
from sliders_desktop.gui.preset_menu import PresetMenu
from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.rate_next import RateNext
from sliders_desktop.gui.row_mover import RowMover
from sliders_desktop.gui.slider_files import SliderDrag
from sliders_desktop.gui.slider_row import SliderRow
from sliders_desktop.gui.test_yourself import TESTED, TestYourself
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.word_life import WordLife

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

__all__ = ["NewSliderDialog", "SliderPanel"]

#: Words most people can rate at once: name, low end, high end.
STARTERS = (
    ("energetic", "calm", "energetic"),
    ("bright", "dark", "bright"),
    ("danceable", "still", "danceable"),
)


class SliderPanel(QWidget):
    """Header, rows, and beneath them the track whose rating would teach most.

    Signals:
        share_wanted(int): this slider shall become a file.
        all_wanted(): the listener wants the list of all sliders.
    """

    share_wanted = Signal(int)
    all_wanted = Signal()

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rack, self._learned = session.rack, session.learned
        self._steering = session.steering
        self._theme = theme
        self._drag = SliderDrag(session, self)
        self.rows: dict[int, SliderRow] = {}
        self.life = WordLife(session, theme, self)
        self.mover = RowMover(session.rack, theme, self)
        self.mover.taken_out.connect(self._drag.begin)
        self.setAccessibleName(self.tr("Sliders"))

        self.title = QLabel(self.tr("Sliders"))
        self.new_button = QuietButton(theme, self.tr("+ New"), self.tr("Invent a slider (Ctrl+N)"))
        self.new_button.setAccessibleName(self.tr("New slider"))
        self.new_button.clicked.connect(self.ask_new)
        self.all_button = IconButton(
            theme, "more", self.tr("All sliders"),
            self.tr("All sliders: put away, deleted, their order and history"), size=26,
            icon_px=16,
        )  # fmt: skip
        self.all_button.clicked.connect(self.all_wanted)
        header = QHBoxLayout()
        header.setContentsMargins(16, 8, 10, 0)
        header.addWidget(self.title)
        header.addStretch(1)
        self.presets = PresetMenu(session, theme)
        header.addWidget(self.new_button)
        header.addWidget(self.presets)
        header.addWidget(self.all_button)

        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(5)
        self.empty = _Empty(session, theme, self)
        self.empty.own_word.clicked.connect(self.ask_new)
        self.finds = Finds(session, theme)
        self.rate_next = RateNext(session, theme)
        self.next_button = self.rate_next.button
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(6)
        column.addWidget(self.empty)
        column.addWidget(self.finds)
        column.addLayout(self._list)
        column.addWidget(self.rate_next)
        column.addStretch(1)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inside)
        self.area.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(header)
        layout.addWidget(self.area, 1)

        self._learned.kindled.connect(self._on_kindled)
        self._rack.sliders_changed.connect(self._on_sliders_changed)
        self._learned.state_changed.connect(self._on_state_changed)
        self._rack.armed_changed.connect(self._on_armed_changed)
        self._steering.handles_changed.connect(self._on_handles_changed)
        session.playback.current_changed.connect(self._repaint_rows)
        theme.changed.connect(self._dress)
        self._dress()
        self._on_sliders_changed()

    # ── following the rack ──────────────────────────────────────────────────────────────────

    def _on_sliders_changed(self) -> None:
        sliders = self._rack.sliders
        kept = {s.id for s in sliders}
        for slider_id in [i for i in self.rows if i not in kept]:
            row = self.rows.pop(slider_id)
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        for at, slider in enumerate(sliders):
            known = self.rows.get(slider.id)
            if known is None:
                known = SliderRow(self._session, self._theme, slider, self)
                known.menu_asked.connect(self.show_menu)
                known.edit_asked.connect(self.ask_edit)
                known.step_asked.connect(self._on_step_asked)
                self.mover.watch(known)
                self.rows[slider.id] = known
            elif known.slider != slider:
                known.set_slider(slider)
            if self._list.indexOf(known) != at:
                self._list.removeWidget(known)
                self._list.insertWidget(at, known)
                known.show()
        self.empty.setVisible(not sliders)
        self._keep_tab_order()

    def _keep_tab_order(self) -> None:
        before: QWidget = self.presets
        QWidget.setTabOrder(self.new_button, before)
        for slider in self._rack.sliders:
            row = self.rows[slider.id]
            for widget in (row, row.mute_button):
                QWidget.setTabOrder(before, widget)
                before = widget

    def _on_state_changed(self, slider_id: int) -> None:
        row = self.rows.get(slider_id)
        if row is not None:
            row.refresh()

    def _on_kindled(self, slider_id: int) -> None:
        self.area.verticalScrollBar().setValue(0)  # where the finds are

    def _on_armed_changed(self) -> None:
        self._repaint_rows()
        armed = self._rack.armed
        if armed is not None and armed.id in self.rows:
            self.area.ensureWidgetVisible(self.rows[armed.id], 0, 8)

    def _on_handles_changed(self) -> None:
        for row in self.rows.values():
            row.refresh_handle()

    def _repaint_rows(self) -> None:
        for row in self.rows.values():
            row.update()

    def _on_step_asked(self, step: int) -> None:
        order = [s.id for s in self._rack.sliders]
        for at, slider_id in enumerate(order):
            if self.rows[slider_id].hasFocus():
                target = order[max(0, min(len(order) - 1, at + step))]
                self.rows[target].setFocus(Qt.FocusReason.TabFocusReason)
                self.area.ensureWidgetVisible(self.rows[target], 0, 8)
                return

    # ── what the listener asks ──────────────────────────────────────────────────────────────

    def ask_new(self) -> None:
        """Open the dialog that invents a slider."""
        dialog = NewSliderDialog(self._session, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def ask_edit(self, slider_id: int) -> None:
        """Open the dialog that renames this one."""
        self.life.rename(slider_id)

    def rate_this_next(self, slider_id: int) -> None:
        """Play the track whose rating teaches most, and offer such tracks again."""
        self._session.suggesting.offer_again(slider_id)
        self.rate_next.play()

    def test_yourself(self, slider_id: int) -> None:
        """Find out how well the slider knows, and how well the listener does."""
        dialog = TestYourself(self._session, self._theme, slider_id, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def menu(self, slider_id: int) -> QMenu:
        """What can be done with one slider."""
        rack, playback, learned = self._rack, self._session.playback, self._learned
        status = learned.status(slider_id)
        menu = QMenu(self)
        if rack.armed is None or rack.armed.id != slider_id:
            _add(menu, self.tr("Rate on this slider"), "Return", partial(rack.arm, slider_id))
        elif self._session.suggesting.track is not None:
            text = self.tr("Rate this next")
            _add(menu, text, "", partial(self.rate_this_next, slider_id))
        if status.state == "confused" and status.disagreeing is not None:
            for track_id in status.disagreeing:
                track = self._session.catalogue.track(track_id)
                if track is not None:
                    text = self.tr("Play {title}").format(title=track.title)
                    _add(menu, text, "", partial(playback.play, [track_id]))
        if status.state in TESTED:
            _add(menu, self.tr("Test yourself…"), "", partial(self.test_yourself, slider_id))
        if learned.lit(slider_id):
            menu.addSeparator()
            self._add_handle(menu, slider_id)
        menu.addSeparator()
        _add(menu, self.tr("Share…"), "", partial(self.share_wanted.emit, slider_id))
        self.life.fill(menu, slider_id)
        return menu

    def _add_handle(self, menu: QMenu, slider_id: int) -> None:
        """What can be done with the handle of a lit slider."""
        _add(menu, self.tr("Adjust the handle…"), "", partial(self.adjust, slider_id))
        handle = self._steering.handle(slider_id)
        if handle is None:
            return
        mute = self.tr("Let the handle pull again") if handle.muted else self.tr("Mute the handle")
        _add(menu, mute, "X", partial(self._steering.mute, slider_id, not handle.muted))
        let_go = self.tr("Let go of the handle")
        _add(menu, let_go, "Delete", self.rows[slider_id].let_go)

    def adjust(self, slider_id: int) -> HandlePopover:
        """Open the small window that says and changes all of a handle."""
        row = self.rows[slider_id]
        popover = HandlePopover(self._session, self._theme, row.slider, row)
        popover.show_at(row.mapToGlobal(QPoint(16, row.height() + 2)))
        return popover

    def show_menu(self, slider_id: int, place: QPoint) -> None:
        menu = self.menu(slider_id)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def _dress(self) -> None:
        theme = self._theme
        self.title.setFont(theme.font(13.5, 600))
        for row in self.rows.values():
            row.refresh()


class _Empty(QWidget):
    """What to do when there is no slider yet."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        sentence = QLabel(
            self.tr("A slider is a word of yours, learned from a handful of ratings. Begin with:")
        )
        sentence.setWordWrap(True)
        sentence.setFont(theme.font(12.5))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 8)
        layout.setSpacing(8)
        layout.addWidget(sentence)
        self.starters: list[QuietButton] = []
        for at, (_, low, high) in enumerate(STARTERS):
            tip = self.tr("Make the slider {low} – {high}").format(low=low, high=high)
            button = QuietButton(theme, f"{low} – {high}", tip, framed=True)
            button.setProperty("starter", at)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.starters.append(button)
            button.clicked.connect(self._on_starter)
            layout.addWidget(button)
        self.own_word = QuietButton(
            theme, self.tr("or type your own"), self.tr("Invent a slider with words of your own")
        )
        layout.addWidget(self.own_word, 0, Qt.AlignmentFlag.AlignLeft)

    def _on_starter(self) -> None:
        name, low, high = STARTERS[self.sender().property("starter")]
        try:
            self._session.rack.create(name, low, high)
        except UserError as error:
            self._session.message.emit(str(error), "error")


def _add(menu: QMenu, text: str, key: str, call: object) -> None:
    action = QAction(text, menu)
    if key:
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    action.triggered.connect(call)
    menu.addAction(action)
