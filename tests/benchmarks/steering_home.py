"""A home with many listened tracks and two lit words, to measure how fast the window steers."""

import time
from pathlib import Path

import numpy as np
import songs

from sliders_desktop.config import Paths
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store

DIM, BATCH, RATED = 512, 5000, 60
ALBUM = 12  # tracks in a folder
LINKS = 5000  # names of one file, as many as any file system allows
WORDS = ("rainy", "still", "bright", "danceable", "old", "near", "warm")


def build(home: Path, tracks: int) -> None:
    """Rows, vectors of falling variance, map, loudness, and ratings on two words."""
    rng = np.random.default_rng(0)
    falling = (np.arange(1, DIM + 1.0) ** -0.6).astype(np.float32)
    music = home / "music"
    music.mkdir(parents=True)
    with Store.open(Paths(home).database) as store:
        store.set_setting("watch_folders", False)
        folder = store.add_folder(music)
        encoder = store.use_encoder("measured", "measured", DIM)
        for first in range(0, tracks, BATCH):
            numbers = range(first, min(first + BATCH, tracks))
            words = rng.choice(WORDS, (len(numbers), 2))
            found = [
                FoundTrack(
                    str(_sounding(music, i)), 1, 1, f"{i:064x}", 60 + i % 400,
                    f"{words[i - first, 0]} track {i}", f"{words[i - first, 1]} {i % 4000}",
                    f"album {i % 9000}", "", i % 12, 1, 1960 + i % 60, WORDS[i % 7],
                )
                for i in numbers
            ]  # fmt: skip
            ids = store.save_found(folder.id, found).added
            x = rng.standard_normal((len(ids), DIM), np.float32) * falling
            store.save_embeddings(encoder, [(i, v, 1) for i, v in zip(ids, x, strict=True)])
            store.save_loudness([(i, -18.0, 0.5, b"") for i in ids])
        ids, x = store.vectors(encoder)
        store.save_map(encoder, ids, np.ascontiguousarray(x[:, :2] + 0.3 * x[:, 2:4]))
        for at, word in enumerate(("rainy night", "danceable")):
            slider = store.create_slider(word, f"not {word}", word)
            rated = rng.choice(len(ids), RATED, replace=False)
            ends = (x[rated, at] > 0).astype(float)
            values = [(int(ids[row]), value) for row, value in zip(rated, ends, strict=True)]
            store.rate_all(slider.id, values, int(time.time()))


def _sounding(music: Path, number: int) -> Path:
    """A file that plays, in its album's folder; thousands share one on the disk."""
    path = _path(music, number)
    path.parent.mkdir(exist_ok=True)
    if number % LINKS == 0:
        return songs.write(path, songs.song(str(number), 2.0))
    path.hardlink_to(_path(music, number - number % LINKS))
    return path


def _path(music: Path, number: int) -> Path:
    return music / f"{number // ALBUM:05}" / f"{number:06}.wav"
