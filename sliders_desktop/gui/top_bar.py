"""Above the centre: map or list, search, and what belongs to the map alone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QWidget,
)

from sliders_desktop.gui.controls import IconButton, TextButton
from sliders_desktop.gui.map_colors import STEERING
from sliders_desktop.gui.segments import Segments
from sliders_desktop.gui.suggestions import Suggestions
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.query import LONGEST

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

SEARCH_AFTER_MS = 90
HEIGHT = 56
_ANSWERS = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
ROOMY_PX = 560  # below this the colour button says only by what


class SearchField(QLineEdit):
    """Escape empties it, then leaves it; Down and Enter go to what was found.

    Signals:
        left(): the keyboard's place belongs to the centre again.
    """

    left = Signal()
    offered: QAbstractItemView | None = None  # suggestions, while they are shown

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if self.offered is not None and self.offered.isVisible() and key in _ANSWERS:
            if key == Qt.Key.Key_Escape or self.offered.currentIndex().isValid():
                event.ignore()  # the list of suggestions takes it
                return
            self.offered.hide()
        if key == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.left.emit()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class TopBar(QWidget):
    """Lies over the map, above the list.

    Signals:
        view_chosen(str), search_left(), color_chosen(str), lasso_wanted(bool).
        keep_wanted(): the search shall become a smart list.
    """

    view_chosen = Signal(str)
    search_left = Signal()
    color_chosen = Signal(str)
    lasso_wanted = Signal(bool)
    keep_wanted = Signal()

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._choices: list[tuple[str, str]] = []
        self._key = ""
        self._slider_keys: set[str] = set()
        self.switch = Segments(
            theme,
            (
                ("map", self.tr("Map"), self.tr("Show the map  ·  M")),
                ("list", self.tr("List"), self.tr("Show the list  ·  M")),
            ),
        )
        self.switch.chosen.connect(self.view_chosen)
        self.search = SearchField()
        self.search.setFont(theme.font())
        self.search.setAccessibleName(self.tr("Search"))
        self.search.setToolTip(
            self.tr("Words, or a slider: rainy night ≥ 80  ·  / or Ctrl+F, Esc empties it")
        )
        self.search.setClearButtonEnabled(False)
        self.search.setMinimumWidth(120)
        self.search.setMaximumWidth(265)
        self.search.setText(session.catalogue.filter_text)
        self.search.textChanged.connect(self._on_typed)
        self.search.left.connect(self.search_left)
        self.search.setMaxLength(LONGEST)
        self.suggestions = Suggestions(session, self.search)
        self.search.offered = self.suggestions.popup
        self.keep = IconButton(
            theme,
            "list-add",
            self.tr("Save as smart list"),
            self.tr("Save this search as a smart list  ·  Ctrl+S"),
        )
        self.keep.clicked.connect(self.keep_wanted)
        self.color = TextButton(theme, [], self.tr("Colour of the map"))
        self.color.clicked.connect(self._on_color)
        self.lasso = TextButton(
            theme,
            [(self.tr("Lasso"), "soft")],
            self.tr("Lasso"),
            self.tr("Draw around tracks to choose them  ·  L"),
        )
        self.lasso.setCheckable(True)
        self.lasso.clicked.connect(self.lasso_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(10)
        row.addWidget(self.switch)
        row.addWidget(self.search, 4)
        row.addWidget(self.keep)
        row.addStretch(1)
        row.addWidget(self.color)
        row.addWidget(self.lasso)
        self.setFixedHeight(HEIGHT)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(SEARCH_AFTER_MS)
        self._typing.timeout.connect(self._on_paused)
        session.catalogue.filter_changed.connect(self._on_filter_changed)
        self.show_map_tools(False)
        self._on_filter_changed()

    # ── the map's own ───────────────────────────────────────────────────────────────────────

    def show_map_tools(self, shown: bool) -> None:
        """Colour and lasso make sense over a map only."""
        self.color.setVisible(shown)
        self.lasso.setVisible(shown)
        self._fit()

    def set_colors(self, choices: Sequence[tuple[str, str]], key: str) -> None:
        """What the map can be coloured by, and what it is coloured by now."""
        self._choices, self._key = list(choices), key
        self._name_color()

    def _fit(self) -> None:
        """Shorter words where the window is narrow."""
        long, short = self.tr("Search, or “rainy night ≥ 80”"), self.tr("Search")
        room = self.fontMetrics().horizontalAdvance(long) + 24
        self.search.setPlaceholderText(long if self.search.width() >= room else short)
        self._name_color()

    def _name_color(self) -> None:
        title = dict(self._choices).get(self._key, "")
        names = {slider.name for slider in self._session.rack.sliders}
        # Amber is for what a lit slider says; a genre or a year is no judgement.
        role = "lit" if title in names or self._key == STEERING else "text"
        before = [(self.tr("Colour: "), "soft")] if self.width() >= ROOMY_PX else []
        self.color.set_parts([*before, (title, role), (" ▾", "soft")])
        self.color.set_name(
            self.tr("Colour of the map: {name}").format(name=title),
            self.tr("What colours the map"),
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _on_color(self) -> None:
        menu = QMenu(self)
        for key, title in self._choices:
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(key == self._key)
            action.setData(key)
        menu.triggered.connect(self._on_color_chosen)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.color.mapToGlobal(QPoint(0, self.color.height() + 4)))

    def _on_color_chosen(self, action: QAction) -> None:
        self.color_chosen.emit(action.data())

    # ── search ──────────────────────────────────────────────────────────────────────────────

    def start_search(self) -> None:
        """Put the keyboard into the field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._typing.stop()

    def _on_typed(self, text: str) -> None:
        self._typing.start()

    def _on_paused(self) -> None:
        self._session.catalogue.set_filter(self.search.text())

    def _on_filter_changed(self) -> None:
        text = self._session.catalogue.filter_text
        self.keep.setVisible(bool(text))
        if not self.search.hasFocus() and text != self.search.text().strip():
            self.search.blockSignals(True)
            self.search.setText(text)
            self.search.blockSignals(False)
