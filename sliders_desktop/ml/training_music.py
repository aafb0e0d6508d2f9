"""The music a training reads: compact segments on disk.

A cache of uint8 spectra, memory-mapped, so that memory stays small; used by `pretrain`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.errors import ModelMismatch, UserError
from sliders_desktop.ml.features import FEATURES, segments, to_bytes
from sliders_desktop.progress import NO_JOB, Job

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


class SegmentCache(Sequence[Bytes]):
    """Compact segments of many tracks, memory-mapped: item i is (s, frames, columns) uint8."""

    def __init__(self, folder: str | Path) -> None:
        about = json.loads((Path(folder) / "index.json").read_text("utf-8"))
        if about["features"] != asdict(FEATURES):
            raise ModelMismatch("The training cache was made with other sound features.")
        self.names: list[str] = [name for name, _ in about["tracks"]]
        self._ends = np.cumsum([0] + [count for _, count in about["tracks"]])
        shape = (int(self._ends[-1]), FEATURES.frames, FEATURES.columns)
        self._all = np.memmap(Path(folder) / "segments.u8", np.uint8, "r", shape=shape)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        return self._all[self._ends[i] : self._ends[i + 1]]


def build_cache(
    tracks: Iterable[tuple[str, Floats]], folder: str | Path, total: int = 0, job: Job = NO_JOB
) -> SegmentCache:
    """Write the segments of ``tracks``, pairs of a name and a 24 kHz mono wave, into ``folder``.

    One track in memory at a time; about 7 kB a second of music. ``total`` is for progress only.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    index: list[tuple[str, int]] = []
    with (folder / "segments.u8").open("wb") as f:
        for name, wave in tracks:
            job.check()
            compact = to_bytes(segments(wave))
            f.write(compact.tobytes())
            index.append((name, len(compact)))
            job.progress(len(index), max(total, len(index)), name)
    if not index:
        raise UserError("There is no music to learn from.")
    about = {"features": asdict(FEATURES), "tracks": index}
    part = folder / "index.json.part"
    part.write_text(json.dumps(about), "utf-8")
    part.replace(folder / "index.json")  # at once: where there is an index, all of it was read
    return SegmentCache(folder)
