"""The window's size, columns and view: kept for the next start, and while it is compact."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QSize

if TYPE_CHECKING:
    from sliders_desktop.gui.main_window import MainWindow
    from sliders_desktop.session.session import Session

FULL_SIZE, LEAST_SIZE = (1440, 900), (1000, 560)
COMPACT_SIZE, COMPACT_LEAST = (400, 620), (384, 420)
FRAME = (8, 48)  # what a window manager adds at most


def first_size(screen: QSize) -> QSize:
    """How large the very first window is: the screen's frame and bar stay in sight."""
    width = min(FULL_SIZE[0], screen.width() - FRAME[0])
    height = min(FULL_SIZE[1], screen.height() - FRAME[1])
    return QSize(max(LEAST_SIZE[0], width), max(LEAST_SIZE[1], height))


class WindowMemory:
    """Saves and restores; a memory that was spoilt is passed over."""

    def __init__(self, session: "Session", window: "MainWindow") -> None:
        self._session, self._window = session, window
        self._splitters = {"columns": window.columns, "right": window.right}
        self.compact = False
        self._full: dict[str, Any] = {}
        self._full_rect = window.geometry()

    def restore(self) -> None:
        """Take what the last run left."""
        state = self._session.read_state("window")
        if not isinstance(state, dict):
            return
        geometry = _from_text(state.get("geometry"))
        if not geometry.isEmpty():
            self._window.restoreGeometry(geometry)
        self._restore_splitters(state)
        self._window.centre.view = "list" if state.get("view") == "list" else "map"
        self._window.centre.refresh()
        if state.get("compact"):
            self._window.actions_table.by_name["compact"].trigger()

    def save(self) -> None:
        """Keep it for the next run; of a compact window also what it was before."""
        state = self._full if self.compact else self._sizes()
        view = {"view": self._window.centre.view, "compact": self.compact}
        self._session.write_state("window", state | view)

    def set_compact(self, compact: bool) -> None:
        """Transport, nine keys and what comes next; the rest returns as it was."""
        if compact == self.compact:
            return
        window = self._window
        if compact:
            self._full, self._full_rect = self._sizes(), window.geometry()
        self.compact = compact
        for part in (window.sidebar, window.centre, window.slider_panel):
            part.setVisible(not compact)
        window.player_bar.set_compact(compact)
        if compact:
            window.setMinimumSize(*COMPACT_LEAST)
            window.resize(*COMPACT_SIZE)
        else:
            window.setMinimumSize(*LEAST_SIZE)
            window.setGeometry(self._full_rect)
            self._restore_splitters(self._full)
            window.centre.take_keyboard()

    def _sizes(self) -> dict[str, Any]:
        sizes = {name: _to_text(s.saveState()) for name, s in self._splitters.items()}
        return sizes | {"geometry": _to_text(self._window.saveGeometry())}

    def _restore_splitters(self, state: dict[str, Any]) -> None:
        for name, splitter in self._splitters.items():
            splitter.restoreState(_from_text(state.get(name)))


def _to_text(data: QByteArray) -> str:
    return bytes(data.toBase64().data()).decode("ascii")


def _from_text(text: object) -> QByteArray:
    return QByteArray.fromBase64(text.encode()) if isinstance(text, str) else QByteArray()
