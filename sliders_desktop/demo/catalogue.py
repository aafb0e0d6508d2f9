"""The sixty pieces of the demo library: who, what, when, and the numbers each is composed from."""

import zlib
from dataclasses import dataclass

from sliders_desktop.demo.theory import Key


@dataclass(frozen=True)
class Piece:
    """One track; ``energy`` and ``bright`` (0…1) are what its style makes of them."""

    title: str
    artist: str
    album: str
    year: int
    track: int
    genre: str
    style: str
    bpm: float
    root: int
    mode: str
    energy: float
    bright: float

    @property
    def key(self) -> Key:
        return Key(self.root, self.mode)

    @property
    def seed(self) -> int:
        """A number of its own, the same on every machine."""
        return zlib.crc32(self.title.encode())


_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_NOTES = {name: 36 + i for i, name in enumerate(_NAMES)}

# style and genre; then artist, album, year; then title: tempo, key, mode, energy, brightness.
_SOURCE = """
= folk | Folk
- Slate & Fern | The Long Gate | 1971
Heron Field: 96 G major .35 .5
The Ferryman's Daughter: 84 D dorian .2 .3
Barley Morning: 126 A mixolydian .7 .75
- Wren Hollow | Kitchen Songs | 2008
Bread and Candles: 78 C major .15 .4
Nine Stone Bridges: 112 E minor .55 .55
Over the Shoulder of the Hill: 138 D major .85 .85
= lofi | Lo-fi hip-hop
- Dial Tone Choir | Cassette Weather | 2019
Paper Lanterns: 78 Eb major .35 .4
Second-hand Umbrella: 72 C dorian .2 .25
Corner Table: 86 F major .6 .55
- Late Bus Home | Window Seat | 2022
Rain on the Timetable: 68 A minor .15 .15
Orange Light: 82 Bb major .5 .5
Nobody at the Laundromat: 76 G dorian .4 .3
= techno | Techno
- Basis | Concrete Garden | 1996
Platform Nine: 128 A minor .6 .45
Night Shift: 124 F phrygian .45 .2
Welding: 136 E minor .95 .75
- Unit Forty | Signals | 2014
Grey Room: 122 C minor .35 .15
Lattice: 130 G dorian .7 .65
Ultraviolet: 134 D minor .85 .95
= nocturne | Piano
- Ilse Varga | Rooms at Night | 1983
The Lamp by the Stairs: 63 Db major .2 .3
Letters Not Sent: 59 C minor .1 .15
Moths: 76 A minor .55 .55
- Tomas Lind | Snowmelt | 2011
First Thaw: 70 E major .4 .6
Empty Orchard: 57 F minor .05 .1
Skating Lesson: 92 G lydian .75 .8
= drumbass | Drum & bass
- Night Kestrel | Ringway | 1997
Motorway at Night: 168 F minor .55 .3
Glass Stairwell: 172 C dorian .7 .6
Red Signal: 176 E phrygian .95 .5
- Fathom | Pressure | 2016
Soft Landing: 164 Ab major .4 .55
Undertow: 170 D minor .75 .25
Overclock: 174 A minor .9 .9
= chamber | Chamber
- Quartet Aurelia | Four Seasons of Rain | 1964
Pavane for a Closed Theatre: 60 D minor .15 .25
March of the Clockmakers: 108 G major .7 .7
Vespers: 57 A harmonic .1 .2
- The Meridian Players | Geometry | 1992
Allegro for Swallows: 132 D major .9 .9
Canon at the Window: 84 Bb major .4 .5
Winter Accounts: 72 E harmonic .3 .35
= dub | Dub
- Harbour Sound | Low Tide | 1977
Tin Roof: 72 A dorian .45 .45
Slow Harbour: 66 G minor .2 .2
Mango Season: 80 D mixolydian .7 .7
- Echo Warden | Version Excursion | 1982
Night Watchman Version: 68 E minor .3 .15
Salt & Diesel: 76 C dorian .55 .35
Lighthouse Skank: 84 F mixolydian .8 .8
= ambient | Ambient
- Coastal Static | Northern Rooms | 1987
Low Cloud: 56 D lydian .1 .3
The Sea Is a Machine: 50 A minor .05 .1
Glasshouse: 66 E major .3 .7
- Pale Meridian | Slow Light | 2020
Harmattan: 58 C dorian .15 .4
What the Snow Kept: 48 F minor .02 .2
Aurora Relay: 76 G lydian .5 .9
= chip | Chiptune
- Bit Sparrow | Save Point | 1989
Pocket Kingdom: 138 C major .6 .6
Cave of Batteries: 104 A minor .3 .35
Boss on Floor Nine: 168 E harmonic .95 .8
- Kilobyte Kid | Continue? | 2005
Moon Delivery: 122 F lydian .4 .5
Turbo Orchard: 154 G mixolydian .8 .9
Password Screen: 92 D dorian .15 .3
= jazz | Jazz
- The Quiet Hours | Ninety Minutes | 1959
Half Past Blue: 112 F major .4 .35
Left-hand Street: 148 Bb mixolydian .7 .55
Smoke Ring: 76 D dorian .15 .2
- Trio Almada | Salt Garden | 1966
Praia Vazia: 124 A minor .35 .5
Window over Lapa: 138 D major .6 .7
The Gardener Dances: 152 G major .8 .85
"""


def _read(source: str) -> list[Piece]:
    pieces: list[Piece] = []
    style = genre = artist = album = year = ""
    track = 0
    for line in source.strip().splitlines():
        if line.startswith("= "):
            style, genre = line[2:].split(" | ")
        elif line.startswith("- "):
            artist, album, year = line[2:].split(" | ")
            track = 0
        else:
            title, numbers = line.rsplit(": ", 1)
            bpm, root, mode, energy, bright = numbers.split()
            track += 1
            pieces.append(
                Piece(
                    title,
                    artist,
                    album,
                    int(year),
                    track,
                    genre,
                    style,
                    float(bpm),
                    _NOTES[root],
                    mode,
                    float(energy),
                    float(bright),
                )
            )
    # One of each style before the second of any: variety from the first minute.
    styles = list(dict.fromkeys(p.style for p in pieces))
    by_style = [[p for p in pieces if p.style == s] for s in styles]
    return [group[i] for i in (0, 3, 1, 4, 2, 5) for group in by_style]


CATALOGUE: tuple[Piece, ...] = tuple(_read(_SOURCE))
