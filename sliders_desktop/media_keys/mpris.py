"""MPRIS2: what desktops on Linux show of a player, and the media keys they hand to it.

Lives on the main thread. The specification: https://specifications.freedesktop.org/mpris-spec/2.2/
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jeepney.low_level import Message
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication

from sliders_desktop.library.records import TrackRow
from sliders_desktop.media_keys.bus_object import BusObject, Interface, Method, Property, Refused
from sliders_desktop.media_keys.cover_file import CoverFile
from sliders_desktop.media_keys.session_bus import SessionBus
from sliders_desktop.session.session import Session

PATH = "/org/mpris/MediaPlayer2"
ROOT, PLAYER = "org.mpris.MediaPlayer2", "org.mpris.MediaPlayer2.Player"
NAME = f"{ROOT}.sliders"
TRACK_PATH = "/org/sliders/Desktop/track/"
LOOPS = {"None": "off", "Track": "one", "Playlist": "all"}
MICROSECONDS = 1_000_000


class Mpris(QObject):
    """Offers the session's playback on the session bus, as long as there is one."""

    def __init__(
        self,
        session: Session,
        raise_window: Callable[[], None],
        quit_program: Callable[[], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._catalogue, self._playback = session.catalogue, session.playback
        self._raise, self._quit = raise_window, quit_program
        self._known = self._playback.current
        self._was_playing = self._playback.playing
        self._stopped = self._at_the_beginning()  # else, where nothing plays, it is paused
        self._times = 0  # how many tracks were current: each gets an id of its own
        self._cover = CoverFile(session, session.paths.cache / "cover", self)
        self._object = BusObject(PATH, {ROOT: self._root(), PLAYER: self._player()})
        # Several things change at once where one track follows another; told together.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._announce)
        playback, later = self._playback, self._soon.start
        playback.current_changed.connect(self._on_current_changed)
        playback.state_changed.connect(self._on_state_changed)
        playback.seeked.connect(self._on_seeked)
        playback.queue_changed.connect(later)
        self._catalogue.tracks_changed.connect(later)
        self._cover.changed.connect(later)
        self._bus = SessionBus((NAME, f"{NAME}.instance{os.getpid()}"), self)
        self._bus.called.connect(self._on_called, Qt.ConnectionType.QueuedConnection)
        self._bus.named.connect(self._on_named, Qt.ConnectionType.QueuedConnection)
        self._bus.start()

    def close(self) -> None:
        """Say goodbye to the bus."""
        self._soon.stop()
        self._bus.close()
        self._cover.close()

    # the two interfaces

    def _root(self) -> Interface:
        def constant(signature: str, value: Any) -> Property:
            return Property(signature, lambda: value)

        return Interface(
            {"Raise": Method(self._raise), "Quit": Method(self._quit_soon)},
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
        playback = self._playback
        return Interface(
            {
                "Next": Method(self._next),
                "Previous": Method(self._previous),
                "Pause": Method(self._pause),
                "PlayPause": Method(playback.toggle),
                "Stop": Method(self._stop),
                "Play": Method(self._play),
                "Seek": Method(self._seek, (("Offset", "x"),)),
                "SetPosition": Method(self._set_position, (("TrackId", "o"), ("Position", "x"))),
                "OpenUri": Method(self._open_uri, (("Uri", "s"),)),
            },
            {
                "PlaybackStatus": Property("s", self._status),
                "LoopStatus": Property("s", self._loop_status, self._set_loop_status),
                "Rate": Property("d", lambda: 1.0, self._set_rate),
                "Shuffle": Property("b", lambda: playback.shuffle, playback.set_shuffle),
                "Metadata": Property("a{sv}", self._metadata),
                "Volume": Property("d", lambda: float(playback.volume), playback.set_volume),
                "Position": Property("x", self._position, announced=False),
                "MinimumRate": Property("d", lambda: 1.0),
                "MaximumRate": Property("d", lambda: 1.0),
                "CanGoNext": Property("b", self._can_go_next),
                "CanGoPrevious": Property("b", self._has_track),
                "CanPlay": Property("b", self._can_play),
                "CanPause": Property("b", self._has_track),
                "CanSeek": Property("b", self._has_track),
                "CanControl": Property("b", lambda: True, announced=False),
            },
            {"Seeked": (("Position", "x"),)},
        )

    # methods

    def _quit_soon(self) -> None:
        QTimer.singleShot(0, self._quit)  # after the answer

    def _play(self) -> None:
        if not self._playback.playing:
            self._playback.toggle()

    def _pause(self) -> None:
        if self._playback.playing:
            self._playback.toggle()

    def _stop(self) -> None:
        if self._status() != "Stopped":
            self._pause()
            self._playback.seek(0.0)
            self._stopped = True
            self._soon.start()

    def _next(self) -> None:
        if self._can_go_next():
            self._step(self._playback.next)

    def _previous(self) -> None:
        self._step(self._playback.previous)

    def _step(self, step: Callable[[], None]) -> None:
        """What was silent stays silent."""
        playing, stopped = self._playback.playing, self._stopped
        step()
        if not playing:
            self._pause()
            self._stopped = stopped

    def _seek(self, offset: int) -> None:
        if not self._has_track():
            return
        to = self._position() + offset
        if to > self._playback.duration_s * MICROSECONDS:
            self._next()
        else:
            self._playback.seek(max(0, to) / MICROSECONDS)

    def _set_position(self, track_id: str, position: int) -> None:
        """Too late for a track that is over, or beyond its ends: not meant for what plays now."""
        length = self._playback.duration_s * MICROSECONDS
        if self._has_track() and track_id == self._track_path() and 0 <= position <= length:
            self._playback.seek(position / MICROSECONDS)

    def _open_uri(self, uri: str) -> None:
        raise Refused("NotSupported", "Sliders plays what is in its library.")

    # properties

    def _has_track(self) -> bool:
        return self._playback.current is not None

    def _at_the_beginning(self) -> bool:
        return not self._playback.playing and self._playback.position_s() == 0.0

    def _status(self) -> str:
        if self._playback.playing:
            return "Playing"
        return "Paused" if self._has_track() and not self._stopped else "Stopped"

    def _loop_status(self) -> str:
        return next(name for name, repeat in LOOPS.items() if repeat == self._playback.repeat)

    def _set_loop_status(self, name: str) -> None:
        if name not in LOOPS:
            raise Refused("InvalidArgs", f"LoopStatus is one of {', '.join(LOOPS)}.")
        self._playback.set_repeat(LOOPS[name])

    def _set_rate(self, rate: float) -> None:
        """There is but one speed; nought means a pause."""
        if rate == 0.0:
            self._pause()

    def _position(self) -> int:
        return round(self._playback.position_s() * MICROSECONDS)

    def _can_go_next(self) -> bool:
        again = self._playback.repeat == "all" and self._has_track()
        return bool(self._playback.up_next) or again

    def _can_play(self) -> bool:
        return self._has_track() or bool(self._playback.up_next) or bool(self._catalogue.rows)

    def _track_path(self) -> str:
        return f"{TRACK_PATH}{self._times}"

    def _metadata(self) -> dict[str, tuple[str, Any]]:
        track = self._playback.current
        if track is None:
            return {}
        found: dict[str, tuple[str, Any]] = {
            "mpris:trackid": ("o", self._track_path()),
            "xesam:title": ("s", _text(track.title)),
        }
        if track.duration_s > 0:
            found["mpris:length"] = ("x", round(track.duration_s * MICROSECONDS))
        if track.artist:
            found["xesam:artist"] = ("as", [_text(track.artist)])
        if track.album:
            found["xesam:album"] = ("s", _text(track.album))
        if Path(track.path).is_absolute():
            found["xesam:url"] = ("s", Path(track.path).as_uri())
        if self._cover.uri:
            found["mpris:artUrl"] = ("s", self._cover.uri)
        return found

    # what happens

    @Slot(str)
    def _on_named(self, name: str) -> None:
        self._show_cover_of(self._playback.current)

    @Slot(object)
    def _on_called(self, message: Message) -> None:
        answer = self._object.answer(message)
        if answer is not None:
            self._bus.send(answer)

    def _on_current_changed(self) -> None:
        self._times += 1
        if self._known is None:  # come back from last time: paused, or at the beginning
            self._stopped = self._at_the_beginning()
        self._known = self._playback.current
        self._show_cover_of(self._known)
        self._soon.start()

    def _on_state_changed(self) -> None:
        playing = self._playback.playing
        if playing != self._was_playing:
            self._stopped = self._at_the_beginning()  # the last track has ended
            self._was_playing = playing
        self._soon.start()

    def _on_seeked(self, seconds: float) -> None:
        self._bus.send(self._object.signal(PLAYER, "Seeked", round(seconds * MICROSECONDS)))

    def _show_cover_of(self, track: TrackRow | None) -> None:
        if self._bus.connected:  # nobody looks otherwise
            self._cover.show(track.id if track is not None else None)

    def _announce(self) -> None:
        for message in self._object.changes():
            self._bus.send(message)


def _text(text: str) -> str:
    """What a bus takes for a string; it throws out whoever sends anything else."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
