"""Windows' player panel as PyWinRT shows it to a program, for tests elsewhere.

Names, types and what may be set are those of PyWinRT 4's own stubs. As there, handlers are called
on other threads, and texts are shown only once `update` is called.
"""

import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from enum import IntEnum
from types import ModuleType
from typing import Any

import pytest

Handler = Callable[[Any, Any], object]


def elsewhere(call: Callable[[], object]) -> None:
    """Call it on a thread of the system's, and wait for that."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="the system's")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


class MediaPlaybackStatus(IntEnum):
    CLOSED = 0
    CHANGING = 1
    STOPPED = 2
    PLAYING = 3
    PAUSED = 4


class MediaPlaybackType(IntEnum):
    UNKNOWN = 0
    MUSIC = 1
    VIDEO = 2
    IMAGE = 3


class SystemMediaTransportControlsButton(IntEnum):
    PLAY = 0
    PAUSE = 1
    STOP = 2
    RECORD = 3
    FAST_FORWARD = 4
    REWIND = 5
    NEXT = 6
    PREVIOUS = 7


class AsyncStatus(IntEnum):
    STARTED = 0
    COMPLETED = 1
    CANCELED = 2
    ERROR = 3


class Strict:
    """Takes only the properties it has, and each only of its type."""

    TYPES: dict[str, type]

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("_"):
            assert type(value) is self.TYPES[name], f"{name} = {value!r}"
        object.__setattr__(self, name, value)


class RandomAccessStreamReference:
    def __init__(self, stream: "InMemoryRandomAccessStream") -> None:
        self._stream = stream

    @staticmethod
    def create_from_stream(stream: Any, /) -> "RandomAccessStreamReference":
        return RandomAccessStreamReference(stream)

    def _read(self) -> bytes:
        """As the panel does, in its own time."""
        assert not self._stream._closed
        return self._stream._content


class InMemoryRandomAccessStream:
    def __init__(self) -> None:
        self._content, self._closed = b"", False


class DataWriterStoreOperation:
    def __init__(self, finish: Callable[[], None]) -> None:
        self._finish, self._error = finish, None

    def _set_completed(self, handler: Handler) -> None:
        def run() -> None:
            status = AsyncStatus.COMPLETED
            try:
                self._finish()
            except OSError as error:
                self._error, status = error, AsyncStatus.ERROR
            handler(self, status)

        threading.Thread(target=run, name="the system's").start()

    completed = property(None, _set_completed)

    def get_results(self) -> int:
        if self._error is not None:
            raise self._error
        return 1


class DataWriter:
    """Closes its stream when it goes, unless that was detached."""

    broken = False

    def __init__(self, stream: InMemoryRandomAccessStream, /) -> None:
        self._stream: InMemoryRandomAccessStream | None = stream
        self._written = b""

    def write_bytes(self, value: bytes, /) -> None:
        self._written += bytes(memoryview(value))

    def store_async(self) -> DataWriterStoreOperation:
        return DataWriterStoreOperation(self._store)

    def _store(self) -> None:
        if DataWriter.broken:
            raise OSError(-2147024882, "Not enough memory")
        assert self._stream is not None
        self._stream._content = self._written

    def detach_stream(self) -> InMemoryRandomAccessStream:
        stream, self._stream = self._stream, None
        assert stream is not None
        return stream

    def __del__(self) -> None:
        if self._stream is not None:
            self._stream._closed = True


class SystemMediaTransportControlsTimelineProperties(Strict):
    TYPES = dict.fromkeys(
        ("start_time", "end_time", "position", "min_seek_time", "max_seek_time"), timedelta
    )


class MusicDisplayProperties(Strict):
    TYPES = dict.fromkeys(("title", "artist", "album_artist", "album_title"), str)

    def __init__(self, updater: "SystemMediaTransportControlsDisplayUpdater") -> None:
        self._updater = updater

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("_") and self._updater.type is not MediaPlaybackType.MUSIC:
            raise OSError(-2147467263, "The type is not music")
        super().__setattr__(name, value)


class SystemMediaTransportControlsDisplayUpdater(Strict):
    TYPES = {"type": MediaPlaybackType, "thumbnail": RandomAccessStreamReference}

    def __init__(self) -> None:
        self._broken = False
        self._shown: dict[str, Any] = {}
        self.clear_all()

    def clear_all(self) -> None:
        self.type = MediaPlaybackType.UNKNOWN
        self.music_properties: MusicDisplayProperties
        object.__setattr__(self, "music_properties", MusicDisplayProperties(self))
        object.__setattr__(self, "thumbnail", None)

    def update(self) -> None:
        if self._broken:
            raise OSError(-2147023174, "The RPC server is unavailable")
        texts = vars(self.music_properties)
        self._shown = {name: text for name, text in texts.items() if not name.startswith("_")}
        self._shown["cover"] = self.thumbnail


class EventArgs:
    def __init__(self, **values: object) -> None:
        vars(self).update(values)


class SystemMediaTransportControls(Strict):
    TYPES = {
        **dict.fromkeys(("is_enabled", "is_play_enabled", "is_pause_enabled"), bool),
        **dict.fromkeys(("is_stop_enabled", "is_next_enabled", "is_previous_enabled"), bool),
        "playback_status": MediaPlaybackStatus,
    }

    def __init__(self) -> None:
        for name, kind in self.TYPES.items():
            setattr(self, name, kind(0))
        self._updater = SystemMediaTransportControlsDisplayUpdater()
        self._timelines: list[SystemMediaTransportControlsTimelineProperties] = []
        self._handlers: dict[int, tuple[str, Handler]] = {}

    @property
    def display_updater(self) -> SystemMediaTransportControlsDisplayUpdater:
        return self._updater

    def update_timeline_properties(
        self, timeline: SystemMediaTransportControlsTimelineProperties, /
    ) -> None:
        assert set(vars(timeline)) == set(timeline.TYPES)
        assert timeline.start_time <= timeline.position <= timeline.end_time
        self._timelines.append(timeline)

    def _add(self, event: str, handler: Handler) -> int:
        token = len(self._handlers) + 4711
        self._handlers[token] = (event, handler)
        return token

    def _remove(self, event: str, token: int) -> None:
        assert self._handlers.pop(token)[0] == event

    def add_button_pressed(self, handler: Handler, /) -> int:
        return self._add("button", handler)

    def remove_button_pressed(self, token: int, /) -> None:
        self._remove("button", token)

    def add_playback_position_change_requested(self, handler: Handler, /) -> int:
        return self._add("position", handler)

    def remove_playback_position_change_requested(self, token: int, /) -> None:
        self._remove("position", token)

    def _raise_event(self, event: str, **values: object) -> None:
        for name, handler in list(self._handlers.values()):
            if name == event:
                elsewhere(lambda handler=handler: handler(self, EventArgs(**values)))


class WindowsPanel:
    """What a listener sees of it, and presses."""

    platform, module = "win32", "smtc"
    packages = ("winrt.windows.media",)

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refuses = False
        self._controls: SystemMediaTransportControls | None = None
        media, streams, interop = {}, {}, {"get_for_window": self._get_for_window}
        for kind in (
            MediaPlaybackStatus, MediaPlaybackType, SystemMediaTransportControlsButton,
            SystemMediaTransportControlsTimelineProperties,
        ):  # fmt: skip
            media[kind.__name__] = kind
        for kind in (DataWriter, InMemoryRandomAccessStream, RandomAccessStreamReference):
            streams[kind.__name__] = kind
        contents: dict[str, dict[str, Any]] = {
            "winrt": {}, "winrt.windows": {}, "winrt.windows.media": media,
            "winrt.windows.media.interop": interop, "winrt.windows.storage": {},
            "winrt.windows.storage.streams": streams,
        }  # fmt: skip
        for name, content in contents.items():
            module = ModuleType(name)
            vars(module).update(content)
            monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setattr(DataWriter, "broken", False)

    def _get_for_window(self, window: int, /) -> SystemMediaTransportControls:
        assert type(window) is int
        assert window > 0
        if self.refuses:
            raise OSError(-2147221164, "Class not registered")
        self._controls = self._controls or SystemMediaTransportControls()
        return self._controls

    @property
    def controls(self) -> SystemMediaTransportControls:
        assert self._controls is not None
        return self._controls

    def press(self, wish: str) -> bool:
        """Whether there is such a button to press."""
        able = getattr(self.controls, f"is_{wish}_enabled")
        if self.controls.is_enabled and able:
            button = SystemMediaTransportControlsButton[wish.upper()]
            self.controls._raise_event("button", button=button)
            return True
        return False

    def seek(self, seconds: float) -> None:
        to = timedelta(seconds=seconds)
        self.controls._raise_event("position", requested_playback_position=to)

    def hold_back(self) -> Callable[[], None]:
        """A press of "next" that has begun, and goes on when this is called."""
        handler = next(h for name, h in self.controls._handlers.values() if name == "button")
        event = EventArgs(button=SystemMediaTransportControlsButton.NEXT)
        return lambda: elsewhere(lambda: handler(self.controls, event))

    def break_down(self) -> None:
        self.controls.display_updater._broken = True

    @property
    def status(self) -> str:
        status: MediaPlaybackStatus = self.controls.playback_status
        return status.name.lower()

    @property
    def texts(self) -> tuple[str, str, str]:
        shown = self.controls.display_updater._shown
        title, artist = shown.get("title", ""), shown.get("artist", "")
        return title, artist, shown.get("album_title", "")

    @property
    def cover(self) -> bytes | None:
        cover = self.controls.display_updater._shown.get("cover")
        return cover and cover._read()

    @property
    def timeline(self) -> tuple[float, float]:
        """Where it is and how long it takes, in seconds, as told last."""
        last: Any = self.controls._timelines[-1]
        return last.position.total_seconds(), last.end_time.total_seconds()

    @property
    def is_gone(self) -> bool:
        return not self.controls.is_enabled and not self.controls._handlers
