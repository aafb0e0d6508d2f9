"""The lock-free ring between the player thread, which fills it, and whatever makes it sound.

One producer (the player), one consumer (`render.render`, in compiled code that never needs the
GIL). Positions count frames since the ring was made and only grow. Header and frames share one
buffer of 8-byte slots, so that a C callback needs a single pointer: a slot is a number in the
header, and one stereo float32 frame behind it.

Beside the music two short voices can sound: a taste of another track, or an earcon. While one does,
the music is turned down. There are two so that one can fade out while the next fades in.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

# Written by the player:
WRITTEN: Final = 0  # frames before this position are there
FLUSH_TO: Final = 1  # if ahead of READ: fade out, go there at once
FLUSH_FRESH: Final = 2  # 1: what lies there starts a track and is not faded in
END: Final = 3  # running dry here is no underrun: nothing more was promised
PAUSED: Final = 4
VOLUME: Final = 5  # factor wanted
CAPACITY: Final = 6
FADE_STEP: Final = 7  # change of GAIN a frame
VOLUME_STEP: Final = 8  # change of LEVEL a frame
VOICE_ROOM: Final = 9  # frames that each voice holds
VOICE_STEP: Final = 10  # change of a voice's level, and of DUCK, a frame
DUCK_TO: Final = 11  # what is left of the music while a voice sounds
# Written by the consumer:
READ: Final = 16  # frames before this position have been handed to the loudspeaker
GAIN: Final = 17  # fade of pause and flush, 0 to 1
LEVEL: Final = 18  # factor in force, on its way to VOLUME
FRESH: Final = 19  # 1: the next frame is heard with full gain
UNDERRUNS: Final = 20  # blocks that ran dry though more was promised
BLOCKS: Final = 21  # blocks rendered
DROPOUTS: Final = 22  # blocks before which the device itself had run dry: it was asked too late

DUCK: Final = 23  # what is left of the music now, on its way to DUCK_TO or 1

# Of each voice; the player writes the first two, the consumer the others while it sounds:
VOICES: Final = 2
VOICE: Final = 24  # the first slot of the first one
VOICE_ON: Final = 0  # BESIDE or OVER: it shall sound; the consumer takes it back at its end
VOICE_END: Final = 1  # frames it has
VOICE_READ: Final = 2  # frames of it that were heard
VOICE_LEVEL: Final = 3  # its fade, 0 to 1
VOICE_SLOTS: Final = 4

BESIDE: Final = 1.0  # it fades in while the music steps back
OVER: Final = 2.0  # it is heard at once, and the music stays as it is

HEADER: Final = 32

_SECONDS = 6.0
_RESERVE_S = 0.75  # kept free for what a seek writes while the old sound still plays
_FADE_S = 0.008
_VOLUME_S = 0.02  # from silence to full
VOICE_S = 15.5  # that a voice can hold
VOICE_FADE_S = 0.35
_LEFT_OVER = 0.12  # of the music, beside a voice


class Ring:
    """Some seconds of stereo float32 at one ``rate``, with the controls that act at once."""

    def __init__(self, rate: int, seconds: float = _SECONDS) -> None:
        self.rate = rate
        self.capacity = int(seconds * rate)
        self.reserve = min(int(_RESERVE_S * rate), self.capacity // 4)
        self.voice_room = int(VOICE_S * rate)
        # What no voice was put into yet costs no memory.
        self.buffer = np.zeros(HEADER + self.capacity + VOICES * self.voice_room)
        frames: NDArray[np.float32] = self.buffer[HEADER:].view(np.float32).reshape(-1, 2)
        self._frames = frames[: self.capacity]
        self._voices = frames[self.capacity :].reshape(VOICES, self.voice_room, 2)
        self.buffer[CAPACITY] = self.capacity
        self.buffer[FADE_STEP] = 1.0 / (_FADE_S * rate)
        self.buffer[VOLUME_STEP] = 1.0 / (_VOLUME_S * rate)
        self.buffer[VOICE_ROOM] = self.voice_room
        self.buffer[VOICE_STEP] = 1.0 / (VOICE_FADE_S * rate)
        self.buffer[DUCK_TO] = _LEFT_OVER
        self.buffer[[VOLUME, LEVEL, GAIN, FRESH, DUCK]] = 1.0

    # --- the producer's side: the player thread only ---

    @property
    def written(self) -> int:
        return int(self.buffer[WRITTEN])

    @property
    def free(self) -> int:
        """Frames that fit without touching what has not been heard."""
        return self.capacity - (self.written - self.read)

    def write(self, block: NDArray[np.float32]) -> None:
        """Append (n, 2) frames; the caller has looked at `free`."""
        start = self.written % self.capacity
        first = min(len(block), self.capacity - start)
        self._frames[start : start + first] = block[:first]
        self._frames[: len(block) - first] = block[first:]
        self.buffer[WRITTEN] += len(block)  # publishes the frames: keep it last

    def flush(self, to: int, fresh: bool) -> None:
        """Let the sound go on at position ``to``, after a short fade of what sounds now."""
        self.buffer[FLUSH_FRESH] = float(fresh)
        self.buffer[FLUSH_TO] = to

    def jump(self, to: int, fresh: bool) -> None:
        """As `flush`, while nothing consumes."""
        self.flush(to, fresh)
        self.buffer[READ] = to
        self.buffer[FRESH] = float(fresh)

    def settle_volume(self) -> None:
        """Begin at the wanted volume; before anything consumes."""
        self.buffer[LEVEL] = self.buffer[VOLUME]

    def truncate(self, to: int) -> None:
        """Take back the frames from ``to`` on; only well ahead of what sounds."""
        self.buffer[WRITTEN] = to

    def scale(self, start: int, end: int, factor: float, ramp: int) -> None:
        """Multiply the frames from ``start`` to ``end``, growing to ``factor`` within ``ramp``.

        Only ahead of what sounds.
        """
        factors = np.full(max(0, end - start), factor, np.float32)
        ramp = min(ramp, len(factors))
        factors[:ramp] = np.linspace(1.0, factor, ramp, dtype=np.float32)
        at = start % self.capacity
        first = min(len(factors), self.capacity - at)
        self._frames[at : at + first] *= factors[:first, None]
        self._frames[: len(factors) - first] *= factors[first:, None]

    def voice(self, wave: NDArray[np.float32], how: float = BESIDE) -> bool:
        """Let ``wave`` (n, 2) sound beside or over the music, in place of the voice before.

        False while both voices are still heard: the older is fading out.
        """
        self.hush()
        for number in range(VOICES):
            at = VOICE + number * VOICE_SLOTS
            if self.buffer[at + VOICE_LEVEL] > 0.0:
                continue
            count = min(len(wave), self.voice_room)
            self._voices[number, :count] = wave[:count]
            self.buffer[at + VOICE_READ] = 0.0
            self.buffer[at + VOICE_END] = count
            if how == OVER:
                self.buffer[at + VOICE_LEVEL] = 1.0
            self.buffer[at + VOICE_ON] = how  # publishes it: keep it last
            return True
        return False

    def promise_nothing(self) -> None:
        """After what is written now, silence is meant."""
        self.buffer[END] = self.buffer[WRITTEN]

    # --- controls: any thread ---

    @property
    def paused(self) -> bool:
        return bool(self.buffer[PAUSED])

    @paused.setter
    def paused(self, paused: bool) -> None:
        self.buffer[PAUSED] = float(paused)

    @property
    def volume(self) -> float:
        """Factor on the samples."""
        return float(self.buffer[VOLUME])

    @volume.setter
    def volume(self, factor: float) -> None:
        self.buffer[VOLUME] = factor

    def hush(self) -> None:
        """Let every voice fade out."""
        self.buffer[VOICE + VOICE_ON : VOICE + VOICES * VOICE_SLOTS : VOICE_SLOTS] = 0.0

    # --- what is going on: any thread ---

    @property
    def speaking(self) -> bool:
        """A voice sounds, or is about to."""
        slots = self.buffer[VOICE : VOICE + VOICES * VOICE_SLOTS].reshape(VOICES, VOICE_SLOTS)
        return bool(slots[:, [VOICE_ON, VOICE_LEVEL]].any())

    @property
    def read(self) -> int:
        return int(self.buffer[READ])

    @property
    def flush_to(self) -> int:
        """Where the last `flush` leads to."""
        return int(self.buffer[FLUSH_TO])

    @property
    def filled(self) -> int:
        """Frames that can sound before the ring is dry."""
        return max(0, self.written - max(self.read, self.flush_to))

    @property
    def underruns(self) -> int:
        return int(self.buffer[UNDERRUNS])

    @property
    def dropouts(self) -> int:
        """How often the device broke off because the machine gave it no time."""
        return int(self.buffer[DROPOUTS])

    @property
    def blocks(self) -> int:
        """How often the consumer has asked: if this stands still, it is gone."""
        return int(self.buffer[BLOCKS])

    @property
    def silent(self) -> bool:
        """Nothing sounds: faded out, or dry."""
        return bool(self.buffer[GAIN] == 0.0) or self.written <= self.read
