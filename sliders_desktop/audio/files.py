"""From a music file to samples: as a stream for the player, as one wave for the encoder.

Runs on whatever thread asks; files are only ever opened for reading.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.audio.decoding.sources import (
    AvSource,
    Block,
    Damaged,
    FileSource,
    SoundFileSource,
    Source,
    measured_s,
    open_source,
    unreadable,
)
from sliders_desktop.audio.decoding.spans import WHOLE, Span, SpanSource

log = logging.getLogger(__name__)

# fmt: off
SUFFIXES = frozenset((
    ".mp3", ".flac", ".ogg", ".oga", ".opus", ".wav", ".aif", ".aiff", ".aifc", ".m4a", ".m4b",
    ".mp4", ".aac", ".wma", ".ape", ".wv", ".mka", ".caf", ".au", ".tta", ".mpc", ".webm",
))
# fmt: on

_BLOCK = 8192
_USUAL_RATE = 44_100
_LOUDEST = 2.0**32  # beyond what any format means by a sample; floats can hold it, and NaN
ENOUGH_S = 3.0  # a damaged file that gave less is refused


class Decoder:
    """One file, or a ``span`` of it, as stereo (or mono) float32 blocks at ``rate`` or its own.

    Damage: what can be read is given, a bad stretch is stepped over where the format allows, and
    `FileUnreadable` is raised only if there is nothing to give at all.
    """

    def __init__(
        self, path: str | os.PathLike[str], rate: int | None, mono: bool = False, span: Span = WHOLE
    ) -> None:
        """``rate`` None: as the file has it. `FileUnreadable` says in a sentence why not."""
        self._path = Path(path)
        self._span = span
        self._put(open_source(self._path))
        self.rate = rate or self._source.rate
        self.mono = mono
        self.damaged = False
        self._given = 0  # source frames read since the start or the last seek
        self._origin = 0  # the source frame of that seek
        self._finished = False
        #: Gets each block (n, 1 or 2) as it was decoded, and its rate.
        self.tap: Callable[[Block, int], None] | None = None
        # About as many frames at the output's rate, whatever the file's; else as many seconds.
        self._want = max(64, _BLOCK * self._source.rate // (rate or _USUAL_RATE))
        self._resampler = self._new_resampler()

    def _put(self, file: FileSource) -> None:
        self._file = file
        self._source: Source = file if self._span == WHOLE else SpanSource(file, self._span)

    def _new_resampler(self) -> Any:
        if self._source.rate == self.rate:
            return None
        import soxr

        return soxr.ResampleStream(self._source.rate, self.rate, 1 if self.mono else 2)

    @property
    def frames(self) -> int | None:
        """Length in frames of the output, if the file tells."""
        known = self._source.frames
        return None if known is None else round(known * self.rate / self._source.rate)

    @property
    def duration_s(self) -> float | None:
        known = self._source.frames
        return None if known is None else known / self._source.rate

    @property
    def broke_off(self) -> bool:
        """Reading has stopped clearly before the end that the file tells."""
        length = self._source.frames
        reached = self._origin + self._given
        return length is not None and reached < 0.99 * length - self._source.rate

    def measure(self, check: Callable[[], None]) -> int:
        """Count ``frames``, for a file that does not tell or lies; 0 where that is impossible."""
        self._file.frames = round(measured_s(self._path, check) * self._file.rate)
        return self.frames or 0

    def read(self) -> Block:
        """The next block, (n, 2) or (n,) if mono; an empty one at the end."""
        while not self._finished:
            block = self._next_block()
            self._finished = not len(block)
            self._given += len(block)
            if self.tap is not None and len(block):
                self.tap(block, self._source.rate)
            block = self._mixed(block)
            if self._resampler is not None:
                block = self._resampler.resample_chunk(block, last=self._finished)
            if len(block):
                return block
        return np.zeros(0 if self.mono else (0, 2), np.float32)

    def _next_block(self) -> Block:
        try:
            return self._source.read(self._want)
        except Damaged as error:
            self.damaged = True
            log.debug("%s: damaged after %d frames: %r", self._path, self._given, error)
        if isinstance(self._file, SoundFileSource):  # ffmpeg can step over what it cannot read
            reached = self._origin + self._given
            try:
                file = AvSource(self._path)
                if file.rate == self._file.rate:
                    self._file.close()
                    self._put(file)
                    self._source.seek(reached)
                    return self._source.read(self._want)
                file.close()
            except (Damaged, OSError, RuntimeError, ValueError) as error:
                log.debug("%s: PyAV does not get further: %r", self._path, error)
        if self._origin + self._given == 0:
            raise unreadable(self._path)
        return np.zeros((0, 2), np.float32)

    def _mixed(self, block: Block) -> Block:
        # A NaN would spread to everything that is resampled with it.
        if len(block) and not (block.min() >= -_LOUDEST and block.max() <= _LOUDEST):
            block = np.where(np.abs(block) <= _LOUDEST, block, np.float32(0))
        one = block.shape[1] == 1
        if self.mono:
            # In two steps: numpy's mean over so short an axis takes as long as decoding did.
            mixed = block[:, 0] if one else (block[:, 0] + block[:, 1]) * np.float32(0.5)
        else:
            mixed = np.repeat(block, 2, axis=1) if one else block
        return np.ascontiguousarray(mixed)

    def seek(self, seconds: float) -> None:
        """Go on reading at ``seconds``, to the sample; past the end there is nothing more."""
        frame = max(0, round(seconds * self._source.rate))
        known = self._source.frames
        self._finished = known is not None and frame >= known
        self._resampler = self._new_resampler()
        self._origin, self._given = frame, 0
        try:
            self._source.seek(frame)
        except Damaged as error:
            log.debug("%s: cannot seek: %r", self._path, error)
            self.damaged = self._finished = True

    def close(self) -> None:
        self._source.close()

    def __enter__(self) -> "Decoder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def decode(
    path: str | os.PathLike[str],
    rate: int,
    max_s: float | None = None,
    start_s: float = 0.0,
    *,
    span: Span = WHOLE,
) -> NDArray[np.float32]:
    """The (n,) mono samples of ``span`` at ``rate``, or ``max_s`` seconds of them from ``start_s``.

    A damaged file gives what could be read; `FileUnreadable` if that is less than three seconds.
    """
    blocks: list[Block] = []
    count = 0
    limit = None if max_s is None else round(max_s * rate)
    with Decoder(path, rate, mono=True, span=span) as decoder:
        if start_s:
            decoder.seek(start_s)
        while limit is None or count < limit:
            block = decoder.read()
            if not len(block):
                break
            blocks.append(block)
            count += len(block)
        refused = count == 0 if not decoder.damaged else count < ENOUGH_S * rate
    if refused and not start_s:
        raise unreadable(path)
    return np.concatenate([np.zeros(0, np.float32), *blocks])[:limit]


def overview(wave: NDArray[np.float32], bins: int = 400) -> NDArray[np.uint8]:
    """(bins,) peaks of a mono wave for the waveform bar, 255 where the track is loudest."""
    peaks = np.zeros(bins, np.uint8)
    if not len(wave):
        return peaks
    edges = np.linspace(0, len(wave), bins, endpoint=False).astype(np.int64)
    loud = np.maximum(np.maximum.reduceat(wave, edges), -np.minimum.reduceat(wave, edges))
    loudest = float(loud.max())
    return (loud / loudest * 255).astype(np.uint8) if loudest > 0 else peaks
