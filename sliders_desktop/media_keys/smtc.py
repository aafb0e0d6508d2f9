"""System Media Transport Controls: Windows' player panel, and the media keys it hands out.

Lives on the main thread; Windows calls back on threads of its own. Written from the documentation
of the classes in Windows.Media and from PyWinRT's stubs: no Windows was at hand.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QWindow
from PySide6.QtWidgets import QApplication
from winrt.windows.media import (
    MediaPlaybackStatus,
    MediaPlaybackType,
    SystemMediaTransportControlsButton,
    SystemMediaTransportControlsTimelineProperties,
)
from winrt.windows.media.interop import get_for_window
from winrt.windows.storage.streams import (
    DataWriter,
    InMemoryRandomAccessStream,
    RandomAccessStreamReference,
)

from sliders_desktop.media_keys.player_panel import PlayerPanel
from sliders_desktop.media_keys.remote import Remote, Wish, plain

STATUS = {
    "playing": MediaPlaybackStatus.PLAYING,
    "paused": MediaPlaybackStatus.PAUSED,
    "stopped": MediaPlaybackStatus.STOPPED,
}
WISHES: dict[Any, Wish] = {
    SystemMediaTransportControlsButton.PLAY: "play",
    SystemMediaTransportControlsButton.PAUSE: "pause",
    SystemMediaTransportControlsButton.STOP: "stop",
    SystemMediaTransportControlsButton.NEXT: "next",
    SystemMediaTransportControlsButton.PREVIOUS: "previous",
}
TIMELINE_EVERY_MS = 5000  # as the documentation asks for while something plays


class Smtc(PlayerPanel):
    """Offers the player to Windows, by way of a window that nobody sees."""

    refusals = (OSError,)  # what PyWinRT makes of a failed call

    _stored = Signal(int)  # the cover of this turn is in memory of the system

    def __init__(self, remote: Remote, parent: QObject | None = None) -> None:
        super().__init__(remote, parent)
        self._window = QWindow()
        self._controls: Any = None
        self._let_go: list[Callable[[], None]] = []  # the handlers
        self._shown: tuple[object, ...] = ()
        self._storing: tuple[Any, ...] = ()  # what a cover on its way needs to stay alive
        self._turn = 0  # of the cover
        self._thumbnail: Any = None
        self._timeline = QTimer(self)
        self._timeline.setInterval(TIMELINE_EVERY_MS)
        self._timeline.timeout.connect(self._on_timeline)
        self._stored.connect(self._on_stored, Qt.ConnectionType.QueuedConnection)

    def enter(self) -> None:
        # A window of our own: Qt may make the visible one anew, with another handle.
        controls = self._controls = get_for_window(int(self._window.winId()))
        controls.is_play_enabled = controls.is_pause_enabled = controls.is_stop_enabled = True
        pressed = controls.add_button_pressed(self._on_button)
        self._let_go.append(lambda: controls.remove_button_pressed(pressed))
        moved = controls.add_playback_position_change_requested(self._on_position)
        self._let_go.append(lambda: controls.remove_playback_position_change_requested(moved))
        controls.is_enabled = True
        _leave_keys_to_the_system()
        self.remote.read_covers()

    def leave(self) -> None:
        self._timeline.stop()
        self._turn += 1
        for let_go in self._let_go:
            self.tell(let_go)
        self._controls.display_updater.clear_all()
        self._controls.is_enabled = False
        self._window.destroy()

    # on threads of Windows

    def _on_button(self, sender: object, event: Any) -> None:
        wish = WISHES.get(event.button)
        if wish is not None:
            self.asked.emit(wish, 0.0)

    def _on_position(self, sender: object, event: Any) -> None:
        self.asked.emit("seek", event.requested_playback_position.total_seconds())

    # what Windows is told

    def show(self) -> None:
        remote, controls = self.remote, self._controls
        controls.is_next_enabled = remote.can_go_next
        controls.is_previous_enabled = remote.has_track
        track = remote.track
        shown = (remote.status, remote.number, track and (track.title, track.artist, track.album))
        if shown == self._shown:
            return
        self._shown = shown
        controls.playback_status = STATUS[remote.status]
        self._show_texts()
        self._show_timeline(remote.position_s())
        if remote.status == "playing":
            self._timeline.start()
        else:
            self._timeline.stop()

    def show_position(self, seconds: float) -> None:
        self._show_timeline(seconds)

    def _on_timeline(self) -> None:
        self.tell(lambda: self._show_timeline(self.remote.position_s()))

    def _show_texts(self) -> None:
        """All at once, with the cover: what is not said again is gone."""
        updater, track = self._controls.display_updater, self.remote.track
        updater.clear_all()
        if track is not None:
            updater.type = MediaPlaybackType.MUSIC  # before the rest, which depends on it
            updater.music_properties.title = plain(track.title)
            updater.music_properties.artist = plain(track.artist)
            updater.music_properties.album_title = plain(track.album)
            if self._thumbnail is not None:
                updater.thumbnail = self._thumbnail
        updater.update()

    def _show_timeline(self, position_s: float) -> None:
        timeline = SystemMediaTransportControlsTimelineProperties()
        timeline.start_time = timeline.min_seek_time = timedelta()
        timeline.end_time = timeline.max_seek_time = timedelta(seconds=self.remote.duration_s)
        timeline.position = timedelta(seconds=position_s)
        self._controls.update_timeline_properties(timeline)

    # the cover

    def show_cover(self) -> None:
        """Windows reads it from a stream, which is filled in its own time."""
        self._turn += 1
        self._thumbnail = None
        picture = self.remote.cover
        if picture is None:
            return  # the texts of the next track come without it
        turn, stream = self._turn, InMemoryRandomAccessStream()
        writer = DataWriter(stream)
        writer.write_bytes(picture)
        storing = writer.store_async()
        self._storing = (stream, writer, storing)
        storing.completed = lambda operation, status: self._stored.emit(turn)

    @Slot(int)
    def _on_stored(self, turn: int) -> None:
        if turn == self._turn:
            self.tell(self._show_stored)

    def _show_stored(self) -> None:
        stream, writer, storing = self._storing
        storing.get_results()  # raises what went wrong
        writer.detach_stream()  # else it would be closed with the writer
        self._storing = ()
        self._thumbnail = RandomAccessStreamReference.create_from_stream(stream)
        self._show_texts()


def _leave_keys_to_the_system() -> None:
    """A window that has the keyboard gets them as well, and one press would act twice."""
    for window in QApplication.topLevelWidgets():
        for action in window.findChildren(QAction):
            keys = action.shortcuts()
            kept = [key for key in keys if "Media " not in key.toString()]
            if len(kept) < len(keys):
                action.setShortcuts(kept)
