"""A taste of a track: its most typical quarter of a minute, faded in and out. On any thread."""

import os
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.audio.decoding.sources import Block
from sliders_desktop.audio.decoding.spans import WHOLE, Span
from sliders_desktop.audio.files import Decoder

TASTE_S = 15.0
_FADE_OUT_S = 1.5
_FIRST = 0.35  # of a track, where nothing is known of it
_EDGE = 0.05  # of a track at either end, which seldom is what it is like


def typical_start(outline: NDArray[np.uint8] | None, length_s: float) -> float:
    """The second at which the 15 begin that are most like the whole.

    ``outline`` (bins,) are the peaks of the track's waveform. Compared are its loudest third, which
    is mostly what one remembers of a song, and each stretch, by their mean and by how much the
    peaks differ.
    """
    spare = length_s - TASTE_S
    if spare <= 0:
        return 0.0
    if outline is None or not outline.any():
        return _FIRST * spare
    peaks = outline.astype(np.float64)
    width = max(1, round(len(peaks) * TASTE_S / length_s))
    sums, squares = (np.concatenate(([0.0], np.cumsum(peaks**power))) for power in (1, 2))
    means = (sums[width:] - sums[:-width]) / width
    spreads = np.sqrt(np.maximum((squares[width:] - squares[:-width]) / width - means**2, 0.0))
    loud = np.sort(peaks)[-max(1, len(peaks) // 3) :]
    cost = np.abs(means - loud.mean()) + 0.5 * np.abs(spreads - loud.std())
    edge = round(_EDGE * len(peaks))
    if len(cost) > 2 * edge:
        cost[:edge] = np.inf
        cost[len(cost) - edge :] = np.inf
    return min(spare, float(np.argmin(cost)) / len(peaks) * length_s)


def taste(
    path: str | os.PathLike[str],
    rate: int,
    start_s: float,
    gain: float,
    check: Callable[[], None],
    span: Span = WHOLE,
) -> Block:
    """15 seconds (n, 2) at ``rate`` from ``start_s`` on, times ``gain``; its end is faded.

    `FileUnreadable` as in `files.decode`; ``check`` may raise between two blocks.
    """
    wanted, blocks, count = round(TASTE_S * rate), [np.zeros((0, 2), np.float32)], 0
    with Decoder(path, rate, span=span) as decoder:
        decoder.seek(start_s)
        while count < wanted and len(block := decoder.read()):
            check()
            blocks.append(block)
            count += len(block)
    wave = np.concatenate(blocks)[:wanted] * np.float32(gain)
    fade = min(len(wave), round(_FADE_OUT_S * rate))
    if fade:
        wave[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)[:, None]
    return wave
