"""macOS' player panel as PyObjC shows it to a program, for tests elsewhere.

Names and numbers are those of PyObjC's metadata, methods those of Apple's documentation. As there,
handlers are called on other threads, and what is told is told as a whole.
"""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from windows_panel import elsewhere

STATES = {1: "playing", 2: "paused", 3: "stopped"}
SUCCESS = 0
KEYS = (
    "MPMediaItemPropertyTitle", "MPMediaItemPropertyArtist", "MPMediaItemPropertyAlbumTitle",
    "MPMediaItemPropertyArtwork", "MPMediaItemPropertyPlaybackDuration",
    "MPNowPlayingInfoPropertyElapsedPlaybackTime", "MPNowPlayingInfoPropertyMediaType",
    "MPNowPlayingInfoPropertyPlaybackRate", "MPNowPlayingInfoPropertyDefaultPlaybackRate",
)  # fmt: skip
COMMANDS = (
    "playCommand", "pauseCommand", "togglePlayPauseCommand", "stopCommand", "nextTrackCommand",
    "previousTrackCommand", "changePlaybackPositionCommand",
)  # fmt: skip
BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff")


class NSSize(NamedTuple):
    width: float
    height: float


class NSData:
    def __init__(self, content: bytes) -> None:
        self._content = content

    @staticmethod
    def dataWithBytes_length_(content: bytes, length: int) -> "NSData":
        return NSData(content[:length])


class NSImage:
    @classmethod
    def alloc(cls) -> "NSImage":
        return cls()

    def initWithData_(self, data: NSData) -> "NSImage | None":
        self._content = data._content
        return self if self._content.startswith(BEGINNINGS) else None

    def size(self) -> NSSize:
        return NSSize(1.0, 1.0)


class NSDictionary:
    def __init__(self, values: dict[str, Any]) -> None:
        self._values = dict(values)

    @staticmethod
    def dictionaryWithDictionary_(values: dict[str, Any]) -> "NSDictionary":
        return NSDictionary(values)


class MPMediaItemArtwork:
    @classmethod
    def alloc(cls) -> "MPMediaItemArtwork":
        return cls()

    def initWithBoundsSize_requestHandler_(
        self, size: NSSize, handler: Callable[[NSSize], NSImage]
    ) -> "MPMediaItemArtwork":
        assert type(size) is NSSize
        self._size, self._handler = size, handler
        return self


class MPRemoteCommandEvent:
    pass


class MPChangePlaybackPositionCommandEvent(MPRemoteCommandEvent):
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def positionTime(self) -> float:
        return self._seconds


class MPRemoteCommand:
    def __init__(self) -> None:
        self._enabled = True
        self._targets: dict[object, Callable[[MPRemoteCommandEvent], int]] = {}

    def setEnabled_(self, on: bool) -> None:
        assert type(on) is bool
        self._enabled = on

    def addTargetWithHandler_(self, handler: Callable[[MPRemoteCommandEvent], int]) -> object:
        target = object()
        self._targets[target] = handler
        return target

    def removeTarget_(self, target: object) -> None:
        del self._targets[target]

    def _send(self, event: MPRemoteCommandEvent) -> bool:
        def call() -> None:
            for handler in list(self._targets.values()):
                assert handler(event) == SUCCESS

        if self._enabled and self._targets:
            elsewhere(call)
        return self._enabled and bool(self._targets)


class MPRemoteCommandCenter:
    def __init__(self) -> None:
        self._commands = {name: MPRemoteCommand() for name in COMMANDS}

    def __getattr__(self, name: str) -> Callable[[], MPRemoteCommand]:
        command = self._commands[name]
        return lambda: command


