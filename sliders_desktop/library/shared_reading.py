"""Reads a `.slider` file that comes from anywhere (`sharing.py` says what one is).

Nothing is believed, time and memory are bounded, and what does not fit is refused in one sentence.
"""

import base64
import binascii
import json
import math
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.errors import UserError
from sliders_desktop.library.sharing import (
    FORMAT,
    LARGEST,
    LEAST_RATINGS,
    MOST_DIM,
    MOST_RATINGS,
    SENTENCE,
    TRACK,
    WORD,
    SharedSlider,
    clean,
)

Float = NDArray[np.float32]

MOST_BYTES = 8_000_000
# Outside its strings a file has few brackets and keys, and as many commas as it has numbers.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_MOST_BRACKETS, _MOST_KEYS, _MOST_COMMAS = 32, 64, 3 * MOST_RATINGS + 64
_MOST_QUOTES = 100_000


def read_file(path: Path) -> bytes:
    """The bytes of a file, of which never more are read than a slider can have."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would keep us waiting
            raise UserError(f"{path.name} is no file.")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its name is no path"
        raise UserError(f"{path.name} can't be read: {why}.") from None
    return data


def read(data: bytes) -> SharedSlider:
    """What a file holds, its texts cleaned; `UserError` if it is not exactly in the format."""
    if len(data) > MOST_BYTES:
        raise UserError("This file is too large to be a shared slider.")
    told = _parsed(data)
    if not isinstance(told, dict) or not isinstance(told.get("format"), str):
        raise _refused("it does not say its format")
    if told["format"] != FORMAT:
        if re.fullmatch(r"sliders-slider/[1-9]\d{0,3}", told["format"]):
            raise UserError(
                "This slider was shared by a newer version of Sliders Desktop; please update the "
                "program."
            )
        raise _refused("it has another format")
    _keys(
        told, "file",
        ("format", "name", "low", "high", "encoder", "ratings", "weights", "vectors", "head",
         "leave_one_out"),
        ("description", "color", "author", "made", "tracks"),
    )  # fmt: skip
    encoder, dim = _encoder(told["encoder"])
    ratings = _numbers(told["ratings"], "ratings")
    n = len(ratings)
    weights = _numbers(told["weights"], "weights", n)
    coef, intercept, alpha = _head(told["head"], dim)
    figures = told["leave_one_out"]
    _keys(figures, "leave_one_out", ("pairs_right", "auc"))
    name = _text(told["name"], "name", WORD)
    if not name:
        raise _refused("its name is empty")
    return SharedSlider(
        name=name,
        low=_text(told["low"], "low word", WORD),
        high=_text(told["high"], "high word", WORD),
        encoder_sha256=encoder["sha256"],
        encoder_name=_text(encoder["name"], "encoder's name", WORD),
        vectors=_vectors(told["vectors"], n, dim),
        ratings=ratings,
        weights=weights,
        coef=coef,
        intercept=intercept,
        alpha=alpha,
        pairs_right=_share(figures["pairs_right"]),
        auc=_share(figures["auc"]),
        description=_text(told.get("description", ""), "description", SENTENCE),
        color=_matching(told.get("color", ""), "color", r"(#[0-9A-Fa-f]{6})?"),
        author=_text(told.get("author", ""), "author", WORD),
        made=_matching(told.get("made", ""), "date", r"([0-9]{4}-[0-9]{2}-[0-9]{2})?"),
        tracks=_tracks(told["tracks"], n) if "tracks" in told else (),
    )


def _refused(why: str) -> UserError:
    return UserError(f"This is no shared slider, or it was damaged: {why}.")


def _parsed(data: bytes) -> Any:
    """JSON, counted before it is parsed: what is deep or has too many parts is never built."""
    bare = b"" if data.count(b'"') > _MOST_QUOTES else _STRING.sub(b"", data)
    if (
        not bare
        or bare.count(b"[") + bare.count(b"{") > _MOST_BRACKETS
        or bare.count(b":") > _MOST_KEYS
        or bare.count(b",") > _MOST_COMMAS
    ):
        raise _refused("it has too many parts")
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_int,
        )
    except UnicodeDecodeError:
        raise _refused("it is not UTF-8") from None
    except (ValueError, RecursionError):
        raise _refused("it is not JSON") from None


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _refused("it says something twice")
    return found


def _constant(word: str) -> float:
    raise _refused(f"{word} is no number")


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _refused("a number is too large")
    return value


def _int(digits: str) -> int:
    if len(digits) > 20:
        raise _refused("a number is too long")
    return int(digits)


def _keys(told: Any, what: str, needed: tuple[str, ...], other: tuple[str, ...] = ()) -> None:
    if not isinstance(told, dict):
        raise _refused(f"its {what} is no object")
    if missing := [key for key in needed if key not in told]:
        raise _refused(f"its {what} lacks {missing[0]}")
    if not told.keys() <= {*needed, *other}:
        raise _refused(f"its {what} holds something unknown")


def _text(told: Any, what: str, longest: int) -> str:
    if not isinstance(told, str):
        raise _refused(f"its {what} is no text")
    if len(told) > longest:
        raise _refused(f"its {what} is too long")
    return clean(told)


def _matching(told: Any, what: str, pattern: str) -> str:
    if not isinstance(told, str) or not re.fullmatch(pattern, told):
        raise _refused(f"its {what} is none")
    return told


def _number(told: Any, what: str, low: float, high: float) -> float:
    if type(told) not in (int, float) or not (low <= told <= high):
        raise _refused(f"its {what} is no number from {low:g} to {high:g}")
    return float(told)


def _share(told: Any) -> float | None:
    return None if told is None else _number(told, "leave-one-out figure", 0, 1)


def _numbers(told: Any, what: str, count: int | None = None) -> NDArray[np.float64]:
    if not isinstance(told, list) or not LEAST_RATINGS <= len(told) <= MOST_RATINGS:
        raise _refused(f"it needs {LEAST_RATINGS} to {MOST_RATINGS} {what}")
    if count is not None and len(told) != count:
        raise _refused(f"its {what} are not as many as its ratings")
    return np.array([_number(value, what, 0, 1) for value in told])


def _encoder(told: Any) -> tuple[dict[str, Any], int]:
    _keys(told, "encoder", ("sha256", "name", "dim"))
    _matching(told["sha256"], "encoder's hash", r"[0-9a-f]{64}")
    dim = _number(told["dim"], "encoder's dim", 1, MOST_DIM)
    if dim != int(dim):
        raise _refused("its encoder's dim is no whole number")
    return told, int(dim)


def _head(told: Any, dim: int) -> tuple[Float, float, float]:
    _keys(told, "head", ("coef", "intercept", "alpha"))
    coef = _array(told["coef"], "head", "<f4", dim)
    intercept = _number(told["intercept"], "intercept", -1e9, 1e9)
    return coef, intercept, _number(told["alpha"], "alpha", 0, 1e30)


def _vectors(told: Any, n: int, dim: int) -> Float:
    _keys(told, "vectors", ("type", "data"), ("scale",))
    if told["type"] == "float16" and "scale" not in told:
        x = _array(told["data"], "vectors", "<f2", n * dim).reshape(n, dim)
    elif told["type"] == "int8" and "scale" in told:
        scale = _array(told["scale"], "scale", "<f4", n)
        x = _array(told["data"], "vectors", "i1", n * dim).reshape(n, dim)
        x = x * scale[:, None]
    else:
        raise _refused("its vectors are of no known type")
    return x


def _array(told: Any, what: str, kind: str, count: int) -> Float:
    """``count`` numbers of numpy's ``kind`` from base64, as finite float32."""
    size = count * np.dtype(kind).itemsize
    if not isinstance(told, str) or len(told) != 4 * -(-size // 3):
        raise _refused(f"its {what} has another size")
    try:
        raw = base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError):
        raise _refused(f"its {what} is not base64") from None
    if len(raw) != size:
        raise _refused(f"its {what} has another size")
    found = np.frombuffer(raw, kind).astype(np.float32)
    with np.errstate(invalid="ignore"):
        fits = bool((np.abs(found) <= (LARGEST / 127 if what == "scale" else LARGEST)).all())
    if not fits:  # also for what is no number
        raise _refused(f"its {what} holds what is no number")
    return found


def _tracks(told: Any, n: int) -> tuple[str, ...]:
    if not isinstance(told, list) or len(told) != n:
        raise _refused("it does not name as many tracks as it has ratings")
    return tuple(_text(track, "track", TRACK) for track in told)
