"""Makes the music that tests use: known notes, known beats, every format, and broken files.

Everything is deterministic. Waves are (n,) or (n, channels) float32; `write` turns one into a file.
"""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import mutagen
import mutagen.asf
import mutagen.id3
import mutagen.mp4
import numpy as np
import soundfile as sf
from numpy.typing import NDArray

Wave = NDArray[np.float32]

# name: (suffix, writer, container or major format, codec or subtype)
FORMATS: dict[str, tuple[str, str, str, str]] = {
    "wav": (".wav", "soundfile", "WAV", "PCM_16"),
    "wav-float": (".wav", "soundfile", "WAV", "FLOAT"),
    "wav-24": (".wav", "soundfile", "WAV", "PCM_24"),
    "aiff": (".aiff", "soundfile", "AIFF", "PCM_16"),
    "flac": (".flac", "soundfile", "FLAC", "PCM_16"),
    "ogg": (".ogg", "soundfile", "OGG", "VORBIS"),
    "opus": (".opus", "soundfile", "OGG", "OPUS"),  # only 8, 12, 16, 24 and 48 kHz
    "mp3": (".mp3", "soundfile", "MP3", "MPEG_LAYER_III"),
    "m4a-aac": (".m4a", "av", "ipod", "aac"),
    "m4a-alac": (".m4a", "av", "ipod", "alac"),
    "wma": (".wma", "av", "asf", "wmav2"),
    "wv": (".wv", "av", "wv", "wavpack"),
    "mka": (".mka", "av", "matroska", "flac"),
}
LOSSLESS = ("wav", "wav-float", "wav-24", "aiff", "flac", "m4a-alac", "wv", "mka")

SEMITONE = 2.0 ** (1 / 12)


# --- waves ---------------------------------------------------------------------------------------


def _time(seconds: float, rate: int) -> NDArray[np.float64]:
    return np.arange(round(seconds * rate)) / rate


def silence(seconds: float = 1.0, rate: int = 44100) -> Wave:
    return np.zeros(round(seconds * rate), np.float32)


def tone(hz: float = 440.0, seconds: float = 1.0, rate: int = 44100, level: float = 0.4) -> Wave:
    """One sine without fades: a cut in it is a click, which is what some tests look for."""
    return (level * np.sin(2 * np.pi * hz * _time(seconds, rate))).astype(np.float32)


def chord(
    root_hz: float = 220.0,
    semitones: tuple[int, ...] = (0, 4, 7),
    seconds: float = 2.0,
    rate: int = 44100,
    level: float = 0.5,
) -> Wave:
    """Sines above ``root_hz``, each with two overtones, faded in and out over 5 ms."""
    t = _time(seconds, rate)
    wave = np.zeros_like(t)
    for step in semitones:
        for overtone in (1, 2, 3):
            hz = root_hz * SEMITONE**step * overtone
            if hz < rate / 2:
                wave += np.sin(2 * np.pi * hz * t + step) / overtone**2
    fade = np.clip(np.minimum(t, t[-1] - t) / 0.005, 0, 1) if len(t) else t
    peak = float(np.abs(wave).max()) if len(t) else 1.0
    return (level * fade * wave / peak).astype(np.float32)


def noise(seconds: float = 1.0, rate: int = 44100, level: float = 0.2, seed: int = 0) -> Wave:
    """White noise: correlates with nothing but itself, so any shift or gap is seen."""
    wave = np.random.default_rng(seed).standard_normal(round(seconds * rate), np.float32)
    return np.clip(level * wave, -1, 1, out=wave)


def clicks(bpm: float = 120.0, seconds: float = 4.0, rate: int = 44100, level: float = 0.8) -> Wave:
    """A short 1 kHz tick on every beat, the first at 0."""
    t = _time(seconds, rate)
    since = t % (60.0 / bpm)
    return (level * np.exp(-since / 0.01) * np.sin(2 * np.pi * 1000 * since)).astype(np.float32)


def sweep(seconds: float = 2.0, rate: int = 44100, level: float = 0.4) -> Wave:
    """From 50 Hz to 10 kHz: no two places sound alike, so a seek can be checked."""
    t = _time(seconds, rate)
    octaves = np.log(10_000 / 50)
    phase = 2 * np.pi * 50 * seconds / octaves * (np.exp(t / seconds * octaves) - 1)
    return (level * np.sin(phase)).astype(np.float32)


