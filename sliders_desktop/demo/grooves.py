"""Slow grooves of the demo: lo-fi hip-hop and dub."""

import numpy as np

from sliders_desktop.demo import drums, instruments, sources
from sliders_desktop.demo.catalogue import Piece
from sliders_desktop.demo.desk import Desk, ducked
from sliders_desktop.demo.filters import filtered
from sliders_desktop.demo.frame import Frame, hits, play
from sliders_desktop.demo.sources import RATE, Audio
from sliders_desktop.demo.theory import Note, lead, progression, tune


def lofi(piece: Piece) -> Audio:
    """Electric-piano ninths, lazy drums, a short tune, dust and a tired motor."""
    frame = Frame.of(piece, swing=0.55)
    desk = Desk(frame.seconds, piece.seed)
    rng, key = desk.rng, piece.key
    degrees = progression(key, frame.bars, rng)
    chords = [key.chord(d, 5 if d in (0, 3) else 4) for d in degrees]
    voices = lead([c[1:] for c in chords], 55, 74)

    comp: list[Note] = []
    second = 2.5 if rng.random() < 0.5 else 1.5
    for bar, voicing in enumerate(voices):
        for i, pitch in enumerate(voicing):
            roll = i * 0.03
            comp.append(Note(bar * 4 + roll, second - 0.1, pitch, 0.55))
            if piece.energy > 0.18:
                comp.append(Note(bar * 4 + second + roll, 3.6 - second, pitch, 0.42))
    keys = play(desk, frame, comp, instruments.electric_piano, spread=0.5)
    keys *= 1 + np.float32(0.12) * sources.sine(4.1, desk.n) * np.array([[1], [-1]], np.float32)

    line: list[Note] = []
    for bar, chord in enumerate(chords):
        root = chord[0] if chord[0] < 44 else chord[0] - 12
        line += [Note(bar * 4, 1.4, root, 0.8), Note(bar * 4 + second, 1.0, root, 0.65)]
        if piece.energy > 0.3:
            line.append(Note(bar * 4 + 3.5, 0.45, root + (7 if rng.random() < 0.6 else 12), 0.5))
    bass = play(
        desk, frame, line, lambda p, s, v: instruments.low_string(p, s, 0.15), loose_s=0.004
    )

    form = "ABAC" if piece.energy > 0.4 else "AABA"
    melody = tune(rng, key, chords, 4, 67, 84, 1, form, breath=0.35)
    melody = [n for n in melody if n.beat >= 8]
    if piece.bright > 0.35:
        lead_part = play(desk, frame, melody, lambda p, s, v: instruments.pluck(p, s + 0.3, 0.55))
    else:
        lead_part = play(desk, frame, melody, lambda p, s, v: instruments.bell(p, s + 1.0, 0.3))

    kit = desk.strip()
    start = 0 if piece.energy > 0.45 else 2
    body = range(start, frame.bars)
    kick_steps = "X......x..X....." if rng.random() < 0.5 else "X.....x...X..o.."
    kicks = hits(desk, frame, kit, [drums.kick(50, 0.2)], kick_steps, body, 0.95)
    wires = [drums.snare(170, 0.25, 0.22, s) for s in (2, 12)]
    hits(desk, frame, kit, wires, "....X.......X..o", body, 0.6, 0.05, 0.007)
    closed = [drums.hat(0.035, 0.3, s) for s in (4, 14, 24)]
    steps = "x.x.x.x.x.x.x.x." if piece.energy < 0.5 else "x.xox.x.xoxox.xo"
    hits(desk, frame, kit, closed, steps, body, 0.24, 0.25, 0.006)

    desk.out(ducked(keys, kicks, 0.35, 0.12), -20, hall=0.22)
    desk.out(bass, -19)
    desk.out(lead_part, -23, hall=0.35, echo=0.3)
    desk.out(kit, -20 + 4 * piece.energy, hall=0.08)
    desk.out(_dust(desk), -47 - 4 * piece.bright)
    cutoff = 3200 + 5500 * piece.bright
    desk.dry = _tired(desk.dry)
    loudness = -18 + 2 * piece.energy
    return desk.master(1.2, 0.3, frame.beat_s * 0.75, 0.35, loudness, lowpass=cutoff)


def _dust(desk: Desk) -> Audio:
    """Vinyl: sparse clicks over a soft hiss."""
    strip = 0.02 * desk.rng.standard_normal((2, desk.n), dtype=np.float32)
    where = desk.rng.integers(0, desk.n, int(desk.seconds * 11))
    size = desk.rng.exponential(1.0, len(where)).astype(np.float32)
    for side in range(2):
        strip[side, where] += size * desk.rng.uniform(0.4, 1, len(where)).astype(np.float32)
    return filtered(strip, "bandpass", (500.0, 6000.0))


