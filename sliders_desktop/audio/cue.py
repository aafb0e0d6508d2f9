"""Cue sheets: which tracks one long recording holds, as a text beside it or inside it says.

Runs on the scanning thread; reads sheets and never the sound. Tolerant: what is not understood is
passed over, and a sheet that cannot be right is none, with a line for the bug report.

A track lasts from its INDEX 01 to that of the next one, so the gap before a track (INDEX 00) ends
the one before it, as on a disc that plays through. The last one lasts to the end of the file. What
lies before the first INDEX 01 is left out. PREGAP and POSTGAP are silence that no file holds.
"""

import codecs
import locale
import logging
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Any

log = logging.getLogger(__name__)

FRAMES_A_SECOND = 75  # of a compact disc, in which INDEX counts
_LONGEST = 1 << 20  # bytes; a longer file of this name is something else
_TAG_NAMES = ("cuesheet", "txxx:cuesheet")

# What else a text may be that is not Unicode, after the system's own code page: of the first in
# which FILE names a file that is there. Of an English name the first of all.
_CODE_PAGES = ("cp1252", "cp1251", "cp932", "gb18030", "cp949", "latin-1")


@dataclass(frozen=True)
class CueTrack:
    """One TRACK. ``start_s``: its INDEX 01, or 00 where that is all; None if it has none."""

    number: int
    is_audio: bool
    file: str = ""  # the FILE that its start lies in
    start_s: float | None = None
    words: dict[str, str] = field(default_factory=dict)  # by command or REM, in capitals


@dataclass(frozen=True)
class CueSheet:
    """``words`` are those before the first track, by command or REM, in capitals."""

    words: dict[str, str]
    tracks: tuple[CueTrack, ...]

    @property
    def has_titles(self) -> bool:
        return any("TITLE" in track.words for track in self.tracks)


@dataclass(frozen=True)
class Part:
    """One track of a file: seconds ``start_s`` to ``end_s`` (None: its end), and its names.

    Empty texts, zeros and None where the sheet says nothing.
    """

    start_s: float
    end_s: float | None
    number: int
    title: str
    artist: str
    album: str
    album_artist: str
    disc_no: int
    year: int
    genre: str
    track_gain_db: float | None
    track_peak: float | None
    album_gain_db: float | None
    album_peak: float | None


# --- from a text to a sheet -----------------------------------------------------------------------

_WORDS = frozenset(("TITLE", "PERFORMER", "SONGWRITER", "GENRE", "DATE", "YEAR", "DISCNUMBER"))
_LEVELS = "REPLAYGAIN_"
_TIME = re.compile(r"(\d{1,6})\s+(\d{1,6}):(\d{1,6})(?:[:.](\d{1,6}))?")


def parse(text: str) -> CueSheet:
    """What ``text`` says, as far as it can be understood."""
    words: dict[str, str] = {}
    tracks: list[CueTrack] = []
    file, has_start = "", False
    for line in re.split(r"[\r\n]+", text.lstrip("\ufeff")):
        command, rest = _command(line)
        if command == "REM":
            command, rest = _command(rest)
        if command == "FILE":
            file = _file_name(rest)
        elif command == "TRACK" and (found := re.match(r"(\d{1,6})\s*(\w*)", rest)):
            tracks.append(CueTrack(int(found[1]), found[2].upper() in ("AUDIO", ""), file))
            has_start = False
        elif command == "INDEX" and tracks and (found := _TIME.match(rest)):
            if int(found[1]) <= 1 and not has_start:
                tracks[-1] = replace(tracks[-1], file=file, start_s=_seconds(*found.groups()[1:]))
                has_start = int(found[1]) == 1
        elif command in _WORDS or command.startswith(_LEVELS):
            said = tracks[-1].words if tracks else words
            if value := _unquoted(rest):
                said.setdefault(command, value)
    return CueSheet(words, tuple(tracks))


def _command(line: str) -> tuple[str, str]:
    command, _, rest = line.strip().replace("\t", " ").partition(" ")
    return command.upper(), rest.strip()


