"""The tracks around one place of the map as a list, for who cannot see or point. Main thread."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from sliders_desktop.gui.map_view import MapView
from sliders_desktop.gui.theme import Theme

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class Neighbourhood(QDialog):
    """The nearest first; what is chosen here is chosen on the map, and the other way round.

    Enter plays, Right makes the chosen track the middle of the list.
    """

    def __init__(
        self, session: "Session", theme: Theme, view: MapView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._view, self._walk = session, view, view.walk
        self.setWindowTitle(self.tr("Neighbourhood"))
        self.resize(380, 520)
        self.head = QLabel(self)
        self.head.setWordWrap(True)
        self.head.setFont(theme.font(12.5))
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Tracks nearby on the map, the nearest first"))
        self.list.setToolTip(self.tr("Enter plays a track, → looks around it"))
        self.list.installEventFilter(self)
        self.list.itemActivated.connect(self._on_activated)
        self.list.currentItemChanged.connect(self._on_current)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(self.head)
        column.addWidget(self.list, 1)
        self._walk.moved.connect(self._fill)
        session.catalogue.selection_changed.connect(self._follow)
        self.look()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def look(self) -> None:
        """Around what is chosen, else what plays, else the middle of the view."""
        selection, current = self._session.catalogue.selection, self._session.playback.current
        if selection and selection[-1] not in self._walk.near:
            self._walk.look_around(selection[-1])
        elif not self._walk.near and current is not None:
            self._walk.look_around(current.id)
        if not self._walk.near:
            self._walk.look_around_middle()
        self._fill()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            item = self.list.currentItem()
            if event.key() == Qt.Key.Key_Right and item is not None:
                self._walk.look_around(int(item.data(Qt.ItemDataRole.UserRole)))
                return True
        return False

    def _fill(self) -> None:
        catalogue, near = self._session.catalogue, self._walk.near
        middle = catalogue.track(self._walk.around) if self._walk.around is not None else None
        if middle is None:
            self.head.setText(self.tr("The map is empty still: there is nobody nearby."))
        else:
            self.head.setText(
                self.tr("{n} tracks around {title}").format(n=len(near), title=middle.title)
            )
        if [self._id(at) for at in range(self.list.count())] != near:
            self.list.blockSignals(True)
            self.list.clear()
            for track_id in near:
                track = catalogue.track(track_id)
                if track is None:
                    continue
                said = " – ".join(filter(None, (track.title, track.artist)))
                item = QListWidgetItem(said)
                item.setData(Qt.ItemDataRole.UserRole, track_id)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, self._walk.said(track_id))
                self.list.addItem(item)
            self.list.blockSignals(False)
        self._follow()

    def _id(self, at: int) -> int:
        return int(self.list.item(at).data(Qt.ItemDataRole.UserRole))

    def _follow(self) -> None:
        """The row of what is chosen."""
        selection = self._session.catalogue.selection
        for at in range(self.list.count()):
            if selection and self._id(at) == selection[-1]:
                self.list.blockSignals(True)
                self.list.setCurrentRow(at)
                self.list.blockSignals(False)
                return

    def _on_current(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._walk.go(int(item.data(Qt.ItemDataRole.UserRole)))

    def _on_activated(self, item: QListWidgetItem) -> None:
        self._session.playback.play([int(item.data(Qt.ItemDataRole.UserRole))])
