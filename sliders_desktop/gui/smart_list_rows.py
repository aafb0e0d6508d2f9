"""The section “Smart lists” of the left column: searches kept by name, or one example."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QVBoxLayout, QWidget

from sliders_desktop.gui.sidebar_rows import QuietLine, SectionHead, SourceRow
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import SmartList

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class SmartListRow(SourceRow):
    """One list: its name and how many tracks it finds.

    Signals:
        menu_wanted(int, QPoint), rename_wanted(int), delete_wanted(int), play_wanted(int).
    """

    menu_wanted = Signal(int, QPoint)
    rename_wanted = Signal(int)
    delete_wanted = Signal(int)
    play_wanted = Signal(int)

    def __init__(
        self, theme: Theme, key: str, one: SmartList, rule: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, key, one.name, parent)
        self.list_id, self._rule = one.id, rule
        self.setToolTip(rule)

    def show_found(self, count: int | None, problem: str) -> None:
        """None while nobody has counted yet."""
        self.set_count(None if problem else count)
        self.setToolTip(f"{self._rule}\n{problem}" if problem else self._rule)
        self.setAccessibleDescription(problem or self._rule)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self.rename_wanted.emit(self.list_id)
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit(self.list_id)
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: object) -> None:
        self.play_wanted.emit(self.list_id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        at = self.mapToGlobal(QPoint(24, self.height())) if by_key else event.globalPos()
        self.menu_wanted.emit(self.list_id, at)


class SmartListSection(QWidget):
    """The head, a row for each list, and an example where there is none.

    Signals:
        menu_wanted(int, QPoint), rename_wanted(int), delete_wanted(int), play_wanted(int).
        chosen(str): show this source. example_wanted(str): show what this rule finds.
    """

    menu_wanted = Signal(int, QPoint)
    rename_wanted = Signal(int)
    delete_wanted = Signal(int)
    play_wanted = Signal(int)
    chosen = Signal(str)
    example_wanted = Signal(str)

    def __init__(
        self, session: "Session", theme: Theme, group: QButtonGroup, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._theme, self._group = session, theme, group
        self.rows: dict[str, SmartListRow] = {}
        self._rule = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(2)
        column.addWidget(SectionHead(theme, self.tr("Smart lists")))
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        column.addLayout(self._list)
        self.example = QuietLine(theme)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.example.setSizePolicy(policy)
        self.example.clicked.connect(self._on_example)
        column.addWidget(self.example)
        session.lists.changed.connect(self.renew)
        session.lists.counted.connect(self._show_counts)
        self.renew()

    def renew(self) -> None:
        """Rows of the lists there are now; the keyboard stays where it was, or near."""
        focused = next((at for at, row in enumerate(self.rows.values()) if row.hasFocus()), None)
        for row in self.rows.values():
            self._group.removeButton(row)
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = {}
        lists = self._session.lists
        for one in lists.lists:
            row = SmartListRow(self._theme, lists.source(one.id), one, lists.rule(one))
            row.clicked.connect(self._on_chosen)
            for mine, outward in (
                (row.menu_wanted, self.menu_wanted),
                (row.rename_wanted, self.rename_wanted),
                (row.delete_wanted, self.delete_wanted),
                (row.play_wanted, self.play_wanted),
            ):
                mine.connect(outward)
            self._group.addButton(row)
            self._list.addWidget(row)
            self.rows[row.key] = row
        if focused is not None and self.rows:
            rows = list(self.rows.values())
            rows[min(focused, len(rows) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_counts()
        self.show_example()

    def _show_counts(self) -> None:
        lists = self._session.lists
        for row in self.rows.values():
            row.show_found(lists.counts.get(row.list_id), lists.problems.get(row.list_id, ""))

    def show_example(self) -> None:
        """What could be kept: something that this library has."""
        rule = None if self.rows else self._session.lists.example()
        self._rule = rule or ""
        text = self.tr("Try “{0}”, and keep what you find here.").format(rule) if rule else ""
        self.example.set_text(text)
        self.setVisible(bool(self.rows or rule))

    def _on_example(self) -> None:
        self.example_wanted.emit(self._rule)

    def _on_chosen(self) -> None:
        row = self.sender()
        if isinstance(row, SmartListRow):
            self.chosen.emit(row.key)