def _tired(x: Audio) -> Audio:
    """Wow: the tape runs a little fast and slow."""
    n = x.shape[1]
    t = np.arange(n, dtype=np.float64)
    read = t + 55 * np.sin(2 * np.pi * 0.55 * t / RATE) + 9 * np.sin(2 * np.pi * 3.1 * t / RATE)
    read = np.clip(read, 0, n - 2)
    index = read.astype(np.intp)
    part = (read - index).astype(np.float32)
    return np.stack([side[index] * (1 - part) + side[index + 1] * part for side in x])


def dub(piece: Piece) -> Audio:
    """One drop, a bass line that tells the story, off-beat chords, a melodica, long echoes."""
    frame = Frame.of(piece, swing=0.35, tail_s=3.5)
    desk = Desk(frame.seconds, piece.seed)
    rng, key = desk.rng, piece.key
    degrees = progression(key, frame.bars, rng)
    degrees = [degrees[i // 2 * 2 % 4] for i in range(frame.bars - 1)] + [0]
    chords = [key.chord(d) for d in degrees]
    voices = lead(chords, 57, 72)

    rhythm = [(0.0, 0.9), (1.5, 0.45), (2.0, 0.9), (3.0, 0.45), (3.5, 0.45)]
    if piece.energy < 0.4:
        rhythm = [(0.0, 1.4), (1.5, 0.45), (2.5, 1.2)]
    picks = rng.integers(0, 3, len(rhythm))
    picks[0] = 0
    line: list[Note] = []
    for bar, chord in enumerate(chords):
        low = [p if p < 46 else p - 12 for p in (chord[0], chord[2], chord[1])]
        steps = picks if bar % 4 != 3 else np.roll(picks, 1)
        line += [
            Note(bar * 4 + at, length, low[pick], 0.85)
            for (at, length), pick in zip(rhythm, steps, strict=True)
        ]
    bass = play(desk, frame, line, lambda p, s, v: instruments.low_string(p, s, 0.05))

    skank = [
        Note(bar * 4 + beat + 0.5, 0.22, pitch, 0.8 if beat % 2 else 0.65)
        for bar, voicing in enumerate(voices)
        for beat in range(4)
        for pitch in voicing
    ]
    guitar = play(desk, frame, skank, lambda p, s, v: instruments.pluck(p, s, 0.75, 0.12), 0.45)
    guitar = filtered(guitar, "highpass", 350.0)
    bubble = [
        Note(bar * 4 + beat + off, 0.16, pitch - 12, 0.6)
        for bar, voicing in enumerate(voices)
        for beat in range(4)
        for off in (0.25, 0.5)
        for pitch in voicing
    ]
    organ = play(desk, frame, bubble, lambda p, s, v: instruments.organ(p, s), -0.4)

    kit = desk.strip()
    body = range(frame.bars)
    drop = "........X......." if piece.energy < 0.65 else "X...x...X...x..."
    hits(desk, frame, kit, [drums.kick(52, 0.3, 0.36)], drop, body, 1.0)
    hits(desk, frame, kit, [drums.rim(1500)], "........X.....o.", body, 0.55, 0.1)
    closed = [drums.hat(0.04, 0.2 + 0.5 * piece.bright, s) for s in (4, 14)]
    hits(desk, frame, kit, closed, "x.o.x.xox.o.x.x.", body, 0.3, -0.25, 0.005)
    throws = desk.strip()
    hits(desk, frame, throws, [drums.snare(200, 0.6)], "............X...", range(3, frame.bars, 4))
    hits(
        desk,
        frame,
        throws,
        [drums.tom(140), drums.tom(105)],
        ".............x.x",
        range(3, frame.bars, 4),
        0.7,
        -0.3,
    )

    melody = tune(rng, key, chords, 4, 64, 81, 0 if piece.energy < 0.4 else 1, "AB", breath=0.45)
    melody = [n for n in melody if n.beat >= 8]
    horn = play(desk, frame, melody, lambda p, s, v: instruments.breath(p, s, 0.9), -0.1)

    desk.out(bass, -17)
    desk.out(kit, -20, hall=0.1)
    desk.out(throws, -26, hall=0.3, echo=0.8)
    desk.out(guitar, -25 + 3 * piece.bright, hall=0.12, echo=0.25)
    desk.out(organ, -27 + 2 * piece.energy, hall=0.1)
    desk.out(horn, -25, hall=0.3, echo=0.55)
    loudness, cutoff = -17.6 + 2 * piece.energy, 4500 + 9000 * piece.bright
    return desk.master(2.2, piece.bright, frame.beat_s * 0.75, 0.62, loudness, 3.0, cutoff)