def _seconds(minutes: str, seconds: str, frames: str | None) -> float:
    whole = (int(minutes) * 60 + int(seconds)) * FRAMES_A_SECOND + int(frames or 0)
    return whole / FRAMES_A_SECOND


def _unquoted(text: str) -> str:
    """Without the quotes around it; those inside, and one that was forgotten, do no harm."""
    if text.startswith('"'):
        end = text.rfind('"')
        text = text[1:end] if end > 0 else text[1:]
    return text.replace("\0", " ").strip()


def _file_name(text: str) -> str:
    """The name in ``text``, without folders and without the format behind it."""
    if text.startswith('"'):
        name = _unquoted(text)
    else:
        name, _, last = text.rpartition(" ")
        if not name or not last.isalnum():  # “my album.wav”: no format follows
            name = text
    return re.split(r"[/\\]", name)[-1].strip()


def texts(data: bytes) -> Iterator[str]:
    """What the bytes of a sheet can mean, the likeliest first; one only if they are Unicode."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield data.decode("utf-16", "replace")
        return
    odd = max(1, len(data) // 2)
    for nulls, name in ((data[1::2], "utf-16-le"), (data[::2], "utf-16-be")):
        if nulls.count(0) > odd / 2:  # every second byte: signs of English without a mark
            yield data.decode(name, "replace")
            return
    try:
        yield data.decode("utf-8-sig")
        return
    except UnicodeDecodeError:
        pass
    for page in dict.fromkeys((locale.getencoding(), *_CODE_PAGES)):
        try:
            yield data.decode(page)
        except (UnicodeDecodeError, LookupError):
            continue


# --- the sheets inside a file ---------------------------------------------------------------------


def embedded(file: Any) -> tuple[CueSheet, ...]:
    """The sheets in what mutagen says of a file: its tag CUESHEET, then FLAC's own block."""
    sheets = []
    tags = file.tags if file.tags is not None else {}
    for name in tags.keys() if hasattr(tags, "keys") else ():
        if name.lower() in _TAG_NAMES:
            value = tags[name]
            value = value[0] if isinstance(value, list) and value else value
            sheets.append(parse(str(value)))
    block = getattr(file, "cuesheet", None)
    if block is not None and file.info.sample_rate:
        sheets.append(_of_block(block, file.info.sample_rate))
    return tuple(sheets)


def _of_block(block: Any, rate: int) -> CueSheet:
    """FLAC's metadata block: sample offsets, and no titles. Its lead-out is no track."""
    tracks = []
    for track in block.tracks:
        offsets = {index.index_number: index.index_offset for index in track.indexes}
        if offsets:  # the lead-out has none
            start = track.start_offset + offsets.get(1, min(offsets.values()))
            tracks.append(CueTrack(track.track_number, track.type == 0, "", start / rate))
    return CueSheet({}, tuple(tracks))


# --- from sheets to the parts of a file -----------------------------------------------------------


def parts_of(
    path: Path, inside: Sequence[CueSheet], beside: Sequence[str], length_s: float
) -> list[Part]:
    """The tracks of the file at ``path``; none if no sheet parts it, and it is one track.

    Asked are the sheets ``inside`` it that have titles, then the files ``beside`` it, that of its
    own name first, then those inside without titles.
    """
    sheets = sorted(inside, key=lambda sheet: not sheet.has_titles)
    for sheet in sheets:
        if sheet.has_titles and (found := _parts(sheet, _one_file(sheet), length_s, str(path))):
            return found
    own_name = _plain(path.stem)
    for place in sorted(beside, key=lambda place: _plain(PurePath(place).stem) != own_name):
        if found := _parts_beside(path, Path(place), length_s):
            return found
    for sheet in sheets:
        if not sheet.has_titles and (found := _parts(sheet, _one_file(sheet), length_s, str(path))):
            return found
    return []


