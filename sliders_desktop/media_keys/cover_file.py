"""A cover as a file in our own cache, for programs that only take an address."""

import hashlib
import logging
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal

log = logging.getLogger(__name__)

_BEGINNINGS = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png", b"RIFF": ".webp"}


class CoverFile(QObject):
    """Holds one picture at a time; ``uri`` is empty while there is none.

    Signals:
        changed(): there is another picture, or none any more.
    """

    changed = Signal()
    _saved = Signal(int, str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.uri = ""
        self._folder = folder
        self._number = 0  # of the picture that is wanted
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._saved.connect(self._on_saved, Qt.ConnectionType.QueuedConnection)

    def keep(self, picture: bytes | None) -> None:
        """Write this one; the one before goes at once."""
        self._number += 1
        if self.uri:
            self.uri = ""
            self.changed.emit()
        if picture is not None:
            number = self._number
            self._pool.start(lambda: self._save(number, picture))

    def close(self) -> None:
        self._number += 1
        self._pool.clear()
        self._pool.waitForDone()

    def _save(self, number: int, picture: bytes) -> None:
        """In the pool's thread. Another picture has another name, so nobody shows an old one."""
        endings = (end for begin, end in _BEGINNINGS.items() if picture.startswith(begin))
        name = hashlib.blake2b(picture, digest_size=16).hexdigest() + next(endings, "")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for other in self._folder.iterdir():
                if other.name != name:
                    other.unlink()
            (self._folder / name).write_bytes(picture)
        except OSError as error:
            log.info("the cover could not be kept: %s", error)
            return
        self._saved.emit(number, (self._folder / name).resolve().as_uri())

    def _on_saved(self, number: int, uri: str) -> None:
        if number == self._number:
            self.uri = uri
            self.changed.emit()
