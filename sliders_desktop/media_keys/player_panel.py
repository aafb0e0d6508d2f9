"""One system's player panel: what all of them have in common. Each system's own only translates.

Lives on the main thread; what the listener presses may come in on any.
"""

import logging
from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QObject, Qt, Signal, Slot

from sliders_desktop.media_keys.remote import Remote, Wish

log = logging.getLogger(__name__)


class PlayerPanel(QObject):
    """Shows and steers ``remote`` in the system's way.

    Signals:
        asked(str, float): a `Wish` of the listener, and seconds for "seek"; from any thread.
    """

    asked = Signal(str, float)

    # What the system raises where it does not take something: not worth a word to the listener.
    refusals: tuple[type[Exception], ...] = ()

    def __init__(self, remote: Remote, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.remote = remote
        remote.setParent(self)
        self._open = False

    # what each system does in its own way

    def enter(self) -> None:
        """Ask the system for a panel; raises whatever the system says no with."""
        raise NotImplementedError

    def show(self) -> None:
        """Something in ``remote`` is another: tell the system, if it shows that."""
        raise NotImplementedError

    def show_position(self, seconds: float) -> None:
        """The position jumped."""
        raise NotImplementedError

    def show_cover(self) -> None:
        """``remote.cover`` is another."""
        raise NotImplementedError

    def leave(self) -> None:
        """Let go of the system, within half a second."""
        raise NotImplementedError

    # what is the same everywhere

    def open(self) -> None:
        """Appear. Raises where the system does not want to; nothing is left over then."""
        try:
            self.enter()
        except Exception:
            self.remote.close()
            with suppress(Exception):  # it may have come half way
                self.leave()
            raise
        self._open = True
        self.asked.connect(self._on_asked, Qt.ConnectionType.QueuedConnection)
        self.remote.changed.connect(self._on_changed)
        self.remote.seeked.connect(self._on_seeked)
        self.remote.cover_changed.connect(self._on_cover_changed)
        self._on_changed()

    def close(self) -> None:
        """Disappear; waits half a second at the most."""
        self.remote.close()
        if self._open:
            self._open = False
            self.tell(self.leave)

    def tell(self, say: Callable[[], None]) -> None:
        """Say something that the system may refuse."""
        try:
            say()
        except self.refusals as error:
            log.debug("the player panel refuses: %s: %s", type(error).__name__, error)

    @Slot(str, float)
    def _on_asked(self, wish: Wish, seconds: float) -> None:
        self.remote.obey(wish, seconds)

    def _on_changed(self) -> None:
        if self._open:
            self.tell(self.show)

    def _on_seeked(self, seconds: float) -> None:
        if self._open:
            self.tell(lambda: self.show_position(seconds))

    def _on_cover_changed(self) -> None:
        if self._open:
            self.tell(self.show_cover)
