"""A process that is killed while it writes loses nothing that it had confirmed."""

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store

KILLS = 15
PACKAGE = Path(__file__).parents[3]

WRITER = """
import sys, threading
import numpy as np
from sliders_desktop.library.store import Store

path, first = sys.argv[1], int(sys.argv[2])

def embed():
    with Store.open(path) as store:
        while True:
            store.save_embeddings(1, [(i, np.ones(512, np.float32), 1) for i in range(1, 33)])

threading.Thread(target=embed, daemon=True).start()
with Store.open(path) as store:
    for number in range(first, first + 100_000):
        rating = store.rate(number % 32 + 1, 1, number % 1000 / 1000)
        print(rating.id, rating.track_id, rating.value, flush=True)
"""


def test_a_killed_writer_loses_no_confirmed_rating(path: Path) -> None:
    rng = random.Random(0)
    with Store.open(path) as store:
        folder = store.add_folder("/music")
        found = [FoundTrack(f"/music/{n}.mp3", n, n, f"hash-{n}") for n in range(32)]
        store.save_found(folder.id, found)
        store.create_slider("calm", "", "")
        store.use_encoder("sha", "tiny", 512)

    confirmed: list[tuple[int, int, float]] = []
    for _ in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(len(confirmed))],
            stdout=subprocess.PIPE,
            text=True,
            cwd=PACKAGE,
        ) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline() for _ in range(rng.randrange(1, 30))]
            writer.kill()
            lines += writer.stdout.read().splitlines(keepends=True)
        confirmed += [_parsed(line) for line in lines if line.endswith("\n")]

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    with Store.open(path) as store:
        kept = {(r.id, r.track_id, r.value) for r in store.rating_history(1)}
    assert len(confirmed) >= KILLS
    assert set(confirmed) <= kept


def test_what_a_person_made_waits_for_the_disk_and_the_derived_does_not(store: Store) -> None:
    db, seen = store._db, {}
    with db.precious() as block:
        (seen["precious"],) = block.execute("PRAGMA synchronous").fetchone()
    with db.derived() as block:
        (seen["derived"],) = block.execute("PRAGMA synchronous").fetchone()
    (seen["after"],) = db.one("PRAGMA synchronous")

    assert seen == {"precious": 2, "derived": 1, "after": 2}  # 2 FULL, 1 NORMAL
    assert db.one("PRAGMA journal_mode") == ("wal",)


def _parsed(line: str) -> tuple[int, int, float]:
    rating_id, track_id, value = line.split()
    return int(rating_id), int(track_id), float(value)
