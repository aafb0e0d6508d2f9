"""What is dropped from outside: folders, sliders' files, playlists."""

from PySide6.QtCore import QFileInfo
from PySide6.QtGui import QDropEvent

from sliders_desktop.tasks import PLAYLIST_SUFFIXES, SUFFIX


def folders_in(event: QDropEvent) -> list[str]:
    return [path for path in _paths(event) if QFileInfo(path).isDir()]


def sliders_in(event: QDropEvent) -> list[str]:
    """Files of sliders that are dragged in from outside this window."""
    return _ending(event, (SUFFIX,))


def playlists_in(event: QDropEvent) -> list[str]:
    """Playlists that are dragged in from outside this window."""
    return _ending(event, PLAYLIST_SUFFIXES)


def _ending(event: QDropEvent, suffixes: tuple[str, ...]) -> list[str]:
    if event.source() is not None:
        return []
    return [path for path in _paths(event) if path.lower().endswith(suffixes)]


def _paths(event: QDropEvent) -> list[str]:
    return [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
