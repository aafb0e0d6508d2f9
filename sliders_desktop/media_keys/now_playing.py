"""Now Playing: macOS' player panel in the menu bar, and the media keys of keyboards and headphones.

Lives on the main thread; macOS may call back on any. Written from Apple's documentation of
MPNowPlayingInfoCenter and MPRemoteCommandCenter and from PyObjC's metadata: no Mac was at hand.
"""

from typing import Any

import MediaPlayer
from AppKit import NSImage
from Foundation import NSData, NSDictionary
from PySide6.QtCore import QObject

from sliders_desktop.media_keys.player_panel import PlayerPanel
from sliders_desktop.media_keys.remote import Remote, Wish, plain

STATES = {
    "playing": MediaPlayer.MPNowPlayingPlaybackStatePlaying,
    "paused": MediaPlayer.MPNowPlayingPlaybackStatePaused,
    "stopped": MediaPlayer.MPNowPlayingPlaybackStateStopped,
}
COMMANDS: dict[str, Wish] = {  # methods of the command centre
    "playCommand": "play",
    "pauseCommand": "pause",
    "togglePlayPauseCommand": "toggle",
    "stopCommand": "stop",
    "nextTrackCommand": "next",
    "previousTrackCommand": "previous",
    "changePlaybackPositionCommand": "seek",
}


class NowPlaying(PlayerPanel):
    """Offers the player to macOS."""

    refusals = (Exception,)  # PyObjC raises what fits each NSException best, of many kinds

    def __init__(self, remote: Remote, parent: QObject | None = None) -> None:
        super().__init__(remote, parent)
        self._centre: Any = None
        self._commands: dict[Wish, Any] = {}
        self._targets: list[tuple[Any, Any]] = []  # commands, each with what listens to it
        self._artwork: Any = None
        self._shown: tuple[object, ...] = ()

    def enter(self) -> None:
        self._centre = MediaPlayer.MPNowPlayingInfoCenter.defaultCenter()
        commands = MediaPlayer.MPRemoteCommandCenter.sharedCommandCenter()
        for name, wish in COMMANDS.items():
            command = self._commands[wish] = getattr(commands, name)()
            target = command.addTargetWithHandler_(self._handler(wish))
            self._targets.append((command, target))
            command.setEnabled_(True)
        self.remote.read_covers()

    def leave(self) -> None:
        for command, target in self._targets:
            command.removeTarget_(target)
        self._centre.setNowPlayingInfo_(None)
        self._centre.setPlaybackState_(STATES["stopped"])

    def _handler(self, wish: Wish) -> Any:
        """Called on whatever thread; macOS waits for the answer, so the wish itself waits."""

        def on_command(event: Any) -> int:
            self.asked.emit(wish, float(event.positionTime()) if wish == "seek" else 0.0)
            return int(MediaPlayer.MPRemoteCommandHandlerStatusSuccess)

        return on_command

    # what macOS is told

    def show(self) -> None:
        remote, track = self.remote, self.remote.track
        self._commands["next"].setEnabled_(remote.can_go_next)
        self._commands["previous"].setEnabled_(remote.has_track)
        self._commands["seek"].setEnabled_(remote.has_track)
        shown = (remote.status, remote.number, track and (track.title, track.artist, track.album))
        if shown != self._shown:
            self._shown = shown
            self._show_all(remote.position_s())

    def show_position(self, seconds: float) -> None:
        self._show_all(seconds)

    def show_cover(self) -> None:
        self._artwork = _artwork(self.remote.cover) if self.remote.cover else None
        if self._artwork is not None:  # one that is gone goes with the next track
            self._show_all(self.remote.position_s())

    def _show_all(self, position_s: float) -> None:
        """macOS takes the whole or nothing; the position it counts on by itself."""
        track = self.remote.track
        self._centre.setPlaybackState_(STATES[self.remote.status])
        if track is None:
            self._centre.setNowPlayingInfo_(None)
            return
        info: dict[Any, Any] = {
            MediaPlayer.MPNowPlayingInfoPropertyMediaType: (
                MediaPlayer.MPNowPlayingInfoMediaTypeAudio
            ),
            MediaPlayer.MPMediaItemPropertyTitle: plain(track.title),
            MediaPlayer.MPNowPlayingInfoPropertyElapsedPlaybackTime: position_s,
            MediaPlayer.MPNowPlayingInfoPropertyDefaultPlaybackRate: 1.0,
            MediaPlayer.MPNowPlayingInfoPropertyPlaybackRate: (
                1.0 if self.remote.status == "playing" else 0.0
            ),
        }
        if track.artist:
            info[MediaPlayer.MPMediaItemPropertyArtist] = plain(track.artist)
        if track.album:
            info[MediaPlayer.MPMediaItemPropertyAlbumTitle] = plain(track.album)
        if track.duration_s > 0:
            info[MediaPlayer.MPMediaItemPropertyPlaybackDuration] = track.duration_s
        if self._artwork is not None:
            info[MediaPlayer.MPMediaItemPropertyArtwork] = self._artwork
        self._centre.setNowPlayingInfo_(NSDictionary.dictionaryWithDictionary_(info))


def _artwork(picture: bytes) -> Any:
    """The cover as macOS wants it; None where it can't read the picture."""
    data = NSData.dataWithBytes_length_(picture, len(picture))
    image = NSImage.alloc().initWithData_(data)
    if image is None:
        return None
    # Asked for a size it gives the picture as it is; whoever asks scales it.
    return MediaPlayer.MPMediaItemArtwork.alloc().initWithBoundsSize_requestHandler_(
        image.size(), lambda size: image
    )
