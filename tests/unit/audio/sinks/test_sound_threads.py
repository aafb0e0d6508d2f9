"""Threads that carry the sound come first: by right, or by asking the system's service."""

import contextlib
import ctypes
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sliders_desktop.audio.sinks import sound_threads
from sliders_desktop.audio.sinks.sound_threads import NICENESS, PRIORITY, first_in_line
from tests.message_bus import Bus, bus

__all__ = ["bus"]  # a fixture

resource = pytest.importorskip("resource")  # there is none on Windows
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of Linux only")


def tasks() -> set[int]:
    return {int(task.name) for task in Path("/proc/self/task").iterdir()}


def standing(thread: int) -> tuple[int, int]:
    """How the system's scheduler treats a thread: its policy, and its priority or niceness."""
    policy = os.sched_getscheduler(thread) & ~os.SCHED_RESET_ON_FORK
    if policy == os.SCHED_RR:
        return policy, os.sched_getparam(thread).sched_priority
    return policy, os.getpriority(os.PRIO_PROCESS, thread)


def ordinary() -> tuple[int, int]:
    """As the test itself was started."""
    return os.SCHED_OTHER, os.getpriority(os.PRIO_PROCESS, 0)


FIRST = (os.SCHED_RR, PRIORITY)


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
    """What RealtimeKit does, on a bus of the test's own; ``real_time`` is what it grants."""

    MOST_US = 200_000

    def __init__(self, address: str, real_time: bool) -> None:
        from jeepney.bus_messages import message_bus
        from jeepney.io.blocking import open_dbus_connection

        self.asked: list[tuple[object, ...]] = []
        self._real_time = real_time
        self._connection = open_dbus_connection(address)
        name = "org.freedesktop.RealtimeKit1"
        self._connection.send_and_get_reply(message_bus.RequestName(name))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        from jeepney import HeaderFields, new_error, new_method_return

        while not self._over.is_set():
            try:
                call = self._connection.receive(timeout=0.1)
            except TimeoutError:
                continue
            member = call.header.fields.get(HeaderFields.member)
            if member == "Get":
                assert call.body == ("org.freedesktop.RealtimeKit1", "RTTimeUSecMax")
                self._connection.send(new_method_return(call, "v", (("x", self.MOST_US),)))
            elif member == "MakeThreadRealtime" and not self._real_time:
                name = "org.freedesktop.DBus.Error.AccessDenied"
                self._connection.send(new_error(call, name, "s", ("too many",)))
            elif str(member).startswith("MakeThread"):
                limit = resource.getrlimit(resource.RLIMIT_RTTIME)
                self.asked.append((member, *call.body, *limit))
                self._connection.send(new_method_return(call))

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self._connection.close()


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An ordinary user, who may set neither priority; limits come back afterwards."""

    def refuse(*_: object) -> None:
        raise PermissionError

    before = resource.getrlimit(resource.RLIMIT_RTTIME)
    monkeypatch.setattr(sound_threads.os, "setpriority", refuse)
    monkeypatch.setattr(sound_threads.os, "sched_setscheduler", refuse)
    yield
    with contextlib.suppress(ValueError):  # only the administrator may raise it again
        resource.setrlimit(resource.RLIMIT_RTTIME, before)


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
    threads = (earlier, sound, later, ours.native_id)
    assert [standing(t) for t in threads] == [ordinary(), FIRST, ordinary(), ordinary()]
    done.set()
    ours.join()


@pytest.mark.parametrize("real_time", [True, False])
def test_who_may_not_asks_the_system(
    start_foreign: Callable[[], int],
    bus: Bus,
    monkeypatch: pytest.MonkeyPatch,
    refused: None,
    real_time: bool,
) -> None:
    """In real time under the service's own limit; where it grants less, a low niceness."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
    kit = Kit(bus.address, real_time)
    with first_in_line():
        sound = start_foreign()
    kit.close()
    limits = (Kit.MOST_US, Kit.MOST_US)
    if real_time:
        assert kit.asked == [("MakeThreadRealtime", sound, PRIORITY, *limits)]
    else:
        assert kit.asked == [("MakeThreadHighPriority", sound, NICENESS, *limits)]


def test_without_such_a_service_the_sound_goes_on(
    start_foreign: Callable[[], int], monkeypatch: pytest.MonkeyPatch, refused: None
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
    with first_in_line():
        sound = start_foreign()
    assert standing(sound) == ordinary()


def test_a_niceness_is_what_is_left_where_real_time_is_refused(
    start_foreign: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid():
        pytest.skip("only the administrator may do it unasked")

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(sound_threads.os, "sched_setscheduler", refuse)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
    with first_in_line():
        sound = start_foreign()
    assert standing(sound) == (os.SCHED_OTHER, NICENESS)
