"""The sink that can be heard: an output of the sound server or of the sound card itself.

The only door to PortAudio. `open` and `close` are called by the player thread; the device renders
on PortAudio's thread in compiled code.
"""

import contextlib
import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sliders_desktop.audio.events import Device
from sliders_desktop.audio.sinks.ring import Ring
from sliders_desktop.audio.sinks.sound_server import PLUGS, aimed_at, server_devices
from sliders_desktop.audio.sinks.sound_threads import first_in_line
from sliders_desktop.errors import NoSoundDevice

log = logging.getLogger(__name__)

# Through PulseAudio up to 25 ms more. With 35 ms hands are felt 15 ms sooner, but in half an hour
# beside other programs' work the sound broke off 22 times. Where 50 are not enough either, `Output`
# asks for more.
_LATENCY_S = 0.05
_NOTHING = "There is no sound output on this machine."
_RATES = (48000, 44100)  # what is tried where a device refuses its own
# The host systems of PortAudio that are worth a look, by platform; the others show the same
# devices again under shortened names.
_HOSTS = {"win32": "Windows WASAPI", "darwin": "Core Audio"}

_portaudio_lock = threading.RLock()
_open_streams = 0


@dataclass(frozen=True)
class _Way:
    """How an output is reached: PortAudio's device, and the server's if one stands between."""

    device: Device
    index: int
    rate: int
    aim: str = ""
    host: str = ""


def _portaudio(refresh: bool = False) -> Any:
    """sounddevice, imported late: loading PortAudio asks every sound system the machine has.

    PortAudio's list of devices is as old as its initialisation; ``refresh`` makes a new one if no
    stream is open.
    """
    with _portaudio_lock:
        _prepare_thread()
        fresh = "sounddevice" not in sys.modules
        try:
            import sounddevice
        except OSError as error:
            raise NoSoundDevice(
                "There is no sound: the library PortAudio is missing"
                " (on Debian and Ubuntu: apt install libportaudio2)."
            ) from error
        module: Any = sounddevice
        if refresh and not fresh and not _open_streams:
            try:
                module._terminate()
                module._initialize()
            except module.PortAudioError as error:
                raise NoSoundDevice(f"The sound system does not answer: {error}.") from error
        return module


def _prepare_thread() -> None:
    """WASAPI wants COM on each thread that opens a stream (PortAudio#250)."""
    if sys.platform == "win32":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.windll.ole32.CoInitializeEx(None, 0)  # the second time changes nothing


def _raw_devices(refresh: bool) -> list[tuple[dict[str, Any], str, bool]]:
    """PortAudio's outputs worth a look: each with its host system, and if it is the default."""
    with _portaudio_lock:
        portaudio = _portaudio(refresh)
        hosts = portaudio.query_hostapis()
        wanted = _HOSTS.get(sys.platform)
        at = next((i for i, host in enumerate(hosts) if host["name"] == wanted), None)
        default = None
        with contextlib.suppress(ValueError, portaudio.PortAudioError):
            default = portaudio.query_devices(kind="output")["index"]
        if at is not None:
            default = hosts[at]["default_output_device"]
        return [
            (device, hosts[device["hostapi"]]["name"], device["index"] == default)
            for device in portaudio.query_devices()
            if device["max_output_channels"] > 0 and at in (None, device["hostapi"])
        ]


def card_devices(refresh: bool = True) -> tuple[Device, ...]:
    """The outputs that PortAudio knows, as of now if nothing plays; may take 0.5 s."""
    try:
        raw = _raw_devices(refresh)
    except NoSoundDevice:
        return ()
    found: dict[str, Device] = {}
    for device, _, is_default in raw:
        name = str(device["name"])
        rate = int(device["default_samplerate"])
        if name not in found or is_default:
            found[name] = Device(name, name, is_default, rate, _is_hardware(name))
    return tuple(found.values())


def is_playing() -> bool:
    """A stream is open, so PortAudio's list of devices stands still."""
    return _open_streams > 0


def _is_hardware(name: str) -> bool:
    """A card of ALSA's, past the sound server and past any mixing."""
    return sys.platform.startswith("linux") and "(hw:" in name


