"""PulseAudio, or PipeWire in its place: which outputs it has, and word of each change. Linux only.

The only door to libpulse, which is loaded by the first call. A connection belongs to one thread,
except for `ServerConnection.interrupt`.
"""

import contextlib
import functools
import logging
import os
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sliders_desktop.audio.events import Device
from sliders_desktop.errors import NoSoundDevice

log = logging.getLogger(__name__)

# The devices of ALSA that play to the server, the best first, as PortAudio calls them.
PLUGS = ("pulse", "pipewire", "default")
# What the server's own client libraries read when they connect: a sink's name.
_AIM = ("PULSE_SINK", "PIPEWIRE_NODE")
_SETTLE_S = 0.1  # one event seldom comes alone


class ServerConnection:
    """Talks to the listener's sound server; `NoSoundDevice` if there is none (any more)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # libpulse must not be woken while it is freed
        self._changed = self._urgent = False
        with _as_no_sound():
            self._pulse = _client_class()("Sliders", connect=False)
            try:
                self._pulse.connect(autospawn=False)
            except Exception:
                self._pulse.close()
                raise

    def devices(self) -> tuple[Device, ...]:
        """The outputs there are now, by their descriptions; two of one name get numbers."""
        with _as_no_sound():
            default = self._pulse.server_info().default_sink_name
            sinks = sorted(self._pulse.sinks(), key=lambda sink: str(sink.name))
        seen: Counter[str] = Counter()
        found = []
        for sink in sinks:
            name = sink.description or sink.name
            seen[name] += 1
            if seen[name] > 1:
                name = f"{name} ({seen[name]})"
            found.append(Device(name, sink.name, sink.name == default, sink.rate))
        return tuple(sorted(found, key=lambda device: device.name.casefold()))

    def placed(self) -> tuple[str, float] | None:
        """The id of the output where this process is heard, and after how many seconds."""
        me = str(os.getpid())
        with _as_no_sound():
            inputs = self._pulse.sink_input_list()
            ours = [i for i in inputs if i.proplist.get("application.process.id") == me]
            if not ours:
                return None
            newest = max(ours, key=lambda i: int(i.index))
            names = {int(sink.index): str(sink.name) for sink in self._pulse.sinks()}
        if newest.sink not in names:
            return None
        return names[newest.sink], (newest.buffer_usec + newest.sink_usec) / 1e6

    def subscribe(self) -> None:
        """From now on `wait` hears of outputs and of where streams are heard."""
        with _as_no_sound():
            self._pulse.event_mask_set("sink", "sink_input", "server")
            self._pulse.event_callback_set(self._on_event)

    def wait(self, seconds: float) -> bool:
        """Until something changed, `interrupt`, or ``seconds`` passed; True: look again."""
        with _as_no_sound():
            if not self._changed:
                self._pulse.event_listen(seconds)
            if self._changed and not self._urgent:
                self._pulse.event_listen(_SETTLE_S)
        changed, self._changed, self._urgent = self._changed, False, False
        return changed

    def interrupt(self) -> None:
        """Let a `wait` return, from any thread; does nothing to one that only begins."""
        with self._lock:
            if self._pulse is not None:
                self._pulse.event_listen_stop()

    def close(self) -> None:
        with self._lock:
            pulse, self._pulse = self._pulse, None
        if pulse is not None:
            pulse.close()

    def _on_event(self, event: Any) -> None:
        from pulsectl import PulseLoopStop

        self._changed = True
        # An output that is gone is acted upon at once: the server has moved our sound elsewhere.
        self._urgent = self._urgent or (event.facility == "sink" and event.t == "remove")
        raise PulseLoopStop


def server_devices() -> tuple[Device, ...] | None:
    """The server's outputs now, None if there is no server."""
    try:
        connection = ServerConnection()
    except NoSoundDevice:
        return None
    try:
        return connection.devices()
    except NoSoundDevice:
        return None
    finally:
        connection.close()


@contextlib.contextmanager
def aimed_at(device_id: str) -> Iterator[None]:
    """A stream that is opened meanwhile is heard at this output; "": where the server wants.

    Moving the stream after it was opened would be remembered by PulseAudio, and bring the next
    one there too. The variables are set for a few milliseconds only, because the environment
    belongs to all threads.
    """
    before = {name: os.environ.get(name) for name in _AIM}
    if device_id:
        os.environ.update(dict.fromkeys(_AIM, device_id))
    try:
        yield
    finally:
        for name, value in before.items():
            if device_id and value is None:
                os.environ.pop(name, None)
            elif device_id and value is not None:
                os.environ[name] = value


@contextlib.contextmanager
def _as_no_sound() -> Iterator[None]:
    pulsectl = _pulsectl()
    if pulsectl is None:
        raise NoSoundDevice("There is no sound server on this machine.")
    try:
        yield
    except (
        pulsectl.PulseError,
        pulsectl.PulseDisconnected,
        pulsectl._pulsectl.LibPulse.CallError,
    ) as error:
        log.debug("sound server: %s", error)
        raise NoSoundDevice("The sound server does not answer.") from error


@functools.cache
def _pulsectl() -> Any:
    """The library, None where libpulse is missing: looking for that starts other programs."""
    try:
        import pulsectl
    except (ImportError, OSError) as error:
        log.info("no libpulse: %s", error)
        return None
    return pulsectl


@functools.cache
def _client_class() -> Any:
    """pulsectl's client, with a list of sinks whose rate can be believed.

    Its own keeps a pointer to the sample specification, which libpulse frees after the call.
    """
    from pulsectl import Pulse, PulseSinkInfo
    from pulsectl._pulsectl import PA_SINK_INFO_CB_T, pa

    class Sink(PulseSinkInfo):  # type: ignore[misc]
        def _init_from_struct(self, struct: Any) -> None:
            self.rate = int(struct.sample_spec.rate)

    class Client(Pulse):  # type: ignore[misc]
        sinks = Pulse._pulse_get_list(PA_SINK_INFO_CB_T, pa.context_get_sink_info_list, Sink)

    return Client
