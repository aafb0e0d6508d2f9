"""What measuring sound needs beside `tests/e2e/pulse.py`: a sound server with the priority that a
listener's has, and a recorder that knows when each frame sounded.

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
WATCHES = ("realtime", "ordinary")
STALL_S = 0.015


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


if __name__ == "__main__":
    file, *command = sys.argv[1:]
    sys.exit(_record(file, command) if command else _watch(file))
