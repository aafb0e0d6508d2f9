"""Threads that carry the sound come first: by right, or by asking the system's service."""

import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sliders_desktop.audio.sinks import sound_threads
from sliders_desktop.audio.sinks.sound_threads import NICENESS, first_in_line
from tests.message_bus import Bus, bus

__all__ = ["bus"]  # a fixture

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of Linux only")


def tasks() -> set[int]:
    return {int(task.name) for task in Path("/proc/self/task").iterdir()}


def niceness(thread: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, thread)


@pytest.fixture
def start_foreign() -> Callable[[], int]:
    """Starts threads that Python knows nothing of, as PortAudio does; gives their ids."""
    libc = ctypes.CDLL(None)

    def start() -> int:
        known = tasks()
        thread = ctypes.c_ulong()
        sleep = ctypes.cast(libc.sleep, ctypes.c_void_p)
        assert libc.pthread_create(ctypes.byref(thread), None, sleep, ctypes.c_void_p(2)) == 0
        libc.pthread_detach(thread)
        (new,) = tasks() - known
        return new

    return start


class Kit:
    """What RealtimeKit does, on a bus of the test's own."""

    def __init__(self, address: str) -> None:
        from jeepney.bus_messages import message_bus
        from jeepney.io.blocking import open_dbus_connection

        self.asked: list[tuple[int, int]] = []
        self._connection = open_dbus_connection(address)
        name = "org.freedesktop.RealtimeKit1"
        self._connection.send_and_get_reply(message_bus.RequestName(name))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        from jeepney import HeaderFields, new_method_return

        deadline = time.monotonic() + 10
        while not self.asked and time.monotonic() < deadline:
            try:
                call = self._connection.receive(timeout=0.1)
            except TimeoutError:
                continue
            if call.header.fields.get(HeaderFields.member) == "MakeThreadHighPriority":
                self.asked.append(call.body)
                self._connection.send(new_method_return(call))

    def close(self) -> None:
        self._thread.join()
        self._connection.close()


def test_only_threads_started_meanwhile_come_first(start_foreign: Callable[[], int]) -> None:
    if os.geteuid():
        pytest.skip("only the administrator may do it unasked")
    earlier = start_foreign()
    done = threading.Event()
    ours = threading.Thread(target=done.wait)
    with first_in_line():
        sound = start_foreign()
        ours.start()
    later = start_foreign()
    assert ours.native_id is not None
    assert [niceness(t) for t in (earlier, sound, later, ours.native_id)] == [0, NICENESS, 0, 0]
    done.set()
    ours.join()


def test_who_may_not_asks_the_system(
    start_foreign: Callable[[], int], bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(sound_threads.os, "setpriority", refused)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
    kit = Kit(bus.address)
    with first_in_line():
        sound = start_foreign()
    kit.close()
    assert kit.asked == [(sound, NICENESS)]


def test_without_such_a_service_the_sound_goes_on(
    start_foreign: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(sound_threads.os, "setpriority", refused)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
    with first_in_line():
        sound = start_foreign()
    assert niceness(sound) == 0
