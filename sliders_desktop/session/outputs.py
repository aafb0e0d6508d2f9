"""Where the sound goes: the outputs there are, the listener's choice, and one that was lost."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.audio.events import Device
from sliders_desktop.audio.player import DevicesChanged, OutputNote, Player, SinkLost
from sliders_desktop.config import Settings
from sliders_desktop.jobs import Jobs


@dataclass(frozen=True)
class Loss:
    """The sound has stopped because of its output."""

    reason: str  # a sentence
    playing: bool  # something was heard until then


class Outputs(QObject):
    """Knows the outputs as they come and go; the player itself decides nothing about them.

    Signals:
        changed(): other outputs are there, or another one is chosen.
        lost(): the sound has stopped, see `loss`; found(): it goes on.
        noted(str): one sentence the listener should know.
    """

    changed = Signal()
    lost = Signal()
    found = Signal()
    noted = Signal(str)

    def __init__(
        self, jobs: Jobs, player: Player, settings: Settings, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._player = jobs, player
        self._told = False  # somebody watches the outputs for us
        self.names: list[str] = []
        self.default = ""  # name of the one the system has chosen, "" if none
        self.chosen, self._exclusive = settings.output, settings.exclusive
        self.loss: Loss | None = None
        self.back = ""  # name of one that went away with the sound, and is there again
        self._gone: set[str] = set()
        self._player.set_output(self.chosen, self._exclusive)

    def look(self) -> None:
        """Somebody wants to see the outputs: where nobody tells of them, ask."""
        if not self._told:
            self._jobs.start("read", tasks.read_outputs, key="outputs", on_done=self._show)

    def use(self, settings: Settings) -> None:
        """Other settings: go on there, at the same place."""
        if (settings.output, settings.exclusive) != (self.chosen, self._exclusive):
            self.chosen, self._exclusive = settings.output, settings.exclusive
            self._player.set_output(self.chosen, self._exclusive)
            self.changed.emit()

    def on_event(self, event: object) -> None:
        """What the player says of its output."""
        if isinstance(event, DevicesChanged):
            self._told = True
            self._show(event.devices)
        elif isinstance(event, OutputNote):
            self.noted.emit(event.sentence)
        elif isinstance(event, SinkLost):
            self.loss = Loss(event.reason, event.playing)
            self.back = ""
            self.lost.emit()

    def on_playing(self, playing: bool) -> None:
        """The music plays, or not; while it does, nothing is lost."""
        if playing:
            self.settle()

    def settle(self) -> None:
        """What was lost is no matter any more."""
        if self.loss is not None:
            self.loss, self.back = None, ""
            self._gone.clear()
            self.found.emit()

    def _show(self, devices: tuple[Device, ...]) -> None:
        names = [device.name for device in devices]
        default = next((device.name for device in devices if device.is_default), "")
        if (names, default) == (self.names, self.default):
            return
        if self.loss is not None:
            self._gone |= set(self.names) - set(names)
            self.back = next((name for name in names if name in self._gone), "")
        self.names, self.default = names, default
        self.changed.emit()