def stereo(left: Wave, right: Wave | None = None) -> Wave:
    """Two (n,) waves as one (n, 2); one alone is put on both sides."""
    return np.ascontiguousarray(np.stack([left, left if right is None else right], axis=1))


def song(title: str, seconds: float = 2.0, rate: int = 44100) -> Wave:
    """A piece that only this title has: its own chord, its own beat, a little of its own noise."""
    digest = hashlib.blake2b(title.encode(), digest_size=8).digest()
    third = 3 + digest[0] % 2
    root = 110.0 * SEMITONE ** (digest[1] % 24)
    wave = chord(root, (0, third, 7, 9 + digest[2] % 3), seconds, rate, level=0.35)
    wave += clicks(70 + digest[3] % 110, seconds, rate, level=0.25)
    wave += noise(seconds, rate, level=0.03, seed=int.from_bytes(digest[4:], "big"))
    return wave


# --- files ---------------------------------------------------------------------------------------


def write(
    path: Path, wave: Wave, rate: int = 44100, format: str | None = None, **tags: str | int
) -> Path:
    """Write ``wave`` as ``format`` (see `FORMATS`; else by the suffix), then `tag` it.

    A path without suffix gets the format's own.
    """
    if format is None:
        format = next(name for name, f in FORMATS.items() if f[0] == path.suffix.lower())
    suffix, writer, container, codec = FORMATS[format]
    if not path.suffix:
        path = path.with_name(path.name + suffix)
    path.parent.mkdir(parents=True, exist_ok=True)
    if writer == "soundfile":
        channels = 1 if wave.ndim == 1 else wave.shape[1]
        with sf.SoundFile(path, "w", rate, channels, codec, format=container) as file:
            for start in range(0, len(wave), 65536):  # libsndfile's Vorbis overflows on long writes
                file.write(wave[start : start + 65536])
    else:
        _write_av(path, wave, rate, container, codec)
    if tags:
        tag(path, **tags)
    return path


def _write_av(path: Path, wave: Wave, rate: int, container: str, codec: str) -> None:
    depth = {"alac": "s16p", "wavpack": "s16p", "flac": "s16"}.get(codec)
    bit_rate = 192_000 if codec in ("aac", "wmav2") else None
    encode(path, wave, rate, container, codec, depth=depth, bit_rate=bit_rate)


def encode(
    path: Path,
    wave: Wave,
    rate: int,
    container: str,
    codec: str,
    *,
    depth: str | None = None,
    layout: str | None = None,
    bit_rate: int | None = None,
    **options: str,
) -> Path:
    """Write ``wave`` by any encoder of ffmpeg; ``depth`` is its sample format, s16 and the like.

    Options of the container are named with a leading underscore.
    """
    planar = np.atleast_2d(np.ascontiguousarray(wave.T))  # (channels, n)
    layout = layout or {1: "mono", 2: "stereo", 6: "5.1"}[len(planar)]
    outer = {name[1:]: value for name, value in options.items() if name.startswith("_")}
    inner = {name: value for name, value in options.items() if not name.startswith("_")}
    with av.open(str(path), "w", format=container, options=outer) as file:
        stream: Any = file.add_stream(
            codec, rate=rate, layout=layout, options={"strict": "-2", **inner}
        )
        if bit_rate is not None:
            stream.bit_rate = bit_rate
        if depth is not None:
            stream.format = depth
        stream.codec_context.open(strict=False)
        # Some containers believe that all blocks are as long as the first.
        size = stream.codec_context.frame_size or 4096
        fitting = av.AudioResampler(stream.format.name, layout, rate, frame_size=size)
        # Packed, because eight planes are too many for PyAV.
        packed = np.ascontiguousarray(planar.T).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, "flt", layout)
        frame.rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        for given in (frame, None):
            for piece in fitting.resample(given):
                file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return path


