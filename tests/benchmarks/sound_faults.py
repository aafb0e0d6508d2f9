"""A recording compared with its source, sample by sample: what is missing, repeated or silent."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float32]
RIGHT = 1e-6  # two samples that differ by less are the same
WINDOW = 48  # frames that no other place of a noisy source has


def where(heard: Wave, head: Wave) -> int:
    """At which frame of ``heard`` the ``head`` begins, by correlation."""
    size = 1 << (len(heard) + len(head)).bit_length()
    product = np.zeros(size // 2 + 1, np.complex128)
    for side in (0, 1):
        spectrum = np.fft.rfft(heard[:, side].astype(np.float64), size)
        product += spectrum * np.fft.rfft(head[:, side].astype(np.float64), size).conj()
    return int(np.fft.irfft(product, size)[: len(heard)].argmax())


@dataclass(frozen=True)
class Fault:
    """Where a recording leaves its source: after ``at`` right frames of the source come ``wrong``
    frames, ``silent`` of them exactly 0, and then the source goes on ``step`` frames later.
    """

    at: int
    wrong: int
    silent: int
    step: int

    @property
    def missing(self) -> int:
        """Frames of the source that were not heard as they are."""
        return max(0, self.step)

    @property
    def repeated(self) -> int:
        return max(0, -self.step)


class Source:
    """The frames that should sound, over and over: ``wave`` (n, 2)."""

    def __init__(self, wave: Wave, again: bool = False) -> None:
        self._wave, self._again = wave, again

    def part(self, start: int, frames: int) -> Wave:
        """As many frames as there are from ``start`` on."""
        if not self._again:
            return self._wave[max(0, start) : max(0, start + frames)]
        at = start % len(self._wave)
        if at + frames <= len(self._wave):
            return self._wave[at : at + frames]
        return self._wave[np.arange(at, at + frames) % len(self._wave)]


def compare(heard: Wave, source: Source, total: int, rate: int) -> list[Fault]:
    """What is wrong with ``heard``, that begins with the source's first frame, until ``total``."""
    faults: list[Fault] = []
    at = place = 0  # in the recording, in the source
    while place < total and at < len(heard):
        count = min(1 << 16, total - place, len(heard) - at)
        same = _same(heard[at : at + count], source.part(place, count))
        at, place = at + same, place + same
        if same == count:
            continue
        wrong, step = _found_again(heard[at:], source, place, total, rate)
        silent = int((np.abs(heard[at : at + wrong]) == 0).all(1).sum())
        faults.append(Fault(place, wrong, silent, step))
        at, place = at + wrong, place + step
    if place < total and not (faults and faults[-1].at + faults[-1].step >= total):
        faults.append(Fault(place, 0, 0, total - place))
    return faults


def _same(heard: Wave, wanted: Wave) -> int:
    """How many frames are right from the beginning."""
    n = min(len(heard), len(wanted))
    wrong = np.flatnonzero((np.abs(heard[:n] - wanted[:n]) > RIGHT).any(1))
    return int(wrong[0]) if len(wrong) else n


def _found_again(heard: Wave, source: Source, place: int, total: int, rate: int) -> tuple[int, int]:
    """After how many frames of ``heard`` the source goes on, and how far from ``place``."""
    back = min(place, 7 * rate)
    near = source.part(place - back, back + 12 * rate)
    for later in range(1, min(len(heard) - WINDOW, 60 * rate), WINDOW // 2):
        window = heard[later : later + WINDOW]
        if not np.abs(window).max(1).min() > 0:
            continue
        for spot in np.flatnonzero(np.abs(near[:-WINDOW, 0] - window[0, 0]) <= RIGHT).tolist():
            if _same(window, near[spot : spot + WINDOW]) == WINDOW:
                first, spot_now = later, spot
                while first and spot_now and _same(heard[first - 1 : first], near[spot_now - 1 :]):
                    first, spot_now = first - 1, spot_now - 1
                return first, spot_now - back
    return len(heard), total - place
