"""Where the sound goes: the sound card (`sound_card.py`), nowhere, or a WAV file.

`open` and `close` are called by the player thread. The sinks here have a thread of their own, or
are driven by a test.
"""

import math
import struct
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.audio.events import Device
from sliders_desktop.audio.sinks.ring import Ring
from sliders_desktop.audio.sinks.sound_card import DeviceSink
from sliders_desktop.errors import NoSoundDevice

__all__ = ["DeviceSink", "NullSink", "Sink", "WavSink", "make_sink"]

_RATE = 44100  # of sinks that can do any
_BLOCK_S = 0.01


class Sink(Protocol):
    """Takes what the player puts into a ring and makes it sound."""

    latency_s: float  # from leaving the ring to being heard; known after `open`
    wanted_latency_s: float  # before `open`; only a device looks at it
    lead_in_s: float  # silence it needs after `open` before it plays every frame
    pace: float  # speed against real time; infinite: as fast as data come
    device_name: str  # wanted output, "" follows the system; only a device looks at it
    exclusive: bool  # wanted for us alone, where that is possible; likewise
    device: Device | None  # where it is heard, known after `open`; None: no device
    note: str  # what a listener should know of how it was opened, mostly nothing

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
    exclusive = False
    device: Device | None = None
    note = ""
    lead_in_s = 0.0

    def __init__(self, pace: float = 1.0, rate: int = _RATE) -> None:
        self.rate = rate
        self.latency_s = self.wanted_latency_s = 0.0
        self.pace = pace
        self._ring: Ring | None = None
        self._render: Any = None
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def open(self, ring: Ring) -> None:
        from sliders_desktop.audio.sinks.render import render

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
            block = np.zeros(2 * min(4096, ring.filled or 64), np.float32)  # no more: it is not dry
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
