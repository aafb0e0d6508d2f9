"""Files that could not be listened to: which, why, and another try."""

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import TrackRow

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

_Index = QModelIndex | QPersistentModelIndex


class ProblemsModel(QAbstractTableModel):
    """File and reason."""

    def __init__(self, rows: list[TrackRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = rows

    def set_rows(self, rows: list[TrackRow]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 – Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 2

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return PurePath(row.path).name if index.column() == 0 else row.error
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.path if index.column() == 0 else row.error
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (self.tr("File"), self.tr("Why"))[section]
        return None


class ProblemsDialog(QDialog):
    """A list that empties itself as tries succeed."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle(self.tr("Files that could not be listened to"))
        self.resize(640, 420)
        self._says = QLabel()
        self._says.setWordWrap(True)
        self._says.setProperty("role", "soft")
        self.model = ProblemsModel([], self)
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setTabKeyNavigation(False)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(32)
        header = self.view.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(0, 240)
        header.setStretchLastSection(True)
        self.view.setAccessibleName(self.windowTitle())
        self.retry = QPushButton(self.tr("Try the chosen again"))
        self.retry_all = QPushButton(self.tr("Try all again"))
        close = QPushButton(self.tr("Close"))
        self.retry.clicked.connect(self._on_retry)
        self.retry_all.clicked.connect(self._on_retry_all)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addWidget(self.retry)
        foot.addWidget(self.retry_all)
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(self._says)
        column.addWidget(self.view, 1)
        column.addLayout(foot)
        self.view.selectionModel().selectionChanged.connect(self._on_selected)
        session.catalogue.tracks_changed.connect(self.refresh)
        session.catalogue.row_changed.connect(self.refresh)
        theme.changed.connect(self.update)
        self.refresh()

    def refresh(self) -> None:
        """Ask the session again."""
        rows = self._session.work.problems()
        if rows != self.model.rows:
            self.model.set_rows(rows)
        away = sum(1 for row in self._session.catalogue.rows if row.missing)
        said = []
        if rows:
            said.append(
                self.tr(
                    "Everything else goes on without them. They are tried again when the file "
                    "changes, or when you ask."
                )
            )
        else:
            said.append(self.tr("Every file could be listened to."))
        if away:
            said.append(
                self.tr(
                    "{n:,} tracks are away: their drive or folder can't be reached. They come back "
                    "with it; ratings and plays are kept."
                ).format(n=away)
            )
        self._says.setText(" ".join(said))
        self.retry_all.setEnabled(bool(rows))
        self._on_selected()

    def chosen(self) -> list[int]:
        """Ids of the chosen rows."""
        rows = self.view.selectionModel().selectedRows()
        return [self.model.rows[index.row()].id for index in rows]

    def _on_selected(self) -> None:
        self.retry.setEnabled(bool(self.chosen()))

    def _on_retry(self) -> None:
        self._session.work.retry(self.chosen())

    def _on_retry_all(self) -> None:
        self._session.work.retry([row.id for row in self.model.rows])
