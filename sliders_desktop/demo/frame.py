"""The time frame of a piece: bars, beats, swing, and parts written note by note onto strips."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from sliders_desktop.demo.catalogue import Piece
from sliders_desktop.demo.desk import Desk
from sliders_desktop.demo.sources import Audio
from sliders_desktop.demo.theory import Note

Instrument = Callable[[int, float, float], Audio]
"""Renders one note from its pitch, seconds and velocity."""


@dataclass(frozen=True)
class Frame:
    """How long a piece is and where its beats fall."""

    bars: int
    beats: int
    beat_s: float
    tail_s: float
    swing: float = 0.0

    @classmethod
    def of(
        cls,
        piece: Piece,
        beats: int = 4,
        target_s: float = 26.0,
        tail_s: float = 2.5,
        swing: float = 0.0,
    ) -> "Frame":
        """Whole four-bar phrases, as near ``target_s`` as fits below forty seconds."""
        beat_s = 60 / piece.bpm
        bar_s = beats * beat_s
        most = int((39.5 - tail_s) / bar_s / 4) * 4
        bars = int(np.clip(round(target_s / bar_s / 4) * 4, 4, max(4, most)))
        return cls(bars, beats, beat_s, tail_s, swing)

    @property
    def seconds(self) -> float:
        return self.bars * self.beats * self.beat_s + self.tail_s

    def at(self, beat: float) -> float:
        """Seconds of a beat; off-beat eighths (and their sixteenths) lean late with ``swing``."""
        if self.swing:
            whole, part = divmod(beat, 1.0)
            middle = 0.5 + self.swing / 6
            part = part / 0.5 * middle if part < 0.5 else middle + (part - 0.5) * 2 * (1 - middle)
            beat = whole + part
        return beat * self.beat_s


def play(
    desk: Desk,
    frame: Frame,
    notes: list[Note],
    instrument: Instrument,
    pan: float = 0.0,
    loose_s: float = 0.006,
    legato: float = 0.95,
    spread: float = 0.0,
) -> Audio:
    """A strip with ``notes`` played by ``instrument(pitch, seconds, velocity)``.

    Lengths and velocities are rounded, so that notes that return are rendered once; ``loose_s``
    is how humanly late or early a note may come, ``spread`` pans by pitch.
    """
    strip = desk.strip()
    sound = cache(instrument)
    for note in notes:
        seconds = max(0.05, round(note.length * frame.beat_s * legato / 0.04) * 0.04)
        velocity = round(note.velocity * 5) / 5
        tone = sound(note.pitch, round(seconds, 3), velocity)
        late = float(desk.rng.normal(0, loose_s)) if loose_s else 0.0
        where = float(np.clip(pan + spread * (note.pitch - 62) / 24, -0.9, 0.9))
        gain = 0.35 + 0.65 * note.velocity
        desk.put(strip, tone, frame.at(note.beat) + max(-0.01, late), gain, where)
    return strip


def hits(
    desk: Desk,
    frame: Frame,
    strip: Audio,
    sounds: list[Audio],
    pattern: str,
    bars: range,
    gain: float = 1.0,
    pan: float = 0.0,
    loose_s: float = 0.003,
) -> list[float]:
    """Write a drum pattern, one sign per equal step of a bar: ``X`` accent, ``x`` hit, ``o`` ghost.

    Returns the times of accents and hits.
    """
    levels = {"X": 1.0, "x": 0.72, "o": 0.36}
    times: list[float] = []
    for bar in bars:
        for i, sign in enumerate(pattern):
            if sign not in levels:
                continue
            at = frame.at(bar * frame.beats + i * frame.beats / len(pattern))
            at = max(0.0, at + float(desk.rng.normal(0, loose_s)))
            level = levels[sign] * float(desk.rng.uniform(0.9, 1.05))
            desk.put(strip, sounds[int(desk.rng.integers(len(sounds)))], at, gain * level, pan)
            if sign != "o":
                times.append(at)
    return times
