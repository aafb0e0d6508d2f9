"""MPRIS2: what desktops on Linux show of a player, and the media keys they hand to it.

Lives on the main thread. The specification: https://specifications.freedesktop.org/mpris-spec/2.2/
"""

import os
from pathlib import Path
from typing import Any

from jeepney.low_level import Message
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication

from sliders_desktop.media_keys.bus_object import BusObject, Interface, Method, Property, Refused
from sliders_desktop.media_keys.cover_file import CoverFile
from sliders_desktop.media_keys.player_panel import PlayerPanel
from sliders_desktop.media_keys.remote import Remote, plain
from sliders_desktop.media_keys.session_bus import SessionBus

PATH = "/org/mpris/MediaPlayer2"
ROOT, PLAYER = "org.mpris.MediaPlayer2", "org.mpris.MediaPlayer2.Player"
NAME = f"{ROOT}.sliders"
TRACK_PATH = "/org/sliders/Desktop/track/"
STATUS = {"playing": "Playing", "paused": "Paused", "stopped": "Stopped"}
LOOPS = {"None": "off", "Track": "one", "Playlist": "all"}
MICROSECONDS = 1_000_000


class Mpris(PlayerPanel):
    """Offers the player on the session bus, as long as there is one."""

    def __init__(self, remote: Remote, parent: QObject | None = None) -> None:
        super().__init__(remote, parent)
        self._playback = remote.playback
        self._cover = CoverFile(remote.cache / "cover", self)
        self._cover.changed.connect(remote.change_soon)
        self._object = BusObject(PATH, {ROOT: self._root(), PLAYER: self._player()})
        self._bus = SessionBus((NAME, f"{NAME}.instance{os.getpid()}"), self)
        self._bus.called.connect(self._on_called, Qt.ConnectionType.QueuedConnection)
        self._bus.named.connect(self._on_named, Qt.ConnectionType.QueuedConnection)

    # the panel

    def enter(self) -> None:
        """Begin; whether there is a bus at all shows later."""
        self._bus.start()

    def leave(self) -> None:
        self._bus.close()
        self._cover.close()

    def show(self) -> None:
        for message in self._object.changes():
            self._bus.send(message)

    def show_position(self, seconds: float) -> None:
        self._bus.send(self._object.signal(PLAYER, "Seeked", round(seconds * MICROSECONDS)))

    def show_cover(self) -> None:
        self._cover.keep(self.remote.cover)

    @Slot(str)
    def _on_named(self, name: str) -> None:
        self.remote.read_covers()  # nobody looks before

    @Slot(object)
    def _on_called(self, message: Message) -> None:
        answer = self._object.answer(message)
        if answer is not None:
            self._bus.send(answer)

    # the two interfaces

    def _root(self) -> Interface:
        def constant(signature: str, value: Any) -> Property:
            return Property(signature, lambda: value)

        return Interface(
            {"Raise": Method(self.remote.raise_window), "Quit": Method(self._quit_soon)},
            {
                "CanQuit": constant("b", True),
                "CanRaise": constant("b", True),
                "HasTrackList": constant("b", False),
                "Identity": constant("s", QCoreApplication.applicationName() or "Sliders"),
                "DesktopEntry": constant("s", QGuiApplication.desktopFileName()),
                "SupportedUriSchemes": constant("as", []),
                "SupportedMimeTypes": constant("as", []),
            },
        )

    def _player(self) -> Interface:
        playback, remote = self._playback, self.remote

        def track_dependent() -> Property:
            return Property("b", lambda: remote.has_track)

        return Interface(
            {
                "Next": Method(remote.next),
                "Previous": Method(remote.previous),
                "Pause": Method(remote.pause),
                "PlayPause": Method(playback.toggle),
                "Stop": Method(remote.stop),
                "Play": Method(remote.play),
                "Seek": Method(self._seek, (("Offset", "x"),)),
                "SetPosition": Method(self._set_position, (("TrackId", "o"), ("Position", "x"))),
                "OpenUri": Method(self._open_uri, (("Uri", "s"),)),
            },
            {
                "PlaybackStatus": Property("s", lambda: STATUS[remote.status]),
                "LoopStatus": Property("s", self._loop_status, self._set_loop_status),
                "Rate": Property("d", lambda: 1.0, self._set_rate),
                "Shuffle": Property("b", lambda: playback.shuffle, playback.set_shuffle),
                "Metadata": Property("a{sv}", self._metadata),
                "Volume": Property("d", lambda: float(playback.volume), playback.set_volume),
                "Position": Property("x", self._position, announced=False),
                "MinimumRate": Property("d", lambda: 1.0),
                "MaximumRate": Property("d", lambda: 1.0),
                "CanGoNext": Property("b", lambda: remote.can_go_next),
                "CanGoPrevious": track_dependent(),
                "CanPlay": Property("b", lambda: remote.can_play),
                "CanPause": track_dependent(),
                "CanSeek": track_dependent(),
                "CanControl": Property("b", lambda: True, announced=False),
            },
            {"Seeked": (("Position", "x"),)},
        )

    # methods

    def _quit_soon(self) -> None:
        QTimer.singleShot(0, self.remote.quit_program)  # after the answer

    def _seek(self, offset: int) -> None:
        if not self.remote.has_track:
            return
        to = self._position() + offset
        if to > self.remote.duration_s * MICROSECONDS:
            self.remote.next()
        else:
            self.remote.seek(max(0, to) / MICROSECONDS)

    def _set_position(self, track_id: str, position: int) -> None:
        """Too late for a track that is over, or beyond its ends: not meant for what plays now."""
        length = self.remote.duration_s * MICROSECONDS
        if track_id == self._track_path() and 0 <= position <= length:
            self.remote.seek(position / MICROSECONDS)

    def _open_uri(self, uri: str) -> None:
        raise Refused("NotSupported", "Sliders plays what is in its library.")

    # properties

    def _loop_status(self) -> str:
        return next(name for name, repeat in LOOPS.items() if repeat == self._playback.repeat)

    def _set_loop_status(self, name: str) -> None:
        if name not in LOOPS:
            raise Refused("InvalidArgs", f"LoopStatus is one of {', '.join(LOOPS)}.")
        self._playback.set_repeat(LOOPS[name])

    def _set_rate(self, rate: float) -> None:
        """There is but one speed; nought means a pause."""
        if rate == 0.0:
            self.remote.pause()

    def _position(self) -> int:
        return round(self.remote.position_s() * MICROSECONDS)

    def _track_path(self) -> str:
        return f"{TRACK_PATH}{self.remote.number}"

    def _metadata(self) -> dict[str, tuple[str, Any]]:
        track = self.remote.track
        if track is None:
            return {}
        found: dict[str, tuple[str, Any]] = {
            "mpris:trackid": ("o", self._track_path()),
            "xesam:title": ("s", plain(track.title)),
        }
        if track.duration_s > 0:
            found["mpris:length"] = ("x", round(track.duration_s * MICROSECONDS))
        if track.artist:
            found["xesam:artist"] = ("as", [plain(track.artist)])
        if track.album:
            found["xesam:album"] = ("s", plain(track.album))
        if Path(track.path).is_absolute():
            found["xesam:url"] = ("s", Path(track.path).as_uri())
        if self._cover.uri:
            found["mpris:artUrl"] = ("s", self._cover.uri)
        return found
