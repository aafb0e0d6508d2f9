"""What a file of ratings holds, whichever way it is written, and the check of each of its rows.

Whatever is wrong is a `UserError` of one sentence.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sliders_desktop.errors import UserError
from sliders_desktop.library.path_text import readable, stored
from sliders_desktop.library.records import NamedRating, NamedSlider, TrackName

FORMAT, VERSION = "sliders-ratings", 1
LONGEST_WORD, LONGEST_TEXT = 200, 4000
LAST_SECOND = 253_402_300_799  # the year 9999
AT_ONCE = 500  # rows between two looks at the job
NOT_OURS = "This is no file of ratings from Sliders."
OTHER_VERSION = (
    "This file of ratings was written by a newer version of Sliders: please update the program."
)


@dataclass(frozen=True)
class RatingsFile:
    """All that one file holds: sliders, also those without ratings, and every judgement."""

    sliders: Sequence[NamedSlider]
    ratings: Sequence[NamedRating]


def moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Taker:
    """Checks what a file says, row by row."""

    def __init__(self) -> None:
        self.sliders: dict[str, NamedSlider] = {}  # by name in small letters
        self.ratings: list[NamedRating] = []
        self._tracks: dict[TrackName, TrackName] = {}  # each kept once

    def slider(self, slider: NamedSlider) -> str:
        """The name under which it is kept."""
        name = readable(slider.name)
        key = name.casefold()
        if key not in self.sliders:
            low, high, description = (readable(text) for text in slider[1:4])
            if not name:
                raise UserError("A slider in this file has no name.")
            if max(map(len, (name, low, high))) > LONGEST_WORD or len(description) > LONGEST_TEXT:
                raise UserError(f"A slider in this file has too many letters: {name[:40]}…")
            color = slider.color if re.fullmatch("#[0-9a-fA-F]{6}", slider.color) else ""
            self.sliders[key] = slider._replace(
                name=name, low=low, high=high, description=description, color=color
            )
        return self.sliders[key].name

    def rating(self, slider: str, track: TrackName, value: Any, rated_at: Any) -> None:
        number = len(self.ratings) + 1
        if value is not None:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise UserError(f"Rating {number} of this file has no value.")
            if not 0 <= value <= 1:  # not a number is not, either
                raise UserError(f"Rating {number} of this file is outside the scale from 0 to 1.")
        if not any((track.audio_hash, track.path, track.title)):
            raise UserError(f"Rating {number} of this file does not say of which track.")
        known = self._tracks.setdefault(track, track)
        value = None if value is None else float(value)
        self.ratings.append(NamedRating(slider, known, value, second(rated_at, number)))


def second(text: Any, number: int) -> int:
    """UTC seconds of a moment such as “2026-05-01T18:04:09Z”."""
    try:
        when = datetime.fromisoformat(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        found = int(when.timestamp())
    except (TypeError, ValueError, OverflowError):
        found = -1
    if not 0 <= found <= LAST_SECOND:
        raise UserError(f"Rating {number} of this file does not say when it was made.")
    return found


def track_name(get: Callable[[str], Any]) -> TrackName:
    """A track's names; whatever is no text is left out."""
    texts = {name: get(name) for name in TrackName._fields[:-1]}
    clean = {
        name: readable(text)[:LONGEST_TEXT] if isinstance(text, str) else ""
        for name, text in texts.items()
        if name != "path"
    }
    path = stored(texts["path"]) if isinstance(texts["path"], str) else ""
    length = get("duration_s")
    number = isinstance(length, int | float) and not isinstance(length, bool)
    duration_s = float(length) if number and 0 <= length < 1e7 else 0.0
    return TrackName(path=path, duration_s=duration_s, **clean)


def check_version(version: Any) -> None:
    if version != VERSION:
        raise UserError(OTHER_VERSION if isinstance(version, int) else NOT_OURS)
