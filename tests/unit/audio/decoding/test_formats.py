"""What each format promises: an album joins to the sample, and every seek meets its sample.

One wave is cut into twelve tracks of odd lengths, and each is encoded for itself. What is decoded
must be as long as the track and begin where it began; lossless, it must be the wave again.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import mutagen.mp4
import numpy as np
import pytest
import soundfile as sf
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3, TIT2

from sliders_desktop.audio.decoding.sources import Block
from sliders_desktop.audio.files import Decoder
from tests import songs
from tests.unit.audio.decoding.reading import read_all

Write = Callable[[Path, Block, int], object]


def by_soundfile(kind: str, subtype: str, **options: object) -> Write:
    def write(path: Path, wave: Block, rate: int) -> None:
        with sf.SoundFile(path, "w", rate, wave.shape[1], subtype, format=kind, **options) as file:
            for start in range(0, len(wave), 65536):
                file.write(wave[start : start + 65536])

    return write


def by_ffmpeg(container: str, codec: str, depth: str | None = None, **options: str) -> Write:
    lossy = codec in ("aac", "libmp3lame", "libopus", "wmav1", "wmav2")

    def write(path: Path, wave: Block, rate: int) -> None:
        bit_rate = 192_000 if lossy else None
        songs.encode(path, wave, rate, container, codec, depth=depth, bit_rate=bit_rate, **options)

    return write


@dataclass(frozen=True)
class Format:
    suffix: str
    write: Write
    bits: int = 0  # of the lossless; 0: lossy
    rate: int = 44100
    late: int = 0  # samples that begin it and that nothing tells of
    padded: int = 0  # samples that may end it and that nothing tells of
    blurred: bool = False  # a place is only known to the millisecond


def depths(suffix: str, kind: str, least: str) -> dict[str, Format]:
    names = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 24, "FLOAT": 24, "DOUBLE": 24, least: 8}
    return {
        f"{suffix[1:]} {name}": Format(suffix, by_soundfile(kind, name), bits)
        for name, bits in names.items()
    }


# No noise in the place of sound, which is another one each time.
AAC = {"aac_pns": "0"}

FORMATS = {
    **depths(".wav", "WAV", "PCM_U8"),
    **depths(".aiff", "AIFF", "PCM_S8"),
    "rf64": Format(".wav", by_soundfile("RF64", "PCM_16"), 16),
    "caf": Format(".caf", by_soundfile("CAF", "PCM_16"), 16),
    "caf alac": Format(".caf", by_soundfile("CAF", "ALAC_16"), 16),
    "au": Format(".au", by_soundfile("AU", "PCM_16"), 16),
    "flac 16": Format(".flac", by_soundfile("FLAC", "PCM_16"), 16),
    "flac 24": Format(".flac", by_soundfile("FLAC", "PCM_24"), 24),
    "flac ffmpeg": Format(".flac", by_ffmpeg("flac", "flac", "s16"), 16),
    "ogg flac": Format(".oga", by_ffmpeg("ogg", "flac", "s16"), 16),
    "alac 16": Format(".m4a", by_ffmpeg("ipod", "alac", "s16p"), 16),
    "alac 24": Format(".m4a", by_ffmpeg("ipod", "alac", "s32p"), 24),
    "wv 8": Format(".wv", by_ffmpeg("wv", "wavpack", "u8p"), 8),
    "wv 16": Format(".wv", by_ffmpeg("wv", "wavpack", "s16p"), 16),
    "wv 32": Format(".wv", by_ffmpeg("wv", "wavpack", "s32p"), 24),
    "wv float": Format(".wv", by_ffmpeg("wv", "wavpack", "fltp"), 24),
    "tta 16": Format(".tta", by_ffmpeg("tta", "tta", "s16"), 16),
    "tta 24": Format(".tta", by_ffmpeg("tta", "tta", "s32"), 24),
    "mp4 flac": Format(".mp4", by_ffmpeg("mp4", "flac", "s16"), 16),
    "mka flac": Format(".mka", by_ffmpeg("matroska", "flac", "s16"), 16),
    "mka wavpack": Format(".mka", by_ffmpeg("matroska", "wavpack", "s16p"), 16),
    "mka alac": Format(".mka", by_ffmpeg("matroska", "alac", "s16p"), 16),
    "mka pcm": Format(".mka", by_ffmpeg("matroska", "pcm_s24le"), 24),
    "mp3 CBR": Format(".mp3", by_soundfile("MP3", "MPEG_LAYER_III", bitrate_mode="CONSTANT")),
    "mp3 VBR": Format(".mp3", by_soundfile("MP3", "MPEG_LAYER_III", bitrate_mode="VARIABLE")),
    "mp3 ABR": Format(".mp3", by_soundfile("MP3", "MPEG_LAYER_III", bitrate_mode="AVERAGE")),
    "mp3 without header": Format(
        ".mp3", by_ffmpeg("mp3", "libmp3lame", _write_xing="0"), late=1105, padded=2 * 1152
    ),
    "mka mp3": Format(".mka", by_ffmpeg("matroska", "libmp3lame")),
    "m4a aac": Format(".m4a", by_ffmpeg("ipod", "aac", **AAC)),
    "m4a aac, moov first": Format(".m4a", by_ffmpeg("ipod", "aac", _movflags="faststart", **AAC)),
    "mp4 opus": Format(".mp4", by_ffmpeg("mp4", "libopus"), rate=48000),
    "raw aac": Format(".aac", by_ffmpeg("adts", "aac", **AAC), late=1024, padded=1024),
    "ogg vorbis": Format(".ogg", by_soundfile("OGG", "VORBIS")),
    "opus": Format(".opus", by_soundfile("OGG", "OPUS"), rate=48000),
    "opus ffmpeg": Format(".opus", by_ffmpeg("opus", "libopus"), rate=48000),
    "webm opus": Format(".webm", by_ffmpeg("webm", "libopus"), rate=48000),
    "mka opus": Format(".mka", by_ffmpeg("matroska", "libopus"), rate=48000),
    "mka vorbis": Format(".mka", by_ffmpeg("matroska", "vorbis"), padded=64, blurred=True),
    "wma 1": Format(".wma", by_ffmpeg("asf", "wmav1"), padded=2047),
    "wma 2": Format(".wma", by_ffmpeg("asf", "wmav2"), padded=2047),
}
EACH = pytest.mark.parametrize("name", FORMATS)


@lru_cache
def music(count: int, rate: int, bits: int) -> Block:
    """Noise without much treble, which codecs keep, under a rising tone; at most so many bits."""
    rng = np.random.default_rng(1)
    kernel = np.hanning(9) / np.hanning(9).sum()
    noise = [np.convolve(rng.standard_normal(count), kernel, "same") for _ in range(2)]
    wave = 0.1 * np.stack(noise, axis=1) + 0.3 * songs.sweep(count / rate, rate)[:count, None]
    steps = 2.0 ** ((bits or 16) - 1)
    exact = (np.round(np.clip(wave, -0.99, 0.99) * steps) / steps).astype(np.float32)
    exact.setflags(write=False)
    return exact


def heard(path: Path, rate: int) -> Block:
    with Decoder(path, rate) as decoder:
        whole = read_all(decoder)
        assert decoder.frames in (len(whole), None)
    return whole


def delay(late: Block, wave: Block) -> int:
    """By how many samples the one comes later than the other: where the correlation peaks."""
    n = 2 ** (max(len(late), len(wave)) * 2).bit_length()
    spectra = np.fft.rfft(late[:, 0], n) * np.fft.rfft(wave[:, 0], n).conj()
    at = int(np.fft.irfft(spectra).argmax())
    return at if at < n // 2 else at - n


@EACH
def test_an_album_of_twelve_tracks_joins_without_a_sample_lost_or_added(
    name: str, tmp_path: Path
) -> None:
    format = FORMATS[name]
    lengths = np.random.default_rng(2).integers(6_000, 14_000, 12) | 1
    wave = music(int(lengths.sum()), format.rate, format.bits)
    decoded = []
    for i, track in enumerate(np.split(wave, np.cumsum(lengths)[:-1])):
        path = tmp_path / f"{i}{format.suffix}"
        format.write(path, track, format.rate)
        decoded.append(heard(path, format.rate))
        added = len(decoded[-1]) - len(track) - format.late
        assert 0 <= added <= format.padded
        assert delay(decoded[-1], track) == format.late
    if format.bits:
        np.testing.assert_array_equal(np.concatenate(decoded), wave)


def assert_seeks(path: Path, rate: int, blurred: bool = False) -> None:
    """After a seek anywhere comes what the straight way had there."""
    whole = heard(path, rate)
    end = len(whole) / rate
    places = [0, 0.001, 0.49, 0.5, 0.51, end - 1 / rate, end - 0.01, end - 0.2]
    places += list(np.random.default_rng(3).uniform(0, end, 8))
    with Decoder(path, rate) as decoder:
        for second in places:
            decoder.seek(second)
            part = read_all(decoder, 4096)
            wanted = whole[round(second * rate) :][:4096]
            if blurred and second > 0.5:
                assert abs(len(part) - len(wanted)) <= rate / 1000
                assert len(part) < 4096 or abs(delay(part, wanted)) <= rate / 1000
            else:
                np.testing.assert_allclose(part, wanted, atol=1e-5, err_msg=f"{second} s")
        decoder.seek(end + 5)
        assert not len(decoder.read())


@EACH
def test_after_a_seek_come_the_samples_of_that_place(name: str, tmp_path: Path) -> None:
    format = FORMATS[name]
    path = tmp_path / f"a{format.suffix}"
    format.write(path, music(3 * format.rate + 777, format.rate, format.bits), format.rate)
    assert_seeks(path, format.rate, format.blurred)


# --- MP3 -----------------------------------------------------------------------------------------


def test_tags_and_junk_around_an_mp3_change_nothing(tmp_path: Path) -> None:
    wave = music(30_001, 44100, 16)
    path = songs.write(tmp_path / "a.mp3", wave)
    plain = heard(path, 44100)
    assert len(plain) == len(wave)
    tags = ID3()
    tags.add(TIT2(text="long " * 4_000))
    tags.save(path, v1=2)
    ape = APEv2()
    ape["Title"] = "long " * 1_000
    ape.save(path)
    np.testing.assert_array_equal(heard(path, 44100), plain)
    tagged, start = path.read_bytes(), len(tags_of(path))
    path.write_bytes(tagged[:start] + bytes(range(250)) * 4 + tagged[start:])
    np.testing.assert_array_equal(heard(path, 44100), plain)
    assert_seeks(path, 44100)


def tags_of(path: Path) -> bytes:
    data = path.read_bytes()
    return data[: ID3(path).size]


def bare_mp3(path: Path, wave: Block) -> bytes:
    """Frames alone, of a varying bit rate that begins low: no tag says how many there are."""
    by_ffmpeg("mp3", "libmp3lame", _write_xing="0", _id3v2_version="0", abr="1")(path, wave, 44100)
    return path.read_bytes()


def test_an_mp3_that_does_not_tell_its_length_is_sought_to_its_end(tmp_path: Path) -> None:
    wave = music(4 * 44100, 44100, 16).copy()
    wave[: 2 * 44100] *= 0.001
    path = tmp_path / "a.mp3"
    bare_mp3(path, wave)
    with Decoder(path, 44100) as decoder:
        assert decoder.frames is None
        assert decoder.measure(lambda: None) >= len(wave)
    assert_seeks(path, 44100)


def test_fraunhofers_header_tells_the_length(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    frames = bare_mp3(path, music(40_000, 44100, 16))
    count = len(heard(path, 44100)) // 1152
    header = bytearray(417)  # a frame of 128 kbit/s
    header[:4] = b"\xff\xfb\x90\x64"
    vbri = struct.pack(">4sHHHIIHHHH", b"VBRI", 1, 0, 75, len(frames), count, 0, 1, 2, 1)
    header[36 : 36 + len(vbri)] = vbri
    path.write_bytes(header + frames)
    with Decoder(path, 44100) as decoder:
        assert decoder.frames == count * 1152
        assert len(read_all(decoder)) == count * 1152


# --- MP4 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("edit", ["0", "1"])
def test_itunes_note_tells_delay_and_length(edit: str, tmp_path: Path) -> None:
    wave = music(100_333, 44100, 16)
    path = songs.encode(
        tmp_path / "a.m4a", wave, 44100, "ipod", "aac", bit_rate=192_000, _use_editlist=edit, **AAC
    )
    delayed, padding = 1024, -(len(wave) + 1024) % 1024
    note = f" 00000000 {delayed:08X} {padding:08X} {len(wave):016X}" + " 00000000" * 8
    file = mutagen.mp4.MP4(path)
    file["----:com.apple.iTunes:iTunSMPB"] = [mutagen.mp4.MP4FreeForm(note.encode())]
    file.save()
    whole = heard(path, 44100)
    assert len(whole) == len(wave)
    assert delay(whole, wave) == 0
    assert_seeks(path, 44100)


@pytest.mark.parametrize("note", ["", "x", "0 0 0 zz", "0 0 0 0"])
def test_a_note_that_makes_no_sense_is_left_alone(note: str, tmp_path: Path) -> None:
    wave = music(30_001, 44100, 16)
    path = songs.write(tmp_path / "a", wave, format="m4a-aac")
    file = mutagen.mp4.MP4(path)
    file["----:com.apple.iTunes:iTunSMPB"] = [mutagen.mp4.MP4FreeForm(note.encode())]
    file.save()
    assert len(heard(path, 44100)) == len(wave)


# --- Monkey's Audio ------------------------------------------------------------------------------


def silent_ape(path: Path, count: int, rate: int = 44100) -> Path:
    """Frames marked as silence, which need no encoder: there is none at hand for any others."""
    block, frame = 73_728, struct.pack("<6I", 0x80000000, 3, 0, 0, 0, 0)
    frames = -(-count // block)
    table = [52 + 24 + 4 * frames + i * len(frame) for i in range(frames)]
    sizes = (52, 24, 4 * frames, 0, frames * len(frame), 0, 0)
    data = struct.pack("<4sHH7I16x", b"MAC ", 3990, 0, *sizes)
    data += struct.pack(
        "<HHIIIHHI", 1000, 0x20, block, count - (frames - 1) * block, frames, 16, 2, rate
    )
    path.write_bytes(data + struct.pack(f"<{frames}I", *table) + frame * frames)
    return path


def test_an_ape_is_as_long_as_it_says_from_any_place(tmp_path: Path) -> None:
    count = 7 * 44100 + 333
    with Decoder(silent_ape(tmp_path / "a.ape", count), 44100) as decoder:
        assert decoder.frames == count
        assert len(read_all(decoder)) == count
        for second in (3.0, 0.2, 6.9, 5.5, 0.0):
            decoder.seek(second)
            assert len(read_all(decoder)) == count - round(second * 44100)
