"""The left column: what to listen to, and below it what the program is working on."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.gui.constellation_rows import ConstellationSection
from sliders_desktop.gui.controls import IconButton
from sliders_desktop.gui.playlist_rows import PlaylistSection
from sliders_desktop.gui.region_rows import RegionSection
from sliders_desktop.gui.sidebar_rows import (
    MIN_WIDTH,
    START_WIDTH,
    QuietLine,
    SectionHead,
    SourceRow,
)
from sliders_desktop.gui.smart_list_rows import SmartListSection
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.work_card import WorkCard
from sliders_desktop.session.catalogue import SOURCES

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

COUNT_EVERY_MS = 300


class Sidebar(QWidget):
    """Sources above, work below.

    Signals:
        menu_wanted(), problems_wanted().
    """

    menu_wanted = Signal()
    problems_wanted = Signal()

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.setMinimumWidth(MIN_WIDTH)
        self.setAccessibleName(self.tr("What to listen to"))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 13, 12, 16)
        column.setSpacing(0)
        column.addLayout(self._title_row())
        column.addSpacing(14)
        column.addWidget(self._sources(), 1)
        column.addSpacing(8)
        self.problems = QuietLine(theme)
        self.problems.clicked.connect(self.problems_wanted)
        column.addWidget(self.problems)
        cards = QVBoxLayout()
        cards.setSpacing(6)
        self.cards = {name: WorkCard(session, theme, name) for name in session.work.names}
        for card in self.cards.values():
            cards.addWidget(card)
        column.addLayout(cards)
        self._counting = QTimer(self)
        self._counting.setSingleShot(True)
        self._counting.setInterval(COUNT_EVERY_MS)
        self._counting.timeout.connect(self._count)
        catalogue = session.catalogue
        catalogue.tracks_changed.connect(self._count_soon)
        catalogue.row_changed.connect(self._count_soon)
        catalogue.filter_changed.connect(self._show_source)
        session.lists.changed.connect(self._show_source)
        session.playlists.changed.connect(self._show_source)
        session.regions.changed.connect(self._show_source)
        session.constellations.changed.connect(self._show_source)
        session.learned.state_changed.connect(self._count_soon)
        session.work.changed.connect(self._on_work_changed)
        theme.changed.connect(self.update)
        self._show_source()
        self._count()
        for name in self.cards:
            self._on_work_changed(name)

    def _title_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        name = QLabel(self.tr("Sliders"))
        name.setFont(self._theme.font(16, 650))
        name.setContentsMargins(8, 0, 0, 0)
        self.menu_button = IconButton(
            self._theme, "more", self.tr("Menu"), self.tr("Menu  ·  F10"), size=30
        )
        self.menu_button.clicked.connect(self.menu_wanted)
        row.addWidget(name)
        row.addStretch(1)
        row.addWidget(self.menu_button)
        return row

    def _sources(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(SectionHead(self._theme, self.tr("Library")))
        group = QButtonGroup(self)
        self.rows: dict[str, SourceRow] = {}
        for key, title, _ in SOURCES:
            row = SourceRow(self._theme, key, self.tr(title))
            row.clicked.connect(self._on_source)
            group.addButton(row)
            column.addWidget(row)
            self.rows[key] = row
        self.constellations = ConstellationSection(self._session, self._theme, group)
        self.constellations.chosen.connect(self._session.catalogue.set_source)
        column.addWidget(self.constellations)
        self.lists = SmartListSection(self._session, self._theme, group)
        self.lists.chosen.connect(self._session.catalogue.set_source)
        self.lists.example_wanted.connect(self._session.catalogue.set_filter)
        column.addWidget(self.lists)
        self.regions = RegionSection(self._session, self._theme, group)
        self.regions.chosen.connect(self._session.catalogue.set_source)
        column.addWidget(self.regions)
        self.playlists = PlaylistSection(self._session, self._theme, group)
        self.playlists.chosen.connect(self._session.catalogue.set_source)
        column.addWidget(self.playlists)
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        return area

    def sizeHint(self) -> QSize:
        return QSize(START_WIDTH, 600)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._count_soon()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._counting.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.panel)

    # ── what the session says ───────────────────────────────────────────────────────────────

    def _show_source(self) -> None:
        key = self._session.catalogue.source
        sections = (self.constellations, self.lists, self.regions, self.playlists)
        for rows in (self.rows, *(section.rows for section in sections)):
            if key in rows:
                rows[key].setChecked(True)

    def _count_soon(self) -> None:
        # Hidden it needs no numbers, and a window that was closed has no library to ask.
        if self.isVisible() and not self._counting.isActive():
            self._counting.start()

    def _count(self) -> None:
        counts = self._session.catalogue.source_counts()
        for key, row in self.rows.items():
            row.set_count(counts.get(key, 0))
        if not self.lists.rows:
            self.lists.show_example()
        self.problems.set_text("  ".join(self._trouble()))

    def _trouble(self) -> list[str]:
        work = self._session.work
        away, broken = len(work.away()), len(work.problems())
        said = []
        if away:
            said.append(
                self.tr("Music drive is away – 1 track waiting")
                if away == 1
                else self.tr("Music drive is away – {n:,} tracks waiting").format(n=away)
            )
        if broken:
            said.append(
                self.tr("1 file could not be listened to")
                if broken == 1
                else self.tr("{n:,} files could not be listened to").format(n=broken)
            )
        return said

    def _on_work_changed(self, name: str) -> None:
        card = self.cards.get(name)
        if card is not None:
            card.refresh()
            card.setVisible(card.shown)

    def _on_source(self) -> None:
        row = self.sender()
        if isinstance(row, SourceRow):
            self._session.catalogue.set_source(row.key)
