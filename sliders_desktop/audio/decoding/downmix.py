"""What a decoder gave, as float32 blocks of two channels (or one): surround folded to stereo.

Runs on whatever thread asks.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.float32]  # (frames, 1 or 2)

_MANY = 8  # channels
_HALF_POWER = 0.7071  # -3 dB

_MIDDLE_BEHIND = ("BC", "TBC")  # shared by both surrounds at -3 dB, and these come in at -3 dB
# Where a file only has a number of channels, they are these; the FLAC format, section 9.1.3.
_USUAL = {
    3: "FL FR FC",
    4: "FL FR BL BR",
    5: "FL FR FC BL BR",
    6: "FL FR FC LFE BL BR",
    7: "FL FR FC LFE BC SL SR",
    8: "FL FR FC LFE BL BR SL SR",
}
_MIDDLE = ("FC", "TC", "TFC", *_MIDDLE_BEHIND)


def fold(names: list[str]) -> Block:
    """The (channels, 2) matrix of ITU-R BS.775, scaled so that nothing can clip; no LFE.

    Films are quieter by this than a player that lets the sum clip: 7.7 dB for 5.1. Even loudness
    is measured behind it and makes up for that wherever the peaks leave room.
    """
    return _matrix(tuple(names))


@lru_cache(maxsize=32)
def _matrix(names: tuple[str, ...]) -> Block:
    if set(names) == {"NONE"} and len(names) in _USUAL:
        names = tuple(_USUAL[len(names)].split())
    matrix = np.zeros((len(names), 2), np.float32)
    for row, name in zip(matrix, names, strict=True):
        if name.startswith("LFE"):
            continue
        level = 0.5 if name in _MIDDLE_BEHIND else 1.0 if name in ("FL", "FR") else _HALF_POWER
        if name in ("FL", "FLC", "DL") or name.endswith("L") or name in _MIDDLE:
            row[0] = level
        if name in ("FR", "FRC", "DR") or name.endswith("R") or name in _MIDDLE:
            row[1] = level
    if not matrix.any():
        matrix[:] = 1.0  # nobody knows: everything on both sides
    scaled: Block = matrix / matrix.sum(axis=0).max()
    scaled.setflags(write=False)
    return scaled


def samples(frame: Any, names: tuple[str, ...] = ()) -> Block:
    """The samples of an ffmpeg frame: a view of what ffmpeg gave where it can be.

    ``names`` are the channels, if they are others than the frame says. This runs forty times for
    each second of music.
    """
    channels = frame.layout.nb_channels
    if frame.format.is_planar and channels >= _MANY:
        frame = _packed(frame)
    raw = frame.to_ndarray()
    rows = raw.T if frame.format.is_planar else raw.reshape(-1, channels)
    if rows.dtype != np.float32:
        if rows.dtype == np.uint8:
            rows = (rows.astype(np.float32) - 128) / 128
        elif np.issubdtype(rows.dtype, np.integer):
            rows = rows.astype(np.float32) / float(-np.iinfo(rows.dtype).min)
        with np.errstate(over="ignore"):  # in a damaged file of doubles
            rows = rows.astype(np.float32, copy=False)
    if channels > 2:
        names = names or tuple(channel.name for channel in frame.layout.channels)
        rows = rows @ _matrix(names)
    return rows  # type: ignore[no-any-return]


def _packed(frame: Any) -> Any:
    """The same frame with all its channels in one plane.

    Of eight planes and more PyAV 18.1 looks for the end in foreign memory, and the whole program
    goes down with it: neither `to_ndarray` nor `planes` may be asked of such a frame.
    """
    import av

    resampler = av.AudioResampler(frame.format.packed, frame.layout, frame.sample_rate)
    (packed,) = resampler.resample(frame)
    return packed


def joined(pieces: list[Block]) -> Block:
    """One block; where a chained file changes its mind, mono sounds on both sides."""
    if not pieces:
        return np.zeros((0, 2), np.float32)
    if len({piece.shape[1] for piece in pieces}) > 1:
        pieces = [np.broadcast_to(piece, (len(piece), 2)) for piece in pieces]
    return np.concatenate(pieces) if len(pieces) > 1 else pieces[0]
