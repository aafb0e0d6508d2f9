"""Reads for dialogs what is told of words, in a lane; once a start drops what was deleted long ago.

Main thread.
"""

from functools import partial

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.records import Judgement, Word


class Words(QObject):
    """Signals:
    words_read(object): every `Word`, in use, put away and deleted.
    history_read(object, object): slider or None for all, and its `Judgement`s, newest first.
    """

    words_read = Signal(object)
    history_read = Signal(object, object)

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs

    def start(self) -> None:
        self._jobs.start("ratings", tasks.forget_deleted, key="forget-deleted")

    def read(self) -> None:
        """Ask for `words_read`."""
        self._jobs.start("read", tasks.read_words, key="words", on_done=self._on_words)

    def read_history(self, slider_id: int | None) -> None:
        """Ask for `history_read` of one slider, or of all."""
        self._jobs.start(
            *("read", tasks.read_history, slider_id),
            key=f"history-{slider_id}",
            on_done=partial(self._on_history, slider_id),
        )

    def _on_words(self, words: list[Word]) -> None:
        self.words_read.emit(words)

    def _on_history(self, slider_id: int | None, rows: list[Judgement]) -> None:
        self.history_read.emit(slider_id, rows)
