"""The door to all decoding: the best `Source` for a file, by soundfile or by PyAV (ffmpeg).

Runs on whatever thread asks. Files are only ever opened for reading. The decoding libraries are
imported when the first file is opened, because they would cost the window 0.4 s of its start.
"""

import logging
from pathlib import Path
from typing import Protocol

from sliders_desktop.audio.decoding.av_source import AvSource, measured_s
from sliders_desktop.audio.decoding.downmix import Block, fold
from sliders_desktop.audio.decoding.ogg_chain import ChainSource, chain
from sliders_desktop.audio.decoding.unreadable import Damaged, unreadable
from sliders_desktop.errors import FileUnreadable

__all__ = ["AvSource", "Block", "Damaged", "FileSource", "SoundFileSource", "Source", "fold",
           "measured_s", "open_source", "unreadable"]  # fmt: skip

log = logging.getLogger(__name__)

# What libsndfile 1.2.2 reads exactly and quickly. The others have a flaw there: MP3 read block by
# block is garbled where two blocks meet (soundfile seeks after each read, and mpg123 then misses
# its bit reservoir), Vorbis seeks wrongly near the end, some good Opus files are "malformed".
_SOUNDFILE = frozenset((".flac", ".wav", ".aif", ".aiff", ".aifc", ".caf", ".au"))
# An MP3 may call itself .wav.
_EXACT = ("PCM_", "FLOAT", "DOUBLE", "ULAW", "ALAW", "ALAC_")
_OGG = b"OggS"

# Samples a second that a file of music can have: a damaged header that says 1 Hz would make hours
# of a minute.
_RATES = range(1_000, 10_000_001)


class Source(Protocol):
    """Frames of one file at its own rate, folded to two channels (or left at one)."""

    rate: int

    @property
    def frames(self) -> int | None:
        """Length; None: not known before the end."""

    def read(self, frames: int) -> Block:
        """The next up to ``frames`` (n, 1 or 2), none at the end; `Damaged` if it cannot go on."""

    def seek(self, frame: int) -> None: ...

    def close(self) -> None: ...


class SoundFileSource:
    def __init__(self, path: Path) -> None:
        import soundfile

        self._error = soundfile.LibsndfileError
        self._file = soundfile.SoundFile(path)
        self.rate = int(self._file.samplerate)
        self.channels = int(self._file.channels)
        self.frames: int | None = int(self._file.frames)
        self.exact = str(self._file.subtype).startswith(_EXACT)

    def read(self, frames: int) -> Block:
        try:
            block: Block = self._file.read(frames, dtype="float32", always_2d=True)
        except self._error as error:
            raise Damaged from error
        return block

    def seek(self, frame: int) -> None:
        try:
            self._file.seek(min(frame, self.frames or 0))
        except self._error as error:
            raise Damaged from error

    def close(self) -> None:
        self._file.close()


FileSource = SoundFileSource | AvSource | ChainSource


def open_source(path: Path) -> FileSource:
    """The best source for ``path``; `FileUnreadable` if neither library can."""
    try:
        if path.stat().st_size == 0:
            raise unreadable(path)
        source = _opened(path)
        if source.rate not in _RATES:
            source.close()
            raise unreadable(path)
        return source
    except FileUnreadable:
        raise
    except Exception as error:  # whatever a library makes of a broken file
        raise unreadable(path, error) from error


def _opened(path: Path) -> FileSource:
    with path.open("rb") as file:
        ogg = file.read(4) == _OGG
    if ogg:
        links = chain(path)
        if len(links) > 1:
            return ChainSource(path, links)
    elif path.suffix.lower() in _SOUNDFILE:
        try:
            source = SoundFileSource(path)
            if source.channels <= 2 and source.frames and source.exact:
                return source
            source.close()  # of more channels PyAV knows which is which
        except RuntimeError as error:  # soundfile.LibsndfileError
            log.debug("%s: %r, trying PyAV", path, error)
    return AvSource(path)
