"""One music file decoded in order, at its own rate: by soundfile, or by PyAV (ffmpeg).

Runs on whatever thread asks. Files are only ever opened for reading. The decoding libraries are
imported when the first file is opened, because they would cost the window 0.4 s of its start.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.errors import FileUnreadable

log = logging.getLogger(__name__)

Block = NDArray[np.float32]

# What libsndfile 1.2.2 reads exactly and quickly. The others have a flaw there: MP3 read block by
# block is garbled where two blocks meet (soundfile seeks after each read, and mpg123 then misses
# its bit reservoir), Vorbis seeks wrongly near the end, some good Opus files are "malformed".
_SOUNDFILE = frozenset((".flac", ".wav", ".aif", ".aiff", ".aifc", ".caf", ".au"))

# Samples a second that a file of music can have: a damaged header that says 1 Hz would make hours
# of a minute.
_RATES = range(1_000, 10_000_001)

_MANY = 8  # channels

_PADDING = 16_384  # frames that a last packet or two may hold beyond the end
_PREROLL_S = 0.5  # lossy codecs need some packets before the target to sound right at it

# The first bytes of files that are music, however broken they may be further on.
_MAGIC = (b"ID3", b"fLaC", b"OggS", b"RIFF", b"RF64", b"FORM", b"MAC ", b"wvpk", b"TTA", b"MP+",
          b"MPCK", b"caff", b".snd", b"\x30\x26\xb2\x75", b"\x1a\x45\xdf\xa3", b"\xff\xfb",
          b"\xff\xf3", b"\xff\xfa", b"\xff\xf1", b"\xff\xf9")  # fmt: skip


def unreadable(path: str | os.PathLike[str], error: BaseException | None = None) -> FileUnreadable:
    """One sentence on why ``path`` cannot be read, whatever a library said."""
    path = Path(path)
    return FileUnreadable(f"{path.name} {_reason(path, error)}.")


def _reason(path: Path, error: BaseException | None) -> str:
    try:
        if path.is_dir():
            return "is a folder, not a file"
        with path.open("rb") as file:
            head = file.read(12)
    except FileNotFoundError:
        return "is not there any more"
    except PermissionError:
        return "cannot be opened: the permission is missing"
    except OSError as problem:
        return f"cannot be opened: {problem.strerror or problem}"
    log.debug("%s: %r", path, error)
    if not head:
        return "is empty"
    if head.startswith(_MAGIC) or head[4:8] == b"ftyp":
        return "is damaged or ends early"
    return "is not a music file this program can read"


class Damaged(Exception):
    """The file cannot be read on at the present position."""


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


class AvSource:
    def __init__(self, path: Path) -> None:
        import av

        self._error = av.error.FFmpegError
        self._path = path
        self._container: Any = None
        self._ready: list[Any] = []  # decoded frames not yet given, the next one last
        try:
            self._open()
            if not self._ready:
                raise unreadable(path)
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        import av

        self.close()
        self._container = av.open(str(self._path), metadata_errors="replace")
        if not self._container.streams.audio:
            raise unreadable(self._path)
        self._stream = self._container.streams.audio[0]
        self.rate = int(self._stream.codec_context.sample_rate)
        if not self.rate:
            raise unreadable(self._path)
        self.frames = self._frames()
        self._rest: Block = np.zeros((0, 2), np.float32)  # of the frame at hand
        self._position = 0  # of the next frame to give
        self._target = 0  # frames before it are decoded and dropped
        self._placed = True  # False after a seek, until a frame's time stamp says where it is
        self._packets = self._container.demux(self._stream)
        exact = self._container.format.name.startswith(("mov", "ogg"))
        self._end = self.frames if exact else None
        self._beyond: list[Block] = []
        self._ready = []
        first = self._next_frame()
        # The time stamp that is the file's zero.
        self._start = self._stream.start_time or 0
        if first is not None:
            self._ready.append(first)
            if self._stream.start_time is None:
                self._start = first.pts or 0

    def _frames(self) -> int | None:
        smpb = self._container.metadata.get("iTunSMPB", "").split()
        if len(smpb) > 3 and int(smpb[3], 16):
            return int(smpb[3], 16)  # iTunes: the exact number of samples
        if self._stream.duration is None:
            return None
        frames: int = round(self._stream.duration * self._stream.time_base * self.rate)
        if self._container.format.name == "ogg":  # here the encoder's delay counts as time
            frames -= self._stream.codec_context.delay
        return max(frames, 0)

    def read(self, frames: int) -> Block:
        # A codec's frame may be 20 ms short; whoever resamples is quicker with larger pieces.
        pieces = [self._rest]
        count = len(self._rest)
        while count < frames:
            try:
                frame = self._next_frame()
            except Damaged:
                if count:
                    break  # give what is good; the next call meets the damage again
                raise
            if frame is None:
                break  # what lies beyond the end is padding
            piece = self._placed_samples(frame)
            pieces.append(piece)
            count += len(piece)
        whole = _joined([piece for piece in pieces if len(piece)])
        self._rest = whole[frames:]
        return whole[:frames]

    def _placed_samples(self, frame: Any) -> Block:
        """What of a decoded frame is wanted: after the place sought, before the end."""
        if not self._placed and frame.pts is not None:
            since = (frame.pts - self._start) * frame.time_base
            self._position = round(since * self.rate)
            self._placed = True
        try:
            block = _samples(frame)
        except (self._error, ValueError):  # a frame of damage is a short gap, not the end
            log.debug("%s: a damaged frame", self._path)
            block = np.zeros((frame.samples, 2), np.float32)
        start, self._position = self._position, self._position + len(block)
        block = block[max(0, self._target - start) :]
        return self._until_end(block) if self._end is not None else block

    def _until_end(self, block: Block) -> Block:
        """Keep back what lies beyond the declared end: the last packet's padding, most likely.

        If there is much of it, more was chained behind the end, and all is given after all.
        """
        assert self._end is not None
        if self._position <= self._end:
            return block
        inside = max(0, len(block) - (self._position - self._end))
        self._beyond.append(block[inside:])
        if sum(map(len, self._beyond)) <= _PADDING:
            return block[:inside]
        block = np.concatenate([block[:inside], *self._beyond])
        self._end, self._beyond = None, []
        return block

    def _next_frame(self) -> Any:
        while not self._ready:
            try:
                packet = next(self._packets)
            except StopIteration:
                return None
            except self._error as error:
                raise Damaged from error
            try:
                self._ready = list(packet.decode())[::-1]
            except self._error:  # one bad packet is a short gap, not the end
                log.debug("%s: a damaged packet", self._path)
            except EOFError:
                return None
        return self._ready.pop()

    def seek(self, frame: int) -> None:
        before = frame / self.rate - _PREROLL_S
        try:
            if before <= 0 or self._stream.time_base is None:
                self._open()  # only a fresh start applies the trim of the encoder's delay
            else:
                self._container.seek(
                    int(before / self._stream.time_base) + self._start, stream=self._stream
                )
                self._packets = self._container.demux(self._stream)
                self._ready = []
                self._placed = False
        except self._error as error:
            raise Damaged from error
        self._rest = self._rest[:0]
        self._beyond = []
        self._target = frame

    def close(self) -> None:
        if self._container is not None:
            self._container.close()


def _joined(pieces: list[Block]) -> Block:
    """One block (n, 1 or 2); where a chained file changes its mind, mono sounds on both sides."""
    if not pieces:
        return np.zeros((0, 2), np.float32)
    if len({piece.shape[1] for piece in pieces}) > 1:
        pieces = [np.broadcast_to(piece, (len(piece), 2)) for piece in pieces]
    return np.concatenate(pieces) if len(pieces) > 1 else pieces[0]


def _samples(frame: Any) -> Block:
    """The (n, 1 or 2) float32 samples of an ffmpeg frame, surround folded to stereo.

    A view of what ffmpeg gave where it can be: this runs forty times for each second of music.
    """
    if frame.format.is_planar and frame.layout.nb_channels >= _MANY:
        frame = _packed(frame)
    raw = frame.to_ndarray()
    rows = raw.T if frame.format.is_planar else raw.reshape(-1, frame.layout.nb_channels)
    if rows.dtype != np.float32:
        if rows.dtype == np.uint8:
            rows = (rows.astype(np.float32) - 128) / 128
        elif np.issubdtype(rows.dtype, np.integer):
            rows = rows.astype(np.float32) / float(-np.iinfo(rows.dtype).min)
        rows = rows.astype(np.float32, copy=False)
    if rows.shape[1] > 2:
        rows = rows @ fold([channel.name for channel in frame.layout.channels])
    return rows  # type: ignore[no-any-return]


def _packed(frame: Any) -> Any:
    """The same frame with all its channels in one plane.

    Of eight planes and more PyAV 18.1 looks for the end in foreign memory, and the whole program
    goes down with it: neither `to_ndarray` nor `planes` may be asked of such a frame.
    """
    import av

    resampler = av.AudioResampler(frame.format.packed, frame.layout, frame.sample_rate)
    (packed,) = resampler.resample(frame)
    return packed


def fold(names: list[str]) -> Block:
    """The (channels, 2) matrix of ITU-R BS.775, scaled so that nothing can clip; no LFE."""
    matrix = np.zeros((len(names), 2), np.float32)
    for row, name in zip(matrix, names, strict=True):
        if name.startswith("LFE"):
            continue
        middle = name in ("FC", "BC", "TC", "TFC", "TBC")
        if name in ("FL", "FLC", "DL") or name.endswith("L") or middle:
            row[0] = 1.0 if name == "FL" else 0.7071
        if name in ("FR", "FRC", "DR") or name.endswith("R") or middle:
            row[1] = 1.0 if name == "FR" else 0.7071
    if not matrix.any():
        matrix[:] = 1.0  # a layout without names: everything on both sides
    scaled: Block = matrix / matrix.sum(axis=0).max()
    return scaled


def measured_s(path: Path, check: Callable[[], None]) -> float:
    """Seconds of sound in the file, counted packet by packet: a tenth of the work of decoding.

    0 where it cannot be counted. ``check`` is called now and then and may raise.
    """
    import av

    seconds = 0.0
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            stream = container.streams.audio[0]
            tick_s = float(stream.time_base or 0)
            for at, packet in enumerate(container.demux(stream)):
                seconds += (packet.duration or 0) * tick_s
                if at % 256 == 0:
                    check()
    except (av.error.FFmpegError, IndexError) as error:
        log.debug("%s: counted until %r", path, error)
    return seconds


FileSource = SoundFileSource | AvSource


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
    if path.suffix.lower() in _SOUNDFILE:
        try:
            source = SoundFileSource(path)
            if source.channels <= 2 and source.frames:
                return source
            source.close()  # PyAV knows which channel is which
        except RuntimeError as error:  # soundfile.LibsndfileError
            log.debug("%s: %r, trying PyAV", path, error)
    return AvSource(path)
