"""How loud each track shall be played, from its tags or from what was measured. Main thread."""

import math
import statistics
import time
from collections.abc import Sequence
from typing import Literal

from sliders_desktop.audio.loudness import TARGET_LUFS, combined
from sliders_desktop.library.records import Level, TrackRow
from sliders_desktop.library.store import Store

Mode = Literal["off", "track", "album", "auto"]

_SAMPLE = 128  # tracks that stand for the library
_LASTS_S = 60.0  # what is usual does not change with every track that is measured
_MOST = 300  # tracks; more under one name are no album but a missing tag


class Levels:
    """Linear factors that bring every track, or every album, to -18 LUFS.

    In track mode a track counts for itself. In album mode all tracks of an album get one factor,
    so that a quiet song between loud ones stays quiet; auto is album mode for what is played
    among its album, else track mode. Tags win over what was measured; an album without a gain in
    its tags is as loud as all its measured tracks in a row; what names no album, or one of which
    nothing is known, counts for itself. Silence is left as it is.

    Nothing may clip: a factor is at most 1 / peak, the largest of those that tags and measurements
    know (of the album, where it counts). A gain whose peak nobody knows can only make quieter.

    A track of which nothing is known gets the median factor of the library, so that it does not
    stand out while the rest is being measured, but never more than 1.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._version = (-1, -1)
        self._known: dict[tuple[int, bool], float] = {}
        self._median: float | None = None
        self._median_at = 0.0

    def gain(self, row: TrackRow, mode: Mode, album: bool) -> float:
        """The factor for ``row``; ``album`` says that it is played among its album.

        A read of a few milliseconds the first time, and again after the library was written to.
        """
        if mode == "off":
            return 1.0
        version = self._store.version()
        if version != self._version:
            self._version = version
            self._known.clear()
        key = row.id, mode == "album" or (mode == "auto" and album)
        if key not in self._known:
            self._known[key] = self._factor(*key)
        return self._known[key]

    def _factor(self, track_id: int, by_album: bool) -> float:
        own = self._store.levels([track_id])
        if not own:
            return 1.0
        (level,) = own
        gain_db, peaks = _gain_db(level), [level.track_peak, level.peak]
        if by_album:
            ids = self._store.album_of(track_id)
            album = self._store.levels(ids) if 0 < len(ids) <= _MOST else own
            of_album_db = _album_gain_db(level, album)
            if of_album_db is not None:
                gain_db = of_album_db
                of_others = [peak for one in album for peak in (one.track_peak, one.peak)]
                peaks += [level.album_peak, *of_others]
        known = [peak for peak in peaks if peak is not None]
        if gain_db is None:
            factor = min(1.0, self._usual())
        else:
            factor = 10 ** (gain_db / 20)
        own_is_known = any(p is not None for p in (level.track_peak, level.peak, level.album_peak))
        highest = max(known, default=0.0) if own_is_known else max([1.0, *known])
        return min(factor, 1 / highest) if highest > 0 else factor

    def _usual(self) -> float:
        """The median factor of the library; 1.0 if nothing is known."""
        now = time.monotonic()
        if self._median is None or now - self._median_at > _LASTS_S:
            found = [_gain_db(level) for level in self._store.levels_spread(_SAMPLE)]
            gains_db = [gain_db for gain_db in found if gain_db is not None]
            if not gains_db:
                return 1.0
            self._median, self._median_at = 10 ** (statistics.median(gains_db) / 20), now
        return self._median


def _gain_db(level: Level) -> float | None:
    """Of a track by itself; None if nothing is known."""
    if level.track_gain_db is not None:
        return level.track_gain_db
    if level.peak is not None:  # it was measured
        return 0.0 if level.lufs is None else TARGET_LUFS - level.lufs
    return level.album_gain_db


def _album_gain_db(level: Level, album: Sequence[Level]) -> float | None:
    """Of the whole ``album`` of a track; None if nothing is known of it."""
    if level.album_gain_db is not None:
        return level.album_gain_db
    measured = [one.blocks for one in album if one.blocks]
    lufs = combined(measured) if measured else None
    return None if lufs is None or not math.isfinite(lufs) else TARGET_LUFS - lufs
