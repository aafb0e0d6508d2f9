"""What a decoder gives, for the tests of decoding."""

import numpy as np

from sliders_desktop.audio.decoding.sources import Block
from sliders_desktop.audio.files import Decoder


def read_all(decoder: Decoder, most: int | None = None) -> Block:
    """All that is left of it, or the first ``most`` frames of that, as (n, 2)."""
    blocks, count = [np.zeros((0, 2), np.float32)], 0
    while (most is None or count < most) and len(block := decoder.read()):
        blocks.append(block)
        count += len(block)
    return np.concatenate(blocks)[:most]
