"""Which sound outputs there are, and word of each change: the thread `devices`.

On Linux it sleeps until the sound server speaks; while there is none it looks for one, and while
nothing plays for cards, every two seconds. Windows and macOS are asked once a second, beside
PortAudio, whose own list stands still while it plays.
"""

import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from sliders_desktop.audio.events import Device
from sliders_desktop.audio.sinks.sound_card import card_devices, is_playing
from sliders_desktop.audio.sinks.sound_server import ServerConnection, server_devices
from sliders_desktop.errors import NoSoundDevice

log = logging.getLogger(__name__)

Step = Literal["stay", "move", "lost"]

_RETRY_S = 2.0
_POLL_S = 1.0
_LONG_S = 3600.0


@dataclass(frozen=True)
class Look:
    """What a look at the system found."""

    devices: tuple[Device, ...] = ()
    placed: str | None = None  # id of the output where the sound server lets us be heard
    latency_s: float = field(default=0.0, compare=False)  # there; 0 if unknown

    @property
    def default(self) -> Device | None:
        return next((device for device in self.devices if device.is_default), None)


def devices() -> tuple[Device, ...]:
    """The sound outputs there are now; empty without any. May take 0.5 s."""
    if not sys.platform.startswith("linux"):
        return _speakers() or card_devices()
    served = server_devices()
    return card_devices() if served is None else served + _hardware(refresh=True)


def next_step(at: Device, chosen: str, rate: int, before: Look, now: Look) -> tuple[Step, Device]:
    """What to do that is heard ``at`` an output, at ``rate`` Hz, and where it is heard then.

    ``chosen`` is the output the listener named, "" if the system's default is followed. A sound
    server moves streams by itself: when it took us off an output that is gone, that is "lost"; to
    where the default is now, that is followed, at the rate of the new output; off an output that
    was chosen, it is undone, unless somebody moved us by hand in the system's mixer.
    """
    here = {device.id: device for device in now.devices}
    if at.id not in here:
        known = any(device.id == at.id for device in before.devices)
        return ("lost" if known else "stay"), at
    defaulted = None not in (before.default, now.default) and now.default != before.default
    placed = here.get(now.placed or "")
    if placed is None:  # no server: nobody moves us but we ourselves
        if not chosen and defaulted and now.default is not None and now.default.id != at.id:
            return "move", now.default
        return "stay", here[at.id]
    if placed.id == at.id:
        return "stay", placed
    if chosen and defaulted:
        return "move", at
    if not chosen and placed.rate not in (0, rate):
        return "move", placed
    return "stay", placed


class Watch:
    """Calls ``changed`` on its own thread with each `Look` that differs from the one before."""

    def __init__(self, changed: Callable[[Look], None], retry_s: float = _RETRY_S) -> None:
        self._changed = changed
        self._retry_s = retry_s
        self._last: Look | None = None
        self._closing = threading.Event()
        self._connection: ServerConnection | None = None
        self._thread = threading.Thread(target=self._run, name="devices", daemon=True)
        self._thread.start()

    def close(self, timeout: float = 1.0) -> None:
        self._closing.set()
        for _ in range(round(timeout / 0.02)):
            connection = self._connection
            if connection is not None:
                connection.interrupt()
            self._thread.join(0.02)
            if not self._thread.is_alive():
                return

    def _run(self) -> None:
        try:
            if sys.platform.startswith("linux"):
                self._run_beside_a_server()
            else:
                self._run_by_the_clock()
        except Exception:  # the music must not end for this
            log.exception("sound outputs are not watched any more")

    def _say(self, look: Look) -> None:
        if look != self._last and not self._closing.is_set():
            self._last = look
            self._changed(look)

    # --- Linux ---

    def _run_beside_a_server(self) -> None:
        cards: tuple[str, ...] | None = None
        while not self._closing.is_set():
            try:
                connection = ServerConnection()
            except NoSoundDevice:
                # While something plays, PortAudio can't look again; a lost card ends its stream.
                if not is_playing() and cards != (cards := _cards_of_the_kernel()):
                    self._say(Look(card_devices()))
                self._closing.wait(self._retry_s)
                continue
            self._connection = connection
            try:
                self._listen(connection)
            except NoSoundDevice:
                self._say(Look())  # the server has ended
            finally:
                self._connection = None
                connection.close()
            cards = None

    def _listen(self, connection: ServerConnection) -> None:
        connection.subscribe()
        hardware: tuple[Device, ...] | None = None
        while not self._closing.is_set():
            served, (placed, latency_s) = connection.devices(), connection.placed() or (None, 0.0)
            self._say(Look(served + (hardware or ()), placed, latency_s))
            if hardware is None:  # the first look is slow
                hardware = _hardware(refresh=False)
            else:
                connection.wait(_LONG_S)

    # --- Windows and macOS ---

    def _run_by_the_clock(self) -> None:
        while not self._closing.is_set():
            self._say(Look(_speakers()))
            self._closing.wait(_POLL_S)


def _hardware(refresh: bool) -> tuple[Device, ...]:
    """Cards past the sound server."""
    return tuple(device for device in card_devices(refresh) if device.alone)


def _cards_of_the_kernel() -> tuple[str, ...]:
    try:
        return tuple(sorted(os.listdir("/dev/snd")))  # noqa: PTH208
    except OSError:
        return ()


def _speakers() -> tuple[Device, ...]:
    """What Windows or macOS says; empty if it does not answer."""
    try:
        import soundcard

        try:
            default = soundcard.default_speaker().id
        except Exception:  # there is none
            default = None
        found: dict[str, Device] = {}
        for speaker in soundcard.all_speakers():
            name = str(speaker.name)
            found.setdefault(name, Device(name, name, speaker.id == default))
        return tuple(found.values())
    except Exception as error:  # a foreign library over a foreign system
        log.debug("the system's outputs are not known: %s", error)
        return ()
