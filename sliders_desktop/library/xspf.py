"""XSPF, the playlist in XML: its text out, and in with nothing of it believed.

A file that defines entities is refused before the first of them could grow.
"""

from collections.abc import Iterable
from html import escape
from xml.parsers import expat

from sliders_desktop.errors import UserError
from sliders_desktop.library.path_text import readable
from sliders_desktop.library.playlist_places import places
from sliders_desktop.library.playlists import MOST_TRACKS
from sliders_desktop.library.records import PlaylistEntry, TrackRow

NAMESPACE = "http://xspf.org/ns/0/"
DEEPEST = 40
LONGEST = 16_384  # the text of one element
MOST_LOCATIONS = 20  # of one track
_TOLD = {"location", "title", "creator", "album", "duration"}
_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<playlist version="1" xmlns="{NAMESPACE}">'


def text_of(name: str, tracks: Iterable[tuple[TrackRow, str]]) -> bytes:
    """The file's bytes, of tracks with their addresses."""
    lines = [_HEAD, f" <title>{_plain(name)}</title>", " <trackList>"]
    for row, address in tracks:
        lines.append("  <track>")
        lines.append(f"   <location>{escape(address, quote=False)}</location>")
        for key, text in (("title", row.title), ("creator", row.artist), ("album", row.album)):
            if text:
                lines.append(f"   <{key}>{_plain(text)}</{key}>")
        if row.duration_s > 0:
            lines.append(f"   <duration>{round(1000 * row.duration_s)}</duration>")
        lines.append("  </track>")
    lines += [" </trackList>", "</playlist>", ""]
    return "\n".join(lines).encode("utf-8")


def _plain(text: str) -> str:
    """Without the signs that XML can't hold."""
    kept = (sign for sign in readable(text) if sign >= " " and sign not in "\ufffe\uffff")
    return escape("".join(kept), quote=False)


def read(data: bytes, folder: str, name: str) -> tuple[str, list[PlaylistEntry]]:
    """Its title and what it names; ``folder`` is the file's, ``name`` for what is said of it."""
    reader = _Reader(folder, name)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.take
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError):
        raise UserError(f"{name} is no playlist, or is damaged.") from None
    return reader.title, reader.entries


class _Reader:
    """What the parser tells, one element after the other."""

    def __init__(self, folder: str, name: str) -> None:
        self._folder, self._name = folder, name
        self.title = ""
        self.entries: list[PlaylistEntry] = []
        self._path: list[str] = []
        self._text: list[str] | None = None
        self._length = 0
        self._track: dict[str, list[str]] = {}

    def refuse(self, *_: object) -> None:
        raise UserError(f"{self._name} can't be taken in: it defines entities, no playlist does.")

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        self._path.append(tag.rpartition(" ")[2])
        if len(self._path) > DEEPEST:
            raise UserError(f"{self._name} is no playlist: it is nested too deeply.")
        if self._path == ["playlist", "trackList", "track"]:
            self._track = {}
        told = self._path[-1] in _TOLD and self._path[:-1] in (
            ["playlist", "trackList", "track"],
            ["playlist"],
        )
        self._text, self._length = ([], 0) if told else (None, 0)

    def take(self, text: str) -> None:
        if self._text is not None:
            self._length += len(text)
            if self._length > LONGEST:
                raise UserError(f"{self._name} is no playlist: one of its texts is too long.")
            self._text.append(text)

    def end(self, tag: str) -> None:
        key = self._path.pop()
        text, self._text = "".join(self._text or ()).strip(), None
        if self._path == ["playlist"] and key == "title":
            self.title = readable(text)
        elif len(self._path) == 3 and text:
            said = self._track.setdefault(key, [])
            if len(said) < MOST_LOCATIONS:
                said.append(text)
        elif self._path == ["playlist", "trackList"] and key == "track":
            if len(self.entries) >= MOST_TRACKS:
                raise UserError(f"{self._name} names more than {MOST_TRACKS:,} tracks.")
            self.entries.append(self._entry())

    def _entry(self) -> PlaylistEntry:
        def first(key: str) -> str:
            return " ".join(readable(self._track.get(key, [""])[0]).split())

        locations = self._track.get("location", [])
        where, elsewhere = places(locations, self._folder)
        title, artist = first("title"), first("creator")
        digits = first("duration")  # milliseconds, whole
        told = digits.isascii() and digits.isdigit() and len(digits) < 10
        duration_s = int(digits) / 1000 if told else 0.0
        shown = " – ".join(filter(None, (artist, title))) or first("location").rpartition("/")[2]
        names = ((artist, title),) if artist and title else ()
        return PlaylistEntry(where, names, first("album"), duration_s, elsewhere, shown)
