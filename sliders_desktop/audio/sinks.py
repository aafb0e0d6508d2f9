"""Where the sound goes: the sound card, nowhere, or a WAV file. The only door to PortAudio.

`open` and `close` are called by the player thread. A device renders on PortAudio's thread in
compiled code; the other sinks have a thread of their own, or are driven by a test.
"""

import logging
import math
import struct
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.audio.ring import Ring
from sliders_desktop.errors import NoSoundDevice

log = logging.getLogger(__name__)

_RATE = 44100  # of sinks that can do any
_LATENCY_S = 0.05  # asked of a device: enough for a crowded machine, little enough for the hands
_BLOCK_S = 0.01


class Sink(Protocol):
    """Takes what the player puts into a ring and makes it sound."""

    latency_s: float  # from leaving the ring to being heard; known after `open`
    lead_in_s: float  # silence it needs after `open` before it plays every frame
    pace: float  # speed against real time; infinite: as fast as data come
    device_name: str  # wanted output, "" follows the system; only a device looks at it

    @property
    def rate(self) -> int:
        """Frames a second the ring must have; `NoSoundDevice` if nobody can tell."""

    def open(self, ring: Ring) -> None:
        """Start to consume ``ring``; `NoSoundDevice` says in a sentence why not."""

    def lost(self) -> str | None:
        """Why this sink has stopped by itself, None while all is well."""

    def close(self) -> None:
        """Stop at once; may be called twice."""


def make_sink(kind: str, device_name: str = "", pace: float | None = None) -> Sink:
    """Sink for ``--sink``: ``device``, ``null`` or ``wav:FILE``.

    ``null`` keeps real time and ``wav`` runs as fast as data come, unless ``pace`` says otherwise.
    """
    name, _, argument = kind.partition(":")
    if name == "device" and not argument:
        return DeviceSink(device_name)
    if name == "null" and not argument:
        return NullSink(1.0 if pace is None else pace)
    if name == "wav" and argument:
        return WavSink(argument, math.inf if pace is None else pace)
    raise ValueError(f"{kind!r} is no sound output: use device, null or wav:FILE")


# --- our own sinks --------------------------------------------------------------------------------


class NullSink:
    """Consumes in silence: in real time, at another ``pace``, or with 0 only by `advance`."""

    device_name = ""
    lead_in_s = 0.0

    def __init__(self, pace: float = 1.0, rate: int = _RATE) -> None:
        self.rate = rate
        self.latency_s = 0.0
        self.pace = pace
        self._ring: Ring | None = None
        self._render: Any = None
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def open(self, ring: Ring) -> None:
        from sliders_desktop.audio.render import render

        self._render = render
        self._ring = ring
        self.rate = ring.rate
        if self.pace > 0:
            self._closing.clear()
            self._thread = threading.Thread(target=self._run, name="sink", daemon=True)
            self._thread.start()

    def lost(self) -> str | None:
        return None

    def close(self) -> None:
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
        self._thread = self._ring = None

    def advance(self, frames: int) -> NDArray[np.float32]:
        """Consume ``frames`` frames now, on the caller's thread, and return them as (n, 2)."""
        block = np.zeros(2 * frames, np.float32)
        if self._ring is not None:
            self._take(block, self._render(self._ring.buffer, block))
        return block.reshape(-1, 2)

    def _take(self, block: NDArray[np.float32], sounding: int) -> None:
        """Do something with a rendered block whose first ``sounding`` frames carry sound."""

    def _run(self) -> None:
        (self._run_freely if math.isinf(self.pace) else self._run_by_the_clock)()

    def _run_by_the_clock(self) -> None:
        frames = round(_BLOCK_S * self.rate)
        due = time.monotonic()
        while not self._closing.is_set():
            self.advance(frames)
            due = max(due + frames / self.rate / self.pace, time.monotonic() - 0.5)
            wait = due - time.monotonic()
            if wait > 0:
                self._closing.wait(wait)

    def _run_freely(self) -> None:
        ring = self._ring
        assert ring is not None
        while not self._closing.is_set():
            block = np.zeros(2 * min(4096, max(ring.filled, 64)), np.float32)
            sounding = 0
            # An empty ring is left alone: asking it would count as an underrun.
            if ring.filled or not ring.silent:
                sounding = self._render(ring.buffer, block)
                self._take(block, sounding)
            if not sounding:
                self._closing.wait(0.001)


class WavSink(NullSink):
    """Records into a float32 WAV file that is whole at any moment, should the program be killed.

    At a finite ``pace`` it holds what was heard, silence too; as fast as data come, only music.
    """

    def __init__(self, path: str | Path, pace: float = math.inf, rate: int = _RATE) -> None:
        super().__init__(pace, rate)
        self.path = Path(path)
        self._file: BinaryIO | None = None
        self._written = 0
        self._header_at = 0.0

    def open(self, ring: Ring) -> None:
        try:
            # A second opening (after a change of output, say) goes on where the first stopped.
            self._file = self.path.open("r+b" if self._written else "wb")
        except OSError as error:
            raise NoSoundDevice(
                f"The sound cannot be written to {self.path.name}: {error.strerror}."
            ) from error
        self.rate = ring.rate
        self._write_header()
        super().open(ring)

    def close(self) -> None:
        super().close()
        if self._file is not None:
            self._write_header()
            self._file.close()
            self._file = None

    def _take(self, block: NDArray[np.float32], sounding: int) -> None:
        if self._file is None:
            return
        data = block if not math.isinf(self.pace) else block[: 2 * sounding]
        self._file.write(data.astype("<f4", copy=False).tobytes())
        self._written += data.nbytes
        if time.monotonic() - self._header_at > 0.25:
            self._write_header()

    def _write_header(self) -> None:
        assert self._file is not None
        size = min(self._written, 0xFFFFFFFF - 36)
        header = struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            *(b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 3, 2, self.rate, 8 * self.rate, 8, 32),
            *(b"data", size),
        )
        self._file.seek(0)
        self._file.write(header)
        self._file.seek(len(header) + self._written)
        self._file.flush()
        self._header_at = time.monotonic()


