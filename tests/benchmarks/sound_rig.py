"""What measuring sound needs beside `tests/e2e/pulse.py`: a sound server with the priority that a
listener's has, a recorder that knows when each frame sounded, and a comparison by the sample.

As a program it is that recorder: `sound_rig.py FILE PAREC…` keeps the bytes and when they came. And
it is a watch on the machine: `sound_rig.py FILE` notes when it was not woken in time.
"""

import contextlib
import functools
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

if __name__ != "__main__":
    from tests.e2e.pulse import Pulse

Wave = NDArray[np.float32]
RIGHT = 1e-6  # two samples that differ by less are the same
WATCHES = ("realtime", "ordinary")
STALL_S = 0.015
WINDOW = 48  # frames that no other place of a noisy source has


def give_priority(server: "Pulse") -> str:
    """Let ``server`` come first on a crowded machine, as rtkit does for a listener's.

    Returns how. Without the right to do so everything measured includes the server's own faults.
    """
    folder = server.environment["PULSE_RUNTIME_PATH"]
    for process in psutil.Process().children():
        if "pulseaudio" in process.name() and process.environ().get("PULSE_COOKIE", "").startswith(
            folder
        ):
            return _first(process.pid, [thread.id for thread in process.threads()])
    return "not found"


def _first(pid: int, threads: list[int]) -> str:
    how = "realtime"
    for thread in (pid, *threads):
        try:
            os.sched_setscheduler(thread, os.SCHED_RR, os.sched_param(5))
        except OSError:
            how = "nice -11"
            try:
                os.setpriority(os.PRIO_PROCESS, thread, -11)
            except OSError:
                return "none"
    return how


def add_output(server: "Pulse", rate: int) -> str:
    """A null sink of ``rate`` Hz, from now on the default one; its name."""
    name = f"null{rate}"
    for words in (
        ["load-module", "module-null-sink", f"sink_name={name}", f"rate={rate}", "channels=2",
         "format=float32le"],
        ["set-default-sink", name],
    ):  # fmt: skip
        subprocess.run(["pactl", *words], env=server.environment, check=True, capture_output=True)
    give_priority(server)
    return name


