"""What the demo's composers know of harmony: keys, chords, voice leading, motifs and melodies.

Pitches are MIDI numbers, time is in beats; everything random comes from the generator passed in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MODES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "harmonic": (0, 2, 3, 5, 7, 8, 11),
}

# One degree per bar, four bars to a phrase; degree 0 is the tonic.
PROGRESSIONS: dict[str, tuple[tuple[int, ...], ...]] = {
    "major": ((0, 4, 5, 3), (0, 5, 3, 4), (0, 2, 3, 4), (0, 3, 1, 4), (5, 3, 0, 4)),
    "minor": ((0, 5, 2, 6), (0, 3, 5, 6), (0, 2, 6, 3), (0, 5, 3, 6), (0, 3, 0, 6)),
    "dorian": ((0, 3, 0, 6), (0, 6, 3, 0), (0, 2, 3, 6), (0, 1, 3, 6)),
    "mixolydian": ((0, 6, 3, 0), (0, 3, 6, 3), (0, 4, 6, 3)),
    "lydian": ((0, 1, 5, 4), (0, 4, 1, 2), (0, 1, 2, 4)),
    "phrygian": ((0, 1, 0, 6), (0, 5, 1, 0), (0, 1, 6, 0)),
    "harmonic": ((0, 3, 4, 0), (0, 5, 3, 4), (0, 3, 0, 4)),
}

# Rhythm cells by density: each fills a beat or two.
_CELLS: tuple[tuple[tuple[float, ...], ...], ...] = (
    ((2.0,), (1.0, 1.0), (1.5, 0.5)),
    ((1.0,), (0.5, 0.5), (1.5, 0.5), (1.0, 1.0)),
    ((0.5, 0.5), (1.0,), (0.75, 0.25), (0.5, 0.25, 0.25)),
)


@dataclass(frozen=True)
class Note:
    """One sounding tone."""

    beat: float
    length: float
    pitch: int
    velocity: float = 0.8


@dataclass(frozen=True)
class Key:
    """A tonic (MIDI number, lowest octave used) and a mode."""

    root: int
    mode: str

    def pitch(self, degree: int) -> int:
        """MIDI number of a scale degree; degree 7 is the tonic an octave up."""
        octave, step = divmod(degree, 7)
        return self.root + 12 * octave + MODES[self.mode][step]

    def chord(self, degree: int, size: int = 3) -> list[int]:
        """Thirds stacked on a degree: 3 a triad, 4 a seventh, 5 a ninth."""
        notes = [self.pitch(degree + 2 * i) for i in range(size)]
        if size > 4 and notes[4] - notes[0] == 13:
            notes[4] = notes[2] + 12  # a ninth a half step above the root grates
        return notes

    def nearest(self, pitch: float, among: Sequence[int] | None = None) -> int:
        """The pitch of the scale, or of the pitch classes ``among``, closest to ``pitch``."""
        if among is None:
            among = [self.root + s for s in MODES[self.mode]]
        classes = {p % 12 for p in among}
        near = range(round(pitch) - 6, round(pitch) + 7)
        return min((p for p in near if p % 12 in classes), key=lambda p: (abs(p - pitch), p))

    def step(self, pitch: int, steps: int) -> int:
        """``steps`` scale steps away from ``pitch``, which is first drawn onto the scale."""
        pitch = self.nearest(pitch)
        scale = [self.root % 12 + s for s in MODES[self.mode]]
        index = next(i for i, s in enumerate(scale) if s % 12 == pitch % 12)
        base = pitch - MODES[self.mode][index]
        octave, step = divmod(index + steps, 7)
        return base + 12 * octave + MODES[self.mode][step]


def progression(key: Key, bars: int, rng: np.random.Generator) -> list[int]:
    """A degree per bar: phrases A A B A of four bars, coming home at the end."""
    pool = PROGRESSIONS[key.mode]
    order = rng.permutation(len(pool))
    a, b = pool[order[0]], pool[order[1]]
    degrees = [d for i in range(-(-bars // 4)) for d in (b if i % 4 == 2 else a)][:bars]
    degrees[-1] = 0
    return degrees


def lead(chords: Sequence[Sequence[int]], low: int, high: int) -> list[list[int]]:
    """Close voicings between ``low`` and ``high``, each as near as can be to the one before."""
    voiced: list[list[int]] = []
    previous: list[float] = []
    for chord in chords:
        candidates: list[list[int]] = []
        for bottom in range(low, low + 12):
            if bottom % 12 not in {p % 12 for p in chord}:
                continue
            rest = sorted((p - bottom) % 12 for p in chord)
            candidates.append([bottom + r for r in dict.fromkeys(rest)])
        if not previous:
            middle = (low + high) / 2
            previous = [middle] * len(candidates[0])

        def distance(notes: list[int], before: list[float] = previous) -> float:
            over = max(0, notes[-1] - high)
            moved = sum(min(abs(n - b) for b in before) for n in notes)
            drift = abs(sum(notes) / len(notes) - sum(before) / len(before))
            return drift + 3.0 * over + moved

        best = min(candidates, key=distance)
        voiced.append(best)
        previous = [float(p) for p in best]
    return voiced


def motif(rng: np.random.Generator, beats: float, density: int) -> list[tuple[float, float, int]]:
    """(onset, length, scale steps from the first note), about ``beats`` long."""
    cells = _CELLS[density]
    notes: list[tuple[float, float, int]] = []
    onset, step, leapt = 0.0, 0, 0
    while onset < beats - 1e-6:
        for length in cells[rng.integers(len(cells))]:
            if onset >= beats - 1e-6:
                break
            length = min(length, beats - onset)
            notes.append((onset, length, step))
            onset += length
            # After a leap the line turns back by step, as singers like it.
            free = int(rng.choice((-2, -1, -1, 1, 1, 2, 3, -3, 0)))
            move = -int(np.sign(leapt)) if leapt else free
            leapt = move if abs(move) == 3 else 0
            step = int(np.clip(step + move, -4, 4))
    return notes


def tune(
    rng: np.random.Generator,
    key: Key,
    chords: Sequence[Sequence[int]],
    beats: float,
    low: int,
    high: int,
    density: int = 1,
    form: str = "AABA",
    breath: float = 0.0,
) -> list[Note]:
    """A melody over one chord per bar: each letter of ``form`` is a motif, varied as it returns.

    ``breath`` is the chance that a bar after the first stays silent.
    """
    motifs = {letter: motif(rng, beats, density) for letter in sorted(set(form))}
    notes: list[Note] = []
    centre = (low + high) / 2
    at = centre
    for bar, chord in enumerate(chords):
        phrase_end = bar % 4 == 3 or bar == len(chords) - 1
        if bar and not phrase_end and rng.random() < breath:
            continue
        arch = 2.5 * np.sin(np.pi * (bar % 8) / 7)
        anchor = key.nearest(0.6 * at + 0.4 * centre + arch, chord)
        shape = motifs[form[bar % len(form)]]
        if phrase_end:
            shape = [n for n in shape if n[0] < beats / 2]
            onset, _, step = shape[-1]
            shape[-1] = (onset, beats - onset, step)
        for onset, length, step in shape:
            pitch = key.step(anchor, step)
            last = phrase_end and onset == shape[-1][0]
            if last or onset == 0 or (onset % 1 == 0 and rng.random() < 0.6):
                pitch = key.nearest(pitch, chord)
            while pitch > high:
                pitch -= 12
            while pitch < low:
                pitch += 12
            accent = 0.9 if onset == 0 else 0.7 + 0.1 * (onset % 1 == 0)
            velocity = float(accent + rng.uniform(-0.06, 0.06))
            notes.append(Note(bar * beats + onset, length, pitch, velocity))
            at = float(pitch)
    return notes
