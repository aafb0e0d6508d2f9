"""Asks at most once a day whether there is a newer version: only if the listener wants that."""

import logging
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from sliders_desktop import __version__, tasks
from sliders_desktop.config import Paths, Settings, releases_address
from sliders_desktop.jobs import Jobs
from sliders_desktop.library.store import Store

if TYPE_CHECKING:
    from sliders_desktop.online.releases import Release

log = logging.getLogger(__name__)

KEPT_AS = "state.asked-for-updates"
DAY_S = 86_400


class Updates(QObject):
    """Nothing is fetched but the number of the newest version and the address of its page.

    Signals:
        found(str, str): there is a newer version; its number, the address of its page.
    """

    found = Signal(str, str)

    def __init__(
        self, store: Store, jobs: Jobs, paths: Paths, kept: Any, parent: QObject | None = None
    ) -> None:
        """``kept`` is what was stored under `KEPT_AS`: when it was last asked, in Unix seconds."""
        super().__init__(parent)
        self._store, self._jobs = store, jobs
        self._address = "" if paths.trial else releases_address(paths.resources)
        self._asked_at = kept if isinstance(kept, int) else 0

    @property
    def possible(self) -> bool:
        """The installer says where to ask; a package whose system updates it does not."""
        return bool(self._address)

    def use(self, settings: Settings) -> None:
        """Ask now, if the listener wants it and a day has passed (or the clock was set back)."""
        now = round(time.time())
        if not settings.updates or not self.possible or 0 <= now - self._asked_at < DAY_S:
            return
        self._asked_at = now
        self._store.set_setting(KEPT_AS, now)
        self._jobs.start(
            "send",
            tasks.newer_release,
            self._address,
            __version__,
            key="updates",
            on_done=self._on_answer,
            on_failed=self._on_failed,
        )

    def _on_answer(self, release: "Release | None") -> None:
        if release is not None:
            self.found.emit(release.version, release.address)

    def _on_failed(self, sentence: str) -> None:
        log.info("no answer about newer versions: %s", sentence)
