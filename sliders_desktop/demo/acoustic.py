"""Wood and wire of the demo: folk fingerpicking and a jazz trio."""

import numpy as np

from sliders_desktop.demo import drums, instruments
from sliders_desktop.demo.catalogue import Piece
from sliders_desktop.demo.desk import Desk
from sliders_desktop.demo.filters import filtered, shaped
from sliders_desktop.demo.frame import Frame, hits, play
from sliders_desktop.demo.sources import Audio
from sliders_desktop.demo.theory import Key, Note, lead, progression, tune


def _wooden(strip: Audio, bright: float) -> Audio:
    """The body of a guitar: two low resonances, and a little less of what is harsh."""
    body = [(0.9, "bandpass", (85.0, 130.0)), (0.7, "bandpass", (180.0, 300.0))]
    return shaped(strip, [*body, (1.0, "lowpass", 3500 + 6500 * bright)], 0.12 * bright)


def folk(piece: Piece) -> Audio:
    """A fingerpicked guitar in three or six, a tune on a second string or a whistle, a drone."""
    beats = 3 if piece.energy < 0.6 else 6
    frame = Frame.of(piece, beats) if beats == 3 else _doubled(piece)
    desk = Desk(frame.seconds, piece.seed)
    rng, key = desk.rng, piece.key
    degrees = progression(key, frame.bars, rng)
    chords = [key.chord(d) for d in degrees]
    voices = lead(chords, 55, 72)

    order = [(0, 1, 2, 1, 2), (1, 2, 0, 2, 1), (2, 1, 0, 1, 2)][int(rng.integers(3))]
    picking: list[Note] = []
    for bar, (chord, voicing) in enumerate(zip(chords, voices, strict=True)):
        base = bar * beats
        root = chord[0] + (12 if chord[0] < 40 else 0)
        low = root if bar % 2 == 0 or piece.energy < 0.3 else root + 7
        picking.append(Note(base, beats * 0.95, low, 0.9))
        step = beats / 6
        for i, finger in enumerate(order):
            velocity = 0.55 + 0.12 * (i == 2) + float(rng.uniform(-0.05, 0.05))
            at = base + (i + 1) * step
            picking.append(Note(at, beats - (i + 1) * step + 0.4, voicing[finger], velocity))
        if bar == frame.bars - 1:
            picking += [Note(base + 0.06 * i, beats, p, 0.8) for i, p in enumerate(voicing)]
    tone = 0.25 + 0.5 * piece.bright
    guitar = play(
        desk,
        frame,
        picking,
        lambda p, s, v: instruments.pluck(p, s, tone * (0.7 + 0.3 * v)),
        -0.25,
        0.007,
        spread=0.25,
    )

    density = 1 if piece.energy < 0.75 else 2
    melody = tune(
        rng, key, chords, beats, 67, 84, 0 if piece.energy < 0.25 else density, "AABC", breath=0.12
    )
    melody = [n for n in melody if n.beat >= 2 * beats]
    if piece.artist == "Wren Hollow":
        voice = play(
            desk, frame, melody, lambda p, s, v: instruments.breath(p, s, 0.05), 0.2, 0.008
        )
        desk.out(filtered(voice, "lowpass", 5000.0), -24, hall=0.4)
    else:
        steel = 0.45 + 0.45 * piece.bright
        voice = play(
            desk,
            frame,
            melody,
            lambda p, s, v: instruments.pluck(p, s + 0.5, steel, 0.15),
            0.3,
            0.008,
        )
        desk.out(_wooden(voice, 0.4 + 0.6 * piece.bright), -22, hall=0.3)

    if piece.energy > 0.3:
        drone = [
            Note(bar * beats, beats, c[0] - (12 if c[0] > 42 else 0), 0.7)
            for bar, c in enumerate(chords)
        ]
        bass = play(desk, frame, drone, lambda p, s, v: instruments.low_string(p + 12, s, 0.2))
        desk.out(bass, -25)
    if piece.energy > 0.6:
        kit = desk.strip()
        body = range(4, frame.bars)
        hits(desk, frame, kit, [drums.tom(82, 0.3)], "X..x..", body, 0.9)
        hits(desk, frame, kit, [drums.shaker(0.08, s) for s in (7, 17)], "xoxXox", body, 0.35, 0.3)
        desk.out(kit, -27 + 4 * (piece.energy - 0.6), hall=0.15)
    desk.out(_wooden(guitar, piece.bright), -20, hall=0.18)
    return desk.master(1.5, 0.3 + 0.4 * piece.bright, loudness_db=-18.4 + 2 * piece.energy)


def _doubled(piece: Piece) -> Frame:
    """Six quick beats a bar: the tempo counts groups of three as one and a half beats."""
    beat_s = 60 / piece.bpm / 2
    bars = round(26.0 / (6 * beat_s) / 4) * 4
    return Frame(bars, 6, beat_s, 2.5)


def _changes(key: Key, bars: int, rng: np.random.Generator) -> list[int]:
    """Jazz turns its phrases by ii–V: the last two bars of every four lead home."""
    plain = progression(key, bars, rng)
    return [
        (1 if i % 4 == 2 else 4) if i % 4 >= 2 and i < bars - 1 else d for i, d in enumerate(plain)
    ]