# --- the sound card -------------------------------------------------------------------------------


_portaudio_lock = threading.RLock()
_open_streams = 0


def _portaudio(refresh: bool = False) -> Any:
    """sounddevice, imported late: loading PortAudio asks every sound system the machine has.

    PortAudio's list of devices is as old as its initialisation; ``refresh`` makes a new one if no
    stream is open.
    """
    with _portaudio_lock:
        try:
            import sounddevice
        except OSError as error:
            raise NoSoundDevice(
                "There is no sound: the library PortAudio is missing"
                " (on Debian and Ubuntu: apt install libportaudio2)."
            ) from error
        module: Any = sounddevice
        if refresh and not _open_streams:
            try:
                module._terminate()
                module._initialize()
            except module.PortAudioError as error:
                raise NoSoundDevice(f"The sound system does not answer: {error}.") from error
        return module


def output_names() -> list[str]:
    """Names of the sound outputs there are now; empty without PortAudio. May take 0.5 s."""
    try:
        with _portaudio_lock:
            devices = _portaudio(refresh=True).query_devices()
    except NoSoundDevice:
        return []
    names = [str(device["name"]) for device in devices if device["max_output_channels"] > 0]
    return list(dict.fromkeys(names))


class DeviceSink:
    """The output called ``device_name``, or the system's default; its callback is compiled code."""

    pace = 1.0
    # PulseAudio drops the first 25 ms of a stream that starts with sound, and loudspeakers that
    # were asleep drop more.
    lead_in_s = 0.15

    def __init__(self, device_name: str = "") -> None:
        self.device_name = device_name
        self.latency_s = _LATENCY_S
        self._stream: Any = None
        self._library: Any = None
        self._ring: Ring | None = None  # PortAudio reads its buffer: keep it alive
        self._device: Any = None

    @property
    def rate(self) -> int:
        """The device's own rate, so that nothing is resampled twice."""
        return int(self._found()["default_samplerate"]) or _RATE

    def _found(self) -> Any:
        """The device, looked for once: asking PortAudio anew costs 0.1 s."""
        if self._device is None:
            self._device = self._find()
        return self._device

    def _find(self) -> Any:
        portaudio = _portaudio(refresh=True)
        try:
            if self.device_name:
                for device in portaudio.query_devices():
                    if device["name"] == self.device_name and device["max_output_channels"] > 0:
                        return device
                raise NoSoundDevice(f"The sound output “{self.device_name}” is not there.")
            return portaudio.query_devices(kind="output")
        except (ValueError, portaudio.PortAudioError) as error:
            raise NoSoundDevice("There is no sound output on this machine.") from error

    def open(self, ring: Ring) -> None:
        from sliders_desktop.audio.render import callback

        global _open_streams
        device = self._found()
        with _portaudio_lock:
            portaudio = _portaudio()
            library, ffi = portaudio._lib, portaudio._ffi
            # sounddevice's own streams call Python for each block, which would need the GIL: this
            # opens the stream as they do, with a compiled callback.
            parameters = ffi.new(
                "PaStreamParameters *",
                {
                    "device": device["index"],
                    "channelCount": 2,
                    "sampleFormat": library.paFloat32,
                    "suggestedLatency": max(_LATENCY_S, device["default_low_output_latency"]),
                },
            )
            stream = ffi.new("PaStream **")
            error = library.Pa_OpenStream(
                *(stream, ffi.NULL, parameters, float(ring.rate), 0, library.paNoFlag),
                ffi.cast("PaStreamCallback *", callback.address),
                ffi.cast("void *", ring.buffer.ctypes.data),
            )
            if not error:
                error = library.Pa_StartStream(stream[0])
                if error:
                    library.Pa_CloseStream(stream[0])
            if error:
                text = ffi.string(library.Pa_GetErrorText(error)).decode()
                raise NoSoundDevice(f"The sound output {device['name']} cannot be opened: {text}.")
            self._library, self._stream, self._ring = library, stream[0], ring
            _open_streams += 1
            info = library.Pa_GetStreamInfo(self._stream)
            self.latency_s = float(info.outputLatency) if info != ffi.NULL else _LATENCY_S
        log.info("sound output %s, %d Hz, %.0f ms", device["name"], ring.rate, 1e3 * self.latency_s)

    def lost(self) -> str | None:
        if self._stream is None or self._library.Pa_IsStreamActive(self._stream) == 1:
            return None
        return "The sound output went away."

    def close(self) -> None:
        global _open_streams
        with _portaudio_lock:
            if self._stream is not None:
                # Abort, not stop: stopping waits until everything queued has been heard.
                self._library.Pa_AbortStream(self._stream)
                self._library.Pa_CloseStream(self._stream)
                self._stream = None
                _open_streams -= 1
        self._ring = self._device = None
