"""The `.slider` file: a word, what was rated on it and what it learned, for somebody else.

`resources/SLIDER_FORMAT.md` and `resources/slider.schema.json` describe it, and
`shared_reading.py` reads it.
"""

import base64
import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.errors import UserError

Float = NDArray[np.float32]

FORMAT = "sliders-slider/1"
SUFFIX = ".slider"
LEAST_RATINGS, MOST_RATINGS, MOST_DIM = 6, 5000, 4096
WORD, SENTENCE, TRACK = 80, 1000, 300  # the longest texts, in characters
LARGEST = 65504.0  # the largest float16: no number of a vector lies beyond

_JOINERS = "\u200c\u200d"  # unseen, but Persian and emoji are written with them
_LOOKS_LIKE_HTML = str.maketrans("<>", "‹›")  # no label takes it for a tag


@dataclass(frozen=True, eq=False)
class SharedSlider:
    """What a file holds; nothing in it is proven by being there."""

    name: str
    low: str
    high: str
    encoder_sha256: str  # of the weights that made the vectors
    encoder_name: str
    vectors: Float  # (n, d)
    ratings: NDArray[np.float64]  # (n,) 0..1, in the order given
    weights: NDArray[np.float64]  # (n,) what each counted for
    coef: Float  # (d,)
    intercept: float
    alpha: float
    pairs_right: float | None = None  # leave-one-out, as the sharer's program said
    auc: float | None = None
    description: str = ""
    color: str = ""  # "#rrggbb" or ""
    author: str = ""
    made: str = ""  # "2026-11-28" or ""
    tracks: tuple[str, ...] = ()  # "artist – title" of each rating, if the sharer told


def write(shared: SharedSlider) -> str:
    """The text of a file; `UserError` if there is too much or too little to share."""
    n, d = shared.vectors.shape
    if n < LEAST_RATINGS:
        raise UserError(f"Rate at least {LEAST_RATINGS} tracks on {shared.name} to share it.")
    if n > MOST_RATINGS or d > MOST_DIM:
        raise UserError(f"{shared.name} is too large to be shared.")
    told: dict[str, Any] = {
        "format": FORMAT,
        "name": clean(shared.name)[:WORD],
        "low": clean(shared.low)[:WORD],
        "high": clean(shared.high)[:WORD],
        "description": clean(shared.description)[:SENTENCE],
        "color": shared.color,
        "author": clean(shared.author)[:WORD],
        "made": shared.made,
        "encoder": {
            "sha256": shared.encoder_sha256,
            "name": clean(shared.encoder_name)[:WORD],
            "dim": d,
        },
        "ratings": [round(float(r), 6) for r in shared.ratings],
        "weights": [round(float(w), 6) for w in shared.weights],
        "vectors": _packed(shared.vectors),
        "head": {
            "coef": _base64(np.asarray(shared.coef, "<f4")),
            "intercept": float(shared.intercept),
            "alpha": float(shared.alpha),
        },
        "leave_one_out": {"pairs_right": shared.pairs_right, "auc": shared.auc},
    }
    if shared.tracks:
        told["tracks"] = [clean(track)[:TRACK] for track in shared.tracks]
    for key in ("description", "color", "author", "made"):
        if not told[key]:
            del told[key]
    lines = [f'"{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in told.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _packed(x: Float) -> dict[str, str]:
    """Half precision where it holds the numbers in little space, else a byte each and a scale."""
    if x.size <= 1_000_000 and float(np.abs(x).max(initial=0)) <= LARGEST:
        return {"type": "float16", "data": _base64(x.astype("<f2"))}
    scale = np.maximum(np.abs(x).max(1), 1e-30).astype("<f4") / np.float32(127)
    bytes_ = np.clip(np.rint(x / scale[:, None]), -127, 127).astype(np.int8)
    return {"type": "int8", "data": _base64(bytes_), "scale": _base64(scale)}


def _base64(array: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def clean(text: str) -> str:
    """One line of plain text: no control, direction or unseen characters, nothing like HTML."""
    kept = [
        " " if c.isspace() or unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in text.translate(_LOOKS_LIKE_HTML)
        if c in _JOINERS or unicodedata.category(c) not in ("Cf", "Cs")
    ]
    return " ".join("".join(kept).split())


def file_name(name: str) -> str:
    """What a file with the slider ``name`` may be called on any system."""
    safe = re.sub(r'[\\/:*?"‹›|\s]+', " ", clean(name)).strip(" .")[:WORD].strip(" .")
    reserved = re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", safe)
    return (f"slider {safe}".strip() if reserved or not safe else safe) + SUFFIX
