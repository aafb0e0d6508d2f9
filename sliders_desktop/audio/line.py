"""Tracks of one rate on one line to the ring, resampled as if they were one recording.

A resampler smears each sample over its neighbours. If every track had its own, the last samples of
one and the first of the next would lack each other, and an album that was cut while it sounded
would tick at each cut. Player thread only.
"""

from typing import Any

import numpy as np

from sliders_desktop.audio.decoding.sources import Block


class Line:
    """From ``rate_in`` to ``rate_out``; the first frame lies at the ring's position ``origin``."""

    def __init__(self, rate_in: int, rate_out: int, origin: int = 0) -> None:
        self.rate_in, self.rate_out, self.origin = rate_in, rate_out, origin
        self._fed = 0
        self._resampler: Any = None
        if rate_in != rate_out:
            import soxr

            self._resampler = soxr.ResampleStream(rate_in, rate_out, 2)

    @property
    def end(self) -> int:
        """Where in the ring the end of what was fed will lie, to the nearest frame."""
        return self.origin + round(self._fed * self.rate_out / self.rate_in)

    def feed(self, block: Block) -> Block:
        """What (n, 2) frames more make at the ring's rate; some milliseconds are kept back."""
        self._fed += len(block)
        if self._resampler is None or not len(block):
            return block
        resampled: Block = self._resampler.resample_chunk(block)
        return resampled

    def finish(self) -> Block:
        """What was kept back; after this the line is used up."""
        rest: Block = np.zeros((0, 2), np.float32)
        if self._resampler is not None:
            rest = self._resampler.resample_chunk(rest, last=True)
            self._resampler = None
        return rest
