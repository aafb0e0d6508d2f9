"""Files of ratings, as `resources/ratings.md` describes them: text in and out, no disk, no library.

Rows come one by one, so that a lane that reads a large file leaves the window its turns.
"""

import codecs

from sliders_desktop.errors import UserError
from sliders_desktop.library.rating_csv import read_csv, to_csv
from sliders_desktop.library.rating_json import read_json, to_json
from sliders_desktop.library.rating_rows import NOT_OURS, RatingsFile, Taker
from sliders_desktop.progress import NO_JOB, Job

__all__ = ["MOST_BYTES", "RatingsFile", "read", "to_csv", "to_json"]

MOST_BYTES = 256_000_000
_UNREADABLE = "The letters of this file can't be read: please save it as UTF-8."


def read(data: bytes, job: Job = NO_JOB) -> RatingsFile:
    """What a file of either kind holds."""
    if len(data) > MOST_BYTES:
        raise UserError("This file is too large to be one of ratings.")
    text = _text(data)
    taker = Taker()
    if text[:1000].lstrip(" \t\r\n").startswith("{"):
        read_json(text, taker, job)
    else:
        read_csv(text, taker, job)
    return RatingsFile(list(taker.sliders.values()), taker.ratings)


def _text(data: bytes) -> str:
    kinds = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    kind = next((name for sign, name in kinds if data.startswith(sign)), "utf-8-sig")
    try:
        text = data.decode(kind)
    except UnicodeDecodeError:
        raise UserError(_UNREADABLE) from None
    if "\0" in text:
        raise UserError(NOT_OURS)
    return text
