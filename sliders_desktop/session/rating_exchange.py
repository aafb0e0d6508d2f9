"""Ratings to a file and from one, one at a time, in their lane. Main thread."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs, JobView
from sliders_desktop.session.rack import Rack

KEY = "ratings-file"


class RatingExchange(QObject):
    """Signals:
    progressed(int, int): done and total of what is under way; ended(): nothing is any more.
    written(str), failed(str): one sentence. imported(object): `tasks.Imported`.
    """

    progressed = Signal(int, int)
    ended = Signal()
    written = Signal(str)
    imported = Signal(object)
    failed = Signal(str)

    def __init__(self, jobs: Jobs, rack: Rack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._rack = jobs, rack
        jobs.progressed.connect(self._on_progressed)

    @property
    def busy(self) -> bool:
        return self._jobs.job(KEY) is not None

    def write(self, path: Path) -> None:
        """All ratings into a file, JSON or CSV by its ending."""
        self._jobs.start(
            *("ratings", tasks.export_ratings, path),
            key=KEY, on_done=self._on_written, on_failed=self._on_failed,
        )  # fmt: skip

    def write_left_out(self, imported: tasks.Imported, path: Path) -> None:
        """What found no track into a file of its own, for another day."""
        self._jobs.start(
            *("ratings", tasks.save_ratings, imported.left_out, path),
            key=KEY, on_done=self._on_written, on_failed=self._on_failed,
        )  # fmt: skip

    def take_in(self, path: Path) -> None:
        """Add the ratings of a file, all or none."""
        self._jobs.start(
            *("ratings", tasks.import_ratings, path),
            key=KEY, on_done=self._on_imported, on_failed=self._on_failed,
        )  # fmt: skip

    def cancel(self) -> None:
        """Stop; nothing was changed then."""
        job = self._jobs.job(KEY)
        if job is not None:
            job.cancel()

    def _on_progressed(self, view: JobView) -> None:
        if view.key != KEY:
            return
        if view.state in ("running", "queued"):
            self.progressed.emit(view.done, view.total)
        else:
            self.ended.emit()

    def _on_written(self, out: tasks.Exported) -> None:
        self.written.emit(out.sentence)

    def _on_imported(self, result: tasks.Imported) -> None:
        self._rack.take(result.held, result.up_to)
        self.imported.emit(result)

    def _on_failed(self, sentence: str) -> None:
        self.failed.emit(sentence)
