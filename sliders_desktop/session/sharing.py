"""Sliders on their way out as files, and files on their way in. Main thread; lane `fit` works."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from sliders_desktop import tasks
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.records import Slider
from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.rack import Rack

__all__ = ["Sharing"]


class Sharing(QObject):
    """Answers come as calls of bound methods, on the main thread."""

    def __init__(
        self, jobs: Jobs, catalogue: Catalogue, rack: Rack, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._catalogue, self._rack = jobs, catalogue, rack

    def write(
        self,
        slider_id: int,
        path: Path,
        author: str,
        name_tracks: bool,
        on_done: Callable[[Path], None],
        on_failed: Callable[[str], None],
    ) -> None:
        """Write a slider's file; a sentence if that can't be."""
        self._jobs.start(
            "fit", tasks.write_slider, slider_id, self._catalogue.vectors, path, author,
            name_tracks, key="share", on_done=on_done, on_failed=on_failed,
        )  # fmt: skip

    def look(
        self,
        path: Path,
        on_done: Callable[["tasks.Preview"], None],
        on_failed: Callable[[str], None],
    ) -> None:
        """See what a file would mean here; nothing changes."""
        self._jobs.start(
            "fit", tasks.preview_slider, path, self._catalogue.vectors, key="shared-preview",
            on_done=on_done, on_failed=on_failed,
        )  # fmt: skip

    def take_in(self, preview: "tasks.Preview", name: str) -> Slider:
        """Make the slider; it starts dimmed. `UserError` if the name is empty or taken."""
        return self._rack.take_in(preview.shared, preview.text, name)
