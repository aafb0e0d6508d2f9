"""Ratings as JSON text, one judgement a line; read item by item, whatever its size or layout."""

import json
import re
from collections.abc import Iterator
from typing import Any

from sliders_desktop.errors import UserError
from sliders_desktop.library.rating_rows import (
    AT_ONCE,
    FORMAT,
    NOT_OURS,
    VERSION,
    RatingsFile,
    Taker,
    check_version,
    moment,
    second,
    track_name,
)
from sliders_desktop.library.records import NamedRating, NamedSlider
from sliders_desktop.progress import Job

_SPACE = re.compile(r"[ \t\n\r]*")


def to_json(file: RatingsFile) -> Iterator[str]:
    """The text, one judgement a line."""
    head = {"format": FORMAT, "version": VERSION}
    yield json.dumps(head)[:-1] + ',\n"sliders": [\n'
    yield from _lines(map(_slider_text, file.sliders))
    yield '],\n"ratings": [\n'
    yield from _lines(map(_rating_text, file.ratings))
    yield "]}\n"


def _lines(texts: Iterator[str]) -> Iterator[str]:
    comma = ""
    for text in texts:
        yield f"{comma}{text}\n"
        comma = ","


def _slider_text(slider: NamedSlider) -> str:
    fields = slider._asdict()
    fields["created_at"] = moment(slider.created_at)
    return json.dumps(fields, ensure_ascii=False)


def _rating_text(rating: NamedRating) -> str:
    fields = rating._asdict()
    fields["rated_at"] = moment(rating.rated_at)
    fields["track"] = rating.track._asdict()
    return json.dumps(fields, ensure_ascii=False)


def read_json(text: str, taker: Taker, job: Job) -> None:
    head: dict[str, Any] = {}
    reader = _JsonReader(text)
    try:
        for key in reader:
            if key in ("sliders", "ratings"):
                for count, item in enumerate(reader.items()):
                    if count == 0:
                        _check_head(head)
                    if count % AT_ONCE == 0:
                        job.check()
                        job.progress(reader.at, len(text))
                    _take_json(key, item, taker)
            else:
                head[key] = reader.value()
    except (ValueError, RecursionError):
        raise UserError(NOT_OURS) from None
    _check_head(head)


def _check_head(head: dict[str, Any]) -> None:
    if head.get("format") != FORMAT:
        raise UserError(NOT_OURS)
    check_version(head.get("version"))


def _take_json(key: str, item: Any, taker: Taker) -> None:
    if not isinstance(item, dict):
        raise UserError(NOT_OURS)
    if key == "sliders":
        texts = [item.get(name, "") for name in NamedSlider._fields[:5]]
        words = [text if isinstance(text, str) else "" for text in texts]
        made = item.get("created_at")
        created_at = 0 if made is None else second(made, len(taker.ratings))
        archived = item.get("archived") is True
        taker.slider(NamedSlider._make((*words, archived, created_at)))
        return
    name, track = item.get("slider"), item.get("track")
    if not isinstance(name, str) or not isinstance(track, dict) or "value" not in item:
        raise UserError(NOT_OURS)
    kept = taker.slider(NamedSlider(name, f"not {name.strip()}", name.strip()))
    taker.rating(kept, track_name(track.get), item["value"], item.get("rated_at"))


class _JsonReader:
    """One object, its keys and the items of its lists one by one; `ValueError` if it is none."""

    def __init__(self, text: str) -> None:
        self._text, self.at = text, 0
        self._decoder = json.JSONDecoder(parse_constant=_refuse)

    def __iter__(self) -> Iterator[str]:
        """Each key of the object; its value is to be taken before the next."""
        self._take("{")
        more = not self._next("}")
        while more:
            key = self.value()
            if not isinstance(key, str):
                raise ValueError
            self._take(":")
            yield key
            more = self._next(",")
            if not more:
                self._take("}")
        self._skip()
        if self.at < len(self._text):
            raise ValueError

    def items(self) -> Iterator[Any]:
        """Each item of the list that comes next."""
        self._take("[")
        while not self._next("]", stay=True):
            yield self.value()
            if not self._next(","):
                break
        self._take("]")

    def value(self) -> Any:
        self._skip()
        value, self.at = self._decoder.raw_decode(self._text, self.at)
        return value

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self.at)
        assert found is not None
        self.at = found.end()

    def _next(self, sign: str, stay: bool = False) -> bool:
        self._skip()
        here = self._text.startswith(sign, self.at)
        if here and not stay:
            self.at += 1
        return here

    def _take(self, sign: str) -> None:
        if not self._next(sign):
            raise ValueError


def _refuse(name: str) -> None:
    raise UserError(f"This file holds the value {name}, which is no rating.")
