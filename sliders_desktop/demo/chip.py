"""The games console of the demo: chiptune."""

import numpy as np

from sliders_desktop.demo import drums, sources
from sliders_desktop.demo.catalogue import Piece
from sliders_desktop.demo.desk import Desk
from sliders_desktop.demo.filters import filtered
from sliders_desktop.demo.frame import Frame, Instrument, hits, play
from sliders_desktop.demo.sources import RATE, Audio
from sliders_desktop.demo.theory import Note, lead, progression, tune


def chip(piece: Piece) -> Audio:
    """Two pulse voices, one triangle, one noise channel, and a melody to hum."""
    frame = Frame.of(piece, target_s=25.0, tail_s=1.5)
    desk = Desk(frame.seconds, piece.seed)
    rng, key = desk.rng, piece.key
    chords = [key.chord(d) for d in progression(key, frame.bars, rng)]
    density = 0 if piece.energy < 0.2 else (1 if piece.energy < 0.7 else 2)
    melody = tune(
        rng, key, chords, 4, 69, 90, density, "AABA" if piece.energy < 0.5 else "ABAC", breath=0.1
    )
    wave = "quarter" if piece.bright < 0.7 else "eighth"
    top = 3500 + 8000 * piece.bright

    def voice(shape: str, sustain: float, decay: float) -> Instrument:
        def note(pitch: int, seconds: float, velocity: float) -> Audio:
            n = int((seconds + 0.04) * RATE)
            path = sources.vibrato(pitch, n, 0.22, 6.0, 0.16, 0.0)
            bank = sources.tables(shape, round(sources.hz(pitch), 3), (top,), 0.8)
            loud = sources.envelope(n, seconds, 0.003, decay, sustain, 0.012)
            # Four bits of volume, as the machines had.
            loud = np.round(loud * 15) / np.float32(15)
            return sources.scan(bank, sources.turns(path, n), 0) * filtered(loud, "lowpass", 400.0)

        return note

    lead_part = play(desk, frame, melody, voice(wave, 0.55, 0.25), 0.05, 0.0, 0.9)
    third = [
        Note(n.beat, n.length, key.step(n.pitch, -2), n.velocity * 0.7)
        for n in melody
        if n.beat >= frame.bars * 2
    ]
    harmony = play(desk, frame, third, voice("quarter", 0.5, 0.2), -0.4, 0.0, 0.85)

    voices = lead(chords, 60, 76)
    speed = 8 if piece.energy < 0.4 else 16
    arps = [
        Note(bar * 4 + i * 4 / speed, 3.6 / speed, (*v, v[0] + 12)[i % 4], 0.6 + 0.2 * (i % 4 == 0))
        for bar, v in enumerate(voices[:-1])
        for i in range(speed)
    ]
    arps += [Note((frame.bars - 1) * 4, 4, p, 0.7) for p in voices[-1]]
    arp = play(desk, frame, arps, voice("square", 0.25, 0.08), 0.4, 0.0)

    line: list[Note] = []
    for bar, c in enumerate(chords):
        root = c[0] if c[0] < 50 else c[0] - 12
        beats = (0, 1, 2, 3) if piece.energy < 0.4 else (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5)
        for i, at in enumerate(beats):
            jump = 12 if i % 2 and piece.energy > 0.4 else (7 if i % 4 == 2 else 0)
            line.append(Note(bar * 4 + at, 0.42 if len(beats) > 4 else 0.85, root + jump, 0.9))
    bass = play(desk, frame, line, voice("triangle", 0.9, 0.5), 0.0, 0.0)

    kit = desk.strip()
    body = range(0 if piece.energy > 0.5 else 2, frame.bars - 1)
    if piece.energy > 0.2:
        hits(desk, frame, kit, [drums.kick(60, 0.7, 0.16)], "X.....x.X...x...", body, 1.0, 0, 0)
        hits(desk, frame, kit, [drums.snare(240, 0.8, 0.14)], "....X.......X..o", body, 0.7, 0, 0)
    steps = "x.x.x.x.x.x.x.x." if piece.energy < 0.6 else "xoxoxoxxxoxoxoxo"
    hits(desk, frame, kit, [drums.hat(0.022, 0.8)], steps, body, 0.22, 0.1, 0.0)

    desk.out(lead_part, -19, echo=0.22)
    desk.out(harmony, -25, echo=0.2)
    desk.out(arp, -26, echo=0.1)
    desk.out(bass, -20)
    desk.out(kit, -23 + 3 * piece.energy)
    desk.hall += np.float32(0.06) * desk.dry
    loudness, cutoff = -17.5 + 2 * piece.energy, 4500 + 10_000 * piece.bright
    return desk.master(0.7, 0.4, frame.beat_s * 0.75, 0.4, loudness, 1.2, cutoff)
