"""A part of a file as a recording of its own: what a cue sheet calls a track.

Runs on whatever thread asks.
"""

from sliders_desktop.audio.decoding.sources import Block, Source

Span = tuple[float, float | None]  # its first second in the file and the one it ends at
WHOLE: Span = (0.0, None)


class SpanSource:
    """The frames of ``source`` from the first second of ``span`` to the last, as a `Source`.

    A second is rounded to a frame in one way, so that what ends at it and what begins there meet.
    """

    def __init__(self, source: Source, span: Span) -> None:
        self._source = source
        self.rate = source.rate
        start_s, end_s = span
        self._start = round(start_s * self.rate)
        self._end = None if end_s is None else max(self._start, round(end_s * self.rate))
        self._at = self._start  # the file's frame that is read next
        self._is_there = self._start == 0  # else sought before the first read, where it may fail

    @property
    def frames(self) -> int | None:
        """Its length; None where only the file's end could tell, and the file does not."""
        whole = self._source.frames
        if self._end is None:
            return None if whole is None else max(0, whole - self._start)
        end = self._end if whole is None else max(self._start, min(self._end, whole))
        return end - self._start

    def read(self, frames: int) -> Block:
        if not self._is_there:
            self._source.seek(self._at)
            self._is_there = True
        if self._end is not None:
            frames = min(frames, self._end - self._at)
        block = self._source.read(frames)
        self._at += len(block)
        return block

    def seek(self, frame: int) -> None:
        self._at = self._start + frame
        self._is_there = False

    def close(self) -> None:
        self._source.close()
