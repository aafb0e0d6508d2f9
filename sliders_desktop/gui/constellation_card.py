"""The open constellation: its stars, how they lead, and what would follow. Main thread.

It floats over the map's right edge, and stands beside the list.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from sliders_desktop.gui.controls import ElidedLabel, IconButton, paint_box
from sliders_desktop.gui.knobs import KnobSet
from sliders_desktop.gui.path_list import ROW_PX as PATH_ROW_PX
from sliders_desktop.gui.path_list import PathList
from sliders_desktop.gui.quiet_button import QuietButton
from sliders_desktop.gui.segments import Segments
from sliders_desktop.gui.star_list import StarList
from sliders_desktop.gui.star_rows import ROW_PX as STAR_ROW_PX
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.track_model import TRACK_IDS, numbers
from sliders_desktop.tasks import Knobs

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

WIDTH, PAD = 284, 14
MOST_STARS, MOST_AHEAD = 6, 8  # rows that are shown without scrolling, where there is room
LEAST_AHEAD = 2


class ConstellationCard(QWidget):
    """Follows `session.constellations`; shown while one is open.

    Signals:
        fitted(): it wants another height, or came or went.
        menu_wanted(int, QPoint): what can be done with it. star_menu_wanted(QPoint).
        export_wanted(int), rename_wanted(int). journey_wanted().
        left(): it went while it had the keyboard.
    """

    fitted = Signal()
    menu_wanted = Signal(int, QPoint)
    star_menu_wanted = Signal(QPoint)
    export_wanted = Signal(int)
    rename_wanted = Signal(int)
    journey_wanted = Signal()
    left = Signal()

    def __init__(self, session: "Session", theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._all, self._theme = session, session.constellations, theme
        self.folded = False
        self._narrow = False
        self.setFixedWidth(WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 10)
        column.setSpacing(6)
        column.addLayout(self._head())
        self._body = QWidget(self)
        inside = QVBoxLayout(self._body)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(6)
        self.empty = QLabel(self.tr("Press C on tracks you like, or drop them here."))
        self.empty.setWordWrap(True)
        self.empty.setContentsMargins(PAD, 0, PAD, 4)
        self.stars = StarList(session, theme)
        self.stars.customContextMenuRequested.connect(self._on_star_menu)
        inside.addWidget(self.empty)
        inside.addWidget(self.stars)
        inside.addLayout(self._how())
        inside.addLayout(self._ahead_head())
        self.waits = QLabel()
        self.waits.setWordWrap(True)
        self.waits.setContentsMargins(PAD, 0, PAD, 4)
        self.path = PathList(session, theme)
        inside.addWidget(self.waits)
        inside.addWidget(self.path, 1)
        for label in (self.empty, self.waits):
            label.setFixedWidth(WIDTH)
        column.addWidget(self._body, 1)
        column.addLayout(self._foot())
        self.setAcceptDrops(True)
        self._connect()
        self._dress()
        self.hide()
        self._on_changed()

    def _head(self) -> QHBoxLayout:
        theme = self._theme
        self.name = ElidedLabel(theme, theme.font(13.5, 600), "text")
        self.says = ElidedLabel(theme, theme.font(11.5), "soft")
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.name)
        words.addWidget(self.says)
        self.more = IconButton(theme, "more", self.tr("More"), size=26, icon_px=16)
        self.fold = IconButton(theme, "chevron-down", "", size=26, icon_px=16)
        self.close_button = IconButton(
            theme, "close", self.tr("Close"),
            self.tr("Close it; it stays on the left  ·  Esc"), size=26, icon_px=16,
        )  # fmt: skip
        head = QHBoxLayout()
        head.setContentsMargins(PAD, 0, 8, 0)
        head.setSpacing(0)
        head.addLayout(words, 1)
        for button in (self.more, self.fold, self.close_button):
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        return head

    def _how(self) -> QVBoxLayout:
        """Together or wander, and the three knobs."""
        together = self.tr("What follows fits all its stars")
        wander = self.tr("What follows visits one star after the other")
        self.mode = Segments(
            self._theme,
            (
                ("together", self.tr("Together"), together),
                ("wander", self.tr("Wander"), wander),
            ),
            28,
        )
        self.mode.setFixedWidth(WIDTH - 2 * PAD)
        self.knobs = KnobSet(self._theme, self)
        how = QVBoxLayout()
        how.setContentsMargins(PAD, 4, PAD, 0)
        how.setSpacing(2)
        how.addWidget(self.mode)
        how.addSpacing(4)
        for knob in self.knobs.all:
            how.addWidget(knob)
        return how

    def _ahead_head(self) -> QHBoxLayout:
        self.follows = QLabel(self.tr("What follows"))
        self.again = QuietButton(
            self._theme, self.tr("Again, differently"),
            self.tr("Another path from the same stars"), "retry", 11.5,
        )  # fmt: skip
        row = QHBoxLayout()
        row.setContentsMargins(PAD, 6, 8, 0)
        row.addWidget(self.follows, 1)
        row.addWidget(self.again)
        return row

    def _foot(self) -> QHBoxLayout:
        theme = self._theme
        self.play = QuietButton(
            theme, self.tr("Play"), self.tr("Play what follows, endlessly"), "play", framed=True
        )
        self.journey = QuietButton(
            theme, self.tr("Journey…"), self.tr("A way from one star to another, in a chosen time")
        )
        self.export = QuietButton(
            theme, self.tr("Export…"), self.tr("Its stars, then what follows, as a playlist")
        )
        foot = QHBoxLayout()
        foot.setContentsMargins(PAD, 2, 8, 0)
        foot.setSpacing(4)
        foot.addWidget(self.play)
        foot.addStretch(1)
        foot.addWidget(self.journey)
        foot.addWidget(self.export)
        return foot

    def _connect(self) -> None:
        every = self._all
        every.changed.connect(self._on_changed)
        every.path_changed.connect(self._on_path_changed)
        self._session.catalogue.tracks_changed.connect(self._on_changed)
        self.stars.turned.connect(every.turn)
        self.stars.weighed.connect(every.set_weight)
        self.stars.dropped.connect(every.drop)
        self.stars.played.connect(self._on_star_played)
        self.mode.chosen.connect(every.set_mode)
        self.knobs.turned.connect(every.set_knobs)
        self.again.clicked.connect(self._on_again)
        self.play.clicked.connect(self._on_play)
        self.path.played.connect(self._on_path_played)
        self.journey.clicked.connect(self.journey_wanted)
        self.export.clicked.connect(self._on_export)
        self.more.clicked.connect(self._on_more)
        self.fold.clicked.connect(self._on_fold)
        self.close_button.clicked.connect(self.close_it)
        self._theme.changed.connect(self._dress)

    # ── what the session says ───────────────────────────────────────────────────────────────

    def _on_changed(self) -> None:
        one = self._all.open_
        was, focus = self.isVisible(), self.window().focusWidget()
        had_keyboard = focus is not None and self.isAncestorOf(focus)
        self.setVisible(one is not None)
        if one is None:
            if was:
                self.fitted.emit()
            if had_keyboard:
                self.left.emit()
            return
        self.setAccessibleName(self.tr("Constellation {name}").format(name=one.name))
        self.name.set_text(one.name)
        self.says.set_text(self._said(len(one.stars), sum(s.weight < 0 for s in one.stars)))
        self.stars.show_stars(one.stars)
        self.mode.show_key(one.mode)
        self.knobs.show(Knobs(one.near_far, one.forgotten, one.artist_gap))
        for button in (self.play, self.again, self.export):
            button.setEnabled(bool(one.stars))
        self._on_path_changed()

    def _said(self, stars: int, against: int) -> str:
        if not stars:
            return self.tr("no star yet")
        many = self.tr("1 star") if stars == 1 else self.tr("{n:,} stars").format(n=stars)
        if not against:
            return many
        away = self.tr("1 leads away") if against == 1 else self.tr("{n:,} lead away")
        return f"{many} · {away.format(n=against)}"

    def _on_path_changed(self) -> None:
        path = self._all.path
        self.path.show_path(path)
        self.waits.setText("" if path else self._waiting())
        self._fit()

    def _waiting(self) -> str:
        """Why nothing follows, and what to do."""
        one = self._all.open_
        if one is None or not one.stars:
            return self.tr("Nothing yet: it begins with the first star.")
        return self._all.path_problem

    # ── its size ────────────────────────────────────────────────────────────────────────────

    def _fit(self) -> None:
        """Show what there is something of; the heights follow from the rows."""
        stars, path = self.stars.rows.rowCount(), self.path.rows.rowCount()
        self.empty.setVisible(not stars)
        self.stars.setVisible(bool(stars))
        self.stars.setFixedHeight(STAR_ROW_PX * max(1, min(stars, MOST_STARS)))
        self.waits.setVisible(not path)
        self.path.setVisible(bool(path))
        self.path.setMinimumHeight(PATH_ROW_PX * min(path, LEAST_AHEAD))
        self._body.setVisible(not self.folded)
        self.fold.set_icon("chevron-left" if self.folded else "chevron-down")
        text = self.tr("Unfold") if self.folded else self.tr("Fold")
        self.fold.set_name(text)
        self.fitted.emit()

    def wanted_height(self) -> int:
        """All of it, where there is room."""
        inside, layout = self._body.layout(), self.layout()
        assert inside is not None
        assert layout is not None
        for one in (inside, layout):
            one.invalidate()
            one.activate()
        least = layout.totalMinimumSize().height()
        if layout.hasHeightForWidth():  # while there is a sentence
            least = layout.totalMinimumHeightForWidth(WIDTH)
        path = 0 if self.folded else self.path.rows.rowCount()
        return least + PATH_ROW_PX * (min(path, MOST_AHEAD) - min(path, LEAST_AHEAD))

    def place(self, room: QRect, low: bool = False) -> None:
        """In the upper right of ``room``, or in the lower; no higher than it."""
        tall = min(self.wanted_height(), room.height())
        top = room.bottom() - tall + 1 if low else room.top()
        self.setGeometry(room.right() - WIDTH + 1, top, WIDTH, tall)

    def set_narrow(self, narrow: bool) -> None:
        """Where there is little room it folds by itself, and back where there is more."""
        if narrow != self._narrow:
            self._narrow = narrow
            if self.folded != narrow:
                self._on_fold()

    # ── what the listener does ──────────────────────────────────────────────────────────────

    def take_keyboard(self) -> None:
        """To its stars, where it has some."""
        has = self.stars.isVisibleTo(self) and self.stars.rows.rowCount()
        (self.stars if has else self.close_button).setFocus(Qt.FocusReason.TabFocusReason)

    def close_it(self) -> None:
        self._all.open_one(None)

    def _on_play(self) -> None:
        self._all.play()

    def _on_again(self) -> None:
        self._all.again()

    def _on_star_played(self, track_id: int) -> None:
        self._session.playback.play([track_id])

    def _on_path_played(self, row: int) -> None:
        """From there on; while the constellation plays it goes on leading."""
        ids, playback = [pick.track_id for pick in self.path.rows.picks], self._session.playback
        coming = next((item for item in playback.up_next if item.track_id == ids[row]), None)
        if self._all.plays and coming is not None:
            playback.jump(coming.key)
        else:
            playback.play(ids, row, "playlist")

    def _on_export(self) -> None:
        if self._all.open_ is not None:
            self.export_wanted.emit(self._all.open_.id)

    def _on_more(self) -> None:
        if self._all.open_ is not None:
            at = self.more.mapToGlobal(QPoint(0, self.more.height() + 2))
            self.menu_wanted.emit(self._all.open_.id, at)

    def _on_star_menu(self, at: QPoint) -> None:
        if self.stars.chosen():
            self.star_menu_wanted.emit(self.stars.viewport().mapToGlobal(at))

    def _on_fold(self) -> None:
        self.folded = not self.folded
        self._fit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(TRACK_IDS):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        known = self._session.catalogue.row_of
        self._all.collect([i for i in numbers(event.mimeData()) if i in known])
        event.acceptProposedAction()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_it()
        elif event.key() == Qt.Key.Key_F2 and self._all.open_ is not None:
            self.rename_wanted.emit(self._all.open_.id)
        else:
            super().keyPressEvent(event)

    # ── look ────────────────────────────────────────────────────────────────────────────────

    def _dress(self) -> None:
        theme = self._theme
        self.follows.setFont(theme.font(12.5, 600))
        for label in (self.empty, self.waits, self.follows):
            role = theme.text if label is self.follows else theme.soft
            label.setStyleSheet(f"color: {role.name()}; background: transparent;")
            if label is not self.follows:
                label.setFont(theme.font(12))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        fill = self._theme.color("raised")
        fill.setAlphaF(0.97)
        paint_box(QPainter(self), self.rect(), fill, self._theme.line, 8)
