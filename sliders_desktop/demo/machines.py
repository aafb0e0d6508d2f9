"""The machines of the demo: techno and drum & bass."""

import numpy as np

from sliders_desktop.demo import drums, instruments
from sliders_desktop.demo.catalogue import Piece
from sliders_desktop.demo.desk import Desk, ducked
from sliders_desktop.demo.filters import filtered, swept
from sliders_desktop.demo.frame import Frame, Instrument, hits, play
from sliders_desktop.demo.sources import RATE, Audio
from sliders_desktop.demo.theory import Key, Note, lead, progression, tune


def techno(piece: Piece) -> Audio:
    """Four to the floor, an acid line that opens up, a chord that keeps coming back."""
    frame = Frame.of(piece, target_s=23.0, tail_s=2.0)
    desk = Desk(frame.seconds, piece.seed)
    rng, key = desk.rng, piece.key
    bars = frame.bars
    break_ = range(bars // 2 - 2, bars // 2)
    beat_bars = [b for b in range(bars) if b not in break_]

    kit, tops = desk.strip(), desk.strip()
    kicks: list[float] = []
    thud, clap = [drums.kick(46, 0.4 + 0.5 * piece.bright)], [drums.clap()]
    sizzle = [drums.hat(0.09, piece.bright)]
    closed = [drums.hat(0.025, piece.bright, s) for s in (4, 14, 24)]
    skins = [drums.tom(180), drums.tom(130)]
    for bar in beat_bars:
        one = range(bar, bar + 1)
        kicks += hits(desk, frame, kit, thud, "XXXX", one, loose_s=0.0)
        hits(desk, frame, tops, sizzle, "..x...x...x...x.", one, 0.5, 0.1, 0.0)
        if bar >= 2 and piece.energy > 0.4:
            hits(desk, frame, tops, clap, "....x.......x...", one, 0.9, -0.05, 0.0)
        if bar >= 4 and piece.energy > 0.65:
            hits(desk, frame, tops, closed, "xoxoxoxoxoxoxoxo", one, 0.4, 0.3, 0.001)
        if bar % 4 == 3 and piece.energy > 0.5:
            hits(desk, frame, tops, skins, "..........x..x.x", one, 0.5, -0.3)

    steps = [i for i in range(16) if i % 4 and rng.random() < 0.35 + 0.5 * piece.energy] or [2, 10]
    degrees = [int(rng.choice((0, 0, 0, 7, 4, 6, 2))) for _ in steps]
    low = key.root if key.root < 41 else key.root - 12
    acid = desk.strip()
    for bar in range(bars):
        opening = 0.5 - 0.5 * np.cos(2 * np.pi * bar / bars)
        top = round(float(350 + (500 + 3200 * piece.bright) * (0.25 + opening)), -1)
        line = [
            Note(bar * 4 + i / 4, 0.22, Key(low, piece.mode).pitch(d), 0.9 if i % 3 == 0 else 0.7)
            for i, d in zip(steps, degrees, strict=True)
        ]
        acid += play(desk, frame, line, _saw(120.0, top, 2.8, 0.11, 0.5), loose_s=0.0)

    roots = progression(key, 4, rng)
    voices = lead([key.chord(d, 4) for d in (0, 0, roots[1], 0)], 57, 73)
    hooks = [(0.75, 0.3), (2.25, 0.3)] if rng.random() < 0.5 else [(1.5, 0.4), (3.75, 0.2)]
    stabs = [
        Note(bar * 4 + at, length, p, 0.8)
        for bar in range(bars // 4, bars)
        for at, length in hooks
        for p in voices[bar // 2 % 4]
    ]
    closed_hz = 250 + 300 * piece.bright
    opened_hz = closed_hz * (3 + 6 * piece.bright)
    chord = play(desk, frame, stabs, _saw(closed_hz, opened_hz, 1.1, 0.14, 0.2), loose_s=0.0)

    pad = _held(desk, frame, voices, 300 + 900 * piece.bright)
    rise = desk.rng.standard_normal((2, desk.n), dtype=np.float32)
    ramp = np.zeros(desk.n, dtype=np.float32)
    start, end = (int(frame.at(b * 4.0) * RATE) for b in (break_[0], break_[-1] + 1))
    ramp[start:end] = np.linspace(0, 1, end - start, dtype=np.float32) ** 3
    rise = filtered(rise, "highpass", 2500.0) * ramp

    desk.out(kit, -15)
    desk.out(tops, -30 + 4 * piece.energy, hall=0.05)
    desk.out(ducked(acid, kicks, 0.55, 0.07), -19 + 2 * piece.energy, hall=0.05, echo=0.12)
    desk.out(ducked(chord, kicks, 0.4, 0.08), -24, hall=0.25, echo=0.5)
    desk.out(ducked(pad, kicks, 0.75, 0.12), -28, hall=0.3)
    desk.out(rise, -33 + 5 * piece.energy, hall=0.2)
    loudness, cutoff = -17.2 + 1.2 * piece.energy, 4500 + 13_000 * piece.bright
    return desk.master(1.6, piece.bright, frame.beat_s * 0.75, 0.5, loudness, 1.8, cutoff)


def _saw(
    closed: float,
    opened: float,
    peak: float,
    decay: float,
    sustain: float,
    attack: float = 0.004,
    detune: float = 0.0,
) -> Instrument:
    """A filtered saw as `instruments.synth` plays it."""
    return lambda pitch, seconds, velocity: instruments.synth(
        pitch, seconds, "saw", closed, opened, peak, decay, sustain, attack, detune
    )


def _held(desk: Desk, frame: Frame, voices: list[list[int]], cutoff: float) -> Audio:
    """Two bars a chord, wide and slow."""
    pad = desk.strip()
    for side in range(2):
        notes = [
            Note(i * 8, 8, p, 0.7) for i in range(frame.bars // 2) for p in voices[i % len(voices)]
        ]
        cents = 0.06 if side else -0.06
        warm = _saw(cutoff, cutoff * 1.6, 0.8, 2.0, 0.9, 0.4, cents)
        part = play(desk, frame, notes, warm, loose_s=0.0, legato=1.0)
        pad[side] += part.mean(axis=0)
    return pad


def drumbass(piece: Piece) -> Audio:
    """Broken beats at a run, two detuned basses beating against each other, chords above."""
    frame = Frame.of(piece, target_s=24.0, tail_s=2.5)
    desk = Desk(frame.seconds, piece.seed)
    rng, key = desk.rng, piece.key
    bars = frame.bars
    degrees = [d for d in progression(key, 4, rng) for _ in range(2)]
    chords = [key.chord(degrees[b % 8], 4) for b in range(bars)]
    voices = lead([key.chord(d, 4) for d in degrees[::2]], 58, 74)
    enter = 4 if piece.energy > 0.6 else 8
    enter = min(enter, bars // 3)

    kit = desk.strip()
    beats = [
        ("X.........x.....", "....X..o.o..X..o"),
        ("X.........X..o..", "....X..o.o..X.o."),
        ("X..x......x.....", "....X..o....X..."),
        ("X.........x...x.", "....X..o.o....X."),
    ]
    order = [int(rng.integers(3)) for _ in range(3)] + [3]
    wires = [drums.snare(205, 0.45 + 0.5 * piece.bright, 0.2, s) for s in (2, 12)]
    thud = [drums.kick(54, 0.6, 0.26)]
    for bar in range(enter, bars):
        low, high = beats[order[bar % 4]]
        one = range(bar, bar + 1)
        hits(desk, frame, kit, thud, low, one, 1.0, 0.0, 0.001)
        hits(desk, frame, kit, wires, high, one, 0.85, 0.0, 0.002)
    tops = desk.strip()
    closed = [drums.hat(0.03, piece.bright, s) for s in (4, 14, 24)]
    dense = "x.x.x.x.x.x.x.x." if piece.energy < 0.65 else "xoxoxoxoxoxoxoxo"
    hits(desk, frame, tops, closed, dense, range(enter // 2, bars), 0.5, 0.2, 0.002)
    hits(desk, frame, tops, [drums.ride(0.5)], "xxxx", range(bars // 2, bars), 0.3, -0.3)

    line: list[Note] = []
    for bar in range(enter, bars):
        root = chords[bar][0]
        root = root - 12 if root > 40 else root
        if piece.energy < 0.5:
            line += [Note(bar * 4, 2.6, root, 0.9), Note(bar * 4 + 2.75, 1.1, root + 7, 0.7)]
        else:
            line += [
                Note(bar * 4, 1.4, root, 0.9),
                Note(bar * 4 + 1.5, 0.9, root, 0.7),
                Note(bar * 4 + 2.5, 0.7, root + (12 if bar % 2 else 7), 0.8),
                Note(bar * 4 + 3.25, 0.6, root, 0.7),
            ]
    sub = play(
        desk,
        frame,
        line,
        lambda p, s, v: instruments.synth(p, s, "triangle", 160.0, 320.0, 0.8, 0.3, 0.9, 0.008),
        loose_s=0.0,
    )
    reese = desk.strip()
    for side, cents in enumerate((-0.17, 0.17)):
        octave = 12 + cents
        growl = play(
            desk, frame, line, _saw(900.0, 4000.0, 0.9, 0.6, 0.9, 0.01, octave), loose_s=0.0
        )
        reese[side] += growl[0] + 0.4 * growl[1]
        reese[1 - side] += 0.4 * growl[1]
    blocks = np.arange(desk.n // 1024 + 1) * 1024 / RATE
    rate = 1 / (frame.beat_s * (4 if piece.energy < 0.8 else 1.5))
    wob = 220 + (250 + 1500 * piece.bright) * (0.5 - 0.5 * np.cos(2 * np.pi * rate * blocks)) ** 2
    reese = swept(filtered(reese, "highpass", 120.0), wob.astype(np.float32))

    pad = _held(desk, frame, voices, 450 + 1800 * piece.bright)
    melody = tune(rng, key, chords, 4, 70, 89, 1, "ABAC", breath=0.4)
    melody = [n for n in melody if n.beat < enter * 4 or (n.beat // 16) % 2]
    bells = play(desk, frame, melody, instruments.electric_piano, spread=0.7, legato=1.4)

    desk.out(kit, -18, hall=0.04)
    desk.out(tops, -35 + 5 * piece.energy)
    desk.out(sub, -18)
    desk.out(reese, -26 + 6 * piece.energy, hall=0.05)
    desk.out(pad, -24 - 3 * piece.energy, hall=0.35)
    desk.out(bells, -25 - 2 * piece.energy, hall=0.35, echo=0.4)
    loudness, cutoff = -17.2 + 1.2 * piece.energy, 5000 + 13_000 * piece.bright
    bright = 0.3 + 0.5 * piece.bright
    return desk.master(2.0, bright, frame.beat_s * 1.5, 0.45, loudness, lowpass=cutoff)
