"""What a music file says about itself: tags, length and cover. Runs on the scanning thread.

mutagen reads the tags; where it knows a format not at all, ffmpeg's view of them serves.
"""

import base64
import contextlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sliders_desktop.audio import cue
from sliders_desktop.audio.decoding.sources import unreadable
from sliders_desktop.audio.files import Decoder
from sliders_desktop.errors import FileUnreadable


@dataclass(frozen=True)
class Tags:
    """Empty texts and zeros where the file says nothing."""

    title: str = ""
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    track_no: int = 0
    disc_no: int = 0
    year: int = 0
    genre: str = ""
    duration_s: float = 0.0
    track_gain_db: float | None = None  # to -18 LUFS, whatever the tags' own reference is
    track_peak: float | None = None  # linear
    album_gain_db: float | None = None
    album_peak: float | None = None
    sheets: tuple[cue.CueSheet, ...] = ()  # cue sheets inside the file


# Our field: its names in ID3, MP4, Windows Media, and in Vorbis comments, APE tags and ffmpeg,
# which are compared in lower case.
_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("TIT2", "\xa9nam", "Title", "title"),
    "artist": ("TPE1", "\xa9ART", "Author", "artist"),
    "album": ("TALB", "\xa9alb", "WM/AlbumTitle", "album"),
    "album_artist": ("TPE2", "aART", "WM/AlbumArtist", "albumartist", "album artist",
                     "album_artist"),
    "track_no": ("TRCK", "trkn", "WM/TrackNumber", "tracknumber", "track"),
    "disc_no": ("TPOS", "disk", "WM/PartOfSet", "discnumber", "disc"),
    "year": ("TDRC", "TDOR", "\xa9day", "WM/Year", "date", "year", "originaldate"),
    "genre": ("TCON", "\xa9gen", "WM/Genre", "genre"),
    **{
        name: (f"TXXX:{name}", f"----:com.apple.iTunes:{name}", name)
        for name in (
            "replaygain_track_gain", "replaygain_track_peak", "replaygain_album_gain",
            "replaygain_album_peak", "replaygain_reference_loudness", "r128_track_gain",
            "r128_album_gain",
        )
    },
}  # fmt: skip
_FIELDS = {name.lower(): field for field, names in _NAMES.items() for name in names}


def read_tags(path: str | os.PathLike[str]) -> Tags:
    """Tags and length of ``path``; `FileUnreadable` with one sentence if it is not music."""
    path = Path(path)
    try:
        if not path.is_file() or path.stat().st_size == 0:
            raise unreadable(path)
        file = _mutagen_file(path)
        texts = _texts(file.tags) if file is not None and file.tags is not None else {}
        length = getattr(getattr(file, "info", None), "length", 0) or 0.0
        if file is None or not length or (not texts and path.suffix.lower() == ".wav"):
            texts, length = _by_decoder(path, texts, float(length))
    except OSError as error:
        raise unreadable(path, error) from error
    return Tags(
        title=texts.get("title", ""),
        artist=texts.get("artist", ""),
        album=texts.get("album", ""),
        album_artist=texts.get("album_artist", ""),
        track_no=_first_number(texts.get("track_no", "")),
        disc_no=_first_number(texts.get("disc_no", "")),
        year=_year(texts.get("year", "")),
        genre=texts.get("genre", ""),
        duration_s=float(length),
        **_levels(file, texts, path),
        sheets=cue.embedded(file) if file is not None else (),
    )


_MOST_DB = 60.0  # no music needs more
_MOST_PEAK = 64.0  # far beyond what any encoder makes of 1.0
_R128_LUFS, _OUR_LUFS, _OUR_DB = -23.0, -18.0, 89.0  # references; the last as ReplayGain 1 says it


