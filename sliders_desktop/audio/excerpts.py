"""What is heard of a file: all of a song, some stretches of a longer recording.

Runs on whatever thread asks; holds no more than the stretches, whatever the file's length.
"""

import os
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.audio.decoding import spans
from sliders_desktop.audio.decoding.sources import Block, unreadable
from sliders_desktop.audio.files import ENOUGH_S, Decoder, overview
from sliders_desktop.audio.loudness import Meter

Span = tuple[int, int]  # first sample and the one after the last
Choose = Callable[[int], list[Span]]
Tap = Callable[[Block, int], None]

LONG_S = 900.0  # from here on, seeking to the stretches is quicker than reading through
_SLACK_S = 3.0  # a file may be so much shorter or longer than it says
_CELL = 1024  # samples under one value of a long track's outline
_PROBES, _PROBE_S = 400, 0.25  # a very long track's outline


def excerpts(
    path: str | os.PathLike[str],
    rate: int,
    choose: Choose,
    check: Callable[[], None],
    *,
    span: spans.Span = spans.WHOLE,
    meter: Meter | None = None,
) -> tuple[list[Block], NDArray[np.uint8]]:
    """The stretches of the file that ``choose`` names, and its waveform's outline (400,) uint8.

    With a ``span`` all of this is about that part of the file. A new ``meter`` hears what is
    read, before it is mixed: of a recording over 15 minutes the stretches only, so that its
    loudness is then an estimate.

    ``choose`` gets the length in mono samples at ``rate`` and returns spans, ascending; `(0, n)`
    alone for all of it. A stretch is (n,) float32. Up to 15 minutes the file is read through; of
    a longer one only the stretches, and a quarter of a second for each value of the outline.
    What a file says of its length is not believed: if it is wrong, its packets are counted, or
    all of it is read twice.

    ``check`` is called many times a second and may raise. `FileUnreadable` as in `files.decode`.
    """
    expected = 0
    for measured in (False, True):
        with Decoder(path, rate, mono=True, span=span) as decoder:
            known = None if measured else decoder.frames
            expected = known or decoder.measure(check)
            if expected <= LONG_S * rate:
                break
            stretches = _sought(decoder, expected, choose, check, measured, meter)
            if stretches is not None:
                return stretches, _probed(decoder, expected, check)
            _begin(meter)
    for _ in range(2):
        heard = _Passing(choose, expected)
        with Decoder(path, rate, mono=True, span=span) as decoder:
            decoder.tap = _begin(meter)
            while len(block := decoder.read()):
                check()
                heard.add(block)
        if heard.count < (ENOUGH_S * rate if decoder.damaged else 1):
            raise unreadable(path)
        if heard.fits(_SLACK_S * rate):
            break
        expected = heard.count
    return heard.finish()


def _begin(meter: Meter | None) -> Tap | None:
    """Let ``meter`` hear the recording from its beginning, whatever it has heard before."""
    if meter is None:
        return None
    meter.restart()
    return meter.hear


class _Passing:
    """Keeps what is wanted of a stream: all, until it is too long for that; then the stretches."""

    def __init__(self, choose: Choose, expected: int) -> None:
        self._choose = choose
        self._expected = expected  # samples; 0: not known
        self._spans: list[Span] | None = None  # None: all
        self._kept: list[tuple[int, Block]] = []  # with the first sample's place
        self._peaks: list[Block] = []
        self.count = 0

    def add(self, block: Block) -> None:
        start, self.count = self.count, self.count + len(block)
        self._peaks.append(np.maximum.reduceat(np.abs(block), np.arange(0, len(block), _CELL)))
        if self._wanted(start, self.count):
            self._kept.append((start, block))
        if self._spans is None and self._choose(self.count) != [(0, self.count)]:
            known = self._expected > self.count
            self._spans = self._choose(self._expected) if known else []
            self._kept = [(at, b) for at, b in self._kept if self._wanted(at, at + len(b))]

    def _wanted(self, start: int, stop: int) -> bool:
        return self._spans is None or any(a < stop and start < b for a, b in self._spans)

    def fits(self, slack: float) -> bool:
        """Whether the stretches are those of a track of the length that was found."""
        return self._spans is None or abs(self._expected - self.count) <= slack

    def finish(self) -> tuple[list[Block], NDArray[np.uint8]]:
        """The stretches and the outline, once: what was kept is let go."""
        whole = self._spans is None
        stretches = [self._cut(*span) for span in self._spans or [(0, self.count)]]
        self._kept = []
        return stretches, overview(stretches[0] if whole else np.concatenate(self._peaks))

    def _cut(self, start: int, stop: int) -> Block:
        near = [(at, b) for at, b in self._kept if at < stop and start < at + len(b)]
        pieces = [b[max(0, start - at) : stop - at] for at, b in near]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)


def _sought(
    decoder: Decoder,
    length: int,
    choose: Choose,
    check: Callable[[], None],
    measured: bool,
    meter: Meter | None,
) -> list[Block] | None:
    """The stretches by seeking; None if the file is not as long as it says.

    A length that was ``measured`` counts whole packets, padding too: the last stretch may come
    short then, or a little be left behind it.
    """
    stretches: list[Block] = []
    short = False
    for start, stop in choose(length):
        if short:
            return None
        decoder.seek(start / decoder.rate)
        if meter is not None:
            meter.gap()
            decoder.tap = meter.hear
        stretches.append(_next(decoder, stop - start, check))
        short = len(stretches[-1]) < stop - start
    decoder.tap = None
    slack = max(length // 50 if measured else 0, round(_SLACK_S * decoder.rate))
    beyond = length - stop + slack
    much_is_left = len(_next(decoder, beyond + 1, check)) > beyond
    return None if much_is_left or (short and not measured) else stretches


def _probed(decoder: Decoder, length: int, check: Callable[[], None]) -> NDArray[np.uint8]:
    peaks = np.zeros(_PROBES, np.float32)
    for i in range(_PROBES):
        decoder.seek((i + 0.5) / _PROBES * length / decoder.rate)
        heard = _next(decoder, round(_PROBE_S * decoder.rate), check)
        if not len(heard):
            break  # the end came early, and looking for it again takes long
        peaks[i] = np.abs(heard).max()
    return overview(peaks, _PROBES)


def _next(decoder: Decoder, count: int, check: Callable[[], None]) -> Block:
    """The next ``count`` samples, or what is left."""
    blocks, got = [np.zeros(0, np.float32)], 0
    while got < count and len(block := decoder.read()):
        check()
        blocks.append(block)
        got += len(block)
    return np.concatenate(blocks)[:count]
