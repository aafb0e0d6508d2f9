"""The quiet rooms of the demo: ambient fields, piano nocturnes and a string quartet."""

import numpy as np

from sliders_desktop.demo import instruments, sources
from sliders_desktop.demo.catalogue import Piece
from sliders_desktop.demo.desk import Desk
from sliders_desktop.demo.filters import filtered, swept
from sliders_desktop.demo.frame import Frame, Instrument, play
from sliders_desktop.demo.sources import RATE, Audio
from sliders_desktop.demo.theory import Note, lead, progression, tune


def ambient(piece: Piece) -> Audio:
    """Slow chords of many detuned voices over a drone, a breath of wind, bells far away."""
    frame = Frame(8, 4, 60 / piece.bpm, 0.0)
    seconds = 26.0 + 6 * (1 - piece.bright)
    bar_s = (seconds - 3) / 4
    desk = Desk(seconds, piece.seed)
    rng, key = desk.rng, piece.key
    degrees = [*progression(key, 4, rng)[:3], 0]
    chords = [key.chord(d, 5 if piece.mode in ("lydian", "major") else 4) for d in degrees]
    voices = lead(chords, 52, 70)

    pad = desk.strip()
    n = int((bar_s + 3.5) * RATE)
    rise = np.sin(np.linspace(0, np.pi, n)).clip(0).astype(np.float32) ** np.float32(0.8)
    for i, voicing in enumerate(voices):
        for pitch in voicing:
            for side in range(2):
                cents = float(rng.uniform(0.03, 0.09)) * (1 if rng.random() < 0.5 else -1)
                f0 = sources.hz(pitch + cents)
                low = 250 + 500 * piece.bright
                bank = sources.tables("saw", round(f0, 2), (low, low * 2.4, low * 5.5), 0.9)
                level = rise * (0.6 + piece.bright) + 0.35 * sources.sine(
                    float(rng.uniform(0.08, 0.2)), n
                )
                start = int(max(0.0, i * bar_s - 1.2) * RATE)
                tone = sources.scan(bank, sources.turns(f0, n), level) * rise
                tone = tone[: desk.n - start]
                pad[side, start : start + len(tone)] += tone

    drone = desk.strip()
    for side, cents in enumerate((-0.04, 0.05)):
        swell = 0.75 + 0.25 * sources.sine(0.07 + 0.02 * side, desk.n)
        f0 = sources.hz(key.root + cents)
        drone[side] += swell * (sources.sine(f0, desk.n) + 0.35 * sources.sine(f0 * 1.5, desk.n))
    wind = desk.rng.standard_normal((2, desk.n), dtype=np.float32)
    steps = np.arange(desk.n // 1024 + 1)
    gusts = 500 + 2200 * piece.bright * (1 + np.sin(steps * 1024 / RATE * 0.9)) ** 1.5
    wind = swept(filtered(wind, "highpass", 250.0), gusts.astype(np.float32))

    far: list[Note] = []
    beat = 8.0 * piece.bpm / 60
    while beat < (seconds - 6) * piece.bpm / 60:
        chord = chords[min(3, int(beat * 60 / piece.bpm / bar_s))]
        pitch = key.nearest(float(rng.uniform(72, 90)), chord)
        far.append(Note(beat, 3.0, pitch, float(rng.uniform(0.35, 0.8))))
        beat += float(rng.choice((0.5, 1.0, 1.5, 3.0))) * (1.6 - piece.bright)
    bells = play(
        desk,
        frame,
        far,
        lambda p, s, v: instruments.bell(p, 3.5, 0.2 + 0.6 * piece.bright),
        loose_s=0.02,
        spread=1.0,
    )
    if piece.energy > 0.25:
        half_s = 30 / piece.bpm
        pulse = [
            Note(b / 2, 0.4, voices[min(3, int(b * half_s / bar_s))][b * 3 % 4] + 12, 0.6)
            for b in range(int((seconds - 5) / half_s))
        ]
        arp = play(
            desk,
            frame,
            pulse,
            lambda p, s, v: instruments.synth(
                p, s, "triangle", 500.0, 2500.0 + 3000 * piece.bright, 1.0, 0.12, 0.3
            ),
            spread=0.8,
        )
        desk.out(arp, -31 + 5 * piece.energy, hall=0.4, echo=0.6)

    desk.out(pad, -20, hall=0.45)
    desk.out(drone, -25 + 4 * (1 - piece.bright), hall=0.1)
    desk.out(wind, -44 + 7 * piece.bright, hall=0.3)
    desk.out(bells, -30, hall=0.8, echo=0.5)
    return desk.master(4.5, 0.25 + 0.6 * piece.bright, 0.62, 0.55, -19.5 + 2 * piece.energy, 4.0)


def nocturne(piece: Piece) -> Audio:
    """Broken chords in the left hand, a singing right hand, breathing tempo."""
    frame = Frame.of(piece, tail_s=3.5)
    desk = Desk(frame.seconds + 1.5, piece.seed)
    rng, key = desk.rng, piece.key
    chords = [key.chord(d, 4) for d in progression(key, frame.bars, rng)]
    triads = [c[:3] for c in chords]
    voices = lead(triads, 50, 66)

    steps = 8 if piece.energy < 0.5 else 12
    left: list[Note] = []
    wave = (0, 1, 2, 3, 2, 1) if steps == 12 else (0, 1, 2, 3, 2, 3, 2, 1)
    for bar, (chord, voicing) in enumerate(zip(chords, voices, strict=True)):
        root = chord[0] if chord[0] < 48 else chord[0] - 12
        ladder = [root, *voicing]
        if bar == frame.bars - 1:
            rolled = (root - 12, *ladder)
            left += [Note(bar * 4 + 0.09 * i, 5, p, 0.5) for i, p in enumerate(rolled)]
            break
        if piece.energy < 0.12:
            left += [Note(bar * 4, 3.9, root, 0.5)]
            left += [Note(bar * 4 + 1 + i, 2.8 - i, p, 0.4) for i in (0, 1) for p in voicing]
            continue
        for i in range(steps):
            arc = 0.42 + 0.1 * np.sin(np.pi * i / steps) + 0.08 * (i == 0) + 0.12 * piece.energy
            at = i * 4 / steps
            pitch = ladder[wave[i % len(wave)]]
            left.append(Note(bar * 4 + at, min(4 - at, 2.4), pitch, float(arc)))

    density = 0 if piece.energy < 0.35 else 1
    sung = tune(rng, key, triads, 4, 67, 86, density, "AABA", breath=0.1)
    first = 4 if frame.bars > 4 else 0
    sung = [
        Note(n.beat, n.length, n.pitch, min(1.0, n.velocity + 0.08))
        for n in sung
        if n.beat >= first
    ]
    if piece.energy > 0.45:
        sung += [Note(n.beat, n.length, key.step(n.pitch, -5), 0.5) for n in sung if n.length >= 1]

    soft = 0.45 + 0.75 * piece.bright

    def keys(pitch: int, seconds: float, velocity: float) -> Audio:
        return instruments.piano(pitch, seconds, velocity * soft)

    breathing = [_rubato(n, frame) for n in left]
    desk.out(play(desk, frame, breathing, keys, 0.0, 0.008, 1.05, 0.6), -23, hall=0.2)
    breathing = [_rubato(n, frame) for n in sung]
    desk.out(play(desk, frame, breathing, keys, 0.05, 0.012, 1.05, 0.6), -19.5, hall=0.26)
    loudness = -19 + 3 * piece.energy
    return desk.master(2.4, 0.2 + 0.4 * piece.bright, loudness_db=loudness, fade_s=2.5)


def _rubato(note: Note, frame: Frame) -> Note:
    """Phrases lean forward in their middle and settle at their end; the last bar slows down."""
    phrase = 16.0
    sway = 0.16 * np.sin(2 * np.pi * note.beat / phrase)
    end = frame.bars * frame.beats - 4
    late = 0.06 * max(0.0, note.beat - end) ** 1.5
    return Note(max(0.0, float(note.beat - sway + late)), note.length, note.pitch, note.velocity)


def chamber(piece: Piece) -> Audio:
    """Four strings: a tune, a second voice that follows a bar behind, inner chords, a bass line."""
    frame = Frame.of(piece)
    desk = Desk(frame.seconds, piece.seed)
    rng, key = desk.rng, piece.key
    degrees = progression(key, frame.bars, rng)
    chords = [key.chord(d) for d in degrees]
    inner = lead(chords, 53, 67)
    quick = piece.energy > 0.55

    first = tune(
        rng, key, chords, 4, 69, 88, 2 if quick else (0 if piece.energy < 0.2 else 1), "AABA"
    )
    second = [
        Note(n.beat + 4, n.length, key.nearest(n.pitch - 9, chords[int(n.beat // 4) + 1]), 0.65)
        for n in first
        if n.beat + 4 < (frame.bars - 1) * 4 and (n.beat // 4) % 2 == 0
    ]
    viola: list[Note] = []
    for bar, voicing in enumerate(inner):
        covered = any(bar * 4 <= n.beat < bar * 4 + 4 for n in second)
        pitches = voicing[:1] if covered else voicing[:2]
        if quick and bar < frame.bars - 1:
            viola += [
                Note(bar * 4 + i / 2, 0.3, p, 0.75 if i % 4 == 0 else 0.55)
                for i in range(8)
                for p in pitches
            ]
        else:
            viola += [Note(bar * 4, 4, p, 0.6) for p in pitches]
    cello: list[Note] = []
    for bar, chord in enumerate(chords):
        root = chord[0] if chord[0] < 50 else chord[0] - 12
        if bar == frame.bars - 1:
            cello.append(Note(bar * 4, 4, root, 0.85))
        elif quick:
            walk = (root, root + 7, key.step(root, 7), root + 7)
            cello += [Note(bar * 4 + i, 0.75, p, 0.8) for i, p in enumerate(walk)]
        else:
            passing = key.step(root, 1 if chords[bar + 1][0] % 12 > root % 12 else -1)
            cello += [Note(bar * 4, 3, root, 0.8), Note(bar * 4 + 3, 1, passing, 0.65)]

    def player(who: int) -> Instrument:
        return lambda p, s, v: instruments.bowed(p, s, 0.35 * v + 0.65 * piece.bright, who)

    for who, notes, pan, level in (
        (0, first, -0.4, -20.0),
        (1, second, -0.1, -22.5),
        (2, viola, 0.2, -25.0),
        (3, cello, 0.45, -21.5),
    ):
        part = play(desk, frame, notes, player(who), pan, 0.012, 0.97)
        if who == 0:
            part += play(desk, frame, notes, player(4), pan + 0.08, 0.012, 0.97)
        desk.out(part, level, hall=0.3)
    return desk.master(2.1, 0.3 + 0.4 * piece.bright, loudness_db=-18.5 + 2.5 * piece.energy)