class DeviceSink:
    """The output called ``device_name``, or the system's default; its callback is compiled code."""

    pace = 1.0
    # PulseAudio drops the first 25 ms of a stream that starts with sound, and loudspeakers that
    # were asleep drop more.
    lead_in_s = 0.15

    def __init__(self, device_name: str = "", exclusive: bool = False) -> None:
        self.device_name = device_name
        self.exclusive = exclusive
        self.latency_s = self.wanted_latency_s = _LATENCY_S
        self.device: Device | None = None
        self.note = ""
        self._stream: Any = None
        self._library: Any = None
        self._ring: Ring | None = None  # PortAudio reads its buffer: keep it alive
        self._way: _Way | None = None

    @property
    def rate(self) -> int:
        """The device's own rate, so that nothing is resampled twice."""
        return self._found().rate

    def open(self, ring: Ring) -> None:
        from sliders_desktop.audio.sinks.render import callback

        global _open_streams
        with _portaudio_lock:
            way = self._found()
            portaudio = _portaudio()
            self._library = portaudio._lib
            settings = _settings(portaudio, way, self.exclusive)
            with aimed_at(way.aim), first_in_line():
                stream, refused = self._start(portaudio, way, ring, settings, callback.address)
                if refused and settings is not None and self.exclusive:
                    shared = _settings(portaudio, way, False)
                    stream, refused = self._start(portaudio, way, ring, shared, callback.address)
                    self.note = (
                        f"The sound output “{way.device.name}” can't be had for Sliders alone now;"
                        " it is shared with other programs."
                    )
            if refused:
                raise NoSoundDevice(
                    f"The sound output “{way.device.name}” cannot be opened: {refused}."
                )
            self._stream, self._ring, self.device = stream, ring, way.device
            _open_streams += 1
            info = self._library.Pa_GetStreamInfo(stream)
            if info != portaudio._ffi.NULL:
                self.latency_s = float(info.outputLatency)
        log.info("sound output %s, %d Hz, %.0f ms", way.device, ring.rate, 1e3 * self.latency_s)

    def _start(
        self, portaudio: Any, way: _Way, ring: Ring, settings: Any, callback: int | None
    ) -> tuple[Any, str]:
        """A running stream, or why not.

        sounddevice's own streams call Python for each block, which would need the GIL: this opens
        the stream as they do, with a compiled callback.
        """
        library, ffi = portaudio._lib, portaudio._ffi
        parameters = _parameters(portaudio, way.index, settings, self.wanted_latency_s)
        stream = ffi.new("PaStream **")
        error = library.Pa_OpenStream(
            *(stream, ffi.NULL, parameters, float(ring.rate), 0, library.paNoFlag),
            ffi.cast("PaStreamCallback *", callback),
            ffi.cast("void *", ring.buffer.ctypes.data),
        )
        if not error:
            error = library.Pa_StartStream(stream[0])
            if error:
                library.Pa_CloseStream(stream[0])
        text = ffi.string(library.Pa_GetErrorText(error)).decode() if error else ""
        return stream[0], text

    def lost(self) -> str | None:
        if self._stream is None or self._library.Pa_IsStreamActive(self._stream) == 1:
            return None
        return gone(self.device)

    def close(self) -> None:
        global _open_streams
        with _portaudio_lock:
            if self._stream is not None:
                # Abort, not stop: stopping waits until everything queued has been heard.
                self._library.Pa_AbortStream(self._stream)
                self._library.Pa_CloseStream(self._stream)
                self._stream = None
                _open_streams -= 1
        self._ring = self._way = None

    # --- finding it ---

    def _found(self) -> _Way:
        """The way to the device, looked for once: asking PortAudio anew costs 0.1 s."""
        if self._way is None:
            try:
                self._way = self._through_the_server() or self._straight()
            except NoSoundDevice:
                raise
            except Exception as error:  # of sounddevice, which wraps PortAudio's
                raise NoSoundDevice(f"The sound system does not answer: {error}.") from error
        return self._way

    def _through_the_server(self) -> _Way | None:
        """None without a sound server, and for a device past it."""
        devices = server_devices() if sys.platform.startswith("linux") else None
        if devices is None:
            return None
        chosen = next((d for d in devices if d.name == self.device_name), None)
        device = chosen or next((d for d in devices if d.is_default), None)
        if self.device_name and chosen is None:
            return None
        if device is None:
            raise NoSoundDevice(_NOTHING)
        for refresh in (False, True):  # the list may be older than the server
            raw = {str(device["name"]): device["index"] for device, *_ in _raw_devices(refresh)}
            plug = next((name for name in PLUGS if name in raw), None)
            if plug is not None:
                aim = device.id if chosen else ""
                return _Way(device, raw[plug], device.rate or _RATES[0], aim)
        return None

    def _straight(self) -> _Way:
        raw = _raw_devices(refresh=True)
        for device, host, is_default in raw:
            name = str(device["name"])
            if name == self.device_name or (is_default and not self.device_name):
                own = int(device["default_samplerate"])
                found = Device(name, name, is_default, own, _is_hardware(name))
                rate = self._accepted(device["index"], own)
                return _Way(found, device["index"], rate, host=host)
        if self.device_name:
            raise NoSoundDevice(f"The sound output “{self.device_name}” is not there.")
        raise NoSoundDevice(_NOTHING)

    def _accepted(self, index: int, own: int) -> int:
        """The rate a device takes: its own, or the nearest thing to it."""
        with _portaudio_lock:
            portaudio = _portaudio()
            parameters = _parameters(portaudio, index, None, self.wanted_latency_s)
            ask: Callable[..., int] = portaudio._lib.Pa_IsFormatSupported
            for rate in (own, *_RATES):
                if rate > 0 and ask(portaudio._ffi.NULL, parameters, float(rate)) == 0:
                    return rate
        return own or _RATES[0]  # `open` will say what is wrong


def _parameters(portaudio: Any, index: int, settings: Any, latency_s: float) -> Any:
    """PaStreamParameters for stereo float32; ``settings`` are the host system's own."""
    ffi = portaudio._ffi
    low = portaudio.query_devices(index)["default_low_output_latency"]
    return ffi.new(
        "PaStreamParameters *",
        {
            "device": index,
            "channelCount": 2,
            "sampleFormat": portaudio._lib.paFloat32,
            "suggestedLatency": max(latency_s, low),
            "hostApiSpecificStreamInfo": ffi.NULL if settings is None else settings._streaminfo,
        },
    )


def _settings(portaudio: Any, way: _Way, exclusive: bool) -> Any:
    """What the host system wants to be told, None where there is nothing to tell."""
    if "WASAPI" in way.host:
        return portaudio.WasapiSettings(exclusive=exclusive, auto_convert=not exclusive)
    if "Core Audio" in way.host and exclusive:
        return portaudio.CoreAudioSettings(change_device_parameters=True)
    return None


def gone(device: Device | None) -> str:
    """The sentence for an output that is not there any more."""
    return f"The sound output “{device.name}” went away." if device else "The sound went away."