def _walk(key: Key, chords: list[list[int]], rng: np.random.Generator) -> list[Note]:
    """Four to the bar: root, chord tones, and a half step into the next root."""
    line: list[Note] = []
    for bar, chord in enumerate(chords):
        root = chord[0] if chord[0] < 46 else chord[0] - 12
        ahead = chords[(bar + 1) % len(chords)][0]
        ahead = ahead if ahead < 46 else ahead - 12
        third, fifth = root + chord[1] - chord[0], root + chord[2] - chord[0]
        middle = [third, fifth] if rng.random() < 0.6 else [fifth, root + 12]
        into = ahead + (1 if rng.random() < 0.5 else -1)
        for beat, pitch in enumerate((root, *middle, into)):
            line.append(Note(bar * 4 + beat, 0.95, pitch, 0.85 if beat % 2 else 0.75))
    return line


def jazz(piece: Piece) -> Audio:
    """Piano, bass and brushes, swinging; or bossa nova with a nylon guitar."""
    bossa = piece.artist == "Trio Almada"
    frame = Frame.of(piece, swing=0.0 if bossa else 0.9)
    desk = Desk(frame.seconds, piece.seed)
    rng, key = desk.rng, piece.key
    chords = [key.chord(d, 5) for d in _changes(key, frame.bars, rng)]
    voices = lead([c[1:] if bossa else [c[1], c[3], c[4]] for c in chords], 54, 71)
    warm = 0.2 + 0.6 * piece.bright

    if bossa:
        line = [
            Note(bar * 4 + at, length, c[i] - (12 if c[0] > 44 else 0), v)
            for bar, c in enumerate(chords)
            for at, length, i, v in (
                (0, 1.4, 0, 0.85),
                (1.5, 0.45, 2, 0.6),
                (2, 1.4, 2, 0.8),
                (3.5, 0.45, 0, 0.55),
            )
        ]
        steps = [(0.0, 0.9), (1.5, 0.7), (3.0, 0.45)], [(0.5, 0.9), (2.0, 0.9), (3.5, 0.5)]
    else:
        line = _walk(key, chords, rng)
        steps = [(0.0, 0.6), (1.5, 0.4)], [(1.5, 1.2)]
        if piece.energy > 0.5:
            steps = [(0.5, 0.3), (2.5, 0.4)], [(0.0, 0.3), (1.5, 0.3), (3.5, 0.4)]
    bass = play(
        desk, frame, line, lambda p, s, v: instruments.low_string(p, s, 0.35), loose_s=0.005
    )
    comp = [
        Note(bar * 4 + at, length, pitch, 0.5 + float(rng.uniform(-0.06, 0.06)))
        for bar, voicing in enumerate(voices)
        for at, length in steps[bar % 2]
        for pitch in voicing
    ]
    melody = tune(rng, key, chords, 4, 65, 84, 0 if piece.energy < 0.2 else 1, "ABAC", breath=0.15)
    melody = [n for n in melody if n.beat >= (0 if piece.energy < 0.2 else 8)]

    kit = desk.strip()
    body = range(0 if piece.energy > 0.3 else 2, frame.bars)
    if bossa:
        nylon = 0.35 * warm + 0.1
        chordal = play(desk, frame, comp, lambda p, s, v: instruments.pluck(p, s, nylon), -0.3)
        chordal = _wooden(chordal, warm)
        solo = play(desk, frame, melody, lambda p, s, v: instruments.breath(p, s, 0.0), 0.2, 0.01)
        if piece.energy > 0.5:
            solo = play(
                desk, frame, melody, lambda p, s, v: instruments.bell(p, s + 0.9, warm), 0.2
            )
        hits(desk, frame, kit, [drums.rim(1700)], "X..x..x...x..x..", body, 0.4, 0.3)
        seeds = [drums.shaker(0.08, s) for s in (7, 17)]
        hits(desk, frame, kit, seeds, "xoXoxoXoxoXoxoXo", body, 0.4, -0.3)
        hits(desk, frame, kit, [drums.kick(55, 0.1, 0.25)], "X..xX..xX..xX..x", body, 0.5)
    else:
        chordal = play(desk, frame, comp, instruments.piano, -0.2, spread=0.3)
        solo = play(desk, frame, melody, instruments.piano, -0.05, 0.01, spread=0.3)
        sweep = [drums.brush(frame.beat_s * 0.8, s) for s in (6, 16)]
        hits(desk, frame, kit, sweep, "xXxX", body, 0.55, -0.15, 0.01)
        if piece.energy > 0.3:
            hits(
                desk,
                frame,
                kit,
                [drums.ride()],
                "x.xxx.xx" if piece.energy > 0.5 else "x.x.x.x.",
                body,
                0.4,
                0.35,
            )
        hits(desk, frame, kit, [drums.hat(0.03, 0.4)], ".x.x", body, 0.35, 0.2)
        hits(desk, frame, kit, [drums.kick(50, 0.1, 0.25)], "o.o.", body, 0.35)

    desk.out(bass, -20)
    desk.out(chordal, -23, hall=0.15)
    desk.out(solo, -20, hall=0.22)
    desk.out(kit, (-29 if bossa else -33) + 6 * piece.energy, hall=0.1)
    return desk.master(
        1.1,
        0.25 + 0.3 * piece.bright,
        loudness_db=-18 + 1.5 * piece.energy,
        lowpass=5000 + 10_000 * piece.bright,
    )
