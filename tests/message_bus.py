"""A message bus of its own for a test, and a desktop's player panel that talks over it."""

import shutil
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

PATH = "/org/mpris/MediaPlayer2"
ROOT, PLAYER = "org.mpris.MediaPlayer2", "org.mpris.MediaPlayer2.Player"
NAME = "org.mpris.MediaPlayer2.sliders"
PROPERTIES = "org.freedesktop.DBus.Properties"
PATIENCE_S = 30.0


def why_not() -> str:
    """What keeps the tests of the message bus from running here, empty if nothing."""
    if shutil.which("dbus-daemon") is None:
        return "dbus-daemon missing (Debian, Ubuntu: apt install dbus)"
    return ""


@dataclass(frozen=True)
class Bus:
    address: str
    daemon: "subprocess.Popen[str]"


@contextmanager
def running() -> Iterator[Bus]:
    """A bus like a desktop session's, without any desktop."""
    with tempfile.TemporaryDirectory(prefix="bus-") as folder:
        daemon = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1",
             f"--address=unix:dir={folder}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            assert daemon.stdout is not None
            address = daemon.stdout.readline().strip()
            assert address, "dbus-daemon did not start"
            yield Bus(address, daemon)
        finally:
            daemon.kill()
            daemon.communicate()


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    """Programs and threads that the test starts find it as the session's bus."""
    if reason := why_not():
        pytest.skip(reason)
    with running() as found:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", found.address)
        yield found


class BusError(Exception):
    """An answer that is an error; its text is the error's name."""


class Panel:
    """A client that blocks its thread. ``told`` is each PropertiesChanged of the player so far."""

    def __init__(self, address: str, name: str = NAME) -> None:
        from jeepney.bus_messages import MatchRule, message_bus
        from jeepney.io.blocking import open_dbus_connection

        self.name = name
        self.told: list[dict[str, Any]] = []
        self.seeked: list[int] = []
        self._connection = open_dbus_connection(address)
        self._signals: deque[Any] = deque()
        rule = MatchRule(type="signal", path=PATH)
        self._connection.filter(rule, queue=self._signals)
        self._ask(message_bus.AddMatch(rule))

    def close(self) -> None:
        self._connection.close()

    def has_owner(self) -> bool:
        from jeepney.bus_messages import message_bus

        return bool(self._ask(message_bus.NameHasOwner(self.name))[0])

    def call(
        self,
        method: str,
        signature: str = "",
        *body: Any,
        interface: str = PLAYER,
        path: str = PATH,
    ) -> Any:
        """The answer's only value, None if it has none."""
        from jeepney import DBusAddress, new_method_call

        address = DBusAddress(path, self.name, interface)
        answer = self._ask(new_method_call(address, method, signature or None, body))
        return answer[0] if answer else None

    def get(self, name: str, interface: str = PLAYER) -> Any:
        return self.call("Get", "ss", interface, name, interface=PROPERTIES)[1]

    def get_all(self, interface: str = PLAYER) -> dict[str, Any]:
        return dict(self.call("GetAll", "s", interface, interface=PROPERTIES))

    def set(self, name: str, signature: str, value: Any, interface: str = PLAYER) -> None:
        self.call("Set", "ssv", interface, name, (signature, value), interface=PROPERTIES)

    def title(self) -> str:
        return str(self.get("Metadata")["xesam:title"][1])

    def listen(self) -> None:
        """Take in the signals that have come; those sent before an answer came before it."""
        while self._signals:
            self._note(self._signals.popleft())

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait for signals until ``true``; asks again at least ten times a second."""
        end = time.monotonic() + PATIENCE_S
        self.listen()
        while not true():
            assert time.monotonic() < end, f"waited in vain for: {what}; told: {self.told}"
            try:
                self._note(self._connection.recv_until_filtered(self._signals, timeout=0.1))
            except TimeoutError:
                continue

    def until_told(self, **wanted: Any) -> dict[str, Any]:
        """The first news from now on, or not yet listened to, that say all of this."""
        begin = len(self.told)

        def news() -> list[dict[str, Any]]:
            return [t for t in self.told[begin:] if all(t.get(k) == v for k, v in wanted.items())]

        self.until(lambda: bool(news()), f"{wanted}")
        return news()[0]

    def _note(self, message: Any) -> None:
        from jeepney import HeaderFields

        member = message.header.fields[HeaderFields.member]
        if member == "Seeked":
            self.seeked.append(message.body[0])
        elif member == "PropertiesChanged" and message.body[0] == PLAYER:
            assert message.body[2] == []
            self.told.append({name: value for name, (_, value) in message.body[1].items()})

    def _ask(self, message: Any) -> tuple[Any, ...]:
        from jeepney import HeaderFields, MessageType

        answer = self._connection.send_and_get_reply(message, timeout=PATIENCE_S)
        if answer.header.message_type is MessageType.error:
            raise BusError(answer.header.fields[HeaderFields.error_name])
        return tuple(answer.body)