def _pairs(path: Path) -> NDArray[np.float64]:
    numbers = np.fromfile(path, "<f8")
    return numbers[: len(numbers) // 2 * 2].reshape(-1, 2)


@dataclass(frozen=True)
class Recording:
    """(n, 2) frames; ``arrivals`` (m, 2): the monotonic second, and bytes that had come by then."""

    frames: Wave
    arrivals: NDArray[np.float64]
    rate: int
    stalls: dict[str, NDArray[np.float64]]  # (k, 2) second, and how long until woken

    @classmethod
    def read(cls, path: Path, rate: int) -> "Recording":
        data = np.memmap(path, "<f4", "r")
        stalls = {name: _pairs(path.with_suffix(f".{name}")) for name in WATCHES}
        frames = data[: len(data) // 2 * 2].reshape(-1, 2)
        return cls(frames, _pairs(path.with_suffix(".when")), rate, stalls)

    @property
    def block_s(self) -> float:
        """What the null sink renders in one go."""
        return float(np.median(np.diff(self.arrivals[:, 1]))) / 8 / self.rate

    @functools.cached_property
    def _envelope(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Frames, and when each of them came less its place in the recording, in seconds.

        A null sink renders a block when its first frame is due. The quickest arrival is that of a
        block's end, so the envelope lies a block before the truth, which is added here. What is
        left is how long the quickest block was under way, well below a millisecond. Every two
        seconds anew, because the sink counts blocks in whole microseconds and so gains 0.02 %.
        """
        seconds, count = self.arrivals.T
        frames = count / 8
        late = seconds - frames / self.rate
        edges = np.arange(0, len(late), max(1, round(2.0 / self.block_s)))
        least = [start + int(late[start : start + edges[1]].argmin()) for start in edges.tolist()]
        return frames[least], late[least] + self.block_s

    def when(self, frame: int) -> float:
        """Monotonic seconds at which ``frame`` sounded."""
        return float(np.interp(frame, *self._envelope)) + frame / self.rate

    def stood_still(self, frame: int) -> dict[str, float]:
        """The longest that programs were not woken around ``frame``, in milliseconds: of realtime
        priority (the machine itself stood still) and of none (others took the processor).
        """
        around = self.when(frame)
        found = {}
        for name, stalls in self.stalls.items():
            near = stalls[np.abs(stalls[:, 0] - around) < 0.4]
            found[name] = round(1000 * float(near[:, 1].max()), 1) if len(near) else 0.0
        return found

    def worst(self) -> dict[str, float]:
        """As `stood_still`, of the whole recording."""
        return {
            name: round(1000 * float(stalls[:, 1].max()), 1) if len(stalls) else 0.0
            for name, stalls in self.stalls.items()
        }

    def frame_at(self, seconds: float) -> int:
        """The frame that sounded then."""
        frames, zeros = self._envelope
        zero = float(np.interp(seconds, zeros + frames / self.rate, zeros))
        return max(0, round((seconds - zero) * self.rate))

    def late_ms(self) -> list[float]:
        """How long after the envelope blocks came: median and 99th percentile."""
        seconds, count = self.arrivals.T
        zero = np.interp(count / 8, *self._envelope) - self.block_s
        late = 1000 * (seconds - count / 8 / self.rate - zero)
        return [round(float(p), 2) for p in np.percentile(late, (50, 99))]


@contextlib.contextmanager
def recorder(server: "Pulse", path: Path, rate: int, latency_ms: int = 5) -> Iterator[None]:
    """Keep what sounds meanwhile, and when: read it with `Recording.read` afterwards."""
    path.write_bytes(b"")
    process = subprocess.Popen(
        [sys.executable, __file__, str(path),
         "parec", "-d", "@DEFAULT_MONITOR@", "--raw", "--format=float32le", f"--rate={rate}",
         "--channels=2", f"--latency-msec={latency_ms}"],
        env=server.environment,
    )  # fmt: skip
    watches = [
        subprocess.Popen([sys.executable, __file__, str(path.with_suffix(f".{name}"))])
        for name in WATCHES
    ]
    try:
        deadline = time.monotonic() + 20
        while path.stat().st_size < 8 * rate // 5:
            assert process.poll() is None, "the recorder ended"
            assert time.monotonic() < deadline, "nothing is recorded"
            time.sleep(0.02)
        yield
        time.sleep(0.5)  # what is in flight must arrive
    finally:
        for each in (process, *watches):
            each.terminate()
            each.wait()


def _watch(path: str) -> int:
    if path.endswith("realtime"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(6))
    with Path(path).open("wb", 0) as file:
        last = time.monotonic()
        while True:
            time.sleep(0.003)
            now = time.monotonic()
            if now - last > STALL_S:
                file.write(np.array([last, now - last], "<f8").tobytes())
            last = now


def _record(path: str, command: list[str]) -> int:
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(4))
    when = Path(path).with_suffix(".when")
    total = 0
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parec,
        Path(path).open("wb", 0) as data,
        when.open("wb", 0) as times,
    ):
        assert parec.stdout is not None
        pipe = parec.stdout.fileno()
        try:
            while block := os.read(pipe, 65536):
                total += len(block)
                times.write(np.array([time.monotonic(), total], "<f8").tobytes())
                data.write(block)
        finally:
            parec.terminate()
    return 0


# --- comparing ------------------------------------------------------------------------------------


def where(heard: Wave, head: Wave) -> int:
    """At which frame of ``heard`` the ``head`` begins, by correlation."""
    size = 1 << (len(heard) + len(head)).bit_length()
    product = np.zeros(size // 2 + 1, np.complex128)
    for side in (0, 1):
        spectrum = np.fft.rfft(heard[:, side].astype(np.float64), size)
        product += spectrum * np.fft.rfft(head[:, side].astype(np.float64), size).conj()
    return int(np.fft.irfft(product, size)[: len(heard)].argmax())


@dataclass(frozen=True)
class Fault:
    """Where a recording leaves its source: after ``at`` right frames of the source come ``wrong``
    frames, ``silent`` of them exactly 0, and then the source goes on ``step`` frames later.
    """

    at: int
    wrong: int
    silent: int
    step: int

    @property
    def missing(self) -> int:
        """Frames of the source that were not heard as they are."""
        return max(0, self.step)

    @property
    def repeated(self) -> int:
        return max(0, -self.step)


class Source:
    """The frames that should sound, over and over: ``wave`` (n, 2)."""

    def __init__(self, wave: Wave, again: bool = False) -> None:
        self._wave, self._again = wave, again

    def part(self, start: int, frames: int) -> Wave:
        """As many frames as there are from ``start`` on."""
        if not self._again:
            return self._wave[max(0, start) : max(0, start + frames)]
        at = start % len(self._wave)
        if at + frames <= len(self._wave):
            return self._wave[at : at + frames]
        return self._wave[np.arange(at, at + frames) % len(self._wave)]


def compare(heard: Wave, source: Source, total: int, rate: int) -> list[Fault]:
    """What is wrong with ``heard``, that begins with the source's first frame, until ``total``."""
    faults: list[Fault] = []
    at = place = 0  # in the recording, in the source
    while place < total and at < len(heard):
        count = min(1 << 16, total - place, len(heard) - at)
        same = _same(heard[at : at + count], source.part(place, count))
        at, place = at + same, place + same
        if same == count:
            continue
        wrong, step = _found_again(heard[at:], source, place, total, rate)
        silent = int((np.abs(heard[at : at + wrong]) == 0).all(1).sum())
        faults.append(Fault(place, wrong, silent, step))
        at, place = at + wrong, place + step
    if place < total and not (faults and faults[-1].at + faults[-1].step >= total):
        faults.append(Fault(place, 0, 0, total - place))
    return faults


def _same(heard: Wave, wanted: Wave) -> int:
    """How many frames are right from the beginning."""
    n = min(len(heard), len(wanted))
    wrong = np.flatnonzero((np.abs(heard[:n] - wanted[:n]) > RIGHT).any(1))
    return int(wrong[0]) if len(wrong) else n


def _found_again(heard: Wave, source: Source, place: int, total: int, rate: int) -> tuple[int, int]:
    """After how many frames of ``heard`` the source goes on, and how far from ``place``."""
    back = min(place, 7 * rate)
    near = source.part(place - back, back + 12 * rate)
    for later in range(1, min(len(heard) - WINDOW, 60 * rate), WINDOW // 2):
        window = heard[later : later + WINDOW]
        if not np.abs(window).max(1).min() > 0:
            continue
        for spot in np.flatnonzero(np.abs(near[:-WINDOW, 0] - window[0, 0]) <= RIGHT).tolist():
            if _same(window, near[spot : spot + WINDOW]) == WINDOW:
                first, spot_now = later, spot
                while first and spot_now and _same(heard[first - 1 : first], near[spot_now - 1 :]):
                    first, spot_now = first - 1, spot_now - 1
                return first, spot_now - back
    return len(heard), total - place


if __name__ == "__main__":
    file, *command = sys.argv[1:]
    sys.exit(_record(file, command) if command else _watch(file))
