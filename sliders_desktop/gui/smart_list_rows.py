"""The section “Smart lists” of the left column: searches kept by name, or one example."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from sliders_desktop.gui.list_rows import ListRow, ListSection
from sliders_desktop.gui.sidebar_rows import QuietLine
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import SmartList

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class SmartListRow(ListRow):
    """One list: its name and how many tracks it finds."""

    def __init__(
        self, theme: Theme, key: str, one: SmartList, rule: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, key, one.name, one.id, parent)
        self._rule = rule
        self.setToolTip(rule)

    def show_found(self, count: int | None, problem: str) -> None:
        """None while nobody has counted yet."""
        self.set_count(None if problem else count)
        self.setToolTip(f"{self._rule}\n{problem}" if problem else self._rule)
        self.setAccessibleDescription(problem or self._rule)


class SmartListSection(ListSection):
    """The head, a row for each list, and an example where there is none.

    Signals:
        example_wanted(str): show what this rule finds.
    """

    example_wanted = Signal(str)

    def __init__(
        self, session: "Session", theme: Theme, group: QButtonGroup, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, self.tr("Smart lists"), group, parent)
        self._session, self._theme = session, theme
        self._rule = ""
        self.example = QuietLine(theme)
        self.example.clicked.connect(self._on_example)
        self._column.addWidget(self.example)
        session.lists.changed.connect(self.renew)
        session.lists.counted.connect(self._show_counts)
        self.renew()

    def renew(self) -> None:
        """Rows of the lists there are now."""
        lists = self._session.lists
        self.show_rows(
            SmartListRow(self._theme, lists.source(one.id), one, lists.rule(one))
            for one in lists.lists
        )
        self._show_counts()
        self.show_example()

    def _show_counts(self) -> None:
        lists = self._session.lists
        for row in self.rows.values():
            if isinstance(row, SmartListRow):
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
