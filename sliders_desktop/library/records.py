"""What the library's rows look like outside the database: frozen, shared between threads."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Outcome = Literal["finished", "skipped", "stopped"]
Origin = Literal["user", "playlist", "recommended"]
Mode = Literal["together", "wander"]  # what fits all stars, or visits each


class TrackRow(NamedTuple):
    """One row of the track table; a tuple because a library holds 100,000 of them."""

    id: int
    title: str  # the file's name where there is no title tag
    artist: str
    album: str
    year: int  # 0: unknown
    genre: str
    duration_s: float
    added_at: int  # UTC seconds
    plays: int
    last_played_at: int  # UTC seconds, 0: never
    path: str
    missing: bool  # its file or its folder is away
    error: str  # why it could not be listened to, "" if it could
    start_s: float = 0.0  # where in its file it begins: above 0 for a part of a longer one
    end_s: float | None = None  # None: at the end of the file

    @property
    def span(self) -> tuple[float, float | None]:
        """What of its file it is, as `audio.spans.Span`."""
        return self.start_s, self.end_s


@dataclass(frozen=True)
class FoundTrack:
    """What the scanner read from one file, or from one ``part`` of it that a cue sheet names.

    ``audio_hash`` is None only if ``error`` is set; such a file is found whole.
    """

    path: str
    size: int
    mtime_ns: int
    audio_hash: str | None
    duration_s: float = 0.0
    title: str = ""
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    track_no: int = 0
    disc_no: int = 0
    year: int = 0
    genre: str = ""
    error: str = ""
    track_gain_db: float | None = None  # as tags ask for it, to -18 LUFS; None: they do not
    track_peak: float | None = None  # linear
    album_gain_db: float | None = None
    album_peak: float | None = None
    part: int = 0  # 1, 2, … in the order of the file; 0: all of it
    start_s: float = 0.0
    end_s: float | None = None  # None: to the end of the file
    sheet: int = 0  # see `scanner.FileStat`


@dataclass(frozen=True)
class KnownFile:
    """What the store already knows of a file, or of a part of it, to see whether it changed."""

    track_id: int
    size: int
    mtime_ns: int
    missing: bool
    error: str
    sheet: int = 0


@dataclass(frozen=True)
class Saved:
    """Ids of what one `Store.save_found` did; a track is in one of the three at most."""

    added: tuple[int, ...]
    changed: tuple[int, ...]  # other tags or state, or its place was taken by other audio
    moved: tuple[int, ...]


@dataclass(frozen=True)
class Folder:
    id: int
    path: str


@dataclass(frozen=True)
class EncoderRow:
    """An encoder that has listened to the library, or was about to."""

    id: int
    sha256: str  # of its weights
    name: str
    dim: int
    added_at: int


@dataclass(frozen=True)
class Slider:
    """A word the listener invented; ``low_label`` and ``high_label`` name its two ends."""

    id: int
    name: str
    low_label: str
    high_label: str
    position: int
    created_at: int
    description: str = ""
    color: str = ""  # "#rrggbb"; "": none of its own
    shared: bool = False  # it came from somebody else


class Word(NamedTuple):
    """A slider wherever it is: in use, put away, or deleted and still to be brought back."""

    slider: Slider
    ratings: int  # that hold
    archived_at: int | None
    deleted_at: int | None


@dataclass(frozen=True)
class Preset:
    """Handles kept by name; ``handles`` is what JSON holds of them, by slider id."""

    id: int
    name: str
    handles: dict[str, Any]


@dataclass(frozen=True)
class Playlist:
    """Tracks in an order that the listener made; ``count`` of them."""

    id: int
    name: str
    count: int
    updated_at: int  # UTC seconds


@dataclass(frozen=True)
class Star:
    """A track that a constellation is made of; ``weight`` −2 to 2, below 0 against, never 0."""

    track_id: int
    weight: float = 1.0


@dataclass(frozen=True)
class Constellation:
    """Stars in the order they were added, each of another track, and what follows from them."""

    id: int  # 0: not kept yet
    name: str
    stars: tuple[Star, ...] = ()
    mode: Mode = "together"
    near_far: float = 0.25  # 0 near to 1 far
    forgotten: float = 0.5  # 0 familiar to 1 forgotten; .5 does not care
    artist_gap: int = 4  # other artists between two tracks of one, 4 to 50
    seed: int = 0  # another one gives another path


@dataclass(frozen=True)
class PlaylistEntry:
    """One line of a playlist's file: what it may mean, and how the listener reads it."""

    places: tuple[str, ...]  # absolute paths that may be meant, the likeliest first
    names: tuple[tuple[str, str], ...]  # artist and title, as they may be parted
    album: str
    duration_s: float  # 0: unknown
    elsewhere: bool  # on another computer: never asked for
    shown: str


