"""Let the threads that carry the sound come first, on Linux: the player thread asks for it.

PortAudio and libpulse run threads of their own, which have a few milliseconds of work every few
milliseconds. At ordinary priority any busy program can keep them waiting until the sound breaks
off; sound servers and other players ask for more, and so do we. Windows and macOS do it unasked.
"""

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

PRIORITY = 5  # real time, as PulseAudio has it: before every program, behind what is urgent
NICENESS = -11  # where that is refused, as PulseAudio has it, too
_ANSWER_S = 0.5


@contextlib.contextmanager
def first_in_line() -> Iterator[None]:
    """Foreign threads that are started meanwhile come first from then on, if the system lets us."""
    before = _foreign_threads()
    yield
    refused = [thread for thread in _foreign_threads() - before if not _in_real_time(thread)]
    if refused and not _ask_the_system(refused):
        for thread in refused:
            _raised(thread)


def _foreign_threads() -> set[int]:
    """Threads of this process that are not Python's."""
    if not sys.platform.startswith("linux"):
        return set()
    ours = {thread.native_id for thread in threading.enumerate()}
    try:
        return {int(task.name) for task in Path("/proc/self/task").iterdir()} - ours
    except OSError:
        return set()


def _in_real_time(thread: int) -> bool:
    """They run for microseconds every few milliseconds; a low niceness is no promise of that.

    Beside a dozen busy programs the sound broke off with a niceness of −11, and not with this.
    """
    try:
        policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(thread, policy, os.sched_param(PRIORITY))
    except PermissionError:
        return False  # the usual case: only a service of the system may
    except OSError as error:
        log.debug("sound thread: %s", error)  # it has ended
    return True


def _raised(thread: int) -> None:
    try:
        os.setpriority(os.PRIO_PROCESS, thread, NICENESS)
    except OSError as error:
        log.debug("sound thread: %s", error)


def _ask_the_system(refused: list[int]) -> bool:
    """RealtimeKit does it for ordinary users' sound; most desktops have it. False if it did not."""
    try:
        from jeepney import DBusAddress
        from jeepney.io.blocking import open_dbus_connection

        kit = DBusAddress(
            "/org/freedesktop/RealtimeKit1",
            bus_name="org.freedesktop.RealtimeKit1",
            interface="org.freedesktop.RealtimeKit1",
        )
        with open_dbus_connection("SYSTEM", auth_timeout=_ANSWER_S) as bus:
            real_time = _limit_real_time(bus, kit)
            return all(
                (real_time and _granted(bus, kit, "MakeThreadRealtime", "tu", thread, PRIORITY))
                or _granted(bus, kit, "MakeThreadHighPriority", "ti", thread, NICENESS)
                for thread in refused
            )
    except Exception as error:  # no bus, no service, no answer: the sound goes on as it is
        log.debug("RealtimeKit does not answer: %r", error)
        return False


def _limit_real_time(bus: Any, kit: Any) -> bool:
    """It helps only who may not keep a processor for long: its limit becomes ours."""
    import resource

    from jeepney import MessageType, Properties

    answer = bus.send_and_get_reply(Properties(kit).get("RTTimeUSecMax"), timeout=_ANSWER_S)
    if answer.header.message_type is MessageType.error:
        log.debug("RealtimeKit: %s", answer.body)
        return False
    ((_, most_us),) = answer.body
    _, hard = resource.getrlimit(resource.RLIMIT_RTTIME)
    most = most_us if hard == resource.RLIM_INFINITY else min(most_us, hard)
    resource.setrlimit(resource.RLIMIT_RTTIME, (most, most))
    return True


def _granted(bus: Any, kit: Any, method: str, kinds: str, thread: int, value: int) -> bool:
    from jeepney import MessageType, new_method_call

    call = new_method_call(kit, method, kinds, (thread, value))
    answer = bus.send_and_get_reply(call, timeout=_ANSWER_S)
    if answer.header.message_type is MessageType.error:
        log.debug("RealtimeKit: %s", answer.body)
        return False
    return True