class MPNowPlayingInfoCenter:
    def __init__(self) -> None:
        self._info: dict[str, Any] = {}
        self._state, self._broken = 0, False

    def setNowPlayingInfo_(self, info: NSDictionary | None) -> None:
        if self._broken:
            raise ValueError("NSInvalidArgumentException")
        assert info is None or type(info) is NSDictionary
        self._info = info._values if info else {}

    def setPlaybackState_(self, state: int) -> None:
        self._state = state


class MacPanel:
    """What a listener sees of it, and presses."""

    platform, module = "darwin", "now_playing"
    packages = ("MediaPlayer", "AppKit")

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refuses = False
        self.centre, self.commands = MPNowPlayingInfoCenter(), MPRemoteCommandCenter()

        class InfoCenter:
            defaultCenter = staticmethod(self._centre)

        class CommandCenter:
            sharedCommandCenter = staticmethod(lambda: self.commands)

        media_player = {
            **{key: key for key in KEYS},
            "MPNowPlayingInfoMediaTypeAudio": 1,
            "MPNowPlayingPlaybackStatePlaying": 1,
            "MPNowPlayingPlaybackStatePaused": 2,
            "MPNowPlayingPlaybackStateStopped": 3,
            "MPRemoteCommandHandlerStatusSuccess": SUCCESS,
            "MPNowPlayingInfoCenter": InfoCenter,
            "MPRemoteCommandCenter": CommandCenter,
            "MPMediaItemArtwork": MPMediaItemArtwork,
        }
        for name, content in {
            "MediaPlayer": media_player,
            "AppKit": {"NSImage": NSImage},
            "Foundation": {"NSData": NSData, "NSDictionary": NSDictionary},
        }.items():
            module = ModuleType(name)
            vars(module).update(content)
            monkeypatch.setitem(sys.modules, name, module)

    def _centre(self) -> MPNowPlayingInfoCenter:
        if self.refuses:
            raise ValueError("NSInternalInconsistencyException")
        return self.centre

    def press(self, wish: str) -> bool:
        """Whether there is such a button to press."""
        name = {"toggle": "togglePlayPause", "next": "nextTrack", "previous": "previousTrack"}
        command = self.commands._commands[f"{name.get(wish, wish)}Command"]
        return command._send(MPRemoteCommandEvent())

    def seek(self, seconds: float) -> None:
        command = self.commands._commands["changePlaybackPositionCommand"]
        command._send(MPChangePlaybackPositionCommandEvent(seconds))

    def hold_back(self) -> Callable[[], None]:
        """A press of "next" that has begun, and goes on when this is called."""
        handler = next(iter(self.commands._commands["nextTrackCommand"]._targets.values()))
        return lambda: elsewhere(lambda: handler(MPRemoteCommandEvent()))

    def break_down(self) -> None:
        self.centre._broken = True

    @property
    def status(self) -> str:
        rate = self.centre._info.get("MPNowPlayingInfoPropertyPlaybackRate", 0.0)
        assert rate == (1.0 if self.centre._state == 1 else 0.0)
        return STATES[self.centre._state]

    @property
    def texts(self) -> tuple[str, str, str]:
        title, artist, album = (self.centre._info.get(key, "") for key in KEYS[:3])
        return title, artist, album

    @property
    def cover(self) -> bytes | None:
        artwork: MPMediaItemArtwork | None = self.centre._info.get("MPMediaItemPropertyArtwork")
        found: list[bytes] = []
        if artwork is not None:
            elsewhere(lambda: found.append(artwork._handler(NSSize(64.0, 64.0))._content))
        return found[0] if found else None

    @property
    def timeline(self) -> tuple[float, float]:
        """Where it is and how long it takes, in seconds, as told last."""
        info = self.centre._info
        position = info.get("MPNowPlayingInfoPropertyElapsedPlaybackTime", 0.0)
        return position, info.get("MPMediaItemPropertyPlaybackDuration", 0.0)

    @property
    def is_gone(self) -> bool:
        left = any(command._targets for command in self.commands._commands.values())
        return not left and not self.centre._info and self.status == "stopped"