_ID3 = {
    "title": "TIT2", "artist": "TPE1", "album": "TALB", "album_artist": "TPE2",
    "track_no": "TRCK", "disc_no": "TPOS", "year": "TDRC", "genre": "TCON",
}  # fmt: skip
_MP4 = {
    "title": "\xa9nam", "artist": "\xa9ART", "album": "\xa9alb", "album_artist": "aART",
    "year": "\xa9day", "genre": "\xa9gen", "track_no": "trkn", "disc_no": "disk",
}  # fmt: skip
_ASF = {
    "title": "Title", "artist": "Author", "album": "WM/AlbumTitle",
    "album_artist": "WM/AlbumArtist", "track_no": "WM/TrackNumber", "disc_no": "WM/PartOfSet",
    "year": "WM/Year", "genre": "WM/Genre",
}  # fmt: skip
_APE = {
    "title": "Title", "artist": "Artist", "album": "Album", "album_artist": "Album Artist",
    "track_no": "Track", "disc_no": "Disc", "year": "Year", "genre": "Genre",
}  # fmt: skip
_VORBIS = {
    "title": "title", "artist": "artist", "album": "album", "album_artist": "albumartist",
    "track_no": "tracknumber", "disc_no": "discnumber", "year": "date", "genre": "genre",
}  # fmt: skip


def tag(path: Path, **tags: str | int) -> Path:
    """Set title, artist, album, album_artist, track_no, disc_no, year, genre; retagging is fine."""
    file: Any = mutagen.File(path)  # type: ignore[attr-defined]
    if file is None:
        return path  # Matroska: mutagen cannot, and neither can most taggers
    if file.tags is None:
        file.add_tags()
    for name, value in tags.items():
        match file.tags:
            case mutagen.id3.ID3():
                frame = getattr(mutagen.id3, _ID3[name])
                file.tags.add(frame(encoding=3, text=[str(value)]))
            case mutagen.mp4.MP4Tags():
                numbered = name in ("track_no", "disc_no")
                file.tags[_MP4[name]] = [(int(value), 0)] if numbered else [str(value)]
            case mutagen.asf.ASFTags():
                file.tags[_ASF[name]] = [str(value)]
            case _:
                names = _APE if type(file.tags).__name__ == "APEv2" else _VORBIS
                file.tags[names[name]] = str(value)
    file.save()
    return path


# --- broken files --------------------------------------------------------------------------------


def truncate(path: Path, keep: float = 0.5) -> Path:
    """Cut the end off ``path``, as a broken download does."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    return path


def damage(path: Path, where: float = 0.5, length: int = 4096, seed: int = 0) -> Path:
    """Overwrite ``length`` bytes at the fraction ``where`` with garbage."""
    data = bytearray(path.read_bytes())
    start = int(len(data) * where)
    garbage = np.random.default_rng(seed).bytes(min(length, len(data) - start))
    data[start : start + len(garbage)] = garbage
    path.write_bytes(data)
    return path


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def text(path: Path) -> Path:
    """A text that calls itself music."""
    path.write_text("This is a shopping list, not music.\n" * 40, encoding="utf-8")
    return path


# --- libraries -----------------------------------------------------------------------------------

TITLES = (
    "Amber", "Birch", "Cinder", "Dune", "Ember", "Fjord", "Grove", "Harbour", "Iris", "Juniper",
    "Kelp", "Lichen", "Moor", "Nettle", "Osier", "Pine", "Quartz", "Reed", "Sedge", "Tarn",
)  # fmt: skip


@dataclass(frozen=True)
class Song:
    """One file of a made library and what it holds."""

    path: Path
    title: str
    artist: str
    album: str
    wave: Wave
    rate: int


def library(
    folder: Path,
    n: int = 12,
    seconds: float = 2.0,
    rate: int = 22050,
    formats: tuple[str, ...] = ("wav", "flac"),
) -> list[Song]:
    """``n`` distinct tagged tracks: artists of two albums, albums of three tracks, formats in turn.

    Files lie in ``folder/artist/album/``; each track's sound follows from its title (`song`).
    """
    made = []
    for i in range(n):
        album_no, track = divmod(i, 3)
        artist, album = f"Artist {album_no // 2 + 1}", f"Album {album_no + 1}"
        title = TITLES[i % len(TITLES)] + (f" {i // len(TITLES) + 1}" if i >= len(TITLES) else "")
        wave = song(title, seconds, rate)
        format = formats[i % len(formats)]
        name = f"{track + 1:02d} {title}{FORMATS[format][0]}"
        path = write(
            folder / artist / album / name, wave, rate, format,
            title=title, artist=artist, album=album, album_artist=artist, track_no=track + 1,
            year=1990 + album_no, genre=("Folk", "Techno", "Choral")[album_no // 2 % 3],
        )  # fmt: skip
        made.append(Song(path, title, artist, album, wave, rate))
    return made