@dataclass(frozen=True)
class Region:
    """A part of the map that the listener drew around: its ``corners``, in map coordinates."""

    id: int  # 0: not kept yet
    name: str
    corners: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class SmartList:
    """A search kept by name: its tracks are those that ``rule`` finds now."""

    id: int
    name: str
    rule: str


@dataclass(frozen=True)
class Rating:
    """One judgement: ``value`` 0 (the low word) to 1 (the high word); None takes it back."""

    id: int
    track_id: int
    slider_id: int
    value: float | None
    rated_at: int


class Judgement(NamedTuple):
    """A rating in its history."""

    id: int
    track_id: int
    slider_id: int
    value: float | None
    rated_at: int
    before: float | None  # what it replaced on its track; None: nothing
    holds: bool  # nothing came after it
    imported: bool  # it came with a file


class TrackName(NamedTuple):
    """How a file of ratings names a track, any of it ""; the path as `path_text.stored`."""

    audio_hash: str
    path: str
    artist: str
    title: str
    album: str
    duration_s: float  # 0: unknown


class NamedSlider(NamedTuple):
    """A slider as a file of ratings tells of it."""

    name: str
    low: str
    high: str
    description: str = ""
    color: str = ""
    archived: bool = False
    created_at: int = 0


class NamedRating(NamedTuple):
    """One judgement as a file of ratings tells of it; value None took one back."""

    slider: str
    track: TrackName
    value: float | None
    rated_at: int


@dataclass(frozen=True)
class Play:
    """One playing of one track."""

    track_id: int
    started_at: int
    seconds_played: float
    outcome: Outcome
    origin: Origin


class Listen(NamedTuple):
    """One playing that waits to be sent, named as the song was named when it was heard."""

    id: int  # 0: not kept yet
    track_id: int
    listened_at: int  # UTC seconds, when it began
    title: str
    artist: str
    album: str
    duration_s: float


class Level(NamedTuple):
    """How loud a track is: by its tags, None where they do not say, and as it was measured."""

    track_id: int
    track_gain_db: float | None  # to -18 LUFS
    track_peak: float | None  # linear
    album_gain_db: float | None
    album_peak: float | None
    lufs: float | None  # None: silent, or not measured
    peak: float | None  # true peak, linear; None: not measured
    blocks: bytes  # the histogram of `audio.loudness`, b"" if not measured


class MapState(NamedTuple):
    """How a map came about."""

    tracks: int = 0  # of how many it was drawn
    anew: int = 0  # of how many when it was last drawn from the ground up
    lent: bool = False  # its places are those of another encoder's map
    declined: bool = False  # and the listener wants them kept
    half: bool = False  # it was being written when the program ended
    undoable: bool = False  # the places before the last drawing are kept


@dataclass(frozen=True, eq=False)
class HeadRow:
    """What one slider learned on one encoder's vectors."""

    slider_id: int
    encoder_id: int
    coef: NDArray[np.float64]  # (d,)
    intercept: float
    alpha: float
    state: dict[str, Any]  # the gate and its figures, whatever JSON holds
    ratings: int  # how many it was fitted on
    fitted_at: int  # UTC seconds
