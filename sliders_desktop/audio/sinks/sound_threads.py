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

log = logging.getLogger(__name__)

NICENESS = -11  # as PulseAudio has it
_ANSWER_S = 0.5


@contextlib.contextmanager
def first_in_line() -> Iterator[None]:
    """Foreign threads that are started meanwhile come first from then on, if the system lets us."""
    before = _foreign_threads()
    yield
    refused = [thread for thread in _foreign_threads() - before if not _raised(thread)]
    if refused:
        _ask_the_system(refused)


def _foreign_threads() -> set[int]:
    """Threads of this process that are not Python's."""
    if not sys.platform.startswith("linux"):
        return set()
    ours = {thread.native_id for thread in threading.enumerate()}
    try:
        return {int(task.name) for task in Path("/proc/self/task").iterdir()} - ours
    except OSError:
        return set()


def _raised(thread: int) -> bool:
    try:
        os.setpriority(os.PRIO_PROCESS, thread, NICENESS)
    except PermissionError:
        return False  # the usual case: only a service of the system may
    except OSError as error:
        log.debug("sound thread: %s", error)  # it has ended
    return True


def _ask_the_system(refused: list[int]) -> None:
    """RealtimeKit does it for ordinary users' sound; most desktops have it."""
    try:
        from jeepney import DBusAddress, MessageType, new_method_call
        from jeepney.io.blocking import open_dbus_connection

        kit = DBusAddress(
            "/org/freedesktop/RealtimeKit1",
            bus_name="org.freedesktop.RealtimeKit1",
            interface="org.freedesktop.RealtimeKit1",
        )
        with open_dbus_connection("SYSTEM", auth_timeout=_ANSWER_S) as bus:
            for thread in refused:
                call = new_method_call(kit, "MakeThreadHighPriority", "ti", (thread, NICENESS))
                answer = bus.send_and_get_reply(call, timeout=_ANSWER_S)
                if answer.header.message_type is MessageType.error:
                    log.debug("RealtimeKit: %s", answer.body)
                    return
    except Exception as error:  # no bus, no service, no answer: the sound goes on as it is
        log.debug("RealtimeKit does not answer: %r", error)
