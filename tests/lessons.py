"""A small library to teach a small encoder: real files, real training, seconds."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import songs
import soxr
import torch

from sliders_desktop import tasks
from sliders_desktop.config import Paths
from sliders_desktop.errors import Cancelled
from sliders_desktop.library.store import Store
from sliders_desktop.ml.encoder import EncoderConfig
from sliders_desktop.ml.features import FEATURES, segments, to_bytes
from sliders_desktop.ml.pretrain import TrainConfig, train
from sliders_desktop.ml.untrained import fresh_encoder

TRACKS = 18
LESSON = tasks.TeachConfig(
    least_tracks=12,
    shortest_s=12.0,
    least_held=6,
    part=5,
    epochs=3,
    batch=4,
    options={"queue": 16, "save_every_s": 0.0},
)


def lesson(**options: Any) -> tasks.TeachConfig:
    """`LESSON` with other options of the training."""
    return replace(LESSON, options={**LESSON.options, **options})


@dataclass(frozen=True)
class School:
    """Music that is never changed, and an encoder of one layer that is fitted to it."""

    music: Path
    weights: Path

    @classmethod
    def of(cls, temporary: pytest.TempPathFactory) -> "School":
        """The same for all modules of a run of tests: fitting takes a while."""
        folder = temporary.getbasetemp() / "school"
        if (folder / "small").exists():
            return cls(folder / "music", folder / "small")
        shutil.rmtree(folder, ignore_errors=True)
        return cls.build(folder)

    @classmethod
    def build(cls, folder: Path) -> "School":
        made = songs.library(folder / "music", TRACKS, seconds=12.5, formats=("wav",))
        waves = [soxr.resample(song.wave, song.rate, FEATURES.rate) for song in made]
        compact = [to_bytes(segments(wave)) for wave in waves]
        start = fresh_encoder(compact, 0, EncoderConfig(layers=1))
        train(compact, folder / "small", config=TrainConfig(steps=1, batch=2), start=start)
        return cls(folder / "music", folder / "small")

    def home(self, home: Path) -> Paths:
        """A listener's home whose own encoder is the small one."""
        paths = Paths(home)
        paths.own_encoder.parent.mkdir(parents=True)
        shutil.copy(self.weights, paths.own_encoder)
        return paths

    def copy(self, folder: Path) -> Path:
        """The music where a test may do with it what it likes."""
        return Path(shutil.copytree(self.music, folder))


@pytest.fixture(autouse=True)
def cores() -> Iterator[None]:
    """Teaching decides how many cores torch uses; other tests shall not notice."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> School:
    return School.of(tmp_path_factory)


@pytest.fixture
def paths(school: School, home: Path) -> Paths:
    return school.home(home)


def library(paths: Paths, music: Path) -> Store:
    """Its tracks are known, and not listened to."""
    store = Store.open(paths.database)
    tasks.scan(store, [str(music)])
    return store


class Watching:
    """A job that notes what is said, and may break off: ``at`` (words, times they were said)."""

    def __init__(self, at: tuple[str, int] | None = None, by: Exception | None = None) -> None:
        self.said: list[str] = []
        self.shares: list[float] = []
        self._at, self._by = at, by or Cancelled("taught")

    def progress(self, done: int, total: int, text: str = "") -> None:
        self.said.append(text)
        self.shares.append(done / total)

    def check(self) -> None:
        if self._at is not None and self.said.count(self._at[0]) > self._at[1]:
            raise self._by
