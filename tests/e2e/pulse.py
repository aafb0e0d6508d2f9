"""A sound server of its own for a test: what is played to it can be recorded bit for bit."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

PROGRAMS = ("pulseaudio", "pactl", "parec")


def why_not() -> str:
    """What keeps the tests of real sound from running here, empty if nothing."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"{', '.join(missing)} missing (Debian, Ubuntu: apt install pulseaudio)"
    plugins = list(Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so"))
    return "" if plugins else "ALSA's Pulse plugin missing (apt install libasound2-plugins)"


@dataclass
class Pulse:
    """A server with one null sink, ``rate`` Hz, stereo float; it can be ended and started again."""

    environment: dict[str, str]
    rate: int
    folder: Path
    server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self.folder / "log").open("wb") as log:
            self.server = subprocess.Popen(
                ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
                 "--realtime=no", "--high-priority=no", "--disable-shm=yes",
                 "-L", "module-native-protocol-unix auth-anonymous=1",
                 "-L", f"module-null-sink sink_name=null {self._format(self.rate)}"],
                stdout=log, stderr=log, env=self.environment,
            )  # fmt: skip
        deadline = time.monotonic() + 20
        while subprocess.run(
            ["pactl", "info"], env=self.environment, capture_output=True, check=False
        ).returncode:
            assert self.server.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "pulseaudio does not answer"
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server as a crash would."""
        assert self.server is not None
        self.server.kill()
        self.server.wait()

    def pactl(self, *words: str) -> str:
        """Ask or tell the server something; what it answers."""
        done = subprocess.run(
            ["pactl", *words], env=self.environment, capture_output=True, check=True, text=True
        )
        return done.stdout.strip()

    def plug_in(self, name: str, description: str, rate: int | None = None) -> str:
        """Add an output; returns what `unplug` wants."""
        return self.pactl(
            *("load-module", "module-null-sink", f"sink_name={name}"),
            *self._format(rate or self.rate).split(),
            f'sink_properties=device.description="{description}"',
        )

    def unplug(self, module: str) -> None:
        self.pactl("unload-module", module)

    @staticmethod
    def _format(rate: int) -> str:
        # Without rewinds its buffer is 50 ms long instead of 2 s, so that streams start at once.
        return f"rate={rate} channels=2 format=float32le norewinds=1"

    @contextlib.contextmanager
    def recording(self, path: Path, sink: str = "null") -> Iterator[None]:
        """Write everything that sounds meanwhile to ``path`` as raw float32.

        An output that is unplugged ends its recording.
        """
        with path.open("wb") as file:
            recorder = subprocess.Popen(
                ["parec", "-d", f"{sink}.monitor", "--format=float32le", f"--rate={self.rate}",
                 "--channels=2", "--latency-msec=50"],
                stdout=file, stderr=subprocess.DEVNULL, env=self.environment,
            )  # fmt: skip
            try:
                # The recorder is slow to start: what is played before would be missing.
                deadline = time.monotonic() + 20
                while path.stat().st_size < 8 * self.rate // 10:
                    assert recorder.poll() is None, "parec ended"
                    assert time.monotonic() < deadline, "parec records nothing"
                    time.sleep(0.02)
                yield
                # What is in flight must arrive: wait for so much more.
                size = path.stat().st_size
                while path.stat().st_size < size + 8 * self.rate // 2 and recorder.poll() is None:
                    assert time.monotonic() < deadline + 600
                    time.sleep(0.02)
            finally:
                recorder.terminate()
                recorder.wait()


def recorded(path: Path) -> NDArray[np.float32]:
    """(n, 2) frames of a recording."""
    data = np.fromfile(path, "<f4")
    return data[: len(data) // 2 * 2].reshape(-1, 2)


@pytest.fixture
def pulse(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pulse]:
    """A private server; this process and its children play to it by default."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    rate = 44100
    # A short path: a socket's name may have about 100 characters.
    with tempfile.TemporaryDirectory(prefix="pulse") as folder:
        for name, value in {
            "XDG_RUNTIME_DIR": folder,
            "PULSE_RUNTIME_PATH": folder,
            "PULSE_STATE_PATH": folder,
            "PULSE_CONFIG_PATH": folder,
            "PULSE_COOKIE": f"{folder}/cookie",
            "PULSE_SERVER": f"unix:{folder}/native",
        }.items():
            monkeypatch.setenv(name, value)
        pulse = Pulse(dict(os.environ), rate, Path(folder))
        try:
            pulse.start()
            yield pulse
        finally:
            pulse.stop()
