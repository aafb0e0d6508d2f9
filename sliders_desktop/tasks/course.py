"""How far a teaching is: one bar over its stages, and its plan on disk, which survives a crash."""

import json
import math
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from sliders_desktop.errors import Cancelled
from sliders_desktop.progress import Job

_SAVE_EVERY_S = 30.0


@dataclass
class Plan:
    """What was decided when a teaching began, and how far it came; ids are of tracks."""

    start: str  # hash of the encoder that is taught
    tracks: list[int]
    held: list[int]  # those of them that it is judged by
    steps: int
    seconds: dict[str, float]  # expected of each stage
    began_at: int
    spent_s: float = 0.0  # pauses left out
    share: float = 0.0  # of the whole, 0 to 1
    learned: int = 0  # steps
    before: dict[str, float] | None = None  # figures
    after: dict[str, float] | None = None

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """The plan in ``folder``, or None if there is none that can be read."""
        try:
            return cls(**json.loads((folder / "plan.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def save(self, folder: Path) -> None:
        """Write it; the file is complete or as it was."""
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / "plan.json.part"
        part.write_text(json.dumps(asdict(self)), "utf-8")
        part.replace(folder / "plan.json")


@dataclass
class Course:
    """The job that the stages of ``plan`` report to.

    It tells ``job`` milliseconds spent of milliseconds expected, so that one bar and one estimate
    cover stages of different kinds.
    """

    job: Job
    plan: Plan
    folder: Path
    base: int = 0  # of what the stage reports, so much was done before
    _stage: str = ""
    _words: str = ""
    _total: int = 0
    _limit_s: float = math.inf
    _paused_s: float = 0.0
    _first: tuple[int, float] | None = None
    _last: float = field(default_factory=time.monotonic)
    _saved: float = field(default_factory=time.monotonic)

    def begin(self, stage: str, words: str, total: int, limit_s: float = math.inf) -> None:
        """Enter a stage of ``total`` units that ends after ``limit_s`` at the latest."""
        self._stage, self._words, self._total, self._limit_s = stage, words, total, limit_s
        self.base, self._first = 0, None
        self.save()
        self.check()
        self.progress(0, total)

    def progress(self, done: int, total: int, text: str = "") -> None:
        """As `Job.progress`; the stage's own ``total`` counts."""
        now = time.monotonic()
        self.plan.spent_s += now - self._last - self._paused_s
        self._last, self._paused_s = now, 0.0
        done += self.base
        if self._stage == "learning":
            self.plan.learned = max(done, self.plan.learned)
        left = self._left_s(done)
        spent = self.plan.spent_s
        self.plan.share = spent / max(spent + left, 1e-9)
        self.job.progress(round(1000 * spent), round(1000 * (spent + left)) + 1, self._words)
        if now - self._saved > _SAVE_EVERY_S:
            self.save()

    def check(self) -> None:
        """As `Job.check`; the time of a pause is not counted."""
        before = time.monotonic()
        try:
            self.job.check()
        except Cancelled:
            self.save()
            raise
        self._paused_s += time.monotonic() - before

    def save(self) -> None:
        """Keep the plan as it stands."""
        self.plan.save(self.folder)
        self._saved = time.monotonic()

    def _left_s(self, done: int) -> float:
        """Seconds to the end: of this stage by its own pace, of the later ones as planned."""
        stages = list(self.plan.seconds)
        later = sum(self.plan.seconds[s] for s in stages[stages.index(self._stage) + 1 :])
        if self._first is None and done:
            self._first = (done, self.plan.spent_s)
        share = 1 - done / max(self._total, 1)
        left = self.plan.seconds[self._stage] * share
        if self._first is not None and done > self._first[0]:
            each = (self.plan.spent_s - self._first[1]) / (done - self._first[0])
            left = min((self._total - done) * each, self._limit_s - done * each)
        return max(left, 0.0) + later