def _levels(file: Any, texts: dict[str, str], path: Path) -> dict[str, Any]:
    """What the tags say of loudness, as fields of `Tags`.

    R128 tags come first: where somebody wrote both, in Opus, the others are a leftover (RFC 7845,
    5.2.1). Then ReplayGain as text, also in the APE tags that mp3gain leaves beside ID3, then ID3's
    own frame. The gain in the header of an Opus file is none of these: decoders apply it.
    """
    found: dict[str, Any] = {}
    if path.suffix.lower() == ".mp3" and not any(name.startswith("replaygain") for name in texts):
        texts = {**_texts(_apev2(path) or {}), **texts}
    frames = file.tags.getall("RVA2") if hasattr(getattr(file, "tags", None), "getall") else []
    of_frame = {frame.desc.lower(): frame for frame in frames if frame.channel == 1}
    shift_db = _shift_db(texts.get("replaygain_reference_loudness", ""))
    for what in ("track", "album"):
        gain_db = _number(texts.get(f"replaygain_{what}_gain", ""))
        gain_db = None if gain_db is None else gain_db + shift_db
        peak = _number(texts.get(f"replaygain_{what}_peak", ""))
        if gain_db is None and what in of_frame:
            gain_db, peak = float(of_frame[what].gain), peak or float(of_frame[what].peak)
        q8 = texts.get(f"r128_{what}_gain", "").strip()
        if re.fullmatch(r"[+-]?\d{1,5}", q8):
            gain_db = int(q8) / 256 + _OUR_LUFS - _R128_LUFS
        if gain_db is not None and abs(gain_db) <= _MOST_DB:
            found[f"{what}_gain_db"] = gain_db
        if peak is not None and 0 < peak <= _MOST_PEAK:
            found[f"{what}_peak"] = peak
    return found


def _apev2(path: Path) -> Any:
    import mutagen
    import mutagen.apev2

    with contextlib.suppress(mutagen.MutagenError):
        return mutagen.apev2.APEv2(path)  # type: ignore[no-untyped-call]
    return None


def _shift_db(reference: str) -> float:
    """What brings gains meant for another reference ("-23 LUFS", "83.0 dB") to ours."""
    number = _number(reference)
    if number is None:
        return 0.0
    shift_db = _OUR_LUFS - number if number < 0 else _OUR_DB - number
    return shift_db if abs(shift_db) <= 20 else 0.0


def _number(text: str) -> float | None:
    """The number that a text begins with, of whatever country."""
    found = re.match(
        r"\s*([+-]?)\s*(\d{1,9}(?:[.,]\d{1,20})?|[.,]\d{1,20})(?![\d.,])",
        text.replace("\N{MINUS SIGN}", "-"),
    )
    return float(found[1] + found[2].replace(",", ".")) if found else None


def _mutagen_file(path: Path) -> Any:
    """mutagen's view, None if it knows none."""
    import mutagen
    import mutagen.apev2

    try:
        file: Any = mutagen.File(path)
    except Exception:  # mutagen raises whatever broken bytes lead to, not only MutagenError
        return None
    if file is not None and file.tags is None and path.suffix.lower() in (".mp3", ".aac"):
        file.tags = _apev2(path)
    return file


def _texts(tags: Any) -> dict[str, str]:
    """Our fields as text, several values joined by commas; the first name in a file wins."""
    texts: dict[str, str] = {}
    for name in list(tags.keys()):
        field = _FIELDS.get(name.lower())
        if field is None or texts.get(field):
            continue
        try:
            text = _joined(tags[name])
        except Exception:  # one broken frame is no reason to lose the others
            continue
        if text:
            texts[field] = text
    return texts


def _joined(value: Any) -> str:
    if hasattr(value, "genres"):  # ID3: "(17)" means Rock
        value = value.genres
    elif hasattr(value, "text"):
        value = value.text
    if isinstance(value, str) or not isinstance(value, Iterable):
        value = [value]
    texts = []
    for item in value:
        if isinstance(item, tuple):  # MP4: (number, total)
            item = item[0]
        if isinstance(item, bytes):  # MP4: a name of somebody's own
            item = item.decode("utf-8", "replace")
        # A NUL separates values in old tags; the rest of the control characters mean nothing.
        parts = (re.sub(r"[\x01-\x1f]+", " ", part).strip() for part in str(item).split("\0"))
        texts += [part for part in parts if part and part not in texts]
    return ", ".join(texts)