def _one_file(sheet: CueSheet) -> Callable[[str], bool]:
    """A sheet inside a file is about that file, whatever it was called, unless it names two."""
    names = {_plain(track.file) for track in sheet.tracks}
    return lambda name: len(names) == 1


def _parts_beside(path: Path, place: Path, length_s: float) -> list[Part]:
    try:
        if place.stat().st_size > _LONGEST:
            log.debug("%s: too long for a cue sheet", place)
            return []
        data = place.read_bytes()
    except OSError as error:
        log.debug("%s: %r", place, error)
        return []
    for sheet in map(parse, texts(data)):
        meant = {name for name in {track.file for track in sheet.tracks} if is_meant(name, path)}
        if meant:
            return _parts(sheet, meant.__contains__, length_s, str(place))
    log.debug("%s: not about %s", place, path.name)
    return []


def is_meant(name: str, path: Path) -> bool:
    """Whether FILE ``name`` of a sheet in the folder of ``path`` is that file.

    Sheets are kept when what they are about is compressed: another suffix will do, unless a file
    of the very name is there too.
    """
    wanted, own = _plain(name), _plain(path.name)
    if not wanted or wanted == own:
        return bool(wanted)
    stem = _plain(path.stem)
    if stem not in (wanted, PurePath(wanted).stem):
        return False
    try:
        return all(_plain(other) != wanted for other in os.listdir(path.parent))  # noqa: PTH208
    except OSError:
        return True


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _parts(
    sheet: CueSheet, is_it: Callable[[str], bool], length_s: float, source: str
) -> list[Part]:
    """The parts of one file that ``sheet`` names, in order; [] if it cannot be right."""
    tracks = [track for track in sheet.tracks if is_it(track.file)]
    starts = [track.start_s for track in tracks if track.start_s is not None]
    if len(starts) < len(tracks):
        log.debug("%s: a track without a beginning", source)
    elif any(after <= before for before, after in pairwise(starts)):
        log.debug("%s: its times run backwards", source)
    elif starts and length_s and starts[-1] >= length_s:
        log.debug("%s: a track beyond the end of the file", source)
    elif sum(track.is_audio for track in tracks) < 2:
        log.debug("%s: parts nothing", source)
    else:
        spans = zip(tracks, pairwise([*starts, None]), strict=True)
        return [
            _part(sheet, track, start or 0.0, end)
            for track, (start, end) in spans
            if track.is_audio
        ]
    return []


def _part(sheet: CueSheet, track: CueTrack, start_s: float, end_s: float | None) -> Part:
    album, own = sheet.words, track.words
    return Part(
        start_s=start_s,
        end_s=end_s,
        number=track.number,
        title=own.get("TITLE", ""),
        artist=own.get("PERFORMER") or album.get("PERFORMER") or own.get("SONGWRITER", ""),
        album=album.get("TITLE", ""),
        album_artist=album.get("PERFORMER", ""),
        disc_no=int(_number(r"\d{1,6}", album.get("DISCNUMBER")) or 0),
        year=int(_number(r"(?<!\d)[12]\d{3}(?!\d)", album.get("DATE") or album.get("YEAR")) or 0),
        genre=own.get("GENRE") or album.get("GENRE", ""),
        track_gain_db=_level(own.get("REPLAYGAIN_TRACK_GAIN"), -60.0, 60.0),
        track_peak=_level(own.get("REPLAYGAIN_TRACK_PEAK"), 1e-9, 64.0),
        album_gain_db=_level(album.get("REPLAYGAIN_ALBUM_GAIN"), -60.0, 60.0),
        album_peak=_level(album.get("REPLAYGAIN_ALBUM_PEAK"), 1e-9, 64.0),
    )


def _number(pattern: str, text: str | None) -> str | None:
    found = re.search(pattern, text or "", re.ASCII)
    return found[0] if found else None


def _level(text: str | None, least: float, most: float) -> float | None:
    """The number in ``text``; none if no music can mean it."""
    number = float(_number(r"[-+]?\d+(\.\d+)?", text) or "nan")
    return number if least <= number <= most else None
