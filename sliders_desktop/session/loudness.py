"""How loud each track of the library is, for who looks at all of them at once. Main thread."""

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.session.catalogue import NO_IDS, Catalogue


class Loudness(QObject):
    """Read when somebody first wants it, and again once more was listened to.

    Signals:
        changed(): `lufs` is another.
    """

    changed = Signal()

    def __init__(self, jobs: Jobs, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._asked = False
        self.ids = NO_IDS  # (n,) ascending
        self.lufs: np.ndarray[Any, Any] | None = None  # (n,) float32; None until it was read
        catalogue.vectors_changed.connect(self._on_vectors_changed)

    def want(self) -> None:
        """Read it, unless that is under way."""
        if not self._asked:
            self._asked = True
            self._jobs.start("read", tasks.read_loudness, key="loudness", on_done=self._set)

    def _on_vectors_changed(self) -> None:
        self._asked = False
        if self.lufs is not None:
            self.want()

    def _set(self, found: tuple[Any, Any]) -> None:
        self.ids, self.lufs = found
        self.changed.emit()