def _by_decoder(path: Path, texts: dict[str, str], length: float) -> tuple[dict[str, str], float]:
    """ffmpeg's tags (RIFF INFO, Matroska, …) and length, where mutagen had none.

    Also the proof that the file is music at all, if mutagen could not say so.
    """
    import av

    try:
        with av.open(str(path), metadata_errors="replace") as container:
            if not container.streams.audio:
                raise unreadable(path)
            own = {**container.streams.audio[0].metadata, **container.metadata}
            texts = texts or _texts(own)
            if not length and container.duration:
                length = container.duration / 1e6
    except FileUnreadable:
        raise
    except Exception as error:  # whatever ffmpeg makes of a broken file
        if not length:
            raise unreadable(path, error) from error
    if not length:
        with Decoder(path, 44100) as decoder:
            length = decoder.duration_s or 0.0
    return texts, length


def _first_number(text: str) -> int:
    found = re.match(r"\s*(\d{1,6})", text)
    return int(found[1]) if found else 0


def _year(text: str) -> int:
    found = re.search(r"(?<!\d)(1[0-9]{3}|20[0-9]{2})(?!\d{1,3}(?!\d))", text)
    return int(found[1]) if found else 0


# --- covers ---------------------------------------------------------------------------------------

_COVER_NAMES = ("cover", "folder", "front", "album", "albumart")
_COVER_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def cover(path: str | os.PathLike[str]) -> bytes | None:
    """The picture in the file, else the cover picture beside it, as it is stored; None if none."""
    path = Path(path)
    try:
        file = _mutagen_file(path)
        return (_embedded(file) if file is not None else None) or _beside(path)
    except (OSError, FileUnreadable):
        return None


def _embedded(file: Any) -> bytes | None:
    import mutagen.flac

    found: list[tuple[bool, bytes]] = []  # (is the front cover, picture)
    tags = file.tags if file.tags is not None else {}
    pictures = list(getattr(file, "pictures", []))
    pictures += tags.getall("APIC") if hasattr(tags, "getall") else []
    with contextlib.suppress(Exception):  # a broken picture is no picture
        texts = tags.get("metadata_block_picture", []) if not hasattr(tags, "getall") else []
        picture_class: Any = mutagen.flac.Picture
        pictures += [picture_class(base64.b64decode(text)) for text in texts]
    found += [(picture.type == 3, bytes(picture.data)) for picture in pictures]
    for name in tags.keys() if hasattr(tags, "keys") else ():
        if name == "covr":
            found += [(True, bytes(picture)) for picture in tags[name]]
        elif name.lower().startswith("cover art"):  # APE: file name, NUL, picture
            data = bytes(tags[name].value).partition(b"\0")[2]
            found.append(("front" in name.lower(), data))
        elif name == "WM/Picture":
            found += [_windows_media_picture(bytes(picture.value)) for picture in tags[name]]
    found = [picture for picture in found if picture[1]]
    return max(found, key=lambda picture: picture[0])[1] if found else None


def _windows_media_picture(data: bytes) -> tuple[bool, bytes]:
    """Type, size, two UTF-16 texts that end with NUL, picture."""
    size = int.from_bytes(data[1:5], "little")
    return bool(data) and data[0] == 3, data[-size:] if 0 < size < len(data) else b""


def _beside(path: Path) -> bytes | None:
    found: dict[str, str] = {}
    with os.scandir(path.parent) as entries:
        for entry in entries:
            name = Path(entry.name.lower())
            if name.suffix in _COVER_SUFFIXES and name.stem in _COVER_NAMES:
                found[name.stem] = entry.path
    for stem in _COVER_NAMES:
        if stem in found:
            return Path(found[stem]).read_bytes()
    return None
