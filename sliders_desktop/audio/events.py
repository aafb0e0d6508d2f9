"""What the player tells: small frozen records, made on the player thread."""

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["finished", "skipped", "stopped"]


@dataclass(frozen=True)
class Started:
    """The first frame of a track is heard."""

    key: int


@dataclass(frozen=True)
class Ended:
    """A started track is heard no more; each `Started` meets one `Ended` or `Failed`."""

    key: int
    seconds_played: float
    outcome: Outcome


@dataclass(frozen=True)
class Failed:
    """A track cannot be played, or no further; mostly it had not even started."""

    key: int
    reason: str
    seconds_played: float = 0.0


@dataclass(frozen=True)
class NeedNext:
    """The end of the track ``key`` is near (or reached), and nothing is set to follow.

    A short track is decoded before it is heard: this may come before its `Started`.
    """

    key: int


@dataclass(frozen=True)
class SinkLost:
    """There is no output (any more); the player has paused and tries again on `resume`."""

    reason: str
    playing: bool = field(default=True, compare=False)  # until then, or wanted to


@dataclass(frozen=True)
class Device:
    """A sound output: ``name`` is for the listener and unique, ``id`` for the system.

    ``rate`` is 0 where only opening it would tell; one that is ``alone`` is taken from every
    other program while it is open.
    """

    name: str
    id: str
    is_default: bool = False
    rate: int = 0
    alone: bool = False


@dataclass(frozen=True)
class DevicesChanged:
    """These are the outputs there are now."""

    devices: tuple[Device, ...]


@dataclass(frozen=True)
class OutputNote:
    """Something about the output the listener should know; the sound goes on."""

    sentence: str


PlayerEvent = Started | Ended | Failed | NeedNext | SinkLost | DevicesChanged | OutputNote
