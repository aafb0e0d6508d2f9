"""The message bus of the desktop session, on a thread of its own: a name, calls in, messages out.

Where there is no bus, or it dies, nothing is called any more and what is sent is dropped.
"""

import logging
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from queue import Empty, SimpleQueue

from jeepney.bus_messages import message_bus
from jeepney.io.threading import DBusConnection, ReceiveStopped, open_dbus_connection
from jeepney.low_level import HeaderFields, Message, MessageType
from PySide6.QtCore import QObject, Signal

log = logging.getLogger(__name__)

DO_NOT_QUEUE = 4
OWNER = 1
ANSWER_S = 5.0
CLOSE_S = 0.5


class SessionBus(QObject):
    """Signals:
    called(Message): somebody calls a method; emitted on the bus's thread.
    named(str): the bus gave us this name, and calls come from now on; emitted there, too.
    """

    called = Signal(object)
    named = Signal(str)

    def __init__(self, names: Iterable[str], parent: QObject | None = None) -> None:
        """Connected slots must be queued. The first of ``names`` that is free will be ours."""
        super().__init__(parent)
        self._names = tuple(names)
        self._waiting: SimpleQueue[Message] = SimpleQueue()
        self._woken = threading.Event()
        self._closing = False
        self._connection: DBusConnection | None = None
        self._thread = threading.Thread(target=self._run, name="session bus", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def connected(self) -> bool:
        """Whether somebody can hear us."""
        return self._connection is not None

    def send(self, message: Message) -> None:
        """Send in a moment; returns at once, whatever the bus does."""
        if self._connection is not None:
            self._waiting.put(message)
            self._wake()

    def close(self) -> None:
        """Send what waits, and go."""
        self._closing = True
        self._wake()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_S)

    def _wake(self) -> None:
        # Only once until it is heard: the pipe behind this is not to fill up.
        if self._connection is not None and not self._woken.is_set():
            self._woken.set()
            self._connection.interrupt()

    # the thread

    def _run(self) -> None:
        try:
            connection = open_dbus_connection(_address())
        except Exception as error:  # whatever is wrong with a bus: there is none
            log.info("no session bus, so no media keys: %s: %s", type(error).__name__, error)
            return
        try:
            with connection:
                self._serve(connection)
        except (OSError, ReceiveStopped) as error:
            log.info("the session bus is gone: %s", error)
        finally:
            self._connection = None

    def _serve(self, connection: DBusConnection) -> None:
        name = next((name for name in self._names if _own(connection, name)), None)
        if name is None:
            log.info("the session bus gives us no name, so no media keys")
            return
        log.info("media keys: we are %s", name)
        self._connection = connection
        if not self._closing:
            self.named.emit(name)
        while not self._closing:
            try:
                message = connection.receive()
            except ReceiveStopped:
                connection.reset_interrupt()
                self._woken.clear()
                self._send_waiting(connection)
                continue
            if message.header.message_type is MessageType.method_call and not self._closing:
                self.called.emit(message)
        self._send_waiting(connection)

    def _send_waiting(self, connection: DBusConnection) -> None:
        while True:
            try:
                message = self._waiting.get_nowait()
            except Empty:
                return
            connection.send(message)


def _address() -> str:
    """Where the bus is: named by a variable, else at its usual place."""
    named = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    usual = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nowhere", "bus")
    if not named and not usual.exists():
        raise FileNotFoundError("the session has none")
    return named or f"unix:path={usual}"


def _own(connection: DBusConnection, name: str) -> bool:
    serial = next(connection.outgoing_serial)
    connection.send(message_bus.RequestName(name, DO_NOT_QUEUE), serial=serial)
    while True:
        answer = connection.receive(timeout=ANSWER_S)
        if answer.header.fields.get(HeaderFields.reply_serial) == serial:
            is_return = answer.header.message_type is MessageType.method_return
            return is_return and answer.body[0] == OWNER
