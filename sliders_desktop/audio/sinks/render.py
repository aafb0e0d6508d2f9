"""The ring's consumer in compiled code: as a function for our own sinks, as a C callback for
PortAudio's. Runs on the audio thread, where no Python and no GIL may be needed.

Importing this imports numba (0.3 s and more): only sinks do, when they open.
"""

import ctypes
from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic

from sliders_desktop.audio.sinks.ring import (
    BESIDE,
    BLOCKS,
    CAPACITY,
    DROPOUTS,
    DUCK,
    DUCK_TO,
    END,
    FADE_STEP,
    FLUSH_FRESH,
    FLUSH_TO,
    FRESH,
    GAIN,
    HEADER,
    LEVEL,
    PAUSED,
    READ,
    UNDERRUNS,
    VOICE,
    VOICE_END,
    VOICE_LEVEL,
    VOICE_ON,
    VOICE_READ,
    VOICE_ROOM,
    VOICE_SLOTS,
    VOICE_STEP,
    VOICES,
    VOLUME,
    VOLUME_STEP,
    WRITTEN,
)


def _typed_fence(typing_context: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.none(), generate


# Orders what lies before against what comes after; ARM would mix them.
_fence: Any = intrinsic(_typed_fence)


@numba.njit(
    "int64(float64[::1], float32[::1], float64, float64)",
    cache=True,
    nogil=True,
    error_model="numpy",
)
def speak(buffer, out, level, volume):  # type: ignore[no-untyped-def]
    """Mix the voices into ``out``, and turn down the music under them.

    The volume goes from ``level`` to ``volume``. Returns 1 if a voice was heard, else 0.
    """
    capacity, room = int(buffer[CAPACITY]), int(buffer[VOICE_ROOM])
    frames = buffer.view(np.float32)[2 * (HEADER + capacity) :]
    step, duck = buffer[VOICE_STEP], buffer[DUCK]
    heard = 0
    for i in range(len(out) // 2):
        level += min(buffer[VOLUME_STEP], max(-buffer[VOLUME_STEP], volume - level))
        left, right = np.float32(0.0), np.float32(0.0)
        wanted = 1.0
        for number in range(VOICES):
            at = VOICE + number * VOICE_SLOTS
            on, own = buffer[at + VOICE_ON], buffer[at + VOICE_LEVEL]
            if on == 0.0 and own <= 0.0:
                continue
            read = int(buffer[at + VOICE_READ])
            if read >= int(buffer[at + VOICE_END]):
                buffer[at + VOICE_ON] = 0.0
                buffer[at + VOICE_LEVEL] = 0.0
                continue
            if on == BESIDE:
                wanted = buffer[DUCK_TO]
            own = min(1.0, max(0.0, own + min(step, max(-step, on - own))))
            factor = np.float32(own * level)
            left += frames[2 * (number * room + read)] * factor
            right += frames[2 * (number * room + read) + 1] * factor
            buffer[at + VOICE_LEVEL] = own
            buffer[at + VOICE_READ] = read + 1
            heard = 1
        duck += min(step, max(-step, wanted - duck))
        out[2 * i] = out[2 * i] * np.float32(duck) + left
        out[2 * i + 1] = out[2 * i + 1] * np.float32(duck) + right
    buffer[DUCK] = duck
    return heard


@numba.njit("int64(float64[::1], float32[::1])", cache=True, nogil=True, error_model="numpy")
def render(buffer, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` (2 n, left and right in turn) from the ring.

    Returns how many frames carry sound: they are the first ones, silence fills the rest.
    """
    written = int(buffer[WRITTEN])
    flush = int(buffer[FLUSH_TO])
    paused = buffer[PAUSED] != 0.0
    volume = buffer[VOLUME]
    _fence()  # the frames before `written` are there from here on
    capacity = int(buffer[CAPACITY])
    frames = buffer.view(np.float32)[2 * HEADER :]
    read = int(buffer[READ])
    gain = buffer[GAIN]
    level = buffer[LEVEL]
    level_before = level
    fresh = buffer[FRESH] != 0.0
    sounding = 0
    wanted = len(out) // 2
    while sounding < wanted:
        if flush > read and (gain <= 0.0 or read >= written or fresh):
            read = flush
            gain = 0.0
            fresh = buffer[FLUSH_FRESH] != 0.0
        if read >= written:  # dry
            if not paused:
                fresh = written <= int(buffer[END])
                if not fresh:
                    buffer[UNDERRUNS] += 1.0
                    gain = 0.0  # come back gently
            break
        if flush > read or paused:
            gain = 0.0 if fresh else max(0.0, gain - buffer[FADE_STEP])
            if paused and gain <= 0.0 and flush <= read:
                break
        elif fresh:
            gain = 1.0
            fresh = False
        else:
            gain = min(1.0, gain + buffer[FADE_STEP])
        step = buffer[VOLUME_STEP]
        level += min(step, max(-step, volume - level))
        factor = np.float32(gain * level)
        at = 2 * (read % capacity)
        out[2 * sounding] = frames[at] * factor
        out[2 * sounding + 1] = frames[at + 1] * factor
        read += 1
        sounding += 1
    if sounding < wanted:
        level = volume  # nobody hears this step
        for i in range(2 * sounding, len(out)):
            out[i] = 0.0
    speaking = buffer[DUCK] < 1.0
    for number in range(VOICES):
        slot = VOICE + number * VOICE_SLOTS
        speaking = speaking or buffer[slot + VOICE_ON] != 0.0 or buffer[slot + VOICE_LEVEL] > 0.0
    if speaking and speak(buffer, out, level_before, volume) != 0:
        sounding = wanted
    _fence()  # the frames before `read` may be overwritten only from here on
    buffer[GAIN] = gain
    buffer[LEVEL] = level
    buffer[FRESH] = 1.0 if fresh else 0.0
    buffer[BLOCKS] += 1.0
    buffer[READ] = read
    return sounding


_carray: Any = numba.carray  # type: ignore[attr-defined]
_pointer: Any = types.CPointer
_OUTPUT_UNDERFLOW = 4
_ulong = types.uint32 if ctypes.sizeof(ctypes.c_ulong) == 4 else types.uint64


@numba.cfunc(
    types.int32(
        types.voidptr,  # input
        _pointer(types.float32),  # output
        _ulong,  # frames
        types.voidptr,  # times
        _ulong,  # flags
        _pointer(types.float64),  # user data: the ring's buffer
    ),
    cache=True,
    error_model="numpy",
)
def callback(_input, output, frames, _times, flags, user):  # type: ignore[no-untyped-def]
    """PaStreamCallback: one block from the ring in ``user``; always asks to go on."""
    header = _carray(user, (HEADER,))
    if flags & _OUTPUT_UNDERFLOW and header[BLOCKS]:
        header[DROPOUTS] += 1.0
    held = int(header[CAPACITY]) + VOICES * int(header[VOICE_ROOM])
    buffer = _carray(user, (HEADER + held,))
    render(buffer, _carray(output, (2 * int(frames),)))
    return 0
