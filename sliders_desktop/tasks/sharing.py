"""Share a slider as a file: lane `fit`."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sliders_desktop.errors import UserError
from sliders_desktop.library.shared_reading import read
from sliders_desktop.library.sharing import MOST_RATINGS, SharedSlider, file_name, write
from sliders_desktop.library.store import Store
from sliders_desktop.ml.heads import SliderHead
from sliders_desktop.ml.ridge import weights
from sliders_desktop.progress import NO_JOB, Job
from sliders_desktop.tasks.reading import Vectors
from sliders_desktop.tasks.receiving import encoder_row, learned

__all__ = ["file_name", "share_slider", "write_slider"]

Array = np.ndarray[Any, Any]


def share_slider(
    store: Store,
    slider_id: int,
    vectors: Vectors | None,
    author: str = "",
    name_tracks: bool = False,
    job: Job = NO_JOB,
) -> str:
    """The text of a slider's file; `UserError` where there is too little to share.

    A slider that came as a file goes on with the ratings it came with.
    """
    slider = next((s for s in store.sliders() if s.id == slider_id), None)
    if slider is None:
        raise UserError("That slider is gone.")
    if vectors is None:
        raise UserError("Sliders has to listen to your music first.")
    encoder = encoder_row(store, vectors.encoder_id)
    values = {r.track_id: r.value for r in store.ratings(slider_id) if r.value is not None}
    rated = np.array([i for i in values if i in set(vectors.ids.tolist())], np.int64)
    x = vectors.x[np.searchsorted(vectors.ids, rated)]
    y = np.array([values[int(i)] for i in rated])
    names = _names(store, rated) if name_tracks else []
    came = store.shared(slider_id)
    before = None if came is None else learned(came)[0]
    if before is not None and before.encoder_sha256 == encoder.sha256:
        x, y = np.vstack([before.vectors, x]), np.concatenate([before.ratings, y])
        names = [*(before.tracks or [""] * len(before.ratings)), *names] if name_tracks else []
    job.check()
    shared = SharedSlider(
        name=slider.name,
        low=slider.low_label,
        high=slider.high_label,
        encoder_sha256=encoder.sha256,
        encoder_name=encoder.name,
        vectors=x[-MOST_RATINGS:],
        ratings=y[-MOST_RATINGS:],
        weights=weights(y[-MOST_RATINGS:]),
        coef=np.zeros(x.shape[1], np.float32),
        intercept=0.0,
        alpha=0.0,
        description=slider.description,
        color=slider.color,
        author=author,
        made=time.strftime("%Y-%m-%d"),
        tracks=tuple(names[-MOST_RATINGS:]),
    )
    shared = read(write(shared).encode())  # the vectors as the file holds them
    head = SliderHead.fit(shared.vectors, shared.ratings)
    text = write(
        replace(
            shared,
            coef=head.coef_,
            intercept=head.intercept_,
            alpha=head.alpha_,
            pairs_right=head.pair_accuracy_,
            auc=head.auc,
        )
    )
    read(text.encode())  # what we would refuse we do not write
    return text


def write_slider(
    store: Store,
    slider_id: int,
    vectors: Vectors | None,
    path: Path,
    author: str = "",
    name_tracks: bool = False,
    job: Job = NO_JOB,
) -> Path:
    """`share_slider` into a file, which is there complete or not at all."""
    text = share_slider(store, slider_id, vectors, author, name_tracks, job)
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UserError(f"{path} can't be written: {error.strerror}.") from None
    return path


def _names(store: Store, ids: Array) -> list[str]:
    rows = {row.id: row for row in store.rows(ids.tolist())}
    known = [rows[int(i)] for i in ids]
    return [f"{row.artist} – {row.title}" if row.artist else row.title for row in known]
