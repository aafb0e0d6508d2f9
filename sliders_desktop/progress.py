"""What a task sees of the job it runs in; usable from any thread."""

from typing import Protocol


class Job(Protocol):
    """A task calls both once per file, batch or step."""

    def progress(self, done: int, total: int, text: str = "") -> None:
        """Report ``done`` of ``total`` units; ``text`` names the one at hand."""

    def check(self) -> None:
        """Wait while the job is paused; raise `Cancelled` if it was asked to stop."""


class _NoJob:
    """A job that is never cancelled and reports nowhere."""

    def progress(self, done: int, total: int, text: str = "") -> None:
        pass

    def check(self) -> None:
        pass


NO_JOB: Job = _NoJob()
