"""One song into the next: the end that is kept back for it, and the mixing. Player thread only."""

from collections import deque

import numpy as np

from sliders_desktop.audio.decoding.sources import Block


class Tail:
    """Frames on their way to the ring, of which the last are kept back."""

    def __init__(self) -> None:
        self._blocks: deque[Block] = deque()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def push(self, frames: Block) -> None:
        """(n, 2) more; the array is ours from now on."""
        if len(frames):
            self._blocks.append(frames)
            self._count += len(frames)

    def pull(self, count: int) -> Block:
        """The ``count`` oldest frames."""
        taken: list[Block] = []
        self._count -= count
        while count:
            block = self._blocks.popleft()
            if len(block) > count:
                self._blocks.appendleft(block[count:])
                block = block[:count]
            taken.append(block)
            count -= len(block)
        return (
            taken[0] if len(taken) == 1 else np.concatenate([np.zeros((0, 2), np.float32), *taken])
        )

    def scale(self, factor: float) -> None:
        self._blocks = deque(block * np.float32(factor) for block in self._blocks)

    def clear(self) -> None:
        self._blocks.clear()
        self._count = 0


class Overlap:
    """Mixes the beginning of a song into the ``tail`` (n, 2) of the one before.

    With equal power, cos² + sin² = 1, because two songs have nothing to do with each other: their
    powers add. Where both are loud the sum of both amplitudes could pass full scale, so there both
    are turned down by as much as it could.
    """

    def __init__(self, tail: Block, start: int, loudest: float = 1.0) -> None:
        """The overlap begins at the ring's position ``start``; the song reaches ``loudest``."""
        self.tail, self.start = tail, start
        angle = (np.arange(len(tail)) + 0.5) / len(tail) * (np.pi / 2)
        falling, rising = np.cos(angle), np.sin(angle)
        sum_at_most = float(np.abs(tail).max()) * falling + loudest * rising
        turned_down = 1.0 / np.maximum(1.0, sum_at_most)
        self._rising = (rising * turned_down).astype(np.float32)[:, None]
        self._falling_tail = tail * (falling * turned_down).astype(np.float32)[:, None]

    @property
    def middle(self) -> int:
        """Where both sound as loud: from here on the new song counts as the one that is heard."""
        return self.start + len(self.tail) // 2

    def mix(self, frames: Block, at: int) -> Block:
        """The song's ``frames`` (n, 2), which begin at the ring's position ``at``, and the tail."""
        first = at - self.start
        count = min(len(frames), len(self.tail) - first)
        if count <= 0:
            return frames
        rows = slice(first, first + count)
        mixed = frames.copy()
        mixed[:count] = frames[:count] * self._rising[rows] + self._falling_tail[rows]
        return mixed
