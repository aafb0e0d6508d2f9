"""The section “Regions” of the left column: what the listener drew on the map."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QWidget

from sliders_desktop.gui.list_rows import ListRow, ListSection
from sliders_desktop.gui.theme import Theme

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class RegionSection(ListSection):
    """The head and a row for each; where there is none it is not there either."""

    def __init__(
        self, session: "Session", theme: Theme, group: QButtonGroup, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, self.tr("Regions"), group, parent)
        self._session, self._theme = session, theme
        session.regions.changed.connect(self.renew)
        self.renew()

    def renew(self) -> None:
        """Rows of those there are now, and how many tracks lie in each."""
        regions = self._session.regions
        if [(row.key, row.text()) for row in self.rows.values()] != [
            (regions.source(one.id), one.name) for one in regions.all
        ]:
            self.show_rows(
                ListRow(self._theme, regions.source(one.id), one.name, one.id)
                for one in regions.all
            )
            for row in self.rows.values():
                row.setToolTip(self.tr("What lies there on the map  ·  F2 renames, Del deletes it"))
        for row in self.rows.values():
            row.set_count(len(regions.ids(row.list_id)))
        self.setVisible(bool(self.rows))
